"""The profile that tells the judged languages from others: learnt from the words of our own texts in each."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mappings.wording.languages import JUDGED
from mappings.wording.lexicon import SOURCES
from mappings.wording.profile import OTHER, TENTHS, runs
from mappings.wording.small_words import ENGLISH_WORDS, FUNCTION_WORDS, LOAN_WORDS
from mappings.wording.text import tokenise

DATA = Path(__file__).parent / "data"
TEXTS = DATA / "languages.txt"
KIND_TEXTS = ("goals_*.txt", "key_results_*.txt")
STRENGTH = 3.0  # inverse of the regularisation
LEAST_WORDS = 3  # a run of letters that fewer words have is left out
LEAST_WEIGHT = 4  # tenths
FUNCTION_WORD_COUNT = 3
SHARES = {"en": 3_000, "de": 1_000, "es": 1_000, "fr": 1_000, "pt": 1_000}  # the words of a language weigh this much
OTHER_SHARE = 200


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """`## language` begins the texts of a language, `#` is a comment."""
    lang = path.stem[-2:]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## ") and path == TEXTS:
            lang = line[3:].strip()
        elif line.strip() and not line.startswith("#"):
            yield lang, line.replace("\\n", "\n")


def vocabulary() -> Mapping[str, Counter[str]]:
    """How often each word stands in the texts of a language; a word that ends in `*` is a beginning."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for path in (TEXTS, *sorted(path for names in KIND_TEXTS for path in DATA.glob(names))):
        for lang, text in texts(path):
            found[lang].update(token.word for token in tokenise(text) if token.word)
    for lang, words in FUNCTION_WORDS.items():
        found[lang].update(dict.fromkeys(words, FUNCTION_WORD_COUNT))
    for lang, lexicon in SOURCES.items():
        found[lang].update(word for entries in lexicon.values() for word in entries.replace("_", " ").split())
    found["en"].update(ENGLISH_WORDS)
    return found


def train_profile() -> str:
    """The profile as JSON, one run of letters a line."""
    bags, labels, shares = [], [], []
    for lang, counts in sorted(vocabulary().items()):
        weights = {word: 1 + math.log(count) for word, count in sorted(counts.items()) if word not in LOAN_WORDS}
        total = sum(weights.values())
        for word, weight in weights.items():
            bags.append(dict.fromkeys(runs(word.rstrip("*"), ends=not word.endswith("*")), 1))
            labels.append(lang if lang in JUDGED else OTHER)
            shares.append(weight / total * SHARES.get(lang, OTHER_SHARE))
    common = Counter(run for bag in bags for run in bag)
    bags = [{run: 1 for run in bag if common[run] >= LEAST_WORDS} for bag in bags]
    vectorizer = DictVectorizer()
    regression = LogisticRegression(C=STRENGTH, max_iter=2_000, tol=1e-3)
    with threadpool_limits(1):
        regression.fit(vectorizer.fit_transform(bags), labels, sample_weight=shares)
    rows = {
        str(run): [round(float(weight) * TENTHS) for weight in column]
        for run, column in zip(vectorizer.get_feature_names_out(), regression.coef_.T, strict=True)
    }
    kept = {run: row for run, row in sorted(rows.items()) if max(map(abs, row)) >= LEAST_WEIGHT}
    head = {"labels": list(map(str, regression.classes_)), "bias": [round(float(b), 2) for b in regression.intercept_]}
    lines = ",\n".join(f"{json.dumps(run, ensure_ascii=False)}:{row}".replace(", ", ",") for run, row in kept.items())
    return json.dumps(head)[:-1] + ', "weights": {\n' + lines + "\n}}\n"

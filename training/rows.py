"""The training rows: texts of our own, and what is kept of the labelled corpus (features, not the texts)."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mappings.wording.goals import clauses, is_placeholder, is_template
from mappings.wording.languages import JUDGED
from mappings.wording.reading import language_of, read_in, weigh
from mappings.wording.text import tokenise
from mappings.wording.verdict import GoalLabel, KeyResultLabel

DATA = Path(__file__).parent / "data"
KEPT = DATA / "corpus_features.json"
KINDS = {"goals": "sprint_goals_dev.jsonl", "key_results": "key_results_dev.jsonl"}
LABELS = {"goals": frozenset(map(str, GoalLabel)), "key_results": frozenset(map(str, KeyResultLabel))}
LEAST_TEXTS = 2  # a feature that one text alone has says nothing of others, and would give its words away


@dataclass(frozen=True)
class Row:
    id: str
    source: str
    label: str
    text: tuple[str, ...]  # features
    clauses: tuple[tuple[str, ...], ...]
    placeholder: bool = False  # decided by rule, before the model


def row_of(key: str, source: str, label: str, text: str, *, lang: str, kind: str) -> Row:
    seen = read_in(text, tokenise(text), lang)
    parts = clauses(seen.reading) if kind == "goals" else []
    kept = tuple(tuple(sorted(weigh(part, lang).features)) for part in parts)
    return Row(
        key,
        source,
        label,
        tuple(sorted(seen.features)),
        kept,
        kind == "goals" and (is_template(text) or is_placeholder(seen)),
    )


def own(kind: str) -> list[Row]:
    """Our own texts: `## label` begins the texts of a label, `#` is a comment, `\\n` a line break."""
    rows = []
    for path in sorted(DATA.glob(f"{kind}_*.txt")):
        label = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("## "):
                label = line[3:].strip()
            elif line.strip() and not line.startswith("# "):
                text = line.replace("\\n", "\n")
                rows.append(row_of(f"{path.stem}:{number}", "own", label, text, lang=path.stem[-2:], kind=kind))
    return rows


def overruled(path: Path, kind: str) -> list[Row]:
    """What `tieline overrulings export` wrote: whole texts as they are, phrases as texts of one phrase.

    A text in a language that is not judged, or with a label of the other kind, teaches nothing and is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["label"] not in LABELS[kind]:
            continue
        lang = language_of(item["text"], tokenise(item["text"]), item.get("lang")).lang
        if lang in JUDGED:
            rows.append(row_of(item["id"], item["source"], item["label"], item["text"], lang=lang, kind=kind))
    return rows


def source_group(source: str) -> str:
    """What is held out together: a repository, a site; a file of unknown repository stands alone."""
    if source.startswith("public"):
        return source
    first = source.split(maxsplit=1)[0].rstrip(",")
    return first.split("/")[2] if first.startswith("http") else first


def read_corpus(corpus: Path, kind: str) -> list[Row]:
    rows = []
    for line in (corpus / KINDS[kind]).read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if not item.get("contested"):
            group = source_group(item["source"])
            rows.append(row_of(item["id"], group, item["label"], item["text"], lang=item["lang"], kind=kind))
    return rows


def collect(corpus: Path) -> str:
    """The kept form of the corpus, as JSON: of each text the features that another text has as well."""
    kept: dict[str, object] = {}
    for kind in KINDS:
        rows = read_corpus(corpus, kind)
        common = _common([*rows, *own(kind)])
        vocabulary = sorted({feature for row in rows for feature in _all(row) if feature in common})
        index = {feature: at for at, feature in enumerate(vocabulary)}
        kept[kind] = {"vocabulary": vocabulary, "rows": [_kept_row(row, index) for row in rows]}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).replace('{"id"', '\n{"id"') + "\n"


def kept_corpus(kind: str) -> list[Row]:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))[kind]
    words = kept["vocabulary"]
    return [
        Row(
            row["id"],
            row["source"],
            row["label"],
            tuple(words[at] for at in row["text"]),
            tuple(tuple(words[at] for at in part) for part in row["clauses"]),
            row["placeholder"],
        )
        for row in kept["rows"]
    ]


def _all(row: Row) -> Iterable[str]:
    yield from row.text
    for part in row.clauses:
        yield from part


def _common(rows: Sequence[Row]) -> frozenset[str]:
    counts = Counter(feature for row in rows for feature in set(_all(row)))
    return frozenset(feature for feature, count in counts.items() if count >= LEAST_TEXTS)


def _kept_row(row: Row, index: dict[str, int]) -> dict[str, object]:
    parts = [[index[each] for each in part if each in index] for part in row.clauses]
    text = [index[each] for each in row.text if each in index]
    return {
        "id": row.id,
        "source": row.source,
        "label": row.label,
        "text": text,
        "clauses": parts,
        "placeholder": row.placeholder,
    }

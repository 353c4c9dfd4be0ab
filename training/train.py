"""Make the weights of the wording judge: `python -m training.train`, with scikit-learn from the dev group.

The same data gives the same weights. `--collect CORPUS` first makes `training/data/corpus_features.json` anew from
the labelled corpus; `--validate DIRECTORY` writes, for each kind, predictions of the corpus texts by models that saw
no text of the same source, to be scored by the corpus' `score.py`.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]  # it ships no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # the same
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]  # the same
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mappings.wording.goals import SURE, mixed_odds, stated_odds
from mappings.wording.model import HUNDREDTHS, Model, confidence, probabilities
from training.languages import train_profile
from training.rows import KEPT, KINDS, Row, collect, kept_corpus, own

WEIGHTS = Path(__file__).resolve().parents[1] / "mappings" / "wording"
STRENGTH = 0.5  # inverse of the regularisation
LEAST_TEXTS = 2
LEAST_WEIGHT = 3  # hundredths: a feature that never weighs more is left out
FOLDS = 10
SHUFFLES = (1, 2, 3)  # calibration is measured over several ways of holding sources out
UNCLEAR_BELOW = {"goals": 0.7, "key_results": 0.5}
CLAUSE_SHARE = {"goals": 0.7, "key_results": 0.0}
EMPTY = "empty_or_placeholder"


def fit(rows: Sequence[Row], kind: str) -> Model:
    """A model without calibration."""
    counts = Counter(feature for row in rows for feature in row.text)
    bags = [{feature: 1 for feature in row.text if counts[feature] >= LEAST_TEXTS} for row in rows]
    vectorizer = DictVectorizer()
    regression = LogisticRegression(C=STRENGTH, max_iter=5_000, tol=1e-6)
    with threadpool_limits(1):  # the matrices are small: threads only wait for each other
        regression.fit(vectorizer.fit_transform(bags), [row.label for row in rows])
    return _model(vectorizer.get_feature_names_out(), regression, kind)


def _model(names: Any, regression: Any, kind: str) -> Model:
    columns = regression.coef_.T  # feature by label
    rounded = {
        str(name): tuple(round(float(w) * HUNDREDTHS) for w in row) for name, row in zip(names, columns, strict=True)
    }
    kept = {name: row for name, row in rounded.items() if max(map(abs, row)) >= LEAST_WEIGHT}
    bias = tuple(round(float(each), 3) for each in regression.intercept_)
    labels = tuple(str(each) for each in regression.classes_)
    return Model(labels, bias, kept, 1.0, 0.0, UNCLEAR_BELOW[kind], CLAUSE_SHARE[kind])


def predict(model: Model, row: Row) -> tuple[str, float]:
    """The label and its raw probability, as the judge comes to it."""
    if row.clauses:
        odds = mixed_odds(model, row.text, row.clauses)
    else:
        odds = (stated_odds if EMPTY in model.labels else probabilities)(model, row.text)
    best = max(range(len(odds)), key=odds.__getitem__)
    return model.labels[best], odds[best]


def held_out(corpus: Sequence[Row], extra: Sequence[Row], kind: str, shuffle: int) -> list[tuple[Row, str, float]]:
    """Each corpus text as judged by a model that saw no text of its source."""
    folds = GroupKFold(n_splits=FOLDS, shuffle=True, random_state=shuffle)
    groups = [row.source for row in corpus]
    found: dict[int, tuple[Row, str, float]] = {}
    for training, testing in folds.split(groups, groups=groups):
        model = fit([*(corpus[at] for at in training), *extra], kind)
        for at in testing:
            found[int(at)] = (corpus[at], *predict(model, corpus[at]))
    return [found[at] for at in range(len(corpus))]


def calibrate(judged: Sequence[tuple[Row, str, float]]) -> tuple[float, float]:
    """Slope and shift that turn a probability into the share of right labels."""
    usable = [each for each in judged if not each[0].placeholder]
    logits = [[_logit(probability)] for _, _, probability in usable]
    right = [row.label == label for row, label, _ in usable]
    line = LogisticRegression(C=1e4).fit(logits, right)
    return round(float(line.coef_[0][0]), 3), round(float(line.intercept_[0]), 3)


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def train(kind: str) -> tuple[Model, list[tuple[Row, str, float]]]:
    """The final model, and what the models of the first shuffle said of the corpus."""
    corpus, extra = kept_corpus(kind), own(kind)
    runs = [held_out(corpus, extra, kind, shuffle) for shuffle in SHUFFLES]
    slope, shift = calibrate([each for run in runs for each in run])
    plain = fit([*corpus, *extra], kind)
    model = Model(plain.labels, plain.bias, plain.weights, slope, shift, plain.unclear_below, plain.clause_share)
    return model, runs[0]


def to_json(model: Model) -> str:
    """One feature a line, so that a change of weights can be read in a diff."""
    rows = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{list(row)}".replace(", ", ",")
        for name, row in sorted(model.weights.items())
    )
    head = {
        "labels": model.labels,
        "bias": model.bias,
        "slope": model.slope,
        "shift": model.shift,
        "unclear_below": model.unclear_below,
        "clause_share": model.clause_share,
    }
    return json.dumps(head)[:-1] + ', "weights": {\n' + rows + "\n}}\n"


def prediction(model: Model, row: Row, label: str, probability: float) -> dict[str, object]:
    """One line for `score.py`."""
    if row.placeholder:
        return {"id": row.id, "label": EMPTY, "confidence": SURE, "flagged": False}
    sure = confidence(model, probability)
    flagged = label in ("output_only", "output", "activity", "vanity", "binary") and sure >= model.unclear_below
    return {"id": row.id, "label": label, "confidence": sure, "flagged": flagged}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collect", type=Path, metavar="CORPUS")
    parser.add_argument("--validate", type=Path, metavar="DIRECTORY")
    chosen = parser.parse_args()
    if chosen.collect:
        KEPT.write_text(collect(chosen.collect), encoding="utf-8")
    (WEIGHTS / "languages.json").write_text(train_profile(), encoding="utf-8")
    for kind in KINDS:
        model, judged = train(kind)
        (WEIGHTS / f"{kind}.json").write_text(to_json(model), encoding="utf-8")
        if chosen.validate:
            lines = [json.dumps(prediction(model, *each)) for each in judged]
            (chosen.validate / f"{kind}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

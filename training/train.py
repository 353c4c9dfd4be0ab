"""Make the weights of the wording judge: `python -m training.train`, with scikit-learn from the dev group.

The same data gives the same weights. `--collect CORPUS` first makes `training/data/corpus_features.json` anew from
the labelled corpus. `--overrulings FILE` adds what `tieline overrulings export` wrote, for an installation of its own.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]  # it ships no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # the same
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mappings.wording.goals import mixed_odds, stated_odds
from mappings.wording.model import HUNDREDTHS, Model, probabilities
from training.languages import train_profile
from training.rows import KEPT, KINDS, Row, collect, kept_corpus, overruled, own

WEIGHTS = Path(__file__).resolve().parents[1] / "mappings" / "wording"
LEAST_TEXTS = 2
LEAST_WEIGHT = 4  # hundredths: a feature that never weighs more is left out
EMPTY = "empty_or_placeholder"


def fit(rows: Sequence[Row], strength: float) -> Model:
    """A model without calibration; `strength` is the inverse of the regularisation."""
    counts = Counter(feature for row in rows for feature in row.text)
    bags = [{feature: 1 for feature in row.text if counts[feature] >= LEAST_TEXTS} for row in rows]
    vectorizer = DictVectorizer()
    regression = LogisticRegression(C=strength, max_iter=5_000, tol=1e-6)
    with threadpool_limits(1):  # the matrices are small: threads only wait for each other
        regression.fit(vectorizer.fit_transform(bags), [row.label for row in rows])
    return _model(vectorizer.get_feature_names_out(), regression)


def _model(names: Any, regression: Any) -> Model:
    columns = regression.coef_.T  # feature by label
    rounded = {
        str(name): tuple(round(float(w) * HUNDREDTHS) for w in row) for name, row in zip(names, columns, strict=True)
    }
    kept = {name: row for name, row in rounded.items() if max(map(abs, row)) >= LEAST_WEIGHT}
    bias = tuple(round(float(each), 3) for each in regression.intercept_)
    labels = tuple(str(each) for each in regression.classes_)
    return Model(labels, bias, kept, slope=1.0, shift=0.0, unclear_below=0.5, clause_share=0.0)


def predict(model: Model, row: Row) -> tuple[str, float]:
    """The label and its raw probability, as the judge comes to it."""
    if row.clauses:
        odds = mixed_odds(model, row.text, row.clauses)
    else:
        odds = (stated_odds if EMPTY in model.labels else probabilities)(model, row.text)
    best = max(range(len(odds)), key=odds.__getitem__)
    return model.labels[best], odds[best]


def train(kind: str, more: Sequence[Row] = ()) -> tuple[Model, float]:
    """The final model and its strength: chosen on held-out sources, then the weights are learnt from all texts."""
    from training.choice import choose  # it needs `fit`

    corpus, extra = kept_corpus(kind), [*own(kind), *more]
    chosen = choose(corpus, extra, kind)
    return chosen.applied(fit([*corpus, *extra], chosen.strength)), chosen.strength


def to_json(model: Model, strength: float) -> str:
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
        "strength": strength,
    }
    return json.dumps(head)[:-1] + ', "weights": {\n' + rows + "\n}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collect", type=Path, metavar="CORPUS")
    parser.add_argument("--overrulings", type=Path, metavar="FILE", action="append", default=[])
    parser.add_argument("--into", type=Path, metavar="DIRECTORY", default=WEIGHTS)
    chosen = parser.parse_args()
    if chosen.collect:
        KEPT.write_text(collect(chosen.collect), encoding="utf-8")
    (chosen.into / "languages.json").write_text(train_profile(), encoding="utf-8")
    for kind in KINDS:
        more = [row for path in chosen.overrulings for row in overruled(path, kind)]
        (chosen.into / f"{kind}.json").write_text(to_json(*train(kind, more)), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The linear model: packaged weights, read once, scored in plain Python.

`training/train.py` makes the weights; a score is a sum of one row of weights for each feature of the text, so
that the words that decided can be named.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

HUNDREDTHS = 100.0  # weights are stored as whole hundredths: smaller, and the same on every machine


@dataclass(frozen=True, slots=True)
class Model:
    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[int, ...]]
    slope: float  # of the calibration: logit(confidence) = slope * logit(probability) + shift
    shift: float
    unclear_below: float
    clause_share: float  # how far the best clause may speak for the whole text


@cache
def load(name: str) -> Model:
    """Read `name`.json out of the package, once."""
    raw = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return Model(
        tuple(raw["labels"]),
        tuple(raw["bias"]),
        {feature: tuple(row) for feature, row in raw["weights"].items()},
        raw["slope"],
        raw["shift"],
        raw["unclear_below"],
        raw["clause_share"],
    )


def probabilities(model: Model, features: Iterable[str]) -> list[float]:
    """One for each label, in the order of the labels."""
    weights = model.weights
    rows = [weights[feature] for feature in features if feature in weights]
    start = tuple(bias * HUNDREDTHS for bias in model.bias)
    sums = [sum(column) for column in zip(start, *rows, strict=True)]
    highest = max(sums)
    powers = [math.exp((each - highest) / HUNDREDTHS) for each in sums]
    total = sum(powers)
    return [each / total for each in powers]


def confidence(model: Model, probability: float) -> float:
    """The probability that the label is right, as measured on texts of sources that were held out."""
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    logit = math.log(bounded / (1 - bounded))
    return round(1 / (1 + math.exp(-(model.slope * logit + model.shift))), 3)


def pull(model: Model, feature: str, label: str) -> float:
    """How far one feature pulls towards a label, against the mean of the others."""
    row = model.weights.get(feature)
    if not row:
        return 0.0
    at = model.labels.index(label)
    return (row[at] - (sum(row) - row[at]) / (len(row) - 1)) / HUNDREDTHS

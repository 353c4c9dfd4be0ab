"""What is chosen on sources that are held out: the regularisation, how far a clause speaks for the whole, the
calibration, and the confidence below which nothing is flagged.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types
from sklearn.metrics import f1_score  # type: ignore[import-untyped]  # the same
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]  # the same

from mappings.wording.goals import SURE
from mappings.wording.model import Model, confidence
from training.rows import Row
from training.train import EMPTY, fit, predict

FOLDS = 5
STRENGTHS = (0.25, 0.5)
CLAUSE_SHARES = {"goals": (0.7, 0.85, 1.0), "key_results": (0.0,)}
THRESHOLDS = {"goals": (0.6, 0.65, 0.7, 0.75, 0.8), "key_results": (0.5,)}
MOST_WRONGLY_FLAGGED = 0.08  # of the good goals: some way below what is promised
GOOD = ("outcome", "learning")
BAD = ("output_only", "output", "activity", "vanity", "binary")


@dataclass(frozen=True)
class Judged:
    """A text as judged by a model that saw no text of its source."""

    row: Row
    label: str
    probability: float


@dataclass(frozen=True)
class Choice:
    strength: float
    clause_share: float
    slope: float = 1.0
    shift: float = 0.0
    unclear_below: float = 0.5

    def applied(self, model: Model) -> Model:
        return replace(
            model,
            slope=self.slope,
            shift=self.shift,
            unclear_below=self.unclear_below,
            clause_share=self.clause_share,
        )


def choose(corpus: Sequence[Row], extra: Sequence[Row], kind: str) -> Choice:
    """The best by macro-F1 over folds of sources; the first of equals."""
    best: tuple[float, Choice, list[Judged]] | None = None
    for strength in STRENGTHS:
        folds = fitted_folds(corpus, extra, strength)
        for share in CLAUSE_SHARES[kind]:
            judged = [
                judge(replace(model, clause_share=share), corpus[at]) for model, testing in folds for at in testing
            ]
            reached = macro_f1(judged)
            if best is None or reached > best[0]:
                best = (reached, Choice(strength, share), judged)
    assert best is not None
    _, choice, judged = best
    slope, shift = calibrate(judged)
    calibrated = replace(choice, slope=slope, shift=shift)
    return replace(calibrated, unclear_below=threshold(calibrated, judged, THRESHOLDS[kind]))


def fitted_folds(
    corpus: Sequence[Row], extra: Sequence[Row], strength: float, folds: int = FOLDS, shuffle: int = 1
) -> list[tuple[Model, list[int]]]:
    """For each fold of sources the model that saw the others, and the places of the texts that it did not see."""
    groups = [row.source for row in corpus]
    parted = GroupKFold(n_splits=folds, shuffle=True, random_state=shuffle).split(groups, groups=groups)
    return [
        (fit([*(corpus[at] for at in training), *extra], strength), [int(at) for at in testing])
        for training, testing in parted
    ]


def judge(model: Model, row: Row) -> Judged:
    return Judged(row, EMPTY, 1.0) if row.placeholder else Judged(row, *predict(model, row))


def macro_f1(judged: Iterable[Judged]) -> float:
    pairs = [(each.row.label, each.label) for each in judged]
    gold, found = zip(*pairs, strict=True)
    return float(f1_score(gold, found, average="macro", zero_division=0, labels=sorted(set(gold))))


def calibrate(judged: Sequence[Judged]) -> tuple[float, float]:
    """Slope and shift that turn a probability into the share of right labels."""
    usable = [each for each in judged if not each.row.placeholder]
    logits = [[_logit(each.probability)] for each in usable]
    right = [each.row.label == each.label for each in usable]
    line = LogisticRegression(C=1e4).fit(logits, right)
    return round(float(line.coef_[0][0]), 3), round(float(line.intercept_[0]), 3)


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def threshold(choice: Choice, judged: Sequence[Judged], candidates: Sequence[float]) -> float:
    """The lowest at which few good goals are flagged; the highest where none is low enough."""
    good = [each for each in judged if each.row.label in GOOD]
    for unclear_below in candidates:
        limited = replace(choice, unclear_below=unclear_below)
        if sum(is_flagged(limited, each) for each in good) <= MOST_WRONGLY_FLAGGED * len(good):
            return unclear_below
    return candidates[-1]


def sureness(choice: Choice, each: Judged) -> float:
    if each.row.placeholder:
        return SURE
    plain = Model((), (), {}, choice.slope, choice.shift, 0.0, 0.0)
    return confidence(plain, each.probability)


def is_flagged(choice: Choice, each: Judged) -> bool:
    return each.label in BAD and sureness(choice, each) >= choice.unclear_below

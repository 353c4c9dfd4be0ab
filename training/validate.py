"""How well the judge does on sources that it has not seen: `python -m training.validate [DIRECTORY]`.

Nested: whatever is chosen (regularisation, clauses, calibration, threshold) is chosen inside of the training folds.
Prints figures by label and by source, and with a directory writes predictions there for the corpus' `score.py`.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]  # it ships no types

from training.choice import BAD, GOOD, Choice, Judged, choose, is_flagged, judge, macro_f1, sureness
from training.rows import KINDS, Row, kept_corpus, own
from training.train import fit

FOLDS = 10
LARGE_SOURCE = 8  # texts: a source with as many is held out alone as well
BINS = 10


@dataclass(frozen=True)
class Tested:
    judged: Judged
    choice: Choice

    @property
    def is_right(self) -> bool:
        return self.judged.label == self.judged.row.label


def nested(corpus: Sequence[Row], extra: Sequence[Row], kind: str) -> list[Tested]:
    groups = [row.source for row in corpus]
    parted = GroupKFold(n_splits=FOLDS, shuffle=True, random_state=1).split(groups, groups=groups)
    found: list[Tested] = []
    for training, testing in parted:
        found.extend(_tested([corpus[at] for at in training], [corpus[at] for at in testing], extra, kind))
    return found


def one_source_out(corpus: Sequence[Row], extra: Sequence[Row], kind: str) -> Iterator[tuple[str, list[Tested]]]:
    sizes = Counter(row.source for row in corpus)
    for source, size in sizes.most_common():
        if size >= LARGE_SOURCE:
            seen = [row for row in corpus if row.source != source]
            yield source, _tested(seen, [row for row in corpus if row.source == source], extra, kind)


def own_alone(corpus: Sequence[Row], extra: Sequence[Row], kind: str) -> list[Tested]:
    """The whole corpus, by a model that has seen our own texts only; what is chosen is chosen on none of it."""
    choice = Choice(0.5, 0.85 if kind == "goals" else 0.0)
    model = choice.applied(fit(extra, choice.strength))
    return [Tested(judge(model, row), choice) for row in corpus]


def _tested(seen: Sequence[Row], unseen: Sequence[Row], extra: Sequence[Row], kind: str) -> list[Tested]:
    choice = choose(seen, extra, kind)
    model = choice.applied(fit([*seen, *extra], choice.strength))
    return [Tested(judge(model, row), choice) for row in unseen]


def summary(tested: Sequence[Tested]) -> dict[str, float]:
    flagged = [(each.judged.row.label, is_flagged(each.choice, each.judged)) for each in tested]
    good = [hit for label, hit in flagged if label in GOOD]
    bad = [hit for label, hit in flagged if label in BAD]
    return {
        "texts": len(tested),
        "right": sum(each.is_right for each in tested),
        "macro_f1": macro_f1([each.judged for each in tested]),
        "good_flagged": sum(good) / max(len(good), 1),
        "bad_flagged": sum(bad) / max(len(bad), 1),
        "calibration_error": calibration_error(tested),
    }


def calibration_error(tested: Sequence[Tested]) -> float:
    rows = sorted((sureness(each.choice, each.judged), each.is_right) for each in tested)
    cut = [rows[at * len(rows) // BINS : (at + 1) * len(rows) // BINS] for at in range(BINS)]
    return sum(abs(sum(sure for sure, _ in part) - sum(right for _, right in part)) for part in cut) / len(rows)


def by_label(tested: Sequence[Tested]) -> dict[str, tuple[float, int]]:
    """F1 and the number of texts of each label."""
    pairs = [(each.judged.row.label, each.judged.label) for each in tested]
    found = {}
    for label in sorted({gold for gold, _ in pairs}):
        hit = sum(gold == said == label for gold, said in pairs)
        both = sum((gold == label) + (said == label) for gold, said in pairs)
        found[label] = (2 * hit / both, sum(gold == label for gold, _ in pairs))
    return found


def by_source(tested: Sequence[Tested]) -> dict[str, tuple[int, int]]:
    found: dict[str, list[bool]] = defaultdict(list)
    for each in tested:
        found[each.judged.row.source].append(each.is_right)
    ordered = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return {source: (sum(right), len(right)) for source, right in ordered}


def prediction(each: Tested) -> dict[str, object]:
    """One line for `score.py`."""
    return {
        "id": each.judged.row.id,
        "label": each.judged.label,
        "confidence": sureness(each.choice, each.judged),
        "flagged": is_flagged(each.choice, each.judged),
    }


def main() -> None:
    for kind in KINDS:
        corpus, extra = kept_corpus(kind), own(kind)
        tested = nested(corpus, extra, kind)
        print(f"{kind}: nested, ten folds of sources", _line(summary(tested)))
        print("  by label:", ", ".join(f"{name} {f1:.2f} ({n})" for name, (f1, n) in by_label(tested).items()))
        large = {source: found for source, found in by_source(tested).items() if found[1] >= LARGE_SOURCE}
        print("  by source:", ", ".join(f"{name} {right} of {n}" for name, (right, n) in large.items()))
        for source, alone in one_source_out(corpus, extra, kind):
            print(f"  without {source}:", _line(summary(alone)))
        print("  our own texts alone:", _line(summary(own_alone(corpus, extra, kind))))
        if len(sys.argv) > 1:
            lines = [json.dumps(prediction(each)) for each in tested]
            (Path(sys.argv[1]) / f"{kind}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" if value % 1 else f"{name} {value:.0f}" for name, value in figures.items())


if __name__ == "__main__":
    main()

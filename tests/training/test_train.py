"""The shipped weights are those that the data in the repository gives. Training needs scikit-learn (dev group)."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.shared_material import SHARED
from training.rows import KEPT, KINDS, collect, kept_corpus, overruled, own, source_group

TRAINABLE = importlib.util.find_spec("sklearn") is not None
FEWEST = 30  # texts of our own for every label


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_has_texts_of_our_own(kind: str) -> None:
    rows = own(kind)
    labels = {row.label for row in rows}
    assert labels == {row.label for row in kept_corpus(kind)}
    assert all(sum(row.label == label for row in rows) >= FEWEST for label in labels)
    assert len({row.id for row in rows}) == len(rows)


def test_what_is_kept_of_the_corpus_is_no_text() -> None:
    rows = [row for kind in KINDS for row in kept_corpus(kind)]
    assert all(list(row.text) == sorted(row.text) for row in rows)
    # Only what another text has as well is kept: from most texts words are missing.
    bigrams = [[each[2:].split(" ") for each in row.text if each.startswith("b:")] for row in rows]
    assert sum(all(one[1] == next_[0] for one, next_ in pairwise(pairs)) for pairs in bigrams if len(pairs) > 5) == 0


@pytest.mark.parametrize(
    ("source", "group"),
    [
        ("owner/name docs/a.md", "owner/name"),
        ("libp2p, notes", "libp2p"),
        ("https://example.org/a/b", "example.org"),
        ("public GitHub file, repository not recorded, ref 7", "public GitHub file, repository not recorded, ref 7"),
    ],
)
def test_texts_of_one_source_are_held_out_together(source: str, group: str) -> None:
    assert source_group(source) == group


def test_an_export_of_overrulings_is_training_text(tmp_path: Path) -> None:
    path = tmp_path / "overruled.jsonl"
    said = [
        ("Tidy the depot before the audit", "outcome", "overruling"),
        ("quick win", "output_only", "phrase"),
        ("Launch the portal", "vanity", "overruling"),
        ("ログイン画面を実装する", "output_only", "overruling"),
    ]
    lines = [json.dumps({"id": str(at), "text": t, "label": lb, "source": s}) for at, (t, lb, s) in enumerate(said)]
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = overruled(path, "goals")
    assert [(row.label, row.source) for row in rows] == [("outcome", "overruling"), ("output_only", "phrase")]
    assert "w:depot" in rows[0].text
    assert [row.label for row in overruled(path, "key_results")] == ["outcome", "vanity"]


if SHARED is not None:
    CORPUS = SHARED / "corpus"

    def test_kept_features_are_those_of_the_corpus() -> None:
        assert json.loads(collect(CORPUS)) == json.loads(KEPT.read_text(encoding="utf-8"))


if TRAINABLE:
    CLOSE = 2  # hundredths: machines differ in the last digits of a sum

    @pytest.mark.parametrize("kind", KINDS)
    def test_same_data_gives_the_shipped_weights(kind: str) -> None:
        from mappings.wording.model import load
        from training.train import WEIGHTS, fit

        strength = json.loads((WEIGHTS / f"{kind}.json").read_text(encoding="utf-8"))["strength"]
        shipped, made = load(kind), fit([*kept_corpus(kind), *own(kind)], strength)
        assert made.labels == shipped.labels
        both = made.weights.keys() & shipped.weights.keys()
        assert len(both) >= 0.99 * max(len(made.weights), len(shipped.weights))
        gaps = [abs(a - b) for each in both for a, b in zip(made.weights[each], shipped.weights[each], strict=True)]
        assert max(gaps) <= CLOSE

    def test_same_words_give_the_shipped_profile_of_languages() -> None:
        from mappings.wording.profile import load_profile
        from training.languages import train_profile

        trained = json.loads(train_profile())
        shipped = load_profile()
        assert tuple(trained["labels"]) == shipped.labels
        assert trained["bias"] == pytest.approx(list(shipped.bias), abs=0.05)
        both = trained["weights"].keys() & shipped.weights.keys()
        assert len(both) >= 0.99 * len(shipped.weights)
        assert all(
            abs(a - b) <= 1 for run in both for a, b in zip(trained["weights"][run], shipped.weights[run], strict=True)
        )

"""The weights that are shipped, and how they are used."""

from importlib import resources

import pytest

from mappings.wording.model import confidence, load, probabilities, pull

MODELS = ("goals", "key_results")


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_small_and_complete(name: str) -> None:
    raw = resources.files("mappings.wording").joinpath(f"{name}.json").read_bytes()
    model = load(name)
    assert len(raw) <= 300_000
    assert {len(row) for row in model.weights.values()} == {len(model.labels)}
    assert model.slope > 0


def test_weights_are_read_once() -> None:
    assert load("goals") is load("goals")


def test_probabilities_sum_to_one_and_unknown_features_change_nothing() -> None:
    model = load("goals")
    plain = probabilities(model, ())
    assert sum(plain) == pytest.approx(1)
    assert probabilities(model, ("w:qwrtz",)) == plain


def test_confidence_rises_with_the_probability() -> None:
    model = load("goals")
    found = [confidence(model, each) for each in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert found == sorted(found)
    assert 0 <= found[0] < found[-1] <= 1


def test_feature_pulls_towards_its_label() -> None:
    model = load("goals")
    assert pull(model, "p:metric_change", "outcome") > 0 > pull(model, "p:metric_change", "output_only")
    assert pull(model, "w:qwrtz", "outcome") == 0.0

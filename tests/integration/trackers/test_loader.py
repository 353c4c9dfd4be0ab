"""The loader finds every tracker by itself, and names them."""

import pytest

from integration.contract import Misconfigured
from integration.trackers import load_trackers, tracker_named


def test_jira_is_found() -> None:
    assert load_trackers()["jira"].name == "jira"


def test_every_tracker_goes_by_its_own_name() -> None:
    assert {name: one.name for name, one in load_trackers().items()} == {name: name for name in load_trackers()}


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match="jira"):
        tracker_named("trac")

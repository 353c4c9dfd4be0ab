"""A storm over a site of each edition ends with a store that equals the site, item by item and version by version."""

from datetime import timedelta
from pathlib import Path

import pytest

from simulator.storm.run import Plan, Storm

SMALL = {"edits": 240, "items": 90, "tick": timedelta(seconds=60)}


@pytest.mark.parametrize("version", [None, (10, 3, 2)], ids=["cloud", "data-center"])
def test_after_a_storm_the_store_equals_the_site(version: tuple[int, int, int] | None, tmp_path: Path) -> None:
    report = Storm(Plan(version=version, **SMALL), tmp_path).run()  # type: ignore[arg-type]
    assert report.differences == []
    assert report.equal_after is not None
    assert report.kills == 2
    assert min(report.deliveries[what] for what in ("lost", "twice", "late")) > 0

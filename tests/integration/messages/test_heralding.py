"""What is news, once for each subscription, and what is not."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine

from integration.contract import Fetched
from integration.messages import asking, heralding
from integration.store import findings
from integration.store.engine import writing
from integration.store.messages import Wanted
from mappings.model import Finding, Severity, Status
from tests.integration.messages.material import ADDRESS, VAULT, close_s1, fill, herald, later, look, queued
from tests.integration.store.material import day, sprint, state, tracked
from tests.reports import material
from tests.reports.material import NOW

GRAVE = {"A-1": "medium", "A-2": "high", "A-3": "low"}


def open_finding(engine: Engine, at: float, *subjects: str, severity: Severity = Severity.HIGH) -> None:
    """Findings of a kind that nothing else touches come to light."""
    seen = [Finding("orphan_epic", one, severity, {}, "Tag it, or exempt it.") for one in subjects]
    with writing(engine) as session:
        moment = NOW + timedelta(minutes=at)
        findings.keep_findings(session, "shop", seen, moment, lambda kind, _subject: kind == "orphan_epic")


def test_a_closed_sprint_is_told_once_with_its_figures_and_link(engine: Engine) -> None:
    fill(engine, Wanted("team", "sprint_closed"))
    close_s1(engine, later(hours=1))
    assert look(engine, later(hours=1, minutes=1)) == 1
    assert look(engine, later(hours=1, minutes=2)) == 0
    [message] = queued(engine)
    assert message.title == "Sprint S1 is closed"
    assert message.url == "https://tieline.example.org/sprints/shop/S1"
    assert [bar.label for bar in message.bars] == ["Completed", "In the sprint"]
    assert sum(part.percent for part in message.bars[1].parts) == 100


def test_what_a_backlog_brings_to_light_when_it_is_read_is_no_news(engine: Engine) -> None:
    with writing(engine) as session:
        asking.add_destination(session, VAULT, "team", "slack", ADDRESS, "", "Ada", day(-30))
        for topic in ("sprint_closed", "finding_opened", "finding_resolved", "figure_restated"):
            asking.subscribe(session, Wanted("team", topic), "Ada", day(-30))
    old = [
        sprint(f"OLD{number}", "closed", "Old", start=day(-20), end=day(-10), completed=day(-10))
        for number in range(200)
    ]
    material.fill(engine)
    material.save(engine, Fetched(at=NOW, sprints=tuple(old)))
    assert look(engine, later(minutes=1)) == 0
    assert look(engine, later(minutes=2)) == 0
    assert queued(engine) == []


def test_a_sprint_that_closed_before_the_subscription_is_old_news(engine: Engine) -> None:
    fill(engine)
    close_s1(engine, later(minutes=2))
    with writing(engine) as session:
        asking.subscribe(session, Wanted("team", "sprint_closed"), "Ada", later(minutes=3))
    assert look(engine, later(minutes=4)) == 0


def test_a_sprint_that_closed_days_ago_is_not_told_after_an_outage(engine: Engine) -> None:
    fill(engine, Wanted("team", "sprint_closed"))
    close_s1(engine, later(hours=1))
    assert look(engine, later(days=3)) == 0


def test_a_sprint_that_is_opened_and_closed_again_is_told_again(engine: Engine) -> None:
    fill(engine, Wanted("team", "sprint_closed"))
    close_s1(engine, later(hours=1))
    look(engine, later(hours=1, minutes=1))
    material.save(engine, Fetched(at=later(hours=2), sprints=(sprint("S1", "active", "Again"),)))
    assert look(engine, later(hours=2, minutes=1)) == 0
    close_s1(engine, later(hours=3))
    assert look(engine, later(hours=3, minutes=1)) == 1


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted("team", "sprint_closed", team="Payments"), 1),
        (Wanted("team", "sprint_closed", team="Growth"), 0),
        (Wanted("team", "sprint_closed", connection="shop", board="B1"), 1),
        (Wanted("team", "sprint_closed", connection="shop", board="B2"), 0),
    ],
)
def test_a_subscription_tells_of_its_team_and_board_alone(engine: Engine, wanted: Wanted, told: int) -> None:
    fill(engine, wanted)
    close_s1(engine, later(hours=1))
    assert look(engine, later(hours=1, minutes=1)) == told


def test_a_sprint_about_to_start_is_told_so_long_before_and_again_only_when_it_is_put_off(engine: Engine) -> None:
    fill(engine, Wanted("team", "sprint_starts", schedule="2 hours before sprint start"))
    planned = sprint("S2", "future", "Ship the new page", start=later(hours=3), end=later(days=14))
    material.save(engine, Fetched(at=later(minutes=2), sprints=(planned,)))
    assert look(engine, later(minutes=30)) == 0
    assert look(engine, later(hours=1, minutes=1)) == 1
    assert look(engine, later(hours=1, minutes=2)) == 0
    put_off = sprint("S2", "future", "Ship the new page", start=later(days=2), end=later(days=14))
    material.save(engine, Fetched(at=later(hours=2), sprints=(put_off,)))
    assert look(engine, later(hours=2, minutes=1)) == 0
    assert look(engine, later(days=2, hours=-1)) == 1
    first = queued(engine)[0]
    assert first.title.startswith("Sprint S2 starts in 2 hours")
    assert first.paragraphs[0] == "Goal: Ship the new page"


def test_findings_that_come_up_together_are_one_message_the_gravest_first(engine: Engine) -> None:
    fill(engine, Wanted("team", "finding_opened", severity="medium"))
    with writing(engine) as session:
        seen = [Finding("orphan_epic", key, Severity(severity), {}, "Tag it.") for key, severity in GRAVE.items()]
        findings.keep_findings(session, "shop", seen, later(minutes=5), lambda kind, _subject: kind == "orphan_epic")
    assert look(engine, later(minutes=6)) == 1
    assert look(engine, later(minutes=7)) == 0
    [message] = queued(engine)
    assert message.title == "2 findings opened"
    assert [entry.text for entry in message.entries] == [
        "high: Epic serves no key result, A-2. Tag it.",
        "medium: Epic serves no key result, A-1. Tag it.",
    ]


def test_programs_are_told_each_finding_alone(engine: Engine) -> None:
    fill(engine, Wanted("team", "finding_opened"), channel="webhook")
    open_finding(engine, 5, "A-1", "A-2")
    assert look(engine, later(minutes=6)) == 2
    assert [message.data["subject"] for message in queued(engine) if message.data] == ["A-1", "A-2"]


def test_a_finding_below_the_chosen_severity_is_not_told(engine: Engine) -> None:
    fill(engine, Wanted("team", "finding_opened", severity="high"))
    open_finding(engine, 5, "A-1", severity=Severity.MEDIUM)
    assert look(engine, later(minutes=6)) == 0


def test_a_finding_that_is_over_before_the_look_is_not_told_as_open_but_as_resolved(engine: Engine) -> None:
    fill(engine, Wanted("team", "finding_opened"), Wanted("team", "finding_resolved"))
    open_finding(engine, 5, "A-1")
    open_finding(engine, 6)
    look(engine, later(minutes=7))
    resolved = [message for message in queued(engine) if message.topic == "finding_resolved"]
    assert [message.topic for message in queued(engine)] == ["finding_resolved"]
    assert any("A-1" in entry.text for message in resolved for entry in message.entries)


def test_a_restated_figure_is_told_with_old_and_new(engine: Engine) -> None:
    fill(engine, Wanted("team", "figure_restated"))
    late = tracked(
        "PAY-7",
        state(-13, sprints=("S0",), points=3),
        state(-5, sprints=("S0",), points=3, status=Status.DONE),
    )
    material.save(engine, Fetched(at=later(hours=1), items=(late,)))
    assert look(engine, later(hours=1, minutes=1)) == 1
    [message] = queued(engine)
    assert message.title == "The figures of Sprint S0 changed after its close"
    assert ("completed", "KR-1 100 % before, KR-1 50 %, unaligned 50 % now") in message.facts


def test_a_digest_comes_by_the_clock_once_and_says_what_is_open(engine: Engine) -> None:
    fill(engine, Wanted("team", "digest", schedule="every monday 08:00 Europe/Berlin"))
    # The shop's moment is a Saturday in March: the next Monday, 08:00 in Berlin, is 07:00 UTC.
    monday = day(7).replace(hour=7, minute=0)
    assert look(engine, monday - timedelta(minutes=1)) == 0
    assert look(engine, monday + timedelta(seconds=10)) == 1
    assert look(engine, monday + timedelta(seconds=20)) == 0
    assert look(engine, monday + timedelta(days=7, seconds=10)) == 1
    [first, _] = queued(engine)
    assert first.title == "Backlog audit"
    assert first.paragraphs[0].startswith("Open findings: ")
    assert first.bars[0].label == "Payments, Sprint S1"


def test_a_digest_that_is_a_day_late_waits_for_its_next_time(engine: Engine) -> None:
    fill(engine, Wanted("team", "digest", schedule="every monday 08:00 UTC"))
    assert look(engine, day(8)) == 0
    assert look(engine, day(14).replace(hour=8)) == 1


def test_heralds_that_look_at_once_tell_it_once(engine: Engine) -> None:
    fill(engine, Wanted("team", "sprint_closed"), Wanted("team", "digest", schedule="every hour"))
    close_s1(engine, later(hours=1))
    at = later(hours=1, minutes=1)
    threads = [threading.Thread(target=heralding.look, args=(herald(engine, at), at)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.topic for message in queued(engine)) == ["digest", "sprint_closed"]


def test_looking_where_nothing_changed_asks_for_little(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(engine, Wanted("team", "sprint_closed"))
    memory, looks = heralding.Memory(), []
    monkeypatch.setattr(heralding, "look", lambda _herald, now: looks.append(now))
    for second in range(20):
        heralding.turn(herald(engine), memory, partial(float, second))
    assert len(looks) == 1
    heralding.turn(herald(engine), memory, lambda: 31.0)
    assert len(looks) == 2

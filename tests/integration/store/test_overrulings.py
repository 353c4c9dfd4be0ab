"""Overrulings are kept for good, loaded with the backlog, and make due what they touch."""

from dataclasses import replace

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from integration.answers import decide_due
from integration.store import due, reads
from integration.store.backlog import backlog_around, backlog_at
from integration.store.due import OF_ALL
from integration.store.engine import reading, writing
from integration.store.overrulings import all_overrulings, overrule, overrulings_of
from integration.store.tables import ActRow, ConnectionRow
from integration.store.writes import save_fetched
from mappings.model import Overruling
from tests.integration.store.material import day, fetched, sprint

GOAL = "Build the export page"
SAID = Overruling("goal", GOAL, "outcome", "The page is the outcome", "Ada", day(3), subject="S1")
PHRASE = Overruling("goal", "export page", "outcome", "Our word for it", "Ada", day(4), team="Payments")
TITLE = Overruling("key_result", "Launch it", "outcome", "It is one", "Ada", day(5), subject="KR-1")


def fill(engine: Engine) -> None:
    with writing(engine) as session:
        for name in ("shop", "other"):
            session.add(
                ConnectionRow(
                    id=name, tracker="jira", base_url="https://x", callback_url="", mapping={}, created_at=day(0)
                )
            )
        session.flush()
        save_fetched(session, "shop", fetched(1, (), [sprint("S1", goal=GOAL), sprint("S2", goal="Learn")]), day(1))
        save_fetched(session, "other", fetched(1, (), [sprint("S1", goal="Other")]), day(1))
    decide_due(engine, day(2))


def say(engine: Engine, connection: str | None, *overrulings: Overruling) -> None:
    with writing(engine) as session:
        for one in overrulings:
            overrule(session, connection, one)


def work(session: Session) -> dict[str, tuple[frozenset[str], bool]]:
    return {one.connection: (one.figures, one.everything_since is not None) for one in due.waiting(session)}


def test_a_connection_has_its_own_overrulings_and_those_of_everybody_in_order_of_time(engine: Engine) -> None:
    fill(engine)
    say(engine, None, TITLE, PHRASE)
    say(engine, "shop", SAID)
    with reading(engine) as session:
        assert overrulings_of(session, "shop") == (SAID, PHRASE, TITLE)
        assert overrulings_of(session, "other") == (PHRASE, TITLE)
        assert all_overrulings(session) == (("shop", SAID), (None, PHRASE), (None, TITLE))
        assert backlog_at(session, "shop", day(6)).overrulings == (SAID, PHRASE, TITLE)
        assert backlog_around(session, "other", {"S1"}, day(6)).overrulings == (PHRASE, TITLE)


def test_the_sprint_of_an_overruled_goal_is_due_and_with_it_the_findings(engine: Engine) -> None:
    fill(engine)
    say(engine, "shop", SAID)
    with reading(engine) as session:
        assert work(session) == {"shop": (frozenset({"S1"}), True)}


def test_a_phrase_makes_the_sprints_due_whose_goals_hold_it(engine: Engine) -> None:
    fill(engine)
    say(engine, None, PHRASE)
    with reading(engine) as session:
        assert work(session) == {"other": (frozenset(), True), "shop": (frozenset({"S1"}), True)}


def test_a_key_result_makes_due_what_is_told_of_all_connections_together(engine: Engine) -> None:
    fill(engine)
    say(engine, None, TITLE)
    with reading(engine) as session:
        assert work(session) == {OF_ALL: (frozenset(), True)}


def test_an_overruled_verdict_takes_its_finding_away_and_taking_it_back_brings_it_again(engine: Engine) -> None:
    fill(engine)
    with reading(engine) as session:
        assert kinds(session) == ["output_only_goal"]
    say(engine, "shop", SAID)
    decide_due(engine, day(6))
    with reading(engine) as session:
        assert kinds(session) == []
        answer = reads.sprint_answer(session, "shop", "S1", "points")
    assert answer is not None
    goal = answer.answer.document["goal"]
    assert (goal["verdict"], goal["overruled"]["label"]) == ("output_only", "outcome")
    say(engine, "shop", replace(SAID, label=None, reason="It was not", at=day(7)))
    decide_due(engine, day(8))
    with reading(engine) as session:
        assert kinds(session) == ["output_only_goal"]
        assert len(overrulings_of(session, "shop")) == 2


def kinds(session: Session) -> list[str]:
    return [one.kind for one in reads.open_findings(session, "shop") if one.kind == "output_only_goal"]


def test_overruling_is_an_act_by_name(engine: Engine) -> None:
    fill(engine)
    say(engine, "shop", SAID, replace(SAID, label=None, at=day(4)))
    say(engine, None, PHRASE)
    with reading(engine) as session:
        acts = session.scalars(select(ActRow).where(col(ActRow.actor) == "Ada").order_by(col(ActRow.id))).all()
        assert [(act.act, act.subject) for act in acts] == [
            ("overruled", "shop: goal S1"),
            ("overruling_taken_back", "shop: goal S1"),
            ("overruled", "goal phrase “export page”"),
        ]

"""What was previewed is sent once and recorded, whatever goes wrong on the way, and can be given back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from integration.contract import Malformed, Misconfigured, Permanent, Temporary, TrackerError
from integration.http import NotDone
from integration.store.engine import reading, writing
from integration.store.write_back_records import switch
from integration.store.write_back_sending import LEASE, note_what_came_back
from integration.write_back import asking
from integration.write_back.sending import OFF, SETTLED, work_once
from integration.write_back.undoing import plan_undo
from integration.write_back.wishes import CommentCoverage, MarkOrphans, SetKeyResults
from tests.integration.store.material import day
from tests.integration.write_back.notebook import Killed, Story
from tests.integration.write_back.notebook import story as opened

ALL = SetKeyResults(("KR-1",), ("E-1",), "open")
SOME = SetKeyResults(("KR-1",), ("S-1", "S-2", "S-3", "S-4"))


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    with opened(database_url) as found:
        yield found


@pytest.fixture
def writable(story: Story) -> Story:
    story.switch(on=True)
    return story


def at_call(number: int, error: BaseException) -> Callable[[int], None]:
    def fail(called: int) -> None:
        if called == number:
            raise error

    return fail


# --- off, dry, and on -----------------------------------------------------------------------------


def test_nothing_is_sent_while_it_is_off(story: Story) -> None:
    number = story.ask(ALL)
    with pytest.raises(Misconfigured, match="Writing to site is off, and nothing was sent"):
        story.send(number)
    story.work(3)
    assert story.notebook.sent == []


def test_a_preview_sends_nothing(writable: Story) -> None:
    number = writable.ask(ALL)
    writable.work(5)
    assert writable.notebook.sent == []
    assert writable.run(number).state == "planned"
    assert writable.run(number).numbers == {"planned": 30}  # the epic and the 29 open items


def test_who_switched_it_on_and_when_is_kept(story: Story) -> None:
    story.switch(on=True)
    with reading(story.engine) as session:
        found = switch(session, "site")
    assert found is not None
    assert (found.is_on, found.author, found.at) == (True, "ada", day(1))


def test_switched_off_it_stops_before_the_next_change(writable: Story) -> None:
    writable.notebook.after = lambda number: writable.switch(on=False) if number == 2 else None
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(5)
    assert len(writable.notebook.sent) == 2
    assert (writable.run(number).state, writable.run(number).problem) == ("stopped", OFF)
    writable.switch(on=True)
    writable.send(number)
    writable.work(3)
    assert [item for item, _ in writable.notebook.sent] == ["id-S-1", "id-S-2", "id-S-3", "id-S-4"]


# --- the plain way ------------------------------------------------------------------------------


def test_what_was_shown_is_sent_in_its_order_and_recorded(writable: Story) -> None:
    number = writable.ask(ALL)
    writable.send(number)
    writable.work(3)
    assert writable.run(number).state == "done"
    assert len(writable.notebook.sent) == 30
    first = writable.changes(number)[0]
    assert (first.key, first.former, first.wanted, first.state) == ("E-1", "", "KR-1", "sent")
    assert first.sent_at == day(1)
    assert first.receipt == {"id": "1"}


def test_a_change_is_on_record_before_it_is_sent(writable: Story) -> None:
    seen: list[str] = []

    def look(_number: int) -> None:
        seen.append(writable.changes(number)[len(seen)].state)

    number = writable.ask(SOME)
    writable.notebook.before = look
    writable.send(number)
    writable.work(3)
    assert seen == ["sending"] * 4


def test_a_run_is_sent_once(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(3)
    with pytest.raises(Misconfigured, match="nothing to send"):
        writable.send(number)
    assert len(writable.notebook.sent) == 4


# --- what changed meanwhile -----------------------------------------------------------------------


def test_what_was_changed_since_the_preview_is_not_sent_but_said(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.notebook.pages["id-S-2", "tag"] = "KR-2"
    writable.notebook.pages["id-S-3", "tag"] = "KR-1"
    writable.notebook.gone.add("id-S-4")
    writable.send(number)
    writable.work(3)
    assert writable.states(number) == {"S-1": "sent", "S-2": "stale", "S-3": "same", "S-4": "refused"}
    assert writable.changes(number)[1].problem == "It was changed since the preview, and was left as it is."
    assert writable.notebook.sent == [("id-S-1", "KR-1")]


def test_one_that_is_refused_stops_no_other(writable: Story) -> None:
    refusals = iter([Permanent("refused", "PUT answered 400. It says: option 13 is not valid")])

    def refuse(_number: int) -> None:
        if (error := next(refusals, None)) is not None:
            raise error

    writable.notebook.before = refuse
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(3)
    assert list(writable.states(number).values()) == ["refused", "sent", "sent", "sent"]
    assert "option 13 is not valid" in (writable.changes(number)[0].problem or "")


def test_an_account_that_may_not_write_is_stopped_after_some(writable: Story) -> None:
    def forbid(_number: int) -> None:
        raise Permanent("forbidden", "Jira says that the account may not edit this issue.")

    writable.notebook.before = forbid
    number = writable.ask(ALL)
    writable.send(number)
    writable.work(3)
    run = writable.run(number)
    assert run.state == "stopped"
    assert run.numbers == {"refused": 5, "planned": 25}
    assert run.problem == "Jira says that the account may not edit this issue. The rest was not tried."


def test_credentials_that_are_not_accepted_stop_the_run_and_lose_nothing(writable: Story) -> None:
    writable.notebook.before = at_call(3, Misconfigured("bad_credentials", "401: the credentials are not accepted."))
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(3)
    assert writable.run(number).state == "stopped"
    assert writable.run(number).numbers == {"sent": 2, "planned": 2}
    writable.notebook.before = lambda _number: None
    writable.send(number)
    writable.work(3)
    assert [item for item, _ in writable.notebook.sent] == ["id-S-1", "id-S-2", "id-S-3", "id-S-4"]


def test_a_conflict_is_looked_at_again_and_tried_again(writable: Story) -> None:
    conflicts = iter([Permanent("conflict", "409"), Permanent("conflict", "409")])

    def clash(number: int) -> None:
        if number == 1 and (error := next(conflicts, None)) is not None:
            raise error

    writable.notebook.before = clash
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(3)
    assert writable.run(number).numbers == {"sent": 4}


# --- pauses and unclear failures ------------------------------------------------------------------


def test_it_waits_as_long_as_the_tracker_asks(writable: Story) -> None:
    wait = NotDone("quota_used_up", "429: the quota of calls is used up.", retry_after=900)
    number = writable.ask(SOME)
    writable.send(number)
    writable.notebook.before = at_call(3, wait)
    assert work_once(writable.office)
    writable.notebook.before = lambda _number: None
    assert not work_once(writable.office)
    run = writable.run(number)
    assert (run.state, run.numbers, run.problem) == ("waiting", {"sent": 2, "planned": 2}, wait.sentence)
    writable.notebook.pass_time(seconds=901)
    writable.work(1)
    assert writable.run(number).numbers == {"sent": 4}


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize(
    "error", [Temporary("timeout", "It did not answer in time."), Malformed("comment", "something else")]
)
def test_after_an_unclear_failure_it_is_read_what_is_there_before_anything_is_sent(
    writable: Story, is_done: bool, error: TrackerError
) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    if is_done:
        writable.notebook.after = at_call(2, error)
    else:
        writable.notebook.before = at_call(2, error)
    assert work_once(writable.office)
    assert writable.run(number).numbers == {"sent": 1, "sending": 1, "planned": 2}
    writable.notebook.before = writable.notebook.after = lambda _number: None
    writable.notebook.pass_time(seconds=10)
    work_once(writable.office)
    assert len(writable.notebook.sent) == (2 if is_done else 1)  # too early to tell
    writable.notebook.pass_time(seconds=60)
    writable.work(1)
    assert writable.run(number).numbers == {"sent": 4}
    assert [item for item, _ in writable.notebook.sent] == ["id-S-1", "id-S-2", "id-S-3", "id-S-4"]


def test_what_others_wrote_after_an_unclear_failure_stays(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.notebook.before = at_call(2, Temporary("timeout", "It did not answer in time."))
    assert work_once(writable.office)
    writable.notebook.before = lambda _number: None
    writable.notebook.pages["id-S-2", "tag"] = "KR-2"
    writable.work()
    assert writable.states(number)["S-2"] == "stale"


def test_what_is_never_answered_is_given_up(writable: Story) -> None:
    def lose(_number: int) -> None:
        raise Temporary("timeout", "It did not answer in time.")

    number = writable.ask(SetKeyResults(("KR-1",), ("S-1",)))
    writable.send(number)
    writable.notebook.before = lose
    writable.work(60)
    assert writable.states(number) == {"S-1": "refused"}
    assert writable.changes(number)[0].tries == 3


# --- kill, stop, resume -----------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [1, 7, 21, 30])
def test_killed_at_any_change_it_goes_on_and_sends_nothing_twice(writable: Story, moment: str, call: int) -> None:
    number = writable.ask(ALL)
    writable.send(number)
    setattr(writable.notebook, moment, at_call(call, Killed()))
    with pytest.raises(Killed):
        work_once(writable.office)
    writable.notebook.before = writable.notebook.after = lambda _number: None
    assert not work_once(writable.office)  # the dead one's turn is not over
    writable.notebook.pass_time(seconds=LEASE.total_seconds() + 1)
    writable.work(5)
    assert writable.run(number).state == "done"
    assert writable.run(number).numbers == {"sent": 30}
    items = [item for item, _ in writable.notebook.sent]
    assert len(items) == len(set(items)) == 30


def test_whoever_lost_the_turn_sends_nothing_more(writable: Story) -> None:
    """As when a machine sleeps for longer than its turn lasts."""
    number = writable.ask(SOME)
    writable.send(number)

    def sleep(called: int) -> None:
        if called == 2:
            writable.notebook.after = lambda _number: None
            writable.notebook.pass_time(seconds=LEASE.total_seconds() + SETTLED.total_seconds())
            assert work_once(writable.office)  # another one takes over, and ends it

    writable.notebook.after = sleep
    assert work_once(writable.office)
    assert len(writable.notebook.sent) == 4
    assert writable.run(number).state == "done"


def test_stopped_it_ends_after_the_change_that_is_under_way_and_is_resumed(writable: Story) -> None:
    number = writable.ask(ALL)
    writable.send(number)
    writable.notebook.after = lambda called: (
        asking.stop(writable.engine, number, "bob", day(1)) if called == 10 else None
    )
    writable.work(3)
    assert len(writable.notebook.sent) == 10
    assert writable.run(number).state == "stopped"
    writable.notebook.after = lambda _number: None
    writable.send(number)
    writable.work(3)
    assert writable.run(number).numbers == {"sent": 30}
    assert len(writable.notebook.sent) == 30


def test_what_is_not_being_sent_cannot_be_stopped(writable: Story) -> None:
    number = writable.ask(SOME)
    with pytest.raises(Misconfigured, match="not being sent"):
        asking.stop(writable.engine, number, "bob", day(1))


# --- undoing ------------------------------------------------------------------------------------


def undone(story: Story, number: int, change: int | None = None) -> int:
    return plan_undo(story.engine, story.office.trackers, number, "bob", story.notebook.now, change)


def test_undoing_gives_back_what_was_there_the_last_first(writable: Story) -> None:
    number = writable.ask(SetKeyResults(("KR-1",), ("E-1", "E-2")))
    writable.send(number)
    writable.work(2)
    back = undone(writable, number)
    writable.send(back)
    writable.work(2)
    assert writable.notebook.sent[2:] == [("id-E-2", "KR-2"), ("id-E-1", None)]
    assert writable.run(back).undoes == number
    with pytest.raises(Misconfigured, match="nothing to undo"):
        undone(writable, number)


def test_undoing_leaves_what_others_changed_since(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(2)
    writable.notebook.pages["id-S-2", "tag"] = "KR-2"
    back = undone(writable, number)
    writable.send(back)
    writable.work(2)
    assert writable.states(back) == {"S-4": "sent", "S-3": "sent", "S-2": "stale", "S-1": "sent"}
    assert writable.notebook.pages["id-S-2", "tag"] == "KR-2"


def test_one_change_of_a_run_can_be_undone_alone(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(2)
    assert list(writable.states(undone(writable, number, change=3))) == ["S-3"]


def test_a_preview_of_undoing_keeps_nobody_from_undoing(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(2)
    undone(writable, number, change=3)
    assert len(writable.states(undone(writable, number))) == 4


# --- our own changes come back --------------------------------------------------------------------


def test_our_own_change_that_comes_back_is_known_as_ours_and_makes_no_run(writable: Story) -> None:
    number = writable.ask(SOME)
    writable.send(number)
    writable.work(2)
    writable.told(1.1, {"S-1": ("KR-1",), "S-2": ("KR-2",)})
    with writing(writable.engine) as session:
        assert note_what_came_back(session, day(1.2)) == 1
    came = {change.key: change.came_back_at for change in writable.changes(number)}
    assert came == {"S-1": day(1.2), "S-2": None, "S-3": None, "S-4": None}
    assert not work_once(writable.office)
    assert len(writable.notebook.sent) == 4


# --- marks and previews ---------------------------------------------------------------------------


def test_orphans_are_marked_and_lose_our_mark_when_they_serve_a_key_result(writable: Story) -> None:
    number = writable.ask(MarkOrphans())
    assert list(writable.states(number)) == ["E-1"]
    writable.send(number)
    writable.work(2)
    writable.notebook.now = day(3)
    writable.told(2, {"E-1": ("KR-1",), "E-2": ()})
    after = writable.ask(MarkOrphans())
    changes = {change.key: change.edit and change.edit.wanted for change in writable.changes(after)}
    assert changes == {"E-1": None, "E-2": True}


def test_a_label_that_somebody_else_put_there_is_not_taken_off(writable: Story) -> None:
    writable.notebook.pages["id-E-2", "serves-no-key-result"] = True
    assert list(writable.states(writable.ask(MarkOrphans()))) == ["E-1"]


def test_a_preview_that_cannot_be_made_says_why(writable: Story) -> None:
    writable.notebook.trouble["id-S-1"] = Temporary("unavailable", "It answered 503: the tracker is in trouble.")
    number = writable.ask(SOME)
    run = writable.run(number)
    assert (run.state, run.problem) == ("stopped", "It answered 503: the tracker is in trouble.")
    assert not work_once(writable.office)


def test_killed_while_a_preview_is_made_another_one_makes_it(writable: Story) -> None:
    writable.notebook.trouble["id-S-1"] = Killed()  # type: ignore[assignment]  # not caught by anybody
    with pytest.raises(Killed):
        writable.ask(SOME)
    writable.notebook.trouble.clear()
    writable.notebook.pass_time(seconds=LEASE.total_seconds() + 1)
    assert work_once(writable.office)
    assert len(writable.changes(1)) == 4


def test_a_comment_needs_figures_to_tell(writable: Story) -> None:
    run = writable.run(writable.ask(CommentCoverage("S9", ("E-1",))))
    assert (run.state, run.problem) == ("stopped", "There are no figures of a sprint S9 on this connection.")


def test_a_connection_that_is_gone_sends_nothing(writable: Story) -> None:
    with pytest.raises(Misconfigured, match="no connection “other”"):
        asking.ask(writable.engine, "other", SOME, "ada", day(1))


def test_a_tracker_that_cannot_be_written_to_says_so(writable: Story) -> None:
    number = asking.ask(writable.engine, "site", SOME, "ada", day(1))
    mute = replace(writable.notebook.tracker, writer=None)
    work_once(replace(writable.office, trackers={"notebook": mute}))
    assert writable.run(number).problem == "Nothing can be written back to notebook."


def test_the_wait_grows_and_ends(writable: Story) -> None:
    def refuse(_number: int) -> None:
        raise NotDone("unreachable", "It cannot be reached.")

    number = writable.ask(SOME)
    writable.send(number)
    writable.notebook.before = refuse
    started = writable.notebook.now
    while writable.run(number).state != "stopped":
        if not work_once(writable.office):
            writable.notebook.pass_time(minutes=5)
    assert timedelta(hours=8) < writable.notebook.now - started < timedelta(days=1)
    assert writable.run(number).numbers == {"planned": 4}

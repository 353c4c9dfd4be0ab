"""People's word against the judge's, and teams that switch the check of words off."""

from dataclasses import replace
from typing import Any

from mappings.analysis import analyse, sprint_report
from mappings.document import goal_with_overrulings
from mappings.key_result_words import read_key_result
from mappings.model import (
    Backlog,
    Finding,
    GoalReading,
    Item,
    Measure,
    Overruling,
    Plan,
    Severity,
    Sprint,
    Team,
    Wording,
)
from mappings.overruling import Words, current, holds_phrase, in_force, wording_for
from mappings.reckoning import Reckoning
from mappings.tags import Register
from tests.builders import at, backlog, board, item, key_result, plan, sprint

OUTPUT = "Build the export page"
CAPABILITY = "Users can export their invoices"
OUTCOME = "Reduce the time that accountants need to close the month from 5 days to 2"
KINDS = ("binary_kr", "missing_goal", "output_kr", "output_only_goal", "vanity_kr")
TEAMS = (Team("Group"), Team("Payments", "Group"))
KRS = (
    key_result("KR-1", title="Launch the new onboarding"),
    key_result("KR-2", title="10,000 page views"),
    key_result("KR-3", title="Obtain ISO 27001 certification"),
    key_result("KR-4", title="Raise activation from 40 % to 60 %", kind="binary"),
)


def goal_of(text: str = OUTPUT, **values: Any) -> Sprint:
    return sprint(completed=None, goal=text, **values)


def said(label: str | None = "outcome", text: str = OUTPUT, **values: object) -> Overruling:
    fields = {"subject": "S1", "reason": "We know why", "author": "Ada", "at": at("03-05"), **values}
    return Overruling(about=str(fields.pop("about", "goal")), text=text, label=label, **fields)  # type: ignore[arg-type]


def phrase(text: str, label: str | None = "outcome", team: str | None = None, **values: object) -> Overruling:
    return said(label, text, subject=None, team=team, **values)


def of(*parts: Sprint | Item, plans: Plan | None = None, overrulings: tuple[Overruling, ...] = ()) -> Backlog:
    return replace(backlog(*parts, plans=plans or plan(teams=TEAMS)), overrulings=overrulings)


def found(data: Backlog, *, on: str = "03-20") -> dict[tuple[str, str], Finding]:
    findings = analyse(data, at(on)).findings
    return {(each.kind, each.subject): each for each in findings if each.kind in KINDS}


def reading(data: Backlog, *, on: str = "03-20") -> GoalReading:
    return sprint_report(Reckoning(data, at(on)), data.sprints[0], Measure.POINTS).goal


# --- goals


def test_without_an_overruling_the_judge_s_verdict_holds() -> None:
    goal = reading(of(goal_of()))
    assert (goal.label, goal.verdict, goal.overruled) == ("output_only", "output_only", None)
    assert set(found(of(goal_of()))) == {("output_only_goal", "S1")}


def test_an_overruled_verdict_raises_no_finding_and_stays_visible_beside_the_person_s_word() -> None:
    data = of(goal_of(), overrulings=(said(),))
    goal = reading(data)
    assert (goal.label, goal.verdict, goal.overruled) == ("outcome", "output_only", said())
    assert goal.reasons
    assert found(data) == {}


def test_a_goal_overruled_to_output_raises_one_with_the_person_s_reason() -> None:
    data = of(goal_of(OUTCOME), overrulings=(said("output_only", OUTCOME),))
    finding = found(data)["output_only_goal", "S1"]
    assert finding.severity is Severity.MEDIUM
    assert finding.evidence["words"] == ({"text": OUTCOME, "why": "We know why"},)
    assert finding.evidence["capability"] is False


def test_a_goal_overruled_to_a_placeholder_is_missing_and_a_placeholder_overruled_is_not() -> None:
    assert set(found(of(goal_of(), overrulings=(said("empty_or_placeholder"),)))) == {("missing_goal", "S1")}
    assert set(found(of(goal_of("TBD")))) == {("missing_goal", "S1")}
    assert found(of(goal_of("TBD"), overrulings=(said("outcome", "TBD"),))) == {}


def test_it_is_for_its_sprint_and_holds_from_when_it_was_said() -> None:
    assert set(found(of(goal_of(), overrulings=(said(subject="S2"),)))) == {("output_only_goal", "S1")}
    assert set(found(of(goal_of(), overrulings=(said(),)), on="03-04")) == {("output_only_goal", "S1")}


def test_case_and_blanks_are_no_other_wording() -> None:
    assert found(of(goal_of(), overrulings=(said(text="build the  export page\n"),))) == {}


def test_what_was_said_of_an_earlier_wording_is_history() -> None:
    old, older = said(text="Build the page"), said(text="Build it", at=at("03-04"))
    data = of(goal_of(), overrulings=(older, said("learning", "Build the page", at=at("03-04 10:00")), old))
    goal = reading(data)
    assert (goal.overruled, goal.overruled_before) == (None, (older, old))
    assert set(found(data)) == {("output_only_goal", "S1")}
    blank = reading(of(goal_of(""), overrulings=(old,)))
    assert (blank.label, blank.overruled_before) == ("empty_or_placeholder", (old,))


def test_the_last_word_counts_and_none_gives_it_back_to_the_judge() -> None:
    back = said(None, at=at("03-06"))
    assert reading(of(goal_of(), overrulings=(said(), back))).label == "output_only"
    again = said("learning", at=at("03-07"))
    assert reading(of(goal_of(), overrulings=(said(), back, again))).label == "learning"
    taken_back = reading(of(goal_of(), overrulings=(said(text="Old"), said(None, "Old", at=at("03-06")))))
    assert taken_back.overruled_before == ()


def test_a_text_in_a_language_that_is_not_judged_can_be_overruled() -> None:
    text = "ユーザーが請求書を出力できる"
    goal = reading(of(goal_of(text), overrulings=(said("output_only", text),)))
    assert (goal.verdict, goal.label) == (None, "output_only")


def test_the_document_holds_both() -> None:
    document = goal_with_overrulings(reading(of(goal_of(), overrulings=(said(), said(text="Old")))))
    assert document["overruled"] == {
        "about": "goal",
        "subject": "S1",
        "team": None,
        "text": OUTPUT,
        "label": "outcome",
        "reason": "We know why",
        "author": "Ada",
        "at": "2026-03-05T00:00:00Z",
    }
    assert [one["text"] for one in document["overruled_before"]] == ["Old"]  # type: ignore[attr-defined]
    assert goal_with_overrulings(reading(of(goal_of())))["overruled"] is None


# --- phrases


def test_a_phrase_rule_speaks_for_all_goals_of_the_team_and_its_subteams() -> None:
    assert found(of(goal_of(), overrulings=(phrase("Export page"),))) == {}
    assert found(of(goal_of(), overrulings=(phrase("export page", team="Group"),))) == {}
    assert len(found(of(goal_of(), overrulings=(phrase("export page", team="Others"),)))) == 1
    assert len(found(of(goal_of(), overrulings=(phrase("export page", about="key_result"),)))) == 1


def test_a_phrase_stands_as_whole_words() -> None:
    assert holds_phrase("Build the export page.", "export page")
    assert not holds_phrase("Build the export pages", "export page")
    assert not holds_phrase("Build", " ")


def test_of_several_phrases_the_nearest_team_s_then_the_longest_then_the_last_counts() -> None:
    words = Words("goal", "S1", OUTPUT, ("Payments", "Group"))
    far, near = phrase("the export page", "learning"), phrase("page", "outcome", "Payments")
    assert in_force((near, far), words) == near
    short, long = phrase("page"), phrase("export page", "learning")
    assert in_force((short, long), words) == long
    first, last = phrase("build"), phrase("the e-page", at=at("03-09"))
    assert in_force((first, last), words) == first
    one, other = phrase("build", "outcome", "Group"), phrase("build", "learning", at=at("03-09"))
    assert in_force((one, other), words) == one


def test_what_is_said_of_the_very_goal_comes_before_any_phrase() -> None:
    rules = (said("learning"), phrase("export page"))
    assert reading(of(goal_of(), overrulings=rules)).label == "learning"
    back = (*rules, said(None, at=at("03-06")))
    assert reading(of(goal_of(), overrulings=back)).label == "outcome"


def test_current_is_the_last_word_on_each_text() -> None:
    again = said("learning", at=at("03-07"))
    gone = phrase("build", None, at=at("03-08"))
    assert current((said(), phrase("build"), again, gone)) == (again,)


# --- key results


def test_each_key_result_is_flagged_as_the_judge_reads_it() -> None:
    data = of(plans=plan(teams=TEAMS, key_results=KRS))
    assert set(found(data)) == {
        ("output_kr", "KR-1"),
        ("vanity_kr", "KR-2"),
        ("binary_kr", "KR-3"),
        ("binary_kr", "KR-4"),
    }


def test_overruled_key_results_raise_no_finding_but_a_declared_one_stays() -> None:
    overrulings = tuple(said(about="key_result", subject=kr.code, text=kr.title) for kr in KRS)
    data = of(plans=plan(teams=TEAMS, key_results=KRS), overrulings=overrulings)
    assert set(found(data)) == {("binary_kr", "KR-4")}


def test_a_key_result_overruled_to_an_output_is_one_with_the_person_s_reason() -> None:
    kr = key_result("KR-1", title="Raise activation from 40 % to 60 %")
    overrulings = (said("output", kr.title, about="key_result", subject="KR-1"),)
    data = of(plans=plan(teams=TEAMS, key_results=(kr,)), overrulings=overrulings)
    finding = found(data)["output_kr", "KR-1"]
    assert finding.evidence == {"label": "output", "words": ({"text": kr.title, "why": "We know why"},)}
    vanity = replace(overrulings[0], label="vanity")
    assert set(found(replace(data, overrulings=(vanity,)))) == {("vanity_kr", "KR-1")}


def test_what_was_said_of_an_earlier_title_is_history() -> None:
    kr = KRS[0]
    old = said(about="key_result", subject="KR-1", text="Launch something")
    words = read_key_result(Register(plan(teams=TEAMS, key_results=(kr,))), (old,), kr)
    assert (words.label, words.overruled, words.overruled_before) == ("output", None, (old,))


# --- settings


def test_switched_off_no_words_are_flagged_but_a_missing_goal_and_a_declared_binary_one_are() -> None:
    off = plan(teams=TEAMS, key_results=KRS, wording=Wording(check=False))
    data = of(goal_of(), plans=off, overrulings=(said("output_only"),))
    goal = reading(data)
    assert (goal.verdict, goal.confidence, goal.reasons, goal.is_checked) == (None, None, (), False)
    assert goal.overruled == said("output_only")
    assert set(found(data)) == {("binary_kr", "KR-4")}
    assert ("missing_goal", "S1") in found(of(goal_of("TBD"), plans=off))


def test_the_nearest_team_that_says_something_decides() -> None:
    teams = (Team("Group", wording=Wording(False, "accept")), Team("Payments", "Group", wording=Wording(check=True)))
    register = Register(plan(teams=teams))
    assert wording_for(register, "Payments") == Wording(True, "accept")
    assert wording_for(register, "Group") == Wording(False, "accept")
    assert wording_for(register, "Unknown") == wording_for(register, None) == Wording(True, "flag")


def test_the_team_is_that_of_the_sprint() -> None:
    off = plan(teams=(Team("Payments"), Team("Quiet", wording=Wording(check=False))))
    assert len(found(of(goal_of(), plans=off))) == 1
    assert found(of(goal_of(team="Quiet"), plans=off)) == {}
    assert found(replace(of(goal_of(), plans=off), boards=(board(team="Quiet"),))) == {}


def test_a_team_may_accept_goals_that_say_what_people_will_be_able_to_do() -> None:
    flagged = found(of(goal_of(CAPABILITY)))["output_only_goal", "S1"]
    assert (flagged.severity, flagged.evidence["capability"]) == (Severity.LOW, True)
    accepts = plan(teams=(Team("Payments", wording=Wording(capability="accept")),))
    assert found(of(goal_of(CAPABILITY), plans=accepts)) == {}
    assert len(found(of(goal_of(), plans=accepts))) == 1
    insisted = of(goal_of(CAPABILITY), plans=accepts, overrulings=(said("output_only", CAPABILITY),))
    assert found(insisted)["output_only_goal", "S1"].severity is Severity.MEDIUM


def test_a_goal_of_output_that_names_a_key_result_it_serves_is_not_flagged_whoever_said_so() -> None:
    text = "Build the export page for KR-1"
    served = item("A", sprints=("S1",), points=3, tags=("KR-1",))
    assert found(of(goal_of(text), served, overrulings=(said("output_only", text),))) == {}

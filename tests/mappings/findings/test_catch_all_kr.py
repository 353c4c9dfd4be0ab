"""One key result takes everything."""

from dataclasses import replace

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Item, Sprint, Team
from tests.builders import backlog, board, key_result, plan, three_sprints


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "catch_all_kr"}


def test_over_four_fifths_of_the_aligned_work_of_three_sprints() -> None:
    caught = found(backlog(*three_sprints(81, 19)))
    assert set(caught) == {"B1/KR-1"}
    assert caught["B1/KR-1"].evidence["sprints"] == ("S2", "S1", "S0")
    assert found(backlog(*three_sprints(80, 20))) == {}
    assert found(backlog(*three_sprints(81, 19)[:6])) == {}


def test_a_team_that_owns_one_key_result_has_no_choice_and_without_a_team_all_count() -> None:
    alone = plan(key_results=(key_result("KR-1"),))
    assert found(backlog(*three_sprints(81, 19), plans=alone)) == {}
    assert set(found(backlog(board("B1", None), *three_sprints(81, 19)))) == {"B1/KR-1"}
    assert found(backlog(board("B1", "Legal"), *three_sprints(81, 19))) == {}


def test_sprints_without_aligned_work_have_no_catch_all_and_two_teams_give_one_subject() -> None:
    assert found(backlog(*three_sprints(0, 0))) == {}
    plain = three_sprints(81, 19)
    named: list[Item | Sprint] = []
    for part in three_sprints(81, 19):
        if isinstance(part, Sprint):
            named.append(replace(part, id=f"T{part.id}", team="Group"))
        else:
            sprints = tuple(f"T{name}" for name in part.states[0].sprints)
            named.append(replace(part, key=f"T{part.key}", states=(part.states[0]._replace(sprints=sprints),)))
    group = plan(teams=(Team("Group"), Team("Payments", "Group")))
    assert set(found(backlog(*plain, *named, plans=group))) == {"B1/KR-1"}

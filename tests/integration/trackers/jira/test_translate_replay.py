"""A life of an issue is played forward, its changelog is written as Jira would, and must read back as the same life."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integration.trackers.jira.translate import translate_issue
from mappings.model import ItemState, Status
from tests.integration.trackers.jira.issues import KR, MAPPING, POINTS, SITE, SPRINT, change, issue, sprint, status

CREATED = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEANING = {"1": Status.TODO, "3": Status.DOING, "5": Status.DONE}
OPTIONS = {"100": "KR-1", "101": "KR-2"}
SPELLINGS = ("IssueParentAssociation", "Epic Link", "Parent", "Parent Link")
COMPONENTS = {"7": "api", "8": "web"}


@dataclass
class Life:
    """An issue as it is now, and what was written down of how it came to be so."""

    status: str = "1"
    sprints: tuple[str, ...] = ()
    points: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    parent: str | None = None
    option: str | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    spelled: int = 0

    def become(self, part: str, value: Any) -> None:
        before, after = getattr(self, part), value
        if before == after:
            return
        setattr(self, part, value)
        self.items += getattr(self, f"_{part}")(before, after)

    def _status(self, before: str, after: str) -> list[dict[str, Any]]:
        return [status(before, after)]

    def _sprints(self, before: tuple[str, ...], after: tuple[str, ...]) -> list[dict[str, Any]]:
        return [sprint(", ".join(before), ", ".join(after))]

    def _points(self, before: str | None, after: str | None) -> list[dict[str, Any]]:
        return [change("Story point estimate", before, after, fieldId=POINTS)]

    def _labels(self, before: tuple[str, ...], after: tuple[str, ...]) -> list[dict[str, Any]]:
        return [change("labels", " ".join(before), " ".join(after), fieldId="labels")]

    def _components(self, before: tuple[str, ...], after: tuple[str, ...]) -> list[dict[str, Any]]:
        gone = [change("Component", (id_, COMPONENTS[id_]), None) for id_ in before if id_ not in after]
        return gone + [change("Component", None, (id_, COMPONENTS[id_])) for id_ in after if id_ not in before]

    def _parent(self, before: str | None, after: str | None) -> list[dict[str, Any]]:
        self.spelled += 1
        spelling = SPELLINGS[self.spelled % len(SPELLINGS)]
        return [change(spelling, (before, before and f"E-{before}"), (after, after and f"E-{after}"))]

    def _option(self, before: str | None, after: str | None) -> list[dict[str, Any]]:
        sides = [(id_, OPTIONS[id_]) if id_ else None for id_ in (before, after)]
        return [change("Key Result", *sides, fieldId=KR)]

    def now(self) -> dict[str, Any]:
        return issue(
            self.status,
            labels=list(self.labels),
            components=[{"id": id_, "name": COMPONENTS[id_]} for id_ in self.components],
            parent={"id": self.parent, "key": f"E-{self.parent}"} if self.parent else None,
            **{
                SPRINT: [{"id": int(id_), "state": "active"} for id_ in self.sprints],
                POINTS: float(self.points) if self.points else None,
                KR: {"id": self.option, "value": OPTIONS[self.option]} if self.option else None,
            },
        )

    def state(self, at: datetime) -> ItemState:
        return ItemState(
            at=at,
            status=MEANING[self.status],
            points=int(self.points) if self.points else None,
            tags=(OPTIONS[self.option],) if self.option else (),
            sprints=self.sprints,
            parent=f"E-{self.parent}" if self.parent else None,
            labels=self.labels,
            components=tuple(sorted(COMPONENTS[id_] for id_ in self.components)),
        )


def some_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(values)).map(lambda found: tuple(sorted(found)))


steps = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(["1", "3", "5"])),
    st.tuples(st.just("sprints"), some_of("36", "37", "38")),
    st.tuples(st.just("points"), st.sampled_from([None, "1", "8"])),
    st.tuples(st.just("labels"), some_of("a", "b")),
    st.tuples(st.just("components"), some_of("7", "8")),
    st.tuples(st.just("parent"), st.sampled_from([None, "11", "12"])),
    st.tuples(st.just("option"), st.sampled_from([None, "100", "101"])),
)
lives = st.lists(st.tuples(st.integers(0, 3), st.lists(steps, min_size=1, max_size=3)), max_size=8)


@given(steps, lives, st.randoms())
def test_a_life_reads_back_as_it_was(first: tuple[str, Any], edits: list[Any], random: Any) -> None:
    life = Life()
    life.become(*first)  # before anything was written down
    life.items.clear()
    at, histories, expected = CREATED, [], {CREATED: life.state(CREATED)}
    for number, (hours, changes) in enumerate(edits, start=1):
        at += timedelta(hours=hours)
        for part, value in changes:
            life.become(part, value)
        histories.append({"id": str(number), "created": at.isoformat(), "items": list(life.items)})
        life.items.clear()
        expected[at] = life.state(at)
    random.shuffle(histories)
    found = translate_issue(life.now(), histories, MAPPING, SITE)
    assert found.notes == ()
    assert [_at(found.item.states, moment) for moment in expected] == list(expected.values())


def _at(states: tuple[ItemState, ...], moment: datetime) -> ItemState:
    return [state for state in states if state.at <= moment][-1]._replace(at=moment)

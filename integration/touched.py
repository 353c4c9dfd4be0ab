"""What rests on more than one sprint, decided anew as far as a change touches it, and equal to deciding everything.

It follows a change from the items that were saved: to those below them, to the epics and unseen parents above them
(now, and when their links were last decided), to the sprints whose figures they move, and to the boards, teams and
cycles of these. What is not touched is taken as it is kept (see `kept_work`). Where a change reaches everybody (a
median of the whole backlog moves, or hardly anything is tagged), it says so and everything is decided.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session

from integration.answer_documents import (
    NO_MEASURE,
    OF_BOARDS,
    Versions,
    done_answers,
    epic_answers,
    link_answers,
    rollup_answers,
    rollup_name,
)
from integration.kept_work import KeptWork
from integration.line_documents import fact_from, number_from
from integration.store import due, kept
from integration.store.backlog import backlog_of
from integration.store.due import Due
from integration.store.findings import lasting
from integration.store.kept import Decided
from integration.store.kin import Kin
from integration.store.reads import EPICS, OUTSIDE
from integration.work_documents import (
    BOARD_WORK,
    SPRINT_WORK,
    about,
    board_name,
    board_work,
    census_answer,
    sprint_work,
)
from mappings.calendar import period_of
from mappings.census import Census
from mappings.epics import is_untagged
from mappings.findings import OF_ONE_BACKLOG, find_all, is_within, orphan_epic
from mappings.model import Exact, Finding, Measure, SprintState
from mappings.progress import LinkedEpic, linked_epics
from mappings.reach import Reach
from mappings.reckoning import Reckoning
from mappings.rollups import BOARD
from mappings.survey import Survey
from mappings.work_below import WorkBelow

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """Answers and findings as decided now, and about what: a kept one of these that is not among them is over."""

    answers: tuple[Decided, ...]
    over: Mapping[str, frozenset[str]] | None  # by kind: the subjects without an answer now; None: all others
    findings: tuple[Finding, ...]
    is_within: Callable[[str, str], bool]  # whether a finding of this kind and subject was looked for
    onward: tuple[tuple[str, str], ...] = ()  # what is due now of all connections together


def decide_touched(session: Session, connection: str, work: Due, versions: Versions, now: datetime) -> Standing | None:
    """None: it touches everything, or what is kept does not suffice to tell."""
    change = _Change(session, connection, work, versions, now)
    return change.decided() if change.can_be_followed() else None


class _Change:
    """Follows one change. Each step rests on those before it and is taken once."""

    def __init__(self, session: Session, connection: str, work: Due, versions: Versions, now: datetime) -> None:
        self.session = session
        self.connection = connection
        self.work = work
        self.versions = versions
        self.now = now
        self.kin = Kin(session, connection)
        self.frame = Reckoning(backlog_of(self.kin, (), now))  # boards, sprints and plans without items
        self.timeline = self.frame.timeline
        self.register = self.frame.register
        self.kept = KeptWork(session, connection, self.register.plan, now)
        self.before = dict(self.kept.sprints)  # what of each sprint was known

    def can_be_followed(self) -> bool:
        sprints = self.timeline.sprints.keys() - self.work.work
        if not self.kept.is_whole(sprints, [*self.timeline.boards, None]) or self.kept.census() is None:
            return False
        return not (self._is_later() or self._moves_teams() or self._reaches_everybody())

    def decided(self) -> Standing:
        touched = self._around
        boards = Reach(boards=self.boards)
        board_answers = tuple(board_work(touched, boards, self.versions))
        rollup_reach = self._rollup_reach(board_answers)
        self.kept.put(board_answers)
        survey = Survey(touched, self._reach, self.census)
        answers = [
            *done_answers(touched, self.versions, boards),
            *self._links,
            *self._rollups(rollup_reach),
            *self._epics_of_key_results(),
            *self._sprint_answers,
            *board_answers,
            census_answer(self.census, self.versions, touched),
        ]
        findings = (*find_all(survey, OF_ONE_BACKLOG), *self._aged())
        over = self._over(answers, rollup_reach)
        onward = tuple(self._onward(rollup_reach))
        return Standing(tuple(answers), over, findings, lambda kind, subject: is_within(survey, kind, subject), onward)

    # --- sprints

    def _is_later(self) -> bool:
        """Whether time alone has moved a sprint that nobody touched on to its next state."""
        others = (self.before.keys() | self.timeline.sprints.keys()) - self.work.work
        return any(self._told_before(name) != self._told_now(name) for name in others)

    @cached_property
    def _retold(self) -> frozenset[str]:
        """The sprints that are told otherwise than when their work was last decided, new and gone ones too."""
        return frozenset(name for name in self.work.work if self._told_before(name) != self._told_now(name))

    def _told_before(self, sprint: str) -> Document | None:
        told = self.before.get(sprint)
        return None if told is None else {**told["about"], "day": None}

    def _told_now(self, sprint: str) -> Document | None:
        found = self.timeline.sprints.get(sprint)
        return None if found is None else {**about(self.frame, found), "day": None}

    def _moves_teams(self) -> bool:
        """Whether a board's sprints name several teams now and did not, or the other way round."""
        told = (each for name in self._retold for each in (self._told_before(name), self._told_now(name)) if each)
        for board in {each["board"] for each in told}:
            before = {told["about"]["team"] for told in self.before.values() if told["about"]["board"] == board}
            if (len(before) > 1) != self.timeline.names_several_teams(board):
                return True
        return False

    # --- items

    @cached_property
    def _ids(self) -> frozenset[int]:
        """The items that were saved or are in a sprint that is told otherwise, all below them, and the stories of
        sub-tasks."""
        found = self.kin.below(self.kin.named(self.work.items) | self.kin.naming(self._retold))
        levels = self.kin.keys_and_levels(found)
        stories = self.kin.keys_and_levels(self.kin.above({row for row, (_, level) in levels.items() if level < 0}))
        return frozenset(found | {row for row, (_, level) in stories.items() if level <= 0})

    @cached_property
    def keys(self) -> frozenset[str]:
        """Their keys, now and before."""
        return self.work.items | {key for key, _ in self.kin.keys_and_levels(self._ids).values()}

    @cached_property
    def _sums(self) -> Reckoning:
        """The touched items, and the sprints whose work they move."""
        ids = self.kin.naming(self.work.work) | self._ids
        return Reckoning(backlog_of(self.kin, ids, self.now), known=self.kept.known(sprints_anew=self.work.work))

    @cached_property
    def _last(self) -> Mapping[str, Document]:
        """What was said beside their links when these were last decided, by key."""
        found = kept.summaries(self.session, self.connection, "links", self.keys)
        return {key: told for (key, _), told in found.items()}

    # --- the whole backlog

    @cached_property
    def census(self) -> Census:
        known = self.kept.census()
        assert known is not None
        facts = WorkBelow(self._sums).facts
        gone = [fact_from(told["fact"]) for told in self._last.values() if told["fact"] is not None]
        return known.changed(gone, [facts[key] for key in self.keys if key in facts])

    def _reaches_everybody(self) -> bool:
        known = self.kept.census()
        assert known is not None
        limit = Survey(self.frame).threshold("untagged_backlog", None)
        if is_untagged(known, limit) or is_untagged(self.census, limit):
            return True
        before, after = known.imputed(self.register), self.census.imputed(self.register)
        return any(after.get(name, value) != value for name, value in before.items())

    # --- the work of sprints

    @cached_property
    def _sprint_answers(self) -> tuple[Decided, ...]:
        return tuple(sprint_work(self._sums, Reach(sprints=self.work.work), self.versions))

    @cached_property
    def _changed_sprints(self) -> tuple[Document, ...]:
        """What was kept of the sprints' work, and what is now, where these differ."""
        before = kept.documents(self.session, self.connection, SPRINT_WORK, self.work.work)
        after = {(answer.subject, answer.measure): answer.document for answer in self._sprint_answers}
        return tuple(_different(before, after))

    @cached_property
    def _moved(self) -> frozenset[str]:
        """The items whose share of the work of some board's active sprints has moved."""
        found: set[str] = set()
        for board in {told["about"]["board"] for told in self._changed_sprints}:
            before, after = self._active_work(board, anew=False), self._active_work(board, anew=True)
            if sum(before.values()) != sum(after.values()):
                found |= {item for _, item in (*before, *after)}
            else:
                found |= {name[1] for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        return frozenset(found)

    def _active_work(self, board: str, anew: bool) -> dict[tuple[str, str], Exact]:
        """By sprint and item: the work in the board's active sprints, as it was kept or as it is."""
        kept_now = {name for name in self.before if not (anew and name in self.work.work)}
        measure = self._kept_measure.value
        before = kept.documents(
            self.session,
            self.connection,
            SPRINT_WORK,
            [name for name in kept_now if _is_active_on(self.before[name]["about"], board)],
        )
        told: list[tuple[str, Document]] = [
            (name, document) for (name, each), document in before.items() if each == measure
        ]
        if anew:
            fresh = (answer for answer in self._sprint_answers if answer.measure == measure)
            fresh = (answer for answer in fresh if _is_active_on(answer.document["about"], board))
            told += [(answer.subject, answer.document) for answer in fresh]
        return {(name, line[0]): self._value(line) for name, document in told for line in document["final"] or ()}

    @cached_property
    def _kept_measure(self) -> Measure:
        """The one in which the findings' work is kept."""
        return Measure.POINTS if self.frame.measure is Measure.COUNT else self.frame.measure

    def _value(self, line: list[Any]) -> Exact:
        return 1 if self.frame.measure is Measure.COUNT else number_from(line[1])

    # --- epics

    @cached_property
    def _epics(self) -> tuple[frozenset[str], frozenset[int]]:
        """The epics and unseen parents above what is touched, now and before, by key; and all items below them."""
        rows = self.kin.above(self._ids | self.kin.named(self._moved))
        names = {name for told in self._last.values() for name in told["above"]}
        rows |= self.kin.named(names)
        levels = self.kin.keys_and_levels(rows)
        epics = {row: key for row, (key, level) in levels.items() if level == 1}
        others = (self.kin.unseen_above(rows) | names | self.keys) - {key for key, _ in levels.values()}
        return frozenset({*epics.values(), *others}), frozenset(self.kin.below(epics.keys(), others))

    # --- boards

    @cached_property
    def boards(self) -> frozenset[str | None]:
        """The boards whose sprints are due, or on which a touched item was ever done, now and before."""
        found = self._boards_of_sprints
        for key in self.keys:
            if key in self._last:
                found |= set(self._last[key]["boards"])
            if key in self._sums.timeline.items:
                found |= self._sums.done.boards_of(self._sums.timeline.items[key])
        return frozenset(found | self._boards_with(self.keys - self._last.keys()))

    @property
    def _boards_of_sprints(self) -> set[str | None]:
        sprints = self.work.work | self.work.links
        now = {self.timeline.sprints[name].board for name in sprints if name in self.timeline.sprints}
        return {*now, *(self.before[name]["about"]["board"] for name in sprints if name in self.before)}

    def _boards_with(self, keys: frozenset[str]) -> set[str | None]:
        """The boards whose kept work names an item of which no links are kept: it was deleted, or is new."""
        if not keys:
            return set()
        found = kept.documents(self.session, self.connection, BOARD_WORK)
        names = {name for (name, _), told in found.items() if not keys.isdisjoint(told["items"])}
        return {board for board in (*self.timeline.boards, None) if board_name(board) in names}

    @cached_property
    def _old_boards(self) -> Mapping[tuple[str, str], Document]:
        names = [board_name(board) for board in self.boards]
        return kept.documents(self.session, self.connection, BOARD_WORK, names)

    # --- all that is decided anew

    @cached_property
    def _reach(self) -> Reach:
        on_boards = {sprint.id for sprint in self.timeline.backlog.sprints if sprint.board in self.boards}
        return Reach(
            items=self.keys,
            epics=self._epics[0],
            sprints=self.work.work | self.work.links | on_boards,
            boards=self.boards,
            teams=frozenset(),
        )

    def _families(self, teams: Iterable[str]) -> frozenset[str]:
        """These teams and all above them."""
        return frozenset(name for team in teams for name in self.register.teams_above(team))

    @cached_property
    def _around(self) -> Reckoning:
        """All items that the answers rest on that are decided anew, and the work of all sprints."""
        last_closed = Survey(self.frame, Reach(boards=self.boards)).last_closed_sprints
        done = {key for told in self._old_boards.values() for key in told["items"]}
        ids = self._ids | self._epics[1] | self.kin.named(done)
        ids |= self.kin.naming({sprint.id for sprint in last_closed})
        self.kept.put(self._sprint_answers)
        return Reckoning(backlog_of(self.kin, ids, self.now), known=self.kept.known(boards_anew=self.boards))

    @cached_property
    def _links(self) -> tuple[Decided, ...]:
        facts = WorkBelow(self._sums).facts
        return tuple(link_answers(self._sums, facts, self.versions, Reach(items=self.keys)))

    def _aged(self) -> Iterator[Finding]:
        """Orphans that nothing touched: time alone makes them older."""
        known = lasting(self.session, self.connection, orphan_epic.KIND)
        others = {each.subject: each for each in known if each.subject not in self._epics[0]}
        for key, created in self.kin.births(others.keys()).items():
            found = orphan_epic.aged(others[key], created, self.now)
            if found != others[key]:
                yield found

    # --- roll-ups

    def _rollup_reach(self, board_answers: Iterable[Decided]) -> Reach:
        """The cycles, and within them the boards and teams, whose work is another."""
        after = {(answer.subject, answer.measure): answer.document for answer in board_answers}
        names = {board_name(board): board for board in self.boards}
        cycles: set[str] = set()
        boards: set[str | None] = {told["about"]["board"] for told in self._changed_sprints}
        teams = {team for told in self._changed_sprints for team in _teams(told)}
        named = (self.timeline.boards[board].team for board in boards if board in self.timeline.boards)
        teams |= {team for team in named if team is not None}
        for told in self._changed_sprints:
            cycles |= self._cycles_of(date.fromisoformat(told["about"]["day"]))
        for name, document in after.items():
            before = self._old_boards[name]
            board = names[name[0]]
            if before != document:
                boards.add(board)
                cycles |= self._cycles_of_board(board, before, document)
                teams |= {line[3] for told in (before, document) for line in _lines(told) if line[3] is not None}
        return Reach(cycles=frozenset(cycles), boards=frozenset(boards), teams=self._families(teams))

    def _cycles_of(self, day: date) -> set[str]:
        return {cycle.id for cycle in self.register.plan.cycles if cycle.start <= day <= cycle.end}

    def _cycles_of_board(self, board: str | None, before: Document, after: Document) -> set[str]:
        outside = before["outside"].keys() | after["outside"].keys()
        found = {name for name in outside if before["outside"].get(name) != after["outside"].get(name)}
        kind = None if board is None else self.timeline.boards[board].periods
        firsts = before["periods"].keys() | after["periods"].keys()
        for first in (name for name in firsts if before["periods"].get(name) != after["periods"].get(name)):
            assert kind is not None
            found |= self._cycles_of(period_of(kind, date.fromisoformat(first))[1])
        return found

    def _rollups(self, reach: Reach) -> tuple[Decided, ...]:
        if not reach.cycles:
            return ()
        days = {name: date.fromisoformat(told["about"]["day"]) for name, told in self.kept.sprints.items()}
        within = {name for name, day in days.items() if self._cycles_of(day) & reach.cycles}
        here = {name for name in within if self.kept.sprints[name]["about"]["board"] in (reach.boards or ())}
        self.kept.read_all(SPRINT_WORK, here)
        self.kept.read_all(BOARD_WORK, [board_name(board) for board in reach.boards or ()])
        known = Reckoning(self.timeline.backlog, known=self.kept.known())
        return tuple(rollup_answers(known, self.versions, OF_BOARDS, reach))

    def _onward(self, reach: Reach) -> Iterator[tuple[str, str]]:
        """The roll-ups and findings that rest on the work of all connections together."""
        yield from ((due.CYCLE, cycle) for cycle in sorted(reach.cycles or ()))
        yield from ((due.TEAM, team) for team in sorted(reach.teams or ()))

    # --- key results

    def _epics_of_key_results(self) -> Iterator[Decided]:
        """Of the key results that a touched epic serves now or did before: its line is another, all others are kept."""
        now = linked_epics(self._sums, self.keys)
        found = kept.documents(self.session, self.connection, EPICS, {*now, *self._served_before})
        linked: dict[str, list[LinkedEpic]] = {}
        for code in {*now, *self._served_before}:
            known = found.get((code, NO_MEASURE), {"epics": {}})["epics"]
            others = (_epic_from(key, told) for key, told in known.items() if key not in self.keys)
            linked[code] = sorted((*others, *now.get(code, ())), key=lambda each: each.epic)
        told = {code: epics for code, epics in linked.items() if epics}
        return epic_answers(told, self.versions.at(self.now))

    @cached_property
    def _served_before(self) -> frozenset[str]:
        found = kept.documents(self.session, self.connection, "links", self.keys).values()
        codes = (link["key_result"] for told in found for link in told["links"])
        return frozenset(code for code in codes if code is not None)

    # --- what is over

    def _over(self, answers: Iterable[Decided], reach: Reach) -> dict[str, frozenset[str]]:
        asked = {
            "links": self.keys,
            "period": self._periods_kept(),
            OUTSIDE: self._reach.sprints or frozenset(),
            SPRINT_WORK: self.work.work,
            EPICS: self._served_before,
            "rollup": frozenset(_rollup_names(reach)),
        }
        told: dict[str, set[str]] = {kind: set() for kind in asked}
        for answer in answers:
            told.setdefault(answer.kind, set()).add(answer.subject)
        return {kind: subjects - told[kind] for kind, subjects in asked.items()}

    def _periods_kept(self) -> frozenset[str]:
        named = (subject for subject, _ in kept.names(self.session, self.connection, "period"))
        return frozenset(subject for subject in named if subject.rpartition("/")[0] in self.boards)


def _different(before: Mapping[Any, Document], after: Mapping[Any, Document]) -> Iterator[Document]:
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            yield from (told[name] for told in (before, after) if name in told)


def _is_active_on(told: Document, board: str) -> bool:
    return bool(told["board"] == board and told["state"] == SprintState.ACTIVE.value)


def _lines(told: Document) -> Iterator[list[Any]]:
    """All lines of a board's kept work."""
    for lines in (*told["outside"].values(), *told["periods"].values()):
        yield from lines


def _teams(told: Document) -> set[str]:
    """The teams that have a part in a sprint's kept work, or the sprint itself."""
    named = {line[3] for line in told["final"] or ()} | {told["about"]["team"]}
    return {team for team in named if team is not None}


def _epic_from(key: str, told: list[Any]) -> LinkedEpic:
    weight, impact = told
    return LinkedEpic(key, number_from(weight), None if impact is None else number_from(impact))


def _rollup_names(reach: Reach) -> Iterator[str]:
    for cycle in reach.cycles or ():
        yield from (rollup_name(BOARD, board, cycle) for board in reach.boards or () if board is not None)

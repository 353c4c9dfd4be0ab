"""Puts the sample's tables on days around today, as a backlog file: one sprint of each board runs now."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.imports import sample_tables as tables
from integration.imports.sample_tables import Work

DAY = timedelta(days=1)
LENGTH = 14 * DAY
CYCLE = 91 * DAY
CYCLE_BEFORE = 8 * 7 * DAY  # what of the present cycle was over when the running sprint began
Entry = dict[str, Any]


def backlog_file_of(now: datetime) -> bytes:
    """The whole file, as it is told at `now`."""
    return json.dumps(_Telling(now).document()).encode()


def first_day(now: datetime) -> datetime:
    """The Monday on which the running sprint began: some days ago, so that there is something done, and left."""
    monday = (now - now.weekday() * DAY).astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    return monday if now - monday >= 3 * DAY else monday - 7 * DAY


class _Telling:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.start = first_day(now)
        self.items: list[dict[str, Any]] = []

    def document(self) -> dict[str, Any]:
        self._epics()
        for board, past, present in (
            ("checkout", tables.CHECKOUT_PAST, tables.CHECKOUT_NOW),
            ("merchants", tables.MERCHANTS_PAST, tables.MERCHANTS_NOW),
        ):
            for number, parts in enumerate(past):
                self._past_sprint(board, number, parts)
            self._sprint_of(board, tables.SPRINTS, present)
        for board, title, epic, points in tables.NEXT:
            self._item(title, epic, [self._entry(-3, points=points, sprints=[_sprint(board, tables.SPRINTS + 1)])])
        self._support()
        return {
            "format": "tieline-backlog/1",
            "now": _text(self.now),
            "settings": {"measure": "points", "unestimated": "median"},
            "rules": [
                {
                    "when": {"label": "support"},
                    "then": "exempt",
                    "reason": "Support is counted, and serves no key result",
                }
            ],
            "teams": list(tables.TEAMS),
            "cycles": self._cycles(),
            "objectives": [
                {"id": id_, "title": title, "team": team, "cycle": cycle, "horizon": horizon}
                for id_, title, team, cycle, horizon in tables.OBJECTIVES
            ],
            "key_results": list(self._key_results()),
            "boards": list(tables.BOARDS),
            "sprints": list(self._sprints()),
            "items": self.items,
        }

    def _cycles(self) -> list[dict[str, str]]:
        begin = (self.start - CYCLE_BEFORE).date()
        last = {"id": tables.LAST_CYCLE, "start": str(begin - CYCLE), "end": str(begin - DAY)}
        return [last, {"id": tables.NOW_CYCLE, "start": str(begin), "end": str(begin + CYCLE - DAY)}]

    def _key_results(self) -> Iterator[dict[str, Any]]:
        for code, objective, title, more, values in tables.KEY_RESULTS:
            told = [{"at": _text(self._at(day)), "value": float(value)} for day, value in values]
            yield {"code": code, "objective": objective, "title": title, **more, "values": told}

    # --- sprints

    def _sprints(self) -> Iterator[dict[str, Any]]:
        goals = {"checkout": tables.CHECKOUT_GOALS, "merchants": tables.MERCHANTS_GOALS}
        for board, texts in goals.items():
            for number in range(tables.SPRINTS + 2):
                yield self._told_sprint(board, number, texts[number] if number < len(texts) else "")

    def _told_sprint(self, board: str, number: int, goal: str) -> dict[str, Any]:
        start = self._start_of(number)
        state = "closed" if number < tables.SPRINTS else ("active" if number == tables.SPRINTS else "future")
        completed = {"completed": _text(_end(start))} if state == "closed" else {}
        return {
            "id": _sprint(board, number),
            "board": board,
            "name": f"{board.capitalize()} {tables.FIRST_NUMBER + number} (sample)",
            "state": state,
            "goal": goal,
            "start": _text(start),
            "end": _text(_end(start)),
            **completed,
        }

    def _start_of(self, number: int) -> datetime:
        return self.start + (number - tables.SPRINTS) * LENGTH

    def _past_sprint(self, board: str, number: int, parts: Sequence[tuple[str | None, int]]) -> None:
        works = []
        for place, (epic, points) in enumerate(parts):
            of = tables.EPICS[epic][0] if epic is not None else "Small things"
            is_last = number == tables.SPRINTS - 1
            left_over = place == len(parts) - 1 and number % 3 == 1
            done = 0 if left_over else 3 + 2 * place
            tags = "SAMPLE-2" if epic == "SMP-6" else ""
            late = is_last and board == "merchants" and epic is None
            tags = "SAMPLE-4" if late else tags
            title = f"{of}, {tables.TITLES[place]} of sprint {tables.FIRST_NUMBER + number}"
            works.append(Work(title, epic, points, done, tags=tags, late_tags=late))
        self._sprint_of(board, number, works)

    def _sprint_of(self, board: str, number: int, works: Sequence[Work]) -> None:
        for work in works:
            self._item(work.title, work.epic, self._history(board, number, work))

    def _history(self, board: str, number: int, work: Work) -> list[Entry]:
        """Planned a day before the sprint, or put in later; what was not done goes on to the next sprint."""
        start = self._start_of(number)
        sprint, day = _sprint(board, number), (start - self.start) // DAY
        tags = [] if work.late_tags or not work.tags else [work.tags]
        first = self._entry(day - 6, points=work.points, tags=tags, labels=[work.labels] if work.labels else [])
        found = [first, self._entry(day + work.added if work.added else day - 1, sprints=[sprint])]
        if work.removed:
            found.append(self._entry(day + work.removed, sprints=[]))
        if work.regrown:
            found.append(self._entry(day + 2, points=work.regrown))
        if work.done:
            found += [self._entry(day + work.done - 1, status="doing"), self._entry(day + work.done, status="done")]
        elif number < tables.SPRINTS:
            over = _text(_end(start))
            found.append({"at": over, "sprints": [_sprint(board, number + 1)]})
            found += [self._entry(day + 16, status="doing"), self._entry(day + 17, status="done")]
        if work.late_tags:
            found.append({"at": _text(_end(start) + DAY), "tags": [work.tags]})
        return found

    # --- items

    def _epics(self) -> None:
        for number, (key, (title, tags, impact)) in enumerate(tables.EPICS.items()):
            entry = self._entry(-120 + number, tags=list(tags), impact=impact)
            self._keep(key, title, "epic", 1, [entry])

    def _support(self) -> None:
        """A board without sprints: some items done in each week."""
        for week in range(-10, 1):
            for place, (title, labels) in enumerate(
                (("Answer a shop", ["support"]), ("Mend an invoice", ["support"]), ("Explain a refund", []))
            ):
                done = week * 7 + place + 1
                tags = ["SAMPLE-5"] if place == 2 and week % 2 else []
                history = [
                    self._entry(done - 3, board="support", points=1 + place, labels=labels, tags=tags),
                    self._entry(done, status="done"),
                ]
                self._item(f"{title} ({week + 11})", None, history)

    def _item(self, title: str, epic: str | None, history: list[Entry]) -> None:
        history[0]["parent"] = epic
        self._keep(f"SMP-{100 + len(self.items)}", title, "story", 0, history)

    def _keep(self, key: str, title: str, type_: str, level: int, history: list[Entry]) -> None:
        if history[0]["at"] > _text(self.now):
            return
        told = [entry for entry in history if entry["at"] <= _text(self.now)]
        item = {"key": key, "type": type_, "level": level, "project": "SMP", "title": title}
        self.items.append({**item, "created": history[0]["at"], "history": told})

    def _entry(self, day: int, **values: Any) -> Entry:
        return {"at": _text(self._at(day)), **values}

    def _at(self, day: int) -> datetime:
        """Days from the start of the running sprint, an hour after it."""
        return self.start + day * DAY + timedelta(hours=1)


def _sprint(board: str, number: int) -> str:
    return f"sample-{board}-{tables.FIRST_NUMBER + number}"


def _end(start: datetime) -> datetime:
    return start + 11 * DAY + timedelta(hours=8)  # the second Friday


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

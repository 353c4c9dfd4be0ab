"""Reads objectives and key results out of the CSV of an OKR board, as whiteboards such as Miro export it.

Such an export is the texts of a board, a cell each: which note lay beside which, in what colour, joined by which line,
is not in it. So what is written decides: “Objective 1: …”, “O1 …”, “KR 1.2: …”; then the place in the file. How each
key result came to its objective is told, and so is every text that says neither.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from integration.files.faults import Refused, shown
from integration.files.jira_cells import decoded
from integration.okr_sources.periods import cycle_named
from mappings.model import Cycle

LARGEST = 5 * 1024 * 1024
MOST_TEXTS = 20_000
LONGEST_TITLE = 500
SEPARATORS = (",", ";", "\t")
_NUMBER = r"(?P<number>\d{1,3})"
_MARK = r"\s*[:.)\-–—]\s*"
_OBJECTIVE_WORDS = r"(?:objective|objetivo|objectif|ziel|obj)"
_RESULT_WORDS = r"(?:key[\s-]*results?|schlüsselergebnis|resultado[\s-]+clave|résultat[\s-]+clé|kr)"
_OBJECTIVES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"{_OBJECTIVE_WORDS}\s*#?\s*{_NUMBER}(?:{_MARK}|\s+|$)(?P<title>.*)",
        rf"(?P<number>){_OBJECTIVE_WORDS}(?:{_MARK}|$)(?P<title>.*)",
        rf"o\s?{_NUMBER}(?:{_MARK}|\s+|$)(?P<title>.*)",
        r"(?P<number>)o\s*:\s*(?P<title>.*)",
    )
)
_RESULT = re.compile(
    rf"(?:o\s?(?P<of>\d{{1,3}})[\s.,:/–-]*)?{_RESULT_WORDS}\s*#?\s*"
    rf"(?:(?P<above>\d{{1,3}})[.\-/])?(?P<own>\d{{1,3}})?(?:{_MARK}|\s+|$)(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TEAM = re.compile(r"(?:team|squad|tribe|equipo|équipe)\s*:\s*(?P<name>.+)", re.IGNORECASE)
_CYCLE = re.compile(r"(?:(?:cycle|quarter|period|zeitraum|quartal|trimestre)\s*:\s*)?(?P<name>.{4,20})", re.IGNORECASE)
_HEADINGS = frozenset({"objectives", "key results", "krs", "okr", "okrs", "ziele", "schlüsselergebnisse"})
_COLUMNS = {
    "objective": "objective",
    "objectives": "objective",
    "key result": "key_result",
    "key results": "key_result",
    "kr": "key_result",
    "krs": "key_result",
    "team": "team",
    "cycle": "cycle",
    "quarter": "cycle",
}


class Text(NamedTuple):
    """One line of a cell; `line` is that of the file."""

    line: int
    column: int
    text: str


@dataclass(slots=True)
class BoardObjective:
    number: int
    title: str
    text: Text
    team: str | None
    cycle: Cycle | None

    @property
    def id(self) -> str:
        return f"O{self.number}"


@dataclass(slots=True)
class BoardKeyResult:
    """`why`: how it came to its objective."""

    code: str
    title: str
    objective: str
    text: Text
    why: str


@dataclass(slots=True)
class Board:
    """What was understood; `unread` are the lines that were not, each with the reason."""

    objectives: list[BoardObjective] = field(default_factory=list)
    key_results: list[BoardKeyResult] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_board(data: bytes) -> Board:
    """Raise `Refused` where it is no CSV, or says nothing of OKRs."""
    if len(data) > LARGEST:
        raise Refused(
            (f"the file has more than {LARGEST >> 20} MiB; export the part of the board that holds the OKRs",)
        )
    text = decoded(data, "the file")
    if not text.strip():
        raise Refused(("the file is empty",))
    rows = list(_rows(text))
    reading = _Reading()
    header = _header(rows)
    for texts in rows[1:] if header else rows:
        reading.take_row(_labelled(texts, header) if header else texts)
    board = reading.ended()
    if not board.objectives:
        sentence = (
            "no text says that it is an objective; write “Objective 1: …” or “O1: …” into its note, and “KR 1.1: …” "
            "into those of its key results"
        )
        raise Refused((sentence, *board.unread[:20]))
    return board


# --- rows and texts ---------------------------------------------------------------------------


def _rows(text: str) -> Iterator[list[Text]]:
    """The texts of each row in order; a note of several lines gives one for each."""
    csv.field_size_limit(LARGEST)
    if text[:4].casefold() == "sep=":
        text = "\n" + text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    number, before = 0, 0
    try:
        for cells in reader:
            found = [one for column, cell in enumerate(_rejoined(cells)) for one in _texts(cell, before + 1, column)]
            before = reader.line_num
            number += len(found)
            if number > MOST_TEXTS:
                raise Refused((f"the file holds more than {MOST_TEXTS} texts; export the part that holds the OKRs",))
            if found:
                yield found
    except csv.Error as error:
        raise Refused((f"line {reader.line_num}: this is no CSV ({error})",)) from None


def _separator(text: str) -> str:
    """The one that is there most often outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", text[:200_000])
    return max(SEPARATORS, key=bare.count)


def _rejoined(cells: list[str]) -> list[str]:
    """A text with a comma in it that nobody quoted: what stands behind the comma begins with a blank."""
    found: list[str] = []
    for cell in cells:
        if found and found[-1].strip() and cell[:1] == " " and cell.strip():
            found[-1] += f",{cell}"
        else:
            found.append(cell)
    return found


def _texts(cell: str, line: int, column: int) -> Iterator[Text]:
    for offset, part in enumerate(cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        clean = plain_line(part).lstrip("•*·-–— ").strip()
        if clean:
            yield Text(line + offset, column, clean)


def plain_line(text: str) -> str:
    """Without what no title holds: control signs, signs that turn the order of reading, runs of blanks."""
    normal = unicodedata.normalize("NFC", text.replace("\t", " "))
    kept = "".join(
        sign for sign in normal if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    return " ".join(kept.split())


def _header(rows: list[list[Text]]) -> dict[int, str]:
    """A table names its columns: at least objective and key result."""
    named = {one.column: _COLUMNS.get(one.text.casefold(), "") for one in rows[0]} if rows else {}
    return named if {"objective", "key_result"} <= set(named.values()) else {}


def _labelled(texts: list[Text], header: dict[int, str]) -> list[Text]:
    """What a column says of its cells, written into them; columns that are no part of it are left out."""
    words = {"objective": "Objective: ", "key_result": "KR: ", "team": "Team: ", "cycle": "Cycle: "}
    order = {"team": 0, "cycle": 0, "objective": 1, "key_result": 2}
    known = [one for one in texts if header.get(one.column)]
    known.sort(key=lambda one: (order[header[one.column]], one.line))
    return [
        one if _is_said(header[one.column], one.text) else one._replace(text=words[header[one.column]] + one.text)
        for one in known
    ]


def _is_said(what: str, text: str) -> bool:
    if what == "objective":
        return any(pattern.fullmatch(text) for pattern in _OBJECTIVES)
    return what == "key_result" and _RESULT.fullmatch(text) is not None


# --- what they say ----------------------------------------------------------------------------


class _Reading:
    def __init__(self) -> None:
        self.board = Board()
        self.in_column: dict[int, BoardObjective] = {}
        self.columns: set[int] = set()
        self.team: str | None = None
        self.cycle: Cycle | None = None
        self.untitled: BoardObjective | BoardKeyResult | None = None

    def take_row(self, texts: Iterable[Text]) -> None:
        in_row: BoardObjective | None = None
        for one in texts:
            self.columns.add(one.column)
            found = self._take(one, in_row)
            in_row = found or in_row

    def ended(self) -> Board:
        board = self.board
        nameless = [one.text for one in board.objectives if not one.title]
        nameless += [one.text for one in board.key_results if not one.title]
        board.unread += [f"{_place(text)} has no words" for text in nameless]
        gone = {one.id for one in board.objectives if not one.title}
        orphans = [one for one in board.key_results if one.title and one.objective in gone]
        board.unread += [f"{_place(one.text)} belongs to an objective without words" for one in orphans]
        board.objectives = [one for one in board.objectives if one.title]
        board.key_results = [one for one in board.key_results if one.title and one.objective not in gone]
        board.unread.sort(key=lambda line: int(line.partition(":")[0].rpartition(" ")[2]))
        return board

    def _take(self, one: Text, in_row: BoardObjective | None) -> BoardObjective | None:
        """Say which objective was begun."""
        if one.text.casefold().rstrip(":") in _HEADINGS:
            return None
        result = _RESULT.fullmatch(one.text)
        if result is not None:
            self._key_result(one, result, in_row)
            return None
        objective = next((found for pattern in _OBJECTIVES if (found := pattern.fullmatch(one.text))), None)
        if objective is not None:
            return self._objective(one, objective)
        self._other(one)
        return None

    def _objective(self, one: Text, found: re.Match[str]) -> BoardObjective | None:
        title = found["title"].strip()
        same = next((known for known in self.board.objectives if title and known.title == title), None)
        if same is not None:
            self.in_column[one.column] = same  # a table repeats it in each row
            return same
        taken = {known.number for known in self.board.objectives}
        number = int(found["number"] or 0) or _free(taken)
        if number in taken:
            known = next(known for known in self.board.objectives if known.number == number)
            number = _free(taken)
            note = f"{_place(one)} has the number of “{known.title or known.id}”, and is called O{number} here"
            self.board.unread.append(note)
        if len(title) > LONGEST_TITLE:
            self.board.unread.append(
                f"{_place(one)} is longer than a title; its first {LONGEST_TITLE} signs were taken"
            )
        made = BoardObjective(number, title[:LONGEST_TITLE], one, self.team, self.cycle)
        self.board.objectives.append(made)
        self.in_column[one.column] = made
        self.untitled = None if title else made
        return made

    def _key_result(self, one: Text, found: re.Match[str], in_row: BoardObjective | None) -> None:
        above = found["of"] or found["above"]
        objective, why = self._above(one, int(above) if above else None, in_row)
        if objective is None:
            self.board.unread.append(f"{_place(one)} has no objective before it")
            return
        title = found["title"].strip()
        taken = {known.code for known in self.board.key_results}
        code = self._code(objective, int(found["own"] or 0), taken)
        same = next((known for known in self.board.key_results if known.code == code), None)
        if same is not None and same.title == title:
            return
        if same is not None:
            code = self._code(objective, 0, taken)
            self.board.unread.append(f"{_place(one)} has the number of “{same.title}”, and is called {code} here")
        if len(title) > LONGEST_TITLE:
            self.board.unread.append(
                f"{_place(one)} is longer than a title; its first {LONGEST_TITLE} signs were taken"
            )
        made = BoardKeyResult(code, title[:LONGEST_TITLE], objective.id, one, why)
        self.board.key_results.append(made)
        self.untitled = None if title else made

    def _code(self, objective: BoardObjective, own: int, taken: set[str]) -> str:
        if own:
            return f"KR-{objective.number}.{own}"
        free = _free({int(code.rpartition(".")[2]) for code in taken if code.startswith(f"KR-{objective.number}.")})
        return f"KR-{objective.number}.{free}"

    def _above(self, one: Text, number: int | None, in_row: BoardObjective | None) -> tuple[BoardObjective | None, str]:
        known = self.board.objectives
        if number is not None:
            named = next((objective for objective in known if objective.number == number), None)
            if named is not None:
                return named, "by its number"
        if in_row is not None:
            return in_row, "in the row of its objective"
        if one.column in self.in_column:
            return self.in_column[one.column], "below its objective"
        return (known[-1], "after its objective") if known else (None, "")

    def _other(self, one: Text) -> None:
        """A team, a cycle, the words of a note that only said what it is; else nothing that is understood."""
        team, cycle = _TEAM.fullmatch(one.text), _CYCLE.fullmatch(one.text)
        named = cycle_named(cycle["name"].strip(), ()) if cycle else None
        if team is not None:
            self.team = team["name"].strip()
        elif named is not None:
            self.cycle = named
        elif self.untitled is not None:
            self.untitled.title = one.text[:LONGEST_TITLE]
            self.untitled = None
        else:
            self.board.unread.append(f"{_place(one)} says neither objective nor key result")


def _free(taken: set[int]) -> int:
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _place(one: Text) -> str:
    return f"line {one.line}: {shown(one.text[:80])}"


def with_defaults(board: Board, team: str, cycle: Cycle) -> Board:
    """Objectives of which the board says no team or no cycle have these."""
    objectives = [replace(one, team=one.team or team, cycle=one.cycle or cycle) for one in board.objectives]
    return Board(objectives, board.key_results, board.unread)

"""Writes what an OKR board says as a draft of the register: YAML to be looked at, with what is in doubt beside it."""

import json
from collections.abc import Iterator

from integration.files.okr_board import Board, BoardKeyResult, plain_line
from integration.files.scalars import decimal_text
from mappings.model import Cycle
from mappings.wording import read_numbers


def draft(board: Board, source: str) -> str:
    """A whole register; every objective has its team and cycle."""
    return "\n".join(_lines(board, plain_line(source))) + "\n"


def _lines(board: Board, source: str) -> Iterator[str]:
    yield f"# A draft made from {source}. The export of a board tells texts and no structure: look at every line, then"
    yield "# `tieline okrs check` and `tieline okrs apply` this file."
    if board.unread:
        yield "#"
        yield f"# What {source} says besides, or says in doubt:"
        yield from (f"#   {plain_line(line)}" for line in board.unread)
    yield ""
    yield "teams:"
    yield from (
        f"  - {{name: {_text(team)}}}" for team in dict.fromkeys(one.team for one in board.objectives if one.team)
    )
    yield "cycles:"
    yield from (_cycle(cycle) for cycle in dict.fromkeys(one.cycle for one in board.objectives if one.cycle))
    yield "objectives:"
    for one in board.objectives:
        yield f"  - id: {_text(one.id)}  # line {one.text.line}"
        yield f"    title: {_text(one.title)}"
        yield f"    team: {_text(one.team or '')}"
        yield f"    cycle: {_text(one.cycle.id if one.cycle else '')}"
    if board.key_results:
        yield "key_results:"
    for result in board.key_results:
        yield from _key_result(result)


def _cycle(cycle: Cycle) -> str:
    return f"  - {{id: {_text(cycle.id)}, start: {cycle.start}, end: {cycle.end}}}"


def _key_result(one: BoardKeyResult) -> Iterator[str]:
    yield f"  - code: {_text(one.code)}  # line {one.text.line}, {one.why}"
    yield f"    objective: {_text(one.objective)}"
    yield f"    title: {_text(one.title)}"
    spelt = one.code.removeprefix("KR-")
    yield f"    aliases: [{_text(f'KR {spelt}')}, {_text(f'KR{spelt}')}]"
    numbers = read_numbers(one.title)
    if numbers.baseline is not None and numbers.target is not None and numbers.baseline != numbers.target:
        yield f"    baseline: {decimal_text(numbers.baseline)}"
    if numbers.target is not None and numbers.target != numbers.baseline:
        yield f"    target: {decimal_text(numbers.target)}"
        if numbers.unit:
            yield f"    unit: {_text(numbers.unit)}"


def _text(text: str) -> str:
    """Quoted, so that nothing in it is taken for YAML."""
    return json.dumps(plain_line(text), ensure_ascii=False)

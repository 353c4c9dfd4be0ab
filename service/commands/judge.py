"""`tieline judge`: goals or key results in, one JSON object a line; verdicts out, in the same order.

A line that cannot be read is named on stderr and leaves the others alone; the exit code is then 2.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from typing import BinaryIO, TextIO

import click

from mappings.model import Span
from mappings.wording import Numbers, Verdict, judge_goal, judge_key_result

JUDGES: dict[str, Callable[[str, str | None], Verdict]] = {"goals": judge_goal, "key-results": judge_key_result}
UNREADABLE = 2
# Read one by one: `asdict` copies every value deeply, which takes longer than the judgement of a short text.
_FIELDS = tuple(field.name for field in fields(Verdict))
_SPAN_FIELDS = tuple(field.name for field in fields(Span))
_NUMBER_FIELDS = tuple(field.name for field in fields(Numbers))


class BadLine(Exception):
    """Says what is wrong with one line of the input."""


@click.command()
@click.argument("what", type=click.Choice(tuple(JUDGES)))
def judge(what: str) -> None:
    """Judge the wording of goals or key results: outcome or output?

    Reads one {"id", "text"} object a line from stdin ("lang" may be given: en, de, es, fr, pt) and writes one
    {"id", "label", "flagged", "confidence", "lang", "unclear", "reasons", ...} object a line to stdout.
    """
    bad = judge_lines(sys.stdin.buffer, sys.stdout, sys.stderr, JUDGES[what])
    if bad:
        raise SystemExit(UNREADABLE)


def judge_lines(lines: BinaryIO, out: TextIO, err: TextIO, judge_one: Callable[[str, str | None], Verdict]) -> int:
    """Judge all lines that can be read, and return how many could not."""
    bad = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            key, text, lang = read_line(line)
        except BadLine as wrong:
            bad += 1
            print(f"line {number}: {wrong}", file=err)
            continue
        print(json.dumps({"id": key, **as_json(judge_one(text, lang))}), file=out)
    if bad:
        print(f"{bad} line(s) could not be read and were left out; the others were judged.", file=err)
    return bad


def read_line(line: bytes) -> tuple[str | int, str, str | None]:
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("not UTF-8") from None
    except RecursionError:
        raise BadLine("nested too deeply") from None
    except ValueError as wrong:
        raise BadLine(f"not JSON ({wrong})") from None
    if not isinstance(found, dict):
        raise BadLine('not an object: {"id": ..., "text": ...} is expected')
    key, text, lang = found.get("id"), found.get("text"), found.get("lang")
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise BadLine('"id" is missing' if key is None else '"id" must be a text or a whole number')
    if not isinstance(text, str):
        raise BadLine('"text" is missing' if "text" not in found else '"text" must be a text')
    if lang is not None and not isinstance(lang, str):
        raise BadLine('"lang" must be a text such as "en"')
    return key, text, lang


def as_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as plain data; without a label there is no confidence either."""
    plain: dict[str, object] = {name: getattr(verdict, name) for name in _FIELDS}
    plain["reasons"] = [{name: getattr(place, name) for name in _SPAN_FIELDS} for place in verdict.reasons]
    if verdict.label is None:
        plain["confidence"] = None
    if verdict.numbers is not None:
        plain["numbers"] = {name: _plain(getattr(verdict.numbers, name)) for name in _NUMBER_FIELDS}
    return plain


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Fraction) else value

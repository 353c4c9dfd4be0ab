"""Reads a large JSON object piece by piece, so that never more than one item lies in memory as plain data.

Decimals stay exact, keys that are there twice are kept in sight, halves of characters are found."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from integration.files.faults import Refused, Step, shown
from integration.files.scalars import Unusable, exact_decimal

TWICE = "\0twice"  # the key under which an object names a key that it holds twice
_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 14  # that is looked for
_BLANK = re.compile(r"[ \t\n\r]*")
_DECIMAL = re.compile(rb"[0-9]\.[0-9]")
_HALF_ESCAPED = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


class JSONStream:
    """A cursor in JSON text that is decoded as it is needed."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._bytes = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=exact_decimal, parse_constant=Unusable)
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self.may_hold_halves = False  # halves of characters ("\ud800"), which no text may hold

    def next_sign(self) -> str:
        """The next character that is not blank, without taking it; "" at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def take(self, *signs: str) -> str:
        """Take one of the signs, or refuse the file."""
        found = self.next_sign()
        if found not in signs or not found:
            raise self._broken(f"expected {' or '.join(signs)}", self._at)
        self._at += 1
        return found

    def value(self) -> object:
        """Take one whole value as plain data."""
        self.next_sign()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._grow():
                    raise self._broken(error.msg, error.pos) from None
                continue
            except RecursionError:
                raise self._refused("it is nested too deeply", self._at) from None
            except ValueError:
                raise self._refused("a number has too many digits", self._at) from None
            # A number that ends where the text known so far ends may go on.
            if end == len(self._text) and self._grow():
                continue
            self._at = end
            return found

    def elements(self) -> Iterator[object]:
        """Take a list, one element at a time."""
        self.take("[")
        if self.next_sign() == "]":
            self.take("]")
            return
        while True:
            found = self._line_of_object()
            yield self.value() if found is None else found
            if self.take(",", "]") == "]":
                return

    def _line_of_object(self) -> dict[str, object] | None:
        """Take an object that fills a line, by a faster reader; None where there is none, or that reader might lose
        something. It rounds decimals, and of a key that is there twice it keeps one: whether it lost a key or a digit
        is told by writing the object again, for but for blanks the same must come out.
        """
        if self.next_sign() != "{":
            return None
        end = self._text.find("\n", self._at, self._at + _LONGEST_LINE)
        if end > 0 and self._text[end - 1] == ",":
            end -= 1
        if end < 0 or self._text[end - 1] != "}":
            return None
        line = self._text[self._at : end].encode()
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if b"." in line and _DECIMAL.search(line):
            return None
        if orjson.dumps(found).replace(b" ", b"") != line.replace(b" ", b""):
            return None
        self._at = end
        taken: dict[str, object] = found
        return taken

    def _grow(self) -> bool:
        """Decode more; the part already taken is let go."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        self._line += self._text.count("\n", 0, self._at)
        try:
            chunk = self._source.read(max(_CHUNK, len(rest)))
            self._ended = not chunk
            more = self._bytes.decode(chunk, final=self._ended)
        except UnicodeDecodeError:
            line = self._line + rest.count("\n")
            raise Refused((f"not a backlog file: from line {line} on it is not UTF-8 text",)) from None
        if "\\u" in more and _HALF_ESCAPED.search(more):
            self.may_hold_halves = True
        self._text, self._at = rest + more, 0
        return not self._ended

    def _broken(self, why: str, position: int) -> Refused:
        return self._refused(f"{why[:1].lower()}{why[1:]}; is the file cut off?", position)

    def _refused(self, why: str, position: int) -> Refused:
        line = self._line + self._text.count("\n", 0, position)
        return Refused((f"not readable as JSON: line {line}: {why}",))


def half_characters(value: object, *steps: Step) -> Iterator[tuple[Step, ...]]:
    """The places of texts that hold half a character, which nothing can show or store."""
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            yield steps
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from half_characters(element, *steps, index)
    elif isinstance(value, dict):
        for key, element in value.items():
            if any("\ud800" <= letter <= "\udfff" for letter in key):
                yield (*steps, key)
            yield from half_characters(element, *steps, key)


def twice(raw: dict[str, object]) -> str | None:
    """The key that an object holds twice, if any, as a fault shows it."""
    found = raw.get(TWICE)
    return shown(found) if isinstance(found, str) else None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        found[TWICE] = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
    return found

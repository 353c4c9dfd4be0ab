"""Column types that keep a value exact: fractions as text, and small JSON that is read and written once per distinct
value.

They give their processors to SQLAlchemy as they are: the usual methods of a type decorator cost two more calls for each
value of each row.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from mappings.exact import exact_number, exact_text
from mappings.model import Exact, FieldValue
from webhooks.columns import UtcDateTime

__all__ = ["ExactNumber", "ExactNumbers", "Fields", "Texts", "UtcDateTime", "Words", "exact", "exact_text", "storable"]

_Process = Callable[[Any], Any]


@lru_cache(maxsize=4096)
def exact(text: str) -> Exact:
    """The number that `exact_text` wrote; the few that there are stand in many rows."""
    return exact_number(text)


def storable(text: str) -> str:
    """Replace what a database refuses in a text: NUL (PostgreSQL) and halves of surrogate pairs (UTF-8)."""
    if text.isascii():
        return text if "\0" not in text else text.replace("\0", "\ufffd")
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


# --- what is stored ---------------------------------------------------------------------------


def _words_stored(text: str | None) -> str | None:
    if text is None or (text.isascii() and "\0" not in text):  # as nearly always
        return text
    return storable(text)


def _number_stored(value: Exact | None) -> str | None:
    if value is None:
        return None
    return str(value) if type(value) is int else exact_text(value)


@lru_cache(maxsize=65536)
def _texts_stored(texts: tuple[str, ...] | None) -> str | None:
    return None if texts is None else orjson.dumps([storable(text) for text in texts]).decode()


def _fields_stored(fields: dict[str, FieldValue] | None) -> str | None:
    if not fields:
        return None if fields is None else "{}"
    plain = {storable(name): _storable_value(value) for name, value in fields.items()}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


def _storable_value(value: FieldValue) -> FieldValue:
    if value is None:
        return None
    return storable(value) if isinstance(value, str) else tuple(storable(text) for text in value)


def _numbers_stored(numbers: dict[str, Exact] | None) -> str | None:
    if not numbers:
        return None if numbers is None else "{}"
    return orjson.dumps({storable(name): exact_text(numbers[name]) for name in sorted(numbers)}).decode()


# --- what is read -----------------------------------------------------------------------------


def _number(text: str | None) -> Exact | None:
    return None if text is None else exact(text)


@lru_cache(maxsize=65536)
def _texts(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(orjson.loads(text))


@lru_cache(maxsize=65536)
def _fields(text: str | None) -> dict[str, FieldValue] | None:
    if text is None:
        return None
    return {name: tuple(value) if isinstance(value, list) else value for name, value in orjson.loads(text).items()}


@lru_cache(maxsize=65536)
def _numbers(text: str | None) -> dict[str, Exact] | None:
    return None if text is None else {name: exact(value) for name, value in orjson.loads(text).items()}


# --- the types --------------------------------------------------------------------------------


class Words(TypeDecorator[str]):
    """Text as people typed it."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        return _words_stored


class ExactNumber(TypeDecorator[Exact]):
    """An int or Fraction as "a" or "a/b": neither database has a type that keeps thirds."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        return _number_stored

    def result_processor(self, dialect: Dialect, coltype: object) -> _Process:
        return _number


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts as a JSON list, in its order."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        return _texts_stored

    def result_processor(self, dialect: Dialect, coltype: object) -> _Process:
        return _texts


class Fields(TypeDecorator[dict[str, FieldValue]]):
    """Custom fields by name: a text, several texts, or nothing."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        return _fields_stored

    def result_processor(self, dialect: Dialect, coltype: object) -> _Process:
        return _fields


class ExactNumbers(TypeDecorator[dict[str, Exact]]):
    """Exact numbers by name."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        return _numbers_stored

    def result_processor(self, dialect: Dialect, coltype: object) -> _Process:
        return _numbers

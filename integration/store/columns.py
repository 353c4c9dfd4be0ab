"""Column types that keep a value exact: fractions as text, and small JSON that is read once per distinct text."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from mappings.model import Exact, FieldValue
from webhooks.columns import UtcDateTime

__all__ = ["ExactNumber", "ExactNumbers", "Fields", "Texts", "UtcDateTime", "Words", "exact", "exact_text", "storable"]


def exact_text(value: Exact) -> str:
    return str(value)


@lru_cache(maxsize=4096)
def exact(text: str) -> Exact:
    number = Fraction(text)
    return number.numerator if number.denominator == 1 else number


def storable(text: str) -> str:
    """Replace what a database refuses in a text: NUL (PostgreSQL) and halves of surrogate pairs (UTF-8)."""
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """Text as people typed it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class ExactNumber(TypeDecorator[Exact]):
    """An int or Fraction as "a" or "a/b": neither database has a type that keeps thirds."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Exact | None, dialect: Dialect) -> str | None:
        return None if value is None else exact_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Exact | None:
        return None if value is None else exact(value)


@lru_cache(maxsize=65536)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))


@lru_cache(maxsize=65536)
def _fields(text: str) -> dict[str, FieldValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in orjson.loads(text).items()}


@lru_cache(maxsize=65536)
def _numbers(text: str) -> dict[str, Exact]:
    return {name: exact(value) for name, value in orjson.loads(text).items()}


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts as a JSON list, in its order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps([storable(text) for text in value]).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else _texts(value)


class Fields(TypeDecorator[dict[str, FieldValue]]):
    """Custom fields by name: a text, several texts, or nothing."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, FieldValue] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(_storable(value), option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, FieldValue] | None:
        return None if value is None else _fields(value)


def _storable(value: dict[str, FieldValue]) -> dict[str, FieldValue]:
    return {storable(name): _storable_value(field) for name, field in value.items()}


def _storable_value(value: FieldValue) -> FieldValue:
    if value is None:
        return None
    return storable(value) if isinstance(value, str) else tuple(storable(text) for text in value)


class ExactNumbers(TypeDecorator[dict[str, Exact]]):
    """Exact numbers by name."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Exact] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return orjson.dumps({storable(name): exact_text(value[name]) for name in sorted(value)}).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, Exact] | None:
        return None if value is None else _numbers(value)

"""Exact numbers: an `int` where whole, else a `Fraction`; their text is "n" or "a/b"."""

from fractions import Fraction

from mappings.model import Exact


def plain(value: Exact) -> Exact:
    """An exact number as an int where it is whole."""
    return value.numerator if value.denominator == 1 else value


def exact_number(text: str) -> Exact:
    """A decimal's exact value."""
    return int(text) if text.isdecimal() else plain(Fraction(text))  # nearly all are whole


def exact_text(value: Exact) -> str:
    """An exact number as text: an integer or "a/b"."""
    return str(plain(value))

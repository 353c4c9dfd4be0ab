"""What an issue says of an objective or key result: fields found by name, their values as texts, numbers and days."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from integration.contract import Misconfigured
from integration.trackers.jira.answered import Json
from integration.trackers.jira.history import Step, Told, sort_steps
from integration.trackers.jira.sprints import moment_of
from integration.trackers.jira.values import tag_texts
from mappings.model import Exact, MeasuredValue

_NUMBER = re.compile(r"([+-]?\d{1,30}(?:\.\d{0,30})?)\s*%?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST = 10**30


class NotOfThatKind(Exception):
    """A value that its field should not have; says what it is."""


@dataclass(frozen=True, slots=True)
class OkrFields:
    """Ids of the fields by the part of the register that they give; several fields may bear one name."""

    ids: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id_ for ids in self.ids.values() for id_ in ids))

    def texts(self, fields: Json, part: str) -> tuple[str, ...]:
        """Those of the first field that has any."""
        found = (tag_texts(fields.get(id_)) for id_ in self.ids.get(part, ()))
        return next((texts for texts in found if texts), ())

    def text(self, fields: Json, part: str) -> str | None:
        return ", ".join(self.texts(fields, part)) or None

    def number(self, fields: Json, part: str) -> Exact | None:
        values = (fields.get(id_) for id_ in self.ids.get(part, ()))
        value = next((value for value in values if value not in (None, "")), None)
        return None if value is None else _number(tag_texts(value), self.names[part])

    def day(self, fields: Json, part: str) -> date | None:
        text = self.text(fields, part)
        if text is None:
            return None
        try:
            if _DAY.match(text):
                return date.fromisoformat(text[:10])
        except ValueError:
            pass
        raise NotOfThatKind(f"“{self.names[part]}” holds “{text[:60]}”, which is no day; choose a field with dates")


def find_fields(known: Sequence[Json], wanted: Sequence[tuple[str, str]]) -> OkrFields:
    """Find each by name or id; raise naming the setting where there is none, or where it holds a person."""
    ids: dict[str, tuple[str, ...]] = {}
    for part, name in wanted:
        found = [field for field in known if name.casefold() in _names(field)]
        if not found:
            sentence = f"sources.fields.{part}: Jira has no field “{name}” that our account may see: mend the name."
            raise Misconfigured("unknown_field", sentence)
        if any(_holds_people(field) for field in found):
            sentence = f"sources.fields.{part}: “{name}” holds a person, of whom Tieline keeps nothing: choose another."
            raise Misconfigured("field_of_people", sentence)
        ids[part] = tuple(str(field["id"]) for field in found)
    return OkrFields(ids, dict(wanted))


def measured(fields: OkrFields, issue: Json, histories: Sequence[Json], created: datetime) -> tuple[MeasuredValue, ...]:
    """The values that the field for the value has had, each at its moment; the present one has the last word."""
    present = fields.number(issue["fields"], "value")
    steps = _steps(fields, histories)
    points: list[tuple[datetime, Exact | None]] = [(created, _told(steps[0].before) if steps else present)]
    points += [(step.at, _told(step.after)) for step in steps]
    points[-1] = (points[-1][0], present)
    found: list[MeasuredValue] = []
    for at, value in points:
        if found and found[-1].at == at:
            found.pop()
        if value is not None:
            found.append(MeasuredValue(at, value))
    return tuple(found)


def changed_last(issue: Json, histories: Sequence[Json]) -> datetime | None:
    """When something of it changed last, as its changelog tells; without one, when it was made."""
    moments = [at for history in histories if (at := moment_of(history.get("created"))) is not None]
    return max(moments, default=moment_of(issue["fields"].get("created")))


def _steps(fields: OkrFields, histories: Sequence[Json]) -> list[Step]:
    """Changes of the first field for the value that ever changed: by its id, or by its name where no id is told."""
    for id_ in fields.ids.get("value", ()):
        found = sort_steps(histories, _slots(id_, fields.names["value"].casefold())).get("value", [])
        if found:
            return found
    return []


def _slots(id_: str, shown: str) -> Callable[[str | None, str], tuple[str, ...]]:
    def slots_of(field_id: str | None, name: str) -> tuple[str, ...]:
        is_it = field_id == id_ if field_id is not None else name == shown
        return ("value",) if is_it else ()

    return slots_of


def _told(told: Told) -> Exact | None:
    """A value of then; one that cannot be read as a number was none."""
    texts = tuple(text for text in (told.text or told.id,) if text)
    try:
        return _number(texts, "") if texts else None
    except NotOfThatKind:
        return None


def _number(texts: tuple[str, ...], field: str) -> Exact:
    text = ", ".join(texts)
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise NotOfThatKind(f"“{field}” holds “{text[:60]}”, which is no number; write it as 12.5")
    number = Fraction(Decimal(found.group(1)))
    if abs(number) > _LARGEST:
        raise NotOfThatKind(f"“{field}” holds a number too large to be one")
    return number.numerator if number.denominator == 1 else number


def _names(field: Json) -> set[str]:
    return {str(field[key]).casefold() for key in ("id", "key", "name") if isinstance(field.get(key), str)}


def _holds_people(field: Json) -> bool:
    schema = field.get("schema")
    kinds = (schema.get("type"), schema.get("items")) if isinstance(schema, dict) else ()
    return "user" in kinds

"""Takes the elements of a section one by one, so that one broken element hides no fault of the others."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from integration.files.faults import Fault, Step, Wrong, kind_of, shown, unknown_key
from integration.files.json_stream import TWICE
from integration.files.plan_models import Section

Shape = TypeVar("Shape", bound=Section)
_KINDS = {"list_type": "a list", "dict_type": "an object", "model_type": "an object", "bool_type": "true or false"}


class Raw(NamedTuple):
    """The plain data of a file and the faults found in it so far."""

    data: Mapping[str, object]
    faults: list[Fault]


def elements(raw: Raw, section: str, shape: type[Shape]) -> list[tuple[int, Shape]]:
    """The well-formed elements of a list with their indexes; the faults of the others are noted."""
    found: list[tuple[int, Shape]] = []
    for index, value in enumerate(_list(raw, section)):
        element = taken(raw.faults, value, shape, section, index)
        if element is not None:
            found.append((index, element))
    return found


def taken(faults: list[Fault], value: object, shape: type[Shape], *steps: Step) -> Shape | None:
    """Check one value against its shape; what is wrong in it is noted and left out, so that the rest is checked on."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        found = error.errors()
    for one in found:
        faults.extend(_faults(one, shape, steps))
    wrong = {one["loc"][0] for one in found if one["loc"]}
    if not isinstance(value, dict) or not wrong:
        return None
    try:
        return shape.model_validate({key: part for key, part in value.items() if key not in wrong})
    except ValidationError:
        return None


def is_given(raw: Raw, section: str, index: int, key: str) -> bool:
    """Whether something stands there, be it wrong."""
    elements = raw.data.get(section)
    element = elements[index] if isinstance(elements, list) else None
    return isinstance(element, dict) and element.get(key) is not None


def names(raw: Raw, section: str, key: str) -> Iterator[tuple[int, str]]:
    """The names that a section gives, those of elements that are broken elsewhere too."""
    value = raw.data.get(section)
    for index, element in enumerate(value if isinstance(value, list) else ()):
        name = element.get(key) if isinstance(element, dict) else None
        if isinstance(name, str):
            yield index, name


def _list(raw: Raw, section: str) -> list[object]:
    value = raw.data.get(section)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raw.faults.append(Fault((section,), f"must be a list, not {kind_of(value)}"))
    return []


def _faults(error: ErrorDetails, shape: type[Section], steps: tuple[Step, ...]) -> list[Fault]:
    """Say in plain words what pydantic found."""
    where = (*steps, *error["loc"])
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    wrong = context.get("error")
    if isinstance(wrong, Wrong):
        return wrong.at(*where)
    if kind == "missing":
        return [Fault(where, "is missing; it is required")]
    if kind == "extra_forbidden":
        if where[-1] == TWICE:
            return [Fault(where[:-1], f"the key {shown(value)} is there twice; keep one")]
        return [Fault(where, unknown_key(str(where[-1]), _keys(shape, error["loc"][:-1])))]
    if kind == "literal_error":
        return [Fault(where, f"must be {str(context['expected']).replace(chr(39), '')}, not {kind_of(value)}")]
    return [Fault(where, f"must be {_KINDS.get(kind, 'something else')}, not {kind_of(value)}")]


def _keys(shape: type[Section], below: tuple[Step, ...]) -> list[str]:
    """The keys known at a place, for the question "did you mean …?"."""
    for step in below:
        if isinstance(step, str):
            shape = _nested(shape, step)
    return [field.alias or name for name, field in shape.model_fields.items()]


def _nested(shape: type[Section], step: str) -> type[Section]:
    annotation = shape.model_fields[step].annotation
    pending = [annotation]
    while pending:
        found = pending.pop()
        if isinstance(found, type) and issubclass(found, Section):
            return found
        pending += getattr(found, "__args__", ())
    return shape

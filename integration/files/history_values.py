"""The values of an item and of the entries of its history, each taken or refused by itself."""

import sys

from integration.files import scalars
from integration.files.faults import Fault, Wrong, kind_of
from mappings.model import Exact, Status

_STATUSES = {status.value: status for status in Status}


def each_text(value: list[object]) -> tuple[str, ...]:
    faults: list[Fault] = []
    for index, one in enumerate(value):
        if type(one) is not str:
            faults.append(Fault((index,), f"must be text, not {kind_of(one)}"))
    if faults:
        raise Wrong.of(faults)
    return tuple(sys.intern(str(one)) for one in value)


def an_object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Wrong(f"must be an object, not {kind_of(value)}")
    return value


def status(value: object) -> Status:
    if type(value) is str and value in _STATUSES:
        return _STATUSES[value]
    raise Wrong(f"must be todo, doing, done or dropped, not {kind_of(value)}")


def number_or_none(value: object) -> Exact | None:
    return None if value is None else scalars.number_from_zero(value)


def level(value: object) -> int:
    if type(value) is int and -1 <= value <= 1000:
        return value
    raise Wrong(f"must be -1 (sub-task), 0 (story, task, bug), 1 (epic), 2 and up (initiative), not {kind_of(value)}")


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Wrong(f"must be true or false, not {kind_of(value)}")

"""What people ask for, checked, as it is kept with a run: key results on items, marks on orphan epics, a comment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from integration.contract import Misconfigured

Children = Literal["none", "open", "all"]
MarkKind = Literal["label", "property"]
MOST_ITEMS = 5000
LONGEST_NAME = 200
LABEL = "serves-no-key-result"
PROPERTY = "tieline.orphan-epic"


@dataclass(frozen=True, slots=True)
class SetKeyResults:
    """`children`: the items right below are tagged too, the open ones or all; those with a tag of their own keep it
    unless `replaces_children`. `into`: which of several fields is written."""

    codes: tuple[str, ...]
    items: tuple[str, ...]
    children: Children = "none"
    replaces_children: bool = False
    into: str | None = None

    @property
    def words(self) -> str:
        below = {"none": "", "open": " and the open items below", "all": " and all items below"}[self.children]
        return f"Set {', '.join(self.codes)} on {_listed(self.items)}{below}"


@dataclass(frozen=True, slots=True)
class MarkOrphans:
    """Every epic that serves no key result is marked; what we marked and serves one by now is unmarked."""

    mark: MarkKind = "label"
    name: str = LABEL

    @property
    def words(self) -> str:
        return f"Mark the orphan epics with the {self.mark} “{self.name}”"


@dataclass(frozen=True, slots=True)
class CommentCoverage:
    """What a sprint's work serves, as a comment on the items that are named: a sprint itself takes no comments."""

    sprint: str
    items: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"Comment the coverage of sprint {self.sprint} on {_listed(self.items)}"


Wish = SetKeyResults | MarkOrphans | CommentCoverage
_KINDS: Mapping[str, Callable[..., Wish]] = {
    "key_results": SetKeyResults,
    "orphans": MarkOrphans,
    "comment": CommentCoverage,
}


def kind_of(wish: Wish) -> str:
    return next(kind for kind, shape in _KINDS.items() if shape is type(wish))


def as_json(wish: Wish) -> dict[str, Any]:
    return asdict(wish)


def wish_of(kind: str, data: Mapping[str, Any]) -> Wish:
    """Read what `as_json` gave."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return _KINDS[kind](**values)


def checked(wish: Wish) -> Wish:
    """Raise `Misconfigured` with a sentence where something is missing or makes no sense."""
    if not isinstance(wish, MarkOrphans) and not wish.items:
        raise _wrong("Name the items to write to by their keys, such as PAY-4.")
    if not isinstance(wish, MarkOrphans) and len(wish.items) > MOST_ITEMS:
        raise _wrong(f"Name at most {MOST_ITEMS} items at once.")
    if isinstance(wish, SetKeyResults):
        if not wish.codes:
            raise _wrong("Name the key result by its code.")
        if wish.children not in get_args(Children):
            raise _wrong("The items below are tagged too, or not: none, open or all.")
    if isinstance(wish, MarkOrphans):
        if wish.mark not in get_args(MarkKind):
            raise _wrong("Epics are marked with a label or a property.")
        if not 0 < len(wish.name) <= LONGEST_NAME:
            raise _wrong(f"The {wish.mark} needs a name of at most {LONGEST_NAME} signs.")
    return wish


def keys_in(text: str) -> tuple[str, ...]:
    """Keys as people list them: between commas, blanks or lines, each once."""
    return tuple(dict.fromkeys(part.strip().upper() for part in text.replace(",", " ").split()))


def _listed(keys: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(keys[:most])
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"


def _wrong(sentence: str) -> Misconfigured:
    return Misconfigured("write_back", sentence)

"""Which items hang together: what ever hung below or above others, or named a sprint; by the ids of their rows."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlmodel import Session, col

from integration.store.bulk import batches, table_of
from integration.store.tables import ItemParentRow, ItemRow, ItemSprintRow

# Put into words once: these are asked with every save.
_OF_CONNECTION: BindParameter[str] = bindparam("of")
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_ITEM = table_of(ItemRow).c
_KEYS_AND_LEVELS = select(_ITEM.id, _ITEM.key, _ITEM.level).where(_ITEM.id.in_(_AMONG))
_WITH_KEYS = select(_ITEM.id, _ITEM.key).where(_ITEM.connection == _OF_CONNECTION, _ITEM.key.in_(_AMONG))
_PARENT_KEYS = (
    select(col(ItemParentRow.parent))
    .where(col(ItemParentRow.connection) == _OF_CONNECTION, col(ItemParentRow.item_id).in_(_AMONG))
    .distinct()
)


class Kin:
    """Asks about the items of one connection. An item that moved is known by its old keys as well (`by_old_keys`)."""

    def __init__(self, session: Session, connection: str, by_old_keys: bool = True) -> None:
        self._by_old_keys = by_old_keys
        self.session = session
        self.connection = connection

    def named(self, keys: Collection[str]) -> set[int]:
        """The items that have these keys, or had them."""
        found, missing = self._with_keys(keys)
        return found | {row for key in missing for row in self._moved.get(key, ())}

    def naming(self, sprints: Collection[str]) -> set[int]:
        """The items that ever named one of these sprints."""
        mine = col(ItemSprintRow.connection) == self.connection
        return {
            row
            for some in batches(sprints)
            for row in self.session.scalars(
                select(col(ItemSprintRow.item_id)).where(mine, col(ItemSprintRow.sprint).in_(some))
            )
        }

    def closure(self, ids: Collection[int]) -> set[int]:
        """These items, what ever hung below them, and all that was ever above any of these."""
        return self.above(self.below(ids))

    def below(self, ids: Collection[int], keys: Collection[str] = ()) -> set[int]:
        """These items, and all that ever hung below them or below these keys."""
        return self._grown({*ids, *self._children_of_keys(keys)}, self._children)

    def above(self, ids: Collection[int]) -> set[int]:
        """These items, and all that ever was above them."""
        return self._grown(set(ids), self._parents)

    def unseen_above(self, ids: Collection[int]) -> set[str]:
        """The keys that these items ever named as parents, and that are no items."""
        keys = self._parent_keys(ids)
        _, missing = self._with_keys(keys)
        return {key for key in missing if key not in self._moved}

    def keys_and_levels(self, ids: Collection[int]) -> dict[int, tuple[str, int]]:
        connection = self.session.connection()
        rows = (row for some in batches(ids) for row in connection.execute(_KEYS_AND_LEVELS, {"among": some}))
        return {row_id: (key, level) for row_id, key, level in rows}

    def births(self, keys: Collection[str]) -> dict[str, datetime]:
        """When the items with these keys were created."""
        question = select(col(ItemRow.key), col(ItemRow.created)).where(col(ItemRow.connection) == self.connection)
        return {
            row[0]: row[1]
            for some in batches(keys)
            for row in self.session.execute(question.where(col(ItemRow.key).in_(some), col(ItemRow.deleted).is_(None)))
        }

    # --- one step

    def _grown(self, ids: set[int], step: Callable[[Collection[int]], Iterable[int]]) -> set[int]:
        found = set(ids)
        frontier: Collection[int] = ids
        while frontier:
            frontier = set(step(frontier)) - found
            found |= frontier
        return found

    # Two plain questions each: as one join, SQLite reads the whole table of items for every batch.

    def _children(self, ids: Collection[int]) -> Iterable[int]:
        names = select(col(ItemRow.key), col(ItemRow.aliases))
        rows = (row for some in batches(ids) for row in self.session.execute(names.where(col(ItemRow.id).in_(some))))
        return self._children_of_keys({key for row in rows for key in (row[0], *row[1])})

    def _children_of_keys(self, keys: Collection[str]) -> Iterable[int]:
        mine = col(ItemParentRow.connection) == self.connection
        for some in batches(keys):
            yield from self.session.scalars(
                select(col(ItemParentRow.item_id)).where(mine, col(ItemParentRow.parent).in_(some))
            )

    def _parents(self, ids: Collection[int]) -> Iterable[int]:
        return self.named(self._parent_keys(ids))

    def _parent_keys(self, ids: Collection[int]) -> set[str]:
        connection = self.session.connection()
        asked = ({"of": self.connection, "among": some} for some in batches(ids))
        return {key for one in asked for key in connection.scalars(_PARENT_KEYS, one)}

    def _with_keys(self, keys: Collection[str]) -> tuple[set[int], set[str]]:
        """The items that have these keys now, and the keys that none has."""
        found: set[int] = set()
        missing = set(keys)
        for some in batches(keys):
            asked = {"of": self.connection, "among": some}
            for row_id, key in self.session.connection().execute(_WITH_KEYS, asked):
                found.add(row_id)
                missing.discard(key)
        return found, missing

    @cached_property
    def _moved(self) -> dict[str, list[int]]:
        """By old key: the items that had it."""
        if not self._by_old_keys:
            return {}
        question = select(col(ItemRow.id), col(ItemRow.aliases)).where(
            col(ItemRow.connection) == self.connection, col(ItemRow.aliases) != ()
        )
        found: dict[str, list[int]] = {}
        for row_id, aliases in self.session.execute(question):
            assert row_id is not None
            for alias in aliases:
                found.setdefault(alias, []).append(row_id)
        return found

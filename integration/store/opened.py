"""The store as pages hold it: reads and units of work, without a word of SQL."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from integration.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Store:
    engine: Engine

    def reading(self) -> AbstractContextManager[Session]:
        return reading(self.engine)

    def writing(self) -> AbstractContextManager[Session]:
        return writing(self.engine)

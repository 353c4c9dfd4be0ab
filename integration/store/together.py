"""Several connections together: which they are, and how what is unique within one only is told apart.

What is told of all of them stands under no connection's name (`due.OF_ALL`).
"""

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store import plans
from integration.store.tables import AnswerRow

CENSUS = "census"  # the kind of answer that each connection has of which everything was decided


def connections_together(session: Session) -> tuple[str, ...]:
    """Those whose work is kept, and rests on the register; one that brought a plan of its own stands alone."""
    question = select(col(AnswerRow.connection)).where(col(AnswerRow.kind) == CENSUS).distinct()
    named = session.scalars(question.order_by(col(AnswerRow.connection))).all()
    return tuple(name for name in named if not plans.own_versions(session, name))


def qualified(connection: str, name: str) -> str:
    return f"{connection}/{name}"


def parted(name: str) -> tuple[str, str]:
    """The connection, whose name holds no slash, and what it calls the thing; without one, the name alone."""
    connection, _, own = name.partition("/")
    return (connection, own) if own else ("", name)

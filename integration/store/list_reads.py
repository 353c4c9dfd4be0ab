"""Questions of lists that go to files and programs: all sprints with their shares, and all links of items."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.reads import Document, SprintLine
from integration.store.tables import AnswerRow, SprintRow


def sprints_with_shares(session: Session, measure: str) -> Iterator[SprintLine]:
    """Which sprints are there, and with what shares in this measure? By connection and start."""
    same = (
        (col(AnswerRow.connection) == col(SprintRow.connection))
        & (col(AnswerRow.subject) == col(SprintRow.id))
        & (col(AnswerRow.kind) == "sprint")
        & (col(AnswerRow.measure) == measure)
    )
    names = ("connection", "id", "board", "name", "state", "start", "end", "completed", "team", "url")
    columns = (*(col(getattr(SprintRow, name)) for name in names), col(AnswerRow.summary))
    question = select(*columns).outerjoin(AnswerRow, same).where(col(SprintRow.gone_at).is_(None))
    order = (col(SprintRow.connection), col(SprintRow.start), col(SprintRow.id))
    for row in session.execute(question.order_by(*order)):
        yield SprintLine(*row)


def links_of_items(session: Session) -> Iterator[tuple[str, str, Document]]:
    """What serves each item now? Connection, key and the kept links, by connection and key."""
    columns = (col(AnswerRow.connection), col(AnswerRow.subject), col(AnswerRow.document))
    question = select(*columns).where(col(AnswerRow.kind) == "links")
    for row in session.execute(question.order_by(col(AnswerRow.connection), col(AnswerRow.subject))):
        yield row[0], row[1], row[2]

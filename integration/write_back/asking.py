"""What pages and the command line ask for: checked and kept at once; whatever asks the tracker is done by a sender."""

from datetime import datetime

from sqlalchemy import Engine

from integration.contract import Misconfigured
from integration.store import connections, write_back
from integration.store.engine import writing
from integration.store.write_back_records import is_on, run_of
from integration.write_back.wishes import Wish, as_json, checked, kind_of


def ask(engine: Engine, connection: str, wish: Wish, actor: str, now: datetime) -> int:
    """Keep a wish as a run whose preview is to be made; nothing is sent. Answer the run's number."""
    valid = checked(wish)
    with writing(engine) as session:
        if connection not in connections.connection_names(session):
            raise Misconfigured("write_back", f"There is no connection “{connection}”.")
        return write_back.begin(session, connection, kind_of(valid), as_json(valid), valid.words, actor, now)


def send(engine: Engine, run: int, actor: str, now: datetime) -> None:
    """Have a run sent whose preview is there, or one that was stopped; raise with a sentence where it cannot be."""
    with writing(engine) as session:
        found = run_of(session, run)
        if found is None:
            raise Misconfigured("write_back", f"There is no record {run}.")
        if not is_on(session, found.connection):
            sentence = (
                f"Writing to {found.connection} is off, and nothing was sent: an administrator switches it on with "
                f"`tieline write-back enable {found.connection}`."
            )
            raise Misconfigured("write_back_off", sentence)
        if not write_back.release(session, run, now, actor):
            raise Misconfigured("write_back", f"Of record {run} there is nothing to send ({found.state}).")


def stop(engine: Engine, run: int, actor: str, now: datetime) -> None:
    with writing(engine) as session:
        if not write_back.stop(session, run, now, actor):
            raise Misconfigured("write_back", f"Record {run} is not being sent.")


def switch(engine: Engine, connection: str, actor: str, now: datetime, *, on: bool) -> None:
    with writing(engine) as session:
        if connection not in connections.connection_names(session):
            raise Misconfigured("write_back", f"There is no connection “{connection}”.")
        if is_on(session, connection) != on:
            write_back.set_switch(session, connection, now, on=on, author=actor)


def undo(engine: Engine, run: int, actor: str, now: datetime, change: int | None = None) -> int:
    """Plan to give back what was there before a run; answer the new run's number."""
    # Trackers are loaded by whoever undoes, and by no page before.
    from integration.trackers import load_trackers
    from integration.write_back.undoing import plan_undo

    return plan_undo(engine, load_trackers(), run, actor, now, change)

"""`tieline checkin`: say where a key result stands, one by one or with a table."""

import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from service.commands import OPERATOR

if TYPE_CHECKING:
    from integration.store.opened import Store
    from reports.key_result_check_ins import Speaker


@click.command()
@click.argument("code", required=False)
@click.argument("value", required=False)
@click.option("--at", "at", metavar="DAY", help="A day or a time with its offset; now, where it is left out.")
@click.option("--confidence", metavar="PERCENT", help="How sure you are to reach it, such as 0.7 or 70%.")
@click.option("--note", default="", help="What is behind it.")
@click.option("--csv", "table", type=click.File("rb"), help="A table of key_result, day, value, confidence, note.")
@click.option("--list", "listed", is_flag=True, help="Print the check-ins of CODE with their numbers.")
@click.option("--take-back", "gone", type=click.IntRange(1, 2**31 - 1), help="Take this check-in of CODE back.")
@click.option("--reason", default="", help="Why it is taken back.")
@click.option("--export", is_flag=True, help="Print all check-ins that hold, as a table that --csv takes.")
def checkin(
    code: str | None,
    value: str | None,
    at: str | None,
    confidence: str | None,
    note: str,
    table: BinaryIO | None,
    listed: bool,
    gone: int | None,
    reason: str,
    export: bool,
) -> None:
    """Check in on the key result CODE with VALUE, in its unit.

    One that is true or false takes a confidence alone. Write a negative value after two dashes: -- KR-1 -5
    """
    from integration.store.opened import Store
    from reports import key_result_check_ins as giving
    from service.installation import now, opened

    if sum((code is not None, table is not None, export)) != 1:
        raise click.UsageError("Say a CODE with its VALUE, or --csv FILE, or --export.")
    store = Store(opened().engine)
    if export:
        click.echo(_all(store), nl=False)
        return
    speaker = giving.Speaker(OPERATOR, now())
    if listed or gone is not None:
        _list_or_take_back(store, code or "", gone, reason, speaker)
        return
    given = {
        "key_result": code or "",
        "value": value or "",
        "confidence": confidence or "",
        "note": note,
        "day": at or "",
    }
    _enter(store, given, table, speaker)


def _enter(store: "Store", given: dict[str, str], table: BinaryIO | None, speaker: "Speaker") -> None:
    """Keep the one that is given, or those of a file."""
    from reports import key_result_check_ins as giving

    register = giving.register_of(store, speaker.now)
    try:
        if table is not None:
            found = giving.read_table(register, _text(table.read()), speaker)
        else:
            found = (giving.read_check_in(register, given, speaker),)
        number = giving.enter(store, found, speaker)
    except giving.WrongCheckIn as wrong:
        click.echo(wrong.sentence, err=True)
        sys.exit(2)
    click.echo(_said(number, len(found)))


def _list_or_take_back(store: "Store", code: str, gone: int | None, reason: str, speaker: "Speaker") -> None:
    from integration.store.check_ins import check_ins_of
    from reports import key_result_check_ins as giving
    from reports.exports import number_text
    from reports.foreign_text import on_one_line

    if gone is not None:
        try:
            is_done = giving.take_back(store, code, gone, reason, speaker)
        except giving.WrongCheckIn as wrong:
            raise click.UsageError(wrong.sentence) from None
        if not is_done:
            raise click.UsageError(f"There is no check-in {gone} of {code} that holds.")
        click.echo(f"Check-in {gone} is taken back.")
        return
    with store.reading() as session:
        found = check_ins_of(session, code)
    for one in found:
        value = "–" if one.value is None else number_text(one.value)
        over = "" if one.taken_back_at is None else f" (taken back: {one.taken_back_why})"
        click.echo(on_one_line(f"#{one.id} {one.at:%Y-%m-%d %H:%M} {value} by {one.author} {one.note}{over}"))


def _all(store: "Store") -> str:
    from integration.store.check_ins import all_check_ins
    from reports.key_result_check_ins import table

    with store.reading() as session:
        return table(all_check_ins(session))


def _said(number: int, rows: int) -> str:
    said = f"{number} check-in{'' if number == 1 else 's'} kept"
    return f"{said}; {rows - number} held already." if rows > number else f"{said}."


def _text(sent: bytes) -> str:
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException("The file is not UTF-8: save it as “CSV UTF-8”.") from None

"""`tieline read`: what the door's reader makes of recorded bodies, for the operator who wants to know beforehand."""

import json
import sys
from pathlib import Path

import click

from integration.contract import Change, Ignored, Malformed, Misconfigured, Tracker
from integration.trackers import tracker_named
from webhooks.contract import LARGEST_BODY


@click.command()
@click.option("--tracker", "name", required=True, help="Whose bodies these are, such as jira.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def read(name: str, files: tuple[str, ...]) -> None:
    """Say of each recorded body (- is the standard input) what would be fetched again, or why nothing.

    One JSON line a file: its changes, the reason why it is ignored, or where it is malformed.
    """
    try:
        tracker = tracker_named(name)
    except Misconfigured as error:
        raise click.UsageError(error.sentence) from None
    unread = [file for file in files if not _report(tracker, file)]
    if unread:
        sys.exit(2)


def _report(tracker: Tracker, file: str) -> bool:
    """Write the line of one file; False where it cannot be opened."""
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        click.echo(f"{file}: cannot be read ({reason})", err=True)
        return False
    click.echo(json.dumps({"file": file, **_verdict(tracker, body)}))
    return True


def _verdict(tracker: Tracker, body: bytes) -> dict[str, object]:
    if len(body) > LARGEST_BODY:
        return {"malformed": f"body: is larger than the door lets in, {LARGEST_BODY >> 20} MiB"}
    try:
        return {"changes": [_shown(change) for change in tracker.read(body)]}
    except Ignored as ignored:
        return {"ignored": ignored.reason}
    except Malformed as malformed:
        return {"malformed": malformed.sentence}


def _shown(change: Change) -> dict[str, str]:
    return {"kind": change.kind, "id": change.id}

"""What the flags of `tieline connect jira` say, as values."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

import click

from integration.contract import Misconfigured
from integration.trackers.jira.choosing import Wishes
from mappings.model import Periods, Status


@dataclass(frozen=True, slots=True)
class Answers:
    """What the flags say; what they leave open is asked for, or taken as suggested with --yes."""

    url: str | None
    email: str | None
    token: str | None = field(repr=False)
    cloud_id: str | None
    name: str | None
    projects: tuple[str, ...]
    boards: tuple[str, ...]
    board_teams: dict[str, str]
    periods: Periods | None
    wishes: Wishes
    public_url: str | None
    is_guided: bool
    is_backfilled: bool
    wants_new_secret: bool = False
    no_work: tuple[str, ...] = ()
    expires: str | None = None


def answers_of(given: Mapping[str, Any]) -> Answers:
    token_file: TextIO | None = given["token_file"]
    token = token_file.read().strip() if token_file is not None else None
    if token == "":
        raise click.BadParameter("The file is empty.", param_hint="--token-file")
    return Answers(
        url=given["url"],
        email=given["email"],
        token=token,
        cloud_id=given["cloud_id"],
        name=given["name"],
        projects=listed(given["projects"]),
        boards=listed(given["boards"]),
        board_teams=dict(_pair(text) for text in given["board_team"]),
        periods=Periods(given["periods"]) if given["periods"] else None,
        wishes=Wishes(
            kr_fields=given["kr_field"],
            kr_label_prefix=given["kr_label_prefix"],
            kr_text_pattern=given["kr_pattern"],
            kr_link_types=given["kr_link_type"],
            points_fields=given["points_field"],
            team_field=given["team_field"],
            type_levels=tuple(_level(text) for text in given["type_level"]),
            statuses=tuple(_status(text) for text in given["status"]),
            dropped_resolutions=given["dropped"],
        ),
        public_url=given["public_url"],
        is_guided=not given["yes"] and sys.stdin.isatty(),
        is_backfilled=not given["no_backfill"],
        wants_new_secret=given["new_secret"],
        no_work=given["no_work"],
        expires=given["token_expires"],
    )


def _level(text: str) -> tuple[str, int]:
    name, sign, level = text.rpartition("=")
    if not (sign and name.strip() and level.strip().lstrip("-").isdecimal()):
        raise click.BadParameter(f"{text!r} must look like Initiative=2.", param_hint="--type-level")
    return name.strip(), int(level)


def _status(text: str) -> tuple[str, Status]:
    try:
        return status_said(text)
    except Misconfigured as error:
        raise click.BadParameter(error.sentence, param_hint="--status") from None


def status_said(text: str) -> tuple[str, Status]:
    name, sign, meaning = text.rpartition("=")
    means = meaning.strip().casefold()
    if not (sign and name.strip() and means in list(Status)):
        meanings = ", ".join(Status)
        raise Misconfigured("bad_pair", f"“{text}” must look like Deployed=done; the meanings are {meanings}.")
    return name.strip(), Status(means)


def _pair(text: str) -> tuple[str, str]:
    board, sign, team = text.rpartition("=")
    if not (sign and board.strip() and team.strip()):
        raise click.BadParameter(f"{text!r} must look like BOARD=TEAM.", param_hint="--board-team")
    return board.strip(), team.strip()


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())

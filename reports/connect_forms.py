"""What the forms of connecting say, as the choice that is kept: nothing is believed that was not offered."""

import re
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from integration.connecting import BoardChoice, Choice, FieldOffer, Offer
from mappings.model import Periods, Status
from reports.finding_pages import WrongAct

Form = MultiDict[str, str]
LONGEST = 200


def with_fields(offer: Offer, choice: Choice, form: Form) -> Choice:
    """Where key results and estimates are read from."""
    teams = _offered(offer.teams, form.getlist("team_field"))
    return replace(
        choice,
        key_results=_offered(offer.key_results, form.getlist("key_result")),
        label_prefix=_text(form, "label_prefix"),
        pattern=_pattern(form),
        links=tuple(one.id for one in offer.links if one.id in form.getlist("link")),
        points=_offered(offer.points, form.getlist("points")),
        team_field=teams[0] if teams else None,
    )


def _offered(offers: tuple[FieldOffer, ...], wanted: list[str]) -> tuple[str, ...]:
    """In the order in which they are offered: the best one that has a value counts."""
    return tuple(offer.id for offer in offers if offer.id in wanted)


def _text(form: Form, name: str) -> str | None:
    text = form.get(name, "").strip()
    if len(text) > LONGEST:
        raise WrongAct(f"That is longer than {LONGEST} signs.")
    return text or None


def _pattern(form: Form) -> str | None:
    pattern = _text(form, "pattern")
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise WrongAct(f"The pattern is no regular expression: {error}.") from None
    return pattern


def with_boards(offer: Offer, choice: Choice, form: Form, teams: tuple[str, ...]) -> Choice:
    """Which boards are followed, and whose each is."""
    chosen = []
    for board in offer.boards:
        if board.id not in form.getlist("board"):
            continue
        team = form.get(f"team-{board.id}", "")
        periods = form.get(f"periods-{board.id}", "")
        chosen.append(
            BoardChoice(
                board.id,
                team if team in teams else None,
                None if board.has_sprints else Periods(periods) if periods in list(Periods) else Periods.TWO_WEEKS,
            )
        )
    return replace(choice, boards=tuple(chosen))


def with_statuses(offer: Offer, choice: Choice, form: Form) -> Choice:
    """Only what differs from the site's own word is kept."""
    statuses = []
    for status in offer.statuses:
        said = form.get(f"status-{status.id}", "")
        if said in list(Status) and said != status.means:
            statuses.append((status.id, Status(said)))
    levels = []
    for kind in offer.types:
        level = form.get(f"level-{kind.id}", "")
        if level in {"-1", "0", "1", "2"}:
            levels.append((kind.name, int(level)))
    dropped = tuple(one.name for one in offer.resolutions if one.name in form.getlist("dropped"))
    return replace(choice, statuses=tuple(statuses), dropped=dropped, levels=tuple(levels))


def not_work_of(offer: Offer, form: Form) -> list[str]:
    return [one.name for one in offer.types if one.name in form.getlist("not_work")]

"""What the forms of connecting say, as the choice that is kept: nothing is believed that was not offered."""

import re
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from integration.connecting import BoardChoice, Choice, FieldOffer, Offer
from mappings.model import Periods, Status
from reports.finding_pages import WrongAct

Form = MultiDict[str, str]
LONGEST = 200
LEVELS = frozenset({"-1", "0", "1", "2", "3"})


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
    gone = sorted({team for name, team in form.items() if name.startswith("team-") and team and team not in teams})
    if gone:
        raise WrongAct(f"The register has no team “{gone[0][:LONGEST]}” any more: choose again.")
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
    """Only what differs from the site's own word is kept, and what was said of names that the site has no more."""
    ids, names = {status.id for status in offer.statuses}, {status.name.casefold() for status in offer.statuses}
    statuses = [(key, means) for key, means in choice.statuses if key not in ids and key.casefold() not in names]
    for status in offer.statuses:
        said = form.get(f"status-{status.id}", "")
        if said in list(Status) and said != status.means:
            statuses.append((status.id, Status(said)))
    types = {kind.name.casefold() for kind in offer.types}
    levels = [(name, level) for name, level in choice.levels if name.casefold() not in types]
    for kind in offer.types:
        level = form.get(f"level-{kind.id}", "")
        if level in LEVELS:
            levels.append((kind.name, int(level)))
    listed = {one.name.casefold() for one in offer.resolutions}
    dropped = tuple(name for name in choice.dropped if name.casefold() not in listed)
    dropped += tuple(one.name for one in offer.resolutions if one.name in form.getlist("dropped"))
    return replace(choice, statuses=tuple(statuses), dropped=dropped, levels=tuple(levels))


def not_work_of(offer: Offer, form: Form) -> list[str]:
    return [one.name for one in offer.types if one.name in form.getlist("not_work")]

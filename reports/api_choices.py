"""What a program chooses of a site while connecting it: the same choice as the forms of the pages make, held against
what the site was seen to offer; what it does not name stays as it is."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict

from integration.connecting import Choice, Offer
from mappings.model import Periods, Status
from reports import connect_forms
from reports.api_bodies import body, listed, texts
from reports.finding_pages import WrongAct

Json = dict[str, Any]
_MOST = 1000
_ID = texts(200, minLength=1)
_IDS = listed(_ID, _MOST, least=0)
_NULLABLE = {"type": ["string", "null"], "maxLength": connect_forms.LONGEST}
CHOICE = body(
    key_results={**_IDS, "description": "Ids of fields that name key results."},
    label_prefix={**_NULLABLE, "description": "Labels that begin so name key results."},
    pattern={**_NULLABLE, "description": "A regular expression: what of a text names the key result."},
    links={**_IDS, "description": "Ids of types of links that lead to key results."},
    points={**_IDS, "description": "Ids of fields that hold estimates."},
    team_field={**_NULLABLE, "description": "The id of the field that tells the team."},
    boards=listed(
        body(
            ("id",),
            id=_ID,
            team={**_NULLABLE, "description": "A team of the register; null: each item decides."},
            periods={"type": ["string", "null"], "enum": [*Periods, None], "description": "Where it has no sprints."},
        ),
        _MOST,
        least=0,
    ),
    statuses=listed(body(("id", "means"), id=_ID, means={"type": "string", "enum": list(Status)}), _MOST, least=0),
    types=listed(body(("id", "level"), id=_ID, level={"type": "integer", "minimum": -1, "maximum": 3}), _MOST, least=0),
    dropped={**_IDS, "description": "Names of resolutions with which nothing was delivered."},
    not_work={**_IDS, "description": "Names of types that are no work."},
)
_FORM_NAMES = {"key_results": "key_result", "links": "link", "points": "points", "dropped": "dropped"}
_TEXTS = ("label_prefix", "pattern", "team_field")


def document(offer: Offer, choice: Choice) -> Json:
    """In the form in which it is sent: of statuses and types those alone that are other than the site says."""
    meanings = {key.casefold(): means for key, means in choice.statuses}
    levels = {name.casefold(): level for name, level in choice.levels}
    said = ((one, meanings.get(one.id.casefold(), meanings.get(one.name.casefold()))) for one in offer.statuses)
    types = ((one, levels.get(one.name.casefold())) for one in offer.types)
    return {
        "key_results": list(choice.key_results),
        "label_prefix": choice.label_prefix,
        "pattern": choice.pattern,
        "links": list(choice.links),
        "points": list(choice.points),
        "team_field": choice.team_field,
        "boards": [{"id": one.id, "team": one.team, "periods": one.periods} for one in choice.boards],
        "statuses": [{"id": one.id, "means": means} for one, means in said if means is not None],
        "types": [{"id": one.id, "level": level} for one, level in types if level is not None],
        "dropped": list(choice.dropped),
    }


def chosen(offer: Offer, choice: Choice, teams: Collection[str], given: Json) -> Choice:
    """The choice with what is given in the place of what was chosen; whatever was not offered is refused."""
    _refuse_unoffered(offer, teams, given)
    form = _form({**document(offer, choice), **given})
    try:
        choice = connect_forms.with_fields(offer, choice, form)
        choice = connect_forms.with_boards(offer, choice, form, tuple(teams))
    except WrongAct as wrong:
        abort(422, wrong.sentence)
    return connect_forms.with_statuses(offer, choice, form)


def _form(said: Json) -> MultiDict[str, str]:
    """As the forms of the pages would send it."""
    values: list[tuple[str, str]] = [(name, said[name] or "") for name in _TEXTS if said[name]]
    values += [(form, one) for name, form in _FORM_NAMES.items() for one in said[name]]
    for board in said["boards"]:
        values += [("board", board["id"]), (f"team-{board['id']}", board.get("team") or "")]
        values.append((f"periods-{board['id']}", board.get("periods") or ""))
    values += [(f"status-{one['id']}", one["means"]) for one in said["statuses"]]
    values += [(f"level-{one['id']}", str(one["level"])) for one in said["types"]]
    return MultiDict(values)


def _refuse_unoffered(offer: Offer, teams: Collection[str], given: Json) -> None:
    offered: Mapping[str, Collection[str]] = {
        "key_results": [one.id for one in offer.key_results],
        "links": [one.id for one in offer.links],
        "points": [one.id for one in offer.points],
        "team_field": [one.id for one in offer.teams],
        "boards": [one.id for one in offer.boards],
        "statuses": [one.id for one in offer.statuses],
        "types": [one.id for one in offer.types],
        "dropped": [one.name for one in offer.resolutions],
        "not_work": [one.name for one in offer.types],
    }
    for name, known in offered.items():
        _refuse_unknown(name, _named(given.get(name)), known)
    _refuse_unknown("boards.team", [one["team"] for one in given.get("boards", ()) if one.get("team")], teams)


def _named(value: Any) -> list[str]:
    if value is None:
        return []
    several = value if isinstance(value, list) else [value]
    return [one["id"] if isinstance(one, dict) else one for one in several]


def _refuse_unknown(name: str, wanted: Collection[str], known: Collection[str]) -> None:
    unknown = next((one for one in wanted if one not in known), None)
    if unknown is not None:
        shown = ", ".join(list(known)[:10]) + (", …" if len(known) > 10 else "")
        abort(422, f"{name}: there is no {unknown[:50]!r} here; there are {shown or 'none'}.")

"""Compares what Tieline reports, as plain JSON, with the truths; says each difference in a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from simulator.company.place import Company
from simulator.truths import FINDINGS, Planted, Reckoned

Json = Mapping[str, object]
PRECISION = 1e-9  # shares are written as decimals; amounts are exact


def subject_of(company: Company, planted: Planted) -> str:
    """The subject as Tieline names it: the key of an item, the id of a sprint or board."""
    kind, _, rest = planted.subject.partition(" ")
    if kind == "epic":
        return company.epics[rest].key
    if kind == "item":
        return company.marks[rest].key
    if kind == "sprint":
        team, _, number = rest.rpartition(" ")
        return str(company.sprint_id(team, int(number)))
    if kind == "board":
        team, _, code = rest.partition("/")
        return f"{company.boards[team].id}/{code}"
    return planted.subject


def names_of(company: Company) -> dict[str, str]:
    """What the things are called in the truths, by the ids and keys that Tieline reports."""
    names = {issue.key: f"item {mark}" for mark, issue in company.marks.items()}
    names |= {issue.key: f"epic {name}" for name, issue in company.epics.items()}
    names |= {str(sprint.id): f"sprint {team} {number}" for (team, number), sprint in company.sprints.items()}
    return names | {str(board.id): f"board {team}" for team, board in company.boards.items()}


def last_whole_week(company: Company) -> str:
    """The id of Operations' last period that lies wholly before today."""
    monday = company.calendar.today - timedelta(days=company.calendar.today.weekday() + 7)
    return f"{company.boards['Operations'].id}/{monday.isoformat()}"


def finding_differences(company: Company, reported: Iterable[Json]) -> list[str]:
    """Planted and not reported, reported and not planted, or of another severity."""
    wanted = {(p.kind, subject_of(company, p)): p for p in FINDINGS}
    found = {(str(f["kind"]), str(f["subject"])): str(f["severity"]) for f in reported}
    names = names_of(company)
    differences = [
        f"{kind} {wanted[kind, subject].subject} was planted and not reported: {wanted[kind, subject].why}"
        for kind, subject in sorted(wanted.keys() - found.keys())
    ]
    differences += [
        f"{kind} {_named(names, subject)} was reported and not planted"
        for kind, subject in sorted(found.keys() - wanted.keys())
    ]
    differences += [
        f"{key[0]} {planted.subject} is {found[key]}, but was reckoned as {planted.severity}: {planted.why}"
        for key, planted in wanted.items()
        if key in found and found[key] != planted.severity
    ]
    return differences


def _named(names: Mapping[str, str], subject: str) -> str:
    return "/".join(names.get(part, part) for part in subject.split("/"))


def figure_differences(planted: Reckoned, figure: Json | None) -> list[str]:
    """Where a reported figure is not what was reckoned by hand."""
    place = f"{planted.team} {planted.sprint or ''} {planted.scope} in {planted.measure}".replace("  ", " ")
    if figure is None:
        return [f"{place}: there is no figure"]
    wanted = _wanted(planted)
    found = _found(figure)
    differences = [
        f"{place}: {name} is {found.get(name)}, but was reckoned as {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    more = [*_share_differences(figure), *_interval_differences(planted, figure)]
    return differences + [f"{place}: {text}" for text in more]


def _wanted(planted: Reckoned) -> dict[str, object]:
    total = Fraction(planted.total)
    rest = {"exempt": planted.exempt, "dead_link": planted.dead_link, "unaligned": planted.unaligned}
    amounts = {**planted.shares, **rest}
    wanted: dict[str, object] = {"total": total, "order": list(planted.shares), "imputed": planted.imputed}
    for (name, amount), percent in zip(amounts.items(), planted.percents, strict=True):
        wanted[f"amount of {name}"] = Fraction(amount)
        wanted[f"percent of {name}"] = percent
    return wanted


def _parts(figure: Json) -> dict[str, Json]:
    """The parts of a figure by what they are called: codes of key results, then the three other buckets."""
    parts = {str(share["key_result"]): share for share in _list(figure.get("shares"))}
    for name in ("exempt", "dead_link", "unaligned"):
        part = figure.get(name)
        parts[name] = part if isinstance(part, Mapping) else {}
    return parts


def _found(figure: Json) -> dict[str, object]:
    shares = _list(figure.get("shares"))
    imputed = figure.get("imputed")  # a list, or in a summary how many
    found: dict[str, object] = {
        "total": _exact(figure.get("total")),
        "order": [str(share["key_result"]) for share in shares],
        "imputed": imputed if isinstance(imputed, int) else len(_list(imputed)),
    }
    for name, part in _parts(figure).items():
        found[f"amount of {name}"] = _exact(part.get("amount"))
        found[f"percent of {name}"] = part.get("percent")
    return found


def _share_differences(figure: Json) -> list[str]:
    """Each share of the total must be the amount that stands beside it."""
    total = _exact(figure.get("total"))
    return [
        f"the share of {name} is {part.get('share')}, which is not {part.get('amount')} of {total}"
        for name, part in _parts(figure).items()
        if not _is_share(part, total)
    ]


def _is_share(part: Json, total: Fraction | None) -> bool:
    share, amount = part.get("share"), _exact(part.get("amount"))
    if total is None or amount is None or not isinstance(share, int | float):
        return False
    return abs(share * float(total) - float(amount)) < PRECISION * float(total)


def _interval_differences(planted: Reckoned, figure: Json) -> list[str]:
    parts = _parts(figure)
    differences = []
    for code, (low, high) in planted.intervals.items():
        part = parts.get(code, {})
        for name, text in (("low", low), ("high", high)):
            value = part.get(name)
            if not isinstance(value, int | float) or abs(value - float(Fraction(text))) > PRECISION:
                differences.append(f"the {name} of {code} is {value}, but was reckoned as {text}")
    return differences


def _exact(value: object) -> Fraction | None:
    return Fraction(str(value)) if isinstance(value, str | int) else None


def _list(value: object) -> Sequence[Json]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []

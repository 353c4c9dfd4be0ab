"""A plan as plain JSON data and back, without loss: numbers exact, `plan_of(plan_document(plan)) == plan`.

`since` is no part of the document: it is the version's own.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from integration.store.columns import exact, exact_text
from mappings.model import (
    AllOf,
    AnyOf,
    Band,
    Condition,
    Cycle,
    Exact,
    Inherit,
    KeyResult,
    MappingRule,
    Measure,
    MeasuredValue,
    Not,
    Objective,
    Plan,
    Policy,
    Settings,
    Split,
    Team,
    When,
    Wording,
)

Document = dict[str, Any]


def plan_document(plan: Plan) -> Document:
    return {
        "settings": _settings_document(plan.settings),
        "rules": [rule_document(rule) for rule in plan.rules],
        "teams": [_team_document(team) for team in plan.teams],
        "cycles": [{"id": c.id, "start": c.start.isoformat(), "end": c.end.isoformat()} for c in plan.cycles],
        "objectives": [
            {"id": o.id, "title": o.title, "team": o.team, "cycle": o.cycle, "horizon": o.horizon}
            for o in plan.objectives
        ],
        "key_results": [_key_result_document(key_result) for key_result in plan.key_results],
    }


def plan_of(document: Document) -> Plan:
    return Plan(
        settings=_settings_of(document["settings"]),
        rules=tuple(rule_of(rule) for rule in document["rules"]),
        teams=tuple(_team_of(team) for team in document["teams"]),
        cycles=tuple(
            Cycle(c["id"], date.fromisoformat(c["start"]), date.fromisoformat(c["end"])) for c in document["cycles"]
        ),
        objectives=tuple(Objective(**objective) for objective in document["objectives"]),
        key_results=tuple(_key_result_of(key_result) for key_result in document["key_results"]),
    )


def _settings_document(settings: Settings) -> Document:
    return {
        "measure": settings.measure.value,
        "unestimated": [[kind, _policy_text(policy)] for kind, policy in settings.unestimated],
        "inherit": settings.inherit.value,
        "none_values": list(settings.none_values),
        "not_work": list(settings.not_work),
        "count_subtasks": settings.count_subtasks,
        "commit_grace": exact_text(settings.commit_grace),
        "time_zone": settings.time_zone,
        "thresholds": _numbers_document(settings.thresholds),
        "wording": _wording_document(settings.wording),
    }


def _settings_of(document: Document) -> Settings:
    return Settings(
        measure=Measure(document["measure"]),
        unestimated=tuple((kind, _policy_of(policy)) for kind, policy in document["unestimated"]),
        inherit=Inherit(document["inherit"]),
        none_values=tuple(document["none_values"]),
        not_work=tuple(document["not_work"]),
        count_subtasks=document["count_subtasks"],
        commit_grace=exact(document["commit_grace"]),
        time_zone=document["time_zone"],
        thresholds=_numbers_of(document["thresholds"]),
        wording=_wording_of(document),
    )


def _wording_document(wording: Wording) -> Document:
    return {"check": wording.check, "capability": wording.capability}


def _wording_of(document: Document) -> Wording:
    """Versions applied before there were such settings say nothing of them."""
    return Wording(**document.get("wording", {}))


def _policy_text(policy: Policy) -> str:
    return policy if isinstance(policy, str) else exact_text(policy)


def _policy_of(text: str) -> Policy:
    return text if text in ("median", "zero") else exact(text)


def _numbers_document(numbers: Mapping[str, Exact]) -> dict[str, str]:
    return {name: exact_text(number) for name, number in numbers.items()}


def _numbers_of(document: Mapping[str, str]) -> dict[str, Exact]:
    return {name: exact(text) for name, text in document.items()}


def rule_document(rule: MappingRule) -> Document:
    return {
        "when": _when_document(rule.when),
        "key_results": list(rule.key_results),
        "reason": rule.reason,
        "since": _day_text(rule.since),
        "until": _day_text(rule.until),
        "author": rule.author,
    }


def rule_of(document: Document) -> MappingRule:
    return MappingRule(
        when=_when_of(document["when"]),
        key_results=tuple(document["key_results"]),
        reason=document["reason"],
        since=_day_of(document["since"]),
        until=_day_of(document["until"]),
        author=document["author"],
    )


def _when_document(when: When) -> Document:
    match when:
        case Condition():
            return {"kind": when.kind, "value": when.value, "name": when.name}
        case AllOf():
            return {"all": [_when_document(condition) for condition in when.conditions]}
        case AnyOf():
            return {"any": [_when_document(condition) for condition in when.conditions]}
        case Not():
            return {"not": _when_document(when.condition)}


def _when_of(document: Document) -> When:
    if "all" in document:
        return AllOf(tuple(_when_of(condition) for condition in document["all"]))
    if "any" in document:
        return AnyOf(tuple(_when_of(condition) for condition in document["any"]))
    if "not" in document:
        return Not(_when_of(document["not"]))
    return Condition(document["kind"], document["value"], document["name"])


def _team_document(team: Team) -> Document:
    split = team.split
    return {
        "name": team.name,
        "parent": team.parent,
        "split": split and [exact_text(part) for part in (split.primary, split.secondary, split.exploration)],
        "thresholds": _numbers_document(team.thresholds),
        "wording": _wording_document(team.wording),
        "band": team.band and [exact_text(team.band.low), exact_text(team.band.high)],
    }


def _team_of(document: Document) -> Team:
    split, band = document["split"], document.get("band")
    return Team(
        name=document["name"],
        parent=document["parent"],
        split=None if split is None else Split(*(exact(part) for part in split)),
        thresholds=_numbers_of(document["thresholds"]),
        wording=_wording_of(document),
        band=None if band is None else Band(*(exact(part) for part in band)),
    )


_EXACT = ("baseline", "target", "confidence", "cadence_days")
_DAYS = ("since", "until")
_TEXTS = ("aliases", "supports")
_PLAIN = ("code", "objective", "title", "metric", "unit", "direction", "kind", "owner")


def _key_result_document(key_result: KeyResult) -> Document:
    return {
        **{name: getattr(key_result, name) for name in _PLAIN},
        **{name: _exact_text(getattr(key_result, name)) for name in _EXACT},
        **{name: _day_text(getattr(key_result, name)) for name in _DAYS},
        **{name: list(getattr(key_result, name)) for name in _TEXTS},
        "values": [[value.at.astimezone(UTC).isoformat(), exact_text(value.value)] for value in key_result.values],
    }


def _key_result_of(document: Document) -> KeyResult:
    values: Document = {
        **{name: document[name] for name in _PLAIN},
        **{name: _exact_of(document[name]) for name in _EXACT},
        **{name: _day_of(document[name]) for name in _DAYS},
        **{name: tuple(document[name]) for name in _TEXTS},
    }
    measured = tuple(MeasuredValue(datetime.fromisoformat(at), exact(value)) for at, value in document["values"])
    return KeyResult(**values, values=measured)


def _exact_text(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)


def _exact_of(text: str | None) -> Exact | None:
    return None if text is None else exact(text)


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

"""Mapping rules as JSON, for the API and the command line."""

from datetime import datetime
from typing import Any

from integration.store.opened import Store
from integration.store.plan_documents import rule_document
from mappings.document import moment_text
from mappings.model import MappingRule
from reports.rule_views import RuleLine, rules_page
from reports.rule_words import when_data

Json = dict[str, Any]


def rule_lines(store: Store, now: datetime) -> list[Json]:
    """Those made here, those of the file, and those that were ended."""
    page = rules_page(store, now)
    places = (("made", page.made), ("file", page.of_file), ("ended", page.ended))
    return [_line_document(place, line) for place, lines in places for line in lines]


def _line_document(place: str, line: RuleLine) -> Json:
    """`number` is that of a rule made here; those of the register's file have none."""
    made = line.made
    told = {"number": line.number or None, "from_where": place, "words": line.when, "gives": line.gives}
    told |= {"is_exempt": line.is_exempt, "holds_today": not line.is_over, "reason": line.reason or None}
    if made is None:
        return told
    ended = None if made.ended_at is None else moment_text(made.ended_at)
    return {
        **told,
        **_plain(made.rule),
        "made_at": moment_text(made.made_at),
        "made_by": made.made_by,
        "why": made.why,
        "goes_on_from": made.first if made.first != made.id else None,
        "ended_at": ended,
        "ended_by": made.ended_by,
        "ended_why": made.ended_why,
    }


def _plain(rule: MappingRule) -> Json:
    document = rule_document(rule)
    days = {"from": document["since"], "until": document["until"]}
    return {"when": when_data(rule.when), "key_results": document["key_results"], **days}

"""What a sprint's work serves, in the few lines of a comment. Pure: a kept answer in, text out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integration.contract import Misconfigured
from mappings.model import Plan

_MEASURES = {"points": "points", "count": "items"}
_SECONDS = 3600
_SCOPES = {"final": "In the sprint", "completed": "Completed"}


def coverage_text(name: str, state: str, document: Mapping[str, Any], plan: Plan, now: datetime) -> str:
    """`document`: the sprint's kept answer in one measure. Raise where there is no figure to tell."""
    titles = {kr.code: kr.title for kr in plan.key_results}
    told = [
        line
        for scope, words in _SCOPES.items()
        if scope == "final" or state == "closed"
        for line in _scope(words, document["scopes"].get(scope), str(document["measure"]), titles)
    ]
    if not told:
        raise Misconfigured("write_back", f"Of sprint {name} nothing can be told yet: it has no figures.")
    moment = f"{now:%Y-%m-%d %H:%M} UTC"
    return "\n".join((f"What the work of sprint “{_line(name)}” ({state}) serves, as of {moment}:", *told))


def _scope(words: str, figure: Mapping[str, Any] | None, measure: str, titles: Mapping[str, str]) -> list[str]:
    if figure is None:
        return []
    total = _amount(str(figure["total"]), measure)
    if figure["unaligned"]["percent"] is None:
        return [f"{words}: {total}; nothing to share out."]
    lines = [f"{words}: {total}"]
    for part in figure["shares"]:
        title = _line(titles.get(part["key_result"], ""))
        lines.append(f"- {part['key_result']}{f' {title}' if title else ''}: {part['percent']} %")
    rest = (("exempt", "exempt"), ("dead link", "dead_link"), ("unaligned", "unaligned"))
    lines.append("- " + ", ".join(f"{said}: {figure[part]['percent']} %" for said, part in rest))
    if figure["imputed"]:
        number = len(figure["imputed"])
        lines.append(f"- {number} item{' is' if number == 1 else 's are'} not estimated and counted with a median")
    return lines


def _amount(text: str, measure: str) -> str:
    numerator, _, denominator = text.partition("/")
    value = int(numerator) / int(denominator or 1)
    unit = _MEASURES.get(measure)
    return f"{value:.4g} {unit}" if unit is not None else f"{value / _SECONDS:.4g} hours"


def _line(text: str) -> str:
    return " ".join(text.split())

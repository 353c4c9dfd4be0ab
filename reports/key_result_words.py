"""Key results in words: values with their unit, progress, and what the place among effort and movement says."""

from typing import TYPE_CHECKING

from mappings.effort import Grade
from mappings.model import Exact, KeyResult
from reports.finding_views import TITLES

if TYPE_CHECKING:
    from reports.key_result_views import KeyResultLine, KeyResultPage

GRADES = {
    Grade.MISSED: "missed: under 60 %",
    Grade.MET: "met: 60 to 80 %",
    Grade.EXCEEDED: "exceeded: was the target too easy?",
}


def number(value: Exact) -> str:
    """As people write it: no more than six digits."""
    return f"{float(value):,.6g}" if -(10**6) < value < 10**6 else f"{float(value):,.0f}"


def amount(kr: KeyResult, value: Exact | None) -> str:
    if value is None:
        return "not known"
    if kr.kind == "binary":
        return percent(value)
    return f"{number(value)} {kr.unit}" if kr.unit else number(value)


def percent(share: Exact | float | None) -> str:
    return "not known" if share is None else f"{float(share) * 100:.0f} %"


def from_to(kr: KeyResult) -> str:
    """What it starts from and should reach; "" where neither is said."""
    if kr.kind == "binary" or (kr.baseline is None and kr.target is None):
        return ""
    start = "not said" if kr.baseline is None else number(kr.baseline)
    return f"{start} → {'not said' if kr.target is None else amount(kr, kr.target)}"


def moved(line: "KeyResultLine") -> str:
    """How it moved since its cycle began."""
    movement = line.effort.movement
    if movement.is_moving is None:
        return "not measured since its cycle began" if movement.moved is None else "no start to compare with"
    if movement.moved is None:
        return "nearer to its target" if movement.is_moving else "no nearer to its target"
    return f"{float(movement.moved) * 100:+.0f} % of the way".replace("-", "\u2212")


def missing(line: "KeyResultLine") -> str:
    """Why it stands in no quadrant."""
    said = []
    if line.effort.share is None:
        said.append(f"{line.team} completed no work in {line.cycle} that is known here")
    if line.effort.movement.is_moving is None:
        kr = line.kr
        lacks = kr.kind != "binary" and (kr.target is None or (kr.baseline is None and kr.direction is None))
        said.append("it has no baseline or target" if lacks else "nobody measured it since its cycle began")
    return " and ".join(said)


def grade(line: "KeyResultLine") -> str:
    return GRADES[line.effort.grade] if line.effort.grade is not None else ""


def sufficiency(page: "KeyResultPage") -> str:
    """What the open epics mean to bring, beside the distance to go."""
    line = page.line
    if line.planned is None:
        return ""
    planned = amount(line.kr, line.planned)
    if line.to_go is None:
        return f"Its open epics mean to bring {planned}; how far there is to go is not known."
    if line.to_go == 0:
        return f"Its open epics mean to bring {planned}, and the target is reached."
    verdict = "that is enough if it comes true" if page.enough else "that does not suffice even if it comes true"
    return f"Its open epics mean to bring {planned} of the {amount(line.kr, line.to_go)} still to go: {verdict}."


def finding_title(kind: str) -> str:
    return TITLES.get(kind, kind.replace("_", " "))

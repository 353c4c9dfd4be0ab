"""From where to where?"""

from datetime import date

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, key_result, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "no_baseline"}


def test_a_metric_needs_a_baseline_and_a_target_until_it_is_over() -> None:
    register = plan(
        key_results=(
            key_result("A", baseline=None, target=None),
            key_result("B", target=None, since=date(2026, 3, 30)),
            key_result("C"),
            key_result("D", kind="binary", baseline=None),
            key_result("E", baseline=None, until=date(2026, 3, 19)),
        )
    )
    missing = {key: each.evidence["missing"] for key, each in found(backlog(plans=register)).items()}
    assert missing == {"A": ("baseline", "target"), "B": ("target",)}

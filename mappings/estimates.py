"""What an unestimated item counts for: the policy of its type, and the pools that a median is taken from."""

from collections.abc import Sequence
from fractions import Fraction

from mappings.exact import plain
from mappings.model import Exact, Measure, Policy
from mappings.tags import Register, fold

ENOUGH = 3  # estimates that make a pool
ESTIMATED = (Measure.POINTS, Measure.ORIGINAL_ESTIMATE)  # the measures that an item may lack


def policy_for(register: Register, item_type: str) -> Policy:
    policies = {fold(name): policy for name, policy in register.plan.settings.unestimated}
    return policies.get(fold(item_type), policies.get("*", "median"))


def impute(policy: Policy, *pools: Sequence[Exact]) -> Exact:
    """The value of an unestimated item; the median is that of the first pool with enough estimates, else 1."""
    if policy == "zero":
        return 0
    if not isinstance(policy, str):
        return policy
    return next((median(pool) for pool in pools if len(pool) >= ENOUGH), 1)


def median(values: Sequence[Exact]) -> Exact:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return plain(Fraction(ordered[middle - 1] + ordered[middle]) / 2)

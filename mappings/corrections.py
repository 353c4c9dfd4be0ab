"""Figures told anew after the fact: what was learnt late restates a closed figure, what was tagged late corrects none.

A *restated* figure replaces the kept one, which stays beside it with when and why. The *corrected* figure is
another one: the closed scopes with their items, measures and statuses of completion, but the links of now.
"""

from collections.abc import Mapping

from mappings.links import links_of
from mappings.model import Figure, Item, Link, Measure, Scope, Sprint
from mappings.reckoning import Reckoning
from mappings.shares import figure_of
from mappings.tags import Standpoint


def corrected_figures(reckoning: Reckoning, sprint: Sprint, measure: Measure) -> Mapping[Scope, Figure | None]:
    """The closed sprint's figures with the links of now."""
    figures: dict[Scope, Figure | None] = {}
    for scope in Scope:
        lines = reckoning.sprints.lines(sprint, scope, measure)
        if lines is None:
            figures[scope] = None
            continue
        items = reckoning.timeline.items
        figures[scope] = figure_of(
            [each._replace(links=links_of_now(reckoning, sprint, items[each.item])) for each in lines], measure
        )
    return figures


def links_of_now(reckoning: Reckoning, sprint: Sprint, item: Item) -> tuple[Link, ...]:
    """The item's links as of now, to the KRs that are live for the sprint."""
    time = reckoning.timeline.live_time(sprint, reckoning.as_of)
    team = reckoning.timeline.team_of(item, reckoning.as_of, sprint)
    return links_of(reckoning.timeline, reckoning.register, item, Standpoint(reckoning.as_of, time, team))

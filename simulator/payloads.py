"""The bodies of the simulated site's deliveries, rendered at the moment of the event."""

from simulator import dates, shapes, sprint_shapes
from simulator.dates import Json
from simulator.site import Site
from simulator.things import Event


def payload(site: Site, event: Event) -> Json:
    """The body of a webhook: issues in the shape of REST v2, sprints in that of the agile API."""
    body: Json = {"timestamp": dates.milliseconds(event.at), "webhookEvent": event.name}
    if event.issue is not None:
        if event.kind is not None:
            body["issue_event_type_name"] = event.kind
        body["user"] = shapes.user_json(site)
        body["issue"] = shapes.issue_json(site, site.issues[event.issue], ["*all"], version=2)
        if event.history is not None:
            items = [shapes.item_json(item, site) for item in event.history.items]
            body["changelog"] = {"id": str(event.history.id), "items": items}
    if event.property is not None:
        body["property"] = {"key": event.property[0], "value": event.property[1]}
    if event.sprint is not None:
        sprint = sprint_shapes.sprint_json(site, event.sprint)
        body["sprint"] = {k: v for k, v in sprint.items() if event.name != "sprint_deleted" or k != "self"}
        if event.before is not None:
            body["oldValue"] = sprint_shapes.sprint_json(site, event.before)
    if event.project is not None:
        # Here a number, a text in every answer.
        body["project"] = shapes.project_json(site, event.project, version=2) | {"id": event.project.id}
    return body

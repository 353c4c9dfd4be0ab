"""How Jira writes boards and sprints: objects of the agile API, those within issues, and printed Java objects."""

from datetime import datetime

from simulator.dates import Json, zulu
from simulator.site import Site
from simulator.things import Board, Sprint


def board_json(site: Site, board: Board) -> Json:
    project = site.projects[board.project]
    body: Json = {
        "id": board.id,
        "self": f"{site.base_url}/rest/agile/1.0/board/{board.id}",
        "name": board.name,
        "type": board.type,
    }
    if site.is_data_center:
        return body
    return body | {
        "location": {
            "projectId": project.id,
            "displayName": f"{project.name} ({project.key})",
            "projectName": project.name,
            "projectKey": project.key,
            "projectTypeKey": "software",
            "name": f"{project.name} ({project.key})",
        },
    }


def _activated(sprint: Sprint) -> datetime | None:
    return None if sprint.state == "future" else sprint.start


def _dates(sprint: Sprint) -> Json:
    dates = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.completed}
    return {name: zulu(at) for name, at in dates.items() if at is not None}


def sprint_json(site: Site, sprint: Sprint) -> Json:
    """A sprint as the agile API and sprint events write it; a goal never set is an absent key."""
    body: Json = {
        "id": sprint.id,
        "self": f"{site.base_url}/rest/agile/1.0/sprint/{sprint.id}",
        "state": sprint.state,
        "name": sprint.name,
        "originBoardId": sprint.board,
    }
    if site.is_data_center:
        if (at := _activated(sprint)) is not None:
            body["activatedDate"] = zulu(at)
    elif sprint.created is not None:
        body["createdDate"] = zulu(sprint.created)
    if sprint.goal is not None:
        body["goal"] = sprint.goal
    return body | _dates(sprint)


def sprint_object(sprint: Sprint) -> Json:
    body: Json = {"id": sprint.id, "name": sprint.name, "state": sprint.state, "boardId": sprint.board}
    body["goal"] = sprint.goal or ""
    return body | _dates(sprint)


def sprint_text(sprint: Sprint, site_tells_activation: bool = False) -> str:
    def text(at: datetime | None) -> str:
        return "<null>" if at is None else zulu(at)

    if site_tells_activation:
        # Another order than that of Cloud, and more keys.
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id * 7919:x}[id={sprint.id},"
            f"rapidViewId={sprint.board},state={sprint.state.upper()},name={sprint.name},startDate={text(sprint.start)},"
            f"endDate={text(sprint.end)},completeDate={text(sprint.completed)},activatedDate={text(_activated(sprint))},"
            f"sequence={sprint.id},goal={sprint.goal or ''},autoStartStop=false,synced=false]"
        )
    return (
        f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id * 7919:x}[completeDate={text(sprint.completed)},"
        f"endDate={text(sprint.end)},goal={sprint.goal or ''},id={sprint.id},name={sprint.name},"
        f"rapidViewId={sprint.board},sequence={sprint.id},startDate={text(sprint.start)},state={sprint.state.upper()}]"
    )

"""The simulated site can be written to as Jira can; and the whole way of a change: from its preview to its delivery,
which updates our copy, is known as ours, and writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from sqlalchemy import Engine

from integration import sync
from integration.answers import decide_due
from integration.contract import Change, Connection
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import reading, writing
from integration.store.plans import apply_plan
from integration.store.reads import open_findings
from integration.store.write_back_records import changes_of
from integration.store.write_back_sending import note_what_came_back
from integration.store.writes import save_fetched
from integration.trackers.jira import TRACKER
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.write_back import asking
from integration.write_back.sending import Office, work_once
from integration.write_back.undoing import plan_undo
from integration.write_back.wishes import CommentCoverage, MarkOrphans, SetKeyResults, Wish
from mappings.model import Cycle, KeyResult, Objective, Plan
from simulator import newcomers
from simulator.catalogue import SPRINT_FIELD, TAG_FIELD
from simulator.company.moments import Calendar
from simulator.site import Site
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.documents import DATA_CENTER, DOCUMENTS, judge
from tests.shared_material import SHARED
from tests.simulator.callers import Caller, answering, caller_of
from tests.simulator.companies import NOON, company_at
from tests.simulator.test_official_documents import PLATFORM, document

PUT = {"update": {TAG_FIELD: [{"set": [{"id": "0"}]}]}}


@pytest.fixture
def caller() -> Caller:
    return caller_of(company_at(NOON).site)


def put(caller: Caller, path: str, body: object) -> int:
    return caller.client.open(caller.build("PUT", path, body)).status_code


@pytest.mark.parametrize(
    "update",
    [
        {TAG_FIELD: [{"set": [{"id": "0"}]}]},
        {TAG_FIELD: [{"set": [{"value": "KR-11"}]}]},
        {"summary": [{"set": "Another"}]},
        {"customfield_99999": [{"set": "x"}]},
        {"labels": [{"add": "two words"}]},
        {"labels": [{"rename": "x"}]},
        {"labels": "x"},
        "x",
    ],
)
def test_an_edit_that_jira_would_refuse_is_refused_and_changes_nothing(caller: Caller, update: object) -> None:
    issue = caller.site.find("CHK-20")
    assert issue is not None
    before = issue.values
    assert put(caller, "/rest/api/3/issue/CHK-20", {"update": update}) == 400
    assert issue.values == before


def test_an_edit_stands_in_the_changelog(caller: Caller) -> None:
    issue = caller.site.find("CHK-20")
    assert issue is not None
    known = len(issue.histories)
    assert put(caller, "/rest/api/3/issue/CHK-20", {"update": {"labels": [{"add": "seen"}]}}) == 204
    assert [entry.items[0].after_text for entry in issue.histories[known:]] == [" ".join(issue.values.labels)]


@pytest.mark.parametrize("path", ["/rest/api/3/issue/SEC-1", "/rest/api/3/issue/NONE-1"])
def test_what_cannot_be_seen_cannot_be_edited(caller: Caller, path: str) -> None:
    assert put(caller, path, PUT) == 404


def test_properties_and_comments_come_and_go(caller: Caller) -> None:
    path = "/rest/api/3/issue/CHK-20/properties/a.b"
    assert caller.get(path).status_code == 404
    assert [put(caller, path, {"x": 1}), put(caller, path, {"x": 2})] == [201, 200]
    assert caller.get(path).json == {"key": "a.b", "value": {"x": 2}}
    assert caller.client.open(caller.build("DELETE", path)).status_code == 204
    assert caller.get(path).status_code == 404
    assert caller.post("/rest/api/3/issue/CHK-20/comment", {"body": "plain words"}).status_code == 400


if SHARED is not None:
    COMMENT = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}],
    }
    ANSWERED: tuple[tuple[str, str, object, int], ...] = (
        ("GET", "/editmeta", None, 200),
        ("PUT", "", {"update": {"labels": [{"add": "x"}]}}, 204),
        ("PUT", "", {"update": {"labels": [{"add": "x y"}]}}, 400),
        ("PUT", "/properties/a.b", "x", 201),
        ("GET", "/properties/a.b", None, 200),
        ("DELETE", "/properties/a.b", None, 204),
        ("GET", "/properties/a.b", None, 404),
        ("POST", "/comment", {"body": COMMENT}, 201),
        ("GET", "/comment", None, 200),
        ("DELETE", "/comment/30001", None, 204),
        ("GET", "/comment/30001", None, 404),
    )

    def test_every_answer_is_what_the_official_document_describes(caller: Caller) -> None:
        assert SHARED is not None
        api = document(SHARED / "specs" / PLATFORM)
        for method, rest, body, status in ANSWERED:
            path = f"/rest/api/3/issue/CHK-20{rest}"
            answer = caller.client.open(caller.build(method, path, body))
            asked = WerkzeugOpenAPIRequest(caller.build(method, path, body).get_request())
            assert answer.status_code == status, (method, rest)
            api.validate_request(asked)
            if answer.data:  # what was written is answered without a body, whatever the document describes
                api.validate_response(asked, WerkzeugOpenAPIResponse(answer))


# --- the whole way ----------------------------------------------------------------------------------


@dataclass
class Story:
    site: Site
    engine: Engine
    office: Office
    connection: Connection

    def sent(self, wish: Wish) -> int:
        number = asking.ask(self.engine, "farm", wish, "ada", datetime.now(UTC))
        assert work_once(self.office)
        asking.send(self.engine, number, "ada", datetime.now(UTC))
        assert work_once(self.office)
        return number

    def undo(self, number: int) -> int:
        back = plan_undo(self.engine, self.office.trackers, number, "ada", datetime.now(UTC))
        asking.send(self.engine, back, "ada", datetime.now(UTC))
        assert work_once(self.office)
        return back

    def states(self, number: int) -> dict[str, str]:
        with reading(self.engine) as session:
            return {change.key: change.state for change in changes_of(session, number)}

    def hear(self, *keys: str) -> None:
        """As the worker does with a delivery about each."""
        issues = [self.site.find(key) for key in keys]
        changes = tuple(Change("work_item", str(issue.id)) for issue in issues if issue is not None)
        now = datetime.now(UTC)
        fetched = TRACKER.fetch(self.connection, changes, now)
        with writing(self.engine) as session:
            save_fetched(session, "farm", fetched, now)
        decide_due(self.engine, datetime.now(UTC))

    def orphans(self) -> set[str]:
        with reading(self.engine) as session:
            found = open_findings(session, states=("open",))
        return {one.subject for one in found if one.kind == "orphan_epic"}


@pytest.fixture(params=[None, (10, 3, 2)], ids=["cloud", "data_center"])
def story(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Story]:
    site = Site(version=request.param)
    now = datetime.now(UTC)
    newcomers.build(site, Calendar(now.date()), tagged=1)
    epic = site.find("FARM-1")
    for issue in site.visible():
        if epic is not None and issue.values.type == "story" and issue.values.parent != epic.id:
            site.edit(issue, now - timedelta(days=1), tags=("KR-1",))
    with answering(site), fresh_store(sqlite_url) as engine:
        vault, found = Vault([new_key()]), _connection(site)
        with writing(engine) as session:
            connections.keep_connection(session, vault, found, now)
            apply_plan(session, _plan(now), now, author="ada")
        list(sync.run_backfill(engine, found, lambda: datetime.now(UTC)))
        decide_due(engine, datetime.now(UTC))
        asking.switch(engine, "farm", "ada", now, on=True)
        yield Story(site, engine, Office(engine, vault, {"jira": TRACKER}, lambda: datetime.now(UTC)), found)
        if SHARED is not None:
            for asked in site.requests:
                _judge(asked, is_cloud=request.param is None)


def _connection(site: Site) -> Connection:
    mapping = FieldMapping(
        sprint_field=FieldRef(SPRINT_FIELD, ("Sprint",)),
        kr_fields=(FieldRef(TAG_FIELD, ("Key Result",), "options"),),
        type_levels=(("Epic", 1),),
        epic_link_field=FieldRef("customfield_11213", ("Epic Link",)),
    )
    projects = tuple(Project(str(one.id), one.key, one.name) for one in site.projects.values())
    boards = tuple(ChosenBoard(str(one.id), one.name, "Farm") for one in site.boards.values())
    center = {"edition": "data_center"} if site.is_data_center else {"email": site.email}
    known = {"token": site.token, **center}
    return Connection("farm", "jira", site.base_url, known, Chosen(projects, boards, mapping).to_json())


def _plan(now: datetime) -> Plan:
    cycle = Cycle("now", now.date() - timedelta(days=60), now.date() + timedelta(days=60))
    objective = Objective("O1", "Boxes arrive", "Farm", "now")
    return Plan(cycles=(cycle,), objectives=(objective,), key_results=(KeyResult("KR-1", "O1", "On time"),))


def _judge(asked: Mapping[str, object], *, is_cloud: bool) -> None:
    headers = {"Authorization": "Basic bWU6dG9rZW4=" if is_cloud else "Bearer sesame"}
    url = f"https://x.example{asked['path']}"
    request = requests.Request(str(asked["method"]), url, json=asked["body"], headers=headers)
    assert SHARED is not None
    judge(request.prepare(), SHARED / "specs", DOCUMENTS if is_cloud else DATA_CENTER)


def test_a_key_result_goes_there_comes_back_as_ours_and_is_given_back(story: Story) -> None:
    orphans = story.orphans()
    number = story.sent(SetKeyResults(("KR-1",), ("FARM-1",), "open"))
    assert set(story.states(number).values()) <= {"sent", "nothing"}
    epic = story.site.find("FARM-1")
    assert epic is not None
    assert list(epic.values.tags) == ["KR-1"]
    written = len(story.site.requests)
    keys = [key for key, state in story.states(number).items() if state == "sent"]
    story.hear(*keys)
    with writing(story.engine) as session:
        assert note_what_came_back(session, datetime.now(UTC)) == len(keys)
    assert not work_once(story.office)
    assert not [one for one in story.site.requests[written:] if one["method"] == "PUT"]
    assert story.orphans() <= orphans  # nothing is found because of the edit itself
    assert "FARM-1" not in story.orphans()
    story.undo(number)
    assert list(epic.values.tags) == []


def test_orphans_get_a_label_or_a_property_and_a_sprint_its_comment(story: Story) -> None:
    label, hidden = story.sent(MarkOrphans()), story.sent(MarkOrphans("property", "tieline.orphan-epic"))
    sprint = next(iter(story.site.sprints))
    comment = story.sent(CommentCoverage(str(sprint), ("FARM-1",)))
    assert set(story.states(label).values()) == set(story.states(hidden).values()) == {"sent"}
    assert story.states(comment) == {"FARM-1": "sent"}
    epic = story.site.find("FARM-1")
    assert epic is not None
    assert list(epic.values.labels) == ["serves-no-key-result"]
    for number in (label, hidden, comment):
        assert set(story.states(story.undo(number)).values()) == {"sent"}
    assert list(epic.values.labels) == []

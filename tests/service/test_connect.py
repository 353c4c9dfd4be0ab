"""`tieline connect jira` from the first question to the filled store, with flags alone and guided."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.prompt import Prompt
from sqlalchemy import Engine, func, select
from sqlmodel import col

from integration import not_work
from integration.contract import Misconfigured
from integration.secrets import Vault, new_key
from integration.store import connections, plans, retranslations
from integration.store.engine import reading, writing
from integration.store.tables import BoardRow, ItemRow
from integration.trackers.jira.choosing import Wishes
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.fields import FieldMapping
from mappings.model import Periods, Plan, Status, Team
from service.commands import connect as command
from service.commands.connect_desk import Desk
from service.commands.connect_flags import Answers
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import CLOUD_ID, KR_FIELD, SITE, FakeJira, issue, running_jira, sprint
from tests.integration.trackers.jira.test_field_survey import FIELDS

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
FLAGS = ["jira", "--url", SITE, "--email", "me@example.org", "--yes"]


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.fields = FIELDS
        fake.boards["7"]["location"] = {"projectId": 10001}
        fake.add(*(issue(number, **{KR_FIELD: {"id": "1", "value": "KR-1"}}) for number in range(30)))
        fake.sprints["31"] = sprint(31)
        yield fake


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with fresh_store(sqlite_url) as engine:
        console = Console(file=io.StringIO(), width=200, soft_wrap=True)
        yield Desk(engine, Vault([new_key()]), console, lambda: NOW)


@pytest.fixture
def run(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run the command with the test's store; answer its exit status and all that it printed."""
    token = tmp_path / "token"
    token.write_text("sesame\n", encoding="utf-8")
    monkeypatch.setattr(command, "_desk", lambda console: desk)

    def runner(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(command.connect, [*FLAGS, "--token-file", str(token), *more])
        assert isinstance(desk.console.file, io.StringIO)
        return result.exit_code, desk.console.file.getvalue() + result.output

    return runner


def items(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(ItemRow)) or 0


def test_flags_alone_lead_to_a_filled_store(jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk) -> None:
    status, told = run("--public-url", "https://okr.example.org")
    assert status == 0, told
    assert items(desk.engine) == 30
    for sentence in ("Jira Cloud 1001.0.0", "Key results from: Key Result", "registered, signed", "30 items"):
        assert sentence in told
    assert "sesame" not in told


def test_what_was_chosen_is_kept_with_the_connection(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    run("--projects", "pay", "--board-team", "payments board=Payments", "--team-field", "Squad", "--no-backfill")
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert dict(connection.credentials) == {"email": "me@example.org", "token": "sesame"}
    chosen = chosen_of(connection)
    assert [project.key for project in chosen.projects] == ["PAY"]
    assert [(board.name, board.team, board.project) for board in chosen.boards] == [
        ("Payments board", "Payments", "10001")
    ]
    assert [ref.name for ref in chosen.fields.kr_fields] == ["Key Result"]
    assert items(desk.engine) == 0


@pytest.mark.parametrize("periods", ["week", "two_weeks", "month"])
def test_a_board_without_sprints_gets_the_periods_asked_for(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk, periods: str
) -> None:
    jira.boards["7"]["type"] = "kanban"
    status, told = run("--periods", periods, "--no-backfill")
    assert status == 0, told
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert [board.periods for board in chosen_of(connection).boards] == [Periods(periods)]
    assert run("--no-backfill")[0] == 0
    assert [board.periods for board in choice_of(desk).boards] == [Periods(periods)]


def test_running_it_again_goes_on_with_the_backfill(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    jira.fail("/rest/api/3/changelog/bulkfetch", 403)
    status, told = run()
    assert status == 1
    assert "403" in told
    status, told = run()
    assert status == 0, told
    assert items(desk.engine) == 30
    assert len(jira.called("/rest/agile/1.0/board/7")) == 1


def test_other_projects_begin_the_backfill_anew_and_other_fields_are_read_from_what_is_kept(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    run()
    jira.asked.clear()
    run()
    assert not jira.called("/rest/api/3/issue/bulkfetch")
    run("--kr-label-prefix", "kr-")
    assert not jira.called("/rest/api/3/issue/bulkfetch")
    with reading(desk.engine) as session:
        assert retranslations.unfinished(session) == ("acme",)
    run("--projects", "pay")
    assert jira.called("/rest/api/3/issue/bulkfetch")


def test_a_webhook_that_we_may_not_register_is_explained(jira: FakeJira, run: Callable[..., tuple[int, str]]) -> None:
    jira.permissions = {"BROWSE_PROJECTS"}
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    status, told = run("--public-url", "https://okr.example.org")
    assert status == 0
    assert "https://okr.example.org/hooks/jira/acme" in told
    assert "Secret:" in told


def test_a_webhook_that_works_is_left_alone_unless_a_new_secret_is_wanted(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    address = ("--public-url", "https://okr.example.org", "--no-backfill")
    run(*address)
    with writing(desk.engine) as session:
        connections.note_delivery(session, "acme", NOW)
    jira.asked.clear()
    status, told = run(*address)
    assert status == 0
    assert "the webhook stays" in told
    assert not jira.called("/rest/webhooks/1.0/webhook")
    run(*address, "--new-secret")
    assert jira.called("/rest/webhooks/1.0/webhook/1")


def test_wrong_credentials_end_with_a_sentence(jira: FakeJira, run: Callable[..., tuple[int, str]]) -> None:
    jira.fail("/rest/api/3/myself", 401)
    status, told = run()
    assert status == 1
    assert "the credentials are not accepted" in told


def test_a_token_with_scopes_goes_through_the_gateway_by_itself(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    jira.fail("/rest/api/3/myself", 401)
    jira.fail("/_edge/tenant_info", 200, {"cloudId": CLOUD_ID})
    status, said = run("--no-backfill")
    assert (status, "Jira knows us as Robot, through Atlassian's gateway." in said) == (0, True), said
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert connection.credentials["cloud_id"] == CLOUD_ID


def test_a_site_in_trouble_ends_with_the_status_for_later(jira: FakeJira, run: Callable[..., tuple[int, str]]) -> None:
    jira.fail("/rest/api/3/field", 429, Retry_After="900", RateLimit_Reason="jira-quota-tenant-based")
    assert run()[0] == command.EXIT_LATER


def test_an_account_that_may_see_nothing_is_told_what_it_lacks(
    jira: FakeJira, run: Callable[..., tuple[int, str]]
) -> None:
    jira.permissions = set()
    status, told = run()
    assert status == 1
    assert "Browse Projects" in told


def test_a_flag_of_another_shape_is_refused(run: Callable[..., tuple[int, str]]) -> None:
    status, told = run("--board-team", "Payments")
    assert status == 2
    assert "BOARD=TEAM" in told


def test_where_nobody_can_be_asked_the_missing_flag_is_named(desk: Desk) -> None:
    with pytest.raises(Misconfigured, match="--url"):
        command.connect_jira(desk, answers(is_guided=False))


URL, EMAIL, TOKEN = "Address of your Jira site", "E-mail of the account", "API token (not shown)"
PROJECTS, BOARDS = "Which ones? Keys by commas, or * for all", "Which ones? Names or ids by commas, or * for all"
KEY_RESULT = "Which field names the key result? Several by commas"
STATUSES = "Which mean something else? Such as Deployed=done, by commas; nothing: none"


class Person:
    """Answers the questions that it knows, one answer after another, and takes what is suggested for all others."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {question: list(said) for question, said in answers.items()}
        self.asked: list[str] = []

    def __call__(self, question: str, *, default: str = "", **_options: object) -> str:
        self.asked.append(question)
        waiting = self.answers.get(question)
        return waiting.pop(0) if waiting else default


def guided(desk: Desk, monkeypatch: pytest.MonkeyPatch, answers: Answers, **said: Sequence[str]) -> Person:
    person = Person(**{URL: ["acme.atlassian.net"], EMAIL: ["me@example.org"], TOKEN: ["sesame"], **said})
    monkeypatch.setattr(Prompt, "ask", person)
    command.connect_jira(desk, answers)
    return person


def fields_of(desk: Desk) -> FieldMapping:
    return choice_of(desk).fields


def choice_of(desk: Desk) -> Chosen:
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    return chosen_of(connection)


def told(desk: Desk) -> str:
    assert isinstance(desk.console.file, io.StringIO)
    return desk.console.file.getvalue()


def test_it_asks_for_what_the_flags_leave_open(jira: FakeJira, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = guided(desk, monkeypatch, answers(is_guided=True), **{PROJECTS: ["PAY"], KEY_RESULT: ["Squad"]})
    assert person.answers[PROJECTS] == person.answers[KEY_RESULT] == []
    assert {URL, EMAIL, TOKEN, PROJECTS, BOARDS, KEY_RESULT, STATUSES} < set(person.asked)
    with reading(desk.engine) as session:
        assert session.scalar(select(col(BoardRow.name))) == "Payments board"
    assert [ref.name for ref in fields_of(desk).kr_fields] == ["Squad"]


def test_a_wrong_answer_is_told_and_asked_for_again(
    jira: FakeJira, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    jira.fail("/rest/api/3/myself", 401)
    jira.statuses = [{"id": "1", "name": "To Do"}, {"id": "2", "name": "Deployed"}]
    said = {
        URL: ["http://acme.atlassian.net", "acme.atlassian.net"],
        TOKEN: ["wrong", "sesame"],
        EMAIL: ["me@example.org", "me@example.org"],
        PROJECTS: ["PAI", "PAY"],
        BOARDS: ["Nowhere", "7"],
        KEY_RESULT: ["Key Reslt", "Key Result"],
        STATUSES: ["Deployed", "Deploied=done", "Deployed=done"],
    }
    person = guided(desk, monkeypatch, answers(is_guided=True), **said)
    assert all(not person.answers[question] for question in said)
    for sentence in (
        "must begin with https://",
        "not accepted",
        "no project “PAI”. Did you mean “PAY”?",
        "no board “Nowhere”",
        "no field “Key Reslt”. Did you mean “Key Result”?",
        "must look like Deployed=done",
        "no status “Deploied”. Did you mean “Deployed”?",
    ):
        assert sentence in told(desk)
    assert fields_of(desk).status_overrides == (("Deployed", Status.DONE),)


def test_two_fields_of_one_name_are_told_apart(jira: FakeJira, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    select_list = FIELDS[-1]["schema"]
    web = {"type": "PROJECT", "project": {"id": "10002"}}
    jira.fields = [
        *FIELDS,
        {"id": "customfield_77", "name": "Key Result", "custom": True, "schema": select_list, "scope": web},
        {
            "id": "customfield_78",
            "name": "Key Result",
            "custom": True,
            "schema": select_list,
            "scope": {**web, "project": {"id": "10009"}},
        },
    ]
    guided(desk, monkeypatch, answers(is_guided=True), **{KEY_RESULT: ["customfield_77"]})
    assert "Key Result (customfield_77, only in project WEB)" in told(desk)
    assert f"Key Result ({KR_FIELD})" in told(desk)
    assert "customfield_78" not in told(desk)
    assert "Key results from: Key Result (customfield_77, only in project WEB)." in told(desk)
    assert [ref.id for ref in fields_of(desk).kr_fields] == ["customfield_77"]
    guided(desk, monkeypatch, answers(is_guided=True), **{KEY_RESULT: ["Key Result"]})
    assert [ref.id for ref in fields_of(desk).kr_fields] == [KR_FIELD, "customfield_77"]


def test_run_again_it_keeps_what_no_flag_names(jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk) -> None:
    jira.boards["8"] = {"id": 8, "name": "Other board", "type": "kanban", "location": {"projectId": 10001}}
    chosen = ("--projects", "PAY", "--boards", "7", "--board-team", "7=Payments", "--kr-field", "Squad")
    assert run(*chosen, "--status", "To Do=doing", "--no-backfill")[0] == 0
    before = choice_of(desk)
    status, said = run("--no-backfill", "--token-expires", "2027-01-31")
    assert (status, choice_of(desk)) == (0, before)
    assert "1 more board shows these projects: --boards '*'." in said
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert connection.credentials["expires"] == "2027-01-31"
    assert run("--no-backfill")[0] == 0
    with reading(desk.engine) as session:
        assert connections.connection_named(session, desk.vault, "acme") == connection
    run("--projects", "*", "--boards", "*", "--no-backfill")
    assert [project.key for project in choice_of(desk).projects] == ["PAY", "WEB"]
    assert [(board.id, board.team) for board in choice_of(desk).boards] == [("8", None), ("7", "Payments")]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--status", "Nope=done"), "--status: Jira has no status “Nope”. There are: “To Do”."),
        (("--type-level", "Epik=1"), "--type-level: Jira has no issue type “Epik”. There are: “Story”, “Task”"),
        (("--kr-link-type", "Nope"), "--kr-link-type: Jira has no link type “Nope”. There are: “Serves”."),
        (("--dropped", "Nope"), "--dropped: Jira has no resolution “Nope”. There are: “Done”."),
        (("--points-field", "Squad"), "--points-field: “Squad” (customfield_8) is a select list, and no item has"),
        (("--no-work", "Story"), "--no-work is kept in the register: apply one first"),
        (("--token-expires", "soon"), "The day of expiry must be written as 2027-01-31."),
    ],
)
def test_a_name_that_the_site_lacks_is_refused_before_anything_is_saved(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk, flags: tuple[str, str], sentence: str
) -> None:
    jira.link_types = [{"id": "1", "name": "Serves", "inward": "is served by", "outward": "serves"}]
    status, said = run(*flags)
    assert (status, sentence in said) == (1, True), said
    with reading(desk.engine) as session:
        assert connections.connection_names(session) == ()


def test_types_that_are_no_work_are_kept_in_the_register(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    with writing(desk.engine) as session:
        plans.apply_plan(session, Plan(teams=(Team("Payments"),)), NOW, author="Ada")
    status, said = run("--no-work", "test case", "--no-backfill")
    assert (status, "No work: Test case." in said) == (0, True), said
    with reading(desk.engine) as session:
        assert not_work.held(session, NOW).types == ("Test case",)
    status, said = run("--board-team", "7=Paymnts", "--no-backfill")
    assert "--board-team: The register has no team “Paymnts”. Did you mean “Payments”?" in said


def test_what_is_chosen_and_found_nowhere_is_said(jira: FakeJira, run: Callable[..., tuple[int, str]]) -> None:
    said = run("--kr-label-prefix", "okr-", "--kr-field", "Squad", "--no-backfill")[1]
    assert "No label of the 30 items looked at begins with “okr-”." in said
    assert "“Squad” holds nothing in any of the 30 items looked at." in said


def test_a_level_above_epics_is_asked_about(
    jira: FakeJira, desk: Desk, monkeypatch: pytest.MonkeyPatch, run: Callable[..., tuple[int, str]]
) -> None:
    jira.types = [{"id": "30", "name": "Initiative", "hierarchyLevel": 0}]
    assert "if it is one, --type-level “Initiative=2”." in run("--no-backfill")[1]
    assert fields_of(desk).type_levels == ()
    guided(desk, monkeypatch, answers(is_guided=True))
    assert fields_of(desk).type_levels == (("Initiative", 2),)


def test_of_data_center_a_token_is_asked_for_and_no_mail(
    jira: FakeJira, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    jira.fail("/rest/api/3/serverInfo", 404)
    jira.fail("/rest/api/2/serverInfo", 200, {"deploymentType": "Server", "version": "9.12.4"})
    jira.fail("/rest/api/2/myself", 401)
    asked: list[str] = []

    def answer(question: str, **_options: object) -> str:
        asked.append(question)
        if len(asked) > 2:
            raise EOFError
        return {URL: "acme.atlassian.net", "Personal access token (not shown)": "sesame"}[question]

    monkeypatch.setattr(Prompt, "ask", answer)
    with pytest.raises(EOFError):
        command.connect_jira(desk, answers(is_guided=True))
    assert "not accepted" in told(desk)
    assert "Personal access tokens are made at https://acme.atlassian.net/secure/" in told(desk)


def test_the_level_of_an_issue_type_may_be_given(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk
) -> None:
    jira.types = [{"id": "30", "name": "Initiative"}]
    status, told = run("--type-level", "initiative=2", "--no-backfill")
    assert status == 0, told
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert chosen_of(connection).fields.type_levels == (("Initiative", 2),)
    assert run("--type-level", "Initiative")[0] == 2


def answers(*, is_guided: bool) -> Answers:
    return Answers(
        url=None,
        email=None,
        token=None,
        cloud_id=None,
        name=None,
        projects=(),
        boards=(),
        board_teams={},
        periods=Periods.MONTH,
        wishes=Wishes(),
        public_url=None,
        is_guided=is_guided,
        is_backfilled=True,
    )


def test_the_token_is_not_in_the_printed_form_of_the_answers() -> None:
    assert "token" not in repr(answers(is_guided=False))


@pytest.mark.parametrize(
    "flags", [("--boards", "7,Nowhere"), ("--board-team", "Nowhere=Payments"), ("--boards", "Nowhere")]
)
def test_a_board_that_is_not_there_is_named_with_those_that_are(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk, flags: tuple[str, ...]
) -> None:
    status, told = run(*flags)
    assert status == 1
    assert "There is no board “Nowhere”. Of the chosen projects there are: “" in told
    assert "(7)" in told
    assert items(desk.engine) == 0


def test_an_empty_token_file_is_said_to_be_empty(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("\n", encoding="utf-8")
    result = CliRunner().invoke(command.connect, [*FLAGS, "--token-file", str(token)])
    assert result.exit_code == 2
    assert "The file is empty." in result.output

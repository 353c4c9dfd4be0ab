"""`tieline connect jira` from the first question to the filled store, with flags alone and guided."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.prompt import Prompt
from sqlalchemy import Engine, func, select
from sqlmodel import col

from integration.contract import Misconfigured
from integration.secrets import Vault, new_key
from integration.store import connections, retranslations
from integration.store.engine import reading, writing
from integration.store.tables import BoardRow, ItemRow
from integration.trackers.jira.choosing import Wishes
from integration.trackers.jira.chosen import chosen_of
from mappings.model import Periods
from service.commands import connect as command
from service.commands.connect_flags import Answers
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import KR_FIELD, SITE, FakeJira, issue, running_jira, sprint
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
def desk(sqlite_url: str) -> Iterator[command.Desk]:
    with fresh_store(sqlite_url) as engine:
        console = Console(file=io.StringIO(), width=200, soft_wrap=True)
        yield command.Desk(engine, Vault([new_key()]), console, lambda: NOW)


@pytest.fixture
def run(desk: command.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
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


def test_flags_alone_lead_to_a_filled_store(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
) -> None:
    status, told = run("--public-url", "https://okr.example.org")
    assert status == 0, told
    assert items(desk.engine) == 30
    for sentence in ("Jira Cloud 1001.0.0", "Key results from: Key Result", "registered, signed", "30 items"):
        assert sentence in told
    assert "sesame" not in told


def test_what_was_chosen_is_kept_with_the_connection(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
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
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk, periods: str
) -> None:
    jira.boards["7"]["type"] = "kanban"
    status, told = run("--periods", periods, "--no-backfill")
    assert status == 0, told
    with reading(desk.engine) as session:
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert [board.periods for board in chosen_of(connection).boards] == [Periods(periods)]


def test_running_it_again_goes_on_with_the_backfill(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
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
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
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
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
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


def test_where_nobody_can_be_asked_the_missing_flag_is_named(desk: command.Desk) -> None:
    with pytest.raises(Misconfigured, match="--url"):
        command.connect_jira(desk, answers(is_guided=False))


def test_it_asks_for_what_the_flags_leave_open(
    jira: FakeJira, desk: command.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "Address of your Jira site": "acme.atlassian.net",
        "E-mail of the account": "me@example.org",
        "API token (not shown)": "sesame",
        "Which ones? Keys, or nothing for all": "PAY",
        "Which field names the key result? Several by commas": "Squad",
    }
    monkeypatch.setattr(Prompt, "ask", lambda question, **options: said.pop(question))
    command.connect_jira(desk, answers(is_guided=True))
    assert said == {}
    with reading(desk.engine) as session:
        assert session.scalar(select(col(BoardRow.name))) == "Payments board"
        connection = connections.connection_named(session, desk.vault, "acme")
    assert connection is not None
    assert [ref.name for ref in chosen_of(connection).fields.kr_fields] == ["Squad"]


def test_of_data_center_a_token_is_asked_for_and_no_mail(
    jira: FakeJira, desk: command.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    jira.fail("/rest/api/3/serverInfo", 404)
    jira.fail("/rest/api/2/serverInfo", 200, {"deploymentType": "Server", "version": "9.12.4"})
    jira.fail("/rest/api/2/myself", 401)
    said = {"Address of your Jira site": "acme.atlassian.net", "Personal access token (not shown)": "sesame"}
    monkeypatch.setattr(Prompt, "ask", lambda question, **options: said.pop(question))
    with pytest.raises(Misconfigured, match="not accepted"):
        command.connect_jira(desk, answers(is_guided=True))
    assert said == {}
    assert isinstance(desk.console.file, io.StringIO)
    assert "Personal access tokens are made at https://acme.atlassian.net/secure/" in desk.console.file.getvalue()


def test_the_level_of_an_issue_type_may_be_given(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk
) -> None:
    status, told = run("--type-level", "Initiative=2", "--no-backfill")
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
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: command.Desk, flags: tuple[str, ...]
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

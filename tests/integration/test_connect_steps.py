"""Connecting by steps that are kept: gone on with, thrown away, finished; and what the keeper does afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import responses
from sqlalchemy import Engine

from integration import backfills, connect, connect_steps, keeping, sync
from integration.connecting import BoardChoice, Choice
from integration.contract import Connection, Misconfigured, Permanent, Temporary
from integration.secrets import Vault, new_key
from integration.store import connections, drafts, turns, webhook_states
from integration.store.drafts import Draft
from integration.store.engine import reading, writing
from integration.trackers.jira.chosen import chosen_of
from integration.trackers.jira.remapping import Changes, changed
from mappings.model import Status
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import CLOUD_ID, KR_FIELD, SITE, FakeJira, issue, running_jira
from tests.integration.trackers.jira.test_field_survey import FIELDS

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
PUBLIC = "https://okr.example.org"
SCOPED = {"type": "PROJECT", "project": {"id": "10002"}}
OF_ANOTHER = {"type": "PROJECT", "project": {"id": "10099"}}
VAULT = Vault([new_key()])


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        key_result = next(field for field in FIELDS if field["id"] == KR_FIELD)
        fake.fields = [
            *FIELDS,
            {**key_result, "id": "customfield_20001", "scope": SCOPED},
            {**key_result, "id": "customfield_20002", "scope": OF_ANOTHER},
        ]
        fake.boards["7"]["location"] = {"projectId": 10001}
        fake.add(*(issue(number, **{KR_FIELD: {"id": "1", "value": "KR-1"}}) for number in range(30)))
        yield fake


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    with fresh_store(sqlite_url) as engine:
        yield engine


def draft(engine: Engine, id_: str) -> Draft:
    with reading(engine) as session:
        found = drafts.draft_of(session, VAULT, id_)
    assert found is not None
    return found


def logged_in(engine: Engine) -> str:
    id_ = connect_steps.begin(engine, "jira", "acme.atlassian.net/browse/PAY-1", NOW)
    entries = {"email": "me@example.org", "token": "sesame", "expires": ""}
    connect_steps.log_in(engine, VAULT, draft(engine, id_), "api_token", entries, "acme", NOW)
    return id_


def looked(engine: Engine, *projects: str) -> str:
    id_ = logged_in(engine)
    connect_steps.list_projects(engine, VAULT, draft(engine, id_), NOW)
    connect_steps.choose_projects(engine, draft(engine, id_), projects or ("10001", "10002"), NOW)
    connect_steps.look(engine, VAULT, id_, lambda: NOW)
    return id_


def made(engine: Engine, public_url: str | None = PUBLIC) -> connect.WebhookResult | None:
    return connect_steps.finish(engine, VAULT, draft(engine, looked(engine)), (), public_url, NOW)


def saved(engine: Engine) -> Connection:
    with reading(engine) as session:
        found = connections.connection_named(session, VAULT, "acme")
    assert found is not None
    return found


# --- the steps --------------------------------------------------------------------------------


def test_each_step_is_kept_and_the_credentials_are_encrypted(jira: FakeJira, engine: Engine) -> None:
    id_ = logged_in(engine)
    found = draft(engine, id_)
    assert connect_steps.site_of(found).name == "Jira Cloud 1001.0.0"
    assert dict(found.credentials) == {"email": "me@example.org", "token": "sesame"}
    with reading(engine) as session:
        assert "sesame" not in repr(drafts.drafts(session)) + str(found.data)


def test_credentials_that_are_refused_are_not_kept(jira: FakeJira, engine: Engine) -> None:
    id_ = connect_steps.begin(engine, "jira", SITE, NOW)
    jira.fail("/rest/api/3/myself", 401)
    with pytest.raises(Misconfigured, match="not accepted"):
        connect_steps.log_in(
            engine, VAULT, draft(engine, id_), "api_token", {"email": "me@example.org", "token": "x"}, "acme", NOW
        )
    assert dict(draft(engine, id_).credentials) == {}


def test_what_the_account_may_see_is_asked_anew_each_time(jira: FakeJira, engine: Engine) -> None:
    id_ = logged_in(engine)
    jira.permissions = set()
    before = connect_steps.sight(engine, VAULT, draft(engine, id_), NOW)
    jira.permissions = {"BROWSE_PROJECTS"}
    after = connect_steps.sight(engine, VAULT, draft(engine, id_), NOW)
    assert (before.is_enough, after.is_enough) == (False, True)
    assert (after.account, after.projects, after.skew_seconds) == ("Robot", 2, 5)


def test_a_look_ranks_fields_with_samples_and_tells_those_of_one_project_apart(jira: FakeJira, engine: Engine) -> None:
    offer = connect_steps.offer_of(draft(engine, looked(engine)))
    assert offer is not None
    named = [(field.id, field.scope, field.filled, field.samples) for field in offer.key_results if field.rank == 1]
    assert named == [(KR_FIELD, None, 30, ("KR-1",)), ("customfield_20001", "WEB", 0, ())]
    assert (offer.items, offer.sampled) == (30, 30)
    assert [(status.name, status.items) for status in offer.statuses] == [("To Do", 30)]
    assert [kind.name for kind in offer.types] == ["Story", "Task", "Test case"]


def test_a_look_that_fails_says_why_in_the_draft(jira: FakeJira, engine: Engine) -> None:
    jira.fail("/rest/api/3/field", 403)
    id_ = looked(engine)
    assert "403" in draft(engine, id_).data["looking"]["failed"]
    connect_steps.look(engine, VAULT, id_, lambda: NOW)
    assert connect_steps.offer_of(draft(engine, id_)) is not None


def test_other_projects_are_looked_at_anew(jira: FakeJira, engine: Engine) -> None:
    id_ = looked(engine, "10001")
    connect_steps.choose_projects(engine, draft(engine, id_), ("10002",), NOW)
    assert connect_steps.offer_of(draft(engine, id_)) is None
    with pytest.raises(Misconfigured, match="one project"):
        connect_steps.choose_projects(engine, draft(engine, id_), ("nothing",), NOW)


def test_what_is_thrown_away_is_gone_with_its_credentials(jira: FakeJira, engine: Engine) -> None:
    id_ = looked(engine)
    connect_steps.throw_away(engine, id_)
    with reading(engine) as session:
        assert drafts.draft_of(session, VAULT, id_) is None
    connect_steps.look(engine, VAULT, id_, lambda: NOW)  # a look that comes late brings nothing back
    with reading(engine) as session:
        assert drafts.drafts(session) == ()


def test_every_way_to_name_key_results_ends_in_the_mapping(jira: FakeJira, engine: Engine) -> None:
    id_ = looked(engine)
    offer = connect_steps.offer_of(draft(engine, id_))
    assert offer is not None
    choice = Choice(
        key_results=("customfield_20001", KR_FIELD),
        label_prefix="kr-",
        pattern=r"KR-\d+",
        links=("Relates",),
        boards=(BoardChoice("7", team="Payments"),),
        statuses=(("1", Status.DOING),),
        dropped=("Declined",),
        levels=(("Initiative", 2),),
    )
    connect_steps.keep_choice(engine, draft(engine, id_), choice, NOW)
    connect_steps.finish(engine, VAULT, draft(engine, id_), (), None, NOW)
    chosen = chosen_of(saved(engine))
    fields = chosen.fields
    assert [ref.id for ref in fields.kr_fields] == ["customfield_20001", KR_FIELD]
    assert {ref.encoding for ref in fields.kr_fields} == {"option"}
    assert (fields.kr_label_prefix, fields.kr_text_pattern, fields.kr_link_types) == ("kr-", r"KR-\d+", ("Relates",))
    assert (fields.status_overrides, fields.type_levels) == ((("1", Status.DOING),), (("Initiative", 2),))
    assert "Declined" in fields.dropped_resolutions
    assert [(board.team, board.project) for board in chosen.boards] == [("Payments", "10001")]


# --- the end ----------------------------------------------------------------------------------


def test_finishing_registers_the_webhook_and_asks_for_the_backfill(jira: FakeJira, engine: Engine) -> None:
    result = made(engine)
    assert result is not None
    assert result.registered is not None
    assert jira.webhooks[0]["url"] == f"{PUBLIC}/hooks/jira/acme"
    with reading(engine) as session:
        assert turns.unfinished(session, NOW) == ("acme",)
        assert drafts.drafts(session) == ()
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 1
    with reading(engine) as session:
        progress = connections.backfill_of(session, "acme")
    assert progress is not None
    assert (progress.done, progress.finished_at) == (30, NOW)


def test_who_may_not_register_is_told_what_to_paste(jira: FakeJira, engine: Engine) -> None:
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    result = made(engine)
    assert result is not None
    assert any("Secret:" in line for line in result.instructions)
    with reading(engine) as session:
        state = webhook_states.webhook_state(session, "acme")
    assert state is not None
    assert (state.is_by_hand, state.proven_at) == (True, None)


def test_a_connection_is_chosen_anew_from_what_was_chosen_before(jira: FakeJira, engine: Engine) -> None:
    made(engine, None)
    backfills.run_waiting(engine, VAULT, lambda: NOW)
    id_ = connect_steps.begin_anew(engine, VAULT, "acme", NOW)
    connect_steps.list_projects(engine, VAULT, draft(engine, id_), NOW)
    assert connect_steps.chosen_projects(draft(engine, id_)) == ("10001", "10002")
    connect_steps.look(engine, VAULT, id_, lambda: NOW)
    found = draft(engine, id_)
    offer = connect_steps.offer_of(found)
    assert offer is not None
    choice = connect_steps.choice_of(found, offer, ())
    assert choice.key_results == (KR_FIELD, "customfield_20001")
    connect_steps.keep_choice(engine, found, replace(choice, label_prefix="kr-"), NOW)
    connect_steps.finish(engine, VAULT, draft(engine, id_), (), None, NOW)
    assert chosen_of(saved(engine)).fields.kr_label_prefix == "kr-"


def test_what_the_pages_do_not_ask_about_outlives_another_choice(jira: FakeJira, engine: Engine) -> None:
    jira.fields = [*FIELDS, {"id": "customfield_9x", "name": "Size", "schema": {"type": "any", "custom": "app:size"}}]
    made(engine)
    said = Changes(
        points_fields=("Size",), rule_fields=("Squad",), board_statuses=(("7", "To Do", "doing"),), kr_pattern="KR-."
    )
    mapping = changed(saved(engine), said).to_json()
    with writing(engine) as session:
        connections.set_mapping(session, "acme", mapping, NOW, author="Ada")
    id_ = connect_steps.begin_anew(engine, VAULT, "acme", NOW)
    connect_steps.look(engine, VAULT, id_, lambda: NOW)
    offer = connect_steps.offer_of(draft(engine, id_))
    assert offer is not None
    assert [(one.name, one.reason) for one in offer.points if one.id == "customfield_9x"] == [("Size", "chosen before")]
    connect_steps.finish(engine, VAULT, draft(engine, id_), (), None, NOW)
    fields = chosen_of(saved(engine)).fields
    assert [ref.name for ref in fields.points_fields] == ["Size"]
    assert [ref.name for ref in fields.rule_fields] == ["Squad"]
    assert fields.board_statuses == (("7", "To Do", Status.DOING),)
    assert fields.kr_text_pattern == "KR-."


def test_a_name_of_another_site_is_refused_before_anything_is_kept(jira: FakeJira, engine: Engine) -> None:
    other = Connection("acme", "jira", "https://other.atlassian.net", {"token": "x"})
    connect.save(engine, VAULT, other, NOW, None)
    with pytest.raises(Misconfigured, match="another name"):
        logged_in(engine)


def test_consent_leads_to_a_connection_whose_tokens_are_kept_apart(jira: FakeJira, engine: Engine) -> None:
    id_ = connect_steps.begin(engine, "jira", SITE, NOW)
    app = {"client_id": "app", "client_secret": "hush"}
    connect_steps.ask_consent(engine, VAULT, draft(engine, id_), app, "acme", "https://o.example/c", "state", NOW)
    until = int((datetime.now(UTC) + timedelta(hours=1) - NOW).total_seconds())
    answer = {"access_token": "access", "refresh_token": "refresh", "expires_in": until}
    jira.http.add(responses.POST, "https://auth.atlassian.com/oauth/token", json=answer)
    resources = [{"id": CLOUD_ID, "url": SITE}]
    jira.http.add(responses.GET, "https://api.atlassian.com/oauth/token/accessible-resources", json=resources)
    connect_steps.take_consent(engine, VAULT, draft(engine, id_), "code", NOW)
    assert "access" not in str(dict(draft(engine, id_).credentials))
    connect_steps.list_projects(engine, VAULT, draft(engine, id_), NOW)
    connect_steps.choose_projects(engine, draft(engine, id_), ("10001",), NOW)
    connect_steps.look(engine, VAULT, id_, lambda: NOW)
    result = connect_steps.finish(engine, VAULT, draft(engine, id_), (), PUBLIC, NOW)
    assert result is not None
    assert result.registered is not None
    assert result.registered.expires_at is not None
    assert jira.asked[-1].headers["Authorization"] == "Bearer access"
    with reading(engine) as session:
        key = connections.door_key(session, VAULT, "jira", "acme")
    assert key is not None
    assert key.secrets == (b"hush",)


# --- afterwards -------------------------------------------------------------------------------


def state_of(engine: Engine) -> webhook_states.WebhookState:
    with reading(engine) as session:
        state = webhook_states.webhook_state(session, "acme")
    assert state is not None
    return state


def hear(engine: Engine, at: datetime) -> None:
    with writing(engine) as session:
        connections.note_delivery(session, "acme", at)
    keeping.keep(engine, VAULT, at)


def test_a_webhook_is_proven_by_the_first_delivery_after_it_was_made(jira: FakeJira, engine: Engine) -> None:
    made(engine)
    hear(engine, NOW - timedelta(minutes=1))
    assert not state_of(engine).is_proven
    hear(engine, NOW + timedelta(minutes=1))
    assert state_of(engine).proven_at == NOW + timedelta(minutes=1)
    hear(engine, NOW + timedelta(days=1))
    assert state_of(engine).proven_at == NOW + timedelta(minutes=1)


def test_a_new_secret_that_is_pasted_by_hand_is_proven_only_once_the_old_one_is_dropped(
    jira: FakeJira, engine: Engine
) -> None:
    made(engine)
    hear(engine, NOW + timedelta(minutes=1))
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    later = NOW + timedelta(hours=1)
    result = connect_steps.make_webhook_anew(engine, VAULT, "acme", PUBLIC, later)
    assert result is not None
    assert result.registered is None
    hear(engine, later + timedelta(minutes=1))
    assert (state_of(engine).is_proven, state_of(engine).has_old_secret) == (False, True)
    connect_steps.drop_old_secret(engine, "acme", later + timedelta(minutes=2))
    hear(engine, later + timedelta(minutes=3))
    assert (state_of(engine).is_proven, state_of(engine).has_old_secret) == (True, False)


def test_an_invisible_change_proves_it_and_is_not_told_of_afterwards(jira: FakeJira, engine: Engine) -> None:
    made(engine)
    said = connect.prove_by_writing(engine, VAULT, saved(engine))
    assert "taken away again" in said
    assert "issue_property_set" in jira.webhooks[0]["events"]
    assert [request.method for request in jira.asked[-2:]] == ["PUT", "DELETE"]
    hear(engine, NOW + timedelta(seconds=3))
    keeping.keep(engine, VAULT, NOW + timedelta(seconds=30))
    assert "issue_property_set" not in jira.webhooks[0]["events"]
    assert state_of(engine).is_proven


def test_a_webhook_that_ends_is_renewed_in_time_and_made_anew_where_it_is_gone(jira: FakeJira, engine: Engine) -> None:
    made(engine)
    with writing(engine) as session:
        webhook_states.note_renewed(session, "acme", NOW + timedelta(days=3))
    jira.webhooks.clear()
    keeping.keep(engine, VAULT, NOW)
    assert len(jira.webhooks) == 1
    assert state_of(engine).expires_at is None


def test_two_processes_never_run_one_backfill(jira: FakeJira, engine: Engine) -> None:
    made(engine, None)
    first = backfills.run_here(engine, saved(engine), lambda: NOW)
    next(first)
    with pytest.raises(Temporary, match="another process"):
        next(backfills.run_here(engine, saved(engine), lambda: NOW))
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 0
    first.close()
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 1


def test_a_backfill_whose_process_died_is_taken_over(jira: FakeJira, engine: Engine) -> None:
    made(engine, None)
    with writing(engine) as session:
        assert turns.take(session, "acme", "dead", NOW, NOW + backfills.LEASE)
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 0
    later = NOW + backfills.LEASE + timedelta(seconds=1)
    assert backfills.run_waiting(engine, VAULT, lambda: later) == 1


def test_a_backfill_that_ends_of_what_nobody_foresaw_rests_before_it_goes_on(
    jira: FakeJira, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(engine, None)

    def broken(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    with monkeypatch.context() as patch:
        patch.setattr(sync, "save_fetched", broken)
        with pytest.raises(RuntimeError):
            backfills.run_waiting(engine, VAULT, lambda: NOW)
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 0
    assert backfills.run_waiting(engine, VAULT, lambda: NOW + backfills.AFTER_TROUBLE) == 1


def test_a_backfill_that_failed_rests_until_somebody_mends_it(jira: FakeJira, engine: Engine) -> None:
    made(engine, None)
    jira.fail("/rest/api/3/changelog/bulkfetch", 403)
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 0
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 0
    with reading(engine) as session:
        assert turns.unfinished(session, NOW) == ()
    backfills.request(engine, "acme", NOW, anew=False)
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 1


def test_another_choice_ends_the_backfill_under_way_and_begins_at_the_beginning(jira: FakeJira, engine: Engine) -> None:
    made(engine, None)
    under_way = backfills.run_here(engine, saved(engine), lambda: NOW)
    next(under_way)
    backfills.request(engine, "acme", NOW, anew=True)
    with pytest.raises(Permanent, match="taken over"):
        list(under_way)
    jira.asked.clear()
    assert backfills.run_waiting(engine, VAULT, lambda: NOW) == 1
    assert jira.called("/rest/agile/1.0/board/7")

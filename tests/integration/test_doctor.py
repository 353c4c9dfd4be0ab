"""The doctor: each step of a connection looked at again, and what to mend said in a sentence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from integration import connect as steps
from integration import sync
from integration.contract import Connection
from integration.doctor import Check, examine
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import writing
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import EXPIRES, FakeJira, connection, issue, running_jira, sprint
from tests.integration.trackers.jira.test_field_survey import FIELDS
from webhooks import inbox
from webhooks.intake import incoming, put

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.fields = FIELDS
        fake.add(issue(1))
        yield fake


@pytest.fixture
def engine(sqlite_url: str, jira: FakeJira) -> Iterator[Engine]:
    with fresh_store(sqlite_url) as engine:
        wanted = steps.save(engine, Vault([new_key()]), connection(), NOW, "https://okr.example.org")
        assert wanted is not None
        assert steps.register_webhook(engine, connection(), wanted, NOW).registered is not None
        list(sync.run_backfill(engine, connection(), lambda: NOW))
        yield engine


def found(engine: Engine, known: Connection | None = None, now: datetime = NOW) -> dict[str, Check]:
    return {check.step: check for check in examine(engine, known or connection(), now)}


def test_a_healthy_connection_is_good_in_every_step(engine: Engine) -> None:
    with writing(engine) as session:
        connections.note_delivery(session, "acme", NOW)
        connections.note_sync(session, "acme", NOW, lag_seconds=2)
    checks = found(engine)
    assert list(checks) == [
        "site", "account", "clock", "rights", "projects", "boards", "fields", "statuses", "levels",
        "webhook", "delivery", "backfill", "items", "deliveries", "news", "lag", "calls",
    ]  # fmt: skip
    assert {check.is_good for check in checks.values()} == {True}


def test_without_an_account_nothing_further_is_asked_of_the_site(jira: FakeJira, engine: Engine) -> None:
    jira.fail("/rest/api/3/myself", 401)
    checks = found(engine)
    assert list(checks) == ["site", "account", "delivery", "backfill", "items", "deliveries", "news", "lag", "calls"]
    assert checks["account"].is_good is False
    assert "not accepted" in checks["account"].sentence


def test_what_is_missing_at_the_site_is_named(jira: FakeJira, engine: Engine) -> None:
    jira.projects = jira.projects[1:]
    jira.boards.clear()
    jira.fields = FIELDS[:1]
    jira.webhooks.clear()
    checks = found(engine)
    assert {step for step, check in checks.items() if check.is_good is False} == {
        "projects", "boards", "fields", "webhook",
    }  # fmt: skip
    assert "PAY" in checks["projects"].sentence
    assert "Payments board" in checks["boards"].sentence
    assert "Key Result" in checks["fields"].sentence


def test_a_type_that_looks_like_a_level_above_epics_is_named_with_how_to_set_it(jira: FakeJira, engine: Engine) -> None:
    jira.types = [
        {"id": "30", "name": "Initiative", "hierarchyLevel": 0},
        {"id": "31", "name": "Theme", "hierarchyLevel": 2},
    ]
    check = found(engine)["levels"]
    assert check.is_good is None
    assert "“Initiative” looks like a level above epics (by its name)" in check.sentence
    assert '`tieline mapping set acme --type-level "Initiative=2"`' in check.sentence
    fields = {**connection().mapping["fields"], "type_levels": [["30", 2]]}  # type: ignore[dict-item]
    known = replace(connection(), mapping={**connection().mapping, "fields": fields})
    assert found(engine, known)["levels"].is_good is True


def test_what_an_app_was_not_agreed_to_do_is_told(engine: Engine) -> None:
    from integration.trackers.jira import oauth

    def scopes(*granted: str) -> Check:
        credentials = {**connection().credentials, "kind": "oauth", "scopes": " ".join(granted)}
        return found(engine, replace(connection(), credentials=credentials))["scopes"]

    assert "the scope `write:jira-work` is missing" in scopes(*oauth.READ_SCOPES).sentence
    assert "lacks read:jql:jira" in scopes(*oauth.READ_SCOPES[:-1]).sentence
    assert "not known what was agreed to" in scopes().sentence
    assert scopes(*oauth.READ_SCOPES, oauth.WRITE_SCOPE).is_good is True


def test_a_site_that_became_too_old_for_us_is_told(jira: FakeJira, engine: Engine) -> None:
    jira.fail("/rest/api/3/serverInfo", 200, {"deploymentType": "Server", "version": "8.20.1"})
    checks = found(engine)
    assert checks["site"].is_good is False
    assert "upgrade Jira" in checks["site"].sentence


def test_a_webhook_that_is_switched_off_or_unsigned_is_told(jira: FakeJira, engine: Engine) -> None:
    jira.webhooks[0]["enabled"] = False
    assert "switched off" in found(engine)["webhook"].sentence
    jira.webhooks[0] |= {"enabled": True, "isSigned": False}
    assert "without a secret" in found(engine)["webhook"].sentence


def test_what_the_account_may_not_look_at_is_no_fault(jira: FakeJira, engine: Engine) -> None:
    jira.permissions = {"BROWSE_PROJECTS"}
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    checks = found(engine)
    assert (checks["rights"].is_good, checks["webhook"].is_good) == (None, None)


def test_a_backfill_that_is_not_complete_is_told_with_how_far_it_is(engine: Engine) -> None:
    with writing(engine) as session:
        connections.start_backfill(session, "acme", NOW)
    assert found(engine)["backfill"].sentence.startswith("The backfill is at 0")


def test_items_that_cannot_be_read_are_counted_with_an_example(jira: FakeJira, engine: Engine) -> None:
    broken = issue(2)
    broken["fields"]["created"] = None
    jira.add(broken)
    list(sync.run_backfill(engine, connection(), lambda: NOW, anew=True))
    check = found(engine)["items"]
    assert check.is_good is None
    assert "cannot be read: 1, such as 20002 (" in check.sentence
    assert "created" in check.sentence


def test_silence_and_errors_are_told(engine: Engine) -> None:
    assert "tieline serve" in found(engine, now=NOW + timedelta(hours=1))["news"].sentence
    with writing(engine) as session:
        connections.note_error(session, "acme", "The token has expired.", NOW)
    assert found(engine)["news"].sentence.endswith("The token has expired.")


def test_a_connection_without_a_choice_is_told_what_to_run(engine: Engine) -> None:
    checks = found(engine, replace(connection(), mapping={}))
    assert checks["choice"].is_good is False
    assert "tieline connect jira" in checks["choice"].sentence


# --- what was added to the steps ----------------------------------------------------------------


def test_a_token_that_expires_soon_is_told_two_weeks_before(engine: Engine) -> None:
    soon = replace(connection(), credentials={**connection().credentials, "expires": "2026-02-10"})
    check = found(engine, soon)["account"]
    assert check.is_good is None
    assert "expires in 8 days, on 2026-02-10" in check.sentence
    over = replace(connection(), credentials={**connection().credentials, "expires": "2026-02-01"})
    assert "has expired, on 2026-02-01" in found(engine, over)["account"].sentence


def test_a_clock_that_is_off_is_told_with_its_direction(engine: Engine) -> None:
    check = found(engine, now=NOW - timedelta(minutes=10))["clock"]
    assert check.is_good is False
    assert "605 s behind" in check.sentence


def test_a_webhook_that_leads_elsewhere_is_told(jira: FakeJira, engine: Engine) -> None:
    jira.webhooks[0]["url"] = "https://old.example.org/hooks/jira/acme"
    check = found(engine)["webhook"]
    assert check.is_good is False
    assert "leads to https://old.example.org, and Tieline expects it at https://okr.example.org" in check.sentence


def test_a_webhook_without_a_delivery_is_unproven_until_one_arrives(engine: Engine) -> None:
    check = found(engine)["delivery"]
    assert check.is_good is None
    assert "nothing has arrived yet" in check.sentence
    with writing(engine) as session:
        connections.note_delivery(session, "acme", NOW)
    assert found(engine)["delivery"].sentence == "Proven 2026-02-02 12:00 UTC."
    assert "nothing has arrived since" in found(engine, now=NOW + timedelta(days=9))["delivery"].sentence


def test_an_app_webhook_that_was_not_renewed_is_told(jira: FakeJira, engine: Engine) -> None:
    known = {"kind": "oauth", "client_id": "app", "client_secret": "hush", "email": "me@example.org", "token": "x"}
    app = replace(connection(), credentials=known)
    jira.apps_webhooks.append({"id": 7, "url": "https://okr.example.org/hooks/jira/acme", "expirationDate": EXPIRES})
    assert "renewed before" in found(engine, app)["webhook"].sentence
    late = datetime.fromtimestamp(EXPIRES / 1000, UTC) - timedelta(days=3)
    check = found(engine, app, now=late)["webhook"]
    assert check.is_good is False
    assert "The webhook ends 2026-03-04 09:00 UTC" in check.sentence


def test_a_status_that_was_set_otherwise_and_is_gone_is_told(engine: Engine) -> None:
    mapping = dict(connection().mapping)
    fields = mapping["fields"]
    assert isinstance(fields, dict)
    other = {**mapping, "fields": {**fields, "status_overrides": [["Deployed", "done"]]}}
    assert "no more: Deployed" in found(engine, replace(connection(), mapping=other))["statuses"].sentence


def test_deliveries_that_are_long_under_way_are_told(engine: Engine) -> None:
    with writing(engine) as session:
        connections.note_sync(session, "acme", NOW, lag_seconds=4000)
    check = found(engine)["lag"]
    assert (check.is_good, "saved 1 h 06 min after it arrived" in check.sentence) == (True, True)
    with engine.begin() as started:
        put(started, [incoming("jira", "acme", delivery_id="1", headers={}, body=b"{}", at=NOW)])
    assert found(engine, now=NOW + timedelta(minutes=3))["lag"].is_good is True
    late = found(engine, now=NOW + timedelta(minutes=25))["lag"]
    assert late.is_good is False
    assert late.sentence.startswith("Items are 25 min behind: for so long a delivery has waited to be worked on.")


def test_a_connection_that_wishes_no_webhook_lacks_none(jira: FakeJira, sqlite_url: str) -> None:
    with fresh_store(sqlite_url) as engine:
        steps.save(engine, Vault([new_key()]), connection(), NOW, None)
        list(sync.run_backfill(engine, connection(), lambda: NOW))
        check = found(engine)["webhook"]
    assert (check.is_good, "None was wished" in check.sentence) == (None, True)


def test_the_lag_of_each_board_and_a_closed_project_are_told(jira: FakeJira, engine: Engine) -> None:
    jira.sprints["31"] = sprint(31)
    sync.reconcile(engine, connection(), lambda: NOW)
    checks = found(engine, now=NOW + timedelta(minutes=30))
    assert checks["sprints"].sentence.endswith("by board: Payments board 30 min.")
    assert (checks["sprints"].is_good, "state" in checks) == (True, False)
    jira.projects = jira.projects[1:]
    later = NOW + timedelta(hours=1)
    sync.reconcile(engine, connection(), lambda: later)
    checks = found(engine, now=later)
    assert "Jira shows us no project PAY any more" in checks["state"].sentence
    assert checks["news"].is_good is True


def test_deliveries_that_were_set_aside_are_counted(engine: Engine) -> None:
    sent = [incoming("jira", "acme", delivery_id=str(n), headers={}, body=b"{}", at=NOW) for n in range(2)]
    with engine.begin() as connection:
        put(connection, sent)
    with writing(engine) as session:
        for delivery in inbox.claim(session, NOW, 2, timedelta(minutes=1)):
            inbox.bury(session, delivery.id, "malformed", "$: there is no issue")
    check = found(engine)["deliveries"]
    assert check.is_good is False
    assert check.sentence.startswith("2 deliveries were set aside: `tieline deliveries list --state dead")

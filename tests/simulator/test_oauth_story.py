"""Jira Cloud by OAuth, from consent to its end, over HTTP: tokens, renewal, the app's own webhook, and what is told."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from integration import backfills
from integration.contract import KeptTokens
from integration.secrets import Vault, new_key
from integration.store import token_box
from integration.store.engine import reading, writing
from integration.store.webhook_states import webhook_state
from integration.trackers.jira import oauth
from simulator.conditions import Outage
from simulator.site import Site
from tests.integration.store.material import fresh_store
from tests.simulator.callers import answering
from tests.simulator.stage import DAY, HOUR, MINUTE, SECRET, START, Stage, add_app, on_stage

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with on_stage(sqlite_url) as stage:
        yield stage


def tag(stage: Stage, key: str, *tags: str) -> None:
    issue = stage.site.find(key)
    assert issue is not None
    stage.site.edit(issue, stage.now, tags=tags)


def tags_of(stage: Stage, key: str) -> tuple[str, ...]:
    return stage.item(key).states[-1].tags


# --- agreeing ---------------------------------------------------------------------------------


def test_who_agrees_has_the_backlog_read_and_hears_of_every_change(stage: Stage) -> None:
    stage.connected_by_consent()
    assert len(stage.backlog().items) == len(stage.site.issues)
    assert (stage.site.accounts.exchanges, stage.site.accounts.renewals) == (1, 0)
    page = stage.see("/connections/acme")
    assert "Complete: 28 items." in page
    assert "nothing has arrived yet" in page

    stage.later(minutes=5)
    tag(stage, "FARM-20", "KR-1")
    assert stage.answers == [200]
    body = json.loads(stage.sender.log[-1].body)
    assert body["matchedWebhookIds"] == list(stage.sender.hooks)
    stage.work()
    assert tags_of(stage, "FARM-20") == ("KR-1",)
    assert "<b>Proven</b>" in stage.see("/connections/acme")


def test_a_delivery_with_a_token_of_another_app_is_not_let_in(stage: Stage) -> None:
    stage.connected_by_consent()
    (hook,) = stage.sender.hooks.values()
    assert hook.app is not None
    stage.sender.hooks[hook.id] = replace(hook, app=replace(hook.app, client_secret="guessed"))
    tag(stage, "FARM-20", "KR-1")
    assert stage.answers == [401]
    stage.work()
    assert tags_of(stage, "FARM-20") == ()


def test_who_does_not_agree_is_told_so_and_may_try_again(stage: Stage) -> None:
    draft = stage.begun()
    stage.site.accounts.agrees = False
    refused = stage.agreed(draft)
    assert refused.status_code == 422
    assert "did not let Tieline in: User did not authorize the request" in refused.text
    stage.site.accounts.agrees = True
    assert stage.agreed(draft).headers["Location"] == f"{draft}/account"


def test_a_wrong_client_secret_is_named_as_what_it_is(stage: Stage) -> None:
    draft = stage.begun()
    refused = stage.agreed(draft, secret="mistyped")
    assert refused.status_code == 422
    assert "does not accept the client id and secret of the app" in refused.text
    assert "mistyped" not in refused.text


# --- tokens -----------------------------------------------------------------------------------


def test_a_token_that_ends_in_the_midst_of_reading_is_renewed_once_and_nothing_is_lost(stage: Stage) -> None:
    stage.site.conditions.page_most = 5
    draft = stage.begun()
    stage.agreed(draft)
    stage.chosen(draft)
    pages = 0
    for _ in backfills.run_here(stage.engine, stage.connection(), stage.clock):
        pages += 1
        if pages == 2:
            stage.later(minutes=59)  # within the minutes before its end
    assert pages > 2
    assert stage.site.accounts.renewals == 1
    assert len(stage.backlog().items) == len(stage.site.issues)


def test_a_token_that_the_service_takes_back_early_is_renewed_too(stage: Stage) -> None:
    stage.connected_by_consent()
    stage.later(minutes=20)
    stage.site.accounts.end_access()
    tag(stage, "FARM-20", "KR-1")
    stage.work()
    assert stage.site.accounts.renewals == 1
    assert tags_of(stage, "FARM-20") == ("KR-1",)


RENEWING = """
import sys
from datetime import datetime
from integration.secrets import Vault
from integration.store.engine import create_engine
from integration.store.token_box import StoredTokens
from integration.trackers.jira.oauth_tokens import Renewal, access_token
from integration.trackers.jira.places import places_of
url, key, site, now, secret = sys.argv[1:]
box = StoredTokens(create_engine(url), Vault([key]), "acme")
renewal = Renewal(box, "app", secret, places_of(site), clock=lambda: datetime.fromisoformat(now))
print("ready", flush=True)
sys.stdin.readline()
print(access_token(renewal), flush=True)
"""


def kept_in(engine: Engine, vault: Vault, site: Site, now: datetime) -> None:
    """What a consent has left, an hour ago."""
    app = add_app(site)
    given = site.accounts.spend("app", SECRET, site.accounts.agree(app, oauth.SCOPES), app.callback)
    assert given.refresh is not None
    with writing(engine) as session:
        token_box.put(session, vault, "acme", KeptTokens(given.access, given.refresh, now + HOUR), now)


def test_of_two_processes_that_need_a_token_at_once_one_renews_it(database_url: str) -> None:
    key = new_key()
    now = [START]
    site = Site(clock=lambda: now[0])
    with fresh_store(database_url) as engine, answering(site):
        kept_in(engine, Vault([key]), site, START)
        now[0] += HOUR
        command = [sys.executable, "-c", RENEWING, database_url, key, site.base_url, now[0].isoformat(), SECRET]
        both = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        assert [process.stdout.readline() for process in both if process.stdout] == ["ready\n"] * 2
        for process in both:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate(timeout=60)[0].strip() for process in both]
    assert told[0] == told[1] != ""
    assert site.accounts.renewals == 1
    assert site.accounts.grant_of(told[0]) is not None


def test_a_renewal_whose_answer_was_lost_is_made_good_within_ten_minutes(stage: Stage) -> None:
    stage.connected_by_consent()
    stage.later(minutes=59)
    with reading(stage.engine) as session:
        box = token_box.box_of(session, stage.vault, "acme")
    assert box is not None
    stage.site.accounts.renew("app", SECRET, box.read().refresh)  # answered, and never heard
    stage.later(minutes=9)
    stage.look_again()
    assert stage.site.accounts.renewals == 2
    assert "error" not in stage.see("/connections/acme").casefold()


def test_while_the_token_service_is_down_nothing_is_withdrawn(stage: Stage) -> None:
    stage.connected_by_consent()
    stage.later(hours=2)
    stage.site.conditions.outage = Outage(until=stage.now + 10 * MINUTE)
    stage.look_again()
    assert "the tracker is in trouble" in stage.see("/connections/acme")
    stage.later(minutes=20)
    tag(stage, "FARM-20", "KR-1")
    stage.look_again()
    assert stage.site.accounts.renewals == 1
    assert tags_of(stage, "FARM-20") == ("KR-1",)
    assert "the tracker is in trouble" not in stage.see("/connections/acme")


# --- the app's webhook ------------------------------------------------------------------------


def expiry(stage: Stage) -> datetime | None:
    with reading(stage.engine) as session:
        state = webhook_state(session, "acme")
    return state.expires_at if state is not None else None


def test_the_webhook_is_renewed_before_its_thirty_days_are_over(stage: Stage) -> None:
    stage.connected_by_consent()
    assert expiry(stage) == START + 30 * DAY
    stage.later(days=21)
    stage.work()
    assert stage.asked("/webhook/refresh") == 1
    assert expiry(stage) == stage.now + 30 * DAY
    stage.later(days=29)
    tag(stage, "FARM-20", "KR-1")
    stage.work()
    assert tags_of(stage, "FARM-20") == ("KR-1",)


def test_a_webhook_that_ended_while_tieline_was_off_is_registered_again(stage: Stage) -> None:
    stage.connected_by_consent()
    (before,) = stage.sender.hooks
    stage.later(days=31)
    tag(stage, "FARM-20", "KR-1")
    assert stage.answers == []
    stage.work()
    stage.look_again()
    assert tags_of(stage, "FARM-20") == ("KR-1",)  # seen, though not heard
    assert list(stage.sender.hooks) != [before]
    assert expiry(stage) == stage.now + 30 * DAY
    tag(stage, "FARM-21", "KR-1")
    assert stage.answers == [200]


# --- the end ----------------------------------------------------------------------------------


def test_a_consent_that_is_taken_back_gives_one_clear_state_and_agreeing_again_mends_it(stage: Stage) -> None:
    stage.connected_by_consent()
    stage.later(minutes=30)
    stage.site.accounts.revoke()
    tag(stage, "FARM-20", "KR-1")
    asked_before = stage.site.asked
    for _ in range(4):
        stage.work()
        stage.look_again()
        stage.later(minutes=10)
    page = stage.see("/connections/acme")
    assert "Atlassian does not renew our access any more" in page
    assert "connect again" in page
    assert "answered 401" not in page
    asked = [request["path"] for request in stage.site.requests]
    assert asked.count("/oauth/token") == 2  # the code, and one try to renew
    assert stage.site.asked - asked_before <= 2

    draft = stage.send("/connections/acme/anew", step="login").headers["Location"].removesuffix("/login")
    stage.agreed(draft)
    stage.chosen(draft)
    stage.work()
    stage.look_again()
    assert tags_of(stage, "FARM-20") == ("KR-1",)
    assert "does not renew our access" not in stage.see("/connections/acme")


def test_nothing_of_a_token_or_secret_is_shown_on_any_page(stage: Stage) -> None:
    stage.connected_by_consent()
    with reading(stage.engine) as session:
        box = token_box.box_of(session, stage.vault, "acme")
    assert box is not None
    kept = box.read()
    shown = stage.see("/connections/acme") + stage.see("/connections")
    assert not [secret for secret in (kept.access, kept.refresh, SECRET) if secret in shown]

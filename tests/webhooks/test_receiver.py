"""The door: what gets in, how alike the refusals are, and what our own troubles look like from outside."""

import logging
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.shared_material import SHARED
from tests.webhooks.door import ACME, BODY, NOW, SECRET, SIGNING, TOKEN, Door, detail, open_door, signed, stored
from tests.webhooks.test_writer import full_disk
from webhooks.contract import LARGEST_BODY, Call, Handshake, Headers, Key, Rejected
from webhooks.inbox import DELIVERIES
from webhooks.keys import Keys
from webhooks.receiver import Refusals
from webhooks.writer import InboxWriter

UNAUTHORIZED = (401, b'{"status": "unauthorized"}\n')


# What gets in


def test_a_genuine_delivery_is_stored_and_acknowledged_with_nothing_to_read(
    engine: Engine, writer: InboxWriter
) -> None:
    answer = open_door(writer).post()
    assert (answer.status_code, answer.data) == (200, b"")
    (kept,) = stored(engine)
    assert (kept.tracker, kept.connection, kept.delivery_id, kept.received_at) == ("jira", "acme", "d-1", NOW)
    assert detail(engine, kept.id).body == BODY


def test_a_repeated_delivery_is_answered_alike_and_stored_once(engine: Engine, writer: InboxWriter) -> None:
    door = open_door(writer)
    first, second = door.post(), door.post()
    assert (first.status, first.data, first.headers.to_wsgi_list()) == (
        second.status,
        second.data,
        second.headers.to_wsgi_list(),
    )
    assert [kept.repeated for kept in stored(engine)] == [1]


def test_a_repeated_id_with_another_body_is_kept_and_marked(engine: Engine, writer: InboxWriter) -> None:
    door = open_door(writer)
    assert [door.post(body).status_code for body in (b"one", b"two")] == [200, 200]
    first, second = stored(engine)
    assert second.conflicts_with == first.id


def test_without_an_id_of_the_vendor_the_body_names_the_delivery(engine: Engine, writer: InboxWriter) -> None:
    door = open_door(writer)
    for body in (b"one", b"two", b"one"):
        door.post(body, signed(body, delivery=None))
    assert [kept.repeated for kept in stored(engine)] == [1, 0]


def test_only_the_headers_on_the_list_are_kept(engine: Engine, writer: InboxWriter) -> None:
    extra = {"Cookie": "a=b", "Authorization": "Basic eA==", "X-Other": "1", "User-Agent": "Atlassian"}
    open_door(writer).post(BODY, {**signed(), **extra})
    assert dict(detail(engine, 1).headers) == {
        "content-type": "application/json",
        "user-agent": "Atlassian",
        "x-delivery": "d-1",
    }


def test_the_tracker_decides_which_success_it_wants(sqlite_writer: InboxWriter) -> None:
    assert open_door(sqlite_writer, sender=replace(SIGNING, accepted_status=204)).post().status_code == 204


def test_both_secrets_open_the_door_while_they_are_changed(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=replace(ACME, secrets=(b"new", SECRET)))
    assert door.post(BODY, signed(secret=b"new")).status_code == 200
    assert door.post(BODY, signed(secret=SECRET)).status_code == 200


def test_a_third_secret_opens_nothing(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=replace(ACME, secrets=(b"new", b"newer", SECRET)))
    assert door.post(BODY, signed(secret=SECRET)).status_code == 401


AUTHENTIC_ODDITIES = {
    "empty": b"",
    "not text": b"\xff\xfe\x00\x80",
    "deeply nested": b"[" * 100_000,
    "truncated JSON": b'{"issue": {"id',
    "form": b"payload=%7B%7D",
}


@pytest.mark.parametrize("name", AUTHENTIC_ODDITIES)
def test_whatever_is_authentic_is_stored_unread(sqlite_engine: Engine, sqlite_writer: InboxWriter, name: str) -> None:
    body = AUTHENTIC_ODDITIES[name]
    assert open_door(sqlite_writer).post(body).status_code == 200
    assert detail(sqlite_engine, 1).body == body


def test_a_body_of_25_mib_is_taken(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    assert open_door(sqlite_writer).post(b"x" * LARGEST_BODY).status_code == 200
    assert stored(sqlite_engine)[0].body_size == LARGEST_BODY


# What is refused


REFUSALS: dict[str, tuple[str, dict[str, str], bool, str]] = {
    "unknown connection": ("/hooks/jira/globex", signed(), False, "unknown_connection"),
    "unknown tracker": ("/hooks/nobody/acme", signed(), False, "unknown_connection"),
    "a name no connection has": ("/hooks/jira/a%00b", signed(), False, "unknown_connection"),
    "no name": ("/hooks/jira/", signed(), False, "unknown_connection"),
    "a path that goes on": ("/hooks/jira/acme/x/y", signed(), False, "unknown_connection"),
    "a name too long": ("/hooks/jira/" + "a" * 201, signed(), False, "unknown_connection"),
    "a token where none is": ("/hooks/jira/acme/" + TOKEN, signed(), True, "wrong_token"),
    "unsigned": ("/hooks/jira/acme", {}, True, "unsigned"),
    "signed with another secret": ("/hooks/jira/acme", signed(secret=b"x"), True, "bad_signature"),
    "signed for another body": ("/hooks/jira/acme", signed(b"x"), True, "bad_signature"),
    "signed with a weak method": ("/hooks/jira/acme", {"X-Hub-Signature": "sha1=00"}, True, "unknown_signature_method"),
    "garbage for a signature": ("/hooks/jira/acme", {"X-Hub-Signature": "sha256=ÿ"}, True, "bad_signature"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_looks_the_same_stores_nothing_and_is_counted(
    sqlite_engine: Engine, sqlite_writer: InboxWriter, name: str
) -> None:
    path, headers, known, reason = REFUSALS[name]
    door = open_door(sqlite_writer)
    answer = door.post(BODY, headers, path)
    assert (answer.status_code, answer.data) == UNAUTHORIZED
    assert answer.headers.to_wsgi_list() == [("Content-Type", "application/json"), ("Content-Length", "27")]
    assert stored(sqlite_engine) == ()
    tracker = "unknown" if name in ("unknown tracker", "a path that goes on") else "jira"
    assert door.refusals.counts() == {(tracker, known, reason): 1}


def test_the_same_work_is_done_whatever_is_wrong(sqlite_writer: InboxWriter) -> None:
    work: list[tuple[int, int]] = []

    def verify(headers: Headers, body: bytes, key: Key, now: object) -> None:
        work.append((len(key.secrets), len(body)))
        raise Rejected("bad_signature")

    door = open_door(sqlite_writer, sender=replace(SIGNING, verify=verify))
    for path in ("/hooks/jira/acme", "/hooks/jira/globex", "/hooks/jira/acme/wrong", "/hooks/jira/%00"):
        door.post(BODY, {}, path)
    assert work == [(2, len(BODY))] * 4


def test_a_token_in_the_path_must_be_right_as_well(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=replace(ACME, token=TOKEN))
    paths = ("/hooks/jira/acme", "/hooks/jira/acme/wrong", f"/hooks/jira/acme/{TOKEN}x", f"/hooks/jira/acme/{TOKEN}")
    assert [door.post(path=path).status_code for path in paths] == [401, 401, 401, 200]
    assert door.refusals.counts() == {("jira", True, "wrong_token"): 3}


def test_a_connection_that_can_sign_is_shut_until_it_has_a_secret(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=Key("acme", "jira", token=TOKEN))
    assert door.post(path=f"/hooks/jira/acme/{TOKEN}").status_code == 401
    assert door.refusals.counts() == {("jira", True, "no_secret"): 1}


def test_a_site_that_cannot_sign_is_known_by_its_token(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=Key("acme", "jira", token=TOKEN, unsigned=True))
    assert door.post(BODY, {}, f"/hooks/jira/acme/{TOKEN}").status_code == 200
    assert door.post(BODY, {}, "/hooks/jira/acme/other").status_code == 401
    assert len(stored(sqlite_engine)) == 1


@pytest.mark.parametrize("token", [None, ""])
def test_a_connection_with_neither_secret_nor_token_is_shut(sqlite_writer: InboxWriter, token: str | None) -> None:
    door = open_door(sqlite_writer, key=Key("acme", "jira", token=token), sender=replace(SIGNING, can_sign=False))
    assert door.post(BODY, {}).status_code == 401
    assert door.refusals.counts() == {("jira", True, "no_token"): 1}


def test_a_secret_is_asked_for_even_of_a_tracker_that_need_not_sign(sqlite_writer: InboxWriter) -> None:
    key = replace(ACME, token=TOKEN, unsigned=True)
    door = open_door(sqlite_writer, key=key, sender=replace(SIGNING, can_sign=False))
    assert door.post(BODY, {}, f"/hooks/jira/acme/{TOKEN}").status_code == 401
    assert door.post(BODY, signed(), f"/hooks/jira/acme/{TOKEN}").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_only_a_post_is_a_delivery(sqlite_engine: Engine, sqlite_writer: InboxWriter, method: str) -> None:
    door = open_door(sqlite_writer)
    answer = door.client.open("/hooks/jira/acme", method=method, data=BODY, headers=signed())
    assert answer.status_code == 401
    assert door.refusals.counts() == {("jira", True, "not_a_delivery"): 1}
    assert stored(sqlite_engine) == ()


def test_a_body_of_30_mib_is_refused_with_a_clear_word(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    answer = open_door(sqlite_writer).post(b"x" * (30 * 1024 * 1024), signed())
    assert (answer.status_code, answer.json) == (413, {"status": "body_too_large"})
    assert stored(sqlite_engine) == ()


def test_refusals_are_logged_as_their_number_doubles(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    with caplog.at_level(logging.WARNING, "webhooks"):
        for _ in range(100):
            refusals.count("jira", True, "bad_signature")
    assert [vars(record)["number"] for record in caplog.records] == [1, 2, 4, 8, 16, 32, 64]
    assert refusals.counts() == {("jira", True, "bad_signature"): 100}


# Handshakes


def echo_secret(call: Call, key: Key) -> Handshake | None:
    """As Asana: a header with the secret, once."""
    secret = call.headers.get("x-hook-secret")
    return None if secret is None else Handshake(headers=(("X-Hook-Secret", secret),), secret=secret.encode())


def echo_challenge(call: Call, key: Key) -> Handshake | None:
    """As monday: a body with a challenge that is sent back."""
    return Handshake(body=call.body) if call.body.startswith(b'{"challenge"') else None


def answer_head(call: Call, key: Key) -> Handshake | None:
    """As Trello: a HEAD without a signature."""
    return Handshake() if call.method == "HEAD" else None


def test_the_secret_of_a_handshake_is_kept_before_it_is_answered(
    sqlite_engine: Engine, sqlite_writer: InboxWriter
) -> None:
    kept: list[tuple[str, bytes]] = []

    def keep(key: Key, secret: bytes) -> bool:
        kept.append((key.connection, secret))
        return True

    pending = Key("acme", "jira", token=TOKEN)
    door = open_door(sqlite_writer, key=pending, sender=replace(SIGNING, handshake=echo_secret), keep_secret=keep)
    answer = door.post(b"", {"X-Hook-Secret": "s3cret"}, f"/hooks/jira/acme/{TOKEN}")
    assert (answer.status_code, answer.headers["X-Hook-Secret"]) == (200, "s3cret")
    assert kept == [("acme", b"s3cret")]
    assert stored(sqlite_engine) == ()


def test_a_handshake_never_replaces_a_secret(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, sender=replace(SIGNING, handshake=echo_secret), keep_secret=lambda _k, _s: True)
    assert door.post(b"", {"X-Hook-Secret": "mine"}).status_code == 401
    assert door.refusals.counts() == {("jira", True, "unexpected_secret"): 1}


def test_a_handshake_whose_secret_cannot_be_kept_is_refused(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, key=Key("acme", "jira"), sender=replace(SIGNING, handshake=echo_secret))
    assert door.post(b"", {"X-Hook-Secret": "mine"}).status_code == 401


def test_a_handshake_of_an_unknown_connection_is_refused_as_all_else(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, sender=replace(SIGNING, handshake=echo_secret), keep_secret=lambda _k, _s: True)
    answer = door.post(b"", {"X-Hook-Secret": "mine"}, "/hooks/jira/globex")
    assert (answer.status_code, answer.data) == UNAUTHORIZED


def test_a_challenge_is_sent_back_and_all_else_must_be_signed(
    sqlite_engine: Engine, sqlite_writer: InboxWriter
) -> None:
    door = open_door(sqlite_writer, sender=replace(SIGNING, handshake=echo_challenge))
    answer = door.post(b'{"challenge": "abc"}', {})
    assert (answer.status_code, answer.json) == (200, {"challenge": "abc"})
    assert door.post(BODY, {}).status_code == 401
    assert door.post().status_code == 200
    assert len(stored(sqlite_engine)) == 1


def test_a_head_request_is_answered_where_the_tracker_sends_one(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer, sender=replace(SIGNING, handshake=answer_head))
    assert door.client.head("/hooks/jira/acme").status_code == 200
    assert door.client.head("/hooks/jira/globex").status_code == 401
    assert door.client.get("/hooks/jira/acme").status_code == 401


# Our own troubles


def test_a_full_disk_is_answered_with_503_and_the_next_delivery_gets_in(
    sqlite_engine: Engine, sqlite_writer: InboxWriter
) -> None:
    door = open_door(sqlite_writer)
    large = b"x" * 200_000
    with full_disk(sqlite_engine):
        answer = door.post(large)
        assert (answer.status_code, answer.json) == (503, {"status": "disk_full"})
        assert answer.headers["Retry-After"] == "5"
    assert door.post(large).status_code == 200
    assert [kept.body_size for kept in stored(sqlite_engine)] == [len(large)]


def test_a_closed_inbox_is_answered_with_503(sqlite_writer: InboxWriter) -> None:
    sqlite_writer.close()
    assert open_door(sqlite_writer).post().status_code == 503


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OperationalError("SELECT", {}, Exception("database is locked")), "locked"), (LookupError("no"), "unexpected")],
)
def test_an_error_while_the_connection_is_looked_up_is_answered_with_503(
    sqlite_writer: InboxWriter, error: Exception, reason: str
) -> None:
    def fail() -> Keys:
        raise error

    answer = open_door(sqlite_writer, load=fail).post()
    assert (answer.status_code, answer.json) == (503, {"status": reason})


def test_the_health_check_asks_the_inbox(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer)
    healthy = door.client.get("/healthz")
    assert (healthy.status_code, healthy.json) == (200, {"status": "ok"})
    DELIVERIES.drop(sqlite_engine)
    ill = door.client.get("/healthz")
    assert (ill.status_code, ill.json) == (503, {"status": "store_error"})


# Whatever bytes arrive


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "webhooks")


@pytest.fixture
def door(writer: InboxWriter) -> Door:
    return open_door(writer)


@pytest.fixture
def sqlite_door(sqlite_writer: InboxWriter) -> Door:
    return open_door(sqlite_writer)


HEADER_NAMES = st.sampled_from(["X-Hub-Signature", "X-Delivery", "Content-Type", "Cookie", "X-Else"])
HEADER_TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80)
ANY_FIXTURE = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.usefixtures("_quiet")
@ANY_FIXTURE
@given(body=st.binary(max_size=2000), headers=st.dictionaries(HEADER_NAMES, HEADER_TEXT))
def test_no_bytes_without_a_proof_give_anything_but_the_401(
    sqlite_door: Door, body: bytes, headers: dict[str, str]
) -> None:
    answer = sqlite_door.post(body, headers)
    assert (answer.status_code, answer.data) == UNAUTHORIZED


@pytest.mark.usefixtures("_quiet")
@ANY_FIXTURE
@given(body=st.binary(max_size=2000), delivery=HEADER_TEXT)
def test_all_bytes_with_a_proof_are_taken(door: Door, body: bytes, delivery: str) -> None:
    assert door.post(body, signed(body, delivery)).status_code == 200


@pytest.mark.usefixtures("_quiet")
@ANY_FIXTURE
@given(tracker=st.text(min_size=1), connection=st.text(min_size=1), token=st.text())
def test_no_path_below_hooks_gives_anything_but_200_or_401(
    sqlite_door: Door, tracker: str, connection: str, token: str
) -> None:
    parts = [quote(part, safe="", errors="surrogatepass") for part in (tracker, connection, token) if part]
    answer = sqlite_door.post(path="/hooks/" + "/".join(parts))
    assert answer.status_code in (200, 401)


if SHARED is not None:
    RECORDED = sorted((SHARED / "fixtures/jira").rglob("*.json"))

    def test_every_recorded_body_passes_the_door_unchanged(engine: Engine, writer: InboxWriter) -> None:
        door = open_door(writer)
        bodies = [path.read_bytes() for path in RECORDED]
        answers = {
            door.post(body, signed(body, f"d-{number}")).status_code
            for number, body in enumerate(bodies)
            if len(body) <= LARGEST_BODY
        }
        assert answers == {200}
        assert [detail(engine, kept.id).body for kept in stored(engine)] == bodies

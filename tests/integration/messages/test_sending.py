"""What waits is sent: with the mark-up of its channel, again where it failed, and never lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
import requests
import responses
from sqlalchemy import Engine

from integration.messages import asking, sending
from integration.messages.message import TOPICS, from_json
from integration.messages.sending import LEASE, PAUSES
from integration.messages.standard_webhook import signature
from integration.pruning import Keeping, prune
from integration.store import messages, messages_outbox
from integration.store.acts import acts
from integration.store.engine import reading, writing
from tests.integration.messages.material import ADDRESS, VAULT, WORDS, later, place, postman, states


@pytest.fixture
def calls() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def queue_test(engine: Engine) -> int:
    with writing(engine) as session:
        return asking.queue_test(session, WORDS, "team", "Ada", later(minutes=2))


def at_the_address(calls: responses.RequestsMock, status: int = 200, **more: Any) -> None:
    calls.post("https://93.184.216.34:443/services/T0/B0/secret", status=status, **more)


def test_a_message_is_sent_once_and_noted(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    number = queue_test(engine)
    at_the_address(calls)
    assert sending.send_next(postman(engine, later(minutes=3)))
    assert not sending.send_next(postman(engine, later(minutes=4)))
    assert len(calls.calls) == 1
    assert calls.calls[0].request.headers["Host"] == "93.184.216.34"
    with reading(engine) as session:
        found = messages_outbox.message(session, number)
        assert found is not None
        line, body, tries = found
        assert (line.state, [(one.status, one.reason) for one in tries]) == ("sent", [(200, "sent")])
        assert from_json(body).topic == "test"
        held = messages.destination(session, "team")
        assert held is not None
        assert held.sent_at == later(minutes=3)


def test_what_fails_is_tried_again_with_growing_pauses_and_then_set_aside_with_its_error(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine)
    queue_test(engine)
    at_the_address(calls, 503)
    moment, tries = later(minutes=3), 0
    while states(engine)[0][0] != "dead":
        assert sending.send_next(postman(engine, moment))
        tries += 1
        assert not sending.send_next(postman(engine, moment + timedelta(seconds=1)))
        moment += PAUSES[-1] * 2
    assert tries == len(PAUSES) + 1
    assert states(engine) == [("dead", "The address answered 503; it is tried again.")]
    with reading(engine) as session:
        held = messages.destination(session, "team")
        assert held is not None
        assert held.trouble is not None


def test_what_is_refused_for_good_is_set_aside_at_once_and_can_be_sent_again(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine)
    number = queue_test(engine)
    at_the_address(calls, 404)
    sending.send_next(postman(engine, later(minutes=3)))
    assert states(engine)[0][0] == "dead"
    calls.reset()
    at_the_address(calls, 200)
    with writing(engine) as session:
        asking.replay(session, number, "Ada", later(minutes=4))
        assert acts(session)[0].act == "message_replayed"
    sending.send_next(postman(engine, later(minutes=5)))
    assert states(engine) == [("sent", "It was taken.")]


def test_a_receiver_that_asks_to_wait_is_waited_for(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    queue_test(engine)
    at_the_address(calls, 429, headers={"Retry-After": "900"})
    sending.send_next(postman(engine, later(minutes=3)))
    assert not sending.send_next(postman(engine, later(minutes=17)))
    assert sending.send_next(postman(engine, later(minutes=19)))


def test_senders_at_once_send_each_message_once(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    for _ in range(8):
        queue_test(engine)
    at_the_address(calls)

    def work() -> None:
        while sending.send_next(postman(engine, later(minutes=3))):
            pass

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls.calls) == 8
    assert {state for state, _ in states(engine)} == {"sent"}


def test_what_a_killed_sender_had_in_hand_is_sent_by_another_with_the_same_id(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine, channel="webhook")
    queue_test(engine)
    at_the_address(calls)
    with writing(engine) as session:
        claimed = messages_outbox.claim(session, later(minutes=3), LEASE)
    assert claimed is not None
    assert not sending.send_next(postman(engine, later(minutes=4)))
    assert sending.send_next(postman(engine, later(minutes=3) + LEASE))
    assert calls.calls[0].request.headers["webhook-id"] == claimed.public_id


def test_who_lost_the_lease_says_nothing_of_the_message(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    queue_test(engine)
    at_the_address(calls)
    with writing(engine) as session:
        claimed = messages_outbox.claim(session, later(minutes=3), LEASE)
    assert claimed is not None
    sending.send_next(postman(engine, later(minutes=3) + LEASE))
    with writing(engine) as session:
        late = messages_outbox.Try(later(minutes=9), 500, "not_taken", "too late", 1)
        assert not messages_outbox.finish(session, claimed, late, "dead")
    assert states(engine) == [("sent", "It was taken.")]


def test_webhooks_are_signed_by_both_secrets_while_one_is_replaced(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine, channel="webhook")
    with writing(engine) as session:
        first = (messages.secrets_of(session, VAULT, "team") or {})["secret"]
        second = asking.change_secret(session, VAULT, "team", "Ada", later(minutes=2))
    for _ in range(2):
        queue_test(engine)
    at_the_address(calls)
    sending.send_next(postman(engine, later(minutes=3)))
    sending.send_next(postman(engine, later(days=2)))
    for call, held in zip(calls.calls, ((second, first), (second,)), strict=True):
        headers, body = call.request.headers, call.request.body
        assert isinstance(body, bytes)
        wanted = [signature(headers["webhook-id"], headers["webhook-timestamp"], body, one) for one in held]
        assert headers["webhook-signature"] == " ".join(wanted)
        assert orjson.loads(body)["type"] == TOPICS["test"]


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', secret)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_destination_that_was_removed_gets_nothing_more(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    queue_test(engine)
    with writing(engine) as session:
        asking.remove_destination(session, "team", "Ada", later(minutes=2))
    sending.send_next(postman(engine, later(minutes=3)))
    assert states(engine) == [("dead", "There is no destination “team” any more.")]
    assert len(calls.calls) == 0


def test_errors_and_logs_hold_nothing_of_the_address(
    engine: Engine, calls: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    place(engine)
    queue_test(engine)
    at_the_address(calls, body=requests.ConnectionError(f"no route to {ADDRESS}"))
    sending.send_next(postman(engine, later(minutes=3)))
    assert states(engine) == [("waiting", "93.184.216.34 cannot be reached (ConnectionError).")]
    assert "/services/" not in caplog.text


def test_what_was_kept_long_enough_is_deleted(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine)
    queue_test(engine)
    at_the_address(calls)
    sending.send_next(postman(engine, later(minutes=3)))
    prune(engine, later(days=29), Keeping())
    assert len(states(engine)) == 1
    prune(engine, later(days=30, minutes=4), Keeping())
    assert states(engine) == []

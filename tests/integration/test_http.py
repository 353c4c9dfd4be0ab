"""How calls to trackers are sent: budget, pauses, errors; with a clock that only moves when somebody sleeps."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.http import Budget, HTTPClient, NotDone, Policy, open_session

SITE = "https://tracker.example"
URL = f"{SITE}/thing/7"


@dataclass
class Clock:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http(clock: Clock) -> HTTPClient:
    session = open_session()
    session.auth = ("me@example.org", "sesame")
    budget = Budget(per_second=10, burst=5, clock=clock, sleep=clock.sleep)
    return HTTPClient(session, SITE + "/", budget=budget, secrets=("sesame",))


@responses.activate
def test_an_answer_is_parsed_json(http: HTTPClient) -> None:
    responses.get(URL, json={"a": 1})
    assert http.json("GET", "/thing/7") == {"a": 1}


@responses.activate
def test_an_empty_answer_is_none(http: HTTPClient) -> None:
    responses.delete(URL, status=204)
    assert http.json("DELETE", "/thing/7") is None


@responses.activate
def test_every_call_has_a_timeout(http: HTTPClient) -> None:
    responses.get(URL, json={})
    http.json("GET", "/thing/7")
    assert responses.calls[0].request.req_kwargs["timeout"] == (5.0, 30.0)  # type: ignore[attr-defined]


@responses.activate
def test_a_get_is_repeated_after_trouble_with_growing_pauses(http: HTTPClient, clock: Clock) -> None:
    for _ in range(3):
        responses.get(URL, status=502)
    responses.get(URL, json={"ok": True})
    assert http.json("GET", "/thing/7") == {"ok": True}
    assert len(clock.slept) == 3
    assert all(
        low * base <= pause <= high * base
        for pause, base, low, high in zip(clock.slept, (2, 4, 8), (0.7,) * 3, (1.3,) * 3, strict=True)
    )


@responses.activate
def test_after_four_tries_the_caller_hears_of_it(http: HTTPClient) -> None:
    responses.get(URL, status=500, body="stack trace")
    with pytest.raises(Temporary) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == "unavailable"
    assert len(responses.calls) == 4


@responses.activate
@pytest.mark.parametrize("failure", [requests.ReadTimeout("slow"), requests.ConnectionError("reset by peer")])
def test_a_post_that_may_have_happened_is_not_sent_again(http: HTTPClient, failure: Exception) -> None:
    responses.post(URL, body=failure)
    with pytest.raises(Temporary):
        http.json("POST", "/thing/7", body={})
    assert len(responses.calls) == 1


@responses.activate
def test_a_post_that_only_reads_is_sent_again(http: HTTPClient) -> None:
    responses.post(URL, body=requests.ReadTimeout("slow"))
    responses.post(URL, json={"found": []})
    assert http.json("POST", "/thing/7", body={}, repeatable=True) == {"found": []}


@responses.activate
def test_a_post_that_was_never_received_is_sent_again(http: HTTPClient) -> None:
    refused = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    responses.post(URL, body=requests.ConnectionError(MaxRetryError(None, URL, refused)))  # type: ignore[arg-type]
    responses.post(URL, json={})
    assert http.json("POST", "/thing/7", body={}) == {}


@responses.activate
def test_a_rate_limited_post_waits_no_shorter_than_told(http: HTTPClient, clock: Clock) -> None:
    responses.post(URL, status=429, headers={"Retry-After": "9", "RateLimit-Reason": "jira-burst-based"})
    responses.post(URL, json={})
    http.json("POST", "/thing/7", body={})
    assert 9 <= sum(clock.slept) <= 10.1


@responses.activate
def test_a_burst_limit_holds_only_its_endpoint(http: HTTPClient, clock: Clock) -> None:
    responses.get(URL, status=429, headers={"Retry-After": "70", "RateLimit-Reason": "jira-burst-based"})
    responses.get(f"{SITE}/other", json={})
    with pytest.raises(NotDone):
        http.json("GET", "/thing/7")
    http.json("GET", "/other")
    assert clock.slept == []
    with pytest.raises(NotDone):
        http.json("GET", "/thing/8")
    assert len(responses.calls) == 2


@responses.activate
def test_a_used_up_quota_stops_all_calls_until_it_is_filled_again(http: HTTPClient, clock: Clock) -> None:
    headers = {"Retry-After": "1847", "RateLimit-Reason": "jira-quota-tenant-based"}
    responses.get(URL, status=429, headers=headers)
    responses.get(f"{SITE}/other", json={})
    with pytest.raises(Temporary) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == "quota_used_up"
    assert caught.value.retry_after == 1847
    with pytest.raises(Temporary) as held:
        http.json("GET", "/other")
    assert held.value.retry_after is not None
    assert 1847 <= held.value.retry_after <= 1848.1
    assert clock.slept == []
    clock.now += 1850
    assert http.json("GET", "/other") == {}


@responses.activate
@pytest.mark.parametrize("said", [True, {"a": 1}, "no", [None, 5]])
def test_odd_words_of_a_refusal_are_left_out(http: HTTPClient, said: object) -> None:
    responses.get(URL, status=404, json={"errorMessages": said, "errors": []})
    with pytest.raises(Permanent) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.sentence.endswith("not visible to us.")


@responses.activate
def test_retry_after_on_a_good_answer_means_nothing(http: HTTPClient, clock: Clock) -> None:
    responses.get(URL, json={}, headers={"Retry-After": "30"})
    http.json("GET", "/thing/7")
    http.json("GET", "/thing/7")
    assert clock.slept == []


@responses.activate
def test_retry_after_may_be_a_date(http: HTTPClient, clock: Clock) -> None:
    at = datetime.now(UTC) + timedelta(seconds=40)
    responses.get(URL, status=503, headers={"Retry-After": format_datetime(at, usegmt=True)})
    responses.get(URL, json={})
    http.json("GET", "/thing/7")
    assert 37 <= sum(clock.slept) <= 42


@responses.activate
@pytest.mark.parametrize(
    "text", ["soon", "-3", "", "Fri, 99 Nov 2026 99:00:00 GMT", f"Fri, 13 Nov {'9' * 20} 09:00:00 GMT"]
)
def test_a_nonsense_retry_after_is_passed_over(http: HTTPClient, clock: Clock, text: str) -> None:
    responses.get(URL, status=503, headers={"Retry-After": text})
    responses.get(URL, json={})
    http.json("GET", "/thing/7")
    assert 1.4 <= sum(clock.slept) <= 2.6


@responses.activate
@pytest.mark.parametrize("text", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_wait_is_longer_than_a_day(http: HTTPClient, clock: Clock, text: str) -> None:
    responses.get(URL, status=503, headers={"Retry-After": text})
    with pytest.raises(Temporary) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.retry_after == 86_400


@responses.activate
def test_more_calls_than_the_budget_wait_for_their_turn(http: HTTPClient, clock: Clock) -> None:
    responses.get(URL, json={})
    for _ in range(25):
        http.json("GET", "/thing/7")
    assert clock.now - 1000 == pytest.approx(2.0)


@responses.activate
@pytest.mark.parametrize("target", ["https://elsewhere.example/login", f"{SITE}/moved"])
def test_no_redirect_is_followed(http: HTTPClient, target: str) -> None:
    responses.get(URL, status=302, headers={"Location": target})
    responses.get(target, json={})
    with pytest.raises(Misconfigured) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == "redirected"
    assert target in caught.value.sentence
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, Permanent, "refused"),
        (401, Misconfigured, "bad_credentials"),
        (403, Misconfigured, "forbidden"),
        (404, Permanent, "not_found"),
        (410, Permanent, "removed"),
    ],
)
def test_a_refusal_says_what_the_tracker_says_and_is_not_repeated(
    http: HTTPClient, status: int, kind: type[Exception], reason: str
) -> None:
    responses.get(URL, status=status, json={"errorMessages": ["No such thing."], "errors": {"jql": "bad"}})
    with pytest.raises(kind) as caught:
        http.json("GET", "/thing/7")
    assert getattr(caught.value, "reason", None) == reason
    assert "No such thing. jql: bad" in str(caught.value)
    assert len(responses.calls) == 1


@responses.activate
def test_a_web_page_in_place_of_json_is_told_as_one(http: HTTPClient) -> None:
    responses.get(URL, body="<!DOCTYPE html><title>Log in</title>", content_type="text/html")
    with pytest.raises(Temporary) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == "not_json"
    assert "Log in" not in caught.value.sentence


@responses.activate
def test_truncated_json_is_fetched_again(http: HTTPClient) -> None:
    responses.get(URL, body='{"issues": [{"id": "1"')
    responses.get(URL, json={"issues": []})
    assert http.json("GET", "/thing/7") == {"issues": []}


@responses.activate
def test_secrets_are_in_no_error(http: HTTPClient) -> None:
    responses.post(URL, status=400, json={"errorMessages": ["sesame is no good secret"]})
    with pytest.raises(Permanent) as caught:
        http.json("POST", "/thing/7", body={})
    assert "sesame" not in str(caught.value)
    assert "***" in str(caught.value)


@responses.activate
def test_an_error_of_the_library_is_not_carried_along_with_its_request(http: HTTPClient) -> None:
    responses.get(URL, body=requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    with pytest.raises(Misconfigured, match="REQUESTS_CA_BUNDLE") as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == "untrusted_certificate"
    assert caught.value.__suppress_context__


@responses.activate
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.exceptions.SSLError("[SSL: WRONG_VERSION_NUMBER]"), "no_tls"),
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED: certificate has expired"), "expired_certificate"),
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED: Hostname mismatch"), "other_certificate"),
        (requests.exceptions.ProxyError("refused"), "proxy_unreachable"),
        (OSError("Could not find a suitable TLS CA certificate bundle, invalid path: x.pem"), "bad_certificates"),
    ],
)
def test_what_stands_in_the_way_is_told_apart(error: Exception, reason: str) -> None:
    http = HTTPClient(open_session(), "https://tracker.example", policy=Policy(tries=1))
    responses.get("https://tracker.example/thing/7", body=error)
    with pytest.raises(TrackerError) as caught:
        http.json("GET", "/thing/7")
    assert caught.value.reason == reason


@responses.activate
def test_a_tracker_explains_its_refusals_in_its_own_words() -> None:
    responses.get("https://tracker.example/thing/7", status=401)
    http = HTTPClient(open_session(), "https://tracker.example", explain=lambda found: f"It was {found.status_code}.")
    with pytest.raises(Misconfigured, match=r"the credentials are not accepted\. It was 401\.$"):
        http.json("GET", "/thing/7")


@responses.activate
def test_an_address_that_does_not_answer_is_named(http: HTTPClient) -> None:
    responses.get(URL, body=requests.ConnectTimeout("slow"))
    with pytest.raises(Temporary, match=r"tracker\.example did not accept"):
        http.json("GET", "/thing/7")


def test_something_that_is_no_address_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        HTTPClient(open_session(), "nonsense").json("GET", "/x")


@responses.activate
def test_a_text_that_was_cut_within_a_character_leaves_the_rest_of_the_answer_readable(http: HTTPClient) -> None:
    responses.get(URL, body=b'{"fromString": "Launch \\ud83d", "toString": "\\ud83d\\ude80 \\ude80", "id": 7}')
    assert http.json("GET", "/thing/7") == {"fromString": "Launch \ufffd", "toString": "\U0001f680 \ufffd", "id": 7}

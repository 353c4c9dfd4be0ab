"""The keys of the door: of which connection, and how soon a new one is known."""

import pytest

from tests.webhooks.door import ACME
from webhooks.contract import Key
from webhooks.keys import KeyRing, Keys


class Site:
    """Connections that change, a clock that is set by hand, and how often it was asked."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], Key] = {("jira", "acme"): ACME}
        self.asked = 0
        self.now = 100.0
        self.ring = KeyRing(self.load, seconds=1.0, monotonic=lambda: self.now)

    def load(self) -> Keys:
        self.asked += 1
        return dict(self.keys)

    def key(self, tracker: str, connection: str) -> Key | None:
        """As the door asks."""
        if not self.ring.is_fresh():
            self.ring.load()
        return self.ring.key(tracker, connection)


def test_known_and_unknown_connections_cost_the_same_questions() -> None:
    site = Site()
    found = [site.key("jira", name) for name in ("acme", "globex", "acme", "globex")]
    assert found == [ACME, None, ACME, None]
    assert site.asked == 1


def test_a_key_belongs_to_its_tracker() -> None:
    assert Site().key("asana", "acme") is None


@pytest.mark.parametrize(("later", "expected"), [(0.9, None), (1.0, "globex")])
def test_a_new_connection_is_known_within_the_time_said(later: float, expected: str | None) -> None:
    site = Site()
    site.key("jira", "globex")
    site.keys["jira", "globex"] = Key("globex", "jira")
    site.now += later
    found = site.key("jira", "globex")
    assert (found and found.connection) == expected


def test_a_changed_secret_is_known_at_once_when_it_is_said() -> None:
    site = Site()
    site.key("jira", "acme")
    site.keys["jira", "acme"] = Key("acme", "jira", secrets=(b"new",))
    site.ring.forget()
    assert site.key("jira", "acme") == Key("acme", "jira", secrets=(b"new",))


def test_a_secret_that_is_changed_while_the_keys_are_read_is_read_again() -> None:
    site = Site()
    given = iter((ACME, Key("acme", "jira", secrets=(b"new",))))

    def load() -> Keys:
        key = next(given)
        if key is ACME:
            ring.forget()
        return {("jira", "acme"): key}

    ring = KeyRing(load, seconds=1.0, monotonic=lambda: site.now)
    ring.load()
    assert ring.is_fresh()
    assert ring.key("jira", "acme") == Key("acme", "jira", secrets=(b"new",))

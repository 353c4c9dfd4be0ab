"""What the door needs to know of Jira: how its deliveries are proven genuine, and which name each bears.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from webhooks.contract import Headers, Sender
from webhooks.signatures import hex_signature


def _identifier(headers: Headers, body: bytes) -> str | None:  # noqa: ARG001 - the door passes both
    """The same in every repetition, unique within one site."""
    return headers.get("x-atlassian-webhook-identifier") or None


SENDER = Sender(
    tracker="jira",
    verify=hex_signature("x-hub-signature", prefix="sha256="),
    delivery_id=_identifier,
    can_sign=True,
    kept_headers=(
        "x-atlassian-webhook-identifier",
        "x-atlassian-webhook-retry",
        "x-atlassian-webhook-flow",
    ),
)

"""A delivery as Jira signs it, for the tests that every tracker has to pass."""

import hmac
from pathlib import Path

BODY = (Path(__file__).parent / "fixtures" / "webhook" / "issue_created.json").read_bytes()


def headers(body: bytes, secret: bytes) -> dict[str, str]:
    return {
        "x-hub-signature": f"sha256={hmac.digest(secret, body, 'sha256').hex()}",
        "x-atlassian-webhook-identifier": "fe4b9a2e",
    }

"""What a refusal of Jira's means for the person who must mend it: its headers say more than its bodies."""

import requests

from integration.json_text import loads

LOGIN_REASON, DENIED_REASON = "X-Seraph-LoginReason", "X-Authentication-Denied-Reason"


def explained(response: requests.Response) -> str:
    """A sentence on a 401 or 403; nothing where only the status is known."""
    if response.status_code not in {401, 403}:
        return ""
    headers = response.headers
    if "CAPTCHA" in headers.get(DENIED_REASON, "").upper():
        return (
            "After failed logins Jira wants to see a person: log in once in a browser as this account, answer the "
            "CAPTCHA, and try again."
        )
    if lacks_scope(response):
        return (
            "The token, or the app, lacks a scope that this call needs: docs/jira.md names all scopes. Make another "
            "token with them, or tick them for the app and agree again."
        )
    if response.status_code == 401:
        return _COMPLETE if _is_by_token_alone(response) else f"{_COMPLETE} {_BY_MAIL}"
    if "AUTHENTICAT" in headers.get(LOGIN_REASON, "").upper() and headers[LOGIN_REASON].upper() != "OK":
        return "Jira refuses to let this account in: is it active, and may it use Jira?"
    return ""


def lacks_scope(response: requests.Response) -> bool:
    """The token holds, and may not do this."""
    return "scope does not match" in _message(response)


_COMPLETE = "Is the token complete, not expired and not revoked?"
_BY_MAIL = (
    "Is the e-mail that of the token's account? Tokens with scopes and of service accounts go through the gateway: "
    "they need the cloudId."
)


def _is_by_token_alone(response: requests.Response) -> bool:
    """As personal access tokens are sent, and those of OAuth."""
    return str(response.request.headers.get("Authorization", "")).startswith("Bearer")


def _message(response: requests.Response) -> str:
    try:
        answer = loads(response.content)
    except ValueError:
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else ""

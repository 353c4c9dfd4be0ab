"""Where things are: the addresses of pages, and which of a tracker's a browser may be sent to."""

from urllib.parse import quote, urlencode


def sprint_address(connection: str, sprint: str) -> str:
    return f"/sprints/{quote(connection, safe='')}/{quote(sprint)}"


def board_address(connection: str, board: str) -> str:
    return f"/boards/{quote(connection, safe='')}/{quote(board)}"


def key_result_address(code: str) -> str:
    return f"/key-results/{quote(code)}"


def wording_address(key_result: str) -> str:
    return f"/key-results/{quote(key_result)}/wording"


def receipt_address(connection: str, sprint: str, scope: str, measure: str, part: str, form: str = "") -> str:
    named = {"scope": scope, "measure": measure, "part": part, **({"figure": form} if form else {})}
    return f"{sprint_address(connection, sprint)}/receipt?{urlencode(named)}"


def period_receipt_address(connection: str, period: str, measure: str, part: str) -> str:
    return f"/periods/{quote(connection, safe='')}/{quote(period)}/receipt?" + urlencode(
        {"measure": measure, "part": part}
    )


def rollup_receipt_address(cycle: str, by: str, name: str, scope: str, measure: str, part: str) -> str:
    place = "/".join(quote(one, safe="") for one in (cycle, by))
    named = urlencode({"scope": scope, "measure": measure, "part": part})
    return f"/roll-ups/{place}/{quote(name)}/receipt?{named}"


def safe_link(url: str | None) -> str | None:
    """The address of something in a tracker, if a browser may be sent there."""
    return url if url is not None and url.lower().startswith(("https://", "http://")) else None

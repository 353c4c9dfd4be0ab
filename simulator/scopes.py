"""Which scopes a call through Atlassian's gateway needs, as the official documents say of each."""

import re

WORK, WRITE, HOOKS = "read:jira-work", "write:jira-work", "manage:jira-webhook"
BOARDS, BOARD_SETTINGS = "read:board-scope:jira-software", "read:board-scope.admin:jira-software"
SPRINTS, PROJECTS, DETAILS = "read:sprint:jira-software", "read:project:jira", "read:issue-details:jira"

USER = "read:jira-user"
EPICS, QUERIES = "read:epic:jira-software", "read:jql:jira"
EVERY = (WORK, WRITE, HOOKS, USER, BOARDS, BOARD_SETTINGS, SPRINTS, PROJECTS, DETAILS, EPICS, QUERIES)

_READS_BY_POST = "search/jql|search/approximate-count|issue/bulkfetch|changelog/bulkfetch"
_NEEDED: tuple[tuple[str, str, tuple[str, ...]], ...] = tuple(
    (method, f"/rest/{path}$", scopes)
    for method, path, scopes in (
        ("GET", "api/3/serverInfo", ()),
        ("GET", "api/3/myself", (USER,)),
        (".*", "api/3/webhook(/.*)?", (WORK, HOOKS)),
        ("POST", f"api/3/({_READS_BY_POST})", (WORK,)),
        ("GET", "api/3/.*", (WORK,)),
        ("PUT|POST|DELETE", "api/3/issue/.*", (WRITE,)),
        ("GET", "agile/1.0/board", (BOARDS, PROJECTS)),
        ("GET", r"agile/1.0/board/\d+", (BOARDS, DETAILS)),
        ("GET", r"agile/1.0/board/\d+/(configuration|project)", (BOARD_SETTINGS, PROJECTS)),
        ("GET", r"agile/1.0/(board/\d+/sprint|sprint/\d+)", (SPRINTS,)),
    )
)


def needed(method: str, path: str) -> frozenset[str] | None:
    """None: no app may make that call, whatever its scopes."""
    for methods, pattern, scopes in _NEEDED:
        if re.fullmatch(methods, method) and re.match(pattern, path):
            return frozenset(scopes)
    return None

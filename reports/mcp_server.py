"""The MCP server: tools that only read, each answering with what made its figures."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from integration.store.opened import Store
from reports import mcp_answers
from reports.drafts import WrongDraft
from reports.sprint_choice import NoSprint

INSTRUCTIONS = (
    "Tieline tells what share of a team's work serves each of its key results. Figures are exact: quote them as they"
    " are, with what is exempt, dead link and unaligned, and say what is unestimated. They measure work, never people. "
    + mcp_answers.NOTE
)
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def server(store: Store, clock: Callable[[], datetime]) -> MCPServer[Any]:
    found: MCPServer[Any] = MCPServer("tieline", title="Tieline", instructions=INSTRUCTIONS, log_level="WARNING")

    @found.tool(annotations=READS, structured_output=False)
    def sprint_coverage(sprint: str | None = None, board: str | None = None) -> str:
        """Shares of a sprint (id or name; the running ones without it), with goal, findings and the items behind."""
        try:
            return _told(mcp_answers.sprint_coverage(store, clock(), sprint, board))
        except NoSprint as none:
            raise ToolError(str(none)) from None

    @found.tool(annotations=READS, structured_output=False)
    def findings(kind: str | None = None, severity: Literal["high", "medium", "low"] | None = None) -> str:
        """Open findings, the gravest first, with their evidence and what could be done."""
        return _told(mcp_answers.open_findings(store, clock(), kind, severity))

    @found.tool(annotations=READS, structured_output=False)
    def orphan_epics() -> str:
        """Epics that serve no key result, the costliest first, with age, size and share of the running sprints."""
        return _told(mcp_answers.orphan_epics(store, clock()))

    @found.tool(annotations=READS, structured_output=False)
    def key_result(code: str) -> str:
        """A key result by its code: value, progress, findings, and the items of running sprints that serve it."""
        answer = mcp_answers.key_result(store, clock(), code)
        if answer is None:
            raise ToolError("There is no key result of this code in the register that holds now.")
        return _told(answer)

    @found.tool(annotations=READS, structured_output=False)
    def judge_goal(text: str, team: str | None = None) -> str:
        """Read a draft of a sprint goal: outcome or output only, with the words that decide. Nothing is kept."""
        try:
            return _told(mcp_answers.draft_goal(store, clock(), text, team))
        except WrongDraft as wrong:
            raise ToolError(str(wrong)) from None

    return found


def _told(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)

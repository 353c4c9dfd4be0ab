"""The MCP server, spoken to over its standard input and output as a client does."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from integration.store.engine import create_engine
from integration.store.migrate import migrate
from reports.mcp_answers import NOTE
from tests.reports.material import HOSTILE, fill

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each tool says, and which tools there are; one process for all."""
    folder = tmp_path_factory.mktemp("mcp")
    engine = create_engine(f"sqlite:///{folder / 'tieline.sqlite'}")
    migrate(engine)
    fill(engine)
    engine.dispose()
    return asyncio.run(_ask(folder))


async def _ask(folder: Path) -> dict[str, Any]:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "service.cli", "mcp"],
        env={**os.environ, "TIELINE_DATA_DIR": str(folder)},
        cwd=ROOT,
    )
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "running": ("sprint_coverage", {}),
        "closed": ("sprint_coverage", {"sprint": "S0"}),
        "no sprint": ("sprint_coverage", {"sprint": "S9"}),
        "findings": ("findings", {"severity": "high"}),
        "orphans": ("orphan_epics", {}),
        "key result": ("key_result", {"code": "KR-1"}),
        "no key result": ("key_result", {"code": "KR-404"}),
        "goal": ("judge_goal", {"text": "Build the settings page"}),
        "no goal": ("judge_goal", {"text": " "}),
    }
    found: dict[str, Any] = {}
    async with Client(command) as client:
        found["tools"] = (await client.list_tools()).tools
        for name, (tool, arguments) in calls.items():
            result = await client.call_tool(tool, arguments)
            (content,) = result.content
            assert isinstance(content, TextContent)
            found[name] = content.text if result.is_error else json.loads(content.text)
    return found


def test_all_tools_only_read(asked: dict[str, Any]) -> None:
    assert {tool.name for tool in asked["tools"]} == {
        "sprint_coverage", "findings", "orphan_epics", "key_result", "judge_goal",
    }  # fmt: skip
    assert all(tool.annotations.read_only_hint for tool in asked["tools"])


def test_a_sprint_is_told_with_its_shares_and_the_items_behind(asked: dict[str, Any]) -> None:
    (sprint,) = asked["running"]["sprints"]
    final = next(one for one in sprint["figures"] if (one["scope"], one["measure"]) == ("final", "points"))
    assert sum(part["percent"] for part in final["parts"]) == 100
    assert {row["item"] for row in sprint["receipt"]} == {"PAY-1", "PAY-2", "PAY-3", "PAY-4", "PAY-5"}
    assert asked["closed"]["sprints"][0]["state"] == "closed"


def test_words_of_the_tracker_are_marked_as_data(asked: dict[str, Any]) -> None:
    (sprint,) = asked["running"]["sprints"]
    assert asked["running"]["note"] == NOTE
    assert HOSTILE in sprint["goal"]["tracker_text"]
    (epic,) = asked["orphans"]["findings"]
    assert epic["about"] == {"tracker_text": HOSTILE}


def test_findings_key_results_and_drafts_are_told(asked: dict[str, Any]) -> None:
    assert [one["kind"] for one in asked["findings"]["findings"]] == ["missing_goal"]
    assert [row["item"] for row in asked["key result"]["work_now"][0]["items"]] == ["PAY-1"]
    assert asked["goal"]["label"] == "output_only"
    assert asked["goal"]["flagged"]


@pytest.mark.parametrize("name", ["no sprint", "no key result", "no goal"])
def test_what_cannot_be_told_is_said_in_a_sentence(asked: dict[str, Any], name: str) -> None:
    assert isinstance(asked[name], str)
    assert asked[name]

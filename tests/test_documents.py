"""The documents against the code: links lead somewhere, named commands exist, the sample gives what its story says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import dev
from service.cli import COMMANDS, main
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
SAMPLE = ROOT / "docs" / "samples" / "checkout.backlog.json"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_to_a_file(name: str) -> None:
    document = ROOT / name
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_only_commands_that_there_are(name: str) -> None:
    named = re.findall(r"(?:`|bin/)tieline ([a-z][a-z-]*)", (ROOT / name).read_text(encoding="utf-8"))
    assert set(named) <= set(COMMANDS)


def commands(command: click.Command = main, named: str = "tieline") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    if not isinstance(command, click.Group):
        yield named, command
        return
    if command.invoke_without_command:
        yield named, command
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from commands(below, f"{named} {name}")


def synopsis(named: str, command: click.Command) -> str:
    """The words, what they take, and all options."""
    taken = [piece for piece in command.collect_usage_pieces(click.Context(command)) if "[OPTIONS]" not in piece]
    flags = [flag for param in command.params if isinstance(param, click.Option) for flag in param.opts]
    others = [flag for param in command.params for flag in param.secondary_opts]
    return " ".join((named, *taken, *flags, *others)).replace(" [COMMAND] [ARGS]...", "")


def test_the_manual_lists_every_command_with_all_its_options() -> None:
    manual = (ROOT / "docs/cli.md").read_text(encoding="utf-8").partition("## Every command")[2].partition("\n## ")[0]
    assert [line[4:] for line in manual.splitlines() if line.startswith("    ")] == [
        synopsis(*one) for one in commands()
    ]


def test_every_command_and_option_says_what_it_does() -> None:
    silent = [
        (named, param.opts)
        for named, command in commands()
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]
    assert silent == []
    assert [named for named, command in commands() if not command.help] == []


def test_the_two_commands_are_in_the_first_screen_of_the_readme() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:15]
    named = {line.split()[2] for line in first_screen if line.strip().startswith("python3 dev.py")}
    assert named == {"demo", "test"}


def test_documents_name_only_commands_of_the_script_that_there_are() -> None:
    named = {
        word
        for name in DOCUMENTS
        for word in re.findall(r"python3 dev\.py ([a-z]+)", (ROOT / name).read_text(encoding="utf-8"))
    }
    help_text = dev.parser().format_help()
    assert {word for word in named if f" {word} " not in help_text} == set()


# The sample of the README, reckoned by hand: SHOP-13 serves no key result, support is exempt, KR-LOYAL is unknown.
# Sprint 11 closed with 5 + 3 (guest checkout), 5 + 3 (declines, the 3 unfinished), 8 (theme), 2 (support): 26 points.
FINAL_OF_11 = {"KR-ACT": "8", "KR-DECLINE": "8", "exempt": "2", "dead_link": "0", "unaligned": "8"}
COMPLETED_OF_11 = {"KR-ACT": "8", "KR-DECLINE": "5", "exempt": "2", "dead_link": "0", "unaligned": "8"}
# Sprint 12 by count: SHOP-20 and 21, 22 at 60 to 40, SHOP-15, one support, one dead link, two of the theme: 8 items.
FINAL_OF_12_BY_COUNT = {"KR-ACT": "12/5", "KR-DECLINE": "8/5", "exempt": "1", "dead_link": "1", "unaligned": "2"}


def amounts(sprint: str, scope: str, *options: str) -> dict[str, str]:
    done = CliRunner().invoke(main, ["analyse", str(SAMPLE), "--format", "json", *options])
    assert done.exit_code == 0, done.output
    figure = next(one for one in json.loads(done.stdout)["sprints"] if one["id"] == sprint)["scopes"][scope]
    buckets = {name: figure[name]["amount"] for name in ("exempt", "dead_link", "unaligned")}
    return {share["key_result"]: share["amount"] for share in figure["shares"]} | buckets


def test_the_sample_gives_the_closed_sprint_that_its_story_tells() -> None:
    assert amounts("S11", "final") == FINAL_OF_11
    assert amounts("S11", "completed") == COMPLETED_OF_11


def test_the_sample_gives_the_running_sprint_that_its_story_tells() -> None:
    assert amounts("S12", "final", "--measure", "count") == FINAL_OF_12_BY_COUNT


def test_the_report_in_the_readme_is_what_the_command_prints() -> None:
    shown = [line[4:] for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]
    start = next(number for number, line in enumerate(shown) if line.startswith("Checkout 12"))
    printed = CliRunner(env={"COLUMNS": "110"}).invoke(main, ["analyse", str(SAMPLE)]).stdout.splitlines()
    assert [line for line in shown[start : start + 4] if line not in printed] == []


def test_the_sample_shows_the_findings_that_the_readme_promises() -> None:
    done = CliRunner().invoke(main, ["analyse", str(SAMPLE), "--format", "json"])
    found = {(finding["kind"], finding["subject"]) for finding in json.loads(done.stdout)["findings"]}
    promised = {("orphan_epic", "SHOP-3"), ("dangling_epic", "SHOP-4"), ("unknown_tag", "SHOP-4")}
    assert promised | {("output_only_goal", "S12")} <= found


def test_the_manual_lists_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `TIELINE_([A-Z_]+)` \| (.+?) \|", (ROOT / "docs/operating.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    listed = {name.lower(): default.strip("`") for name, default in rows}
    fields = Settings.model_fields
    assert set(listed) == set(fields)
    defaults = {name: str(field.default) for name, field in fields.items() if field.default is not None}
    assert {name: listed[name] for name in defaults} == defaults

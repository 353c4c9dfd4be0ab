"""`tieline overrulings` lists what people said, and exports it to train on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from integration.store.overrulings import overrule
from mappings.model import Overruling
from service.cli import main
from tests.integration.store.material import day

SAID = Overruling("goal", "Build the\npage", "outcome", "It is one", "Ada", day(1), subject="S1")
AGAIN = replace(SAID, label="learning", at=day(2))
PHRASE = Overruling("goal", "quick win", "output_only", "Never one", "Ada", day(3), team="Payments")
GONE = Overruling("key_result", "Launch it", "outcome", "x", "Ada", day(4), subject="KR-1")
BACK = replace(GONE, label=None, at=day(5))
TITLE = replace(GONE, text="Launch that", at=day(6))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    return engine


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["overrulings", *arguments])
    assert result.exit_code == 0, result.output
    return result


def fill(engine: Engine) -> None:
    with writing(engine) as session:
        for one in (SAID, AGAIN):
            overrule(session, "shop", one)
        for one in (PHRASE, replace(PHRASE, team=None, text="all hands"), GONE, BACK, TITLE):
            overrule(session, None, one)


@pytest.mark.usefixtures("engine")
def test_where_nothing_was_overruled_the_list_says_so() -> None:
    assert run("list").output == "Nothing was overruled.\n"
    assert run("export", "goals").output == ""


def test_the_list_has_all_that_was_ever_said_the_last_first(engine: Engine) -> None:
    fill(engine)
    lines = run("list").output.splitlines()
    assert len(lines) == 7
    assert 'key_result KR-1 outcome "Launch that" by Ada: "x"' in lines[0]
    assert "as its words read" in lines[1]
    assert "phrase of Payments output_only" in lines[4]
    assert lines[-1].endswith('goal shop/S1 outcome "Build the\\npage" by Ada: "It is one"')


def test_the_phrases_that_hold_are_listed_apart(engine: Engine) -> None:
    assert run("phrases").output == "Nobody has spoken of a phrase yet.\n"
    fill(engine)
    with writing(engine) as session:
        overrule(session, None, replace(PHRASE, team=None, text="all hands", label=None, at=day(7)))
    lines = run("phrases").output.splitlines()
    assert [line.partition(" goal ")[2] for line in lines] == [
        'phrase of Payments output_only "quick win" by Ada: "Never one"'
    ]


def test_the_export_is_what_holds_as_training_data(engine: Engine) -> None:
    fill(engine)
    goals = [json.loads(line) for line in run("export", "goals").output.splitlines()]
    assert [(line["text"], line["label"], line["source"]) for line in goals] == [
        ("Build the\npage", "learning", "overruling"),
        ("quick win", "output_only", "phrase"),
        ("all hands", "output_only", "phrase"),
    ]
    assert len({line["id"] for line in goals}) == 3
    krs = [json.loads(line) for line in run("export", "key-results").output.splitlines()]
    assert [(line["text"], line["label"]) for line in krs] == [("Launch that", "outcome")]

"""A log line is one event with its fields, for machines or for people."""

import json
import logging
from collections.abc import Iterator

import pytest

from service import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def test_a_json_line_has_the_message_its_fields_and_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json", "info")
    logging.getLogger("integration.worker").info("deliveries saved", extra={"connection": "site", "items": 3})
    line = json.loads(capsys.readouterr().err)
    assert {name: line[name] for name in ("event", "level", "connection", "items")} == {
        "event": "deliveries saved",
        "level": "info",
        "connection": "site",
        "items": 3,
    }
    assert line["timestamp"].endswith("Z")


def test_an_exception_stays_within_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json", "info")
    logging.getLogger("integration.worker").error("failed", exc_info=ZeroDivisionError("no"))
    [line] = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def _length(token: str) -> int:
    raise KeyError(len(token))


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_local_variables(form: logs.Form, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(form, "info")
    secret = bytes.fromhex("68757368").decode()
    try:
        _length(secret)
    except KeyError:
        logging.getLogger("service").exception("failed")
    written = capsys.readouterr().err
    assert "KeyError: 4" in written
    assert secret not in written


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("console", "warning")
    logging.getLogger("integration").info("quiet")
    assert capsys.readouterr().err == ""

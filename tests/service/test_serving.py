"""The serving process answers at its door before its pages are made."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from integration import clock, worker
from service import app as site
from service.installation import open_installation
from service.serving import build, start_background
from tests import asgi


def test_the_door_answers_while_pages_are_still_being_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(*_: Any) -> Flask:
        go_on.wait(10)
        made = Flask("pages")
        made.add_url_rule("/boards", view_func=lambda: "boards")
        return made

    monkeypatch.setattr(site, "create_app", slow)
    installation = open_installation({"data_dir": tmp_path})
    client = asgi.client(build(installation))
    assert client.get("/healthz").status_code == 200
    go_on.set()
    assert client.get("/boards").text == "boards"
    installation.engine.dispose()


def test_pages_that_cannot_be_made_are_told_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Flask:
        raise RuntimeError("no templates")

    monkeypatch.setattr(site, "create_app", broken)
    installation = open_installation({"data_dir": tmp_path})
    client = asgi.client(build(installation))
    answer = client.get("/boards")
    assert (answer.status_code, answer.text) == (500, "Tieline failed to answer. The reason is in its log.\n")
    for _ in range(100):
        if caplog.text:
            break
        time.sleep(0.02)
    assert "there will be no pages" in caplog.text
    assert client.get("/healthz").status_code == 200
    installation.engine.dispose()


def test_no_job_beside_the_pages_ends_of_what_nobody_foresaw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, begun = threading.Event(), 0

    def broken(*_: object) -> None:
        nonlocal begun
        begun += 1
        if begun > 1:
            stop.set()
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(worker, "AFTER_AN_ERROR", 0.01)
    monkeypatch.setattr(clock, "run", broken)
    installation = open_installation({"data_dir": tmp_path})
    threads = start_background(installation, stop)
    assert stop.wait(10)
    for thread in threads:
        thread.join(20)
    installation.engine.dispose()

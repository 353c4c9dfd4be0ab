"""The steps by which the demo connects Tieline to the simulated site: a real user takes the very same ones."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from simulator.processes import NotStarted, Processes, free_port, lines_of

TIELINE = ("-m", "service.cli")
ANSWERS_WITHIN = 60.0  # seconds
LOGIN_MARK = "/login"
CONNECTION = "demo"


@dataclass(frozen=True, slots=True)
class JiraSite:
    url: str
    email: str
    token: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs, and where."""

    processes: Processes
    folder: Path
    site: JiraSite
    day: datetime
    address: str  # of Tieline
    login: str  # the one-time link


def set_up(processes: Processes, folder: Path) -> Demo:
    """The steps of docs/demo.md, in order."""
    say("1. A Jira site starts: a fictitious payments company with 1,500 items, 40 epics, 24 sprints.")
    now = datetime.now(UTC)
    register = folder / "okrs.yaml"
    site = _start_site(processes, folder, register, now)
    say("2. tieline migrate: the store is made.")
    processes.run(*TIELINE, "migrate")
    say("3. tieline okrs apply okrs.yaml: two quarters of objectives and key results.")
    processes.run(*TIELINE, "okrs", "apply", str(register))
    say("4. tieline serve: pages, door and worker.")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    login = _start_tieline(processes, folder, port, address)
    say("5. tieline connect jira: account, rights, boards, fields, webhook, backfill.")
    connect = (
        "--url",
        site.url,
        "--email",
        site.email,
        "--token-file",
        "-",
        "--name",
        CONNECTION,
        "--team-field",
        "Team",
    )
    more = ("--periods", "week", "--public-url", address, "--yes")
    processes.run(*TIELINE, "connect", "jira", *connect, *more, given=site.token)
    return Demo(processes, folder, site, now, address, login)


def _start_site(processes: Processes, folder: Path, register: Path, now: datetime) -> JiraSite:
    process = processes.start("-m", "simulator.serve", "--register", str(register), "--day", now.date().isoformat())
    log = folder / "jira.log"
    for line in lines_of(process, log, lambda line: line.startswith("{")):
        if line.startswith("{"):
            told = json.loads(line)
            return JiraSite(told["url"], told["email"], told["token"])
    raise NotStarted(f"The simulated site did not start:\n{log.read_text(encoding='utf-8')}")


def _start_tieline(processes: Processes, folder: Path, port: int, address: str) -> str:
    """Start the service; give the one-time link with which its first visitor comes in."""
    process = processes.start(*TIELINE, "serve", "--host", "127.0.0.1", "--port", str(port))
    log = folder / "tieline.log"
    login = ""
    for line in lines_of(process, log, lambda line: LOGIN_MARK in line):
        login = next((word.strip("\"',.") for word in line.split() if LOGIN_MARK in word), "")
    if not login:
        raise NotStarted(f"Tieline did not start:\n{log.read_text(encoding='utf-8')}")
    if not _answers(f"{address}/healthz"):
        raise NotStarted(f"Tieline does not answer at {address}:\n{log.read_text(encoding='utf-8')}")
    return login


def _answers(url: str) -> bool:
    """Whether it does so in time."""
    end = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).status_code == requests.codes.ok:
                return True
        except requests.RequestException:
            pass
        time.sleep(0.1)
    return False


def say(sentence: str) -> None:
    print(sentence, flush=True)

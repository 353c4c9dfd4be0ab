"""One storm, from the calm before it to the store that must equal the site: all of it in virtual time."""

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.conditions import Outage
from simulator.processes import free_port
from simulator.sender import Sender
from simulator.serve import serve
from simulator.site import Site
from simulator.storm.company import Company, build
from simulator.storm.compare import SprintLife, differences
from simulator.storm.deeds import Deeds
from simulator.storm.post import Post, Weather
from simulator.storm.product import Product
from simulator.things import Event, Sprint

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STORM = 60 * MINUTE
REKEYED = 18 * MINUTE
OUTAGE = (25 * MINUTE, 85 * MINUTE)
KILLED = (12 * MINUTE, 90 * MINUTE)
DOWN = 2  # ticks between a kill and the next start
LAG = {False: timedelta(seconds=90), True: timedelta(seconds=20)}  # of the index, by whether it is Data Center's
PATIENCE = 8 * 60 * MINUTE  # after the storm


@dataclass(frozen=True, slots=True)
class Plan:
    edits: int = 10_000
    items: int = 1000
    version: tuple[int, int, int] | None = None  # None: Cloud
    seed: int = 1
    tick: timedelta = timedelta(seconds=20)  # how often Tieline works
    weather: Weather = field(default_factory=Weather)


@dataclass(slots=True)
class Report:
    """What happened, and what is not as it should be."""

    edits: int = 0
    items: int = 0
    calls: int = 0
    kills: int = 0
    deliveries: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    equal_after: timedelta | None = None  # since the beginning of the storm
    seconds: float = 0.0
    differences: list[str] = field(default_factory=list)


class Storm:
    """What takes part: the site, who carries its deliveries, and Tieline."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.now = START
        self.report = Report()
        self.site = Site(clock=lambda: self.now, version=plan.version)
        self.lives: dict[int, list[tuple[datetime, Sprint | None]]] = defaultdict(list)
        self.site.listeners.append(self._remember)
        self._chance = random.Random(plan.seed)
        self.company: Company = build(self.site, plan.items, START, self._chance)
        self.deeds = Deeds(self.company, plan.seed)
        self.sender = Sender(self.site, threads=0)
        self.post = Post(self.site, plan.weather, plan.seed)
        self.sender.carry = self.post.take
        self.product = Product(folder, free_port(), lambda: self.now)
        self._down = 0  # ticks until Tieline starts again
        self._happened = timedelta(0)
        self._turns = iter(sorted(START + part * MINUTE for part in (8, 16, 23, 31, 39, 46, 54)))
        self._next_turn: datetime | None = next(self._turns)

    def _remember(self, event: Event) -> None:
        if event.sprint is not None and event.name in ("sprint_created", "sprint_updated"):
            self.lives[event.sprint.id].append((event.at, event.sprint))
        elif event.sprint is not None and event.name == "sprint_deleted":
            self.lives[event.sprint.id].append((event.at, None))

    def run(self) -> Report:
        began = time.monotonic()
        with _answering(self.site, self.sender):
            try:
                self._weather_it()
            finally:
                self.product.stop()
                self.post.close()
        self.report.seconds = time.monotonic() - began
        self.report.items, self.report.calls = len(self.site.issues), self.site.asked
        self.report.kills, self.report.deliveries = self.product.kills, dict(self.post.counts)
        self.report.answers = {str(status): number for status, number in self.post.answers.items()}
        return self.report

    def _weather_it(self) -> None:
        self.product.start()
        self._connect()
        self.sender.start()
        self.site.conditions.index_lag = LAG[self.site.is_data_center]
        while self.now < START + STORM:
            self._tick(self._edits_of_a_tick())
        while self.now < START + STORM + PATIENCE:
            calm = self.now > START + OUTAGE[1] + 15 * MINUTE
            self.now += 5 * MINUTE if calm else MINUTE
            self._tick(())
            if calm and self.now.minute % 30 < 5 and self.post.is_empty:
                self.report.differences = self._differences()
                if not self.report.differences:
                    self.report.equal_after = self.now - START
                    return

    def _connect(self, *more: str) -> None:
        token = self.folder / "token"
        token.write_text(self.site.token, encoding="utf-8")
        flags = ["--url", self.site.base_url, "--token-file", str(token), "--name", "storm", *more]
        if not self.site.is_data_center:
            flags += ["--email", self.site.email]
        self.product.ask("connect", flags=[*flags, "--team-field", "Team", "--public-url", self.product.door])

    def _edits_of_a_tick(self) -> tuple[datetime, ...]:
        """The moments of this tick's edits."""
        due = round(self.plan.edits * ((self.now + self.plan.tick - START) / STORM)) - self.report.edits
        return tuple(self.now + (number + 1) * (self.plan.tick / (due + 2)) for number in range(max(0, due)))

    def _tick(self, moments: tuple[datetime, ...]) -> None:
        """What people do, what arrives of it, and what Tieline makes of that: the last two at once."""
        end = self.now + self.plan.tick
        for moment in moments:
            if self.report.edits >= self.plan.edits * ((end - START) / STORM):
                break
            self.now = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
            self.report.edits += self._deed()
        self.now = end
        self._happen()
        bringing = threading.Thread(target=self.post.bring)
        bringing.start()
        self._work()
        bringing.join()

    def _deed(self) -> int:
        if self._next_turn is None or self.now < self._next_turn:
            return self.deeds.act(self.now)
        minute = (self._next_turn - START) // MINUTE
        self._next_turn = next(self._turns, None)
        rare = {23: self.deeds.drop_sprint, 39: self.deeds.reopen, 54: self.deeds.rekey_project}
        return rare.get(minute, self.deeds.turn_over)(self.now)

    def _happen(self) -> None:
        """What the hour has in store for Tieline beside edits."""
        since, before, self._happened = self.now - START, self._happened, self.now - START
        end = START + OUTAGE[1]
        if before < REKEYED <= since:
            self._connect("--new-secret")
        if before < OUTAGE[0] <= since:
            self.site.conditions.outage = Outage(end, retry_after=30)
        if before < sum(OUTAGE, timedelta()) / 2 <= since:
            self.site.conditions.outage = Outage(end, status=502, is_page=True)
        if any(before < moment <= since for moment in KILLED):
            self.product.kill_during("work", 0.3, self._chance)
            self._down = DOWN

    def _work(self) -> None:
        if self._down:
            self._down -= 1
            if not self._down:
                self.product.start()
            return
        self.product.ask("work")
        self.product.ask("reconcile")

    def _differences(self) -> list[str]:
        file = self.folder / "told.json"
        self.product.ask("tell", file=str(file))
        lives = {number: SprintLife(tuple(versions)) for number, versions in self.lives.items()}
        with self.site.lock:
            return differences(self.site, lives, json.loads(file.read_text(encoding="utf-8")))


@contextmanager
def _answering(site: Site, sender: Sender) -> Iterator[None]:
    server = serve(site, sender)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Carries deliveries in virtual time: some never arrive, some twice, some late and so out of order.

Cloud tries again where it was not answered, five times, five to fifteen minutes apart; Data Center never does.
"""

import heapq
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import requests

from simulator.sender import ATTEMPTS, RETRIED, Delivery, post
from simulator.site import Site

AT_ONCE = 8
SOONEST, USUAL = 0.2, 2.0  # seconds from the event to its delivery
LATE = (5.0, 180.0)
AGAIN = (300.0, 900.0)


@dataclass(frozen=True, slots=True)
class Weather:
    """What part of the deliveries is lost, arrives twice, or late."""

    lost: float = 0.05
    twice: float = 0.05
    late: float = 0.2


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    delivery: Delivery = field(compare=False)


class Post:
    """Takes the deliveries of a sender and brings what is due."""

    def __init__(self, site: Site, weather: Weather, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.answers: Counter[int | None] = Counter()
        self._site = site
        self._weather = weather
        self._chance = random.Random(seed)
        self._waiting: list[_Due] = []
        self._number = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="post")
        self._mine = threading.local()

    def take(self, delivery: Delivery) -> None:
        """Called by the site at the moment of the event."""
        self.counts["told"] += 1
        if self._chance.random() < self._weather.lost:
            self.counts["lost"] += 1
            return
        wait = self._chance.uniform(SOONEST, USUAL)
        if self._chance.random() < self._weather.late:
            self.counts["late"] += 1
            wait += self._chance.uniform(*LATE)
        self._later(delivery, wait)
        if self._chance.random() < self._weather.twice:
            self.counts["twice"] += 1
            self._later(replace(delivery, answers=[]), wait + self._chance.uniform(SOONEST, LATE[1]))

    def _later(self, delivery: Delivery, seconds: float) -> None:
        with self._lock:
            self._number += 1
            due = _Due(self._site.now() + timedelta(seconds=seconds), self._number, delivery)
            heapq.heappush(self._waiting, due)

    def bring(self) -> None:
        """Deliver all that is due by now, several at once, and wait until each is answered."""
        with self._lock:
            due = []
            while self._waiting and self._waiting[0].at <= self._site.now():
                due.append(heapq.heappop(self._waiting).delivery)
        list(self._pool.map(self._bring_one, due))

    def _bring_one(self, delivery: Delivery) -> None:
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
        status = post(self._mine.session, delivery, self._site)
        self.answers[status] += 1
        delivery.answers.append(status)
        delivery.attempt += 1
        if status is not None and status < 500 and status not in RETRIED:
            return
        if not self._site.is_data_center and delivery.attempt < ATTEMPTS:
            self._later(delivery, self._chance.uniform(*AGAIN))
        else:
            self.counts["given up"] += 1

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def close(self) -> None:
        self._pool.shutdown()

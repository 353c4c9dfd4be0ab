"""The demo without people: what the running service reports must be exactly what was planted and reckoned by hand."""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from simulator.as_backlog import newcomer_as_backlog
from simulator.company.build import build
from simulator.company.moments import Calendar
from simulator.company.okrs import NOW
from simulator.company.place import Company
from simulator.compare import figure_differences, finding_differences, last_whole_week
from simulator.demo_steps import CONNECTION, TIELINE, Demo, say
from simulator.site import Site
from simulator.truths import (
    AFTER_THE_EDIT,
    CHECKOUT_QUARTER,
    EDITED_ITEM,
    EDITED_TAG,
    FIGURES,
    FINDINGS,
    LAST_WEEK,
    NEWCOMER_FINDING,
    Reckoned,
)

SETTLES_WITHIN = 60.0  # seconds after the backfill
LOG_SHOWN = 4000  # characters of Tieline's log, where something is wrong
FOLLOWS_WITHIN = 30.0  # seconds after an edit on the site: time for a busy machine, not the goal of two seconds
LOOKS_EVERY = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Reports:
    """The JSON API of the running service, as its logged-in visitor sees it."""

    session: requests.Session
    address: str

    def get(self, path: str, **query: str) -> Any:
        """None: not decided yet."""
        answer = self.session.get(f"{self.address}/api/v1/{path}", params=query, timeout=30)
        if answer.status_code == requests.codes.not_found:
            return None
        answer.raise_for_status()
        return answer.json()

    def findings(self) -> list[dict[str, Any]]:
        found = self.get("findings")
        return list(found["findings"] if isinstance(found, dict) else found)

    def sprint(self, identity: int, measure: str) -> Any:
        return self.get(f"sprints/{identity}", measure=measure)

    def quarter_of_board(self, identity: int) -> Any:
        rollups = self.get("rollups", by="board", cycle=NOW)["rollups"]
        wanted = {"subject": str(identity), "measure": CHECKOUT_QUARTER.measure, "scope": CHECKOUT_QUARTER.scope}
        return next((found for found in rollups if wanted.items() <= found.items()), None)

    def week(self, identity: str) -> Any:
        """Periods are kept in the measure of the settings."""
        found = self.get(f"periods/{identity}")
        return None if found is None else found["scopes"][LAST_WEEK[0].scope]

    def page_of_sprint(self, identity: int) -> str:
        """What stands on the sprint's page, without its markup."""
        answer = self.session.get(f"{self.address}/sprints/{CONNECTION}/{identity}", timeout=30)
        answer.raise_for_status()
        return re.sub(r"<[^>]*>|\s+", " ", answer.text)


def check(demo: Demo) -> int:
    """0 only if exactly the truths are reported, and the dashboard follows an edit in time."""
    now = datetime.now(UTC)
    company = build(Site(clock=lambda: now), Calendar(demo.day.date()))
    with requests.Session() as session:
        session.get(demo.login, timeout=30).raise_for_status()
        reports = Reports(session, demo.address)
        faults = _settled(lambda: _truth_faults(company, reports))
        _tell(f"{len(FINDINGS)} findings, {len(FIGURES) + 2} figures", faults)
        late = _follow_edit(company, demo, reports)
        _tell("an edit on the site is seen", late)
    newcomers = _newcomer_faults(demo)
    _tell("two newly connected sites with untagged backlogs", newcomers)
    if faults or late:
        say((demo.folder / "tieline.log").read_text(encoding="utf-8")[-LOG_SHOWN:])
    wrong = len(faults) + len(late) + len(newcomers)
    say("All truths are reported, and nothing else." if not wrong else f"{wrong} differences.")
    return 1 if wrong else 0


def _settled(faults: Callable[[], list[str]]) -> list[str]:
    """What is still wrong when the service had time to finish its work."""
    end = time.monotonic() + SETTLES_WITHIN
    while (found := faults()) and time.monotonic() < end:
        time.sleep(0.5)
    return found


def _truth_faults(company: Company, reports: Reports) -> list[str]:
    faults = finding_differences(company, reports.findings())
    for figure in FIGURES:
        faults += figure_differences(figure, _figure(company, reports, figure))
    faults += figure_differences(LAST_WEEK[0], reports.week(last_whole_week(company)))
    return faults + figure_differences(CHECKOUT_QUARTER, reports.quarter_of_board(company.boards["Checkout"].id))


def _figure(company: Company, reports: Reports, reckoned: Reckoned) -> Any:
    sprint = reports.sprint(company.sprint_id(reckoned.team, reckoned.sprint), reckoned.measure)
    return None if sprint is None else sprint["scopes"][reckoned.scope]


def _follow_edit(company: Company, demo: Demo, reports: Reports) -> list[str]:
    """Tag an item on the site; the sprint's figure must follow, on its page as well."""
    body = {"action": "tag", "issue": company.marks[EDITED_ITEM].key, "tags": [EDITED_TAG]}
    requests.post(f"{demo.site.url}/_control/edit", json=body, timeout=10).raise_for_status()
    begun = time.monotonic()
    faults = [""]
    while faults and time.monotonic() - begun < FOLLOWS_WITHIN:
        faults = figure_differences(AFTER_THE_EDIT, _figure(company, reports, AFTER_THE_EDIT))
        faults += _page_faults(company, reports)
        time.sleep(LOOKS_EVERY)
    if not faults:
        say(f"      The dashboard followed an edit on the site after {time.monotonic() - begun:.2f} seconds.")
    return faults


def _page_faults(company: Company, reports: Reports) -> list[str]:
    """Whether the page shows the share of the key result that was tagged."""
    percent = AFTER_THE_EDIT.percents[list(AFTER_THE_EDIT.shares).index(EDITED_TAG)]
    text = reports.page_of_sprint(company.sprint_id(AFTER_THE_EDIT.team, AFTER_THE_EDIT.sprint))
    is_shown = re.search(rf"{EDITED_TAG}\b[^:]*: {percent} %", text)
    return [] if is_shown else [f"the page of the sprint does not show {EDITED_TAG}: {percent} %"]


def _newcomer_faults(demo: Demo) -> list[str]:
    """`untagged_backlog` stands in place of all orphans, so it is planted apart, and read from files."""
    faults = []
    for tagged in (0, 1):
        file = demo.folder / f"newcomer-{tagged}.backlog.json"
        file.write_text(json.dumps(newcomer_as_backlog(demo.day, tagged)), encoding="utf-8")
        analysis = json.loads(demo.processes.output_of(*TIELINE, "analyse", str(file), "--format", "json"))
        told = [(finding["kind"], finding["subject"], finding["severity"]) for finding in analysis["findings"]]
        wanted = (NEWCOMER_FINDING.kind, NEWCOMER_FINDING.subject, NEWCOMER_FINDING.severity)
        if told != [wanted]:
            faults.append(f"newcomer with {tagged} of 25 tagged: {told}, but was reckoned as {wanted}")
    return faults


def _tell(what: str, faults: Sequence[str]) -> None:
    say(f"{'ok   ' if not faults else 'WRONG'} {what}")
    for fault in faults:
        say(f"      {fault}")

"""Simulated companies for tests: at any moment, and as what the product reads."""

import json
from datetime import UTC, datetime
from functools import cache

from integration.files.backlog_file import load
from mappings.analysis import analyse
from mappings.document import Document, to_document
from mappings.model import Backlog, Measure
from simulator.as_backlog import company_as_backlog
from simulator.company.build import build
from simulator.company.moments import Calendar
from simulator.company.place import Company
from simulator.site import Site

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def company_at(now: datetime, version: tuple[int, int, int] | None = None) -> Company:
    """On a Cloud site, or on a Data Center site of that version."""
    return build(Site(clock=lambda: now, version=version), Calendar(now.date()))


def backlog_of(company: Company, now: datetime) -> Backlog:
    return load(json.dumps(company_as_backlog(company, now)).encode())


def analysis_of(company: Company, now: datetime, measure: str = "points") -> Document:
    return to_document(analyse(backlog_of(company, now), measure=Measure(measure)))


@cache
def at_noon(measure: str = "points") -> tuple[Company, Document]:
    """The company of one fixed day with its analysis; the caller changes neither."""
    company = company_at(NOON)
    return company, analysis_of(company, NOON, measure)

"""Every page, drawn by a real browser in light and dark, on a wide screen, a phone and paper, and held against what a
careful eye would ask of it. The pictures lie in the temporary folder of the run: `--basetemp FOLDER` says where, and
`--full-page-screenshot` makes them as long as the pages are.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from reports.access import login_link
from tests.browser.company import company_site, empty_site
from tests.browser.conftest import WAIT, serving
from tests.browser.pages_shown import EMPTY, NOWHERE, PAGES, is_page
from tests.reports.material import NOW, Site
from tests.simulator.companies import NOON

HERE = Path(__file__).parent
AXE = (HERE / "assets" / "axe.min.js").read_text(encoding="utf-8") + "; undefined"
LOOK = (HERE / "look.js").read_text(encoding="utf-8")
# All rules hold on the wide, light page; elsewhere those that may come out otherwise.
ALL = {"rules": {name: {"enabled": True} for name in ("label-content-name-mismatch", "target-size")}}
COLOURS = {"runOnly": ["color-contrast"]}
TARGETS = {"runOnly": ["target-size", "scrollable-region-focusable"]}
BRIGHT, DARK = 190, 80  # of 255
WIDE, PHONE, A4 = 1280, 390, 695  # A4 between the margins of the style sheet
ADDRESSES = tuple(address for addresses in PAGES.values() for address in addresses)
WATCH_SHIFTS = """
  window.shifts = [];
  const shown = (node) => (node?.parentElement ?? node)?.outerHTML?.slice(0, 120);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.shifts.push([entry.value, ...entry.sources.map((each) => shown(each.node))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
# Once what came is drawn.
SHIFTS = "() => new Promise((give) => requestAnimationFrame(() => requestAnimationFrame(() => give(window.shifts))))"
# Where everything lies, in whole points: dark and light are one drawing in other colours.
PLACES = """() => [...document.querySelectorAll("main *")].filter((each) => each.checkVisibility()).map((each) => {
  const box = each.getBoundingClientRect();
  return [box.x, box.y, box.width].map(Math.round).join(" ");
}).join("|")"""
# How bright a picture is, coarsely: the mean of its points, 0 to 255.
BRIGHTNESS = """async (picture) => {
  const image = new Image();
  image.src = `data:image/jpeg;base64,${picture}`;
  await image.decode();
  const paper = new OffscreenCanvas(32, 32).getContext("2d");
  paper.drawImage(image, 0, 0, 32, 32);
  const points = paper.getImageData(0, 0, 32, 32).data;
  let sum = 0;
  for (let at = 0; at < points.length; at += 4) sum += 0.3 * points[at] + 0.59 * points[at + 1] + 0.11 * points[at + 2];
  return sum / (points.length / 4);
}"""


LEFT = "net::ERR_ABORTED"


@dataclass(frozen=True, slots=True)
class Shown:
    """A site that is served, a browser's page that is logged in, another that looks at pictures."""

    site: Site
    names: dict[str, str]
    page: Page
    eye: Page
    pictures: Path
    is_long: bool  # pictures show whole pages
    troubles: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def company(browser: Browser, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Shown]:
    is_long = bool(pytestconfig.getoption("--full-page-screenshot"))
    folder = tmp_path_factory.mktemp("company")
    with (
        company_site(f"sqlite:///{folder / 'tieline.sqlite'}") as (site, names),
        shown(browser, site, NOON, names, folder, is_long=is_long) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("empty")
    with (
        empty_site(f"sqlite:///{folder / 'tieline.sqlite'}") as site,
        shown(browser, site, NOW, {}, folder, is_long=False) as found,
    ):
        yield found


@contextmanager
def shown(
    browser: Browser, site: Site, now: datetime, names: dict[str, str], pictures: Path, *, is_long: bool
) -> Iterator[Shown]:
    with serving(site) as served:
        context = browser.new_context(base_url=served.address, locale="en-GB", timezone_id="Europe/Berlin")
        context.add_init_script(WATCH_SHIFTS)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        found = Shown(site, names, page, context.new_page(), pictures, is_long)
        listen(found)
        page.goto(login_link(site.store, served.address, now))
        yield found
        context.close()


def listen(shown: Shown) -> None:
    """Whatever the console complains of, and whatever cannot be loaded."""
    page, note = shown.page, shown.troubles.append
    page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: note(str(error)))
    # A poll that the next page interrupts is no fault.
    # What a page still asks for is given up when it is left.
    page.on("requestfailed", lambda asked: note(f"{asked.url}: {asked.failure}") if asked.failure != LEFT else None)
    page.on("response", lambda answer: note(f"{answer.url}: {answer.status}") if answer.status >= 400 else None)


def test_every_page_of_the_application_is_looked_at(company: Shown) -> None:
    pages = {rule.endpoint for rule in company.site.app.url_map.iter_rules() if is_page(rule)}
    assert pages == set(PAGES), "Name the new page, and an address of it, in tests/browser/pages_shown.py."


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_sound_in_each_of_its_forms(company: Shown, address: str) -> None:
    named = address.format(**company.names)
    faults = [*_wide(company, named), *_phone(company, named), *_paper(company, named), *company.troubles]
    company.troubles.clear()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("address", EMPTY)
def test_a_page_without_anything_to_show_is_sound_too(empty: Shown, address: str) -> None:
    faults = [*_wide(empty, address), *_phone(empty, address)]
    if address != NOWHERE:  # that answers 404, as it should
        faults += empty.troubles
    empty.troubles.clear()
    assert not faults, "\n".join(faults)


def _wide(shown: Shown, address: str) -> Iterator[str]:
    """Light and dark are the same drawing, in other colours that can be read."""
    page = shown.page
    yield from _open(shown, address, WIDE)
    page.emulate_media(color_scheme="light")
    yield from (f"wide: {fault}" for fault in page.evaluate(LOOK, {"paper": False}))
    yield from (f"wide: {fault}" for fault in _axe(page, ALL))
    places, light = page.evaluate(PLACES), _picture(shown, "light", address)
    page.emulate_media(color_scheme="dark")
    yield from (f"dark: {fault}" for fault in _axe(page, COLOURS))
    if page.evaluate(PLACES) != places:
        yield "dark is laid out otherwise than light"
    dark = _picture(shown, "dark", address)
    if light < BRIGHT or (dark > DARK and "/sheet" not in address):  # a sheet is white paper in the dark, too
        yield f"light is {light} bright, and dark {dark}"


def _phone(shown: Shown, address: str) -> Iterator[str]:
    yield from _open(shown, address, PHONE)
    yield from (f"phone: {fault}" for fault in shown.page.evaluate(LOOK, {"paper": False}))
    yield from (f"phone: {fault}" for fault in _axe(shown.page, TARGETS))
    _picture(shown, "phone", address)


def _paper(shown: Shown, address: str) -> Iterator[str]:
    """From a dark screen, too, it is printed dark on white, and whole."""
    page = shown.page
    page.set_viewport_size({"width": A4, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    yield from (f"paper: {fault}" for fault in page.evaluate(LOOK, {"paper": True}))
    bright = _picture(shown, "paper", address)
    if bright < BRIGHT:
        yield f"paper is {bright} bright"
    page.emulate_media(media="screen")


def _open(shown: Shown, address: str, width: int) -> list[str]:
    """What jumped until it was there."""
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.page.goto(address)
    # A past moment is computed when it is asked for the first time.
    expect(shown.page.get_by_role("heading", name="Being computed")).to_have_count(0, timeout=WAIT * 6)
    shifts = shown.page.evaluate(SHIFTS)
    return [f"it jumped while it came, {width} wide: {shift}" for shift in shifts]


def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    # Evaluated by the test, not loaded by the page: its policy would refuse that.
    page.evaluate(AXE)
    found = page.evaluate("(options) => axe.run({ ...options, resultTypes: ['violations'] })", options)
    return [f"{fault['id']}: {[node['html'][:120] for node in fault['nodes']][:3]}" for fault in found["violations"]]


def _picture(shown: Shown, form: str, address: str) -> int:
    """Keep one, and say how bright it is."""
    name = re.sub(r"[^\w.-]+", "_", address.strip("/")) or "boards"
    path = shown.pictures / f"{name[:90]}--{form}.jpeg"
    picture = shown.page.screenshot(path=path, type="jpeg", quality=70, full_page=shown.is_long)
    bright: float = shown.eye.evaluate(BRIGHTNESS, base64.b64encode(picture).decode())
    return round(bright)

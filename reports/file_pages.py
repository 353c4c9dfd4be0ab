"""Backlogs that come as files, on pages: importing one, the page of its connection, and the sample data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from apiflask import APIBlueprint
from flask import Flask, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from integration.contract import TrackerError
from integration.files.any_file import Reading
from integration.files.faults import Refused
from integration.imports import aging, importing, sample
from integration.imports.importing import Import, Wish
from integration.store import imported_files, plans, reads
from integration.store.imported_files import ImportedFile
from integration.store.opened import Store
from integration.store.reads import BoardLine
from reports import access, pages, views
from reports.connect_pages import desk
from reports.rule_forms import line
from reports.views import ConnectionView, Ground

# Of the API's kind because it guards its own requests, as the blueprint of connecting is.
blueprint = APIBlueprint("files", __name__, enable_openapi=False)
UPLOAD = "/import"
API_UPLOAD = "/api/v1/imports"
LARGEST_FILE = 16 * 1024 * 1024
AT_ONCE = 1000  # items that are saved before the answer; more are saved beside it
SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class FilePage:
    """A connection that is a file. `own_key_results`: how many it brought itself; None: it rests on the register."""

    ground: Ground
    view: ConnectionView
    file: ImportedFile
    form: str
    items: str
    age: str
    is_whole: bool
    own_key_results: int | None
    boards: tuple[BoardLine, ...]


def prepare(app: Flask) -> None:
    """Forms are small, and one of them brings a file: call it before logins are guarded, for those read the form."""

    @app.before_request
    def _larger() -> None:
        if request.path in (UPLOAD, API_UPLOAD) and request.method == "POST":
            request.max_content_length = LARGEST_FILE

    app.add_template_global(has_sample)
    app.add_template_global(awaits)


def has_sample(page: object) -> bool:
    """Whether sample data is loaded, for a word on every page; those that know whose plans there are need not ask."""
    ground = getattr(page, "ground", None)
    if isinstance(ground, Ground):
        return importing.SAMPLE in ground.own
    if "has_sample" not in g:
        site: pages.Site = current_app.extensions["tieline_site"]
        g.has_sample = sample.is_loaded(site.store.engine)
    found: bool = g.has_sample
    return found


def awaits() -> str:
    """What an empty page waits for: connection or backlog; "" where all is read."""
    if "awaits" not in g:
        site: pages.Site = current_app.extensions["tieline_site"]
        with site.store.reading() as session:
            g.awaits = views.waits_for(session)
    found: str = g.awaits
    return found


# --- importing --------------------------------------------------------------------------------


@blueprint.get(UPLOAD)
@access.needs("admin")
def choose() -> ResponseReturnValue:
    access.require("admin")
    return _form(())


@blueprint.post(UPLOAD)
@access.needs("admin")
def upload() -> ResponseReturnValue:
    """Read and check it before the answer; a large one is saved beside it."""
    access.require("admin")
    given = request.files.get("file")
    if given is None or not given.filename:
        return _form(("Choose a file: a CSV export of Jira, Jira's JSON, or a backlog file.",)), 422
    ticked = {name: name in request.form for name in ("with_register", "accepts_missing")}
    try:
        ready, _ = take_in(given, request.form, **ticked)
    except Refused as refused:
        return _form(refused.faults), 422
    except TrackerError as error:
        return _form((error.sentence,)), 422
    return redirect(f"/connections/{ready.wish.name}", 303)


def take_in(
    given: FileStorage, words: Mapping[str, str], *, with_register: bool, accepts_missing: bool
) -> tuple[Import, bool]:
    """Read and check it, and save it; False: it is large, and being saved beside the answer."""
    file = line((given.filename or "").replace("\\", "/").rpartition("/")[2])[:200] or "file"
    form = {name: line(words.get(name, "")) for name in ("name", "kr_field", "kr_label_prefix")}
    wish = Wish(
        name=form["name"] or importing.name_from(file),
        file=file,
        actor=access.login().name,
        how=Reading(form["kr_field"] or None, form["kr_label_prefix"] or None),
        with_register=with_register,
        accepts_missing=accepts_missing,
    )
    engine, now = desk().store.engine, pages.now_of_answer()
    ready = importing.prepare(engine, given.stream, wish, now)  # type: ignore[arg-type]  # a binary stream
    work = partial(importing.save, engine, desk().vault(), ready, desk().clock)
    if ready.items <= AT_ONCE:
        work()
        return ready, True
    desk().start(work)
    return ready, False


def _form(faults: tuple[str, ...]) -> str:
    with desk().store.reading() as session:
        known = tuple(one for one in imported_files.imported_files(session).values() if not one.is_sample)
        has_register = bool(plans.plan_versions(session))
    more = max(0, len(faults) - SHOWN_FAULTS)
    given = {"largest": LARGEST_FILE >> 20, "known": known, "has_register": has_register}
    return render_template("import.html", page=None, faults=faults[:SHOWN_FAULTS], more=more, **given)


# --- the sample -------------------------------------------------------------------------------


@blueprint.post("/sample/load")
@access.needs("admin")
def load_sample() -> ResponseReturnValue:
    access.require("admin")
    try:
        sample.load(desk().store.engine, desk().vault(), desk().clock, actor=access.login().name)
    except (Refused, TrackerError) as error:
        said = " ".join(error.faults) if isinstance(error, Refused) else error.sentence
        return pages.trouble(409, said)
    return redirect("/", 303)


@blueprint.post("/sample/remove")
@access.needs("admin")
def remove_sample() -> ResponseReturnValue:
    access.require("admin")
    sample.remove(desk().store.engine, pages.now_of_answer(), actor=access.login().name)
    return redirect("/", 303)


# --- the page of its connection ---------------------------------------------------------------


def file_page(store: Store, now: datetime, name: str) -> FilePage | None:
    """None: there is no such connection, or it is a site."""
    with store.reading() as session:
        health = next((one for one in reads.connections(session) if one.id == name), None)
        if health is None or health.file is None:
            return None
        own = plans.own_versions(session, name)
        plan = plans.plan_in_force(session, now, name) if own else None
        boards = reads.boards(session, name)
        ground = views.ground_of(session, now)
    backfill, file = health.backfill, health.file
    return FilePage(
        ground=ground,
        view=views.connection_view(health, now),
        file=file,
        form=aging.FORMS[file.form],
        items=aging.items_words(file.items),
        age=aging.age(file, now),
        is_whole=backfill is not None and backfill.finished_at is not None,
        own_key_results=None if plan is None else len(plan.key_results),
        boards=boards,
    )

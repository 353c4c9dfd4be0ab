"""The pages of the audit: epics chosen for an act and a look at it, one click on a likely key result, saved views; and
the same acts on findings of one tag."""

from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from integration.contract import Misconfigured
from integration.store import saved_views
from integration.write_back import asking
from integration.write_back.wishes import SetKeyResults
from reports import access, audit_acts, audit_views
from reports.audit_acts import ChosenPage
from reports.audit_views import PAGE, asked_of
from reports.finding_pages import WrongAct
from reports.pages import as_page, now_of_answer, site
from reports.rule_forms import line

blueprint = Blueprint("audit", __name__)
NUMBER = "<int(max=2147483647):number>"
LONGEST_NAME = 60
LONGEST_NUMBER = 9


@blueprint.post("/epics/chosen")
def chosen() -> ResponseReturnValue:
    """A look at what an act would do; nothing is done. Setting a key result has its own look, of write-back."""
    try:
        page = _page()
    except WrongAct as wrong:
        return _list(wrong.sentence)
    if page.act == "key_result":
        return _to_write_back(page)
    return as_page("audit_chosen.html", page, acts=audit_acts.ACTS)


@blueprint.post("/epics/done")
def done() -> ResponseReturnValue:
    try:
        page = _page()
    except WrongAct as wrong:
        return _list(wrong.sentence)
    try:
        number = audit_acts.do(site().store, now_of_answer(), page, request.form, access.login().name)
    except WrongAct as wrong:
        said = {"wrong": wrong.sentence, "form": request.form, "acts": audit_acts.ACTS}
        return as_page("audit_chosen.html", page, 422, **said)
    return redirect(f"/epics?{urlencode({'done': page.act, 'number': number})}", 303)


@blueprint.post("/epics/likely")
def likely() -> ResponseReturnValue:
    """One click on a suggestion: the preview of write-back is made, and nothing is sent."""
    connection, _, rest = request.form.get("likely", "").partition("/")
    key, _, code = rest.rpartition("→")
    try:
        page = audit_acts.chosen_page(site().store, now_of_answer(), "key_result", [f"{connection}/{key}"], _who())
        wish = SetKeyResults(codes=(code,), items=(key,), children="none", replaces_children=False)
        number = asking.ask(site().store.engine, page.rows[0].connection, wish, access.login().name, now_of_answer())
    except WrongAct as wrong:
        return _list(wrong.sentence)
    except Misconfigured as error:
        return _list(error.sentence)
    return redirect(f"/write-back/{number}", 303)


@blueprint.post("/epics/views")
def keep_view() -> ResponseReturnValue:
    access.require("editor")
    name = line(request.form.get("name", ""))[:LONGEST_NAME]
    query = asked_of(request.form).query
    if not name:
        return _list("Give the view a name.")
    with site().store.writing() as session:
        is_kept = saved_views.keep_view(session, PAGE, name, query, access.login().name, now_of_answer())
    if not is_kept:
        return _list(f"There are {saved_views.MOST} views already: drop one first.")
    return redirect(f"/epics?{query}" if query else "/epics", 303)


@blueprint.post(f"/epics/views/{NUMBER}/drop")
def drop_view(number: int) -> ResponseReturnValue:
    access.require("editor")
    with site().store.writing() as session:
        saved_views.drop_view(session, PAGE, number, access.login().name, now_of_answer())
    return redirect("/epics", 303)


@blueprint.post("/findings/chosen")
def findings_chosen() -> ResponseReturnValue:
    """A look at the findings of one tag; with a reason they are acknowledged or muted."""
    act, numbers = request.form.get("act", ""), [int(one) for one in request.form.getlist("finding") if _is_number(one)]
    try:
        page = audit_acts.findings_chosen(site().store, now_of_answer(), act, numbers)
    except WrongAct as wrong:
        abort(422, wrong.sentence)
    if request.form.get("confirmed") != "1":
        return as_page("findings_chosen.html", page, acts=audit_acts.ACTS)
    try:
        found = [view.finding.id for view in page.views]
        audit_acts.act_on_findings(site().store, now_of_answer(), found, act, request.form, access.login().name)
    except WrongAct as wrong:
        said = {"wrong": wrong.sentence, "form": request.form, "acts": audit_acts.ACTS}
        return as_page("findings_chosen.html", page, 422, **said)
    return redirect(f"/findings?state={act}", 303)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def _page() -> ChosenPage:
    act = request.form.get("act", "")
    return audit_acts.chosen_page(site().store, now_of_answer(), act, request.form.getlist("epic"), _who())


def _who() -> str:
    return access.login().name


def _list(wrong: str) -> ResponseReturnValue:
    asked = asked_of(request.form)
    return as_page("epics.html", audit_views.audit_page(site().store, now_of_answer(), asked), 422, wrong=wrong)


def _to_write_back(page: ChosenPage) -> ResponseReturnValue:
    named = {row.connection for row in page.rows}
    if len(named) > 1:
        return _list("Key results are set on one connection at a time: choose epics of one.")
    keys = ", ".join(row.key for row in page.rows)
    return redirect(f"/write-back/new?{urlencode({'connection': named.pop(), 'on': keys})}", 303)

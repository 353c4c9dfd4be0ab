"""The pages of key results, and the acts on them: checking in, taking back, and both as a table."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from integration.store import check_ins
from reports import access, key_result_check_ins, key_result_words
from reports.addresses import key_result_address
from reports.key_result_check_ins import ASKED, Speaker, WrongCheckIn
from reports.key_result_views import QUADRANTS, SHOWN_EPICS, KeyResultPage, key_result_page, key_results_page
from reports.pages import as_page, download, live, now_of_answer, site

blueprint = Blueprint("key_results", __name__)
_WORDS: dict[str, Any] = {"quadrants": QUADRANTS, "words": key_result_words}
_ONE: dict[str, Any] = {"words": key_result_words, "most_epics": SHOWN_EPICS}


@blueprint.get("/key-results")
def key_results() -> ResponseReturnValue:
    return live("key_results.html", _all, **_WORDS)


def _all() -> Any:
    return key_results_page(site().store, now_of_answer(), request.args.get("cycle"), request.args.get("measure"))


@blueprint.get("/key-results.csv")
def check_ins_csv() -> ResponseReturnValue:
    """All check-ins that hold, in the form in which they can be sent back."""
    with site().store.reading() as session:
        found = check_ins.all_check_ins(session)
    return download(key_result_check_ins.table(found), "check-ins.csv")


@blueprint.post("/key-results")
def check_in_table() -> ResponseReturnValue:
    """A table of check-ins, as a file or as text; all of it is kept, or nothing."""
    speaker = _speaker()
    register = key_result_check_ins.register_of(site().store, speaker.now)
    try:
        found = key_result_check_ins.read_table(register, _sent_table(), speaker)
        for team in sorted({register.team_of(one.key_result) for one in found}):
            access.require("editor", frozenset(register.teams_above(team)))
        number = key_result_check_ins.enter(site().store, found, speaker)
    except WrongCheckIn as wrong:
        return as_page("key_results.html", _all(), 422, **_WORDS, wrong=wrong.sentence)
    return as_page("key_results.html", _all(), **_WORDS, done=_kept(number, len(found)))


def _sent_table() -> str:
    file = request.files.get("file")
    sent = file.read() if file is not None and file.filename else request.form.get("table", "").encode()
    if not sent.strip():
        raise WrongCheckIn("Choose a CSV file, or paste its rows.")
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongCheckIn("The file is not UTF-8: save it as “CSV UTF-8”.") from None


def _kept(number: int, rows: int) -> str:
    known = rows - number
    said = f"{number} check-in{'' if number == 1 else 's'} kept"
    return f"{said}; {known} held already." if known else f"{said}."


@blueprint.get("/key-results/<path:code>")
def key_result(code: str) -> ResponseReturnValue:
    return live("key_result.html", lambda: _one(code), form={}, **_ONE)


@blueprint.get("/key-results/<path:code>/check-ins.csv")
def key_result_csv(code: str) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = [one for one in check_ins.all_check_ins(session) if one.key_result == code]
    return download(key_result_check_ins.table(found), "check-ins.csv")


@blueprint.post("/key-results/<path:code>/check-ins")
def check_in(code: str) -> ResponseReturnValue:
    """Check in, or take a check-in back."""
    page, speaker = _one_or_404(code), _speaker()
    access.require("editor", page.teams)
    try:
        _act(code, speaker)
    except WrongCheckIn as wrong:
        return as_page("key_result.html", page, 422, wrong=wrong.sentence, form=request.form, **_ONE)
    return redirect(f"{key_result_address(code)}#check-ins", 303)


def _act(code: str, speaker: Speaker) -> None:
    form = request.form
    if form.get("act") == "take_back":
        number = form.get("number", "")
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        if not is_number or not key_result_check_ins.take_back(
            site().store, code, int(number), form.get("reason", ""), speaker
        ):
            raise WrongCheckIn("This check-in does not hold any more.")
        return
    given = {name: form.get(name, "") for name in ASKED} | {"key_result": code}
    if given["confidence"].strip():
        given["confidence"] = f"{given['confidence'].strip().removesuffix('%').strip()} %"  # the form asks in percent
    register = key_result_check_ins.register_of(site().store, speaker.now)
    found = key_result_check_ins.read_check_in(register, given, speaker)
    key_result_check_ins.enter(site().store, (found,), speaker)


def _speaker() -> Speaker:
    now: datetime = now_of_answer()
    return Speaker(access.login().name, now)


def _one(code: str) -> KeyResultPage | None:
    return key_result_page(site().store, now_of_answer(), code, request.args.get("measure"))


def _one_or_404(code: str) -> KeyResultPage:
    page = _one(code)
    if page is None:
        abort(404, "There is no such key result in the register that holds now.")
    return page

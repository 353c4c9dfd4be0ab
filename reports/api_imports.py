"""Files and the sample data in the API: importing one, what was imported, and the sample loaded and removed."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.contract import Temporary, TrackerError
from integration.files.faults import Refused
from integration.imports import aging, sample
from integration.imports.importing import SAMPLE, Import
from integration.store import imported_files
from integration.store.imported_files import ImportedFile
from mappings.document import moment_text
from reports import access
from reports.api_bodies import act, body, form_sent, texts
from reports.api_routes import json_of, problem, route, site, told
from reports.connect_pages import desk
from reports.file_pages import SHOWN_FAULTS, take_in

Json = dict[str, Any]
_YES = {"type": "string", "enum": ["true", "false"]}
_FILE = body(
    ("file",),
    file={
        "type": "string",
        "format": "binary",
        "description": "A backlog file, a CSV export of Jira or Jira's REST JSON; 16 MiB at most.",
    },
    name=texts(40, description="Of the connection; else made of the file's name. A name that is there is updated."),
    kr_field=texts(200, description="The Jira field that names the key result."),
    kr_label_prefix=texts(50, description="Labels that begin so name key results, such as kr:."),
    with_register={**_YES, "description": "This installation's register in place of OKRs in the file."},
    accepts_missing={**_YES, "description": "What is not in it any more is deleted, however much that is."},
)


@route("/imports", "Files that were imported, and the sample data", "imports", role="admin", scope="admin")
def imports() -> ResponseReturnValue:
    """Answered to those alone who may import."""
    access.require("admin")
    with site().store.reading() as session:
        found = imported_files.imported_files(session)
    return told({"imports": [_imported(one) for _, one in sorted(found.items())]}, "imports")


def _imported(one: ImportedFile) -> Json:
    return {
        "connection": one.connection,
        "file": one.file,
        "form": one.form,
        "as_of": moment_text(one.as_of),
        "age": aging.age(one, site().clock()),
        "imported_at": moment_text(one.imported_at),
        "imported_by": one.imported_by,
        "items": one.items,
        "imports": one.imports,
        "is_sample": one.is_sample,
        "notes": list(one.notes),
    }


@act("/imports", "Import a file, or a newer one under the same name", form=_FILE, role="admin", scope="admin",
     faults=(409, 413), answers={201: "It is kept.", 202: "It is good, and being kept."})  # fmt: skip
def import_file() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. A file that is refused changes nothing; `errors` says why."""
    access.require("admin")
    file, words = form_sent(_FILE)
    ticked = {name: words.get(name) == "true" for name in ("with_register", "accepts_missing")}
    try:
        ready, is_kept = take_in(file, words, **ticked)
    except Refused as refused:
        return _refused(refused.faults)
    except Temporary as busy:
        abort(409, busy.sentence)
    except TrackerError as error:
        abort(422, error.sentence)
    return json_of(_ready(ready, is_kept=is_kept), 201 if is_kept else 202)


def _ready(ready: Import, *, is_kept: bool) -> Json:
    return {
        "connection": ready.wish.name,
        "state": "kept" if is_kept else "being kept",
        "form": ready.form,
        "as_of": moment_text(ready.at),
        "items": ready.items,
        "new": ready.new,
        "deleted": len(ready.absent),
        "has_own_key_results": ready.own_plan is not None,
        "notes": list(ready.backlog.notes),
    }


def _refused(faults: tuple[str, ...]) -> Response:
    more = f" These are the first {SHOWN_FAULTS} of {len(faults)} faults." if len(faults) > SHOWN_FAULTS else ""
    said = f"Nothing was imported: {faults[0]}.{more}" if len(faults) == 1 else f"Nothing was imported.{more}"
    return problem(422, said, list(faults[:SHOWN_FAULTS]))


@act("/sample", "Load the sample data: a small company, made up", role="admin", scope="admin", faults=(409,),
     answers={201: "It is loaded, with a sprint that runs today; what was loaded before is gone."})  # fmt: skip
def load_sample() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    try:
        sample.load(desk().store.engine, desk().vault(), desk().clock, actor=access.login().name)
    except Refused as refused:
        abort(409, " ".join(refused.faults))
    except TrackerError as error:
        abort(409, error.sentence)
    return json_of({"connection": SAMPLE}, 201)


@act("/sample", "Remove the sample data, with all that was said about it", role="admin", scope="admin",
     method="delete", answers={204: "It is gone."})  # fmt: skip
def remove_sample() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    if not sample.remove(desk().store.engine, site().clock(), actor=access.login().name):
        abort(404, "There is no sample data.")
    return Response(status=204)

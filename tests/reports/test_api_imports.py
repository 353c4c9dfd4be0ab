"""Files, the sample data, one's logins and one's password by API: what pages do, with the same limits and refusals."""

import io
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from integration.imports import sample
from integration.store import accounts, logins
from integration.store.acts import acts
from reports import file_pages
from tests.integration.imports.material import OKRS, item, told
from tests.reports.material import NOW, Site
from tests.reports.test_api_acts import bearer, done, send, small

__all__ = ["small"]
HELD, NEW = "correct horse battery", "staple battery horse"


@pytest.fixture
def site(small: Site) -> Site:
    """Whatever runs beside an answer runs before it."""
    small.app.extensions["tieline_desk"] = replace(small.app.extensions["tieline_desk"], start=lambda work: work())
    return small


def upload(site: Site, data: bytes, by: dict[str, str] | None = None, **words: Any) -> TestResponse:
    form = {"file": (io.BytesIO(data), "Team.json"), **words}
    headers = by if by is not None else bearer(site)
    return site.app.test_client().post(
        "/api/v1/imports", data=form, headers=headers, content_type="multipart/form-data"
    )


# --- files ------------------------------------------------------------------------------------


def test_a_file_is_imported_listed_and_brought_up_to_date(site: Site) -> None:
    first = done(upload(site, told(item("A"), item("B"), **OKRS)), 201)
    assert (first["connection"], first["state"], first["items"]) == ("team", "kept", 2)
    assert first["has_own_key_results"]
    again = done(upload(site, told(item("A"), item("C"), **OKRS), name="team", accepts_missing="true"), 201)
    assert (again["new"], again["deleted"]) == (1, 1)
    (listed,) = done(send(site, "imports", method="GET"), 200)["imports"]
    assert (listed["connection"], listed["imports"], listed["imported_by"]) == ("team", 2, "admin")
    with site.store.reading() as session:
        assert [one.act for one in acts(session)][:2] == ["file_imported", "file_imported"]


def test_a_large_file_is_kept_beside_the_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pages, "AT_ONCE", 1)
    assert done(upload(site, told(item("A"), item("B"))), 202)["state"] == "being kept"


def test_a_refused_file_changes_nothing_and_every_fault_is_told(site: Site) -> None:
    refused = done(upload(site, b'{"items": [{"key": 1}, {"key": 2}]}'), 422)
    assert refused["detail"].startswith("Nothing was imported.")
    assert len(refused["errors"]) > 1
    assert done(send(site, "imports", method="GET"), 200)["imports"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": "shop"}, "belongs to a connected site"),
        ({"name": "sample"}, "is the sample data's"),
        ({"name": "No Name"}, "takes small letters"),
        ({"with_register": "on"}, "with_register: it is one of true, false."),
        ({"colour": "red"}, "There is no 'colour' here"),
        ({"file": "not a file"}, "Send one file, as file"),
    ],
    ids=["of a site", "sample", "no name", "no choice", "unknown", "no file"],
)
def test_words_beside_a_file_are_held_against_what_there_is(site: Site, words: dict[str, Any], said: str) -> None:
    assert said in done(upload(site, told(item("A")), **words), 422)["detail"]


def test_a_file_is_sent_as_a_form_and_not_larger_than_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(site, "imports", {"file": "x"}).status_code == 415
    monkeypatch.setattr(file_pages, "LARGEST_FILE", 2_000_000)
    assert upload(site, told(item("A")) + b" " * 1_500_000).status_code == 201
    too_large = upload(site, b" " * 2_500_000)
    assert (too_large.status_code, too_large.mimetype) == (413, "application/problem+json")


# --- the sample data --------------------------------------------------------------------------


def test_the_sample_data_is_loaded_and_removed(site: Site) -> None:
    assert send(site, "sample", method="DELETE").status_code == 404
    assert done(send(site, "sample"), 201) == {"connection": "sample"}
    assert sample.is_loaded(site.store.engine)
    done(send(site, "sample", method="DELETE"), 204)
    assert not sample.is_loaded(site.store.engine)


# --- one's own account ------------------------------------------------------------------------


def test_ones_logins_are_listed_and_ended(site: Site) -> None:
    (mine,) = done(send(site, "logins", method="GET"), 200)["logins"]
    another = bearer(site, name="Bea", role="editor")
    assert done(send(site, "logins", method="GET", by=another), 200)["logins"] == []
    assert send(site, f"logins/{mine['id']}/end", by=another).status_code == 404
    done(send(site, f"logins/{mine['id']}/end"), 204)
    assert site.client.get("/").status_code == 303


def test_a_password_is_changed_by_whoever_knows_the_one_before(site: Site) -> None:
    done(send(site, "password", {"password": HELD}), 204)
    assert site.client.get("/").status_code == 303  # its login is over
    assert "another one" in done(send(site, "password", {"password": NEW}), 422)["detail"]
    assert send(site, "password", {"held": HELD, "password": "short"}).status_code == 422
    assert send(site, "password", {"held": HELD, "password": NEW}, by=bearer(site, "act")).status_code == 403
    done(send(site, "password", {"held": HELD, "password": NEW}), 204)
    with site.store.reading() as session:
        assert accounts.with_password(session, "admin", NEW) is not None


def test_passwords_are_not_tried_without_end(site: Site) -> None:
    done(send(site, "password", {"password": HELD}), 204)
    with site.store.writing() as session:
        for _ in range(logins.MOST_ATTEMPTS):
            logins.note_failed(session, "127.0.0.1", "admin", NOW)
    assert send(site, "password", {"held": HELD, "password": NEW}).status_code == 429

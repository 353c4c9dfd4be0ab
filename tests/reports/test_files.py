"""The files that pages load: those of others are what their manifest says, ours are small."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

import reports
from tests.reports.material import Site

STATIC = Path(reports.__file__).parent / "static"
ASSETS = Path(__file__).resolve().parents[1] / "browser" / "assets"
OURS = {"tieline.css", "tieline.js", "theme.js", "mark.svg"}


@pytest.mark.parametrize("folder", [STATIC, ASSETS], ids=["pages", "tests"])
def test_files_of_others_are_those_that_their_manifest_names(folder: Path) -> None:
    manifest = json.loads((folder / "vendored.json").read_text(encoding="utf-8"))
    named = {entry["file"]: entry["sha256"] for entry in manifest}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.*")}
    assert {name: digest for name, digest in found.items() if name not in OURS | {"vendored.json"}} == named


def test_a_first_visit_weighs_little() -> None:
    assert sum((STATIC / name).stat().st_size for name in (*OURS, "htmx.min.js")) < 100_000


def test_the_style_sheet_has_each_colour_once_for_light_and_dark() -> None:
    text = (STATIC / "tieline.css").read_text(encoding="utf-8")
    ground = text.partition(":root {")[2].partition("}")[0]
    names = [line.partition(":")[0].strip() for line in ground.splitlines() if "light-dark(" in line]
    assert len(names) == len(set(names)) > 10


@pytest.mark.parametrize("name", ["tieline.css", "tieline.js", "htmx.min.js"])
def test_files_come_compressed_to_who_takes_it_and_as_they_are_to_others(small: Site, name: str) -> None:
    with small.client.get(f"/static/{name}") as plain:
        whole = plain.data
        assert "Content-Encoding" not in plain.headers
    with small.client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"}) as answer:
        assert (answer.headers["Content-Encoding"], "Accept-Encoding" in answer.headers["Vary"]) == ("gzip", True)
        assert gzip.decompress(answer.data) == whole
        assert int(answer.headers["Content-Length"]) == len(answer.data) < len(whole)


OURS_ASKED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("asker", ["same-origin", "none"])
@pytest.mark.parametrize("address", ["/", "/sprints/shop/S1", "/sprints/shop/S1?live=1", "/findings?as_of=2026-03-05"])
def test_a_page_comes_compressed_to_who_asked_for_it(small: Site, address: str, asker: str) -> None:
    plain = small.client.get(address)
    while plain.status_code == 202:  # a past moment is being computed
        plain = small.client.get(address)
    answer = small.client.get(address, headers={"Accept-Encoding": "gzip", "Sec-Fetch-Site": asker})
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data) / 2
    assert gzip.decompress(answer.data).decode().count("<") == plain.text.count("<")


@pytest.mark.parametrize("asker", ["cross-site", "same-site", "", None])
def test_a_page_that_another_site_may_have_asked_for_is_not_compressed(small: Site, asker: str | None) -> None:
    said = {"Accept-Encoding": "gzip", **({} if asker is None else {"Sec-Fetch-Site": asker})}
    assert "Content-Encoding" not in small.client.get("/", headers=said).headers


def test_what_is_shown_once_is_not_compressed(small: Site) -> None:
    assert "Content-Encoding" not in small.client.get("/notifications", headers=OURS_ASKED).headers


def test_the_word_of_forms_is_another_one_in_each_answer_and_each_is_taken(small: Site) -> None:
    words = [re.findall(r'name="csrf" value="(\w+)"', small.client.get("/findings/1").text) for _ in range(2)]
    assert len({word for each in words for word in each}) == 2
    for one in words:
        form = {"csrf": one[0], "act": "acknowledged", "reason": "Seen"}
        assert small.client.post("/findings/1", data=form).status_code == 303
    for wrong in ("", "0" * 256, words[0][0][:-1] + "x", "ab" * 128):
        assert small.client.post("/findings/1", data={"csrf": wrong}).status_code == 400


def test_a_file_that_is_not_there_is_not_there(small: Site) -> None:
    assert small.client.get("/static/none.css", headers={"Accept-Encoding": "gzip"}).status_code == 404

"""How words read on pages and in the API, and what people say against it."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from integration.answers import decide_due
from integration.contract import Fetched
from integration.store import plans, reads
from integration.store.engine import writing
from integration.store.overrulings import all_overrulings
from mappings.model import Overruling, Settings, Team, Wording
from reports.drafts import Desk, Draft, desk_of, read_draft
from reports.wording_views import draft_view, goal_view
from tests.builders import plan
from tests.integration.store.material import day, sprint
from tests.reports.material import BOARDS, HOSTILE, NOW, Site, save

OUTPUT = "Build the export page"
SPRINT = "/sprints/shop/S1"


def with_goal(site: Site, text: str = OUTPUT) -> Site:
    save(site.engine, Fetched(at=day(3), items=(), sprints=(sprint("S1", "active", text),), boards=BOARDS))
    return site


def word(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found[1]


def say(site: Site, address: str = f"{SPRINT}/overrule", **form: str) -> Any:
    fields = {"act": "text", "text": OUTPUT, "label": "outcome", "reason": "We know why", **form}
    return site.client.post(address, data={"csrf": word(site.client, "/findings"), **fields})


def said(site: Site) -> list[tuple[str | None, Overruling]]:
    with site.store.reading() as session:
        return list(all_overrulings(session))


def kinds(site: Site) -> set[str]:
    with site.store.reading() as session:
        return {one.kind for one in reads.open_findings(session, "shop", subject="S1")}


# --- the sprint page


def test_the_sprint_page_says_how_the_goal_reads_why_and_what_could_be_asked(small: Site) -> None:
    page = with_goal(small).client.get(SPRINT).text
    assert re.search(r"Its words read as output only \(\d+ % sure\)\.", page)
    assert '<mark title="' in page
    assert "Not said yet: who" in page
    assert "What will change for users if we deliver this?" in page
    assert "It could say: <i>This sprint we want ⟨who⟩ to ⟨behaviour⟩, seen in KR-1" in page
    assert 'action="/sprints/shop/S1/overrule"' in page


def test_the_form_is_not_in_the_part_that_is_polled(small: Site) -> None:
    part = with_goal(small).client.get(f"{SPRINT}?live=1").text
    assert "Its words read as" in part
    assert "<form" not in part


def test_a_goal_is_overruled_by_name_and_the_verdict_stays_beside_it(site: Site) -> None:
    with_goal(site)
    assert "output_only_goal" in kinds(site)
    answer = say(site, reason=f"We know {HOSTILE}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SPRINT}#wording")
    page = site.client.get(SPRINT).text
    assert "<b>An outcome</b>, says admin: We know" in page
    assert "Its words read as output only" in page
    assert "It could say" not in page
    assert HOSTILE not in page
    decide_due(site.engine, NOW)
    assert "output_only_goal" not in kinds(site)


def test_an_overruling_is_taken_back_by_another_and_both_are_kept(small: Site) -> None:
    with_goal(small)
    say(small)
    assert "Take it back" in small.client.get(SPRINT).text
    assert say(small, act="take_back", reason="We were wrong").status_code == 303
    page = small.client.get(SPRINT).text
    assert "says admin" not in page
    assert "Take it back" not in page
    assert [one.label for _, one in said(small)] == ["outcome", None]


def test_an_overruling_of_an_earlier_wording_is_shown_as_such(small: Site) -> None:
    with_goal(small)
    say(small)
    with_goal(small, "Build the import page")
    page = small.client.get(SPRINT).text
    assert "Overruled for an earlier wording" in page
    assert f"It was: {OUTPUT}" in page
    assert "Its words read as output only" in page


def test_a_phrase_speaks_for_the_team_and_is_taken_back_as_a_phrase(small: Site) -> None:
    with_goal(small)
    assert say(small, act="phrase", phrase=" export  page ").status_code == 303
    [(connection, rule)] = said(small)
    assert (connection, rule.text, rule.team, rule.subject) == (None, "export page", "Payments", None)
    assert "This holds for goals of Payments with “export page”." in small.client.get(SPRINT).text
    say(small, act="take_back")
    assert said(small)[1][1].is_phrase
    assert "This holds" not in small.client.get(SPRINT).text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"reason": "  "}, "Say why"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"text": "Another goal"}, "The text was changed"),
        ({"label": "output"}, "Choose what it is"),
        ({"act": "remove"}, "can be overruled"),
        ({"act": "take_back"}, "Nothing is overruled"),
        ({"act": "phrase", "phrase": "a"}, "3 to 200 signs"),
        ({"act": "phrase", "phrase": "import page"}, "must stand in this text"),
    ],
)
def test_what_cannot_be_said_is_answered_with_what_to_say(small: Site, form: dict[str, str], sentence: str) -> None:
    answer = say(with_goal(small), **form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert said(small) == []


def test_overruling_needs_the_login_s_word_and_a_sprint_that_is_there(small: Site) -> None:
    with_goal(small)
    assert small.client.post(f"{SPRINT}/overrule", data={"act": "text"}).status_code == 400
    assert say(small, "/sprints/shop/S9/overrule").status_code == 404
    assert small.app.test_client().post(f"{SPRINT}/overrule").status_code == 303  # to the login
    assert said(small) == []


def test_a_sprint_without_a_goal_has_nothing_to_overrule(small: Site) -> None:
    page = small.client.get("/sprints/shop/S2").text
    assert "No goal is written." in page
    assert "overrule" not in page


def test_switched_off_the_page_says_so_and_shows_no_verdict(small: Site) -> None:
    with_goal(small)
    with writing(small.engine) as session:
        version = plans.plan_in_force(session, NOW)
        off = plan(wording=Wording(check=False))
        plans.apply_plan(session, off, NOW, author="Ada")
    assert version.settings == Settings()
    decide_due(small.engine, NOW)
    page = small.client.get(SPRINT).text
    assert "Not judged here: the wording check is switched off" in page
    assert "Its words read" not in page
    assert "It could say" not in page
    assert "output_only_goal" not in kinds(small)
    goal = json.loads(small.client.get("/api/v1/sprints/S1").text)["goal"]
    assert (goal["verdict"], goal["is_checked"]) == (None, False)


def test_an_accepted_capability_is_said_to_be_accepted() -> None:
    accepts = plan(teams=(Team("Payments", wording=Wording(capability="accept")),))
    view = goal_view(accepts, "Payments", ("S1", "Users can export their invoices"), ())
    assert "which this team accepts" in view.advice
    assert "which this team accepts" not in goal_view(accepts, None, (view.subject, view.text), ()).advice


def drafted(about: str, text: str, team: str | None = None, *phrases: Overruling, desk: Desk | None = None) -> Any:
    register = plan(
        teams=(Team("Payments", wording=Wording(capability="accept")), Team("Ops", wording=Wording(check=False))),
    )
    return read_draft(desk or Desk(register, phrases, NOW), Draft(about, text, team=team))


def test_unclear_and_not_judged_are_words_too() -> None:
    unclear = draft_view(drafted("goal", "Panel admin"))
    assert unclear.verdict.startswith("Unclear: by its words it may be")
    other = draft_view(drafted("goal", "ユーザーが請求書を出力できる"))
    assert "is not judged" in other.verdict
    assert (other.advice, other.reasons) == ("", ())
    output = draft_view(drafted("key_result", "Launch the new onboarding"))
    assert output.verdict.startswith("Its words read as an output")
    assert output.choices == ()


def test_a_draft_is_read_with_the_settings_of_its_team() -> None:
    text = "Users can export their invoices"
    assert drafted("goal", text).is_flagged
    accepted = drafted("goal", text, "Payments")
    assert (accepted.is_flagged, accepted.is_accepted) == (False, True)
    assert "which this team accepts" in draft_view(accepted).advice
    off = drafted("goal", text, "Ops")
    assert (off.is_flagged, off.rewrite) == (False, "")
    assert "switched off" in draft_view(off).verdict


def test_a_draft_is_read_with_the_phrases_that_people_have_spoken_of() -> None:
    rule = Overruling("goal", "export page", "outcome", "Asked for by law", "Ada", day(1), team="Payments")
    assert drafted("goal", OUTPUT, None, rule).is_flagged
    spoken = drafted("goal", OUTPUT, "Payments", rule)
    assert (spoken.is_flagged, spoken.rewrite) == (False, "")
    shown = draft_view(spoken).said
    assert shown is not None
    assert shown.words == "an outcome"
    worse = replace(rule, label="output_only")
    assert drafted("goal", "Reduce churn from 5 % to 3 % with the export page", "Payments", worse).is_flagged


def test_a_draft_shows_the_live_key_results_that_it_speaks_of(small: Site) -> None:
    desk = desk_of(small.store, NOW)
    draft = drafted("goal", "Build the page that raises activation of teams, KR-1", desk=desk)
    assert [one.code for one in draft.refers] == ["KR-1"]
    assert draft_view(draft).refers[0].startswith("KR-1 ")
    assert drafted("key_result", "KR-1", desk=desk).refers == ()


def test_the_sprint_page_shows_which_key_results_the_goal_says_in_other_words(small: Site) -> None:
    page = with_goal(small, "Build the page for KR 1").client.get(SPRINT).text
    assert "It seems to speak of KR-1" in page
    assert "It seems to speak of" not in with_goal(small, "Build the page for KR-1").client.get(SPRINT).text


# --- phrases


def test_phrases_are_listed_and_taken_back_where_they_are_listed(small: Site) -> None:
    assert "Nobody has spoken of a phrase yet." in small.client.get("/phrases").text
    say(with_goal(small), act="phrase", phrase="export page", reason=f"Law {HOSTILE}")
    page = small.client.get("/phrases").text
    assert "<b>“export page”</b> in goals of Payments: an outcome, says admin: Law" in page
    assert HOSTILE not in page
    sent = {"csrf": word(small.client, "/phrases"), "about": "goal", "team": "Payments", "text": "export page"}
    refused = small.client.post("/phrases", data={**sent, "reason": " "})
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    assert small.client.post("/phrases", data={**sent, "reason": "No law any more"}).status_code == 303
    assert [one.label for _, one in said(small)] == ["outcome", None]
    assert "export page" not in small.client.get("/phrases").text
    assert small.client.post("/phrases", data={**sent, "reason": "Twice"}).status_code == 404


# --- key results


def test_a_key_result_has_a_page_of_its_words_and_is_overruled_there(small: Site) -> None:
    address = "/key-results/KR-1/wording"
    assert f'href="{address}"' in small.client.get("/key-results").text
    assert "Its words read as" in small.client.get(address).text
    title = "Raise activation from 40 to 60 %"
    assert say(small, address, text=title, label="activity").headers["Location"] == address
    assert "<b>An activity</b>, says admin: We know why" in small.client.get(address).text
    assert [(connection, one.subject) for connection, one in said(small)] == [(None, "KR-1")]
    assert say(small, address, text="x").status_code == 422


def test_a_key_result_that_is_not_there_has_no_such_page(small: Site) -> None:
    assert small.client.get("/key-results/KR-9/wording").status_code == 404
    assert small.client.get("/key-results/KR-2/wording").status_code == 200
    assert HOSTILE not in small.client.get("/key-results/KR-2/wording").text


# --- drafts


def test_a_draft_is_read_as_a_form_and_as_it_is_typed(small: Site) -> None:
    assert "Type something" in small.client.get("/draft").text
    sent = {"csrf": word(small.client, "/draft"), "kind": "goal", "text": f"{OUTPUT} {HOSTILE}"}
    whole = small.client.post("/draft", data=sent).text
    assert "Its words read as output only" in whole
    assert HOSTILE not in whole
    part = small.client.post("/draft", data=sent, headers={"HX-Request": "true"}).text
    assert "Its words read as output only" in part
    assert "<form" not in part
    blank = small.client.post("/draft", data={**sent, "kind": "key_result", "text": " "}).text
    assert "Type something" in blank
    assert '<option value="key_result" selected>' in blank


def test_the_api_judges_a_draft(small: Site) -> None:
    verdict = judged(small, {"kind": "key_result", "text": "Launch the new onboarding", "lang": "en"})
    assert (verdict["kind"], verdict["label"], verdict["flagged"]) == ("key_result", "output", True)
    assert verdict["reasons"][0]["why"]
    assert judged(small, {"text": "Build it", "lang": "ja"})["confidence"] is None
    output = judged(small, {"text": OUTPUT, "team": "Payments"})
    assert (output["flagged"], output["team"], output["is_checked"], output["overruled"]) == (
        True,
        "Payments",
        True,
        None,
    )
    assert output["suggestion"].startswith("This sprint we want")
    say(with_goal(small), act="phrase", phrase="export page")
    spoken = judged(small, {"text": OUTPUT, "team": "Payments"})
    assert (spoken["flagged"], spoken["label"], spoken["suggestion"]) == (False, "output_only", None)
    assert spoken["overruled"] == {"phrase": "export page", "label": "outcome", "reason": "We know why"}
    assert judged(small, {"text": "Reduce churn by 3.5 %"})["numbers"]["change"] is not None


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ([], "JSON object"),
        ({"kind": "epic", "text": "x"}, "kind must be"),
        ({"kind": [], "text": "x"}, "kind must be"),
        ({"kind": "goal"}, "text is missing"),
        ({"text": "x", "lang": 1}, "lang must be"),
        ({"text": "x", "team": 1}, "team must be"),
    ],
)
def test_a_draft_that_cannot_be_read_is_a_problem(small: Site, sent: object, sentence: str) -> None:
    headers = {"X-CSRF-Token": word(small.client, "/draft")}
    answer = small.client.post("/api/v1/judge", json=sent, headers=headers)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert sentence in json.loads(answer.text)["detail"]


def test_what_a_draft_looks_like_is_described(small: Site) -> None:
    described = json.loads(small.client.get("/api/v1/openapi.json").text)
    body = described["paths"]["/api/v1/judge"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"kind", "text", "lang", "team"}


def judged(site: Site, sent: object) -> Any:
    headers = {"X-CSRF-Token": word(site.client, "/draft")}
    answer = site.client.post("/api/v1/judge", json=sent, headers=headers)
    assert answer.status_code == 200
    return json.loads(answer.text)

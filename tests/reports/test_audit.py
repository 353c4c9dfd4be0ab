"""The audit of epics and the rules made on pages: filters, views, a look before each act, and who may."""

import csv
import io
import re

import pytest

from integration.answers import decide_due
from integration.contract import Fetched
from integration.store import acts, made_rules, reads
from integration.store.engine import reading
from mappings.model import Condition
from reports.audit_views import AuditAsked, asked_of, audit_page
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save
from tests.reports.test_accounts import somebody

MORE = (
    tracked("PAY-I", state(-30), type="initiative", level=2, title="Grow", created=day(-40)),
    tracked("PAY-F", state(-12, parent="PAY-I"), type="epic", level=1, title="Merchant activation", created=day(-40)),
    tracked("PAY-G", state(-12, parent="PAY-I", tags=("KR-1",)), type="epic", level=1, title="Sign-up"),
    tracked("PAY-20", state(-9, parent="PAY-F", points=4, sprints=("S1",))),
    tracked("PAY-21", state(-9, parent="PAY-F", points=1, tags=("KR-1",))),
    tracked("FLOW-E", state(-9, team="Flow"), type="epic", level=1, title="=1+1", created=day(-2)),
    tracked("FLOW-2", state(-9, parent="FLOW-E", points=7, team="Flow")),
)


@pytest.fixture
def shop(site: Site) -> Site:
    save(site.engine, Fetched(at=day(5), items=MORE, sprints=SPRINTS, boards=BOARDS))
    return site


def word(site: Site, address: str = "/epics") -> str:
    found = re.search(r'name="csrf" value="(\w+)"', site.client.get(address).text)
    assert found
    return found[1]


def post(site: Site, address: str, status: int, **form: object) -> str:
    answer = site.client.post(address, data={"csrf": word(site), **form})
    assert answer.status_code == status, answer.text
    return answer.headers["Location"] if status == 303 else answer.text


def keys(site: Site, **asked: str) -> list[str]:
    return [row.key for row in audit_page(site.store, NOW, asked_of(asked)).rows]


# --- the list


def test_epics_stand_by_cost_and_can_be_asked_for_in_other_orders(shop: Site) -> None:
    assert keys(shop) == ["PAY-F", "PAY-E", "FLOW-E"]
    assert keys(shop, sort="left") == ["FLOW-E", "PAY-F", "PAY-E"]
    assert keys(shop, sort="age") == ["PAY-F", "PAY-E", "FLOW-E"]
    assert keys(shop, sort="key") == ["FLOW-E", "PAY-E", "PAY-F"]
    assert keys(shop, sort="open") == ["PAY-F", "PAY-E", "FLOW-E"]


def test_filters_leave_what_they_name(shop: Site) -> None:
    assert keys(shop, team="Flow") == ["FLOW-E"]
    assert keys(shop, team="Payments") == ["PAY-F", "PAY-E"]
    assert keys(shop, team="-") == []
    assert keys(shop, age="30") == ["PAY-F"]
    assert keys(shop, size="5") == ["PAY-F", "FLOW-E"]
    assert keys(shop, text="ACTIVATION") == ["PAY-F"]
    assert keys(shop, kind="dangling_epic") == []
    assert keys(shop, state="muted") == []


def test_what_makes_no_sense_in_an_address_is_not_asked_for(shop: Site) -> None:
    odd = {"age": "-3", "size": "9" * 40, "page": "99", "kind": "x", "state": "resolved", "sort": "'", "text": "\0\n a"}
    assert asked_of(odd) == AuditAsked(text="a", page=99)
    assert shop.client.get("/epics", query_string=odd).status_code == 200
    assert shop.client.get("/epics", query_string={"team": "\0", "age": "²"}).status_code == 200


def test_the_file_holds_what_the_page_shows_and_no_formula(shop: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.client.get("/epics.csv?team=Flow").text)))
    assert [(row["epic"], row["title"], row["left"], row["teams"]) for row in rows] == [
        ("FLOW-E", "'=1+1", "7", "Flow")
    ]
    assert len(shop.client.get("/epics.csv").text.splitlines()) == 4


def test_likely_key_results_are_told_with_their_reasons(shop: Site) -> None:
    [row] = audit_page(shop.store, NOW, asked_of({"text": "PAY-F"})).rows
    [likely] = row.likely
    assert likely.key_result == "KR-1"
    assert likely.reason == "1 item below it is tagged so (PAY-21); 1 item beside it is tagged so (PAY-G)"


def test_one_click_on_a_likely_key_result_makes_the_preview_of_write_back(shop: Site) -> None:
    assert re.fullmatch(r"/write-back/\d+", post(shop, "/epics/likely", 303, likely="shop/PAY-F→KR-1"))
    assert "Choose at least one epic" in post(shop, "/epics/likely", 422, likely="shop/PAY-99→KR-1")
    assert post(shop, "/epics/likely", 422, likely="\0")


def test_foreign_words_are_shown_as_words(shop: Site) -> None:
    page = shop.client.get("/epics").text
    assert HOSTILE not in page
    assert "javascript:" not in page


# --- saved views


def test_a_view_is_kept_under_a_name_and_leads_back_to_its_filters(shop: Site) -> None:
    assert post(shop, "/epics/views", 303, name=f" Ours {HOSTILE}", team="Flow", age="3") == "/epics?team=Flow&age=3"
    page = shop.client.get("/epics?team=Flow&age=3").text
    assert 'href="/epics?team=Flow&amp;age=3" aria-current="true"' in page
    assert HOSTILE not in page
    number = re.search(r"/epics/views/(\d+)/drop", page)
    assert number
    post(shop, number[0], 303)
    assert "Saved views" not in shop.client.get("/epics").text


def test_a_view_needs_a_name(shop: Site) -> None:
    assert "Give the view a name." in post(shop, "/epics/views", 422, name=" \0")


# --- acts on several epics


def test_exempting_shows_what_moves_and_then_does_it(shop: Site) -> None:
    page = post(shop, "/epics/chosen", 200, act="exempt", epic=["shop/PAY-F", "shop/PAY-E"])
    assert "Exempt 2 epics?" in page
    assert re.search(r"<b>2</b> open items\s+would move from <b>unaligned</b> to <b>exempt</b>", page)
    assert re.search(r"Sprint S1.*?exempt</td>.*?(\d+) %.*?(\d+) %", page, re.DOTALL)
    done = {"act": "exempt", "epic": ["shop/PAY-F", "shop/PAY-E"]}
    assert "Say why" in post(shop, "/epics/done", 422, **done)
    assert "is over" in post(shop, "/epics/done", 422, **done, reason="Run the shop", until="2026-01-01")
    post(shop, "/epics/done", 303, **done, reason="Run the shop", until="2026-12-31")
    with reading(shop.engine) as session:
        found = [one.rule for one in made_rules.made_rules(session)]
        assert [rule.when for rule in found] == [Condition("ancestor", "PAY-F"), Condition("ancestor", "PAY-E")]
        assert {(rule.reason, rule.author) for rule in found} == {("Run the shop", "admin")}
        assert acts.acts(session)[0].act == "made_rule"
    decide_due(shop.engine, NOW)
    assert keys(shop) == ["FLOW-E"]


def test_the_preview_tells_the_very_figures_that_come_of_it(shop: Site) -> None:
    page = post(shop, "/epics/chosen", 200, act="exempt", epic="shop/PAY-F")
    told = dict(re.findall(r'<td data-label="what">([^<]+)</td>.*?<b>(\d+) %</b>', page))
    post(shop, "/epics/done", 303, act="exempt", epic="shop/PAY-F", reason="Run the shop")
    decide_due(shop.engine, NOW)
    with reading(shop.engine) as session:
        answer = reads.sprint_answer(session, "shop", "S1", "points")
    assert answer is not None
    final = answer.answer.document["scopes"]["final"]
    assert {name: int(told[name]) for name in ("exempt", "unaligned")} == {
        name: final[name]["percent"] for name in ("exempt", "unaligned")
    }


def test_an_exemption_that_is_sent_twice_makes_one_rule(shop: Site) -> None:
    for _ in range(2):
        post(shop, "/epics/done", 303, act="exempt", epic="shop/PAY-F", reason="Run the shop")
    with reading(shop.engine) as session:
        assert len(made_rules.made_rules(session)) == 1


def test_epics_are_acknowledged_and_muted_together_with_one_reason(shop: Site) -> None:
    assert "No figure moves" in post(shop, "/epics/chosen", 200, act="acknowledged", epic="shop/PAY-F")
    post(shop, "/epics/done", 303, act="acknowledged", epic=["shop/PAY-F", "shop/PAY-E"], reason="Next quarter")
    post(shop, "/epics/done", 303, act="muted", epic="shop/FLOW-E", reason="Soon", until="2026-04-01")
    assert "Name the last day" in post(
        shop, "/epics/done", 422, act="muted", epic="shop/PAY-E", reason="Soon", until="x"
    )
    assert keys(shop, state="acknowledged") == ["PAY-F", "PAY-E"]
    assert keys(shop, state="muted") == ["FLOW-E"]


def test_setting_a_key_result_goes_on_to_write_back_with_the_chosen_epics(shop: Site) -> None:
    place = post(shop, "/epics/chosen", 303, act="key_result", epic=["shop/PAY-F", "shop/PAY-E"])
    assert place == "/write-back/new?connection=shop&on=PAY-F%2C+PAY-E"
    assert "PAY-F, PAY-E" in shop.client.get(place).text


def test_nothing_chosen_says_so_beside_the_list(shop: Site) -> None:
    assert "Choose at least one epic" in post(shop, "/epics/chosen", 422, act="exempt")
    assert "Choose at least one epic" in post(shop, "/epics/done", 422, act="exempt", epic="shop/GONE")
    assert "Epics can be" in post(shop, "/epics/chosen", 422, act="erase", epic="shop/PAY-F")


# --- findings by tag and team


@pytest.fixture
def mistyped(small: Site) -> Site:
    items = [tracked(f"PAY-{n}", state(-9, sprints=("S1",), points=1, tags=("KR-I",))) for n in range(60, 85)]
    more = tracked("FLOW-9", state(-9, team="Flow", tags=("kr-i", "KR-8")))
    save(small.engine, Fetched(at=day(5), items=(*items, more), sprints=SPRINTS, boards=BOARDS))
    return small


def of_tag(site: Site, tag: str) -> list[str]:
    with reading(site.engine) as session:
        found = reads.open_findings(session, kind="unknown_tag")
        return [str(one.id) for one in found if tag in one.evidence["tags"]]


def test_one_mistyped_tag_on_many_items_is_one_row_with_its_items_below(mistyped: Site) -> None:
    page = mistyped.client.get("/findings").text
    rows = re.findall(r"<summary><b>“([^”]+)”</b> on (\d+) items?</summary>", page)
    assert rows == [("KR-I", "26"), ("KR-8", "1"), ("KR-9", "1")]
    assert "Acknowledge 26…" in page
    assert "6 more" in page


def test_a_foreign_tag_is_shown_as_words(small: Site) -> None:
    item = tracked("PAY-70", state(-9, tags=(f"Grow {HOSTILE}",)), title=HOSTILE)
    save(small.engine, Fetched(at=day(5), items=(item,), sprints=SPRINTS, boards=BOARDS))
    with reading(small.engine) as session:
        [chosen] = [one.id for one in reads.open_findings(session, kind="unknown_tag", subject="PAY-70")]
    for page in (
        small.client.get("/findings").text,
        post(small, "/findings/chosen", 200, act="muted", finding=str(chosen)),
    ):
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page


def test_the_findings_of_one_tag_are_acknowledged_together(mistyped: Site) -> None:
    chosen = of_tag(mistyped, "KR-I")
    page = post(mistyped, "/findings/chosen", 200, act="acknowledged", finding=chosen)
    assert "Acknowledge 25 findings?" in page
    assert "Say why" in post(mistyped, "/findings/chosen", 422, act="acknowledged", finding=chosen, confirmed="1")
    done = {"act": "acknowledged", "finding": chosen, "confirmed": "1", "reason": "Renamed tomorrow"}
    assert post(mistyped, "/findings/chosen", 303, **done) == "/findings?state=acknowledged"
    assert of_tag(mistyped, "KR-I") == []
    assert "Choose at least one" in post(mistyped, "/findings/chosen", 422, act="muted", finding=["x", "²"])
    assert "None of these" in post(mistyped, "/findings/chosen", 422, act="muted", finding="99999")
    assert "can be acknowledged" in post(mistyped, "/findings/chosen", 422, act="erased", finding=chosen)


def test_findings_can_be_asked_for_by_team(mistyped: Site) -> None:
    def tags(team: str) -> list[tuple[str, str]]:
        page = mistyped.client.get("/findings", query_string={"team": team, "kind": "unknown_tag"}).text
        return [(one[1], one[2]) for one in re.finditer(r"<summary><b>“([^”]+)”</b> on (\d+)", page)]

    assert tags("Flow") == [("KR-8", "1"), ("kr-i", "1")]
    assert tags("Payments") == [("KR-I", "25"), ("KR-9", "1")]
    assert tags("Nobody's \0") == []


def test_somebody_of_another_team_may_not_act_on_them(mistyped: Site) -> None:
    other = Site(mistyped.engine, mistyped.app, somebody(mistyped, Flow="editor"))
    post(other, "/findings/chosen", 403, act="muted", finding=of_tag(mistyped, "KR-I"))
    post(other, "/findings/chosen", 200, act="muted", finding=of_tag(mistyped, "KR-8"))
    post(other, "/epics/chosen", 403, act="exempt", epic="shop/PAY-E")

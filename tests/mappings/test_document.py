"""The analysis as plain data: exact texts, floats only for shares, unknown and empty told apart."""

import json
from datetime import UTC, date, datetime
from fractions import Fraction

from mappings import document
from mappings.analysis import analyse
from mappings.model import Analysis, Bucket, Finding, GoalReading, Link, Scope, Severity, Source, Span, Status
from tests.builders import at, backlog, future, item, sprint
from tests.shared_material import SHARED


def worked() -> Analysis:
    items = (
        item("A", sprints=("S1",), points=5, tags=("KR-1",)),
        item("B", sprints=("S1",), points=Fraction(5, 2), tags=("KR-1, KR-2",)),
        item("C", sprints=("S1",), tags=("KR-9",)),
        item("D", sprints=("S1",)),
    )
    return analyse(backlog(*items, sprint("S1", start="03-02", completed="03-13")))


def test_the_document_is_plain_json() -> None:
    found = document.to_document(worked())
    assert json.loads(json.dumps(found)) == found
    assert list(found) == [
        "format", "as_of", "sprints", "periods", "rollups", "links", "key_results", "findings",
    ]  # fmt: skip


def test_exact_numbers_are_texts_and_shares_are_floats() -> None:
    figure = worked().sprints[0].scopes[Scope.FINAL]
    assert figure is not None
    found = document.figure_document(figure)
    assert found["total"] == "19/2"
    first = found["shares"][0]  # type: ignore[index]  # it is a list
    assert (first["key_result"], first["amount"], first["share"]) == ("KR-1", "25/4", 25 / 38)
    assert found["imputed"] == [{"item": "C", "value": "1"}, {"item": "D", "value": "1"}]


def test_without_work_there_are_no_shares() -> None:
    report = worked().sprints[0]
    dropped = document.sprint_document(report)["scopes"]["dropped"]  # type: ignore[index]  # it is a mapping
    assert dropped["total"] == "0"
    assert dropped["shares"] == []
    assert dropped["unaligned"] == {"amount": "0", "share": None, "percent": None, "low": None, "high": None}


def test_a_scope_that_does_not_exist_is_null() -> None:
    analysis = analyse(backlog(item("A", sprints=("S1",)), future("S1")))
    scopes = document.sprint_document(analysis.sprints[0])["scopes"]
    assert scopes["committed"] is None  # type: ignore[index]  # it is a mapping
    assert scopes["final"]["items"] == ["A"]  # type: ignore[index]


def test_a_receipt_adds_up_to_its_figure() -> None:
    figure = worked().sprints[0].scopes[Scope.FINAL]
    assert figure is not None
    amounts: dict[tuple[str | None, str], Fraction] = {}
    for line, link, amount in document.receipt_rows(figure):
        assert line.item == link.item
        key = (link.key_result, link.bucket.value)
        amounts[key] = amounts.get(key, Fraction(0)) + amount
    assert sum(amounts.values()) == figure.total
    assert amounts[(None, "dead_link")] == figure.dead_link.amount
    assert {code: amounts[(code, "aligned")] for code, _ in figure.shares} == {
        code: part.amount for code, part in figure.shares
    }


def test_a_receipt_names_item_value_weight_reason_and_moment() -> None:
    figure = worked().sprints[0].scopes[Scope.FINAL]
    assert figure is not None
    second = document.receipt_document(figure)[1]
    assert (second["item"], second["value"], second["imputed"]) == ("B", "5/2", False)
    assert second["moment"] == "2026-03-13T00:00:00Z"
    parts = second["parts"]
    assert isinstance(parts, list)
    assert [(part["key_result"], part["weight"], part["amount"]) for part in parts] == [
        ("KR-1", "1/2", "5/4"),
        ("KR-2", "1/2", "5/4"),
    ]
    assert all(part["reason"] for part in parts)


def test_a_goal_comes_with_the_words_that_decided() -> None:
    reading = GoalReading(
        "Build it", None, "output_only", 0.9, (Span(0, 5, "Build", "names a deliverable"),), ("KR-1",)
    )
    assert document.goal_document(reading) == {
        "text": "Build it",
        "first": None,
        "verdict": "output_only",
        "confidence": 0.9,
        "reasons": [{"start": 0, "end": 5, "text": "Build", "why": "names a deliverable"}],
        "key_results": ["KR-1"],
    }


def test_links_come_by_item_bucket_and_code() -> None:
    def link(key: str, code: str | None, bucket: Bucket) -> Link:
        return Link(key, code, bucket, Fraction(1, 3), Source.DIRECT if code else None, "why")

    links = (
        link("B", "KR-1", Bucket.ALIGNED),
        link("A", None, Bucket.DEAD_LINK),
        link("A", "KR-2", Bucket.ALIGNED),
        link("A", "KR-1", Bucket.ALIGNED),
    )
    analysis = Analysis(at("03-20"), (), (), (), links, (), ())
    found = document.to_document(analysis)["links"]
    assert [(one["item"], one["key_result"], one["bucket"]) for one in found] == [  # type: ignore[attr-defined]
        ("A", "KR-1", "aligned"),
        ("A", "KR-2", "aligned"),
        ("A", None, "dead_link"),
        ("B", "KR-1", "aligned"),
    ]


def test_evidence_becomes_plain_data() -> None:
    evidence = {
        "share": Fraction(1, 3),
        "items": ("A", "B"),
        "by": {Status.DONE: 2},
        "when": datetime(2026, 3, 1, tzinfo=UTC),
        "day": date(2026, 3, 1),
        "known": None,
        "status": Status.DROPPED,
    }
    found = document.finding_document(Finding("orphan_epic", "E1", Severity.HIGH, evidence, "tag it"))
    assert json.loads(json.dumps(found)) == found
    assert found["severity"] == "high"
    plain = found["evidence"]
    assert isinstance(plain, dict)
    assert plain["items"] == ["A", "B"]
    assert (plain["when"], plain["day"], plain["status"]) == ("2026-03-01T00:00:00Z", "2026-03-01", "dropped")


def test_of_plain_values_moments_alone_become_texts() -> None:
    values = {"id": 7, "at": datetime(2026, 3, 1, 13, tzinfo=UTC), "until": None}
    assert document.plain_values(values) == {"id": 7, "at": "2026-03-01T13:00:00Z", "until": None}


if SHARED is not None:
    from pathlib import Path

    import pytest

    from integration.files.backlog_file import load

    @pytest.mark.parametrize(
        "path", sorted((SHARED / "formats").rglob("*.backlog.json")), ids=lambda path: str(path.name)
    )
    def test_the_examples_of_the_format_come_out_exactly(path: Path) -> None:
        """All but the wording: verdicts on goals, reasons, suggestions, and findings that judge words."""
        wanted = json.loads(path.with_name(path.name.replace(".backlog.", ".analysis.")).read_bytes())
        found = json.loads(json.dumps(document.to_document(analyse(load(path.read_bytes())))))
        kinds = {(one["kind"], one["subject"]) for one in wanted["findings"]}
        found["findings"] = [one for one in found["findings"] if (one["kind"], one["subject"]) in kinds]
        assert _without_wording(found) == _without_wording(wanted)

    def _without_wording(found: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
        for report in found["sprints"]:
            goal = report["goal"]
            assert isinstance(goal, dict)
            for key in ("verdict", "confidence", "reasons"):
                del goal[key]
        for link in found["links"]:
            del link["reason"]
        for finding in found["findings"]:
            del finding["suggestion"]
        found["findings"].sort(key=lambda one: (str(one["kind"]), str(one["subject"])))
        return found

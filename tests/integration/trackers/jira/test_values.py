"""Tags from every value shape that was recorded, estimates from every spelling, labels with a prefix."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.trackers.jira.fields import Encoding
from integration.trackers.jira.values import (
    changed_texts,
    document_text,
    exact_number,
    label_tag,
    option_texts,
    tag_texts,
)

SELF = "https://example.atlassian.net/rest/api/2/customFieldOption/10100"
PLACEHOLDER = {
    "hasEpicLinkFieldDependency": False,
    "showField": False,
    "nonEditableReason": {"reason": "PLUGIN_LICENSE_ERROR", "message": "Must be licensed."},
}
PERSON = {"accountId": "5c", "displayName": "scrubbed", "name": "scrubbed", "key": "scrubbed"}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, ()),
        ("", ()),
        ("  ", ()),
        ({}, ()),
        ([], ()),
        ("{}", ()),
        (True, ()),
        (PLACEHOLDER, ()),
        (PERSON, ()),
        ([PERSON], ()),
        (" KR-1 ", ("KR-1",)),
        ("0.0", ("0.0",)),
        ("KR-1:70, KR-2", ("KR-1:70, KR-2",)),
        (3, ("3",)),
        (3.0, ("3",)),
        (0, ("0",)),
        (2.5, ("2.5",)),
        (1e21, ("1000000000000000000000",)),
        (["KR-1", "KR-2"], ("KR-1", "KR-2")),
        ({"self": SELF, "value": "KR-1", "id": "10100"}, ("KR-1",)),
        ([{"value": "KR-1", "id": "1"}, {"value": "KR-2", "id": "2"}], ("KR-1", "KR-2")),
        ({"value": "Growth", "id": "1", "child": {"value": "KR-1", "id": "2"}}, ("KR-1",)),
        ({"value": "Growth", "id": "1", "child": None}, ("Growth",)),
        ({"value": "Growth", "id": "1"}, ("Growth",)),
        ({"id": "11999", "key": "OKR-4", "fields": {"summary": "Grow"}}, ("OKR-4",)),
        ({"id": "1", "name": "checkout"}, ("checkout",)),
        ([[[[[["deep"]]]]]], ()),
    ],
)
def test_the_texts_of_each_recorded_shape(value: object, texts: tuple[str, ...]) -> None:
    assert tag_texts(value) == texts


DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "KR-1"}, {"type": "hardBreak"}]},
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [
                        {
                            "type": "paragraph",
                            "content": [
                                {"type": "text", "text": "KR-2, asks "},
                                {"type": "mention", "attrs": {"id": "5c", "text": "@scrubbed"}},
                                {"type": "status", "attrs": {"text": "KR-3"}},
                            ],
                        }
                    ],
                }
            ],
        },
    ],
}


def test_a_document_is_its_words_line_by_line_without_who_is_mentioned() -> None:
    assert tag_texts(DOCUMENT) == ("KR-1\nKR-2, asks KR-3",)


def test_a_document_may_be_nested_as_deeply_as_json_may() -> None:
    node: dict[str, object] = {"type": "text", "text": "KR-1"}
    for _ in range(5000):
        node = {"type": "paragraph", "content": [node]}
    assert document_text({"type": "doc", "content": [node]}) == "KR-1"


def test_an_empty_document_is_no_tag() -> None:
    assert tag_texts({"type": "doc", "version": 1, "content": []}) == ()


def test_options_are_known_by_their_ids_at_every_depth() -> None:
    value = [{"value": "Growth", "id": "1", "child": {"value": "KR-1", "id": 2}}, {"value": "KR-9", "id": "9"}]
    assert option_texts(value) == {"1": "Growth", "2": "KR-1", "9": "KR-9"}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (3.0, 3),
        (0, 0),
        (0.5, Fraction(1, 2)),
        (0.1, Fraction(1, 10)),
        ("8", 8),
        ("0.0", 0),
        (" 2.50 ", Fraction(5, 2)),
        ("1e2", 100),
        (None, None),
        ("", None),
        ("five", None),
        (True, None),
        (-1, None),
        ("-1", None),
        (10**13, None),
        (1e300, None),
        ("1e99", None),
        ("9" * 5000, None),
        ({"value": 3}, None),
        ("٣", None),
    ],
)
def test_estimates_are_exact_or_not_known(value: object, number: Fraction | int | None) -> None:
    assert exact_number(value) == number


@pytest.mark.parametrize(
    ("encoding", "ids", "text", "texts"),
    [
        ("text", None, None, ()),
        ("text", None, "KR-1", ("KR-1",)),
        ("option", "10100", "old name", ("KR-1",)),
        ("option", "999", "gone", ("gone",)),
        ("option", None, None, ()),
        ("options", "[10100, 10101]", "KR-1,KR-2, the second", ("KR-1", "KR-2, the second")),
        ("options", "[10100, 999]", "old name,gone", ("KR-1", "gone")),
        ("options", "[998, 999]", "first, of two,gone", ("first, of two,gone",)),
        ("labels", None, "kr-1 kr-2", ("kr-1", "kr-2")),
        ("labels", None, None, ()),
        ("number", None, "3", ("3",)),
        ("number", None, "3.0", ("3",)),
        ("number", None, "many", ("many",)),
        ("cascading", None, "Parent values: Growth(10200)Level 1 values: x(10100)", ("KR-1",)),
        ("cascading", None, "Parent values: Growth(10200)", ("Growth",)),
        ("cascading", None, "Parent values: A (b)(7)Level 1 values: KR: c (d)(8)", ("KR: c (d)",)),
        ("cascading", None, "", ()),
        ("cascading", None, "Growth - KR-1", ("Growth - KR-1",)),
    ],
)
def test_one_side_of_a_change_as_texts(encoding: Encoding, ids: str | None, text: str | None, texts: object) -> None:
    options = {"10100": "KR-1", "10101": "KR-2, the second"}
    assert changed_texts(ids, text, encoding, options) == texts


@pytest.mark.parametrize(
    ("label", "prefix", "names", "tag"),
    [
        ("okr:KR-1", "okr:", (), "KR-1"),
        ("OKR:KR-1", "okr:", (), "KR-1"),
        ("okr:3", "okr:", (), "3"),
        ("okr-PAY1", "okr-", (), "PAY1"),
        ("kr-3", "kr-", (), "kr-3"),
        ("kr-3", "kr-", ("3",), "3"),
        ("okr-PAY1", "okr-", ("okr-pay1",), "okr-PAY1"),
        ("checkout", "kr-", (), None),
        ("kr-", "kr-", (), None),
    ],
)
def test_labels_with_the_prefix_bear_tags(label: str, prefix: str, names: tuple[str, ...], tag: str | None) -> None:
    assert label_tag(label, prefix, names) == tag


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["value", "child", "key", "name", "type"]), inner),
    max_leaves=20,
)


@given(json_values)
def test_any_value_gives_texts_that_are_not_blank(value: object) -> None:
    assert all(text.strip() for text in tag_texts(value))

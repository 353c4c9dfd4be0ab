"""Against the labelled corpus, where it lies beside the checkout: floors under what the shipped weights reach."""

import json

import pytest

from mappings.wording import judge_goal, judge_key_result
from tests.shared_material import SHARED

if SHARED is not None:
    CORPUS = SHARED / "corpus"

    def rows(name: str) -> list[dict[str, str]]:
        lines = (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [row for row in map(json.loads, lines) if not row.get("contested")]

    @pytest.mark.parametrize(
        ("name", "floor"), [("sprint_goals_dev", 0.9), ("key_results_dev", 0.9), ("sprint_goals_multilingual_dev", 0.7)]
    )
    def test_share_of_right_labels_does_not_fall(name: str, floor: float) -> None:
        judge_one = judge_key_result if "key" in name else judge_goal
        judged = [(row["label"], judge_one(row["text"]).label) for row in rows(name)]
        known = [(gold, label) for gold, label in judged if label is not None]
        assert sum(gold == label for gold, label in known) >= floor * len(known)

    def test_no_english_goal_is_left_unjudged() -> None:
        assert [row["text"] for row in rows("sprint_goals_dev") if judge_goal(row["text"]).label is None] == []

    def test_no_good_goal_of_the_corpus_is_flagged_too_often() -> None:
        good = [row["text"] for row in rows("sprint_goals_dev") if row["label"] in {"outcome", "learning"}]
        assert sum(judge_goal(text).flagged for text in good) <= 0.12 * len(good)

    def test_no_goal_in_a_language_not_judged_is_flagged() -> None:
        others = [
            row for row in rows("sprint_goals_multilingual_dev") if row["lang"] not in {"en", "de", "es", "fr", "pt"}
        ]
        assert others
        assert not any(judge_goal(row["text"]).flagged or judge_goal(row["text"]).label for row in others)

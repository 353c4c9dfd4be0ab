"""Read goals and key results: is it an outcome that is stated, or only an output? With the words that decided.

Values in, values out. The judge reads the words alone, offline, and gives the same answer to the same text.
"""

from mappings.wording.goals import judge_goal
from mappings.wording.key_results import judge_key_result
from mappings.wording.numbers import Numbers, read_numbers
from mappings.wording.references import goal_references, named_key_results
from mappings.wording.suggestion import rewrite_prompt
from mappings.wording.verdict import GoalLabel, KeyResultLabel, Verdict

__all__ = [
    "GoalLabel",
    "KeyResultLabel",
    "Numbers",
    "Verdict",
    "goal_references",
    "judge_goal",
    "judge_key_result",
    "named_key_results",
    "read_numbers",
    "rewrite_prompt",
]

"""A draft as the API takes and answers it: a text in, the verdict of its words out as plain data."""

from dataclasses import asdict

from mappings.document import plain_data
from mappings.overruling import GOAL, KEY_RESULT
from mappings.wording import judge_goal, judge_key_result

JUDGES = {GOAL: judge_goal, KEY_RESULT: judge_key_result}

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": [GOAL, KEY_RESULT], "default": GOAL},
        "text": {"type": "string"},
        "lang": {"type": ["string", "null"], "description": "en, de, es, fr or pt; guessed without it."},
    },
    "required": ["text"],
}


class WrongDraft(Exception):
    """Says what is wrong with the draft as it was sent."""


def judged(sent: object) -> dict[str, object]:
    if not isinstance(sent, dict):
        raise WrongDraft('Send a JSON object such as {"kind": "goal", "text": "…"}.')
    kind, text, lang = sent.get("kind", GOAL), sent.get("text"), sent.get("lang")
    if not isinstance(kind, str) or kind not in JUDGES:
        raise WrongDraft("kind must be goal or key_result.")
    if not isinstance(text, str):
        raise WrongDraft("text is missing, or no text.")
    if lang is not None and not isinstance(lang, str):
        raise WrongDraft("lang must be a text such as “en”, or be left out.")
    verdict = JUDGES[kind](text, lang)
    plain = plain_data(asdict(verdict))
    assert isinstance(plain, dict)
    return {"kind": kind, **plain, "confidence": verdict.confidence if verdict.label is not None else None}

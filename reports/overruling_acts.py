"""What a person may say against the judge of words: of one text, of all that hold a phrase, or that it was right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integration.store import overrulings
from integration.store.opened import Store
from mappings.model import Overruling
from mappings.overruling import holds_phrase, is_same_text
from reports.finding_pages import LONGEST_REASON, WrongAct
from reports.wording_views import LABELS, WordingView

LONGEST_PHRASE = 200
SHORTEST_PHRASE = 3
CHANGED = "The text was changed since this page was loaded. Read it again; then overrule what it says now."


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it, and when; `connection` is that of a sprint, None for key results."""

    name: str
    now: datetime
    connection: str | None


def overrule(store: Store, speaker: Speaker, view: WordingView, form: Mapping[str, str]) -> None:
    """Keep what the form says; raise `WrongAct` where something is wrong with it."""
    overruling = _overruling(speaker, view, form)
    connection = None if overruling.is_phrase else speaker.connection
    with store.writing() as session:
        overrulings.overrule(session, connection, overruling)


def reason_of(typed: str) -> str:
    """The reason as one line; raise `WrongAct` without one."""
    reason = _line(typed)
    if not reason:
        raise WrongAct("Say why: the reason is kept with your name.")
    if len(reason) > LONGEST_REASON:
        raise WrongAct(f"Say it in at most {LONGEST_REASON} signs.")
    return reason


def _overruling(speaker: Speaker, view: WordingView, form: Mapping[str, str]) -> Overruling:
    if not is_same_text(form.get("text", ""), view.text):
        raise WrongAct(CHANGED)
    reason = reason_of(form.get("reason", ""))
    act = form.get("act")
    if act == "take_back":
        return _taken_back(speaker, view, reason)
    label = form.get("label", "")
    if label not in LABELS[view.about]:
        raise WrongAct("Choose what it is instead.")
    if act == "phrase":
        phrase = _phrase(view, form)
        return Overruling(view.about, phrase, label, reason, speaker.name, speaker.now, team=view.team)
    if act != "text":
        raise WrongAct("One text or a phrase can be overruled, and an overruling taken back.")
    return Overruling(view.about, view.text, label, reason, speaker.name, speaker.now, subject=view.subject)


def _taken_back(speaker: Speaker, view: WordingView, reason: str) -> Overruling:
    """The very overruling that holds, of the text or of a phrase, is followed by one without a label."""
    if view.said is None:
        raise WrongAct("Nothing is overruled here.")
    held = view.said.overruling
    return Overruling(
        held.about, held.text, None, reason, speaker.name, speaker.now, subject=held.subject, team=held.team
    )


def _phrase(view: WordingView, form: Mapping[str, str]) -> str:
    phrase = _line(form.get("phrase", ""))
    if not SHORTEST_PHRASE <= len(phrase) <= LONGEST_PHRASE:
        raise WrongAct(f"Name a phrase of {SHORTEST_PHRASE} to {LONGEST_PHRASE} signs.")
    if not holds_phrase(view.text, phrase):
        raise WrongAct("The phrase must stand in this text, as whole words.")
    return phrase


def _line(text: str) -> str:
    """One line of what can be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())

"""The life of a finding."""

from dataclasses import replace

from mappings.lifecycle import Act, Life, Spell, advance, state_at
from mappings.model import Finding, Severity
from tests.builders import at

ORPHAN = Finding("orphan_epic", "PAY-44", Severity.HIGH, {"open_items": 3}, "Tie it.")


def test_a_finding_seen_again_is_the_same_one() -> None:
    (life,) = advance((), [ORPHAN], at("03-01"))
    assert advance((life,), [ORPHAN], at("03-02"))[0] is life
    changed = replace(ORPHAN, evidence={"open_items": 4})
    assert advance((life,), [changed], at("03-02")) == (Life(changed, (Spell(at("03-01")),)),)


def test_a_finding_no_longer_true_resolves_and_reopens_with_its_history() -> None:
    (life,) = advance((), [ORPHAN], at("03-01"))
    (gone,) = advance((life,), [], at("03-05"))
    assert state_at(gone, at("03-05")) == "resolved"
    assert advance((gone,), [], at("03-06"))[0] is gone
    (back,) = advance((gone,), [ORPHAN], at("03-09"))
    assert back.spells == (Spell(at("03-01"), at("03-05")), Spell(at("03-09")))
    assert state_at(back, at("03-09")) == "open"


def test_an_acknowledgement_holds_until_the_finding_comes_back() -> None:
    act = Act("acknowledged", "ada", at("03-02"), "known")
    life = Life(ORPHAN, (Spell(at("03-01")),), (act,))
    assert state_at(life, at("03-03")) == "acknowledged"
    (back,) = advance(advance((life,), [], at("03-05")), [ORPHAN], at("03-09"))
    assert state_at(back, at("03-09")) == "open"


def test_a_mute_ends_by_itself() -> None:
    life = Life(ORPHAN, (Spell(at("03-01")),), (Act("muted", "ada", at("03-02"), "later", at("03-10")),))
    assert state_at(life, at("03-09")) == "muted"
    assert state_at(life, at("03-10")) == "open"
    for_ever = replace(life, acts=(Act("muted", "ada", at("03-02"), "never"),))
    assert state_at(for_ever, at("12-31")) == "muted"
    assert life.identity == ("orphan_epic", "PAY-44")

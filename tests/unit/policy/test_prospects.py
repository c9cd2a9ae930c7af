"""What comes with a measure: the step before it, a second officer, the letter, the ban."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from moothall.policy import Act, load, loads
from moothall.policy.model import Clause
from moothall.policy.prospects import (
    needs_second_person,
    pending_step,
    prospect,
    step_told,
    steps_foreseen,
    time_to_answer,
)

DAY = date(2026, 11, 24)
QUERNMOOR = load(Path(__file__).parent / "councils" / "quernmoor.yaml")
TAMAROOK = loads((resources.files("moothall.policy") / "examples" / "tamarook.yaml").read_text(encoding="utf-8"))


def clause(id: str) -> Clause:
    found = QUERNMOOR.clause(id)
    assert found is not None
    return found


def test_a_block_waits_for_the_notice_and_then_for_the_time_to_answer() -> None:
    manners = clause("manners")
    notice = [Act(date(2026, 11, 20), "notice", "abuse")]
    assert pending_step(QUERNMOOR, manners, "abuse", ["block"], [], DAY) == "notice_of_intent"
    waiting = prospect(QUERNMOOR, manners, "abuse", "block", notice, DAY)
    assert (waiting.step, waiting.until) == ("await_representations", date(2026, 11, 27))
    assert pending_step(QUERNMOOR, manners, "abuse", ["hide", "block"], notice, date(2026, 11, 27)) == "none"


def test_a_milder_measure_waits_for_nothing() -> None:
    assert pending_step(QUERNMOOR, clause("manners"), "abuse", ["hide"], [], DAY) == "none"


def test_a_rung_that_leads_to_the_block_says_what_comes_first_and_not_the_clause() -> None:
    spam = clause("spam")
    twice = [Act(date(2026, 11, 10), "hide", "spam"), Act(date(2026, 11, 12), "hide", "spam")]
    third = prospect(QUERNMOOR, spam, "spam", "block", twice, DAY)
    assert (third.step, third.rung, third.letter, third.second_person) == ("none", "three-spam", "ban", True)
    assert third.ban is not None
    assert third.ban.ends == date(2027, 2, 24)
    assert prospect(QUERNMOOR, spam, "spam", "block", twice[:1], DAY).step == "notice_of_intent"


def test_what_was_done_about_this_very_comment_is_a_step_and_no_second_breach() -> None:
    spam = clause("spam")
    earlier = [Act(date(2026, 11, 10), "hide", "spam")]
    history = [*earlier, Act(DAY, "delete", "spam")]
    assert prospect(QUERNMOOR, spam, "spam", "block", history, DAY).rung == "three-spam"
    assert prospect(QUERNMOOR, spam, "spam", "block", history, DAY, earlier).rung is None


@pytest.mark.parametrize(
    ("id", "ground", "measures", "needed"),
    [
        ("manners", "abuse", ["hide"], False),
        ("manners", "abuse", ["hide", "block"], True),
        ("auctions", "live_auction", ["hide"], False),
        ("auctions", "live_auction", ["delete"], True),
        ("impostors", "brand_misuse", ["report"], True),
        ("manners", "abuse", ["ignore"], False),
    ],
)
def test_a_second_officer_by_clause_and_for_all(id: str, ground: str, measures: list[str], needed: bool) -> None:
    assert needs_second_person(QUERNMOOR, clause(id), ground, measures, [], DAY) is needed


def test_a_clause_may_lift_the_step_that_the_file_puts_before_every_block() -> None:
    assert pending_step(QUERNMOOR, clause("impostors"), "brand_misuse", ["block"], [], DAY) == "none"


def test_only_steps_that_the_rules_ask_for_can_be_taken() -> None:
    assert steps_foreseen(QUERNMOOR, clause("auctions"), "live_auction") == {
        "ask_to_take_down",
        "warn",
        "notice_of_intent",
    }
    assert steps_foreseen(QUERNMOOR, clause("no-politics"), "political") == frozenset()


def test_a_step_is_told_as_the_rung_or_the_clause_says_with_its_letter() -> None:
    assert step_told(QUERNMOOR, clause("manners"), "abuse", "notice_of_intent", [], DAY) == ("dm", "intent")
    assert step_told(QUERNMOOR, clause("manners"), "abuse", "warn", [], DAY) == ("dm", "warning")
    assert step_told(QUERNMOOR, clause("auctions"), "live_auction", "ask_to_take_down", [], DAY) == ("dm", "")


def test_the_time_to_answer_is_counted_from_the_day_the_notice_is_sent() -> None:
    assert time_to_answer(QUERNMOOR, clause("manners"), "abuse", [], DAY) == date(2026, 12, 1)
    assert time_to_answer(TAMAROOK, TAMAROOK.clauses[0], "abuse", [], DAY) == date(2026, 12, 8)


def test_somebody_blocked_before_on_the_same_ground_is_told_so_by_the_letter_for_it() -> None:
    able = next(each for each in TAMAROOK.clauses if "block" in each.measures and "abuse" in each.grounds)
    before = [Act(date(2025, 1, 6), "block", "abuse"), Act(date(2026, 11, 1), "notice", "abuse")]
    again = prospect(TAMAROOK, able, "abuse", "block", before, DAY)
    assert (again.letter, again.step) == ("ban-for-ever", "none")
    assert again.ban is not None
    assert (again.ban.for_ever, again.ban.review) == (True, "none")
    first = prospect(TAMAROOK, able, "abuse", "block", before[1:], DAY)
    assert first.ban is not None
    assert (first.letter != "ban-for-ever", first.ban.ends) == (True, date(2027, 2, 24))

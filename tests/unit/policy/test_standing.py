"""What stands against an author, and what follows from it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from moothall.policy import Act, Assessment, Circumstances, Facts, Policy, assess, loads
from moothall.policy.calendar import Term
from moothall.policy.standing import counted, review_of, step_before

from .writing import SMALL, Read, signal

DAY = date(2027, 6, 15)
NOON = datetime(2027, 6, 15, 12, tzinfo=UTC)


def acts(*given: tuple[str, str] | tuple[str, str, str]) -> list[Act]:
    return [Act(date.fromisoformat(each[0]), each[1], each[2] if len(each) > 2 else "abuse") for each in given]


def rules(ladder: str, clause: str = "", settings: str = "") -> Policy:
    text = SMALL.replace("[hide, delete]", "[hide, delete, block]") + clause
    return loads(text + settings + "ladder:\n" + ladder)


def held(policy: Policy, *history: Act, ground: str = "abuse", **read: object) -> Assessment:
    found = Read(grounds={ground: signal()}, **read)  # type: ignore[arg-type]
    return assess(policy, found, Facts(history=list(history)), Circumstances(date=NOON))


THREE = """\
  - {id: three, title: Three, public: Three times., strikes: 3, within: 30 days, measure: block}
"""


def test_acts_are_counted_by_kind_ground_and_window() -> None:
    history = acts(
        ("2027-05-15", "hide"), ("2027-05-17", "hide"), ("2027-06-01", "warn"), ("2027-06-02", "hide", "spam")
    )
    assert counted(history, ["hide"], (), None, DAY) == 3
    assert counted(history, ["hide"], ["spam"], None, DAY) == 1
    assert counted(history, ["hide"], (), Term(days=30), DAY) == 2
    assert counted(history, ["hide", "warn"], (), Term(months=1), DAY) == 3
    assert counted(history, ["hide"], (), None, date(2027, 5, 16)) == 1


def test_politics_counts_nowhere() -> None:
    history = acts(("2027-06-01", "hide", "party_political"), ("2027-06-02", "hide", "party_political"))
    assert counted(history, ["hide"], (), None, DAY) == 0
    assert held(rules(THREE), *history).recommended == "hide"


def test_the_third_strike_in_the_window_leads_to_a_block() -> None:
    two = acts(("2027-05-20", "hide"), ("2027-06-01", "delete", "spam"))
    assessment = held(rules(THREE), *two)
    assert (assessment.recommended, assessment.rung, assessment.step) == ("block", "three", "none")
    assert "under “Three”" in assessment.why
    assert held(rules(THREE), two[0]).recommended == "hide"
    assert held(rules(THREE), *acts(("2027-05-16", "hide"), ("2027-06-01", "delete"))).recommended == "hide"


def test_a_record_that_is_not_known_leads_nowhere() -> None:
    read = Read(grounds={"abuse": signal()})
    assert assess(rules(THREE), read, Facts(), Circumstances(date=NOON)).recommended == "hide"
    history = acts(("2027-05-20", "hide"), ("2027-06-01", "delete"))
    assert assess(rules(THREE), read, Facts(history=history), Circumstances()).recommended == "hide"


def test_an_unsure_reading_and_a_person_at_risk_climb_no_ladder() -> None:
    history = acts(("2027-05-20", "hide"), ("2027-06-01", "delete"))
    assert held(rules(THREE), *history, unsure=True).recommended == "ignore"
    assert held(rules(THREE), *history, route="safeguard").recommended == "ignore"


def test_a_rung_never_allows_what_the_clause_does_not() -> None:
    policy = rules(
        THREE,
        clause="  - {id: spam, title: Spam, public: No spam., when: spam, grounds: [spam], measures: [hide]}\n",
    )
    history = acts(("2027-05-20", "hide"), ("2027-06-01", "delete"))
    assert held(policy, *history, ground="spam").measures == ("ignore", "hide")
    assert held(policy, *history, ground="spam").recommended == "hide"


def test_a_clause_that_leaves_it_to_the_officer_is_not_raised() -> None:
    policy = rules(
        THREE + "  - {id: four, title: F, public: F., strikes: 9, grounds: [spam], measure: block}\n",
        clause="  - {id: spam, title: S, public: S., when: spam, grounds: [spam], measures: [block], recommends: block}\n",
    )
    lax = loads(
        policy.text.replace(
            "measures: [hide, delete, block]", "measures: [hide, delete, block]\n    recommends: ignore"
        )
    )
    history = acts(("2027-05-20", "hide"), ("2027-06-01", "delete"))
    assert held(policy, *history).recommended == "block"
    assert held(lax, *history).recommended == "ignore"


def test_strikes_that_do_not_count_are_left_out() -> None:
    clause = (
        "  - {id: spam, title: S, public: S., when: spam, grounds: [spam], measures: [hide, block], strike: false}\n"
    )
    history = acts(("2027-05-20", "hide", "spam"), ("2027-06-01", "delete", "spam"))
    assert held(rules(THREE, clause), *history).recommended == "hide"
    assert held(rules(THREE, clause), *history, ground="spam").recommended == "hide"


@pytest.mark.parametrize(
    ("first", "history", "step"),
    [
        ("warn", [], "warn"),
        ("warn", [("2027-01-01", "warn")], "none"),
        ("ask_to_take_down", [("2027-01-01", "warn")], "none"),
        ("notice_of_intent", [("2027-01-01", "warn")], "notice_of_intent"),
        ("notice_of_intent", [("2027-06-02", "notice")], "await_representations"),
        ("notice_of_intent", [("2027-06-01", "notice")], "none"),
        ("notice_of_intent", [("2027-05-01", "notice"), ("2027-05-20", "block")], "notice_of_intent"),
        ("notice_of_intent", [("2027-05-01", "notice"), ("2027-06-10", "notice")], "await_representations"),
        ("warn", [("2027-01-01", "warn", "party_political")], "warn"),
    ],
)
def test_a_step_is_taken_once_it_stands_in_the_record_and_its_time_has_passed(
    first: str, history: list[tuple[str, str]], step: str
) -> None:
    assert step_before(first, Term(days=14), None, acts(*history), DAY) == step


def test_a_step_lapses_with_its_window() -> None:
    assert step_before("warn", None, Term(months=6), acts(("2026-12-15", "warn")), DAY) == "warn"
    assert step_before("warn", None, Term(months=6), acts(("2026-12-16", "warn")), DAY) == "none"


def test_without_a_record_the_step_comes_first() -> None:
    assert step_before("warn", None, None, None, DAY) == "warn"
    assert step_before("", None, None, None, DAY) == "none"


@pytest.mark.parametrize(
    ("ban", "asked", "status", "begins", "ends"),
    [
        ("{after: 6 months}", "2027-02-27", "too_early", "2027-02-28", None),
        ("{after: 6 months}", "2027-02-28", "open", "2027-02-28", None),
        ("{after_months: 0}", "2026-08-31", "open", "2026-08-31", None),
        ("{after: at_any_time}", "2026-08-31", "open", "2026-08-31", None),
        ("{review: automatic, after: 12 months}", "2027-08-30", "scheduled", "2027-08-31", None),
        ("{review: automatic, after: 12 months}", "2027-08-31", "open", "2027-08-31", None),
        ("{length: 12 months, review: none}", "2027-08-30", "runs_out", None, "2027-08-31"),
        ("{length: 12 months, review: none}", "2027-08-31", "ended", None, "2027-08-31"),
        ("{length: for_ever, review: none}", "2040-01-01", "not_available", None, None),
        ("{length: 30 days, after: 20 days}", "2026-09-19", "too_early", "2026-09-20", "2026-09-30"),
    ],
)
def test_the_review_of_a_ban(ban: str, asked: str, status: str, begins: str | None, ends: str | None) -> None:
    policy = loads(SMALL.replace("[hide, delete]", "[hide, block]") + f"settings: {{ban: {ban}}}\n")
    review = review_of(policy, acts(("2026-08-31", "block")), date.fromisoformat(asked))
    assert (review.status, str(review.begins), str(review.ends)) == (status, str(begins), str(ends))


def test_without_a_ban_there_is_nothing_to_review() -> None:
    assert review_of(loads(SMALL), acts(("2026-08-31", "hide")), DAY).status == "not_available"


def test_a_clauses_own_ban_wins_over_the_files() -> None:
    text = SMALL.replace("[hide, delete]", "[hide, block]") + "    ban: {length: 1 year, review: none}\n"
    review = review_of(loads(text), acts(("2026-08-31", "block")), DAY)
    assert (review.status, review.ends) == ("runs_out", date(2027, 8, 31))


def test_an_act_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="ban"):
        Act(DAY, "ban")


def test_a_step_taken_for_politics_counts_for_politics_and_nowhere_else() -> None:
    asked = acts(("2027-06-01", "warn", "party_political"))
    assert step_before("ask_to_take_down", None, None, asked, DAY) == "ask_to_take_down"
    assert step_before("ask_to_take_down", None, None, asked, DAY, politics=True) == "none"


def test_what_was_done_about_one_comment_is_one_breach() -> None:
    twice = [Act(date(2027, 6, 1), "hide", "abuse", "12"), Act(date(2027, 6, 1), "block", "abuse", "12")]
    assert counted(twice, ["hide", "block"], (), None, DAY) == 1
    assert counted([*twice, Act(date(2027, 6, 1), "hide", "abuse", "13")], ["hide"], (), None, DAY) == 2


def test_what_was_done_about_this_comment_is_a_step_and_not_an_earlier_breach() -> None:
    policy = rules(THREE)
    history = [Act(date(2027, 6, day), "hide", "abuse", str(day)) for day in (1, 2)]
    read = Read(grounds={"abuse": signal()})
    of_another, of_this = (
        assess(policy, read, Facts(history=history, about=about), Circumstances(date=NOON)) for about in ("9", "2")
    )
    assert (of_another.recommended, of_this.recommended) == ("block", "hide")


def test_the_record_is_counted_as_of_today_however_old_the_comment_is() -> None:
    policy = loads(SMALL + "    first: {hide: warn}\n")
    read, warned = Read(grounds={"abuse": signal()}), [Act(date(2027, 6, 16), "warn", "abuse")]
    day = Circumstances(date=NOON)
    assert assess(policy, read, Facts(history=warned), day).step == "warn"
    assert assess(policy, read, Facts(history=warned, today=date(2027, 6, 16)), day).step == "none"


def test_a_clauses_own_ban_may_drop_the_notice_or_change_its_time() -> None:
    text = SMALL.replace("[hide, delete]", "[block]\n    recommends: block")
    settings = "settings: {ban: {first: notice_of_intent, wait: 14 days}}\n"
    notice = acts(("2027-06-05", "notice"))
    assert held(loads(text + settings), *notice).step == "await_representations"
    assert held(loads(text + "    ban: {wait: 10 days}\n" + settings), *notice).recommended == "block"
    assert held(loads(text + "    ban: {first: none}\n" + settings)).recommended == "block"

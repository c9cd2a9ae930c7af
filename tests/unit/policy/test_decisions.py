"""What an officer may decide under the shipped house rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from moothall.policy import Circumstances, check_decision, default_policy, loads
from moothall.words import DomainError

from .writing import SMALL

PAGE = default_policy()


def refused_with(
    clause: str,
    ground: str,
    measures: Sequence[str],
    *,
    pre_election: bool | None = None,
    reason: str = "",
    stated: Mapping[str, bool] | None = None,
) -> str:
    """Return the code with which the decision is refused, or an empty text when it is allowed."""
    try:
        check_decision(
            PAGE,
            clause,
            ground,
            measures,
            circumstances=Circumstances(pre_election),
            reason=reason,
            stated=stated or {},
        )
    except DomainError as refusal:
        return refusal.code
    return ""


def test_an_officer_may_cite_a_ground_that_no_detector_found() -> None:
    clause = check_decision(PAGE, "be-polite", "abuse", ["hide", "report"], circumstances=Circumstances(), reason="")
    assert clause.id == "be-polite"
    assert clause.letters == {"block": "ban"}


@pytest.mark.parametrize(
    ("clause", "ground", "measures", "code"),
    [
        ("be-polite", "abuse", [], "no_measure"),
        ("be-polite", "abuse", ["hidden"], "measure_unknown"),
        ("be-polite", "abuse", ["ignore", "hide"], "measures_contradict"),
        ("be-nice", "abuse", ["hide"], "clause_unknown"),
        ("", "", ["hide"], "clause_unknown"),
        ("be-polite", "criticism", ["hide"], "criticism_is_no_ground"),
        ("our-judgement", "criticism", ["hide"], "criticism_is_no_ground"),
        ("be-polite", "rudeness", ["hide"], "ground_unknown"),
        ("be-polite", "spam", ["hide"], "ground_not_in_clause"),
        ("legal-risk", "defamation", ["report"], "measure_not_allowed"),
    ],
)
def test_each_refusal_has_its_own_code(clause: str, ground: str, measures: list[str], code: str) -> None:
    assert refused_with(clause, ground, measures, reason="Because.") == code


@pytest.mark.parametrize("pre_election", [False, None])
def test_politics_cannot_come_down_outside_a_confirmed_period(pre_election: bool | None) -> None:
    assert refused_with("party-politics", "party_political", ["hide"], pre_election=pre_election) == "outside_period"


def test_politics_may_come_down_in_the_period_but_blocks_nobody() -> None:
    assert refused_with("party-politics", "party_political", ["hide"], pre_election=True) == ""
    assert refused_with("party-politics", "party_political", ["block"], pre_election=True) == "measure_not_allowed"


@pytest.mark.parametrize("clause", [clause.id for clause in PAGE.clauses if clause.id != "party-politics"])
def test_no_other_clause_takes_politics_down(clause: str) -> None:
    assert refused_with(clause, "party_political", ["hide"], pre_election=True, reason="x") == "ground_not_in_clause"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_the_officers_own_judgement_needs_a_written_reason(reason: str) -> None:
    assert refused_with("our-judgement", "judged_inappropriate", ["hide"], reason=reason) == "reason_required"
    assert refused_with("our-judgement", "judged_inappropriate", ["hide"], reason="Mocks a child's illness.") == ""


def test_a_block_for_brand_misuse_needs_the_officer_to_state_the_confusion() -> None:
    assert refused_with("our-identity", "brand_misuse", ["block"]) == "statement_required"
    assert refused_with("our-identity", "brand_misuse", ["block"], stated={"confusing": False}) == "statement_required"
    assert refused_with("our-identity", "brand_misuse", ["block"], stated={"confusing": True}) == ""
    stated = {"confusing": True, "authorised": True}
    assert refused_with("our-identity", "brand_misuse", ["block"], stated=stated) == "exception_applies"


def test_ignoring_under_a_clause_is_always_possible() -> None:
    assert refused_with("party-politics", "party_political", ["ignore"]) == ""


def test_a_clause_says_for_which_measures_a_second_officer_confirms() -> None:
    clause = loads(SMALL + "    second_person: [delete]\n").clauses[0]
    assert clause.second_person_for(["delete"])
    assert not clause.second_person_for(["hide"])
    assert loads(SMALL + "    second_person: true\n").clauses[0].second_person == ("hide", "delete")

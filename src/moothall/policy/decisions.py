"""May an officer decide this? The check that moderation makes before it writes a decision down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import cel

from moothall.policy.assessment import Circumstances, Facts, known_values
from moothall.policy.model import Clause, Policy
from moothall.policy.reasons import GROUND_IN_WORDS, joined, needed_first
from moothall.policy.vocabulary import CITABLE_GROUNDS
from moothall.words import JUDGED_INAPPROPRIATE, MEASURES, DomainError

_NO_FACTS: Final[Mapping[str, bool]] = {}


def check_decision(
    policy: Policy,
    clause_id: str,
    ground: str,
    measures: Sequence[str],
    *,
    circumstances: Circumstances,
    reason: str,
    stated: Mapping[str, bool] = _NO_FACTS,
    platform: str | None = None,
) -> Clause:
    """Return the clause under which an officer may take these measures for this ground.

    The ground need not have been found by a detector: by citing it the officer states it. What the clause asks of the
    day (``during``) binds officers too, an exception (``unless``) stated as true lifts the clause, and what a measure
    ``needs`` must be in ``stated``.

    Raises DomainError with one of the codes ``no_measure``, ``measure_unknown``, ``measures_contradict``,
    ``clause_unknown``, ``criticism_is_no_ground``, ``ground_unknown``, ``ground_not_in_clause``,
    ``measure_not_allowed``, ``outside_period``, ``outside_circumstances``, ``exception_applies``,
    ``statement_required``, ``reason_required``.
    """
    chosen = [measures] if isinstance(measures, str) else list(measures)
    _check_measures(chosen)
    clause = policy.clause(clause_id)
    if clause is None:
        raise DomainError(f"The house rules have no clause “{clause_id}”.", "clause_unknown")
    _check_ground(clause, ground)
    if (clause.reason_required or ground == JUDGED_INAPPROPRIATE) and not reason.strip():
        raise DomainError("Write down the reason: this clause rests on an officer's judgement.", "reason_required")
    removals = [measure for measure in chosen if measure != "ignore"]
    if not removals:
        return clause
    not_allowed = [measure for measure in removals if measure not in clause.measures]
    if not_allowed:
        message = f"“{clause.title}” does not allow {joined(not_allowed, 'or')}. It allows {joined(clause.measures)}."
        raise DomainError(message, "measure_not_allowed")
    facts = Facts(platform=platform, stated=stated)
    context = cel.Context(variables=known_values(policy, None, facts, circumstances))
    if clause.during is not None and clause.during.outcome(context) is not True:
        _refuse_for_the_day(clause, circumstances)
    if clause.unless is not None and clause.unless.outcome(context) is True:
        message = f"“{clause.title}” does not apply here: its exception holds ({clause.unless.source})."
        raise DomainError(message, "exception_applies")
    for measure in removals:
        need = clause.needs.get(measure)
        if need is not None and need.outcome(context) is not True:
            raise DomainError(needed_first(policy, need), "statement_required")
    return clause


def _check_measures(chosen: Sequence[str]) -> None:
    if not chosen:
        raise DomainError("Choose at least one measure.", "no_measure")
    for measure in chosen:
        if measure not in MEASURES:
            raise DomainError(f"“{measure}” is not a measure. There are: {', '.join(MEASURES)}.", "measure_unknown")
    if "ignore" in chosen and len(set(chosen)) > 1:
        raise DomainError("A comment is either left alone or acted on, not both.", "measures_contradict")


def _check_ground(clause: Clause, ground: str) -> None:
    if ground == "criticism":
        raise DomainError("Criticism of the council is never a ground.", "criticism_is_no_ground")
    if ground not in CITABLE_GROUNDS:
        raise DomainError(f"“{ground}” is not a ground.", "ground_unknown")
    if ground not in clause.grounds:
        covered = joined([GROUND_IN_WORDS[each] for each in clause.grounds]) or "no ground"
        message = f"“{clause.title}” does not cover {GROUND_IN_WORDS[ground]}. It covers {covered}."
        raise DomainError(message, "ground_not_in_clause")


def _refuse_for_the_day(clause: Clause, circumstances: Circumstances) -> None:
    day = clause.during
    if day is not None and "pre_election" in day.names and circumstances.pre_election is not True:
        raise DomainError(
            f"“{clause.title}” only applies in a confirmed pre-election period, and none is confirmed.",
            "outside_period",
        )
    raise DomainError(
        f"“{clause.title}” does not apply today or here ({day.source if day else ''}).", "outside_circumstances"
    )

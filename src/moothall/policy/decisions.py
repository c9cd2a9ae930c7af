"""May an officer decide this? The check that moderation makes before it writes a decision down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import cel

from moothall.policy.facts import Circumstances, Facts, known_values
from moothall.policy.model import Clause, Policy
from moothall.policy.prospects import steps_foreseen
from moothall.policy.reasons import ground_in_words, joined, needed_first
from moothall.policy.standing import Act, record_counts
from moothall.policy.vocabulary import LABELLED_GROUNDS, STEPS
from moothall.words import JUDGED_INAPPROPRIATE, MEASURES, POLITICS, DomainError

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
    history: Sequence[Act] | None = None,
    day: date | None = None,
) -> Clause:
    """Return the clause under which an officer may take these measures for this ground.

    The ground need not have been found by a detector: by citing it the officer states it. What the clause asks of the
    day (``during``) binds officers too, an exception (``unless``) stated as true lifts the clause, and what a measure
    ``needs`` must be in ``stated``. ``history`` is counted as of ``day``, on which it is decided; left out, as of the day of
    the circumstances.

    Raises DomainError with one of the codes ``no_measure``, ``measure_unknown``, ``measures_contradict``,
    ``clause_unknown``, ``criticism_is_no_ground``, ``ground_unknown``, ``ground_not_in_clause``,
    ``measure_not_allowed``, ``politics_never_bans``, ``outside_period``, ``outside_circumstances``, ``exception_applies``,
    ``statement_required``, ``reason_required``.
    """
    chosen = [measures] if isinstance(measures, str) else list(measures)
    _check_measures(chosen)
    clause = policy.clause(clause_id)
    if clause is None:
        raise DomainError(f"The house rules have no clause “{clause_id}”.", "clause_unknown")
    _check_ground(policy, clause, ground)
    if (clause.reason_required or ground == JUDGED_INAPPROPRIATE) and not reason.strip():
        raise DomainError("Write down the reason: this clause rests on an officer's judgement.", "reason_required")
    removals = [measure for measure in chosen if measure != "ignore"]
    if not removals:
        return clause
    not_allowed = [measure for measure in removals if measure not in clause.measures]
    if not_allowed:
        message = f"“{clause.title}” does not allow {joined(not_allowed, 'or')}. It allows {joined(clause.measures)}."
        raise DomainError(message, "measure_not_allowed")
    if ground in POLITICS and "block" in removals:
        message = "Nobody is blocked for party politics. Choose another measure, or the ground that the block rests on."
        raise DomainError(message, "politics_never_bans")
    context = _context(policy, circumstances, stated, platform, history, day)
    _check_open(clause, context, circumstances)
    for measure in removals:
        need = clause.needs.get(measure)
        if need is not None and need.outcome(context) is not True:
            raise DomainError(needed_first(policy, need), "statement_required")
    return clause


def check_step(
    policy: Policy,
    clause_id: str,
    ground: str,
    step: str,
    *,
    circumstances: Circumstances,
    stated: Mapping[str, bool] = _NO_FACTS,
    platform: str | None = None,
    history: Sequence[Act] | None = None,
    day: date | None = None,
) -> Clause:
    """Return the clause under which an officer may warn an author, ask for something to be taken down or give notice.

    Raises DomainError: ``step_unknown``, ``step_not_in_rules`` for a step that the rules do not ask for under this clause, and
    of ``check_decision`` those about the clause, the ground, the day and the exception.
    """
    if step not in STEPS:
        raise DomainError(f"“{step}” is not a step. There are: {', '.join(STEPS)}.", "step_unknown")
    clause = policy.clause(clause_id)
    if clause is None:
        raise DomainError(f"The house rules have no clause “{clause_id}”.", "clause_unknown")
    _check_ground(policy, clause, ground)
    if step not in steps_foreseen(policy, clause, ground):
        raise DomainError(f"The house rules do not ask for this under “{clause.title}”.", "step_not_in_rules")
    _check_open(clause, _context(policy, circumstances, stated, platform, history, day), circumstances)
    return clause


def _context(
    policy: Policy,
    circumstances: Circumstances,
    stated: Mapping[str, bool],
    platform: str | None,
    history: Sequence[Act] | None,
    day: date | None,
) -> cel.Context:
    facts = Facts(platform=platform, stated=stated, history=history)
    known = known_values(policy, None, facts, circumstances)
    if history is not None and day is not None:
        known |= record_counts(policy, history, day)
    return cel.Context(variables=known)


def _check_open(clause: Clause, context: cel.Context, circumstances: Circumstances) -> None:
    """Refuse what the day bars, and what the clause's exception lifts."""
    if clause.during is not None and clause.during.outcome(context) is not True:
        _refuse_for_the_day(clause, circumstances)
    if clause.unless is not None and clause.unless.outcome(context) is True:
        message = f"“{clause.title}” does not apply here: its exception holds ({clause.unless.source})."
        raise DomainError(message, "exception_applies")


def _check_measures(chosen: Sequence[str]) -> None:
    if not chosen:
        raise DomainError("Choose at least one measure.", "no_measure")
    for measure in chosen:
        if measure not in MEASURES:
            raise DomainError(f"“{measure}” is not a measure. There are: {', '.join(MEASURES)}.", "measure_unknown")
    if "ignore" in chosen and len(set(chosen)) > 1:
        raise DomainError("A comment is either left alone or acted on, not both.", "measures_contradict")


def _check_ground(policy: Policy, clause: Clause, ground: str) -> None:
    if ground == "criticism":
        raise DomainError("Criticism of the council is never a ground.", "criticism_is_no_ground")
    if ground not in LABELLED_GROUNDS and ground not in policy.fact_grounds:
        raise DomainError(f"“{ground}” is not a ground.", "ground_unknown")
    if ground not in clause.grounds:
        covered = joined([ground_in_words(each) for each in clause.grounds]) or "no ground"
        message = f"“{clause.title}” does not cover {ground_in_words(ground)}. It covers {covered}."
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

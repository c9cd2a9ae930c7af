"""Can a clause ever apply, and does it rest on something that was written? Tried with every combination of values."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import cel

from moothall.policy.condition import Condition, Value, sample_counts, sample_days, samples_of
from moothall.policy.document import FaultList, Place
from moothall.policy.model import Clause
from moothall.policy.vocabulary import NO_SUBSTANCE, SUBSTANCE, Name
from moothall.words import POLITICS

#: A clause with more combinations than this is refused: what cannot be tried cannot be vouched for.
_MOST: Final = 50_000


def check_reach(clause: Clause, vocabulary: Mapping[str, Name], place: Place, faults: FaultList) -> None:
    """Note a clause that can never apply, a measure it can never allow, and a ground proved by nothing that was written."""
    conditions = [each for each in (clause.when, clause.during, clause.unless) if each is not None]
    allowed = [measure for measure in clause.measures if measure != "ignore"]
    reachable = _combinations(conditions, vocabulary, clause.grounds)
    if reachable is None:
        message = f"The clause “{clause.id}” uses too many names at once in “when”, “during” and “unless”."
        faults.note(place, "condition_too_wide", message, "Make two clauses of it.")
        return
    applies = [values for values in reachable if _applies(clause, values)]
    if not applies:
        message = f"The clause “{clause.id}” can never apply: its condition and its grounds exclude each other."
        faults.note(place, "unreachable_clause", message, "Read “when”, “during”, “unless” and “grounds” side by side.")
        return
    proved = clause.proves
    if proved is not None and any(not _substance(values, vocabulary, proved) for values in applies):
        message = (
            f"The clause “{clause.id}” would prove “{clause.proves}” from nothing that was written: "
            "a route, the day, the place or somebody's past is never a ground."
        )
        faults.note(
            place, "proves_from_nothing", message, "Name in “when” what the comment says or what an officer states."
        )
    for measure in allowed:
        need = clause.needs.get(measure)
        if need is not None and not _together(clause, need, vocabulary):
            message = f"“{measure}” can never be allowed: what it needs excludes what the clause asks for."
            faults.note(place, "unreachable_measure", message)


def _combinations(
    conditions: Sequence[Condition], vocabulary: Mapping[str, Name], grounds: Sequence[str]
) -> list[dict[str, Value]] | None:
    """Return every combination of values worth trying, None where there are too many."""
    names = list(dict.fromkeys([*(name for each in conditions for name in each.names)]))
    counts, days = sample_counts(conditions), sample_days(conditions)
    samples = [samples_of(vocabulary[name], counts, days) for name in names]
    number = 1
    for sample in samples:
        number *= len(sample)
        if number > _MOST:
            return None
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*samples)]


def _applies(clause: Clause, values: Mapping[str, Value]) -> bool:
    """Return whether the clause applies with these values; a ground no condition names may be there."""
    context = cel.Context(variables=dict(values))
    if clause.when.outcome(context) is not True:
        return False
    if clause.during is not None and clause.during.outcome(context) is not True:
        return False
    if clause.unless is not None and clause.unless.outcome(context) is True:
        return False
    if clause.proves is not None or not clause.grounds:
        return True
    return any(values.get(ground, True) for ground in clause.grounds)


def _substance(values: Mapping[str, Value], vocabulary: Mapping[str, Name], proved: str) -> bool:
    """Return whether something that was written, stated or repeated is among what is true.

    Politics shows politics and nothing else: else it could count towards a ban under another name.
    """
    for name, value in values.items():
        if name in POLITICS and proved not in POLITICS:
            continue
        if name in NO_SUBSTANCE or vocabulary[name].group not in SUBSTANCE:
            continue
        # Said once is not said again: a first comment is no repetition of anything.
        least = 1 if name in ("repeat_posts", "repeat_times", "same_issue") else 0
        if value is True or (not isinstance(value, bool) and isinstance(value, int) and value > least):
            return True
    return False


def _together(clause: Clause, need: Condition, vocabulary: Mapping[str, Name]) -> bool:
    conditions = [each for each in (clause.when, clause.during, clause.unless, need) if each is not None]
    reachable = _combinations(conditions, vocabulary, clause.grounds)
    if reachable is None:
        return True
    return any(_applies(clause, values) and need.outcome(cel.Context(variables=values)) is True for values in reachable)

"""What comes with a measure that an officer has in mind: the step before it, who confirms it, how the author is told, the ban.

Pure. ``history`` is everything that stands against the author; ``earlier`` is the same without what was done about the comment
in hand, so that a warning about this comment is a step taken and not a second breach. Left out, it is ``history``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from moothall.policy.model import Clause, Policy, Rung
from moothall.policy.standing import Act, Ban, ban_from, ban_rule, ban_rung, rung_holds, step_before
from moothall.words import POLITICS, in_order_of_force

Record = Sequence[Act] | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """One measure under one clause for one ground, as it would stand on a day.

    ``step``: what must come first, ``none`` when nothing must; ``until``: the day from which a notice has had its time.
    ``notify`` and ``letter``: how the author is told of the measure. ``ban``: for a block, else None.
    """

    measure: str
    step: str
    until: date | None
    second_person: bool
    notify: str
    letter: str
    ban: Ban | None
    rung: str | None


def prospect(
    policy: Policy, clause: Clause, ground: str, measure: str, history: Record, day: date, earlier: Record = None
) -> Prospect:
    """Return what comes with ``measure`` under this clause for this ground on ``day``."""
    before = history if earlier is None else earlier
    rung = rung_to(policy, clause, ground, measure, before, day)
    which = ban_rung(policy, [ground], before, day) if measure == "block" else None
    rungs = [each for each in (rung, which) if each is not None and measure in (each.measure, *each.letters)]
    notify = next((each.notify for each in rungs if each.notify), "")
    notify = notify or clause.notify.get(measure) or policy.settings.notify.get(measure) or "none"
    # What is said of this very ban goes before what is said of the rung that led to it.
    letter = next((each.letters[measure] for each in reversed(rungs) if measure in each.letters), "")
    step = _step(clause, ground, measure, rung, history, day)
    return Prospect(
        measure=measure,
        step=step,
        until=_until(clause, rung, history) if step == "await_representations" else None,
        second_person=_confirmed_by_another(policy, clause, measure, rung),
        notify=notify,
        letter=letter or clause.letters.get(measure, ""),
        ban=ban_from(ban_rule(policy, clause, which), day) if measure == "block" else None,
        rung=rung.id if rung else None,
    )


def pending_step(
    policy: Policy,
    clause: Clause,
    ground: str,
    measures: Sequence[str],
    history: Record,
    day: date,
    earlier: Record = None,
) -> str:
    """Return the step that must come before these measures, asked of the most forceful first; ``none`` when none must."""
    for measure in reversed(in_order_of_force(measures)):
        step = prospect(policy, clause, ground, measure, history, day, earlier).step
        if step != "none":
            return step
    return "none"


def needs_second_person(
    policy: Policy,
    clause: Clause,
    ground: str,
    measures: Sequence[str],
    history: Record,
    day: date,
    earlier: Record = None,
) -> bool:
    """Return whether a second officer confirms one of these measures: by the clause, for all, or by the rung that leads there."""
    return any(
        prospect(policy, clause, ground, measure, history, day, earlier).second_person
        for measure in measures
        if measure != "ignore"
    )


def steps_foreseen(policy: Policy, clause: Clause, ground: str) -> frozenset[str]:
    """Return the steps that the rules ask for under this clause, before one of its measures or on a rung of the ladder."""
    rungs = [
        rung
        for rung in policy.ladder
        if clause.raises and ground not in policy.no_strike and (not rung.grounds or ground in rung.grounds)
    ]
    return frozenset({*clause.first.values(), *(rung.first for rung in rungs)} - {""})


def step_told(policy: Policy, clause: Clause, ground: str, step: str, earlier: Record, day: date) -> tuple[str, str]:
    """Return how the author is told of ``step`` (``dm`` or ``public_note``) and the name of the letter, empty for none."""
    rung = _rung_with(policy, clause, ground, step, earlier, day)
    notify = (rung.notify if rung else "") or clause.notify.get(step) or policy.settings.notify.get(step, "")
    letter = (rung.letters.get(step, "") if rung else "") or clause.letters.get(step, "")
    # A warning that nobody receives is none.
    return (notify if notify not in ("", "none") else "dm"), letter


def step_now(
    policy: Policy, clause: Clause, ground: str, rung_id: str | None, history: Record, earlier: Record, day: date
) -> str:
    """Return the step that an assessment asked for, as it stands on ``day``: ``none`` once it is taken and has had its time.

    ``rung_id``: the rung of the ladder that asked for it, None when the clause itself did.
    """
    rung = next((each for each in policy.ladder if each.id == rung_id), None)
    if rung is not None and rung.first:
        return step_before(rung.first, rung.wait, rung.within, history, day)
    return pending_step(policy, clause, ground, [clause.recommends], history, day, earlier)


def time_to_answer(policy: Policy, clause: Clause, ground: str, earlier: Record, day: date) -> date | None:
    """Return the day on which a notice of intent sent on ``day`` has had its time; None where the rules set none."""
    rung = _rung_with(policy, clause, ground, "notice_of_intent", earlier, day)
    wait = rung.wait if rung is not None else clause.wait
    return wait.add(day) if wait is not None else None


def rung_to(policy: Policy, clause: Clause, ground: str, measure: str, earlier: Record, day: date) -> Rung | None:
    """Return the last rung of the ladder that holds for this ground and leads to this measure, or None."""
    if not clause.raises:
        return None
    for rung in reversed(policy.ladder):
        if rung.measure == measure and rung_holds(policy, rung, [ground], earlier, day):
            return rung
    return None


def _rung_with(policy: Policy, clause: Clause, ground: str, step: str, earlier: Record, day: date) -> Rung | None:
    """Return the last rung that holds for this ground and asks for this step."""
    if not clause.raises:
        return None
    for rung in reversed(policy.ladder):
        if rung.first == step and rung_holds(policy, rung, [ground], earlier, day):
            return rung
    return None


def _step(clause: Clause, ground: str, measure: str, rung: Rung | None, history: Record, day: date) -> str:
    if rung is not None:
        return step_before(rung.first, rung.wait, rung.within, history, day)
    politics = ground in POLITICS
    first = clause.first.get(measure, "")
    return step_before(first, clause.wait, clause.first_within, history, day, politics=politics)


def _until(clause: Clause, rung: Rung | None, history: Record) -> date | None:
    wait = rung.wait if rung is not None else clause.wait
    notices = [act.day for act in history or () if act.measure == "notice"]
    return wait.add(max(notices)) if wait is not None and notices else None


def _confirmed_by_another(policy: Policy, clause: Clause, measure: str, rung: Rung | None) -> bool:
    return (
        measure in clause.second_person
        or measure in policy.settings.second_person
        or (rung is not None and rung.second_person)
    )

"""What follows from the clauses that apply: the ladder, the steps, who confirms, how people are told, the ban, the reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from moothall.policy.calendar import working_days_after
from moothall.policy.facts import Facts, Signals
from moothall.policy.model import Policy, RouteRule, Rung
from moothall.policy.outcome import EngagedClause, Step
from moothall.policy.standing import (
    REVIEW_REPLY,
    Act,
    Review,
    review_of,
    rung_holds,
    step_before,
)
from moothall.words import MEASURES

#: Measures by their force, the least intrusive nought.
FORCE: Final = {measure: force for force, measure in enumerate(MEASURES)}


def up_the_ladder(
    policy: Policy,
    lead: EngagedClause,
    step: str,
    open_to: Sequence[EngagedClause],
    history: Sequence[Act] | None,
    earlier: Sequence[Act] | None,
    day: date | None,
    trace: list[Step],
) -> tuple[EngagedClause, str, str, Rung | None]:
    """Return what the last rung that holds makes of it; it never lowers a recommendation.

    ``earlier`` is the record without what was done about this comment: a warning about it is a step, not another breach.
    """
    recommended = lead.recommended if lead in open_to else "ignore"
    # A rung that is a step alone has nothing to add where a clause asks for a step itself, or blocks at once.
    settled = step != "none" or recommended == "block"
    for rung in reversed(policy.ladder):
        if not rung.measure and settled:
            continue
        carriers = [
            clause
            for clause in open_to
            if clause.certain
            and (not rung.measure or rung.measure in clause.measures)
            and rung_holds(policy, rung, clause.grounds, earlier, day)
        ]
        if not carriers:
            continue
        carrier = lead if lead in carriers else carriers[0]
        wanted = step_before(rung.first, rung.wait, rung.within, history, day)
        trace.append(Step(carrier.id, "ladder", rung.id, "true", f"strike {rung.strikes} or more: {rung.title}"))
        if wanted != "none":
            return lead, recommended, wanted, rung
        if not rung.measure:
            continue
        if FORCE[rung.measure] >= FORCE[recommended]:
            return carrier, rung.measure, "none", rung
        return lead, recommended, step, rung
    return lead, recommended, step, None


def told(
    policy: Policy,
    lead: EngagedClause | None,
    rung: Rung | None,
    ban: Rung | None,
    recommended: str,
    step: str,
) -> tuple[bool, str, str]:
    """Return whether a second officer confirms the measure, how the author is told, and the letter for it.

    ``rung`` led to the measure or the step; ``ban`` is the rung that says which ban a block would be.
    """
    clause = policy.clause(lead.id) if lead is not None else None
    act = step if step not in ("none", "await_representations") else recommended
    if clause is None or (act == "ignore" and step == "none"):
        return False, "none", ""
    rungs = [each for each in (rung, ban) if each is not None and act in (each.measure, each.first, *each.letters)]
    second = recommended != "ignore" and (
        recommended in clause.second_person
        or recommended in policy.settings.second_person
        or (rung is not None and rung.second_person and recommended == rung.measure)
    )
    if act == "ignore":
        return second, "none", ""
    notify = next((each.notify for each in rungs if each.notify), "")
    notify = notify or clause.notify.get(act) or policy.settings.notify.get(act, "")
    letter = next((each.letters[act] for each in (ban, rung) if each in rungs and act in each.letters), "")
    # A warning that nobody receives is none: a step is told directly unless the file says otherwise.
    return second, notify or ("dm" if step == act else "none"), letter or clause.letters.get(act, "")


def carrier_of(engaged: Sequence[EngagedClause], lead: EngagedClause | None) -> EngagedClause | None:
    """Return the clause under which a block would be made: the leading one where it allows that, else the first that does."""
    able = [clause for clause in engaged if "block" in clause.measures]
    return lead if lead is not None and lead in able else next(iter(able), None)


def reply_to(
    policy: Policy, engaged: Sequence[EngagedClause], signals: Signals, facts: Facts, day: date | None
) -> tuple[str, Review | None]:
    """Return what the person is answered: help first, then the review asked for, then the clauses, then the route."""
    review = None
    if facts.stated.get("review_request") and facts.history is not None and day is not None:
        review = review_of(policy, facts.history, day)
    reply = policy.routes.get(signals.route, RouteRule(signals.route, "none")).reply
    if signals.route == "safeguard":
        return reply, review
    if review is not None:
        return REVIEW_REPLY[review.status], review
    if engaged:
        rules = [clause for each in engaged if (clause := policy.clause(each.id)) is not None]
        own = next((clause.reply for clause in rules if clause.reply), "")
        if own:
            return own, None
        if reply == "answer" and not all(clause.answered for clause in rules):
            return "none", None
    return reply, None


def reply_due(policy: Policy, reply: str, day: date | None) -> date | None:
    promised = policy.settings.reply_working_days
    if promised is None or day is None or reply == "none":
        return None
    return working_days_after(day, promised)

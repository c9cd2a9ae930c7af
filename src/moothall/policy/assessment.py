"""Hold one comment against the policy: which clauses apply, what is allowed, what is recommended, and why.

A pure function: the same input gives the same output. How clauses combine is fixed and no file changes it:

* a clause applies when its condition is true, its ``during`` is true, its ``unless`` is not true, and one of its
  grounds was found; what is unknown never makes a clause apply;
* a measure is allowed under the clause that allows it; the union of all clauses is for display;
* of the clauses that apply the strongest recommendation counts, ties by the order of the file;
* then the ladder: its last rung that holds may raise the recommendation to a measure that one of those clauses allows,
  or put a step before it;
* an unsure reading, and a person at risk, are recommended ``ignore``: a person looks first;
* criticism in which the reader only suspects something else is offered nothing but ``ignore``;
* party politics never allows a block and never counts towards one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import cel

from moothall.policy.calendar import london_day
from moothall.policy.condition import Condition, Value, in_words
from moothall.policy.consequences import FORCE, carrier_of, reply_due, reply_to, told, up_the_ladder
from moothall.policy.facts import Circumstances, Facts, Signals, earlier_acts, known_values
from moothall.policy.model import Clause, Policy, Rung
from moothall.policy.outcome import Assessment, EngagedClause, FoundGround, Step
from moothall.policy.reasons import refusals, why
from moothall.policy.standing import Act, ban_from, ban_rule, ban_rung, step_before
from moothall.words import ACCOUNT_PHASE, GROUNDS, MEASURES, POLITICS, Signal

#: Grounds that harm somebody else as long as the comment stands: taking it down is part of the help.
_HARM_TO_ANOTHER: Final = frozenset({"threat", "personal_info"})
#: So many outcomes are remembered for each condition; most conditions have a handful.
_MOST_SEEN: Final = 4096
#: What an officer states is certain; what a detector says about the same thing is a suspicion for the officer to look at.
_STATED: Final = Signal(1.0, (), "officer", "")
_SUSPECTED: Final = Signal(0.5, (), "detector", "")
_RECOMMENDED_FROM: Final = 0.7
#: The order of the queue, 1 first: life; legal and private; visible abuse; spam; questions; requests; politics; rest.
_URGENCY_OF_GROUND: Final[Mapping[str, int]] = {
    "defamation": 2,
    "contempt": 2,
    "copyright": 2,
    "personal_info": 2,
    "threat": 3,
    "abuse": 3,
    "discrimination": 3,
    "distress": 3,
    "brand_misuse": 3,
    "judged_inappropriate": 3,
    "spam": 4,
    "party_political": 7,
}
_URGENCY_OF_ROUTE: Final[Mapping[str, int]] = {
    "safeguard": 1,
    "answer": 5,
    "customer_service": 6,
    "report_it": 6,
    "councillor": 7,
}


def assess(policy: Policy, signals: Signals, facts: Facts, circumstances: Circumstances) -> Assessment:
    """Return the assessment of one comment under ``policy``. Pure; never raises for what a detector may hand in."""
    found = _found(policy, signals, facts)
    known = known_values(policy, signals, facts, circumstances)
    arrived = london_day(circumstances.date) if circumstances.date is not None else None
    # What stands against somebody stands today, however old the comment is.
    day = facts.today or arrived
    earlier = earlier_acts(facts) if facts.history is not None else None
    trace: list[Step] = []
    engaged: list[EngagedClause] = []
    waiting: dict[str, Condition] = {}
    for clause in policy.clauses:
        grounds = _applies(clause, found, known, trace)
        if grounds is not None:
            engaged.append(_engage(policy, clause, grounds, found, known, trace, waiting, facts.history, day))
    if engaged:
        engaged = _spared(engaged, signals, policy, found, trace)
    lead, recommended, step, rung = _recommended(policy, engaged, signals, found, facts.history, earlier, day, trace)
    allowed = {measure for clause in engaged for measure in clause.measures}
    measures = tuple([measure for measure in MEASURES if measure == "ignore" or measure in allowed])
    reply, review = reply_to(policy, engaged, signals, facts, day)
    carrier = carrier_of(engaged, lead) if engaged else None
    ban_by = ban_rung(policy, carrier.grounds, earlier, day) if carrier is not None and policy.ladder else None
    ban = None
    if carrier is not None and day is not None:
        ban = ban_from(ban_rule(policy, policy.clause(carrier.id), ban_by), day)
    second, notify, letter = told(policy, lead, rung, ban_by, recommended, step) if engaged else (False, "none", "")
    return Assessment(
        route=signals.route,
        also=tuple(signals.also),
        grounds=_listed(found, engaged),
        criticism=bool(signals.criticism),
        unsure=bool(signals.unsure),
        measures=measures,
        recommended=recommended,
        reply=reply,
        urgency=_urgency(signals.route, found),
        campaign=facts.campaign,
        why=why(policy, engaged, found, recommended, signals, reply, circumstances.pre_election, lead, step, rung),
        policy_version=policy.version,
        model_version=getattr(signals, "model_version", "") or "",
        clauses=tuple(engaged),
        refused=refusals(policy, engaged, measures, waiting),
        trace=tuple(trace),
        leading=lead.id if lead is not None else None,
        rung=rung.id if rung is not None else None,
        step=step,
        second_person=second,
        notify=notify,
        letter=letter,
        ban=ban,
        reply_due=reply_due(policy, reply, arrived),
        review=review,
    )


def _found(policy: Policy, signals: Signals, facts: Facts) -> dict[str, Signal]:
    """Return the grounds at or over their threshold, in the order of the vocabulary, then the facts that may be grounds."""
    thresholds = policy.settings.thresholds
    given = signals.grounds
    found = {
        ground: given[ground]
        for ground in GROUNDS
        if ground in given and given[ground].probability >= thresholds[ground].engage
    }
    for name, stated in facts.stated.items():
        if stated and name in policy.fact_grounds:
            found[name] = _STATED
    if signals.off_topic and "off_topic" in policy.fact_grounds and "off_topic" not in facts.stated:
        found["off_topic"] = _SUSPECTED
    return found


def _applies(
    clause: Clause,
    found: dict[str, Signal],
    known: Mapping[str, Value],
    trace: list[Step],
) -> tuple[str, ...] | None:
    """Return the grounds for which the clause applies, None when it does not. ``found`` gains what a clause proves.

    A clause that names no grounds can allow nothing; it may still say how to reply.
    """
    if not _holds(clause, "when", clause.when, known, trace):
        return None
    if clause.during is not None and not _holds(clause, "during", clause.during, known, trace):
        return None
    if clause.unless is not None and _holds(clause, "unless", clause.unless, known, trace):
        return None
    if not clause.grounds:
        return ()
    if clause.proves is not None and clause.proves not in found:
        found[clause.proves] = Signal(1.0, (), "policy", clause.id)
    grounds = tuple([ground for ground in clause.grounds if ground in found])
    if not grounds:
        because = "none of its grounds was found: " + ", ".join(clause.grounds)
        trace.append(Step(clause.id, "grounds", ", ".join(clause.grounds), "false", because))
        return None
    return grounds


def _holds(clause: Clause, part: str, condition: Condition, known: Mapping[str, Value], trace: list[Step]) -> bool:
    """Return whether a condition of the clause is true, and add to the trace how that came."""
    values = condition.values(known)
    step: Step | None = condition.seen.get(values)
    if step is None:
        outcome = condition.outcome(cel.Context(variables=dict(known)))
        step = Step(clause.id, part, condition.source, in_words(outcome), condition.because(known, outcome))
        if len(condition.seen) >= _MOST_SEEN:
            condition.seen.clear()
        condition.seen[values] = step
    trace.append(step)
    return step.outcome == "true"


def _engage(
    policy: Policy,
    clause: Clause,
    grounds: tuple[str, ...],
    found: Mapping[str, Signal],
    known: Mapping[str, Value],
    trace: list[Step],
    waiting: dict[str, Condition],
    history: Sequence[Act] | None,
    day: date | None,
) -> EngagedClause:
    measures = clause.measures
    politics = bool(grounds) and set(grounds) <= set(POLITICS)
    if politics and "block" in measures:
        measures = tuple([measure for measure in measures if measure != "block"])
        trace.append(Step(clause.id, "floor", "block", "false", "nobody is blocked for party politics"))
    if clause.needs:
        allowed = []
        for measure in measures:
            need = clause.needs.get(measure)
            if need is None or _holds(clause, f"needs {measure}", need, known, trace):
                allowed.append(measure)
            else:
                waiting.setdefault(measure, need)
        measures = tuple(allowed)
    thresholds = policy.settings.thresholds
    # What an account is called only raises the question: an officer says whether people could be misled.
    certain = any(
        found[ground].probability >= (thresholds[ground].recommend if ground in thresholds else _RECOMMENDED_FROM)
        and (found[ground].phase != ACCOUNT_PHASE or known.get("confusing") is True)
        for ground in grounds
    )
    if certain and clause.raises and clause.recommend_when is not None:
        certain = _holds(clause, "recommend_when", clause.recommend_when, known, trace)
    recommended = clause.recommends if certain and clause.recommends in measures else "ignore"
    step, held_back = "none", "ignore"
    if recommended in clause.first:
        step = step_before(
            clause.first[recommended],
            clause.wait,
            clause.first_within,
            history,
            day,
            politics=politics,
        )
        if step != "none":
            because = f"{recommended} comes after this step"
            trace.append(Step(clause.id, "first", clause.first[recommended], step, because))
            held_back = recommended
            recommended = clause.meanwhile if clause.meanwhile in measures else "ignore"
    return EngagedClause(
        clause.id,
        clause.kind,
        clause.title,
        clause.public,
        grounds,
        measures,
        recommended,
        clause.second_person,
        clause.letters,
        clause.lane,
        step,
        held_back,
        # The ladder counts what would be acted on: not what the clause allows nothing for just now.
        certain and clause.raises and len(measures) > 1 and clause.recommends in measures,
    )


def _spared(
    engaged: list[EngagedClause],
    signals: Signals,
    policy: Policy,
    found: Mapping[str, Signal],
    trace: list[Step],
) -> list[EngagedClause]:
    """Return the clauses that stand beside criticism: where the reading is in doubt, criticism is what it is.

    A clause that facts prove (spam), or that rests on what an officer stated, stands. An officer who sees what the reader
    doubts can still cite any clause.
    """
    if not (signals.criticism and signals.unsure):
        return engaged
    standing = []
    for clause in engaged:
        rule = policy.clause(clause.id)
        proved = rule is not None and rule.proves in clause.grounds
        if proved or not clause.grounds or any(found[ground].phase == _STATED.phase for ground in clause.grounds):
            standing.append(clause)
        else:
            because = "it is criticism, and whether it is anything else is in doubt"
            trace.append(Step(clause.id, "floor", "!(criticism && unsure)", "false", because))
    return standing


def _recommended(
    policy: Policy,
    engaged: Sequence[EngagedClause],
    signals: Signals,
    found: Mapping[str, Signal],
    history: Sequence[Act] | None,
    earlier: Sequence[Act] | None,
    day: date | None,
    trace: list[Step],
) -> tuple[EngagedClause | None, str, str, Rung | None]:
    """Return the leading clause, the measure recommended, the step that comes first, and the rung that holds."""
    if not engaged:
        return None, "ignore", "none", None
    first = engaged[0]
    if signals.unsure:
        return first, "ignore", "none", None
    open_to = engaged
    if signals.route == "safeguard":
        # A threat that was found or stated; one that a file's condition proves is none to go by.
        harm = {ground for ground in _HARM_TO_ANOTHER if ground in found and found[ground].phase != "policy"}
        open_to = [clause for clause in engaged if not harm.isdisjoint(clause.grounds)]
    lead: EngagedClause | None = None
    for clause in open_to:
        if clause.recommended != "ignore" and (lead is None or FORCE[clause.recommended] > FORCE[lead.recommended]):
            lead = clause
    # A step before a measure that another clause takes at once, or goes beyond, has nothing to hold back.
    least = FORCE[lead.recommended] if lead is not None else 0
    holding = next((clause for clause in open_to if FORCE[clause.held_back] > least), None)
    step = holding.step if holding is not None else "none"
    if lead is None:
        lead = holding or first
    if signals.route == "safeguard":
        # Help first: nothing is asked of somebody at risk, nobody is warned, and no ladder is climbed.
        return lead, lead.recommended if lead in open_to else "ignore", "none", None
    if not policy.ladder:
        return lead, lead.recommended if lead in open_to else "ignore", step, None
    return up_the_ladder(policy, lead, step, open_to, history, earlier, day, trace)


def _listed(found: Mapping[str, Signal], engaged: Sequence[EngagedClause]) -> tuple[FoundGround, ...]:
    return tuple(
        [
            FoundGround(
                name,
                round(float(signal.probability), 4),
                tuple([clause.id for clause in engaged if name in clause.grounds]),
                tuple(signal.evidence),
            )
            for name, signal in found.items()
        ]
    )


def _urgency(route: str, found: Mapping[str, Signal]) -> int:
    urgency = _URGENCY_OF_ROUTE.get(route, 8)
    for ground in found:
        urgency = min(urgency, _URGENCY_OF_GROUND.get(ground, 8))
    return urgency

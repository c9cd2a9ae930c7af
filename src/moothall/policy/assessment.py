"""Hold one comment against the policy: which clauses apply, what is allowed, what is recommended, and why.

A pure function: the same input gives the same output. How clauses combine is fixed and no file changes it:

* a clause applies when its condition is true, its ``during`` is true, its ``unless`` is not true, and one of its
  grounds was found; what is unknown never makes a clause apply;
* a measure is allowed under the clause that allows it; the union of all clauses is for display;
* of the clauses that apply the strongest recommendation counts, ties by the order of the file;
* an unsure reading, and a person at risk, are recommended ``ignore``: a person looks first;
* criticism in which the reader only suspects something else is offered nothing but ``ignore``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import cel

from moothall.policy.condition import Condition, Value, in_words
from moothall.policy.model import Clause, Policy, RouteRule
from moothall.policy.reasons import refusals, why
from moothall.words import GROUNDS, MEASURES, Evidence, Signal

_FORCE: Final = {measure: force for force, measure in enumerate(MEASURES)}
#: Grounds that harm somebody else as long as the comment stands: taking it down is part of the help.
_HARM_TO_ANOTHER: Final = frozenset({"threat", "personal_info"})
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


class Signals(Protocol):
    """What was read in one comment. A ground that is not in ``grounds`` is unknown.

    A reader may also have ``all_grounds``, what it looked for whether it found it or not: a ground that is there and
    not in ``grounds`` is false.
    """

    @property
    def route(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def grounds(self) -> Mapping[str, Signal]: ...
    @property
    def criticism(self) -> bool: ...
    @property
    def unsure(self) -> bool: ...
    @property
    def off_topic(self) -> bool | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def conduct_in_office(self) -> bool | None: ...
    @property
    def model_version(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the text. ``repeats`` counts the *other* posts with near-identical text by this author.

    ``stated`` holds what an officer said: the facts the policy lists, and ``off_topic``; it wins over a detector.
    """

    repeats: int | None = None
    campaign: str | None = None
    platform: str | None = None
    stated: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is true of the day. ``pre_election`` None: not known, so nothing is removable for politics."""

    pre_election: bool | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundGround:
    """A ground at or over its threshold, and the ids of the clauses that apply because of it."""

    name: str
    probability: float
    clauses: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class EngagedClause:
    """A clause that applies to this comment, with what it allows and recommends here."""

    id: str
    kind: str
    title: str
    public: str
    grounds: tuple[str, ...]
    measures: tuple[str, ...]
    recommended: str
    second_person: tuple[str, ...]
    letter: Mapping[str, str]
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trace. ``part`` is the clause's key that was looked at; ``outcome`` true, false or unknown."""

    clause: str
    part: str
    condition: str
    outcome: str
    because: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything the triage output holds but the id, and beside it the clauses, the refusals and the trace."""

    route: str
    also: tuple[str, ...]
    grounds: tuple[FoundGround, ...]
    criticism: bool
    unsure: bool
    measures: tuple[str, ...]
    recommended: str
    reply: str
    urgency: int
    campaign: str | None
    why: str
    policy_version: str
    model_version: str
    clauses: tuple[EngagedClause, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the object of the triage output without its ``id``, ready for JSON, keys in the documented order."""
        return {
            "route": self.route,
            "also": list(self.also),
            "grounds": [
                {
                    "name": ground.name,
                    "probability": ground.probability,
                    "clauses": list(ground.clauses),
                    "evidence": [{"start": e.start, "end": e.end, "text": e.text} for e in ground.evidence],
                }
                for ground in self.grounds
            ],
            "criticism": self.criticism,
            "unsure": self.unsure,
            "measures": list(self.measures),
            "recommended": self.recommended,
            "reply": self.reply,
            "urgency": self.urgency,
            "campaign": self.campaign,
            "why": self.why,
            "policy_version": self.policy_version,
            "model_version": self.model_version,
        }


def assess(policy: Policy, signals: Signals, facts: Facts, circumstances: Circumstances) -> Assessment:
    """Return the assessment of one comment under ``policy``. Pure; never raises for what a detector may hand in."""
    found = _found(policy, signals)
    known = known_values(policy, signals, facts, circumstances)
    context = cel.Context(variables=known)
    trace: list[Step] = []
    engaged: list[EngagedClause] = []
    waiting: dict[str, Condition] = {}
    unanswered = False
    for clause in policy.clauses:
        grounds = _applies(clause, found, known, context, trace)
        if grounds:
            engaged.append(_engage(policy, clause, grounds, found, known, context, trace, waiting))
            unanswered = unanswered or not clause.answered
    engaged = _spared(engaged, signals, policy, trace)
    recommended = _recommended(engaged, signals)
    allowed = {measure for clause in engaged for measure in clause.measures}
    measures = tuple(measure for measure in MEASURES if measure == "ignore" or measure in allowed)
    reply = policy.routes.get(signals.route, RouteRule(signals.route, "none")).reply
    if unanswered and reply == "answer":
        reply = "none"
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
        why=why(policy, engaged, found, recommended, signals, reply, circumstances.pre_election),
        policy_version=policy.version,
        model_version=getattr(signals, "model_version", "") or "",
        clauses=tuple(engaged),
        refused=refusals(policy, engaged, measures, waiting),
        trace=tuple(trace),
    )


def _found(policy: Policy, signals: Signals) -> dict[str, Signal]:
    """Return the grounds at or over their threshold, in the order of the vocabulary."""
    thresholds = policy.settings.thresholds
    given = signals.grounds
    return {
        ground: given[ground]
        for ground in GROUNDS
        if ground in given and given[ground].probability >= thresholds[ground].engage
    }


def known_values(
    policy: Policy, signals: Signals | None, facts: Facts, circumstances: Circumstances
) -> dict[str, Value]:
    """Return what is known by the names of the vocabulary. What is not known is not in it."""
    known: dict[str, Value] = {}
    if signals is not None:
        thresholds = policy.settings.thresholds
        for ground, signal in signals.grounds.items():
            # The officers' own judgement is theirs: a detector that claims it is not heard.
            if ground in GROUNDS:
                known[ground] = bool(signal.probability >= thresholds[ground].engage)
        # What was looked for and did not reach the reader's own threshold is known not to be there.
        for ground in getattr(signals, "all_grounds", ()):
            if ground in GROUNDS:
                known.setdefault(ground, False)
        known["criticism"] = bool(signals.criticism)
        known["unsure"] = bool(signals.unsure)
        known["route"] = signals.route
        for name in ("off_topic", "conduct_in_office"):
            value = getattr(signals, name, None)
            if value is not None:
                known[name] = bool(value)
        target = getattr(signals, "target", None)
        if target is not None:
            known["target"] = str(target)
    if facts.repeats is not None:
        # A file may claim any number; CEL counts in 64 bits.
        known["repeats"] = max(0, min(int(facts.repeats), 1_000_000))
    if facts.platform:
        known["platform"] = facts.platform
    for name, stated in facts.stated.items():
        if name in policy.facts or name == "off_topic":
            known[name] = bool(stated)
    if circumstances.pre_election is not None:
        known["pre_election"] = bool(circumstances.pre_election)
    return known


def _applies(
    clause: Clause,
    found: dict[str, Signal],
    known: Mapping[str, Value],
    context: cel.Context,
    trace: list[Step],
) -> tuple[str, ...]:
    """Return the grounds for which the clause applies, empty when it does not. ``found`` gains what a clause proves."""
    if not _holds(clause, "when", clause.when, known, context, trace):
        return ()
    if clause.during is not None and not _holds(clause, "during", clause.during, known, context, trace):
        return ()
    if clause.unless is not None and _holds(clause, "unless", clause.unless, known, context, trace):
        return ()
    if clause.proves is not None and clause.proves not in found:
        found[clause.proves] = Signal(1.0, (), "policy", clause.id)
    grounds = tuple([ground for ground in clause.grounds if ground in found])
    if not grounds:
        because = "none of its grounds was found: " + ", ".join(clause.grounds)
        trace.append(Step(clause.id, "grounds", ", ".join(clause.grounds), "false", because))
    return grounds


def _holds(
    clause: Clause,
    part: str,
    condition: Condition,
    known: Mapping[str, Value],
    context: cel.Context,
    trace: list[Step],
) -> bool:
    outcome = condition.outcome(context)
    because = condition.because(known, outcome)
    trace.append(Step(clause.id, part, condition.source, in_words(outcome), because))
    return outcome is True


def _engage(
    policy: Policy,
    clause: Clause,
    grounds: tuple[str, ...],
    found: Mapping[str, Signal],
    known: Mapping[str, Value],
    context: cel.Context,
    trace: list[Step],
    waiting: dict[str, Condition],
) -> EngagedClause:
    measures = clause.measures
    if clause.needs:
        allowed = []
        for measure in measures:
            need = clause.needs.get(measure)
            if need is None or _holds(clause, f"needs {measure}", need, known, context, trace):
                allowed.append(measure)
            else:
                waiting.setdefault(measure, need)
        measures = tuple(allowed)
    thresholds = policy.settings.thresholds
    certain = any(found[ground].probability >= thresholds[ground].recommend for ground in grounds)
    recommended = clause.recommends
    if recommended != "ignore" and not (
        certain
        and recommended in measures
        and (
            clause.recommend_when is None
            or _holds(clause, "recommend_when", clause.recommend_when, known, context, trace)
        )
    ):
        recommended = "ignore"
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
    )


def _spared(engaged: list[EngagedClause], signals: Signals, policy: Policy, trace: list[Step]) -> list[EngagedClause]:
    """Return the clauses that stand beside criticism: where the reading is in doubt, criticism is what it is.

    A clause that facts prove (spam) stands. An officer who sees what the reader doubts can still cite any clause.
    """
    if not (signals.criticism and signals.unsure):
        return engaged
    standing = []
    for clause in engaged:
        rule = policy.clause(clause.id)
        if rule is not None and rule.proves in clause.grounds:
            standing.append(clause)
        else:
            because = "it is criticism, and whether it is anything else is in doubt"
            trace.append(Step(clause.id, "floor", "!(criticism && unsure)", "false", because))
    return standing


def _recommended(engaged: Sequence[EngagedClause], signals: Signals) -> str:
    if signals.unsure:
        return "ignore"
    strongest = "ignore"
    for clause in engaged:
        if signals.route == "safeguard" and _HARM_TO_ANOTHER.isdisjoint(clause.grounds):
            continue
        if _FORCE[clause.recommended] > _FORCE[strongest]:
            strongest = clause.recommended
    return strongest


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

"""How a hand-in stands: what follows from its acts, and what the house rules offer for it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from moothall.council import queries as council
from moothall.moderation.models import HandIn, HandInAct, HandInDone
from moothall.policy import Act, Assessment, Clause, Facts, Policy, assess
from moothall.policy.calendar import london_day
from moothall.policy.prospects import Prospect, prospect
from moothall.signals.findings import Signals
from moothall.words import DomainError, Signal

#: A hand-in is about this ground alone: the council's name and pictures, passed off as genuine.
GROUND: Final = "brand_misuse"
#: What may be done about an account or picture that stands under none of the council's posts.
OFFERED: Final = ("block", "report")
_LEFT_BY_STEP: Final = {"warn": "warn", "ask_to_take_down": "warn", "notice_of_intent": "notice"}
_FIRST_IN_WORDS: Final = {
    "warn": "whoever runs it is warned",
    "ask_to_take_down": "whoever runs it is asked to take it down",
    "notice_of_intent": "whoever runs it is told of the intention and may answer",
}
Stage = Literal["to_state", "to_decide", "asked", "to_do", "done", "left_alone"]


@dataclass(frozen=True, slots=True)
class ToDo:
    """A measure of a decision that an officer has yet to carry out at the platform."""

    act: HandInAct
    measure: str


@dataclass(frozen=True, slots=True)
class HandInState:
    """A hand-in with its acts, oldest first. ``request``: the one that waits for a second officer; ``decision``: the one that
    stands; ``to_do``: what an officer has yet to carry out by hand, lifting a block that was taken back included."""

    hand_in: HandIn
    acts: tuple[HandInAct, ...]
    statement: HandInAct | None
    request: HandInAct | None
    decision: HandInAct | None
    to_do: tuple[ToDo, ...]

    @property
    def next_number(self) -> int:
        """The number that the next act will have."""
        return len(self.acts) + 1

    @property
    def stated(self) -> dict[str, bool]:
        """What an officer stated last, by the names of the house rules; empty until then."""
        if self.statement is None:
            return {}
        return {"confusing": bool(self.statement.confusing), "authorised": bool(self.statement.authorised)}

    @property
    def stage(self) -> Stage:
        """Where it stands: what comes next, or how it ended."""
        if self.decision is not None:
            if self.to_do:
                return "to_do"
            return "left_alone" if self.decision.measures == "ignore" else "done"
        if self.to_do:
            return "to_do"
        if self.request is not None:
            return "asked"
        return "to_state" if self.statement is None else "to_decide"


@dataclass(frozen=True, slots=True)
class Offer:
    """A clause that may be cited, and what comes with each of its measures; ``bars``: measure to why it is not offered."""

    clause: Clause
    measures: tuple[Prospect, ...]
    bars: tuple[tuple[str, str], ...]
    recommended: str


def hand_ins(before: int | None = None, limit: int = 50) -> list[HandInState]:
    """Return what was handed in, newest first; ``before``: only those with a smaller number."""
    rows = _rows() if before is None else _rows().filter(pk__lt=before)
    return [state_of(row) for row in rows.order_by("-pk")[:limit]]


def hand_in_state(hand_in_id: int) -> HandInState | None:
    """Return how a hand-in stands, None when there is no such one."""
    row = _rows().filter(pk=hand_in_id).first()
    return state_of(row) if row is not None else None


def requests_waiting() -> list[HandInAct]:
    """Return what waits for a second officer, that which waits longest first."""
    later = HandInAct.objects.filter(hand_in=OuterRef("hand_in"), number__gt=OuterRef("number"))
    rows = HandInAct.objects.filter(~Exists(later), what="asked").select_related("hand_in", "officer")
    return list(rows.order_by("at", "pk"))


def _rows() -> QuerySet[HandIn]:
    acts = HandInAct.objects.select_related("officer", "asked_by", "policy_version").prefetch_related("done__officer")
    return HandIn.objects.select_related("handed_in_by").prefetch_related(Prefetch("acts", acts))


def state_of(hand_in: HandIn) -> HandInState:
    """Return how a hand-in stands after the acts that there are."""
    acts = sorted(hand_in.acts.all(), key=lambda act: act.number)
    statement: HandInAct | None = None
    decision: HandInAct | None = None
    #: The decision whose block stands at the platform although it was taken back.
    blocked: HandInAct | None = None
    for act in acts:
        if act.what == "stated":
            statement = act
        elif act.what in ("decided", "confirmed"):
            decision = act
        elif act.what == "undone" and decision is not None:
            done = _done(decision)
            if "block" in done:
                blocked = None if "unblock" in done else decision
            decision = None
    to_do: list[ToDo] = []
    # Where it was decided anew to block, nothing is to be lifted.
    if blocked is not None and (decision is None or "block" not in decision.measure_list):
        to_do.append(ToDo(blocked, "unblock"))
    if decision is not None:
        done = _done(decision)
        to_do += [ToDo(decision, each) for each in decision.measure_list if each != "ignore" and each not in done]
    request = acts[-1] if acts and acts[-1].what == "asked" else None
    return HandInState(hand_in, tuple(acts), statement, request, decision, tuple(to_do))


def _done(act: HandInAct) -> set[str]:
    return {each.measure for each in act.done.all()}


def done_about(state: HandInState) -> list[HandInDone]:
    """Return what officers carried out by hand, oldest first."""
    return sorted((done for act in state.acts for done in act.done.all()), key=lambda done: done.pk)


def history_of(acts: Sequence[HandInAct]) -> list[Act]:
    """Return the steps that were taken about a hand-in, as the house rules count them."""
    return [
        Act(london_day(act.at), _LEFT_BY_STEP[act.step], GROUND, f"hand-in {act.hand_in_id}")
        for act in acts
        if act.what == "told"
    ]


def check_possible(hand_in: HandIn, measure: str) -> None:
    """Raise DomainError cannot_on_platform where a measure makes no sense for what was seen."""
    if measure not in OFFERED:
        raise DomainError(
            "It stands under none of our posts, so that there is nothing to hide or delete.", "cannot_on_platform"
        )
    if measure == "block" and not hand_in.platform:
        raise DomainError(
            "Blocking keeps somebody off our accounts, and this is on none of the networks on which we have one.",
            "cannot_on_platform",
        )
    if measure == "block" and not (hand_in.name or hand_in.handle):
        raise DomainError(
            "It does not say whose account it is, so that nobody can be blocked for it.", "cannot_on_platform"
        )


def assessed(state: HandInState, now: datetime | None = None) -> tuple[Policy, Assessment]:
    """Return the rules in force, and the hand-in held against them with what officers stated about it."""
    now = now or timezone.now()
    _, policy = council.policy_in_force(now)
    facts = Facts(
        platform=state.hand_in.platform or None,
        stated=state.stated,
        history=history_of(state.acts),
        today=london_day(now),
    )
    found = Signals("none", grounds={GROUND: Signal(1.0, (), "officer", "")})
    return policy, assess(policy, found, facts, council.circumstances_at(state.hand_in.seen_at))


def offers(state: HandInState, now: datetime | None = None) -> list[Offer]:
    """Return each clause that applies with the measures that may be taken; empty until the page's own test is stated."""
    if state.decision is not None or state.stated != {"confusing": True, "authorised": False}:
        return []
    now = now or timezone.now()
    policy, assessment = assessed(state, now)
    day = london_day(now)
    made = []
    for engaged in assessment.clauses:
        clause = policy.clause(engaged.id)
        if clause is None or GROUND not in clause.grounds:
            continue
        bars: list[tuple[str, str]] = []
        open_to: list[Prospect] = []
        for measure in (each for each in OFFERED if each in engaged.measures):
            try:
                check_possible(state.hand_in, measure)
            except DomainError as error:
                bars.append((measure, error.message))
            else:
                open_to.append(_coming(policy, clause, measure, state, day))
        made.append(Offer(clause, tuple(open_to), tuple(bars), clause.recommends))
    return made


def _coming(policy: Policy, clause: Clause, measure: str, state: HandInState, day: date) -> Prospect:
    return prospect(policy, clause, GROUND, measure, history_of(state.acts), day, [])


def sentence_for_step(coming: Prospect) -> str:
    """Return what has to come before a measure, as a sentence."""
    doing = {"block": "Blocking the account", "report": "Reporting it"}.get(coming.measure, "This")
    if coming.step == "await_representations":
        day = f"{coming.until:%-d %B %Y}" if coming.until else "the time is over"
        return (
            f"{doing} has to wait: notice was given, and there is time to answer it. It can be decided from {day} on."
        )
    return f"{doing} comes only after {_FIRST_IN_WORDS[coming.step]}. Send that, and write down here what you sent."

"""What an officer may do about a copy seen elsewhere. Lock, check, change, record, commit.

First the page's own test is stated, that it could confuse the public about what is genuine; only then is a measure allowed.
Measures are carried out by hand at the platform, and what it said is kept as proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from moothall.council import queries as council
from moothall.council.models import PolicyVersion
from moothall.moderation.deciding import StepFirst, cleaned, must_be_officer, sha256_of
from moothall.moderation.hand_in_state import (
    GROUND,
    HandInState,
    check_possible,
    history_of,
    sentence_for_step,
    state_of,
)
from moothall.moderation.handing_in import about
from moothall.moderation.models import HandIn, HandInAct, HandInDone
from moothall.moderation.second_officer import (
    NoSecondPersonNeeded,
    NotAnother,
    NotYours,
    ProposalClosed,
    SecondPersonNeeded,
)
from moothall.moderation.steps import letter_as_sent
from moothall.policy import Clause, check_decision
from moothall.policy.calendar import london_day
from moothall.policy.decisions import check_step
from moothall.policy.prospects import prospect
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError, in_order_of_force

_DOING: Final = {"block": "blocking the account", "report": "reporting it"}


class HandInUnknown(DomainError):
    """There is no such hand-in."""

    code = "hand_in_unknown"


class SomebodyWasQuicker(DomainError):
    """Something has been done about this in the meantime. Look at it first."""

    code = "somebody_was_quicker"


class StateFirst(DomainError):
    """State first that it could confuse the public about what is genuine, and that it is not authorised."""

    code = "statement_required"


class Authorised(DomainError):
    """The register of authorised users had this account when it was seen. If it should not have, end its entry there first, and
    hand in what you see after that."""

    code = "exception_applies"


class HandInDecided(DomainError):
    """This has been decided. Take the decision back first."""

    code = "hand_in_decided"


class NothingToTakeBack(DomainError):
    """There is no decision to take back, or it has been taken back already."""

    code = "nothing_to_undo"


class NotToBeDone(DomainError):
    """The decision does not ask for this."""

    code = "not_to_be_done"


@dataclass(frozen=True, slots=True)
class _Weighed:
    version: PolicyVersion
    clause: Clause | None
    measures: list[str]
    second: list[str]


def state(hand_in_id: int, *, officer: Officer, confusing: bool, authorised: bool, expected_number: int) -> HandInAct:
    """Keep an officer's word on whether it could confuse the public, and whether the council allowed it; return the act.

    ``expected_number``: ``HandInState.next_number`` as the officer's screen showed it, as for every act here. A request that
    waits for a second officer is overtaken. Raises DomainError: not_an_officer, hand_in_unknown, somebody_was_quicker,
    hand_in_decided, exception_applies for a register that says otherwise.
    """
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        if current.decision is not None:
            raise HandInDecided
        if current.hand_in.registered and not authorised:
            raise Authorised
        version, _ = council.policy_in_force(now)
        return _write(
            current, officer, now, "stated", confusing=confusing, authorised=authorised, policy_version=version
        )


def take_step(
    hand_in_id: int, *, officer: Officer, step: str, clause_id: str, text: str, expected_number: int
) -> HandInAct:
    """Write down that whoever runs the account was told something before any measure, word for word; return the act.

    Raises DomainError: the codes of ``policy.decisions.check_step``, letter_missing, letter_too_long, letter_unfilled,
    statement_required, hand_in_decided, and those of ``state``.
    """
    sent = letter_as_sent(text)
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        stated = _stated(current)
        version, policy = council.policy_in_force(now)
        day = london_day(now)
        history = history_of(current.acts)
        clause = check_step(
            policy,
            clause_id,
            GROUND,
            step,
            circumstances=council.circumstances_at(current.hand_in.seen_at),
            stated=stated,
            platform=current.hand_in.platform or None,
            history=history,
            day=day,
        )
        return _write(
            current,
            officer,
            now,
            "told",
            step=step,
            reason=sent,
            **_citing(clause),
            **stated,
            policy_version=version,
        )


def decide(
    hand_in_id: int,
    *,
    officer: Officer,
    measures: Sequence[str],
    clause_id: str = "",
    reason: str = "",
    expected_number: int,
) -> HandInAct:
    """Decide what is done about a hand-in, and return the act. Nothing leaves by itself: officers carry it out by hand.

    Raises DomainError: the codes of ``policy.check_decision``, cannot_on_platform, hand_in_decided, step_first,
    ``second_person_needed`` when ``ask`` is the way, and those of ``state``.
    """
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        weighed = _weigh(current, measures, clause_id, reason, now)
        if weighed.second:
            raise SecondPersonNeeded(
                f"The house rules ask for a second officer to confirm {' and '.join(weighed.second)}."
            )
        return _write_weighed(current, officer, now, "decided", weighed, cleaned(reason))


def ask(
    hand_in_id: int,
    *,
    officer: Officer,
    measures: Sequence[str],
    clause_id: str,
    reason: str = "",
    expected_number: int,
) -> HandInAct:
    """Ask a second officer to confirm measures, and return the request. Checked as ``decide`` checks.

    Raises NoSecondPersonNeeded where the house rules do not ask for one.
    """
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        weighed = _weigh(current, measures, clause_id, reason, now)
        if not weighed.second:
            raise NoSecondPersonNeeded
        return _write_weighed(current, officer, now, "asked", weighed, cleaned(reason))


def confirm(hand_in_id: int, *, officer: Officer, expected_number: int) -> HandInAct:
    """Confirm what another officer asked for, and return the decision. It is held against the house rules again, as of now.

    Raises NotAnother, ProposalClosed, and what ``decide`` raises.
    """
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        asked = _request(current)
        if asked.officer_id == officer.pk:
            raise NotAnother
        weighed = _weigh(current, asked.measure_list, asked.clause_id, asked.reason, now)
        return _write_weighed(
            current, officer, now, "confirmed", weighed, asked.reason, answers=asked, asked_by=asked.officer
        )


def decline(hand_in_id: int, *, officer: Officer, note: str = "", expected_number: int) -> HandInAct:
    """Say no to what another officer asked for; the hand-in stays open. Raises NotAnother, ProposalClosed."""
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        asked = _request(current)
        if asked.officer_id == officer.pk:
            raise NotAnother
        return _answer(current, officer, now, "declined", asked, asked_by=asked.officer, reason=cleaned(note))


def withdraw(hand_in_id: int, *, officer: Officer, expected_number: int) -> HandInAct:
    """Take back what one asked for; the hand-in stays open. Raises NotYours, ProposalClosed."""
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        asked = _request(current)
        if asked.officer_id != officer.pk:
            raise NotYours
        return _answer(current, officer, now, "withdrawn", asked, asked_by=asked.officer)


def undo(hand_in_id: int, *, officer: Officer, expected_number: int) -> HandInAct:
    """Take a decision back by another act and return it; the hand-in is open again. Raises NothingToTakeBack.

    A block that was carried out has to be lifted by hand: ``HandInState.to_do`` says so. A report stays reported.
    """
    with _acting(hand_in_id, officer, expected_number) as (now, current):
        if current.decision is None:
            raise NothingToTakeBack
        return _answer(current, officer, now, "undone", current.decision)


def carried_out(act_id: int, *, officer: Officer, measure: str, proof: str) -> HandInDone:
    """Write down that a measure was carried out at the platform, and what it said; return it. Once a measure of a decision.

    ``measure``: ``block`` or ``report`` as decided; ``unblock`` where a decision was taken back after the block. ``proof``:
    a case number, or what the platform showed. Raises DomainError: not_an_officer, hand_in_unknown, proof_missing,
    reason_too_long, not_to_be_done.
    """
    must_be_officer(officer)
    now = timezone.now()
    proof = cleaned(proof)
    if not proof:
        raise DomainError(
            "Write down what the platform said or showed: a case number, or a few words.", "proof_missing"
        )
    hand_in_id = HandInAct.objects.filter(pk=act_id).values_list("hand_in_id", flat=True).first()
    if hand_in_id is None:
        raise HandInUnknown
    with transaction.atomic():
        current = _locked(hand_in_id)
        act = next(each for each in current.acts if each.pk == act_id)
        done = next((each for each in act.done.all() if each.measure == measure), None)
        if done is not None:
            return done
        if (act.pk, measure) not in [(each.act.pk, each.measure) for each in current.to_do]:
            raise NotToBeDone
        done = HandInDone.objects.create(act=act, measure=measure, proof=proof, officer=officer, at=now)
        append(
            "hand_in.carried_out",
            actor=officer.email,
            subject=f"hand_in:{hand_in_id}",
            payload={"hand_in": hand_in_id, "act": act.pk, "measure": measure},
            sealed=about(current.hand_in) | {"proof": proof},
            at=now,
        )
    return done


@contextmanager
def _acting(hand_in_id: int, officer: Officer, expected_number: int) -> Iterator[tuple[datetime, HandInState]]:
    """One act on one hand-in, as one transaction: it is locked, and stands as the officer's screen said it does."""
    must_be_officer(officer)
    with transaction.atomic():
        current = _locked(hand_in_id)
        if current.next_number != expected_number:
            raise SomebodyWasQuicker
        yield timezone.now(), current


def _locked(hand_in_id: int) -> HandInState:
    hand_in = HandIn.objects.select_for_update().filter(pk=hand_in_id).first()
    if hand_in is None:
        raise HandInUnknown
    return state_of(hand_in)


def _stated(current: HandInState) -> dict[str, bool]:
    """Return what an officer stated, as the house rules and the database want it before any measure. Raises DomainError."""
    if current.decision is not None:
        raise HandInDecided
    if current.hand_in.registered:
        raise Authorised
    stated = current.stated
    if stated.get("confusing") is not True or stated.get("authorised") is not False:
        raise StateFirst
    return stated


def _weigh(current: HandInState, measures: Sequence[str], clause_id: str, reason: str, now: datetime) -> _Weighed:
    """Hold a choice against the house rules in force at ``now``; nothing is changed."""
    version, policy = council.policy_in_force(now)
    if current.decision is not None:
        raise HandInDecided
    if list(measures) == ["ignore"]:
        return _Weighed(version, None, ["ignore"], [])
    stated = _stated(current)
    day, history = london_day(now), history_of(current.acts)
    clause = check_decision(
        policy,
        clause_id,
        GROUND,
        measures,
        circumstances=council.circumstances_at(current.hand_in.seen_at),
        reason=cleaned(reason),
        stated=stated,
        platform=current.hand_in.platform or None,
        history=history,
        day=day,
    )
    chosen = in_order_of_force(measures)
    for measure in chosen:
        check_possible(current.hand_in, measure)
    coming = [prospect(policy, clause, GROUND, measure, history, day, []) for measure in chosen]
    for each in reversed(coming):
        if each.step != "none":
            raise StepFirst(sentence_for_step(each))
    return _Weighed(version, clause, chosen, [_DOING[each.measure] for each in coming if each.second_person])


def _request(current: HandInState) -> HandInAct:
    if current.request is None:
        raise ProposalClosed
    return current.request


def _citing(clause: Clause) -> dict[str, str]:
    return {"clause_id": clause.id, "clause_text": clause.public, "ground": GROUND}


def _write_weighed(
    current: HandInState, officer: Officer, now: datetime, what: str, weighed: _Weighed, reason: str, **fields: Any
) -> HandInAct:
    if weighed.clause is not None:
        fields |= _citing(weighed.clause)
    return _write(
        current,
        officer,
        now,
        what,
        measures=",".join(weighed.measures),
        reason=reason,
        policy_version=weighed.version,
        **current.stated,
        **fields,
    )


def _answer(
    current: HandInState, officer: Officer, now: datetime, what: str, answered: HandInAct, **fields: Any
) -> HandInAct:
    return _write(current, officer, now, what, answers=answered, policy_version=answered.policy_version, **fields)


def _write(current: HandInState, officer: Officer, now: datetime, what: str, **fields: Any) -> HandInAct:
    try:
        with transaction.atomic():
            act = HandInAct.objects.create(
                hand_in=current.hand_in, number=current.next_number, what=what, officer=officer, at=now, **fields
            )
    except IntegrityError as error:
        if "one_hand_in_act_per_number" in str(error) or "is there already" in str(error):
            raise SomebodyWasQuicker from None
        raise
    append(
        f"hand_in.{what}",
        actor=officer.email,
        subject=f"hand_in:{current.hand_in.pk}",
        payload={
            "hand_in": current.hand_in.pk,
            "hand_in_sha256": current.hand_in.sha256,
            "act": act.pk,
            "number": act.number,
            "confusing": act.confusing,
            "authorised": act.authorised,
            "measures": act.measure_list,
            "step": act.step,
            "clause": act.clause_id,
            "clause_sha256": sha256_of(act.clause_text),
            "ground": act.ground,
            "policy_sha256": act.policy_version.sha256,
            "answers": act.answers_id,
        },
        sealed=about(current.hand_in) | ({"reason": act.reason} if act.reason else {}),
        at=now,
    )
    return act

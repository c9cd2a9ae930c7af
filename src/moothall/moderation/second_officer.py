"""Measures that the house rules leave to two people: one officer asks, another confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from moothall.inbox.models import Comment
from moothall.moderation.deciding import (
    Choice,
    Weighed,
    about,
    capture,
    check_round,
    cleaned,
    close,
    locked,
    make,
    must_be_officer,
    sha256_of,
    weigh,
)
from moothall.moderation.models import Decision, Proposal
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError

_NOTHING_STATED: Final[Mapping[str, bool]] = {}


class SecondPersonNeeded(DomainError):
    """The house rules ask for a second officer to confirm this measure."""

    code = "second_person_needed"


class NoSecondPersonNeeded(DomainError):
    """The house rules ask for no second officer here: decide it yourself."""

    code = "no_second_person_needed"


class AlreadyAsked(DomainError):
    """Another officer has asked for a measure on this comment already. Confirm or decline that first."""

    code = "already_asked"


class ProposalClosed(DomainError):
    """This request has been confirmed, declined or withdrawn, or another decision was made in the meantime."""

    code = "proposal_closed"


class NotAnother(DomainError):
    """Whoever asked cannot confirm or decline it: that takes another officer."""

    code = "not_another"


class NotYours(DomainError):
    """Only the officer who asked can withdraw this."""

    code = "not_yours"


class CommentChanged(DomainError):
    """The author has changed the comment since this was asked for. Decline it, or have it withdrawn, and look at it anew."""

    code = "comment_changed"


def words_of(weighed: Weighed) -> str:
    """Return the sentence that says what a second officer has to confirm."""
    return f"The house rules ask for a second officer to confirm {' and '.join(weighed.second)}."


def ask(
    comment_id: int,
    *,
    officer: Officer,
    measures: Sequence[str],
    clause_id: str,
    ground: str,
    reason: str = "",
    expected_round: int,
    stated: Mapping[str, bool] = _NOTHING_STATED,
) -> Proposal:
    """Ask a second officer to confirm measures, and return the proposal. Nothing leaves; the comment stays open.

    Checked as ``decide`` checks, with its codes. The same officer's open proposal is overtaken by a different one and
    returned when it is the same. Raises NoSecondPersonNeeded, and AlreadyAsked when another officer's is open.
    """
    must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        comment = locked(comment_id)
        check_round(comment, expected_round)
        weighed = weigh(comment, Choice(measures, clause_id, ground, reason, stated), now)
        if weighed.clause is None or not weighed.second:
            raise NoSecondPersonNeeded
        waiting = comment.proposals.select_for_update().filter(outcome="").first()
        if waiting is not None:
            if waiting.asked_by_id != officer.pk:
                raise AlreadyAsked
            if _says(waiting) == (",".join(weighed.measures), clause_id, ground, weighed.reason, weighed.stated):
                return waiting
            close(waiting, "overtaken", officer, now)
        proposal = Proposal.objects.create(
            comment=comment,
            round=expected_round,
            measures=",".join(weighed.measures),
            clause_id=clause_id,
            ground=ground,
            reason=weighed.reason,
            stated=dict(weighed.stated),
            policy_version=weighed.version,
            evidence=capture(comment, weighed.stated, now),
            asked_by=officer,
            asked_at=now,
        )
        _record("proposal.asked", proposal, officer, weighed.clause.public, now)
    return proposal


def confirm(proposal_id: int, *, officer: Officer) -> Decision:
    """Confirm what another officer asked for, and return the decision: it bears both names.

    It is held against the house rules again, as of now. Raises NotAnother, ProposalClosed, CommentChanged, NotAnOfficer,
    and what ``decide`` raises.
    """
    must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        proposal, comment = _open(proposal_id)
        weighed = _weighed_again(proposal, comment, officer, now)
        decision = make(
            comment,
            weighed,
            round=proposal.round,
            decided_by=officer,
            now=now,
            asked_by=proposal.asked_by,
            proposal=proposal,
        )
        proposal.outcome, proposal.decision = Proposal.Outcome.CONFIRMED, decision
        proposal.closed_by, proposal.closed_at = officer, now
        proposal.save(update_fields=["outcome", "decision", "closed_by", "closed_at"])
        _record("proposal.confirmed", proposal, officer, decision.clause_text, now)
    return decision


def decline(proposal_id: int, *, officer: Officer, note: str = "") -> Proposal:
    """Say no to what another officer asked for; the comment stays open. Raises NotAnother, ProposalClosed, NotAnOfficer."""
    must_be_officer(officer)
    with transaction.atomic():
        proposal, _ = _open(proposal_id)
        if proposal.asked_by_id == officer.pk:
            raise NotAnother
        close(proposal, "declined", officer, timezone.now(), cleaned(note))
    return proposal


def withdraw(proposal_id: int, *, officer: Officer) -> Proposal:
    """Take back what one asked for; the comment stays open. Raises NotYours, ProposalClosed, NotAnOfficer."""
    must_be_officer(officer)
    with transaction.atomic():
        proposal, _ = _open(proposal_id)
        if proposal.asked_by_id != officer.pk:
            raise NotYours
        close(proposal, "withdrawn", officer, timezone.now())
    return proposal


def what_bars(proposal: Proposal, officer: Officer) -> DomainError | None:
    """Return what ``confirm`` by this officer would raise now, None when it would go through. Changes nothing."""
    try:
        must_be_officer(officer)
        if proposal.outcome:
            raise ProposalClosed
        _weighed_again(proposal, proposal.comment, officer, timezone.now())
    except DomainError as error:
        return error
    return None


def _weighed_again(proposal: Proposal, comment: Comment, officer: Officer, now: datetime) -> Weighed:
    if proposal.asked_by_id == officer.pk:
        raise NotAnother
    check_round(comment, proposal.round)
    if proposal.evidence.content.get("text") != comment.text:
        raise CommentChanged
    return weigh(
        comment,
        Choice(proposal.measure_list, proposal.clause_id, proposal.ground, proposal.reason, proposal.stated),
        now,
    )


def _open(proposal_id: int) -> tuple[Proposal, Comment]:
    """Lock a proposal with its comment. Raises ProposalClosed."""
    comment_id = Proposal.objects.filter(pk=proposal_id).values_list("comment_id", flat=True).first()
    if comment_id is None:
        raise ProposalClosed
    comment = locked(comment_id)
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("asked_by", "evidence")
    proposal = rows.get(pk=proposal_id)
    if proposal.outcome:
        raise ProposalClosed
    proposal.comment = comment
    return proposal, comment


def _says(proposal: Proposal) -> tuple[str, str, str, str, dict[str, bool]]:
    return proposal.measures, proposal.clause_id, proposal.ground, proposal.reason, proposal.stated


def _record(kind: str, proposal: Proposal, officer: Officer, clause_text: str, now: datetime) -> None:
    payload = {
        "proposal": proposal.pk,
        "comment": proposal.comment_id,
        "round": proposal.round,
        "measures": proposal.measure_list,
        "clause": proposal.clause_id,
        "clause_sha256": sha256_of(clause_text),
        "ground": proposal.ground,
        "policy_sha256": proposal.policy_version.sha256,
        "evidence_sha256": proposal.evidence.sha256,
        "decision": proposal.decision_id,
    }
    sealed = about(proposal.comment)
    if proposal.reason:
        sealed["reason"] = proposal.reason
    append(kind, actor=officer.email, subject=f"proposal:{proposal.pk}", payload=payload, sealed=sealed, at=now)

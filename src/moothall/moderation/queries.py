"""What is asked of moderation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from moothall.council import queries as council
from moothall.inbox import queries as inbox
from moothall.inbox.models import Author, Comment
from moothall.moderation.deciding import prospects, standing_against
from moothall.moderation.models import Decision, Proposal, StepTaken
from moothall.moderation.second_officer import what_bars
from moothall.outbox.models import Delivery
from moothall.outbox.queries import deliveries_of
from moothall.policy import Act, Clause
from moothall.team.models import Officer
from moothall.words import DomainError

__all__ = [
    "DecisionView",
    "NoSuchDecision",
    "ProposalView",
    "clauses_open_to_officer",
    "closed_proposals_on",
    "decided_alike",
    "decision_view",
    "decisions_on",
    "history_of",
    "next_round",
    "open_proposal_on",
    "prospects",
    "recent_decisions",
    "standing_against",
    "steps_on",
    "waiting_proposals",
]


class NoSuchDecision(DomainError):
    """There is no such decision."""

    code = "no_such_decision"


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision with its deliveries, and whether it can still be taken back. ``undo_until``: when the first of it leaves."""

    decision: Decision
    deliveries: list[Delivery]
    can_undo: bool
    undo_until: datetime
    undone_by: Decision | None


def decision_view(decision_id: int) -> DecisionView:
    """Return a decision with what became of it. Raises NoSuchDecision."""
    decision = (
        Decision.objects.select_related(
            "comment__post", "comment__author", "comment__channel", "decided_by", "asked_by", "undoes", "policy_version"
        )
        .filter(pk=decision_id)
        .first()
    )
    if decision is None:
        raise NoSuchDecision
    return _view(decision)


def _view(decision: Decision) -> DecisionView:
    deliveries = deliveries_of(f"decision:{decision.pk}")
    undone_by = Decision.objects.filter(undoes=decision).first()
    newest = not Decision.objects.filter(comment=decision.comment_id, round__gt=decision.round).exists()
    deleted = any(row.action == "delete" and row.state in ("done", "uncertain") for row in deliveries)
    # A button that would fail is not shown: while one is at the platform, undoing has to wait for the answer.
    at_the_platform = any(row.state == "sending" for row in deliveries)
    return DecisionView(
        decision,
        deliveries,
        can_undo=newest and decision.undoes_id is None and not deleted and not at_the_platform,
        undo_until=decision.decided_at + timedelta(seconds=settings.UNDO_SECONDS),
        undone_by=undone_by,
    )


def recent_decisions(limit: int = 20) -> list[DecisionView]:
    """Return the newest decisions, undoings among them, newest first."""
    rows = Decision.objects.select_related("comment__post", "comment__author", "comment__channel", "decided_by")
    return [_view(decision) for decision in rows.order_by("-id")[:limit]]


def next_round(comment_id: int) -> int:
    """Return the number that the next decision on this comment will have."""
    return Decision.objects.filter(comment_id=comment_id).count() + 1


def decisions_on(comment_id: int) -> list[Decision]:
    """Return the decisions on a comment, oldest first."""
    return list(
        Decision.objects.filter(comment_id=comment_id).select_related("decided_by", "asked_by").order_by("round")
    )


def decided_alike(comment: Comment) -> Decision | None:
    """Return the newest decision on another comment of the same campaign that was not taken back; None when there is none."""
    if not comment.campaign:
        return None
    rows = Decision.objects.filter(
        comment__campaign=comment.campaign, comment__channel__platform=comment.channel.platform
    ).exclude(comment=comment)
    standing = rows.filter(undoes__isnull=True, undone_by__isnull=True)
    return standing.select_related("comment__author", "decided_by").order_by("-id").first()


def history_of(author_id: int) -> list[Act]:
    """Return what stands against an author on that platform, oldest first: what was not taken back, and steps taken."""
    return inbox.history_of(Author.objects.filter(pk=author_id).first()) or []


@dataclass(frozen=True, slots=True)
class ProposalView:
    """An open proposal as one officer sees it. ``bar``: why this officer cannot confirm it, empty when it can be confirmed."""

    proposal: Proposal
    clause_title: str
    own: bool
    bar: str


def open_proposal_on(comment_id: int, officer: Officer) -> ProposalView | None:
    """Return the proposal on a comment that waits for a second officer, as ``officer`` sees it; None when there is none."""
    proposal = _proposals().filter(comment_id=comment_id, outcome="").first()
    if proposal is None:
        return None
    bar = what_bars(proposal, officer)
    clause = council.rules_of(proposal.policy_version).clause(proposal.clause_id)
    own = proposal.asked_by_id == officer.pk
    return ProposalView(proposal, clause.title if clause else "", own, bar.message if bar else "")


def waiting_proposals() -> list[Proposal]:
    """Return the proposals that wait for a second officer, those waiting longest first; not those whose comment is gone."""
    return list(_proposals().filter(outcome="", comment__desk_state="open").order_by("asked_at", "pk"))


def closed_proposals_on(comment_id: int) -> list[Proposal]:
    """Return the proposals on a comment that were declined, withdrawn or overtaken, oldest first."""
    rows = _proposals().filter(comment_id=comment_id).exclude(outcome__in=["", "confirmed"])
    return list(rows.order_by("asked_at", "pk"))


def _proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related(
        "comment__channel", "comment__post", "comment__author", "asked_by", "closed_by", "evidence", "policy_version"
    )


def steps_on(comment_id: int) -> list[StepTaken]:
    """Return the steps that were taken about a comment, oldest first."""
    return list(StepTaken.objects.filter(comment_id=comment_id).select_related("officer").order_by("taken_at", "pk"))


def clauses_open_to_officer() -> list[Clause]:
    """Return the clauses of the rules in force that allow more than leaving a comment alone."""
    _, policy = council.policy_in_force(timezone.now())
    return [clause for clause in policy.clauses if any(measure != "ignore" for measure in clause.measures)]

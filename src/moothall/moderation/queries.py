"""What is asked of moderation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from moothall.council import queries as council
from moothall.moderation.models import Decision
from moothall.outbox.models import Delivery
from moothall.outbox.queries import deliveries_of
from moothall.policy import Clause
from moothall.words import DomainError


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
        Decision.objects.select_related("comment__post", "comment__author", "comment__channel", "decided_by", "undoes")
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
    return list(Decision.objects.filter(comment_id=comment_id).select_related("decided_by").order_by("round"))


def clauses_open_to_officer() -> list[Clause]:
    """Return the clauses of the rules in force that allow more than leaving a comment alone."""
    _, policy = council.policy_in_force(timezone.now())
    return [clause for clause in policy.clauses if any(measure != "ignore" for measure in clause.measures)]

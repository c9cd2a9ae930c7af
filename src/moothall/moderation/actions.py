"""What an officer may do about a comment. Lock, check, change, record, commit.

Decide, take a decision back; ask a second officer and confirm, decline or withdraw; take a step that comes before any
measure; state what the reader cannot see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from moothall.moderation.deciding import (
    AlreadyDecided,
    CannotOnPlatform,
    Choice,
    NoAuthor,
    NotAnOfficer,
    NotOpen,
    StepFirst,
    check_round,
    locked,
    make,
    must_be_officer,
    note_standing,
    record,
    weigh,
    write,
)
from moothall.moderation.models import Decision
from moothall.moderation.second_officer import (
    AlreadyAsked,
    CommentChanged,
    NoSecondPersonNeeded,
    NotAnother,
    NotYours,
    ProposalClosed,
    SecondPersonNeeded,
    ask,
    confirm,
    decline,
    withdraw,
    words_of,
)
from moothall.moderation.steps import NobodyToTell, read_again_after_notices, state_facts, take_step
from moothall.outbox import actions as outbox
from moothall.outbox.models import Delivery
from moothall.team.models import Officer
from moothall.words import DomainError

__all__ = [
    "AlreadyAsked",
    "AlreadyDecided",
    "CannotBeUndone",
    "CannotOnPlatform",
    "CommentChanged",
    "NoAuthor",
    "NoSecondPersonNeeded",
    "NobodyToTell",
    "NotAnOfficer",
    "NotAnother",
    "NotOpen",
    "NotYours",
    "NothingToUndo",
    "ProposalClosed",
    "SecondPersonNeeded",
    "StepFirst",
    "ask",
    "confirm",
    "decide",
    "decline",
    "read_again_after_notices",
    "state_facts",
    "take_step",
    "undo",
    "withdraw",
]

_OPPOSITE: Final = {"hide": "unhide", "block": "unblock"}
_NOTHING_STATED: Final[Mapping[str, bool]] = {}


class NothingToUndo(DomainError):
    """This decision has been taken back already, or a later one stands in its place."""

    code = "nothing_to_undo"


class CannotBeUndone(DomainError):
    """The comment has been deleted at the platform and cannot be brought back. The decision and its evidence stay on record."""

    code = "cannot_be_undone"


def decide(
    comment_id: int,
    *,
    officer: Officer,
    measures: Sequence[str],
    clause_id: str = "",
    ground: str = "",
    reason: str = "",
    expected_round: int,
    stated: Mapping[str, bool] = _NOTHING_STATED,
) -> Decision:
    """Decide on one comment and return the decision; what it asks of the platform leaves after ``UNDO_SECONDS``.

    ``expected_round`` is ``moderation.queries.next_round`` as the officer's screen showed it. ``stated`` are facts the
    officer vouches for, by the names of the house rules, beside those stated about the comment before. An open proposal on
    the comment is overtaken.

    Raises DomainError: the codes of ``policy.check_decision``, and already_decided, not_open, not_an_officer,
    cannot_on_platform, no_author, reason_too_long, ``step_first`` when the house rules ask for a step that the author's
    record does not show, ``second_person_needed`` when ``ask`` is the way.
    """
    must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        comment = locked(comment_id)
        check_round(comment, expected_round)
        weighed = weigh(comment, Choice(measures, clause_id, ground, reason, stated), now)
        if weighed.second:
            raise SecondPersonNeeded(words_of(weighed))
        return make(comment, weighed, round=expected_round, decided_by=officer, now=now)


def undo(decision_id: int, *, officer: Officer) -> Decision:
    """Take a decision back by another one and return it; the comment is open again.

    What has not left is cancelled; a hide or a block that has been done is reversed at the platform; a report stays
    reported. Raises NothingToUndo, CannotBeUndone, and outbox.actions.BeingSent.
    """
    must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        decision = Decision.objects.filter(pk=decision_id).first()
        if decision is None:
            raise NothingToUndo
        comment = locked(decision.comment_id)
        newest = comment.decisions.order_by("-round").first()
        if newest != decision or decision.undoes_id is not None:
            raise NothingToUndo
        deliveries = outbox.take_back(f"decision:{decision.pk}", actor=officer.email)
        if any(row.action == "delete" and row.state in ("done", "uncertain") for row in deliveries):
            raise CannotBeUndone
        back = write(
            comment=comment,
            round=decision.round + 1,
            measures="ignore",
            undoes=decision,
            policy_version=decision.policy_version,
            decided_by=officer,
            decided_at=now,
        )
        for row in deliveries:
            _reverse(row, back, now)
        if comment.desk_state == "decided":
            comment.desk_state = "open"
            comment.save(update_fields=["desk_state"])
        note_standing(comment)
        record("decision.undone", back, officer, now)
    return back


def _reverse(row: Delivery, back: Decision, now: datetime) -> None:
    """Undo at the platform what was done there, or may have been done there."""
    opposite = _OPPOSITE.get(row.action)
    if opposite and row.state in ("done", "uncertain"):
        outbox.want(
            row.channel,
            opposite,
            row.target | {"earlier": row.outcome.get("detail", {})},
            cause=f"decision:{back.pk}",
            key=f"decision-{back.pk}-{opposite}",
            due_at=now,
        )

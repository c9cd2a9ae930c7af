"""What an officer may do about a comment: decide, and take a decision back. Lock, check, change, record, commit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from moothall.council import queries as council
from moothall.inbox import queries as inbox
from moothall.inbox.actions import write_standing
from moothall.inbox.models import Comment
from moothall.moderation.models import Decision, Evidence
from moothall.outbox import actions as outbox
from moothall.outbox.models import Delivery
from moothall.policy import Circumstances, Clause, check_decision
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError, in_order_of_force

_OPPOSITE: Final = {"hide": "unhide", "block": "unblock"}
_NOTHING_STATED: Final[Mapping[str, bool]] = {}
_LONGEST_REASON: Final = 5_000


class AlreadyDecided(DomainError):
    """Somebody else has decided on this comment in the meantime. Look at their decision first."""

    code = "already_decided"


class NotOpen(DomainError):
    """This comment is not open: it has been decided on, or it is gone from the platform."""

    code = "not_open"


class NotAnOfficer(DomainError):
    """Only an active officer of the Communications Team can do this."""

    code = "not_an_officer"


class CannotOnPlatform(DomainError):
    """The platform has no way to do this."""

    code = "cannot_on_platform"


class SecondPersonNeeded(DomainError):
    """The house rules ask for a second officer to confirm this measure. Asking one is not built yet; choose another measure."""

    code = "second_person_needed"


class NothingToUndo(DomainError):
    """This decision has been taken back already, or a later one stands in its place."""

    code = "nothing_to_undo"


class CannotBeUndone(DomainError):
    """The comment has been deleted at the platform and cannot be brought back. The decision and its evidence stay on record."""

    code = "cannot_be_undone"


class NoAuthor(DomainError):
    """The platform does not say who wrote this comment, so that nobody can be blocked for it."""

    code = "no_author"


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
    officer vouches for, by the names of the house rules. Raises DomainError: the codes of ``policy.check_decision``, and
    already_decided, not_open, not_an_officer, cannot_on_platform, second_person_needed, no_author, reason_too_long.
    """
    _must_be_officer(officer)
    now = timezone.now()
    reason = reason.replace("\0", "").strip()
    if len(reason) > _LONGEST_REASON:
        raise DomainError(f"The reason is too long: at most {_LONGEST_REASON:,} characters.", "reason_too_long")
    with transaction.atomic():
        comment = _locked(comment_id)
        _check_round(comment, expected_round)
        if comment.desk_state != "open":
            raise NotOpen
        version, policy = council.policy_in_force(now)
        if list(measures) == ["ignore"]:
            clause, ground = None, ""
        else:
            circumstances = Circumstances(
                pre_election=council.pre_election_at(comment.written_at), date=comment.written_at
            )
            clause = check_decision(
                policy,
                clause_id,
                ground,
                measures,
                circumstances=circumstances,
                reason=reason,
                stated=stated,
                platform=comment.channel.platform,
            )
            _check_possible(comment, clause, measures)
        chosen = in_order_of_force(measures)
        decision = _write(
            comment=comment,
            round=expected_round,
            measures=",".join(chosen),
            clause_id=clause.id if clause else "",
            clause_text=clause.public if clause else "",
            ground=ground,
            reason=reason,
            policy_version=version,
            evidence=_capture(comment, stated, now) if clause else None,
            decided_by=officer,
            decided_at=now,
        )
        comment.desk_state = "decided"
        comment.save(update_fields=["desk_state"])
        for measure in chosen:
            if measure != "ignore":
                outbox.want(
                    comment.channel,
                    measure,
                    _target(comment) | {"ground": ground},
                    cause=f"decision:{decision.pk}",
                    key=f"decision-{decision.pk}-{measure}",
                    due_at=now + timedelta(seconds=settings.UNDO_SECONDS),
                )
        _note_standing(comment)
        _record("decision.made", decision, officer, now)
    return decision


def undo(decision_id: int, *, officer: Officer) -> Decision:
    """Take a decision back by another one and return it; the comment is open again.

    What has not left is cancelled; a hide or a block that has been done is reversed at the platform; a report stays
    reported. Raises NothingToUndo, CannotBeUndone, and outbox.actions.BeingSent.
    """
    _must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        decision = Decision.objects.filter(pk=decision_id).first()
        if decision is None:
            raise NothingToUndo
        comment = _locked(decision.comment_id)
        newest = comment.decisions.order_by("-round").first()
        if newest != decision or decision.undoes_id is not None:
            raise NothingToUndo
        deliveries = outbox.take_back(f"decision:{decision.pk}", actor=officer.email)
        if any(row.action == "delete" and row.state in ("done", "uncertain") for row in deliveries):
            raise CannotBeUndone
        back = _write(
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
        _note_standing(comment)
        _record("decision.undone", back, officer, now)
    return back


def _must_be_officer(officer: Officer) -> None:
    if not officer.is_active or not officer.pk:
        raise NotAnOfficer


def _locked(comment_id: int) -> Comment:
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("channel", "post", "author")
        .filter(pk=comment_id)
        .first()
    )
    if comment is None:
        raise inbox.NoSuchComment
    return comment


def _check_round(comment: Comment, expected: int) -> None:
    if comment.decisions.count() + 1 != expected:
        raise AlreadyDecided


def _check_possible(comment: Comment, clause: Clause, measures: Sequence[str]) -> None:
    if clause.second_person_for(measures):
        raise SecondPersonNeeded
    can = inbox.what_channel_can(comment.channel)
    for measure in measures:
        if measure != "ignore" and can[measure].ability == "never":
            raise CannotOnPlatform(can[measure].reason)
    if "block" in measures and comment.author is None:
        raise NoAuthor


def _write(**fields: Any) -> Decision:
    try:
        with transaction.atomic():
            return Decision.objects.create(**fields)
    except IntegrityError as error:
        if "one_decision_per_round" in str(error) or "comment_id" in str(error):
            raise AlreadyDecided from None
        raise


def _capture(comment: Comment, stated: Mapping[str, bool], now: datetime) -> Evidence:
    """Keep the comment as it stands, before anything is done about it."""
    view = inbox.comment_view(comment.pk)
    author = comment.author
    content = {
        "text": comment.text,
        "url": comment.url,
        "external_id": comment.external_id,
        "platform": comment.channel.platform,
        "written_at": comment.written_at.isoformat(),
        "author": {"id": author.external_id, "handle": author.handle, "name": author.name} if author else None,
        "post": {"external_id": comment.post.external_id, "text": comment.post.text, "url": comment.post.url},
        "in_reply_to": view.parent.text if view.parent else None,
        "raw_sha256": comment.raw_item.sha256 if comment.raw_item else None,
        "assessment": view.assessment,
        "stated": dict(stated),
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Evidence.objects.create(comment=comment, captured_at=now, content=content, sha256=digest)


def _target(comment: Comment) -> dict[str, Any]:
    return {
        "comment": comment.external_id,
        "post": comment.post.external_id,
        "author": comment.author.external_id if comment.author else None,
        "url": comment.url,
        "extra": comment.extra,
        "post_extra": comment.post.extra,
    }


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


def _note_standing(comment: Comment) -> None:
    """Write down what stands against the author on this platform: measures of decisions that were not taken back."""
    if comment.author_id is None:
        return
    standing = Decision.objects.filter(
        comment__author_id=comment.author_id, undoes__isnull=True, undone_by__isnull=True
    ).exclude(measures="ignore")
    counts: Counter[str] = Counter()
    for measures in standing.values_list("measures", flat=True):
        counts.update(measures.split(","))
    write_standing(comment.author_id, {"measures": dict(counts), "blocked": counts["block"] > 0})


def _record(kind: str, decision: Decision, officer: Officer, now: datetime) -> None:
    """The personal data stands sealed beside the line; the line itself holds numbers, names of rules and hashes."""
    comment = decision.comment
    payload = {
        "decision": decision.pk,
        "comment": comment.pk,
        "round": decision.round,
        "measures": decision.measure_list,
        "clause": decision.clause_id,
        "clause_sha256": hashlib.sha256(decision.clause_text.encode()).hexdigest() if decision.clause_text else None,
        "ground": decision.ground,
        "policy_sha256": decision.policy_version.sha256,
        "evidence_sha256": decision.evidence.sha256 if decision.evidence else None,
        "undoes": decision.undoes_id,
    }
    sealed = {"comment": comment.text, "author": comment.author.external_id if comment.author else ""}
    if decision.reason:
        sealed["reason"] = decision.reason
    append(kind, actor=officer.email, subject=f"decision:{decision.pk}", payload=payload, sealed=sealed, at=now)

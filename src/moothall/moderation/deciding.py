"""What deciding consists of, whoever decides: lock, weigh against the house rules, write down, carry out, record.

Only the actions of this room call it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from moothall.council import queries as council
from moothall.council.models import PolicyVersion
from moothall.inbox import queries as inbox
from moothall.inbox.actions import write_standing
from moothall.inbox.models import Author, Comment
from moothall.moderation.models import Decision, Evidence, Proposal, StepTaken
from moothall.outbox import actions as outbox
from moothall.policy import Act, Clause, Policy, check_decision
from moothall.policy.calendar import london_day
from moothall.policy.prospects import Prospect, prospect
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import ACTS, DomainError, in_order_of_force

_LONGEST_REASON: Final = 5_000
#: What a step leaves in the author's record.
_LEFT_BY_STEP: Final = {"warn": "warn", "ask_to_take_down": "warn", "notice_of_intent": "notice"}
_MEASURE_IN_WORDS: Final = {
    "hide": "hiding the comment",
    "delete": "deleting the comment",
    "block": "blocking the author",
    "report": "reporting the comment",
}
_FIRST_IN_WORDS: Final = {
    "warn": "the author is warned",
    "ask_to_take_down": "the author is asked to take it down",
    "notice_of_intent": "the author is told of the intention to block and may answer",
}


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


class NoAuthor(DomainError):
    """The platform does not say who wrote this comment, so that nobody can be blocked for it."""

    code = "no_author"


class StepFirst(DomainError):
    """The house rules ask for another step before this measure."""

    code = "step_first"


@dataclass(frozen=True, slots=True)
class Choice:
    """What an officer has chosen to do about a comment, and why."""

    measures: Sequence[str]
    clause_id: str = ""
    ground: str = ""
    reason: str = ""
    stated: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A choice that the house rules in force allow. ``clause`` None: the comment is left alone. ``second``: measures, in
    words, that a second officer has to confirm."""

    version: PolicyVersion
    policy: Policy
    clause: Clause | None
    measures: list[str]
    ground: str
    reason: str
    stated: Mapping[str, bool]
    second: list[str]


def must_be_officer(officer: Officer) -> None:
    """Raise NotAnOfficer for somebody who is not in the team, or no longer."""
    if not officer.is_active or not officer.pk:
        raise NotAnOfficer


def cleaned(text: str, longest: int = _LONGEST_REASON) -> str:
    """Return a reason or note without NUL and blanks around it. Raises DomainError ``reason_too_long``."""
    text = text.replace("\0", "").strip()
    if len(text) > longest:
        raise DomainError(f"The reason is too long: at most {longest:,} characters.", "reason_too_long")
    return text


def locked(comment_id: int) -> Comment:
    """Lock a comment, and before it its author, whose standing follows from what is decided. Raises NoSuchComment.

    In this order, because taking in what a platform sends locks them in this order too.
    """
    rows = Comment.objects.filter(pk=comment_id)
    author_id = rows.values_list("author_id", flat=True).first()
    if author_id is not None:
        list(Author.objects.select_for_update().filter(pk=author_id).values_list("pk"))
    comment = rows.select_for_update(of=("self",)).select_related("channel", "post", "author").first()
    if comment is None:
        raise inbox.NoSuchComment
    return comment


def check_round(comment: Comment, expected: int) -> None:
    """Raise AlreadyDecided when the officer's screen showed an older state, NotOpen when there is nothing to decide."""
    if comment.decisions.count() + 1 != expected:
        raise AlreadyDecided
    if comment.desk_state != "open":
        raise NotOpen


def standing_against(comment: Comment) -> tuple[list[Act] | None, list[Act] | None]:
    """Return what stands against the comment's author: all of it, and without what was done about this very comment."""
    return inbox.history_of(comment.author), inbox.history_of(comment.author, without_comment=comment.pk)


def prospects(
    comment: Comment, policy: Policy, clause: Clause, ground: str, measures: Sequence[str], day: date
) -> list[Prospect]:
    """Return what would come with each of these measures on ``day``: step, second officer, letter, ban."""
    history, earlier = standing_against(comment)
    return [prospect(policy, clause, ground, measure, history, day, earlier) for measure in measures]


def weigh(comment: Comment, choice: Choice, now: datetime) -> Weighed:
    """Hold a choice against the house rules in force at ``now`` and return it with what follows; nothing is changed.

    Raises DomainError: the codes of ``policy.check_decision``, cannot_on_platform, no_author, step_first, reason_too_long.
    """
    reason = cleaned(choice.reason)
    version, policy = council.policy_in_force(now)
    if list(choice.measures) == ["ignore"]:
        return Weighed(version, policy, None, ["ignore"], "", reason, {}, [])
    stated = {**comment.stated, **choice.stated}
    clause = check_decision(
        policy,
        choice.clause_id,
        choice.ground,
        choice.measures,
        circumstances=council.circumstances_at(comment.written_at),
        reason=reason,
        stated=stated,
        platform=comment.channel.platform,
        history=inbox.history_of(comment.author),
        day=london_day(now),
    )
    chosen = in_order_of_force(choice.measures)
    if chosen == ["ignore"]:
        return Weighed(version, policy, None, chosen, "", reason, {}, [])
    _check_possible(comment, chosen)
    coming = prospects(comment, policy, clause, choice.ground, chosen, london_day(now))
    for each in reversed(coming):
        if each.step != "none":
            raise StepFirst(_what_comes_first(each, comment))
    second = [_MEASURE_IN_WORDS[each.measure] for each in coming if each.second_person]
    return Weighed(version, policy, clause, chosen, choice.ground, reason, stated, second)


def _check_possible(comment: Comment, measures: Sequence[str]) -> None:
    can = inbox.what_channel_can(comment.channel)
    for measure in measures:
        if can[measure].ability == "never":
            raise CannotOnPlatform(can[measure].reason)
    if "block" in measures and comment.author is None:
        raise NoAuthor


def _what_comes_first(coming: Prospect, comment: Comment) -> str:
    doing = _MEASURE_IN_WORDS[coming.measure].capitalize()
    if coming.step == "await_representations":
        day = f"{coming.until:%-d %B %Y}" if coming.until else "the time is over"
        return f"{doing} has to wait: the author was given notice and may answer. It can be decided from {day} on."
    first = _FIRST_IN_WORDS[coming.step]
    if comment.author is None:
        return (
            f"{doing} comes only after {first}, and the platform does not say who wrote this, so that nobody can be told. "
            "Choose another measure or another clause."
        )
    then = "once the time to answer has passed" if coming.step == "notice_of_intent" else "then"
    return (
        f"{doing} comes only after {first}. Send the words shown under “What comes first”, and press “I have sent this”; "
        f"{then} it can be decided."
    )


def make(
    comment: Comment,
    weighed: Weighed,
    *,
    round: int,
    decided_by: Officer,
    now: datetime,
    asked_by: Officer | None = None,
    proposal: Proposal | None = None,
) -> Decision:
    """Write a weighed choice down as a decision, hand its measures to the outbox, and return it.

    ``proposal``: the one that is confirmed by it; any other open one is overtaken.
    """
    clause = weighed.clause
    decision = write(
        comment=comment,
        round=round,
        measures=",".join(weighed.measures),
        clause_id=clause.id if clause else "",
        clause_text=clause.public if clause else "",
        ground=weighed.ground,
        reason=weighed.reason,
        policy_version=weighed.version,
        evidence=capture(comment, weighed.stated, now) if clause else None,
        asked_by=asked_by,
        decided_by=decided_by,
        decided_at=now,
    )
    comment.desk_state = "decided"
    comment.save(update_fields=["desk_state"])
    for measure in weighed.measures:
        if measure != "ignore":
            outbox.want(
                comment.channel,
                measure,
                _target(comment) | {"ground": weighed.ground},
                cause=f"decision:{decision.pk}",
                key=f"decision-{decision.pk}-{measure}",
                due_at=now + timedelta(seconds=settings.UNDO_SECONDS),
            )
    note_standing(comment)
    for other in comment.proposals.select_for_update().filter(outcome=""):
        if other != proposal:
            close(other, "overtaken", decided_by, now)
    record("decision.made", decision, decided_by, now, proposal=proposal)
    return decision


def write(**fields: Any) -> Decision:
    """Create the decision. Raises AlreadyDecided when another one took its round."""
    try:
        with transaction.atomic():
            return Decision.objects.create(**fields)
    except IntegrityError as error:
        if "one_decision_per_round" in str(error) or "comment_id" in str(error):
            raise AlreadyDecided from None
        raise


def capture(comment: Comment, stated: Mapping[str, bool], now: datetime) -> Evidence:
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


def note_standing(comment: Comment) -> None:
    """Write down what stands against the author on this platform: measures that were not taken back, and steps taken."""
    if comment.author_id is None:
        return
    decisions = Decision.objects.filter(
        comment__author_id=comment.author_id, undoes__isnull=True, undone_by__isnull=True
    ).exclude(measures="ignore")
    steps = StepTaken.objects.filter(author_id=comment.author_id)
    acts: list[tuple[datetime, str, str, int]] = [
        (step.taken_at, _LEFT_BY_STEP[step.step], step.ground, step.comment_id) for step in steps
    ]
    counts: Counter[str] = Counter()
    for decision in decisions:
        counts.update(decision.measure_list)
        acts += [
            (decision.decided_at, measure, decision.ground, decision.comment_id)
            for measure in decision.measure_list
            if measure in ACTS
        ]
    history = [
        {"date": london_day(moment).isoformat(), "measure": measure, "ground": ground, "comment": about}
        for moment, measure, ground, about in sorted(acts, key=lambda act: act[0])
    ]
    write_standing(comment.author_id, {"measures": dict(counts), "blocked": counts["block"] > 0, "history": history})


def close(proposal: Proposal, outcome: str, officer: Officer, now: datetime, note: str = "") -> None:
    """Close a proposal that leads to no decision, and record it."""
    proposal.outcome, proposal.closed_by, proposal.closed_at, proposal.note = outcome, officer, now, note
    proposal.save(update_fields=["outcome", "closed_by", "closed_at", "note"])
    append(
        f"proposal.{outcome}",
        actor=officer.email,
        subject=f"proposal:{proposal.pk}",
        payload={"proposal": proposal.pk, "comment": proposal.comment_id, "round": proposal.round},
        sealed={"note": note} if note else None,
        at=now,
    )


def record(kind: str, decision: Decision, officer: Officer, now: datetime, proposal: Proposal | None = None) -> None:
    """The personal data stands sealed beside the line; the line itself holds numbers, names of rules and hashes."""
    comment = decision.comment
    payload = {
        "decision": decision.pk,
        "comment": comment.pk,
        "round": decision.round,
        "measures": decision.measure_list,
        "clause": decision.clause_id,
        "clause_sha256": sha256_of(decision.clause_text),
        "ground": decision.ground,
        "policy_sha256": decision.policy_version.sha256,
        "evidence_sha256": decision.evidence.sha256 if decision.evidence else None,
        "undoes": decision.undoes_id,
        "proposal": proposal.pk if proposal else None,
    }
    sealed = about(comment)
    if decision.reason:
        sealed["reason"] = decision.reason
    seen = inbox.advice_seen(comment, officer.pk) if kind == "decision.made" else None
    if seen is not None:
        # It decides nothing, but whoever asks later how the officer came to it may know what lay before them.
        payload["advice_seen"] = {"model": seen.model, "opinion": seen.opinion, "clauses": seen.clauses}
        sealed["advice_seen"] = seen.reason
    append(kind, actor=officer.email, subject=f"decision:{decision.pk}", payload=payload, sealed=sealed, at=now)


def about(comment: Comment) -> dict[str, str]:
    """Return the personal data that is sealed beside every act about a comment: its words and who wrote them."""
    return {"comment": comment.text, "author": comment.author.external_id if comment.author else ""}


def sha256_of(text: str) -> str | None:
    """Return the SHA-256 of a text in lower-case hex, None for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest() if text else None

"""Second readings: wanted, asked of an advisor by a worker, kept, shown.

What an advisor says stands beside a comment and changes nothing: no ground, no recommendation, no place in the queue.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from moothall.council import queries as council
from moothall.council.models import PolicyVersion
from moothall.inbox import queries
from moothall.inbox.models import Advice, AdviceRequest, AdviceShown, Author, Comment
from moothall.platforms.advisor import (
    LONGEST_REASON,
    Advisor,
    AdvisorError,
    AdvisorMisconfigured,
    AdvisorSettings,
    AdvisorTimeout,
    AdvisorUnreachable,
    Question,
    one_line,
)
from moothall.platforms.advisor import Advice as Given
from moothall.policy import Policy
from moothall.records.actions import append
from moothall.signals.masking import mask
from moothall.team.models import Officer
from moothall.words import DomainError

logger = logging.getLogger(__name__)

#: Once asked in vain, once more after this; then an officer may press the button.
_MOST_TRIES: Final = 2
_AGAIN_AFTER: Final = timedelta(minutes=5)
#: While an advisor is silent nothing else is asked either: each question would hold up a worker for the whole time limit.
_LEFT_ALONE: Final = timedelta(minutes=1)
#: For how long a question waits while another comment's same question is being asked.
_WAITS_FOR_TWIN: Final = timedelta(seconds=5)
#: Of how many people who wrote under the same post the names are masked, newest first.
_MOST_WRITERS: Final = 1_000


class AdvisorOff(DomainError):
    """No advisor is switched on."""

    code = "advisor_off"


class NothingToAdviseOn(DomainError):
    """There is nothing to ask an advisor about: the comment is not open, or has no words."""

    code = "nothing_to_advise_on"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question ready to leave, with what is written down about it."""

    question: Question
    key: str
    about_sha256: str
    names: tuple[str, ...]
    masked: tuple[str, ...]
    version: PolicyVersion


def want_after_reading(comment: Comment, result: dict[str, Any], now: datetime) -> None:
    """Want advice where the reading named a ground or was unsure and an officer is to decide. In triage's transaction."""
    if not settings.ADVISOR_URL or comment.desk_state != "open" or not comment.text.strip():
        return
    if result.get("grounds") or result.get("unsure"):
        _want(comment.pk, None, now)


def want(comment_id: int, officer: Officer) -> None:
    """An officer wants a second reading. While one is on its way this changes nothing.

    Raises AdvisorOff, NoSuchComment, NothingToAdviseOn.
    """
    if not settings.ADVISOR_URL:
        raise AdvisorOff
    now = timezone.now()
    with transaction.atomic():
        comment = Comment.objects.select_for_update().filter(pk=min(comment_id, queries.LARGEST_ID)).first()
        if comment is None:
            raise queries.NoSuchComment
        if comment.desk_state != "open" or not comment.text.strip():
            raise NothingToAdviseOn
        pending = AdviceRequest.objects.filter(comment=comment, state__in=AdviceRequest.CLAIMABLE, attempts=0)
        if pending.exists():
            return
        _want(comment.pk, officer, now)
        append(
            "advice.wanted",
            actor=officer.email,
            subject=f"comment:{comment.pk}",
            payload={"comment": comment.pk, "model": settings.ADVISOR_MODEL},
            at=now,
        )


def _want(comment_id: int, officer: Officer | None, now: datetime) -> None:
    # A lease is left as it is: where a worker is asking just now, its answer is waited for.
    AdviceRequest.objects.update_or_create(
        comment_id=comment_id,
        defaults={"state": "due", "due_at": now, "attempts": 0, "last_error": "", "wanted_by": officer},
    )


def ask_due(worker: str, now: datetime, limit: int = 1) -> int:
    """Ask the advisor about comments for which advice is wanted. Returns how many were handled; none where it is off."""
    if not settings.ADVISOR_URL:
        return 0
    lease = timedelta(seconds=settings.ADVISOR_TIMEOUT + 60)
    requests = AdviceRequest.claim(worker, now, limit=limit, lease=lease)
    for request in requests:
        try:
            asked = _prepared(request.pk, worker, now)
            if asked is not None:
                _ask(request.pk, asked, worker)
        except Exception:
            # Nothing depends on it, and a fault of our own is not mended by asking again.
            logger.exception("advice on comment %s could not be asked for", request.comment_id)
            with transaction.atomic():
                own = _own(request.pk, worker)
                if own is not None:
                    _settle(own, "failed", AdvisorError().message)
    return len(requests)


def _prepared(request_id: int, worker: str, now: datetime) -> _Asked | None:
    """Return what is to be asked, the row being marked so before anything leaves; None where nothing has to be asked."""
    with transaction.atomic():
        request = _own(request_id, worker)
        if request is None:
            return None
        comment = Comment.objects.select_related("post", "author", "channel").get(pk=request.comment_id)
        version, policy = _rules(comment, now)
        clauses = _clauses(policy, queries.comment_view(comment.pk).assessment or {})
        if comment.desk_state != "open" or not comment.text.strip() or not clauses:
            _settle(request, "not_needed")
            return None
        asked = _asked(comment, clauses, version, now)
        if _known(comment, asked, now):
            _settle(request, "answered")
            return None
        if request.attempts >= _MOST_TRIES:
            # Its worker was killed while it asked for the last time.
            _settle(request, "failed", AdvisorUnreachable().message)
            return None
        request.state, request.key, request.attempts = "asking", asked.key, request.attempts + 1
        try:
            with transaction.atomic():
                request.save(update_fields=["state", "key", "attempts"])
        except IntegrityError:
            # Another comment's same question is on its way: its answer will do for both.
            request.state, request.key, request.attempts = "due", "", request.attempts - 1
            request.due_at = now + _WAITS_FOR_TWIN
            request.release()
            request.save()
            return None
    return asked


def _own(request_id: int, worker: str) -> AdviceRequest | None:
    """Lock and return a row while it is still this worker's: a lease is not a lock."""
    return AdviceRequest.objects.select_for_update().filter(pk=request_id, leased_by=worker).first()


def _settle(request: AdviceRequest, state: str, error: str = "") -> None:
    request.state, request.last_error = state, error
    request.release()
    request.save(update_fields=["state", "last_error", "leased_until", "leased_by"])


def _rules(comment: Comment, now: datetime) -> tuple[PolicyVersion, Policy]:
    """Return the rules under which the comment was read, or those in force where it has not been read."""
    newest = comment.assessments.select_related("policy_version").order_by("-id").first()
    if newest is None:
        return council.policy_in_force(now)
    return newest.policy_version, council.rules_of(newest.policy_version)


def _clauses(policy: Policy, reading: dict[str, Any]) -> dict[str, str]:
    """Return the public words of the clauses to ask about: those for the grounds named, else all that name a ground."""
    named = {ground["name"] for ground in reading.get("grounds", ())}
    with_grounds = [clause for clause in policy.clauses if clause.grounds]
    chosen = [clause for clause in with_grounds if named & set(clause.grounds)] or with_grounds
    return {clause.id: f"{clause.title}: {clause.public}" for clause in chosen}


def _asked(comment: Comment, clauses: dict[str, str], version: PolicyVersion, now: datetime) -> _Asked:
    names = _names(comment, now)
    words, post = mask(comment.text, names), mask(comment.post.text, names)
    question = Question(clauses, words.text, post.text)
    content = json.dumps([settings.ADVISOR_MODEL, clauses, post.text, words.text], sort_keys=True, ensure_ascii=False)
    return _Asked(
        question,
        hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(),
        queries.sha256_of(comment.text),
        names,
        tuple(sorted({*words.kinds, *post.kinds})),
        version,
    )


def _names(comment: Comment, now: datetime) -> tuple[str, ...]:
    """Return every name that is known here and may stand in the comment: registers, the team, all who wrote under the post."""
    known = council.registers(now)
    writers = (
        Author.objects.filter(comments__post=comment.post_id)
        .order_by("-id")
        .distinct()
        .values_list("name", "handle")[:_MOST_WRITERS]
    )
    found = [
        *(name for pair in writers for name in pair),
        *Officer.objects.values_list("name", flat=True),
        *known.active_cases,
        *known.candidates,
        *known.councillors,
        *known.authorised,
    ]
    return tuple(sorted({name.strip() for name in found if name.strip()}))


def _known(comment: Comment, asked: _Asked, now: datetime) -> bool:
    """Return whether this question has been answered before, for this comment or another; then it is not asked again."""
    if Advice.objects.filter(comment=comment, key=asked.key).exists():
        return True
    same = Advice.objects.filter(key=asked.key).order_by("id").first()
    if same is None:
        return False
    _keep(comment.pk, asked, Given(same.opinion, tuple(same.clauses), same.reason, same.model), now)  # type: ignore[arg-type]
    return True


def _keep(comment_id: int, asked: _Asked, given: Given, now: datetime) -> Advice:
    advice, _ = Advice.objects.get_or_create(
        comment_id=comment_id,
        key=asked.key,
        defaults={
            "about_sha256": asked.about_sha256,
            "model": given.model[:200],
            "opinion": given.opinion,
            "clauses": list(given.clauses),
            # An address or a number that the advisor was led to put in front of an officer is taken out, too.
            "reason": one_line(mask(given.reason, asked.names).text, LONGEST_REASON),
            "policy_version": asked.version,
            "given_at": now,
        },
    )
    return advice


def _ask(request_id: int, asked: _Asked, worker: str) -> None:
    """Ask, with no transaction open meanwhile; then write down what came of it and that something has left."""
    error: AdvisorError | None = None
    given: Given | None = None
    try:
        given = _advisor().advise(asked.question)
    except AdvisorError as refused:
        error = refused
        logger.warning("the advisor was asked in vain: %s [%s]", refused.message, refused.code)
    now = timezone.now()
    with transaction.atomic():
        # Without looking whose the row is: an answer that came late is an answer.
        request = AdviceRequest.objects.select_for_update().filter(pk=request_id).first()
        if given is not None and request is not None:
            _keep(request.comment_id, asked, given, now)
        if error is not None:
            _put_off(request_id, worker, error, now)
        elif request is not None and request.leased_by == worker:
            _settle(request, "answered" if request.state == "asking" else request.state)
        if not isinstance(error, AdvisorMisconfigured):
            _record(request, asked, error.code if error else "answered", worker, now)


def _advisor() -> Advisor:
    return Advisor(
        AdvisorSettings(
            url=settings.ADVISOR_URL,
            model=settings.ADVISOR_MODEL,
            key=settings.ADVISOR_KEY,
            timeout=settings.ADVISOR_TIMEOUT,
            inside=settings.ADVISOR_INSIDE,
        )
    )


def _put_off(request_id: int, worker: str, error: AdvisorError, now: datetime) -> None:
    """Ask once more later, or say that it failed; leave the advisor alone for a while where it is silent."""
    request = _own(request_id, worker)
    if request is not None:
        if request.state == "asking":
            request.state = "failed" if request.attempts >= _MOST_TRIES else "due"
            request.due_at, request.last_error = now + _AGAIN_AFTER, error.message
        request.release()
        request.save()
    if isinstance(error, AdvisorTimeout | AdvisorUnreachable | AdvisorMisconfigured):
        waiting = AdviceRequest.objects.filter(state="due", due_at__lt=now + _LEFT_ALONE)
        waiting.update(due_at=now + _LEFT_ALONE)


def _record(request: AdviceRequest | None, asked: _Asked, outcome: str, worker: str, now: datetime) -> None:
    """Record that a question left the council: to whom, what kinds of details were taken out of it, and sealed, its words."""
    comment = str(request.comment_id) if request else "gone"
    append(
        "advice.asked",
        actor=worker,
        subject=f"comment:{comment}",
        payload={
            "host": queries.advisor_host(),
            "model": settings.ADVISOR_MODEL,
            "question_sha256": asked.key,
            "clauses": list(asked.question.clauses),
            "masked": list(asked.masked),
            "outcome": outcome,
        },
        sealed={"comment_sent": asked.question.comment, "post_sent": asked.question.post},
        at=now,
    )


def note_shown(advice: Advice, officer: Officer) -> None:
    """Write down that an officer has been shown an advice; the first time counts."""
    AdviceShown.objects.get_or_create(advice=advice, officer=officer, defaults={"shown_at": timezone.now()})

"""One comment from arrival to the queue: repeats, the reader, the house rules, and what they say written down."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from django.db import transaction

from moothall.council import queries as council
from moothall.inbox.models import Assessment, Comment, RepeatEntry
from moothall.inbox.repeat_store import DatabaseStore
from moothall.reading.comment import read_and_assess
from moothall.signals import Reader, RepeatIndex
from moothall.words import PLATFORMS

#: Beyond this many posts a campaign is plain, and reading its first members again changes nothing.
_READ_AGAIN_UP_TO_POSTS = 6


@lru_cache(maxsize=1)
def _reader() -> Reader:
    """One reader a process: loading it takes longer than reading a comment."""
    return Reader()


def _members(platform: str, campaign: str) -> list[str]:
    entries = RepeatEntry.objects.filter(platform=platform, campaign=campaign).order_by("-at")
    return list(entries.values_list("comment_id", flat=True)[:50])


@lru_cache(maxsize=len(PLATFORMS))
def _repeats(platform: str) -> RepeatIndex:
    return RepeatIndex(store=DatabaseStore(platform))


def triage(comment_id: int, now: datetime) -> Assessment | None:
    """Assess one comment under the rules in force, store the assessment whole and place the comment in the queue.

    Returns None when it is no longer due: another worker has read it.
    """
    version, policy = council.policy_in_force(now)
    with transaction.atomic():
        # Locked and read anew: since it was claimed its author may have edited it, or an officer decided on it.
        comment = Comment.objects.select_for_update(of=("self",)).select_related("channel", "post").get(pk=comment_id)
        if comment.state != "due":
            return None
        first = not comment.assessments.exists()
        match = _repeats(comment.channel.platform).seen(
            comment.text,
            id=str(comment.pk),
            author=str(comment.author_id) if comment.author_id else None,
            post=str(comment.post_id),
            at=comment.written_at,
        )
        _, assessed = read_and_assess(
            _reader(),
            policy,
            comment.text,
            comment.post.text or None,
            repeats=match.other_posts if match else 0,
            campaign=match.campaign if match else None,
            platform=comment.channel.platform,
            pre_election=council.pre_election_at(comment.written_at),
            date=comment.written_at,
        )
        result = assessed.as_dict() | {
            "clauses": [asdict(clause) | {"text": clause.public} for clause in assessed.clauses],
            "refused": dict(assessed.refused),
            "trace": [asdict(step) for step in assessed.trace],
        }
        assessment = Assessment.objects.create(
            comment=comment,
            made_at=now,
            policy_version=version,
            model_version=assessed.model_version,
            result=result,
        )
        comment.urgency, comment.route = assessed.urgency, assessed.route
        comment.campaign = match.campaign if match else ""
        comment.state, comment.last_error = "assessed", ""
        comment.release()
        comment.save(update_fields=["urgency", "route", "campaign", "state", "last_error", "leased_until", "leased_by"])
        if match and first:
            # The earlier members could not know how far their campaign would go: they are read again while it is small.
            earlier = Comment.objects.filter(
                pk__in=[int(id) for id in _members(comment.channel.platform, match.campaign)], desk_state="open"
            ).exclude(pk=comment.pk)
            earlier.update(campaign=match.campaign)
            if match.posts <= _READ_AGAIN_UP_TO_POSTS:
                earlier.filter(state="assessed").update(state="due", due_at=now)
    return assessment

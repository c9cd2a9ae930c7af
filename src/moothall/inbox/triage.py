"""One comment from arrival to the queue: repeats, the reader, the house rules, and what they say written down."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from moothall.council import queries as council
from moothall.inbox.advice import want_after_reading
from moothall.inbox.look_alikes import as_grounds, kept, look_alike_of
from moothall.inbox.models import Assessment, Comment, RepeatEntry
from moothall.inbox.queries import history_of
from moothall.inbox.repeat_store import DatabaseStore
from moothall.policy import Ban, Facts, Review
from moothall.policy.calendar import london_day
from moothall.reading.comment import read_and_assess
from moothall.signals import Reader, Registers, RepeatIndex
from moothall.words import PLATFORMS

#: So many posts beyond those that are several, a campaign is plain: reading its first members again changes nothing.
_READ_AGAIN_BEYOND_SEVERAL = 3


@lru_cache(maxsize=2)
def _reader(registers: Registers) -> Reader:
    """One reader a process and state of the registers: loading it takes longer than reading a comment."""
    return Reader(registers=registers)


def _members(platform: str, campaign: str) -> list[str]:
    entries = RepeatEntry.objects.filter(platform=platform, campaign=campaign).order_by("-at")
    return list(entries.values_list("comment_id", flat=True)[:50])


@lru_cache(maxsize=2 * len(PLATFORMS))
def _repeats(platform: str, window_days: int) -> RepeatIndex:
    return RepeatIndex(store=DatabaseStore(platform), window_days=window_days)


def _plain(found: Ban | Review | None) -> dict[str, Any] | None:
    """Return a ban or a review for JSON, its days as ISO 8601."""
    if found is None:
        return None
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(found).items()}


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
        match = _repeats(comment.channel.platform, policy.settings.repeat_days).seen(
            comment.text,
            id=str(comment.pk),
            author=str(comment.author_id) if comment.author_id else None,
            post=str(comment.post_id),
            at=comment.written_at,
        )
        look_alike = look_alike_of(comment)
        signals, assessed = read_and_assess(
            _reader(council.registers(now)),
            policy,
            comment.text,
            comment.post.text or None,
            facts=Facts(
                repeats=match.other_posts if match else 0,
                campaign=match.campaign if match else None,
                platform=comment.channel.platform,
                stated=comment.stated,
                repeat_times=match.times if match else 1,
                identical=match is not None and match.similarity == 1.0,
                campaign_posts=match.posts if match else 1,
                history=history_of(comment.author),
                today=london_day(now),
                about=str(comment.pk),
            ),
            circumstances=council.circumstances_at(comment.written_at),
            beside=as_grounds(look_alike),
        )
        result = assessed.as_dict() | {
            "clauses": [asdict(clause) | {"text": clause.public} for clause in assessed.clauses],
            "refused": dict(assessed.refused),
            "trace": [asdict(step) for step in assessed.trace],
            "leading": assessed.leading,
            "rung": assessed.rung,
            "step": assessed.step,
            "second_person": assessed.second_person,
            "notify": assessed.notify,
            "letter": assessed.letter,
            "ban": _plain(assessed.ban),
            "reply_due": assessed.reply_due.isoformat() if assessed.reply_due else None,
            "review": _plain(assessed.review),
            "look_alike": kept(look_alike, comment, signals.grounds),
            # No rule acts on these: they are for the officer who looks.
            "noticed": {
                "hints": {hint: words.text for hint, words in signals.hint_words.items()},
                "places": [place.text for place in signals.places],
            },
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
        want_after_reading(comment, result, now)
        if match and first:
            # The earlier members could not know how far their campaign would go: they are read again while it is small.
            earlier = Comment.objects.filter(
                pk__in=[int(id) for id in _members(comment.channel.platform, match.campaign)], desk_state="open"
            ).exclude(pk=comment.pk)
            earlier.update(campaign=match.campaign)
            if match.posts <= policy.settings.repeat_posts + _READ_AGAIN_BEYOND_SEVERAL:
                earlier.filter(state="assessed").update(state="due", due_at=now)
    return assessment

"""The repeat index built anew from the comments that are kept: after a change of how texts are reduced, or a loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db import transaction

from moothall.council import queries as council
from moothall.inbox.models import Channel, Comment, RepeatEntry
from moothall.inbox.repeat_store import DatabaseStore
from moothall.signals import MemoryStore, RepeatIndex
from moothall.signals.repeat_memory import Entry

#: Comments written in one transaction: workers wait for no longer than these take.
_BATCH: Final = 200


class _Noting(MemoryStore):
    """A store in memory that notes what was added since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._added: list[tuple[Entry, Sequence[int]]] = []

    def add(self, entry: Entry, keys: Sequence[int]) -> None:
        """Remember an entry and note it."""
        super().add(entry, keys)
        self._added.append((entry, keys))

    def take(self) -> list[tuple[Entry, Sequence[int]]]:
        """Return what was added since the last time."""
        taken, self._added = self._added, []
        return taken


def rebuild_all(now: datetime) -> dict[str, int]:
    """Build the repeat index of every platform anew, over as many days as the rules in force say.

    Returns platform to how many comments are indexed. Raises council.NoRulesInForce.
    """
    _, policy = council.policy_in_force(now)
    platforms = sorted(set(Channel.objects.values_list("platform", flat=True)))
    return {platform: rebuild_repeats(platform, policy.settings.repeat_days, now) for platform in platforms}


def rebuild_repeats(platform: str, window_days: int, now: datetime) -> int:
    """Build one platform's repeat index anew from its comments of the last ``window_days``; return how many it holds.

    Comments get the campaign that is found for them, those decided on too: who joins later is shown what was decided.
    Workers may go on: what they add in the meantime is kept.
    """
    comments = Comment.objects.filter(
        channel__platform=platform, written_at__gte=now - timedelta(days=window_days), written_at__lte=now
    ).order_by("written_at", "pk")
    last_before = RepeatEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    noting, kept = _Noting(), DatabaseStore(platform)
    index = RepeatIndex(noting, window_days)
    held = 0
    campaigns: dict[str, list[int]] = {}
    for batch in _batches(comments.iterator(chunk_size=2_000)):
        for comment in batch:
            match = index.seen(
                comment.text,
                id=str(comment.pk),
                author=str(comment.author_id) if comment.author_id else None,
                post=str(comment.post_id),
                at=comment.written_at,
            )
            if match is not None:
                campaigns.setdefault(match.campaign, [int(str(match.id))]).append(comment.pk)
        added = noting.take()
        with transaction.atomic():
            for entry, keys in added:
                kept.add(entry, keys)
        held += len(added)
    with transaction.atomic():
        RepeatEntry.objects.filter(platform=platform, pk__lte=last_before).delete()
        rows = Comment.objects.filter(channel__platform=platform)
        rows.exclude(campaign="").filter(written_at__lte=now).update(campaign="")
        for campaign, members in campaigns.items():
            rows.filter(pk__in=members).update(campaign=campaign)
    return held


def _batches(comments: Iterator[Comment]) -> Iterator[list[Comment]]:
    while batch := list(islice(comments, _BATCH)):
        yield batch

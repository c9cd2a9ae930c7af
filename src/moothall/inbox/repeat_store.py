"""The repeat index's store on the desk: the database, so that a restart or a second worker loses nothing.

One store serves one platform: comments are never compared across platforms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from moothall.inbox.models import RepeatEntry, RepeatKey
from moothall.signals.repeats import Entry, Tally


class DatabaseStore:
    """Implements ``signals.repeats.RepeatStore`` over RepeatEntry and RepeatKey rows of one platform."""

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def candidates(self, keys: Sequence[int], since: datetime) -> Sequence[Entry]:
        """Return at most 32 entries that share keys, those that share most first."""
        needed = 2 if len(keys) > 3 else 1
        entries = (
            RepeatEntry.objects.filter(platform=self._platform, at__gte=since, keys__key__in=keys)
            .annotate(shared=Count("keys"))
            .filter(shared__gte=needed)
            .order_by("-shared", "id")[:32]
        )
        return [self._entry(row) for row in entries]

    def tally(self, campaign: str) -> Tally:
        """Return the spread of a campaign."""
        pairs: Counter[tuple[str | None, str | None]] = Counter(
            (author or None, post or None)
            for author, post in RepeatEntry.objects.filter(platform=self._platform, campaign=campaign).values_list(
                "author", "post"
            )
        )
        return Tally(
            sum(pairs.values()),
            frozenset(post for _, post in pairs if post is not None),
            frozenset(author for author, _ in pairs if author is not None),
            pairs,
        )

    def add(self, entry: Entry, keys: Sequence[int]) -> None:
        """Remember an entry; one with the same id is replaced."""
        RepeatEntry.objects.filter(platform=self._platform, comment_id=str(entry.id)).delete()
        row = RepeatEntry.objects.create(
            platform=self._platform,
            comment_id=str(entry.id),
            text=entry.text,
            words=entry.words,
            author=str(entry.author or ""),
            post=str(entry.post or ""),
            at=entry.at,
            campaign=entry.campaign,
        )
        RepeatKey.objects.bulk_create([RepeatKey(entry=row, key=key) for key in keys])

    def prune(self, before: datetime) -> None:
        """Forget entries older than ``before``."""
        RepeatEntry.objects.filter(platform=self._platform, at__lt=before).delete()

    @staticmethod
    def _entry(row: RepeatEntry) -> Entry:
        return Entry(
            id=row.comment_id,
            text=row.text,
            words=row.words,
            author=row.author or None,
            post=row.post or None,
            at=row.at,
            campaign=row.campaign,
        )

"""The repeat index's store on the desk: the database, so that a restart or a second worker loses nothing.

One store serves one platform: comments are never compared across platforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from moothall.inbox.models import RepeatEntry, RepeatKey
from moothall.signals.repeat_memory import Entry, Spread, Tally


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
        spread = Spread()
        rows = RepeatEntry.objects.filter(platform=self._platform, campaign=campaign)
        for author, post, count in (
            rows.values_list("author", "post").annotate(count=Count("id")).order_by("author", "post")
        ):
            spread.count(author or None, post or None, count)
        return spread.tally()

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

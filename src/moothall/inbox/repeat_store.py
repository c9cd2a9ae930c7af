"""The repeat index's store on the desk: the database, so that a restart or a second worker loses nothing.

One store serves one platform: comments are never compared across platforms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

from django.db.models import Count

from moothall.inbox.models import RepeatEntry, RepeatKey
from moothall.signals.repeat_memory import Entry, Spread, Tally
from moothall.signals.sameness import letters_in

#: Of those that have a key so many are looked at.
_NEWEST: Final = 24


class DatabaseStore:
    """Implements ``signals.repeats.RepeatStore`` over RepeatEntry and RepeatKey rows of one platform."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._salt = int.from_bytes(blake2b(platform.encode(), digest_size=8).digest(), "big") >> 1

    def salted(self, keys: Iterable[int]) -> list[int]:
        """Return the keys as this platform has them: what is often said on one takes no place from another."""
        return [key ^ self._salt for key in keys]

    def candidates(self, keys: Sequence[int], since: datetime) -> Sequence[Entry]:
        """Return at most 32 entries that share keys, those that share most first, the newest first among equals."""
        needed = 2 if len(keys) > 3 else 1
        # Key by key and the newest alone: a key that thousands have costs no more than another. Joined with the entries, SQLite
        # would go through all of a platform's.
        shared: Counter[int] = Counter()
        for key in self.salted(keys):
            shared.update(
                RepeatKey.objects.filter(key=key).order_by("-id").values_list("entry_id", flat=True)[:_NEWEST]
            )
        found = sorted(((count, number) for number, count in shared.items() if count >= needed), reverse=True)[:96]
        held = RepeatEntry.objects.in_bulk([number for _, number in found])
        rows = [held[number] for _, number in found if number in held]
        return [self._entry(row) for row in rows if row.platform == self._platform and row.at >= since][:32]

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
            author=str(entry.author or ""),
            post=str(entry.post or ""),
            at=entry.at,
            campaign=entry.campaign,
        )
        RepeatKey.objects.bulk_create([RepeatKey(entry=row, key=key) for key in self.salted(keys)])

    def prune(self, before: datetime) -> None:
        """Forget entries older than ``before``."""
        RepeatEntry.objects.filter(platform=self._platform, at__lt=before).delete()

    @staticmethod
    def _entry(row: RepeatEntry) -> Entry:
        return Entry(
            id=row.comment_id,
            text=row.text,
            letters=letters_in(row.text),
            author=row.author or None,
            post=row.post or None,
            at=row.at,
            campaign=row.campaign,
        )

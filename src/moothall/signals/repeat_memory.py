"""Where the repeat index keeps what it has seen: the terms of a store, and a store in memory.

The store in memory holds the keys of all comments in one table of numbers, eight to a row, the newest in the place of the
oldest: a look at it takes the same time however many comments are held, and a key that everybody has costs no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import numpy as np

#: Keys in a row of the table, and rows to a comment at least: with thirteen keys a comment, half of the places are free.
_PLACES: Final = 8
_ROWS_PER_ENTRY: Final = 3
_FIRST_ROWS: Final = 1 << 12
_LAST_SERIAL: Final = (1 << 32) - 1
#: A place holds the comment's serial number in its upper half and the lower half of the key.
_HALF: Final = np.uint64(32)
_LOWER: Final = np.uint64(_LAST_SERIAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One comment remembered. ``text``: its words, folded; ``letters``: those of the text, for they are compared often."""

    id: Hashable
    text: str
    letters: str
    author: Hashable | None
    post: Hashable | None
    at: datetime
    campaign: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a campaign has spread: comments, distinct posts, distinct authors, and how often each author wrote it where.

    The collections are views: they may change with the store.
    """

    comments: int
    posts: Collection[Hashable]
    authors: Collection[Hashable]
    by_author: Mapping[Hashable | None, Mapping[Hashable | None, int]]


class RepeatStore(Protocol):
    """Where the index keeps what it has seen."""

    def candidates(self, keys: Sequence[int], since: datetime) -> Sequence[Entry]:
        """Return entries not older than ``since`` that share keys, those that share most first, at most 32."""
        ...

    def tally(self, campaign: str) -> Tally:
        """Return the spread of a campaign; of one nobody has joined, that of its founder."""
        ...

    def add(self, entry: Entry, keys: Sequence[int]) -> None:
        """Remember an entry; one with the same id is replaced."""
        ...

    def prune(self, before: datetime) -> None:
        """Forget entries older than ``before``."""
        ...


@dataclass(slots=True)
class Spread:
    """How far a campaign has spread, kept while it grows and shrinks."""

    comments: int = 0
    posts: Counter[Hashable] = field(default_factory=Counter)
    by_author: dict[Hashable | None, Counter[Hashable | None]] = field(default_factory=dict)
    authors: dict[Hashable, None] = field(default_factory=dict)

    def count(self, author: Hashable | None, post: Hashable | None, by: int = 1) -> None:
        """Count a comment, or with ``by`` -1 discount it."""
        self.comments += by
        mine = self.by_author.setdefault(author, Counter())
        mine[post] += by
        if not mine[post]:
            del mine[post]
        if not mine:
            del self.by_author[author]
        if author is not None and author in self.by_author:
            self.authors[author] = None
        elif author is not None:
            self.authors.pop(author, None)
        if post is not None:
            self.posts[post] += by
            if not self.posts[post]:
                del self.posts[post]

    def tally(self) -> Tally:
        """Return what has been counted, as views."""
        return Tally(self.comments, self.posts.keys(), self.authors.keys(), self.by_author)


class MemoryStore:
    """Keeps at most ``max_entries`` in memory, the oldest forgotten first."""

    def __init__(self, max_entries: int = 1_000_000) -> None:
        self._max_entries = max_entries
        self._entries: dict[int, Entry] = {}
        self._serials: dict[Hashable, int] = {}
        # Who founded a campaign that nobody has joined; once somebody has, how far it has spread.
        self._campaigns: dict[str, int | Spread] = {}
        self._oldest = self._serial = 1
        self._table = np.zeros((_FIRST_ROWS, _PLACES), np.uint64)
        # The place of each row that is written next.
        self._turn = np.zeros(_FIRST_ROWS, np.uint8)
        self._mask = np.uint64(_FIRST_ROWS - 1)

    def __len__(self) -> int:
        return len(self._entries)

    def candidates(self, keys: Sequence[int], since: datetime) -> Sequence[Entry]:
        """Return entries that share keys, those that share most first, the newest first among equals, at most 32."""
        lower = np.array(keys, np.uint64) & _LOWER
        held_there = self._table[lower & self._mask]
        shared = Counter((held_there[held_there & _LOWER == lower[:, None]] >> _HALF).tolist())
        needed = 2 if len(keys) > 3 else 1
        found = [(count, serial) for serial, count in shared.items() if count >= needed]
        found.sort(reverse=True)
        entries = self._entries
        held = [entries[serial] for _, serial in found[:48] if serial in entries]
        return [entry for entry in held if entry.at >= since][:32]

    def tally(self, campaign: str) -> Tally:
        """Return the spread of a campaign."""
        held = self._campaigns.get(campaign)
        if isinstance(held, Spread):
            return held.tally()
        spread = Spread()
        if held is not None:
            founder = self._entries[held]
            spread.count(founder.author, founder.post)
        return spread.tally()

    def add(self, entry: Entry, keys: Sequence[int]) -> None:
        """Remember an entry; one with the same id is replaced."""
        if entry.id in self._serials:
            self._forget(self._serials[entry.id])
        while len(self._entries) >= self._max_entries:
            self._forget_oldest()
        if self._serial > _LAST_SERIAL:
            raise OverflowError("four thousand million comments were remembered: the index has to be built anew")
        self._entries[self._serial] = entry
        self._serials[entry.id] = self._serial
        self._join(entry)
        if _ROWS_PER_ENTRY * len(self._entries) > len(self._table):
            self._grow()
        # Of keys of one comment that fall on one row, one is kept.
        lower = np.array(keys, np.uint64) & _LOWER
        rows = lower & self._mask
        turn = self._turn[rows]
        self._table[rows, turn] = lower | np.uint64(self._serial << 32)
        self._turn[rows] = (turn + 1) % _PLACES
        self._serial += 1

    def prune(self, before: datetime) -> None:
        """Forget the entries older than ``before`` that stand before the first younger one: they came in order of time."""
        while self._entries:
            entry = self._entries.get(self._oldest)
            if entry is not None:
                if entry.at >= before:
                    return
                self._forget(self._oldest)
            self._oldest += 1

    def _grow(self) -> None:
        # A row becomes two, and what it held goes where one more bit of the key says. Sorted, free places come first and
        # the oldest comment next: they are written in this order.
        goes_up = (self._table & np.uint64(len(self._table))) != 0
        nothing = np.uint64(0)
        halves = (np.where(goes_up, nothing, self._table), np.where(goes_up, self._table, nothing))
        self._table = np.concatenate([np.sort(half, axis=1) for half in halves])
        self._turn = np.zeros(len(self._table), np.uint8)
        self._mask = np.uint64(len(self._table) - 1)

    def _join(self, entry: Entry) -> None:
        held = self._campaigns.get(entry.campaign)
        if held is None:
            self._campaigns[entry.campaign] = self._serial
            return
        if not isinstance(held, Spread):
            founder = self._entries[held]
            held = self._campaigns[entry.campaign] = Spread()
            held.count(founder.author, founder.post)
        held.count(entry.author, entry.post)

    def _forget_oldest(self) -> None:
        while self._oldest not in self._entries:
            self._oldest += 1
        self._forget(self._oldest)

    def _forget(self, serial: int) -> None:
        entry = self._entries.pop(serial)
        del self._serials[entry.id]
        held = self._campaigns[entry.campaign]
        if isinstance(held, Spread):
            held.count(entry.author, entry.post, -1)
        if not isinstance(held, Spread) or not held.comments:
            del self._campaigns[entry.campaign]

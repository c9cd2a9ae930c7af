"""Near-identical comments across posts, found as they stream past.

A text is reduced to its letters and digits. The smallest hashes of its six-character shingles are its keys; comments that
share enough keys are compared in full. Where the keys live is a store's business: ``MemoryStore`` by default.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Protocol

import numpy as np
from rapidfuzz import fuzz

from moothall.signals.normalise import normalise

_LINK: Final = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD: Final = re.compile(r"\w+")
_LEET: Final = str.maketrans("013457@$!|+", "oieastasiit")
_KEYS: Final = 8
_SHINGLE: Final = 6
_LONGEST: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One comment remembered: ``text`` is its letters only, ``words`` how many words it had."""

    id: Hashable
    text: str
    words: int
    author: Hashable | None
    post: Hashable | None
    at: datetime
    campaign: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a campaign has spread: comments, distinct posts, distinct authors, and how often each author wrote it where.

    ``pairs`` has an entry for each author and post that belong together, as a pair.
    """

    comments: int
    posts: frozenset[Hashable]
    authors: frozenset[Hashable]
    pairs: Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class RepeatMatch:
    """The earlier comment most like a new one, and the campaign both belong to, counted with the new one in it.

    ``other_posts``: on how many posts other than this one the same author has put near-identical text; without authors,
    on how many other posts the text stands. ``times``: how often the same author has put it anywhere, this one included.
    """

    id: Hashable
    similarity: float
    campaign: str
    comments: int
    posts: int
    authors: int
    other_posts: int
    times: int = 1


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


class MemoryStore:
    """Keeps at most ``max_entries`` in memory, the oldest forgotten first."""

    def __init__(self, max_entries: int = 100_000, per_key: int = 32) -> None:
        self._entries: OrderedDict[Hashable, tuple[Entry, tuple[int, ...]]] = OrderedDict()
        self._by_key: dict[int, Hashable | list[Hashable]] = {}
        self._spread: dict[str, Counter[tuple[Hashable | None, Hashable | None]]] = {}
        self._max_entries = max_entries
        self._per_key = per_key

    def __len__(self) -> int:
        return len(self._entries)

    def candidates(self, keys: Sequence[int], since: datetime) -> Sequence[Entry]:
        """Return entries that share keys, those that share most first."""
        shared: Counter[Hashable] = Counter()
        for key in keys:
            held = self._by_key.get(key)
            if isinstance(held, list):
                shared.update(held)
            elif held is not None:
                shared[held] += 1
        needed = 2 if len(keys) > 3 else 1
        return [
            self._entries[id][0]
            for id, count in shared.most_common(32)
            if count >= needed and self._entries[id][0].at >= since
        ]

    def tally(self, campaign: str) -> Tally:
        """Return the spread of a campaign."""
        pairs = self._spread.get(campaign, Counter())
        return Tally(
            sum(pairs.values()),
            frozenset(post for _, post in pairs if post is not None),
            frozenset(author for author, _ in pairs if author is not None),
            pairs,
        )

    def add(self, entry: Entry, keys: Sequence[int]) -> None:
        """Remember an entry; one with the same id is replaced."""
        if entry.id in self._entries:
            self._forget(entry.id)
        while len(self._entries) >= self._max_entries:
            self._forget(next(iter(self._entries)))
        self._entries[entry.id] = (entry, tuple(keys))
        for key in keys:
            held = self._by_key.get(key)
            if held is None:
                self._by_key[key] = entry.id
            elif isinstance(held, list):
                held.append(entry.id)
                # The newest are enough: what came later repeats them as much as the first.
                if len(held) > self._per_key:
                    del held[0]
            else:
                self._by_key[key] = [held, entry.id]
        self._spread.setdefault(entry.campaign, Counter())[entry.author, entry.post] += 1

    def prune(self, before: datetime) -> None:
        """Forget entries older than ``before``."""
        for id in [id for id, (entry, _) in self._entries.items() if entry.at < before]:
            self._forget(id)

    def _forget(self, id: Hashable) -> None:
        entry, keys = self._entries.pop(id)
        for key in keys:
            held = self._by_key.get(key)
            if isinstance(held, list):
                if id in held:
                    held.remove(id)
                if not held:
                    del self._by_key[key]
            elif held == id:
                del self._by_key[key]
        spread = self._spread[entry.campaign]
        spread[entry.author, entry.post] -= 1
        if not spread[entry.author, entry.post]:
            del spread[entry.author, entry.post]
        if not spread:
            del self._spread[entry.campaign]


class RepeatIndex:
    """Asks whether a comment repeats an earlier one, then remembers it.

    ``window_days``: how long a comment is remembered. ``least``: the similarity, 0–1, from which texts count as
    near-identical.
    """

    def __init__(self, store: RepeatStore | None = None, window_days: int = 90, *, least: float = 0.84) -> None:
        self._store: RepeatStore = MemoryStore() if store is None else store
        self._window = timedelta(days=window_days)
        self._least = least
        self._latest = _EPOCH
        self._since_pruned = 0

    def seen(
        self,
        text: str,
        *,
        id: Hashable,
        author: Hashable | None = None,
        post: Hashable | None = None,
        at: datetime | None = None,
    ) -> RepeatMatch | None:
        """Return the earlier comment most like this one and the spread of their campaign, or None; then remember it.

        It never matches its own id. ``at`` without a time zone counts as UTC; absent, it is the latest time seen. A short
        phrase that many accounts use is not a match.
        """
        moment = self._moment(at)
        letters, words = letters_of(text)
        if not letters:
            return None
        keys = keys_of(letters)
        best, likeness = self._most_alike(id, letters, words, author, keys, moment)
        campaign = best.campaign if best else _campaign(id)
        entry = Entry(id, letters[:_LONGEST], words, author, post, moment, campaign)
        self._store.add(entry, keys)
        self._prune(moment)
        if best is None:
            return None
        tally = self._store.tally(campaign)
        if self._is_phrase(words, tally):
            return None
        mine = {where for who, where in tally.pairs if who == author and where is not None and where != post}
        times = sum(count for (who, _), count in tally.pairs.items() if who == author)
        return RepeatMatch(
            best.id, likeness, campaign, tally.comments, len(tally.posts), len(tally.authors), len(mine), times
        )

    def _moment(self, at: datetime | None) -> datetime:
        if at is None:
            return self._latest
        moment = at if at.tzinfo else at.replace(tzinfo=UTC)
        self._latest = max(self._latest, moment)
        return moment

    def _most_alike(
        self,
        id: Hashable,
        letters: str,
        words: int,
        author: Hashable | None,
        keys: Sequence[int],
        moment: datetime,
    ) -> tuple[Entry | None, float]:
        best, likeness = None, 0.0
        for entry in self._store.candidates(keys, moment - self._window):
            if entry.id == id:
                continue
            # Two accounts that happen to say the same short thing are not acting together.
            strangers = author is not None and entry.author is not None and author != entry.author
            if strangers and words < 4:
                continue
            least = max(self._least, 0.9) if strangers else self._least
            score = similarity(letters, entry.text, least)
            if score >= least and score > likeness:
                best, likeness = entry, score
                if score == 1.0:
                    break
        return best, likeness

    @staticmethod
    def _is_phrase(words: int, tally: Tally) -> bool:
        """True when a short text is simply what many people say: three accounts or more, few of them twice."""
        return words < 8 and len(tally.authors) >= 3 and tally.comments < 2 * len(tally.authors)

    def _prune(self, moment: datetime) -> None:
        self._since_pruned += 1
        if self._since_pruned >= 5_000:
            self._since_pruned = 0
            self._store.prune(moment - self._window)


def letters_of(text: str) -> tuple[str, int]:
    """Return the text's letters and digits, folded, without links, mentions and hashtags, and the number of its words."""
    folded = normalise(text[: 4 * _LONGEST]).text
    bare = _LINK.sub(" ", folded)
    words = _WORD.findall(bare) or _WORD.findall(folded)
    # Digits are folded only inside words: "2 High Street" and "z High Street" must stay apart.
    plain = [word if word.isdigit() else word.translate(_LEET) for word in words]
    return "".join(plain), len(words)


def keys_of(letters: str) -> list[int]:
    """Return the keys a text is found by: one for the whole and the smallest hashes of its shingles. Up to 63 bits each."""
    whole = int.from_bytes(blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
    if len(letters) <= _SHINGLE:
        return [whole]
    codes = np.frombuffer(letters[:_LONGEST].encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(len(codes) - _SHINGLE + 1, dtype=np.uint64)
    for offset in range(_SHINGLE):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + len(hashes)]
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes >>= np.uint64(1)
    smallest = np.unique(hashes)[:_KEYS]
    return [whole, *smallest.tolist()]


def similarity(one: str, other: str, least: float) -> float:
    """Return how alike two texts of letters are, 0–1 (0 where below ``least``), also when their sentences changed place."""
    if one == other:
        return 1.0
    score = fuzz.ratio(one, other, score_cutoff=100 * least) / 100
    if score or abs(len(one) - len(other)) > (1 - least) * 1.3 * max(len(one), len(other)):
        return score
    mine, yours = _shingles(one), _shingles(other)
    shared = 2 * len(mine & yours) / (len(mine) + len(yours) or 1)
    return shared if shared >= least else 0.0


def _shingles(letters: str) -> set[str]:
    return {letters[i : i + 4] for i in range(len(letters) - 3)}


def _campaign(id: Hashable) -> str:
    return "c-" + blake2b(f"{type(id).__name__}:{id}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

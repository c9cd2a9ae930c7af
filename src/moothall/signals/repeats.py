"""Near-identical comments across posts, found as they stream past.

A text is reduced to what stays the same however it is written (``signals.sameness``) and compared with earlier ones that
share its keys. What one account writes twice is a repeat once the texts are alike. What another account has written before is
one only when the texts cannot be alike by chance: residents wish one another the same, ask the same about another street and
complain of the same thing in the same words; so it depends on how much the words say, on the place where they differ, and on
whether few accounts write it often or many write it once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from rapidfuzz import fuzz

from moothall.signals.repeat_memory import Entry, MemoryStore, RepeatStore, Tally
from moothall.signals.repeat_words import SLOTS, STREETS
from moothall.signals.sameness import MARK, Sameness, keys_of, names_in, sameness_of, weight_of, words_in

__all__ = ["Entry", "MemoryStore", "RepeatIndex", "RepeatMatch", "RepeatStore", "Tally"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Candidates of other accounts compared, those that share most keys first; and of an unmarked text, compared in their parts.
_COMPARED: Final = 12
_THOROUGH: Final = 2
#: A text that says less is a phrase, whoever repeats it.
_PHRASE: Final = 14.0
#: A text that says less is not taken for another account's.
_OWN: Final = 50.0
#: From here on, two accounts do not come by the same words by chance.
_LONG: Final = 180.0
#: And from here on not within a short while, letter for letter under two posts.
_COPIED: Final = 150.0
_BURST: Final = timedelta(days=2)
#: From how alike on, and by how many accounts, others say the same in words of their own.
_SAID_OTHERWISE: Final = 0.75
_OTHERS: Final = 2
#: From how alike the texts of two accounts are near-identical: when one is marked, when none is, when they are long.
_MARKED_ALIKE: Final = 0.85
_ALIKE: Final = 0.9
_LONG_ALIKE: Final = 0.93
#: Below this, in hundredths, how alike two texts are is not worked out: nothing asks.
_UNLIKE: Final = 70
#: So many of the shorter text's words the other must have to be searched for parts in another order.
_SHARED_WORDS: Final = 0.4
#: A text of fewer shingles may stand in another by chance.
_PART: Final = 25


@dataclass(frozen=True, slots=True)
class RepeatMatch:
    """The earlier comment most like a new one, and the campaign both belong to, counted with the new one in it.

    ``other_posts``: on how many posts other than this one the same author has put near-identical text; without authors,
    on how many other posts the text stands. ``times``: how often the same author has put it anywhere, this one included.
    ``similarity``: 0–1, 1 for texts that are the same but for their writing.
    """

    id: Hashable
    similarity: float
    campaign: str
    comments: int
    posts: int
    authors: int
    other_posts: int
    times: int = 1


class _New:
    """A comment being asked about, and what is worked out about it when it is needed."""

    def __init__(
        self, given: str, same: Sameness, author: Hashable | None, post: Hashable | None, at: datetime
    ) -> None:
        self.given = given
        self.at = at
        self.same = same
        self.author = author
        self.post = post
        self.words = same.words
        self.weight = weight_of(self.words)
        self._vocabulary = set(self.words)
        self._shingles: set[str] | None = None
        self._ratios: dict[Hashable, float] = {}

    def is_by_stranger(self, entry: Entry) -> bool:
        """Return whether another account is known to have written the earlier one."""
        return self.author is not None and entry.author is not None and self.author != entry.author

    def ratio(self, entry: Entry) -> float:
        """Return how alike the two are from beginning to end, 0–1; 1 only for the same letters, 0 for little in common."""
        known = self._ratios.get(entry.id)
        if known is None:
            mine, theirs = self.same.letters, entry.letters
            known = 1.0 if mine == theirs else min(0.999, fuzz.ratio(mine, theirs, score_cutoff=_UNLIKE) / 100)
            self._ratios[entry.id] = known
        return known

    def likeness(self, entry: Entry) -> float:
        """Return how alike the two are, 0–1, also when sentences changed place or something was added."""
        ratio = self.ratio(entry)
        # Shingles cost most of the time: texts with few words in common, as any two have, are not cut into them.
        if ratio >= 0.95 or not self._shares_words(entry):
            return ratio
        if self._shingles is None:
            self._shingles = _shingles(self.same.letters)
        mine, theirs = self._shingles, _shingles(entry.letters)
        shared = len(mine & theirs)
        both = 2 * shared / (len(mine) + len(theirs) or 1)
        part = 0.5 + 0.5 * shared / min(len(mine), len(theirs)) if min(len(mine), len(theirs)) >= _PART else 0.0
        return min(max(ratio, both, part), 0.999)

    def _shares_words(self, entry: Entry) -> bool:
        if self.same.marked or entry.text.endswith(MARK):
            return True
        theirs = set(words_in(entry.text))
        return len(self._vocabulary & theirs) >= _SHARED_WORDS * min(len(self._vocabulary), len(theirs))

    def asks_elsewhere(self, entry: Entry) -> bool:
        """Return whether the two differ in a place, a number or a time: the same question about another street."""
        theirs = words_in(entry.text)
        names = names_in(self.given)
        odd = list(_odd(theirs, self.words))
        before, after = {each[0] for each in odd}, {each[2] for each in odd}
        return any(
            (first in before or last in after) and (word.isdigit() or word in names or word in SLOTS or last in STREETS)
            for first, word, last in _odd(self.words, theirs)
        )


class RepeatIndex:
    """Asks whether a comment repeats an earlier one, then remembers it.

    ``window_days``: how long a comment is remembered. ``least``: the similarity, 0–1, from which texts of one account count
    as near-identical; those of two accounts have to be more alike.
    """

    def __init__(self, store: RepeatStore | None = None, window_days: int = 90, *, least: float = 0.8) -> None:
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
        same = sameness_of(text)
        if not same.letters:
            return None
        keys = keys_of(same.letters)
        new = _New(text, same, author, post, moment)
        candidates: Sequence[Entry] = ()
        # For a phrase the store is not asked: it repeats nothing.
        if new.weight >= _PHRASE or same.marked:
            candidates = [entry for entry in self._store.candidates(keys, moment - self._window) if entry.id != id]
        best, likeness = self._earlier(new, candidates) if candidates else (None, 0.0)
        campaign = best.campaign if best else _campaign(id)
        self._store.add(Entry(id, same.text, same.letters, author, post, moment, campaign), keys)
        self._prune(moment)
        if best is None:
            return None
        tally = self._store.tally(campaign)
        mine = tally.by_author.get(author, {})
        others = sum(1 for where in mine if where is not None and where != post)
        return RepeatMatch(
            best.id,
            likeness,
            campaign,
            tally.comments,
            len(tally.posts),
            len(tally.authors),
            others,
            sum(mine.values()),
        )

    def _moment(self, at: datetime | None) -> datetime:
        if at is None:
            return self._latest
        moment = at if at.tzinfo else at.replace(tzinfo=UTC)
        self._latest = max(self._latest, moment)
        return moment

    def _earlier(self, new: _New, candidates: Sequence[Entry]) -> tuple[Entry | None, float]:
        """Return the earlier comment that the new one repeats, with how alike they are."""
        strangers = [entry for entry in candidates if new.is_by_stranger(entry)]
        alike = []
        if len(strangers) < len(candidates):
            own = [entry for entry in candidates if not new.is_by_stranger(entry)]
            alike = [(score, entry) for entry in own if (score := new.likeness(entry)) >= self._least]
        if alike and (new.weight >= _OWN or not _many_say(new, candidates)):
            score, best = max(alike, key=lambda pair: pair[0])
            # Who asks about two streets has two questions; who goes on from street to street repeats one.
            if score == 1.0 or new.same.marked or len(alike) > 1 or new.weight >= _LONG or not new.asks_elsewhere(best):
                return best, score
        return self._another_account(new, strangers, candidates)

    def _another_account(
        self, new: _New, strangers: Sequence[Entry], candidates: Sequence[Entry]
    ) -> tuple[Entry | None, float]:
        """Return what another account wrote that the new one repeats."""
        if new.weight < _OWN:
            return None, 0.0
        alike: list[tuple[float, Entry]] = []
        for place, entry in enumerate(strangers[:_COMPARED]):
            # Under one post many answer its words, and one another's.
            if entry.post == new.post and new.post is not None:
                continue
            marked = new.same.marked or entry.text.endswith(MARK)
            thorough = marked or (new.weight >= _LONG and place < _THOROUGH)
            score = new.likeness(entry) if thorough else new.ratio(entry)
            if score >= (_MARKED_ALIKE if marked else _ALIKE):
                alike.append((score, entry))
        alike.sort(key=lambda pair: pair[0], reverse=True)
        for score, entry in alike:
            weight = min(new.weight, weight_of(words_in(entry.text)))
            if weight < _OWN:
                continue
            if new.same.marked or entry.text.endswith(MARK) or _few_say(new, candidates):
                return entry, score
            copied = score == 1.0 and weight >= _COPIED and abs(new.at - entry.at) <= _BURST
            long = weight >= _LONG and score >= _LONG_ALIKE and not new.asks_elsewhere(entry)
            if (copied or long) and not _is_said_otherwise(new, entry, candidates):
                return entry, score
        return None, 0.0

    def _prune(self, moment: datetime) -> None:
        self._since_pruned += 1
        if self._since_pruned >= 5_000:
            self._since_pruned = 0
            self._store.prune(moment - self._window)


def _said(new: _New, candidates: Sequence[Entry]) -> tuple[int, int]:
    """Return how many of the candidates say what the new one says, and how many accounts; the new one included."""
    alike = [entry for entry in candidates if new.ratio(entry) >= 0.85]
    return len(alike) + 1, len({entry.author for entry in alike} | {new.author})


def _few_say(new: _New, candidates: Sequence[Entry]) -> bool:
    """Return whether few accounts write it again and again."""
    comments, accounts = _said(new, candidates)
    return comments >= 3 and comments >= 1.5 * accounts


def _many_say(new: _New, candidates: Sequence[Entry]) -> bool:
    """Return whether many accounts write it, few of them twice."""
    comments, accounts = _said(new, candidates)
    return accounts >= 4 and comments < 1.5 * accounts


def _is_said_otherwise(new: _New, entry: Entry, candidates: Sequence[Entry]) -> bool:
    """Return whether others say it too in words a little different, which is how residents come to say the same.

    A campaign's own variations are known as its own; those of residents belong to none.
    """
    others = {
        each.author for each in candidates if each.campaign != entry.campaign and new.ratio(each) >= _SAID_OTHERWISE
    }
    return len(others - {new.author}) >= _OTHERS


def _odd(words: Sequence[str], others: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the words that the others lack, each between the nearest words before and behind it that they have too."""
    known = set(others)
    for index, word in enumerate(words):
        if word not in known:
            before = next((w for w in reversed(words[:index]) if w in known), "")
            yield before, word, next((w for w in words[index + 1 :] if w in known), "")


def _shingles(letters: str) -> set[str]:
    return {letters[i : i + 4] for i in range(len(letters) - 3)}


def _campaign(id: Hashable) -> str:
    return "c-" + blake2b(f"{type(id).__name__}:{id}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

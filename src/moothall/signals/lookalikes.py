"""Accounts that look like one of the council's, by name and by handle.

The place's own words are looked for, with at most one slip, and everything beside them must be words that change nothing
about whose account it says it is. One word more, "rugby" or "watch", and it is somebody else's. Only the council's own
accounts are compared with, never a register of people: that somebody is called like a councillor is no ground for anything.
Whether an account could confuse the public is for an officer to say; parody is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from rapidfuzz.distance import OSA

from moothall.signals.normalise import fold_character

#: Signs read as the letters they imitate; i, l and 1 are one letter to the hurried eye.
_IMITATED: Final = str.maketrans("01345789$@|i!", "oleastbgsalll")
_SIGN_IN_A_WORD: Final = re.compile(r"[^a-z0-9$@!|]|[$@!|](?![a-z0-9])")
_DIGITS: Final = re.compile("[0-9]+")
_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_READABLE: Final = re.compile("[A-Za-z]{3}")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: What a council is. With the place they are enough.
_COUNCIL: Final = _set("council counsel counsil cyngor authority gov government localgov corporation")
#: Kinds of council. One place may have several: a town council beside the borough's is another body.
_KINDS: Final = _set("borough city county district town parish community metropolitan unitary")
#: Short for a kind of council, and so a council.
_SHORT: Final = {
    "bc": {"borough"},
    "mbc": {"borough", "metropolitan"},
    "rbc": {"borough"},
    "lbc": {"borough"},
    "cc": {"city", "county"},
    "dc": {"district"},
    "tc": {"town"},
    "pc": {"parish"},
    "boroughof": {"borough"},
    "cityof": {"city"},
    "districtof": {"district"},
}
#: By these an account claims to be genuine, or the way in. With the whole place they are enough.
_CLAIMS: Final = _set("official officially verified genuine customer helpdesk refund refunds")
#: What councils alone do; with a way to hear about it they are enough.
_SERVICES: Final = _set("bin bins recycling refuse waste parking planning benefits rebate rebates")
_WAYS: Final = _set("alert alerts update updates help helpline payments contact enquiries")
#: Words that make an account look real and change nothing about whose it says it is.
_TRIMMINGS: Final = _set(
    """on upon by under le the of for and at in to your our my this is hall house centre real true original new backup
    second page account profile team desk news info information support service services care online digital live chat
    hotline hq uk gb england wales scotland britain co org com net www http https media press office comms
    communications social facebook instagram twitter tiktok whatsapp bluesky fb ig department dept tax grant grants cost
    living payment jobs careers housing repairs royal elections roads highways streets schools school admissions licensing
    fostering registrars libraries environment emergency urgent ask contactus talk hello follow dm message messages
    assist assistance admin
    notfake notascam notaparody notajoke nofake notspam"""
)
#: By these an account itself says that it is not the council's.
_OWNED_UP: Final = _set(
    "parody spoof satire satirical unofficial notofficial fan fans fake joke jokes memes not fictional"
)
#: Letters that the eye takes for one another, beside i, l and 1.
_ALIKE: Final = tuple(map(set, ("aceo", "uvy", "mnh", "gqy", "ft", "lj", "sz", "vw")))
_DENIES: Final = re.compile(r"\b(?:not|no|never) (?:a )?(?:fake|joke|spoof|parody|scam)\b", re.IGNORECASE)
#: Letters that a word must have for a slip in it to be believed.
_LONG: Final = 6


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One of the council's accounts. ``handle`` may be empty, or an identity that nobody reads: a number, a DID."""

    name: str
    handle: str
    platform: str

    @property
    def readable_handle(self) -> str:
        """The part of the handle that somebody chose, as it is read; empty for a bare identity."""
        chosen = _spoken_part(self.handle)
        return chosen if _READABLE.search(chosen) and not chosen.startswith("did:") else ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """What an account looks like: the council's account, how alike (0–1), and why, one plain sentence each."""

    like: OwnAccount
    similarity: float
    reasons: tuple[str, ...]


class LookAlikes:
    """Compares accounts with the council's ``own``. It keeps nothing of what it is asked and may serve several threads."""

    def __init__(self, own: Sequence[OwnAccount]) -> None:
        # Where an account has no handle, nobody else without one is it.
        self._ours = {(account.platform, handle_key(account.handle)) for account in own if handle_key(account.handle)}
        self._own = tuple(_Own(account) for account in dict.fromkeys(own))

    def compare(self, name: str, handle: str, platform: str) -> LookAlike | None:
        """Return the council's account that this one looks most like; None where it looks like none or is the council's.

        An account that says itself that it is a parody, unofficial or not the council looks like none.
        """
        if (platform, handle_key(handle)) in self._ours or _owns_up(name, handle):
            return None
        read_name, read_handle = _Read(name), _Read(_spoken_part(handle))
        found = [own.like(read_name, read_handle, platform) for own in self._own]
        return max((one for one in found if one is not None), key=lambda one: one.similarity, default=None)


def handle_key(handle: str) -> str:
    """Return a handle as platforms compare it: no @, no case."""
    return handle.strip().removeprefix("@").casefold()


def _spoken_part(handle: str) -> str:
    """Return the part of a handle that its owner chose: not the server's name."""
    return handle.strip().removeprefix("@").split("@")[0].split(".bsky.")[0]


def _owns_up(name: str, handle: str) -> bool:
    stated = _WORD.findall(_folded(_CAMEL.sub(" ", _DENIES.sub("", name))))
    dressed = _WORD.findall(_folded(_CAMEL.sub(" ", handle)))
    joined = "".join(dressed)
    ends = joined.startswith(("not", "parody", "spoof", "fake", "unofficial")) or joined.endswith(("parody", "spoof"))
    return ends or not _OWNED_UP.isdisjoint([*stated, *dressed])


def _folded(text: str) -> str:
    # Marks are taken off first: folded whole, ó would be read as a p.
    return "".join(map(fold_character, normalize("NFD", text))).lower()


def _letters(text: str) -> str:
    """Return a text without spaces and signs: small Latin letters, and digits as they stand; rn and vv as m and w."""
    return _SIGN_IN_A_WORD.sub("", _folded(text)).replace("rn", "m").replace("vv", "w")


def outline(text: str) -> str:
    """Return what is left of a name to the hurried eye: letters only, what imitates a letter as that letter."""
    return _letters(text).translate(_IMITATED)


def _outlines(words: Iterable[str]) -> dict[str, str]:
    return {outline(word): word for word in words}


_KNOWN: Final = _outlines([*_COUNCIL, *_KINDS, *_SHORT, *_CLAIMS, *_SERVICES, *_WAYS, *_TRIMMINGS])
_LONGEST: Final = max(map(len, _KNOWN))
#: Words that matter so much that they are known with a slip in them too.
_SLIPPED: Final = _outlines(_set("council borough district official authority"))


def one_slip(theirs: str, ours: str) -> bool:
    """Return whether a word is another with one letter missing, put in, swapped or like it to the eye, and begins like it.

    Any other letter makes another place: Huxley is not Hexley.
    """
    if theirs[:1] != ours[:1] or abs(len(theirs) - len(ours)) > 1 or OSA.distance(theirs, ours, score_cutoff=1) != 1:
        return False
    if len(theirs) != len(ours):
        return True
    wrong = {one + other for one, other in zip(theirs, ours, strict=True) if one != other}
    return len(wrong) == 2 or any(not set(pair) - alike for pair in wrong for alike in _ALIKE)


class _Read:
    """A name or handle taken apart: which beginnings and which ends of it are known words, and which words."""

    def __init__(self, text: str) -> None:
        self.text = text
        #: A council's accounts share a place: it is looked for once.
        self._around: dict[str, list[tuple[bool, tuple[str, ...]]]] = {}
        letters = _letters(text)
        self.outline = letters.translate(_IMITATED)
        steps = [list(self._steps(letters, start)) for start in range(len(letters))]
        size = len(letters)
        self.heads: list[tuple[str, ...] | None] = [(), *[None] * size]
        self.tails: list[tuple[str, ...] | None] = [*[None] * size, ()]
        for start in range(size):
            if (before := self.heads[start]) is not None:
                for end, word in steps[start]:
                    if (known := self.heads[end]) is None or len(known) > len(before) + 1:
                        self.heads[end] = (*before, word)
        for start in reversed(range(size)):
            for end, word in steps[start]:
                after, known = self.tails[end], self.tails[start]
                if after is not None and (known is None or len(known) > len(after) + 1):
                    self.tails[start] = (word, *after)

    def _steps(self, letters: str, start: int) -> Iterator[tuple[int, str]]:
        for end in range(start + 1, min(start + _LONGEST, len(letters)) + 1):
            if (word := _KNOWN.get(self.outline[start:end])) is not None:
                yield end, word
        if digits := _DIGITS.match(letters, start):
            yield digits.end(), digits.group()
        for word, plain in _SLIPPED.items():
            if self.outline[start] == word[0]:
                for end in range(start + len(word) - 1, min(start + len(word) + 1, len(letters)) + 1):
                    if one_slip(self.outline[start:end], word):
                        yield end, plain

    def around(self, place: str) -> list[tuple[bool, tuple[str, ...]]]:
        """Return where the place stands among known words only: whether it is spelt right, and those words."""
        if place not in self._around:
            self._around[place] = list(self._found(place))
        return self._around[place]

    def _found(self, place: str) -> Iterator[tuple[bool, tuple[str, ...]]]:
        for start, first in enumerate(self.outline):
            head = self.heads[start]
            if head is None or first != place[0]:
                continue
            for size in (len(place), len(place) - 1, len(place) + 1):
                end = start + size
                if end > len(self.outline) or (tail := self.tails[end]) is None:
                    continue
                written = self.outline[start:end]
                if written == place or (len(place) >= _LONG and one_slip(written, place)):
                    yield written == place, (*head, *tail)


class _Own:
    """One of the council's accounts, prepared: how its place and handle may be written."""

    def __init__(self, account: OwnAccount) -> None:
        self.account = account
        words = _WORD.findall(_folded(_CAMEL.sub(" ", account.name)))
        core = [word for word in words if outline(word) not in _KNOWN]
        body = [word for word in words if word in _COUNCIL or word in _KINDS or word in _SHORT]
        self.name = outline(account.name)
        self.is_council = bool(body)
        #: Without any known word a name may be a person's: two people may have one name.
        self.may_be_a_person = len(core) == len(words)
        self.kinds = {kind for word in words for kind in ({word} & _KINDS) | _SHORT.get(word, set())}
        ends = [at for at, word in enumerate(words) if word in core]
        joined = [word for word in words[ends[0] : ends[-1] + 1] if word not in body] if ends else []
        places = dict.fromkeys(map(outline, ["".join(joined), "".join(core)]))
        self.places = [place for place in places if len(place) > 3]
        #: "Thornbury Council" for Thornbury-on-Wold Borough Council.
        self.first = outline(core[0]) if len(core) > 1 and len(core[0]) >= _LONG else ""
        self.handle = outline(account.readable_handle)

    def like(self, name: _Read, handle: _Read, platform: str) -> LookAlike | None:
        """Return how this account is imitated; None where it is not."""
        by_handle, handle_why = self._handle(handle, platform)
        by_name, name_why = self._name(name)
        if self.may_be_a_person and not by_handle:
            return None
        if not by_name and not by_handle:
            return None
        reasons = tuple(why for why in (name_why, handle_why) if why)
        return LookAlike(self.account, max(by_name, by_handle), reasons)

    def _name(self, theirs: _Read) -> tuple[float, str]:
        own = self.account.name
        if not self.name or not theirs.outline:
            return 0.0, ""
        if theirs.outline == self.name:
            return 0.97, f"Its name is “{own}”." if theirs.text == own else f"Its name reads as “{own}”."
        if self.is_council and one_slip(theirs.outline, self.name):
            return 0.93, f"Its name differs from “{own}” by one letter."
        return self._passes_for_the_council(theirs, f"“{own}”", "name")

    def _handle(self, theirs: _Read, platform: str) -> tuple[float, str]:
        own = f"@{self.account.readable_handle}"
        if len(self.handle) > 4 and theirs.outline:
            if handle_key(theirs.text) == handle_key(own) and platform != self.account.platform:
                return 0.95, f"Its handle is the council's on another platform: {own}."
            if theirs.outline == self.handle:
                return 0.95, f"Its handle is easily taken for {own}."
            if len(self.handle) > _LONG and any(exact for exact, _ in theirs.around(self.handle)):
                return 0.9, f"Its handle is {own} with words or figures that change nothing."
            if len(self.handle) > _LONG and _slip_of_a_handle(theirs.outline, self.handle):
                return 0.88, f"Its handle differs from {own} by one letter."
        return self._passes_for_the_council(theirs, f"“{self.account.name}”", "handle")

    def _passes_for_the_council(self, theirs: _Read, own: str, part: str) -> tuple[float, str]:
        if not self.is_council:
            return 0.0, ""
        for place in self.places:
            for exact, words in theirs.around(place):
                slip = "" if exact else ", with a letter of the place wrong"
                said = set(words)
                if self._another_body(said):
                    continue
                if said & _COUNCIL or said & _SHORT.keys():
                    return 0.92, f"Its {part} is {own} but for words that change nothing{slip}."
                if said & _CLAIMS:
                    return 0.85, f"Its {part} is the place in {own} with words that claim to be official{slip}."
                if said & _SERVICES and said & _WAYS:
                    return 0.8, f"Its {part} is the place in {own} with a service that councils run{slip}."
        for exact, words in theirs.around(self.first) if self.first else ():
            if exact and "council" in words and not self._another_body(set(words)):
                return 0.82, f"Its {part} is the first word of {own} and the word council."
        return 0.0, ""

    def _another_body(self, words: set[str]) -> bool:
        """Return whether the words name a kind of council that this one is not."""
        kinds = (words & _KINDS).union(*(_SHORT.get(word, set()) for word in words))
        if self.kinds:
            return bool(kinds) and kinds.isdisjoint(self.kinds)
        return bool(kinds & {"town", "parish", "community"})


def _slip_of_a_handle(theirs: str, ours: str) -> bool:
    """Return whether a handle is another with one slip that is not its ending: fc and cc tell a club from a council."""
    return one_slip(theirs, ours) and (
        theirs[-2:] == ours[-2:] or sorted(theirs) == sorted(ours) or theirs == ours + ours[-1]
    )

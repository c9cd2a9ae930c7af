"""Accounts that look like one of the council's: by name, by handle, and by picture where one is handed in.

Only the council's own accounts are compared with, never the names of people in a register: that somebody is called like a
councillor is no ground for anything. Whether an account could confuse the public is for an officer to say; parody is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz.distance import OSA

from moothall.signals.normalise import fold_character

#: From this similarity on an account is worth an officer's look.
LEAST: Final = 0.8

_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LEET: Final = str.maketrans("0134578$@!|", "oleastbsail")
_YEAR: Final = re.compile(r"(?:19|20)\d\d$")
#: Words that say what kind of body an account is: they tell a council's account from another of the same place.
_BODY: Final = frozenset(
    [
        "council",
        "borough",
        "city",
        "county",
        "district",
        "town",
        "parish",
        "metropolitan",
        "unitary",
        "authority",
        "bc",
        "cc",
        "dc",
        "mbc",
        "tc",
        "pc",
        "rbc",
        "lbc",
        "gov",
        "government",
        "localgov",
        "cyngor",
    ]
)
#: Words that make an account look real, and change nothing about whose it says it is.
_TRIMMINGS: Final = frozenset(
    [
        "on",
        "upon",
        "by",
        "under",
        "hall",
        "official",
        "officially",
        "offical",
        "real",
        "true",
        "genuine",
        "verified",
        "original",
        "new",
        "backup",
        "page",
        "account",
        "team",
        "the",
        "of",
        "for",
        "and",
        "at",
        "in",
        "your",
        "our",
        "news",
        "info",
        "information",
        "help",
        "helpdesk",
        "support",
        "service",
        "services",
        "customer",
        "customers",
        "contact",
        "care",
        "online",
        "digital",
        "live",
        "hq",
        "uk",
        "gb",
        "england",
        "wales",
        "scotland",
        "co",
        "org",
        "com",
        "net",
        "alert",
        "alerts",
        "update",
        "updates",
        "media",
        "press",
        "office",
        "comms",
        "social",
        "refund",
        "refunds",
        "payments",
        "grants",
        "tax",
        "jobs",
        "x",
        "fb",
        "ig",
    ]
)
#: Kinds of body of which one place may well have two: a town council beside the borough's is another body.
_KINDS: Final = frozenset(["borough", "city", "county", "district", "town", "parish"])
#: Words by which an account claims to be genuine, or the council's way in: with the place alone they are enough.
_CLAIMS: Final = frozenset(
    [
        "official",
        "officially",
        "offical",
        "verified",
        "genuine",
        "customer",
        "helpdesk",
        "refund",
        "refunds",
    ]
)
_DENIES: Final = re.compile(r"\b(?:not|no|never) (?:a )?(?:fake|joke|spoof|parody)\b", re.IGNORECASE)
#: Words by which an account itself says that it is not the council's.
_OWNED_UP: Final = frozenset(
    [
        "parody",
        "spoof",
        "satire",
        "unofficial",
        "notofficial",
        "fan",
        "fans",
        "fake",
        "joke",
        "memes",
        "not",
    ]
)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One of the council's accounts. ``person``: it is an office-holder's, and goes by a person's name."""

    name: str
    handle: str
    platform: str
    person: bool = False


@dataclass(frozen=True, slots=True)
class AuthorisedAccount:
    """Somebody who may use the council's name and pictures, from the first to the last day; None: without limit."""

    name: str
    handle: str
    platform: str
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class LookAlike:
    """What an account looks like: the council's account, how alike (0–1), and why, one plain sentence each."""

    like: OwnAccount
    similarity: float
    reasons: tuple[str, ...]


class LookAlikes:
    """Compares accounts with the council's own. ``own``: the council's; ``authorised``: the register of those who may."""

    def __init__(self, own: Sequence[OwnAccount], authorised: Sequence[AuthorisedAccount] = ()) -> None:
        self._own = tuple(own)
        self._authorised = tuple(authorised)
        self._ours = {(account.platform, handle_key(account.handle)) for account in own}

    def compare(
        self, name: str, handle: str, platform: str, *, at: date, picture: float = 0.0, least: float = LEAST
    ) -> LookAlike | None:
        """Return the council's account that this one looks most like; None where it looks like none, is the council's, or may.

        ``picture``: how like its picture is to one of the council's, 0–1, as a PictureMatch says. ``at``: the day, in
        Europe/London, on which the register is asked. A picture by itself is never enough here: PictureIndex reports it.
        """
        key = handle_key(handle)
        if (platform, key) in self._ours or self._owns_up(name, handle):
            return None
        lapsed = None
        for entry in self._authorised:
            if entry.platform == platform and handle_key(entry.handle) == key:
                if (entry.starts is None or entry.starts <= at) and (entry.ends is None or at <= entry.ends):
                    return None
                lapsed = entry
        best: LookAlike | None = None
        for own in self._own:
            found = self._against(own, name, handle, platform, picture)
            if found is not None and (best is None or found.similarity > best.similarity):
                best = found
        if best is None or best.similarity < least:
            return None
        if lapsed is not None:
            day = lapsed.ends if lapsed.ends is not None and lapsed.ends < at else lapsed.starts
            word = "until" if day == lapsed.ends else "only from"
            best = LookAlike(best.like, best.similarity, (*best.reasons, f"It was authorised {word} {day:%-d %B %Y}."))
        return best

    def _owns_up(self, name: str, handle: str) -> bool:
        return not _OWNED_UP.isdisjoint({*words(_DENIES.sub("", name)), *words(handle)})

    def _against(self, own: OwnAccount, name: str, handle: str, platform: str, picture: float) -> LookAlike | None:
        reasons = []
        by_name, why = _names_alike(name, own)
        if why:
            reasons.append(why)
        by_handle, why = _handles_alike(handle, own, platform)
        if why:
            reasons.append(why)
        if own.person:
            # Two people may have one name: it counts only beside the handle or the picture.
            by_name = by_name if by_handle >= LEAST or picture >= 0.5 else 0.0
        likeness = max(by_name, by_handle)
        if likeness < 0.5:
            return None
        if picture >= 0.5:
            reasons.append("Its picture is the council's, or made from it.")
            likeness = 1 - (1 - likeness) * (1 - 0.8 * min(picture, 1.0))
        return LookAlike(own, round(likeness, 3), tuple(reasons))


def handle_key(handle: str) -> str:
    """Return a handle as platforms compare it: no @, no case."""
    return handle.strip().removeprefix("@").casefold()


def words(text: str) -> list[str]:
    """Return the words of a name or handle in plain small letters, letters that only look so included."""
    parted = _CAMEL.sub(" ", text)
    return _WORD.findall("".join(fold_character(character) for character in parted).lower())


def outline(text: str) -> str:
    """Return what is left of a name to the hurried eye: letters only, digits as the letters they imitate."""
    folded = "".join(fold_character(character) for character in text).lower()
    folded = _YEAR.sub("", re.sub(r"[\s_.\-]+", "", folded))
    folded = re.sub(r"(?<=[a-z])\d+$", lambda tail: tail.group() if len(tail.group()) == 1 else "", folded)
    folded = folded.translate(_LEET)
    folded = re.sub(r"[^a-z]", "", folded).replace("rn", "m").replace("vv", "w")
    return folded


def _near(one: str, other: str) -> float:
    """Return 1 for the same outline, less for a slip or two in a long one, 0 for more."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    allowed = 0 if len(other) < 6 else 1 if len(other) < 10 else 2
    distance = OSA.distance(one, other, score_cutoff=allowed)
    return 0.0 if distance > allowed else 1 - 0.06 * distance


def _another_ending(theirs: str, ours: str) -> bool:
    """Return whether only the last letters differ: fc, cc and the like tell a club from a council."""
    return (theirs.startswith(ours) and len(theirs) - len(ours) > 1) or (
        len(theirs) == len(ours) and theirs[:-2] == ours[:-2]
    )


def _names_alike(name: str, own: OwnAccount) -> tuple[float, str]:
    theirs, ours = words(name), words(own.name)
    if not theirs or not ours:
        return 0.0, ""
    whole = _near(outline(name), outline(own.name))
    if whole == 1.0:
        return 0.95, f"Its name is “{own.name}”." if name == own.name else f"Its name reads as “{own.name}”."
    if whole:
        return 0.9, f"Its name differs from “{own.name}” by a letter or two."
    core = [word for word in ours if word not in _BODY and word not in _TRIMMINGS]
    kinds, mine = _KINDS.intersection(theirs), _KINDS.intersection(ours)
    if kinds and mine and kinds.isdisjoint(mine):
        return 0.0, ""
    theirs = words(_DENIES.sub("", name))
    if not core or not all(any(_near(outline(word), outline(mine)) for word in theirs) for mine in core):
        return 0.0, ""
    rest = [word for word in theirs if not any(_near(outline(word), outline(mine)) for mine in core)]
    other = [word for word in rest if word not in _BODY and word not in _TRIMMINGS and not word.isdigit()]
    body = [w for w in rest if w in _BODY or any(len(kind) > 5 and _near(outline(w), outline(kind)) for kind in _BODY)]
    other = [word for word in other if word not in body]
    if other:
        return 0.0, ""
    if body:
        return 0.9, f"Its name is “{own.name}” but for words that change nothing."
    if not _CLAIMS.isdisjoint(rest):
        return 0.85, f"Its name is the place in “{own.name}” with words that claim to be official."
    if rest:
        return 0.75, f"Its name is that of “{own.name}” with words that make it look official."
    return 0.6, f"Its name is the place in “{own.name}” alone."


def _handles_alike(handle: str, own: OwnAccount, platform: str) -> tuple[float, str]:
    theirs, ours = outline(handle_key(handle).split(".bsky.")[0]), outline(handle_key(own.handle).split(".bsky.")[0])
    if len(ours) < 4:
        return 0.0, ""
    if handle_key(handle) == handle_key(own.handle) and platform != own.platform:
        return 0.9, f"Its handle is the council's on another platform: @{own.handle.removeprefix('@')}."
    whole = _near(theirs, ours)
    if whole == 1.0 or (whole and not _another_ending(theirs, ours)):
        return 0.93 * whole, f"Its handle is easily taken for @{own.handle.removeprefix('@')}."
    stripped = theirs
    changed = True
    while changed:
        changed = False
        for word in sorted(_TRIMMINGS | _BODY, key=len, reverse=True):
            if len(word) < 2 or len(stripped) - len(word) < len(ours) - 1:
                continue
            if stripped.startswith(word):
                stripped, changed = stripped[len(word) :], True
            elif stripped.endswith(word):
                stripped, changed = stripped[: -len(word)], True
    if stripped != theirs and _near(stripped, ours) == 1.0 and len(ours) >= 6:
        return 0.88, f"Its handle is @{own.handle.removeprefix('@')} with words that make it look official."
    place = outline("".join(word for word in words(own.name) if word not in _BODY))
    short = outline("".join(word for word in words(own.name) if word not in _BODY and word not in _TRIMMINGS))
    if any(
        len(one) > 5 and theirs in (f"{one}council", f"{one}councilofficial", f"{one}gov") for one in (place, short)
    ):
        return 0.88, f"Its handle is the place in “{own.name}” and the word council."
    return 0.0, ""

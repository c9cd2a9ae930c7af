"""Two names side by side: which characters differ, and in words what stands there instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from moothall.signals.normalise import fold_character

#: What is said of a character before its own name: the scripts and shapes that are used to imitate Latin letters.
_FAMILIES: Final = {"FULLWIDTH": "full-width", "MATHEMATICAL": "mathematical", "CIRCLED": "circled"}
_SCRIPTS: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "HEBREW", "ARABIC", "GEORGIAN")
_TOKEN: Final = re.compile(r"[\s_.\-]+|[^\s_.\-]+")
_GAP: Final = re.compile(r"[\s_.\-]+")
_IMITATED: Final = ("0o", "1l", "1i", "3e", "4a", "5s", "7t", "8b", "$s", "@a", "|l", "|i")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a name. ``differs``: the other name does not have it here. What cannot be seen stands in square brackets."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """Both names in pieces, in order, and ``said``: one plain phrase for each difference, none for the same name."""

    theirs: tuple[Piece, ...]
    ours: tuple[Piece, ...]
    said: tuple[str, ...]


def differences(theirs: str, ours: str) -> Differences:
    """Return two names in pieces that are the same or differ, and each difference in words. Capitals are no difference.

    Words that are nearly the same are compared letter by letter, others as a whole. A character that only looks like
    another is named: "Cyrillic а for a". One that cannot be seen is shown by its name in square brackets.
    """
    left: list[Piece] = []
    right: list[Piece] = []
    said: list[str] = []
    for one, other in _paired(_TOKEN.findall(theirs), _TOKEN.findall(ours)):
        if not one or not other:
            steps = [(one, other)]
        else:
            steps = [
                (one[step.src_start : step.src_end], other[step.dest_start : step.dest_end])
                for step in Levenshtein.opcodes(_plain(one), _plain(other))
            ]
        for mine, yours in steps:
            same = _plain(mine) == _plain(yours)
            left.append(Piece(mine if same else "".join(map(shown, mine)), differs=not same))
            right.append(Piece(yours if same else "".join(map(shown, yours)), differs=not same))
            if not same:
                said.extend(_said(mine, yours))
    return Differences(_joined(left), _joined(right), tuple(dict.fromkeys(said)))


def _paired(theirs: Sequence[str], ours: Sequence[str]) -> list[tuple[str, str]]:
    """Return the words of both in order, those that are nearly the same side by side, the rest beside nothing."""
    likeness = [[_likeness(one, other) for other in ours] for one in theirs]
    best = [[0.0] * (len(ours) + 1) for _ in range(len(theirs) + 1)]
    for i in reversed(range(len(theirs))):
        for j in reversed(range(len(ours))):
            both = best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[str, str]] = []
    mine = yours = ""
    i = j = 0
    while i < len(theirs) or j < len(ours):
        if i < len(theirs) and j < len(ours) and likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs += [(mine, ""), ("", yours), (theirs[i], ours[j])]
            mine, yours, i, j = "", "", i + 1, j + 1
        elif j == len(ours) or (i < len(theirs) and best[i][j] == best[i + 1][j]):
            mine, i = mine + theirs[i], i + 1
        else:
            yours, j = yours + ours[j], j + 1
    return [pair for pair in [*pairs, (mine, ""), ("", yours)] if pair != ("", "")]


def _likeness(one: str, other: str) -> float:
    """Return how much is gained by showing two words, or two gaps between words, side by side; 0: nothing."""
    if _GAP.fullmatch(one) or _GAP.fullmatch(other):
        return 0.1 if _GAP.fullmatch(one) and _GAP.fullmatch(other) else 0.0
    alike = Levenshtein.normalized_similarity("".join(map(fold_character, one)), "".join(map(fold_character, other)))
    return alike * len(other) if alike >= 0.5 else 0.0


def shown(character: str) -> str:
    """Return a character as it can be seen: one without ink by its name in square brackets, a mark on a dotted circle."""
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me"):
        return f"◌{character}"
    if kind[0] == "C" or (kind[0] == "Z" and character != " ") or (character != " " and not fold_character(character)):
        return f"[{_named(character)}]"
    return character


def _plain(text: str) -> str:
    """Return a text in small letters, as long as it was."""
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def _named(character: str) -> str:
    return unicodedata.name(character, f"character U+{ord(character):04X}").lower()


def _said(one: str, other: str) -> list[str]:
    if len(one) == len(other):
        return [_instead(mine, yours) for mine, yours in zip(one, other, strict=True)]
    if one and not other:
        unseen = [character for character in one if shown(character).startswith(("[", "◌"))]
        seen = "".join(character for character in one if character not in unseen).strip()
        found = [f"{_named(character)} put in" for character in unseen]
        return [*found, f"“{seen}” put in"] if seen else found or ["a space put in"]
    if other and not one:
        return [f"“{other.strip()}” left out" if other.strip() else "a space left out"]
    return [f"“{one}” for “{other}”"]


def _instead(mine: str, yours: str) -> str:
    name = unicodedata.name(mine, "")
    first = name.partition(" ")[0]
    looks = fold_character(mine) == yours.lower()
    if first in _FAMILIES:
        return f"{_FAMILIES[first]} {mine} for {_spoken(yours)}"
    if first in _SCRIPTS:
        return f"{first.capitalize()} {mine} for {_spoken(yours)}"
    if mine + yours.lower() in _IMITATED:
        return f"{'digit' if mine.isdigit() else 'sign'} {mine} for {_spoken(yours)}"
    if not mine.isascii() and looks:
        return f"{mine} ({name.lower()}) for {_spoken(yours)}"
    return f"{_spoken(mine)} for {_spoken(yours)}"


def _spoken(character: str) -> str:
    if character == " ":
        return "a space"
    return shown(character)


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with neighbours of one kind made one."""
    joined: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].differs == piece.differs:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.differs)
        else:
            joined.append(piece)
    return tuple(joined)

"""Phase one: text as people meant it, with a map back to what they wrote.

Mojibake is repaired (ftfy), look-alike characters are folded to the Latin letters they imitate (decancer), invisible
characters are dropped, case is lowered. Folding works character by character, which is what makes the map exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from unicodedata import category

import decancer_py
import ftfy
from ftfy.badness import is_bad

from moothall.words import Evidence

_ENTITY = re.compile(r"&#?\w{2,8};")
_TOKEN = re.compile(r"[^ \t\r\n]+")
_CYRILLIC_GREEK = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Normal:
    """Normalised text; ``starts[i]`` and ``ends[i]`` bound, in the comment as given, what became character i.

    Both are None where the text kept its length, so that the map is the identity.
    """

    given: str
    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the words of the comment as given behind ``text[start:end]``. Raises ValueError for an empty span."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"not a span of the text: {start}–{end}")
        if self.starts is not None and self.ends is not None:
            start, end = self.starts[start], self.ends[end - 1]
        return Evidence(start, end, self.given[start:end])


def normalise(given: str) -> Normal:
    """Return the comment in lower case, repaired and folded, with its offset map."""
    if given.isascii() and "&" not in given:
        return Normal(given, given.lower())
    return _fold(given)


def _fold(given: str) -> Normal:
    """Fold token by token: mojibake and entities never cross ASCII white space."""
    keep_foreign = len(_CYRILLIC_GREEK.findall(given)) > len(_LATIN.findall(given))
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for token in _TOKEN.finditer(given):
        begin = token.start()
        for index in range(position, begin):
            text.append(given[index])
            starts.append(index)
            ends.append(index + 1)
        position = token.end()
        for character, start, end in _repaired(token.group(), begin):
            for folded in character.lower() if keep_foreign else fold_character(character):
                text.append(folded)
                starts.append(start)
                ends.append(end)
    for index in range(position, len(given)):
        text.append(given[index])
        starts.append(index)
        ends.append(index + 1)
    return Normal(given, "".join(text), tuple(starts), tuple(ends))


def _repaired(token: str, begin: int) -> list[tuple[str, int, int]]:
    """Return the characters of a token after repair, each with the span it came from."""
    if "&" in token and _ENTITY.search(token):
        return _unescaped(token, begin)
    fixed = ftfy.fix_text(token) if not token.isascii() and is_bad(token) else token
    if fixed == token:
        return [(character, begin + i, begin + i + 1) for i, character in enumerate(token)]
    head = 0
    while head < min(len(token), len(fixed)) and token[head] == fixed[head]:
        head += 1
    tail = 0
    while tail < min(len(token), len(fixed)) - head and token[-1 - tail] == fixed[-1 - tail]:
        tail += 1
    # What changed is mapped as one piece: nobody can say which byte of a broken character is which letter.
    spans = [(token[i], begin + i, begin + i + 1) for i in range(head)]
    middle = (begin + head, begin + len(token) - tail)
    if middle[0] == middle[1]:
        middle = (begin, begin + len(token))
    spans += [(character, *middle) for character in fixed[head : len(fixed) - tail]]
    spans += [(token[i], begin + i, begin + i + 1) for i in range(len(token) - tail, len(token))]
    return spans


def _unescaped(token: str, begin: int) -> list[tuple[str, int, int]]:
    """Return the characters of a token with its HTML entities read, each entity mapped as one piece."""
    spans: list[tuple[str, int, int]] = []
    position = 0
    for entity in _ENTITY.finditer(token):
        spans += [(token[i], begin + i, begin + i + 1) for i in range(position, entity.start())]
        read = unescape(entity.group())
        spans += [(character, begin + entity.start(), begin + entity.end()) for character in read]
        position = entity.end()
    return spans + [(token[i], begin + i, begin + i + 1) for i in range(position, len(token))]


@lru_cache(maxsize=20_000)
def fold_character(character: str) -> str:
    """Return what one character stands for, in lower case: possibly several characters, or none if it is invisible."""
    if character.isascii():
        return character.lower()
    kind = category(character)
    if kind in ("Cf", "Mn", "Me") or character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f":
        return "" if not _indic(character) else character
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    if _own_script(character) or kind in ("So", "Sk", "Cs", "Co", "Cn"):
        # Regional and circled letters are symbols by category, yet letters to the eye.
        return _circled(character)
    folded = str(decancer_py.parse(character, retain_emojis=True, disable_bidi=True))
    if not folded.strip():
        return "" if not character.isalpha() else character.lower()
    return folded


def _circled(character: str) -> str:
    code = ord(character)
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6, 0x24B6, 0x24D0):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    return character.lower()


def _indic(character: str) -> bool:
    """Vowel signs of living scripts are marks by category but letters by use."""
    return 0x0600 <= ord(character) <= 0x0DFF


def _own_script(character: str) -> bool:
    """True for scripts in which residents write and which nobody uses to disguise English."""
    code = ord(character)
    return 0x0590 <= code <= 0x109F or 0x1780 <= code <= 0x17FF or 0x2E80 <= code <= 0xA4CF or 0xAC00 <= code <= 0xD7AF

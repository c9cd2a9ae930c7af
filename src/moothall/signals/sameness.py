"""What of a comment stays the same however it is written: its words and letters, and the keys by which they are found again.

Case, punctuation, emoji, invisible characters, look-alike characters and figures for letters are folded away; links, mentions,
hashtags, e-mail addresses and telephone numbers are left out, for a campaign changes them; letters set apart are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from html import unescape
from typing import Final

import ftfy
import numpy as np
from ftfy.badness import is_bad

from moothall.signals.normalise import fold_character
from moothall.signals.repeat_words import BITS, PITCH, folded_word

#: Characters of a comment that are looked at; letters of it that are kept.
LONGEST: Final = 1_000
#: Keys of a comment beside that of the whole.
KEYS: Final = 12
_SHINGLE: Final = 6
_LOW: Final = np.uint64((1 << 8 * _SHINGLE) - 1)
_ONE: Final = np.uint64(0x9E3779B97F4A7C15)
_TWO: Final = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT: Final = np.uint64(29)
_POSITIVE: Final = np.uint64(1)

_FIGURES: Final = str.maketrans("0123456789", "oizeasgtbg", "@")
#: Stands behind a reduced text whose comment is marked.
MARK: Final = " @"
_LEFT_OUT: Final = re.compile(
    r"\S+://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.\w+)+|(?<!\w)@[\w.]+|"
    r"\b[a-z0-9][\w-]*(?:\.[\w-]+)*\.(?:[a-z]{2,3}|example|info|shop|site|online|club|link|store|live)(?:/\S*)?(?![\w.])|"
    r"\+?\d[\d\-() ]{7,}\d"
)
_DOTTED: Final = re.compile(r"\w\.\w|://")
_NUMBER: Final = re.compile(r"\d[\d ()-]{7}")
_CONTACT: Final = re.compile(r"\S+://|\bwww\.|\w@\w|\w\.[a-z]+/|\.(?:com|net|info|shop|example|uk)\b|\d[\d ()-]{7}")
_TAG: Final = re.compile(r"(?<!\w)#\w+")
_PLAIN_WORD: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"[$|](?=[a-z])[\w@$!|+]*\w|\w(?:[\w@$!|+]*\w)?")
_SYMBOL_INSIDE: Final = re.compile(r"[a-z0-9][@$!|+]+[a-z0-9]|[$|][a-z]")
_SPACED: Final = re.compile(r"(?<!\S)\S(?: \S){2,}(?!\S)")
_DIGIT: Final = re.compile(r"\d")
_LEET: Final = re.compile(r"[a-z][013457@$!|]+[a-z]|(?<![\w.])[$@013457][a-z]{3}")
_DISGUISE: Final = re.compile(
    "\\w[\u00ad\u200b-\u200f\u2060\ufeff]\\w|[A-Za-z][\u0370-\u03ff\u0400-\u052f\u0530-\u058f]|"
    "[\u0370-\u03ff\u0400-\u052f\u0530-\u058f][A-Za-z]|[\uff21-\uff5a\U0001d400-\U0001d7ff]|[\u2170-\u217f]"
)
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9,;:'’)] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
#: Broken characters (mojibake) show at least one of these.
_MAY_BE_BROKEN: Final = re.compile("[ÂÃâðÐÑÎÏÅï]")
_APOSTROPHES: Final = frozenset("'’‘`´")
#: A text of shorter words may have letters set apart.
_SHORT_WORDS: Final = 3.3


class _Folding(dict[int, str | None]):
    """What each character stands for, worked out when it is first met; None for one that is left out."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        folded = None if character in _APOSTROPHES else fold_character(character) or None
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDING: Final = _Folding()


@dataclass(frozen=True, slots=True)
class Sameness:
    """A comment reduced. ``text``: its words, folded, a space between two, ``MARK`` behind them when it is marked.

    ``letters``: the words without spaces or figures. ``marked``: it shows what residents seldom do, a way to get in touch,
    a pitch, letters that are disguised or set apart.
    """

    text: str
    letters: str
    marked: bool = False

    @property
    def words(self) -> list[str]:
        """Return its words."""
        return words_in(self.text)


def sameness_of(given: str) -> Sameness:
    """Return what of a comment stays the same however it is written. Its text is empty when nothing can be compared."""
    given = given[: 4 * LONGEST]
    if "&" in given:
        given = unescape(given)
    marked = False
    if given.isascii():
        folded = given.lower().replace("'", "")
    else:
        if _MAY_BE_BROKEN.search(given) and is_bad(given):
            given = ftfy.fix_text(given)
        folded = given.translate(_FOLDING)
        marked = _DISGUISE.search(given) is not None
    bare, contact = _without_addresses(folded)
    words = _words(bare) or _words(folded)
    text = " ".join(words)
    if len(text) < (_SHORT_WORDS + 1) * len(words) and _SPACED.search(text):
        text = _SPACED.sub(lambda run: run.group().replace(" ", ""), text)
        words = text.split(" ")
        marked = True
    if _DIGIT.search(text) or not text.replace(" ", "").isalnum():
        marked = marked or len(_LEET.findall(text)) > 1
        # Figures are folded only inside words: numbers must stay apart.
        text = " ".join(map(folded_word, words))
    else:
        text = folded_word(text)
    text = text[: LONGEST + LONGEST // 5]
    letters = letters_in(text)
    marked = marked or contact or len(PITCH.intersection(text.split(" "))) > 1
    return Sameness(text + MARK if marked else text, letters, marked)


def names_in(given: str) -> frozenset[str]:
    """Return the words of a comment as given that begin with a capital letter in the middle of a sentence, folded."""
    found = _CAPITAL.findall(given)
    return frozenset(map(folded_word, " ".join(found).lower().split())) if found else frozenset()


def _without_addresses(folded: str) -> tuple[str, bool]:
    """Return the text without links, mentions, hashtags, e-mail addresses and numbers, and whether it gave one to reach."""
    tagged = "#" in folded
    if not (tagged or "@" in folded or _DOTTED.search(folded) or _NUMBER.search(folded)):
        return folded, False
    bare = _LEFT_OUT.sub(" ", folded)
    if tagged:
        # Where there is little else, the hashtags are the text.
        untagged = _TAG.sub(" ", bare)
        bare = untagged if len(untagged.split()) >= 4 else bare
    return bare, _CONTACT.search(folded) is not None


def _words(text: str) -> list[str]:
    return (_WORD if _SYMBOL_INSIDE.search(text) else _PLAIN_WORD).findall(text)


def letters_in(text: str) -> str:
    """Return the letters of a reduced text, its figures as the letters they resemble."""
    return text.replace(" ", "").translate(_FIGURES)[:LONGEST]


def words_in(text: str) -> list[str]:
    """Return the words of a reduced text."""
    return text.removesuffix(MARK).split(" ")


def weight_of(words: Iterable[str]) -> float:
    """Return how much words say, in bits: what everybody says weighs little, rare words much."""
    weight = 0.0
    for word in words:
        bits: float | None = BITS.get(word)
        if bits is None:
            # Words nobody uses are names, slips, or words run together: the longer, the more they say, up to a point.
            bits = min(16, 5 + 2 * len(word)) if len(word) <= 12 else 1.8 * len(word)
        weight += bits
    return weight


def keys_of(letters: str) -> list[int]:
    """Return the keys a text is found by: one for the whole and the smallest hashes of its shingles. Up to 63 bits each."""
    coded = letters.encode("utf-8", "surrogatepass")
    whole = int.from_bytes(blake2b(coded, digest_size=8).digest(), "big") >> 1
    count = len(coded) - _SHINGLE + 1
    if count <= 1:
        return [whole]
    # Eight bytes are read from each place, and the last two of them masked away.
    hashes = np.ndarray((count,), "<u8", coded + b"\0\0", strides=(1,)) & _LOW
    hashes *= _ONE
    hashes ^= hashes >> _SHIFT
    hashes *= _TWO
    hashes >>= _POSITIVE
    if count > 3 * KEYS:
        hashes = np.partition(hashes, 2 * KEYS)[: 2 * KEYS]
    return [whole, *sorted(set(hashes.tolist()))[:KEYS]]

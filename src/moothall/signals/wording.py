"""What the encoder is given: normalised text with emoji said in words, spelt-out and masked words put together again.

The encoder's vocabulary knows words, not disguises: "cl0wns", "f u c k" and a clown's face mean nothing to it by themselves.
Every character keeps its place in the normalised text, so that what the encoder points at can be shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from moothall.signals.lexicon import masked_as

_PIECE: Final = re.compile(
    r"(?P<link>https?://\S+|www\.\S+)"
    r"|(?P<handle>@\w+)"
    r"|(?P<spaced>(?<![^\W_])(?:[^\W_][ .*_\-~]){3,18}[^\W_](?![^\W_]))"
    r"|(?P<digits>\d{5,})"
    r"|(?P<emoji>[\u2190-\u2bff\U0001f000-\U0001faff])"
    r"|(?P<long>([^\W\d_])\7{2,})"
    r"|(?P<masked>[^\W\d_][^\s,;:()\"?/]*[*#@$!|+€£\d~\u2190-\u2bff\U0001f000-\U0001faff][^\s,;:()\"?/]*)"
)
_PLAIN: Final = re.compile(r"[a-z '.,!?\-\n]*")
_LEET: Final = str.maketrans("@43!1|0$57+€", "aaeiilosstte")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SAME_AGAIN: Final = 2
_HOST: Final = re.compile(r"(?:https?://)?(?:www\.)?([^/\s?#]{1,40})")


@dataclass(frozen=True, slots=True)
class Wording:
    """The text for the encoder; ``places[i]`` is the span of the normalised text behind character i, None if the same."""

    text: str
    places: tuple[tuple[int, int], ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the normalised text behind ``text[start:end]``."""
        if self.places is None:
            return start, end
        return self.places[start][0], self.places[end - 1][1]


def wording(text: str, is_word: Callable[[str], bool]) -> Wording:
    """Return what the encoder is given for normalised text. ``is_word``: whether its vocabulary holds a whole word."""
    if _PLAIN.fullmatch(text) and not _PIECE.search(text):
        return Wording(text)
    parts: list[str] = []
    places: list[tuple[int, int]] = []

    def put(said: str, start: int, end: int) -> None:
        """Put words in the place of a stretch of text."""
        parts.append(said)
        places.extend([(start, end)] * len(said))

    def keep(start: int, end: int) -> None:
        parts.append(text[start:end])
        places.extend((index, index + 1) for index in range(start, end))

    position, last_emoji, seen = 0, "", 0
    for match in _PIECE.finditer(text):
        start, end = match.span()
        keep(position, start)
        position = end
        piece, kind = match.group(), match.lastgroup
        if kind == "emoji":
            seen = seen + 1 if piece == last_emoji else 1
            last_emoji = piece
            if seen <= _SAME_AGAIN and (said := _said(piece)):
                put(f" {said} ", start, end)
        elif kind == "link":
            host = _HOST.match(piece)
            put(f"http {host.group(1) if host else ''}", start, end)
        elif kind == "handle":
            put("@user", start, end)
        elif kind == "digits":
            put("00000", start, end)
        elif kind == "long":
            put(piece[0] * 2, start, end)
        elif kind == "spaced":
            joined = "".join(character for character in piece if character.isalnum()).translate(_LEET)
            put(joined, start, end)
        else:
            core = piece.rstrip("!.'")
            whole = _unmasked(core, is_word)
            put(whole, start, start + len(core)) if whole else keep(start, start + len(core))
            keep(start + len(core), end)
    keep(position, len(text))
    return Wording("".join(parts), tuple(places))


@lru_cache(maxsize=4_000)
def _said(emoji: str) -> str:
    """Return the name of an emoji as words, without what only modifies it."""
    name = unicodedata.name(emoji, "").lower()
    if "skin" in name or "fitzpatrick" in name or "selector" in name:
        return ""
    return name.replace("sign", "").strip()


def _unmasked(piece: str, is_word: Callable[[str], bool]) -> str | None:
    """Return the word that digits and symbols stand in for, or None: "cl0wns" is one, "a14" and "3pm" are none."""
    plain = piece.translate(_LEET)
    if plain.isalpha() and len(plain) > 3 and len(_LETTERS.findall(piece)[0]) < len(piece) and is_word(plain):
        return plain
    return masked_as(piece)

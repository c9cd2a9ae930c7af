"""Disguises for learning: the same comment with one word masked as people mask words to slip past a list.

Words that carry nothing are masked as often as words that offend: a mask by itself is no offence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any, Final

_WORD: Final = re.compile(r"[A-Za-z]{4,14}")
_DIGITS: Final = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_TWINS: Final = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "x": "х", "i": "і"}


def disguised(row: Mapping[str, Any], pick: Random) -> dict[str, Any] | None:
    """Return a labelled comment with one word disguised and its spans moved along; None where no word can be.

    The word is one that carries a ground where any is marked, and any word in a lawful comment.
    """
    comment = str(row["comment"])
    spans = row["spans"]
    words = [
        match.span()
        for match in _WORD.finditer(comment)
        if not spans or any(span["start"] <= match.start() and match.end() <= span["end"] for span in spans)
    ]
    if not words:
        return None
    start, end = pick.choice(words)
    masked = _mask(comment[start:end], pick)
    if masked is None:
        return None
    longer = len(masked) - (end - start)

    def moved(at: int) -> int:
        return at + longer if at >= end else at

    return {
        **row,
        "comment": comment[:start] + masked + comment[end:],
        "spans": [{**span, "start": moved(span["start"]), "end": moved(span["end"])} for span in spans],
    }


def _mask(word: str, pick: Random) -> str | None:
    way = pick.randrange(6)
    inner = range(1, len(word) - 1)
    if way == 0:
        return " ".join(word)
    if way == 1:
        return pick.choice(".-*").join(word)
    if way == 2:
        at = pick.choice([i for i in inner if word[i].lower() in "aeiou"] or [1])
        return word[:at] + "*" + word[at + 1 :]
    if way == 3:
        return "".join(_TWINS.get(letter, letter) for letter in word)
    if way == 4:
        at = pick.choice(inner)
        return word[:at] + "\u200b" + word[at:]
    changed = [pick.choice(_DIGITS[letter.lower()]) if letter.lower() in _DIGITS else letter for letter in word[1:]]
    masked = word[0] + "".join(changed)
    return masked if masked != word else None

"""Names of a register in a comment: whole names, however hyphens, apostrophes and spaces are set."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from moothall.signals.normalise import Normal, normalise

_WORD: Final = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*['’]?")
_APOSTROPHES: Final = str.maketrans("", "", "'’`")
#: What may stand between two words of one name; a full stop only behind an initial.
_BETWEEN: Final = re.compile(r"[ \t\r\n\u00a0]{1,3}|[ ]?[-‐‑–][ ]?|\. ?")
#: A name of one word as short as this is a common word too often: it must have a capital.
_SHORT: Final = 3


_MOST_HELD: Final = 64


class _Entry(NamedTuple):
    name: str
    words: tuple[str, ...]


_held: Final[dict[int, tuple[tuple[str, ...], dict[str, tuple[_Entry, ...]]]]] = {}


def find_names(normal: Normal, names: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Return the names that stand in the comment, as the register has them, each with its span in ``normal.text``.

    In order of the text; where two names overlap the longer one counts. A name is found whole, in any case: "O'Neill" as
    "oneill", "Smith-Jones" as "smith jones", "Ann Cole" in "Ann Cole's", never in "channel" nor in "Ann Cole-Reed".
    A name of one word of up to three letters is found only where the comment as given has it with a capital.
    """
    index = _index_of(names)
    if not index:
        return []
    text = normal.text
    found: list[tuple[str, int, int]] = []
    tokens = list(_WORD.finditer(text))
    for at, token in enumerate(tokens):
        for form in _forms(token.group()):
            for entry in index.get(form, ()):
                end = _end(text, tokens, at, entry.words)
                if end and _has_its_capital(normal, token.start(), entry):
                    found.append((entry.name, token.start(), end))
    return _longest(found)


def _index_of(names: tuple[str, ...]) -> dict[str, tuple[_Entry, ...]]:
    """Return the index, kept for the very tuple: to hash five thousand names costs more than to read a comment."""
    held = _held.get(id(names))
    if held is None or held[0] is not names:
        if len(_held) >= _MOST_HELD:
            _held.clear()
        held = _held[id(names)] = (names, _index(names))
    return held[1]


@lru_cache(maxsize=64)
def _index(names: tuple[str, ...]) -> dict[str, tuple[_Entry, ...]]:
    """Return the names by their first word."""
    index: dict[str, list[_Entry]] = {}
    for name in dict.fromkeys(names):
        for words in _spellings(name):
            index.setdefault(words[0], []).append(_Entry(name, words))
    return {word: tuple(entries) for word, entries in index.items()}


def _spellings(name: str) -> list[tuple[str, ...]]:
    """Return the words of a name in each way people set them: "o neill" and "oneill", "smith jones" and "smithjones"."""
    folded = normalise(name).text
    plain = tuple(re.findall(r"[^\W_]+", folded.translate(_APOSTROPHES)))
    parted = tuple(re.findall(r"[^\W_]+", folded))
    joined = tuple(re.findall(r"[^\W_]+", re.sub(r"['’`‐‑–-]", "", folded)))
    return [words for words in dict.fromkeys((plain, parted, joined)) if words]


def _forms(word: str) -> tuple[str, ...]:
    """Return what a word of the comment may be in a register: without its apostrophe, without its possessive."""
    if word.isalnum():
        return (word,)
    bare = word.translate(_APOSTROPHES)
    if word.endswith(("'s", "’s", "`s")):
        return (bare, word[:-2].translate(_APOSTROPHES))
    return (bare,)


def _end(text: str, tokens: list[re.Match[str]], at: int, words: tuple[str, ...]) -> int | None:
    """Return where the name that begins with this word ends, or None where the words are others."""
    last = at + len(words) - 1
    if last >= len(tokens) or _hyphen(text, tokens[at].start() - 1, -1) or _hyphen(text, tokens[last].end(), 1):
        return None
    for offset in range(1, len(words)):
        before, token = tokens[at + offset - 1], tokens[at + offset]
        between = text[before.end() : token.start()]
        if not _BETWEEN.fullmatch(between) or ("." in between and len(before.group()) > 1):
            return None
        if words[offset] not in _forms(token.group()):
            return None
        if offset < len(words) - 1 and words[offset] != token.group().translate(_APOSTROPHES):
            return None
    if len(words) > 1 and tokens[at].group().translate(_APOSTROPHES) != words[0]:
        return None
    final = tokens[last].group()
    if final.translate(_APOSTROPHES) == words[-1]:
        return tokens[last].start() + len(final.rstrip("'’"))
    return tokens[last].end() - 2


def _hyphen(text: str, at: int, step: int) -> bool:
    """Return whether a hyphen there joins another word: "Cole-Reed" is somebody else than "Cole"."""
    beyond = at + step
    return 0 <= beyond < len(text) and 0 <= at < len(text) and text[at] in "-‐‑" and text[beyond].isalpha()


def _has_its_capital(normal: Normal, start: int, entry: _Entry) -> bool:
    if len(entry.words) > 1 or len(entry.words[0]) > _SHORT:
        return True
    at = normal.starts[start] if normal.starts is not None else start
    return normal.given[at].isupper()


def _longest(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return what was found in order, without what lies within something longer. Same words, two entries: both."""
    kept: list[tuple[str, int, int]] = []
    claimed: dict[int, tuple[int, int]] = {}
    # The longest first: what overlaps something longer has its first or its last letter within it.
    for one in sorted(dict.fromkeys(found), key=lambda each: (each[1] - each[2], each[1], each[0])):
        span = one[1:]
        if all(claimed.get(at, span) == span for at in (span[0], span[1] - 1)):
            kept.append(one)
            claimed.update(dict.fromkeys(range(*span), span))
    return sorted(kept, key=lambda each: (each[1], each[0]))

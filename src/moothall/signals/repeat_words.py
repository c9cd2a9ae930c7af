"""The word lists that repeats are weighed by, folded once as the words of comments are."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

#: Letters and figures that stand for one another become one letter; "l" and "i" because 1, ! and | stand for both.
_ALIKE: Final = str.maketrans("l1!|03@4$578962+", "iiiioeaasstbggzt")


def folded_word(word: str) -> str:
    """Return a word in lower case with its look-alike letters and figures made one; a number stays as it is."""
    return word if word.isdigit() else word.translate(_ALIKE)


def _rows(name: str) -> list[tuple[str, frozenset[str]]]:
    lines = files("moothall.signals").joinpath("lists", name).read_text(encoding="utf-8").splitlines()
    parted = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(head, frozenset(map(folded_word, words.split()))) for head, words in parted]


_CLASSES: Final = dict(_rows("repeat_words.tsv"))
#: Two of these make a pitch.
PITCH: Final = _CLASSES["pitch"]
#: Last words of a street's name.
STREETS: Final = _CLASSES["streets"]
#: What differs when the same is asked about another place, day or number.
SLOTS: Final = STREETS | _CLASSES["times"] | _CLASSES["numbers"]
#: How much the commonest words say, in bits.
BITS: Final = {word: int(bits) for bits, words in _rows("common_words.tsv") for word in words}

"""Personal details taken out of a text before it leaves the council: each becomes a word in square brackets.

Here more is taken than the reader would show: whatever may be a detail goes, because what has left cannot be fetched back.
A name that stands in no register and after no title cannot be known, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from moothall.signals.lexicon import english
from moothall.signals.normalise import Normal, normalise
from moothall.signals.personal import personal_information
from moothall.signals.places import addresses

_FIGURE_WORD: Final = (
    r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|double|treble|triple)"
)
_STREET: Final = (
    r"(?:road|rd|street|str?|lane|ln|avenue|ave|close|drive|way|crescent|cres|terrace|place|gardens|grove|hill|square|mews|"
    r"court|row|walk|rise|view|green|park|house|cottages?|wynd|brae|vale|parade|quay|wharf|broadway|gate)"
)
#: A path, and whatever stands before the host of a link, may name somebody; the host itself seldom does.
_LINK: Final = re.compile(
    r"(?<![\w@.])(?:[a-z][a-z+.\-]*://(?P<before>[^\s/@]*@)?)?(?:[a-z0-9\-]+\.)+[a-z]{2,24}(?P<path>(?::\d+)?[/?#][^\s<>]*)"
)
#: In the order in which they claim their words; what one has claimed no other looks at. Over folded, lower-case text.
_PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("handle", re.compile(r"(?<![\w@])@[\w](?:[\w.\-]*[\w])?(?:@[\w\-]+(?:\.[\w\-]+)+)?")),
    ("e-mail", re.compile(r"(?<![\w.])[\w.+\-']+ ?@ ?[\w\-]+(?:\.[\w\-]+)+")),
    (
        "e-mail",
        re.compile(
            r"(?<!\w)[\w.+\-]+ ?(?:\(at\)|\[at\]|\bat\b) ?[\w\-]+"
            r"(?: ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?(?:com|co|uk|org|net|gov))+(?!\w)"
        ),
    ),
    ("NI number", re.compile(r"(?<!\w)[a-z]{2}[ \-]?(?:\d\d[ \-]?){3}[a-d](?!\w)")),
    ("date", re.compile(r"(?<![\d/.\-])\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)?\d{2}(?![\d/\-])")),
    ("phone", re.compile(r"(?<![\w£.])(?:\+|00)\d{1,3}[ .\-]?(?:\(0\)[ .\-]?)?(?:[ .\-]?\(?\d\)?){6,13}(?!\w)")),
    ("phone", re.compile(r"(?<![\w£.])(?:\(0\d{1,4}\)|0\d{0,4})(?:[ .\-]{0,2}\d){5,10}(?!\d)")),
    ("phone", re.compile(rf"(?<!\w)(?:{_FIGURE_WORD}[\s,.\-]*){{7,}}(?!\w)")),
    ("number", re.compile(r"(?<![\w£])[a-z]{2}\d{2}(?: ?[a-z\d]{4}){3,7}(?: ?[a-z\d]{1,3})?(?!\w)")),
    ("number", re.compile(r"(?<![\d£])\d\d-\d\d-\d\d(?!\d)")),
    ("number", re.compile(r"(?<![\d£.])\d(?:[ .\-]?\d){5,}")),
    ("postcode", re.compile(r"(?<!\w)(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? {0,2}\d[a-z]{2})(?!\w)")),
    ("plate", re.compile(r"(?<![\w£])[a-z]{2}\d{2}[ \-]?[a-z]{3}(?!\w)")),
)
#: Older plates look like words; they count only where they are written in capitals. Over the text as given.
_OLD_PLATE: Final = re.compile(r"(?<![\w£])(?:[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[A-Z]{3} ?\d{1,4})(?!\w)")
_ADDRESS: Final = re.compile(
    rf"(?<![\w£])(?:(?:flat|no\.?|number|unit|plot) ?)?\d{{1,4}}[a-f]?,? (?:the )?(?P<name>(?:[\w'’\-]+ ){{1,3}}){_STREET}(?!\w)"
)
_FLAT: Final = re.compile(
    r"(?<!\w)(?:flat|apartment|house number|(?:at|of|live|lives|from) (?:number|no\.?)) \d{1,4}[a-f]?(?!\w)"
)
#: A title and the name behind it, over the text as given: there the capital shows that it is a name.
_TITLE: Final = re.compile(
    r"(?<!\w)(?:[Mm]rs?|[Mm]s|[Mm]iss|[Mm]x|[Dd]r|[Pp]rof|[Cc]llr|[Cc]ouncillor|[Aa]lderman|[Ss]ir|[Dd]ame|[Rr]ev|[Ii]mam|[Pp][Cc])"
    r"\.? (?P<name>[A-Z][\w'’\-]+(?: [A-Z][\w'’\-]+){0,2})"
)
#: Shorter parts of a name ("Al", "Bo") are masked as part of the whole name only.
_SHORTEST_PART: Final = 3


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without the details that were found, and which kinds were ("phone", "name", …), each once, sorted."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str, names: Sequence[str] = ()) -> Masked:
    """Return the text with each personal detail in it replaced by its kind: ``[phone]``, ``[name]``.

    Phones, e-mail addresses, postcodes, plates, National Insurance and other long numbers, dates, house numbers with their
    street, handles, paths of links, names behind a title, whatever the reader itself takes for personal information, and
    ``names``: whole in any case, part by part unless a part is a common word that is not written with a capital. Pure.
    """
    normal = normalise(text)
    # For each character the detail that has claimed it. One that overlaps an earlier detail widens it: none is lost in part.
    claimed: list[int] = [-1] * len(text)
    kinds: list[str] = []
    for start, end, kind in _found(normal, names):
        free = [place for place in range(start, end) if claimed[place] < 0]
        if not any(text[place].isalnum() for place in free):
            continue
        number = next((claimed[place] for place in range(start, end) if claimed[place] >= 0), len(kinds))
        if number == len(kinds):
            kinds.append(kind)
        for place in free:
            claimed[place] = number
    pieces: list[str] = []
    for number, places in groupby(range(len(text)), key=claimed.__getitem__):
        words = "".join(text[place] for place in places)
        if number < 0 or not any(character.isalnum() for character in words):
            pieces.append(words)
        else:
            pieces.append(f"/[{kinds[number]}]" if kinds[number] == "path" else f"[{kinds[number]}]")
    return Masked("".join(pieces), tuple(sorted(set(kinds))))


def _found(normal: Normal, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield spans of the text as given with their kind, those that claim their words first before the others."""
    given = normal.given
    for match in _LINK.finditer(normal.text):
        for part, kind in (("before", "user"), ("path", "path")):
            if match.group(part):
                yield (*_given(normal, *match.span(part)), kind)
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(normal.text):
            yield (*_given(normal, *_trimmed(normal.text, *match.span())), kind)
    for match in _OLD_PLATE.finditer(given):
        yield (*match.span(), "plate")
    for match in _ADDRESS.finditer(normal.text):
        between = match.group("name").split()
        capital = given[_given(normal, *match.span("name"))[0]].isupper()
        if capital or not any(word in english() for word in between):
            yield (*_given(normal, *match.span()), "address")
    for span in addresses(normal):
        yield (*_given(normal, *span), "address")
    for match in _FLAT.finditer(normal.text):
        yield (*_given(normal, *match.span()), "address")
    yield from _names(normal, names)
    for match in _TITLE.finditer(given):
        yield (*match.span("name"), "name")
    signal, _ = personal_information(normal)
    for evidence in signal.evidence if signal else ():
        yield evidence.start, evidence.end, "personal detail"


def _names(normal: Normal, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield where a name stands, whole names before their parts."""
    wholes, parts = _expressions(tuple(names))
    for match in wholes.finditer(normal.text) if wholes else ():
        yield (*_given(normal, *match.span()), "name")
    for match in parts.finditer(normal.text) if parts else ():
        start, end = _given(normal, *match.span())
        if match.group() not in english() or normal.given[start].isupper():
            yield start, end, "name"


@lru_cache(maxsize=64)
def _expressions(names: tuple[str, ...]) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return what finds the names whole, and what finds their parts; None where there is nothing to find."""
    wholes = {tuple(re.findall(r"[^\W_]+", normalise(name).text)) for name in names}
    parts = {part for whole in wholes for part in whole if len(part) >= _SHORTEST_PART and not part.isdigit()}
    # The words of a name may be joined or divided otherwise: "dee.marlow", "DeeMarlow", "Marlow-Pike".
    whole = [r"[\s.,_'’\-]*".join(map(re.escape, words)) for words in wholes if len("".join(words)) >= _SHORTEST_PART]
    return _any_of(whole), _any_of([re.escape(part) for part in parts])


def _any_of(expressions: list[str]) -> re.Pattern[str] | None:
    longest_first = sorted(expressions, key=lambda each: (-len(each), each))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])") if longest_first else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space and full stops at the end, which belong to the sentence."""
    while end > start and text[end - 1] in " .,-\n\t":
        end -= 1
    return start, end


def _given(normal: Normal, start: int, end: int) -> tuple[int, int]:
    """Return where ``normal.text[start:end]`` stands in the comment as given."""
    if start >= end:
        return 0, 0
    evidence = normal.evidence(start, end)
    return evidence.start, evidence.end

"""Personal information by pattern: British phones, addresses, plates, e-mail, health, where a child goes to school.

A pattern cannot know whose a detail is. So the words around it are weighed: "her", "Mrs Lane" and "lives" make it somebody
else's, "my number is" the writer's own, "reception" an office's, "WhatsApp for a loan" an advertiser's.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from importlib.resources import files
from itertools import islice
from typing import Final, NamedTuple

from moothall.signals.lexicon import PHASE, VERSION
from moothall.signals.normalise import Normal
from moothall.signals.places import addresses
from moothall.words import Evidence, Signal


def _lists() -> dict[str, tuple[str, frozenset[str]]]:
    """Return the expressions of ``lists/personal.tsv`` by name, each with the words that must stand before it is tried."""
    lines = files("moothall.signals").joinpath("lists", "personal.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {row[0]: (row[1], frozenset(" ".join(row[2:]).split())) for row in rows}


_LISTS: Final = _lists()


def _listed(name: str) -> re.Pattern[str]:
    return re.compile(_LISTS[name][0])


_OTHERS: Final = _listed("others")
_ONE: Final = _listed("one")
_OWN: Final = _listed("own")
_MINE_BEFORE: Final = _listed("mine before")
_MINE_AFTER: Final = _listed("mine after")
_RELATION: Final = _listed("relation")
_OFFICE: Final = _listed("office")
_ADVERT: Final = _listed("advert")
_PRIVATE: Final = _listed("private")
_PLEA: Final = _listed("plea")
_REPORT: Final = _listed("report")
_VEHICLE: Final = _listed("vehicle")
_REFERENCE: Final = _listed("reference")
#: Tried only where one of their words stands.
_WITHOUT_FIGURES: Final = tuple(
    (kind, _LISTS[kind][1], _listed(kind)) for kind in ("home", "routine", "health", "school")
)
_DIGIT: Final = re.compile(r"\d")
_FIGURE: Final = r"(?:zero|oh|o|nought|naught|one|two|three|four|five|six|seven|eight|nine|double|treble|triple|\d)"
_SPELLED: Final = re.compile(rf"(?<!\w)(?:zero|oh|o|nought|naught|0)[\s,.\-]+(?:{_FIGURE}[\s,.\-]*){{7,}}(?!\w)")
#: A number spelled out begins with one of these.
_NOUGHT: Final = frozenset(("oh", "o", "zero", "nought", "naught", "0"))
_MONTHS: Final = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
#: Details that need a figure. "o" stands for 0 in a phone number as people type it; a number begins 01, 02, 03, 05, 07, 08, 09.
_WITH_FIGURES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "phone",
        re.compile(
            r"(?<![\w£])(?<!\d[.,])(?:(?:\+ ?|00)44[ .\-]?(?:\(0\)[ .\-]?)?[1-35789o]|\(?[0o][ .\-]?[1-35789])"
            r"(?:[ .\-()/_*]{0,3}[\do]){7,9}(?![\w£]|[.,]\d)"
        ),
    ),
    ("NI number", re.compile(r"(?<!\w)[a-z]{2}[ \-]?(?:\d\d[ \-]?){3}[a-d](?!\w)")),
    ("NHS number", re.compile(r"\bnhs (?:number|num|no\.?|#)?[^\d\n]{0,12}\d{3}[ \-]?\d{3}[ \-]?\d{4}(?!\d)")),
    ("bank account", re.compile(r"(?<![\d/.\-])\d\d[\- ]\d\d[\- ]\d\d(?![\d/.\-])(?=[^\d]{0,30}\d{8}(?!\d))[^\d]{0,30}\d{8}")),
    ("bank account", re.compile(r"\b(?:account|acc?t?|a/c)(?: (?:number|no\.?|num))?[ :is]{0,6}\d{8}(?!\d)")),
    (
        "date of birth",
        re.compile(
            r"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?|birthday(?: is|'s)?)[ :,\-]{1,3}(?:(?:is|the) )?"
            rf"(?:\d{{1,2}}[/.\-]\d{{1,2}}[/.\-](?:19|20)?\d\d|\d{{1,2}}(?:st|nd|rd|th)? "
            rf"(?:of )?{_MONTHS},? (?:19|20)?\d\d)(?!\d)"
        ),
    ),
    (
        "plate",
        re.compile(
            r"(?<![\w£])[a-z]{2}\d{2}[ \-]?"
            r"(?!(?:the|and|for|was|has|had|are|but|you|not|all|out|one|who|day)\b)[a-z]{3}(?!\w)"
        ),
    ),
    (
        "plate",
        re.compile(
            r"\b(?:reg(?:istration)?|number ?plates?|plates?|vrm)(?: (?:number|no\.?|was|begins|reads))?(?:'s| is|:|,)? "
            r"(?P<plate>(?=[a-z]*\d)(?!\d+\b)[a-z\d]{2,7}(?: (?:[a-z]{3}|\d{1,4}))?|[a-z]{2,3} \d{1,4})(?!\w)"
        ),
    ),
    ("postcode", re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}(?!\w)")),
)  # fmt: skip
#: Older plates look like words; they count in capitals and beside a vehicle only. Over the comment as given.
_OLD_PLATE: Final = re.compile(r"(?<![\w£])(?:[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[A-Z]{3} \d{3,4})(?!\w)")
_E_MAILS: Final = (
    re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+"),
    re.compile(
        r"(?<![\w.+\-])[\w.+\-]{1,64} ?(?:\(at\)|\[at\]|\bat\b|@) ?(?:gmail|hotmail|outlook|yahoo|icloud|live|btinternet|aol|sky|"
        r"talktalk|proton\w*|[\w\-]{2,30}(?= ?(?:\(dot\)|\[dot\]|\bdot\b))) ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?"
        r"(?:com|co|uk|org|net|me)"
        r"(?: ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?uk)?(?!\w)"
    ),
)
_HOUSES: Final = re.compile(
    r"(?<!\w)(?:(?:flat|apartment|bedsit) \d{1,4}[a-f]?(?!\w)|(?:lives?|bides|stays?|lodges)(?: at| in)? (?:(?:number|no\.?) ?)?"
    r"\d{1,3}[a-f]?(?![\w:.]|\d| (?:miles?|min\w*|years?|hours?|doors?))"
    r"|(?:her|him|them|lad|man|woman|lady|couple|lot|family|one|bloke|fella|chap) (?:at|in|from) (?:(?:number|no\.?) ?)?"
    r"\d{1,3}[a-f]?(?=[,.; ](?!\d| ?(?:days?|h(?:ou)?rs?|min\w*|weeks?|years?)))"
    r"|(?:at|in|from|on) (?:number|no\.?) ?"
    r"(?:\d{1,3}[a-f]?(?!\w)|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b))"
)
_PRIVATE_MAIL: Final = re.compile(
    r"(?:@|at\b ?|\) ?|\] ?)(?:gmail|hotmail|outlook|yahoo|icloud|live|btinternet|aol|sky|talktalk|proton\w*)\b"
)
_MOBILE: Final = re.compile(r"(?:(?:\+ ?|00)44[ \-.]?(?:\(0\)[ \-.]?)?|\(?[0o][ \-.]?)7")
_SERVICE_NUMBER: Final = re.compile(r"\(?0[ \-]?(?:3|8|9)")
#: A name with capitals, over the comment as given: with a title, or of two words of which the second is no street.
_NAMED: Final = re.compile(
    r"\b(?:(?:Mrs?|Ms|Miss|Dr|Fr|auld|old)\.? [A-Z][a-z'’\-]+|[A-Z][a-zà-ÿ'’\-]+ (?:[A-Z][a-z]+[-'’])?"
    r"(?!Road|Rd|Street|St\b|Lane|Avenue|Ave|Close|Drive|Way|Crescent|Terrace|Place|Gardens|Grove|Hill|Square|Mews|Court|Row|"
    r"Walk|Rise|Farm|View|Green|Park|House|Council|Borough|City|County|District|Town|Hall|School|Academy|Primary|Day|Hospital|Cottages?|"
    r"Bungalow|Lodge|Bridge|Market|Centre|Labour|Party|January|February|March|April|May|June|July|August|September|October|November|December)"
    r"[A-Z][a-zà-ÿ'’\-]+)"
)
#: A capital within a sentence: a first name, perhaps a town.
_FIRST_NAME: Final = re.compile(r"(?<=[a-z,;:] )[A-Z][a-zà-ÿ]{2,}(?!\w| (?:Street|Road|Lane|Council))")
_WEIGHT: Final = {
    "phone": 0.72, "e-mail": 0.5, "plate": 0.62, "postcode": 0.3, "address": 0.42, "NI number": 0.75, "NHS number": 0.7,
    "bank account": 0.4, "date of birth": 0.5, "house": 0.2, "home": 0.3, "routine": 0.3, "health": 0.3, "school": 0.3,
}  # fmt: skip
#: Details that say little by themselves: only beside a person.
_SOFT: Final = frozenset({"house", "home", "routine", "health", "school"})
_MARKS: Final = str.maketrans(dict.fromkeys("'’,.;:!?()[]{}\"/&#*\n\t\r-–—…|", " "))
#: Whatever holds more is judged by the first of them.
_MOST: Final = 40
_WHERE: Final = frozenset({"address", "postcode", "house", "home"})


class _Detail(NamedTuple):
    kind: str
    start: int
    end: int


def personal_information(normal: Normal) -> tuple[Signal | None, list[str]]:
    """Return the signal ``personal_info`` with its evidence, or None, and the kinds of detail seen.

    A detail weighs more beside words about somebody else, little beside "my" or an office.
    """
    seen = list(islice(_details(normal), _MOST))
    if not seen:
        return None, []
    kinds = sorted({detail.kind for detail in seen})
    text = normal.text
    own_voice = len(_OWN.findall(text)) > len(_OTHERS.findall(text))
    together = len({"address" if kind in _WHERE else kind for kind in kinds}) > 1
    best = 0.0
    evidence: list[Evidence] = []
    for detail in seen:
        weight = _weight(normal, detail, own_voice) + (0.15 if together else 0.0)
        if detail.kind in ("address", "postcode") and {"address", "postcode"} <= set(kinds):
            weight += 0.1
        if weight > 0.1:
            best = max(best, weight)
            evidence.append(normal.evidence(detail.start, detail.end))
    if not evidence:
        return None, kinds
    return Signal(min(best, 0.95), tuple(_apart(normal.given, evidence)), PHASE, VERSION), kinds


def _apart(given: str, evidence: list[Evidence]) -> list[Evidence]:
    """Return the evidence in order, what overlaps as one."""
    apart: list[Evidence] = []
    for span in sorted(evidence, key=lambda one: (one.start, -one.end)):
        if apart and span.start < apart[-1].end:
            start, end = apart[-1].start, max(apart[-1].end, span.end)
            apart[-1] = Evidence(start, end, given[start:end])
        else:
            apart.append(span)
    return apart


def _details(normal: Normal) -> Iterator[_Detail]:
    """Yield every detail, whoever it belongs to."""
    text = normal.text
    figures = _DIGIT.search(text) is not None
    if figures:
        for kind, expression in _WITH_FIGURES:
            for match in expression.finditer(text):
                group = "plate" if "plate" in expression.groupindex else 0
                if kind != "phone" or _is_phone(text, match):
                    yield _Detail(kind, *match.span(group))
        for match in _OLD_PLATE.finditer(normal.given):
            start, end = match.span()
            if normal.starts is not None:
                start, end = bisect_left(normal.starts, start), bisect_left(normal.starts, end)
            if start < end and _VEHICLE.search(text, max(0, start - 40), end + 20):
                yield _Detail("plate", start, end)
        for span in addresses(normal):
            yield _Detail("address", *span)
        for match in _HOUSES.finditer(text):
            yield _Detail("house", *match.span())
    words = text.translate(_MARKS).split()
    if not _NOUGHT.isdisjoint(words):
        for match in _SPELLED.finditer(text):
            yield _Detail("phone", match.start(), match.start() + len(match.group().rstrip(" ,.-\n\t")))
    if "@" in text or "dot" in text or "mail" in text or "outlook" in text or "yahoo" in text:
        for expression in _E_MAILS:
            for match in expression.finditer(text):
                yield _Detail("e-mail", *match.span())
    for kind, triggers, expression in _WITHOUT_FIGURES:
        for match in () if triggers.isdisjoint(words) else expression.finditer(text):
            yield _Detail(kind, *match.span())


def _is_phone(text: str, match: re.Match[str]) -> bool:
    """Return whether a run of figures is a British number: ten or eleven, nearly all of them figures, no reference."""
    figures = sum(character.isdigit() for character in match.group())
    letters = match.group().count("o")
    international = match.group().startswith(("+", "00"))
    total = figures + letters - (2 if international else 0) - (2 if match.group().startswith("00") else 0)
    if letters > 4 or not 10 - international <= total <= 11:
        return False
    return not _REFERENCE.search(text, max(0, match.start() - 30), match.start())


def _weight(normal: Normal, detail: _Detail, own_voice: bool) -> float:
    """Return how likely a detail is a private person's who did not write it, from the words around."""
    text, (kind, start, end) = normal.text, detail
    before, after = text[max(0, start - 80) : start], text[end : end + 60]
    around = text[max(0, start - 80) : end + 60]
    here = normal.evidence(start, end)
    named = _NAMED.search(normal.given, max(0, here.start - 90), here.end + 60) is not None
    one = _ONE.search(around) is not None
    others = one or named or _OTHERS.search(around) is not None
    mine = _MINE_BEFORE.search(before) is not None or _MINE_AFTER.search(after) is not None
    weight = _WEIGHT[kind]
    if kind in _SOFT:
        weight += (0.15 if one else 0.0) + (0.2 if named else 0.0)
        if one and kind != "school" and _FIRST_NAME.search(normal.given, max(0, here.start - 90), here.end + 60):
            weight += 0.05
        if mine or own_voice or _RELATION.search(text):
            weight -= 0.35
        return weight if one or named else min(weight, 0.3)
    if others:
        weight += 0.22
    if kind == "e-mail" and _PRIVATE_MAIL.search(text[start:end]):
        weight += 0.15
    if kind in ("phone", "e-mail") and _ADVERT.search(text) and not _PRIVATE.search(around):
        weight -= 0.5
    if kind == "phone" and _SERVICE_NUMBER.match(text[start:end]):
        weight -= 0.4
    if _OFFICE.search(around) and not _PRIVATE.search(around):
        mobile = _MOBILE.match(text[start:end])
        weight -= 0.2 if named and (mobile or kind != "phone") else 0.45
    if mine:
        weight -= 0.6
    elif own_voice:
        weight -= 0.35
    if kind in _WHERE and (_RELATION.search(text) or _PLEA.search(text)) and not named:
        weight -= 0.35
    if kind in ("plate", "address") and _REPORT.search(around) and not others:
        weight -= 0.3
    return weight

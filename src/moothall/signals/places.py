"""Places as somebody reporting a problem names them: house and street, junction, postcode, road number, park, bus stop.

Residents write "14 Mill Lane" and "outside no 9 mill lane"; so a capital, where there is one, counts for a name, and where
there is none the words before it must: "on mill lane" is a place, "close the road" and "in the right place" are not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

from moothall.signals.normalise import Normal
from moothall.words import Evidence


def _lists() -> dict[str, frozenset[str]]:
    """Return the words of ``lists/places.tsv`` by the name of their list."""
    lines = files("moothall.signals").joinpath("lists", "places.tsv").read_text(encoding="utf-8").splitlines()
    named = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: frozenset(words.split(";" if ";" in words else None)) for name, words in named}


_LISTS: Final = _lists()
_STREETS: Final = _LISTS["streets"]
_DOUBTFUL: Final = _LISTS["doubtful"]
_CAPITAL: Final = _LISTS["capital"]
_SITES: Final = _LISTS["sites"]
_WELSH: Final = _LISTS["welsh"]
_WELSH_SURE: Final = _LISTS["welsh sure"]
_STOP: Final = _LISTS["stop"]
_DETERMINERS: Final = _LISTS["determiners"]
_BEFORE: Final = _LISTS["before"]
_BEFORE_DOUBTFUL: Final = _LISTS["before doubtful"]
_ORDINARY: Final = _LISTS["ordinary"]
_ORDINARY_NAMES: Final = _LISTS["ordinary names"]
_COURTS: Final = _LISTS["courts"]
_FIRST_NAMES: Final = _LISTS["first names"]
_SURNAMES: Final = _LISTS["surnames"]
_NO_LANDMARK: Final = _LISTS["no landmark"]
_TWO_WORD_SITES: Final = frozenset(tuple(site.split()) for site in _LISTS["two-word sites"])
_SITE_ENDS: Final = frozenset(words[-1] for words in _TWO_WORD_SITES)
_KINDS: Final = _STREETS | _DOUBTFUL | _CAPITAL
_TRIGGERS: Final = _KINDS | _SITES | _SITE_ENDS | _WELSH | {"tro"}
_TITLES: Final = frozenset(("mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "sir"))
_PART_OF_A_NAME: Final = frozenset(
    ("old", "new", "upper", "lower", "great", "little", "st", "north", "south", "east", "west")
)
#: "year 2 at", "he's 34": no house number.
_NO_HOUSE: Final = frozenset(
    ("year", "yr", "aged", "age", "is", "hes", "he's", "she's", "number's", "junction", "class")
)
_LONGEST_NAME: Final = 4

#: "7 days drive", "10 minutes walk": a measure, no house.
_MEASURES: Final = re.compile(
    r"(?:seconds?|secs?|min(?:ute)?s?|hours?|hrs?|days?|nights?|weeks?|wks?|months?|years?|yrs?|miles?|metres?|meters?|yards?|feet|"
    r"foot|ft|mph|am|pm|times|people|kids|children|cars|vans|lorries|houses|hooses|homes|flats|trees|bins|bags|men|women|lads|"
    r"pounds?|quid|pence|million|billion|thousand|hundred|st|nd|rd|th|percent|of|sign|zone|limit|way|lane|point|potholes?)'?s?"
)
_SPACES: Final = str.maketrans(dict.fromkeys("'’,.;:!?()[]{}\"/&#*\n\t\r-–—…|", " "))
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
_NUMBER: Final = re.compile(r"\d{1,4}[a-h]?")
_HOUSE_WORD: Final = re.compile(r"(?:flat|no|nos|number|unit|plot|apartment|lamp|column)")
_DIGIT: Final = re.compile(r"\d")
_POSTCODE: Final = re.compile(r"(?<![^\W_])[a-z]{1,2}\d[a-z\d]? {0,2}(\d[abd-hjlnp-uw-z]{2})(?![^\W_])")
#: "c0l0ur" has the shape of a postcode.
_LEET: Final = re.compile(r"[a-z]{1,2}0[a-z]0[a-z]{2}$")
_ORDINAL: Final = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$")
_ROAD_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?P<number>(?:[am]\d{1,4}|b\d{3,4})(?:\(m\))?)(?![^\W_])(?: ?(?:j|jn|jct|junction) ?\d{1,2}[a-z]?(?![^\W_]))?"
)
#: "A4 paper", "room B12", "vitamin B12", "a40 year old".
_NO_ROAD_BEFORE: Final = re.compile(
    r"(?:flat|room|ward|block|unit|section|row|seat|form|error|vitamin|size|year|class|plot|bay|gate|stand|page|annex|appendix|"
    r"table|band|platform|paper|ref|reference|:)\s*$"
)
_NO_ROAD_AFTER: Final = re.compile(
    r"[\s-]*(?:paper|size|sheets?|posters?|leaflets?|pages?|print|years?|yrs?|minutes?|mins?|times)\b"
)
_ROAD_BEFORE: Final = re.compile(r"(?:\bthe|\bon|\balong|\boff)\s+$")
_THREE_WORDS: Final = re.compile(
    r"(?:(?<![:/])/{3}|(?:w3w\.co|what3words\.com)/|what ?(?:3|three) ?words[\s:=]{1,3})"
    r"[^\W\d_]+(?:\.[^\W\d_]+){2}(?!\w)"
)
_COORDINATES: Final = re.compile(r"(?<![\d.])(?:49|5\d|60)\.\d{3,}[, ]{1,3}-?[0-8]\.\d{3,}")
_HOUSE_ONLY: Final = re.compile(
    r"(?<![^\W_])(?:outside|opposite|opp|by|near|next to|front of|behind|above|past|at|between)(?: of)? "
    r"(?P<house>(?:number|no\.?|nos\.?|nr\.?) ?\d{1,4}[a-h]?)(?!\w|[.,:]\d)"
)
_LAMP: Final = re.compile(
    r"(?<![^\W_])(?:street ?light|street ?lamp|lamp ?post|lamp(?: ?column)?|light(?:ing)? column|column) "
    r"(?:no\.? ?|number )?\d{1,5}(?![\w:]|[.,]\d)"
)
_NUMBER_AFTER: Final = re.compile(
    r",? (?:(?:number|no\.?|nos\.?|nr\.?) ?\d{1,4}[a-h]?(?!\w)|\d{1,4}[a-h]?(?=[,.;)](?!\d)|$))"
)
_JOIN: Final = re.compile(r"\s*(?:,?\s*(?:and|&|/|with|meets|joins|x|jct|junction|corner)(?:\s+(?:of|with))?)\s*")
_CORNER: Final = re.compile(
    r"(?:corner|junction|jct|crossroads)(?: (?:of|with|between))? (?:the )?"
    r"(?:(?P<first>[^\W\d_][\w'’\-]*) (?:and|&|/|with) )?$"
)
#: A landmark by a name with a capital, over the comment as given.
_LANDMARK: Final = re.compile(
    r"(?<!\w)(?:[Oo]utside|[Oo]pposite|[Oo]pp|[Nn]ext to|[Bb]ehind|[Bb]ehint|[Bb]eside|[Nn]ear|[Bb]y|[Ii]n front of|"
    r"[Bb]ack o[f'’])(?P<the> the)? (?P<name>[A-Z][\w'’\-]+(?: (?:(?:and|of|&) )?[A-Z][\w'’\-]+){0,2})"
)
_BY_A_LANDMARK: Final = (
    "outside ", "opposite ", "opp ", "next to ", "behind ", "behint ", "beside ", "near ", "by the ", "front of ", "back o",
)  # fmt: skip
_PUBLIC_HOUSES: Final = re.compile(
    r"(?:Arms|Inn|Head|Tavern|Hotel|Lion|Swan|Bell|Co-?op|Aldi|Lidl|Tesco|Asda|Spar|Greggs|Boots|Post Office)$"
)


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    capital: bool
    #: Nothing but spaces stands between this word and the one before.
    joined: bool
    #: The first word of a sentence has a capital whatever it is.
    opens: bool


class _Place(NamedTuple):
    start: int
    end: int
    house: bool = False


def places(normal: Normal) -> tuple[Evidence, ...]:
    """Return where the comment says that something is, in order, none overlapping: empty where it names no place.

    House numbers go with their street, a junction with both its roads, a postcode with the address before it.
    """
    text = normal.text
    found = list(_streets_and_sites(normal)) if _may_hold_a_street(text) else []
    if _DIGIT.search(text):
        found += _numbered(normal)
    if "///" in text or "3w" in text or "words" in text:
        found += (_Place(*match.span()) for match in _THREE_WORDS.finditer(text))
    if any(preposition in text for preposition in _BY_A_LANDMARK):
        found += _landmarks(normal)
    return tuple(normal.evidence(one.start, one.end) for one in _merged(text, found))


def addresses(normal: Normal) -> tuple[tuple[int, int], ...]:
    """Return the spans, in the normalised text, of houses with number and street ("flat 2, 14 Mill Lane")."""
    text = normal.text
    if not _DIGIT.search(text) or not _may_hold_a_street(text):
        return ()
    return tuple((one.start, one.end) for one in _streets_and_sites(normal) if one.house)


def _may_hold_a_street(text: str) -> bool:
    return not _TRIGGERS.isdisjoint(text.translate(_SPACES).split())


def _tokens(normal: Normal) -> list[_Token]:
    """Return the words of the text; capitals count only where the comment is not written in capitals throughout."""
    text, given, starts = normal.text, normal.given, normal.starts
    letters = sum(character.isalpha() for character in given)
    shouted = sum(character.isupper() for character in given) > 0.6 * letters
    tokens: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        start = match.start()
        between = text[end:start]
        at = starts[start] if starts is not None else start
        capital = not shouted and given[at].isupper()
        opens = not tokens or any(mark in between for mark in ".!?\n:")
        joined = bool(tokens) and 0 < len(between) < 3 and not between.strip()
        tokens.append(_Token(match.group(), start, match.end(), capital, joined, opens))
        end = match.end()
    return tokens


def _streets_and_sites(normal: Normal) -> Iterator[_Place]:
    """Yield streets, sites and houses by the last word of their names."""
    tokens = _tokens(normal)
    for index, token in enumerate(tokens):
        word = token.text
        if word.endswith(("'s", "’s")):
            word = word[:-2]
            token = tokens[index] = token._replace(text=word, end=token.end - 2)
        if word not in _TRIGGERS:
            continue
        if word in _WELSH:
            welsh = _welsh(tokens, index)
            if welsh:
                yield welsh
                continue
        first = index
        site = word in _SITES
        if word in _SITE_ENDS and token.joined and (tokens[index - 1].text, word) in _TWO_WORD_SITES:
            first, site = index - 1, True
        if not site and word not in _KINDS:
            continue
        place = _named(normal.text, tokens, first, index, site)
        if place:
            yield place


def _welsh(tokens: list[_Token], index: int) -> _Place | None:
    """Return a Welsh street, whose kind goes first: "Heol y Traeth", "14 Maes Glas"."""
    last = index + 1
    while last < len(tokens) and tokens[last].joined and tokens[last].text in ("y", "yr", "pen", "tan", "ty"):
        last += 1
    if last >= len(tokens) or not tokens[last].joined or (tokens[last].text in _STOP):
        return None
    house = _house_before(tokens, index)
    sure = tokens[index].text in _WELSH_SURE or (tokens[last].capital and tokens[index].capital)
    if not sure and house is None:
        return None
    start = tokens[index].start if house is None else tokens[house].start
    return _Place(start, tokens[last].end, house is not None)


def _named(text: str, tokens: list[_Token], first: int, last: int, site: bool) -> _Place | None:
    """Return the place whose kind stands at ``first`` to ``last``, or None where no name goes before it."""
    start = first
    while start > 0 and first - start < _LONGEST_NAME and tokens[start].joined and _may_be_name(tokens[start - 1].text):
        start -= 1
    if start == first or _means_something_else(tokens, last):
        return None
    house = _house_before(tokens, start)
    neighbour = tokens[first - 1]
    capital = neighbour.capital and (tokens[last].capital or not neighbour.opens)
    if capital or (neighbour.capital and site and neighbour.text not in _ORDINARY):
        while start < first - 1 and not tokens[start].capital:
            start, house = start + 1, None
        if not _named_by_capital(tokens, start, first, last, site, house):
            return None
    elif house is not None:
        short = first - start
        if _MEASURES.fullmatch(tokens[start].text) or (neighbour.text in _ORDINARY and short < 2) or short > 3:
            return None
    else:
        begins = _named_in_lower_case(tokens, start, first, last, site)
        if begins is None:
            return None
        start = begins
    begin, end = tokens[start if house is None else house].start, tokens[last].end
    after = _NUMBER_AFTER.match(text, end) if house is None and not site else None
    return _Place(begin, after.end() if after else end, house is not None or after is not None)


def _means_something_else(tokens: list[_Token], last: int) -> bool:
    """Saint rather than street, a bank holiday, a court of law."""
    kind = tokens[last].text
    following = tokens[last + 1] if last + 1 < len(tokens) and tokens[last + 1].joined else None
    if kind == "st":
        return following is not None and following.capital
    if kind == "bank":
        return following is not None and following.text == "holiday"
    return kind == "court" and tokens[last - 1].text in _COURTS


def _named_by_capital(tokens: list[_Token], start: int, first: int, last: int, site: bool, house: int | None) -> bool:
    """Return whether a name with a capital makes a place of this kind."""
    kind, neighbour = tokens[last], tokens[first - 1]
    if neighbour.text in _ORDINARY:
        street_named_so = kind.capital and kind.text in _STREETS | _DOUBTFUL and neighbour.text in _ORDINARY_NAMES
        if not street_named_so and (first - start < 2 or not tokens[first - 2].capital):
            return False
    if house is not None:
        return True
    if not kind.capital and kind.text in _CAPITAL:
        return False
    if not kind.capital and kind.text in _DOUBTFUL and not site and not _stands_after(tokens, start, _BEFORE_DOUBTFUL):
        return False
    return not _person(tokens, start, first, kind.text)


def _named_in_lower_case(tokens: list[_Token], start: int, first: int, last: int, site: bool) -> int | None:
    """Return where a name without capital or house number begins, or None where the words before it make none of it."""
    kind, neighbour = tokens[last].text, tokens[first - 1].text
    by_street = site and neighbour in _STREETS
    if neighbour in _ORDINARY and not (by_street and first - start > 1):
        return None
    if kind in _CAPITAL or neighbour.endswith(("ed", "ing")):
        return None
    before = tokens[start - 1].text if start and tokens[start].joined else ""
    following = tokens[last + 1].text if last + 1 < len(tokens) and tokens[last + 1].joined else ""
    if before in _DETERMINERS and not by_street and following not in ("car", "bus", "junction", "end"):
        return None
    if (kind in _DOUBTFUL or site) and before not in _BEFORE_DOUBTFUL and not by_street:
        return None
    if before in _BEFORE:
        return start
    if first - 1 > 0 and (by_street or tokens[first - 2].text in _PART_OF_A_NAME):
        return max(start, first - 2)
    return first - 1


def _may_be_name(word: str) -> bool:
    return word not in _STOP and len(word) > 1 and not word[0].isdigit()


def _stands_after(tokens: list[_Token], start: int, words: frozenset[str]) -> bool:
    return start > 0 and tokens[start].joined and tokens[start - 1].text in words


def _person(tokens: list[_Token], start: int, first: int, kind: str) -> bool:
    """Benny Hill and Mrs Lane are no places; "on Albert Hill" is."""
    if _stands_after(tokens, start, _TITLES):
        return True
    if kind not in _SURNAMES or first - start != 1 or tokens[start].text not in _FIRST_NAMES:
        return False
    return not _stands_after(tokens, start, _BEFORE)


def _house_before(tokens: list[_Token], start: int) -> int | None:
    """Return the word at which the house number before a name begins ("flat 2, 14", "no. 9"), or None."""
    if start == 0:
        return None
    number = start - 1
    gap = tokens[start].start - tokens[number].end
    if not _NUMBER.fullmatch(tokens[number].text) or gap > 2:
        return None
    if number and tokens[number - 1].text in _NO_HOUSE:
        return None
    begin = number
    while begin and tokens[begin].start - tokens[begin - 1].end <= 2 and begin > number - 3:
        before = tokens[begin - 1].text
        flat = begin > 1 and tokens[begin - 2].text == "flat" and _NUMBER.fullmatch(before)
        if not flat and not _HOUSE_WORD.fullmatch(before):
            break
        begin -= 1
    return begin


def _numbered(normal: Normal) -> Iterator[_Place]:
    """Yield postcodes, road numbers, co-ordinates, lamp posts, and houses by their number alone."""
    text = normal.text
    for match in _POSTCODE.finditer(text):
        if _LEET.match(match.group()):
            continue
        if not _ORDINAL.search(match.group()) or normal.evidence(*match.span(1)).text[1:].isupper():
            yield _Place(*match.span())
    for match in _ROAD_NUMBER.finditer(text):
        short = len(match.group("number")) == 2
        before, after = text[max(0, match.start() - 16) : match.start()], text[match.end() : match.end() + 12]
        if _NO_ROAD_BEFORE.search(before) or _NO_ROAD_AFTER.match(after):
            continue
        if not short or _ROAD_BEFORE.search(before) or (match.group("number")[0] == "m" and not _DIGIT.search(after)):
            yield _Place(*match.span())
    for match in _HOUSE_ONLY.finditer(text):
        yield _Place(*match.span("house"), True)
    for expression in (_LAMP, _COORDINATES):
        for match in expression.finditer(text):
            yield _Place(*match.span())


def _landmarks(normal: Normal) -> Iterator[_Place]:
    """Yield what something stands outside of, where that has a name with a capital: "outside the Clitherby Arms"."""
    if normal.given.isupper():
        return
    for match in _LANDMARK.finditer(normal.given):
        name = match.group("name")
        if any(word in _NO_LANDMARK for word in re.split(r"[\s'’]", name.lower())):
            continue
        preposition, the = match.group().split()[0].lower(), match.group("the")
        sure = preposition in ("outside", "opposite", "opp") or (the and preposition != "by")
        if sure or _PUBLIC_HOUSES.search(name):
            start, end = match.span("name")
            end -= 2 if the and name.endswith(("'s", "’s")) else 0
            if normal.starts is not None:
                start, end = bisect_left(normal.starts, start), bisect_left(normal.starts, end)
            if start < end:
                yield _Place(start, end)


def _merged(text: str, found: list[_Place]) -> list[_Place]:
    """Return places in order: overlapping ones as one, a junction's two roads as one, an address with its postcode."""
    merged: list[_Place] = []
    for place in sorted(found, key=lambda one: (one.start, -one.end)):
        if merged:
            held = merged[-1]
            between = text[held.end : place.start]
            if place.start < held.end or between in (", ", " ") or _JOIN.fullmatch(between):
                merged[-1] = _Place(held.start, max(held.end, place.end), held.house or place.house)
                continue
        corner = _CORNER.search(text, max(0, place.start - 60), place.start)
        if corner and (corner.group("first") or "") not in _STOP | _ORDINARY:
            place = _Place(corner.start(), place.end, place.house)
        if not merged or place.start >= merged[-1].end:
            merged.append(place)
    return merged

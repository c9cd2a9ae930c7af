"""The names a condition may use, what each means and which values it can take.

A signal or fact that is missing is left out when a condition is evaluated: it is unknown, never false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rapidfuzz import fuzz, process

from moothall.words import GROUNDS, JUDGED_INAPPROPRIATE, MEASURES, PLATFORMS, ROUTES

#: Whom an abusive comment is aimed at.
TARGETS: Final = ("resident", "staff", "politician", "group", "unknown")
#: Grounds a clause may name: those a detector finds, and the officers' own judgement.
CITABLE_GROUNDS: Final = (*GROUNDS, JUDGED_INAPPROPRIATE)
#: Every measure that does something, that is, all but ``ignore``.
REMOVALS: Final = tuple(measure for measure in MEASURES if measure != "ignore")
REPLIES: Final = (
    "none",
    "answer",
    "signpost-customer_service",
    "signpost-report_it",
    "signpost-councillor",
    "signpost-safeguard",
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name a condition may use. ``kind`` is ``flag`` (true or false), ``count`` or ``choice`` of ``values``."""

    kind: str
    meaning: str
    values: tuple[str, ...] = ()


def _built_in() -> dict[str, Name]:
    names = {
        ground: Name("flag", f"the ground {ground} was found, at or over the policy's threshold") for ground in GROUNDS
    }
    names |= {
        "criticism": Name("flag", "it criticises the council; may only ever make a clause narrower"),
        "unsure": Name("flag", "the reading is unsure"),
        "off_topic": Name("flag", "it has nothing to do with the post it stands under"),
        "conduct_in_office": Name("flag", "abuse that mocks what somebody did in office"),
        "target": Name("choice", "whom the abuse is aimed at", TARGETS),
        "route": Name("choice", "what the council should do for the person", ROUTES),
        "repeats": Name("count", "under how many other posts this author put near-identical text"),
        "platform": Name("choice", "where the comment stands", PLATFORMS),
        "pre_election": Name("flag", "a confirmed pre-election period runs"),
    }
    return names


#: Everything every policy may use; a policy adds what its officers may state under ``facts``.
BUILT_IN: Final[Mapping[str, Name]] = MappingProxyType(_built_in())
#: What is true of the day and the place, whatever the comment says: the names ``during`` may use.
CIRCUMSTANCES: Final = ("pre_election", "platform")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the known word most like ``name``, or the words there are when none is like it."""
    choices = sorted(known)
    best = process.extractOne(name[:100].lower(), choices, scorer=fuzz.ratio, score_cutoff=60)
    if best is not None:
        return f"Did you mean “{best[0]}”?"
    if len(choices) > 15:
        return ""
    return f"Known here: {', '.join(choices)}."

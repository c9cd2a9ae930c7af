"""The names a condition may use, what each means and which values it can take.

A signal or fact that is missing is left out when a condition is evaluated: it is unknown, never false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args

from rapidfuzz import fuzz, process

from moothall.words import GROUNDS, JUDGED_INAPPROPRIATE, MEASURES, NEVER_A_GROUND, PLATFORMS, ROUTES, Reply, Step

#: Whom an abusive comment is aimed at.
TARGETS: Final = ("resident", "staff", "politician", "group", "unknown")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Every measure that does something, that is, all but ``ignore``.
REMOVALS: Final = tuple(measure for measure in MEASURES if measure != "ignore")
REPLIES: Final[tuple[str, ...]] = get_args(Reply)
#: The steps that may go before a measure; while representations may be made the step is ``await_representations``.
STEPS: Final[tuple[str, ...]] = ("warn", "ask_to_take_down", "notice_of_intent")
ALL_STEPS: Final[tuple[str, ...]] = get_args(Step)
NOTIFY: Final = ("none", "dm", "public_note")
#: Kinds of election that a policy may let open the pre-election period.
ELECTIONS: Final = (
    "local",
    "general",
    "by_election",
    "mayoral",
    "pcc",
    "parliamentary_by_election",
    "referendum",
    "other",
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name a condition may use.

    ``kind`` is ``flag`` (true or false), ``count`` (a whole number), ``choice`` of ``values``, or ``day`` (a date in quotes).
    ``group`` says where it comes from: ``signal``, ``fact``, ``repeat``, ``record`` or ``circumstance``.
    """

    kind: str
    meaning: str
    values: tuple[str, ...] = ()
    group: str = "signal"


#: What officers may state about any comment, with the question they answer. A policy may word the question anew and add more.
FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        JUDGED_INAPPROPRIATE: "Does the Communications Team consider it inappropriate, and why?",
        "off_topic": "Has it nothing to do with the post it stands under?",
        "names_staff": "Does it name a member of staff?",
        "names_senior": "Is the member of staff it names a senior officer?",
        "advertising": "Does it advertise something?",
        "charity": "Is it for a charity or a community group?",
        "misinformation": "Does it state as fact something about the council's work that is plainly untrue?",
        "fake_profile": "Does the account pretend to be somebody it is not?",
        "provoking": "Is it there only to provoke?",
        "mild_swearing": "Is there mild swearing in it?",
        "extreme_swearing": "Is there swearing of the strongest kind in it?",
        "masked": "Is a swear word written so as to pass a filter?",
        "not_english": "Is it written in another language than English?",
        "political": "Is it political in any way, party or not?",
        "authorised": "Did the council allow this person to use its name, logo or pictures?",
        "confusing": "Could people mistake it for a genuine publication or account of the council?",
        "answered": "Has the council answered this matter already?",
        "review_request": "Does somebody who was blocked ask for a review here?",
    }
)
#: Facts that can only ever spare a comment or serve the person: they are no reason to act.
_NO_REASON: Final = ("authorised", "charity", "names_senior", "answered", "review_request")
#: Grounds a clause may name that a detector finds, or that are the officers' own judgement.
LABELLED_GROUNDS: Final = (*GROUNDS, JUDGED_INAPPROPRIATE)
#: Every ground any clause may name without declaring it: the labels, and what an officer states about a comment.
CITABLE_GROUNDS: Final = (
    *LABELLED_GROUNDS,
    *(fact for fact in FACTS if fact not in _NO_REASON and fact != JUDGED_INAPPROPRIATE),
)


#: Words in the name of a fact that would make criticism of the council, or a feeling, a ground under another name.
_SPARED: Final = ("critic", "sentiment", "complain", "negativ")


def may_be_a_ground(name: str) -> bool:
    """Return whether a fact of a policy's own may be named as a ground: criticism by any name may not."""
    return name not in NEVER_A_GROUND and name not in _NO_REASON and not any(word in name for word in _SPARED)


def _built_in() -> dict[str, Name]:
    names = {
        ground: Name("flag", f"the ground {ground} was found, at or over the policy's threshold") for ground in GROUNDS
    }
    names |= {
        "any_ground": Name("flag", "some ground a detector looks for was found, whichever"),
        "criticism": Name("flag", "it criticises the council; may only ever make a clause narrower"),
        "unsure": Name("flag", "the reading is unsure"),
        "conduct_in_office": Name("flag", "abuse that mocks what somebody did in office"),
        "target": Name("choice", "whom the abuse is aimed at", TARGETS),
        "route": Name("choice", "what the council should do for the person", ROUTES),
    }
    names |= {fact: Name("flag", question, (), "fact") for fact, question in FACTS.items()}
    names |= {
        name: Name(kind, meaning, (), "repeat")
        for name, kind, meaning in (
            ("repeats", "count", "under how many other posts this author put near-identical text"),
            ("repeat_posts", "count", "on how many posts it stands, this one included"),
            (
                "several_posts",
                "flag",
                "near-identical text, by this author or by several who act together, stands on as many posts as the settings say",
            ),
            ("repeat_times", "count", "how often this author posted near-identical text, this one included"),
            ("identical", "flag", "the repeated text is the same word for word"),
            ("same_issue", "count", "comments by this author on this matter in 30 days, this one included"),
        )
    }
    names |= {
        name: Name("count", meaning, (), "record")
        for name, meaning in (
            ("earlier_measures", "how often something of this author's was hidden or deleted, or the author blocked"),
            ("earlier_warnings", "how often this author was warned, or asked to take something down"),
            ("earlier_notices", "how many notices of intent this author was given"),
            ("earlier_bans", "how often this author was blocked"),
        )
    }
    names |= {
        "platform": Name("choice", "where the comment stands", PLATFORMS, "circumstance"),
        "pre_election": Name("flag", "a confirmed pre-election period runs", (), "circumstance"),
        "election_notice": Name(
            "flag", "the notice of an election is published and the poll is not over", (), "circumstance"
        ),
        "poll_in_days": Name("count", "days until the next polling day, 0 on the day itself", (), "circumstance"),
        "office_open": Name("flag", "it arrived in office hours", (), "circumstance"),
        "incident": Name("flag", "the council has declared an incident, such as a flood", (), "circumstance"),
        "date": Name("day", "the day it arrived in London, as '2027-05-06'", (), "circumstance"),
        "weekday": Name("choice", "the day of the week it arrived", WEEKDAYS, "circumstance"),
        "hour": Name("count", "the hour it arrived, 0 to 23", (), "circumstance"),
    }
    return names


#: Everything every policy may use; a policy adds facts its officers may state and counts of the author's record.
BUILT_IN: Final[Mapping[str, Name]] = MappingProxyType(_built_in())
#: What is true of the day and the place, whatever the comment says: the names ``during`` may use.
CIRCUMSTANCES: Final = tuple(name for name, known in BUILT_IN.items() if known.group == "circumstance")
#: What may show by itself that a ground is there: what the comment says, what an officer states, how often it was said.
#: A route, the day, the place or the author's past never do.
SUBSTANCE: Final = ("signal", "fact", "repeat")
NO_SUBSTANCE: Final = ("any_ground", "criticism", "unsure", "route", "target", "conduct_in_office", *_NO_REASON)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the known word most like ``name``, or the words there are when none is like it."""
    choices = sorted(known)
    best = process.extractOne(name[:100].lower(), choices, scorer=fuzz.ratio, score_cutoff=60)
    if best is not None:
        return f"Did you mean “{best[0]}”?"
    if not choices or len(choices) > 30:
        return ""
    return f"Known here: {', '.join(choices)}."

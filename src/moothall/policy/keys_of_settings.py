"""The keys of the settings and of the counts of the record."""

from __future__ import annotations

from typing import Final

from moothall.policy.key import WAYS, Key, Thing
from moothall.policy.vocabulary import ELECTIONS, NOTIFY, REMOVALS, STEPS, WEEKDAYS
from moothall.words import ACTS, GROUNDS

COUNT: Final = Thing(
    "A count of the record",
    "How often certain things stand against the author, on that platform with this council.",
    (
        Key(
            "of",
            "words",
            "what is counted: `warn` (a warning, a request to take something down), `notice` (a notice of intent), or a measure",
            "[hide, delete]",
            required=True,
            values=ACTS,
        ),
        Key("grounds", "grounds", "only these grounds; `party_political` is refused", "[spam]", otherwise="any ground"),
        Key("within", "term", "only what is younger than this", "30 days", otherwise="the whole record"),
    ),
)

SETTINGS: Final = Thing(
    "Settings",
    "What holds for all clauses.",
    (
        Key(
            "thresholds",
            "named",
            "`default`, or a ground → how sure a detector must be",
            "defamation",
            otherwise="the default for every ground",
            names=("default", *GROUNDS),
            of="threshold",
        ),
        Key(
            "ban",
            "object",
            "how long a ban lasts and when it is looked at again",
            otherwise="the defaults below",
            of="ban",
        ),
        Key("period", "object", "the pre-election period", otherwise="the defaults below", of="period"),
        Key("reply", "object", "the promise of a reply", otherwise="no promise", of="reply"),
        Key("hours", "object", "the office hours, as published", otherwise="none published", of="hours"),
        Key(
            "second_person",
            "flag_or_words",
            "`true`, or the measures that a second officer confirms under whatever clause",
            "[block]",
            default="false",
            values=REMOVALS,
        ),
        Key(
            "notify",
            "per",
            f"{WAYS}, where the clause does not say; one word for all measures, or one for each",
            "{block: dm}",
            otherwise="a measure `none`, a step `dm`",
            values=NOTIFY,
            names=(*REMOVALS, *STEPS),
        ),
        Key("going_live", "object", "what putting a version in force needs", otherwise="one manager", of="going_live"),
        Key(
            "repeats",
            "object",
            "how repeated texts are counted",
            otherwise="over 90 days, several posts are three",
            of="repeats",
        ),
    ),
)

THRESHOLD: Final = Thing(
    "A threshold",
    "How sure a detector must be. What an officer states is certain.",
    (
        Key(
            "engage",
            "number",
            "from here on the ground counts as found",
            "0.6",
            otherwise="0.5; for a ground as the default says",
            least=0.01,
            most=1,
            whole=False,
        ),
        Key(
            "recommend",
            "number",
            "from here on a measure may be recommended for it; never below `engage`",
            "0.9",
            otherwise="0.7; for a ground as the default says; never below `engage`",
            least=0.01,
            most=1,
            whole=False,
        ),
    ),
)

BAN: Final = Thing(
    "A ban",
    "Stands in the settings for every ban; in a clause or a rung it changes what it names and leaves the rest.",
    (
        Key(
            "length",
            "term",
            "how long it lasts: a stretch of time, `open` (no end date), or `for_ever`",
            "12 months",
            default="open",
            values=("open", "for_ever"),
        ),
        Key(
            "review",
            "choice",
            "`on_request` (from a day on, when it is asked for), `automatic` (by itself on that day), `none`",
            "on_request",
            default="on_request",
            values=("on_request", "automatic", "none"),
        ),
        Key(
            "after",
            "term",
            "when the review may come, counted from the block: a stretch of time, or `at_any_time`",
            "6 months",
            default="6 months",
            values=("at_any_time",),
        ),
        Key(
            "after_months",
            "number",
            "the same in calendar months; 0 is at any time",
            "6",
            default="6",
            least=0,
            most=120,
            instead_of="after",
        ),
        Key(
            "by",
            "choice",
            "who reviews it",
            "panel",
            default="different_officer",
            values=("different_officer", "any_officer", "panel"),
        ),
        Key(
            "first",
            "choice",
            "the step that goes before every block, see “Steps”",
            "notice_of_intent",
            default="none",
            values=(*STEPS, "none"),
        ),
        Key(
            "wait",
            "term",
            "how long the author has to answer a notice of intent; only with `first: notice_of_intent`",
            "14 days",
            otherwise="no time to wait",
        ),
    ),
)

PERIOD: Final = Thing(
    "The period",
    "The pre-election period: computed from an election, and confirmed by an officer.",
    (
        Key(
            "weeks",
            "number",
            "how many weeks before polling day it begins, at 00:00",
            "6",
            default="6",
            least=0,
            most=26,
        ),
        Key(
            "elections",
            "words",
            "the kinds of election that open it",
            "[local, general, by_election]",
            default="[local, general]",
            values=ELECTIONS,
        ),
        Key(
            "start",
            "choice",
            "`weeks` before polling day, the `notice` of election, or the `earlier` of the two",
            "earlier",
            default="weeks",
            values=("weeks", "notice", "earlier"),
        ),
        Key(
            "end",
            "choice",
            "`22:00` on polling day, `midnight` at its end, or the `day_after`, at the end of the next day",
            "midnight",
            default='"22:00"',
            values=("22:00", "midnight", "day_after"),
        ),
    ),
)

REPLY: Final = Thing(
    "The promise of a reply",
    "The day of arrival does not count, nor do Saturdays, Sundays and the bank holidays of England and Wales.",
    (
        Key(
            "working_days",
            "number",
            "a reply comes within so many working days",
            "2",
            otherwise="no promise",
            least=1,
            most=60,
        ),
    ),
)

HOURS: Final = Thing(
    "Office hours",
    "When officers are at work, on the wall clock in London.",
    (
        *(
            Key(day, "hours", f"opening hours on {day.capitalize()}, or `closed`", "09:00-17:00", default="closed")
            for day in WEEKDAYS[:5]
        ),
        *(
            Key(day, "hours", f"opening hours on {day.capitalize()}, or `closed`", "closed", default="closed")
            for day in WEEKDAYS[5:]
        ),
        Key("bank_holidays", "flag", "the office is open on bank holidays", "false", default="false"),
    ),
)

GOING_LIVE: Final = Thing(
    "Going live",
    "Putting a version of the rules in force.",
    (Key("second_person", "flag", "a second manager has to approve", "true", default="false"),),
)

REPEATS: Final = Thing(
    "Repeats",
    "Near-identical texts by one author, or by several who act together.",
    (
        Key("days", "number", "how far back they count", "30", default="90", least=1, most=366),
        Key(
            "posts",
            "number",
            "on how many posts, this one included, the same text stands when `several_posts` is true",
            "4",
            default="3",
            least=2,
            most=50,
        ),
    ),
)

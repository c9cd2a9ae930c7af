"""Every key of the policy file in one table: what it takes, what it means, and what holds when it is left out.

The loader decides what a file may say. This table explains it: the schema for editors and the reference are made from it,
and a test holds the table and the loader against each other, key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from moothall.policy.key import Key, Thing
from moothall.policy.keys_of_rules import CLAUSE, RUNG
from moothall.policy.keys_of_settings import (
    BAN,
    COUNT,
    GOING_LIVE,
    HOURS,
    PERIOD,
    REPEATS,
    REPLY,
    SETTINGS,
    THRESHOLD,
)
from moothall.policy.vocabulary import CITABLE_GROUNDS, REPLIES
from moothall.words import ROUTES

_OWN_REPLIES: Final = ("signpost-complaints", "signpost-review", "signpost-review_date")

_POLICY: Final = Thing(
    "At the top",
    "The whole file.",
    (
        Key("format", "format", "the format of the file; there is one", "1", required=True),
        Key("id", "id", "the policy's id, the same in all its versions", "thornbury-on-wold", required=True),
        Key(
            "version",
            "text",
            "the name of this version, at most 60 characters; decisions keep it",
            '"2027.1"',
            required=True,
        ),
        Key("title", "text", "the heading of the page", "House rules for our social media", required=True),
        Key("council", "text", "the council's name", "Thornbury-on-Wold Borough Council", required=True),
        Key(
            "introduction",
            "text",
            "first words of the page",
            "This page says how we run our accounts.",
            otherwise="none",
        ),
        Key(
            "contacts",
            "named",
            "ways to reach somebody. Used in texts as `{review.url}`: the contact's id, a dot, and one of its keys",
            "review",
            otherwise="none",
            of="contact",
        ),
        Key(
            "facts",
            "texts",
            "what only an officer can know: name → the question the officer answers. The name may be used in conditions and, "
            "unless it stands for criticism or a feeling, as a ground. A built-in fact gets its question worded anew here",
            "{sells_tickets: Does it sell tickets for an event?}",
            otherwise="the built-in facts with their own questions",
        ),
        Key(
            "counts",
            "named",
            "counts of the author's record, each with a name that conditions may use",
            "earlier_spam",
            otherwise="the built-in counts only",
            of="count",
        ),
        Key("settings", "object", "what holds for all clauses", otherwise="the defaults below", of="settings"),
        Key(
            "sections",
            "objects",
            "parts of the page that decide nothing about a comment",
            otherwise="none",
            of="section",
        ),
        Key(
            "routes",
            "named",
            "what the council does for a person whose comment has this route",
            "answer",
            otherwise="no reply, but for a person at risk",
            names=ROUTES,
            of="route",
        ),
        Key(
            "replies",
            "texts",
            "words for the replies that belong to no route. They may use `{review_from}` and `{ban_ends}`",
            '{signpost-review_date: "Your block can be reviewed from {review_from} on."}',
            otherwise="replies without words of their own",
            names=_OWN_REPLIES,
        ),
        Key(
            "letters",
            "texts",
            "id → the text of a letter, with placeholders, see “Letters”",
            '{ban: "We blocked you on {channel} until {ban_ends}.", notice: "Answer by {respond_by}."}',
            otherwise="none",
        ),
        Key("clauses", "objects", "the rules, in the order in which they are numbered", required=True, of="clause"),
        Key(
            "ladder",
            "objects",
            "what happens to somebody who breaks the rules again, the mildest rung first",
            otherwise="earlier breaches change nothing",
            of="rung",
        ),
    ),
)

_CONTACT: Final = Thing(
    "A contact",
    "A way to reach somebody.",
    (
        Key("name", "text", "as it stands in a sentence", "the form for a review", required=True),
        Key("phone", "text", "a telephone number", "01632 960200", otherwise="none"),
        Key("url", "link", "a web address", "https://www.thornbury-on-wold.example/review", otherwise="none"),
        Key(
            "chat",
            "link",
            "the web address of a live chat",
            "https://www.thornbury-on-wold.example/chat",
            otherwise="none",
        ),
        Key("email", "text", "an e-mail address", "review@thornbury-on-wold.example", otherwise="none"),
        Key("hours", "text", "when somebody is there, in words", "Monday to Friday, 9am to 5pm", otherwise="none"),
    ),
)

_SECTION: Final = Thing(
    "A section",
    "A part of the page that states how the council behaves and decides nothing about a comment.",
    (
        Key("id", "id", "its anchor on the page", "courtesy", required=True),
        Key("title", "text", "its heading", "What you and we can expect", required=True),
        Key(
            "public",
            "text",
            "what the public reads; an empty line parts paragraphs",
            "We are courteous to you.",
            required=True,
        ),
        Key("guide", "text", "for officers", "Criticism is never a reason to act.", otherwise="none"),
        Key(
            "place",
            "choice",
            "before the rules or after them",
            "closing",
            default="opening",
            values=("opening", "closing"),
        ),
    ),
)

_ROUTE: Final = Thing(
    "A route",
    "What the council does for the person. The route `safeguard` always has the reply `signpost-safeguard`.",
    (
        Key("reply", "choice", "what the person is answered, see “Replies”", "answer", default="none", values=REPLIES),
        Key(
            "title", "text", "its heading on the page", "Questions about council business", otherwise="the route's name"
        ),
        Key(
            "public",
            "text",
            "what the public reads",
            "We try to answer genuine questions.",
            otherwise="not on the page",
        ),
        Key("guide", "text", "for officers", "Use an approved answer where there is one.", otherwise="none"),
        Key("text", "text", "the words of the reply", "Thank you for asking.", otherwise="none"),
    ),
)

#: Every kind of object in the file, by the name that ``of`` uses, in the order of the reference.
THINGS: Final[Mapping[str, Thing]] = MappingProxyType(
    {
        "policy": _POLICY,
        "contact": _CONTACT,
        "section": _SECTION,
        "route": _ROUTE,
        "clause": CLAUSE,
        "rung": RUNG,
        "settings": SETTINGS,
        "threshold": THRESHOLD,
        "ban": BAN,
        "period": PERIOD,
        "reply": REPLY,
        "hours": HOURS,
        "going_live": GOING_LIVE,
        "repeats": REPEATS,
        "count": COUNT,
    }
)
#: Grounds that may stand in a record and be counted: all but party politics.
COUNTED_GROUNDS: Final = tuple(ground for ground in CITABLE_GROUNDS if ground != "party_political")


def example_file(*, instead: bool = False) -> str:
    """Return a policy file with every key in it, made of the examples; the loader takes it.

    Of two keys that say the same the first stands; with ``instead`` the other.
    """
    return "\n".join(_example("policy", instead)) + "\n"


def _example(thing: str, instead: bool) -> list[str]:
    keys = THINGS[thing].keys
    replaced = {key.instead_of for key in keys if key.instead_of}
    lines: list[str] = []
    for key in keys:
        # Only one of two keys that say the same may stand.
        if (key.name in replaced) if instead else key.instead_of:
            continue
        if not key.of:
            lines.append(f"{key.name}: {key.example}")
            continue
        inner = _example(key.of, instead)
        lines.append(f"{key.name}:")
        if key.kind == "objects":
            lines += [f"  {'- ' if at == 0 else '  '}{line}" for at, line in enumerate(inner)]
        elif key.kind == "named":
            lines += [f"  {key.example}:", *(f"    {line}" for line in inner)]
        else:
            lines += [f"  {line}" for line in inner]
    return lines

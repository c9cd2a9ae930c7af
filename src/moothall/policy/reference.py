"""The reference of the policy file, docs/reference/policy.md: ``python -m moothall.policy.reference`` prints it.

The tables come from the code that reads a file, so that they cannot go stale; the words between them are written here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Final

from moothall.policy.faults import OF_A_DECISION, OF_THE_FILE, OF_THE_RULES
from moothall.policy.key import Key
from moothall.policy.keys import THINGS, example_file
from moothall.policy.loading import LETTER_WORDS
from moothall.policy.reasons import ground_in_words
from moothall.policy.reference_prose import (
    BANS,
    COMBINE,
    CONDITIONS,
    EDITOR,
    FACTS_INTRO,
    FLOORS,
    GROUNDS_INTRO,
    INTRODUCTION,
    LADDER,
    LETTERS_INTRO,
    PERIOD,
    PYTHON,
    STEPS_INTRO,
    UNKNOWN,
)
from moothall.policy.vocabulary import BUILT_IN, CITABLE_GROUNDS, FACTS, LABELLED_GROUNDS, REPLIES, STEPS, Name
from moothall.words import MEASURES

_MEASURES: Final[Mapping[str, str]] = {
    "ignore": "nothing is done about the comment",
    "hide": "the comment is hidden; its author, and on some platforms their friends, still see it",
    "delete": "the comment is deleted",
    "block": "the author is blocked: a ban",
    "report": "the comment or the account is reported to the platform",
}
_STEPS: Final[Mapping[str, str]] = {
    "warn": "the author is warned; a `warn` stands in the record",
    "ask_to_take_down": "the author is asked to take the comment down; a `warn` stands in the record too",
    "notice_of_intent": "the author is told that a block is intended and may answer; a `notice` stands in the record",
}
_REPLIES: Final[Mapping[str, str]] = {
    "none": "no reply",
    "answer": "an officer answers",
    "signpost-customer_service": "to customer services",
    "signpost-report_it": "to the form for reports",
    "signpost-councillor": "to the councillors",
    "signpost-safeguard": "help for a person at risk",
    "signpost-complaints": "to the complaints procedure",
    "signpost-review": "to the form for a review",
    "signpost-review_date": "the day from which a review is possible, or on which the ban ends",
}
_LETTER_WORDS: Final[Mapping[str, str]] = {
    "ban_ends": "the day on which the ban is over",
    "channel": "the account of the council on which it happened",
    "clause_title": "the title of the clause",
    "clause_text": "its public sentence, as of that day",
    "decided_on": "the day of the decision",
    "ground": "the ground, in words",
    "policy_version": "the version of the rules",
    "reason": "the officer's written reason",
    "respond_by": "the last day to answer a notice of intent",
    "review_from": "the first day of a review",
}
_GROUPS: Final[Mapping[str, str]] = {
    "signal": "Signals: what a detector found in the comment",
    "repeat": "Repeats: how often it was said",
    "record": "Record: what stands against the author, on this platform with this council only",
    "circumstance": "Circumstances: the day and the place. Only these may stand under `during`",
}
_ONE_ROW_A_GROUND: Final = "that ground was found, at or over its threshold"


def reference() -> str:
    """Return the whole reference as Markdown."""
    parts = [
        INTRODUCTION,
        EDITOR,
        *(_thing(name, "##") for name in ("policy", "clause", "rung", "section", "route", "contact", "count")),
        _settings(),
        _grounds(),
        _facts(),
        _measures(),
        _conditions(),
        COMBINE,
        LADDER,
        STEPS_INTRO + "\n\n" + _pairs("step", "what it is", STEPS, _STEPS),
        _replies(),
        LETTERS_INTRO + "\n\n" + _pairs("placeholder", "filled with", LETTER_WORDS, _LETTER_WORDS, "{%s}"),
        BANS,
        PERIOD,
        FLOORS,
        _faults(),
        _whole(),
        PYTHON,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _pairs(what: str, means: str, names: Iterable[str], meanings: Mapping[str, str], written: str = "%s") -> str:
    return _table((what, means), [(f"`{written % name}`", meanings[name]) for name in names])


def _thing(name: str, level: str) -> str:
    thing = THINGS[name]
    rows = [(f"`{key.name}`", _takes(key), key.meaning, _left_out(key), _example(key)) for key in thing.keys]
    table = _table(("key", "takes", "meaning", "if left out", "example"), rows)
    return f"{level} {thing.title}\n\n{thing.meaning}\n\n{table}"


def _left_out(key: Key) -> str:
    if key.required:
        return "**required**"
    return f"`{key.default}`" if key.default else key.otherwise


def _example(key: Key) -> str:
    return f"see “{THINGS[key.of].title}”" if key.of else f"`{key.example}`"


def _takes(key: Key) -> str:
    words = ", ".join(f"`{word}`" for word in key.values)
    kinds = {
        "format": "`1`",
        "id": "small letters and figures, joined by `-` or `_`",
        "text": "text",
        "link": "a web address",
        "hours": "`09:00-17:00`, or `closed`",
        "flag": "`true`, `false`",
        "number": f"{'a whole number' if key.whole else 'a number'}, {key.least:g} to {key.most:g}",
        "term": f"a stretch of time{f', {words}' if words else ''}",
        "choice": words,
        "words": f"a list of {words}, or one of them",
        "grounds": "a list of grounds, or one",
        "flag_or_words": f"`true`, `false`, or a list of {words}",
        "per": f"{words or 'a letter'}, or measure → one of them" if not words else f"{words}, or a mapping",
        "condition": "a condition",
        "conditions": "measure → condition",
        "texts": "name → text",
        "object": "a mapping",
        "objects": "a list",
        "named": "name → a mapping",
    }
    return kinds[key.kind]


def _settings() -> str:
    inner = ("threshold", "ban", "period", "reply", "hours", "going_live", "repeats")
    time = "A stretch of time is written as `30 days`, `6 weeks`, `12 months` or `1 year`. Months are calendar months."
    return "\n\n".join([_thing("settings", "##"), time, *(_thing(name, "###") for name in inner)])


def _grounds() -> str:
    rows = [(f"`{ground}`", ground_in_words(ground), _found_by(ground)) for ground in CITABLE_GROUNDS]
    return f"{GROUNDS_INTRO}\n\n{_table(('ground', 'in words', 'found by'), rows)}"


def _found_by(ground: str) -> str:
    if ground == "off_topic":
        return "an officer; a detector may suspect it"
    return "a detector" if ground in LABELLED_GROUNDS and ground not in FACTS else "an officer"


def _facts() -> str:
    rows = [
        (f"`{fact}`", question, "yes" if fact in CITABLE_GROUNDS else "no: it only spares or serves")
        for fact, question in FACTS.items()
    ]
    return f"{FACTS_INTRO}\n\n{_table(('fact', 'question', 'may be a ground'), rows)}"


def _measures() -> str:
    return "## Measures\n\nIn order of force, the least intrusive first.\n\n" + _pairs(
        "measure", "what is done", MEASURES, _MEASURES
    )


def _conditions() -> str:
    parts = [CONDITIONS]
    for group, title in _GROUPS.items():
        rows = [_row(name, known) for name, known in BUILT_IN.items() if known.group == group]
        parts.append(f"### {title}\n\n{_table(('name', 'value', 'meaning'), rows)}")
    parts.append(UNKNOWN)
    return "\n\n".join(parts)


def _row(name: str, known: Name) -> tuple[str, str, str]:
    values = {"flag": "true, false", "count": "0, 1, 2 …", "day": "a day in quotes"}
    value = values.get(known.kind) or ", ".join(f"`{each}`" for each in known.values)
    meaning = _ONE_ROW_A_GROUND if known.meaning.startswith(f"the ground {name} ") else known.meaning
    return f"`{name}`", value, meaning


def _replies() -> str:
    text = (
        "## Replies\n\nA route names one, and a clause may name another. The words stand under the route's `text`; "
        "for the last three\nunder `replies`."
    )
    return text + "\n\n" + _pairs("reply", "what the person gets", REPLIES, _REPLIES)


def _whole() -> str:
    text = "## A file with every key in it\n\nNot a good policy, but one that uses everything."
    return f"{text}\n\n```yaml\n{example_file()}```"


def _faults() -> str:
    parts = ["## What can be wrong", "Each fault has a code; codes do not change."]
    for title, codes in (
        ("With the file", OF_THE_FILE),
        ("With the rules", OF_THE_RULES),
        ("With a decision", OF_A_DECISION),
    ):
        parts.append(f"### {title}\n\n{_pairs('code', 'meaning', codes, codes)}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(reference())

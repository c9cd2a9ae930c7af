"""One change between two versions of the rules, and the pieces its sentence is made of."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final

import cel

from moothall.policy.calendar import Term
from moothall.policy.condition import Condition, sample_counts, sample_days, samples_of
from moothall.policy.model import Policy
from moothall.policy.reasons import joined
from moothall.policy.vocabulary import BUILT_IN, Name

#: A measure as something that is done: “now allows hiding”.
DOING: Final[Mapping[str, str]] = {
    "ignore": "leaving it alone",
    "hide": "hiding",
    "delete": "deleting",
    "block": "blocking",
    "report": "reporting to the platform",
}
#: A measure or a step as a thing: “must confirm a block”.
THING: Final[Mapping[str, str]] = {
    "hide": "hiding",
    "delete": "deleting",
    "block": "a block",
    "report": "a report to the platform",
    "warn": "a warning",
    "ask_to_take_down": "a request to take it down",
    "notice_of_intent": "a notice of intent",
}
WAY: Final[Mapping[str, str]] = {
    "none": "not told",
    "dm": "told by direct message",
    "public_note": "told by a public note",
}
#: Two versions of a text are quoted to so many words around what differs.
_QUOTED: Final = 22
_BESIDE: Final = 4
_MOST_COMBINATIONS: Final = 20_000


class Weight(IntEnum):
    """What is told first: what may happen to a comment, then to its author, then how people are told, then the rest."""

    COMES_DOWN = 1
    RECOMMENDED = 2
    AGAIN = 3
    CONFIRMED = 4
    TOLD = 5
    PERIOD = 6
    REPLIES = 7
    PUBLIC = 8
    OFFICERS = 9
    ORDER = 10
    NAMES = 11
    LAYOUT = 12


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as a sentence.

    ``area`` is the part of the rules it is in; ``kind`` is ``new``, ``gone``, ``changed``, ``order`` or ``layout``; ``clause``
    the id of the clause in the new file (of one that is gone: in the old), empty where it is about none; ``number`` its
    place in the file.
    """

    weight: Weight
    area: str
    kind: str
    sentence: str
    clause: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Both:
    """The two policies, for what one part takes from another."""

    old: Policy
    new: Policy

    @property
    def vocabulary(self) -> dict[str, Name]:
        """What the conditions of either may use."""
        own = {fact: Name("flag", fact, (), "fact") for policy in (self.old, self.new) for fact in policy.facts}
        counts = {count.name: Name("count", count.name) for policy in (self.old, self.new) for count in policy.counts}
        return {**own, **counts, **BUILT_IN}


def changed(old: Any, new: Any, leaving_out: Sequence[str] = ()) -> Iterator[str]:
    """Yield the names of the fields in which two objects of one dataclass differ."""
    for field in fields(old):
        if field.name not in leaving_out and not alike(getattr(old, field.name), getattr(new, field.name)):
            yield field.name


def alike(old: object, new: object) -> bool:
    """Return whether two values are the same to a reader: the lines in which a text or a condition is written do not count."""
    if isinstance(old, str) and isinstance(new, str):
        return _paragraphs(old) == _paragraphs(new)
    if isinstance(old, Condition) and isinstance(new, Condition):
        return old.source.split() == new.source.split()
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(alike(old[key], new[key]) for key in old)
    return old == new


def _paragraphs(text: str) -> list[list[str]]:
    return [words for part in re.split(r"\n\s*\n", text) if (words := part.split())]


def now_and_before(old: str, new: str) -> str:
    """Return the two versions of a text in quotes, cut to where they differ: ``now “…”, before “…”``."""
    was, now = old.split(), new.split()
    if not was or not now:
        return f"now {_all(now)}, before {_all(was)}"
    if was == now:
        return f"the same words in other paragraphs, “{_cut(now)}”"
    start = next((at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    rest = min(len(was), len(now)) - start
    end = next((at for at in range(rest) if was[-1 - at] != now[-1 - at]), rest)
    return f"now “{_around(now, start, len(now) - end)}”, before “{_around(was, start, len(was) - end)}”"


def _all(words: list[str]) -> str:
    return f"“{_cut(words)}”" if words else "nothing"


def _around(words: list[str], start: int, end: int) -> str:
    start, end = max(0, start - _BESIDE), min(len(words), end + _BESIDE)
    before = "… " if start else ""
    return before + _cut(words[start:end], more=end < len(words))


def _cut(words: list[str], *, more: bool = False) -> str:
    cut = len(words) > _QUOTED
    return " ".join(words[:_QUOTED]) + (" …" if cut or more else "")


def excerpt(text: str) -> str:
    """Return the beginning of a text in quotes."""
    return f"“{_cut(text.split()).removesuffix('.')}”"


def condition_change(old: Condition | None, new: Condition | None, both: Both) -> str:
    """Return a condition as it is now and was before, whether it holds more often, and what is newly looked at."""
    if new is None or old is None:
        return f"{new.source if new else 'always'} (before: {old.source if old else 'always'})"
    now, before = " ".join(new.source.split()), " ".join(old.source.split())
    told = f"{now} (before: {before}){_how_often(old, new, both)}"
    added = [name for name in new.names if name not in old.names]
    vocabulary = {**both.old.facts, **both.new.facts}
    explained = [f"{name} ({vocabulary.get(name) or _meaning(name)})" for name in added]
    return told + (f". New in it: {joined(explained)}" if explained else "")


def _meaning(name: str) -> str:
    return BUILT_IN[name].meaning if name in BUILT_IN else "a count of the author's record"


def _how_often(old: Condition, new: Condition, both: Both) -> str:
    """Return whether the condition now holds more or less often, tried with every combination of values worth trying."""
    vocabulary, pair = both.vocabulary, (old, new)
    names = list(dict.fromkeys([*old.names, *new.names]))
    if any(name not in vocabulary for name in names):
        return ""
    counts, days = sample_counts(pair), sample_days(pair)
    samples = [samples_of(vocabulary[name], counts, days) for name in names]
    number = 1
    for sample in samples:
        number *= len(sample)
        if number > _MOST_COMBINATIONS:
            return ""
    gained = lost = False
    for values in itertools.product(*samples):
        context = cel.Context(variables=dict(zip(names, values, strict=True)))
        was, now = old.outcome(context) is True, new.outcome(context) is True
        gained, lost = gained or (now and not was), lost or (was and not now)
    words = {
        (True, False): "; it holds more often than before",
        (False, True): "; it holds less often than before",
        (True, True): "; it holds for others than before",
        (False, False): "; it comes to the same",
    }
    return words[gained, lost]


def after_instead(old: Term, new: Term) -> str:
    """Return ``after 3 months instead of 6``, or ``at any time instead of after 6 months``."""
    if bool(old.months) == bool(new.months) and (old.months or old.days) and (new.months or new.days):
        return f"after {new.in_words()} instead of {old.months or old.days}"
    return f"{_after(new)} instead of {_after(old)}"


def _after(term: Term) -> str:
    return f"after {term.in_words()}" if term.months or term.days else "at any time"


def term_or(term: Term | None, without: str) -> str:
    """Return a stretch of time in words, ``without`` where there is none."""
    return term.in_words() if term is not None else without


def per_act(
    old: Mapping[str, str],
    new: Mapping[str, str],
    sentence: Callable[[str, str, str], str],
    leaving_out: Callable[[str], bool] = lambda act: False,
) -> Iterator[str]:
    """Yield ``sentence(acts, before, now)`` for what differs per measure or step, acts that changed alike taken together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for act in dict.fromkeys([*THING, *old, *new]):
        pair = (old.get(act, ""), new.get(act, ""))
        if pair[0] != pair[1] and not leaving_out(act):
            groups.setdefault(pair, []).append(THING.get(act, act))
    for (before, now), acts in groups.items():
        yield sentence(joined(acts), before, now)

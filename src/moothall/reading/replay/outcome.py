"""Two assessments of one comment side by side: does anything differ that somebody would notice, and what kind of change is it?

Everything an assessment says counts, but its words (why, titles, versions, the trace) and what the reader found: a clause
that is only worded anew changes nothing for a comment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final

from moothall.policy import Assessment, EngagedClause
from moothall.reading.replay.record import acts_of

#: Every kind of change, the gravest first. A comment counts under the first that fits.
CHANGES: Final = ("newly_down", "newly_up", "newly_allowed", "no_longer_allowed", "other")
_NO_OUTCOME: Final = frozenset(
    {
        "route",
        "also",
        "grounds",
        "criticism",
        "unsure",
        "campaign",
        "why",
        "refused",
        "trace",
        "policy_version",
        "model_version",
        "clauses",
    }
)
#: Of a clause: its words, and what only serves the ladder, whose outcome counts.
_NO_OUTCOME_OF_CLAUSE: Final = frozenset({"kind", "title", "public", "guide", "number", "certain"})
_FIELDS: Final = tuple(one.name for one in fields(Assessment) if one.name not in _NO_OUTCOME)
_CLAUSE_FIELDS: Final = tuple(one.name for one in fields(EngagedClause) if one.name not in _NO_OUTCOME_OF_CLAUSE)
_FIRST: Final = ("recommended", "measures", "clauses")


@dataclass(frozen=True, slots=True)
class Compared:
    """What one comment comes to under the old rules and under the new.

    ``change`` is one of CHANGES, empty where nothing differs; ``differs`` names what does. ``old`` and ``new`` are the
    outcomes ready for JSON, where something differs. The clause ids say which clauses the change rests on:
    ``down`` (new ones that recommend taking it down), ``up`` (old ones that did), ``gained`` and ``lost`` (those that allow
    a measure that nothing allowed before, and the reverse).
    """

    change: str
    differs: tuple[str, ...]
    recommended: tuple[str, str]
    clauses: tuple[tuple[str, ...], tuple[str, ...]]
    down: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    more_allowed: bool = False
    less_allowed: bool = False
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    evidence: tuple[tuple[str, int, int], ...] = ()
    #: What each policy would do, as measure and ground: what stands against the author from then on.
    acts: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = ((), ())

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The clauses to show this change under; empty where no clause is involved."""
        chosen = {
            "newly_down": self.down,
            "newly_up": self.up,
            "newly_allowed": self.gained,
            "no_longer_allowed": self.lost,
        }.get(self.change)
        return chosen or tuple(dict.fromkeys([*self.clauses[1], *self.clauses[0]]))


def compared(old: Assessment, new: Assessment) -> Compared:
    """Return how the assessment of one comment differs under the new rules."""
    recommended = (old.recommended, new.recommended)
    clauses = (tuple([one.id for one in old.clauses]), tuple([one.id for one in new.clauses]))
    differs = [name for name in _FIELDS if getattr(old, name) != getattr(new, name)]
    if _bare(old.clauses) != _bare(new.clauses):
        differs.append("clauses")
    acts = (acts_of(old), acts_of(new))
    if not differs:
        return Compared("", (), recommended, clauses, acts=acts)
    more = [one for one in new.measures if one not in old.measures]
    fewer = [one for one in old.measures if one not in new.measures]
    if recommended[0] == "ignore" != recommended[1]:
        change = "newly_down"
    elif recommended[0] != "ignore" == recommended[1]:
        change = "newly_up"
    elif more:
        change = "newly_allowed"
    else:
        change = "no_longer_allowed" if fewer else "other"
    return Compared(
        change=change,
        differs=tuple(sorted(differs, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))),
        recommended=recommended,
        clauses=clauses,
        down=_leading(new) if change == "newly_down" else (),
        up=_leading(old) if change == "newly_up" else (),
        gained=_allowing(new, more),
        lost=_allowing(old, fewer),
        more_allowed=bool(more),
        less_allowed=bool(fewer),
        old=outcome(old),
        new=outcome(new),
        evidence=_evidence(old, new),
        acts=acts,
    )


def outcome(assessment: Assessment) -> dict[str, Any]:
    """Return what an assessment comes to, ready for JSON: what is recommended and allowed, under which clauses, and why."""
    found = {name: plain(getattr(assessment, name)) for name in _FIELDS}
    first = {name: found.pop(name) for name in ("recommended", "measures")}
    clauses = [{name: plain(getattr(one, name)) for name in _CLAUSE_FIELDS} for one in assessment.clauses]
    return {**first, "clauses": clauses, **found, "why": assessment.why}


def _bare(clauses: Sequence[EngagedClause]) -> list[tuple[Any, ...]]:
    return [tuple([getattr(one, name) for name in _CLAUSE_FIELDS]) for one in clauses]


def _leading(assessment: Assessment) -> tuple[str, ...]:
    """Return the clauses that the recommendation rests on; where none recommends just that, all that apply."""
    leading = [one.id for one in assessment.clauses if one.recommended == assessment.recommended]
    return tuple(leading or [one.id for one in assessment.clauses])


def _allowing(assessment: Assessment, measures: Sequence[str]) -> tuple[str, ...]:
    return tuple([one.id for one in assessment.clauses if not set(measures).isdisjoint(one.measures)])


def _evidence(old: Assessment, new: Assessment) -> tuple[tuple[str, int, int], ...]:
    """Return the places of the words that show the grounds of the clauses that apply under either."""
    cited = {name for one in (*old.clauses, *new.clauses) for name in one.grounds}
    places = {
        (ground.name, piece.start, piece.end): None
        for ground in (*new.grounds, *old.grounds)
        if ground.name in cited
        for piece in ground.evidence
    }
    return tuple(places)


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: a dataclass as an object, a day as ISO 8601, a set in order."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted([plain(one) for one in value], key=str)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value)

"""What stands against an author, on that platform and with this council only, and what follows from it.

Counts for conditions, the ladder, the steps that go before a measure, how long a ban lasts and when it can be looked at
again. Pure. Party politics counts nowhere here: a removal for politics never counts towards a ban, whatever a file says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from moothall.policy.calendar import Term
from moothall.policy.model import BanRule, Clause, Policy, RecordCount, Rung
from moothall.words import ACTS, POLITICS

#: The names of the vocabulary for the author's whole record, and the acts they count.
_ALWAYS_THERE: Final[Mapping[str, tuple[str, ...]]] = {
    "earlier_measures": ("hide", "delete", "block"),
    "earlier_warnings": ("warn",),
    "earlier_notices": ("notice",),
    "earlier_bans": ("block",),
}
#: What must stand in the record before a step counts as taken.
_LEFT_BEHIND: Final[Mapping[str, str]] = {"warn": "warn", "ask_to_take_down": "warn", "notice_of_intent": "notice"}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done about an author: ``warn``, ``notice``, ``hide``, ``delete`` or ``block``, when and why.

    ``about``: which comment it was done about, empty where that is not known. Several acts about one comment are one breach.
    """

    day: date
    measure: str
    ground: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        if self.measure not in ACTS:
            raise ValueError(f"{self.measure!r} is none of {', '.join(ACTS)}")


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban as it would stand if it were put in place on a given day.

    ``ends``: the day on which it is over, None where it has no end. ``review_from``: the first day of its review, None where
    there is none. ``for_ever``: it never ends, as against open-ended.
    """

    ends: date | None
    review: str
    review_from: date | None
    by: str
    for_ever: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """What a banned person who asks for a review is told.

    ``status``: ``open`` (it can be reviewed now), ``too_early``, ``scheduled`` (it comes by itself), ``runs_out`` (the ban
    ends by itself), ``not_available``, ``ended``.
    """

    status: str
    begins: date | None
    ends: date | None
    by: str


#: What the answer to a request for a review points to.
REVIEW_REPLY: Final[Mapping[str, str]] = {
    "open": "signpost-review",
    "too_early": "signpost-review_date",
    "scheduled": "signpost-review_date",
    "runs_out": "signpost-review_date",
    "not_available": "signpost-complaints",
    "ended": "none",
}


def counted(
    history: Iterable[Act],
    of: Collection[str],
    grounds: Collection[str],
    within: Term | None,
    day: date,
) -> int:
    """Return how often acts of these kinds stand in the record on ``day``, on any ground where none is given.

    What was done about one comment counts once: hiding it and blocking its author is one breach and not two.
    """
    found = [
        act.about
        for act in history
        if act.measure in of
        and act.ground not in POLITICS
        and (not grounds or act.ground in grounds)
        and (act.day <= day if within is None else within.holds(act.day, day))
    ]
    return found.count("") + len(set(found) - {""})


def record_counts(policy: Policy, history: Sequence[Act], day: date) -> dict[str, int]:
    """Return the counts of the author's record that the policy's conditions use, by their names."""
    known = {name: counted(history, of, (), None, day) for name, of in _ALWAYS_THERE.items() if name in policy.names}
    for count in policy.counts:
        if count.name in policy.names:
            known[count.name] = _count(count, history, day)
    return known


def _count(count: RecordCount, history: Sequence[Act], day: date) -> int:
    return counted(history, count.of, count.grounds, count.within, day)


def rung_holds(
    policy: Policy, rung: Rung, grounds: Collection[str], history: Sequence[Act] | None, day: date | None
) -> bool:
    """Return whether the rung holds for a comment that breaks the rules on these grounds.

    An unknown record counts as an empty one, and so does one whose day is not known: never more drastic for not knowing.
    """
    own = [
        ground for ground in grounds if ground not in policy.no_strike and (not rung.grounds or ground in rung.grounds)
    ]
    if not own:
        return False
    acts = [act for act in history or () if act.ground not in policy.no_strike] if day is not None else []
    on = own if rung.same_ground else rung.grounds
    today = day or date.min
    if 1 + counted(acts, rung.counts, on, rung.within, today) < rung.strikes:
        return False
    if rung.bans and counted(acts, ("block",), on if rung.same_ground else (), None, today) < rung.bans:
        return False
    return not rung.only_if_warned or counted(acts, ("warn",), (), rung.within, today) > 0


def step_before(
    first: str,
    wait: Term | None,
    within: Term | None,
    history: Sequence[Act] | None,
    day: date | None,
    *,
    politics: bool = False,
) -> str:
    """Return the step that must come before the measure now: ``none`` when it has been taken and its time has passed.

    ``politics``: the measure is against party politics alone, for which a step taken for politics counts, and nowhere else.
    """
    if not first:
        return "none"
    left = _LEFT_BEHIND[first]
    acts = sorted((act for act in history or () if day is not None and act.day <= day), key=lambda act: act.day)
    since = max((act.day for act in acts if act.measure == "block"), default=date.min)
    taken = [
        act.day
        for act in acts
        if act.measure == left
        and (politics or act.ground not in POLITICS)
        # A notice has done its work once a block followed it; a warning goes on standing.
        and (left == "warn" or act.day >= since)
        and (within is None or day is None or within.holds(act.day, day))
    ]
    if not taken:
        return first
    if left == "notice" and wait is not None and day is not None and day < wait.add(taken[-1]):
        return "await_representations"
    return "none"


def ban_from(rule: BanRule, day: date) -> Ban:
    """Return the ban that this rule gives when it is put in place on ``day``."""
    ends = rule.length.add(day) if rule.length is not None else None
    if rule.review == "none":
        return Ban(ends, "none", None, "none", rule.for_ever)
    return Ban(ends, rule.review, rule.after.add(day), rule.by, rule.for_ever)


def ban_rung(policy: Policy, grounds: Collection[str], history: Sequence[Act] | None, day: date | None) -> Rung | None:
    """Return the last rung that holds and says which ban a block is, None where none does."""
    rungs = [rung for rung in policy.ladder if rung.ban is not None]
    return next((rung for rung in reversed(rungs) if rung_holds(policy, rung, grounds, history, day)), None)


def ban_rule(policy: Policy, clause: Clause | None, rung: Rung | None) -> BanRule:
    """Return the rule for a ban under this clause and this rung: the rung's own, else the clause's, else the file's."""
    if rung is not None and rung.ban is not None:
        return rung.ban
    if clause is not None and clause.ban is not None:
        return clause.ban
    return policy.settings.ban


def review_of(policy: Policy, history: Sequence[Act], day: date) -> Review:
    """Return what somebody is told who asks on ``day`` for the review of the last ban in their record.

    The rule is the one that held when the ban was put in place: the rung of the ladder that applied then, the clause of
    its ground, else the file's.
    """
    bans = [act for act in history if act.measure == "block" and act.day <= day]
    if not bans:
        return Review("not_available", None, None, "none")
    last = max(bans, key=lambda act: act.day)
    before = [act for act in history if act.day <= last.day and act is not last]
    clause = next((each for each in policy.clauses if "block" in each.measures and last.ground in each.grounds), None)
    rung = ban_rung(policy, [last.ground], before, last.day)
    ban = ban_from(ban_rule(policy, clause, rung), last.day)
    if ban.ends is not None and day >= ban.ends:
        return Review("ended", None, ban.ends, "none")
    if ban.review_from is None:
        return Review("runs_out" if ban.ends is not None else "not_available", None, ban.ends, "none")
    waiting = "scheduled" if ban.review == "automatic" else "too_early"
    status = "open" if day >= ban.review_from else waiting
    return Review(status, ban.review_from, ban.ends, ban.by)

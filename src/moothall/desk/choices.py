"""What an officer may choose about one comment: the clauses to cite, the measures, what stands behind each.

No rule is decided here: the rules and the channel are asked, and moderation has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from moothall.council import queries as council
from moothall.desk import wording
from moothall.inbox import queries as inbox
from moothall.inbox.models import Comment
from moothall.moderation import queries as moderation
from moothall.policy import Clause, Policy, check_decision
from moothall.words import MEASURES, DomainError


@dataclass(frozen=True, slots=True)
class Choice:
    """What the officer's form holds, kept as it was sent so that a refused one can be shown again."""

    measures: tuple[str, ...] = ()
    clause_id: str = ""
    ground: str = ""
    reason: str = ""
    stated: frozenset[str] = frozenset()
    round: int = 0
    stay: bool = False
    #: A step that was pressed, and the words that were sent, to be shown again where it was refused.
    step: str = ""
    letter: str = ""
    #: The near-identical comments to decide alike, each with the round of its decision as the screen showed it.
    alike: tuple[tuple[int, int], ...] = ()

    @classmethod
    def sent(cls, form: QueryDict) -> Choice:
        """Read the form. Clause and ground travel as one value, ``clause/ground``."""
        clause_id, _, ground = form.get("citation", "").partition("/")
        number = form.get("round", "")
        return cls(
            measures=tuple(form.getlist("measures")),
            clause_id=clause_id,
            ground=ground,
            reason=form.get("reason", ""),
            stated=frozenset(form.getlist("stated")),
            round=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0,
            stay=form.get("then") == "stay",
            step=form.get("step", ""),
            letter=form.get("text", ""),
            alike=_members(form) if form.get("alike") == "yes" else (),
        )

    @property
    def acts(self) -> bool:
        """Whether anything but leaving the comment up was filled in."""
        return bool(self.clause_id or self.reason or self.stated or set(self.measures) - {"ignore"})


def _members(form: QueryDict) -> tuple[tuple[int, int], ...]:
    """Return the comments sent as ``comment/round``; what is neither is left out."""
    pairs = (value.partition("/")[::2] for value in form.getlist("member"))
    return tuple(
        (int(comment), int(round))
        for comment, round in pairs
        if all(part.isascii() and part.isdigit() and len(part) < 16 for part in (comment, round))
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """Something only an officer can state, asked as a question."""

    name: str
    question: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """One ground under one clause, as one choice."""

    value: str
    words: str
    found: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class ClauseChoice:
    """A clause an officer may cite, with each of its grounds; ``found``: the reading says that it applies."""

    clause: Clause
    citations: list[Citation]
    allows: str
    facts: list[Fact]
    found: bool
    #: Measure to the grounds on which a second officer confirms it here.
    second: dict[str, list[str]]

    @property
    def second_person(self) -> str:
        """The measures that a second officer confirms, on whichever of the grounds."""
        return wording.joined([wording.DOING[measure] for measure in self.second], "or")


@dataclass(frozen=True, slots=True)
class MeasureChoice:
    """A measure with the truth of what the platform does, and why the clauses that were found do not allow it."""

    name: str
    words: str
    effect: str
    by_hand: bool
    refused: str
    recommended: bool
    chosen: bool
    second: str
    #: The citations, ``clause/ground``, under which a second officer confirms it.
    second_under: str


def citable_clauses(
    view: inbox.CommentView, policy: Policy, reading: Mapping[str, Any], choice: Choice, today: date
) -> tuple[list[ClauseChoice], list[tuple[Clause, str]]]:
    """Return the clauses that may be cited today, and those that may not with the reason the rules themselves give."""
    engaged = {clause["id"]: clause["grounds"] for clause in reading.get("clauses", ())}
    made, closed = [], []
    for clause in moderation.clauses_open_to_officer():
        refusal = _closed_today(view, policy, clause)
        if refusal:
            closed.append((clause, refusal))
            continue
        found = engaged.get(clause.id, ())
        citations = [
            Citation(
                f"{clause.id}/{ground}",
                wording.ground(ground),
                ground in found,
                (clause.id, ground) == (choice.clause_id, choice.ground),
            )
            for ground in sorted(clause.grounds, key=lambda ground: ground not in found)
        ]
        allows = wording.joined([measure for measure in clause.measures if measure != "ignore"])
        second = _second(view.comment, policy, clause, today)
        facts = _facts(policy, clause, choice, view.comment.stated)
        made.append(ClauseChoice(clause, citations, allows, facts, clause.id in engaged, second))
    return made, closed


def _second(comment: Comment, policy: Policy, clause: Clause, today: date) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ground in clause.grounds:
        for coming in moderation.prospects(comment, policy, clause, ground, clause.measures[1:], today):
            if coming.second_person:
                found.setdefault(coming.measure, []).append(ground)
    return found


def _facts(policy: Policy, clause: Clause, choice: Choice, stated: Mapping[str, bool]) -> list[Fact]:
    names = dict.fromkeys(name for need in clause.needs.values() for name in sorted(need.names))
    return [
        Fact(name, policy.facts[name], name in choice.stated or stated.get(name) is True)
        for name in names
        if name in policy.facts
    ]


def _closed_today(view: inbox.CommentView, policy: Policy, clause: Clause) -> str:
    """Ask the rules whether the day bars this clause, whatever an officer states; empty when it does not."""
    comment = view.comment
    try:
        check_decision(
            policy,
            clause.id,
            clause.grounds[0],
            [clause.measures[1]],
            circumstances=council.circumstances_at(comment.written_at),
            reason="asked only to see whether the clause is open",
            platform=comment.channel.platform,
        )
    except DomainError as error:
        if error.code in ("outside_period", "outside_circumstances"):
            return error.message
    return ""


def measure_choices(
    view: inbox.CommentView, reading: Mapping[str, Any], citable: Sequence[ClauseChoice], choice: Choice
) -> tuple[list[MeasureChoice], list[tuple[str, str]]]:
    """Return what can be chosen, and what cannot on this channel whatever the clause: no button is shown that must fail."""
    can = inbox.what_channel_can(view.comment.channel)
    any_clause = {measure for each in citable for measure in each.clause.measures}
    engaged = bool(reading.get("clauses"))
    made, impossible = [], []
    for measure in MEASURES[1:]:
        capability = can[measure]
        words = wording.MEASURE[measure]
        if capability.ability == "never":
            impossible.append((words, capability.reason))
        elif measure == "block" and view.author is None:
            impossible.append((words, "The platform does not say who wrote this comment."))
        elif measure not in any_clause:
            impossible.append((words, "No clause of the house rules that is open today allows it."))
        else:
            made.append(
                MeasureChoice(
                    measure,
                    words,
                    capability.reason,
                    capability.ability == "manual",
                    reading.get("refused", {}).get(measure, "") if engaged else "",
                    measure == reading.get("recommended"),
                    measure in choice.measures,
                    *_asks(measure, citable),
                )
            )
    return made, impossible


def _asks(measure: str, citable: Sequence[ClauseChoice]) -> tuple[str, str]:
    """Return whether a second officer confirms the measure, ``always``, ``sometimes`` or empty, and under which citations."""
    every = [
        f"{each.clause.id}/{ground}"
        for each in citable
        if measure in each.clause.measures
        for ground in each.clause.grounds
    ]
    those = [f"{each.clause.id}/{ground}" for each in citable for ground in each.second.get(measure, ())]
    return ("always" if len(those) == len(every) else "sometimes") if those else "", " ".join(those)

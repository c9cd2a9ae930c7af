"""One comment laid out for an officer: what was read into it, and what may be chosen.

No rule is decided here. What may be cited and taken is asked of the policy and of the channel; moderation has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from moothall.council import queries as council
from moothall.desk import wording
from moothall.desk.highlighting import Segment, segments
from moothall.inbox import queries as inbox
from moothall.inbox.models import Assessment, Comment
from moothall.moderation import queries as moderation
from moothall.moderation.models import Decision
from moothall.policy import Circumstances, Clause, Policy, check_decision
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
        )

    @property
    def acts(self) -> bool:
        """Whether anything but leaving the comment up was filled in."""
        return bool(self.clause_id or self.reason or self.stated or set(self.measures) - {"ignore"})


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
    second_person: str


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


@dataclass(frozen=True, slots=True)
class Finding:
    """A ground that was found, in words, with the words that show it and the clauses it belongs to."""

    words: str
    how_sure: str
    shown_by: list[str]
    clauses: list[str]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the page of one comment shows."""

    view: inbox.CommentView
    reading: Mapping[str, Any]
    segments: list[Segment]
    findings: list[Finding]
    distressing: bool
    why: str
    standing: str
    engaged: list[Mapping[str, Any]]
    reply_text: str
    found: list[ClauseChoice]
    others: list[ClauseChoice]
    closed: list[tuple[Clause, str]]
    measures: list[MeasureChoice]
    impossible: list[tuple[str, str]]
    history: list[Decision]
    cluster: list[Comment]
    cluster_posts: int
    choice: Choice
    round: int
    open: bool
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recommended(self) -> str:
        return str(self.reading.get("recommended", "ignore"))

    @property
    def error_fields(self) -> dict[str, str]:
        return dict(self.errors)


def lay_out(comment_id: int, choice: Choice, error: DomainError | None = None) -> Case:
    """Return the case of one comment. Raises inbox.NoSuchComment."""
    view = inbox.comment_view(comment_id)
    _, policy = council.policy_in_force(timezone.now())
    reading: Mapping[str, Any] = view.assessment or {}
    grounds: Sequence[Mapping[str, Any]] = reading.get("grounds", ())
    engaged = list(reading.get("clauses", ()))
    citable, closed = _citable(view, policy, reading, choice)
    measures, impossible = _measures(view, reading, citable, choice)
    cluster = inbox.campaign_members(view.comment)
    distressing = _may_distress(reading)
    why = str(reading.get("why", ""))
    return Case(
        view=view,
        reading=reading,
        segments=segments(view.comment.text, grounds),
        findings=[_finding(ground, policy) for ground in grounds],
        distressing=distressing,
        # What is folded away is not quoted beside the fold.
        why=re.sub(r" ?\(“[^”]*”\)", "", why) if distressing else why,
        standing=wording.standing(view.author.standing if view.author else {}, view.comment.channel.platform),
        engaged=engaged,
        reply_text=" ".join(policy.replies.get(str(reading.get("reply", "none")), "").split()),
        found=[each for each in citable if each.found],
        others=[each for each in citable if not each.found],
        closed=closed,
        measures=measures,
        impossible=impossible,
        history=moderation.decisions_on(comment_id),
        cluster=cluster,
        cluster_posts=len({view.comment.post_id, *(each.post_id for each in cluster)}),
        choice=choice,
        round=moderation.next_round(comment_id),
        open=view.comment.desk_state == "open",
        errors=[(_field(error), _message(error, choice))] if error else [],
    )


def folded(comment_ids: Collection[int]) -> set[int]:
    """Return those of the comments that may distress, by their newest assessment: lists do not show their words."""
    newest = Assessment.objects.filter(comment__in=comment_ids).order_by("id").values_list("comment_id", "result")
    return {comment_id for comment_id, reading in dict(newest).items() if _may_distress(reading)}


def _may_distress(reading: Mapping[str, Any]) -> bool:
    return any(ground["name"] == "distress" for ground in reading.get("grounds", ()))


def _finding(ground: Mapping[str, Any], policy: Policy) -> Finding:
    titles = [clause.title for id in ground["clauses"] if (clause := policy.clause(id))]
    shown_by = list(dict.fromkeys(" ".join(each["text"].split()) for each in ground["evidence"]))
    return Finding(wording.GROUND[ground["name"]], wording.how_sure(ground["probability"]), shown_by, titles)


def _citable(
    view: inbox.CommentView, policy: Policy, reading: Mapping[str, Any], choice: Choice
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
                wording.GROUND[ground],
                ground in found,
                (clause.id, ground) == (choice.clause_id, choice.ground),
            )
            for ground in sorted(clause.grounds, key=lambda ground: ground not in found)
        ]
        allows = wording.joined([measure for measure in clause.measures if measure != "ignore"])
        second = wording.joined(list(clause.second_person), "or")
        made.append(
            ClauseChoice(clause, citations, allows, _facts(policy, clause, choice), clause.id in engaged, second)
        )
    return made, closed


def _facts(policy: Policy, clause: Clause, choice: Choice) -> list[Fact]:
    names = dict.fromkeys(name for need in clause.needs.values() for name in sorted(need.names))
    return [Fact(name, policy.facts[name], name in choice.stated) for name in names if name in policy.facts]


def _closed_today(view: inbox.CommentView, policy: Policy, clause: Clause) -> str:
    """Ask the rules whether the day bars this clause, whatever an officer states; empty when it does not."""
    comment = view.comment
    try:
        check_decision(
            policy,
            clause.id,
            clause.grounds[0],
            [clause.measures[-1]],
            circumstances=Circumstances(
                pre_election=council.pre_election_at(comment.written_at), date=comment.written_at
            ),
            reason="asked only to see whether the clause is open",
            platform=comment.channel.platform,
        )
    except DomainError as error:
        if error.code in ("outside_period", "outside_circumstances"):
            return error.message
    return ""


def _measures(
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
                )
            )
    return made, impossible


def _field(error: DomainError) -> str:
    """Return which part of the form an error is about."""
    if error.code in ("clause_unknown", "outside_period", "outside_circumstances", "exception_applies"):
        return "citation"
    if error.code.startswith("ground_") or error.code in ("criticism_is_no_ground", "statement_required"):
        return "citation"
    if error.code.startswith("reason_"):
        return "reason"
    return "measures"


def _message(error: DomainError, choice: Choice) -> str:
    if error.code == "clause_unknown" and not choice.clause_id:
        return "Choose the clause that this comment breaks, and its ground."
    return error.message

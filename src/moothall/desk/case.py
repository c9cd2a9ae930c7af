"""One comment laid out for an officer: what was read into it, and what may be chosen.

No rule is decided here. What may be cited and taken is asked of the policy and of the channel; moderation has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from moothall.council import queries as council
from moothall.desk import wording
from moothall.desk.choices import Choice, ClauseChoice, MeasureChoice, citable_clauses, measure_choices
from moothall.desk.coming import FirstStep, Question, Telling, first_step, questions, tellings
from moothall.desk.highlighting import Segment, segments
from moothall.desk.look_alike import LookAlikeView, look_alike
from moothall.inbox import queries as inbox
from moothall.inbox.models import Assessment, Comment
from moothall.moderation import queries as moderation
from moothall.moderation.models import Decision, Proposal, StepTaken
from moothall.moderation.queries import ProposalView
from moothall.policy import Clause, Policy
from moothall.policy.calendar import london_day
from moothall.team.models import Officer
from moothall.words import DomainError


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
    #: What the reader noticed beside the grounds: in words, with the words of the comment.
    noticed: list[tuple[str, str]]
    #: The author's account beside the council's that it looks like.
    look_alike: LookAlikeView | None
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
    cluster_rounds: list[tuple[int, int]]
    cluster_posts: int
    cluster_accounts: int
    #: What was decided on an earlier member of the campaign; ``filled_in``: the form holds the same for this one.
    alike: Decision | None
    filled_in: bool
    choice: Choice
    round: int
    open: bool
    first: FirstStep | None
    tellings: list[Telling]
    questions: list[Question]
    proposal: ProposalView | None
    closed_proposals: list[Proposal]
    steps: list[StepTaken]
    reply_due: str
    review: str
    #: Whether whatever is chosen here, or only some of it, goes to a second officer.
    always_asks: bool
    sometimes_asks: bool
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recommended(self) -> str:
        return str(self.reading.get("recommended", "ignore"))

    @property
    def being_read(self) -> bool:
        """Whether it is read again, so that what is shown is of before."""
        return self.open and self.view.comment.state == "due"

    @property
    def asks_if_confusing(self) -> bool:
        """Whether the rules ask the officer if people could mistake something for the council's own."""
        return any(question.name == "confusing" for question in self.questions)

    @property
    def error_fields(self) -> dict[str, str]:
        return dict(self.errors)


def lay_out(comment_id: int, choice: Choice, officer: Officer, error: DomainError | None = None) -> Case:
    """Return the case of one comment, as ``officer`` sees it. Raises inbox.NoSuchComment."""
    view = inbox.comment_view(comment_id)
    now = timezone.now()
    today = london_day(now)
    _, policy = council.policy_in_force(now)
    reading: Mapping[str, Any] = view.assessment or {}
    grounds: Sequence[Mapping[str, Any]] = reading.get("grounds", ())
    engaged = list(reading.get("clauses", ()))
    open = view.comment.desk_state == "open"
    alike = moderation.decided_alike(view.comment) if open else None
    proposed = _as_before(alike) if choice == Choice() else None
    citable, closed = citable_clauses(view, policy, reading, proposed or choice, today)
    if proposed and not any(citation.chosen for each in citable for citation in each.citations):
        # What is closed today, or no longer in the rules, is not filled in.
        proposed = None
    choice = proposed or choice
    measures, impossible = measure_choices(view, reading, citable, choice)
    cluster = inbox.campaign_members(view.comment)
    distressing = _may_distress(reading)
    why = str(reading.get("why", ""))
    return Case(
        view=view,
        reading=reading,
        segments=segments(view.comment.text, grounds),
        findings=[_finding(ground, policy, view.comment, reading) for ground in grounds],
        noticed=_noticed(reading.get("noticed", {})),
        look_alike=look_alike(reading),
        distressing=distressing,
        # What is folded away is not quoted beside the fold.
        why=re.sub(r" ?\(“[^”]*”\)", "", why) if distressing else why,
        standing=wording.standing(view.author.standing if view.author else {}, view.comment.channel.platform),
        engaged=engaged,
        reply_text=_reply(policy, reading),
        found=[each for each in citable if each.found],
        others=[each for each in citable if not each.found],
        closed=closed,
        measures=measures,
        impossible=impossible,
        history=moderation.decisions_on(comment_id),
        cluster=cluster,
        cluster_rounds=[(each.pk, moderation.next_round(each.pk)) for each in cluster],
        cluster_posts=len({view.comment.post_id, *(each.post_id for each in cluster)}),
        cluster_accounts=len({view.comment.author_id, *(each.author_id for each in cluster)} - {None}),
        alike=alike,
        filled_in=proposed is not None,
        choice=choice,
        round=moderation.next_round(comment_id),
        open=open,
        first=_first(view.comment, policy, today, reading, choice, error) if open else None,
        tellings=tellings(view.comment, policy, today, reading),
        questions=questions(view.comment, policy) if open else [],
        proposal=moderation.open_proposal_on(comment_id, officer) if open else None,
        closed_proposals=moderation.closed_proposals_on(comment_id),
        steps=moderation.steps_on(comment_id),
        reply_due=_day_in_words(reading.get("reply_due")),
        review=_review(reading.get("review")),
        always_asks=bool(measures) and all(measure.second == "always" for measure in measures),
        sometimes_asks=any(measure.second for measure in measures),
        errors=[(_field(error), _message(error, choice))] if error else [],
    )


def _as_before(alike: Decision | None) -> Choice | None:
    """Return the choice that proposes for a later member of a campaign what was decided on an earlier one.

    The reason is not taken over, for it is the officer's own; nor is a block, which is about the person. None where that
    leaves nothing to fill in.
    """
    measures = tuple(each for each in alike.measure_list if each not in ("ignore", "block")) if alike else ()
    return Choice(measures=measures, clause_id=alike.clause_id, ground=alike.ground) if alike and measures else None


def _first(
    comment: Comment,
    policy: Policy,
    today: date,
    reading: Mapping[str, Any],
    choice: Choice,
    error: DomainError | None,
) -> FirstStep | None:
    """Return the step that comes first: the one a refused choice was told of, else the one that the reading asks for."""
    if error is not None and error.code == "step_first":
        cited = choice.clause_id, choice.ground, choice.measures
        return first_step(comment, policy, today, reading=reading, cited=cited)
    if error is not None and choice.step:
        clause = policy.clause(choice.clause_id)
        measures = clause.measures[1:] if clause is not None else ()
        pressed = first_step(
            comment,
            policy,
            today,
            reading=reading,
            cited=(choice.clause_id, choice.ground, measures),
            typed=choice.letter,
        )
        if pressed is not None:
            return pressed
    return first_step(comment, policy, today, reading=reading, typed=choice.letter if choice.step else None)


def _reply(policy: Policy, reading: Mapping[str, Any]) -> str:
    """Return the words of the suggested reply on one line, the days of a ban filled in; empty where the rules hold none."""
    text = " ".join(policy.replies.get(str(reading.get("reply", "none")), "").split())
    review = reading.get("review") or {}
    for word, name in (("review_from", "begins"), ("ban_ends", "ends")):
        text = text.replace(f"{{{word}}}", _day_in_words(review.get(name)) or "no set date")
    return text


def _day_in_words(day: str | None) -> str:
    return wording.on_day(date.fromisoformat(day)) if day else ""


def _review(review: Mapping[str, Any] | None) -> str:
    if review is None:
        return ""
    words = {
        "open": "The ban can be reviewed now.",
        "too_early": "It is too early: the ban can be reviewed from {begins} on.",
        "scheduled": "The ban is reviewed by itself on {begins}.",
        "runs_out": "The ban ends by itself on {ends}, without a review.",
        "not_available": "The rules give no review. Point to the complaints procedure.",
        "ended": "There is no ban any more: it ended on {ends}.",
    }
    days = {name: _day_in_words(review.get(name)) for name in ("begins", "ends")}
    return "A review of the ban is asked for. " + words[review["status"]].format(**days)


def folded(comment_ids: Collection[int]) -> set[int]:
    """Return those of the comments that may distress, by their newest assessment: lists do not show their words."""
    newest = Assessment.objects.filter(comment__in=comment_ids).order_by("id").values_list("comment_id", "result")
    return {comment_id for comment_id, reading in dict(newest).items() if _may_distress(reading)}


def _may_distress(reading: Mapping[str, Any]) -> bool:
    return any(ground["name"] == "distress" for ground in reading.get("grounds", ()))


def _finding(ground: Mapping[str, Any], policy: Policy, comment: Comment, reading: Mapping[str, Any]) -> Finding:
    titles = [clause.title for id in ground["clauses"] if (clause := policy.clause(id))]
    stated = comment.stated.get(ground["name"]) is True
    how_sure = "Stated by an officer" if stated else wording.how_sure(ground["probability"])
    if ground["name"] in (reading.get("look_alike") or {}).get("raises", ()):
        # How alike two accounts are says nothing of how sure it is that anybody is misled.
        how_sure = "A question: the account looks like the council’s"
    shown_by = list(dict.fromkeys(" ".join(each["text"].split()) for each in ground["evidence"]))
    return Finding(wording.ground(ground["name"]), how_sure, shown_by, titles)


def _noticed(noticed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what may follow besides, and where it is, each with the words that show it."""
    found = [(wording.HINT[hint], " ".join(words.split())) for hint, words in noticed.get("hints", {}).items()]
    places = list(dict.fromkeys(" ".join(place.split()) for place in noticed.get("places", ())))
    if places:
        found.append(("Names a place" if len(places) == 1 else "Names places", "”, “".join(places)))
    return found


def _field(error: DomainError) -> str:
    """Return which part of the form an error is about."""
    if error.code in ("clause_unknown", "outside_period", "outside_circumstances", "exception_applies"):
        return "citation"
    if error.code.startswith("ground_") or error.code in ("criticism_is_no_ground", "statement_required"):
        return "citation"
    if error.code.startswith("reason_"):
        return "reason"
    if error.code == "step_first":
        return "first"
    if error.code.startswith(("letter_", "step_")) or error.code == "nobody_to_tell":
        return "letter"
    return "measures"


def _message(error: DomainError, choice: Choice) -> str:
    if error.code == "clause_unknown" and not choice.clause_id:
        return "Choose the clause that this comment breaks, and its ground."
    return error.message

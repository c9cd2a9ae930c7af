"""What an officer should know before choosing: the step that comes first, what the author is told, what can be stated.

The answers are the policy's; here they are put into words and letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.desk import letters, wording
from moothall.inbox.models import Comment
from moothall.moderation import queries as moderation
from moothall.moderation.models import Decision
from moothall.policy import Clause, Policy
from moothall.policy.prospects import Prospect, step_now, step_told, time_to_answer
from moothall.words import JUDGED_INAPPROPRIATE


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The step that comes first, with the words to send. ``waits``: nothing is to be sent, the author may still answer."""

    step: str
    title: str
    clause: Clause
    ground: str
    ground_words: str
    before: str
    how: str
    letter: str
    from_rules: bool
    room_for_reason: bool
    waits: bool
    until: str
    nobody: bool

    @property
    def citation(self) -> str:
        return f"{self.clause.id}/{self.ground}"

    @property
    def rows(self) -> int:
        """How many lines the words take, at about seventy letters to the line; a few more for what is added."""
        return min(18, 3 + sum(1 + len(line) // 70 for line in self.letter.splitlines()))


@dataclass(frozen=True, slots=True)
class Telling:
    """What one measure would mean for the author. ``first``: the step that comes before it, in words, or empty."""

    measure: str
    words: str
    told: str
    letter: str
    ban: str
    first: str
    second_person: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that only a person can see, asked; ``answer`` is ``yes``, ``no`` or empty for not said."""

    name: str
    question: str
    answer: str


def first_step(
    comment: Comment,
    policy: Policy,
    day: date,
    *,
    reading: Mapping[str, Any],
    cited: tuple[str, str, Sequence[str]] | None = None,
    typed: str | None = None,
) -> FirstStep | None:
    """Return the step that comes first, as things stand on ``day``, or None when none does.

    ``cited``: clause, ground and measures that an officer chose and the rules put a step before; else it is what the
    reading found. ``typed``: what the officer has written instead of the letter.
    """
    found = _cited(comment, policy, day, cited) if cited else _read(comment, policy, day, reading)
    if found is None:
        return None
    clause, ground, step = found
    _, earlier = moderation.standing_against(comment)
    coming = moderation.prospects(comment, policy, clause, ground, [m for m in clause.measures if m != "ignore"], day)
    waiting = next((each for each in coming if each.step == "await_representations"), None)
    waits = step == "await_representations"
    notify, name = ("dm", "") if waits else step_told(policy, clause, ground, step, earlier, day)
    terms = next((each.ban for each in coming if each.ban is not None), None)
    letter = letters.written(
        policy,
        name,
        channel=comment.channel,
        clause=clause,
        ground=ground,
        day=day,
        ban=terms,
        answer_by=time_to_answer(policy, clause, ground, earlier, day),
    )
    return FirstStep(
        step=step,
        title=wording.STEP[step],
        clause=clause,
        ground=ground,
        ground_words=wording.ground(ground),
        before=wording.joined([wording.DOING[each.measure] for each in coming if each.step == step], "or"),
        how="under the comment, in public" if notify == "public_note" else "by direct message",
        letter=typed if typed is not None else letter,
        from_rules=bool(letter),
        room_for_reason=letters.leaves_room_for_a_reason(policy, name),
        waits=waits,
        until=wording.on_day(waiting.until) if waiting is not None and waiting.until else "",
        nobody=comment.author is None,
    )


def _cited(
    comment: Comment, policy: Policy, day: date, cited: tuple[str, str, Sequence[str]]
) -> tuple[Clause, str, str] | None:
    clause = policy.clause(cited[0])
    if clause is None or cited[1] not in clause.grounds:
        return None
    coming = moderation.prospects(comment, policy, clause, cited[1], [m for m in cited[2] if m in clause.measures], day)
    steps = [each.step for each in reversed(coming) if each.step != "none"]
    return (clause, cited[1], steps[0]) if steps else None


def _read(comment: Comment, policy: Policy, day: date, reading: Mapping[str, Any]) -> tuple[Clause, str, str] | None:
    if reading.get("step", "none") == "none":
        return None
    engaged = {each["id"]: each for each in reading.get("clauses", ())}
    own = [id for id, each in engaged.items() if each.get("step", "none") != "none"]
    id = reading.get("leading") if reading.get("rung") or not own else own[0]
    clause = policy.clause(str(id))
    if clause is None or id not in engaged:
        return None
    grounds = [name for name in engaged[id]["grounds"] if name in clause.grounds]
    grounds.sort(key=lambda name: name in policy.no_strike)
    if not grounds:
        return None
    history, earlier = moderation.standing_against(comment)
    step = step_now(policy, clause, grounds[0], reading.get("rung"), history, earlier, day)
    return (clause, grounds[0], step) if step != "none" else None


def tellings(comment: Comment, policy: Policy, day: date, reading: Mapping[str, Any]) -> list[Telling]:
    """Return what each measure of the leading clause would mean for the author; empty where no clause was found."""
    engaged = {each["id"]: each for each in reading.get("clauses", ()) if each["grounds"]}
    leading = reading.get("leading")
    id = leading if leading in engaged else next(iter(engaged), None)
    clause = policy.clause(id) if id is not None else None
    if clause is None or id is None:
        return []
    ground = next((name for name in engaged[id]["grounds"] if name in clause.grounds), None)
    measures = [measure for measure in engaged[id]["measures"] if measure in clause.measures and measure != "ignore"]
    if ground is None:
        return []
    coming = moderation.prospects(comment, policy, clause, ground, measures, day)
    return [_telling(comment, policy, clause, ground, each, day) for each in coming]


def _telling(
    comment: Comment, policy: Policy, clause: Clause, ground: str, coming: Prospect, day: date, reason: str = ""
) -> Telling:
    letter = letters.written(
        policy,
        coming.letter if coming.notify != "none" or coming.measure == "block" else "",
        channel=comment.channel,
        clause=clause,
        ground=ground,
        day=day,
        reason=reason,
        ban=coming.ban,
    )
    return Telling(
        measure=coming.measure,
        words=wording.MEASURE[coming.measure],
        # A letter without a way is still to be sent: how is left to the officer.
        told="The author is sent a letter." if letter and coming.notify == "none" else wording.TOLD[coming.notify],
        letter=letter,
        ban=wording.ban(coming.ban, day) if coming.ban else "",
        first=wording.BEFORE_IT.get(coming.step, ""),
        second_person=coming.second_person,
    )


def told_of(decision: Decision, policy: Policy, day: date) -> list[Telling]:
    """Return how the author is told of a decision that was made on ``day``, with the officer's reason in the letters.

    ``policy``: the rules it was made under.
    """
    clause = policy.clause(decision.clause_id)
    if clause is None or decision.undoes_id is not None:
        return []
    coming = moderation.prospects(decision.comment, policy, clause, decision.ground, decision.measure_list, day)
    return [
        _telling(decision.comment, policy, clause, decision.ground, each, day, decision.reason)
        for each in coming
        if each.measure in clause.measures
    ]


def questions(comment: Comment, policy: Policy) -> list[Question]:
    """Return the facts that the rules' clauses use and no reader can see, with what was stated about this comment.

    The officers' own judgement is not among them: it is cited with its reason where the decision is made.
    """
    used = policy.names | policy.fact_grounds
    return [
        Question(name, question, {True: "yes", False: "no"}.get(comment.stated.get(name), ""))
        for name, question in policy.facts.items()
        if name in used and name != JUDGED_INAPPROPRIATE
    ]

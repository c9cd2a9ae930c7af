"""What comes before a measure: telling the author first, and stating what no reader can see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from moothall.council import queries as council
from moothall.inbox.actions import read_again, write_stated
from moothall.inbox.models import Assessment
from moothall.moderation.deciding import (
    NotOpen,
    about,
    locked,
    must_be_officer,
    note_standing,
    sha256_of,
    standing_against,
)
from moothall.moderation.models import StepTaken
from moothall.policy.calendar import at_midnight, london_day
from moothall.policy.decisions import check_step
from moothall.policy.loading import LETTER_WORDS
from moothall.policy.prospects import time_to_answer
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError

_LONGEST_LETTER: Final = 20_000
_LEFT_OPEN: Final = re.compile("|".join(rf"\{{{word}\}}" for word in LETTER_WORDS))


class NobodyToTell(DomainError):
    """The platform does not say who wrote this comment, so that nobody can be told."""

    code = "nobody_to_tell"


def take_step(comment_id: int, *, officer: Officer, step: str, clause_id: str, ground: str, text: str) -> StepTaken:
    """Write down that an author was told something before any measure, and return it; the comment is read again.

    ``step``: ``warn``, ``ask_to_take_down`` or ``notice_of_intent``, as the house rules ask for under this clause; ``text``:
    what was sent, word for word. From now on it stands in the author's record. Recorded once: the same step about the same
    comment returns what was written the first time.

    Raises DomainError: the codes of ``policy.decisions.check_step``, and not_an_officer, not_open, nobody_to_tell,
    letter_missing, letter_too_long, letter_unfilled.
    """
    must_be_officer(officer)
    now = timezone.now()
    text = letter_as_sent(text)
    with transaction.atomic():
        comment = locked(comment_id)
        if comment.desk_state != "open":
            raise NotOpen
        if comment.author is None:
            raise NobodyToTell
        round = comment.decisions.count() + 1
        taken = StepTaken.objects.filter(comment=comment, round=round, step=step).first()
        if taken is not None:
            return taken
        version, policy = council.policy_in_force(now)
        history, earlier = standing_against(comment)
        clause = check_step(
            policy,
            clause_id,
            ground,
            step,
            circumstances=council.circumstances_at(comment.written_at),
            stated=comment.stated,
            platform=comment.channel.platform,
            history=history,
            day=london_day(now),
        )
        until = time_to_answer(policy, clause, ground, earlier, london_day(now)) if step == "notice_of_intent" else None
        taken = StepTaken.objects.create(
            comment=comment,
            round=round,
            author=comment.author,
            step=step,
            clause_id=clause.id,
            clause_text=clause.public,
            ground=ground,
            text=text,
            policy_version=version,
            officer=officer,
            taken_at=now,
            answer_until=at_midnight(until) if until else None,
        )
        note_standing(comment)
        read_again([comment.pk], now)
        append(
            "step.taken",
            actor=officer.email,
            subject=f"step:{taken.pk}",
            payload={
                "step": step,
                "comment": comment.pk,
                "round": round,
                "clause": clause.id,
                "clause_sha256": sha256_of(clause.public),
                "ground": ground,
                "policy_sha256": version.sha256,
                "answer_until": until.isoformat() if until else None,
            },
            sealed=about(comment) | {"text": text},
            at=now,
        )
    return taken


def letter_as_sent(text: str) -> str:
    """Return the words of a letter as they were sent. Raises DomainError letter_missing, letter_too_long, letter_unfilled."""
    text = text.replace("\0", "").strip()
    if not text:
        raise DomainError("Write down what you sent the author, word for word.", "letter_missing")
    if len(text) > _LONGEST_LETTER:
        raise DomainError(f"This is too long: at most {_LONGEST_LETTER:,} characters.", "letter_too_long")
    if gap := _LEFT_OPEN.search(text):
        raise DomainError(f"“{gap.group()}” is still to be filled in.", "letter_unfilled")
    return text


def state_facts(comment_id: int, *, officer: Officer, stated: Mapping[str, bool]) -> bool:
    """Keep what an officer states about a comment in place of what was stated before, and have it read again.

    ``stated``: facts by the names of the house rules; what is not in it is not known. Returns whether anything changed:
    stating the same again changes nothing. Raises DomainError ``fact_unknown``, not_open, not_an_officer, NoSuchComment.
    """
    must_be_officer(officer)
    now = timezone.now()
    with transaction.atomic():
        comment = locked(comment_id)
        if comment.desk_state != "open":
            raise NotOpen
        _, policy = council.policy_in_force(now)
        for name in stated:
            if name not in policy.facts:
                raise DomainError(f"The house rules do not ask about “{name}”.", "fact_unknown")
        if dict(stated) == comment.stated:
            return False
        before = comment.stated
        write_stated(comment.pk, stated, now)
        append(
            "facts.stated",
            actor=officer.email,
            subject=f"comment:{comment.pk}",
            payload={"comment": comment.pk, "stated": dict(stated), "before": before},
            sealed=about(comment),
            at=now,
        )
    return True


def read_again_after_notices(worker: str, now: datetime) -> int:
    """Have open comments read again whose author was given notice and has had the time to answer. Returns how many."""
    since = Assessment.objects.filter(comment=OuterRef("comment_id"), made_at__gte=OuterRef("answer_until"))
    with transaction.atomic():
        over = StepTaken.objects.filter(
            ~Exists(since), answer_until__lte=now, comment__desk_state="open", comment__state="assessed"
        )
        return read_again(list(over.values_list("comment_id", flat=True).distinct()[:50]), now)

"""What would stand against each author, had the rules been in force: worked out within the archive, comment by comment.

What a policy recommends is taken as done. Each policy has a record of its own, and only where it looks at one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from moothall.policy import Act, Assessment, Policy
from moothall.policy.calendar import london_day

_MEASURES: Final = ("hide", "delete", "block")
#: What a step leaves behind in the record.
_LEFT_BEHIND: Final = {"warn": "warn", "ask_to_take_down": "warn", "notice_of_intent": "notice"}
_COUNTS: Final = frozenset({"earlier_measures", "earlier_warnings", "earlier_notices", "earlier_bans"})


def looks_at_record(policy: Policy) -> bool:
    """Return whether these rules ask what has been done about an author before."""
    return bool(
        policy.ladder
        or policy.counts
        or policy.settings.ban.first
        or not _COUNTS.isdisjoint(policy.names)
        or any(clause.first for clause in policy.clauses)
    )


def acts_of(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """Return what would be done, as measure and ground: the step that comes first, and the measure recommended."""
    lead = next((clause for clause in assessment.clauses if clause.id == assessment.leading), None)
    ground = lead.grounds[0] if lead is not None and lead.grounds else ""
    done = [_LEFT_BEHIND[assessment.step]] if assessment.step in _LEFT_BEHIND else []
    if assessment.recommended in _MEASURES:
        done.append(assessment.recommended)
    return tuple([(measure, ground) for measure in done])


class AuthorRecords:
    """Per author of an archive, what the old rules and the new would have done so far."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._looking = (looks_at_record(old), looks_at_record(new))
        self._acts: tuple[dict[str, list[Act]], dict[str, list[Act]]] = ({}, {})

    def of(self, author: str) -> tuple[Sequence[Act], Sequence[Act]]:
        """Return the acts so far under the old rules and under the new."""
        old, new = self._acts
        return old.get(author, ()), new.get(author, ())

    def add(self, author: str, moment: str | None, done: tuple[Sequence[tuple[str, str]], ...]) -> None:
        """Note what either policy would have done. Without a date nothing is noted: no window could be kept."""
        if moment is None:
            return
        day: date | None = None
        for looking, acts, under in zip(self._looking, self._acts, done, strict=True):
            if looking and under:
                day = day or london_day(datetime.fromisoformat(moment))
                acts.setdefault(author, []).extend([Act(day, measure, ground) for measure, ground in under])

"""One decision on a campaign: every member gets a decision and a record of its own.

What an officer decides about one comment is decided about each of the others that the officer saw with it. Each is weighed
by itself: where the house rules refuse a measure for one, want a second officer, or somebody was quicker, the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moothall.moderation.actions import decide
from moothall.moderation.models import Decision
from moothall.moderation.second_officer import SecondPersonNeeded, ask
from moothall.team.models import Officer
from moothall.words import DomainError


@dataclass(frozen=True, slots=True)
class Together:
    """What became of each comment: decided, asked of a second officer, or refused with the reason."""

    decided: tuple[Decision, ...]
    asked: tuple[int, ...]
    refused: tuple[tuple[int, DomainError], ...]


def decide_together(
    rounds: Mapping[int, int], *, officer: Officer, measures: Sequence[str], clause_id: str, ground: str, reason: str
) -> Together:
    """Decide alike on each comment of ``rounds`` (comment id → the round that the officer's screen showed).

    Facts that an officer states are about one comment, so none are taken here. Never raises what ``decide`` raises: it is
    returned beside the comment it is about.
    """
    decided: list[Decision] = []
    asked: list[int] = []
    refused: list[tuple[int, DomainError]] = []
    for comment_id, expected_round in rounds.items():
        chosen: dict[str, Any] = {
            "officer": officer,
            "measures": measures,
            "clause_id": clause_id,
            "ground": ground,
            "reason": reason,
            "expected_round": expected_round,
        }
        try:
            try:
                decided.append(decide(comment_id, **chosen))
            except SecondPersonNeeded:
                ask(comment_id, **chosen)
                asked.append(comment_id)
        except DomainError as error:
            refused.append((comment_id, error))
    return Together(tuple(decided), tuple(asked), tuple(refused))

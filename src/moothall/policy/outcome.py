"""What comes of holding one comment against the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from moothall.policy.standing import Ban, Review
from moothall.words import Evidence


@dataclass(frozen=True, slots=True)
class FoundGround:
    """A ground at or over its threshold, and the ids of the clauses that apply because of it."""

    name: str
    probability: float
    clauses: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class EngagedClause:
    """A clause that applies to this comment, with what it allows and recommends here.

    ``step`` comes before ``held_back``, the measure it would recommend otherwise. ``certain``: it is sure enough for a
    recommendation, so that it counts on the ladder.
    """

    id: str
    kind: str
    title: str
    public: str
    grounds: tuple[str, ...]
    measures: tuple[str, ...]
    recommended: str
    second_person: tuple[str, ...]
    letter: Mapping[str, str]
    lane: str = ""
    step: str = "none"
    held_back: str = "ignore"
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trace. ``part`` is the clause's key that was looked at; ``outcome`` true, false or unknown."""

    clause: str
    part: str
    condition: str
    outcome: str
    because: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything the triage output holds but the id, and beside it the clauses, the refusals and the trace.

    ``leading`` is the id of the clause whose recommendation counts, else of the first that applies; ``rung`` that of the
    ladder's rung behind it. ``step`` is what comes first, ``notify`` how the author is told of the measure or the step, and
    ``letter`` the letter for it. ``second_person``: the recommended measure must be confirmed by a second officer. ``ban`` is
    the ban as it would stand if it were put in place on the day of the comment, None where no block is allowed.
    ``reply_due`` is the last day for a reply under the rules' promise. ``review`` answers somebody who asks for one.
    """

    route: str
    also: tuple[str, ...]
    grounds: tuple[FoundGround, ...]
    criticism: bool
    unsure: bool
    measures: tuple[str, ...]
    recommended: str
    reply: str
    urgency: int
    campaign: str | None
    why: str
    policy_version: str
    model_version: str
    clauses: tuple[EngagedClause, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    leading: str | None = None
    rung: str | None = None
    step: str = "none"
    second_person: bool = False
    notify: str = "none"
    letter: str = ""
    ban: Ban | None = None
    reply_due: date | None = None
    review: Review | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the object of the triage output without its ``id``, ready for JSON, keys in the documented order."""
        return {
            "route": self.route,
            "also": list(self.also),
            "grounds": [
                {
                    "name": ground.name,
                    "probability": ground.probability,
                    "clauses": list(ground.clauses),
                    "evidence": [{"start": e.start, "end": e.end, "text": e.text} for e in ground.evidence],
                }
                for ground in self.grounds
            ],
            "criticism": self.criticism,
            "unsure": self.unsure,
            "measures": list(self.measures),
            "recommended": self.recommended,
            "reply": self.reply,
            "urgency": self.urgency,
            "campaign": self.campaign,
            "why": self.why,
            "policy_version": self.policy_version,
            "model_version": self.model_version,
        }

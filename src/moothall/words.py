"""The names everything else uses: routes, grounds, measures, platforms, and the one error a rule raises.

The meaning of each label is in docs/reference/labels.md. Nothing here imports anything of Moothall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Route = Literal["answer", "customer_service", "report_it", "councillor", "safeguard", "none"]
Measure = Literal["ignore", "hide", "delete", "block", "report"]
Reply = Literal[
    "none",
    "answer",
    "signpost-customer_service",
    "signpost-report_it",
    "signpost-councillor",
    "signpost-safeguard",
    "signpost-complaints",
    "signpost-review",
    "signpost-review_date",
]
Step = Literal["none", "warn", "ask_to_take_down", "notice_of_intent", "await_representations"]

#: Every route, the one that wins first when two fit.
ROUTES: Final[tuple[str, ...]] = (
    "safeguard",
    "report_it",
    "customer_service",
    "answer",
    "councillor",
    "none",
)
#: Every ground a comment may come down for. Criticism of the council is never one of them.
GROUNDS: Final[tuple[str, ...]] = (
    "abuse",
    "profanity",
    "discrimination",
    "threat",
    "distress",
    "defamation",
    "contempt",
    "copyright",
    "personal_info",
    "spam",
    "brand_misuse",
    "party_political",
)
#: A ground that no detector finds: the officers' own judgement, with a written reason.
JUDGED_INAPPROPRIATE: Final = "judged_inappropriate"
#: Grounds of politics: for these nobody is blocked, and they never count towards a ban.
POLITICS: Final[tuple[str, ...]] = ("party_political", "political")
#: What can never be a ground, whatever a file of rules calls it: the database refuses it too.
NEVER_A_GROUND: Final[tuple[str, ...]] = ("criticism", "sentiment", "unsure", *ROUTES)
#: Every measure, the least intrusive first: the order of every list of measures.
MEASURES: Final[tuple[str, ...]] = ("ignore", "hide", "delete", "block", "report")
#: What may stand against an author: a warning (or a request to take something down), a notice of intent, the measures.
ACTS: Final[tuple[str, ...]] = ("warn", "notice", "hide", "delete", "block")
PLATFORMS: Final[tuple[str, ...]] = (
    "facebook",
    "instagram",
    "linkedin",
    "nextdoor",
    "x",
    "bluesky",
    "mastodon",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that carry a signal: half-open offsets in code points of the comment as given."""

    start: int
    end: int
    text: str


#: The phase of a signal that says how an account is called, not what it wrote. It asks a question and recommends nothing.
ACCOUNT_PHASE: Final = "account"


@dataclass(frozen=True, slots=True)
class Signal:
    """What one detector found: a probability in 0–1, the words that show it, and which phase and version said so."""

    probability: float
    evidence: tuple[Evidence, ...] = ()
    phase: str = ""
    version: str = ""


class DomainError(Exception):
    """A rule was not met. ``message`` is for people and says what to do; ``code`` is for programs.

    The docstring of a subclass is its default message.
    """

    code: str = "refused"

    def __init__(self, message: str | None = None, code: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.code = code or self.code
        super().__init__(self.message)


def in_order_of_force(measures: Sequence[str]) -> list[str]:
    """Return the measures without repeats, least intrusive first. Raises ValueError for a name that is none."""
    return sorted(set(measures), key=MEASURES.index)

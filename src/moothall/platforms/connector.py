"""What every platform's connector does, in the same words: fetch raw bodies, parse them, carry out measures, ask afterwards.

Nothing here knows a platform. ``fetch`` hands out bodies to be stored; ``parse`` (a pure function of each folder) reads
them later; ``perform`` has an effect; ``inquire`` only looks, and is what makes a killed worker harmless.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol, runtime_checkable

from moothall.words import DomainError

Action = Literal["hide", "unhide", "delete", "block", "unblock", "report"]
State = Literal["done", "retry", "failed", "uncertain", "handed_over"]
Answer = Literal["done", "not_done", "unknown"]

#: Every action that can be wanted at a platform.
ACTIONS: Final[tuple[Action, ...]] = ("hide", "unhide", "delete", "block", "unblock", "report")


class PlatformError(DomainError):
    """The platform did not answer as expected."""

    code = "platform_error"


class AddressRefused(PlatformError):
    """This address is not one that a platform may have."""

    code = "address_refused"


class SignInRefused(PlatformError):
    """The platform no longer accepts the sign-in of this channel: connect it again."""

    code = "reconnect"


class AskedTooOften(PlatformError):
    """The platform asks to wait."""

    code = "rate_limited"

    def __init__(self, message: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        #: Seconds to wait, where the platform says so.
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Page:
    """One body as the platform sent it, to be stored before anything is read into it.

    ``kind`` is what ``parse`` needs to read it, at most 60 characters. ``cursor``, where there is one, is what to hand to
    the next ``fetch`` once this page is kept; None leaves the stored cursor as it is.
    """

    raw: bytes
    kind: str
    cursor: dict[str, Any] | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class ParsedAuthor:
    """An identity at one platform."""

    external_id: str
    handle: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ParsedPost:
    """What the council published. ``written_at`` is aware, in UTC."""

    external_id: str
    text: str
    written_at: datetime
    url: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedComment:
    """What somebody else wrote under a post. ``hidden`` is None where the body does not say; ``author`` where it is withheld."""

    external_id: str
    post_external_id: str
    text: str
    written_at: datetime
    parent_external_id: str | None = None
    author: ParsedAuthor | None = None
    url: str = ""
    hidden: bool | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedRemoval:
    """A comment that is no longer at the platform."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A body, or one item of it, that is not in the shape its platform documents. ``raw`` is cut to 500 characters."""

    reason: str
    raw: str


Parsed = ParsedPost | ParsedComment | ParsedRemoval | Unreadable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try.

    ``done``: the effect is there. ``retry``: it is not there, and may be tried again after ``retry_after`` seconds.
    ``failed``: it cannot be done, ``message`` says why. ``uncertain``: it was sent and the answer was lost: ask with
    ``inquire`` before anything else. ``handed_over``: a person has to do it at the platform, ``message`` says how.
    ``detail`` is JSON to be kept: what an undo or an inquiry needs.
    """

    state: State
    detail: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    retry_after: float | None = None


@runtime_checkable
class Connector(Protocol):
    """One account of the council on one platform.

    ``target`` is ``{"comment": external id, "post": external id, "author": external id, "extra": the comment's extra,
    "reason": words for a report}``; an action reads only what it needs. ``key`` names this effect: the same key twice is the
    same effect. ``earlier`` is the ``detail`` of an earlier outcome of the same delivery, or None.
    """

    @property
    def session(self) -> dict[str, Any] | None:
        """What to store, sealed, and hand back next time, so that nobody signs in more often than needed."""

    def fetch(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Yield the bodies that hold what is new since the cursor; ``{}`` reads from the start, within bounds.

        Raises PlatformError (SignInRefused, AskedTooOften); what was yielded before stands.
        """

    def perform(self, action: str, target: Mapping[str, Any], key: str) -> Outcome:
        """Have the effect. Raises nothing a platform can cause."""

    def inquire(self, action: str, target: Mapping[str, Any], key: str, earlier: Mapping[str, Any] | None) -> Answer:
        """Say whether the effect is at the platform now. Changes nothing. ``unknown`` where it cannot be told."""

    def close(self) -> None:
        """Let go of open connections. The connector is not used afterwards."""


def read_items(raw: bytes, read: Callable[[Mapping[str, Any]], Iterator[Parsed]]) -> list[Parsed]:
    """Decode a JSON object and read it; whatever is wrong with the body itself becomes one Unreadable."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return [Unreadable(f"not JSON: {type(error).__name__}", excerpt(raw))]
    if not isinstance(body, dict):
        return [Unreadable("not a JSON object", excerpt(raw))]
    return list(read(body))


def excerpt(value: object) -> str:
    """Return the first 500 characters of a body or an item, for a person to look at."""
    if isinstance(value, bytes):
        return value[:2000].decode("utf-8", errors="replace")[:500]
    return json.dumps(value, ensure_ascii=False, default=str)[:500]


def moment(value: object) -> datetime:
    """Return an ISO 8601 time with its offset as UTC. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("no time")
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("a time without offset")
    return at.astimezone(UTC)

"""What the screens and the evidence pack call things about a copy seen elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from django.utils import timezone

from moothall.desk import wording
from moothall.moderation.models import HandInAct
from moothall.policy.calendar import LONDON

STAGE: Final[Mapping[str, str]] = {
    "to_state": "To look at",
    "to_decide": "To decide",
    "asked": "Waits for a second officer",
    "to_do": "To carry out by hand",
    "done": "Done",
    "left_alone": "Left alone",
}
MEASURE: Final[Mapping[str, str]] = {
    "ignore": "Leave it alone",
    "block": "Block the account",
    "report": "Report it to the platform",
    "unblock": "Unblock the account",
}
_TO_DO: Final[Mapping[str, str]] = {
    "ignore": "leave it alone",
    "block": "block the account",
    "report": "report it to the platform",
}
EFFECT: Final[Mapping[str, str]] = {
    "block": "It can no longer write under our posts there. It stays up: blocking takes nothing down.",
    "report": "The platform looks at it by its own rules, and may take it down.",
}
DONE: Final[Mapping[str, str]] = {
    "block": "Blocked",
    "report": "Reported",
    "unblock": "Unblocked",
}
_BY_HAND: Final[Mapping[str, Sequence[str]]] = {
    "block": (
        "Sign in there with the council’s account, and open the account that is to be blocked.",
        "Choose Block in its menu. Do so from each account that the council has there.",
        "Write down below what was shown.",
    ),
    "report": (
        "Open it there, signed in with the council’s account where there is one.",
        "Choose Report in its menu, and there what speaks of pretending to be an organisation. On a website, write to its owner.",
        "Where evidence is asked for, give what stands in the evidence pack.",
        "Write down below the case number, or what was shown.",
    ),
    "unblock": (
        "Sign in there with the council’s account, and open the account that was blocked.",
        "Choose Unblock in its menu, from each account of the council’s from which it was blocked.",
        "Write down below what was shown.",
    ),
}


def place(platform: str) -> str:
    """Return where something is, in words."""
    return wording.PLATFORM.get(platform, "somewhere else")


def to_do(measures: Sequence[str]) -> str:
    """Return ``block the account and report it to the platform``."""
    return wording.joined([_TO_DO[measure] for measure in measures])


def by_hand(measure: str) -> Sequence[str]:
    """Return the steps by which an officer carries a measure out at the platform."""
    return _BY_HAND[measure]


def said(act: HandInAct) -> str:
    """Return what an officer did about a hand-in, as it reads behind the officer's name."""
    match act.what:
        case "stated":
            could = "could confuse" if act.confusing else "could not confuse"
            allowed = "allowed it" if act.authorised else "did not allow it"
            return f"stated that it {could} the public about what is genuine, and that the council {allowed}"
        case "told":
            return f"wrote down what was sent first: {wording.STEP_TAKEN[act.step].lower()}"
        case "decided":
            return f"decided to {to_do(act.measure_list)}"
        case "asked":
            return f"asked a second officer to confirm: {to_do(act.measure_list)}"
        case "confirmed":
            return f"confirmed what {act.asked_by} had asked for: {to_do(act.measure_list)}"
        case "declined":
            return f"declined what {act.asked_by} had asked for"
        case "withdrawn":
            return "withdrew the request"
        case _:
            return "took the decision back"


def both_times(moment: datetime) -> str:
    """Return ``Monday 23 November 2026, 09:00:00 GMT (2026-11-23T09:00:00Z)``: as London's clocks show it, and in UTC."""
    here = timezone.localtime(moment, LONDON)
    return f"{here:%A} {here.day} {here:%B %Y, %H:%M:%S %Z} ({moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"

"""What becomes of a decision, in plain words: what will happen, what has, and what only a person can settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from moothall.desk import wording
from moothall.moderation.queries import DecisionView
from moothall.outbox.models import Delivery

#: After this long without an answer a page stops asking every second; it says how it stands and can be asked again.
_WATCH_FOR: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery in words. ``asks``: what a person is asked, ``arrived``, ``by_hand``, ``refused`` or nothing."""

    delivery: Delivery
    action: str
    now: str
    detail: str
    asks: str
    link: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with how it stands. ``moving``: worth asking again in a second."""

    view: DecisionView
    headline: str
    lines: list[Line]
    moving: bool
    unsettled: bool


def outcome(view: DecisionView, now: datetime | None = None) -> Outcome:
    """Return how a decision stands at ``now``."""
    now = now or timezone.now()
    lines = [_line(delivery, now) for delivery in view.deliveries]
    unsettled = any(delivery.state in ("due", "sending") for delivery in view.deliveries)
    moving = unsettled and now < view.undo_until + _WATCH_FOR
    return Outcome(view, _headline(view, now), lines, moving, unsettled)


def _headline(view: DecisionView, now: datetime) -> str:
    decision = view.decision
    if view.undone_by is not None:
        return "Taken back"
    if decision.undoes_id is not None:
        return "An earlier decision taken back"
    if decision.measures == "ignore":
        return "Left up"
    states = {delivery.state for delivery in view.deliveries}
    if states <= {"done"}:
        return wording.decided(decision.measure_list).capitalize()
    if "uncertain" in states or "handed_over" in states:
        return "A person has to look"
    if "failed" in states:
        return "It did not work"
    left = min((wording.seconds_left(each.due_at, now) for each in view.deliveries if each.state == "due"), default=0)
    return f"Leaves in {wording.counted(left, 'second')}" if left else "On its way"


def _line(delivery: Delivery, now: datetime) -> Line:
    where = wording.PLATFORM.get(delivery.channel.platform, delivery.channel.platform)
    message = str(delivery.outcome.get("message", "")) if isinstance(delivery.outcome, dict) else ""
    asks = ""
    match delivery.state:
        case "due" if delivery.attempts and delivery.due_at > now:
            left = wording.counted(wording.seconds_left(delivery.due_at, now), "second")
            words, message = f"{where} did not take it. Tried again in {left}.", delivery.last_error
        case "due" if delivery.due_at > now:
            left = wording.counted(wording.seconds_left(delivery.due_at, now), "second")
            words = f"Leaves for {where} in {left}."
        case "due":
            words = "Leaving now."
        case "sending":
            words = f"At {where} now; waiting for its answer."
        case "done":
            words = f"{wording.ACTION_DONE[delivery.action]} on {where}."
        case "cancelled":
            words, message = "Taken back before anything left.", ""
        case "handed_over":
            words, asks = f"{where} cannot be told this by Moothall: please do it there by hand.", "by_hand"
        case "uncertain":
            words = f"It was sent, but {where}’s answer was lost, so nobody knows whether it arrived."
            message = message or "It is not sent again by itself. Look at the comment there, then say what you saw."
            asks = "arrived"
        case _:
            words = f"{where} refused it. Nothing was changed there."
            message, asks = message or delivery.last_error, "refused"
    return Line(delivery, wording.ACTION[delivery.action], words, message, asks, str(delivery.target.get("url") or ""))

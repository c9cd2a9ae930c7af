"""One delivery, step by step, so that a worker killed anywhere neither loses nor repeats an effect.

The order is the whole point: ``sending`` is committed before the platform is called. A row that a worker finds in
``sending`` was interrupted between call and answer; the platform is asked what it sees before anything is sent again, and
where it cannot say, a person is asked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from moothall.inbox.actions import note_effect
from moothall.inbox.connections import connected
from moothall.outbox.models import Delivery
from moothall.platforms.connector import Connector, Outcome
from moothall.records.actions import append
from moothall.words import DomainError

logger = logging.getLogger(__name__)

#: How long a worker may hold a delivery: longer than any one call to a platform can take.
LEASE = timedelta(seconds=120)
#: A lost answer may belong to a request still on its way: wait before asking.
_SETTLE = timedelta(seconds=5)
_MOST_ATTEMPTS = 8
_LONGEST_WAIT = timedelta(hours=1)
FINISHED = ("done", "uncertain", "failed", "handed_over", "cancelled")


def deliver(claimed: Delivery, worker: str) -> None:
    """Take one claimed delivery as far as it can go now. Raises nothing a platform can cause."""
    try:
        with connected(claimed.channel) as connector:
            _deliver(claimed, worker, connector)
    except DomainError as error:
        # Nobody can be asked. What may have been sent before is not called failed: a person looks.
        state = "uncertain" if claimed.state == "sending" else "failed"
        _finish(claimed, worker, state, claimed.outcome | {"message": error.message, "code": error.code})


def _deliver(claimed: Delivery, worker: str, connector: Connector) -> None:
    if claimed.state == "sending" and not _still_to_send(claimed, worker, connector):
        return
    if _begin(claimed, worker):
        _settle(claimed, worker, _perform(claimed, connector))


def _still_to_send(delivery: Delivery, worker: str, connector: Connector) -> bool:
    """Ask the platform about an interrupted delivery. True when the effect is not there and it may be sent."""
    try:
        answer = connector.inquire(
            delivery.action, delivery.target, delivery.idempotency_key, delivery.outcome.get("detail")
        )
    except DomainError as error:
        _put_off(delivery, worker, "sending", error.message, None)
        return False
    if answer == "not_done":
        return True
    if answer == "done":
        _finish(delivery, worker, "done", delivery.outcome | {"message": "Found done at the platform."})
    else:
        _finish(
            delivery,
            worker,
            "uncertain",
            delivery.outcome
            | {"message": "It was sent, the answer was lost, and the platform cannot say whether it arrived."},
        )
    return False


def _mine(delivery: Delivery, worker: str) -> Delivery | None:
    """Lock the row and return it if this worker still holds it and it is not finished."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    return row if row.leased_by == worker and row.state not in FINISHED else None


def _begin(delivery: Delivery, worker: str) -> bool:
    """Write down, and commit, that the platform is about to be called. False when the row was taken back meanwhile."""
    now = timezone.now()
    with transaction.atomic():
        row = _mine(delivery, worker)
        if row is None:
            return False
        row.state = "sending"
        row.attempts += 1
        row.first_sent_at = row.first_sent_at or now
        row.leased_until = now + LEASE
        row.save()
    delivery.state, delivery.attempts = row.state, row.attempts
    return True


def _perform(delivery: Delivery, connector: Connector) -> Outcome:
    try:
        return connector.perform(delivery.action, delivery.target, delivery.idempotency_key)
    except DomainError as error:
        return Outcome(state="uncertain", message=error.message)
    except Exception as error:
        # Whatever went wrong, it may have gone wrong after the platform acted.
        logger.error("delivery %s: %s", delivery.pk, type(error).__name__)
        return Outcome(state="uncertain", message=f"An unexpected error ({type(error).__name__}).")


def _settle(delivery: Delivery, worker: str, outcome: Outcome) -> None:
    detail: dict[str, Any] = {"message": outcome.message, "detail": dict(outcome.detail)}
    if outcome.state in ("done", "failed", "handed_over"):
        _finish(delivery, worker, outcome.state, detail)
    elif outcome.state == "uncertain":
        # Still ``sending``: the next turn asks the platform before anything else.
        _put_off(delivery, worker, "sending", outcome.message, _SETTLE, detail)
    elif delivery.attempts >= _MOST_ATTEMPTS:
        _finish(
            delivery,
            worker,
            "failed",
            detail | {"message": f"Given up after {delivery.attempts} tries: {outcome.message}"},
        )
    else:
        wait = timedelta(seconds=outcome.retry_after) if outcome.retry_after else None
        _put_off(delivery, worker, "due", outcome.message, wait, detail)


def _put_off(
    delivery: Delivery,
    worker: str,
    state: str,
    message: str,
    wait: timedelta | None,
    outcome: dict[str, Any] | None = None,
) -> None:
    with transaction.atomic():
        row = _mine(delivery, worker)
        if row is None:
            return
        row.state, row.last_error = state, message
        row.due_at = timezone.now() + (wait or min(timedelta(seconds=5) * 2 ** min(row.attempts, 10), _LONGEST_WAIT))
        row.outcome = outcome or row.outcome
        row.release()
        row.save()


def _finish(delivery: Delivery, worker: str, state: str, outcome: dict[str, Any]) -> None:
    """Write the end of a delivery, what it changed, and its record, in one transaction."""
    now = timezone.now()
    with transaction.atomic():
        row = _mine(delivery, worker)
        if row is not None:
            finish(row, state, outcome, actor="worker", now=now)


def finish(row: Delivery, state: str, outcome: dict[str, Any], *, actor: str, now: datetime) -> None:
    """Write the end of a locked delivery inside the caller's transaction, and its record."""
    row.state, row.outcome, row.finished_at = state, outcome, now
    row.last_error = "" if state in ("done", "cancelled") else str(outcome.get("message", ""))
    row.release()
    row.save()
    if state == "done":
        note_effect(row.channel, str(row.target.get("comment", "")), row.action)
    append(
        f"delivery.{state}",
        actor=actor,
        subject=f"delivery:{row.pk}",
        payload={
            "action": row.action,
            "cause": row.cause,
            "channel": row.channel_id,
            "attempts": row.attempts,
            "key": row.idempotency_key,
        },
        at=now,
    )

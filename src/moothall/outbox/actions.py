"""Every change in the outbox: wanting an effect, taking it back, sending what is due, and a person settling what is uncertain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from moothall.inbox.models import Channel
from moothall.outbox.deliver import LEASE, deliver, finish
from moothall.outbox.models import Delivery
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError


class NotUncertain(DomainError):
    """This delivery has been settled already."""

    code = "not_uncertain"


class BeingSent(DomainError):
    """It is being sent at this moment. Look again in a few seconds: once the platform has answered it can be undone."""

    code = "being_sent"


def want(channel: Channel, action: str, target: dict[str, Any], *, cause: str, key: str, due_at: datetime) -> Delivery:
    """Write down an effect wanted at the platform. Call inside the transaction of what caused it. The key makes it unique."""
    return Delivery.objects.create(
        channel=channel,
        action=action,
        target=target,
        cause=cause,
        idempotency_key=key,
        due_at=due_at,
        created_at=timezone.now(),
    )


def take_back(cause: str, *, actor: str) -> list[Delivery]:
    """Cancel what has not left yet and return the deliveries of the cause, each as it stands now.

    Call inside a transaction. Raises BeingSent while one of them is at the platform.
    """
    rows = list(Delivery.objects.select_for_update().filter(cause=cause).select_related("channel").order_by("pk"))
    if any(row.state == "sending" for row in rows):
        raise BeingSent
    for row in rows:
        if row.state == "due":
            finish(row, "cancelled", {"message": "Taken back before it left."}, actor=actor, now=timezone.now())
    return rows


def deliver_due(worker: str, now: datetime, limit: int = 20) -> int:
    """Send what is due. Returns how many deliveries were handled."""
    # One at a time: a lease must not run out while its delivery waits behind others.
    handled = 0
    while handled < limit and (claimed := Delivery.claim(worker, now, limit=1, lease=LEASE)):
        deliver(claimed[0], worker)
        handled += 1
    return handled


def resolve_uncertain(delivery_id: int, *, arrived: bool, officer: Officer) -> Delivery:
    """A person has looked at the platform, or acted there by hand, and says whether it is done; if not, it is sent again.

    Raises NotUncertain.
    """
    now = timezone.now()
    with transaction.atomic():
        row = Delivery.objects.select_for_update().select_related("channel").get(pk=delivery_id)
        if row.state not in ("uncertain", "handed_over", "failed"):
            raise NotUncertain
        if arrived:
            finish(row, "done", row.outcome | {"message": f"{officer} saw it done."}, actor=officer.email, now=now)
            return row
        row.state, row.due_at, row.finished_at, row.outcome = "due", now, None, {}
        row.release()
        row.save()
        append(
            "delivery.sent_again",
            actor=officer.email,
            subject=f"delivery:{row.pk}",
            payload={"action": row.action, "cause": row.cause},
            at=now,
        )
    return row

"""What is asked of the outbox."""

from __future__ import annotations

from moothall.outbox.models import Delivery


def deliveries_of(cause: str) -> list[Delivery]:
    """Return the deliveries of a cause such as "decision:12", oldest first."""
    return list(Delivery.objects.filter(cause=cause).select_related("channel").order_by("pk"))


def needing_a_person() -> list[Delivery]:
    """Return deliveries that only a person can settle: uncertain, failed or handed over, oldest first."""
    rows = Delivery.objects.filter(state__in=["uncertain", "failed", "handed_over"]).select_related("channel")
    return list(rows.order_by("finished_at", "pk")[:100])

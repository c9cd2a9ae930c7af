"""What leaves: one row for each effect wanted at a platform."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from moothall.records.leases import DueRow


class Delivery(DueRow):
    """A measure's journey out.

    States: due → sending → done | uncertain | failed | handed_over; or cancelled before anything left. ``sending`` is
    written before the platform is called: a row found in it after its lease ran out was interrupted, and the platform is
    asked before anything is sent again.
    """

    CLAIMABLE = ("due", "sending")

    channel = models.ForeignKey("inbox.Channel", on_delete=models.PROTECT, related_name="deliveries")
    action = models.CharField(max_length=20)
    #: What the connector needs: {"comment": external id, "post": …, "author": …, "extra": {…}}.
    target = models.JSONField()
    #: Who wants it, as "decision:12"; outbox does not know moderation.
    cause = models.CharField(max_length=60)
    idempotency_key = models.CharField(max_length=80, unique=True)
    #: What the platform answered, with what an undo needs (record URIs).
    outcome = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    first_sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["hide", "unhide", "delete", "block", "unblock", "report"]),
                name="delivery_action_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "sending", "done", "uncertain", "failed", "handed_over", "cancelled"]),
                name="delivery_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["due", "sending"]), name="deliveries_due"),
            models.Index(fields=["cause"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} for {self.cause}: {self.state}"

"""Work as rows: a state, a due time, a lease and attempts. The one base of every queue in Moothall.

A worker claims due rows for a while; if it is killed, the lease runs out and another worker claims them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import connection, models, transaction
from django.db.models import Q


class DueRow(models.Model):
    """A row of work. Subclasses name the states that may be claimed in ``CLAIMABLE``."""

    CLAIMABLE: ClassVar[tuple[str, ...]] = ("due",)

    state = models.CharField(max_length=20, default="due")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    @classmethod
    def claim(
        cls, worker: str, now: datetime, *, limit: int = 20, lease: timedelta = timedelta(seconds=60)
    ) -> list[Self]:
        """Lease up to ``limit`` due rows to ``worker`` and return them, longest due first.

        PostgreSQL skips rows that another worker holds locked; SQLite's transactions are immediate, so that only one
        claims at a time. Committed before it returns (call it outside a transaction).
        """
        manager: Any = cls._default_manager
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        with transaction.atomic():
            rows = manager.filter(free, state__in=cls.CLAIMABLE, due_at__lte=now).order_by("due_at", "pk")
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True, of=("self",))
            claimed: Sequence[Self] = list(rows[:limit])
            manager.filter(pk__in=[row.pk for row in claimed]).update(leased_until=now + lease, leased_by=worker)
        for row in claimed:
            row.leased_until, row.leased_by = now + lease, worker
        return list(claimed)

    def release(self) -> None:
        """Give the lease back (the caller saves)."""
        self.leased_until, self.leased_by = None, ""

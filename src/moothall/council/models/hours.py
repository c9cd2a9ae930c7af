"""When officers are at work, and when something extraordinary is going on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class OfficeWeek(models.Model):
    """The weekly office hours from ``set_at`` on, until the next such row. Never changed."""

    set_at = models.DateTimeField(unique=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    open_on_bank_holidays = models.BooleanField(default=False)

    class Meta:
        ordering = ["-set_at"]

    def __str__(self) -> str:
        return f"office hours from {self.set_at:%d %B %Y}"


class OfficeWeekDay(models.Model):
    """One weekday of an office week, 0 Monday … 6 Sunday; a weekday that is not there is closed."""

    week = models.ForeignKey(OfficeWeek, on_delete=models.PROTECT, related_name="days")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["week", "weekday"], name="one_opening_a_weekday"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="office_weekday_known"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="office_closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return f"weekday {self.weekday}: {self.opens} to {self.closes}"


class Incident(models.Model):
    """A stretch of time in which an incident is on. No two overlap (``council.triggers.refuse_overlaps``)."""

    starts_at = models.DateTimeField()
    #: None: until somebody ends it.
    ends_at = models.DateTimeField(null=True)
    reason = models.TextField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="incident_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="incident_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"incident from {self.starts_at:%d %B %Y %H:%M}"

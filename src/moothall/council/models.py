"""What the council has set: which version of the house rules is in force, and confirmed pre-election periods."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PolicyVersion(models.Model):
    """One version of the house rules, frozen with its hash when it is put in force."""

    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    in_force_from = models.DateTimeField(unique=True)
    put_in_force_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["-in_force_from"]

    def __str__(self) -> str:
        return f"house rules {self.version}"


class Period(models.Model):
    """A pre-election period. It counts only once a named officer has confirmed it."""

    election = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="period_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="period_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"pre-election period of {self.election}"

"""Elections, and the pre-election periods that officers confirm for them."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

#: Kind of election → how it is called on screen.
ELECTION_KINDS: Final[dict[str, str]] = {
    "local": "Local elections",
    "general": "General election",
    "by_election": "Local by-election",
    "mayoral": "Mayoral election",
    "pcc": "Police and crime commissioner election",
    "parliamentary_by_election": "Parliamentary by-election",
    "referendum": "Referendum",
    "other": "Another poll",
}


class Election(models.Model):
    """A poll, with its dates as somebody entered them and where they come from. Its changes are in the records.

    ``ward``: the one ward it is held in; empty for a poll of the whole council area.
    """

    kind = models.CharField(max_length=30, choices=list(ELECTION_KINDS.items()))
    name = models.CharField(max_length=120)
    poll_date = models.DateField()
    #: When the notice of election was published; None: not known.
    notice_on = models.DateField(null=True)
    #: When an election that comes by surprise was called; the period does not begin before.
    called_on = models.DateField(null=True)
    ward = models.CharField(max_length=120, blank=True, default="")
    source = models.CharField(max_length=300, blank=True, default="")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    called_off_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["poll_date", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(ELECTION_KINDS)), name="election_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="election_has_a_name"),
            models.CheckConstraint(
                condition=(Q(notice_on__isnull=True) | Q(notice_on__lt=F("poll_date")))
                & (Q(called_on__isnull=True) | Q(called_on__lt=F("poll_date"))),
                name="election_announced_before_the_poll",
            ),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True, called_off_by__isnull=True, called_off_reason="")
                | (Q(called_off_at__isnull=False, called_off_by__isnull=False) & ~Q(called_off_reason="")),
                name="election_called_off_by_somebody_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["kind", "poll_date", "ward"],
                condition=Q(called_off_at__isnull=True) & ~Q(kind__in=["other", "referendum"]),
                name="one_election_of_a_kind_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """A pre-election period. It counts only once a named officer has confirmed it.

    Rows are never changed: confirming and correcting add a row that supersedes the one before.
    """

    election = models.CharField(max_length=120)
    of_election = models.ForeignKey(Election, null=True, on_delete=models.PROTECT, related_name="periods")
    #: The polling day it was confirmed for; another one since then means that it should be corrected.
    for_poll_on = models.DateField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    #: Why the moments are others than the rules give, or what was corrected.
    reason = models.TextField(blank=True, default="")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    confirmed_at = models.DateTimeField(null=True)
    #: 1 for the first row of an election, one more with each row that supersedes it.
    round = models.PositiveIntegerField(default=1)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="period_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="period_confirmed_by_somebody",
            ),
            # Two officers cannot both confirm, or correct, the same state of it.
            models.UniqueConstraint(fields=["of_election", "round"], name="one_period_of_an_election_per_round"),
        ]

    def __str__(self) -> str:
        return f"pre-election period of {self.election}"

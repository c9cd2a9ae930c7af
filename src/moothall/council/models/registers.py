"""The registers' entries. An entry is in force from ``starts_at`` on and before ``ends_at``; None is open on that side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from moothall.words import PLATFORMS


def entry_constraints(table: str) -> list[models.BaseConstraint]:
    """Return what the database holds of every register: an end not before the start, one open entry a key.

    That entries with one key do not overlap at all is a trigger's work (``council.triggers.refuse_overlaps``).
    """
    return [
        models.CheckConstraint(
            condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
            name=f"{table}_ends_after_it_starts",
        ),
        models.UniqueConstraint(
            fields=["key"], condition=Q(ends_at__isnull=True), name=f"{table}_one_open_entry_a_key"
        ),
        models.CheckConstraint(condition=~Q(key=""), name=f"{table}_has_a_key"),
    ]


class Entry(models.Model):
    """What the registers have in common. Changed only by ``council.actions.registers``; nothing is deleted."""

    #: What makes the entry this one and no other, in comparable form.
    key = models.TextField(db_index=True)
    #: Everything that can be searched for, in lower case.
    found_by = models.TextField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        """What the entry is called in a list."""
        raise NotImplementedError

    def values(self) -> dict[str, str]:
        """Return the entry as text, column by column, as it stands in a form or a CSV file."""
        from moothall.council.registers import texts

        return texts(self)

    def is_over(self, at: datetime) -> bool:
        """Return whether it has ended by ``at``."""
        return self.ends_at is not None and self.ends_at <= at

    def __str__(self) -> str:
        return self.title


class ActiveCase(Entry):
    """A case before a court: names that must not be discussed, and names that must not be named at all."""

    reference = models.CharField(max_length=120)
    names: Any = models.JSONField(default=list)
    protected_names: Any = models.JSONField(default=list)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["key", "pk"]
        constraints = entry_constraints("active_case")

    @property
    def title(self) -> str:
        return self.reference


class Candidate(Entry):
    """Somebody who stands in an election, or a party that does."""

    kind = models.CharField(max_length=10, default="candidate")
    name = models.CharField(max_length=120)
    also_known_as: Any = models.JSONField(default=list)
    party = models.CharField(max_length=120, blank=True, default="")
    ward = models.CharField(max_length=120, blank=True, default="")
    election = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["key", "pk"]
        constraints = [
            *entry_constraints("candidate"),
            models.CheckConstraint(condition=Q(kind__in=["candidate", "party"]), name="candidate_kind_known"),
        ]

    @property
    def title(self) -> str:
        return self.name


class Councillor(Entry):
    """An elected member, with the office details that the public may be given."""

    name = models.CharField(max_length=120)
    ward = models.CharField(max_length=120)
    ward_key = models.TextField(db_index=True)
    party = models.CharField(max_length=120, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    web_page = models.CharField(max_length=300, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["key", "pk"]
        constraints = entry_constraints("councillor")

    @property
    def title(self) -> str:
        return self.name


class WardPostcode(Entry):
    """The ward in which a postcode lies."""

    postcode = models.CharField(max_length=8)
    ward = models.CharField(max_length=120)

    class Meta:
        ordering = ["key", "pk"]
        constraints = entry_constraints("ward_postcode")

    @property
    def title(self) -> str:
        return self.postcode


class AuthorisedUser(Entry):
    """A person or partner who may use the council's name and pictures on one platform."""

    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20)
    handle = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300)

    class Meta:
        ordering = ["key", "pk"]
        constraints = [
            *entry_constraints("authorised_user"),
            models.CheckConstraint(condition=Q(platform__in=list(PLATFORMS)), name="authorised_user_platform_known"),
        ]

    @property
    def title(self) -> str:
        return self.name


class SpecialDay(Entry):
    """A day on which the office is shut, or open at other times than its weekday's. ``opens`` None: shut all day."""

    day = models.DateField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["key", "pk"]
        constraints = [
            *entry_constraints("special_day"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, closes__gt=F("opens")),
                name="special_day_closes_after_it_opens",
            ),
        ]

    @property
    def title(self) -> str:
        return f"{self.day:%d/%m/%Y}"

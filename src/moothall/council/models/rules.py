"""The house rules: proposed, put in force, and, before they start, taken back. Rows of this file are never changed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PolicyProposal(models.Model):
    """Rules that a manager proposes to put in force. What became of the proposal is a row of its own."""

    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    #: None: from the moment on in which somebody puts them in force.
    in_force_from = models.DateTimeField(null=True)
    #: Why, for the public.
    note = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="proposal_says_why")]

    def __str__(self) -> str:
        return f"proposal of house rules {self.version}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has put it in force or turned it down yet."""
        return not hasattr(self, "outcome")


class ProposalOutcome(models.Model):
    """How a proposal ended, and who ended it."""

    class What(models.TextChoices):
        PUT_IN_FORCE = "put_in_force", "Put in force"
        TURNED_DOWN = "turned_down", "Turned down"

    proposal = models.OneToOneField(PolicyProposal, on_delete=models.PROTECT, related_name="outcome")
    what = models.CharField(max_length=20, choices=What.choices)
    reason = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["put_in_force", "turned_down"]), name="proposal_outcome_known"
            ),
            models.CheckConstraint(
                condition=~Q(what="turned_down", reason=""), name="proposal_turned_down_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.what}"


class PolicyVersion(models.Model):
    """One version of the house rules, frozen with its hash when it is put in force, now or from a later moment on.

    Of the versions that were not withdrawn no two start at one moment or hold one text, and a version's name always
    stands for one text; the database sees to that (``council.triggers.versions_apart``), and refuses UPDATE and DELETE.
    """

    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    in_force_from = models.DateTimeField()
    note = models.TextField(blank=True, default="")
    #: None: the council's own machine.
    put_in_force_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    #: None for versions put in force before this was kept.
    put_in_force_at = models.DateTimeField(null=True)
    proposal = models.OneToOneField(PolicyProposal, null=True, on_delete=models.PROTECT, related_name="result")

    class Meta:
        ordering = ["-in_force_from", "-pk"]
        indexes = [models.Index(fields=["in_force_from"]), models.Index(fields=["sha256"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(put_in_force_at__isnull=True) | Q(in_force_from__gte=F("put_in_force_at")),
                name="policy_never_starts_in_the_past",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (Q(put_in_force_by__isnull=False) & ~Q(approved_by=F("put_in_force_by"))),
                name="policy_approved_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"house rules {self.version}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back before it started."""
        return hasattr(self, "withdrawal")

    def starts_later(self, at: datetime) -> bool:
        """Return whether it starts after ``at``, and so can still be withdrawn."""
        return not self.is_withdrawn and self.in_force_from > at


class PolicyWithdrawal(models.Model):
    """A version taken back before it started."""

    version = models.OneToOneField(PolicyVersion, on_delete=models.PROTECT, related_name="withdrawal")
    #: The version's ``in_force_from`` again, so that the database can hold the two moments side by side.
    would_have_started = models.DateTimeField()
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__lt=F("would_have_started")), name="policy_withdrawn_before_it_started"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="policy_withdrawn_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"withdrawal of {self.version}"

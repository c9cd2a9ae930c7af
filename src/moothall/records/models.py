"""What is kept of every act: one line of the chain, and the personal data that stands outside its hash."""

from __future__ import annotations

from django.db import models

from moothall.records.leases import DueRow as DueRow


class Record(models.Model):
    """One line of the hash chain. Rows are added by ``records.actions.append`` and by nothing else.

    Triggers on both databases refuse UPDATE and DELETE (see the first migration).
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    actor = models.CharField(max_length=150)
    subject = models.CharField(max_length=120)
    #: Canonical JSON exactly as hashed; text, so that no database re-orders it.
    payload = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"record {self.number}: {self.kind} {self.subject}"


class Sealed(models.Model):
    """Personal data of a record. The payload holds sha256(salt + value); this row can be erased without breaking the chain."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="sealed")
    name = models.CharField(max_length=60)
    salt = models.CharField(max_length=64)
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "name"], name="one_sealed_value_per_name")]

    def __str__(self) -> str:
        return f"sealed {self.name} of record {self.record_id}"

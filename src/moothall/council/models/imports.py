"""How the registers came to be as they are: files taken in, and every change of an entry. No personal data stands here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PreviewedImport(models.Model):
    """A file that somebody has looked at and not yet applied. Removed when it is applied, or a day later."""

    token = models.CharField(max_length=64, primary_key=True)
    register = models.CharField(max_length=20)
    mode = models.CharField(max_length=10)
    file_name = models.CharField(max_length=200, blank=True, default="")
    #: SHA-256 of the file as it came.
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    #: SHA-256 over every change the file would make; another one later means that the register has changed meanwhile.
    plan_sha256 = models.CharField(max_length=64)
    previewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    previewed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"preview of {self.file_name or 'a file'} for {self.register}"


class RegisterImport(models.Model):
    """A file that was taken into a register, whole. Never changed."""

    register = models.CharField(max_length=20)
    mode = models.CharField(max_length=10)
    file_name = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(mode__in=["add", "replace"]), name="import_mode_known")]

    def __str__(self) -> str:
        return f"import of {self.file_name or 'a file'} into {self.register}"


class RegisterChange(models.Model):
    """That an entry was added, changed or ended, by whom and when. Never changed.

    What it held before and after is sealed in the record of that number, under ``sealed_as``, and can be erased there.
    """

    register = models.CharField(max_length=20)
    entry_id = models.BigIntegerField()
    what = models.CharField(max_length=10)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    record_number = models.PositiveBigIntegerField()
    taken_in_with = models.ForeignKey(RegisterImport, null=True, on_delete=models.PROTECT, related_name="changes")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["register", "entry_id"])]
        constraints = [
            models.CheckConstraint(condition=Q(what__in=["added", "changed", "ended"]), name="register_change_known")
        ]

    def __str__(self) -> str:
        return f"{self.register}:{self.entry_id} {self.what}"

    @property
    def sealed_as(self) -> str:
        """The name of the sealed value that holds the entry before and after."""
        return f"{self.register}:{self.entry_id}"

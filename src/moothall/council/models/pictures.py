"""The council's own pictures: its logos, graphics and photographs, by which copies of them are found."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

#: What a picture of the council can be, and how a person calls it.
PICTURE_KINDS: Final[dict[str, str]] = {"graphic": "Graphic", "logo": "Logo", "photograph": "Photograph"}
#: Where a picture came from: a file that somebody handed in, or a post the council published.
PICTURE_SOURCES: Final = ("file", "post")


class BrandPicture(models.Model):
    """One registered picture. A trigger holds it: a row is never deleted, and only its removal and its features are ever written.

    ``features`` are those of ``copy`` (signals.picture_features), so that they can be made anew from it at any time.
    """

    #: For people: the name of the file, without its ending. Never used as a path.
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    #: SHA-256 of the file as it was given.
    sha256 = models.CharField(max_length=64)
    #: A JPEG of nothing but pixels, at most 2,048 pixels long, and a small one to list it with.
    copy = models.BinaryField()
    small = models.BinaryField()
    #: As the file shows it, in pixels.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    features = models.BinaryField()
    features_version = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=4, default="file")
    #: None is the council's own machine.
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_because = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        # This is what the version of the register is counted from: without it a count would read every row's pictures.
        indexes = [models.Index(fields=["removed_at"], name="brand_pictures_removed")]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(removed_at__isnull=True), name="one_brand_picture_a_file"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(PICTURE_KINDS)), name="brand_picture_kind_known"),
            models.CheckConstraint(condition=Q(source__in=PICTURE_SOURCES), name="brand_picture_source_known"),
            models.CheckConstraint(condition=~Q(name=""), name="brand_picture_has_a_name"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="brand_picture_has_a_size"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_because="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_because="")),
                name="brand_picture_removed_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_in_words(self) -> str:
        """What a person calls its kind."""
        return PICTURE_KINDS[self.kind]

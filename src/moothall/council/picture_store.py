"""The register of the council's own pictures as the picture index asks it (signals.PictureIndex): the database is its store."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from threading import Lock
from typing import Final, NoReturn

from django.db.models import Count

from moothall.council.models import BrandPicture
from moothall.signals import Reference
from moothall.signals.picture_features import VERSION, Features
from moothall.signals.picture_index import features_of_reference

_log = logging.getLogger(__name__)

#: So many pictures are read from the database at once.
_TOGETHER: Final = 100


class DatabasePictures:
    """A ``PictureStore`` over the pictures that are registered and not removed; their ids are the rows' primary keys.

    What was loaded is kept in this process. Pictures come in and go out by ``council.actions``, for which somebody answers.
    """

    def __init__(self) -> None:
        self._held: dict[int, Reference] = {}
        self._loading = Lock()

    def add(self, reference: Reference) -> None:
        """Keep these features with the registered picture of that id: those it had were taken in an older way."""
        BrandPicture.objects.filter(pk=str(reference.id)).update(
            features=reference.features.to_bytes(), features_version=VERSION
        )

    def remove(self, id: Hashable) -> NoReturn:
        """Raise TypeError: who removes a picture says why, with ``council.actions.remove_picture``."""
        raise TypeError("a registered picture is removed by council.actions.remove_picture, with a reason")

    def version(self) -> Hashable:
        """Return how many pictures were ever registered and how many removed. Neither ever falls: no change goes unseen."""
        counts = BrandPicture.objects.aggregate(registered=Count("pk"), removed=Count("removed_at"))
        return counts["registered"], counts["removed"]

    def all(self) -> Sequence[Reference]:
        """Return every picture that is registered now, oldest first; only those not seen before are read whole."""
        current = BrandPicture.objects.filter(removed_at__isnull=True)
        with self._loading:
            wanted = list(current.order_by("pk").values_list("pk", flat=True))
            missing = [pk for pk in wanted if pk not in self._held]
            for first in range(0, len(missing), _TOGETHER):
                part = missing[first : first + _TOGETHER]
                rows = BrandPicture.objects.filter(pk__in=part).values_list("pk", "features", "features_version")
                for pk, features, version in rows:
                    self._held[pk] = self._reference(pk, bytes(features), version)
            self._held = {pk: self._held[pk] for pk in wanted}
            return list(self._held.values())

    def _reference(self, pk: int, features: bytes, version: int) -> Reference:
        if version == VERSION:
            try:
                return Reference(pk, Features.from_bytes(features))
            except ValueError:
                # One damaged row must not keep every question from being answered; it is mended below.
                _log.warning("the features of registered picture %s were damaged and are made anew", pk)
        copy = BrandPicture.objects.values_list("copy", flat=True).get(pk=pk)
        anew = Reference(pk, features_of_reference(bytes(copy)))
        self.add(anew)
        return anew

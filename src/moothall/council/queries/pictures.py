"""Asking the register of the council's own pictures: what is on it, and which of it another picture shows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from moothall.council.models import BrandPicture
from moothall.signals.picture_files import LEAST_SIDE
from moothall.signals.pictures import Decoded, decode
from moothall.words import DomainError

if TYPE_CHECKING:
    from moothall.signals import PictureIndex, PictureMatch


class PictureUnknown(DomainError):
    """There is no such picture on the register."""

    code = "picture_unknown"


@dataclass(frozen=True, slots=True)
class PicturePage:
    """Some pictures of the register, the newest first, without the pictures themselves. ``next``: ``after`` of the next page."""

    pictures: list[BrandPicture]
    next: int | None
    total: int


@dataclass(frozen=True, slots=True)
class OwnPictureFound:
    """A picture of the council that another one shows.

    ``similarity``: 0–1. ``region``: x, y, width, height in pixels of the picture asked about. ``altered``: whether something in
    it was plainly changed, None where nobody looked. ``mirrored``: whether it is the other way round. ``words``: those read in
    it that the council's own does not have; None where none were read.
    """

    picture: BrandPicture
    similarity: float
    region: tuple[int, int, int, int]
    altered: bool | None
    mirrored: bool
    words: tuple[str, ...] | None = None


def pictures(*, removed: bool = False, after: int | None = None, limit: int = 24) -> PicturePage:
    """Return a page of the pictures registered now, or of those removed. ``after`` is the ``next`` of the page before."""
    chosen = BrandPicture.objects.filter(removed_at__isnull=not removed).defer("copy", "small", "features")
    total = chosen.count()
    if after is not None:
        chosen = chosen.filter(pk__lt=after)
    found = list(chosen.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return PicturePage(found[:limit], found[limit - 1].pk if more else None, total)


def picture(picture_id: int) -> BrandPicture:
    """Return one picture of the register, removed or not. Raises PictureUnknown."""
    found = (
        BrandPicture.objects.defer("copy", "small", "features")
        .select_related("added_by", "removed_by")
        .filter(pk=picture_id)
        .first()
    )
    if found is None:
        raise PictureUnknown
    return found


def picture_file(picture_id: int, size: Literal["copy", "small"]) -> bytes:
    """Return the kept copy of a picture, or the small one: a JPEG that Moothall wrote. Raises PictureUnknown."""
    found = BrandPicture.objects.filter(pk=picture_id).values_list(size, flat=True).first()
    if found is None:
        raise PictureUnknown
    return bytes(found)


@lru_cache(maxsize=1)
def own_pictures() -> PictureIndex:
    """Return this process's index of the pictures registered; each question to it takes in what has changed since."""
    # Only whoever asks about pictures loads OpenCV.
    from moothall.council.picture_store import DatabasePictures
    from moothall.signals import PictureIndex

    return PictureIndex(store=DatabasePictures())


def matches(image: str | Path | bytes | Image.Image, *, words: bool = False) -> list[OwnPictureFound]:
    """Return the council's pictures that an image (a path, a file's bytes, a Pillow image) shows, best first.

    ``words``: read the words of the best one, too, where that is installed; it takes some four seconds. Raises PictureRefused
    for what is no picture.
    """
    decoded = decode(image)
    found = own_pictures().find(decoded)
    rows = BrandPicture.objects.defer("copy", "small", "features").filter(pk__in=[match.id for match in found])
    held: dict[Hashable, BrandPicture] = {row.pk: row for row in rows}
    return [
        OwnPictureFound(
            held[match.id],
            match.similarity,
            match.region,
            match.altered,
            match.mirrored,
            _words_added(decoded, match) if words and place == 0 else None,
        )
        for place, match in enumerate(found)
    ]


def _words_added(decoded: Decoded, match: PictureMatch) -> tuple[str, ...] | None:
    """Return the words of the part that shows the council's picture which that does not have. Not where letters are mirrored."""
    from moothall.signals.picture_words import words_added

    if match.mirrored or min(match.region[2:]) < LEAST_SIDE:
        return None
    frame = decoded.frames[match.frame]
    scale = frame.width / decoded.width
    x, y, width, height = (round(one * scale) for one in match.region)
    original = decode(picture_file(int(str(match.id)), "copy")).frames[0]
    return words_added(frame.crop((x, y, x + width, y + height)), original)

"""Registering the council's own pictures, one or a folder of them, and removing them again. No row is deleted.

A folder is not one act but as many as it has pictures: what is in is in, one that cannot be used stands in nobody's way,
and a run that was killed goes on where it stood when it is started again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from django.db import transaction
from django.utils import timezone
from PIL import Image

from moothall.council.acting import called, must_be_active, one_writer_at_a_time, reason_given
from moothall.council.models import PICTURE_KINDS, BrandPicture
from moothall.council.queries.pictures import PictureUnknown
from moothall.records.actions import append
from moothall.signals.pictures import PictureRefused, bytes_of, clean_copy, decode
from moothall.team.models import Officer
from moothall.words import DomainError

#: Longest side of the small copy, in pixels.
_SMALL: Final = 320
_LONGEST_NAME: Final = 200


class PictureThere(DomainError):
    """This very file is registered already."""

    code = "picture_there"


class PictureRemoved(DomainError):
    """This picture has been removed already."""

    code = "picture_removed"


class PictureKindUnknown(DomainError):
    """A picture of the council is a graphic, a logo or a photograph."""

    code = "picture_kind_unknown"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file of a folder: the picture it is registered as, or ``refused`` with the reason.

    ``new``: whether it is registered only now. ``file``: the path as it was found.
    """

    file: Path
    picture: BrandPicture | None
    new: bool = False
    refused: DomainError | None = None


def register_picture(
    raw: bytes, *, file_name: str, kind: str = "graphic", officer: Officer | None, source: str = "file"
) -> BrandPicture:
    """Register one picture and return it. ``raw``: the file's bytes; ``file_name``: as it was given, any path in it ignored.

    ``kind``: one of PICTURE_KINDS; ``officer`` None: the council's own machine. Of an animation the first frame counts.
    Raises PictureRefused, PictureThere, PictureKindUnknown, OfficerLeft.
    """
    return _register(raw, PureWindowsPath(file_name).name, _called(file_name), kind, officer, source)


def register_folder(
    folder: Path, files: Sequence[Path] | None = None, *, kind: str = "graphic", officer: Officer | None
) -> Iterator[Taken]:
    """Register every picture in a folder and those below it, each an act of its own, and say of each what became of it.

    ``files``: those that ``pictures_in`` named, if it was asked already. A file that is registered already is passed over
    before it is opened. Raises PictureKindUnknown, OfficerLeft before anything is registered.
    """
    must_be_active(officer)
    _must_be_known(kind)
    return _registered(folder, pictures_in(folder) if files is None else files, kind, officer)


def pictures_in(folder: Path) -> list[Path]:
    """Return the files in a folder and those below it that may be pictures, in order: hidden files and links are passed over."""
    found: list[Path] = []
    for where, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        paths = (Path(where, name) for name in sorted(names) if not name.startswith("."))
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return found


def remove_picture(picture_id: int, *, officer: Officer, reason: str) -> BrandPicture:
    """Take a picture off the register, for a reason; its row and its record stay. Copies of it are no longer found.

    Raises PictureUnknown, PictureRemoved, ReasonMissing, OfficerLeft.
    """
    must_be_active(officer)
    reason = reason_given(reason, "Say why this picture is removed.")
    with transaction.atomic():
        one_writer_at_a_time(BrandPicture)
        picture = BrandPicture.objects.defer("copy", "small", "features").filter(pk=picture_id).first()
        if picture is None:
            raise PictureUnknown
        if picture.removed_at is not None:
            raise PictureRemoved
        picture.removed_by, picture.removed_at, picture.removed_because = officer, timezone.now(), reason
        picture.save(update_fields=["removed_by", "removed_at", "removed_because"])
        append(
            "picture.removed",
            actor=officer.email,
            subject=f"picture:{picture.pk}",
            payload={"kind": picture.kind, "sha256": picture.sha256},
            sealed={"reason": reason},
            at=picture.removed_at,
        )
    return picture


def _registered(folder: Path, files: Sequence[Path], kind: str, officer: Officer | None) -> Iterator[Taken]:
    for path in files:
        try:
            raw = bytes_of(path)
            there = _current(hashlib.sha256(raw).hexdigest())
            if there is None:
                inside = path.relative_to(folder).as_posix() if path != folder else path.name
                there = _register(raw, path.name, _called(inside, whole=True), kind, officer, "file")
                yield Taken(path, there, new=True)
            else:
                yield Taken(path, there)
        except PictureRefused as refusal:
            yield Taken(path, None, refused=refusal)
        except PictureThere:
            # Another run has put it in since it was looked up.
            yield Taken(path, _current(hashlib.sha256(raw).hexdigest()))


def _register(raw: bytes, file_name: str, name: str, kind: str, officer: Officer | None, source: str) -> BrandPicture:
    # Only whoever registers pictures loads OpenCV.
    from moothall.signals.picture_features import VERSION
    from moothall.signals.picture_index import features_of_reference

    must_be_active(officer)
    _must_be_known(kind)
    sha256 = hashlib.sha256(raw).hexdigest()
    _must_be_new(sha256)
    decoded = decode(raw, name=file_name)
    frame = decoded.frames[0]
    copy = clean_copy(frame)
    # Of the copy, not of the file: so they come out the same when they are made anew.
    features = features_of_reference(copy)
    small = frame.copy()
    small.thumbnail((_SMALL, _SMALL), Image.Resampling.LANCZOS)
    with transaction.atomic():
        one_writer_at_a_time(BrandPicture)
        _must_be_new(sha256)
        picture = BrandPicture.objects.create(
            name=name,
            kind=kind,
            sha256=sha256,
            copy=copy,
            small=clean_copy(small),
            width=decoded.width,
            height=decoded.height,
            features=features.to_bytes(),
            features_version=VERSION,
            source=source,
            added_by=officer,
            added_at=timezone.now(),
        )
        append(
            "picture.registered",
            actor=called(officer),
            subject=f"picture:{picture.pk}",
            payload={
                "kind": kind,
                "sha256": sha256,
                "copy_sha256": hashlib.sha256(copy).hexdigest(),
                "width": decoded.width,
                "height": decoded.height,
                "source": source,
            },
            # A photograph's name may be a person's.
            sealed={"name": name},
            at=picture.added_at,
        )
    return picture


def _must_be_new(sha256: str) -> None:
    there = _current(sha256)
    if there is not None:
        raise PictureThere(f"This very file is registered already, as “{there.name}”.")


def _current(sha256: str) -> BrandPicture | None:
    found = BrandPicture.objects.defer("copy", "small", "features").filter(sha256=sha256, removed_at__isnull=True)
    return found.first()


def _must_be_known(kind: str) -> None:
    if kind not in PICTURE_KINDS:
        raise PictureKindUnknown


def _called(file_name: str, *, whole: bool = False) -> str:
    """Return what a picture is called: its file's name without ending; ``whole``: with the folders within the one given."""
    parts = PurePosixPath(file_name).parts if whole else (PureWindowsPath(file_name).name,)
    stem = "/".join((*parts[:-1], PurePosixPath(parts[-1]).stem)) if parts else ""
    # Neither invisible characters nor halves of ones that no encoding can write.
    plain = "".join(one if one.isprintable() else " " for one in stem)
    return " ".join(plain.split())[-_LONGEST_NAME:].strip() or "Without a name"

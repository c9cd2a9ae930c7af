"""What is remembered of a picture: its distinct points with their descriptors, and a small grey copy.

Points and descriptors are SIFT's, the descriptors as square roots (RootSIFT). A mirrored or
inverted picture has the same descriptors in another order, so that both are had without looking at the picture again.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Pixels of the picture that is searched for points; more would only cost time.
AREA: Final = 160_000
#: Long side of the small grey copy, in pixels.
SMALL: Final = 256
#: A descriptor has this length in its bytes.
LENGTH: Final = 400.0
_CELLS: Final = 6
#: Of what ``to_bytes`` writes; a change of how points are found is one, too, as old and new ones do not compare.
VERSION: Final = 1
_MAGIC: Final = b"MHPF"
_HEAD: Final = struct.Struct("<4sBHHHHH")
#: Points are kept in these steps (pixels, pixels, pixels, radians), each in two bytes.
_STEPS: Final = np.array([1 / 16, 1 / 16, 1 / 64, 2 * np.pi / 65_536])

# One thread a worker: several workers share a machine, and the model's session holds itself to one, too.
cv2.setNumThreads(1)


class FeaturesOutdated(ValueError):
    """These features were taken in another way; the picture has to be looked at again."""


@dataclass(frozen=True, slots=True)
class Features:
    """Distinct points of one picture.

    ``points``: n × 4, x and y and size in pixels of the searched picture (``width`` × ``height``), angle in radians.
    ``descriptors``: n × 128 bytes. ``small``: grey copy, its long side 256 at most. The best spread points come first.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    small: NDArray[np.uint8]
    width: int
    height: int

    def to_bytes(self) -> bytes:
        """Return all of it as bytes, for a store: some 130 bytes a point. Numbers lie at fixed places, nothing is a program."""
        rows, columns = self.small.shape
        head = _HEAD.pack(_MAGIC, VERSION, self.width, self.height, len(self.points), columns, rows)
        numbers = np.rint(self.points / _STEPS).astype("<u2")
        body = np.ascontiguousarray(numbers.T).tobytes() + self.descriptors.tobytes() + self.small.tobytes()
        return head + zlib.compress(body, 6)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Features:
        """Return exactly what ``to_bytes`` was called on.

        Raises FeaturesOutdated for another version's, and ValueError for anything else.
        """
        wrong = "these are not the features of a picture"
        if len(raw) < _HEAD.size:
            raise ValueError(wrong)
        magic, version, width, height, count, columns, rows = _HEAD.unpack_from(raw)
        if magic != _MAGIC:
            raise ValueError(wrong)
        if version != VERSION:
            raise FeaturesOutdated(f"features of version {version}; this is version {VERSION}")
        size = count * (8 + 128) + columns * rows
        try:
            # One byte more than is due is enough to see that it is too long, however long it would get.
            unpacking = zlib.decompressobj()
            body = unpacking.decompress(raw[_HEAD.size :], size + 1)
        except zlib.error:
            raise ValueError(wrong) from None
        if len(body) != size or not unpacking.eof or not columns * rows * width * height:
            raise ValueError(wrong)
        numbers = np.frombuffer(body, "<u2", count * 4).reshape(4, count).T
        descriptors = np.frombuffer(body, np.uint8, count * 128, count * 8).reshape(count, 128)
        small = np.frombuffer(body, np.uint8, columns * rows, count * 136).reshape(rows, columns)
        return cls((numbers * _STEPS).astype(np.float32), descriptors, small, width, height)


@lru_cache(maxsize=4)
def _sift(most: int) -> Any:
    return cv2.SIFT_create(  # type: ignore[attr-defined]
        nfeatures=most, nOctaveLayers=3, contrastThreshold=0.03, edgeThreshold=14, sigma=1.6
    )


def features_of(image: Image.Image, most: int) -> Features:
    """Return the features of an RGB picture, at most ``most`` points, spread over it."""
    grey = np.asarray(image.convert("L"))
    scale = min(1.0, (AREA / grey.size) ** 0.5)
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = grey.shape
    found, raw = _sift(most * 5 // 4).detectAndCompute(stretched(grey), None)
    descriptors = np.zeros((0, 128), np.uint8)
    points = np.zeros((0, 4), np.float32)
    if found:
        chosen = _spread(found, width, height, most)
        raw = raw[chosen]
        sums = np.maximum(raw.sum(1, keepdims=True), 1e-6)
        descriptors = np.minimum(np.sqrt(raw / sums) * LENGTH + 0.5, 255).astype(np.uint8)
        exact = np.array([(p.pt[0], p.pt[1], p.size, np.deg2rad(p.angle)) for p in (found[place] for place in chosen)])
        points = (np.clip(np.rint(exact / _STEPS), 0, 65_535) * _STEPS).astype(np.float32)
    return Features(points, descriptors, _small(grey), width, height)


def stretched(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture over the whole range of greys: a pale or dark filter must not hide its points."""
    low, high = np.percentile(grey[::4, ::4], (0.5, 99.5))
    if high - low > 200 or high - low < 8:
        return grey
    table = np.clip((np.arange(256) - low) * 255 / (high - low), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(grey, table), np.uint8)


def _spread(found: Any, width: int, height: int, most: int) -> list[int]:
    """Return the places of the strongest points of each part of the picture: a crop of any part must keep some."""
    ranked = sorted(range(len(found)), key=lambda place: -found[place].response)
    rank: dict[tuple[int, int], int] = {}
    order = []
    for strength, place in enumerate(ranked):
        x, y = found[place].pt
        cell = (int(x * _CELLS / width), int(y * _CELLS / height))
        rank[cell] = rank.get(cell, -1) + 1
        # Half by strength, half by turn of the cells, so that a busy tree does not take every place of a plain face.
        order.append((rank[cell] * _CELLS * _CELLS + strength, place))
    return [place for _, place in sorted(order)[:most]]


def _small(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = SMALL / max(grey.shape)
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def mirrored(features: Features) -> Features:
    """Return the features that the mirrored picture would have."""
    points = features.points.copy()
    points[:, 0] = features.width - 1 - points[:, 0]
    points[:, 3] = np.pi - points[:, 3]
    cells = features.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, :, ::-1]
    descriptors = np.roll(cells, 1, axis=-1).reshape(-1, 128)
    small = np.ascontiguousarray(features.small[:, ::-1])
    return Features(points, np.ascontiguousarray(descriptors), small, features.width, features.height)


def inverted(features: Features) -> Features:
    """Return the features that the picture would have with dark and light exchanged."""
    points = features.points.copy()
    points[:, 3] = points[:, 3] + np.pi
    descriptors = features.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, ::-1].reshape(-1, 128)
    return Features(points, np.ascontiguousarray(descriptors), 255 - features.small, features.width, features.height)

"""Where a copy of a picture differs from the original, when it is laid on it as it is: a word changed, a face put in.

Both are brought to one size; nothing is turned, moved or cut. A copy that was cropped, framed or turned does not lie on the
original, and then nothing is marked rather than everything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

#: Longest side to which both are brought, and the side of a square that differs or does not, in pixels.
_SIDE: Final = 512
_SQUARE: Final = 16
#: A pixel differs from this much of 255 on in one of its colours: less is what saving as JPEG again does.
_LEAST: Final = 48
#: So much of a square has to differ, and at most so much of the picture.
_OF_SQUARE: Final = 0.04
_OF_PICTURE: Final = 0.5
#: By so much the proportions may differ.
_PROPORTION: Final = 0.02

#: A rectangle, x, y, width and height, in thousandths of the picture's width and height.
Region = tuple[int, int, int, int]


def differing_regions(theirs: Image.Image, ours: Image.Image) -> tuple[Region, ...] | None:
    """Return where two pictures in RGB differ, from the top left on; none where they show the same.

    None: they do not lie on each other, so that it cannot be said.
    """
    proportions = [image.width / image.height for image in (theirs, ours)]
    if abs(proportions[0] / proportions[1] - 1) > _PROPORTION:
        return None
    scale = _SIDE / max(ours.size)
    size = (max(_SQUARE, round(ours.width * scale)), max(_SQUARE, round(ours.height * scale)))
    # Softened, so that an edge half a pixel beside itself is no difference.
    one, other = (
        image.resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(2)) for image in (theirs, ours)
    )
    apart = np.asarray(ImageChops.difference(one, other)).max(axis=2) >= _LEAST
    squares = _squares(apart)
    if squares.mean() > _OF_PICTURE:
        return None
    return tuple(_region(part, size) for part in _parts(squares))


def _squares(apart: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = (-(-length // _SQUARE) for length in apart.shape)
    padded = np.zeros((height * _SQUARE, width * _SQUARE), bool)
    padded[: apart.shape[0], : apart.shape[1]] = apart
    shares = padded.reshape(height, _SQUARE, width, _SQUARE).mean(axis=(1, 3))
    return np.asarray(shares >= _OF_SQUARE, bool)


def _parts(squares: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Return the squares that differ, those that touch or have one between them together: letters of one line are one place."""
    left = {(int(row), int(column)) for row, column in np.argwhere(squares)}
    parts = []
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        part = [start]
        for row, column in part:
            near = [(row + down, column + across) for down in range(-2, 3) for across in range(-2, 3)]
            found = [each for each in near if each in left]
            left.difference_update(found)
            part += found
        parts.append(part)
    return parts


def _region(part: list[tuple[int, int]], size: tuple[int, int]) -> Region:
    rows, columns = [row for row, _ in part], [column for _, column in part]
    left, top = min(columns) * _SQUARE, min(rows) * _SQUARE
    right = min((max(columns) + 1) * _SQUARE, size[0])
    bottom = min((max(rows) + 1) * _SQUARE, size[1])
    x, y = left * 1000 // size[0], top * 1000 // size[1]
    return x, y, -(-right * 1000 // size[0]) - x, -(-bottom * 1000 // size[1]) - y

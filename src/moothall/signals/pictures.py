"""The one place where pictures are decoded: whatever comes from a network, a form or a folder goes through ``decode``.

What is not safe or not a picture is refused with its reason before anything is decoded (picture_files.py). What comes back is
bare pixels of bounded size; ``clean_copy`` writes them as a new file, in which nothing of the old one's metadata is left.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageChops

from moothall.signals.picture_files import (
    MOST_BYTES,
    Format,
    PictureFile,
    PictureRefused,
    check_size,
    damaged,
    take_apart,
)

__all__ = ["Decoded", "PictureRefused", "bytes_of", "clean_copy", "decode"]

#: Longest side of a decoded frame, in pixels: the most that a network shows.
LONGEST_SIDE: Final = 2_048
#: How many frames of an animated file are looked at, spread over its length.
FRAMES_LOOKED_AT: Final = 6
#: How many pixels are turned into colour at once.
_BAND: Final = 2_000_000

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture opened safely: its frames in RGB, upright, in order; ``width`` and ``height`` as shown, in pixels.

    Frames are reduced to LONGEST_SIDE; a frame that repeats the one before is left out. ``frames_in_all`` counts those not
    looked at, too. ``format`` is "" for a Pillow image that never was a file.
    """

    frames: tuple[Image.Image, ...]
    width: int
    height: int
    format: Format | Literal[""]
    frames_in_all: int


def decode(source: str | Path | bytes | Image.Image, *, name: str = "") -> Decoded:
    """Return a picture, opened safely.

    ``source``: a path, a file's bytes, or a Pillow image. ``name``: with bytes, the file's name or media type as it was given;
    a path has its own. Raises PictureRefused, whose ``code`` is one of those in docs/reference/pictures.md.
    """
    # Pillow raises some fifteen kinds of error on damaged files, OSError to struct.error; none may end the process.
    if isinstance(source, Image.Image):
        check_size("PNG", *source.size)
        try:
            return Decoded((_frame(source, 1),), source.width, source.height, "", 1)
        except Exception:
            raise damaged() from None
    if isinstance(source, bytes):
        raw = source
    else:
        raw, name = bytes_of(Path(source)), str(source)
    file = take_apart(raw, name)
    try:
        frames = _frames(file)
    except Exception:
        raise damaged() from None
    width, height = (file.height, file.width) if file.turned >= 5 else (file.width, file.height)
    return Decoded(frames, width, height, file.format, file.frames)


def clean_copy(frame: Image.Image, *, exact: bool = False) -> bytes:
    """Return a decoded frame as a new file, to be kept or shown: JPEG, or PNG where it has to be ``exact``.

    Only pixels go in: no place, camera, name, profile, comment or thumbnail of the file it came from.
    """
    bare = Image.frombytes("RGB", frame.size, frame.convert("RGB").tobytes())
    out = io.BytesIO()
    if exact:
        bare.save(out, "PNG")
    else:
        bare.save(out, "JPEG", quality=90)
    return out.getvalue()


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes, no more than it takes to see that it is too large. Raises PictureRefused ``picture_missing``."""
    try:
        if not path.is_file():
            raise PictureRefused(f"There is no file {path.name}.", "picture_missing")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise PictureRefused(f"The file {path.name} cannot be read.", "picture_missing") from None


def _frames(file: PictureFile) -> tuple[Image.Image, ...]:
    """Return the frames that are looked at, without repeats. Raises whatever Pillow raises."""
    last = file.frames - 1
    wanted = {round(step * last / (FRAMES_LOOKED_AT - 1)) for step in range(FRAMES_LOOKED_AT)}
    kept: list[Image.Image] = []
    with Image.open(io.BytesIO(file.raw), formats=(file.format,)) as image:
        # A JPEG is decoded at a half, a quarter or an eighth where that is enough.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        for number in range(file.frames):
            if number:
                image.seek(number)
            image.load()
            if number in wanted:
                frame = _frame(image, file.turned)
                if not kept or frame.tobytes() != kept[-1].tobytes():
                    kept.append(frame)
    return tuple(kept)


def _frame(image: Image.Image, turned: int) -> Image.Image:
    """Return one frame in RGB, upright and reduced. Works in bands, so that no second whole picture is held."""
    clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    factor = -(-max(image.size) // LONGEST_SIDE)
    rows = max(1, _BAND // image.width // factor) * factor
    small = Image.new("RGBA" if clear else "RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        if band.mode.startswith("I;16"):
            band = Image.fromarray((np.asarray(band) >> 8).astype(np.uint8))
        band = band.convert(small.mode)
        small.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    flat = _on_ground(small) if clear else small
    return flat.transpose(_TURNS[turned]) if turned in _TURNS else flat


def _on_ground(clear: Image.Image) -> Image.Image:
    """Return the picture on what makes it visible where it is clear: white, or a dark grey for light signs."""
    alpha = clear.getchannel("A")
    weights = alpha.histogram()
    seen = sum(count * value for value, count in enumerate(weights)) or 1
    light = ImageChops.multiply(clear.convert("L"), alpha).histogram()
    mean = sum(count * value for value, count in enumerate(light)) * 255 / seen
    flat = Image.new("RGBA", clear.size, (70, 70, 70, 255) if mean > 200 and weights[0] else (255, 255, 255, 255))
    flat.alpha_composite(clear)
    return flat.convert("RGB")

"""Takes a picture's file apart without decoding it, holds it to the limits, and keeps only the parts that show the picture.

Metadata, comments, colour profiles, thumbnails and whatever stands behind the picture's end are dropped here, before any
decoder sees them: they are where small files that unpack to gigabytes hide. Formats are recognised by their bytes, never by
their name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from moothall.words import DomainError

Format = Literal["JPEG", "PNG", "GIF", "WebP"]

#: Every format taken, with the endings and media types it goes by. No other is opened, SVG (a program) least of all.
FORMATS: Final[dict[Format, tuple[str, ...]]] = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif", "pjpeg"),
    "PNG": ("png", "apng", "x-png", "vnd.mozilla.apng"),
    "GIF": ("gif",),
    "WebP": ("webp",),
}
#: What a name may claim besides; a name that claims neither claims nothing.
_OTHERS: Final = (
    *("svg", "svgz", "svg+xml", "bmp", "tif", "tiff", "ico", "avif", "heic", "heif", "pdf", "psd", "jp2", "jxl", "eps"),
    *("htm", "html", "exe", "zip", "mp4", "js"),
)
#: Largest file, in bytes.
MOST_BYTES: Final = 20 * 1024 * 1024
#: Most pixels of one frame. A 50-megapixel camera writes JPEG; the others cost more memory a pixel.
MOST_PIXELS: Final[dict[Format, int]] = {
    "JPEG": 52_000_000,
    "PNG": 40_000_000,
    "GIF": 20_000_000,
    "WebP": 20_000_000,
}
#: Most frames of an animation, and most pixels in all of them together.
MOST_FRAMES: Final = 1_000
MOST_PIXELS_IN_ALL: Final = 100_000_000
#: What is smaller on a side shows nothing; what is longer in proportion is no picture.
LEAST_SIDE: Final = 16
MOST_STRETCHED: Final = 50
#: Most passes of a progressive JPEG (encoders write about ten) and most chunks or blocks of another file: a short file
#: can hold so many of them that opening it takes hours.
MOST_SCANS: Final = 64
MOST_BLOCKS: Final = 200_000


class PictureRefused(DomainError):
    """This file cannot be used as a picture."""

    code = "picture_refused"


@dataclass(frozen=True, slots=True)
class PictureFile:
    """What a file says of itself: its size in pixels as stored, its frames, how it is turned (1–8, as in EXIF).

    ``raw`` is the file with only what shows the picture.
    """

    format: Format
    width: int
    height: int
    frames: int
    turned: int
    raw: bytes


def take_apart(raw: bytes, name: str = "") -> PictureFile:
    """Return what the file holds, within the limits. Decodes nothing.

    ``name``: the file's name or media type as it was given, "" where there is none. Raises PictureRefused, whose ``code`` is
    one of those in docs/reference/pictures.md.
    """
    if not raw:
        raise PictureRefused("The file is empty.", "picture_empty")
    if len(raw) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise PictureRefused(f"The file is too large. Pictures may have up to {most} MB.", "picture_too_large")
    kind = _kind(raw)
    claimed = _claimed(name)
    if claimed and claimed != kind:
        raise PictureRefused(
            f"The file says that it is {claimed}, but what is in it is {kind}. Please name it by what it is.",
            "picture_mislabelled",
        )
    try:
        file = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "WebP": _webp}[kind](raw)
    except (struct.error, IndexError):
        raise damaged() from None
    check_size(kind, file.width, file.height)
    if file.frames > MOST_FRAMES or (file.frames > 1 and file.frames * file.width * file.height > MOST_PIXELS_IN_ALL):
        raise PictureRefused(
            f"The animation has {file.frames:,} frames of {file.width} × {file.height} pixels. At most {MOST_FRAMES:,} frames "
            f"and {MOST_PIXELS_IN_ALL // 1_000_000} million pixels in all are opened.",
            "picture_too_many_frames",
        )
    return file


def check_size(kind: Format, width: int, height: int) -> None:
    """Hold a picture of this size in pixels to the limits. Raises PictureRefused."""
    if width * height > MOST_PIXELS[kind]:
        raise PictureRefused(
            f"The picture has {width:,} × {height:,} pixels. {kind} pictures may have up to "
            f"{MOST_PIXELS[kind] // 1_000_000} million in all; please make it smaller.",
            "picture_too_many_pixels",
        )
    if min(width, height) < LEAST_SIDE:
        raise PictureRefused(
            f"The picture is {width:,} × {height:,} pixels. With less than {LEAST_SIDE} on a side there is nothing to see.",
            "picture_too_small",
        )
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise PictureRefused(
            f"The picture is {width:,} × {height:,} pixels: more than {MOST_STRETCHED} times as long as it is wide.",
            "picture_too_stretched",
        )


def damaged() -> PictureRefused:
    """Return the refusal of a file that breaks its format's rules."""
    return PictureRefused("The file is damaged or cut off.", "picture_damaged")


def _too_slow() -> PictureRefused:
    return PictureRefused(
        "The file is cut into so many pieces that opening it would take too long. Please save the picture anew.",
        "picture_too_slow",
    )


def _kind(raw: bytes) -> Format:
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "WebP"
    # In UTF-16 every other byte is zero.
    if re.search(rb"<(\w+:)?svg\b", raw[:4096].replace(b"\0", b""), re.IGNORECASE):
        raise PictureRefused(
            "SVG drawings are not opened: they can hold programs. Please save it as PNG.", "picture_vector"
        )
    raise PictureRefused(f"This is not a {', '.join(FORMATS)} picture; no other kind is opened.", "picture_format")


def _claimed(name: str) -> str:
    last = name.lower().split(";")[0].strip().rpartition("/")[2].rpartition(".")[2]
    for kind, endings in FORMATS.items():
        if last in endings:
            return kind
    return last.upper() if last in _OTHERS else ""


_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _jpeg(raw: bytes) -> PictureFile:
    """ITU-T T.81, annex B. Kept: tables, frame, scans, and the two notes that say what the colours are."""
    kept, at, turned, scans = [raw[:2]], 2, 1, 0
    size: tuple[int, int] | None = None
    for _ in range(MOST_BLOCKS):
        if raw[at] != 0xFF:
            raise damaged()
        marker = raw[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            if size is None or not scans:
                raise damaged()
            return PictureFile("JPEG", *size, 1, turned, b"".join((*kept, b"\xff\xd9")))
        (length,) = struct.unpack_from(">H", raw, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(raw):
            raise damaged()
        body = raw[at + 4 : end]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if marker > 0xC2:
                raise PictureRefused("This rare kind of JPEG is not opened; please save it anew.", "picture_format")
            if size is not None:
                raise damaged()
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
        if marker == 0xE1 and body.startswith(b"Exif\0\0") and turned == 1:
            turned = _turned(body[6:])
        if marker == 0xDA:
            scans += 1
            if scans > MOST_SCANS:
                raise _too_slow()
            found = _MARKER.search(raw, end)
            if found is None:
                raise damaged()
            end = found.start()
        if marker in (0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD) or (
            (marker == 0xE0 and body.startswith(b"JFIF\0")) or (marker == 0xEE and body.startswith(b"Adobe"))
        ):
            kept.append(raw[at:end])
        at = end
    raise _too_slow()


_PNG_KEPT: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT")


def _png(raw: bytes) -> PictureFile:
    """PNG, third edition (W3C), with animation."""
    kept, announced, frames, turned = [raw[:8]], 0, 0, 1
    size: tuple[int, int] | None = None
    for name, at, end in _chunks(raw, 8, "big", check=4):
        body = raw[at + 8 : end - 4]
        if size is None:
            if name != b"IHDR":
                raise damaged()
            width, height = struct.unpack_from(">II", body)
            size = (width, height)
        elif name == b"IHDR":
            raise damaged()
        if name == b"acTL":
            (announced,) = struct.unpack_from(">I", body)
        elif name == b"fcTL":
            frames += 1
        elif name == b"eXIf":
            turned = _turned(body)
        if name in _PNG_KEPT:
            kept.append(raw[at:end])
        if name == b"IEND":
            # A huge count is named as what it is, before it is compared with what is there.
            if announced <= MOST_FRAMES and announced != frames:
                raise damaged()
            return PictureFile("PNG", *size, max(announced, 1), turned, b"".join(kept))
    raise damaged()


def _webp(raw: bytes) -> PictureFile:
    """WebP container specification; the sizes of still pictures from RFC 6386 and the lossless bitstream's."""
    (length,) = struct.unpack_from("<I", raw, 4)
    if length + 8 > len(raw):
        raise damaged()
    kept: list[bytes] = []
    size: tuple[int, int] | None = None
    frames, turned = 0, 1
    for name, at, end in _chunks(raw[: length + 8], 12, "little", check=0):
        body, whole = raw[at + 8 : end], raw[at:end]
        if size is None:
            if name == b"VP8X":
                size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
                # Of what follows only transparency and animation stay.
                whole = whole[:8] + bytes([body[0] & 0x12]) + whole[9:]
            elif name == b"VP8 ":
                width, height = struct.unpack_from("<HH", body, 6)
                size = (width & 0x3FFF, height & 0x3FFF)
            elif name == b"VP8L":
                (bits,) = struct.unpack_from("<I", body, 1)
                size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
            else:
                raise damaged()
        frames += name == b"ANMF"
        if name == b"EXIF":
            turned = _turned(body.removeprefix(b"Exif\0\0"))
        if name in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            kept.append(whole + b"\0" * (len(whole) % 2))
    if size is None:
        raise damaged()
    parts = b"WEBP" + b"".join(kept)
    return PictureFile("WebP", *size, max(frames, 1), turned, b"RIFF" + struct.pack("<I", len(parts)) + parts)


def _chunks(raw: bytes, at: int, order: Literal["big", "little"], check: int) -> Iterator[tuple[bytes, int, int]]:
    """Give each chunk's name, start and end, with its ``check`` bytes, to the end of the file. Raises PictureRefused."""
    for _ in range(MOST_BLOCKS):
        if at >= len(raw):
            return
        # PNG says the length first, RIFF the name, and pads to even lengths.
        one, other = raw[at : at + 4], raw[at + 4 : at + 8]
        name, length = (other, one) if order == "big" else (one, other)
        end = at + 8 + int.from_bytes(length, order) + check
        if end > len(raw):
            raise damaged()
        yield name, at, end
        at = end if order == "big" else end + end % 2
    raise _too_slow()


def _gif(raw: bytes) -> PictureFile:
    """GIF89a specification (W3C's copy). Kept: pictures, and the notes on time and transparency before each."""
    width, height, flags = struct.unpack_from("<HHB", raw, 6)
    at = 13 + _colours(flags)
    kept, frames, control = [raw[:at]], 0, b""
    blocks = 0

    def data_end(position: int) -> int:
        nonlocal blocks
        while length := raw[position]:
            position += 1 + length
            blocks += 1
            if blocks > MOST_BLOCKS:
                raise _too_slow()
        return position + 1

    while raw[at] != 0x3B:
        if raw[at] == 0x21:
            end = data_end(at + 2)
            if raw[at + 1] == 0xF9:
                control = raw[at:end]
        elif raw[at] == 0x2C:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", raw, at + 1)
            # The decoder grows the picture for a frame that reaches beyond it.
            width, height = max(width, left + wide), max(height, top + high)
            end = data_end(at + 11 + _colours(flags))
            frames += 1
            kept += [control, raw[at:end]]
            control = b""
        else:
            raise damaged()
        blocks += 1
        if blocks > MOST_BLOCKS:
            raise _too_slow()
        at = end
    if not frames:
        raise damaged()
    return PictureFile("GIF", width, height, frames, 1, b"".join((*kept, b";")))


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _turned(exif: bytes) -> int:
    """Return how the camera was held, 1–8 (TIFF 6.0, tag 274). Any damage means upright: it is no reason to refuse."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    try:
        if order is not None:
            (at,) = struct.unpack_from(order + "I", exif, 4)
            (entries,) = struct.unpack_from(order + "H", exif, at)
            for number in range(min(entries, 512)):
                tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, at + 2 + 12 * number)
                if (tag, kind) == (0x0112, 3):
                    return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1

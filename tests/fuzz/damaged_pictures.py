"""Picture files with something wrong in them, by seed, and what the one place that opens pictures does with each.

    python tests/fuzz/damaged_pictures.py [--files 10000] [--seed 1]

Every file is opened in this one process: it is either a picture, whose frames can be read to the last pixel and written anew, or
refused with a reason and a code. Anything else ends with 1 and names the seed, and so does a file that takes more than
MOST_SECONDS, and the whole when it needs more than MOST_MEGABYTES. Bytes are changed, dropped, doubled, moved and cut
off; sizes and counts in headers are made huge; formats are spliced together; half of the damage is placed where the
format's own structure stays whole, so that it reaches the decoder.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import resource
import struct
import sys
import time
import zlib
from collections import Counter
from functools import lru_cache

from PIL import Image, ImageDraw

from moothall.signals.picture_files import take_apart
from moothall.signals.pictures import LONGEST_SIDE, PictureRefused, clean_copy, decode

#: Processor time for one file, and memory for all of them in one process with the library's own.
MOST_SECONDS = 20
MOST_MEGABYTES = 1_000
CODES = {
    "picture_empty",
    "picture_too_large",
    "picture_too_many_pixels",
    "picture_too_many_frames",
    "picture_too_small",
    "picture_too_stretched",
    "picture_too_slow",
    "picture_vector",
    "picture_format",
    "picture_mislabelled",
    "picture_damaged",
}


def drawn(mode: str = "RGB", side: int = 96, shift: int = 0) -> Image.Image:
    """Return a small picture with shapes in it."""
    picture = Image.new("RGBA", (side, side - 20), (200, 220, 240, 255))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10 + shift, 10, 60 + shift, 60), fill=(20, 90, 60, 255))
    draw.line((0, 0, side, side), fill=(200, 30, 30, 120), width=5)
    return picture.convert(mode)


def written(picture: Image.Image, kind: str, **more: object) -> bytes:
    """Return the picture as a file of that format."""
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


@lru_cache(maxsize=1)
def sound() -> tuple[tuple[str, bytes], ...]:
    """Return whole files, each with its name: every format that is taken, in its modes, still and animated."""
    frames = [drawn("RGB", shift=step * 6) for step in range(5)]
    exif = Image.Exif()
    exif[0x0112] = 6
    return (
        ("a.jpg", written(drawn(), "JPEG", quality=85)),
        ("a.jpg", written(drawn(), "JPEG", quality=60, progressive=True)),
        ("a.jpg", written(drawn("L"), "JPEG", exif=exif)),
        ("a.jpg", written(drawn("CMYK"), "JPEG")),
        ("a.png", written(drawn("RGBA"), "PNG")),
        ("a.png", written(drawn("P"), "PNG")),
        ("a.png", written(drawn("L").convert("I;16"), "PNG")),
        ("a.png", written(drawn("1"), "PNG")),
        ("a.png", written(frames[0], "PNG", save_all=True, append_images=frames[1:])),
        ("a.gif", written(drawn("P"), "GIF")),
        ("a.gif", written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40)),
        ("a.webp", written(drawn("RGBA"), "WEBP", quality=70)),
        ("a.webp", written(drawn(), "WEBP", lossless=True)),
        ("a.webp", written(frames[0], "WEBP", save_all=True, append_images=frames[1:])),
    )


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that unpacks to width × height pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(min(width * 3 + 1, 10_000_000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def damaged(seed: int) -> tuple[str, bytes]:
    """Return a file with one to six things wrong in it, and the name it goes by."""
    chance = random.Random(seed)
    name, raw = chance.choice(sound())
    if chance.random() < 0.02:
        return name, bomb(chance.choice((9_000, 60_000, 2**31 - 1)), chance.choice((9_000, 60_000, 2**31 - 1)))
    if chance.random() < 0.02:
        return name, chance.randbytes(chance.randrange(400))
    if chance.random() < 0.05:
        name = chance.choice(("a.png", "a.jpg", "a.gif", "a.webp", "a.svg", "a", ""))
    if chance.random() < 0.5:
        return name, _damaged_inside(raw, chance)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(max(1, len(raw)))
        end = min(len(raw), at + chance.randrange(1, 60))
        kind = chance.randrange(9)
        if kind == 0:
            raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        elif kind == 1:
            raw = raw[:at] + chance.randbytes(end - at) + raw[end:]
        elif kind == 2:
            raw = raw[:at] + raw[end:]
        elif kind == 3:
            raw = raw[:at] + raw[at:end] * chance.randint(2, 20) + raw[end:]
        elif kind == 4:
            raw = raw[: max(12, at)]
        elif kind == 5:
            # Most sizes and counts stand at the front.
            front = chance.randrange(min(60, len(raw) or 1))
            raw = (
                raw[:front]
                + chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00"))
                + raw[front + 4 :]
            )
        elif kind == 6:
            other = chance.choice(sound())[1]
            raw = raw[:at] + other[chance.randrange(len(other)) :]
        elif kind == 7:
            raw = _with_sums_set_right(raw, chance)
        else:
            raw = raw[:at] + bytes(byte ^ 1 << chance.randrange(8) for byte in raw[at:end]) + raw[end:]
    return name, raw


def _damaged_inside(raw: bytes, chance: random.Random) -> bytes:
    """Return the file with one to eight bytes changed in what only the decoder reads: its lengths and checksums are right."""
    if raw.startswith(b"\x89PNG"):
        return _with_sums_set_right(raw, chance)
    # Behind the first headers; a JPEG's markers stay what they are.
    first = {b"\xff\xd8": rb"\xff\xdb", b"GI": rb"\x2c", b"RI": rb"VP8[ L]|ALPH"}[raw[:2]]
    found = re.search(first, raw)
    assert found is not None
    bytes_ = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(found.end() + 10, len(raw) - 4)
        if 0xFF not in raw[at - 1 : at + 2]:
            bytes_[at] = chance.randrange(255)
    return bytes(bytes_)


def _with_sums_set_right(raw: bytes, chance: random.Random) -> bytes:
    """Return a PNG with a byte of a chunk changed and its checksum right, so that the damage gets past the first check."""
    if not raw.startswith(b"\x89PNG"):
        return raw
    out, at = raw[:8], 8
    while at + 12 <= len(raw):
        (length,) = struct.unpack(">I", raw[at : at + 4])
        data = bytearray(raw[at + 8 : at + 8 + length])
        if data and chance.random() < 0.3:
            data[chance.randrange(len(data))] = chance.randrange(256)
        out += chunk(raw[at + 4 : at + 8], bytes(data))
        at += 12 + length
    return out


def outcome(name: str, raw: bytes) -> str:
    """Return "opened", or the code of the refusal, with "by the decoder" where the file's structure was whole.

    Raises AssertionError where what came back is neither.
    """
    whole = False
    try:
        take_apart(raw, name)
        whole = True
        picture = decode(raw, name=name)
    except PictureRefused as refusal:
        if refusal.code not in CODES or not refusal.message.endswith("."):
            raise AssertionError(f"{refusal.code}: {refusal.message}") from refusal
        return refusal.code + " by the decoder" * whole
    assert picture.frames
    for frame in picture.frames:
        assert frame.mode == "RGB"
        assert max(frame.size) <= LONGEST_SIDE
        assert len(frame.tobytes()) == frame.width * frame.height * 3
    assert decode(clean_copy(picture.frames[-1])).frames[0].size == picture.frames[-1].size
    return "opened"


def main() -> int:
    """Open the files one by one; return 0 where each was opened or refused."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest, begun = (0.0, 0), time.process_time()
    for number in range(asked.seed, asked.seed + asked.files):
        name, raw = damaged(number)
        at = time.process_time()
        try:
            counts[outcome(name, raw)] += 1
        except Exception as error:
            print(f"seed {number}: {name}, {len(raw)} bytes: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
        slowest = max(slowest, (time.process_time() - at, number))
        if slowest[0] > MOST_SECONDS:
            print(f"seed {number}: {name}, {len(raw)} bytes: took {slowest[0]:.0f} s", file=sys.stderr)
            return 1
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{asked.files} files in {time.process_time() - begun:.0f} s of processor time, "
        f"slowest {slowest[0]:.2f} s (seed {slowest[1]}); most memory {megabytes} MB"
    )
    for code, count in counts.most_common():
        print(f"  {code:<40}{count:>7}")
    if megabytes > MOST_MEGABYTES:
        print(f"more than {MOST_MEGABYTES} MB were needed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

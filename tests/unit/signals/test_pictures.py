from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from tests.fuzz.damaged_pictures import bomb, chunk, damaged, drawn, outcome, sound, written

from moothall.signals import picture_files, pictures
from moothall.signals.pictures import PictureRefused, clean_copy, decode


def gif(frames: int, at: tuple[int, int] = (0, 0)) -> bytes:
    """Return an animation of single dots on 32 × 32 pixels."""
    dot = b"," + struct.pack("<HHHHB", *at, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HHBBB", 32, 32, 0xF0, 0, 0) + bytes(6) + dot * frames + b";"


def webp_of_size(width: int, height: int) -> bytes:
    """Return an animation that claims this size and has one small frame."""
    raw = bytearray(written(drawn(), "WEBP", save_all=True, append_images=[drawn(shift=9)]))
    raw[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(raw)


def refused(raw: bytes | Path | Image.Image, name: str = "") -> str:
    with pytest.raises(PictureRefused) as refusal:
        decode(raw, name=name)
    return refusal.value.code


@pytest.mark.parametrize("number", range(len(sound())))
def test_every_whole_file_is_opened_in_colour_and_whole(number: int) -> None:
    name, raw = sound()[number]
    picture = decode(raw, name=name)
    assert {frame.mode for frame in picture.frames} == {"RGB"}
    assert sorted((picture.width, picture.height)) == [76, 96]
    assert all(sorted(frame.size) == [76, 96] for frame in picture.frames)


def test_a_picture_stands_upright_as_the_camera_was_held() -> None:
    lying = Image.new("RGB", (60, 40), "white")
    lying.paste("black", (0, 0, 20, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(written(lying, "JPEG", exif=exif, quality=95))
    assert (picture.width, picture.height) == (40, 60)
    assert picture.frames[0].getpixel((20, 5)) < (40, 40, 40)
    assert picture.frames[0].getpixel((20, 50)) > (220, 220, 220)


def test_the_frames_of_an_animation_are_looked_at_over_its_whole_length() -> None:
    shades = [Image.new("RGB", (40, 40), (step * 8, 0, 0)) for step in range(30)]
    picture = decode(written(shades[0], "PNG", save_all=True, append_images=shades[1:]))
    assert picture.frames_in_all == 30
    assert len(picture.frames) == pictures.FRAMES_LOOKED_AT
    assert picture.frames[0].getpixel((5, 5)) == (0, 0, 0)
    assert picture.frames[-1].getpixel((5, 5)) == (232, 0, 0)


def test_a_light_sign_on_nothing_stays_visible() -> None:
    sign = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    sign.paste((255, 255, 255, 255), (20, 20, 40, 40))
    frame = decode(written(sign, "PNG")).frames[0]
    assert frame.getpixel((30, 30)) == (255, 255, 255)
    assert frame.getpixel((5, 5)) < (100, 100, 100)


def test_sixteen_bit_greys_keep_their_shades() -> None:
    ramp = Image.new("I;16", (40, 40))
    for x in range(40):
        for y in range(40):
            ramp.putpixel((x, y), x * 1600)
    frame = decode(written(ramp, "PNG")).frames[0]
    assert [frame.getpixel((x, 3))[0] for x in (0, 20, 39)] == pytest.approx([0, 125, 243], abs=2)


def test_a_file_cut_off_anywhere_is_refused() -> None:
    for name, raw in sound():
        cuts = {refused(raw[:length], name) for length in range(16, len(raw) - 1, 7)} | {refused(raw[:-1], name)}
        assert cuts == {"picture_damaged"}, name


def test_print_colours_are_shown_as_they_were_meant() -> None:
    frame = decode(written(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", quality=95)).frames[0]
    red, green, blue = frame.getpixel((20, 20))
    assert red > 240
    assert max(green, blue) < 20


def test_a_large_picture_is_reduced_whole_and_in_proportion() -> None:
    wide = drawn("RGB", side=220).resize((5000, 3000))
    for kind in ("PNG", "JPEG"):
        picture = decode(written(wide, kind))
        assert (picture.width, picture.height) == (5000, 3000)
        frame = picture.frames[0]
        assert 1_024 <= frame.width <= pictures.LONGEST_SIDE
        assert abs(frame.width / frame.height - 5 / 3) < 0.01
        apart = ImageChops.difference(frame, wide.resize(frame.size, Image.Resampling.BOX)).convert("L").histogram()
        assert sum(apart[40:]) < 0.002 * frame.width * frame.height


def test_what_is_clear_does_not_bleed_into_what_is_seen() -> None:
    sign = Image.new("RGBA", (4200, 400), (0, 255, 0, 0))
    sign.paste((255, 0, 0, 255), (0, 0, 2101, 400))
    frame = decode(written(sign, "PNG")).frames[0]
    assert frame.getpixel((frame.width // 4, 20)) == (255, 0, 0)
    assert all(frame.getpixel((x, 20))[1] == frame.getpixel((x, 20))[2] for x in range(frame.width))


def test_an_animation_that_drifts_slowly_shows_its_end_and_one_that_stands_still_is_one_frame() -> None:
    for kind in ("GIF", "WEBP", "PNG"):
        drift = [Image.new("RGB", (40, 40), (step * 4, 0, 0)) for step in range(24)]
        frames = decode(written(drift[0], kind, save_all=True, append_images=drift[1:], lossless=True)).frames
        assert frames[-1].getpixel((5, 5))[0] >= 84, kind
    still = drawn()
    raw = written(still, "WEBP", save_all=True, append_images=[still, drawn(shift=9)], minimize_size=False)
    assert len(decode(raw).frames) == 2


def test_nothing_but_pixels_is_left_in_a_clean_copy() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET camera"
    exif.get_ifd(0x8825)[1] = "SECRET place"
    for kind in ("JPEG", "PNG", "WEBP"):
        raw = written(drawn(), kind, exif=exif, icc_profile=b"SECRET profile", xmp=b"SECRET notes", comment=b"SECRET")
        raw += b"SECRET <script>PK\x03\x04"
        assert raw.count(b"SECRET") > 2
        frame = decode(raw).frames[0]
        for copy in (clean_copy(frame), clean_copy(frame, exact=True)):
            assert b"SECRET" not in copy
            assert b"<script>" not in copy
            assert set(Image.open(io.BytesIO(copy)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert decode(clean_copy(frame, exact=True)).frames[0].tobytes() == frame.tobytes()


def test_a_second_picture_behind_the_first_is_not_looked_at() -> None:
    """Cameras put depth and light there; others, whatever they wish."""
    both = io.BytesIO()
    drawn().save(both, "MPO", save_all=True, append_images=[Image.new("RGB", (300, 300))])
    picture = decode(both.getvalue(), name="DSC_0001.JPG")
    assert (picture.format, picture.width, picture.frames_in_all) == ("JPEG", 96, 1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "picture_empty"),
        (b"hello, this is a text", "picture_format"),
        (b"BM" + bytes(200), "picture_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_vector"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><svg/>", "picture_vector"),
        ("<?xml version='1.0'?><svg/>".encode("utf-16"), "picture_vector"),
        (written(Image.new("RGB", (8, 300)), "PNG"), "picture_too_small"),
        (written(Image.new("RGB", (20, 2000)), "PNG"), "picture_too_stretched"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def test_a_name_that_says_something_else_is_refused_and_no_name_is_not() -> None:
    raw = written(drawn(), "JPEG")
    assert refused(raw, "holiday.png") == "picture_mislabelled"
    assert refused(raw, "image/webp") == "picture_mislabelled"
    assert refused(raw, "drawing.svg") == "picture_mislabelled"
    for name in ("", "holiday.jpeg", "image/jpeg; charset=binary", "application/octet-stream", "photo.2026"):
        assert decode(raw, name=name).format == "JPEG"


def test_a_path_is_read_and_its_name_believed(tmp_path: Path) -> None:
    good, wrong = tmp_path / "a.jpg", tmp_path / "a.gif"
    for path in (good, wrong):
        path.write_bytes(written(drawn(), "JPEG"))
    assert decode(good).width == 96
    assert refused(wrong) == "picture_mislabelled"
    assert refused(tmp_path / "none.jpg") == "picture_missing"
    assert refused(tmp_path) == "picture_missing"


def test_size_is_checked_before_a_file_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(picture_files.MOST_BYTES + 1)
    assert refused(huge) == "picture_too_large"
    assert refused(bytes(picture_files.MOST_BYTES + 1)) == "picture_too_large"


def test_pixels_and_frames_are_counted_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded before it was checked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    assert refused(bomb(9_000, 9_000)) == "picture_too_many_pixels"
    assert refused(bomb(60_000, 60_000)) == "picture_too_many_pixels"
    claim = written(drawn(), "PNG", save_all=True, append_images=[drawn(shift=9)])
    at = claim.index(b"acTL") + 4
    many = claim[: at - 8] + chunk(b"acTL", (5_000).to_bytes(4, "big") + bytes(4)) + claim[at + 12 :]
    assert refused(many) == "picture_too_many_frames"
    assert refused(gif(1_001)) == "picture_too_many_frames"
    assert refused(gif(1, at=(60_000, 60_000))) == "picture_too_many_pixels"
    assert refused(webp_of_size(16_000, 16_000)) == "picture_too_many_pixels"


def test_a_short_file_that_would_take_hours_is_refused() -> None:
    raw = written(drawn(), "JPEG", progressive=True)
    scan = raw[raw.rindex(b"\xff\xda") : -2]
    assert refused(raw[:-2] + scan * 100 + raw[-2:]) == "picture_too_slow"
    assert refused(gif(1)[:-1] + b"\x21\xfe" + b"\x01x" * 300_000 + b"\0;") == "picture_too_slow"
    png = written(drawn(), "PNG")
    assert refused(png[:33] + chunk(b"tEXt", b"a\0b") * 300_000 + png[33:]) == "picture_too_slow"


def test_small_files_that_unpack_to_very_much_cost_no_memory() -> None:
    """In a process of its own, whose memory is held to what an honest picture needs."""
    code = r"""
import struct, zlib
from pathlib import Path
from tests.fuzz.damaged_pictures import bomb, chunk, drawn, written
from moothall.signals.pictures import PictureRefused, decode
packer = zlib.compressobj(1)
unpacked = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
entries = b"".join(struct.pack("<HHII", tag, 7, 3_000_000, 0) for tag in range(1, 5_000))
# Each of five thousand notes says that it is the whole of the same three megabytes.
notes = b"II*" + bytes([0]) + struct.pack("<IH", 8, 4_999) + entries + bytes(3_000_000)
png, jpeg = written(drawn(), "PNG"), written(drawn(), "JPEG")
parts = [notes[at : at + 65_000] for at in range(0, len(notes), 65_000)]
segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 8) + b"Exif" + bytes(2) + part for part in parts)
raws = [
    bomb(30_000, 30_000),
    bomb(2**31 - 1, 2**31 - 1),
    png[:33] + chunk(b"iCCP", b"a" + bytes(2) + unpacked) + png[33:],
    png[:33] + chunk(b"iTXt", b"a" + bytes([0, 1, 0, 0, 0]) + unpacked) + png[33:],
    png[:33] + chunk(b"eXIf", notes) + png[33:],
    jpeg[:2] + segments + jpeg[2:],
    png[:33] + chunk(b"IDAT", unpacked) + chunk(b"IEND", b""),
]


def most():
    # Kilobytes at the peak; unlike getrusage's, not inherited from the process that started this one.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])


before = most()
for raw in raws:
    try:
        decode(raw)
        print("opened")
    except PictureRefused as refusal:
        print(refusal.code)
print(most() - before < 60_000)
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )
    *codes, bounded = done.stdout.split()
    assert codes[:2] == ["picture_too_many_pixels"] * 2
    assert codes[2:6] == ["opened"] * 4
    assert codes[6] in ("opened", "picture_damaged")
    assert bounded == "True"


def test_the_largest_pictures_allowed_stay_under_600_megabytes(tmp_path: Path) -> None:
    """The whole process, each picture in one of its own. A progressive JPEG in print colours costs most."""
    large = drawn("RGB", side=600).resize((7_200, 7_200), Image.Resampling.NEAREST)
    files = {
        "a.jpg": written(large.convert("CMYK"), "JPEG", progressive=True, quality=30),
        "a.png": written(large.crop((0, 0, 6_300, 6_300)).convert("RGBA"), "PNG", compress_level=1),
        "a.webp": written(large.crop((0, 0, 4_470, 4_470)).convert("RGBA"), "WEBP", lossless=True, method=0, quality=0),
        "a.gif": written(large.crop((0, 0, 4_470, 4_470)), "GIF"),
    }
    code = r"""
import sys
from pathlib import Path
from moothall.signals.pictures import decode
decode(sys.argv[1])
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True, timeout=120, check=True
        )
        assert int(done.stdout) < 600_000, name


def test_a_pillow_image_is_held_to_the_same_limits() -> None:
    assert decode(drawn("RGBA")).frames[0].mode == "RGB"
    assert refused(Image.new("1", (9_000, 9_000))) == "picture_too_many_pixels"
    half = written(drawn(), "JPEG")
    assert refused(Image.open(io.BytesIO(half[: len(half) // 2]))) == "picture_damaged"


def test_three_hundred_damaged_files_are_opened_or_refused_each_with_its_reason() -> None:
    outcomes = {outcome(*damaged(seed)) for seed in range(300)}
    assert {"opened", "picture_damaged", "picture_format", "picture_too_many_pixels", "picture_mislabelled"} <= outcomes

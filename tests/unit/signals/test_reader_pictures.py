"""What a comment's picture adds to its reading: a ground to be looked at, with the picture and the place, never certainty."""

from __future__ import annotations

import io

import pytest
from bench.gallery.alter import saved
from bench.gallery.compose import poster
from PIL import Image

from moothall.policy import default_policy
from moothall.reading.comment import read_and_assess
from moothall.signals import PictureIndex, Reader, Registers, Row

COMMENT = "Is the market on this Tuesday?"


@pytest.fixture(scope="module")
def reader() -> Reader:
    index = PictureIndex()
    for number in (503, 504):
        index.add(saved(poster(number)), f"poster {number}")
    return Reader(Registers(own_pictures=index))


@pytest.fixture(scope="module")
def copy() -> bytes:
    """One of the council's posters on somebody's wall."""
    shown, original = Image.new("RGB", (1200, 1200), (90, 120, 70)), poster(503)
    original.thumbnail((600, 800))
    shown.paste(original, (400, 200))
    return saved(shown)


def test_a_copy_gives_the_ground_with_the_picture_and_its_place(reader: Reader, copy: bytes) -> None:
    signal = reader.read(COMMENT, image=copy).grounds["brand_misuse"]
    assert signal.phase == "pictures"
    (evidence,) = signal.evidence
    assert evidence.text.startswith("own picture poster 503 at ")
    assert (evidence.start, evidence.end) == (0, 0)


def test_however_alike_it_leaves_the_reading_unsure(reader: Reader) -> None:
    read = reader.read(COMMENT, image=saved(poster(503)))
    assert "brand_misuse" in read.grounds
    assert read.unsure


def test_the_house_rules_look_at_it_and_recommend_nothing(copy: bytes, reader: Reader) -> None:
    class WithThePicture:
        def read(self, comment, post=None, *, repeats=None):
            return reader.read(comment, post, repeats=repeats, image=copy)

    _, assessed = read_and_assess(WithThePicture(), default_policy(), COMMENT)
    assert "our-identity" in [clause.id for clause in assessed.clauses]
    assert assessed.recommended == "ignore"


def test_another_picture_and_none_add_nothing(reader: Reader) -> None:
    without = reader.read(COMMENT)
    assert reader.read(COMMENT, image=saved(poster(903))) == without
    assert "brand_misuse" not in without.grounds


def test_without_an_index_no_picture_is_opened(copy: bytes) -> None:
    assert "brand_misuse" not in Reader().read(COMMENT, image=copy).grounds


@pytest.mark.parametrize("image", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", "/no/such/picture.png"])
def test_a_file_that_cannot_be_opened_keeps_no_comment_from_being_read(reader: Reader, image: bytes | str) -> None:
    assert reader.read(COMMENT, image=image) == reader.read(COMMENT)


def test_several_are_read_each_with_its_own_picture(reader: Reader, copy: bytes) -> None:
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "teal").save(out, "PNG")
    rows = [Row(COMMENT), Row(COMMENT, image=copy), {"comment": COMMENT, "image": out.getvalue()}]
    assert ["brand_misuse" in read.grounds for read in reader.read_many(rows)] == [False, True, False]

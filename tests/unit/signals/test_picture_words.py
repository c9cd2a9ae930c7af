from __future__ import annotations

import subprocess
import sys
from time import monotonic

import pytest
from PIL import Image, ImageDraw, ImageFont

from moothall.signals import picture_words
from moothall.signals.picture_words import words_added


def notice(*lines: str) -> Image.Image:
    """A notice with large plain letters, in the face that Pillow brings."""
    image = Image.new("RGB", (640, 90 * len(lines) + 40), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 90 * number), line, fill=(10, 40, 60), font=ImageFont.load_default(48))
    return image


ORIGINAL = notice("Garden waste", "Free for residents")


def test_words_that_the_original_does_not_have_are_named() -> None:
    assert words_added(notice("Garden waste", "Banned for residents"), ORIGINAL) == ("Banned",)


def test_the_same_words_smaller_and_fainter_are_nothing_new() -> None:
    fainter = ORIGINAL.resize((480, 165)).point(lambda value: 60 + value * 3 // 4)
    assert words_added(fainter, ORIGINAL) == ()


def test_a_picture_without_words_has_none() -> None:
    assert words_added(Image.new("RGB", (300, 200), "teal"), ORIGINAL) == ()


def test_a_strip_takes_no_longer_than_a_whole_picture_and_its_words_are_read() -> None:
    """Blown up as it is, a strip of 16 × 800 pixels became 27 million pixels and took minutes."""
    words_added(ORIGINAL, ORIGINAL)
    began = monotonic()
    assert words_added(Image.new("RGB", (16, 800), "white"), Image.new("RGB", (16, 800), "white")) == ()
    assert monotonic() - began < 20
    assert words_added(notice("Banned").crop((0, 20, 640, 110)), ORIGINAL) == ("Banned",)


def test_without_the_reader_of_words_it_is_not_said_that_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    picture_words._reader.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    assert words_added(ORIGINAL, ORIGINAL) is None
    monkeypatch.undo()
    picture_words._reader.cache_clear()


def test_reading_words_opens_no_connection_and_says_nothing_of_itself() -> None:
    code = (
        "import socket\n"
        "def refused(*a, **k): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = refused\n"
        "from PIL import Image\n"
        "from moothall.signals.picture_words import words_added\n"
        "print(words_added(Image.new('RGB', (200, 100), 'white'), Image.new('RGB', (200, 100), 'white')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "()\n"
    assert done.stderr == ""

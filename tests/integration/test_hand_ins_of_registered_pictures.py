"""A picture handed in is held against the council's own pictures, and the one it shows is laid beside it."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from PIL import Image, ImageDraw, ImageFont

from moothall.council.actions import register_picture, remove_picture
from moothall.council.queries import own_pictures
from moothall.moderation.handing_in import Upload, hand_in
from moothall.moderation.models import HandIn
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    own_pictures.cache_clear()
    with time_machine.travel(cast.MONDAY, tick=False):
        yield


@pytest.fixture
def amina(db: None) -> Officer:
    cast.rules()
    cast.channel(platform="x", account="thornburybc")
    return cast.officer()


def graphic(seed: int) -> Image.Image:
    """A picture with much in it to find again: no two seeds share more than the idea."""
    dice = random.Random(seed)
    image = Image.new("RGB", (480, 360), (250, 250, 245))
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, size = dice.randrange(480), dice.randrange(360), dice.randrange(6, 40)
        colour = tuple(dice.randrange(256) for _ in range(3))
        (draw.ellipse if dice.random() < 0.5 else draw.rectangle)((x, y, x + size, y + size // 2), fill=colour)
    return image


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def doctored() -> Image.Image:
    image = graphic(1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 120, 400, 200), fill=(160, 10, 10))
    draw.text((135, 135), "Cancelled", fill="white", font=ImageFont.load_default(48))
    return image


def handed(officer: Officer, image: Image.Image, **more: Upload) -> HandIn:
    return hand_in(
        officer=officer, description="On a page of its own.", seen_at=cast.MONDAY, picture=Upload(png(image)), **more
    )


def test_the_registered_original_is_laid_beside_a_doctored_copy_and_the_difference_is_marked(amina: Officer) -> None:
    original = png(graphic(1))
    register_picture(original, file_name="Winter services.png", officer=amina)
    register_picture(png(graphic(2)), file_name="Summer services.png", officer=amina)
    made = handed(amina, doctored())
    found = made.compared["register"]
    assert found["name"] == "Winter services"
    assert found["altered"] is True
    assert found["words"] == ["Cancelled"]
    assert made.our_picture is not None
    assert made.our_picture.given_sha256 == hashlib.sha256(original).hexdigest()
    assert made.compared["marked"]
    client = Client()
    client.force_login(amina)
    page = client.get(f"/hand-ins/{made.pk}/").content.decode()
    assert "Winter services" in page
    assert "something in it was changed" in page
    assert "Cancelled" in page


def test_a_picture_that_shows_none_of_ours_and_one_that_was_removed_are_laid_beside_nothing(amina: Officer) -> None:
    kept = register_picture(png(graphic(1)), file_name="Winter services.png", officer=amina)
    assert handed(amina, graphic(3)).our_picture is None
    remove_picture(kept.pk, officer=amina, reason="It is out of date.")
    made = handed(amina, doctored())
    assert made.our_picture is None
    assert "register" not in made.compared


def test_the_officers_own_choice_of_original_stands(amina: Officer) -> None:
    register_picture(png(graphic(1)), file_name="Winter services.png", officer=amina)
    made = handed(amina, doctored(), our_picture=Upload(png(graphic(2))))
    assert "register" not in made.compared
    assert made.our_picture is not None
    assert made.our_picture.given_sha256 == hashlib.sha256(png(graphic(2))).hexdigest()

"""Where a copy differs from the original when it is laid on it as it is."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageOps

from moothall.signals.picture_difference import differing_regions


def poster(words: str = "Council tax: how to pay", size: tuple[int, int] = (900, 1200)) -> Image.Image:
    image = Image.new("RGB", (900, 1200), "#0b4a46")
    draw = ImageDraw.Draw(image)
    for step in range(12):
        draw.rectangle((60 + 50 * step, 60, 100 + 50 * step, 120 + 50 * step), fill=(20 * step, 200 - 10 * step, 180))
    draw.text((90, 800), words, fill="white", font_size=64)
    return image.resize(size, Image.Resampling.LANCZOS)


def saved_again(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def test_a_changed_word_is_marked_where_it_stands_and_nothing_else():
    (region,) = differing_regions(poster("Council tax: refunds now"), poster()) or ()
    x, y, width, height = region
    # The text runs from 90 to about 800 of 900 pixels across, from 800 to 880 of 1,200 down; its beginning is the same.
    assert x >= 350
    assert x + width <= 950
    assert y >= 600
    assert y + height <= 800


def test_two_places_far_apart_are_two_regions_from_the_top_on():
    theirs = poster()
    ImageDraw.Draw(theirs).rectangle((700, 20, 860, 180), fill="red")
    ImageDraw.Draw(theirs).rectangle((40, 1040, 200, 1160), fill="red")
    first, second = differing_regions(theirs, poster()) or ()
    assert first[1] < 200
    assert second[1] > 800


@pytest.mark.parametrize("quality", [40, 60, 90])
@pytest.mark.parametrize("size", [(900, 1200), (450, 600), (1400, 1866)])
def test_saving_again_and_another_size_are_no_difference(quality, size):
    assert differing_regions(saved_again(poster(size=size), quality), poster()) == ()


def test_what_does_not_lie_on_the_original_is_not_marked_at_all():
    assert differing_regions(poster().crop((0, 0, 900, 900)), poster()) is None
    assert differing_regions(ImageOps.mirror(ImageOps.invert(poster())), poster()) is None

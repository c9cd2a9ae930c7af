from __future__ import annotations

import io
import random
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any

import numpy as np
import pytest
from bench.gallery.alter import FAMILIES, saved
from bench.gallery.compose import logo, poster, scene, stranger
from PIL import Image, ImageOps

from moothall.signals.picture_features import Features, FeaturesOutdated, features_of, inverted, mirrored
from moothall.signals.picture_index import PictureIndex, PictureMemory, Reference
from moothall.signals.picture_search import PointSearch
from moothall.signals.pictures import PictureRefused

POSTERS, SCENES, LOGOS = range(500, 530), range(700, 706), (0, 3, 5)


@pytest.fixture(scope="module")
def store() -> PictureMemory:
    memory = PictureMemory()
    index = PictureIndex(memory)
    for number in POSTERS:
        index.add(poster(number), ("poster", number))
    for number in SCENES:
        index.add(saved(scene(number), 95), ("scene", number))
    for number in LOGOS:
        index.add(logo(number), ("logo", number))
    return memory


@pytest.fixture(scope="module")
def index(store: PictureMemory) -> PictureIndex:
    return PictureIndex(store)


def altered(family: str, picture: Image.Image, strength: int = 1, seed: int = 5) -> bytes:
    return saved(FAMILIES[family](picture, strength, random.Random(seed)))


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "logo"])
@pytest.mark.parametrize(("kind", "number"), [("scene", 702), ("poster", 503)])
def test_a_copy_is_found_through_each_kind_of_alteration(
    index: PictureIndex, family: str, kind: str, number: int
) -> None:
    original = scene(number) if kind == "scene" else poster(number)
    found = index.find(altered(family, original))
    assert found
    assert found[0].id == (kind, number)


@pytest.mark.parametrize("number", [900, 901, 902, 903, 904, 905, 906, 907])
def test_another_poster_in_the_same_style_is_no_match_for_posters_or_logo(index: PictureIndex, number: int) -> None:
    assert index.find(saved(poster(number))) == []


def test_somebody_elses_pictures_are_no_match(index: PictureIndex) -> None:
    for number in range(4):
        assert index.find(saved(stranger(number))) == []
        assert index.find(saved(scene(number))) == []


@pytest.mark.parametrize("number", LOGOS)
def test_a_logo_put_into_another_picture_is_found_where_it_is(index: PictureIndex, number: int) -> None:
    """Number 0 stands on every poster, so that its points are common; in a stranger's picture it counts."""
    picture = scene(44)
    small = logo(number).resize((220, 220))
    picture.paste(small, (250, 120), small)
    found = index.find(saved(picture))
    assert found
    assert found[0].id == ("logo", number)
    x, y, width, height = found[0].region
    assert (x, y) == pytest.approx((250, 120), abs=14)
    assert (width, height) == pytest.approx((220, 220), abs=20)


def test_the_region_is_in_the_pixels_of_the_picture_as_given(index: PictureIndex) -> None:
    sheet = Image.new("RGB", (1800, 1400), "white")
    shown = scene(703).resize((900, 600))
    sheet.paste(scene(41).resize((800, 600)), (0, 0))
    sheet.paste(ImageOps.mirror(shown), (850, 700))
    found = index.find(saved(sheet))
    assert [match.id for match in found] == [("scene", 703)]
    assert found[0].mirrored
    assert found[0].region == pytest.approx((850, 700, 900, 600), abs=25)


def test_a_picture_with_dark_and_light_exchanged_is_found(index: PictureIndex) -> None:
    found = index.find(saved(ImageOps.invert(scene(701))))
    assert found
    assert found[0].id == ("scene", 701)


def test_altered_says_whether_something_in_it_was_changed(index: PictureIndex) -> None:
    untouched = index.find(saved(scene(704), 80))[0]
    assert untouched.altered is False
    doctored = scene(704).copy()
    doctored.paste(scene(45).resize((250, 200)), (120, 150))
    changed = index.find(saved(doctored, 80))[0]
    assert changed.id == ("scene", 704)
    assert changed.altered is True
    assert untouched.similarity > changed.similarity


def test_one_frame_of_an_animation_is_enough(index: PictureIndex) -> None:
    frames = [scene(50).resize((420, 320)), scene(705).resize((420, 320)), scene(51).resize((420, 320))]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=200, quality=90)
    found = index.find(out.getvalue())
    assert [(match.id, match.frame) for match in found] == [(("scene", 705), 1)]


def test_two_indexes_over_one_store_know_the_same_and_one_forgets_for_both(store: PictureMemory) -> None:
    memory = PictureMemory()
    first, second = PictureIndex(memory), PictureIndex(memory)
    copy = saved(scene(60))
    assert second.find(copy) == []
    first.add(scene(60), 60)
    first.add(scene(61), 61)
    assert [match.id for match in second.find(copy)] == [60]
    second.add(scene(62), 62)
    assert [match.id for match in first.find(saved(scene(62)))] == [62]
    second.remove(60)
    second.remove("never there")
    assert first.find(copy) == []
    assert [match.id for match in first.find(saved(scene(61)))] == [61]


def test_registering_again_under_one_id_replaces_the_picture() -> None:
    index = PictureIndex()
    index.add(scene(60), 1)
    index.find(saved(scene(60)))
    index.add(scene(61), 1)
    assert index.find(saved(scene(60))) == []
    assert [match.id for match in index.find(saved(scene(61)))] == [1]


def test_what_is_remembered_survives_as_bytes() -> None:
    features = features_of(scene(60), 300)
    again = Features.from_bytes(features.to_bytes())
    memory = PictureMemory()
    memory.add(Reference("a", again))
    assert [match.id for match in PictureIndex(memory).find(saved(scene(60)))] == ["a"]
    raw = features.to_bytes()
    for part in ("points", "descriptors", "small"):
        assert (getattr(again, part) == getattr(features, part)).all()
    for wrong in (b"", b"not that", raw[:-9], raw[:30], raw[:15] + b"\0" * 40, b"PK" + raw[2:]):
        with pytest.raises(ValueError, match="not the features"):
            Features.from_bytes(wrong)
    with pytest.raises(FeaturesOutdated):
        Features.from_bytes(raw[:4] + b"\0" + raw[5:])


def test_features_that_unpack_to_more_than_they_say_are_refused_without_unpacking_them() -> None:
    head = features_of(scene(60), 300).to_bytes()[:15]
    with pytest.raises(ValueError, match="not the features"):
        Features.from_bytes(head + zlib.compress(b"\0" * 50_000_000))


def test_reading_text_does_not_load_what_pictures_need() -> None:
    program = "import sys; from moothall.signals import Reader; Reader().read('Hello'); print('cv2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_a_picture_without_anything_in_it_matches_nothing_and_breaks_nothing(index: PictureIndex) -> None:
    blank = Image.new("RGB", (400, 300), "white")
    assert index.find(blank) == []
    empty = PictureIndex()
    assert empty.find(blank) == []
    empty.add(blank, "blank")
    assert empty.find(blank) == []
    assert empty.find(scene(60)) == []


def test_what_is_no_picture_is_refused(index: PictureIndex) -> None:
    with pytest.raises(PictureRefused):
        index.find(b"<svg/>")
    with pytest.raises(PictureRefused):
        index.add(b"nothing", 1)


def test_mirrored_and_inverted_points_are_those_that_would_be_found() -> None:
    picture = scene(63, 300, 220)
    seen = features_of(picture, 400)
    for expected, made in ((ImageOps.mirror(picture), mirrored(seen)), (ImageOps.invert(picture), inverted(seen))):
        looked = features_of(expected, 400)
        likeness = (made.descriptors.astype(float) / 400) @ (looked.descriptors.astype(float) / 400).T
        near = likeness.argmax(1)
        away = abs(made.points[:, :2] - looked.points[near, :2]).max(1)
        assert ((likeness.max(1) > 0.95) & (away < 2)).mean() > 0.6


@pytest.mark.parametrize("size", [(600, 800), (601, 799), (1201, 333)])
def test_no_region_reaches_out_of_the_picture(size: tuple[int, int]) -> None:
    whole = scene(702).resize(size)
    x, y, width, height = PictureIndex(_holding(whole)).find(whole)[0].region
    assert x + width <= size[0]
    assert y + height <= size[1]


def _holding(picture: Image.Image) -> PictureMemory:
    memory = PictureMemory()
    PictureIndex(memory).add(picture, 1)
    return memory


class Slow(PictureMemory):
    """A store that takes its time, and says how many were in it at once."""

    inside = most = 0

    def all(self) -> Sequence[Reference]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        sleep(0.05)
        held = super().all()
        self.inside -= 1
        return held


def test_several_threads_may_ask_while_pictures_come_in() -> None:
    slow = Slow()
    index, picture = PictureIndex(slow), scene(702)
    index.add(picture, 702)
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(index.find, picture) for _ in range(8)]
        for number in range(3):
            index.add(scene(number), number)
        assert [[match.id for match in each.result()] for each in asked] == [[702]] * 8
    assert slow.most == 1


def test_nobody_waits_while_somebody_elses_picture_is_opened() -> None:
    opening, go_on = Event(), Event()

    class Large(Image.Image):
        def crop(self, box: Any = None) -> Image.Image:
            opening.set()
            assert go_on.wait(60)
            return picture.crop(box)

    picture = scene(702)
    large = Large()
    large._size, large._mode, large.im = picture.size, picture.mode, picture.im
    index = PictureIndex(_holding(picture))
    with ThreadPoolExecutor(2) as threads:
        late = threads.submit(index.find, large)
        try:
            assert opening.wait(60)
            assert threads.submit(index.find, picture).result(60)[0].id == 1
            assert not late.done()
        finally:
            go_on.set()
        assert late.result(60)[0].id == 1


def test_many_pictures_with_one_pattern_are_counted_in_little_memory() -> None:
    """Points that are all the same lie in one cell; compared all at once, those of 30 pictures took gigabytes."""
    search, pattern = PointSearch(), np.full((700, 128), 35, np.uint8)
    tracemalloc.start()
    try:
        search.add([(number, pattern) for number in range(10)])
        search.add([(number, pattern) for number in range(10, 30)])
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()
    assert set(search.shared.tolist()) == {30}
    assert not len(search.find(pattern).asked)

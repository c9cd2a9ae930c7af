"""The council's own pictures on the desk, asked without a browser: who may, what is refused, how a picture is served."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from moothall.council.actions import register_picture, remove_picture
from moothall.council.models import BrandPicture
from moothall.records.models import Record
from moothall.signals.pictures import decode
from moothall.team.models import Officer
from tests.integration import cast
from tests.integration.test_council_pictures import bomb, drawn

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PICTURES = "/council/pictures/"


@pytest.fixture
def bryn(db: None) -> Officer:
    cache.clear()
    return cast.officer("Bryn")


@pytest.fixture
def desk(bryn: Officer) -> Client:
    client = Client()
    client.force_login(bryn)
    return client


def page(response) -> str:
    return " ".join(unescape(response.content.decode()).split())


def bring(desk: Client, files: dict[str, bytes], kind: str = "logo"):
    uploads = [SimpleUploadedFile(name, raw, content_type="image/svg+xml") for name, raw in files.items()]
    return desk.post(PICTURES, {"uploads": uploads, "kind": kind})


def test_several_are_brought_at_once_in_the_name_of_who_is_signed_in(desk: Client, bryn: Officer) -> None:
    answer = bring(desk, {"crest.png": drawn(1), "crest, white.png": drawn(2)})
    assert answer.status_code == 302
    assert "2 pictures registered." in page(desk.get(PICTURES))
    assert set(BrandPicture.objects.values_list("name", "kind", "added_by__email")) == {
        ("crest", "logo", bryn.email),
        ("crest, white", "logo", bryn.email),
    }


def test_what_is_refused_is_named_with_its_reason_and_the_rest_goes_in(desk: Client) -> None:
    answer = bring(
        desk, {"a.png": drawn(1), "bomb.png": bomb(), "empty.png": b"", "l.svg": b"<svg/>", "again.png": drawn(1)}
    )
    said = page(answer)
    assert answer.status_code == 422
    for name in (
        "bomb.png</strong>: The picture has 30,000",
        "empty.png</strong>: The file is empty",
        "l.svg</strong>: SVG",
    ):
        assert name in said
    assert "1 picture registered." in said
    assert "1 was registered already." in said
    assert BrandPicture.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "logo"}, "Choose one picture or several"),
        ({"kind": "video"}, "Say what they are"),
    ],
)
def test_a_form_that_is_not_filled_in_says_what_is_missing(desk: Client, fields: dict[str, str], said: str) -> None:
    answer = desk.post(PICTURES, fields)
    assert answer.status_code == 422
    assert said in page(answer)


def test_more_than_twenty_at_once_are_too_many(desk: Client) -> None:
    answer = bring(desk, {f"{number}.png": drawn(number) for number in range(21)})
    assert answer.status_code == 422
    assert "choose at most 20 at once. These are 21" in page(answer)
    assert not BrandPicture.objects.exists()


def test_a_name_that_tries_to_be_a_path_or_a_page_is_only_a_name(desk: Client) -> None:
    bring(desk, {"../../../etc/<script>alert(1)<!--.png": drawn(1)})
    assert BrandPicture.objects.get().name == "<script>alert(1)<!--"
    assert b"<script>alert" not in desk.get(PICTURES).content
    assert b"<script>alert" not in desk.get(f"{PICTURES}{BrandPicture.objects.get().pk}/").content


def test_a_picture_is_served_as_the_jpeg_that_was_written_for_it_and_nothing_else(desk: Client, bryn: Officer) -> None:
    made = register_picture(drawn(1) + b"<html><script>alert(1)</script>", file_name="crest.png", officer=bryn)
    for size in ("small", "copy"):
        answer = desk.get(f"{PICTURES}{made.pk}/{size}.jpg")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == f'inline; filename="picture-{made.pk}.jpg"'
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
        assert decode(answer.content).format == "JPEG"
        assert b"script" not in answer.content


def test_the_page_lets_nothing_else_be_shown_than_before(desk: Client) -> None:
    assert "img-src 'self';" in desk.get(PICTURES)["Content-Security-Policy"] + ";"


@pytest.mark.parametrize("path", ["", "1/", "1/small.jpg", "1/copy.jpg"])
def test_nobody_sees_them_who_is_not_signed_in(bryn: Officer, path: str) -> None:
    register_picture(drawn(1), file_name="crest.png", officer=bryn)
    answer = Client().get(PICTURES + path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_nobody_brings_or_removes_one_who_is_not_signed_in_or_has_left(desk: Client, bryn: Officer) -> None:
    made = register_picture(drawn(1), file_name="crest.png", officer=bryn)
    bryn.is_active = False
    bryn.save()
    for client in (Client(), desk):
        bring(client, {"a.png": drawn(2)})
        client.post(f"{PICTURES}{made.pk}/remove/", {"reason": "Mine"})
    assert [one.removed_at for one in BrandPicture.objects.all()] == [None]


def test_a_page_of_another_site_can_neither_bring_nor_remove_one(bryn: Officer) -> None:
    made = register_picture(drawn(1), file_name="crest.png", officer=bryn)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bryn)
    assert bring(strict, {"a.png": drawn(2)}).status_code == 403
    assert strict.post(f"{PICTURES}{made.pk}/remove/", {"reason": "Mine"}).status_code == 403
    assert strict.get(f"{PICTURES}{made.pk}/remove/").status_code == 405
    assert BrandPicture.objects.filter(removed_at=None).count() == 1


def test_one_is_removed_with_a_reason_and_stays_to_be_seen(desk: Client, bryn: Officer) -> None:
    made = register_picture(drawn(1), file_name="crest.png", officer=bryn)
    refused = desk.post(f"{PICTURES}{made.pk}/remove/", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why this picture is removed" in page(refused)
    assert desk.post(f"{PICTURES}{made.pk}/remove/", {"reason": "Last year’s."}).status_code == 302
    assert f"{PICTURES}{made.pk}/" not in page(desk.get(PICTURES))
    assert f"{PICTURES}{made.pk}/" in page(desk.get(f"{PICTURES}?show=removed"))
    assert "Last year’s." in page(desk.get(f"{PICTURES}{made.pk}/"))
    assert desk.post(f"{PICTURES}{made.pk}/remove/", {"reason": "Again"}).status_code == 422
    assert Record.objects.get(kind="picture.removed").actor == bryn.email


def test_what_is_not_there_is_not_found(desk: Client) -> None:
    for path in ("1/", "1/small.jpg", "1/copy.jpg", "99999999999999999999/", "1/other.jpg"):
        assert desk.get(PICTURES + path).status_code == 404
    for after in ("99999999999999999999", "9" * 5_000, "-1", "x"):
        assert desk.get(f"{PICTURES}?after={after}").status_code == 200


def test_a_long_register_has_pages(desk: Client, bryn: Officer) -> None:
    made = [register_picture(drawn(number), file_name=f"{number}.png", officer=bryn) for number in range(25)]
    first = page(desk.get(PICTURES))
    assert f"?show=&amp;after={made[1].pk}" in desk.get(PICTURES).content.decode()
    assert f"{PICTURES}{made[0].pk}/" not in first
    assert f"{PICTURES}{made[0].pk}/" in page(desk.get(f"{PICTURES}?after={made[1].pk}"))


def test_the_overview_leads_to_them(desk: Client, bryn: Officer) -> None:
    cast.rules()
    removed = register_picture(drawn(1), file_name="a.png", officer=bryn)
    remove_picture(removed.pk, officer=bryn, reason="Old")
    register_picture(drawn(2), file_name="b.png", officer=bryn)
    assert "Entries now: </span>1</td>" in page(desk.get("/council/"))
    assert f'href="{PICTURES}"' in page(desk.get("/council/"))

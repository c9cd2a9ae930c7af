"""The register of the council's own pictures: what may be on it, that nothing is lost, and that copies are found by it."""

from __future__ import annotations

import io
import random
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from bench.gallery.alter import FAMILIES, saved
from bench.gallery.compose import logo, poster
from django.db import DatabaseError, IntegrityError, connection, transaction
from PIL import Image

from moothall.council.actions import (
    OfficerLeft,
    PictureKindUnknown,
    PictureRemoved,
    PictureThere,
    PictureUnknown,
    ReasonMissing,
    register_folder,
    register_picture,
    remove_picture,
)
from moothall.council.models import BrandPicture
from moothall.council.picture_store import DatabasePictures
from moothall.council.queries import matches, own_pictures, picture, picture_file, pictures
from moothall.records.models import Record, Sealed
from moothall.records.queries import verify_live
from moothall.signals import PictureIndex
from moothall.signals.picture_features import VERSION, Features
from moothall.signals.picture_index import features_of_reference
from moothall.signals.pictures import PictureRefused, decode
from moothall.team.actions import deactivate
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def amina() -> Officer:
    return cast.officer("Amina")


@pytest.fixture(autouse=True)
def _a_process_of_its_own() -> None:
    """No test finds what another one's process remembers: ids begin anew with each database."""
    own_pictures.cache_clear()


def drawn(number: int) -> bytes:
    """The file of a small picture that no other number has; quick to make, with little in it to find again."""
    image = Image.new("RGB", (64, 48), (number * 37 % 256, 90, 160))
    image.paste((240, 220, number % 256), (8, 8, 20 + number % 30, 30))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that would unpack to 30,000 × 30,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 90_000))
        + chunk(b"IEND", b"")
    )


def register(officer: Officer, number: int = 1, **fields: Any) -> BrandPicture:
    return register_picture(drawn(number), **{"file_name": f"drawn {number}.png", "officer": officer} | fields)


class TestAPicture:
    def test_is_kept_as_bare_pixels_with_its_size_and_who_brought_it(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            made = register(amina, kind="logo", file_name="Borough crest.png")
        found = picture(made.pk)
        assert (found.name, found.kind, found.width, found.height) == ("Borough crest", "logo", 64, 48)
        assert (found.added_by, found.added_at, found.source) == (amina, cast.MONDAY, "file")
        copy = decode(picture_file(made.pk, "copy"))
        assert (copy.format, copy.width, copy.height) == ("JPEG", 64, 48)
        assert pictures().pictures == [made]

    def test_loses_what_its_file_said_beside_the_pixels(self, amina: Officer) -> None:
        image, out = Image.new("RGB", (64, 64), "teal"), io.BytesIO()
        exif = Image.Exif()
        exif[0x010F], exif[0x010E] = "Cllr Cox's telephone", "her garden"
        image.save(out, "JPEG", exif=exif, comment=b"taken in her garden")
        made = register_picture(out.getvalue(), file_name="garden.jpg", officer=amina)
        for size in ("copy", "small"):
            kept = picture_file(made.pk, size)
            assert b"Cox" not in kept
            assert b"garden" not in kept

    def test_has_a_small_copy_of_its_own(self, amina: Officer) -> None:
        made = register_picture(saved(poster(1)), file_name="poster.jpg", officer=amina)
        small = decode(picture_file(made.pk, "small"))
        assert max(small.width, small.height) == 320

    def test_is_registered_once_until_it_is_removed(self, amina: Officer) -> None:
        first = register(amina)
        with pytest.raises(PictureThere, match="as “drawn 1”"):
            register(amina, file_name="another name.png")
        remove_picture(first.pk, officer=amina, reason="Replaced")
        again = register(amina)
        assert again.pk != first.pk
        assert [one.pk for one in pictures().pictures] == [again.pk]
        assert [one.pk for one in pictures(removed=True).pictures] == [first.pk]

    def test_is_removed_by_somebody_for_a_reason_and_stays_readable(self, amina: Officer) -> None:
        made = register(amina)
        with pytest.raises(ReasonMissing):
            remove_picture(made.pk, officer=amina, reason="  ")
        removed = remove_picture(made.pk, officer=amina, reason="It was a partner’s picture.")
        assert (removed.removed_by, removed.removed_because) == (amina, "It was a partner’s picture.")
        with pytest.raises(PictureRemoved):
            remove_picture(made.pk, officer=amina, reason="Again")
        with pytest.raises(PictureUnknown):
            remove_picture(made.pk + 1, officer=amina, reason="Never there")
        assert picture_file(made.pk, "copy")

    def test_leaves_a_record_of_each_act_that_names_no_file(self, amina: Officer) -> None:
        made = register(amina, file_name="Dee Marlow at the fair.png")
        remove_picture(made.pk, officer=amina, reason="Dee Marlow asked for it.")
        added, removed = Record.objects.filter(subject=f"picture:{made.pk}").order_by("number")
        assert [one.kind for one in (added, removed)] == ["picture.registered", "picture.removed"]
        assert all(one.actor == amina.email and made.sha256 in one.payload for one in (added, removed))
        assert all("Dee" not in one.payload for one in (added, removed))
        assert set(Sealed.objects.filter(record__in=[added, removed]).values_list("name", "value")) == {
            ("name", "Dee Marlow at the fair"),
            ("reason", "Dee Marlow asked for it."),
        }
        assert verify_live().ok

    def test_is_nobodys_to_register_or_remove_who_has_left(self, amina: Officer) -> None:
        made = register(amina)
        deactivate(amina.pk, by=None)
        amina.refresh_from_db()
        with pytest.raises(OfficerLeft):
            register(amina, 2)
        with pytest.raises(OfficerLeft):
            list(register_folder(Path(), officer=amina))
        with pytest.raises(OfficerLeft):
            remove_picture(made.pk, officer=amina, reason="Mine")

    def test_of_a_kind_that_there_is_not_is_refused(self, amina: Officer) -> None:
        with pytest.raises(PictureKindUnknown):
            register(amina, kind="video")

    @pytest.mark.parametrize(
        ("raw", "file_name", "code"),
        [
            (bomb(), "poster.png", "picture_too_many_pixels"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg", "picture_vector"),
            (drawn(1), "poster.jpg", "picture_mislabelled"),
            (drawn(1)[:80], "poster.png", "picture_damaged"),
            (b"", "poster.png", "picture_empty"),
        ],
    )
    def test_that_is_not_safe_is_refused_and_nothing_is_kept(
        self, amina: Officer, raw: bytes, file_name: str, code: str
    ) -> None:
        with pytest.raises(PictureRefused) as refused:
            register_picture(raw, file_name=file_name, officer=amina)
        assert refused.value.code == code
        assert not BrandPicture.objects.exists()
        assert not Record.objects.exists()

    @pytest.mark.parametrize(
        ("file_name", "name"),
        [
            ("../../etc/cron.d/poster.png", "poster"),
            ("..\\..\\Windows\\poster.png", "poster"),
            ("/etc/passwd", "passwd"),
            ("..", ".."),
            ("", "Without a name"),
            ("\0\r\nSet-Cookie: a=b\u202egnp.png", "Set-Cookie: a=b gnp"),
            ("<script>alert(1)<!--.png", "<script>alert(1)<!--"),
            ("n" * 400 + ".png", "n" * 200),
        ],
    )
    def test_is_called_by_the_last_part_of_its_files_name_and_nothing_else(
        self, amina: Officer, file_name: str, name: str
    ) -> None:
        assert register(amina, file_name=file_name).name == name


class TestTheDatabase:
    """What it refuses whoever asks: the application, an SQL console, a script."""

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "Another"},
            {"kind": "photograph"},
            {"sha256": "0" * 64},
            {"copy": b"another picture"},
            {"small": b"another picture"},
            {"width": 1},
            {"added_by": None},
            {"added_at": cast.MONDAY},
        ],
    )
    def test_keeps_a_picture_as_it_was_registered(self, amina: Officer, change: dict[str, Any]) -> None:
        made = register(amina)
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            BrandPicture.objects.filter(pk=made.pk).update(**change)

    def test_deletes_no_picture(self, amina: Officer) -> None:
        made = register(amina)
        remove_picture(made.pk, officer=amina, reason="Old")
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            BrandPicture.objects.all().delete()

    def test_keeps_a_removal_as_it_was(self, amina: Officer) -> None:
        made = remove_picture(register(amina).pk, officer=amina, reason="Old")
        row = BrandPicture.objects.filter(pk=made.pk)
        for change in (
            {"removed_because": "Another"},
            {"removed_at": None, "removed_by": None, "removed_because": ""},
            {"removed_at": cast.MONDAY - timedelta(days=1)},
        ):
            with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
                row.update(**change)

    @pytest.mark.parametrize("missing", [{"removed_because": ""}, {"removed_by": None}, {"removed_at": None}])
    def test_knows_of_no_removal_without_a_person_a_moment_and_a_reason(
        self, amina: Officer, missing: dict[str, Any]
    ) -> None:
        made = register(amina)
        whole: dict[str, Any] = {"removed_by": amina, "removed_at": cast.MONDAY, "removed_because": "Old"}
        with pytest.raises(IntegrityError, match="for_a_reason"), transaction.atomic():
            BrandPicture.objects.filter(pk=made.pk).update(**whole | missing)

    def test_replaces_no_picture_by_another_with_its_number(self, amina: Officer) -> None:
        """SQLite's INSERT OR REPLACE deletes without a DELETE; PostgreSQL's TRUNCATE without one, too."""
        made = register(amina)
        statement = (
            f"INSERT OR REPLACE INTO council_brandpicture SELECT * FROM council_brandpicture WHERE id = {made.pk}"
            if connection.vendor == "sqlite"
            else "TRUNCATE council_brandpicture"
        )
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)
        assert BrandPicture.objects.filter(pk=made.pk).exists()

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"kind": "video"}, "kind_known"),
            ({"source": "web"}, "source_known"),
            ({"name": ""}, "has_a_name"),
            ({"width": 0}, "has_a_size"),
        ],
    )
    def test_takes_no_picture_that_cannot_be(self, amina: Officer, change: dict[str, Any], constraint: str) -> None:
        made = BrandPicture.objects.get(pk=register(amina).pk)
        made.pk, made.sha256 = None, "0" * 64
        for name, value in change.items():
            setattr(made, name, value)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            made.save()


class TestAFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "winter").mkdir()
        for number, name in enumerate(("b.png", "a.png", "winter/a.png")):
            (tmp_path / name).write_bytes(drawn(number))
        (tmp_path / "notes.txt").write_text("no picture")
        (tmp_path / "bomb.png").write_bytes(bomb())
        (tmp_path / ".hidden.png").write_bytes(drawn(9))
        (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
        return tmp_path

    def test_goes_in_but_for_what_is_refused_file_by_file(self, amina: Officer, folder: Path) -> None:
        taken = list(register_folder(folder, kind="photograph", officer=amina))
        assert [(one.file.name, one.new, one.refused.code if one.refused else None) for one in taken] == [
            ("a.png", True, None),
            ("b.png", True, None),
            ("bomb.png", False, "picture_too_many_pixels"),
            ("notes.txt", False, "picture_format"),
            ("a.png", True, None),
        ]
        assert sorted(BrandPicture.objects.values_list("name", "kind")) == [
            ("a", "photograph"),
            ("b", "photograph"),
            ("winter/a", "photograph"),
        ]

    def test_goes_on_where_it_was_left(self, amina: Officer, folder: Path) -> None:
        run = register_folder(folder, officer=amina)
        first = next(run).picture
        run.close()
        assert BrandPicture.objects.count() == 1
        taken = list(register_folder(folder, officer=amina))
        assert (taken[0].picture, taken[0].new) == (first, False)
        assert BrandPicture.objects.count() == 3
        assert Record.objects.filter(kind="picture.registered").count() == 3

    def test_may_hold_the_same_file_twice(self, amina: Officer, tmp_path: Path) -> None:
        for name in ("a.png", "b.png"):
            (tmp_path / name).write_bytes(drawn(1))
        assert [one.new for one in register_folder(tmp_path, officer=amina)] == [True, False]


class TestCopies:
    @pytest.fixture
    def register_of_three(self, amina: Officer) -> list[BrandPicture]:
        originals = {"poster": poster(503), "other poster": poster(504), "crest": logo(3)}
        return [
            register_picture(saved(image), file_name=f"{name}.jpg", officer=amina) for name, image in originals.items()
        ]

    def test_are_found_with_place_and_likeness(self, register_of_three: list[BrandPicture]) -> None:
        shown = Image.new("RGB", (1600, 1400), (90, 120, 70))
        original = poster(503)
        original.thumbnail((700, 900))
        shown.paste(original, (500, 300))
        (found,) = matches(saved(shown))
        assert found.picture == register_of_three[0]
        assert 0.5 < found.similarity <= 1
        x, y, width, height = found.region
        assert abs(x + width / 2 - (500 + original.width / 2)) < 60
        assert abs(y + height / 2 - (300 + original.height / 2)) < 60

    def test_are_not_found_in_another_picture(self, register_of_three: list[BrandPicture]) -> None:
        assert matches(saved(poster(903))) == []

    def test_of_what_is_removed_are_found_no_more_and_of_what_comes_are(
        self, register_of_three: list[BrandPicture], amina: Officer
    ) -> None:
        copy = saved(FAMILIES["mirror"](poster(503), 1, random.Random(5)))
        (found,) = matches(copy)
        assert found.mirrored
        remove_picture(register_of_three[0].pk, officer=amina, reason="Old")
        assert matches(copy) == []
        again = register_picture(saved(poster(503)), file_name="back.jpg", officer=amina)
        assert [one.picture for one in matches(copy)] == [again]

    def test_are_found_by_every_process_alike(self, register_of_three: list[BrandPicture]) -> None:
        copy = saved(FAMILIES["mirror"](poster(504), 1, random.Random(5)))
        one, other = PictureIndex(DatabasePictures()), PictureIndex(DatabasePictures())
        assert one.find(copy) == other.find(copy) != []


class TestTheStore:
    def test_asks_one_short_question_where_nothing_has_changed(
        self, amina: Officer, django_assert_num_queries: Any
    ) -> None:
        register(amina)
        store = DatabasePictures()
        version = store.version()
        with django_assert_num_queries(1) as asked:
            assert store.version() == version
        assert "features" not in asked.captured_queries[0]["sql"]
        assert "copy" not in asked.captured_queries[0]["sql"]

    def test_notices_every_change(self, amina: Officer) -> None:
        store = DatabasePictures()
        seen = [store.version()]
        first = register(amina, 1)
        seen.append(store.version())
        remove_picture(first.pk, officer=amina, reason="Old")
        seen.append(store.version())
        register(amina, 1)
        seen.append(store.version())
        assert len(set(seen)) == 4

    def test_reads_only_what_it_has_not_read_before(self, amina: Officer, django_assert_num_queries: Any) -> None:
        store = DatabasePictures()
        register(amina, 1)
        (first,) = store.all()
        with django_assert_num_queries(1):
            assert store.all()[0] is first
        second = register(amina, 2)
        with django_assert_num_queries(2) as asked:
            assert [one.id for one in store.all()] == [first.id, second.pk]
        assert store.all()[0] is first
        assert f"({second.pk})" in asked.captured_queries[1]["sql"]

    @pytest.mark.parametrize("damaged", [b"", b"MHPF", "cut", "turned over"])
    def test_makes_damaged_features_anew_so_that_every_question_is_answered(
        self, amina: Officer, damaged: bytes | str
    ) -> None:
        made = register_picture(saved(poster(1)), file_name="poster.jpg", officer=amina)
        row = BrandPicture.objects.filter(pk=made.pk)
        right = bytes(row.get().features)
        wrong = {"cut": right[:-50], "turned over": right[:200] + bytes(255 - each for each in right[200:])}
        row.update(features=wrong[damaged] if isinstance(damaged, str) else damaged)
        assert [found.picture for found in matches(saved(poster(1)))] == [made]
        assert bytes(row.get().features) == right

    def test_makes_features_of_an_older_kind_anew_from_the_copy_kept_and_keeps_them(self, amina: Officer) -> None:
        made = register_picture(saved(poster(503)), file_name="poster.jpg", officer=amina)
        row = BrandPicture.objects.filter(pk=made.pk)
        right = bytes(row.get().features)
        row.update(features=b"of another version", features_version=VERSION - 1)
        (reference,) = DatabasePictures().all()
        assert reference.features.to_bytes() == right
        assert (bytes(row.get().features), row.get().features_version) == (right, VERSION)

    def test_keeps_what_can_be_made_again_at_any_time(self, amina: Officer) -> None:
        made = register_picture(saved(poster(503)), file_name="poster.jpg", officer=amina)
        kept = Features.from_bytes(bytes(BrandPicture.objects.get(pk=made.pk).features))
        anew = features_of_reference(picture_file(made.pk, "copy"))
        assert kept.to_bytes() == anew.to_bytes()

    def test_leaves_removing_to_those_who_say_why(self, amina: Officer) -> None:
        with pytest.raises(TypeError):
            DatabasePictures().remove(register(amina).pk)
        assert pictures().total == 1


def test_the_register_comes_page_by_page(amina: Officer) -> None:
    made = [register(amina, number) for number in range(5)]
    first = pictures(limit=2)
    assert (first.total, first.pictures) == (5, [made[4], made[3]])
    second = pictures(limit=2, after=first.next)
    assert second.pictures == [made[2], made[1]]
    last = pictures(limit=2, after=second.next)
    assert (last.pictures, last.next) == ([made[0]], None)

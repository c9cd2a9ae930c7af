"""``moothall register-pictures`` and ``find-picture``: what they print, how they end; a kill loses and repeats nothing."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from bench.gallery.alter import FAMILIES, saved
from bench.gallery.compose import poster
from PIL import ImageDraw, ImageFont

from moothall.cli import main
from moothall.council.actions import pictures as steps
from moothall.council.models import BrandPicture
from moothall.council.queries import own_pictures
from moothall.project import commands
from moothall.records.models import Record
from moothall.records.queries import verify_live
from tests.integration import cast
from tests.integration.test_council_pictures import bomb, drawn
from tests.killed import killed_at_line

pytestmark = [pytest.mark.database]


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    # The test database is not in the file that the settings name.
    monkeypatch.setattr(commands, "must_be_ready", lambda: None)
    own_pictures.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for number in range(3):
        (made / f"{number}.png").write_bytes(drawn(number))
    return made


@pytest.mark.django_db
class TestRegistering:
    @pytest.fixture(autouse=True)
    def _ready(self, ready: None) -> None:
        pass

    def test_a_folder_says_how_many_went_in(self, folder: Path, capsys) -> None:
        assert main(["register-pictures", str(folder), "--kind", "photograph"]) == 0
        assert capsys.readouterr().out == "3 registered, 0 were registered already, 0 refused\n"
        assert set(BrandPicture.objects.values_list("kind", "added_by")) == {("photograph", None)}
        assert main(["register-pictures", str(folder)]) == 0
        assert capsys.readouterr().out == "0 registered, 3 were registered already, 0 refused\n"

    def test_what_is_refused_is_named_and_the_rest_goes_in(self, folder: Path, capsys) -> None:
        (folder / "1.png").write_bytes(bomb())
        assert main(["register-pictures", str(folder)]) == 3
        said = capsys.readouterr()
        assert said.out == "2 registered, 0 were registered already, 1 refused\n"
        assert said.err.startswith(f"{folder / '1.png'}: The picture has 30,000 × 30,000 pixels.")
        assert said.err.endswith("[picture_too_many_pixels]\n")

    def test_as_json_each_file_is_an_object(self, folder: Path, capsys) -> None:
        (folder / "1.png").write_bytes(b"")
        assert main(["register-pictures", str(folder), str(folder / "0.png"), "--json"]) == 3
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(one["file"], one["state"], one.get("name")) for one in said] == [
            (str(folder / "0.png"), "registered", "0"),
            (str(folder / "1.png"), "refused", None),
            (str(folder / "2.png"), "registered", "2"),
            (str(folder / "0.png"), "there", "0"),
        ]
        assert said[1]["error"] == {"code": "picture_empty", "message": "The file is empty."}

    def test_a_name_that_is_no_text_is_no_obstacle(self, folder: Path, capsys) -> None:
        (folder / os.fsdecode(b"\xff.png")).write_bytes(drawn(7))
        (folder / os.fsdecode(b"\xfe.png")).write_bytes(b"")
        assert main(["register-pictures", str(folder), "--json"]) == 3
        assert len(capsys.readouterr().out.splitlines()) == 5
        assert main(["register-pictures", str(folder)]) == 3

    def test_it_happens_in_the_name_of_the_officer_named(self, folder: Path) -> None:
        amina = cast.officer("Amina")
        assert main(["register-pictures", str(folder), "--officer", amina.email.upper()]) == 0
        assert set(Record.objects.values_list("kind", "actor")) == {("picture.registered", amina.email)}

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["{folder}", "{folder}/none.png"], "no_such_file"),
            (["{folder}/empty"], "no_pictures"),
            (["{folder}", "--officer", "nobody@thornbury.example"], "officer_unknown"),
        ],
    )
    def test_nothing_is_done_where_nothing_can_be(self, folder: Path, arguments: list[str], code: str, capsys) -> None:
        (folder / "empty").mkdir()
        assert main(["register-pictures", *(one.format(folder=folder) for one in arguments)]) == 2
        assert capsys.readouterr().err.endswith(f"[{code}]\n")
        assert not BrandPicture.objects.exists()


@pytest.mark.django_db
class TestFinding:
    @pytest.fixture
    def copy(self, ready: None, tmp_path: Path) -> Path:
        for number in (503, 504):
            (tmp_path / f"Poster {number}.jpg").write_bytes(saved(poster(number)))
        assert main(["register-pictures", str(tmp_path)]) == 0
        copy = tmp_path / "copy.jpg"
        copy.write_bytes(saved(FAMILIES["mirror"](poster(503), 1, random.Random(5))))
        return copy

    def test_names_what_is_shown_how_alike_and_where(self, copy: Path, capsys) -> None:
        capsys.readouterr()
        assert main(["find-picture", str(copy)]) == 0
        assert re.fullmatch(
            r"Poster 503 \(graphic\): [01]\.\d\d, at \d+, \d+: \d+ × \d+ pixels, mirrored\n", capsys.readouterr().out
        )
        assert main(["find-picture", str(copy), "--json"]) == 0
        (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (found["name"], found["kind"], found["mirrored"]) == ("Poster 503", "graphic", True)
        assert 0.5 <= found["similarity"] <= 1
        assert len(found["region"]) == 4

    def test_reads_the_words_that_the_copy_has_and_ours_does_not(self, copy: Path, tmp_path: Path, capsys) -> None:
        doctored = poster(503)
        draw = ImageDraw.Draw(doctored)
        draw.rectangle((60, 380, 540, 480), fill="white")
        draw.text((80, 395), "Cancelled", fill="black", font=ImageFont.load_default(72))
        copy.write_bytes(saved(doctored))
        capsys.readouterr()
        assert main(["find-picture", str(copy), "--words", "--json"]) == 0
        assert "Cancelled" in json.loads(capsys.readouterr().out)["words"]
        assert main(["find-picture", str(copy), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["words"] is None

    def test_says_how_to_get_what_reads_words(self, copy: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "rapidocr", None)
        assert main(["find-picture", str(copy), "--words"]) == 2
        assert "moothall[words]" in capsys.readouterr().err

    def test_says_when_it_shows_none(self, copy: Path, tmp_path: Path, capsys) -> None:
        other = tmp_path / "other.jpg"
        other.write_bytes(saved(poster(903)))
        capsys.readouterr()
        assert main(["find-picture", str(other)]) == 0
        said = capsys.readouterr()
        assert (said.out, said.err) == ("", "It shows none of the 2 pictures registered.\n")

    def test_says_when_nothing_is_registered(self, ready: None, tmp_path: Path, capsys) -> None:
        (tmp_path / "a.png").write_bytes(drawn(1))
        assert main(["find-picture", str(tmp_path / "a.png")]) == 0
        assert "No picture is registered yet" in capsys.readouterr().err

    def test_a_file_that_is_no_picture_ends_with_2(self, copy: Path, tmp_path: Path, capsys) -> None:
        (tmp_path / "a.png").write_bytes(bomb())
        assert main(["find-picture", str(tmp_path / "a.png")]) == 2
        assert capsys.readouterr().err.endswith("[picture_too_many_pixels]\n")


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_line_a_picture_goes_in_exactly_once(tmp_path: Path) -> None:
    amina = cast.officer("Amina")
    line = 0
    while True:
        line += 1
        folder = tmp_path / str(line)
        folder.mkdir()
        (folder / "drawn.png").write_bytes(drawn(line) + bytes(line))
        work = partial(lambda folder: list(steps.register_folder(folder, officer=amina)), folder)
        killed = killed_at_line(line, work, [steps.__file__])
        (taken,) = steps.register_folder(folder, officer=amina)
        assert taken.picture is not None, f"killed at line {line}"
        assert BrandPicture.objects.filter(sha256=taken.picture.sha256).count() == 1, f"killed at line {line}"
        assert Record.objects.filter(subject=f"picture:{taken.picture.pk}").count() == 1, f"killed at line {line}"
        if not killed:
            break
    assert line > 30, "the walk did not reach the steps"
    assert BrandPicture.objects.count() == line
    assert verify_live().ok


def test_a_command_that_is_killed_in_a_folder_goes_on_where_it_stood(tmp_path: Path) -> None:
    clean = {
        name: each for name, each in os.environ.items() if not name.startswith(("MOOTHALL_", "DATABASE_", "DJANGO_"))
    }
    environment = clean | {"MOOTHALL_DATA": str(tmp_path / "data"), "MOOTHALL_SECRET_KEY": "k" * 50}
    prepared = "from moothall.project import commands; commands.start_django(); commands.prepare_database()"
    subprocess.run([sys.executable, "-c", prepared], env=environment, check=True, stderr=subprocess.DEVNULL)
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture = saved(poster(503))
    for number in range(24):
        (folder / f"{number:02}.jpg").write_bytes(picture + bytes(number))
    command = [sys.executable, "-m", "moothall", "register-pictures", str(folder), "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = [json.loads(process.stdout.readline()) for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        first += [json.loads(line) for line in process.stdout.read().splitlines()]
    assert {one["state"] for one in first} == {"registered"}
    assert 5 <= len(first) < 24
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    states = Counter(json.loads(line)["state"] for line in second.stdout.splitlines())
    # At most one was in without having been said.
    assert states["there"] - len(first) in (0, 1)
    assert states["there"] + states["registered"] == 24
    with closing(sqlite3.connect(tmp_path / "data" / "moothall.sqlite3")) as database:
        assert database.execute("SELECT count(*), count(DISTINCT sha256) FROM council_brandpicture").fetchone() == (
            24,
            24,
        )
    verified = subprocess.run(
        [sys.executable, "-m", "moothall", "verify"], env=environment, capture_output=True, check=True
    )
    assert verified.stdout.startswith(b"holds: 24 records")

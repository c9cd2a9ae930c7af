"""What goes out: exact JSON, harmless csv, a table for people, and files that are whole or not there."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest

from moothall.policy import Circumstances, Facts, assess, default_policy
from moothall.reading import CommentRow, RefusedRow, Result
from moothall.reading.output import CSV_COLUMNS, CannotWrite, OutputFormat, whole_file, writer
from moothall.signals import Signals
from moothall.words import Evidence, Signal

COMMENT = "=cmd() you idiot\x1b[31m"


def result(id: object = "=1+1", comment: str = COMMENT) -> Result:
    signals = Signals(
        "none", grounds={"abuse": Signal(0.97, (Evidence(0, 16, comment[:16]),))}, target="staff", model_version="m1"
    )
    assessment = assess(default_policy(), signals, Facts(), Circumstances())
    return Result(CommentRow(1, id, comment), signals, assessment)


def written(format: OutputFormat, *results: Result | RefusedRow) -> bytes:
    stream = io.BytesIO()
    output = writer(format, stream, width=140)
    for one in results:
        output.write(one)
    output.close()
    return stream.getvalue()


def cells(*results: Result | RefusedRow) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", *results).decode(), newline="")))


@pytest.mark.parametrize("id", ["=1+1", "+44", "-x", "@me", " =1", "\t=1"])
def test_a_spreadsheet_runs_nothing_of_the_csv(id: str) -> None:
    (row,) = cells(result(id))
    assert row["id"] == "'" + id
    assert row["evidence"].startswith("'=cmd()")


def test_a_negative_number_stays_a_number() -> None:
    assert cells(result(-5))[0]["id"] == "-5"


def test_csv_is_flat_and_holds_refusals_too() -> None:
    good, bad = cells(result("a"), RefusedRow(2, "b", "comment_empty", "the comment is empty"))
    assert tuple(good) == CSV_COLUMNS
    assert (good["grounds"], good["criticism"], good["error_code"]) == ("abuse", "false", "")
    assert good["measures"].split("; ")[0] == "ignore"
    assert (bad["id"], bad["row"], bad["error_code"]) == ("b", "2", "comment_empty")


def test_half_a_surrogate_pair_is_still_written_as_valid_json() -> None:
    line = written("jsonl", result("\ud800", "idiot \ud800 and so much more"))
    assert json.loads(line)["id"] == "\ud800"


def test_the_table_shows_the_comment_and_sends_no_escapes_to_the_terminal() -> None:
    shown = written("table", result("a"), RefusedRow(2, 2, "comment_empty", "the comment is empty")).decode()
    assert "you idiot" in shown
    assert "\x1b" not in shown
    assert "row 2 refused" in shown


def test_a_file_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    with whole_file(target) as stream:
        stream.write(b"all of it")
        assert not target.exists()
    assert target.read_bytes() == b"all of it"
    assert os.listdir(tmp_path) == ["out.jsonl"]
    assert stat.S_IMODE(target.stat().st_mode) & 0o444 == 0o444 & ~_mask()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_fails_leaves_the_old_file_and_nothing_else(error: type[BaseException], tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old")

    def fail() -> None:
        with whole_file(target) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_a_link_keeps_pointing_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with whole_file(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "missing" / "out.jsonl"):
        with pytest.raises(CannotWrite, match=str(tmp_path)), whole_file(target):
            pass

"""``moothall triage`` as people and programs call it: the exact output, exit codes, pipes, and much that goes wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest

from moothall.cli import main
from moothall.words import GROUNDS, MEASURES, ROUTES

MOOTHALL = [sys.executable, "-m", "moothall"]
KEYS = [
    "id",
    "route",
    "also",
    "grounds",
    "criticism",
    "unsure",
    "measures",
    "recommended",
    "reply",
    "urgency",
    "campaign",
    "why",
    "policy_version",
    "model_version",
]
REPLIES = {"none", "answer", *(f"signpost-{to}" for to in ("customer_service", "report_it", "councillor", "safeguard"))}
COMMENTS = [
    {"id": 1, "comment": "What time does the tip on Mill Lane open on Sundays?", "post": "New tip hours"},
    {"id": "b", "comment": "Amina in your office is a stupid idiot", "post": "New tip hours"},
    {"id": 3, "comment": "What a waste of money, useless council", "post": "New tip hours", "pre_election": False},
    {"id": None, "comment": "Vote Labour on Thursday, kick the Tories out!", "pre_election": True},
]


def put(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return put(tmp_path / "comments.jsonl", COMMENTS)


def run(*arguments: object, given: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [*MOOTHALL, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, timeout=120, check=False, **options)


def triaged(path: Path, *options: object) -> list[dict[str, Any]]:
    """Triage in this process, and return the lines of the output file."""
    out = path.with_suffix(".out")
    assert main(["triage", str(path), "--out", str(out), "--format", "jsonl", *map(str, options)]) in (0, 3)
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_each_object_has_exactly_the_published_keys_in_order_and_type(file: Path) -> None:
    for given, found in zip(COMMENTS, triaged(file), strict=True):
        assert list(found) == KEYS
        assert found["route"] in ROUTES
        assert set(found["also"]) <= set(ROUTES) - {found["route"]}
        for ground in found["grounds"]:
            assert list(ground) == ["name", "probability", "clauses", "evidence"]
            assert ground["name"] in GROUNDS
            assert 0 <= ground["probability"] <= 1
            assert all(isinstance(clause, str) for clause in ground["clauses"])
            for piece in ground["evidence"]:
                assert list(piece) == ["start", "end", "text"]
                assert given["comment"][piece["start"] : piece["end"]] == piece["text"] != ""
        assert type(found["criticism"]) is type(found["unsure"]) is bool
        assert found["measures"] == [name for name in MEASURES if name in found["measures"]]
        assert "ignore" in found["measures"]
        assert found["recommended"] in found["measures"]
        assert found["reply"] in REPLIES
        assert type(found["urgency"]) is int
        assert 1 <= found["urgency"] <= 8
        assert found["campaign"] is None or isinstance(found["campaign"], str)
        assert all(isinstance(found[name], str) and found[name] for name in ("why", "policy_version", "model_version"))
        assert not found["unsure"] or found["recommended"] == "ignore"


def test_ids_keep_their_type_and_an_absent_one_is_the_number_of_the_row(file: Path) -> None:
    ids = [found["id"] for found in triaged(file)]
    assert ids == [1, "b", 3, 4]
    assert [type(id) for id in ids] == [int, str, int, int]


def test_abuse_is_found_with_the_words_that_show_it_and_criticism_is_left_alone(file: Path) -> None:
    _, abuse, criticism, _ = triaged(file)
    assert "abuse" in [ground["name"] for ground in abuse["grounds"]]
    assert abuse["grounds"][0]["clauses"]
    assert len(abuse["measures"]) > 1
    assert criticism["measures"] == ["ignore"]
    assert criticism["grounds"] == []


@pytest.mark.parametrize(("stated", "removable"), [(True, True), (False, False), ("", False), (None, False)])
def test_party_politics_can_come_down_only_in_a_stated_period(stated: object, removable: bool, tmp_path: Path) -> None:
    row = {"comment": "Vote Labour on Thursday, kick the Tories out!", "pre_election": stated}
    (found,) = triaged(put(tmp_path / "c.jsonl", [row]))
    assert [ground["name"] for ground in found["grounds"]] == ["party_political"]
    assert (found["measures"] != ["ignore"]) is removable


def test_every_format_gives_the_same_results(file: Path, tmp_path: Path) -> None:
    rows = [{"id": str(row["id"] or "x"), "comment": row["comment"], "post": row.get("post")} for row in COMMENTS]
    frame = polars.DataFrame(rows)
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=1))
    frame.write_csv(tmp_path / "b.csv")
    frame.write_parquet(tmp_path / "c.parquet")
    expected = triaged(put(tmp_path / "d.jsonl", rows))
    for name in ("a.json", "b.csv", "c.parquet"):
        assert triaged(tmp_path / name) == expected, name


def test_a_bad_row_is_reported_in_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    long = "x" * 5_000_000
    path.write_text(
        f'{{"comment": "one"}}\n{{"comm\n{{"id": "e", "comment": ""}}\n{{"comment": "{long}"}}\n{{"comment": "z"}}'
    )
    found = triaged(path)
    assert [one.get("error", {}).get("code") for one in found] == [
        None,
        "json_broken",
        "comment_empty",
        "comment_too_long",
        None,
    ]
    assert list(found[1]) == ["id", "row", "error"]
    assert (found[2]["id"], found[2]["row"]) == ("e", 3)
    assert found[4]["id"] == 5
    assert main(["triage", str(path), "--out", str(tmp_path / "again")]) == 3


def test_repeats_within_the_file_make_a_campaign_from_the_second_on(tmp_path: Path) -> None:
    win = "WIN a £500 voucher today!!! Click the link on my page and subscribe now"
    rows = [
        {"comment": win, "author": "Mallory", "post": post}
        for post in ("Library hours change", "Road works on Mill Lane", "School meals menu", "Bins after the holiday")
    ]
    found = triaged(put(tmp_path / "c.jsonl", rows))
    campaigns = [one["campaign"] for one in found]
    assert campaigns[0] is None
    assert campaigns[1] is not None
    assert campaigns[1:] == [campaigns[1]] * 3
    assert "spam" in [ground["name"] for ground in found[3]["grounds"]]
    assert len(found[3]["measures"]) > 1
    assert {one["campaign"] for one in triaged(tmp_path / "c.jsonl", "--no-repeats")} == {None}


def test_results_go_to_standard_output_and_the_summary_to_standard_error(file: Path) -> None:
    done = run("triage", file)
    assert done.returncode == 0
    assert [list(json.loads(line)) for line in done.stdout.splitlines()] == [KEYS] * 4
    summary = done.stderr.decode()
    for words in ("route answer", "clause ", "recommended ignore", "refused", "rows a second"):
        assert words in summary
    assert "\x1b" not in summary
    assert "\r" not in summary


def test_standard_input_is_read_for_a_dash(file: Path) -> None:
    assert run("triage", "-", given=file.read_bytes()).stdout == run("triage", file).stdout
    frame = io.BytesIO()
    polars.DataFrame({"text": ["one", "two"]}).write_parquet(frame)
    assert len(run("triage", "-", given=frame.getvalue()).stdout.splitlines()) == 2


def test_csv_output_is_flat_and_holds_the_refused_rows(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,comment\n=1+1,hello\n2,\n")
    done = run("triage", path, "--format", "csv")
    assert done.returncode == 3
    first, second = csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))
    assert (first["id"], first["recommended"]) == ("'=1+1", "ignore")
    assert (second["id"], second["row"], second["error_code"]) == ("2", "2", "comment_empty")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "nowhere.csv: there is no such file"),
        (["."], "is a directory"),
        (["c.csv"], "Columns seen: name, remark. Needed: comment"),
        (["latin.csv"], "--encoding"),
        (["good.csv", "--encoding", "zork"], "zork"),
        (["good.csv", "--policy", "nowhere.yaml"], "nowhere.yaml"),
        (["good.csv", "--out", "missing/out.jsonl"], "missing"),
        (["good.csv", "--out", "."], "is a directory"),
        (["good.csv", "--out", "good.csv"], "is the file being read"),
        (["good.csv", "--format", "xml"], "xml"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_without_a_trace(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text("name,remark\n1,2\n")
    Path("latin.csv").write_bytes("comment\ncafé\n".encode("latin-1"))
    Path("good.csv").write_text("comment\nfine\n")
    before = sorted(os.listdir())
    assert main(["triage", *arguments]) == 2
    output, messages = capfd.readouterr()
    assert output == ""
    assert words in " ".join(messages.split())
    assert "Traceback" not in messages
    assert sorted(os.listdir()) == before
    assert Path("good.csv").read_text() == "comment\nfine\n"


def test_a_message_ends_with_its_code_for_programs() -> None:
    done = run("triage", "nowhere.csv")
    assert done.returncode == 2
    assert done.stderr.decode() == "moothall: nowhere.csv: there is no such file [no_such_file]\n"


def test_a_wrong_encoding_on_standard_input_is_a_failure_too() -> None:
    done = run("triage", "-", given="comment\ncafé\n".encode("latin-1"))
    assert done.returncode == 2
    assert b"--encoding" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_pipe_that_closes_ends_it_quietly(tmp_path: Path) -> None:
    path = put(tmp_path / "c.jsonl", [{"comment": f"Thank you number {n}"} for n in range(3000)])
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m moothall triage {path} | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == b""


def test_a_full_disk_is_said_without_a_trace(file: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*MOOTHALL, "triage", str(file)], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.fixture
def slow_run(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A triage that has begun its output file and waits for more input."""
    process = subprocess.Popen(
        [*MOOTHALL, "triage", "-", "--out", str(tmp_path / "out.jsonl")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b'{"comment": "Thank you"}\n' * 1000)
    process.stdin.flush()
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".out.jsonl.*")) and time.monotonic() < until:
        time.sleep(0.05)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_it_leaves_no_half_file_and_no_trace(
    sent: signal.Signals, code: int, slow_run: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    time.sleep(0.5)
    slow_run.send_signal(sent)
    assert slow_run.wait(30) == code
    assert slow_run.stderr is not None
    assert b"Traceback" not in slow_run.stderr.read()
    assert os.listdir(tmp_path) == []


def on_terminal(arguments: list[str], *, out_too: bool) -> tuple[str, str]:
    """Run with standard error (and perhaps output) on a terminal; return what was printed there and to the pipe."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*MOOTHALL, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=follower if out_too else subprocess.PIPE,
        stderr=follower,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    piped = process.stdout.read() if process.stdout else b""
    if process.stdout:
        process.stdout.close()
    assert process.wait(60) == 0
    os.close(leader)
    return shown.decode(), piped.decode()


def test_on_a_terminal_people_get_a_table(file: Path) -> None:
    shown, _ = on_terminal(["triage", str(file)], out_too=True)
    words = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "urgency" in words
    assert "stupid" in words
    assert "{" not in words


def test_a_terminal_sees_progress_while_the_data_goes_elsewhere(tmp_path: Path) -> None:
    path = put(tmp_path / "c.jsonl", [{"comment": f"Thank you number {n} for the bench"} for n in range(2000)])
    shown, _ = on_terminal(["triage", str(path), "--out", str(tmp_path / "out.jsonl")], out_too=False)
    assert "\x1b[" in shown
    assert "%" in shown
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2000


def test_another_councils_rules_change_the_outcome_by_file_alone(file: Path, tmp_path: Path) -> None:
    from importlib import resources

    text = (resources.files("moothall.policy") / "house-rules.yaml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("version:")]
    rules = tmp_path / "rules.yaml"
    rules.write_text("\n".join([lines[0], 'version: "mine-7"', *lines[1:]]) + "\n", encoding="utf-8")
    assert {found["policy_version"] for found in triaged(file, "--policy", rules)} == {"mine-7"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Two hundred thousand rows stay under 400 MB, and the second half needs no more than the first."""
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc, which this system has not")
    path = tmp_path / "c.jsonl"
    with path.open("w") as lines:
        for n in range(200_000):
            comment = f"Lamp {n * 7919 % 200_003} on street {n * 104729 % 9973} has been out since day {n}"
            lines.write(json.dumps({"comment": comment, "author": f"a{n % 5000}", "post_id": n % 300}) + "\n")
    process = subprocess.Popen(
        [*MOOTHALL, "triage", str(path), "--out", str(tmp_path / "o")], stderr=subprocess.DEVNULL
    )
    resident = []
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                resident.append(int(line.split()[1]) / 1024)
        time.sleep(0.25)
    assert process.returncode == 0
    half = len(resident) // 2
    assert max(resident) < 400
    assert max(resident[half:]) < max(resident[:half]) + 40


@pytest.mark.parametrize(("closed", "code"), [("<&-", 2), (">&-", 2), ("2>&- >/dev/null", 0)])
def test_a_closed_stream_is_no_stack_trace(tmp_path: Path, closed: str, code: int) -> None:
    file = put(tmp_path / "c.jsonl", [{"comment": "Is the lido open?"}])
    asked = "-" if closed == "<&-" else str(file)
    command = f"exec '{sys.executable}' -m moothall triage '{asked}' --format jsonl {closed}"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr

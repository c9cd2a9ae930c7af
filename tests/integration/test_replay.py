"""``moothall replay`` as people call it: the report, the same result however it is worked out, and much that goes wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars
import pytest

from moothall.cli import main
from moothall.policy import default_policy

MOOTHALL = [sys.executable, "-m", "moothall"]
#: The reader is sure of the swearing in this, and hears criticism.
SURE = "Third fucking week running my brown bin has been left. I pay £58 a year for that."
SWEARING = """
  - id: no-swearing
    kind: swearing
    title: No swearing
    public: |
      We may hide comments with strong swearing in them.
    when: profanity
    grounds: [profanity]
    measures: [hide]
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules with lower thresholds and a clause on swearing."""
    text = default_policy().text.replace("{engage: 0.5, recommend: 0.7}", "{engage: 0.4, recommend: 0.6}")
    path = tmp_path_factory.mktemp("rules") / "new.yaml"
    path.write_text(text.rstrip("\n") + SWEARING, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def labelled(repository: Path) -> list[dict[str, Any]]:
    lines = (repository / "training" / "comments-01.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def comments(labelled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A year's archive as a platform exports it: no labels, authors, and one who puts the same under every post."""
    rows = [
        {name: row[name] for name in ("id", "comment", "post", "platform", "date", "pre_election")}
        | {"author": f"a{number % 40}"}
        for number, row in enumerate(labelled)
    ]
    win = {"comment": "WIN a £500 voucher today!!! Click the link on my page and subscribe now", "author": "Mallory"}
    posts = list(dict.fromkeys(row["post"] for row in rows))
    for number in range(60):
        rows.insert(number * 2, win | {"id": f"m{number}", "post": posts[number % len(posts)], "platform": "facebook"})
    return rows


def put(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def replay(archive: Path, rules: Path, out: Path, *options: object) -> int:
    return main(["replay", str(archive), "--policy", str(rules), "--out", str(out), *map(str, options)])


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "differences.jsonl").read_text("utf-8").splitlines()]


def summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "summary.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def alone(comments: list[dict[str, Any]], rules: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    folder = tmp_path_factory.mktemp("alone")
    many = [row | {"id": f"{row['id']}-{turn}"} for turn in range(20) for row in comments]
    archive = put(folder / "archive.jsonl", many)
    assert replay(archive, rules, folder / "out", "--processes", 1) == 0
    found = (folder / "out" / "differences.jsonl").read_bytes()
    assert found.count(b"\n") > 50
    return archive, found


class TestTheSameResult:
    """Byte for byte, in however many processes, on whichever cluster, from whichever kind of file."""

    def test_from_two_processes(self, alone: tuple[Path, bytes], rules: Path, tmp_path: Path) -> None:
        archive, expected = alone
        assert replay(archive, rules, tmp_path / "out", "--processes", 2) == 0
        assert (tmp_path / "out" / "differences.jsonl").read_bytes() == expected
        assert summary(tmp_path / "out") == summary(archive.parent / "out")

    @pytest.mark.filterwarnings("default")
    def test_from_a_dask_cluster_of_two_workers(self, alone: tuple[Path, bytes], rules: Path, tmp_path: Path) -> None:
        from distributed import LocalCluster

        archive, expected = alone
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
            out = tmp_path / "out"
            assert replay(archive, rules, out, "--cluster", cluster.scheduler_address) == 0
        assert (out / "differences.jsonl").read_bytes() == expected
        assert summary(out) == summary(archive.parent / "out")

    def test_from_readings_that_were_kept(self, alone: tuple[Path, bytes], rules: Path, tmp_path: Path) -> None:
        archive, expected = alone
        (readings,) = (archive.parent / "out").glob("readings-*.jsonl")
        assert replay(readings, rules, tmp_path / "out") == 0
        assert (tmp_path / "out" / "differences.jsonl").read_bytes() == expected

    def test_from_every_kind_of_file(self, comments: list[dict[str, Any]], rules: Path, tmp_path: Path) -> None:
        rows = [row | {"id": str(row["id"]), "date": row.get("date", "")} for row in comments[:80]]
        frame = polars.DataFrame(rows)
        frame.write_parquet(tmp_path / "a.parquet")
        frame.write_csv(tmp_path / "b.csv")
        (tmp_path / "c.json").write_text(json.dumps(rows, indent=1))
        put(tmp_path / "d.jsonl", rows)
        found = []
        for name in ("a.parquet", "b.csv", "c.json", "d.jsonl"):
            out = tmp_path / name.replace(".", "-")
            assert replay(tmp_path / name, rules, out, "--processes", 1) == 0
            found.append((out / "differences.jsonl").read_bytes())
        assert found[0].count(b"\n") > 1
        assert len(set(found)) == 1


class TestGoingOn:
    """A run that was killed goes on where it stood."""

    @pytest.fixture
    def archive(self, comments: list[dict[str, Any]], tmp_path: Path) -> Path:
        many = [row | {"id": f"{row['id']}-{turn}"} for turn in range(40) for row in comments]
        return put(tmp_path / "archive.jsonl", many)

    @pytest.fixture
    def killed(self, archive: Path, rules: Path, tmp_path: Path) -> tuple[Path, set[str]]:
        """A folder with the work of a run that was killed in the middle, and the parts that it holds."""
        out = tmp_path / "out"
        command = [*MOOTHALL, "replay", str(archive), "--policy", str(rules), "--out", str(out), "--processes", "2"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(list(out.glob(".work/*.tally.json"))) < 2 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.01)
        family = children(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(family) >= 2
        until = time.monotonic() + 20
        while any(alive(pid) for pid in family) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(alive(pid) for pid in family), "a process outlived its parent"
        done = {path.name for path in out.glob(".work/*.tally.json")}
        assert 2 <= len(done) < 7
        assert not (out / "differences.jsonl").exists()
        return out, done

    def test_after_a_kill_what_is_done_is_not_done_again(
        self, killed: tuple[Path, set[str]], archive: Path, rules: Path, tmp_path: Path
    ) -> None:
        out, done = killed
        for name in done:
            # A part that was worked out again would put this right.
            part = json.loads((out / ".work" / name).read_text())
            part["changes"]["other"] = part["changes"].get("other", 0) + 100_000
            (out / ".work" / name).write_text(json.dumps(part))
        assert replay(archive, rules, out) == 0
        assert replay(archive, rules, tmp_path / "whole") == 0
        assert (out / "differences.jsonl").read_bytes() == (tmp_path / "whole" / "differences.jsonl").read_bytes()
        wrong = summary(out)["changes"]["other"] - summary(tmp_path / "whole")["changes"]["other"]
        assert wrong == 100_000 * len(done)
        assert sorted(path.name for path in out.iterdir())[:2] == ["differences.jsonl", *out_readings(out)]
        assert not (out / ".work").exists()

    def test_after_a_kill_other_rules_begin_afresh(
        self, killed: tuple[Path, set[str]], archive: Path, rules: Path, tmp_path: Path
    ) -> None:
        out, done = killed
        for name in done:
            (out / ".work" / name).write_text("not a tally")
        other = tmp_path / "other.yaml"
        other.write_text(rules.read_text("utf-8").replace("recommend: 0.6", "recommend: 0.65"), encoding="utf-8")
        assert replay(archive, other, out) == 0
        assert summary(out)["comments"] == 160 * 40

    def test_after_a_kill_another_archive_begins_afresh(
        self, killed: tuple[Path, set[str]], archive: Path, rules: Path
    ) -> None:
        out, done = killed
        for name in done:
            (out / ".work" / name).write_text("not a tally")
        with archive.open("a", encoding="utf-8") as file:
            file.write('{"comment": "One more"}\n')
        assert replay(archive, rules, out) == 0
        assert summary(out)["comments"] == 160 * 40 + 1

    def test_two_at_once_in_one_folder_are_refused(
        self, archive: Path, rules: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        import fcntl

        (tmp_path / "out" / ".work").mkdir(parents=True)
        with (tmp_path / "out" / ".work" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert replay(archive, rules, tmp_path / "out") == 2
        assert "[already_running]" in capfd.readouterr().err


def out_readings(out: Path) -> list[str]:
    return sorted(path.name for path in out.glob("readings-*.jsonl"))


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found] + [below for child in found for below in children(int(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestReadings:
    def test_are_kept_and_used_for_the_next_rules(
        self, comments: list[dict[str, Any]], rules: Path, tmp_path: Path
    ) -> None:
        archive = put(tmp_path / "archive.jsonl", comments)
        assert replay(archive, rules, tmp_path / "out") == 0
        (name,) = out_readings(tmp_path / "out")
        before = lines(tmp_path / "out")
        kept = tmp_path / "out" / name
        text = kept.read_text("utf-8")
        assert "Mallory" not in text
        # Nobody reads the comments again: what stands in the readings counts.
        kept.write_text(text.replace('"profanity"', '"copyright"'), encoding="utf-8")
        assert replay(archive, rules, tmp_path / "out") == 0
        assert out_readings(tmp_path / "out") == [name]
        assert "no-swearing" not in json.dumps(lines(tmp_path / "out"))
        assert "no-swearing" in json.dumps(before)

    def test_of_another_archive_go(self, comments: list[dict[str, Any]], rules: Path, tmp_path: Path) -> None:
        archive = put(tmp_path / "archive.jsonl", comments[:5])
        assert replay(archive, rules, tmp_path / "out") == 0
        (before,) = out_readings(tmp_path / "out")
        put(archive, comments[:6])
        assert replay(archive, rules, tmp_path / "out") == 0
        (after,) = out_readings(tmp_path / "out")
        assert before != after

    def test_keep_the_numbers_of_rows_and_what_was_refused(self, rules: Path, tmp_path: Path) -> None:
        archive = tmp_path / "archive.jsonl"
        sure = json.dumps({"id": "x", "comment": SURE})
        archive.write_text(f'{{"comment": ""}}\n{{"com\n{sure}\n')
        assert replay(archive, rules, tmp_path / "out") == 3
        first, told = lines(tmp_path / "out"), summary(tmp_path / "out")
        assert [(line["id"], line["row"]) for line in first] == [("x", 3)]
        assert told["refused"] == {"comment_empty": {"rows": 1, "first": 1}, "json_broken": {"rows": 1, "first": 2}}
        assert replay(archive, rules, tmp_path / "out") == 3
        assert lines(tmp_path / "out") == first
        assert summary(tmp_path / "out") == told


class TestRepeats:
    def test_are_counted_over_the_window_that_the_rules_set(self, tmp_path: Path, repository: Path) -> None:
        win = "WIN a £500 voucher today!!! Click the link on my page and subscribe now"
        posts = ["Library hours change", "Road works on Mill Lane", "School meals menu"]
        archive = put(
            tmp_path / "archive.jsonl",
            [
                {"id": number, "comment": win, "author": "Mallory", "post": post, "date": f"2026-{month}-01"}
                for number, (post, month) in enumerate(zip(posts, ("09", "10", "11"), strict=True))
            ],
        )
        within = tmp_path / "rules.yaml"
        text = default_policy().text.replace("    days: 90", "    days: 30", 1)
        within.write_text(text, encoding="utf-8")
        assert replay(archive, within, tmp_path / "out") == 0
        (line,) = lines(tmp_path / "out")
        assert (line["id"], line["change"]) == (2, "newly_up")
        assert [clause["id"] for clause in line["old"]["clauses"]] == ["no-spam"]


@pytest.fixture(scope="module")
def reported(labelled: list[dict[str, Any]], rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    swearing = {
        "comment": "Third fucking week running my <brown> bin & sack have been left. I pay £58 a year for that.",
        "route": "none",
        "grounds": [],
        "criticism": True,
    }
    archive = put(folder / "archive.jsonl", [*labelled, swearing | {"id": "<b>1</b>"}])
    assert replay(archive, rules, folder / "out", "--with-reader", "--fail-on-criticism") == 1
    assert replay(archive, rules, folder / "out", "--with-reader") == 0
    return folder / "out"


def test_three_spam_replies_in_thirty_days_are_a_block_by_a_second_officer_with_a_letter(tmp_path: Path) -> None:
    """The rule of the how-to, seen in a replay before it goes live."""
    ladder = """
ladder:
  - id: three-spam-replies
    title: Three spam replies
    public: Whoever spams three times within 30 days is blocked. We write and say why.
    grounds: [spam]
    strikes: 3
    within: 30 days
    measure: block
    second_person: true
    letter: ban
    notify: dm
"""
    rules = tmp_path / "rules.yaml"
    rules.write_text(default_policy().text.rstrip("\n") + ladder, encoding="utf-8")
    win = "WIN a £500 voucher today!!! Click the link on my page and subscribe now"
    rows = [
        {"id": day, "comment": win, "author": "Mallory", "post": f"Road works, part {day}", "date": f"2026-11-{day:02}"}
        for day in range(1, 7)
    ]
    archive = put(tmp_path / "archive.jsonl", rows)
    assert replay(archive, rules, tmp_path / "out", "--processes", 2) == 0
    found = lines(tmp_path / "out")
    # From the third post on it is spam and is hidden; with the fifth there are three within the window.
    assert [(line["id"], line["old"]["recommended"], line["new"]["recommended"]) for line in found] == [
        (5, "hide", "block"),
        (6, "hide", "block"),
    ]
    assert all(line["new"]["second_person"] and line["new"]["letter"] == "ban" for line in found)
    assert "three-spam-replies" in (tmp_path / "out" / "report.html").read_text("utf-8")


class TestTheReport:
    def test_says_lawful_criticism_first_and_in_red(self, reported: Path) -> None:
        number = summary(reported)["lawful_criticism"]["newly_down"]
        assert number >= 1
        page = (reported / "report.html").read_text("utf-8")
        first = page[page.index("<h2") :]
        assert re.match(rf'<h2 id="criticism">Lawful criticism that would newly come down: {number}</h2>', first)
        assert 'class="criticism some"' in page
        assert [line["id"] for line in lines(reported) if line["lawful_criticism"]][-1] == "<b>1</b>"

    def test_stands_alone(self, reported: Path) -> None:
        class Reader(HTMLParser):
            def __init__(self) -> None:
                super().__init__()
                self.tags: list[str] = []
                self.addresses: list[str] = []

            def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
                self.tags.append(tag)
                self.addresses += [
                    value or "" for name, value in attributes if name in ("src", "href", "srcset", "data")
                ]

        page = (reported / "report.html").read_text("utf-8")
        reader = Reader()
        reader.feed(page)
        assert {"script", "link", "img", "iframe", "object"}.isdisjoint(reader.tags)
        assert all(address.startswith("#") for address in reader.addresses)
        assert "url(" not in page
        assert "@import" not in page
        assert reader.tags.count("svg") >= 2

    def test_folds_what_people_wrote_under_a_warning_and_escapes_it(self, reported: Path) -> None:
        page = (reported / "report.html").read_text("utf-8")
        assert "<strong>Warning:</strong>" in page
        assert "Third <mark>fucking</mark> week running my &lt;brown&gt; bin &amp; sack" in page
        assert "&lt;b&gt;1&lt;/b&gt;" in page
        unfolded = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
        assert "fucking" not in unfolded
        assert "<details open" not in page

    def test_says_what_the_rules_say_differently(self, reported: Path) -> None:
        page = (reported / "report.html").read_text("utf-8")
        assert "“No swearing”" in page
        assert page.index('id="rules"') < page.index('id="numbers"')

    def test_names_both_thresholds_where_they_stand(self, reported: Path) -> None:
        page = (reported / "report.html").read_text("utf-8")
        for words in ("found, old 0.50", "found, new 0.40", "recommend, old 0.70", "recommend, new 0.60"):
            assert words in page

    def test_a_replay_without_a_change_says_none(self, rules: Path, tmp_path: Path) -> None:
        archive = put(tmp_path / "archive.jsonl", [{"comment": "Is the lido open?"}])
        assert replay(archive, rules, tmp_path / "out", "--against", rules, "--fail-on-criticism") == 0
        assert lines(tmp_path / "out") == []
        assert "newly come down: none</h2>" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_the_summary_is_printed_and_without_a_folder_nothing_is_kept(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    archive = put(tmp_path / "archive.jsonl", [{"comment": SURE}])
    assert main(["replay", str(archive), "--policy", str(rules)]) == 0
    output, messages = capfd.readouterr()
    assert "Lawful criticism that would newly come down: 1" in output
    assert re.search(r"would newly come down\s+│\s+1\b", output)
    assert "no-swearing" in output
    assert "--out" in messages
    assert list((tmp_path / "temporary").iterdir()) == []


def test_labelled_comments_are_taken_by_their_labels(rules: Path, tmp_path: Path) -> None:
    rows = [
        {"id": 1, "comment": "Nothing in this", "route": "none", "grounds": ["profanity"]},
        {"id": 2, "comment": "What the fuck", "route": "none", "grounds": []},
        {"id": 3, "comment": "No label", "route": "none"},
        {"id": 4, "comment": "A wrong label", "route": "none", "grounds": ["rudeness"]},
    ]
    archive = put(tmp_path / "archive.jsonl", rows)
    assert replay(archive, rules, tmp_path / "out") == 3
    assert [(line["id"], line["change"]) for line in lines(tmp_path / "out")] == [(1, "newly_down")]
    assert set(summary(tmp_path / "out")["refused"]) == {"label_missing", "label_unknown"}
    assert out_readings(tmp_path / "out") == []


def test_labels_in_a_csv_file_are_read_too(rules: Path, tmp_path: Path) -> None:
    with (tmp_path / "archive.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["comment", "route", "grounds"], ["One", "none", "profanity; abuse"], ["Two", "none", ""]]
        )
    assert replay(tmp_path / "archive.csv", rules, tmp_path / "out") == 0
    assert [line["row"] for line in lines(tmp_path / "out")] == [1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "nowhere.csv: there is no such file"),
        (["."], "is a directory"),
        (["-"], "name one"),
        (["c.csv"], "Columns seen: name, remark. Needed: comment"),
        (["latin.csv"], "--encoding"),
        (["good.csv", "--encoding", "zork"], "zork"),
        (["good.csv", "--policy", "nowhere.yaml"], "nowhere.yaml"),
        (["good.csv", "--policy", "faulty.yaml"], "faulty.yaml"),
        (["good.csv", "--against", "faulty.yaml"], "faulty.yaml"),
        (["good.csv", "--out", "full"], "holds other things (something.txt)"),
        (["good.csv", "--out", "good.csv"], "is a file"),
        (["good.csv", "--out", "missing/out"], "cannot be written"),
        (["good.csv", "--processes", "0"], "processes"),
        (["good.csv", "--cluster", "tcp://127.0.0.1:1"], "no Dask cluster answers at tcp://127.0.0.1:1"),
        ([], "Missing argument"),
    ],
)
@pytest.mark.filterwarnings("default")
def test_what_cannot_be_done_is_said_in_a_line_without_a_trace(
    arguments: list[str],
    words: str,
    rules: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("moothall.reading.replay.workers._CONNECT_SECONDS", 1)
    Path("c.csv").write_text("name,remark\n1,2\n")
    Path("latin.csv").write_bytes("comment\ncafé\n".encode("latin-1"))
    Path("good.csv").write_text("comment\nfine\n")
    Path("faulty.yaml").write_text(rules.read_text("utf-8") + "\nzork: [\n")
    Path("full").mkdir()
    Path("full/something.txt").write_text("mine")
    Path("rules.yaml").write_text(rules.read_text("utf-8"))
    if "--policy" not in arguments:
        arguments = [*arguments, "--policy", "rules.yaml"]
    assert main(["replay", *arguments]) == 2
    output, messages = capfd.readouterr()
    assert output == ""
    assert words in " ".join(messages.split())
    assert "Traceback" not in messages
    assert Path("full/something.txt").read_text() == "mine"
    assert os.listdir("full") == ["something.txt"]


def test_a_terminal_sees_progress_when_it_takes_long(
    comments: list[dict[str, Any]], rules: Path, tmp_path: Path
) -> None:
    import pty

    many = [row | {"id": f"{row['id']}-{turn}"} for turn in range(60) for row in comments]
    archive = put(tmp_path / "archive.jsonl", many)
    leader, follower = pty.openpty()
    command = [*MOOTHALL, "replay", str(archive), "--policy", str(rules), "--processes", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower, env=os.environ | {"TERM": "xterm"})
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
    os.close(leader)
    assert process.wait(60) == 0
    assert re.search(rb"[\d,]+ comments", shown)
    assert b"%" in shown


def test_files_of_somebody_else_are_left_alone_whatever_they_are_called(
    rules: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = put(tmp_path / "archive.jsonl", [{"comment": "fine"}])
    for name in ("readings-mine.jsonl", "report.html", "summary.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("mine", encoding="utf-8")
        assert main(["replay", str(archive), "--policy", str(rules), "--out", str(folder)]) == 2
        assert "holds other things" in capfd.readouterr().err
        assert (folder / name).read_text("utf-8") == "mine"
        assert os.listdir(folder) == [name]
    ours = tmp_path / "ours"
    for _ in range(2):
        assert main(["replay", str(archive), "--policy", str(rules), "--out", str(ours)]) == 0


def test_criticism_that_would_meet_a_stronger_measure_is_told_in_red(
    rules: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    harder = tmp_path / "harder.yaml"
    text = rules.read_text("utf-8")
    spam = text.index("  - id: no-spam")
    harder.write_text(text[:spam] + text[spam:].replace("recommends: hide", "recommends: delete", 1), encoding="utf-8")
    signals = {"criticism": True, "off_topic": True}
    archive = put(tmp_path / "archive.jsonl", [{"comment": "useless council", "repeats": 4, "signals": signals}])
    out = tmp_path / "out"
    assert main(["replay", str(archive), "--policy", str(harder), "--against", str(rules), "--out", str(out)]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert "1 comment with criticism in them would meet a stronger measure" in said
    assert "would meet a stronger measure: hide → delete" in said
    assert json.loads((out / "summary.json").read_text("utf-8"))["lawful_criticism"]["harder"] == 1
    report = (out / "report.html").read_text("utf-8")
    assert 'class="criticism some"' in report
    assert "hide → delete 1" in report


def test_a_spreadsheet_can_hold_what_an_officer_stated(
    rules: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive.csv"
    archive.write_text('comment,facts\nfine,"{""judged_inappropriate"": true}"\nfine too,nonsense\n', encoding="utf-8")
    out = tmp_path / "out"
    new = tmp_path / "new.yaml"
    new.write_text(
        rules.read_text("utf-8").replace(
            "recommends: ignore\n    reason_required", "recommends: hide\n    reason_required"
        )
    )
    assert main(["replay", str(archive), "--policy", str(new), "--against", str(rules), "--out", str(out)]) == 3
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["changes"]["newly_down"] == 1
    assert "facts_broken" in summary["refused"]

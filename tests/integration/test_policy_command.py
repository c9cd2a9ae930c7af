"""The other commands of the command line: thin, and each with its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

from moothall.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    text = (resources.files("moothall.policy") / "house-rules.yaml").read_text("utf-8")
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def faulty(rules: Path) -> Path:
    text = rules.read_text("utf-8")
    rules.write_text(text + "\nzork: [\n", encoding="utf-8")
    return rules


def test_rules_without_fault_are_told_so(rules: Path, capfd: Capture) -> None:
    assert main(["policy", "check", str(rules)]) == 0
    assert "no fault found" in capfd.readouterr().out
    assert main(["policy", "check", str(rules), "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["errors"] == []


def test_faults_are_told_with_their_place(faulty: Path, capfd: Capture) -> None:
    assert main(["policy", "check", str(faulty)]) == 1
    assert f"{faulty}:" in capfd.readouterr().out
    assert main(["policy", "check", str(faulty), "--format", "json"]) == 1
    (fault, *_) = json.loads(capfd.readouterr().out)["errors"]
    assert set(fault) == {"line", "column", "message", "hint", "code"}
    assert fault["line"] > 1


def test_rules_that_are_not_there_cannot_be_checked(tmp_path: Path, capfd: Capture) -> None:
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        assert main(["policy", "check", str(path)]) == 2
        assert "no_such_file" in capfd.readouterr().err


def test_faulty_rules_cannot_be_shown_or_applied(faulty: Path, tmp_path: Path, capfd: Capture) -> None:
    comments = tmp_path / "c.csv"
    comments.write_text("comment\nhello\n")
    for command in (["policy", "show"], ["policy", "page"], ["triage", str(comments), "--policy"]):
        assert main([*command, str(faulty)]) == 2
        output, messages = capfd.readouterr()
        assert output == ""
        assert messages.startswith("moothall: ")
        assert "Traceback" not in messages


def test_the_rules_that_ship_can_be_shown_and_published(tmp_path: Path, capfd: Capture) -> None:
    assert main(["policy", "show"]) == 0
    assert len(capfd.readouterr().out) > 1000
    assert main(["policy", "page"]) == 0
    page = capfd.readouterr().out
    assert page.lstrip().lower().startswith("<!doctype html")
    assert main(["policy", "page", "--out", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text("utf-8") == page


def test_the_version_is_that_of_the_package(capfd: Capture) -> None:
    assert main(["--version"]) == 0
    assert capfd.readouterr().out == f"moothall {version('moothall')}\n"


@pytest.mark.parametrize("arguments", [["nonsense"], ["policy", "nonsense"], ["triage", "--nonsense"]])
def test_what_is_not_understood_is_exit_two(arguments: list[str], capfd: Capture) -> None:
    assert main(arguments) == 2
    assert "nonsense" in capfd.readouterr().err


def test_labelled_comments_are_evaluated(tmp_path: Path, capfd: Capture) -> None:
    path = tmp_path / "labelled.jsonl"
    rows = [
        {"comment": "When does the tip open on Sunday?", "route": "answer", "grounds": [], "criticism": False},
        {"comment": "Amina is a stupid idiot", "route": "none", "grounds": ["abuse"], "split": "train"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["evaluate", str(path), "--json"]) == 0
    output, messages = capfd.readouterr()
    found = json.loads(output)
    assert found["comments"] == 2
    assert found["grounds"]["abuse"]["recall"] == 1
    assert found["policy"]["lawful"] == 1
    assert sum(found["policy"]["recommended"].values()) == 2
    assert "1 of 2 comments are marked for training" in messages
    assert main(["evaluate", str(path)]) == 0
    assert "precision" in capfd.readouterr().out


def test_comments_without_labels_cannot_be_evaluated(tmp_path: Path, capfd: Capture) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text('{"comment": "hello"}\n')
    assert main(["evaluate", str(path)]) == 2
    assert "route and grounds" in capfd.readouterr().err
    path.write_text('{"comment": "hello", "route": "nowhere", "grounds": []}\n')
    assert main(["evaluate", str(path)]) == 2
    path.write_text(
        '{"comment": "hello", "route": "nowhere", "grounds": []}\n{"comment": "hello", "route": "none", "grounds": []}\n'
    )
    assert main(["evaluate", str(path)]) == 3
    assert "'nowhere' is no route" in capfd.readouterr().err


def test_there_is_nothing_to_train_from_in_an_empty_folder(tmp_path: Path, capfd: Capture) -> None:
    assert main(["train", str(tmp_path / "missing")]) == 2
    assert main(["train", str(tmp_path), "--out", str(tmp_path / "model")]) == 2
    assert "Traceback" not in capfd.readouterr().err
    assert not (tmp_path / "model").exists()


def test_an_export_is_verified_without_the_application(tmp_path: Path, capfd: Capture) -> None:
    from moothall.records.chain import GENESIS, head_line

    export = tmp_path / "export.jsonl"
    export.write_text(head_line(0, GENESIS).rstrip("\n") + "\n")
    assert main(["verify", str(export)]) == 0
    assert "holds: 0 records" in capfd.readouterr().out
    export.write_text('{"altered":true}\n')
    assert main(["verify", str(export)]) == 1
    assert "line 1" in capfd.readouterr().out
    assert main(["verify", str(tmp_path)]) == 2
    assert main(["verify", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capfd.readouterr().err


def test_help_and_version_start_without_loading_the_reader_or_django() -> None:
    code = (
        "import sys; from moothall.cli import main; main(['--help']); "
        "print([m for m in ('django', 'polars', 'numpy', 'moothall.signals', 'moothall.policy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.rstrip().endswith("[]")


GOOD = '{"id": "a", "date": "2027-06-15T10:00:00+01:00", "facts": {"grounds": ["abuse"]}, "expect": {"recommended": "hide"}}\n'
WRONG = GOOD.replace('"a"', '"b"').replace('"hide"', '"block"')
BROKEN = GOOD.replace('"a"', '"c"').replace('"abuse"', '"abuze"')


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (GOOD, 0),
        ("\ufeff" + GOOD.replace("\n", "\r\n"), 0),
        (GOOD + WRONG, 1),
        (GOOD + BROKEN, 3),
        (WRONG + BROKEN, 1),
        ("", 2),
    ],
)
def test_cases_have_their_exit_code(lines: str, code: int, tmp_path: Path, capfd: Capture) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_bytes(lines.encode())
    assert main(["policy", "test", str(cases)]) == code
    assert "Traceback" not in capfd.readouterr().err


def test_each_case_is_a_line_of_json(tmp_path: Path, capfd: Capture) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(GOOD + WRONG + GOOD.replace('"a"', '"\\ud800"'), encoding="utf-8")
    assert main(["policy", "test", str(cases), "--json"]) == 1
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert told[0] == {"id": "a", "ok": True, "differences": []}
    assert told[1]["differences"] == [{"field": "recommended", "expected": "block", "actual": "hide"}]
    assert [each["ok"] for each in told] == [True, False, True]


def test_the_cases_that_ship_are_run_without_a_name(capfd: Capture) -> None:
    assert main(["policy", "test", "--policy", "tamarook"]) == 0
    assert "0 different" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_a_file_of_cases_that_cannot_be_read_is_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "test", name]) == 2
    assert name in capfd.readouterr().err


def test_an_example_never_writes_over_a_file(tmp_path: Path, capfd: Capture) -> None:
    own = tmp_path / "our-rules.yaml"
    assert main(["policy", "example", "gullhaven", "--out", str(own)]) == 0
    assert main(["policy", "check", str(own)]) == 0
    own.write_text("mine", encoding="utf-8")
    assert main(["policy", "example", "gullhaven", "--out", str(own)]) == 2
    assert own.read_text("utf-8") == "mine"
    capfd.readouterr()
    assert main(["policy", "example"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 7


def test_what_differs_is_told_in_sentences(rules: Path, capfd: Capture) -> None:
    changed = rules.with_name("new.yaml")
    changed.write_text(rules.read_text("utf-8").replace("after_months: 6", "after_months: 3"), encoding="utf-8")
    assert main(["policy", "diff", str(rules), str(changed)]) == 0
    assert "after 3 months instead of" in capfd.readouterr().out
    assert main(["policy", "diff", str(rules), str(changed), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)
    assert main(["policy", "diff", str(rules), str(rules)]) == 0
    assert "the same" in capfd.readouterr().out


def test_the_schema_is_printed_for_editors(capfd: Capture) -> None:
    assert main(["policy", "schema"]) == 0
    assert "clauses" in json.loads(capfd.readouterr().out)["properties"]

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from moothall.signals.sameness import sameness_of
from moothall.signals.training import NothingToLearn, labelled, train
from moothall.words import GROUNDS, ROUTES

ROOT = Path(__file__).parents[3]


def test_labels_are_those_of_the_project() -> None:
    rows = labelled(ROOT / "training")
    assert rows
    for row in rows:
        assert row["route"] in ROUTES, row["id"]
        assert set(row["grounds"]) <= set(GROUNDS), row["id"]
        for span in row["spans"]:
            assert 0 <= span["start"] < span["end"] <= len(row["comment"]), row["id"]


def test_nothing_of_the_demonstration_is_learned_from() -> None:
    weekend = ROOT / "src/moothall/project/demo/weekend.jsonl"
    shown = {json.loads(line)["message"] for line in weekend.read_text("utf-8").splitlines() if line.strip()}
    assert shown
    learned = {sameness_of(row["comment"]).letters for row in labelled(ROOT / "training")}
    assert not learned & {sameness_of(text).letters for text in shown if len(text) > 20}


def test_a_folder_without_label_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn):
        train(tmp_path, tmp_path / "out")


def test_reading_needs_nothing_that_training_needs() -> None:
    code = (
        "import sys, socket\n"
        "def refused(*a, **k): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = refused\n"
        "from moothall.signals import Reader\n"
        "Reader().read('My bin was missed')\n"
        "print(sorted({'torch', 'transformers', 'onnx', 'sklearn', 'django'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

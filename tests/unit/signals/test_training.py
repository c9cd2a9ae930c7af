from __future__ import annotations

import json
from pathlib import Path

import pytest

from moothall.signals import Reader
from moothall.signals.model import HEADS
from moothall.signals.repeats import letters_of
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
    if not weekend.is_file():
        pytest.skip("the demonstration's weekend is not there yet")
    shown = {json.loads(line)["message"] for line in weekend.read_text("utf-8").splitlines() if line.strip()}
    assert shown
    learned = {letters_of(row["comment"])[0] for row in labelled(ROOT / "training")}
    assert not learned & {letters_of(text)[0] for text in shown if len(text) > 20}


def test_a_folder_without_label_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn):
        train(tmp_path, tmp_path / "out")


def test_the_same_files_and_seed_make_the_same_model(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn")
    rows = labelled(ROOT / "training", "train")[:120]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    for name in ("one", "two"):
        train(tmp_path, tmp_path / name)
    cards = [(tmp_path / name / "card.json").read_text("utf-8") for name in ("one", "two")]
    assert cards[0] == cards[1]
    assert json.loads(cards[0])["heads"] == list(HEADS)
    assert Reader(model=tmp_path / "one").read("My bin was missed").route in ROUTES

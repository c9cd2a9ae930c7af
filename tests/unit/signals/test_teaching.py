"""Teaching itself, with PyTorch: minutes, and gigabytes to install, so not part of `make test` (make test-training)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moothall.signals import Reader
from moothall.signals.encoder import HEADS
from moothall.signals.training import labelled, train

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    pytest.importorskip("torch", reason="teaching needs PyTorch: pip install 'moothall[train]'")
    rows = [*labelled(ROOT / "training", "train")[:160], *labelled(ROOT / "training", "development")[:60]]
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return folder


def test_the_same_files_and_seed_make_the_same_model(few: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        train(few, tmp_path / name, rounds=1)
    for file in ("card.json", "encoder.onnx"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert json.loads((tmp_path / "one" / "card.json").read_text("utf-8"))["heads"] == list(HEADS)
    assert Reader(model=tmp_path / "one").read("My bin was missed").route


def test_what_was_learned_from_public_sets_is_kept_and_found_again(few: Path, tmp_path: Path) -> None:
    rows = [{"text": f"you absolute fool number {n}", "label": n % 2, "split": "train"} for n in range(64)]
    public = tmp_path / "public"
    public.mkdir()
    (public / "tweeteval_offensive.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told: list[str] = []
    for name in ("first", "second"):
        train(few, tmp_path / name, public, rounds=1, kept=tmp_path / "kept", told=told.append)
    assert sum("already learned" in line for line in told) == 1
    assert (tmp_path / "first" / "encoder.onnx").read_bytes() == (tmp_path / "second" / "encoder.onnx").read_bytes()


def test_without_comments_for_development_a_part_of_the_councils_is_held_out(few: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (few / "a.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["split"] == "train"]
    (few / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    learned = train(few, tmp_path / "out", rounds=1)
    assert learned.council_comments < len(rows)
    about = json.loads((tmp_path / "out" / "card.json").read_text("utf-8"))["about"]
    assert about["calibrated_on"].startswith(str(len(rows) - learned.council_comments))

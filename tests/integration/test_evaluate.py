"""`moothall evaluate`: one split, several models, and what is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moothall.cli import main
from moothall.signals.encoder import SHIPPED

Capture = pytest.CaptureFixture[str]
ROWS = [
    {"comment": "What day is the library open?", "route": "answer", "grounds": [], "criticism": False, "split": "test"},
    {"comment": "You bone idle halfwits", "route": "none", "grounds": ["abuse"], "criticism": False, "split": "test"},
    {"comment": "My bin was missed", "route": "customer_service", "grounds": [], "criticism": False, "split": "train"},
]


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return str(file)


def test_one_split_can_be_measured_by_itself(labelled: str, capfd: Capture) -> None:
    assert main(["evaluate", labelled, "--split", "test", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["comments"] == 2
    assert report["grounds"]["abuse"]["support"] == 1


def test_a_split_without_comments_is_told(labelled: str, capfd: Capture) -> None:
    assert main(["evaluate", labelled, "--split", "development"]) == 2
    assert "no labelled comment" in capfd.readouterr().err


def test_several_models_are_set_side_by_side(labelled: str, capfd: Capture) -> None:
    assert main(["evaluate", labelled, "--model", str(SHIPPED), "--model", str(SHIPPED)]) == 0
    table = capfd.readouterr().out
    assert "\n1: encoder-" in table
    assert "\n2: encoder-" in table


def test_what_is_published_holds_the_figures_and_nothing_unfilled(
    labelled: str, tmp_path: Path, capfd: Capture
) -> None:
    folder = tmp_path / "pages"
    assert main(["evaluate", labelled, "--split", "test", "--publish", str(folder), "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    pages = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert set(pages) == {"evaluation.md", "model-card.md", "transparency-record.md"}
    assert all("$" not in page for page in pages.values())
    assert f"macro-F1 over the grounds | {report['macro_f1_grounds']:.3f}" in pages["evaluation.md"]
    assert report["model_version"] in pages["model-card.md"]
    assert "split `test`" in pages["evaluation.md"]
    assert "*[council]*" in pages["transparency-record.md"]


def test_two_models_cannot_be_published_into_one_folder(labelled: str, tmp_path: Path, capfd: Capture) -> None:
    both = ["--model", str(SHIPPED), "--model", str(SHIPPED)]
    assert main(["evaluate", labelled, *both, "--publish", str(tmp_path / "pages")]) == 2
    assert "one_model_to_publish" in capfd.readouterr().err
    assert not (tmp_path / "pages").exists()


def test_the_pages_that_ship_are_of_the_model_that_ships() -> None:
    from moothall.signals import Reader

    docs = Path(__file__).parents[2] / "docs" / "explanation"
    for name in ("evaluation.md", "model-card.md", "transparency-record.md"):
        assert Reader().version in (docs / name).read_text("utf-8"), name

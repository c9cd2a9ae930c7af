from __future__ import annotations

import json
from pathlib import Path

import pytest

from moothall.signals import Reader, Signals, evaluate
from moothall.signals.evaluation import compare, interval
from moothall.signals.model import ModelUnreadable, load
from moothall.words import GROUNDS, ROUTES, Signal


def _row(route: str, *grounds: str) -> dict[str, object]:
    return {"comment": "x", "route": route, "grounds": list(grounds), "criticism": False}


def _read(route: str, *grounds: str, unsure: bool = False) -> Signals:
    return Signals(route=route, grounds={name: Signal(0.9) for name in grounds}, unsure=unsure)


def test_figures_are_counted_by_hand() -> None:
    rows = [_row("none", "abuse"), _row("answer"), _row("none"), _row("safeguard", "threat")]
    read = [_read("none", "abuse"), _read("answer", "abuse"), _read("none", "spam", unsure=True), _read("none")]
    report = compare(rows, read, "v")
    abuse = report.grounds["abuse"]
    assert (abuse.precision, abuse.recall) == (0.5, 1.0)
    assert report.grounds["threat"].recall == 0.0
    assert report.route_accuracy == 0.75
    assert (report.lawful, report.lawful_flagged, report.lawful_flagged_surely) == (2, 2, 1)
    assert report.danger.missed == 1


def test_party_politics_alone_counts_as_lawful() -> None:
    report = compare([_row("councillor", "party_political")], [_read("councillor", "party_political")], "v")
    assert (report.lawful, report.lawful_flagged) == (1, 0)


def test_the_report_speaks_to_people_and_to_programs(reader: Reader) -> None:
    rows = [{"comment": "When is the tip open?", "post": None, "route": "answer", "grounds": []}]
    report = evaluate(rows, reader)
    assert set(report.as_dict()["grounds"]) == set(GROUNDS)
    assert set(report.as_dict()["routes"]) == set(ROUTES)
    json.dumps(report.as_dict())
    assert "route" in report.table()


def test_an_empty_file_has_a_report_too(reader: Reader) -> None:
    assert evaluate([], reader).as_dict()["comments"] == 0


def test_an_interval_holds_its_share() -> None:
    low, high = interval(3, 100)
    assert 0 < low < 0.03 < high < 0.1


def test_a_folder_without_a_model_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="No model can be loaded"):
        load(tmp_path)

from __future__ import annotations

import json

from moothall.signals import Reader, Signals, evaluate
from moothall.signals.evaluation import compare, interval, side_by_side
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


def test_slices_count_their_lawful_and_what_was_named_in_them() -> None:
    rows = [_row("none", "abuse") | {"slice": "dialect"}, _row("none") | {"slice": "dialect masked"}]
    report = compare(rows, [_read("none", "abuse"), _read("none", "abuse")], "v")
    dialect = report.slices["dialect"]
    assert (dialect.comments, dialect.right, dialect.lawful, dialect.flagged_surely) == (2, 1, 1, 1)
    assert report.slices["masked"].comments == 1
    assert report.slices["up_to_10_words"].comments == 2


def test_calibration_compares_what_is_said_with_what_is_there() -> None:
    rows = [_row("none", "abuse"), _row("none"), _row("none"), _row("none")]
    read = [Signals("none", all_grounds={"abuse": Signal(0.5)}) for _ in rows]
    (only,) = compare(rows, read, "v").calibration
    assert (only.count, only.said, only.seen) == (4, 0.5, 0.25)
    assert compare(rows, read, "v").calibration_error == 0.25


def test_margins_hold_the_figure_and_shrink_with_more_comments() -> None:
    rows = [_row("none", "abuse"), _row("none", "abuse"), _row("none")] * 5
    read = [_read("none", "abuse"), _read("none"), _read("none")] * 5
    few = compare(rows, read, "v")
    many = compare(rows * 20, read * 20, "v")
    low, high = few.margins["macro"]
    assert low < few.macro_f1 < high
    assert many.margins["macro"][1] - many.margins["macro"][0] < (high - low) / 2
    assert set(few.margins) == {"abuse", "macro"}


def test_models_are_set_side_by_side() -> None:
    rows = [_row("none", "abuse"), _row("none")]
    reports = [
        compare(rows, [_read("none", "abuse"), _read("none")], "first"),
        compare(rows, [_read("none")] * 2, "second"),
    ]
    table = side_by_side(reports)
    assert "1: first" in table
    assert "1.000" in next(line for line in table.splitlines() if line.startswith("macro-F1"))

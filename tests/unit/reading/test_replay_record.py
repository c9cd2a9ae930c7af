"""Rules that look at what was done about an author before: worked out within the archive, for each policy by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.reading.replaying import found, new, replayed, row

from moothall.reading.replay import Options

LADDER = """\
ladder:
  - id: third-time
    title: Three times in 30 days
    public: Whoever breaks a rule three times in 30 days may be blocked.
    strikes: 3
    within: 30 days
    measure: block
    second_person: true
"""
THREE_STRIKES = new(("[hide, delete]", "[hide, delete, block]"), more=LADDER)


def by(author: str, day: int, month: int = 11) -> dict[str, Any]:
    return row(
        f"{author}-{month}-{day}",
        signals=found("abuse"),
        author=author,
        platform="facebook",
        date=f"2026-{month:02}-{day:02}T12:00:00+00:00",
        repeats=0,
    )


def recommended(tmp_path: Path, rows: list[dict[str, Any]], options: Options | None = None) -> dict[str, str]:
    _, differences = replayed(tmp_path, rows, THREE_STRIKES, options)
    return {line["id"]: line["new"]["recommended"] for line in differences}


def test_the_third_breach_within_the_window_is_a_block_by_a_second_officer(tmp_path: Path) -> None:
    rows = [by("mallory", 1), by("dee", 2), by("mallory", 3), by("mallory", 9), by("dee", 10)]
    _, differences = replayed(tmp_path, rows, THREE_STRIKES)
    (third,) = [line for line in differences if line["new"]["recommended"] == "block"]
    assert (third["id"], third["new"]["rung"], third["new"]["second_person"]) == ("mallory-11-9", "third-time", True)
    assert third["old"]["recommended"] == "hide"


def test_breaches_outside_the_window_and_of_other_accounts_do_not_count(tmp_path: Path) -> None:
    rows = [by("mallory", 1, 9), by("mallory", 2, 9), by("dee", 8), by("mallory", 9)]
    assert "block" not in recommended(tmp_path, rows).values()
    elsewhere = [by("mallory", 1) | {"platform": "x"}, by("mallory", 2) | {"platform": "x"}, by("mallory", 3)]
    assert "block" not in recommended(tmp_path, elsewhere).values()


def test_a_record_that_the_archive_holds_is_believed(tmp_path: Path) -> None:
    history = [
        {"date": "2026-11-01T09:00:00+00:00", "measure": "hide", "ground": "abuse"},
        {"date": "2026-11-02T09:00:00+00:00", "measure": "hide", "ground": "abuse"},
    ]
    assert recommended(tmp_path, [by("mallory", 9) | {"author_history": history}]) == {"mallory-11-9": "block"}


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_it_does_not_matter_how_the_archive_is_divided(tmp_path: Path, size: int) -> None:
    rows = [by(f"author {number % 3}", 1 + number) for number in range(20)]
    found_ids = recommended(tmp_path, rows, Options(processes=1, rows_in_part=size))
    assert [id for id, measure in found_ids.items() if measure == "block"] == [
        f"author {number % 3}-11-{1 + number}" for number in range(6, 20)
    ]

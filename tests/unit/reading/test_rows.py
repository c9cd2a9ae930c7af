"""What the columns mean, and what becomes of values that mean nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moothall.reading import CommentRow, RefusedRow
from moothall.reading.rows import LONGEST_COMMENT, UnknownColumns, Unread, rows


def one(**columns: Any) -> CommentRow:
    (row,) = rows([columns])
    assert isinstance(row, CommentRow)
    return row


def refusal(**columns: Any) -> RefusedRow:
    (row,) = rows([columns])
    assert isinstance(row, RefusedRow)
    return row


def test_the_first_column_of_comments_that_is_there_is_taken() -> None:
    assert one(body="d", message="c", text="b", comment="a").comment == "a"
    assert one(body="d", message="c", text="b").comment == "b"
    assert one(body="d", message="c").comment == "c"
    assert one(body="d").comment == "d"
    assert one(**{" Comment ": "as a spreadsheet names it"}).comment == "as a spreadsheet names it"


@pytest.mark.parametrize("id", [0, 7, "7", "x", -1, 1.5, True, ["a", 1], {"a": 1}])
def test_an_id_keeps_its_type(id: Any) -> None:
    found = one(comment="a", id=id).id
    assert found == id
    assert type(found) is type(id)


@pytest.mark.parametrize("id", [None, "", float("nan")])
def test_without_an_id_it_is_the_number_of_the_row(id: Any) -> None:
    assert [row.id for row in rows([{"comment": "a", "id": id}, {"comment": "b"}])] == [1, 2]


def test_a_post_without_an_identity_is_known_by_its_text() -> None:
    assert one(comment="a", post="Tip hours").post_id == "Tip hours"
    assert one(comment="a", post="Tip hours", post_id=12).post_id == "12"
    assert one(comment="a").post_id is None


@pytest.mark.parametrize(
    ("given", "meant"),
    [(True, True), (False, False), ("true", True), ("FALSE", False), ("", None), (None, None), ("perhaps", None)],
)
def test_a_period_that_is_not_stated_is_not_known(given: Any, meant: bool | None) -> None:
    assert one(comment="a", pre_election=given).pre_election is meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [(3, 3), ("3", 3), (3.0, 3), (0, 0), ("", None), (None, None), (-1, None), ("many", None), (True, None)],
)
def test_repeats_are_a_number_or_not_known(given: Any, meant: int | None) -> None:
    assert one(comment="a", repeats=given).repeats == meant


def test_a_date_without_a_zone_is_london_time() -> None:
    summer = one(comment="a", date="2026-07-01T12:00").date
    winter = one(comment="a", date="2026-01-01").date
    elsewhere = one(comment="a", date="2026-07-01T12:00:00Z").date
    assert summer is not None
    assert winter is not None
    assert elsewhere is not None
    assert summer.utcoffset() == timedelta(hours=1)
    assert winter.utcoffset() == elsewhere.utcoffset() == timedelta(0)


def test_optional_values_that_mean_nothing_are_counted_not_hidden() -> None:
    unread = Unread()
    records = [{"comment": "a", "date": "5th of May", "repeats": "lots"}, {"comment": "b", "date": "soon"}]
    assert all(isinstance(row, CommentRow) and row.date is None for row in rows(records, unread=unread))
    assert unread.counts == {"date": 2, "repeats": 1}
    assert unread.first["date"] == "row 1: '5th of May'"


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("", "comment_empty"),
        (None, "comment_empty"),
        (" \t\n ", "comment_empty"),
        ("\0\0", "comment_empty"),
        (5, "comment_not_text"),
        (["a"], "comment_not_text"),
        ("x" * (LONGEST_COMMENT + 1), "comment_too_long"),
        ("é" * (LONGEST_COMMENT // 2 + 1), "comment_too_long"),
    ],
)
def test_a_comment_that_cannot_be_read_is_refused(comment: Any, code: str) -> None:
    found = refusal(id="x", comment=comment)
    assert found.as_dict() == {"id": "x", "row": 1, "error": {"code": code, "message": found.message}}
    assert found.message


def test_64_kib_are_still_read() -> None:
    assert len(one(comment="x" * LONGEST_COMMENT).comment) == LONGEST_COMMENT
    assert len(one(comment="é" * (LONGEST_COMMENT // 2)).comment) == LONGEST_COMMENT // 2


def test_a_row_without_a_comment_among_others_is_refused_alone() -> None:
    found = list(rows([{"remark": 1}, {"comment": "a"}, {"remark": 2}]))
    assert [type(row) for row in found] == [RefusedRow, CommentRow, RefusedRow]


def test_a_file_without_comments_is_given_up_after_a_hundred_rows() -> None:
    def endless() -> Any:
        while True:
            yield {"remark": 1}

    with pytest.raises(UnknownColumns, match="remark"):
        next(rows(endless()))


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31"])
def test_a_date_near_the_ends_of_the_calendar_is_a_slip_of_the_pen(date: str) -> None:
    assert one(comment="a", date=date).date is None

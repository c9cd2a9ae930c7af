"""Rows become results in order; repeats are counted within the file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moothall.policy import default_policy
from moothall.reading import CommentRow, RefusedRow, Result, Summary, triage
from moothall.signals import Reader, Row, Signals

WIN = "Win a voucher worth fifty pounds today, follow the link on my page"


class Recorder:
    """The real reader, with a note of how many other posts it was told about."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.repeats: list[int | None] = []

    def read_many(self, rows: list[Row]) -> list[Signals]:
        self.repeats += [row.repeats for row in rows]
        return self.reader.read_many(rows)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


def row(number: int, comment: str = WIN, **known: object) -> CommentRow:
    return CommentRow(number, number, comment, **known)  # type: ignore[arg-type]


def repeats_of(*rows: CommentRow, count_repeats: bool = True) -> tuple[list[int | None], list[str | None]]:
    recorder = Recorder()
    results = list(triage(rows, recorder, default_policy(), count_repeats=count_repeats))
    return recorder.repeats, [one.assessment.campaign for one in results if isinstance(one, Result)]


def test_repeats_are_counted_per_author_on_other_posts() -> None:
    repeats, campaigns = repeats_of(
        row(1, author="Mallory", post_id="a"),
        row(2, author="Mallory", post_id="b"),
        row(3, author="Mallory", post_id="c"),
        row(4, author="Mallory", post_id="c"),
        row(5, "When is the tip open on Sundays in winter?", author="Dee", post_id="c"),
    )
    assert repeats == [0, 1, 2, 2, 0]
    assert campaigns[0] is None
    assert campaigns[1] == campaigns[2] == campaigns[3] is not None
    assert campaigns[4] is None


def test_without_an_author_or_a_post_repeats_are_not_known() -> None:
    assert repeats_of(row(1, author="Mallory"), row(2, author="Mallory"))[0] == [None, None]
    assert repeats_of(row(1, post_id="a"), row(2, post_id="b"))[0] == [None, None]


def test_a_given_number_wins() -> None:
    repeats, campaigns = repeats_of(
        row(1, author="Mallory", post_id="a", repeats=9), row(2, author="Mallory", post_id="b", repeats=0)
    )
    assert repeats == [9, 0]
    assert campaigns[1] is not None


def test_repeats_can_be_left_uncounted() -> None:
    rows = [
        row(number, author="Mallory", post_id=str(number), repeats=5 if number == 3 else None) for number in (1, 2, 3)
    ]
    assert repeats_of(*rows, count_repeats=False) == ([None, None, 5], [None, None, None])


def test_two_rows_with_one_id_are_two_comments() -> None:
    one = CommentRow(1, "same", WIN, author="Mallory", post_id="a")
    two = CommentRow(2, "same", WIN, author="Mallory", post_id="b")
    assert repeats_of(one, two)[0] == [0, 1]


def test_results_and_refusals_keep_their_order_across_batches(recorder: Recorder) -> None:
    def many() -> Iterator[CommentRow | RefusedRow]:
        for number in range(1, 601):
            if number % 7:
                yield row(number, f"Comment number {number} about the drains")
            else:
                yield RefusedRow(number, number, "comment_empty", "the comment is empty")

    summary, numbers = Summary(), []
    for result in triage(many(), recorder, default_policy(), count_repeats=False):
        summary.add(result)
        numbers.append(result.row.number if isinstance(result, Result) else result.number)
    assert numbers == list(range(1, 601))
    assert summary.rows == 600
    assert summary.refused == {"comment_empty": 85}
    assert summary.routes.total() == summary.recommended.total() == 515


def test_rows_are_not_read_far_ahead_of_the_results(recorder: Recorder) -> None:
    taken = 0

    def endless() -> Iterator[CommentRow]:
        nonlocal taken
        while True:
            taken += 1
            yield row(taken, "Thank you")

    next(triage(endless(), recorder, default_policy()))
    assert taken <= 256

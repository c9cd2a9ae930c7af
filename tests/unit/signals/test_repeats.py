from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.signals import MemoryStore, RepeatIndex

PITCH = "Tired of damp walls? Our team treats every wall in the county, ask for Dee at the yard today"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "again",
    [
        PITCH,
        PITCH.upper(),
        PITCH + " 🎉🎉",
        "@council " + PITCH.replace("?", "??"),
        PITCH.replace("a", "а"),  # Cyrillic
        PITCH.replace("e", "e\u200b"),
        PITCH.replace("county", "borough"),
        "Our team treats every wall in the county, ask for Dee at the yard today. Tired of damp walls?",
        " ".join(PITCH.replace(" ", "")),
    ],
)
def test_the_same_text_is_recognised_through_its_changes(again: str) -> None:
    index = RepeatIndex()
    assert index.seen(PITCH, id=1, author="mallory", post="p1") is None
    match = index.seen(again, id=2, author="mallory", post="p2")
    assert match is not None
    assert (match.id, match.comments, match.posts, match.authors, match.other_posts) == (1, 2, 2, 1, 1)
    assert match.similarity >= 0.84


def test_another_matter_is_not_a_repeat() -> None:
    index = RepeatIndex()
    index.seen("The street light on Mill Lane has been out since Friday", id=1, author="dee", post="p1")
    assert index.seen("When does the library open on Saturdays please?", id=2, author="dee", post="p1") is None


def test_a_comment_never_matches_itself() -> None:
    index = RepeatIndex()
    assert index.seen(PITCH, id="7", author="mallory", post="p1") is None
    assert index.seen(PITCH, id="7", author="mallory", post="p1") is None
    match = index.seen(PITCH, id="8", author="mallory", post="p2")
    assert match is not None
    assert match.comments == 2


def test_a_phrase_that_many_accounts_use_is_not_a_match() -> None:
    index = RepeatIndex()
    for number in range(20):
        assert index.seen("Merry Christmas everyone", id=number, author=f"resident {number}", post="p1") is None
    for number in range(20, 40):
        index.seen("Well done to all of the crews", id=number, author=f"resident {number}", post="p1")
    assert index.seen("Well done to all of the crews", id=99, author="dee", post="p1") is None


def test_several_accounts_with_one_pitch_are_one_campaign() -> None:
    index = RepeatIndex()
    matches = [index.seen(PITCH, id=n, author=f"account {n}", post=f"p{n}") for n in range(6)]
    last = matches[-1]
    assert last is not None
    assert (last.comments, last.posts, last.authors, last.other_posts) == (6, 6, 6, 0)
    assert len({match.campaign for match in matches if match}) == 1


def test_other_posts_counts_this_author_alone() -> None:
    index = RepeatIndex()
    for n in range(3):
        index.seen(PITCH, id=n, author="mallory", post=f"p{n}")
    by_another = index.seen(PITCH, id=10, author="dee", post="p0")
    by_the_same = index.seen(PITCH, id=11, author="mallory", post="p9")
    assert by_another is not None
    assert by_another.other_posts == 0
    assert by_the_same is not None
    assert by_the_same.other_posts == 3


def test_without_authors_the_text_alone_is_reported() -> None:
    index = RepeatIndex()
    index.seen(PITCH, id=1, post="p1")
    match = index.seen(PITCH, id=2, post="p2")
    assert match is not None
    assert (match.other_posts, match.authors) == (1, 0)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    index = RepeatIndex(window_days=90)
    index.seen(PITCH, id=1, author="mallory", post="p1", at=MONDAY)
    assert index.seen(PITCH, id=2, author="mallory", post="p2", at=MONDAY + timedelta(days=91)) is None


def test_memory_stays_within_its_bound() -> None:
    store = MemoryStore(max_entries=50)
    index = RepeatIndex(store)
    for n in range(400):
        index.seen(f"Comment number {n * 7919} about the matter of {n * 104729} bins", id=n, author=n, post=n % 3)
    assert len(store) == 50


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["a", "b", None])), max_size=12))
def test_it_is_deterministic_and_counts_soundly(stream: list[tuple[str, str | None]]) -> None:
    def run() -> list[object]:
        index = RepeatIndex()
        return [index.seen(text, id=n, author=author, post=n % 4) for n, (text, author) in enumerate(stream)]

    assert run() == run()
    index = RepeatIndex()
    for n, (text, author) in enumerate(stream):
        match = index.seen(text, id=n, author=author, post=n % 4)
        if match is not None:
            assert isinstance(match.id, int)
            assert match.id < n
            assert 0 < match.similarity <= 1
            assert 2 <= match.comments <= n + 1
            assert match.other_posts < match.posts

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


@pytest.mark.parametrize(
    "again",
    [
        PITCH.replace("T", "7").replace("e", "3").replace("a", "@").replace("o", "0").replace("s", "$"),
        " ".join("  ".join(word) for word in PITCH.split()),
        PITCH.replace(" ", ""),
        "Ｔｉｒｅｄ ｏｆ ｄａｍｐ ｗａｌｌｓ? " + PITCH[20:],
        PITCH.translate(str.maketrans("aeopcxTBH", "аеорсхТВН")),  # more Cyrillic letters than Latin ones
        PITCH + " https://walls.example/offer/7 #walls #damp @somebody",
        "Call me now on 07700 900123. " + PITCH,
        "As it happens we were talking about this at home the other night, anyway: " + PITCH,
        PITCH + " and tell your mother, your aunt and the neighbours on both sides of the street that it is so",
        "Tierd of dmp walls? Our taem treats evry wall in teh countty, ask for Dee at the yrad tody",
        "Tired of wet walls? Our team treats every room in the borough, ask for Dee at the yard today",
    ],
)
def test_what_one_account_disguises_stretches_or_rewords_is_recognised(again: str) -> None:
    index = RepeatIndex()
    index.seen(PITCH, id=1, author="mallory", post="p1")
    match = index.seen(again, id=2, author="mallory", post="p2")
    assert match is not None
    assert match.id == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When will the potholes on Mill Lane be mended?", "When will the potholes on Priory Road be mended?"),
        (
            "is mill lane included in the new round for the garden waste",
            "is priory road included in the new round for the garden waste",
        ),
        (
            "Merry Christmas to all the staff and a happy new year",
            "Merry Christmas to all the staff and a happy new year!",
        ),
        (
            "Well done to everybody involved, keep up the good work",
            "Well done to everybody involved, keep up the good work",
        ),
        ("Waste of money. What about the potholes?", "waste of money!! what about the potholes"),
        ("My bin has not been emptied again this week", "our bin has not been collected again this week"),
    ],
)
def test_residents_who_say_the_same_are_no_campaign(one: str, other: str) -> None:
    index = RepeatIndex()
    for number in range(12):
        text = one if number % 2 else other
        assert index.seen(text, id=number, author=f"resident {number}", post=f"p{number % 5}") is None


def test_who_asks_about_two_streets_has_two_questions_and_who_goes_on_repeats_one() -> None:
    index = RepeatIndex()
    asked = [
        index.seen(
            f"Which day are the bins on {street} emptied now please?", id=street, author="dee", post=f"p{number}"
        )
        for number, street in enumerate(("Mill Lane", "Priory Road", "Orchard Close", "Castle Street"))
    ]
    assert asked[:2] == [None, None]
    assert asked[3] is not None


def test_words_quoted_from_the_post_by_many_are_no_repeat() -> None:
    quoted = (
        "“Collections in the old town move to Thursday from the second week of January, and the tip opens at seven” "
    )
    remarks = ("who asked for that", "I work Thursdays", "better than nothing", "says who?", "and the flats?")
    index = RepeatIndex()
    for number, remark in enumerate(remarks):
        assert index.seen(quoted + remark, id=number, author=f"resident {number}", post="p1") is None


def test_another_account_is_matched_when_it_advertises_the_same_with_another_address() -> None:
    index = RepeatIndex()
    index.seen("Gutters cleared from the ground, no ladders, see bright.example/a", id=1, author="mallory", post="p1")
    match = index.seen("Gutters cleared from the ground, no ladders, see clean.example/7", id=2, author="mo", post="p2")
    assert match is not None
    assert (match.id, match.authors, match.other_posts) == (1, 2, 0)


def test_another_account_is_matched_when_few_write_the_same_again_and_again() -> None:
    text = "The new one way system has killed every shop in the old town and they know it"
    index = RepeatIndex()
    assert index.seen(text, id=1, author="mallory", post="p1") is None
    index.seen(text, id=2, author="mallory", post="p2")
    index.seen(text, id=3, author="mallory", post="p3")
    match = index.seen(text, id=4, author="mo", post="p4")
    assert match is not None
    assert match.authors == 2


def test_what_must_be_told_apart_stays_apart_in_numbers() -> None:
    index = RepeatIndex()
    index.seen("Number 2 High Street has had no water since Tuesday night", id=1, author="dee", post="p1")
    assert index.seen("Number 9 High Street has had no water since Tuesday night", id=2, author="bo", post="p2") is None


def test_a_campaign_that_loses_members_is_counted_anew() -> None:
    store = MemoryStore(max_entries=3)
    index = RepeatIndex(store)
    for number in range(5):
        match = index.seen(PITCH, id=number, author="mallory", post=f"p{number}")
    assert match is not None
    assert (match.comments, match.posts) == (3, 3)
    for number in range(5, 8):
        index.seen(
            f"{number * 7919} sandbags were left at the {number} harbour steps", id=number, author="dee", post="q"
        )
    assert len(store) == 3
    assert store.tally(match.campaign).comments == 0


def test_what_was_found_while_the_store_was_small_is_found_once_it_has_grown() -> None:
    index = RepeatIndex()
    index.seen(PITCH, id="first", author="mallory", post="p1")
    for number in range(6_000):
        words = " ".join(f"{number * prime % 99991:x}" for prime in (7919, 104729, 1299709, 15485863))
        index.seen(f"{words} sandbags", id=number, author=f"r{number}", post="q")
    match = index.seen(PITCH.upper(), id="last", author="mallory", post="p2")
    assert match is not None
    assert match.id == "first"


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

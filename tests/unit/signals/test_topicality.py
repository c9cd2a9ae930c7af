from __future__ import annotations

import pytest

from moothall.signals import Reader
from moothall.signals.lexicon import words_of
from moothall.signals.normalise import normalise
from moothall.signals.topicality import off_topic

BINS = "Recycling in Thornbury-on-Wold is now collected every other week. Check your new bin day."


def judged(comment: str, post: str | None = BINS, *, pitch: bool = False) -> bool | None:
    return off_topic(words_of(normalise(comment).text), post, pitch)


@pytest.mark.parametrize(
    "remark",
    [
        "Typical of this lot, and we all pay for it",
        "Well I never. Who on earth thought that was a good idea then?",
        "My neighbour Margaret says the same as everybody on our side of the hill",
    ],
)
def test_a_remark_that_repeats_none_of_the_posts_words_is_not_said_to_stray(remark: str) -> None:
    assert judged(remark) is None


def test_a_remark_with_a_topic_of_its_own_strays() -> None:
    assert judged("The headteacher and the governors of the primary school should resign, pupils suffer") is True


def test_a_remark_about_the_post_keeps_to_it() -> None:
    assert judged("They left my recycling again") is False
    assert judged("They left my recycling again, ask the headteacher of the school") is False


def test_a_pitch_strays_even_where_it_borrows_a_word_of_the_post() -> None:
    assert judged("Recycling is great but crypto doubled my wages, message me", pitch=True) is True


def test_without_a_post_there_is_nothing_to_stray_from() -> None:
    assert judged("Lovely puppies for sale", None, pitch=True) is None
    assert judged("Lovely puppies for sale", "  ", pitch=True) is None


def test_a_residents_complaint_put_under_four_posts_is_not_spam() -> None:
    complaint = "Three weeks running now and nobody picks up the phone. Who is in charge there?"
    read = Reader().read(complaint, BINS, repeats=3)
    assert "spam" not in read.grounds
    assert read.off_topic is not True


def test_an_advertisement_put_under_four_posts_is_spam_and_surely() -> None:
    read = Reader().read(
        "I earn £900 a day trading crypto from home, DM me on WhatsApp to start today", BINS, repeats=3
    )
    assert read.off_topic is True
    assert read.grounds["spam"].probability >= 0.98
    assert not read.unsure

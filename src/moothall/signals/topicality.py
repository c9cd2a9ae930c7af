"""Does a comment keep to the topic of its post? A modest measure: shared words, shared topics, the marks of a sales pitch.

Where it cannot be told it says so: a comment that an officer is to take for straying has to stray plainly.
"""

from __future__ import annotations

from functools import lru_cache

from moothall.signals.lexicon import Word, english, topics, words_of
from moothall.signals.normalise import normalise

Subject = tuple[frozenset[str], frozenset[str]]


def subject_of(words: list[Word]) -> Subject:
    """Return the stems of the words that carry meaning, and the topics they belong to."""
    common = english()
    by_word = topics()
    stems: set[str] = set()
    found: set[str] = set()
    for word in words:
        if word.text in by_word:
            found |= by_word[word.text]
        if len(word.text) > 3 and word.text not in common:
            stems.add(word.text[:5])
    return frozenset(stems), frozenset(found)


@lru_cache(maxsize=512)
def subject_of_post(post: str) -> Subject:
    """Return the subject of a post; a post has many comments, so it is read once."""
    return subject_of(words_of(normalise(post).text))


def off_topic(words: list[Word], post: str | None, pitch: bool) -> bool | None:
    """Return whether the comment strays from its post; None where nobody could tell from the words alone.

    ``pitch``: the comment reads like an advertisement or a scam, which says by itself that it is about something else. What
    residents say of a post seldom repeats its words ("typical, and we pay for it"): silence about the topic is no straying.
    """
    if not post or not post.strip():
        return None
    stems, found = subject_of(words)
    post_stems, post_topics = subject_of_post(post)
    shared = len(stems & post_stems)
    # A pitch likes to borrow one word of the post; it takes more than that to be on its topic.
    if pitch:
        return shared < 3
    if shared or found & post_topics:
        return False
    # It has a topic of its own, and plainly: one word may mean many things.
    if found and post_topics and sum(word.text in topics() for word in words) >= 2:
        return True
    return None

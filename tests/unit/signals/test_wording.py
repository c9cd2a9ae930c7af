from __future__ import annotations

import pytest

from moothall.signals.normalise import normalise
from moothall.signals.wording import wording

KNOWN = {"clowns", "labour", "open", "tram"}


def said(text: str) -> str:
    return wording(normalise(text).text, KNOWN.__contains__).text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a pack of cl0wns", "a pack of clowns"),
        ("c l o w n s all of them", "clowns all of them"),
        ("c l 0 w n s  all", "clowns  all"),
        ("vote l@bour", "vote labour"),
        ("you m*ron", "you moron"),
        ("soooooo slow", "soo slow"),
        ("see https://www.example.org/a/long?way", "see http example.org"),
        ("@some.body hello", "@user.body hello"),
        ("ring 01632960001", "ring 00000"),
    ],
)
def test_disguises_and_noise_become_what_was_meant(written: str, meant: str) -> None:
    assert said(written) == meant


@pytest.mark.parametrize("text", ["the a14 at 3pm", "4x4 in bay b2", "plan b and plan c", "5g masts", "a b c"])
def test_what_only_looks_like_a_disguise_is_left_alone(text: str) -> None:
    assert said(text) == text


def test_emoji_are_said_in_words_but_not_over_and_over() -> None:
    assert said("well 🤡🤡🤡🤡") == "well  clown face  clown face "
    assert "skin" not in said("well done 👏🏽")


def test_every_character_keeps_its_place() -> None:
    text = normalise("ok 🤡 c l 0 w n s https://x.example/yy end").text
    worded = wording(text, KNOWN.__contains__)
    at = worded.text.index("clowns")
    start, end = worded.place(at, at + 6)
    assert text[start:end] == "c l 0 w n s"
    at = worded.text.index("end")
    assert text[slice(*worded.place(at, at + 3))] == "end"


def test_plain_text_needs_no_map() -> None:
    assert wording("my bin was missed", KNOWN.__contains__).places is None

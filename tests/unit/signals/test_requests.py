"""Requests, complaints and the press are seen, with their words; a mention of one is none."""

from __future__ import annotations

import pytest

from moothall.signals.normalise import normalise
from moothall.signals.requests import requests


@pytest.mark.parametrize(
    ("comment", "hint"),
    [
        ("Please treat this as a Freedom of Information request", "foi"),
        ("Under the Environmental Information Regulations I ask for the survey", "foi"),
        ("FOI request: the cost of the new bins", "foi"),
        ("please send me all correspondence between the council and the developer", "foi"),
        ("Please provide copies of the minutes relating to the sale of the baths", "foi"),
        ("I want all the information you hold about the tip", "foi"),
        ("Send me a copy of everything you hold about me", "own_data"),
        ("what data do you hold on me?", "own_data"),
        ("I asked for my own care file in March", "own_data"),
        ("my reference is SAR-606, months late", "own_data"),
        ("I want to escalate this to stage 2", "complaint"),
        ("I'd like to make a complaint about the warden", "complaint"),
        ("How do I complain, with my name on?", "complaint"),
        ("Please log this as a complaint", "complaint"),
        ("I have had no response to my complaint of 9 January", "complaint"),
        ("I intend to go to the Ombudsman", "complaint"),
        ("Hi, I'm Kit from the Marlow Gazette, could you call me", "press"),
        ("I am a freelance journalist looking at this", "press"),
        ("Looking for residents for a piece in the Chronicle", "press"),
        ("Can we use this photo with full credit, please?", "press"),
    ],
)
def test_a_request_is_seen(comment: str, hint: str) -> None:
    assert [found for found, _ in requests(normalise(comment))] == [hint]


@pytest.mark.parametrize(
    "comment",
    [
        "I complained to my neighbour and he laughed",
        "your data is wrong and my data allowance ran out",
        "the press were there, press the button, read it in the paper",
        "The FOI showed forty thousand spent",
        "he has stage two cancer, bless him",
        "The Ombudsman found against you, I see",
        "I'd rather hear from a councillor than the press office",
        "she sold the files to a journalist and we said so",
        "I'm a star, I'm with the Greens on this, this is news",
        "a nice piece of work, see my notes above",
        "foil on the walls, and the complainant has a name",
    ],
)
def test_a_mention_is_no_request(comment: str) -> None:
    assert requests(normalise(comment)) == ()


def test_the_words_that_say_so_are_the_evidence() -> None:
    comment = "Dire 😡 I’d like to make a formal complaint, and I want everything you hold about me"
    found = dict(requests(normalise(comment)))
    assert found["complaint"].text == "formal complaint"
    assert found["own_data"].text == "everything you hold about me"
    assert all(comment[one.start : one.end] == one.text for one in found.values())

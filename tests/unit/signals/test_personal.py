"""Somebody else's details are found however they are written; one's own and an office's are no ground."""

from __future__ import annotations

import pytest

from moothall.signals.normalise import normalise
from moothall.signals.personal import personal_information

_SURE = 0.5


@pytest.mark.parametrize(
    ("comment", "detail", "kind"),
    [
        ("her number is 07700 900142", "07700 900142", "phone"),
        ("her number is 077 00 90 01 42", "077 00 90 01 42", "phone"),
        ("her number is 077OO 9OO142", "077OO 9OO142", "phone"),
        ("his landline's (01632) 960 142", "(01632) 960 142", "phone"),
        ("his mobile +44 (0)7700-900-142", "+44 (0)7700-900-142", "phone"),
        ("ring him, oh seven seven double oh nine double oh one four two", "oh seven seven double oh", "phone"),
        ("Kit Marlow lives in 14 Mill Lane", "14 Mill Lane", "address"),
        ("Kit Marlow, ZZ7 3NE, go and say hello", "ZZ7 3NE", "postcode"),
        ("he's on dee.marlow@gmail.com", "dee.marlow@gmail.com", "e-mail"),
        ("her e-mail is dee.marlow at gmail dot com", "dee.marlow at gmail dot com", "e-mail"),
        ("her NI is QQ 12 34 56 C", "QQ 12 34 56 C", "NI number"),
        ("his NHS number is 943 476 5919", "943 476 5919", "NHS number"),
        ("Her date of birth is 12/05/1971", "12/05/1971", "date of birth"),
        ("sort code 20-00-00 account 55779911, that's Kit Marlow's", "20-00-00", "bank account"),
        ("it's Mrs Marlow's, AB12 CDE, she parks there", "AB12 CDE", "plate"),
        ("his van is P123 ABC", "P123 ABC", "plate"),
        ("his reg is K1T", "K1T", "plate"),
        ("her lad goes to Hollin Primary, Mrs Marlow's boy", "Hollin Primary", "school"),
        ("Kit Marlow's been sectioned again, he told my sister", "sectioned", "health"),
        ("Miss Marlow lives above the chippy", "lives above", "home"),
    ],
)
def test_somebody_elses_detail_is_found(comment: str, detail: str, kind: str) -> None:
    signal, kinds = personal_information(normalise(comment))
    assert kind in kinds
    assert signal is not None
    assert signal.probability >= _SURE
    assert any(detail in evidence.text for evidence in signal.evidence)


@pytest.mark.parametrize(
    "comment",
    [
        "my number is 07700 900142, I'm up all night",
        "Ring me on 07700 900142",
        "I live at 14 Mill Lane, when is my bin coming",
        "pothole outside 14 Mill Lane",
        "ring the council's switchboard on 01632 960001",
        "the surgery's number is 01632 960001",
        "Cllr Marlow's surgery is on 01632 960801, it's on the council site",
        "reference 01632960142 and still nothing",
        "abandoned car AB12 CDE on Mill Lane",
        "cheap loans, no checks, WhatsApp 07700 900142",
        "it cost 20-30-40 quid by 12/05",
        "mum has dementia and nobody comes",
        "dementia services cut again, depression is up",
        "my lad goes to Hollin Primary and he loves it",
        "he was 34 and in court, that is all",
        "there's been a red door and a nice garden since 1971",
        "I'm signed off with bipolar myself",
    ],
)
def test_ones_own_an_offices_or_nobodys_is_no_ground(comment: str) -> None:
    signal, _ = personal_information(normalise(comment))
    assert signal is None or signal.probability < _SURE


def test_a_comment_without_details_has_no_signal() -> None:
    assert personal_information(normalise("what a lovely day for the fair")) == (None, [])


def test_overlapping_details_are_shown_once() -> None:
    comment = "😡 he’s on dee.marlow@gmail.com, sort code 20-00-00 account 55779911"
    signal, _ = personal_information(normalise(comment))
    assert signal is not None
    ends = [0, *(evidence.end for evidence in signal.evidence)]
    assert all(evidence.start >= end for evidence, end in zip(signal.evidence, ends, strict=False))
    assert all(comment[evidence.start : evidence.end] == evidence.text for evidence in signal.evidence)

"""What may be a personal detail does not leave; the rest of the sentence does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.signals.masking import mask
from moothall.signals.normalise import normalise
from moothall.signals.personal import personal_information

DEE = ("Dee Marlow", "Ada Cox")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Ring 07700 900123 now", "Ring [phone] now"),
        ("Ring (01632) 960 983.", "Ring [phone]."),
        ("Ring 01632-960983, today", "Ring [phone], today"),
        ("Ring +44 (0)20 7946 0958!", "Ring [phone]!"),
        ("oh seven seven double oh nine zero zero one two three", "[phone]"),
        ("07700\u200b 900\u200b123", "[phone]"),
        ("０７７００ ９００１２３", "[phone]"),
        ("write to dee.m+bins@post.example today", "write to [e-mail] today"),
        ("deem at post dot co dot uk", "[e-mail]"),
        ("over in TH1 2AB again", "over in [postcode] again"),
        ("over in th12ab again", "over in [postcode] again"),
        ("that van, AB12 CDE, again", "that van, [plate], again"),
        ("that van, A123 BCD, again", "that van, [plate], again"),
        ("hers is QQ 12 34 56 C", "hers is [NI number]"),
        ("seen by 14 Mill Lane, near the pub", "seen by [address], near the pub"),
        ("try flat 3b, 14 mill lane", "try [address]"),
        ("try 12 Heol Fawr", "try [address]"),
        ("seen by Mill Lane 14", "seen by [address]"),
        ("seen by 12 high street, I think", "seen by [address], I think"),
        ("noise from flat 9 again", "noise from [address] again"),
        ("seen on 03/04/1988 there", "seen on [date] there"),
        ("quote 12345678 here", "quote [number] here"),
        ("@dee_m and @dee@social.example said", "[handle] and [handle] said"),
        ("see https://faces.example/dee.marlow.9?tab=1", "see https://faces.example/[path]"),
        ("see https://dee:pw@faces.example/x", "see https://[user]/[path]"),
        ("see faces.example/dee.marlow", "see faces.example/[path]"),
        ("Mr Smith and Cllr Jo O'Neil did it", "Mr [name] and Cllr [name] did it"),
    ],
)
def test_a_detail_is_replaced_by_its_kind(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "Dee Marlow",
        "dee marlow",
        "DEE MARLOW",
        "Dee  Marlow",
        "dee.marlow",
        "deemarlow",
        "Marlow",
        "marlow",
        "D\u200bee M\u200barlow",
        "Mаrlow",  # with a Cyrillic letter
    ],
)
def test_a_name_that_is_known_is_masked_however_it_is_written(text: str) -> None:
    assert mask(f"It was {text}, I say", DEE).text == "It was [name], I say"


def test_a_name_that_is_also_a_common_word_is_masked_where_a_capital_shows_it() -> None:
    assert mask("it may rain, but May will not come", ("May Brown",)).text == "it may rain, but [name] will not come"


@pytest.mark.parametrize(
    "text",
    [
        "What a joke of a council. Three years and the road is still a ruin.",
        "It cost £1,500,000 in 2024 and the A1 was shut for 3 weeks",
        "Bin day is Monday, doors at 10.30am, bus 14 from Scunthorpe",
        "I have reported this 7 times and nobody has come down the drive",
        "The markets are marvellous",
    ],
)
def test_what_is_no_detail_is_left_alone(text: str) -> None:
    masked = mask(text, DEE)
    assert (masked.text, masked.kinds) == (text, ())


def test_the_kinds_found_are_listed_once() -> None:
    assert mask("07700 900123 or 07700 900456, Dee Marlow", DEE).kinds == ("name", "phone")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (
            "She's a nurse on nights and the house is empty from 8pm, number 9, TH1 2AB",
            ("nights", "8pm", "TH1", "number 9"),
        ),
        ("Mrs Lane at 14 Mill Lane, Thornbury TH1 2AB has cancer", ("Mrs Lane", "Mill Lane", "TH1", "cancer")),
    ],
)
def test_what_the_reader_itself_takes_for_personal_information_is_masked_where_others_overlap_it(
    text: str, gone: tuple[str, ...]
) -> None:
    signal, _ = personal_information(normalise(text))
    assert signal is not None
    shown = {word for evidence in signal.evidence for word in gone if word in evidence.text}
    assert shown
    masked = mask(text).text
    assert [word for word in shown if word in masked] == []


@given(st.text(alphabet=st.sampled_from("abz AB0179@.+-/:()\u200bé\n£"), max_size=80))
def test_no_text_makes_it_fail_nor_leaves_a_long_number(text: str) -> None:
    masked = mask(text, DEE).text
    assert not re.search(r"(?<![\d£.])\d{7}", masked)

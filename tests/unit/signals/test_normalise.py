from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.signals.normalise import normalise

LOOKS_ODD = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aeо𝓫ﬁ\u200b\u0301&;!@ 😀’Ã©â€™")), max_size=80)


def test_plain_english_keeps_its_offsets() -> None:
    normal = normalise("Missed BIN again")
    assert normal.text == "missed bin again"
    assert normal.evidence(7, 10).text == "BIN"


def test_look_alike_letters_are_folded_and_point_back_to_what_was_written() -> None:
    given_text = "the соuncil tax"  # the first two letters of the second word are Cyrillic
    normal = normalise(given_text)
    assert normal.text == "the council tax"
    evidence = normal.evidence(4, 11)
    assert (evidence.start, evidence.end, evidence.text) == (4, 11, "соuncil")


def test_invisible_characters_vanish_but_belong_to_the_evidence() -> None:
    normal = normalise("b\u200bi\u200bn day")
    assert normal.text == "bin day"
    assert normal.evidence(0, 3).text == "b\u200bi\u200bn"


def test_a_letter_that_stands_for_two_maps_to_itself() -> None:
    normal = normalise("oﬃce")
    assert normal.text == "office"
    assert normal.evidence(1, 4).text == "ﬃ"


def test_mojibake_and_entities_are_repaired() -> None:
    assert normalise("itâ€™s").text == "it's"
    assert normalise("bins &amp; tips").text == "bins & tips"
    assert normalise("bins &amp; tips").evidence(5, 6).text == "&amp;"


@pytest.mark.parametrize("text", ["ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "Привет, когда вывоз мусора?"])
def test_other_scripts_are_left_as_they_are(text: str) -> None:
    assert normalise(text).text == text.lower()


@given(LOOKS_ODD)
def test_every_character_points_into_the_comment_as_given(text: str) -> None:
    normal = normalise(text)
    for index in range(len(normal.text)):
        evidence = normal.evidence(index, index + 1)
        assert 0 <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.text


def test_an_empty_span_is_refused() -> None:
    with pytest.raises(ValueError, match="not a span"):
        normalise("bins").evidence(2, 2)

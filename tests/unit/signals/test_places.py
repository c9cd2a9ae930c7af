"""Places are found as people write them, and common speech holds none."""

from __future__ import annotations

import pytest

from moothall.signals.normalise import normalise
from moothall.signals.places import addresses, places


def found(comment: str) -> list[str]:
    return [evidence.text for evidence in places(normalise(comment))]


@pytest.mark.parametrize(
    ("comment", "place"),
    [
        ("bins missed at 14 Mill Lane again", "14 Mill Lane"),
        ("bins missed at 14 mill lane again", "14 mill lane"),
        ("sofa dumped nr 62 Tarn St", "62 Tarn St"),
        ("fridge outside no. 9 Hob's Yard", "no. 9 Hob's Yard"),
        ("pothole on Alder Crescent", "Alder Crescent"),
        ("needles in the ginnel behind Coppice Road", "Coppice Road"),
        ("POTHOLE ON TARN ROAD, THIRD TIME", "TARN ROAD"),
        ("Hollow Lane's a disgrace", "Hollow Lane"),
        ("ice on spinney hill", "spinney hill"),
        ("light out by number 80, please", "number 80"),
        ("smell in flat 2, 14 Mill Lane ZZ7 3NE", "flat 2, 14 Mill Lane ZZ7 3NE"),
        ("drain by Tansy Road, number 2, is blocked", "Tansy Road, number 2"),
        ("bin ar ochr Heol y Traeth", "Heol y Traeth"),
        ("light out at the corner of Mill Road and Tarn Street", "corner of Mill Road and Tarn Street"),
        ("light out at the corner of Mill and Tarn Street", "corner of Mill and Tarn Street"),
        ("crater on the A483 heading north", "A483"),
        ("crater on the M4 j24", "M4 j24"),
        ("it's at ///filled.count.soap", "///filled.count.soap"),
        ("swing broken in Hollin Park", "Hollin Park"),
        ("swing broken at hollin park", "hollin park"),
        ("glass in the Market Street car park", "Market Street car park"),
        ("weeds at Ketlow roundabout", "Ketlow roundabout"),
        ("wire by the Puddle Lane bus stop", "Puddle Lane bus stop"),
        ("someone tipped behind the Clitherby Arms", "Clitherby Arms"),
        ("lamp post 19 is out", "lamp post 19"),
    ],
)
def test_a_place_is_found(comment: str, place: str) -> None:
    assert found(comment) == [place]


@pytest.mark.parametrize(
    "comment",
    [
        "That is the right way to do it",
        "put it in the right place",
        "I was by the road when they decided to close the road",
        "money down the drain in this street",
        "he is over the hill and that is that",
        "she was in the high court and then in Crown Court",
        "the long and winding road",
        "we are going down the wrong road",
        "Benny Hill would be proud of Mrs Lane and Cllr Park",
        "no way, either way, by the way, pave the way",
        "A4 paper and vitamin B12 please",
        "take a walk down memory lane in full view of everybody",
        "only 10 minutes drive from here, 7 days close together",
        "a pay rise in first place",
        "a bank holiday is a close call",
        "he's in year 2 at st bede's",
        "every street in this town, every park and every school",
        "no c0l0ur bar here",
        "behind the Tories and outside Parliament",
        "which genius planned it down a one lane road",
        "I'd wait till 4am for 3 people",
        "the cost of living rise",
    ],
)
def test_common_speech_holds_no_place(comment: str) -> None:
    assert found(comment) == []


def test_evidence_is_cut_from_the_comment_as_given() -> None:
    comment = "🚨 Smashed glass ’round Ｍill Lane, and again on Tarn Row 😡"
    evidence = places(normalise(comment))
    assert [comment[one.start : one.end] for one in evidence] == [one.text for one in evidence]
    assert evidence[-1].text == "Tarn Row"


def test_two_places_are_told_in_order_and_apart() -> None:
    assert found("bags on Alder Lane, then more of them outside 3 Tarn Row") == ["Alder Lane", "3 Tarn Row"]


def test_only_houses_with_a_street_are_addresses() -> None:
    normal = normalise("14 Mill Lane is dark and so is Tarn Road by number 8")
    assert [normal.text[start:end] for start, end in addresses(normal)] == ["14 mill lane"]

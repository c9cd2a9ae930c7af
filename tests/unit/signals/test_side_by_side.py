from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.signals.side_by_side import Piece, differences

OURS = "Brackenford Council"


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"<{piece.text}>" if piece.differs else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("theirs", "shown", "said"),
    [
        ("Brаckenford Council", "Br<а>ckenford Council", ("Cyrillic а for a",)),
        ("Βrackenford Council", "<Β>rackenford Council", ("Greek Β for B",)),
        ("Brackenf0rd Counci1", "Brackenf<0>rd Counci<1>", ("digit 0 for o", "digit 1 for l")),
        ("Bracken​ford Council", "Bracken<[zero width space]>ford Council", ("zero width space put in",)),
        ("Ｂrackenford Council", "<Ｂ>rackenford Council", ("full-width Ｂ for B",)),
        ("Bräckenford Council", "Br<ä>ckenford Council", ("ä (latin small letter a with diaeresis) for a",)),
        ("Brackenford_Council", "Brackenford<_>Council", ("_ for a space",)),
        ("Brackenford Council Official", "Brackenford Council< Official>", ("“Official” put in",)),
        ("Brackenford", "Brackenford", ("“Council” left out",)),
        ("BRACKENFORD COUNCIL", "BRACKENFORD COUNCIL", ()),
    ],
)
def test_what_differs_is_marked_and_said_in_words(theirs: str, shown: str, said: tuple[str, ...]) -> None:
    found = differences(theirs, OURS)
    assert marked(found.theirs) == shown
    assert found.said == said


def test_the_councils_name_is_marked_where_the_other_differs() -> None:
    assert marked(differences("Brackenf0rd", OURS).ours) == "Brackenf<o>rd< Council>"


def test_what_turns_the_writing_round_is_never_put_on_a_page_as_it_is() -> None:
    found = differences("Brackenford‮ Council", OURS)
    assert marked(found.theirs) == "Brackenford<[right-to-left override]> Council"


@given(st.text(max_size=40), st.text(max_size=40))
def test_both_names_come_back_whole_whatever_stands_in_them(theirs: str, ours: str) -> None:
    found = differences(theirs, ours)
    same = [piece.text for piece in found.theirs if not piece.differs]
    assert "".join(same).lower() == "".join(piece.text for piece in found.ours if not piece.differs).lower()
    assert bool(found.said) == any(piece.differs for piece in (*found.theirs, *found.ours))

from __future__ import annotations

from datetime import date

import pytest

from moothall.signals.lookalikes import AuthorisedAccount, LookAlikes, OwnAccount

TODAY = date(2026, 11, 24)
COUNCIL = OwnAccount("Brackenford Borough Council", "brackenfordbc", "x")
MAYOR = OwnAccount("Nell Ashdown", "mayornell", "x", person=True)


def looks(name: str, handle: str, platform: str = "x", **more: object) -> float:
    found = LookAlikes([COUNCIL, MAYOR]).compare(name, handle, platform, at=TODAY, **more)  # type: ignore[arg-type]
    return found.similarity if found else 0.0


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Brackenford Borough Council", "kw83hd"),
        ("Вrаckenford Borough Council", "kw83hd"),  # Cyrillic В and а
        ("Brackenford Borough Counci1", "kw83hd"),
        ("Brackenford Borough Concil", "kw83hd"),
        ("Brackenford Council Official", "kw83hd"),
        ("Brackenford Council 2026", "kw83hd"),
        ("The Brackenford Borough Council Help Team", "kw83hd"),
        ("Customer care", "brackenford_bc"),
        ("Customer care", "brackenfordbc2026"),
        ("Customer care", "brackenf0rdbc"),
        ("Customer care", "brackenfordbc_official"),
        ("Customer care", "officialbrackenfordbc"),
        ("Customer care", "brackenforbdc"),
        ("Customer care", "BrackenfordBC.help"),
    ],
)
def test_an_account_dressed_as_the_council_is_named(name: str, handle: str) -> None:
    assert looks(name, handle) >= 0.8


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Brackenford Bakery", "brackenfordbakery"),
        ("Brackenford Town FC", "brackenfordtownfc"),
        ("Brackenford Council Tenants Union", "bctu"),
        ("Oakhanger Borough Council", "oakhangerbc"),
        ("Brackenford", "dee_of_mill_lane"),
        ("Dee Marsh", "deemarsh"),
        ("Brackenford Borough Council (parody)", "brackenfordbc_"),
        ("Not Brackenford Council", "notbrackenford"),
        ("", "x"),
    ],
)
def test_neighbours_of_the_same_place_and_open_parody_are_left_alone(name: str, handle: str) -> None:
    assert looks(name, handle) == 0.0


def test_a_persons_name_alone_is_never_enough() -> None:
    assert looks("Nell Ashdown", "nell.a.1984") == 0.0
    assert looks("Nell Ashdown", "mayor_nell") >= 0.8
    assert looks("Nell Ashdown", "nell.a.1984", picture=0.9) >= 0.8


def test_the_place_alone_is_enough_only_with_the_councils_picture() -> None:
    assert looks("Brackenford", "bford") == 0.0
    assert looks("Brackenford", "bford", picture=0.95) >= 0.8
    assert looks("Dee Marsh", "deemarsh", picture=0.95) == 0.0


def test_the_councils_own_account_is_never_a_look_alike_and_its_handle_elsewhere_is() -> None:
    assert looks("Brackenford Borough Council", "@BrackenfordBC") == 0.0
    assert looks("Some shop", "brackenfordbc", "instagram") >= 0.8


def test_an_authorised_user_is_left_alone_on_the_days_of_the_register_only() -> None:
    partner = AuthorisedAccount("Sport partner", "@BrackenfordBC_Sport", "x", date(2026, 4, 1), date(2026, 11, 24))
    register = LookAlikes([COUNCIL], [partner])
    name, handle = "Brackenford Council Team", "brackenfordbc_sport"
    assert register.compare(name, handle, "x", at=date(2026, 4, 1)) is None
    assert register.compare(name, handle, "x", at=date(2026, 11, 24)) is None
    assert register.compare(name, handle, "facebook", at=date(2026, 11, 24)) is not None
    before, after = (register.compare(name, handle, "x", at=day) for day in (date(2026, 3, 31), date(2026, 11, 25)))
    assert before is not None
    assert after is not None
    assert "only from 1 April 2026" in before.reasons[-1]
    assert "until 24 November 2026" in after.reasons[-1]


def test_the_reasons_can_be_read_to_anybody() -> None:
    found = LookAlikes([COUNCIL]).compare("Brackenford Council", "brackenf0rdbc", "x", at=TODAY, picture=0.9)
    assert found is not None
    assert found.like is COUNCIL
    assert found.reasons == (
        "Its name is “Brackenford Borough Council” but for words that change nothing.",
        "Its handle is easily taken for @brackenfordbc.",
        "Its picture is the council's, or made from it.",
    )

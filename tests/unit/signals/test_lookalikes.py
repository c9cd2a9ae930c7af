from __future__ import annotations

import pytest

from moothall.signals.lookalikes import LookAlikes, OwnAccount

COUNCIL = OwnAccount("Brackenford Borough Council", "brackenfordbc", "x")
MAYOR = OwnAccount("Nell Ashdown", "mayornell", "x")


def looks(name: str, handle: str, platform: str = "x") -> float:
    found = LookAlikes([COUNCIL, MAYOR]).compare(name, handle, platform)
    return found.similarity if found else 0.0


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Brackenford Borough Council", "kw83hd"),
        ("Вrаckenford Borough Council", "kw83hd"),  # Cyrillic В and а
        ("Bracken​ford Borough Council", "kw83hd"),
        ("Brackenford Borough Counci1", "kw83hd"),
        ("Brackenford Borough Concil", "kw83hd"),
        ("Brackenfrod Council", "kw83hd"),
        ("B r a c k e n f o r d Council", "kw83hd"),
        ("Brackenford Council Official ✅", "kw83hd"),
        ("Brackenford Council 2026", "kw83hd"),
        ("The Brackenford Borough Council Help Team", "kw83hd"),
        ("Brackenford Borough Council (not a parody)", "kw83hd"),
        ("Brackenford Customer Services", "kw83hd"),
        ("Brackenford Bin Updates", "kw83hd"),
        ("Customer care", "brackenford_bc"),
        ("Customer care", "brackenfordbc2026"),
        ("Customer care", "brackenf0rdbc"),
        ("Customer care", "brackenfordbc_official"),
        ("Customer care", "officialbrackenfordbc"),
        ("Customer care", "brackenforbdc"),
        ("Customer care", "brackenfordcouncil"),
        ("Customer care", "BrackenfordBC.help"),
        ("Customer care", "@brackenfordbc@elsewhere.example"),
    ],
)
def test_an_account_dressed_as_the_council_is_named(name: str, handle: str) -> None:
    assert looks(name, handle) >= 0.8


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Brackenford Bakery", "brackenfordbakery"),
        ("Brackenford Town FC", "brackenfordtownfc"),
        ("Brackenford Boxing Club", "brackenfordfc"),
        ("Brackenford Council Tenants Union", "bctu"),
        ("Brackenford Town Council", "brackenfordtc"),
        ("Brackenford News", "brackenfordnews"),
        ("Oakhanger Borough Council", "oakhangerbc"),
        ("Rackenford Borough Council", "rackenfordbc"),
        ("Brackenford", "dee_of_mill_lane"),
        ("Sam Brackenford", "sambrackenford"),
        ("Dee Marsh", "deemarsh"),
        ("Brackenford Borough Council (parody)", "brackenfordbc_"),
        ("Brackenford Borough Council", "brackenford_parody"),
        ("Not Brackenford Council", "notbrackenford"),
        ("", ""),
        ("✅", "_"),
    ],
)
def test_neighbours_of_the_same_place_and_open_parody_are_left_alone(name: str, handle: str) -> None:
    assert looks(name, handle) == 0.0


def test_a_persons_name_alone_is_never_enough() -> None:
    assert looks("Nell Ashdown", "nell.a.1984") == 0.0
    assert looks("Nell Ashdown", "mayor_nell") >= 0.8


def test_the_councils_own_account_is_never_a_look_alike_and_its_handle_elsewhere_is() -> None:
    assert looks("Brackenford Borough Council", "@BrackenfordBC") == 0.0
    assert looks("Some shop", "brackenfordbc", "instagram") >= 0.8


def test_an_identity_that_nobody_reads_is_no_handle_to_be_taken_for() -> None:
    for identity in ("104388211", "did:plc:u3kx7brackenford", ""):
        ours = LookAlikes([OwnAccount("Our page", identity, "facebook")])
        assert ours.compare("Some shop", identity.removeprefix("did:plc:") or "shop", "x") is None


def test_of_several_accounts_the_one_most_like_it_is_named() -> None:
    libraries = OwnAccount("Brackenford Libraries", "brackenfordlibs", "x")
    found = LookAlikes([COUNCIL, libraries]).compare("Brackenford Libraries", "k_88", "x")
    assert found is not None
    assert found.like == libraries


def test_the_reasons_can_be_read_to_anybody() -> None:
    found = LookAlikes([COUNCIL]).compare("Brackenford Council", "brackenf0rdbc", "x")
    assert found is not None
    assert found.like == COUNCIL
    assert found.reasons == (
        "Its name is “Brackenford Borough Council” but for words that change nothing.",
        "Its handle is easily taken for @brackenfordbc.",
    )


def test_a_name_made_to_be_slow_is_no_slower_than_others_by_much() -> None:
    assert looks("council" * 28, "official" * 25) == 0.0
    assert looks("brackenford" * 18, "b" * 200) == 0.0


def test_an_account_without_handle_is_named_though_one_of_ours_has_none_either() -> None:
    own = LookAlikes([OwnAccount("Brackenford Borough Council", "", "facebook"), COUNCIL])
    found = own.compare("Brackenford Borough Council", "", "facebook")
    assert found is not None
    assert found.similarity > 0.9

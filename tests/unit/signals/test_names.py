"""A name of a register is found whole, however it is set, and nowhere else."""

from __future__ import annotations

import time

import pytest

from moothall.signals.names import find_names
from moothall.signals.normalise import normalise


def found(comment: str, *names: str) -> list[tuple[str, str]]:
    normal = normalise(comment)
    return [(name, normal.text[start:end]) for name, start, end in find_names(normal, names)]


@pytest.mark.parametrize(
    ("comment", "name", "words"),
    [
        ("it was ann cole who did it", "Ann Cole", "ann cole"),
        ("it was ANN  COLE!", "Ann Cole", "ann  cole"),
        ("Ann Cole's house", "Ann Cole", "ann cole"),
        ("that oneill again", "O'Neill", "oneill"),
        ("that O’Neill again", "O'Neill", "o'neill"),
        ("that O'Neill's van", "ONeill", "o'neill"),
        ("that o neill again", "O'Neill", "o neill"),
        ("dee smith jones said", "Dee Smith-Jones", "dee smith jones"),
        ("Dee Smith-Jones said", "Dee Smith Jones", "dee smith-jones"),
        ("dee smithjones said", "Dee Smith-Jones", "dee smithjones"),
        ("Ann\nCole", "Ann Cole", "ann\ncole"),
        ("J. Marlow is guilty", "J Marlow", "j. marlow"),
        ("Sian Rhys, guilty", "Siân Rhys", "sian rhys"),
        ("free Kit now", "Kit", "kit"),
        ("free marlow now", "Marlow", "marlow"),
    ],
)
def test_a_name_is_found_however_it_is_set(comment: str, name: str, words: str) -> None:
    assert [(found_name, at.replace("’", "'")) for found_name, at in found(comment, name)] == [(name, words)]


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        ("the channel is closed, what a plan", "Ann"),
        ("Annual colery", "Ann Cole"),
        ("Mr Cole is guilty", "Ann Cole"),
        ("I told Ann. Cole is next", "Ann Cole"),
        ("ann, cole, anybody", "Ann Cole"),
        ("Ann Cole-Reed was there", "Ann Cole"),
        ("Mary-Ann Cole was there", "Ann Cole"),
        ("a kit for the match", "Kit"),
        ("nothing at all", ""),
        ("nothing at all", " - "),
    ],
)
def test_nobody_else_is_found(comment: str, name: str) -> None:
    assert found(comment, name) == []


def test_the_longer_name_counts_where_two_overlap() -> None:
    assert found("Ann Cole and then Marlow", "Cole", "Marlow", "Ann Cole") == [
        ("Ann Cole", "ann cole"),
        ("Marlow", "marlow"),
    ]


def test_offsets_lead_back_to_the_comment_as_given() -> None:
    normal = normalise("😡😡 It was Ａnn  Cole, ask anyone")
    [(_, start, end)] = find_names(normal, ("Ann Cole",))
    assert normal.evidence(start, end).text == "Ａnn  Cole"


def test_a_register_of_thousands_costs_no_more_than_one_of_ten() -> None:
    letters = "abcdefghijklmnopqr"
    many = tuple(f"Dee{a}{b} Marlow{c}" for a in letters for b in letters for c in letters)[:5000]
    normal = normalise(
        "I told them, deeab marlowc is nobody, and still they wrote to the wrong house twice in one week"
    )

    def cost(names: tuple[str, ...]) -> float:
        find_names(normal, names)
        best = 1.0
        for _ in range(20):
            begin = time.perf_counter()
            find_names(normal, names)
            best = min(best, time.perf_counter() - begin)
        return best

    assert cost(many) < 5 * cost(many[:10])

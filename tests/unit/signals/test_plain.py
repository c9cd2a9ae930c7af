"""What is said without any art must be heard: under no post, under one about bins, under one about something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from moothall.signals import Reader, Row
from moothall.signals.training import labelled
from moothall.words import GROUNDS

ROOT = Path(__file__).parents[3]
SAID: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("plain.yaml").read_text("utf-8"))
POSTS = (
    None,
    "Bin collections move to a new timetable from Monday.",
    "The new leisure centre opens its doors on Saturday.",
)


def few(texts: set[str], group: str) -> bool:
    """Of ten texts one may be read wrongly, and one of fewer: the model is no substitute for an officer looking."""
    return len(texts) <= max(1, len(SAID[group]) // 10)


def read(reader: Reader, group: str) -> list[tuple[str, str, frozenset[str], bool]]:
    rows = [Row(text, post, None) for text in SAID[group] for post in POSTS]
    return [
        (row.comment, found.route, frozenset(found.grounds), found.unsure)
        for row, found in zip(rows, reader.read_many(rows), strict=True)
    ]


def test_plain_words_of_somebody_at_risk_are_sent_to_help(reader: Reader) -> None:
    readings = read(reader, "at_risk")
    missed = {text for text, route, _, _ in readings if route != "safeguard"}
    assert few(missed, "at_risk"), missed


#: Known weakness of the shipped model.
PLAIN_COPYRIGHT = pytest.param(
    "copyright", marks=pytest.mark.xfail(strict=True, reason="offers of free streams are missed where they are short")
)


@pytest.mark.parametrize("ground", [*sorted(SAID.keys() & set(GROUNDS) - {"copyright"}), PLAIN_COPYRIGHT])
def test_plain_words_that_break_a_rule_are_named(reader: Reader, ground: str) -> None:
    readings = read(reader, ground)
    missed = {text for text, _, grounds, _ in readings if ground not in grounds}
    assert few(missed, ground), missed


def test_plain_lawful_words_are_left_alone(reader: Reader) -> None:
    readings = read(reader, "lawful")
    wrong = {text for text, route, grounds, _ in readings if grounds or route == "safeguard"}
    assert few(wrong, "lawful"), wrong
    assert all(unsure for _, _, grounds, unsure in readings if grounds), "a lawful comment was surely named"


def test_none_of_it_was_learned_from() -> None:
    learned = {row["comment"].casefold().strip(" .!?") for row in labelled(ROOT / "training")}
    assert not [text for texts in SAID.values() for text in texts if text.casefold().strip(" .!?") in learned]

"""What the reader found survives being written down: nothing that rules look at is lost."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from moothall.policy import Circumstances, Facts, assess, default_policy
from moothall.reading.replay.readings import SignalsBroken, checked, labels_as_signals, signals_as_dict, signals_from
from moothall.signals import Reader, Signals
from moothall.words import GROUNDS


@pytest.fixture(scope="module")
def comments(repository: Path) -> list[dict[str, Any]]:
    lines = (repository / "training" / "comments-03.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_signals_written_down_and_read_again_are_assessed_alike(comments: list[dict[str, Any]]) -> None:
    policy = default_policy()
    for comment, before in zip(comments, Reader().read_many(comments), strict=True):
        written = json.loads(json.dumps(signals_as_dict(before)))
        after = signals_from(checked(written, comment["comment"]), comment["comment"])
        for one in fields(Signals):
            # The words of hints and the places are for the officer who looks: no rule can ask for them.
            if one.name not in ("all_grounds", "hint_words", "places"):
                assert getattr(after, one.name) == getattr(before, one.name), one.name
        assert {name: one.probability for name, one in after.all_grounds.items()} == {
            name: one.probability for name, one in before.all_grounds.items()
        }
        facts, day = Facts(repeats=1), Circumstances(pre_election=True)
        assert assess(policy, after, facts, day) == assess(policy, before, facts, day)


def test_whatever_is_left_out_is_not_known() -> None:
    signals = signals_from(checked("{}", "hello"), "hello")
    assert signals == Signals("none", looked_for=GROUNDS)
    short = signals_from(checked({"grounds": {"abuse": 0.9}, "faint": {"spam": None}}, "hello"), "hello")
    assert short.grounds["abuse"].probability == 0.9
    assert set(short.all_grounds) == {"abuse"}


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        (None, "no signals"),
        ("{", "not JSON"),
        ({"route": "elsewhere"}, "route and also"),
        ({"also": ["none", "nowhere"]}, "route and also"),
        ({"grounds": {"rudeness": 0.9}}, "'rudeness' is no ground"),
        ({"grounds": {"abuse": 1.5}}, "from 0 to 1"),
        ({"grounds": {"abuse": {"probability": 0.9, "evidence": [[2, 99]]}}}, "outside the comment"),
        ({"grounds": {"abuse": {"probability": 0.9, "evidence": [["2", 3]]}}}, "pairs"),
        ({"faint": {"abuse": True}}, "from 0 to 1"),
        ({"unsure": "perhaps"}, "unsure must be true or false"),
        ({"target": "everybody"}, "target must be among"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(signals: object, words: str) -> None:
    with pytest.raises(SignalsBroken, match=words):
        checked(signals, "hello")


def test_a_label_is_certain_and_what_is_not_labelled_is_known_not_to_be_there() -> None:
    record = {
        "route": "answer",
        "grounds": ["profanity"],
        "spans": [{"start": 0, "end": 4, "ground": "profanity"}],
        "criticism": True,
        "target": "staff",
    }
    signals = signals_from(labels_as_signals(record, ["profanity"], "damn it"), "damn it")
    assert signals.grounds["profanity"].probability == 1.0
    assert [piece.text for piece in signals.grounds["profanity"].evidence] == ["damn"]
    assert (signals.route, signals.criticism, signals.target) == ("answer", True, "staff")
    assert set(signals.looked_for) == set(GROUNDS)

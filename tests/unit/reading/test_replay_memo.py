"""Remembering never changes a result: what comes from the memo is what would be worked out."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.reading.replaying import OLD, SWEARING, new

from moothall.policy import Policy, loads
from moothall.policy.shipped import names, shipped
from moothall.reading.replay.compare import Comparison, Item, Setup
from moothall.words import GROUNDS, PLATFORMS, ROUTES

#: Rules that look at what a memo could forget: the day, the hour, how often, whether it was looked for at all.
_BY_THE_DAY = """\
  - id: sundays
    title: Quiet Sundays
    public: On Sundays we hide what is repeated.
    when: repeats >= 1
    during: weekday == 'sunday' || date >= '2026-12-24'
    grounds: [spam]
    proves: spam
    measures: [hide, block]
"""
_BY_THE_HOUR = _BY_THE_DAY.replace("sundays", "nights").replace(
    "weekday == 'sunday' || date >= '2026-12-24'", "hour < 6"
)
_IN_THE_PERIOD = _BY_THE_DAY.replace("sundays", "period").replace(
    "weekday == 'sunday' || date >= '2026-12-24'", "pre_election || incident"
)
POLICIES = [
    loads(OLD),
    new(more=SWEARING),
    new(more=_BY_THE_DAY),
    new(more=_BY_THE_HOUR),
    new(more=_IN_THE_PERIOD),
    new(("when: repeats >= 2 && off_topic", "when: repeats >= 1 && !abuse")),
    new(("when: repeats >= 2 && off_topic", "when: repeat_times >= 3 || identical")),
    new(
        ("settings:", "routes:\n  answer:\n    reply: answer\n    text: Thanks.\nsettings:\n  reply: {working_days: 3}")
    ),
    *(shipped(name) for name in names()),
]

signals = st.fixed_dictionaries(
    {
        "route": st.sampled_from(ROUTES),
        "also": st.lists(st.sampled_from(ROUTES), max_size=1),
        "grounds": st.just({})
        | st.dictionaries(st.sampled_from(GROUNDS), st.sampled_from([0.3, 0.5, 0.95]), max_size=1),
        "faint": st.dictionaries(st.sampled_from(GROUNDS), st.sampled_from([0.06, 0.3]), max_size=2),
        "criticism": st.booleans(),
        "unsure": st.booleans(),
        "off_topic": st.sampled_from([True, False, None]),
        "language": st.sampled_from([None, "pl"]),
        "looked_for": st.sampled_from([None, [], ["abuse"]]),
        "model_version": st.just("m"),
    }
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "repeats": st.integers(0, 3),
        "repeat_times": st.integers(1, 4),
        "identical": st.booleans(),
        "campaign": st.sampled_from(["c-1", "c-2"]),
        "platform": st.sampled_from(PLATFORMS[:2]),
        "stated": st.sampled_from([{"off_topic": True}, {"off_topic": False}]),
    },
)
moments = st.sampled_from(
    [
        None,
        "2026-11-22T02:00:00+00:00",
        "2026-11-22T23:30:00+00:00",
        "2026-11-23T09:00:00+00:00",
        "2026-12-24T01:00:00+00:00",
    ]
)
around = st.sampled_from([{}, {"pre_election": True}, {"pre_election": False, "incident": True}])


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Rows of a few kinds that differ in one thing or another: that is where a memo could mistake one for the next."""
    kinds = draw(st.lists(st.tuples(signals, facts, st.none() | facts), min_size=1, max_size=3))
    made: list[Item] = []
    for number in range(1, draw(st.integers(1, 30)) + 1):
        read, known, other = draw(st.sampled_from(kinds))
        found: dict[str, Any] = {name: value for name, value in read.items() if value is not None}
        changed = draw(st.sampled_from(["", *found, "facts", "new facts"]))
        if changed in found:
            value = draw(signals)[changed]
            found = {**found, changed: value} if value is not None else found
        known, other = draw(facts) if changed == "facts" else known, draw(facts) if changed == "new facts" else other
        made.append(
            [
                number,
                number,
                "Some words here",
                None,
                draw(moments),
                draw(around),
                known,
                other,
                None,
                {"signals": found},
            ]
        )
    return made


def comparison(old: Policy, new: Policy, *, remember: bool) -> Comparison:
    setup = Setup(old.text, new.text, "read", False, False, True, 3, "", version("moothall"))
    return Comparison(setup, remember=remember)


PAIRS = [
    (comparison(POLICIES[0], rules, remember=True), comparison(POLICIES[0], rules, remember=False))
    for rules in POLICIES
]


@pytest.mark.parametrize("pair", PAIRS, ids=range(len(PAIRS)))
@settings(max_examples=40, deadline=None)
@given(rows=items())
def test_the_memo_never_changes_a_result(pair: tuple[Comparison, Comparison], rows: list[Item]) -> None:
    remembering, working_out = pair
    assert remembering.part(rows) == working_out.part(rows)


def ordinary(number: int, moment: str = "2026-11-23T09:00:00+00:00") -> Item:
    found = {"route": "none", "faint": {"abuse": 0.1 + number / 1000}}
    return [number, number, f"Comment {number}", None, moment, {}, {"repeats": 0}, None, None, {"signals": found}]


def test_comments_without_a_ground_are_assessed_once() -> None:
    both = comparison(POLICIES[0], POLICIES[1], remember=True)
    both.part([ordinary(number, f"2026-11-{1 + number % 28:02}T09:00:00+00:00") for number in range(500)])
    assert both.memo is not None
    assert (both.memo.hits, both.memo.misses) == (499, 1)


def test_rules_that_look_at_the_day_have_it_in_the_key_and_those_that_look_at_the_hour_are_not_remembered() -> None:
    by_day = comparison(POLICIES[0], POLICIES[2], remember=True)
    by_day.part([ordinary(number, f"2026-11-{1 + number % 2:02}T09:00:00+00:00") for number in range(100)])
    assert by_day.memo is not None
    by_hour = comparison(POLICIES[0], POLICIES[3], remember=True)
    by_hour.part([ordinary(number) for number in range(100)])
    assert by_hour.memo is not None
    assert by_hour.memo.hits == 0


def test_the_memo_forgets_rather_than_grow() -> None:
    both = comparison(POLICIES[0], POLICIES[1], remember=True)
    assert both.memo is not None
    both.memo._most = 10
    rows = [[*ordinary(number)[:6], {"repeats": number}, None, None, ordinary(number)[9]] for number in range(100)]
    both.part(rows)
    assert len(both.memo._held) <= 10

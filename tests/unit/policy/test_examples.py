"""The rules of councils that differ: outcomes that were written down before the files, and that differ by file alone."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from moothall.policy import Policy, load, page, show
from moothall.policy.cases import run_case, run_cases
from moothall.policy.shipped import NotShipped, cases, names, shipped
from moothall.policy.vocabulary import BUILT_IN

COUNCILS = Path(__file__).parent / "councils"
SAME_FACTS = [
    json.loads(line)
    for line in (resources.files("moothall.policy") / "examples" / "same-facts.jsonl").read_text("utf-8").splitlines()
]


def test_seven_policies_ship() -> None:
    assert len(names()) == 7
    assert names()[0] == "house-rules"
    assert len({shipped(name).council for name in names()}) == 7


def test_a_name_that_does_not_ship_is_told_the_nearest() -> None:
    with pytest.raises(NotShipped, match="gullhaven"):
        shipped("gulhaven")


@pytest.mark.parametrize("name", names())
def test_each_council_decides_as_its_rules_say_in_plain_words(name: str) -> None:
    results = list(run_cases(shipped(name), cases(name)))
    assert len(results) >= 20
    assert "".join(result.in_words() for result in results) == ""


@pytest.mark.parametrize("case", SAME_FACTS, ids=lambda case: case["id"])
def test_the_same_facts_come_out_as_each_council_says(case: dict[str, Any]) -> None:
    facts = {key: value for key, value in case.items() if key != "expect_by"}
    assert set(case["expect_by"]) == set(names())
    for name, expect in case["expect_by"].items():
        _, differences = run_case(shipped(name), facts | {"expect": expect})
        assert not differences, name


def test_a_hundred_outcomes_differ_by_the_file_alone() -> None:
    outcomes = sum(len(case["expect_by"]) for case in SAME_FACTS)
    assert outcomes >= 100
    alike = [case["id"] for case in SAME_FACTS if len({json.dumps(each) for each in case["expect_by"].values()}) == 1]
    # What no council may differ about: the floors.
    assert len(alike) <= len(SAME_FACTS) // 5, alike


@pytest.mark.parametrize("name", names())
def test_each_has_a_page_and_a_guide_with_every_clause(name: str) -> None:
    policy = shipped(name)
    for clause in policy.clauses:
        assert f'id="clause-{clause.id}"' in page(policy)
        assert f"[{clause.id}]" in show(policy)
        assert clause.guide


@pytest.fixture(scope="module")
def quernmoor() -> Policy:
    return load(COUNCILS / "quernmoor.yaml")


class TestOneMoreCouncil:
    """A council that wants everything needs a file and no code."""

    def test_decides_as_its_public_sentences_say(self, quernmoor: Policy) -> None:
        lines = (COUNCILS / "quernmoor.cases.jsonl").read_text("utf-8").split("\n")
        results = list(run_cases(quernmoor, lines))
        assert len(results) >= 45
        assert "".join(result.in_words() for result in results) == ""

    def test_uses_every_kind_of_name_there_is(self, quernmoor: Policy) -> None:
        groups = {BUILT_IN[name].group for name in quernmoor.names if name in BUILT_IN}
        assert groups == {"signal", "fact", "repeat", "circumstance"}
        assert {count.name for count in quernmoor.counts} & quernmoor.names
        circumstances = {name for name in BUILT_IN if BUILT_IN[name].group == "circumstance"}
        assert circumstances <= quernmoor.names

    def test_every_clause_and_rung_decides_some_case(self, quernmoor: Policy) -> None:
        led, climbed = set(), set()
        for line in (COUNCILS / "quernmoor.cases.jsonl").read_text("utf-8").splitlines():
            assessment, _ = run_case(quernmoor, json.loads(line))
            led.add(assessment.leading)
            climbed.add(assessment.rung)
        assert {clause.id for clause in quernmoor.clauses} <= led
        assert {rung.id for rung in quernmoor.ladder} <= climbed

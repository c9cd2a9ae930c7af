"""The runner of acceptance cases: it finds each difference, and says what is wrong with a case that cannot be run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moothall.policy import default_policy
from moothall.policy.cases import BadCase, run_case, run_cases

PAGE = default_policy()
TUESDAY = "2027-06-15T10:00:00+01:00"


def case(expect: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "c", "date": TUESDAY, "election": None, "facts": {"grounds": ["abuse"]}, "expect": expect} | fields


def differences(expect: dict[str, Any], **fields: Any) -> list[tuple[str, Any, Any]]:
    return [(each.field, each.expected, each.actual) for each in run_case(PAGE, case(expect, **fields))[1]]


RIGHT = {
    "measures": ["ignore", "hide", "delete", "block", "report"],
    "recommended": "hide",
    "clause": "abuse",
    "second_person": False,
    "reply": "none",
    "notify": "none",
    "step": "none",
    "ban": {"ends": None, "review": "on_request", "review_from": "2027-12-15", "by": "different_officer"},
    "letter": "",
    "reply_due": None,
    "review": None,
}


def test_what_is_as_expected_has_no_difference() -> None:
    assert differences(RIGHT) == []


@pytest.mark.parametrize(
    ("field", "wrong", "actual"),
    [
        ("measures", ["ignore", "hide"], RIGHT["measures"]),
        ("recommended", "delete", "hide"),
        ("clause", "spam", "abuse"),
        ("clause", None, "abuse"),
        ("second_person", True, False),
        ("reply", "answer", "none"),
        ("notify", "dm", "none"),
        ("step", "warn", "none"),
        ("ban", None, RIGHT["ban"]),
        ("reply_due", "2027-06-17", None),
        ("review", {"status": "open"}, None),
    ],
)
def test_each_field_that_differs_is_told(field: str, wrong: Any, actual: Any) -> None:
    assert differences(RIGHT | {field: wrong}) == [(field, wrong, actual)]


@pytest.mark.parametrize(
    ("field", "wrong", "actual"),
    [
        ("ends", "2028-06-15", None),
        ("review", "none", "on_request"),
        ("review_from", "2027-12-16", "2027-12-15"),
        ("by", "panel", "different_officer"),
    ],
)
def test_fields_inside_a_ban_are_compared_one_by_one(field: str, wrong: Any, actual: Any) -> None:
    assert differences({"ban": {field: wrong}}) == [(f"ban.{field}", wrong, actual)]


def test_a_clause_may_be_named_by_its_id_and_measures_in_any_order() -> None:
    assert differences({"clause": "be-polite", "measures": ["report", "hide", "block", "delete"]}) == []


def test_a_day_may_be_written_as_a_moment() -> None:
    assert differences({"ban": {"review_from": "2027-12-15T00:00:00+00:00"}}) == []


def test_what_is_not_stated_is_not_so() -> None:
    assert differences({"clause": None, "measures": ["ignore"]}, facts={}) == []
    assert differences({"measures": ["ignore"]}, facts={"grounds": ["brand_misuse"]}) == []
    assert differences({"measures": ["ignore"]}, repeats=4, facts={"extra": ["off_topic"]}) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"facts": {"grounds": ["abuze"]}}, "Did you mean “abuse”"),
        ({"facts": {"extra": ["oftopic"]}}, "Did you mean “off_topic”"),
        ({"facts": {"route": "councilor"}}, "Did you mean “councillor”"),
        ({"facts": {"ground": []}}, "“ground” is not a known field of facts. Did you mean “grounds”"),
        ({"fact": {}}, "“fact” is not a known field of a case"),
        ({"expect": {"recomended": "hide"}}, "Did you mean “recommended”"),
        ({"expect": {"ban": {"end": None}}}, "“end” is not a known field of ban"),
        ({"expect": {"recommended": "hde"}}, "is no recommended. Did you mean “hide”"),
        ({"expect": {"ban": {"by": "panels"}}}, "is no ban.by. Did you mean “panel”"),
        ({"expect": {}}, "tests nothing"),
        ({"expect": {"measures": ["hid"]}}, "must be a list of"),
        ({"expect": {"reply_due": "Tuesday"}}, "must be a date"),
        ({"date": "15 June"}, "“date” must be when"),
        ({"date": None}, "“date” must be when"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "“date” must be when"),
        ({"date": "9999-12-31T23:59:59-14:00"}, "“date” must be when"),
        ({"election": {"poll": "0001-01-05"}}, "“poll” must be a date"),
        ({"election": {"poll": "2027-05-06", "kind": "lokal"}}, "is no election. Did you mean “local”"),
        ({"repeats": 0}, "“repeats” must be a whole number of at least 1"),
        ({"repeats": True}, "“repeats” must be a whole number"),
        ({"election": {"poll": "soon"}}, "“poll” must be a date"),
        ({"election": "2027-05-06"}, "“election” must be an object"),
        ({"author_history": [{"date": "2027-06-16", "measure": "hide"}]}, "happens after the comment"),
        ({"author_history": [{"date": "2027-06-01", "measure": "ban"}]}, "is no act"),
        ({"author_history": {}}, "must be a list"),
        ({"platform": "myspace"}, "is no platform"),
    ],
)
def test_a_case_that_cannot_be_run_says_why(change: dict[str, Any], told: str) -> None:
    if change == {"author_history": {}}:
        change = {"author_history": {"date": "2027-06-01"}}
    with pytest.raises(BadCase, match=told):
        run_case(PAGE, case({"recommended": "hide"}) | change)


def test_lines_that_are_no_case_stand_in_the_results_with_their_line() -> None:
    good = json.dumps(case({"recommended": "hide"}))
    bad = json.dumps(case({"recommended": "ignore"}, id="d"))
    lines = [good, "", "{", "[]", good, bad, json.dumps(case({}, id=True))]
    results = list(run_cases(PAGE, lines))
    assert [(each.id, each.line, each.ok) for each in results] == [
        ("c", 1, True),
        (3, 3, False),
        (4, 4, False),
        ("c", 5, False),
        ("d", 6, False),
        (7, 7, False),
    ]
    assert "line 1 already" in results[3].error
    assert results[4].as_dict() == {
        "id": "d",
        "ok": False,
        "differences": [{"field": "recommended", "expected": "ignore", "actual": "hide"}],
    }
    assert "recommended: expected ignore, got hide" in results[4].in_words()


def test_a_line_separator_inside_a_text_ends_no_line() -> None:
    line = json.dumps(case({"recommended": "hide"}, rule="one\u2028two"), ensure_ascii=False)
    assert [each.ok for each in run_cases(PAGE, [line])] == [True]

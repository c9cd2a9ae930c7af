"""What changed between two versions of the rules is told in sentences, and nothing is missed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, time
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.policy import Policy, PolicyError, default_policy, loads
from moothall.policy.calendar import OfficeHours, Term
from moothall.policy.condition import Condition
from moothall.policy.difference import differences, differences_as_json
from moothall.policy.key import Key
from moothall.policy.keys import example_file
from moothall.policy.model import BanRule, Clause, Contact, RouteRule, Rung
from moothall.policy.vocabulary import ELECTIONS

from .test_schema import EXAMPLE, INSTEAD, KEYS, PLACES, model, written
from .writing import SMALL

PAGE = default_policy()
FULL = loads(example_file())
LAYOUT = "The file differs in comments, layout or order alone. Nothing that the public reads or the desk applies has changed."


def changed(*pairs: tuple[str, str]) -> Policy:
    text = PAGE.text
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return loads(text)


TOLD = [
    (
        "measures: [hide, delete]\n",
        "measures: [hide]\n",
        "“Party politics before an election” no longer allows deleting.",
    ),
    ("    after_months: 6", "    after_months: 3", "Bans are reviewed after 3 months instead of 6."),
    ("    after_months: 6", "    after: at_any_time", "Bans are reviewed at any time instead of after 6 months."),
    (
        "    review: on_request",
        "    length: 12 months",
        "Bans now stand for 12 months instead of without an end date.",
    ),
    (
        "    lane: legal",
        "    second_person: [block]",
        "A second officer must now confirm a block under “Nothing that puts the council at legal risk”.",
    ),
    (
        "    weeks: 6",
        "    weeks: 5",
        "The pre-election period now begins 5 weeks before polling day instead of 6.",
    ),
    (
        "when: several_posts &&",
        "when: (several_posts || identical) &&",
        "“No spamming” now applies when: (several_posts || identical) && off_topic (before: several_posts && off_topic); "
        "it holds more often than before. New in it: identical (the repeated text is the same word for word).",
    ),
    (
        "when: several_posts && off_topic",
        "when: off_topic && several_posts",
        "“No spamming” now applies when: off_topic && several_posts (before: several_posts && off_topic); "
        "it comes to the same.",
    ),
    (
        "    posts: 3",
        "    posts: 4",
        "A repeated text now stands on several posts from 4 posts on, instead of 3.",
    ),
    (
        "may leave\n      them unanswered.",
        "may not\n      answer them.",
        "Under “Be polite to people” the public reads now “… people, and we may not answer them.”, "
        "before “… people, and we may leave them unanswered.”.",
    ),
    (
        "01632 960200",
        "01632 960999",
        "The telephone number of “Customer Services” is now 01632 960999 instead of 01632 960200.",
    ),
    (
        "  default: {engage: 0.5,",
        "  default: {engage: 0.6,",
        "Every ground now counts as found from a probability of 0.6 on instead of 0.5.",
    ),
    (
        "    grounds: [abuse, profanity]",
        "    grounds: [abuse]",
        "“Be polite to people” no longer covers strong swearing.",
    ),
    (
        "unless: authorised",
        "unless: authorised && !confusing",
        "The exception to “Do not pass yourself off as the council” is now: authorised && !confusing (before: "
        "authorised); it holds less often than before. New in it: confusing (Could people mistake it for a genuine "
        "publication or account of the council?).",
    ),
    ('version: "2026.1"', 'version: "2026.2"', "The version is now “2026.2” instead of “2026.1”."),
    ("title: No spamming", "title: Do not spam", "The rule “No spamming” is now called “Do not spam”."),
    (
        "- id: no-spam\n",
        "- id: spam\n",
        "“No spamming” is now filed as “spam” instead of “no-spam”: links and decisions that name it by the old name "
        "no longer lead to it.",
    ),
    (
        "settings:\n",
        "settings:\n  reply: {working_days: 2}\n",
        "Comments are now replied to within 2 working days instead of with no promise of when.",
    ),
    (
        "settings:\n",
        "settings:\n  going_live: {second_person: true}\n",
        "A second manager must now approve that a new version of these rules comes into force.",
    ),
]


@pytest.mark.parametrize(("old", "new", "sentence"), TOLD)
def test_a_change_is_told_in_a_sentence(old: str, new: str, sentence: str) -> None:
    assert sentence in differences(PAGE, changed((old, new)))


def test_a_new_rule_and_one_that_is_gone_are_told_first() -> None:
    politics = PAGE.text.index("  - id: party-politics")
    told = differences(PAGE, loads(PAGE.text[:politics].replace("01632 960200", "01632 960999")))
    gone = "The rule “Party politics before an election” is gone: nothing can be hidden or deleted under it any more."
    assert told[0] == gone
    assert len(told) == 2
    (new,) = differences(loads(PAGE.text[:politics]), PAGE)
    assert new.startswith("New rule 8: “Party politics before an election”, “In the six weeks before")
    assert "allows hiding and deleting for overtly party-political content; hiding is recommended" in new


def test_a_new_rung_is_told_with_what_it_leads_to_also_where_that_is_a_ban_alone() -> None:
    both = SMALL.replace("[hide, delete]", "[hide, block]")
    rung = "ladder: [{id: a, title: Again, public: Then for ever., bans: 1, ban: {length: for_ever, review: none}}]\n"
    (told,) = differences(loads(both), loads(both + rung))
    assert told.startswith("New rung of the ladder: “Again”, “Then for ever”. From the first breach on, on any ground")
    assert told.endswith(": a ban for ever; no review.")
    (gone,) = differences(loads(both + rung), loads(both))
    assert gone == "The rung “Again” of the ladder is gone: it no longer leads to a ban for ever; no review."


def test_a_rule_that_was_renamed_and_filed_anew_is_still_the_same_rule() -> None:
    told = differences(
        PAGE, changed(("- id: no-spam\n", "- id: spam\n"), ("title: No spamming", "title: No spam at all"))
    )
    assert len(told) == 2
    assert not [sentence for sentence in told if "gone" in sentence or "New rule" in sentence]


def test_equal_policies_differ_in_nothing() -> None:
    assert differences(PAGE, PAGE) == []
    assert differences(PAGE, loads(PAGE.text, name="another name")) == []
    assert differences_as_json(FULL, FULL) == []


@pytest.mark.parametrize(
    "text",
    [
        PAGE.text + "# One more comment.\n",
        PAGE.text.replace("useful discussion.", "useful\n      discussion."),
        PAGE.text.replace("[threat, distress, personal_info]", "[distress, personal_info, threat]"),
        PAGE.text.replace("after_months: 6", "after: 6 months"),
        PAGE.text.replace("several_posts && off_topic", "several_posts   &&\n      off_topic"),
    ],
)
def test_what_nobody_reads_or_applies_is_said_to_be_nothing(text: str) -> None:
    assert text != PAGE.text
    assert differences(PAGE, loads(text)) == [LAYOUT]


def test_another_order_is_said_to_be_only_that() -> None:
    clauses = PAGE.text.index("clauses:\n") + len("clauses:\n")
    parts = PAGE.text[clauses:].split("\n\n")
    told = differences(PAGE, loads(PAGE.text[:clauses] + "\n\n".join([parts[1], parts[0], *parts[2:]])))
    assert told[0].startswith("The rules stand in another order")
    assert "1. No discrimination; 2. Be polite to people;" in told[0]
    assert told[1:] == ["Nothing else that the public reads or the desk applies has changed."]


def test_what_follows_from_the_rule_for_all_bans_is_told_once() -> None:
    told = differences(PAGE, changed(("    after_months: 6", "    after_months: 6\n    first: notice_of_intent")))
    assert told == ["Before every block there now has to be a notice of intent."]
    own = SMALL.replace("[hide, delete]", "[hide, block]") + "    ban: {length: 1 year}\n"
    told = differences(loads(own), loads(own + "settings: {ban: {after: 3 months}}\n"))
    assert told == ["Bans are reviewed after 3 months instead of 6."]


def test_one_officer_is_not_said_to_be_enough_where_the_rule_for_all_asks_for_two() -> None:
    general = SMALL + "settings: {second_person: [delete]}\n"
    own = general.replace("measures:", "second_person: [delete]\n    measures:")
    told = (
        "A second officer must now confirm deleting under “Be polite” (the rule for all clauses asked for it already)."
    )
    assert differences(loads(general), loads(own)) == [told]
    told = "“Be polite” itself no longer asks for a second officer for deleting; the rule for all clauses does."
    assert differences(loads(own), loads(general)) == [told]


def test_changes_are_json_for_programs() -> None:
    told = differences_as_json(
        PAGE, changed(("measures: [hide, delete]\n", "measures: [hide]\n"), ("weeks: 6", "weeks: 5"))
    )
    assert told == [
        {
            "area": "rule",
            "clause": "party-politics",
            "kind": "changed",
            "sentence": "“Party politics before an election” no longer allows deleting.",
        },
        {
            "area": "period",
            "clause": None,
            "kind": "changed",
            "sentence": "The pre-election period now begins 5 weeks before polling day instead of 6.",
        },
    ]


# What follows from other fields, or from the name and the lines of the file, and is told with what it follows from.
FOLLOWS = {
    Policy: ("name", "text", "sha256", "names", "fact_grounds", "no_strike"),
    Clause: ("number", "line"),
    Rung: ("line",),
    Contact: ("id",),
    RouteRule: ("name",),
}


def others(value: Any, name: str) -> Iterator[Any]:
    """Yield values of the same kind that differ from this one, each in one place."""
    yield from (other for other in _others(value, name) if other != value)


def _others(value: Any, name: str) -> Iterator[Any]:
    if dataclasses.is_dataclass(value) and not isinstance(value, Condition | Term | type):
        for field in dataclasses.fields(value):
            if field.name not in FOLLOWS.get(type(value), ()):
                for other in others(getattr(value, field.name), field.name):
                    made = dataclasses.replace(value, **{field.name: other})
                    # Policies are equal by their text; here they differ by what was read from it.
                    yield dataclasses.replace(made, text=f"{made.text}#") if isinstance(made, Policy) else made
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value + 30)
    elif isinstance(value, float):
        yield from (value + 0.01, value - 0.01)
    elif isinstance(value, Term):
        yield from (Term(months=1), Term(days=100))
    elif isinstance(value, Condition):
        yield from (Condition(f"!({value.source})"), Condition("abuse"))
    elif isinstance(value, time):
        yield time(12, 1)
    elif isinstance(value, Mapping):
        yield from _other_mappings(value, name)
    elif isinstance(value, tuple | frozenset):
        yield from _other_lists(value, name)
    elif isinstance(value, str):
        yield from CHOICES.get(name, (f"{value} and so on", f"so {value}"))
    elif value is None:
        yield from OUT_OF_NOTHING[name]


def _other_mappings(value: Mapping[Any, Any], name: str) -> Iterator[Any]:
    for key in value:
        if name != "thresholds":
            yield MappingProxyType({each: value[each] for each in value if each != key})
        for other in others(value[key], name):
            yield MappingProxyType({**value, key: other})
    more = {"needs": ("hide", Condition("confusing")), "days": (6, (time(9), time(10))), "first": ("hide", "warn")}
    more |= {"notify": ("report", "dm"), "letters": ("hide", "goodbye"), "facts": ("brand_new", "Is it new?")}
    if name in more:
        yield MappingProxyType({**value, more[name][0]: more[name][1]})


def _other_lists(value: Any, name: str) -> Iterator[Any]:
    if name == "days":
        yield (time(7, 30), value[1])
        return
    if name == "closed":
        yield frozenset({date(2027, 12, 24)})
        return
    for at, each in enumerate(value):
        yield (*value[:at], *value[at + 1 :])
        if dataclasses.is_dataclass(each):
            for other in others(each, name):
                yield (*value[:at], other, *value[at + 1 :])
    words = {
        "grounds": "threat",
        "measures": "report",
        "second_person": "report",
        "elections": ELECTIONS[-1],
        "of": "notice",
        "counts": "warn",
    }
    if value and name in words and isinstance(value[0], str) and words[name] not in value:
        yield (*value, words[name])


CHOICES: dict[str, tuple[str, ...]] = {
    "recommends": ("ignore", "delete"),
    "meanwhile": ("ignore", "delete"),
    "notify": ("public_note",),
    "review": ("automatic", "none"),
    "by": ("any_officer",),
    "first": ("warn", ""),
    "measure": ("hide", ""),
    "start": ("notice", "weeks"),
    "end": ("day_after",),
    "reply": ("none", "signpost-councillor"),
    "proves": ("threat",),
    "lane": ("", "quick"),
}
OUT_OF_NOTHING: dict[str, tuple[Any, ...]] = {
    "length": (Term(days=30),),
    "within": (Term(days=10),),
    "first_within": (Term(days=10),),
    "wait": (Term(days=10),),
    "when": (Condition("abuse"),),
    "recommend_when": (Condition("abuse"),),
    "unless": (Condition("abuse"),),
    "during": (Condition("pre_election"),),
    "proves": ("spam",),
    "ban": (BanRule(length=Term(months=2)),),
    "reply_working_days": (3,),
    "hours": (OfficeHours({0: (time(9), time(17))}),),
}


@pytest.mark.parametrize("policy", [PAGE, FULL], ids=["page", "full"])
def test_no_change_of_any_field_is_missed(policy: Policy) -> None:
    seen = 0
    for other in others(policy, "policy"):
        told = differences(policy, other)
        assert told not in ([], [LAYOUT]), f"nothing told of the change to {other!r}"
        assert all(sentence.endswith(".") and "None" not in sentence for sentence in told), told
        assert differences(other, policy) not in ([], [LAYOUT]), f"nothing told of the change back from {other!r}"
        seen += 1
    assert seen > 150


def test_the_walk_reaches_every_field_of_the_model() -> None:
    reached: set[tuple[type, str]] = set()

    def walk(value: Any) -> None:
        if dataclasses.is_dataclass(value) and not isinstance(value, Condition | Term | type):
            for field in dataclasses.fields(value):
                reached.add((type(value), field.name))
                walk(getattr(value, field.name))
        for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ():
            walk(each)

    walk(FULL)
    kinds = {kind.__name__ for kind, _ in reached}
    named = {
        "Policy",
        "Clause",
        "Rung",
        "BanRule",
        "Settings",
        "Thresholds",
        "PeriodRule",
        "OfficeHours",
        "RecordCount",
    }
    assert named | {"Contact", "Section", "RouteRule"} <= kinds


def candidates(key: Key, given: Any) -> list[Any]:
    """Return other values that may stand under a key."""
    if key.kind == "flag":
        return [not given]
    if key.kind == "number":
        return [value for value in (given + 1, given - 1, 0.55, 0.95) if key.least <= value <= key.most]
    if key.name == "letters":
        return [given | {"ban": "Another letter."}]
    if key.name in ("proves", "lane"):
        return [None]
    by_kind: dict[str, list[Any]] = {
        "text": [f"{given} and more"],
        "term": ["9 days"],
        "condition": ["spam", "platform == 'x'"],
        "link": ["https://other.example"],
        "hours": ["10:00-16:00"],
        "id": ["quite-another"],
        "grounds": [["spam", "threat"], ["threat"]],
        "conditions": [{"hide": "confusing"}, {}],
        "flag_or_words": [True, False, ["hide"]],
        "texts": [{}],
        "words": [["hide", "delete", "block", "report"], *([word] for word in key.values)],
        "per": ["ban", {}],
    }
    return by_kind.get(key.kind, []) + list(key.values)


def bare(data: Any) -> Any:
    """Return the example without what holds other keys in place: steps with a wait, letters and bans of a rung."""
    for inner in (data["settings"]["ban"], data["clauses"][0]["ban"], data["ladder"][0]):
        inner.pop("wait", None)
    for inner in (data["clauses"][0], data["ladder"][0]):
        for key in ("ban", "letter"):
            inner.pop(key)
    return data


def without_waiting(data: Any) -> Any:
    for inner in (data["settings"]["ban"], data["clauses"][0]["ban"], data["ladder"][0]["ban"], data["ladder"][0]):
        inner.pop("wait", None)
    return data


BASES = (lambda data: data, without_waiting, bare, lambda data: {name: data[name] for name in data if name != "ladder"})
SIMPLE = [(thing, place, key) for thing, key in KEYS for place in PLACES[thing] if not key.of and key.kind != "format"]


@pytest.mark.parametrize(
    ("place", "key"),
    [each[1:] for each in SIMPLE],
    ids=[f"{'.'.join(map(str, at))}:{key.name}" for _, at, key in SIMPLE],
)
def test_no_key_of_the_file_can_be_changed_in_silence(place: tuple[str | int, ...], key: Key) -> None:
    tried = 0
    for base in BASES:
        data = base(deepcopy(INSTEAD if key.instead_of else EXAMPLE))
        old = loads(written(data))
        inner = data
        for step in place:
            inner = inner[step] if isinstance(inner, list) else inner.get(step, {})
        if key.name not in inner:
            continue
        given = inner[key.name]
        for value in candidates(key, given)[:4]:
            inner[key.name] = value
            try:
                new = loads(written(data))
            except PolicyError:
                continue
            if value != given and model(new) != model(old):
                tried += 1
                assert differences(old, new) not in ([], [LAYOUT]), value
    assert tried, f"no other value of {key.name} could be loaded"


@given(st.sampled_from(KEYS).flatmap(lambda at: st.tuples(st.just(at[1]), st.sampled_from(PLACES[at[0]]))))
@settings(max_examples=30, deadline=None)
def test_a_key_that_is_left_out_is_told_unless_it_said_the_default(drawn: tuple[Key, tuple[str | int, ...]]) -> None:
    key, place = drawn
    data = deepcopy(EXAMPLE)
    inner = data
    for step in place:
        inner = inner[step]
    inner.pop(key.name, None)
    try:
        without = loads(written(data))
    except PolicyError:
        return
    told = differences(FULL, without)
    assert (told in ([], [LAYOUT])) == (model(FULL) == model(without))

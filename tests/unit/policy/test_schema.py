"""The table of keys, the loader and the schema for editors say the same about the policy file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from copy import deepcopy
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from moothall.policy import Policy, PolicyError, loads
from moothall.policy.document import FaultList, Listing, Node, Table, read_document
from moothall.policy.key import Key
from moothall.policy.keys import THINGS, example_file
from moothall.policy.schema import schema, schema_as_json
from moothall.policy.vocabulary import CITABLE_GROUNDS

from .writing import SMALL, faults_in

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
SCHEMA = Draft202012Validator(schema())
#: Where an object of each kind stands in the example file.
PLACES: dict[str, list[tuple[str | int, ...]]] = {
    "policy": [()],
    "contact": [("contacts", "review")],
    "count": [("counts", "earlier_spam")],
    "section": [("sections", 0)],
    "route": [("routes", "answer")],
    "clause": [("clauses", 0)],
    "rung": [("ladder", 0)],
    "settings": [("settings",)],
    "threshold": [("settings", "thresholds", "defamation")],
    "ban": [("settings", "ban"), ("clauses", 0, "ban"), ("ladder", 0, "ban")],
    "period": [("settings", "period")],
    "reply": [("settings", "reply")],
    "hours": [("settings", "hours")],
    "going_live": [("settings", "going_live")],
    "repeats": [("settings", "repeats")],
}
KEYS = [(thing, key) for thing, described in THINGS.items() for key in described.keys]
UNKNOWN = "§§"
#: Written into the file as it stands here, without quotes.
RAW = "as it stands: "


def as_data(node: Node) -> Any:
    """Return the tree of a file as an editor's parser hands it to a schema: mappings, lists, and scalars by their kind."""
    if isinstance(node, Table):
        return {name: as_data(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, Listing):
        return [as_data(item) for item in node.items]
    if node.kind == "int":
        return int(
            node.value.replace("_", ""), 0 if node.value.lower().lstrip("+-").startswith(("0x", "0o", "0b")) else 10
        )
    if node.kind == "float":
        return float(node.value.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
    return {"bool": node.value.lower() == "true", "null": None}.get(node.kind, node.value)


def data_of(text: str) -> Any:
    tree = read_document(text, FaultList())
    assert tree is not None
    return as_data(tree)


def written(data: Any) -> str:
    """Return data as YAML, which JSON is, with what is marked RAW as it stands."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    while f'"{RAW}' in text:
        before, _, after = text.partition(f'"{RAW}')
        value, _, rest = after.partition('"')
        text = before + value + rest
    return text


EXAMPLE = data_of(example_file())
INSTEAD = data_of(example_file(instead=True))


def with_value(place: tuple[str | int, ...], key: str, value: Any) -> str:
    """Return the example file with a value under a key of one object."""
    data = deepcopy(INSTEAD if key == "after_months" else EXAMPLE)
    inner = data
    for step in place:
        inner = inner[step]
    inner[key] = value
    return written(data)


def known_by(text: str, word: str, code: str = "") -> set[str]:
    """Return the words that the loader knows where ``word`` stands, as its message lists them."""
    for fault in faults_in(text):
        if f"“{word}”" in fault["message"] and fault["hint"].startswith("Known here: ") and code in ("", fault["code"]):
            return set(fault["hint"].removeprefix("Known here: ").removesuffix(".").split(", "))
    raise AssertionError(f"the loader names no known words for {word}: {faults_in(text)}")


@pytest.mark.parametrize(("thing", "place"), [(thing, place) for thing in THINGS for place in PLACES[thing]])
def test_the_table_has_the_keys_that_the_loader_takes_and_no_other(thing: str, place: tuple[str | int, ...]) -> None:
    known = known_by(with_value(place, UNKNOWN, 1), UNKNOWN, "unknown_key")
    assert known == {key.name for key in THINGS[thing].keys}


CLOSED = [(thing, key) for thing, key in KEYS if key.kind in ("per", "texts", "named", "conditions") and key.names]


@pytest.mark.parametrize(("thing", "key"), CLOSED, ids=[f"{thing}.{key.name}" for thing, key in CLOSED])
def test_the_table_has_the_names_that_a_mapping_takes(thing: str, key: Key) -> None:
    known = known_by(with_value(PLACES[thing][0], key.name, {UNKNOWN: "x"}), UNKNOWN)
    # A clause and a rung take the names of the measures they allow.
    allowed = {"clause": {"report"}, "rung": {"hide", "delete", "report"}}.get(thing, set())
    assert known == set(key.names) - allowed


CHOICES = [
    (thing, key) for thing, key in KEYS if key.kind in ("choice", "words", "per", "flag_or_words") and key.values
]


@pytest.mark.parametrize(("thing", "key"), CHOICES, ids=[f"{thing}.{key.name}" for thing, key in CHOICES])
def test_the_table_has_the_words_that_a_key_takes(thing: str, key: Key) -> None:
    value = [UNKNOWN] if key.kind == "flag_or_words" else UNKNOWN
    known = known_by(with_value(PLACES[thing][0], key.name, value), UNKNOWN)
    # The measures of the clause in the example are the ones a second officer may confirm there.
    narrowed = {"report"} if (thing, key.name) == ("clause", "second_person") else set()
    assert known == set(key.values) - narrowed


@pytest.mark.parametrize(("thing", "word"), [("clause", "spam"), ("rung", "spam"), ("count", "spam")])
def test_every_ground_in_the_table_is_taken_and_a_fact_of_the_policys_own(thing: str, word: str) -> None:
    politics = {"party_political"} if thing != "clause" else set()
    for ground in [*sorted({*CITABLE_GROUNDS} - politics), "sells_tickets"]:
        faults = faults_in(with_value(PLACES[thing][0], "grounds", [word, ground]))
        assert not [fault for fault in faults if fault["code"] == "unknown_ground"], ground
    assert faults_in(with_value(PLACES[thing][0], "grounds", [word, UNKNOWN]))


NUMBERS = [(thing, key) for thing, key in KEYS if key.kind == "number"]


@pytest.mark.parametrize(("thing", "key"), NUMBERS, ids=[f"{thing}.{key.name}" for thing, key in NUMBERS])
def test_the_table_has_the_range_of_a_number(thing: str, key: Key) -> None:
    step = 1 if key.whole else 0.001

    def refused(value: float) -> bool:
        text = with_value(PLACES[thing][0], key.name, int(value) if key.whole else value)
        return "out_of_range" in [fault["code"] for fault in faults_in(text)]

    assert [refused(value) for value in (key.least, key.most)] == [False, False]
    assert [refused(value) for value in (key.least - step, key.most + step)] == [True, True]


REQUIRED = [(thing, key) for thing, key in KEYS if key.name not in ("measures", "reply")]


@pytest.mark.parametrize(("thing", "key"), REQUIRED, ids=[f"{thing}.{key.name}" for thing, key in REQUIRED])
def test_a_key_is_required_where_the_table_says_so(thing: str, key: Key) -> None:
    data = deepcopy(EXAMPLE)
    inner = data
    for step in PLACES[thing][0]:
        inner = inner[step]
    inner.pop(key.name, None)
    codes = [fault["code"] for fault in faults_in(written(data))]
    assert bool({"missing", "no_public_sentence"} & set(codes)) == key.required


def model(policy: Policy) -> dict[str, Any]:
    """Return everything in a policy but its text and the places in it."""
    values = {field.name: getattr(policy, field.name) for field in dataclasses.fields(policy)}
    values |= {name: [dataclasses.replace(each, line=0) for each in values[name]] for name in ("clauses", "ladder")}
    return {name: value for name, value in values.items() if name not in ("text", "sha256")}


DEFAULTS = {
    "settings": "settings: {%s}\n",
    "ban": "settings: {ban: {%s}}\n",
    "period": "settings: {period: {%s}}\n",
    "going_live": "settings: {going_live: {%s}}\n",
    "repeats": "settings: {repeats: {%s}}\n",
    "clause": "    %s\n",
    "rung": "ladder: [{id: again, title: Again, public: Again., measure: hide, %s}]\n",
    "hours": "settings: {hours: {bank_holidays: false, %s}}\n",
    "section": "sections: [{id: a, title: A, public: A., %s}]\n",
    "route": "routes: {answer: {text: Yes., %s}}\n",
}
LEFT_OUT = [
    (thing, key)
    for thing, key in KEYS
    if key.default and thing in DEFAULTS and key.name not in ("measures", "bank_holidays")
]


@pytest.mark.parametrize(("thing", "key"), LEFT_OUT, ids=[f"{thing}.{key.name}" for thing, key in LEFT_OUT])
def test_writing_a_default_out_changes_nothing(thing: str, key: Key) -> None:
    bare = SMALL + DEFAULTS[thing].replace(", %s", "").replace("%s", "")
    said = SMALL + DEFAULTS[thing].replace("%s", f"{key.name}: {key.default}")
    assert model(loads(said)) == model(loads(bare))


def test_the_examples_together_are_a_policy_with_every_key() -> None:
    def used(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from used(inner)

    for text in (example_file(), example_file(instead=True)):
        assert faults_in(text) == []
        assert list(SCHEMA.iter_errors(data_of(text))) == []
    both = {*used(data_of(example_file())), *used(data_of(example_file(instead=True)))}
    assert {key.name for _, key in KEYS} <= both


def test_the_schema_in_the_reference_is_the_one_the_code_makes() -> None:
    Draft202012Validator.check_schema(schema())
    assert (REFERENCE / "house-rules.schema.json").read_text(encoding="utf-8") == schema_as_json()


def shipped() -> list[str]:
    room = resources.files("moothall.policy")
    files = [room / "house-rules.yaml", *(room / "examples").iterdir()]
    return [file.read_text(encoding="utf-8") for file in files if file.name.endswith(".yaml")]


def test_the_policies_that_ship_are_valid_in_an_editor() -> None:
    texts = shipped()
    assert texts
    for text in texts:
        assert [error.message for error in SCHEMA.iter_errors(data_of(text))] == []


words = st.sampled_from(
    [word for _, key in KEYS for word in (*key.values, *key.names)] + ["spam", "ban", "notice", "sells_tickets", "open"]
)
odd = st.sampled_from(
    [
        "",
        " ",
        "30 days",
        "٣ days",
        "0 days",
        "09:00-17:00",
        "9.30 – 17:00",
        "closed",
        "https://a.example",
        "1",
        "true",
        "a-b",
    ]
    + [RAW + value for value in ("~", "0x1", "010", "1_0", "2027-01-01", ".inf", "1e1", "TRUE", "22:00", "'1'", "a b")]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 130)
    | st.floats(0, 2).map(lambda number: round(number, 3))
    | words
    | words.map(lambda word: f" {word}\t")
    | odd
    | st.text(max_size=8).filter(lambda text: not text.startswith(RAW))
)
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(words | st.text("abz_-1", max_size=4), scalars, max_size=2)
)


def fitting(key: Key) -> st.SearchStrategy[Any]:
    """Return values that may well stand under the key, some in an odd spelling, and anything else now and then."""
    known = [
        word for word in (*key.values, key.example if not key.of and key.kind in ("text", "id", "link") else "") if word
    ]
    spelt = [spelling for word in known for spelling in (word, f" {word}", f"{word}\t ", [word], [f" {word} "])]
    spelt += [RAW + text for text in (key.example, key.default) if text and not key.of and '"' not in text]
    spelt += {"number": [key.least, key.most, int(key.most)], "term": [" 30 days ", "٣ days"]}.get(key.kind, [])
    spelt += {"flag": [True, False], "hours": ["9.30 – 17:00", "closed"], "text": [RAW + "2027-01-01"]}.get(
        key.kind, []
    )
    return st.sampled_from(spelt) | st.sampled_from(spelt) | values if spelt else values


plain = [(place, key) for thing, key in KEYS for place in PLACES[thing] if not key.of]
anywhere = [(place, key) for thing, key in KEYS for place in PLACES[thing]]
changes = st.lists(
    (st.sampled_from(plain) | st.sampled_from(plain) | st.sampled_from(anywhere)).flatmap(
        lambda at: st.tuples(st.just(at), fitting(at[1]))
    ),
    min_size=1,
    max_size=1,
)


@given(changes)
@settings(max_examples=150, deadline=None)
def test_the_schema_takes_whatever_the_loader_takes(
    made: list[tuple[tuple[tuple[str | int, ...], Key], Any]],
) -> None:
    data = deepcopy(EXAMPLE)
    for (place, key), value in made:
        inner = data
        for step in place:
            inner = (
                inner[step]
                if isinstance(inner, dict | list) and step in (inner if isinstance(inner, dict) else [0])
                else None
            )
        if isinstance(inner, dict):
            inner[key.name] = value
    text = written(data)
    try:
        loads(text)
    except PolicyError:
        event("refused")
        return
    event("taken")
    assert [error.message for error in SCHEMA.iter_errors(data_of(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        SMALL + "    measure: [hide]\n",
        "claues: []\n" + SMALL,
        SMALL.replace("[hide, delete]", "[hide, delet]"),
        SMALL.replace("    title: Be polite\n", ""),
        SMALL.replace("public: Be polite.", "public: [Be polite.]"),
        SMALL.replace("public: Be polite.", "public: ' '"),
        SMALL.replace("format: 1", "format: 2"),
        SMALL.replace("id: small", "id: Small Rules"),
        SMALL + "settings: {ban: {length: half a year}}\n",
        SMALL + "settings: {thresholds: {abuse: {engage: 2}}}\n",
        SMALL + "settings: {thresholds: {abus: {engage: 0.5}}}\n",
        SMALL + "settings: {period: {end: noon}}\n",
        SMALL + "settings: {hours: {monday: nine to five}}\n",
        SMALL + "routes: {answer: {reply: signpost}}\n",
        SMALL + "contacts: {site: {name: Site, url: 'javascript:alert(1)'}}\n",
        SMALL + "ladder: [{id: again, title: Again, public: Again., measure: block, strikes: many}]\n",
    ],
)
def test_an_editor_marks_the_typical_faults_too(text: str) -> None:
    assert faults_in(text)
    assert list(SCHEMA.iter_errors(data_of(text)))


def test_what_an_editor_shows_beside_a_key_is_a_sentence() -> None:
    def described(node: Any) -> Iterator[dict[str, Any]]:
        for value in node.values() if isinstance(node, dict) else ():
            yield from described(value)
        if isinstance(node, dict) and isinstance(node.get("properties"), dict) and "additionalProperties" in node:
            yield from (each for each in node["properties"].values() if "description" in each)

    sentences = [each["description"] for each in described(schema())]
    assert len(sentences) == len(KEYS)
    assert all(text.endswith(".") and ".." not in text and "`" not in text for text in sentences)

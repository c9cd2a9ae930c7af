"""What holds for every comment, whatever was read in it."""

from __future__ import annotations

import contextlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.policy import Circumstances, Facts, PolicyError, assess, default_policy, load, loads
from moothall.policy.vocabulary import BUILT_IN, TARGETS
from moothall.words import GROUNDS, MEASURES, PLATFORMS, ROUTES

from .writing import SMALL, Read, faults_in, signal

PAGE = default_policy()
# An equal policy that was read in its own right, as another process would hold it.
AGAIN = pickle.loads(pickle.dumps(PAGE))

maybe = st.none() | st.booleans()
grounds = st.dictionaries(
    st.sampled_from([*GROUNDS, "criticism", "judged_inappropriate", "sentiment"]), st.floats(0, 1).map(signal)
)
comments = st.builds(
    Read,
    route=st.sampled_from(ROUTES),
    also=st.lists(st.sampled_from(ROUTES), max_size=2),
    grounds=grounds,
    criticism=st.booleans(),
    unsure=st.booleans(),
    off_topic=maybe,
    target=st.none() | st.sampled_from(TARGETS),
    conduct_in_office=maybe,
)
facts = st.builds(
    Facts,
    repeats=st.none() | st.integers(-5, 2**70),
    platform=st.none() | st.sampled_from(PLATFORMS),
    stated=st.dictionaries(st.sampled_from([*PAGE.facts, "off_topic", "never_heard_of"]), st.booleans()),
)
days = st.builds(Circumstances, pre_election=maybe)


@given(comments, facts, days)
def test_without_a_ground_nothing_but_ignore_is_allowed(read: Read, known: Facts, day: Circumstances) -> None:
    assessment = assess(PAGE, read, known, day)
    cited = {ground.name for ground in assessment.grounds if ground.clauses}
    if not cited:
        assert assessment.measures == ("ignore",)
    for clause in assessment.clauses:
        assert clause.grounds
        assert set(clause.grounds) <= cited


@given(comments, facts, days)
def test_the_recommended_measure_is_always_among_the_allowed(read: Read, known: Facts, day: Circumstances) -> None:
    assessment = assess(PAGE, read, known, day)
    assert assessment.recommended in assessment.measures
    assert assessment.measures[0] == "ignore"
    assert list(assessment.measures) == [measure for measure in MEASURES if measure in assessment.measures]
    assert set(assessment.refused) == set(MEASURES) - set(assessment.measures)
    assert 1 <= assessment.urgency <= 8
    assert assessment.why.endswith(".")
    if read.unsure:
        assert assessment.recommended == "ignore"
    if read.route == "safeguard":
        assert (assessment.urgency, assessment.reply) == (1, "signpost-safeguard")


@given(comments, facts, st.sampled_from([None, False]))
def test_party_politics_is_never_removable_outside_the_period(read: Read, known: Facts, period: bool | None) -> None:
    assessment = assess(PAGE, read, known, Circumstances(period))
    assert "party-politics" not in [clause.id for clause in assessment.clauses]
    only_politics = Read(grounds={name: found for name, found in read.grounds.items() if name == "party_political"})
    assert assess(PAGE, only_politics, Facts(), Circumstances(period)).measures == ("ignore",)


@given(comments, facts, days)
def test_the_same_input_gives_the_same_output(read: Read, known: Facts, day: Circumstances) -> None:
    assert assess(PAGE, read, known, day) == assess(AGAIN, read, known, day)


@given(comments, facts, days)
def test_criticism_never_allows_anything_it_can_only_spare(read: Read, known: Facts, day: Circumstances) -> None:
    critical, calm = (Read(**{**read.__dict__, "criticism": it_is}) for it_is in (True, False))
    allowed, allowed_calm = (assess(PAGE, each, known, day).measures for each in (critical, calm))
    assert set(allowed) <= set(allowed_calm)
    if not read.unsure:
        assert allowed == allowed_calm


@given(comments, facts, days, st.data())
def test_knowing_less_never_allows_more(read: Read, known: Facts, day: Circumstances, data: st.DataObject) -> None:
    """Under rules whose exceptions nobody stated, forgetting a signal cannot make a clause apply."""
    known = Facts(known.repeats, known.campaign, known.platform)
    lost = data.draw(st.sampled_from(["off_topic", "target", "conduct_in_office"]))
    less = Read(**{**read.__dict__, lost: None})
    assert set(assess(PAGE, less, known, day).measures) <= set(assess(PAGE, read, known, day).measures)


flags = st.sampled_from([*GROUNDS, "unsure", "criticism", "off_topic", "pre_election", "confusing"])
atoms = (
    flags
    | st.builds("repeats {} {}".format, st.sampled_from([">=", "<", "=="]), st.integers(0, 9))
    | st.builds("target {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(TARGETS))
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=5,
)


@given(conditions, st.lists(st.sampled_from(GROUNDS), max_size=3), st.sampled_from(MEASURES), comments, facts, days)
@settings(max_examples=60, deadline=None)
def test_no_file_lifts_the_floors(
    condition: str, named: list[str], measure: str, read: Read, known: Facts, day: Circumstances
) -> None:
    text = SMALL.replace("when: abuse", f'when: "{condition}"')
    text = text.replace("[abuse]", str(named)).replace("[hide, delete]", f"[{measure}]")
    try:
        policy = loads(text)
    except PolicyError:
        return
    assessment = assess(policy, read, known, day)
    assert assessment.recommended in assessment.measures
    found = {name for name in named if name in read.grounds and read.grounds[name].probability >= 0.5}
    if not found:
        assert assessment.measures == ("ignore",)


@given(conditions)
@settings(max_examples=60, deadline=None)
def test_a_condition_with_nothing_known_is_never_true(condition: str) -> None:
    try:
        policy = loads(SMALL.replace("when: abuse", f'when: "{condition}"'))
    except PolicyError:
        return
    outcome = assess(policy, Read(), Facts(), Circumstances()).trace[0].outcome
    assert outcome in ("unknown", "false") or "criticism" in condition or "unsure" in condition


yaml_words = st.sampled_from(
    ["clauses:", "- id: a", "when:", "abuse", "grounds:", "[", "]", "{", "}", "&a", "*a", "!!x", "|", ">", "\n  ", "\n",
     ": ", "'", '"', "#", "? ", "---", "<<", "\t", "%", "public:", "settings:", "thresholds:", ".nan", "0x1", "~", "yes"]
)  # fmt: skip


@given(st.text() | st.lists(yaml_words, max_size=30).map("".join) | st.lists(yaml_words, max_size=30).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_text_crashes_the_loader(text: str) -> None:
    for whole in (text, SMALL + text):
        assert all(fault["message"] and fault["code"] for fault in faults_in(whole))


@given(st.integers(0, len(PAGE.text)), st.integers(0, 40), yaml_words | st.text(max_size=3))
@settings(max_examples=30, deadline=None)
def test_no_edit_of_the_shipped_file_crashes_the_loader(at: int, length: int, put: str) -> None:
    lines = PAGE.text.count("\n") + put.count("\n") + 2
    faults = faults_in(PAGE.text[:at] + put + PAGE.text[at + length :])
    assert all(1 <= fault["line"] <= lines and fault["column"] >= 1 for fault in faults)


@given(st.text(st.sampled_from("abuse()!&|=<>?:.,[]{}\"'019 \\-+*/%") | st.characters(), max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_condition_crashes_the_loader(condition: str) -> None:
    quoted = condition.replace("'", "''")
    assert all(fault["line"] >= 1 for fault in faults_in(SMALL.replace("when: abuse", f"when: '{quoted}'")))


@given(st.binary(max_size=200), st.integers(0, len(SMALL)))
@settings(max_examples=100, deadline=None)
def test_no_bytes_crash_the_loader(tmp_path_factory: pytest.TempPathFactory, raw: bytes, at: int) -> None:
    file = tmp_path_factory.getbasetemp() / "rules.yaml"
    file.write_bytes(SMALL.encode()[:at] + raw + SMALL.encode()[at:])
    with contextlib.suppress(PolicyError):
        load(file)


def test_every_name_a_condition_may_use_is_explained() -> None:
    assert all(name.meaning for name in BUILT_IN.values())

"""What holds under every policy that loads: random files, random comments, random records."""

from __future__ import annotations

import os
import pickle
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from moothall.policy import (
    Act,
    Assessment,
    Circumstances,
    Facts,
    Policy,
    PolicyError,
    assess,
    check_decision,
    differences,
    loads,
    page,
    show,
)
from moothall.policy.calendar import LONDON
from moothall.policy.vocabulary import BUILT_IN, CITABLE_GROUNDS, NOTIFY, REMOVALS, REPLIES, STEPS, TARGETS
from moothall.words import ACTS, GROUNDS, MEASURES, PLATFORMS, ROUTES, DomainError

from .writing import Read, signal

maybe = st.none() | st.booleans()
NOW = datetime(2027, 4, 20, 12, tzinfo=LONDON)
flags = st.sampled_from([name for name, known in BUILT_IN.items() if known.kind == "flag"])
atoms = (
    flags
    | st.builds("{} {} {}".format, st.sampled_from(["repeats", "repeat_posts", "same_issue", "earlier_measures", "strikes"]),
                st.sampled_from([">=", "<", "=="]), st.integers(0, 4))
    | st.builds("target == '{}'".format, st.sampled_from(TARGETS))
    | st.builds("route != '{}'".format, st.sampled_from(ROUTES))
    | st.just("date >= '2027-04-20'")
)  # fmt: skip
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=3,
)
terms = st.sampled_from(["30 days", "6 weeks", "12 months", "1 year"])
NEEDS = ("confusing", "pre_election", "incident")
some_removals = st.lists(st.sampled_from(REMOVALS), min_size=1, max_size=4, unique=True)


def listed(words: list[str]) -> str:
    return "[" + ", ".join(words) + "]"


@st.composite
def clauses(draw: st.DrawFn, number: int) -> str:
    measures = draw(some_removals)
    grounds = draw(st.lists(st.sampled_from(CITABLE_GROUNDS), min_size=1, max_size=3, unique=True))
    lines = [
        f"  - id: clause-{number}",
        f"    title: Clause {number}",
        "    public: A sentence.",
        f'    when: "{draw(conditions | st.sampled_from(grounds))}"',
        f"    grounds: {listed(grounds)}",
        f"    measures: {listed(measures)}",
    ]
    optional = [
        (f"    recommends: {draw(st.sampled_from(measures))}"),
        (f"    proves: {draw(st.sampled_from(grounds))}"),
        (f'    unless: "{draw(flags)}"'),
        (f"    first: {{{draw(st.sampled_from(measures))}: {draw(st.sampled_from(STEPS))}}}"),
        (f"    first_within: {draw(terms)}"),
        (f"    second_person: {listed(draw(st.lists(st.sampled_from(measures), max_size=2, unique=True)))}"),
        (f"    notify: {draw(st.sampled_from(NOTIFY))}"),
        (f"    reply: {draw(st.sampled_from(REPLIES))}"),
        "    strike: false",
        "    answered: false",
        (f"    needs: {{{draw(st.sampled_from(measures))}: {draw(st.sampled_from(NEEDS))}}}"),
        f"    ban: {{length: {draw(st.sampled_from(['open', 'for_ever', '30 days', '3 months']))}, after: 10 days}}",
        "    during: pre_election",
    ]
    return "\n".join(
        [*lines, *draw(st.lists(st.sampled_from(optional), max_size=4, unique_by=lambda line: line.split(":")[0]))]
    )


@st.composite
def rungs(draw: st.DrawFn, number: int) -> str:
    lines = [
        f"  - id: rung-{number}",
        f"    title: Rung {number}",
        "    public: A sentence.",
        f"    strikes: {draw(st.integers(1, 3))}",
    ]
    optional = [
        f"    within: {draw(terms)}",
        "    same_ground: true",
        "    only_if_warned: true",
        f"    bans: {draw(st.integers(1, 2))}",
        f"    first: {draw(st.sampled_from(STEPS))}",
        "    second_person: true",
        f"    ban: {{length: {draw(st.sampled_from(['for_ever', '3 months']))}, review: none}}",
        f"    counts: {listed(draw(st.lists(st.sampled_from(['hide', 'delete', 'block', 'warn']), min_size=1, unique=True)))}",
    ]
    measure = draw(st.sampled_from(["block", "block", "delete"]))
    return "\n".join(
        [*lines, f"    measure: {measure}", *draw(st.lists(st.sampled_from(optional), max_size=4, unique=True))]
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    count, steps = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    text = 'format: 1\nid: random\nversion: "1"\ntitle: Rules\ncouncil: Nowhere\n'
    text += "counts: {strikes: {of: [hide, delete], within: 6 months}}\n"
    text += f"settings: {{ban: {{review: {draw(st.sampled_from(['on_request', 'automatic', 'none']))}}}, "
    text += f"second_person: {listed(draw(st.lists(st.sampled_from(REMOVALS), max_size=2, unique=True)))}}}\n"
    text += "clauses:\n" + "\n".join([draw(clauses(number)) for number in range(count)]) + "\n"
    if steps:
        text += "ladder:\n" + "\n".join([draw(rungs(number)) for number in range(steps)]) + "\n"
    try:
        return loads(text)
    except PolicyError:
        assume(False)
        raise


grounds_found = st.dictionaries(
    st.sampled_from([*GROUNDS, "criticism", "sentiment", "councillor"]), st.sampled_from([0.2, 0.6, 0.95]).map(signal)
)
comments = st.builds(
    Read,
    route=st.sampled_from(ROUTES),
    grounds=grounds_found,
    criticism=st.booleans(),
    unsure=st.sampled_from([False, False, True]),
    off_topic=maybe,
    target=st.none() | st.sampled_from(TARGETS),
    conduct_in_office=maybe,
)
acts = st.builds(
    Act,
    st.integers(0, 500).map(lambda days: NOW.date() - timedelta(days=days)),
    st.sampled_from(ACTS),
    st.sampled_from([*GROUNDS, "misinformation", ""]),
)
histories = st.lists(acts, max_size=6)
facts = st.builds(
    Facts,
    repeats=st.none() | st.integers(0, 5),
    repeat_times=st.none() | st.integers(1, 5),
    platform=st.none() | st.sampled_from(PLATFORMS),
    stated=st.dictionaries(
        st.sampled_from([*CITABLE_GROUNDS[13:], "authorised", "charity"]), st.booleans(), max_size=4
    ),
    same_issue=st.none() | st.integers(0, 5),
    identical=maybe,
    history=st.none() | histories,
)
days = st.builds(Circumstances, pre_election=maybe, date=st.just(NOW), incident=maybe, office_open=maybe)
#: More in `make fuzz`.
EXAMPLES = int(os.environ.get("MOOTHALL_EXAMPLES", "60"))
many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def force(assessment: Assessment) -> int:
    return MEASURES.index(assessment.recommended)


@given(policies(), comments, facts, days)
@many
def test_nothing_is_allowed_without_a_ground_that_the_file_names(
    policy: Policy, read: Read, known: Facts, day: Circumstances
) -> None:
    assessment = assess(policy, read, known, day)
    assert assessment.measures[0] == "ignore"
    assert assessment.recommended in assessment.measures
    for clause in assessment.clauses:
        rule = policy.clause(clause.id)
        assert rule is not None
        if len(clause.measures) > 1:
            assert clause.grounds
            assert set(clause.grounds) <= set(rule.grounds)
    nothing = Read(route=read.route, criticism=read.criticism, off_topic=None)
    bare = assess(policy, nothing, Facts(repeats=0, repeat_times=1, history=known.history), day)
    assert bare.measures == ("ignore",) or any(rule.proves for rule in policy.clauses)


@given(policies(), comments, facts, days)
@many
def test_the_floors_hold(policy: Policy, read: Read, known: Facts, day: Circumstances) -> None:
    assessment = assess(policy, read, known, day)
    if read.unsure:
        assert (assessment.recommended, assessment.step) == ("ignore", "none")
    if read.route == "safeguard":
        assert (assessment.reply, assessment.urgency, assessment.step) == ("signpost-safeguard", 1, "none")
        if {"threat", "personal_info"}.isdisjoint(ground.name for ground in assessment.grounds):
            assert assessment.recommended == "ignore"
    for clause in assessment.clauses:
        if clause.grounds == ("party_political",):
            assert "block" not in clause.measures
    if assessment.recommended == "ignore" and assessment.step == "none":
        assert (assessment.second_person, assessment.notify) == (False, "none")
    assert (assessment.ban is None) == ("block" not in assessment.measures)


@given(policies(), comments, facts, days, histories)
@many
def test_politics_in_the_record_changes_nothing(
    policy: Policy, read: Read, known: Facts, day: Circumstances, more: list[Act]
) -> None:
    politics = [Act(act.day, act.measure if act.measure != "block" else "hide", "party_political") for act in more]
    before = [act for act in known.history or [] if act.measure != "block"]
    with_politics = Facts(**{name: getattr(known, name) for name in Facts.__slots__} | {"history": before + politics})
    without = Facts(**{name: getattr(known, name) for name in Facts.__slots__} | {"history": before})
    assert assess(policy, read, with_politics, day) == assess(policy, read, without, day)


@given(policies(), comments, facts, days)
@many
def test_criticism_never_allows_or_recommends_more(
    policy: Policy, read: Read, known: Facts, day: Circumstances
) -> None:
    critical, calm = (Read(**{**read.__dict__, "criticism": it_is}) for it_is in (True, False))
    one, other = assess(policy, critical, known, day), assess(policy, calm, known, day)
    assert set(one.measures) <= set(other.measures)
    assert force(one) <= force(other)


@given(policies(), comments, facts, days)
@many
def test_a_record_that_is_not_known_is_never_worse_than_a_clean_one(
    policy: Policy, read: Read, known: Facts, day: Circumstances
) -> None:
    assume(policy.names.isdisjoint(("strikes", "earlier_measures")))
    fields = {name: getattr(known, name) for name in Facts.__slots__}
    unknown, clean = (assess(policy, read, Facts(**fields | {"history": past}), day) for past in (None, []))
    assert (unknown.recommended, unknown.step, unknown.ban) == (clean.recommended, clean.step, clean.ban)


@given(policies(), comments, facts, days)
@many
def test_what_is_allowed_can_be_decided(policy: Policy, read: Read, known: Facts, day: Circumstances) -> None:
    """What the assessment allows under a clause an officer may decide under it, on a ground that was found."""
    for clause in assess(policy, read, known, day).clauses:
        rule = policy.clause(clause.id)
        assert rule is not None
        for measure in clause.measures[1:]:
            ground = next((each for each in clause.grounds if each != "party_political"), clause.grounds[0])
            refused = ""
            try:
                check_decision(
                    policy,
                    clause.id,
                    ground,
                    [measure],
                    circumstances=day,
                    reason="Because.",
                    stated=known.stated,
                    platform=known.platform,
                )
            except DomainError as refusal:
                refused = refusal.code
            # What only a detector or the record says is looked at when the comment is read, not when it is decided on.
            assert refused in ("", "statement_required", "exception_applies", "step_first")


@given(policies(), comments, facts, days)
@many
def test_the_same_input_gives_the_same_output_in_another_process(
    policy: Policy, read: Read, known: Facts, day: Circumstances
) -> None:
    again = pickle.loads(pickle.dumps(policy))
    assert assess(policy, read, known, day) == assess(again, read, known, day)
    assert differences(policy, again) == []


@given(policies())
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
def test_every_policy_that_loads_can_be_shown_and_published(policy: Policy) -> None:
    assert all(
        clause.title in show(policy) and clause.title in page(policy, date(2027, 1, 1)) for clause in policy.clauses
    )

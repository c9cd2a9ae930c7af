"""What the shipped house rules do with a comment, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moothall.policy import Assessment, Circumstances, Facts, assess, default_policy, loads

from .writing import SMALL, Read, held, signal

PAGE = default_policy()
EVERYTHING = ("ignore", "hide", "delete", "block", "report")
SEVERAL_POSTS = Facts(repeats=2, campaign="c1")


def clauses(assessment: Assessment) -> list[str]:
    return [clause.id for clause in assessment.clauses]


@pytest.mark.parametrize("target", ["resident", "staff", "group"])
def test_abuse_of_a_resident_a_member_of_staff_or_a_group_is_recommended_for_hiding(target: str) -> None:
    assessment = held(PAGE, "abuse", target=target)
    assert assessment.measures == EVERYTHING
    assert assessment.recommended == "hide"
    assert clauses(assessment) == ["be-polite"]


@pytest.mark.parametrize("target", ["politician", "unknown", None])
def test_abuse_of_a_politician_or_an_unknown_wrongdoer_may_be_hidden_but_is_not_recommended(target: str | None) -> None:
    assessment = held(PAGE, "abuse", target=target)
    assert "hide" in assessment.measures
    assert assessment.recommended == "ignore"
    assert "leave it to an officer" in assessment.why


def test_strong_swearing_alone_stays_up() -> None:
    assessment = held(PAGE, "profanity")
    assert assessment.measures == ("ignore",)
    assert [(ground.name, ground.clauses) for ground in assessment.grounds] == [("profanity", ())]


def test_strong_swearing_at_somebody_counts_under_the_same_clause() -> None:
    assessment = held(PAGE, "abuse", "profanity", target="resident")
    assert [(ground.name, ground.clauses) for ground in assessment.grounds] == [
        ("abuse", ("be-polite",)),
        ("profanity", ("be-polite",)),
    ]


@pytest.mark.parametrize("ground", ["threat", "distress", "personal_info"])
def test_threats_and_private_details_fall_under_what_may_cause_distress(ground: str) -> None:
    assessment = held(PAGE, ground)
    assert clauses(assessment) == ["no-distress"]
    assert assessment.recommended == "hide"


@pytest.mark.parametrize("ground", ["defamation", "contempt", "copyright"])
def test_legal_risk_goes_to_the_legal_lane(ground: str) -> None:
    assessment = held(PAGE, ground)
    assert [clause.lane for clause in assessment.clauses] == ["legal"]
    assert assessment.measures == ("ignore", "hide", "delete", "block")
    assert assessment.urgency == 2


@pytest.mark.parametrize(
    ("repeats", "off_topic", "is_spam"),
    [
        (2, True, True),
        (7, True, True),
        (1, True, False),
        (0, True, False),
        (2, False, False),
        (2, None, False),
        (None, True, False),
    ],
)
def test_spam_needs_all_three_tests(repeats: int | None, off_topic: bool | None, is_spam: bool) -> None:
    assessment = held(PAGE, facts=Facts(repeats=repeats), off_topic=off_topic)
    assert (clauses(assessment) == ["no-spam"]) is is_spam
    assert ("hide" in assessment.measures) is is_spam


def test_a_lone_scam_is_labelled_spam_and_has_no_clause() -> None:
    assessment = held(PAGE, "spam", facts=Facts(repeats=0), off_topic=True)
    assert assessment.measures == ("ignore",)
    assert [ground.name for ground in assessment.grounds] == ["spam"]
    assert assessment.urgency == 4


def test_an_officer_who_says_it_is_on_topic_wins_over_the_detector() -> None:
    facts = Facts(repeats=5, stated={"off_topic": False})
    assert held(PAGE, "spam", facts=facts, off_topic=True).measures == ("ignore",)


def test_a_spam_cluster_keeps_its_campaign() -> None:
    assert held(PAGE, facts=SEVERAL_POSTS, off_topic=True).campaign == "c1"


def test_a_copy_of_the_brand_is_left_alone_until_an_officer_says_that_it_confuses() -> None:
    before = held(PAGE, "brand_misuse")
    assert before.measures == ("ignore",)
    assert "Could people mistake it" in before.refused["block"]
    after = held(PAGE, "brand_misuse", facts=Facts(stated={"confusing": True}))
    assert after.measures == EVERYTHING
    assert after.recommended == "block"


def test_who_is_authorised_may_use_the_brand() -> None:
    facts = Facts(stated={"confusing": True, "authorised": True})
    assert held(PAGE, "brand_misuse", facts=facts).measures == ("ignore",)


@pytest.mark.parametrize("pre_election", [False, None])
def test_party_politics_stays_up_outside_a_confirmed_period(pre_election: bool | None) -> None:
    assessment = held(PAGE, "party_political", route="councillor", pre_election=pre_election)
    assert assessment.measures == ("ignore",)
    assert "pre-election period" in assessment.why


def test_party_politics_may_come_down_in_the_period_and_nobody_is_blocked_for_it() -> None:
    assessment = held(PAGE, "party_political", route="councillor", pre_election=True)
    assert assessment.measures == ("ignore", "hide", "delete")
    assert assessment.recommended == "hide"


def test_no_detector_can_use_the_officers_own_judgement() -> None:
    assert held(PAGE, "judged_inappropriate").measures == ("ignore",)
    assert held(PAGE, "judged_inappropriate").grounds == ()


def test_an_officers_own_judgement_allows_and_recommends_nothing_by_itself() -> None:
    assessment = held(PAGE, facts=Facts(stated={"judged_inappropriate": True}))
    assert assessment.measures == ("ignore", "hide", "delete", "block")
    assert assessment.recommended == "ignore"


def test_criticism_is_never_a_ground() -> None:
    assessment = held(PAGE, "criticism", criticism=True)
    assert assessment.measures == ("ignore",)
    assert assessment.criticism
    assert "never a reason" in assessment.why


@pytest.mark.parametrize(
    ("route", "reply", "urgency"),
    [
        ("safeguard", "signpost-safeguard", 1),
        ("answer", "answer", 5),
        ("customer_service", "signpost-customer_service", 6),
        ("report_it", "signpost-report_it", 6),
        ("councillor", "signpost-councillor", 7),
        ("none", "none", 8),
    ],
)
def test_each_route_has_its_reply_and_place_in_the_queue(route: str, reply: str, urgency: int) -> None:
    assessment = held(PAGE, route=route)
    assert (assessment.reply, assessment.urgency) == (reply, urgency)
    assert assessment.measures == ("ignore",)


def test_abuse_gets_no_answer_but_a_report_in_it_still_gets_its_signpost() -> None:
    assert held(PAGE, "abuse", target="staff", route="answer").reply == "none"
    assert held(PAGE, "abuse", target="staff", route="report_it").reply == "signpost-report_it"


def test_somebody_at_risk_is_helped_before_anything_is_taken_down() -> None:
    assessment = held(PAGE, "distress", route="safeguard")
    assert (assessment.recommended, assessment.reply, assessment.urgency) == ("ignore", "signpost-safeguard", 1)
    assert "help comes first" in assessment.why


def test_a_threat_to_somebody_may_still_be_taken_down_while_help_comes_first() -> None:
    assessment = held(PAGE, "threat", route="safeguard")
    assert (assessment.recommended, assessment.reply) == ("hide", "signpost-safeguard")


def test_an_unsure_reading_recommends_nothing_and_still_shows_what_is_allowed() -> None:
    assessment = held(PAGE, "discrimination", unsure=True)
    assert assessment.recommended == "ignore"
    assert assessment.measures == EVERYTHING


def test_between_the_two_thresholds_a_measure_is_allowed_and_not_recommended() -> None:
    assert held(PAGE, "discrimination", probability=0.49).measures == ("ignore",)
    assert held(PAGE, "discrimination", probability=0.5).measures == EVERYTHING
    assert held(PAGE, "discrimination", probability=0.69).recommended == "ignore"
    assert held(PAGE, "discrimination", probability=0.7).recommended == "hide"


def test_the_trace_says_what_was_unknown() -> None:
    assessment = held(PAGE, facts=Facts(repeats=3))
    step = next(step for step in assessment.trace if step.clause == "no-spam")
    assert (step.condition, step.outcome, step.because) == (
        "several_posts && off_topic",
        "unknown",
        "unknown: off_topic",
    )


def test_a_known_false_decides_beside_an_unknown() -> None:
    assessment = held(PAGE, facts=Facts(repeats=0))
    step = next(step for step in assessment.trace if step.clause == "no-spam")
    assert (step.outcome, step.because) == ("false", "off_topic is unknown; several_posts is false")


def test_what_was_looked_for_and_not_found_is_false_and_not_unknown() -> None:
    class Thorough(Read):
        all_grounds = {"abuse": signal(0.1)}

    assessment = assess(PAGE, Thorough(), Facts(), Circumstances())
    assert next(step.outcome for step in assessment.trace if step.clause == "be-polite") == "false"


def test_every_refused_measure_has_its_reason() -> None:
    assessment = held(PAGE, "defamation")
    assert assessment.refused == {
        "report": "It is not among the measures of “Nothing that puts the council at legal risk”."
    }
    assert set(held(PAGE).refused) == {"hide", "delete", "block", "report"}


def test_the_output_has_the_documented_fields_in_order() -> None:
    assessment = held(PAGE, "abuse", target="staff", route="report_it", also=("answer",))
    assert assessment.as_dict() == {
        "route": "report_it",
        "also": ["answer"],
        "grounds": [
            {
                "name": "abuse",
                "probability": 0.9,
                "clauses": ["be-polite"],
                "evidence": [{"start": 0, "end": 11, "text": "these words"}],
            }
        ],
        "criticism": False,
        "unsure": False,
        "measures": ["ignore", "hide", "delete", "block", "report"],
        "recommended": "hide",
        "reply": "signpost-report_it",
        "urgency": 3,
        "campaign": None,
        "why": "It breaks “Be polite to people”: abuse of a person or group (“these words”), and hiding it is"
        " recommended; the person is pointed to the form for reports.",
        "policy_version": PAGE.version,
        "model_version": "test",
    }
    assert list(assessment.as_dict())[:3] == ["route", "also", "grounds"]


def test_criticism_in_which_the_reader_only_suspects_more_is_offered_nothing_but_ignore() -> None:
    doubtful = held(PAGE, "abuse", probability=0.6, target="staff", criticism=True, unsure=True)
    assert doubtful.measures == ("ignore",)
    assert [(ground.name, ground.clauses) for ground in doubtful.grounds] == [("abuse", ())]
    assert "floor" in [step.part for step in doubtful.trace]
    assert "hide" in held(PAGE, "abuse", target="staff", criticism=True).measures


def test_a_threat_that_only_a_condition_proves_takes_nothing_down_from_somebody_at_risk() -> None:
    text = SMALL.replace("when: abuse", "when: off_topic").replace("[abuse]", "[threat]") + "    proves: threat\n"
    assert held(loads(text), route="safeguard", off_topic=True).recommended == "ignore"
    assert held(loads(text), "threat", route="safeguard", off_topic=True).recommended == "hide"


@pytest.mark.parametrize(
    ("facts", "spam"),
    [
        (Facts(repeats=1), False),
        (Facts(repeats=2), True),
        (Facts(repeats=0, campaign_posts=2), False),
        (Facts(repeats=0, campaign_posts=3), True),
        (Facts(campaign_posts=3), True),
        (Facts(), False),
    ],
)
def test_spam_stands_on_three_posts_by_one_author_or_by_several_together(facts: Facts, spam: bool) -> None:
    stated = replace(facts, stated={"off_topic": True})
    assert ("no-spam" in clauses(held(PAGE, facts=stated))) is spam
    on_topic = replace(facts, stated={"off_topic": False})
    assert "no-spam" not in clauses(held(PAGE, facts=on_topic))


def test_how_many_posts_are_several_is_a_setting() -> None:
    five = loads(PAGE.text.replace("    posts: 3", "    posts: 5"))
    off_topic = {"off_topic": True}
    assert "no-spam" not in clauses(held(five, facts=Facts(repeats=3, stated=off_topic)))
    assert "no-spam" in clauses(held(five, facts=Facts(repeats=4, stated=off_topic)))
    assert loads(PAGE.text.replace("    posts: 3\n", "")).settings.repeat_posts == 3

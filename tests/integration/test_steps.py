"""What comes before a measure: warnings, requests and notices that are recorded, and facts that an officer states."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from moothall.inbox.actions import assess_due_comments
from moothall.inbox.models import Assessment, Author, Comment
from moothall.inbox.queries import history_of as history_as_kept
from moothall.moderation.actions import decide, read_again_after_notices, state_facts, take_step, undo
from moothall.moderation.models import Decision, StepTaken
from moothall.moderation.queries import history_of, next_round, steps_on
from moothall.policy import Act
from moothall.policy.calendar import london_day
from moothall.records.models import Record, Sealed
from moothall.records.queries import verify_live
from moothall.words import DomainError
from tests.integration import cast, councils

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

#: A Sunday, on which Quernmoor has no auctions.
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(SUNDAY + timedelta(hours=1), tick=True) as at:
        yield at


@pytest.fixture
def facebook(db):
    councils.in_force("quernmoor")
    return cast.channel()


@pytest.fixture
def amina():
    return cast.officer("Amina")


def bid(on, id: str = "1", **fields) -> Comment:
    return cast.comment(on, "Going once, going twice, bid here", id=id, written_at=SUNDAY, **fields)


ASKED = {"step": "ask_to_take_down", "clause_id": "auctions", "ground": "live_auction", "text": "Please take it down."}
NOTICE = {"step": "notice_of_intent", "clause_id": "manners", "ground": "abuse", "text": "We intend to block you."}


def hide(comment: Comment, officer, **changes) -> Decision:
    choice = {"measures": ["hide"], "clause_id": "auctions", "ground": "live_auction"} | changes
    return decide(comment.pk, officer=officer, expected_round=next_round(comment.pk), **choice)


def refusal(act, *arguments, **choice) -> DomainError:
    with pytest.raises(DomainError) as error:
        act(*arguments, **choice)
    return error.value


# ---- steps ----


def test_what_the_rules_put_first_comes_first_and_then_the_measure(facebook, amina):
    comment = bid(facebook)
    refused = refusal(hide, comment, amina)
    assert refused.code == "step_first"
    assert "the author is asked to take it down" in refused.message
    assert Decision.objects.count() == 0
    take_step(comment.pk, officer=amina, **ASKED)
    assert hide(comment, amina).ground == "live_auction"


def test_a_notice_of_intent_gives_the_author_time_and_says_until_when(facebook, amina, clock):
    comment = cast.comment(facebook, "You numpty")
    block = {"measures": ["block"], "clause_id": "manners", "ground": "abuse"}
    assert "told of the intention to block" in refusal(hide, comment, amina, **block).message
    taken = take_step(comment.pk, officer=amina, **NOTICE)
    assert london_day(taken.answer_until).isoformat() == "2026-11-29"
    waiting = refusal(hide, comment, amina, **block)
    assert waiting.code == "step_first"
    assert "29 November 2026" in waiting.message
    clock.move_to(datetime(2026, 11, 29, 0, 30, tzinfo=UTC))
    assert refusal(hide, comment, amina, **block).code == "second_person_needed"


def test_a_milder_measure_does_not_wait(facebook, amina):
    assert hide(cast.comment(facebook, "You numpty"), amina, clause_id="manners", ground="abuse").measures == "hide"


def test_a_step_stands_in_the_record_and_the_comment_is_read_again(facebook, amina):
    comment = bid(facebook)
    taken = take_step(comment.pk, officer=amina, **ASKED)
    comment.refresh_from_db()
    assert (comment.state, comment.desk_state) == ("due", "open")
    assert (taken.clause_text, taken.policy_version.version) == (
        "No auctions in the last week of the year, and none by night; charities may.",
        "2027-a",
    )
    assert history_of(comment.author_id) == [Act(SUNDAY.date(), "warn", "live_auction", str(comment.pk))]
    assert steps_on(comment.pk) == [taken]


def test_a_step_is_recorded_with_its_words_sealed(facebook, amina):
    take_step(bid(facebook).pk, officer=amina, **ASKED)
    record = Record.objects.get(kind="step.taken")
    assert record.actor == amina.email
    assert "take it down." not in record.payload
    assert json.loads(record.payload)["clause"] == "auctions"
    assert Sealed.objects.get(record=record, name="text").value == "Please take it down."
    assert verify_live().ok


def test_pressing_twice_records_one_step(facebook, amina):
    comment = bid(facebook)
    first = take_step(comment.pk, officer=amina, **ASKED)
    assert take_step(comment.pk, officer=amina, **ASKED | {"text": "Again"}) == first
    assert Record.objects.filter(kind="step.taken").count() == 1
    assert len(history_of(comment.author_id)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": "  "}, "letter_missing"),
        ({"text": "You may answer until {respond_by}."}, "letter_unfilled"),
        ({"text": "x" * 20_001}, "letter_too_long"),
        ({"step": "await_representations"}, "step_unknown"),
        ({"step": "tar_and_feather"}, "step_unknown"),
        ({"clause_id": "no-such-clause"}, "clause_unknown"),
        ({"ground": "criticism"}, "criticism_is_no_ground"),
        ({"ground": "abuse"}, "ground_not_in_clause"),
        ({"clause_id": "no-politics", "ground": "political"}, "step_not_in_rules"),
    ],
)
def test_a_step_without_words_clause_or_ground_is_refused(facebook, amina, changes, code):
    comment = bid(facebook)
    assert refusal(take_step, comment.pk, officer=amina, **ASKED | changes).code == code
    assert (StepTaken.objects.count(), history_of(comment.author_id)) == (0, [])


def test_braces_that_are_no_placeholder_may_be_sent(facebook, amina):
    assert take_step(bid(facebook).pk, officer=amina, **ASKED | {"text": "You wrote {sic}."}).text == "You wrote {sic}."


def test_nobody_is_told_where_the_platform_names_nobody(facebook, amina):
    comment = bid(facebook, author=None)
    assert refusal(take_step, comment.pk, officer=amina, **ASKED).code == "nobody_to_tell"
    refused = refusal(hide, comment, amina)
    assert refused.code == "step_first"
    assert "does not say who wrote this" in refused.message


@pytest.mark.parametrize("state", ["decided", "gone"])
def test_nothing_comes_before_what_is_over(facebook, amina, state):
    comment = bid(facebook)
    Comment.objects.update(desk_state=state)
    assert refusal(take_step, comment.pk, officer=amina, **ASKED).code == "not_open"


def test_somebody_who_has_left_takes_no_step(facebook, amina):
    amina.is_active = False
    amina.save()
    assert refusal(take_step, bid(facebook).pk, officer=amina, **ASKED).code == "not_an_officer"


def test_a_clause_that_the_day_bars_asks_for_no_step(facebook, amina):
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    comment = cast.comment(facebook, "Going once", written_at=noon)
    assert refusal(take_step, comment.pk, officer=amina, **ASKED).code == "outside_circumstances"


def test_the_record_holds_steps_and_what_was_not_taken_back_oldest_first(facebook, amina, clock):
    first, second, third = bid(facebook, "1"), bid(facebook, "2"), bid(facebook, "3")
    take_step(first.pk, officer=amina, **ASKED)
    clock.shift(timedelta(days=1))
    hide(second, amina)
    clock.shift(timedelta(days=1))
    undo(hide(third, amina).pk, officer=amina)
    author = Author.objects.get(pk=first.author_id)
    assert author.standing["history"] == [
        {"date": "2026-11-22", "measure": "warn", "ground": "live_auction", "comment": first.pk},
        {"date": "2026-11-23", "measure": "hide", "ground": "live_auction", "comment": second.pk},
    ]
    assert history_as_kept(author, without_comment=second.pk) == [
        Act(SUNDAY.date(), "warn", "live_auction", str(first.pk))
    ]
    assert history_as_kept(None) is None


def test_a_day_in_the_record_is_a_day_in_london(facebook, amina, clock):
    clock.move_to(datetime(2027, 7, 1, 23, 30, tzinfo=UTC))
    comment = bid(facebook)
    take_step(comment.pk, officer=amina, **ASKED)
    assert history_of(comment.author_id) == [Act(datetime(2027, 7, 2).date(), "warn", "live_auction", str(comment.pk))]  # noqa: DTZ001


def test_when_the_time_to_answer_is_over_the_comment_is_read_again_once(facebook, amina, clock):
    comment = cast.comment(facebook, "You numpty")
    taken = take_step(comment.pk, officer=amina, **NOTICE)

    def assessed() -> None:
        Comment.objects.update(state="assessed")
        Assessment.objects.create(
            comment=comment, made_at=timezone.now(), policy_version=taken.policy_version, model_version="", result={}
        )

    assessed()
    assert read_again_after_notices("worker", timezone.now()) == 0
    clock.move_to(datetime(2026, 11, 29, 0, 0, 1, tzinfo=UTC))
    assert read_again_after_notices("worker", timezone.now()) == 1
    comment.refresh_from_db()
    assert comment.state == "due"
    assessed()
    assert read_again_after_notices("worker", timezone.now()) == 0


@pytest.mark.parametrize("statement", ["UPDATE moderation_steptaken SET text = ''", "DELETE FROM moderation_steptaken"])
def test_the_database_itself_keeps_a_step_as_it_was(facebook, amina, statement):
    take_step(bid(facebook).pk, officer=amina, **ASKED)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert StepTaken.objects.get().text == "Please take it down."


@pytest.mark.parametrize(
    "hole", [{"ground": ""}, {"ground": "criticism"}, {"text": ""}, {"clause_text": ""}, {"step": "shout"}]
)
def test_the_database_itself_refuses_a_step_that_says_nothing(facebook, amina, hole):
    taken = take_step(bid(facebook).pk, officer=amina, **ASKED)
    fields = {
        name: getattr(taken, name)
        for name in (
            "comment",
            "author",
            "step",
            "clause_id",
            "clause_text",
            "ground",
            "text",
            "policy_version",
            "officer",
            "taken_at",
        )
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        StepTaken.objects.create(round=2, **fields | hole)


# ---- facts ----


def test_what_an_officer_states_is_kept_recorded_and_read_again(facebook, amina):
    comment = bid(facebook)
    assert state_facts(comment.pk, officer=amina, stated={"live_auction": True, "charity": False})
    comment.refresh_from_db()
    assert (comment.stated, comment.state) == ({"live_auction": True, "charity": False}, "due")
    record = Record.objects.get(kind="facts.stated")
    assert json.loads(record.payload)["stated"] == {"live_auction": True, "charity": False}
    Comment.objects.update(state="assessed")
    assert not state_facts(comment.pk, officer=amina, stated={"live_auction": True, "charity": False})
    comment.refresh_from_db()
    assert comment.state == "assessed"
    assert Record.objects.filter(kind="facts.stated").count() == 1


@pytest.mark.parametrize("name", ["abuse", "no_such_fact", "criticism"])
def test_only_what_the_rules_ask_can_be_stated(facebook, amina, name):
    comment = bid(facebook)
    assert refusal(state_facts, comment.pk, officer=amina, stated={name: True}).code == "fact_unknown"
    comment.refresh_from_db()
    assert comment.stated == {}


def test_nothing_is_stated_about_what_is_decided(facebook, amina):
    comment = bid(facebook)
    decide(comment.pk, officer=amina, measures=["ignore"], expected_round=1)
    assert refusal(state_facts, comment.pk, officer=amina, stated={"live_auction": True}).code == "not_open"


def test_what_was_stated_before_counts_when_it_is_decided(facebook, amina):
    comment = bid(facebook)
    state_facts(comment.pk, officer=amina, stated={"charity": True})
    assert refusal(take_step, comment.pk, officer=amina, **ASKED).code == "exception_applies"
    state_facts(comment.pk, officer=amina, stated={"charity": False})
    take_step(comment.pk, officer=amina, **ASKED)
    assert hide(comment, amina).evidence.content["stated"] == {"charity": False}


def test_a_fact_that_is_stated_brings_its_clause_and_its_step_to_the_reading(facebook, amina, clock):
    comment = bid(facebook, state="due", due_at=SUNDAY)
    assess_due_comments("worker", timezone.now())
    assert comment.assessments.latest().result["clauses"] == []
    state_facts(comment.pk, officer=amina, stated={"live_auction": True})
    assess_due_comments("worker", timezone.now())
    read = comment.assessments.latest().result
    assert (read["leading"], read["step"], read["recommended"]) == ("auctions", "ask_to_take_down", "ignore")
    take_step(comment.pk, officer=amina, **ASKED)
    assess_due_comments("worker", timezone.now())
    read = comment.assessments.latest().result
    assert (read["leading"], read["recommended"]) == ("auctions", "hide")
    assert read["step"] != "ask_to_take_down"

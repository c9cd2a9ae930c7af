"""What may be decided, by whom, on what ground; and what the database itself refuses."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from moothall.inbox.models import Comment
from moothall.moderation.actions import decide, undo
from moothall.moderation.models import Decision
from moothall.moderation.queries import clauses_open_to_officer, decision_view, history_of, next_round
from moothall.outbox.models import Delivery
from moothall.policy import Act
from moothall.policy.calendar import london_day
from moothall.records.models import Record, Sealed
from moothall.words import NEVER_A_GROUND, DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def amina():
    return cast.officer("Amina")


@pytest.fixture
def facebook(db):
    cast.rules()
    return cast.channel()


def clause_for(ground: str, measure: str = "hide"):
    return next(c for c in clauses_open_to_officer() if ground in c.grounds and measure in c.measures)


def hide(comment: Comment, officer, **changes):
    clause = clause_for("abuse")
    choice = {
        "measures": ["hide"],
        "clause_id": clause.id,
        "ground": "abuse",
        "expected_round": next_round(comment.pk),
    } | changes
    return decide(comment.pk, officer=officer, **choice)


def test_hiding_pins_the_clause_as_it_reads_and_keeps_the_evidence_first(facebook, amina):
    comment = cast.comment(facebook, "You absolute numpty, Dee")
    decision = hide(comment, amina)
    assert decision.clause_text == clause_for("abuse").public
    assert decision.evidence.content["text"] == "You absolute numpty, Dee"
    assert decision.policy_version.sha256
    comment.refresh_from_db()
    assert comment.desk_state == "decided"


def test_a_measure_leaves_only_after_the_seconds_to_undo(facebook, amina, settings):
    settings.UNDO_SECONDS = 10
    decision = hide(cast.comment(facebook), amina)
    (delivery,) = decision_view(decision.pk).deliveries
    assert delivery.state == "due"
    assert (delivery.due_at - decision.decided_at).total_seconds() == 10
    assert Delivery.claim("worker", timezone.now()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"clause_id": ""}, "clause_unknown"),
        ({"clause_id": "no-such-clause"}, "clause_unknown"),
        ({"ground": ""}, "ground_unknown"),
        ({"ground": "criticism"}, "criticism_is_no_ground"),
        ({"ground": "copyright"}, "ground_not_in_clause"),
        ({"measures": []}, "no_measure"),
        ({"measures": ["ignore", "hide"]}, "measures_contradict"),
        ({"measures": ["shout"]}, "measure_unknown"),
        ({"expected_round": 2}, "already_decided"),
        ({"reason": "x" * 6000}, "reason_too_long"),
    ],
)
def test_a_measure_without_clause_and_ground_is_refused_and_nothing_changes(facebook, amina, changes, code):
    comment = cast.comment(facebook)
    before = Record.objects.count()
    with pytest.raises(DomainError) as refused:
        hide(comment, amina, **changes)
    assert refused.value.code == code
    assert refused.value.message
    comment.refresh_from_db()
    assert (comment.desk_state, Decision.objects.count(), Delivery.objects.count()) == ("open", 0, 0)
    assert Record.objects.count() == before


def test_party_politics_cannot_come_down_outside_a_confirmed_period(facebook, amina):
    clause = clause_for("party_political")
    with pytest.raises(DomainError) as refused:
        hide(cast.comment(facebook), amina, clause_id=clause.id, ground="party_political")
    assert refused.value.code == "outside_period"


def test_own_judgement_needs_a_written_reason(facebook, amina):
    clause = clause_for("judged_inappropriate")
    choice = {"clause_id": clause.id, "ground": "judged_inappropriate"}
    comment = cast.comment(facebook)
    with pytest.raises(DomainError) as refused:
        hide(comment, amina, **choice)
    assert refused.value.code == "reason_required"
    assert hide(comment, amina, **choice, reason="Posts a stranger's wedding photographs.").reason


def test_an_officer_who_has_left_cannot_decide(facebook, amina):
    amina.is_active = False
    amina.save()
    with pytest.raises(DomainError) as refused:
        hide(cast.comment(facebook), amina)
    assert refused.value.code == "not_an_officer"


def test_leaving_a_comment_up_needs_no_ground_and_sends_nothing(facebook, amina):
    comment = cast.comment(facebook)
    decision = decide(comment.pk, officer=amina, measures=["ignore"], expected_round=1)
    assert (decision.measures, decision.ground, decision.evidence) == ("ignore", "", None)
    assert not Delivery.objects.exists()


def test_two_officers_cannot_both_decide_one_comment(facebook, amina):
    comment = cast.comment(facebook)
    bryn = cast.officer("Bryn")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def act(officer):
        start.wait()
        try:
            hide(comment, officer, expected_round=1)
            outcomes.append("decided")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(who,)) for who in (amina, bryn)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_decided", "decided"]
    assert Decision.objects.count() == 1


def test_undo_in_time_cancels_what_has_not_left_and_opens_the_comment(facebook, amina):
    comment = cast.comment(facebook)
    decision = hide(comment, amina)
    back = undo(decision.pk, officer=amina)
    comment.refresh_from_db()
    assert comment.desk_state == "open"
    assert back.undoes == decision
    assert [row.state for row in decision_view(decision.pk).deliveries] == ["cancelled"]
    assert decision_view(back.pk).deliveries == []


def test_undo_after_the_hide_was_done_asks_the_platform_to_show_it_again(facebook, amina):
    decision = hide(cast.comment(facebook), amina)
    Delivery.objects.update(state="done", outcome={"detail": {"uri": "at://gate"}})
    back = undo(decision.pk, officer=amina)
    (delivery,) = decision_view(back.pk).deliveries
    assert (delivery.action, delivery.target["earlier"]) == ("unhide", {"uri": "at://gate"})


def test_a_deletion_that_is_done_cannot_be_undone(facebook, amina):
    clause = clause_for("abuse", "delete") if any("delete" in c.measures for c in clauses_open_to_officer()) else None
    assert clause is not None
    ground = clause.grounds[0] if clause.grounds[0] != "judged_inappropriate" else clause.grounds[1]
    comment = cast.comment(facebook)
    decision = hide(comment, amina, measures=["delete"], clause_id=clause.id, ground=ground)
    Delivery.objects.update(state="done")
    with pytest.raises(DomainError) as refused:
        undo(decision.pk, officer=amina)
    assert refused.value.code == "cannot_be_undone"
    assert Decision.objects.count() == 1


def test_a_measure_being_sent_cannot_be_undone_until_the_answer_is_there(facebook, amina):
    decision = hide(cast.comment(facebook), amina)
    Delivery.objects.update(state="sending")
    with pytest.raises(DomainError) as refused:
        undo(decision.pk, officer=amina)
    assert refused.value.code == "being_sent"


def test_nobody_can_undo_twice(facebook, amina):
    decision = hide(cast.comment(facebook), amina)
    undo(decision.pk, officer=amina)
    with pytest.raises(DomainError) as refused:
        undo(decision.pk, officer=amina)
    assert refused.value.code == "nothing_to_undo"


def test_the_authors_standing_counts_what_was_not_taken_back(facebook, amina):
    kept, taken_back = cast.comment(facebook, id="1"), cast.comment(facebook, id="2")
    hide(kept, amina)
    undo(hide(taken_back, amina).pk, officer=amina)
    kept.author.refresh_from_db()
    today = london_day(timezone.now()).isoformat()
    assert kept.author.standing == {
        "measures": {"hide": 1},
        "blocked": False,
        "history": [{"date": today, "measure": "hide", "ground": "abuse", "comment": kept.pk}],
    }
    assert history_of(kept.author_id) == [Act(london_day(timezone.now()), "hide", "abuse", str(kept.pk))]


def test_reporting_a_comment_stands_in_nobodys_record(facebook, amina):
    comment = cast.comment(facebook)
    hide(comment, amina, measures=["hide", "report"])
    assert [act.measure for act in history_of(comment.author_id)] == ["hide"]


def test_the_database_itself_lets_a_fact_be_a_ground_and_never_what_can_be_none(facebook, amina):
    made = hide(cast.comment(facebook), amina)
    comment = cast.comment(facebook, id="other")
    fields = {
        "measures": "hide",
        "clause_id": made.clause_id,
        "clause_text": made.clause_text,
        "evidence": made.evidence,
        "policy_version": made.policy_version,
        "decided_by": amina,
        "decided_at": made.decided_at,
    }
    assert Decision.objects.create(comment=comment, round=1, ground="live_auction", **fields).pk
    for ground in NEVER_A_GROUND:
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.create(comment=comment, round=2, ground=ground, **fields)


@pytest.mark.parametrize("measures", ["block", "hide,block", "hide,delete,block,report"])
def test_the_database_itself_refuses_to_block_for_party_politics(facebook, amina, measures):
    made = hide(cast.comment(facebook), amina)
    fields = {
        "comment": cast.comment(facebook, id="other"),
        "round": 1,
        "measures": measures,
        "clause_id": made.clause_id,
        "clause_text": made.clause_text,
        "evidence": made.evidence,
        "policy_version": made.policy_version,
        "decided_by": amina,
        "decided_at": made.decided_at,
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.create(ground="party_political", **fields)
    assert Decision.objects.create(ground="abuse", **fields).pk


def test_every_act_is_recorded_without_personal_data_in_the_hashed_line(facebook, amina):
    decision = hide(cast.comment(facebook, "Dee lives at 4 Mill Lane"), amina, reason="Gives an address")
    record = Record.objects.get(kind="decision.made")
    assert record.actor == amina.email
    assert "Mill Lane" not in record.payload
    assert "2001" not in record.payload
    assert Sealed.objects.get(record=record, name="comment").value == "Dee lives at 4 Mill Lane"
    undo(decision.pk, officer=amina)
    assert Record.objects.filter(kind="decision.undone").count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_decision SET measures = 'ignore'",
        "DELETE FROM moderation_decision",
        "UPDATE moderation_evidence SET sha256 = ''",
        "DELETE FROM moderation_evidence",
    ],
)
def test_the_database_itself_refuses_to_alter_or_delete_a_decision(facebook, amina, statement):
    hide(cast.comment(facebook), amina)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Decision.objects.get().measures == "hide"


def test_the_database_itself_refuses_a_measure_without_a_ground(facebook, amina):
    made = hide(cast.comment(facebook), amina)
    comment = cast.comment(facebook, id="other")
    for hole in ({"ground": ""}, {"clause_id": ""}, {"clause_text": ""}, {"evidence": None}, {"ground": "criticism"}):
        fields = {
            "measures": "hide",
            "clause_id": made.clause_id,
            "clause_text": made.clause_text,
            "ground": "abuse",
            "evidence": made.evidence,
            "policy_version": made.policy_version,
            "decided_by": amina,
            "decided_at": made.decided_at,
        } | hole
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.create(comment=comment, round=1, **fields)

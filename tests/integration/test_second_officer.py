"""Measures that the house rules leave to two people: asking, confirming, declining, and what the database refuses."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import DatabaseError, connections, transaction

from moothall.inbox.models import Comment
from moothall.moderation.actions import ask, confirm, decide, decline, undo, withdraw
from moothall.moderation.models import Decision, Proposal
from moothall.moderation.queries import (
    closed_proposals_on,
    decision_view,
    history_of,
    next_round,
    open_proposal_on,
    waiting_proposals,
)
from moothall.outbox.models import Delivery
from moothall.records.models import Record, Sealed
from moothall.records.queries import verify_live
from moothall.words import DomainError
from tests.integration import cast, councils

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=True) as at:
        yield at


@pytest.fixture
def facebook(db):
    councils.in_force("quernmoor")
    return cast.channel()


@pytest.fixture
def amina():
    return cast.officer("Amina")


@pytest.fixture
def bryn():
    return cast.officer("Bryn")


#: Deleting an auction needs a second officer under Quernmoor's rules; what comes before it has been done already.
REPORT = {"measures": ["report"], "clause_id": "impostors", "ground": "brand_misuse"}
STATED = {"confusing": True}


def chosen(comment: Comment, officer, **changes):
    return {
        "officer": officer,
        "expected_round": next_round(comment.pk),
        "stated": STATED,
        **REPORT,
    } | changes


def asked(comment: Comment, officer, **changes) -> Proposal:
    return ask(comment.pk, **chosen(comment, officer, **changes))


def refused(act, *arguments, **choice) -> str:
    with pytest.raises(DomainError) as error:
        act(*arguments, **choice)
    assert error.value.message
    return error.value.code


def test_one_officer_alone_cannot_decide_it(facebook, amina):
    comment = cast.comment(facebook)
    assert refused(decide, comment.pk, **chosen(comment, amina)) == "second_person_needed"
    comment.refresh_from_db()
    assert (comment.desk_state, Decision.objects.count(), Delivery.objects.count()) == ("open", 0, 0)


def test_asking_does_nothing_at_the_platform_and_leaves_the_comment_open(facebook, amina):
    comment = cast.comment(facebook, "We are the district council, give us your PIN")
    proposal = asked(comment, amina, reason="Passes off as us")
    comment.refresh_from_db()
    assert (comment.desk_state, Decision.objects.count(), Delivery.objects.count()) == ("open", 0, 0)
    assert waiting_proposals() == [proposal]
    assert proposal.evidence.content["text"] == "We are the district council, give us your PIN"
    record = Record.objects.get(kind="proposal.asked")
    assert record.actor == amina.email
    assert "Passes off" not in record.payload
    assert Sealed.objects.get(record=record, name="reason").value == "Passes off as us"


def test_another_officer_confirms_and_the_decision_bears_both_names(facebook, amina, bryn):
    comment = cast.comment(facebook)
    decision = confirm(asked(comment, amina, reason="Passes off as us").pk, officer=bryn)
    comment.refresh_from_db()
    assert (decision.asked_by, decision.decided_by, decision.measures) == (amina, bryn, "report")
    assert decision.evidence.content["stated"] == STATED
    assert comment.desk_state == "decided"
    assert [row.action for row in decision_view(decision.pk).deliveries] == ["report"]
    assert waiting_proposals() == []
    kinds = list(Record.objects.filter(kind__regex="^(proposal|decision)").values_list("kind", "actor"))
    assert kinds == [
        ("proposal.asked", amina.email),
        ("decision.made", bryn.email),
        ("proposal.confirmed", bryn.email),
    ]
    assert verify_live().ok


def test_nobody_confirms_or_declines_what_they_asked_for_themselves(facebook, amina):
    proposal = asked(cast.comment(facebook), amina)
    assert refused(confirm, proposal.pk, officer=amina) == "not_another"
    assert refused(decline, proposal.pk, officer=amina) == "not_another"
    assert Decision.objects.count() == 0


def test_somebody_who_has_left_confirms_nothing(facebook, amina, bryn):
    proposal = asked(cast.comment(facebook), amina)
    bryn.is_active = False
    bryn.save()
    assert refused(confirm, proposal.pk, officer=bryn) == "not_an_officer"


def test_declining_leaves_the_comment_open_and_says_why(facebook, amina, bryn):
    comment = cast.comment(facebook)
    decline(asked(comment, amina).pk, officer=bryn, note="It is plainly a joke")
    comment.refresh_from_db()
    (closed,) = closed_proposals_on(comment.pk)
    assert (comment.desk_state, closed.outcome, closed.closed_by, closed.note) == (
        "open",
        "declined",
        bryn,
        "It is plainly a joke",
    )
    record = Record.objects.get(kind="proposal.declined")
    assert "joke" not in record.payload
    assert asked(comment, amina).pk != closed.pk


def test_only_who_asked_withdraws_it(facebook, amina, bryn):
    comment = cast.comment(facebook)
    proposal = asked(comment, amina)
    assert refused(withdraw, proposal.pk, officer=bryn) == "not_yours"
    assert withdraw(proposal.pk, officer=amina).outcome == "withdrawn"
    assert refused(confirm, proposal.pk, officer=bryn) == "proposal_closed"


def test_a_decision_made_otherwise_overtakes_it(facebook, amina, bryn):
    comment = cast.comment(facebook)
    proposal = asked(comment, amina)
    decide(comment.pk, officer=bryn, measures=["ignore"], expected_round=1)
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.closed_by) == ("overtaken", bryn)
    assert refused(confirm, proposal.pk, officer=bryn) == "proposal_closed"
    assert Record.objects.filter(kind="proposal.overtaken").count() == 1


def test_pressing_twice_asks_once(facebook, amina):
    comment = cast.comment(facebook)
    assert asked(comment, amina) == asked(comment, amina)
    assert Record.objects.filter(kind="proposal.asked").count() == 1


def test_asking_for_something_else_takes_the_place_of_ones_own_and_never_of_anothers(facebook, amina, bryn):
    comment = cast.comment(facebook)
    first = asked(comment, amina)
    second = asked(comment, amina, reason="Now with a reason")
    first.refresh_from_db()
    assert (first.outcome, second.outcome) == ("overtaken", "")
    assert refused(ask, comment.pk, **chosen(comment, bryn)) == "already_asked"


def test_nobody_is_asked_where_one_officer_is_enough(facebook, amina):
    comment = cast.comment(facebook)
    hiding = {"measures": ["hide"], "clause_id": "manners", "ground": "abuse"}
    assert refused(ask, comment.pk, **chosen(comment, amina, **hiding)) == "no_second_person_needed"
    assert refused(ask, comment.pk, **chosen(comment, amina, measures=["ignore"])) == "no_second_person_needed"
    assert decide(comment.pk, **chosen(comment, amina, **hiding)).asked_by is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stated": {}}, "statement_required"),
        ({"ground": "criticism"}, "criticism_is_no_ground"),
        ({"measures": ["hide"]}, "measure_not_allowed"),
        ({"expected_round": 2}, "already_decided"),
    ],
)
def test_what_could_not_be_decided_cannot_be_asked_for(facebook, amina, changes, code):
    comment = cast.comment(facebook)
    assert refused(ask, comment.pk, **chosen(comment, amina, **changes)) == code
    assert not Proposal.objects.exists()


def test_words_that_changed_since_are_not_confirmed_unseen(facebook, amina, bryn):
    comment = cast.comment(facebook)
    proposal = asked(comment, amina)
    Comment.objects.update(text="Sorry, I have taken that back")
    assert refused(confirm, proposal.pk, officer=bryn) == "comment_changed"
    view = open_proposal_on(comment.pk, bryn)
    assert view is not None
    assert "has changed the comment" in view.bar
    assert decline(proposal.pk, officer=bryn).outcome == "declined"


def test_rules_that_changed_since_are_asked_again(facebook, amina, bryn, clock):
    comment = cast.comment(facebook)
    proposal = asked(comment, amina)
    clock.shift(60)
    councils.in_force(
        "quernmoor, changed",
        councils.rules_of("quernmoor")
        .replace('version: "2027-a"', 'version: "2027-b"')
        .replace("measures: [block, report]", "measures: [block]")
        .replace("needs: {block: confusing, report: confusing && notices_ever >= 0}", "needs: {block: confusing}"),
    )
    assert refused(confirm, proposal.pk, officer=bryn) == "measure_not_allowed"
    assert Decision.objects.count() == 0


def test_each_officer_is_offered_only_what_would_go_through(facebook, amina, bryn):
    comment = cast.comment(facebook)
    asked(comment, amina)
    mine, theirs = open_proposal_on(comment.pk, amina), open_proposal_on(comment.pk, bryn)
    assert mine is not None
    assert theirs is not None
    assert (mine.own, bool(mine.bar)) == (True, True)
    assert (theirs.own, theirs.bar, theirs.clause_title) == (False, "", "Impostors")


def test_a_confirmed_block_can_be_taken_back_and_then_stands_no_more(facebook, amina, bryn):
    comment = cast.comment(facebook)
    decision = confirm(asked(comment, amina, measures=["block"]).pk, officer=bryn)
    assert [act.measure for act in history_of(comment.author_id)] == ["block"]
    undo(decision.pk, officer=amina)
    assert history_of(comment.author_id) == []


def test_a_comment_that_is_gone_waits_for_nobody(facebook, amina, bryn):
    comment = cast.comment(facebook)
    proposal = asked(comment, amina)
    Comment.objects.update(desk_state="gone")
    assert waiting_proposals() == []
    assert refused(confirm, proposal.pk, officer=bryn) == "not_open"


def test_two_colleagues_who_confirm_at_once_make_one_decision(facebook, amina, bryn):
    proposal = asked(cast.comment(facebook), amina)
    chloe = cast.officer("Chloe")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def act(officer):
        start.wait()
        try:
            confirm(proposal.pk, officer=officer)
            outcomes.append("confirmed")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(who,)) for who in (bryn, chloe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["confirmed", "proposal_closed"]
    assert Decision.objects.count() == 1


def test_the_database_itself_refuses_a_second_person_who_is_the_first(facebook, amina, bryn):
    made = confirm(asked(cast.comment(facebook), amina).pk, officer=bryn)
    fields = {
        name: getattr(made, name)
        for name in ("measures", "clause_id", "clause_text", "ground", "evidence", "decided_at")
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.create(
            comment=cast.comment(facebook, id="other"),
            round=1,
            policy_version=made.policy_version,
            asked_by=amina,
            decided_by=amina,
            **fields,
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "declined", "closed_by": "amina"},
        {"outcome": "withdrawn", "closed_by": "bryn"},
        {"outcome": "confirmed", "closed_by": "bryn"},
        {"outcome": "declined", "closed_by": None},
        {"outcome": "forgotten", "closed_by": "bryn"},
        {"ground": "criticism"},
        {"ground": ""},
        {"clause_id": ""},
        {"measures": "ignore"},
    ],
)
def test_the_database_itself_refuses_a_proposal_that_cannot_be(facebook, amina, bryn, changes):
    proposal = asked(cast.comment(facebook), amina)
    if "closed_by" in changes:
        people = {"amina": amina, "bryn": bryn, None: None}
        changes = changes | {"closed_by": people[changes["closed_by"]], "closed_at": MORNING}
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**changes)


def test_the_database_itself_refuses_two_open_proposals_on_one_comment(facebook, amina, bryn):
    proposal = asked(cast.comment(facebook), amina)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.create(
            comment=proposal.comment,
            round=1,
            measures="report",
            clause_id="impostors",
            ground="brand_misuse",
            policy_version=proposal.policy_version,
            evidence=proposal.evidence,
            asked_by=bryn,
            asked_at=MORNING,
        )

"""What leaves, leaves once: retries, lost answers, people settling what nobody can know, and workers side by side."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from moothall.inbox.models import Comment
from moothall.moderation.actions import decide, undo
from moothall.moderation.queries import clauses_open_to_officer, decision_view
from moothall.outbox.actions import deliver_due, resolve_uncertain
from moothall.outbox.models import Delivery
from moothall.platforms.facebook.fake import Fake
from moothall.records.models import Record
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fake():
    with Fake(page_id="1000", access_token="page-token", app_secret="app-secret") as stand_in:
        stand_in.add_post(id="1000_1", message="The market moves to Wednesday.")
        yield stand_in


@pytest.fixture
def amina():
    return cast.officer("Amina")


@pytest.fixture
def facebook(fake, settings):
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    settings.UNDO_SECONDS = 0
    cast.rules()
    return cast.channel(fake.url)


def decided(channel, fake, officer, *measures: str, number: int = 1):
    id = f"1000_1_{number}"
    fake.add_comment(id=id, post="1000_1", message="text", author=("2001", "Dee Marlow"))
    comment = cast.comment(channel, id=id)
    clause = next(c for c in clauses_open_to_officer() if "abuse" in c.grounds and "report" in c.measures)
    return decide(comment.pk, officer=officer, measures=measures, clause_id=clause.id, ground="abuse", expected_round=1)


def states(decision) -> dict[str, str]:
    return {row.action: row.state for row in decision_view(decision.pk).deliveries}


def a_while_later() -> None:
    Delivery.objects.filter(state__in=["due", "sending"]).update(
        due_at=timezone.now() - timedelta(seconds=1), leased_until=None
    )


def test_several_measures_in_one_decision_are_each_carried_out_once(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide", "block", "report")
    deliver_due("worker", timezone.now())
    assert states(decision) == {"hide": "done", "block": "done", "report": "handed_over"}
    assert fake.effects_on("1000_1_1") == ["hide"]
    assert fake.effects_on("2001") == ["block"]


def test_an_answer_lost_after_the_act_is_found_done_and_not_repeated(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    fake.fail_next("after")
    deliver_due("worker", timezone.now())
    assert states(decision) == {"hide": "sending"}
    a_while_later()
    deliver_due("worker", timezone.now())
    assert states(decision) == {"hide": "done"}
    assert fake.effects_on("1000_1_1") == ["hide"]


def test_an_answer_lost_before_the_act_is_sent_again(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    fake.fail_next("before")
    deliver_due("worker", timezone.now())
    a_while_later()
    deliver_due("worker", timezone.now())
    assert states(decision) == {"hide": "done"}
    assert fake.effects_on("1000_1_1") == ["hide"]


def test_a_platform_that_asks_to_wait_is_given_its_time(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    fake.fail_next("throttle")
    deliver_due("worker", timezone.now())
    (row,) = decision_view(decision.pk).deliveries
    assert row.state == "due"
    assert row.due_at > timezone.now() + timedelta(seconds=2)
    assert fake.effects_on("1000_1_1") == []


def test_a_refused_token_fails_with_what_to_do_and_without_the_token(facebook, fake, amina):
    from moothall.inbox.sealing import seal

    facebook.sealed_secrets = seal({"access_token": "an-old-token", "app_secret": "app-secret"})
    facebook.save()
    decision = decided(facebook, fake, amina, "hide")
    deliver_due("worker", timezone.now())
    (row,) = decision_view(decision.pk).deliveries
    assert row.state == "failed"
    assert "onnect" in row.last_error
    assert "an-old-token" not in row.last_error + str(row.outcome)


def test_what_may_have_been_sent_is_not_called_failed_when_the_platform_cannot_be_asked(facebook, fake, amina):
    sent, unsent = decided(facebook, fake, amina, "hide", number=1), decided(facebook, fake, amina, "hide", number=2)
    Delivery.objects.filter(cause=f"decision:{sent.pk}").update(state="sending")
    facebook.sealed_secrets = "not what was sealed"
    facebook.save()
    deliver_due("worker", timezone.now())
    assert (states(sent), states(unsent)) == ({"hide": "uncertain"}, {"hide": "failed"})


def test_what_was_refused_can_be_tried_again_by_an_officer(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    Delivery.objects.update(state="failed")
    (row,) = decision_view(decision.pk).deliveries
    resolve_uncertain(row.pk, arrived=False, officer=amina)
    deliver_due("worker", timezone.now())
    assert states(decision) == {"hide": "done"}
    assert Record.objects.filter(kind="delivery.sent_again", actor=amina.email).count() == 1


def test_undo_is_not_offered_while_the_measure_is_at_the_platform(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    assert decision_view(decision.pk).can_undo
    Delivery.objects.update(state="sending")
    assert not decision_view(decision.pk).can_undo


def test_what_only_a_person_can_do_is_handed_over_and_ticked_off(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "report")
    deliver_due("worker", timezone.now())
    (row,) = decision_view(decision.pk).deliveries
    assert row.outcome["message"]
    resolve_uncertain(row.pk, arrived=True, officer=amina)
    assert states(decision) == {"report": "done"}
    assert Record.objects.filter(kind="delivery.done", actor=amina.email).count() == 1


def test_an_uncertain_delivery_is_settled_by_a_person_once(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide")
    Delivery.objects.update(state="uncertain")
    (row,) = decision_view(decision.pk).deliveries
    resolve_uncertain(row.pk, arrived=False, officer=amina)
    deliver_due("worker", timezone.now())
    assert fake.effects_on("1000_1_1") == ["hide"]
    with pytest.raises(DomainError) as refused:
        resolve_uncertain(row.pk, arrived=False, officer=amina)
    assert refused.value.code == "not_uncertain"


def test_undo_shows_the_comment_again_at_the_platform(facebook, fake, amina):
    decision = decided(facebook, fake, amina, "hide", "block")
    deliver_due("worker", timezone.now())
    assert Comment.objects.get().hidden_at_platform
    undo(decision.pk, officer=amina)
    deliver_due("worker", timezone.now())
    assert fake.effects_on("1000_1_1") == ["hide", "unhide"]
    assert fake.effects_on("2001") == ["block", "unblock"]
    assert not Comment.objects.get().hidden_at_platform


def test_nothing_is_sent_for_a_decision_taken_back_in_time(facebook, fake, amina, settings):
    settings.UNDO_SECONDS = 10
    decision = decided(facebook, fake, amina, "hide")
    undo(decision.pk, officer=amina)
    a_while_later()
    deliver_due("worker", timezone.now())
    assert fake.effects_on("1000_1_1") == []


def test_a_worker_whose_lease_ran_out_cannot_write_over_its_successor(facebook, fake, amina):
    from moothall.outbox.deliver import deliver

    decided(facebook, fake, amina, "hide")
    (slow,) = Delivery.claim("slow", timezone.now())
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    deliver_due("quick", timezone.now())
    deliver(slow, "slow")
    assert Delivery.objects.get().state == "done"
    assert fake.effects_on("1000_1_1") == ["hide"]
    assert Record.objects.filter(kind="delivery.done").count() == 1


def test_two_workers_share_the_work_and_nothing_is_sent_twice(facebook, fake, amina):
    for number in range(12):
        decided(facebook, fake, amina, "hide", number=number)
    handled: dict[str, int] = {}
    start = threading.Barrier(2)

    def run(name: str) -> None:
        start.wait()
        try:
            handled[name] = deliver_due(name, timezone.now())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handled.values()) == 12
    if connection.vendor == "postgresql":
        assert min(handled.values()) > 0
    for number in range(12):
        assert fake.effects_on(f"1000_1_{number}") == ["hide"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}

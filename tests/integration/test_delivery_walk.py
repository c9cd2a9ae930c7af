"""A worker is killed with SIGKILL at every line of a delivery; another takes over. The effect happens exactly once.

The child process runs ``outbox.actions.deliver_due`` under a trace that counts the lines executed in outbox/deliver.py and
kills itself at the n-th. n walks up until the child gets through alive, so that new lines are walked too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from moothall.inbox.models import Comment
from moothall.moderation.actions import decide
from moothall.moderation.queries import clauses_open_to_officer
from moothall.outbox import deliver as steps
from moothall.outbox.actions import deliver_due
from moothall.outbox.models import Delivery
from moothall.platforms.facebook.fake import Fake
from moothall.records.models import Record
from moothall.records.queries import verify_live
from tests.integration import cast
from tests.killed import killed_at_line

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fake():
    with Fake(page_id="1000", access_token="page-token", app_secret="app-secret") as stand_in:
        stand_in.add_post(id="1000_1", message="The market moves to Wednesday.")
        yield stand_in


@pytest.fixture
def facebook(fake, settings):
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    settings.UNDO_SECONDS = 0
    cast.rules()
    return cast.channel(fake.url)


def decided(channel, number: int) -> Delivery:
    comment = cast.comment(channel, id=f"1000_1_{number}")
    clause = next(c for c in clauses_open_to_officer() if "abuse" in c.grounds and "hide" in c.measures)
    officer = cast.officer(f"Amina{number}")
    decision = decide(
        comment.pk, officer=officer, measures=["hide"], clause_id=clause.id, ground="abuse", expected_round=1
    )
    return Delivery.objects.get(cause=f"decision:{decision.pk}")


def lease_runs_out() -> None:
    Delivery.objects.filter(state__in=["due", "sending"]).update(
        leased_until=timezone.now() - timedelta(seconds=1), due_at=timezone.now() - timedelta(seconds=1)
    )


def test_killed_at_any_line_the_hide_happens_exactly_once(facebook, fake):
    line = 0
    while True:
        line += 1
        fake.add_comment(id=f"1000_1_{line}", post="1000_1", message="text", author=("2001", "Dee Marlow"))
        delivery = decided(facebook, line)
        killed = killed_at_line(line, lambda: deliver_due("killed", timezone.now()), [steps.__file__])
        lease_runs_out()
        deliver_due("second", timezone.now())
        delivery.refresh_from_db()
        assert delivery.state == "done", f"killed at line {line}: {delivery.state} {delivery.outcome}"
        assert fake.effects_on(f"1000_1_{line}") == ["hide"], f"killed at line {line}"
        assert Record.objects.filter(subject=f"delivery:{delivery.pk}", kind="delivery.done").count() == 1
        assert Comment.objects.get(external_id=f"1000_1_{line}").hidden_at_platform
        if not killed:
            break
    assert line > 30, "the walk did not reach the steps"
    assert verify_live().ok

"""The whole way through on a real network: a reply arrives, an officer hides it in a browser, a third person sees that it
is hidden, the officer takes it back, and the records hold together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page

from moothall.inbox import actions as inbox
from moothall.inbox.models import Channel, Comment
from moothall.moderation.models import Decision
from moothall.outbox.actions import deliver_due
from moothall.records.models import Record
from moothall.records.queries import verify_live
from tests.integration import cast
from tests.network.conftest import Network, Person, eventually
from tests.network.test_bluesky_connector import posted, replied

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UNKIND = "You are all useless idiots and that woman on the desk is a stupid cow"


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test names its own address."""


@pytest.fixture
def bluesky(network: Network, council_account: Person, settings: Any) -> Channel:
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    settings.UNDO_SECONDS = 0
    cache.clear()
    cast.rules()
    return inbox.add_channel(
        platform="bluesky",
        name="Thornbury-on-Wold Borough Council",
        account=council_account.handle,
        base_url=network.url,
        secrets={"app_password": council_account.password, "labeler": network.labeler},
    )


def work() -> None:
    """A round of the worker."""
    Channel.objects.update(due_at=timezone.now())
    inbox.read_due_channels("test", timezone.now())
    while inbox.parse_due_raw("test", timezone.now()):
        pass
    while inbox.assess_due_comments("test", timezone.now()):
        pass
    deliver_due("test", timezone.now())


def hidden_from(person: Person, post: Any, reply: Any) -> bool:
    """Whether this person's view of the thread has put the reply away."""
    view = person.client.app.bsky.unspecced
    others = view.get_post_thread_other_v2({"anchor": post.uri})
    return any(item.uri == reply.uri and item.value.hidden_by_threadgate for item in others.thread)


def shown_to(person: Person, post: Any, reply: Any) -> bool:
    thread = person.client.app.bsky.unspecced.get_post_thread_v2({"anchor": post.uri}).thread
    return any(item.uri == reply.uri for item in thread)


def test_a_reply_is_hidden_by_an_officer_seen_hidden_by_others_and_shown_again(
    bluesky: Channel,
    council_account: Person,
    mallory_account: Person,
    third_account: Person,
    live_server: Any,
    page: Page,
) -> None:
    officer = cast.officer("Amina")
    post = posted(council_account, "Bin collections move to Tuesday this week.")
    reply = replied(mallory_account, post, UNKIND)

    def arrived() -> Comment | None:
        work()
        return Comment.objects.filter(text=UNKIND, state="assessed").first()

    comment = eventually(arrived, seconds=60)
    assessment = comment.assessments.get().result
    assert "abuse" in [ground["name"] for ground in assessment["grounds"]]
    assert "hide" in assessment["measures"]
    eventually(lambda: shown_to(third_account, post, reply))

    page.goto(f"{live_server}/")
    page.get_by_label("E-mail address").fill(officer.email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live_server}/comments/{comment.pk}/")
    page.get_by_label("Abuse of a person or group").first.check()
    page.get_by_label("Hide the comment").check()
    page.get_by_role("button", name="Do this and stay").click()
    page.wait_for_url(re.compile("/decisions/"))
    decision = Decision.objects.get()
    assert (decision.measures, decision.decided_by) == ("hide", officer)

    work()
    eventually(lambda: hidden_from(third_account, post, reply))
    assert not shown_to(third_account, post, reply)

    page.goto(f"{live_server}/decisions/{decision.pk}/")
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_load_state()
    work()
    eventually(lambda: shown_to(third_account, post, reply))
    assert not hidden_from(third_account, post, reply)

    kinds = list(Record.objects.order_by("number").values_list("kind", flat=True))
    wanted = ["decision.made", "delivery.done", "decision.undone", "delivery.done"]
    assert [kind for kind in kinds if kind in wanted] == wanted
    assert verify_live().ok

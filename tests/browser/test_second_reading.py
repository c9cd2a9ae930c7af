"""The second reading on a comment's page: in every state accessible, and asked for without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from moothall.council.models import PolicyVersion
from moothall.inbox.models import Advice, AdviceRequest
from moothall.inbox.queries import sha256_of
from moothall.team.models import Officer
from tests.browser.borough import Borough
from tests.browser.conftest import sign_in
from tests.browser.test_accessibility import check

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def advisor(settings: Any) -> None:
    """An advisor that is switched on; no page ever calls it."""
    settings.ADVISOR_URL, settings.ADVISOR_MODEL = "https://a-long-name-for-a-machine.advisor.example/v1", "small-1"


@pytest.mark.parametrize("width", [1280, 375])
def test_each_state_of_the_panel_can_be_used_by_everybody(
    advisor, signed_in: Page, live_server, thornbury: Borough, picture, width: int
):
    signed_in.set_viewport_size({"width": width, "height": 900})
    comment = thornbury.comments["cruel"]
    address = f"{live_server}/comments/{comment.pk}/"
    signed_in.goto(address)
    check(signed_in)
    picture(signed_in, "second-reading-offered")
    AdviceRequest.objects.create(comment=comment, due_at=timezone.now(), state="failed", last_error="It was away.")
    signed_in.goto(address)
    check(signed_in)
    picture(signed_in, "second-reading-failed")
    Advice.objects.create(
        comment=comment,
        key="k",
        about_sha256=sha256_of(comment.text),
        model="small-1",
        opinion="touches",
        clauses=["no-distress"],
        reason="Averylongwordwithoutanybreak" * 10,
        policy_version=PolicyVersion.objects.get(),
        given_at=timezone.now(),
    )
    signed_in.goto(address)
    check(signed_in)
    signed_in.get_by_text("Its reason, which may repeat").click()
    check(signed_in)
    picture(signed_in, "second-reading-given")


def test_it_is_asked_for_without_javascript(advisor, without_javascript: Page, live_server, thornbury: Borough):
    page = without_javascript
    bryn: Officer = thornbury.bryn
    sign_in(page, str(live_server), bryn.email)
    page.goto(f"{live_server}/comments/{thornbury.comments['question'].pk}/")
    page.get_by_role("button", name="Ask for a second reading").click()
    expect(page.get_by_text("A second reading is asked for.")).to_be_visible()
    expect(page.get_by_text("A second reading is on its way.")).to_be_visible()
    assert AdviceRequest.objects.get().wanted_by == bryn

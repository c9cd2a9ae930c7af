"""A comment by an account that looks like the council's: both accounts side by side, for every eye and ear."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from moothall.inbox.models import Author
from moothall.inbox.triage import triage
from tests.browser.borough import Borough
from tests.browser.test_accessibility import check
from tests.integration import cast

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1280, 375])
def test_both_accounts_stand_side_by_side_with_what_differs_marked_and_said(
    signed_in: Page, live_server, thornbury: Borough, picture, width: int
):
    signed_in.set_viewport_size({"width": width, "height": 900})
    author = Author.objects.create(
        platform="facebook",
        external_id="3001",
        name="Тhornbury-on-Wold\u200b Borough Counci1",
        handle="thornbury_on_wold_borough_council_help_desk_official_2026",
    )
    comment = cast.comment(
        thornbury.channel, "Message us here for your refund", id="1000_1_99", author=author, state="due"
    )
    triage(comment.pk, timezone.now())
    signed_in.goto(f"{live_server}/comments/{comment.pk}/")
    part = signed_in.get_by_role("region", name="The author looks like one of the council’s accounts")
    expect(part).to_contain_text("Cyrillic Т for T; zero width space put in; digit 1 for l.")
    expect(part.get_by_role("row", name="Name")).to_contain_text("Тhornbury-on-Wold[zero width space] Borough Counci1")
    marks = part.locator("mark")
    assert marks.first.evaluate("mark => getComputedStyle(mark).borderBottomStyle") == "solid"
    check(signed_in)
    picture(signed_in, "look-alike")
    part.get_by_role("link", name="State what you see").click()
    expect(signed_in).to_have_url(f"{live_server}/comments/{comment.pk}/#facts")
    signed_in.get_by_text("State what you see").last.click()
    signed_in.locator("#fact-confusing").select_option("yes")
    signed_in.get_by_role("button", name="Read it again with this").click()
    comment.refresh_from_db()
    assert comment.stated == {"confusing": True}

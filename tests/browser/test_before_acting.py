"""What comes before a measure, in a real browser: by pointer, by keyboard, without JavaScript, and with axe."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from moothall.inbox.models import Comment
from moothall.moderation.actions import ask, take_step
from moothall.moderation.models import Decision, Proposal, StepTaken
from moothall.signals.findings import Signals
from tests.browser import quernmoor
from tests.browser.conftest import sign_in
from tests.browser.quernmoor import Quernmoor
from tests.browser.test_accessibility import check
from tests.browser.test_journeys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def moor(transactional_db: None) -> Quernmoor:
    cache.clear()
    return quernmoor.build()


def enter(page: Page, live_server, officer) -> None:
    client = Client()
    client.force_login(officer)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)}]
    )


@pytest.fixture
def as_amina(watched: Page, live_server, moor: Quernmoor) -> Page:
    enter(watched, live_server, moor.amina)
    return watched


@pytest.fixture(params=[1280, 375])
def sized(request: pytest.FixtureRequest, as_amina: Page) -> Page:
    as_amina.set_viewport_size({"width": request.param, "height": 900})
    return as_amina


def ask_to_block(moor: Quernmoor, officer) -> Proposal:
    choice = {"measures": ["block"], "clause_id": "spam", "ground": "spam", "reason": "The third time this month."}
    return ask(moor.comments["again"].pk, officer=officer, expected_round=1, **choice)


def unfold(page: Page) -> None:
    for fold in page.locator("main details:not([open]) > summary").all():
        if fold.is_visible():
            fold.click()


@pytest.mark.parametrize("which", ["auction", "insult", "again", "impostor"])
def test_every_page_before_acting_is_good_to_use(sized: Page, live_server, moor: Quernmoor, picture, which: str):
    sized.goto(f"{live_server}/comments/{moor.comments[which].pk}/")
    check(sized)
    picture(sized, f"before-{which}")
    unfold(sized)
    check(sized)
    picture(sized, f"before-{which}-unfolded")


@pytest.mark.parametrize("who", ["amina", "bryn"])
def test_a_request_for_a_second_officer_is_good_to_use(sized: Page, live_server, moor: Quernmoor, picture, who: str):
    ask_to_block(moor, getattr(moor, who))
    sized.goto(f"{live_server}/comments/{moor.comments['again'].pk}/")
    check(sized)
    picture(sized, f"asked-by-{who}")
    sized.goto(f"{live_server}/")
    check(sized)
    picture(sized, f"queue-asked-by-{who}")


def test_what_was_refused_and_what_was_told_are_good_to_use(sized: Page, live_server, moor: Quernmoor, picture):
    comment = moor.comments["insult"]
    sized.goto(f"{live_server}/comments/{comment.pk}/")
    sized.get_by_label("Abuse of a person or group").check()
    sized.get_by_label("Block the author").check()
    sized.get_by_role("button", name="Ask a second officer").click()
    expect(sized).to_have_title(re.compile("^Error: "))
    sized.get_by_role("link", name=re.compile("Blocking the author comes only after")).click()
    expect(sized.locator("#first")).to_be_focused()
    check(sized)
    picture(sized, "step-first")
    notice = {"clause_id": "manners", "ground": "abuse", "text": "We intend to block you."}
    take_step(comment.pk, officer=moor.amina, step="notice_of_intent", **notice)
    sized.goto(f"{live_server}/comments/{comment.pk}/")
    check(sized)
    picture(sized, "being-read")


def test_the_button_says_beforehand_that_it_asks_a_second_officer(as_amina: Page, live_server, moor: Quernmoor):
    as_amina.goto(f"{live_server}/comments/{moor.comments['insult'].pk}/")
    act = as_amina.locator(".panel__act button").first
    expect(act).to_have_text("Do this and go on")
    as_amina.get_by_label("Abuse of a person or group").check()
    as_amina.get_by_label("Hide the comment").check()
    expect(act).to_have_text("Do this and go on")
    as_amina.get_by_label("Block the author").check()
    expect(act).to_have_text("Ask a second officer")
    as_amina.get_by_label("Block the author").uncheck()
    expect(act).to_have_text("Do this and go on")


def test_two_officers_with_the_keyboard_alone(as_amina: Page, live_server, moor: Quernmoor, settings):
    settings.UNDO_SECONDS = 30
    keys = Keys(as_amina)
    as_amina.goto(f"{live_server}/comments/{moor.comments['again'].pk}/")
    keys.reach("Spam")
    keys.press("Space")
    keys.reach("Block the author")
    keys.press("Space")
    keys.reach("Ask and stay")
    keys.press("Enter")
    expect(as_amina.get_by_text("Amina asked to block the author")).to_be_visible()
    as_amina.context.clear_cookies()
    enter(as_amina, live_server, moor.bryn)
    as_amina.goto(f"{live_server}/")
    keys.reach("Block the author: Wold Drive on Facebook")
    keys.press("Enter")
    expect(as_amina.get_by_role("heading", level=1)).to_contain_text("Wold Drive")
    keys.reach("Confirm: block the author")
    keys.press("Enter")
    expect(as_amina.locator(".outcome h2")).to_contain_text("Leaves in")
    made = Decision.objects.get(measures="block")
    assert (made.asked_by, made.decided_by) == (moor.amina, moor.bryn)


def test_a_step_then_a_fact_without_javascript(without_javascript: Page, live_server, moor: Quernmoor):
    page = without_javascript
    comment = moor.comments["auction"]
    sign_in(page, str(live_server), moor.amina.email)
    page.goto(f"{live_server}/comments/{comment.pk}/")
    page.get_by_label("What you send, by direct message").fill("Please take your auction down.")
    page.get_by_role("button", name="I have sent this").click()
    expect(page.get_by_text("Author asked to take it down: recorded.")).to_be_visible()
    assert StepTaken.objects.get().text == "Please take your auction down."
    page.locator("#facts ~ details > summary").first.click() if not page.get_by_label(
        "Does it bid in, or advertise, a live auction?"
    ).is_visible() else None
    page.get_by_label("Does it bid in, or advertise, a live auction?").select_option("No")
    page.get_by_role("button", name="Read it again with this").click()
    expect(page.get_by_text("Kept. The comment is read again")).to_be_visible()
    comment.refresh_from_db()
    assert comment.stated == {"live_auction": False}
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lot Fourie")


def test_the_page_says_when_the_comment_was_read_again(as_amina: Page, live_server, moor: Quernmoor):
    comment = moor.comments["insult"]
    Comment.objects.filter(pk=comment.pk).update(state="due")
    as_amina.goto(f"{live_server}/comments/{comment.pk}/")
    as_amina.get_by_label("Reason, in your words").fill("Half a sentence")
    quernmoor.read(comment, Signals("none"))
    expect(as_amina.get_by_text("It has been read again.")).to_be_visible(timeout=6000)
    expect(as_amina.get_by_label("Reason, in your words")).to_have_value("Half a sentence")
    expect(as_amina.locator("#announce")).to_contain_text("The comment has been read again.")

"""An officer's steps, in a real browser: with a pointer, with the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from moothall.inbox.models import Comment
from moothall.moderation.models import Decision
from moothall.outbox.models import Delivery
from tests.browser.borough import Borough
from tests.browser.conftest import sign_in
from tests.integration import cast

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]


def open_comment(page: Page, live_server, comment: Comment) -> None:
    page.goto(f"{live_server}/comments/{comment.pk}/")


def choose_hiding(page: Page) -> None:
    page.get_by_label("Abuse of a person or group").check()
    page.get_by_label("Hide the comment").check()


def test_the_queue_begins_with_whoever_is_at_risk_and_shows_a_cluster_once(signed_in: Page):
    headings = signed_in.locator("main h2.group__heading").all_inner_texts()
    assert headings[0].startswith("Somebody may be at risk")
    assert headings[-1].startswith("Everything else")
    expect(signed_in.get_by_text("3 near-identical comments on 3 posts")).to_have_count(1)
    expect(signed_in.locator(".row__words")).to_have_count(7)


def test_nothing_is_chosen_before_the_officer_chooses(signed_in: Page, live_server, thornbury: Borough):
    open_comment(signed_in, live_server, thornbury.comments["insult"])
    expect(signed_in.locator("main input:checked")).to_have_count(0)
    recommended = signed_in.locator(".govuk-checkboxes__item", has_text="Recommended")
    expect(recommended).to_have_count(1)
    expect(recommended).to_contain_text("Hide the comment")


def test_the_words_that_fired_are_marked_with_their_ground(signed_in: Page, live_server, thornbury: Borough):
    open_comment(signed_in, live_server, thornbury.comments["insult"])
    expect(signed_in.locator("mark")).to_contain_text("a numpty")
    expect(signed_in.locator("mark")).to_contain_text("Abuse of a person or group")


def test_a_comment_that_may_distress_is_folded_until_it_is_opened(signed_in: Page, live_server, thornbury: Borough):
    expect(signed_in.get_by_text("Good riddance")).to_have_count(0)
    open_comment(signed_in, live_server, thornbury.comments["cruel"])
    words = signed_in.locator(".said__text")
    expect(words).not_to_be_visible()
    signed_in.get_by_text("This comment may distress. Show it").click()
    expect(words).to_be_visible()


def test_hide_counts_down_and_undo_takes_it_back(signed_in: Page, live_server, thornbury: Borough, settings):
    settings.UNDO_SECONDS = 30
    comment = thornbury.comments["insult"]
    open_comment(signed_in, live_server, comment)
    choose_hiding(signed_in)
    signed_in.get_by_role("button", name="Do this and stay").click()
    headline = signed_in.locator(".outcome h2")
    expect(headline).to_have_text(re.compile(r"Leaves in \d+ seconds"))
    first = headline.inner_text()
    expect(headline).not_to_have_text(first, timeout=5000)
    signed_in.get_by_role("button", name="Undo").click()
    expect(signed_in.get_by_text("Taken back before anything left.")).to_be_visible()
    assert [row.state for row in Delivery.objects.all()] == ["cancelled"]
    comment.refresh_from_db()
    assert comment.desk_state == "open"


def test_deciding_goes_on_to_the_next_with_undo_at_hand(signed_in: Page, live_server, thornbury: Borough, settings):
    settings.UNDO_SECONDS = 30
    open_comment(signed_in, live_server, thornbury.comments["risk"])
    signed_in.get_by_role("button", name="Leave it up and go on").click()
    expect(signed_in.get_by_role("heading", level=1)).not_to_contain_text("Robbie")
    expect(signed_in.get_by_text("Left up")).to_be_visible()
    signed_in.get_by_role("button", name="Undo what was decided before").click()
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text("Robbie Skelton")


def test_the_page_says_by_itself_when_the_platform_has_answered(
    signed_in: Page, live_server, thornbury: Borough, settings
):
    settings.UNDO_SECONDS = 30
    open_comment(signed_in, live_server, thornbury.comments["insult"])
    choose_hiding(signed_in)
    signed_in.get_by_role("button", name="Do this and stay").click()
    expect(signed_in.locator(".outcome h2")).to_contain_text("Leaves in")
    Delivery.objects.update(state="done")
    expect(signed_in.locator(".outcome h2")).to_have_text("Hidden", timeout=5000)
    expect(signed_in.locator("#announce")).to_contain_text("The comment is hidden on Facebook.")


def test_what_nobody_knows_is_asked_of_a_person(signed_in: Page, live_server, thornbury: Borough):
    open_comment(signed_in, live_server, thornbury.comments["insult"])
    choose_hiding(signed_in)
    signed_in.get_by_role("button", name="Do this and stay").click()
    expect(signed_in.locator(".outcome h2")).to_contain_text("Leaves in")
    Delivery.objects.update(state="uncertain")
    signed_in.goto(f"{live_server}/")
    signed_in.get_by_role("link", name=re.compile("Hide on Facebook")).click()
    expect(signed_in.get_by_text("nobody knows whether it arrived")).to_be_visible()
    signed_in.get_by_role("button", name="It did arrive").click()
    expect(signed_in.locator(".outcome h2")).to_have_text("Hidden")
    assert Delivery.objects.get().state == "done"


def test_skip_does_not_hand_back_the_same_comment(signed_in: Page):
    signed_in.get_by_role("link", name="Start with the most urgent").click()
    seen = []
    for _ in range(7):
        seen.append(signed_in.url.partition("?")[0])
        signed_in.get_by_role("button", name="Skip to the next").click()
        signed_in.wait_for_load_state()
    assert len(set(seen)) == 7
    expect(signed_in.get_by_text("The comments you skipped are still in the queue.")).to_be_visible()


def test_every_essential_step_works_without_javascript(
    without_javascript: Page, live_server, thornbury: Borough, settings
):
    settings.UNDO_SECONDS = 30
    page = without_javascript
    sign_in(page, str(live_server), thornbury.bryn.email)
    page.locator(".row__words a", has_text="numpty").click()
    page.get_by_role("button", name="Do this and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one measure.")
    choose_hiding(page)
    page.get_by_role("button", name="Do this and stay").click()
    expect(page.locator(".outcome h2")).to_contain_text("Leaves in")
    page.get_by_role("link", name="Check again").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back before anything left.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert [made.measures for made in Decision.objects.order_by("pk")] == ["hide", "ignore"]


class Keys:
    """A person with a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, name: str) -> None:
        """Press Tab until the thing with this name or label has the focus."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(
                """() => { const e = document.activeElement;
                    // Between two pages, or behind the last thing, the focus is nowhere: that is not it.
                    if (e === document.body || e.tagName === 'MAIN') return '';
                    const label = e.labels && e.labels.length ? e.labels[0].innerText : '';
                    return [label, e.innerText || '', e.value || ''].join(' | '); }"""
            )
            if name in here:
                return
        raise AssertionError(f"Tab never reached {name!r}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


def test_sign_in_decide_and_undo_with_the_keyboard_alone(watched: Page, live_server, thornbury: Borough, settings):
    settings.UNDO_SECONDS = 30
    keys = Keys(watched)
    watched.goto(f"{live_server}/")
    keys.reach("E-mail address")
    keys.type(thornbury.amina.email)
    keys.reach("Password")
    keys.type(cast.PASSWORD)
    keys.press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_contain_text("comments to look at")
    keys.press("Tab")
    expect(watched.get_by_text("Skip to main content")).to_be_focused()
    keys.press("Enter")
    keys.reach("numpty")
    keys.press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_contain_text("Mallory Pike")
    keys.reach("Abuse of a person or group")
    keys.press("Space")
    keys.reach("Hide the comment")
    keys.press("Space")
    keys.reach("Do this and stay")
    keys.press("Enter")
    expect(watched.locator(".outcome h2")).to_contain_text("Leaves in")
    keys.reach("Undo")
    keys.press("Enter")
    expect(watched.get_by_text("Taken back before anything left.")).to_be_visible()
    assert [row.state for row in Delivery.objects.all()] == ["cancelled"]

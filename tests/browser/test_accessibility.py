"""Every page, wide and on a phone: nothing for axe to find, nothing wider than the screen, targets large enough."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from moothall.inbox.models import Comment
from moothall.moderation.actions import decide
from moothall.outbox.models import Delivery
from tests.browser.borough import Borough

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]

#: Things to press that stand in no sentence and are under 24 pixels in both directions (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input')].filter(e => {
    const box = e.getBoundingClientRect();
    const label = e.labels && e.labels[0] ? e.labels[0].getBoundingClientRect() : box;
    return box.width > 1 && e.type !== 'hidden' && Math.max(box.height, label.height) < 24
        && getComputedStyle(e).display !== 'inline';
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(params=[1280, 375])
def sized(request: pytest.FixtureRequest, signed_in: Page) -> Page:
    signed_in.set_viewport_size({"width": request.param, "height": 900})
    return signed_in


def check(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in found] == []
    width = (page.viewport_size or {"width": 0})["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert page.locator("h1").count() == 1


def hide(thornbury: Borough) -> int:
    decision = decide(
        thornbury.comments["insult"].pk,
        officer=thornbury.amina,
        measures=["hide", "block", "report"],
        clause_id="be-polite",
        ground="abuse",
        expected_round=1,
    )
    return decision.pk


def test_the_queue(sized: Page, live_server, thornbury: Borough, picture):
    hide(thornbury)
    sized.goto(f"{live_server}/")
    check(sized)
    picture(sized, "queue")
    sized.goto(f"{live_server}/?urgency=4")
    check(sized)


@pytest.mark.parametrize("which", ["risk", "insult", "criticism", "cruel", "unsure", "advert0", "question"])
def test_a_comment(sized: Page, live_server, thornbury: Borough, picture, which):
    sized.goto(f"{live_server}/comments/{thornbury.comments[which].pk}/")
    check(sized)
    picture(sized, f"comment-{which}")
    for fold in sized.locator("main details:not([open]) > summary").all():
        if fold.is_visible():
            fold.click()
    check(sized)


def test_a_refused_decision(sized: Page, live_server, thornbury: Borough, picture):
    sized.goto(f"{live_server}/comments/{thornbury.comments['insult'].pk}/")
    sized.get_by_label("Hide the comment").check()
    sized.get_by_role("button", name="Do this and go on").click()
    expect(sized).to_have_title(re.compile("^Error: "))
    sized.get_by_role("link", name="Choose the clause that this comment breaks").click()
    expect(sized.locator("#citation")).to_be_focused()
    check(sized)
    picture(sized, "refused")


@pytest.mark.parametrize("state", ["due", "done", "uncertain", "handed_over", "failed"])
def test_a_decision(sized: Page, live_server, thornbury: Borough, picture, state):
    number = hide(thornbury)
    Delivery.objects.update(state=state)
    sized.goto(f"{live_server}/decisions/{number}/")
    check(sized)
    picture(sized, f"decision-{state}")


def test_a_comment_that_is_decided_or_gone(sized: Page, live_server, thornbury: Borough):
    hide(thornbury)
    sized.goto(f"{live_server}/comments/{thornbury.comments['insult'].pk}/")
    check(sized)
    Comment.objects.filter(pk=thornbury.comments["insult"].pk).update(desk_state="gone")
    sized.reload()
    check(sized)


def test_the_lists(sized: Page, live_server, thornbury: Borough, picture):
    hide(thornbury)
    sized.goto(f"{live_server}/decided/")
    check(sized)
    picture(sized, "decided")
    sized.goto(f"{live_server}/records/")
    sized.get_by_role("button", name="Check the whole chain now").click()
    expect(sized.get_by_text("The chain holds.")).to_be_visible()
    check(sized)
    picture(sized, "records")


def test_the_pages_for_everybody(sized: Page, live_server, picture):
    for path, name in (("/house-rules/", "house-rules"), ("/no-such-page/", "not-found")):
        sized.goto(f"{live_server}{path}")
        check(sized)
        picture(sized, name)
    sized.context.clear_cookies()
    sized.goto(f"{live_server}/sign-in/")
    check(sized)
    picture(sized, "sign-in")
    sized.get_by_role("button", name="Sign in").click()
    expect(sized.get_by_role("alert")).to_be_visible()
    check(sized)


def test_the_house_rules_need_no_sign_in_and_set_no_cookie(watched: Page, live_server, thornbury: Borough):
    watched.goto(f"{live_server}/house-rules/")
    expect(watched.get_by_role("heading", level=1)).to_have_text("House rules for our social media")
    assert watched.context.cookies() == []

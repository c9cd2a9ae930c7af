"""A copy seen elsewhere, in a browser: the whole way by keyboard and without JavaScript, each page for axe, the pack's file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from moothall.inbox.models import Channel
from moothall.moderation import hand_in_acts as acts
from moothall.moderation.handing_in import Upload, hand_in
from moothall.moderation.models import HandIn, HandInAct
from tests.browser.borough import Borough
from tests.browser.test_accessibility import check, sized  # noqa: F401 (a fixture)
from tests.integration import cast

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]

NAME = "Thornbury-on-Wold Borough C\u043euncil"


@pytest.fixture
def ours(thornbury: Borough) -> Channel:
    return cast.channel(platform="x", account="thornburybc")


def poster(words: str) -> bytes:
    image = Image.new("RGB", (900, 1200), "#0b4a46")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 840, 700), fill="#8fd3c8")
    draw.text((90, 800), words, fill="white", font_size=64)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def handed_in(thornbury: Borough, **fields: Any) -> HandIn:
    given: dict[str, Any] = {
        "platform": "x",
        "address": "https://x.example/thornbury_bc",
        "name": NAME,
        "handle": "thornbury_bc",
        "description": "It asks residents for their bank details in our name.",
        "seen_at": timezone.now(),
        "picture": Upload(poster("Council tax refund: click here")),
        "our_picture": Upload(poster("Council tax: how to pay")),
    }
    return hand_in(officer=thornbury.amina, **(given | fields))


def stated(row: HandIn, thornbury: Borough, *, confusing: bool = True) -> HandInAct:
    return acts.state(row.pk, officer=thornbury.amina, confusing=confusing, authorised=False, expected_number=1)


def decided(row: HandIn, thornbury: Borough) -> HandInAct:
    stated(row, thornbury)
    chosen = {"measures": ["block", "report"], "clause_id": "our-identity"}
    return acts.decide(row.pk, officer=thornbury.bryn, expected_number=2, **chosen)  # type: ignore[arg-type]


def test_every_stage_of_a_hand_in_wide_and_on_a_phone(sized: Page, live_server, thornbury, ours, picture):  # noqa: F811
    sized.goto(f"{live_server}/hand-ins/")
    check(sized)
    sized.get_by_role("link", name="Hand one in").click()
    check(sized)
    picture(sized, "hand-in-new")
    sized.get_by_role("button", name="Hand it in").click()
    expect(sized.get_by_role("link", name="Choose where you saw it")).to_be_visible()
    check(sized)
    picture(sized, "hand-in-refused")
    row = handed_in(thornbury)
    for stage, go_on in (
        ("to-state", lambda: stated(row, thornbury)),
        ("to-decide", lambda: None),
    ):
        sized.goto(f"{live_server}/hand-ins/{row.pk}/")
        check(sized)
        picture(sized, f"hand-in-{stage}")
        go_on()
    other = handed_in(thornbury, name="Thornbury Council Help", handle="", picture=None, our_picture=None)
    made = decided(other, thornbury)
    sized.goto(f"{live_server}/hand-ins/{other.pk}/")
    check(sized)
    picture(sized, "hand-in-to-do")
    for measure in ("block", "report"):
        acts.carried_out(made.pk, officer=thornbury.amina, measure=measure, proof="Case 1234")
    sized.reload()
    check(sized)
    picture(sized, "hand-in-done")
    sized.goto(f"{live_server}/hand-ins/")
    check(sized)
    picture(sized, "hand-ins")


def test_the_whole_way_by_keyboard_without_javascript(
    without_javascript: Page, live_server, thornbury: Borough, ours, client: Client
):
    page = without_javascript
    client.force_login(thornbury.amina)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)}
    page.context.add_cookies([cookie])
    page.goto(f"{live_server}/hand-ins/new/")
    for label, value in (
        ("Its address", "https://x.example/thornbury_bc"),
        ("The name of the account", NAME),
        ("Its handle", "thornbury_bc"),
        ("What did you see?", "It asks for bank details."),
    ):
        page.get_by_label(label).focus()
        page.keyboard.type(value)
    page.get_by_label("X", exact=True).focus()
    page.keyboard.press("Space")
    press(page, "Hand it in")
    expect(page.get_by_text("Cyrillic о for o")).to_be_visible()
    page.get_by_label("Yes, it could").focus()
    page.keyboard.press("Space")
    page.get_by_role("group", name="Did the council allow").get_by_label("No").focus()
    page.keyboard.press("Space")
    press(page, "State this")
    page.get_by_label("Report it to the platform").focus()
    page.keyboard.press("Space")
    press(page, "Decide this")
    page.get_by_label("What did the platform say?").focus()
    page.keyboard.type("Case 1234")
    press(page, "I have done this")
    expect(page.get_by_text("Case 1234")).to_be_visible()
    assert [act.what for act in HandInAct.objects.order_by("number")] == ["stated", "decided"]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_the_pack_opens_from_a_disk_and_asks_nobody(signed_in: Page, live_server, thornbury, ours, picture, tmp_path):
    row = handed_in(thornbury)
    stated(row, thornbury)
    signed_in.goto(f"{live_server}/hand-ins/{row.pk}/")
    with signed_in.expect_download() as downloading:
        signed_in.get_by_role("link", name="Evidence pack").click()
    kept = tmp_path / "pack.html"
    downloading.value.save_as(kept)
    assert kept.name == "pack.html"
    page = signed_in.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(Path(kept).as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    shown = page.eval_on_selector_all("svg > image", "all => all.map(image => image.getBBox().width)")
    assert shown == [900, 900]
    expect(page.get_by_role("img", name="The council’s original. It differs at the bottom")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("о")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    picture(page, "hand-in-pack")

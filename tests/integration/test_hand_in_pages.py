"""The pages about copies seen elsewhere, asked without a browser: who gets in, what is shown, what is refused, the pack."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from moothall.council.actions import add_entry, put_in_force
from moothall.moderation.models import HandIn, HandInAct
from moothall.policy import default_policy
from moothall.policy.shipped import shipped
from moothall.team.models import Officer
from tests.integration import cast
from tests.integration.test_hand_ins import NAME, account, bomb, png, say, state

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SCRIPT = "<script>alert(1)</script>"
ACTS = ["state/", "step/", "decide/", "answer/", "undo/", "done/1/"]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(cast.MONDAY, tick=True):
        yield


@pytest.fixture
def amina(db: None) -> Officer:
    cast.rules()
    cast.channel(platform="x", account="thornburybc")
    return cast.officer()


def browser(officer: Officer, **kwargs: Any) -> Client:
    client = Client(**kwargs)
    client.force_login(officer)
    return client


def page(response: Any) -> str:
    """What is on a page, in plain characters and on one line."""
    return " ".join(unescape(response.content.decode()).split())


def form(**fields: Any) -> dict[str, Any]:
    return {
        "platform": "x",
        "address": "https://x.example/thornbury_bc",
        "name": NAME,
        "handle": "@thornbury_bc",
        "description": "It asks residents for their bank details in our name.",
        "seen_day": "22/11/2026",
        "seen_time": "18:05",
        "copies": "",
    } | fields


# ---- who gets in ----


def test_nobody_gets_in_without_signing_in_and_a_leaver_is_out_at_once(amina):
    row = account(amina, picture=None)
    pages = ["/hand-ins/", "/hand-ins/new/", f"/hand-ins/{row.pk}/", f"/hand-ins/{row.pk}/pack/"]
    left = cast.officer("Mallory")
    leaver = browser(left)
    left.is_active = False
    left.save()
    for client in (Client(), leaver):
        for path in pages:
            assert client.get(path).url == f"/sign-in/?next={path}"
        for act in ACTS:
            assert client.post(f"/hand-ins/{row.pk}/{act}").url.startswith("/sign-in/")
        assert client.post("/hand-ins/new/", form()).url.startswith("/sign-in/")
    assert (HandIn.objects.count(), HandInAct.objects.count()) == (1, 0)


def test_acts_need_the_token_of_the_form_and_are_never_done_by_a_link(amina):
    row = account(amina)
    strict = browser(amina, enforce_csrf_checks=True)
    assert strict.post("/hand-ins/new/", form()).status_code == 403
    for act in ACTS:
        assert strict.post(f"/hand-ins/{row.pk}/{act}").status_code == 403
        assert browser(amina).get(f"/hand-ins/{row.pk}/{act}").status_code == 405


def test_what_is_not_there_is_not_found(amina):
    row, client = account(amina), browser(amina)
    for path in ("/hand-ins/99/", "/hand-ins/99/pack/", f"/hand-ins/{row.pk}/seen.png", f"/hand-ins/{row.pk}/ours.png"):
        assert client.get(path).status_code == 404
    for act in ACTS:
        assert client.post(f"/hand-ins/99/{act}").status_code == 404
    assert client.post(f"/hand-ins/{row.pk}/answer/", {"answer": "other"}).status_code == 404
    assert client.post(f"/hand-ins/{row.pk}/done/99/", {"measure": "block"}).status_code == 404


# ---- handing in ----


def test_the_whole_way_from_the_form_to_what_was_carried_out(amina):
    client = browser(amina)
    assert "Seen elsewhere" in page(client.get("/"))
    assert 'value="23/11/2026"' in client.get("/hand-ins/new/").content.decode()
    files = {
        "picture": SimpleUploadedFile("seen.png", png()),
        "our_picture": SimpleUploadedFile("ours.png", png("teal")),
    }
    sent = client.post("/hand-ins/new/", form(**files), follow=True)
    row = HandIn.objects.get()
    assert sent.redirect_chain == [(f"/hand-ins/{row.pk}/", 302)]
    shown = page(sent)
    assert "What differs in the name: " in shown
    assert "Could people mistake it for a genuine publication or account of the council?" in shown
    assert 'value="block"' not in sent.content.decode()
    assert row.handle == "thornbury_bc"
    picture = client.get(f"/hand-ins/{row.pk}/seen.png")
    assert hashlib.sha256(picture.content).hexdigest() == row.picture.kept_sha256
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/png", "nosniff")

    address = f"/hand-ins/{row.pk}"
    shown = page(client.post(f"{address}/state/", {"confusing": "yes", "authorised": "no", "number": 1}, follow=True))
    assert "Block the account Recommended" in re.sub(r"<[^>]+>", "", shown).replace("  ", " ")
    chosen = {"measures": ["block", "report"], "clause": brand(), "reason": "Bank details", "number": 2}
    shown = page(client.post(f"{address}/decide/", chosen, follow=True))
    assert "Decided: block the account and report it to the platform" in shown
    made = HandInAct.objects.get(what="decided")
    for measure in ("block", "report"):
        sent = client.post(
            f"{address}/done/{made.pk}/", {"measure": measure, f"{measure}-proof": "Case 7"}, follow=True
        )
    assert "carried out: reported" in page(sent)
    assert state(row).stage == "done"
    assert "block the account and report it to the platform" in page(client.get("/hand-ins/")).lower()
    shown = page(client.post(f"{address}/undo/", {"number": 3}, follow=True))
    assert "Unblock the account" in shown


def brand() -> str:
    return next(each.id for each in default_policy().clauses if "brand_misuse" in each.grounds)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"platform": ""}, "Choose where you saw it"),
        ({"description": ""}, "Say in a sentence or two what you saw"),
        ({"address": ""}, "Give the address where it can be seen, or a picture of it."),
        ({"address": "javascript:alert(1)"}, "Give an address that begins with https:// or http://"),
        ({"handle": "thornburybc"}, "This is one of the council's own accounts."),
        ({"seen_day": "24/11/2026"}, "It cannot have been seen later than now."),
        ({"seen_day": "tomorrow"}, "enter a day like 27/3/2027"),
        ({"copies": "999"}, "Choose one of these"),
        ({"picture": bomb()}, "60,000 × 60,000 pixels"),
        ({"our_picture": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "SVG"),
        ({"our_picture": b"\x89PNG" + b"\0" * (20 * 1024 * 1024)}, "Pictures may have up to 20 MB"),
    ],
)
def test_a_refusal_says_why_beside_its_field_and_nothing_typed_is_lost(amina, fields, said):
    files = {
        name: SimpleUploadedFile("a-file", value, content_type="application/octet-stream")
        for name, value in fields.items()
        if isinstance(value, bytes)
    }
    refused = browser(amina).post("/hand-ins/new/", form(**(fields | files)))
    assert refused.status_code == 422
    shown = page(refused)
    assert said in shown
    for name in fields:
        assert f'href="#id_{name}"' in shown
    if "name" not in fields:
        assert NAME in shown
    assert HandIn.objects.count() == 0


def test_what_strangers_wrote_is_shown_as_text_everywhere(amina):
    fields = {
        "name": SCRIPT,
        "handle": "x" + SCRIPT,
        "description": f"It says {SCRIPT}",
        "address": "https://x.example/?q=<b>",
    }
    row = account(amina, **fields)
    say(row, amina)
    client = browser(amina)
    for path in ("/hand-ins/", f"/hand-ins/{row.pk}/", f"/hand-ins/{row.pk}/pack/"):
        content = client.get(path).content.decode()
        assert SCRIPT not in content
        assert "alert(1)" in content
        assert "<b>" not in content


def test_a_partner_on_the_register_is_told_of_and_filled_in(amina):
    values = {"name": "Wold Partners", "platform": "x", "handle": "thornbury_bc", "purpose": "Joint campaign"}
    add_entry("authorised", values, officer=amina)
    with time_machine.travel(cast.MONDAY.replace(hour=11), tick=True):
        row, client = account(amina), browser(amina)
        shown = client.get(f"/hand-ins/{row.pk}/").content.decode()
        assert "was on the register of authorised users when it was seen" in shown
        assert re.search(r'name="authorised" value="yes"[^>]*checked', shown)
        refused = client.post(f"/hand-ins/{row.pk}/state/", {"confusing": "yes", "authorised": "no", "number": 1})
    assert refused.status_code == 422
    assert "The register of authorised users had this account when it was seen." in page(refused)


def test_an_old_screen_changes_nothing_and_says_so(amina):
    row, client = account(amina), browser(amina)
    say(row, amina)
    refused = client.post(f"/hand-ins/{row.pk}/decide/", {"measures": ["block"], "clause": brand(), "number": 1})
    assert refused.status_code == 422
    assert "Something has been done about this in the meantime" in page(refused)
    refused = client.post(
        f"/hand-ins/{row.pk}/decide/", {"measures": [], "clause": brand(), "reason": "Mine", "number": 2}
    )
    assert "Choose at least one measure." in page(refused)
    assert "Mine" in page(refused)


def test_two_people_decide_where_the_rules_ask_for_it(db):
    put_in_force(shipped("chinebourne").text, officer=None)
    amina, bryn = cast.officer(), cast.officer("Bryn")
    row = account(amina)
    say(row, amina)
    clause = next(each.id for each in shipped("chinebourne").clauses if "brand_misuse" in each.grounds)
    address = f"/hand-ins/{row.pk}"
    asked = browser(amina).post(
        f"{address}/decide/", {"measures": ["block"], "clause": clause, "number": 2}, follow=True
    )
    assert "A second officer has been asked to confirm it." in page(asked)
    assert "Withdraw it" in page(asked)
    assert f"/hand-ins/{row.pk}/" in browser(bryn).get("/").content.decode()
    own = browser(amina).post(f"{address}/answer/", {"answer": "confirm", "number": 3})
    assert own.status_code == 422
    done = browser(bryn).post(f"{address}/answer/", {"answer": "confirm", "number": 3}, follow=True)
    assert "By Amina and Bryn" in page(done)


def test_the_list_goes_on_page_by_page_to_the_oldest(amina):
    for number in range(51):
        account(amina, name=f"Thornbury Council Help {number}")
    client = browser(amina)
    first = client.get("/hand-ins/")
    assert "Thornbury Council Help 50" in page(first)
    assert "Thornbury Council Help 0" not in page(first)
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first.content.decode())
    last = client.get(f"/hand-ins/{following}")
    assert "Thornbury Council Help 0" in page(last)
    assert 'rel="next"' not in last.content.decode()


# ---- the evidence pack ----


def test_the_pack_is_one_file_that_fetches_nothing_and_the_same_each_time(amina):
    from moothall.moderation.handing_in import Upload

    row = account(amina, picture=Upload(png("red"), "a.png"), our_picture=Upload(png("navy"), "b.png"))
    say(row, amina)
    client = browser(amina)
    client.post(f"/hand-ins/{row.pk}/decide/", {"measures": ["report"], "clause": brand(), "number": 2})
    first = client.get(f"/hand-ins/{row.pk}/pack/")
    with time_machine.travel(cast.MONDAY.replace(year=2027), tick=True):
        again = browser(amina).get(f"/hand-ins/{row.pk}/pack/")
    assert first.content == again.content
    assert first["Content-Disposition"] == f'attachment; filename="hand-in-{row.pk}-2.html"'
    text = first.content.decode()
    assert {outside[:22] for outside in re.findall(r'(?:src|href|action)="([^"]*)"', text)} == {
        "data:image/png;base64,"
    }
    assert "url(" not in text
    assert "<script" not in text
    assert "<link" not in text
    for kept in (row.picture, row.our_picture):
        assert kept.given_sha256 in text
        assert kept.kept_sha256 in text
    assert row.sha256 in text
    assert "C<mark>\u043e</mark>uncil" in text
    assert "Cyrillic \u043e for o" in text
    assert "Seen</th><td>Monday 23 November 2026, 08:00:0" in text
    assert "https://x.example/thornbury_bc" in text
    clause = default_policy().clause(brand())
    assert clause is not None
    assert " ".join(clause.public.split()) in " ".join(unescape(text).split())
    assert "Amina stated that it could confuse the public about what is genuine" in text


def test_the_pack_writes_summer_time_as_london_does(amina):
    from datetime import UTC, datetime

    row = account(amina, seen_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC))
    text = browser(amina).get(f"/hand-ins/{row.pk}/pack/").content.decode()
    assert "Wednesday 1 July 2026, 13:30:00 BST (2026-07-01T12:30:00Z)" in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "It was not on the council’s register of authorised users."),
        ({"handle": ""}, "Not known: the register is asked by network and handle, and both were not given."),
        ({"platform": ""}, "Not known: the register is asked by network and handle, and both were not given."),
    ],
)
def test_the_pack_says_that_an_account_was_not_authorised_only_where_the_register_was_asked(amina, fields, said):
    row = account(amina, **fields)
    assert said in page(browser(amina).get(f"/hand-ins/{row.pk}/pack/"))

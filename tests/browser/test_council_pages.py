"""Every page about what the council sets, wide and on a phone; and two journeys, one of them by the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.gallery.alter import saved
from bench.gallery.compose import logo, poster
from django.test import Client
from playwright.sync_api import Page, expect

from moothall.council import actions
from moothall.council.models import Councillor, Period
from moothall.council.queries import policy_in_force
from tests.browser import council
from tests.browser.borough import Borough
from tests.browser.council import COUNCILLORS, Settings
from tests.browser.test_accessibility import check
from tests.browser.test_journeys import Keys
from tests.integration import cast

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def settings_of_council(thornbury: Borough) -> Settings:
    return council.build(thornbury.amina, thornbury.bryn)


@pytest.fixture(params=[1280, 375])
def sized(request: pytest.FixtureRequest, signed_in: Page, settings_of_council: Settings) -> Page:
    signed_in.set_viewport_size({"width": request.param, "height": 900})
    return signed_in


def test_every_page(sized: Page, live_server, settings_of_council: Settings, picture):
    there = settings_of_council
    pages = {
        "overview": "/council/",
        "rules": "/council/rules/",
        "rules-new": "/council/rules/new/",
        "proposal": f"/council/rules/proposals/{there.proposal.pk}/",
        "version": f"/council/rules/versions/{there.to_come.pk}/",
        "register": "/council/registers/councillors/",
        "register-empty": "/council/registers/authorised/",
        "register-searched": "/council/registers/active_cases/?search=sedgwick&show=all",
        "entry": f"/council/registers/active_cases/{there.case.pk}/",
        "entry-change": f"/council/registers/active_cases/{there.case.pk}/change/",
        "entry-add": "/council/registers/authorised/add/",
        "import": "/council/registers/councillors/import/",
        "pictures": "/council/pictures/",
        "pictures-removed": "/council/pictures/?show=removed",
        "picture": f"/council/pictures/{there.picture.pk}/",
        "elections": "/council/elections/",
        "elections-past": "/council/elections/?past=1",
        "election-add": "/council/elections/add/",
        "election": f"/council/elections/{there.election.pk}/",
        "election-ward": f"/council/elections/{there.by_election.pk}/",
        "election-change": f"/council/elections/{there.election.pk}/change/",
        "election-confirm": f"/council/elections/{there.election.pk}/confirm/",
        "period-add": "/council/periods/add/",
        "hours": "/council/hours/",
        "week": "/council/hours/week/",
        "incident": "/council/incident/",
        "public": "/house-rules/",
        "public-versions": "/house-rules/versions/",
        "public-version": f"/house-rules/versions/{there.to_come.version}/",
    }
    for name, path in pages.items():
        answer = sized.goto(f"{live_server}{path}")
        assert answer is not None
        assert answer.ok, path
        check(sized)
        picture(sized, f"council-{name}")


def test_what_has_happened_since(sized: Page, live_server, settings_of_council: Settings, thornbury: Borough, picture):
    """The pages as they stand once something was confirmed, put right, called off, ended or switched on."""
    there, amina = settings_of_council, thornbury.amina
    period = actions.confirm_election_period(there.election.pk, officer=amina)
    actions.correct_period(
        period.pk, officer=amina, starts_at=period.starts_at, ends_at=period.ends_at, reason="Read again"
    )
    actions.call_off_election(there.by_election.pk, officer=amina, reason="The poll was countermanded.")
    actions.end_entry("active_cases", there.case.pk, officer=amina, reason="The case is over.")
    actions.start_incident("The Wold is over its banks at Weir Bridge.", officer=amina)
    actions.turn_down_proposal(there.proposal.pk, officer=amina, reason="Not before the election.")
    actions.withdraw_version(there.to_come.pk, officer=amina, reason="Not before the election.")
    entered = actions.enter_period("A poll of another council", period.starts_at, period.ends_at, officer=amina)
    pages = {
        "overview-incident": "/council/",
        "proposal-closed": f"/council/rules/proposals/{there.proposal.pk}/",
        "version-withdrawn": f"/council/rules/versions/{there.to_come.pk}/",
        "entry-over": f"/council/registers/active_cases/{there.case.pk}/",
        "elections-listed": "/council/elections/",
        "election-confirmed": f"/council/elections/{there.election.pk}/",
        "election-called-off": f"/council/elections/{there.by_election.pk}/",
        "period": f"/council/periods/{entered.pk}/",
        "period-correct": f"/council/periods/{entered.pk}/correct/",
        "incident-running": "/council/incident/",
        "public-versions-withdrawn": "/house-rules/versions/",
    }
    for name, path in pages.items():
        answer = sized.goto(f"{live_server}{path}")
        assert answer is not None
        assert answer.ok, path
        check(sized)
        picture(sized, f"council-{name}")


def test_what_is_refused(sized: Page, live_server, settings_of_council: Settings, picture):
    base = f"{live_server}/council"
    forms = {
        "rules/new/": "Check these rules",
        "registers/authorised/add/": "Put it on the register",
        "registers/councillors/import/": "Check this file",
        "elections/add/": "Enter it",
        "pictures/": "Register them",
        f"pictures/{settings_of_council.picture.pk}/": "Remove this picture",
    }
    for path, button in forms.items():
        sized.goto(f"{base}/{path}")
        sized.get_by_role("button", name=button).click()
        expect(sized).to_have_title(re.compile("^Error: "))
        check(sized)
        picture(sized, f"council-refused-{path.strip('/').replace('/', '-')}")
        first = sized.locator(".govuk-error-summary a").first
        target = sized.locator(first.get_attribute("href") or "")
        first.click()
        expect(target).to_be_focused()


def test_rules_with_a_fault_and_without(sized: Page, live_server, settings_of_council: Settings, picture):
    sized.goto(f"{live_server}/council/rules/new/")
    sized.get_by_label("Or paste its text here").fill(council.rules("2028.1").replace("clauses:", "klauses:"))
    sized.get_by_role("button", name="Check these rules").click()
    expect(sized.get_by_role("alert")).to_contain_text("nothing was kept")
    check(sized)
    picture(sized, "council-rules-faulty")
    text = sized.get_by_label("Or paste its text here")
    text.fill(text.input_value().replace("klauses:", "clauses:"))
    sized.get_by_role("button", name="Check these rules").click()
    expect(sized.get_by_role("heading", level=1)).to_have_text("What version 2028.1 would change")
    check(sized)
    picture(sized, "council-rules-preview")
    sized.get_by_role("button", name="Propose these rules").click()
    expect(sized.get_by_text("Say in a sentence, for the public, why the rules change").first).to_be_visible()
    check(sized)
    picture(sized, "council-rules-preview-refused")


# ---- journeys ----


def test_pictures_are_brought_and_removed_without_javascript(
    without_javascript: Page, live_server, thornbury: Borough, client: Client, tmp_path: Path, picture
):
    page = without_javascript
    client.force_login(thornbury.amina)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)}
    page.context.add_cookies([cookie])
    (tmp_path / "Crest of the borough.jpg").write_bytes(saved(logo(3)))
    (tmp_path / "Winter poster.jpg").write_bytes(saved(poster(503)))
    (tmp_path / "cut off.jpg").write_bytes(saved(poster(504))[:500])
    page.goto(f"{live_server}/council/")
    page.get_by_role("link", name="Our pictures").click()
    page.get_by_label("The pictures").set_input_files([str(path) for path in sorted(tmp_path.glob("*.jpg"))])
    page.get_by_label("Graphic").check()
    page.get_by_role("button", name="Register them").click()
    expect(page.get_by_role("alert")).to_contain_text("cut off.jpg: The file is damaged or cut off.")
    expect(page.get_by_text("2 pictures registered.")).to_be_visible()
    shown = page.locator(".pictures img")
    expect(shown).to_have_count(2)
    for number in range(2):
        # A picture that the policy or its type kept from being shown has no width.
        assert shown.nth(number).evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    picture(page, "council-pictures-refused")
    page.get_by_role("link", name="Winter poster").click()
    page.get_by_label("Why").fill("Last year’s.")
    page.get_by_role("button", name="Remove this picture").click()
    expect(page.get_by_text("Winter poster is removed.")).to_be_visible()
    expect(shown).to_have_count(1)
    page.get_by_role("link", name="Show those that were removed").click()
    page.get_by_role("link", name="Winter poster").click()
    expect(page.get_by_text("Last year’s.")).to_be_visible()


def test_rules_are_proposed_approved_and_published_with_the_keyboard_alone(
    watched: Page, live_server, thornbury: Borough
):
    """Two managers; the rules in force ask for the second one. The public then reads what changed."""
    carys = cast.officer("Carys", "manager")
    text = council.rules("2026.2", second_person=True)
    asking = actions.propose_rules(text, officer=thornbury.amina, note="Two managers from now on.")
    actions.put_proposal_in_force(asking.pk, officer=carys)
    keys, heading = Keys(watched), watched.get_by_role("heading", level=1)

    def sign_in(email: str) -> None:
        watched.goto(f"{live_server}/council/")
        keys.reach("E-mail address")
        keys.type(email)
        keys.reach("Password")
        keys.type(cast.PASSWORD)
        keys.press("Enter")
        expect(heading).to_have_text("What the council sets")

    sign_in(thornbury.amina.email)
    keys.reach("Change the rules")
    keys.press("Enter")
    expect(heading).to_have_text("New house rules")
    keys.reach("Or paste its text here")
    watched.keyboard.insert_text(asking.text.replace("2026.2", "2026.3").replace("after_months: 3", "after_months: 9"))
    keys.reach("Check these rules")
    keys.press("Enter")
    expect(heading).to_have_text("What version 2026.3 would change")
    expect(watched.get_by_text("Bans are reviewed after 9 months instead of 3.")).to_be_visible()
    keys.reach("What changes and why, for the public")
    keys.type("Nine months, as the panel advised.")
    keys.reach("Propose these rules")
    keys.press("Enter")
    expect(heading).to_have_text("Proposed: version 2026.3")
    expect(watched.get_by_text("A second manager must put these rules in force: you proposed them.")).to_be_visible()
    keys.reach("Sign out")
    keys.press("Enter")
    expect(heading).to_have_text("Sign in")

    sign_in(carys.email)
    keys.reach("Version 2026.3")
    keys.press("Enter")
    expect(heading).to_have_text("Proposed: version 2026.3")
    keys.reach("Put version 2026.3 in force")
    keys.press("Enter")
    expect(watched.get_by_text("House rules 2026.3 are in force.")).to_be_visible()
    keys.reach("Its public page")
    keys.press("Enter")
    expect(watched.get_by_text("These rules are in force.")).to_be_visible()
    keys.reach("Back to all versions")
    keys.press("Enter")
    expect(heading).to_have_text("Versions of our house rules")
    expect(watched.get_by_text("Bans are reviewed after 9 months instead of 3.")).to_be_visible()
    expect(watched.get_by_text("Nine months, as the panel advised.")).to_be_visible()
    assert policy_in_force()[0].version == "2026.3"


def test_a_file_with_a_faulty_row_is_mended_looked_at_and_taken_in(signed_in: Page, live_server, picture):
    faulty = COUNCILLORS.replace("osric.tandy@", "osric.tandy at ")
    signed_in.get_by_role("link", name="Council", exact=True).click()
    signed_in.get_by_role("link", name="Councillors").click()
    signed_in.get_by_role("link", name="Import a CSV file").click()
    file = signed_in.get_by_label("The CSV file")
    file.set_input_files({"name": "councillors.csv", "mimeType": "text/csv", "buffer": faulty.encode()})
    signed_in.get_by_role("button", name="Check this file").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("1 fault in this file: nothing was imported")
    signed_in.get_by_role("link", name="See each fault").click()
    expect(signed_in.locator("#faults")).to_be_focused()
    row = signed_in.get_by_role("row", name="Line 3")
    expect(row).to_contain_text("email")
    expect(row).to_contain_text("“osric.tandy at thornbury.example” is not an e-mail address.")
    expect(signed_in.get_by_role("button", name="Import it")).to_have_count(0)
    check(signed_in)
    picture(signed_in, "council-import-faulty")
    file.set_input_files({"name": "councillors.csv", "mimeType": "text/csv", "buffer": COUNCILLORS.encode()})
    signed_in.get_by_role("button", name="Check this file").click()
    expect(signed_in.get_by_text("3 would be added, 0 changed, 0 ended")).to_be_visible()
    assert not Councillor.objects.exists()
    check(signed_in)
    picture(signed_in, "council-import-preview")
    signed_in.get_by_role("button", name="Import it: do all of this").click()
    expect(signed_in.get_by_text("The file is in the register: 3 added")).to_be_visible()
    expect(signed_in.get_by_role("link", name="Osric Tandy")).to_be_visible()
    assert Councillor.objects.count() == 3


def test_everything_works_without_javascript(without_javascript: Page, live_server, thornbury: Borough, client: Client):
    page = without_javascript
    client.force_login(thornbury.bryn)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)}]
    )
    page.goto(f"{live_server}/council/elections/add/")
    page.get_by_label("Local elections").check()
    page.get_by_label("Name").fill("Borough elections 2031")
    page.get_by_label("Polling day").fill("1 May 2031")
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_text("From Thursday 20 March 2031, 00:00")).to_be_visible()
    page.get_by_role("link", name="Confirm the period").click()
    page.get_by_role("button", name="Confirm the period").click()
    expect(page.get_by_text("by Bryn on")).to_be_visible()
    assert Period.objects.get().confirmed_by == thornbury.bryn


def test_the_public_pages_ask_for_nothing_and_set_no_cookie(
    watched: Page, live_server, thornbury: Borough, settings_of_council: Settings
):
    for path in ("", "versions/", f"versions/{settings_of_council.to_come.version}/"):
        watched.goto(f"{live_server}/house-rules/{path}")
        expect(watched.get_by_role("heading", level=1)).to_have_count(1)
    assert watched.context.cookies() == []


def test_the_history_prints_without_what_is_for_the_screen_alone(
    watched: Page, live_server, settings_of_council: Settings
):
    watched.emulate_media(media="print")
    watched.goto(f"{live_server}/house-rules/versions/")
    for part in (".masthead", ".govuk-back-link", ".foot"):
        expect(watched.locator(part)).to_be_hidden()
    expect(watched.locator(".hash").first).to_be_visible()

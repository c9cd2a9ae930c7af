"""The screens for what the council sets, and the public history of its rules, asked without a browser."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from moothall.council import actions, queries
from moothall.council.models import Councillor, Election, Incident, OfficeWeek, Period, PolicyProposal, PolicyVersion
from moothall.council.registers import REGISTERS
from moothall.policy import default_policy
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TEXT = default_policy().text
VERSION = default_policy().version


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(cast.MONDAY, tick=True):
        yield


@pytest.fixture
def amina(db: None) -> Officer:
    cast.rules()
    return cast.officer("Amina", "manager")


@pytest.fixture
def bryn(db: None) -> Officer:
    return cast.officer("Bryn")


@pytest.fixture
def carys(db: None) -> Officer:
    return cast.officer("Carys", "manager")


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def page(response) -> str:
    """What is on a page, in plain characters and on one line."""
    return " ".join(unescape(response.content.decode()).split())


def rules(version: str, *, second_person: bool = False) -> str:
    text = TEXT.replace(f'"{VERSION}"', f'"{version}"').replace("after_months: 6", "after_months: 3")
    if second_person:
        text = text.replace("settings:\n", "settings:\n  going_live: {second_person: true}\n", 1)
    return text


def proposal(officer: Officer, text: str, **fields: object) -> PolicyProposal:
    return actions.propose_rules(text, officer=officer, note="Bans are looked at sooner.", **fields)  # type: ignore[arg-type]


# ---- who gets in ----

PAGES = [
    "/council/",
    "/council/rules/",
    "/council/rules/new/",
    "/council/rules/proposals/1/",
    "/council/rules/versions/1/",
    "/council/registers/councillors/",
    "/council/registers/councillors/add/",
    "/council/registers/councillors/import/",
    "/council/registers/councillors/export/",
    "/council/registers/councillors/1/",
    "/council/registers/councillors/1/change/",
    "/council/pictures/",
    "/council/pictures/1/",
    "/council/pictures/1/small.jpg",
    "/council/pictures/1/copy.jpg",
    "/council/elections/",
    "/council/elections/add/",
    "/council/elections/1/",
    "/council/elections/1/change/",
    "/council/elections/1/confirm/",
    "/council/periods/add/",
    "/council/periods/1/",
    "/council/periods/1/correct/",
    "/council/hours/",
    "/council/hours/week/",
    "/council/incident/",
]
ACTS = [
    "/council/rules/new/",
    "/council/rules/propose/",
    "/council/rules/proposals/1/put-in-force/",
    "/council/rules/proposals/1/turn-down/",
    "/council/rules/versions/1/withdraw/",
    "/council/registers/councillors/add/",
    "/council/registers/councillors/import/",
    "/council/registers/councillors/import/apply/",
    "/council/registers/councillors/1/change/",
    "/council/registers/councillors/1/end/",
    "/council/pictures/",
    "/council/pictures/1/remove/",
    "/council/elections/add/",
    "/council/elections/1/change/",
    "/council/elections/1/call-off/",
    "/council/elections/1/confirm/",
    "/council/periods/add/",
    "/council/periods/1/confirm/",
    "/council/periods/1/correct/",
    "/council/hours/week/",
    "/council/incident/start/",
    "/council/incident/end/",
]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(client: Client, amina: Officer, path: str):
    response = client.get(path)
    assert (response.status_code, response.url.partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize("path", ACTS)
def test_nobody_acts_without_signing_in(client: Client, amina: Officer, path: str):
    response = client.post(path, {})
    assert (response.status_code, response.url.partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize("path", sorted(set(ACTS) - set(PAGES)))
def test_looking_at_an_address_never_acts(amina: Officer, path: str):
    assert browser(amina).get(path).status_code == 405


@pytest.mark.parametrize("path", [path for path in PAGES if re.search(r"/\d+/", path) and "versions" not in path])
def test_what_is_not_there_is_not_found(amina: Officer, path: str):
    assert browser(amina).get(path.replace("/1/", "/99999/")).status_code == 404


def test_there_is_no_register_but_those_there_are(amina: Officer):
    for path in ("", "add/", "import/", "export/", "1/"):
        assert browser(amina).get(f"/council/registers/passwords/{path}").status_code == 404


def test_the_rules_are_changed_by_managers_and_read_by_all(amina: Officer, bryn: Officer):
    proposed = proposal(amina, rules("2027.1"))
    officers = browser(bryn)
    text = page(officers.get("/council/rules/"))
    assert "Bans are looked at sooner." in text
    assert "Change the rules" not in text
    text = page(officers.get(f"/council/rules/proposals/{proposed.pk}/"))
    assert "Bans are reviewed after 3 months instead of 6." in text
    assert "Put version" not in text
    assert "Turn it down" not in text
    for path in ("new/", "propose/", f"proposals/{proposed.pk}/put-in-force/", f"proposals/{proposed.pk}/turn-down/"):
        assert officers.post(f"/council/rules/{path}", {"text": rules("2027.2"), "reason": "x"}).status_code == 403
    assert PolicyVersion.objects.count() == PolicyProposal.objects.count() == 1


def test_before_any_rules_are_in_force_the_pages_say_so(carys: Officer):
    manager = browser(carys)
    for path in ("", "rules/", "elections/", "hours/", "incident/"):
        assert manager.get(f"/council/{path}").status_code == 200
    assert "No rules are in force." in page(manager.get("/council/"))
    assert "these would be the first" in page(manager.post("/council/rules/new/", {"text": TEXT}))


# ---- house rules ----


class TestNewRules:
    def check(self, officer: Officer, **fields: object):
        return browser(officer).post("/council/rules/new/", fields)

    def test_with_faults_are_shown_with_their_places_and_nothing_is_kept(self, amina: Officer):
        text = rules("2027.1").replace("clauses:", "klauses:")
        response = self.check(amina, text=text)
        line = text.split("\n").index("klauses:") + 1
        shown = page(response)
        assert response.status_code == 422
        assert "<title>Error: New house rules" in shown
        assert f"Line {line}, column 1" in shown
        assert '<code class="code">klauses:</code>' in shown
        assert "Did you mean “clauses”?" in shown
        # What was typed stands in the box again, whole.
        assert text.strip() in unescape(response.content.decode())
        assert not PolicyProposal.objects.exists()

    def test_from_a_file_are_the_same_to_the_letter(self, amina: Officer):
        text = rules("2027.1")
        windows = SimpleUploadedFile("rules.yaml", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        response = self.check(amina, upload=windows)
        assert "What version 2027.1 would change" in page(response)
        sent = re.search(r'name="text" value="(.*?)"', response.content.decode(), re.DOTALL)
        assert sent is not None
        # A browser sends a form's line ends as CR LF.
        again = unescape(sent[1]).replace("\n", "\r\n")
        browser(amina).post("/council/rules/propose/", {"text": again, "when": "now", "note": "Sooner."})
        assert PolicyProposal.objects.get().text == text
        assert PolicyProposal.objects.get().sha256 == hashlib.sha256(text.encode()).hexdigest()

    @pytest.mark.parametrize(
        ("file", "says"),
        [
            (b"", "This file is empty"),
            ("version: £".encode("cp1252"), "not text in UTF-8"),
            (b"#" * 200_001, "too large"),
        ],
    )
    def test_that_are_no_such_file_are_refused_beside_the_field(self, amina: Officer, file: bytes, says: str):
        response = self.check(amina, upload=SimpleUploadedFile("rules.yaml", file))
        assert response.status_code == 422
        assert re.search(rf'id="id_upload_error">.*?{says}', page(response))

    def test_show_what_they_change_against_the_rules_in_force(self, amina: Officer):
        shown = page(self.check(amina, text=rules("2027.1")))
        assert f"Against version {VERSION}, which is in force" in shown
        assert "Bans are reviewed after 3 months instead of 6." in shown
        assert not PolicyProposal.objects.exists()

    def test_need_a_sentence_for_the_public(self, amina: Officer):
        response = browser(amina).post("/council/rules/propose/", {"text": rules("2027.1"), "when": "now", "note": " "})
        assert response.status_code == 422
        assert 'href="#id_note"' in page(response)
        assert 'id="id_note_error"' in page(response)

    @pytest.mark.parametrize(
        ("when", "field", "says"),
        [
            ({"starts_day": "", "starts_time": "00:01"}, "starts_day", "Enter the day"),
            ({"starts_day": "1/2/2027", "starts_time": ""}, "starts_time", "Enter the time"),
            ({"starts_day": "soon", "starts_time": "00:01"}, "starts_day", "enter a day like"),
            ({"starts_day": "30/2/2027", "starts_time": "00:01"}, "starts_day", "enter a day like"),
            ({"starts_day": "1/2/2027", "starts_time": "25:00"}, "starts_time", "enter a time like"),
            ({"starts_day": "1/2/2026", "starts_time": "00:01"}, "starts_day", ""),
        ],
    )
    def test_to_come_later_need_a_day_and_a_time_ahead(self, amina: Officer, when, field: str, says: str):
        sent = {"text": rules("2027.1"), "when": "later", "note": "Sooner."} | when
        response = browser(amina).post("/council/rules/propose/", sent)
        shown = page(response)
        assert response.status_code == 422
        assert re.search(rf'id="id_{field}_error"><span class="govuk-visually-hidden">Error:</span> .*{says}', shown)
        for typed in (*when.values(), "Sooner."):
            assert typed in shown
        assert not PolicyProposal.objects.exists()

    @pytest.mark.parametrize("written", ["1/4/2027", "1 April 2027", "01.04.2027", "2027-04-01", "1 Apr 2027"])
    @pytest.mark.parametrize("at", ["0:30", "00.30", "12:30am"])
    def test_to_come_later_start_by_the_clocks_of_london(self, amina: Officer, written: str, at: str):
        sent = {"text": rules("2027.1"), "when": "later", "starts_day": written, "starts_time": at, "note": "Sooner."}
        browser(amina).post("/council/rules/propose/", sent)
        assert PolicyProposal.objects.get().in_force_from == datetime(2027, 3, 31, 23, 30, tzinfo=UTC)

    def test_are_checked_again_when_they_are_proposed(self, amina: Officer):
        sent = {"text": "nonsense: true", "when": "now", "note": "Sooner."}
        response = browser(amina).post("/council/rules/propose/", sent)
        assert response.status_code == 422
        assert "nothing was kept" in page(response)


class TestGoingLive:
    def test_a_second_manager_puts_them_in_force_where_the_rules_ask_for_one(self, amina: Officer, carys: Officer):
        proposed = proposal(amina, rules("2027.1", second_person=True))
        address = f"/council/rules/proposals/{proposed.pk}/"
        hers = page(browser(amina).get(address))
        assert "A second manager must put these rules in force: you proposed them." in hers
        assert "Put version 2027.1 in force" not in hers
        response = browser(amina).post(f"{address}put-in-force/", follow=True)
        assert "That could not be done" in page(response)
        assert queries.policy_in_force()[0].version == VERSION
        assert "Put version 2027.1 in force" in page(browser(carys).get(address))
        response = browser(carys).post(f"{address}put-in-force/", follow=True)
        assert "House rules 2027.1 are in force." in page(response)
        assert queries.policy_in_force()[0].version == "2027.1"

    def test_two_who_press_at_once_put_them_in_force_once(self, amina: Officer, carys: Officer):
        proposed = proposal(amina, rules("2027.1"))
        address = f"/council/rules/proposals/{proposed.pk}/"
        for officer in (amina, carys):
            response = browser(officer).post(f"{address}put-in-force/", follow=True)
        assert "That could not be done" in page(response)
        assert PolicyVersion.objects.filter(version="2027.1").count() == 1

    def test_turning_down_needs_a_reason_and_closes_the_proposal(self, amina: Officer, carys: Officer):
        proposed = proposal(amina, rules("2027.1"))
        address = f"/council/rules/proposals/{proposed.pk}/"
        response = browser(carys).post(f"{address}turn-down/", {"reason": " "})
        assert response.status_code == 422
        assert 'id="id_reason_error"' in page(response)
        browser(carys).post(f"{address}turn-down/", {"reason": "Not in the holidays."})
        shown = page(browser(amina).get(address))
        assert "Turned down</strong> by Carys" in shown
        assert "Not in the holidays." in shown
        assert "Put version" not in shown

    def test_a_version_can_be_withdrawn_until_it_starts(self, amina: Officer):
        starts = timezone.now() + timedelta(days=7)
        version = actions.put_proposal_in_force(
            proposal(amina, rules("2027.1"), in_force_from=starts).pk, officer=amina
        )
        address = f"/council/rules/versions/{version.pk}/"
        assert "Withdraw version 2027.1" in page(browser(amina).get(address))
        with time_machine.travel(starts, tick=True):
            assert "Withdraw version 2027.1" not in page(browser(amina).get(address))
            response = browser(amina).post(f"{address}withdraw/", {"reason": "Too late."})
            assert response.status_code == 422
            assert "Nothing has been changed yet" in page(response)
        browser(amina).post(f"{address}withdraw/", {"reason": "A slip in clause 3."})
        shown = page(browser(amina).get(address))
        assert "Withdrawn: by Amina" in shown
        assert "A slip in clause 3." in shown


# ---- the registers ----

ENTRIES = {
    "active_cases": {"reference": "TW/2026/118", "names": "R v Sedgwick\nSedgwick Haulage", "note": "In the spring"},
    "candidates": {"name": "Ottoline Varga", "also_known_as": "Otty Varga", "kind": "candidate", "ward": "Weir"},
    "councillors": {"name": "Nerys Pugh-Adeyemi", "ward": "Weir", "email": "nerys@thornbury.example"},
    "wards": {"postcode": "ze1 0ab", "ward": "Weir"},
    "authorised": {
        "name": "Wold Museum",
        "platform": "bluesky",
        "handle": "@museum.example",
        "purpose": "Shared posts",
    },
    "special_days": {"day": "24/12/2026", "opens": "09:00", "closes": "12:00", "reason": "Christmas Eve"},
}


@pytest.mark.parametrize("name", REGISTERS)
class TestEveryRegister:
    def test_is_filled_in_changed_exported_and_ended_on_the_same_pages(self, amina: Officer, bryn: Officer, name: str):
        desk, register = browser(bryn), REGISTERS[name]
        address = f"/council/registers/{name}/"
        form = page(desk.get(f"{address}add/"))
        assert all(column.label in form for column in register.columns)
        response = desk.post(f"{address}add/", ENTRIES[name], follow=True)
        assert "is on the register" in page(response)
        (entry,) = queries.entries(name).entries
        own = f"{address}{entry.pk}/"
        assert f'href="{own}"' in page(desk.get(address))
        # The form of a change holds what the entry holds: sent as it is, nothing changes.
        form = desk.get(f"{own}change/").context["form"]
        sent = {field.name: field.value() or "" for field in form}
        desk.post(f"{own}change/", sent)
        assert [change.what for change in queries.history(name, entry.pk)] == ["added"]
        file = desk.get(f"{address}export/")
        assert file["Content-Type"].startswith("text/csv")
        again = SimpleUploadedFile("register.csv", file.content)
        response = desk.post(f"{address}import/", {"upload": again, "mode": "replace"})
        assert "There is nothing to import." in page(response)
        desk.post(f"{own}end/", {"reason": "It is over."}, follow=True)
        shown = page(desk.get(own))
        assert "It is over." in shown
        assert "Change it" not in shown
        assert "End this entry" not in shown
        assert desk.get(f"{own}change/").status_code == 302
        assert entry.pk not in [each.pk for each in queries.entries(name).entries]
        assert entry.pk in [each.pk for each in desk.get(f"{address}?show=all").context["page"].entries]

    def test_asks_for_what_is_missing_beside_its_field_and_keeps_the_rest(
        self, amina: Officer, bryn: Officer, name: str
    ):
        needed = next(column for column in REGISTERS[name].columns if column.required)
        sent = {key: value for key, value in ENTRIES[name].items() if key != needed.name}
        response = browser(bryn).post(f"/council/registers/{name}/add/", sent)
        shown = page(response)
        assert response.status_code == 422
        assert f'href="#id_{needed.name}"' in shown
        assert f'id="id_{needed.name}_error"' in shown
        assert all(" ".join(value.split()) in shown for value in sent.values())


class TestEntries:
    def test_what_the_register_refuses_stands_beside_its_field(self, amina: Officer, bryn: Officer):
        sent = {"name": "Nerys Pugh-Adeyemi", "ward": "Weir", "email": "nerys at thornbury", "phone": "soon"}
        response = browser(bryn).post("/council/registers/councillors/add/", sent)
        shown = page(response)
        assert response.status_code == 422
        assert re.search(r'id="id_email_error">.*?is not an e-mail address', shown)
        assert re.search(r'id="id_phone_error">.*?is not a telephone number', shown)
        assert 'value="nerys at thornbury"' in shown
        assert not Councillor.objects.exists()

    def test_the_same_twice_is_refused(self, amina: Officer, bryn: Officer):
        for _ in range(2):
            response = browser(bryn).post("/council/registers/councillors/add/", ENTRIES["councillors"])
        assert response.status_code == 422
        assert "There is such an entry already." in page(response)

    def test_the_history_says_who_changed_what(self, amina: Officer, bryn: Officer):
        made = actions.add_entry("active_cases", ENTRIES["active_cases"], officer=bryn)
        own = f"/council/registers/active_cases/{made.pk}/"
        changed = ENTRIES["active_cases"] | {"note": "Moved to June"}
        browser(amina).post(f"{own}change/", changed)
        shown = page(browser(bryn).get(own))
        assert "Changed</strong> by Amina" in shown
        assert re.search(r"was</span> In the spring<br><span class=\"muted\">now</span> Moved to June", shown)
        assert "Added</strong> by Bryn" in shown

    def test_several_names_are_shown_one_a_line(self, amina: Officer, bryn: Officer):
        made = actions.add_entry("active_cases", ENTRIES["active_cases"], officer=bryn)
        response = browser(bryn).get(f"/council/registers/active_cases/{made.pk}/")
        assert "R v Sedgwick\nSedgwick Haulage" in response.content.decode()

    def test_days_are_shown_in_words(self, amina: Officer, bryn: Officer):
        sent = ENTRIES["councillors"] | {"from": "25/03/2027", "until": "2027-05-06"}
        made = actions.add_entry("councillors", sent, officer=bryn)
        shown = page(browser(bryn).get(f"/council/registers/councillors/{made.pk}/"))
        assert "Thursday 25 March 2027" in shown
        assert "Thursday 6 May 2027" in shown

    def test_the_list_goes_on_page_by_page(self, amina: Officer, bryn: Officer):
        for number in range(55):
            actions.add_entry(
                "wards", {"postcode": f"ZE{number // 10 + 1} {number % 10}AB", "ward": "Weir"}, officer=bryn
            )
        desk, seen, after = browser(bryn), [], ""
        for _ in range(2):
            context = desk.get("/council/registers/wards/", {"after": after}).context
            seen += [row["entry"].pk for row in context["rows"]]
            after = context["page"].next
        assert len(set(seen)) == len(seen) == 55
        assert after == ""

    def test_a_search_keeps_its_words(self, amina: Officer, bryn: Officer):
        actions.add_entry("councillors", ENTRIES["councillors"], officer=bryn)
        shown = page(browser(bryn).get("/council/registers/councillors/?search=pugh"))
        assert "1 entry with “pugh”" in shown
        shown = page(browser(bryn).get('/council/registers/councillors/?search="><b>nobody'))
        assert 'No entry has “"><b>nobody” in it.' in shown
        assert b"<b>nobody" not in browser(bryn).get('/council/registers/councillors/?search="><b>nobody').content


class TestImports:
    FAULTY = "name,ward,e-mail\nNerys Pugh-Adeyemi,Weir,nerys at thornbury\nOsric Tandy,Weir,osric@thornbury.example\n"

    def look(self, officer: Officer, text: str | bytes, mode: str = "add"):
        content = text if isinstance(text, bytes) else text.encode()
        sent = {"upload": SimpleUploadedFile("councillors.csv", content), "mode": mode}
        return browser(officer).post("/council/registers/councillors/import/", sent)

    def test_a_faulty_row_is_named_and_nothing_can_be_applied(self, amina: Officer, bryn: Officer):
        response = self.look(bryn, self.FAULTY.replace("e-mail", "email"))
        shown = page(response)
        assert response.status_code == 422
        assert "<title>Error: " in shown
        assert "Line 2</th>" in shown
        assert "“nerys at thornbury” is not an e-mail address." in shown
        assert 'name="token"' not in shown
        assert not Councillor.objects.exists()

    def test_a_header_that_is_no_column_is_named_with_the_nearest(self, amina: Officer, bryn: Officer):
        shown = page(self.look(bryn, "name,wrd\nOsric Tandy,Weir\n"))
        assert "Do you mean “ward”?" in shown

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a workbook", "name,ward\n".encode("utf-16")])
    def test_what_is_no_csv_is_refused_beside_the_field(self, amina: Officer, bryn: Officer, content: bytes):
        response = self.look(bryn, content)
        assert response.status_code == 422
        assert 'id="id_upload_error"' in page(response)

    def test_what_was_looked_at_is_what_is_done(self, amina: Officer, bryn: Officer):
        actions.add_entry("councillors", {"name": "Bronagh Filip", "ward": "Market"}, officer=amina)
        response = self.look(bryn, "name,ward\nOsric Tandy,Weir\n", mode="replace")
        shown = page(response)
        assert "1 would be added, 0 changed, 1 ended" in shown
        assert Councillor.objects.filter(ends_at__isnull=True).count() == 1
        token = response.context["preview"].token
        response = browser(bryn).post("/council/registers/councillors/import/apply/", {"token": token}, follow=True)
        assert "1 added, 0 changed, 1 ended" in page(response)
        assert [each.title for each in queries.entries("councillors").entries] == ["Osric Tandy"]

    def test_a_long_file_is_counted_whole_and_listed_in_part(self, amina: Officer, bryn: Officer):
        rows = "".join(f"Councillor {number},Weir\n" for number in range(205))
        shown = page(self.look(bryn, f"name,ward\n{rows}"))
        assert "205 would be added" in shown
        assert "And 5 more entries." in shown

    def test_what_somebody_else_looked_at_is_not_done(self, amina: Officer, bryn: Officer):
        token = self.look(bryn, "name,ward\nOsric Tandy,Weir\n").context["preview"].token
        apply = "/council/registers/councillors/import/apply/"
        assert "That could not be done" in page(browser(amina).post(apply, {"token": token}, follow=True))
        assert "That could not be done" in page(browser(bryn).post(apply, {}, follow=True))
        assert not Councillor.objects.exists()

    def test_the_choice_of_mode_is_kept_when_the_file_has_faults(self, amina: Officer, bryn: Officer):
        response = self.look(bryn, self.FAULTY.replace("e-mail", "email"), mode="replace")
        assert response.context["form"]["mode"].value() == "replace"


# ---- elections and periods ----

LOCAL = {"kind": "local", "name": "Borough elections 2027", "poll_date": "6/5/2027", "source": "The notice"}


def local(officer: Officer, **fields: object) -> Election:
    values = {"kind": "local", "name": "Borough elections 2027", "poll_date": datetime(2027, 5, 6, tzinfo=UTC).date()}
    return actions.enter_election(officer=officer, **(values | fields))  # type: ignore[arg-type]


class TestElections:
    def test_one_that_is_entered_shows_its_period_and_how_it_comes_about(self, amina: Officer, bryn: Officer):
        shown = page(browser(bryn).post("/council/elections/add/", LOCAL, follow=True))
        assert "From Thursday 25 March 2027, 00:00<br>until Thursday 6 May 2027, 22:00" in shown
        assert "It begins six weeks before polling day. It ends at 22:00 on polling day, when the polls close." in shown
        assert f"This is how version {VERSION} of the house rules sets it." in shown
        assert "To be confirmed" in shown

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"kind": ""}, "kind"),
            ({"kind": "coronation"}, "kind"),
            ({"name": ""}, "name"),
            ({"poll_date": "May"}, "poll_date"),
            ({"notice_on": "7/5/2027"}, "notice_on"),
            ({"called_on": "7/5/2027"}, "called_on"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, amina: Officer, bryn: Officer, sent, field: str):
        response = browser(bryn).post("/council/elections/add/", LOCAL | sent)
        assert response.status_code == 422
        assert f'id="id_{field}_error"' in page(response)
        assert 'value="The notice"' in page(response)
        assert not Election.objects.exists()

    def test_the_period_is_confirmed_as_computed_in_the_officers_name(self, amina: Officer, bryn: Officer):
        own = f"/council/elections/{local(bryn).pk}/"
        desk = browser(bryn)
        form = desk.get(f"{own}confirm/").context["form"]
        response = desk.post(f"{own}confirm/", {field.name: field.value() or "" for field in form}, follow=True)
        assert "Confirmed</span> by Bryn" in page(response)
        period = Period.objects.get()
        assert period.starts_at == datetime(2027, 3, 25, tzinfo=UTC)
        assert period.ends_at == datetime(2027, 5, 6, 21, tzinfo=UTC)

    def test_other_times_need_a_reason(self, amina: Officer, bryn: Officer):
        own = f"/council/elections/{local(bryn).pk}/"
        desk = browser(bryn)
        sent = {"starts_day": "22/3/2027", "starts_time": "9am", "ends_day": "6/5/2027", "ends_time": "22:00"}
        response = desk.post(f"{own}confirm/", sent)
        assert response.status_code == 422
        assert 'id="id_reason_error"' in page(response)
        assert 'value="22/3/2027"' in page(response)
        assert not Period.objects.exists()
        response = desk.post(f"{own}confirm/", sent | {"reason": "The notice came early."}, follow=True)
        assert "The notice came early." in page(response)
        assert "The rules in force would give: from Thursday 25 March 2027, 00:00" in page(response)

    def test_a_confirmed_period_is_put_right_with_a_reason_and_its_past_stays(self, amina: Officer, bryn: Officer):
        election = local(bryn)
        period = actions.confirm_election_period(election.pk, officer=bryn)
        sent = {"starts_day": "20/3/2027", "starts_time": "00:00", "ends_day": "6/5/2027", "ends_time": "22:00"}
        address = f"/council/periods/{period.pk}/correct/"
        assert browser(amina).post(address, sent).status_code == 422
        shown = page(browser(amina).post(address, sent | {"reason": "Read again."}, follow=True))
        assert "From Saturday 20 March 2027, 00:00" in shown
        assert "What it was before" in shown
        assert "confirmed by Bryn" in shown

    def test_polling_day_moves_with_a_reason_only(self, amina: Officer, bryn: Officer):
        election = local(bryn)
        address = f"/council/elections/{election.pk}/change/"
        response = browser(bryn).post(address, LOCAL | {"poll_date": "13/5/2027"})
        assert response.status_code == 422
        assert 'id="id_reason_error"' in page(response)
        browser(bryn).post(address, LOCAL | {"poll_date": "13/5/2027", "reason": "Postponed by law."})
        election.refresh_from_db()
        assert f"{election.poll_date}" == "2027-05-13"

    def test_one_that_is_called_off_says_so_and_offers_nothing_more(self, amina: Officer, bryn: Officer):
        own = f"/council/elections/{local(bryn).pk}/"
        assert browser(bryn).post(f"{own}call-off/", {"reason": ""}).status_code == 422
        shown = page(browser(bryn).post(f"{own}call-off/", {"reason": "A candidate has died."}, follow=True))
        assert "This election does not take place." in shown
        assert "A candidate has died." in shown
        for offered in ("Confirm the period", "Call the election off", "Change the election"):
            assert offered not in shown
        assert browser(bryn).get(f"{own}confirm/").status_code == 302

    def test_one_ward_opens_no_period(self, amina: Officer, bryn: Officer):
        election = local(bryn, kind="by_election", name="Weir by-election", ward="Weir")
        shown = page(browser(bryn).get(f"/council/elections/{election.pk}/"))
        assert "Only Weir votes, so that it opens no period for the whole council." in shown
        assert "Confirm the period" not in shown

    def test_a_kind_that_the_rules_do_not_name_opens_no_period(self, amina: Officer, bryn: Officer):
        election = local(bryn, kind="pcc", name="Police and crime commissioner 2027")
        shown = page(browser(bryn).get(f"/council/elections/{election.pk}/"))
        assert "a period is opened by these elections only: local elections and general election." in shown

    def test_the_past_ones_are_a_list_of_their_own(self, amina: Officer, bryn: Officer):
        local(bryn)
        with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC)):
            local(bryn, name="Borough elections 2031", poll_date=datetime(2031, 5, 1, tzinfo=UTC).date())
            desk = browser(bryn)
            assert "Borough elections 2027" not in page(desk.get("/council/elections/"))
            past = page(desk.get("/council/elections/?past=1"))
            assert "Borough elections 2027" in past
            assert "Borough elections 2031" not in past


class TestBanner:
    def banner(self, officer: Officer, at: datetime) -> str:
        with time_machine.travel(at, tick=False):
            shown = page(browser(officer).get("/council/hours/"))
        found = re.search(
            r'<div role="region" aria-label="Pre-election periods now">(.*?)<div class="page__main">', shown
        )
        return found[1] if found else ""

    @pytest.mark.parametrize(
        ("at", "says"),
        [
            (datetime(2027, 3, 10, 23, 0, tzinfo=UTC), ""),
            (datetime(2027, 3, 11, 9, 0, tzinfo=UTC), "begins in 14 days"),
            (datetime(2027, 3, 18, 9, 0, tzinfo=UTC), "begins in 7 days"),
            (datetime(2027, 3, 24, 23, 30, tzinfo=UTC), "begins tomorrow"),
            (datetime(2027, 3, 25, 0, 0, tzinfo=UTC), "Pre-election period, not confirmed."),
            (datetime(2027, 5, 6, 20, 59, tzinfo=UTC), "Pre-election period, not confirmed."),
            (datetime(2027, 5, 6, 21, 0, tzinfo=UTC), ""),
        ],
    )
    def test_a_period_announces_itself_and_runs_unconfirmed(
        self, amina: Officer, bryn: Officer, at: datetime, says: str
    ):
        local(bryn)
        banner = self.banner(bryn, at)
        assert says in banner if says else banner == ""

    def test_an_unconfirmed_one_says_what_it_means_and_where_it_is_confirmed(self, amina: Officer, bryn: Officer):
        election = local(bryn)
        banner = self.banner(bryn, datetime(2027, 4, 1, tzinfo=UTC))
        assert "Outgoing promotion needs a second officer" in banner
        assert "politics may not be taken down until somebody confirms the period" in banner
        assert f'href="/council/elections/{election.pk}/"' in banner

    def test_a_confirmed_one_says_what_may_and_what_may_not_be_taken_down(self, amina: Officer, bryn: Officer):
        actions.confirm_election_period(local(bryn).pk, officer=bryn)
        banner = self.banner(bryn, datetime(2027, 4, 1, tzinfo=UTC))
        assert "Overtly party-political replies may be taken down; criticism of the council may not." in banner
        assert "not confirmed" not in banner

    def test_one_ward_is_flagged_as_one_ward(self, amina: Officer, bryn: Officer):
        local(bryn, kind="by_election", name="Weir by-election", ward="Weir")
        banner = self.banner(bryn, datetime(2027, 4, 1, tzinfo=UTC))
        assert "Weir by-election (Weir only)." in banner
        assert "taken down" not in banner


def test_a_period_entered_by_hand_is_confirmed_on_its_page(amina: Officer, bryn: Officer):
    desk = browser(bryn)
    sent = {"election": "A poll elsewhere", "starts_day": "22/11/2026", "starts_time": "00:00"}
    response = desk.post("/council/periods/add/", sent | {"ends_day": "21/11/2026", "ends_time": "22:00"})
    assert response.status_code == 422
    assert 'id="id_ends_day_error"' in page(response)
    assert 'value="A poll elsewhere"' in page(response)
    desk.post("/council/periods/add/", sent | {"ends_day": "17/12/2026", "ends_time": "22:00"})
    period = Period.objects.get()
    assert not queries.pre_election_at(timezone.now())
    assert f'href="/council/periods/{period.pk}/"' in page(desk.get("/council/elections/"))
    shown = page(desk.post(f"/council/periods/{period.pk}/confirm/", follow=True))
    assert "Confirmed</span> by Bryn" in shown
    assert queries.pre_election_at(timezone.now())


# ---- hours and incidents ----

WEEK = {f"opens_{day}": "8:30" for day in range(5)} | {f"closes_{day}": "5pm" for day in range(5)}


class TestHours:
    def test_are_set_for_each_weekday(self, amina: Officer, bryn: Officer):
        shown = page(browser(bryn).post("/council/hours/week/", WEEK, follow=True))
        assert "08:30 to 17:00" in shown
        assert "Set on this desk by Bryn" in shown
        assert "Monday to Friday 08:30 to 17:00" in page(browser(bryn).get("/council/"))

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"closes_2": ""}, "closes_2"),
            ({"opens_2": ""}, "opens_2"),
            ({"closes_2": "8:00"}, "closes_2"),
            ({"opens_2": "dawn"}, "opens_2"),
        ],
    )
    def test_that_cannot_be_are_refused_beside_their_field(self, amina: Officer, bryn: Officer, sent, field: str):
        response = browser(bryn).post("/council/hours/week/", WEEK | sent)
        assert response.status_code == 422
        assert re.search(
            rf'id="id_{field}_error"><span class="govuk-visually-hidden">Error:</span> Wednesday', page(response)
        )
        assert not OfficeWeek.objects.exists()

    def test_a_day_with_other_hours_is_listed_in_words(self, amina: Officer, bryn: Officer):
        actions.add_entry("special_days", ENTRIES["special_days"], officer=bryn)
        actions.add_entry("special_days", {"day": "2026-12-30"}, officer=bryn)
        shown = page(browser(bryn).get("/council/hours/"))
        assert "Thursday 24 December 2026: 09:00 to 12:00 (Christmas Eve)" in shown
        assert "Wednesday 30 December 2026: shut" in shown

    def test_bank_holidays_are_listed(self, amina: Officer, bryn: Officer):
        shown = page(browser(bryn).get("/council/hours/"))
        assert "Bank holidays 2027" in shown
        assert "Friday 26 March" in shown


class TestIncidents:
    def test_are_switched_on_with_a_reason_and_off_again(self, amina: Officer, bryn: Officer):
        desk = browser(bryn)
        response = desk.post("/council/incident/start/", {"reason": "", "until_day": "24/11/2026"})
        assert response.status_code == 422
        assert 'value="24/11/2026"' in page(response)
        shown = page(desk.post("/council/incident/start/", {"reason": "The Wold is over its banks."}, follow=True))
        assert "An incident is running" in shown
        assert "Switch the incident on" not in shown
        assert "The Wold is over its banks." in page(desk.get("/council/"))
        shown = page(desk.post("/council/incident/end/", {"note": "The water is down."}, follow=True))
        assert "An incident is running" not in shown
        assert "switched on by Bryn, off by Bryn" in shown

    def test_end_by_themselves_ahead_of_now_only(self, amina: Officer, bryn: Officer):
        sent = {"reason": "Flood", "until_day": "23/11/2026", "until_time": "08:00"}
        response = browser(bryn).post("/council/incident/start/", sent)
        assert response.status_code == 422
        assert 'id="id_until_day_error"' in page(response)
        browser(bryn).post("/council/incident/start/", sent | {"until_time": "18:00"})
        assert Incident.objects.get().ends_at == datetime(2026, 11, 23, 18, tzinfo=UTC)

    def test_that_runs_already_is_not_switched_on_twice(self, amina: Officer, bryn: Officer):
        for _ in range(2):
            response = browser(bryn).post("/council/incident/start/", {"reason": "Flood"}, follow=True)
        assert Incident.objects.count() == 1
        assert response.status_code in (200, 422)


# ---- what everybody may read ----


class TestPublicHistory:
    @pytest.fixture
    def versions(self, amina: Officer, carys: Officer) -> Iterator[tuple[PolicyVersion, PolicyVersion]]:
        """The shipped rules; a second version a week later; a third to come. Yields the last two, a day after that."""
        with time_machine.travel(cast.MONDAY + timedelta(days=7), tick=True):
            second = actions.put_proposal_in_force(proposal(amina, rules("2027.1")).pk, officer=amina)
            third = proposal(
                amina,
                rules("2027/2 beta?").replace("after_months: 3", "after_months: 12"),
                in_force_from=timezone.now() + timedelta(days=30),
            )
            to_come = actions.put_proposal_in_force(third.pk, officer=amina)
        with time_machine.travel(cast.MONDAY + timedelta(days=8), tick=True):
            yield second, to_come

    def test_says_from_when_until_when_why_and_what_changed(self, client: Client, versions):
        shown = page(client.get("/house-rules/versions/"))
        assert "Was in force from" in shown
        assert "Will be in force from" in shown
        assert "Bans are looked at sooner." in shown
        assert "Bans are reviewed after 3 months instead of 6." in shown
        assert "Bans are reviewed after 12 months instead of 3." in shown
        assert all(each.sha256 in shown for each in PolicyVersion.objects.all())

    def test_names_nobody_and_sets_no_cookie(self, client: Client, versions):
        actions.withdraw_version(versions[1].pk, officer=Officer.objects.get(name="Carys"), reason="Carys had doubts.")
        for path in ("", "versions/", "versions/2027.1/", "versions/2027.1/house-rules.yaml"):
            response = client.get(f"/house-rules/{path}")
            assert response.status_code == 200
            assert "Amina" not in page(response)
            assert "Carys" not in page(response)
            assert not response.cookies
        assert "withdrawn on" in page(client.get("/house-rules/versions/"))

    def test_the_file_has_the_hash_that_is_shown(self, client: Client, versions):
        response = client.get("/house-rules/versions/2027.1/house-rules.yaml")
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert hashlib.sha256(response.content).hexdigest() == versions[0].sha256

    def test_each_version_has_its_page_marked_as_what_it_is(self, client: Client, versions):
        assert "These rules are in force." in page(client.get("/house-rules/versions/2027.1/"))
        past = page(client.get(f"/house-rules/versions/{VERSION}/"))
        assert "These rules are no longer in force." in past
        assert "<h1>House rules for our social media</h1>" in past
        links = re.findall(r'href="(/house-rules/versions/[^"]+)"', page(client.get("/house-rules/versions/")))
        to_come = next(link for link in links if "beta" in link and "yaml" not in link)
        assert "These rules are not in force yet." in page(client.get(to_come))
        file = next(link for link in links if "beta" in link and "yaml" in link)
        assert client.get(file).content.decode() == versions[1].text

    def test_a_version_that_never_was_is_not_found(self, client: Client, versions):
        for path in ("versions/1999.1/", "versions/1999.1/house-rules.yaml"):
            assert client.get(f"/house-rules/{path}").status_code == 404

    def test_before_any_rules_are_in_force_there_is_no_page(self, client: Client):
        for path in ("", "versions/"):
            assert client.get(f"/house-rules/{path}").status_code == 404

    def test_the_page_in_force_announces_the_next_version_and_leads_to_the_history(self, client: Client, versions):
        shown = page(client.get("/house-rules/"))
        assert "a new version applies" in shown
        assert 'href="/house-rules/versions/"' in shown

    def test_a_proposal_is_not_public(self, client: Client, versions, carys: Officer):
        proposal(carys, rules("2099.1"))
        assert "2099.1" not in page(client.get("/house-rules/versions/"))
        assert client.get("/house-rules/versions/2099.1/").status_code == 404

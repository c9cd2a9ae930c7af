"""Who gets in: officers with their own password, nobody by signing up, a leaver not for one request more."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from moothall.records.models import Record, Sealed
from moothall.records.queries import verify_live
from moothall.team.actions import AlreadyAnOfficer, LastManager, NotAManager, OfficerUnknown, add_officer, deactivate
from moothall.team.models import Officer
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PASSWORD = "heron-lantern-gravel-27"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    """Sign-in attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def bryn() -> Officer:
    return add_officer("bryn@thornbury.example", "Bryn Pritchard", "manager", PASSWORD, by=None)


@pytest.fixture
def amina(bryn: Officer) -> Officer:
    return add_officer("Amina@Thornbury.example", "Amina Rahman", "officer", PASSWORD, by=bryn)


def sign_in(email: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/sign-in/", {"login": email, "password": password})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session and client.get("/").status_code == 200


def kinds() -> list[str]:
    return list(Record.objects.values_list("kind", flat=True))


class TestJoining:
    def test_a_manager_adds_an_officer_and_it_is_on_record(self, amina: Officer, bryn: Officer) -> None:
        assert (amina.email, amina.role, amina.is_manager) == ("amina@thornbury.example", "officer", False)
        record = Record.objects.get(subject=f"officer:{amina.pk}")
        assert (record.kind, record.actor) == ("officer.added", "bryn@thornbury.example")
        assert "Amina" not in record.payload
        assert PASSWORD not in record.payload
        assert verify_live().ok

    def test_an_officer_adds_nobody(self, amina: Officer) -> None:
        with pytest.raises(NotAManager):
            add_officer("cox@thornbury.example", "Cllr Cox", "officer", PASSWORD, by=amina)

    def test_an_address_is_used_once_whatever_its_case(self, amina: Officer) -> None:
        with pytest.raises(AlreadyAnOfficer):
            add_officer("AMINA@thornbury.example", "Another", "officer", PASSWORD, by=None)
        assert verify_live().ok

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"email": "not an address"}, "email_invalid"),
            ({"name": "  "}, "name_missing"),
            ({"role": "owner"}, "role_unknown"),
            ({"password": "short"}, "password_weak"),
            ({"password": "password1234"}, "password_weak"),
            ({"password": "dee.marlow@thornbury"}, "password_weak"),
        ],
    )
    def test_what_makes_no_officer_is_refused(self, fields: dict[str, str], code: str) -> None:
        usual: dict[str, Any] = {
            "email": "dee.marlow@thornbury.example",
            "name": "Dee Marlow",
            "role": "officer",
            "password": PASSWORD,
        }
        with pytest.raises(DomainError) as refused:
            add_officer(**(usual | fields), by=None)
        assert refused.value.code == code
        assert kinds() == []

    def test_the_first_manager_is_added_from_the_machine_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        call_command("add_officer", "bryn@thornbury.example", "Bryn Pritchard", "--role=manager", stdout=io.StringIO())
        assert is_in(sign_in("bryn@thornbury.example")) or Officer.objects.get().is_manager
        monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
        with pytest.raises(CommandError, match="password_weak"):
            call_command("add_officer", "amina@thornbury.example", "Amina")


class TestSigningIn:
    def test_with_the_right_password_is_on_record(self, amina: Officer) -> None:
        cast.rules()
        client = sign_in("Amina@thornbury.example")
        assert is_in(client)
        assert Record.objects.get(kind="officer.signed_in").actor == "amina@thornbury.example"

        client.post("/sign-out/")
        assert "_auth_user_id" not in client.session
        assert kinds()[-1] == "officer.signed_out"

    def test_with_a_wrong_password_is_on_record_without_it(self, amina: Officer) -> None:
        client = sign_in("amina@thornbury.example", "wrong-wrong-wrong")
        assert "_auth_user_id" not in client.session
        record = Record.objects.get(kind="officer.sign_in_failed")
        assert set(json.loads(record.payload)) == {"sealed"}
        assert Sealed.objects.get(record=record).value == "amina@thornbury.example"
        everything = "".join(Record.objects.values_list("payload", flat=True)) + "".join(
            Sealed.objects.values_list("value", flat=True)
        )
        assert "wrong-wrong-wrong" not in everything
        assert verify_live().ok

    def test_a_password_typed_into_the_wrong_box_is_not_kept(self, amina: Officer) -> None:
        sign_in(PASSWORD, "amina@thornbury.example")
        assert not Sealed.objects.filter(value__contains=PASSWORD).exists()

    def test_is_stopped_after_five_wrong_passwords(self, amina: Officer) -> None:
        for _ in range(5):
            sign_in("amina@thornbury.example", "wrong-wrong-wrong")
        assert "_auth_user_id" not in sign_in("amina@thornbury.example").session

    def test_signing_out_takes_a_post(self, amina: Officer) -> None:
        client = sign_in("amina@thornbury.example")
        assert client.get("/sign-out/").status_code == 405
        assert "_auth_user_id" in client.session

    @pytest.mark.parametrize("path", ["/sign-up/", "/signup/", "/accounts/signup/", "/password/reset/", "/admin/"])
    def test_nobody_signs_up(self, path: str) -> None:
        assert Client().get(path).status_code == 404

    def test_a_stranger_is_sent_to_the_sign_in_page_and_back(self, amina: Officer) -> None:
        answer = Client().get("/decided/")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/sign-in/?next=/decided/"
        answer = Client().post(answer.headers["Location"], {"login": "amina@thornbury.example", "password": PASSWORD})
        assert answer.headers["Location"] == "/decided/"

    def test_nobody_is_sent_to_another_site_after_signing_in(self, amina: Officer) -> None:
        answer = Client().post(
            "/sign-in/?next=https://mallory.example/", {"login": "amina@thornbury.example", "password": PASSWORD}
        )
        assert answer.headers["Location"] == "/"


class TestLeaving:
    def test_cuts_off_at_once_where_already_signed_in(self, amina: Officer, bryn: Officer) -> None:
        cast.rules()
        client = sign_in("amina@thornbury.example")
        assert is_in(client)
        deactivate(amina.pk, by=bryn)
        assert client.get("/").status_code == 302
        assert kinds()[-1] == "officer.deactivated"

    def test_the_right_password_tells_a_leaver_no_more_than_a_wrong_one(self, amina: Officer, bryn: Officer) -> None:
        deactivate(amina.pk, by=bryn)
        right = Client().post("/sign-in/", {"login": "amina@thornbury.example", "password": PASSWORD})
        wrong = Client().post("/sign-in/", {"login": "amina@thornbury.example", "password": "wrong-wrong-wrong"})
        assert right.status_code == wrong.status_code == 200
        assert right.context["form"].errors == wrong.context["form"].errors
        assert kinds().count("officer.sign_in_failed") == 2

    def test_twice_is_once(self, amina: Officer, bryn: Officer) -> None:
        deactivate(amina.pk, by=bryn)
        deactivate(amina.pk, by=bryn)
        assert kinds().count("officer.deactivated") == 1

    def test_an_officer_sends_nobody_away(self, amina: Officer, bryn: Officer) -> None:
        with pytest.raises(NotAManager):
            deactivate(bryn.pk, by=amina)

    def test_the_last_manager_stays(self, bryn: Officer) -> None:
        with pytest.raises(LastManager):
            deactivate(bryn.pk, by=bryn)
        assert Officer.objects.get(pk=bryn.pk).is_active

    def test_a_manager_who_has_left_sends_nobody_away(self, amina: Officer, bryn: Officer) -> None:
        other = add_officer("cox@thornbury.example", "Cllr Cox", "manager", PASSWORD, by=bryn)
        deactivate(other.pk, by=bryn)
        with pytest.raises(NotAManager):
            deactivate(amina.pk, by=other)

    def test_of_nobody_is_refused(self, bryn: Officer) -> None:
        with pytest.raises(OfficerUnknown):
            deactivate(999_999, by=bryn)

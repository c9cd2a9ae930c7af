"""The registers: what may stand in them, that nothing is lost, and what the reader and the desk are told."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from moothall.council.actions import (
    EntryExists,
    EntryFaulty,
    EntryOver,
    EntryUnknown,
    OfficerLeft,
    add_entry,
    change_entry,
    end_entry,
)
from moothall.council.models import AuthorisedUser, Councillor
from moothall.council.postcodes import PostcodeFaulty, postcode
from moothall.council.queries import (
    RegisterUnknown,
    councillors_for,
    entries,
    entry,
    history,
    is_authorised,
    registers,
    ward_of,
)
from moothall.council.registers import REGISTERS
from moothall.records.models import Record, Sealed
from moothall.records.queries import verify_live
from moothall.team.actions import deactivate
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2027, 4, 1, 9, 0, tzinfo=UTC)
COX = {"name": "Cllr Ada Cox", "ward": "Mill & Weir", "party": "Ratepayers", "email": "ada.cox@thornbury.example"}
FAIR = {"name": "Wold Fair", "platform": "facebook", "handle": "@WoldFair", "purpose": "the summer fair"}
CASE = {"reference": "T2027/0041", "names": "Old Mill fire|Dee Marlow", "protected_names": "Kit Marlow"}


@pytest.fixture
def amina() -> Officer:
    return cast.officer("Amina")


class TestAnEntry:
    def test_is_kept_with_its_texts_and_its_place_in_a_list(self, amina: Officer) -> None:
        made = add_entry("councillors", COX, officer=amina)
        assert entry("councillors", made.pk) == made
        assert made.values() == COX | {"web_page": "", "phone": "", "from": "", "until": ""}
        assert entries("councillors").entries == [made]

    def test_is_there_once(self, amina: Officer) -> None:
        add_entry("authorised", FAIR, officer=amina)
        with pytest.raises(EntryExists):
            add_entry("authorised", FAIR | {"handle": "woldfair", "name": "The fair"}, officer=amina)
        add_entry("authorised", FAIR | {"platform": "bluesky"}, officer=amina)

    @pytest.mark.parametrize(
        ("register", "values", "column", "code"),
        [
            ("councillors", COX | {"name": " "}, "name", "missing"),
            ("councillors", COX | {"email": "ada at thornbury"}, "email", "not_an_email"),
            ("councillors", COX | {"web_page": "javascript:alert(1)"}, "web_page", "not_an_address"),
            ("councillors", COX | {"phone": "ring me"}, "phone", "not_a_phone"),
            ("councillors", COX | {"name": "x" * 121}, "name", "too_long"),
            ("councillors", COX | {"name": "Ada\0Cox"}, "name", "control_character"),
            ("councillors", COX | {"from": "31/02/2027"}, "from", "not_a_day"),
            ("councillors", COX | {"from": "0001-01-01"}, "from", "not_a_day"),
            ("councillors", COX | {"from": "2027-05-02", "until": "2027-05-01"}, "until", "ends_before_it_starts"),
            ("authorised", FAIR | {"platform": "myspace"}, "platform", "not_a_choice"),
            ("authorised", FAIR | {"handle": "@"}, "handle", "missing"),
            ("active_cases", {"reference": "T1"}, "names", "missing"),
            ("wards", {"postcode": "ZZ1", "ward": "Weir"}, "postcode", "postcode_faulty"),
            ("special_days", {"day": "2027-12-24", "opens": "09:00"}, "opens", "missing"),
            (
                "special_days",
                {"day": "2027-12-24", "opens": "12:00", "closes": "9.00"},
                "closes",
                "closes_before_it_opens",
            ),
            ("special_days", {"day": "2027-12-24", "opens": "25:00", "closes": "26:00"}, "opens", "not_a_time"),
        ],
    )
    def test_that_cannot_be_is_refused_column_by_column(
        self, amina: Officer, register: str, values: dict[str, str], column: str, code: str
    ) -> None:
        with pytest.raises(EntryFaulty) as refused:
            add_entry(register, values, officer=amina)
        assert (column, code) in [(problem.column, problem.code) for problem in refused.value.problems]
        assert not Record.objects.exists()

    def test_may_be_one_day_long(self, amina: Officer) -> None:
        day = add_entry("councillors", COX | {"from": "2027-05-02", "until": "2027-05-02"}, officer=amina)
        assert (day.starts_at, day.ends_at) == (
            datetime(2027, 5, 1, 23, tzinfo=UTC),
            datetime(2027, 5, 2, 23, tzinfo=UTC),
        )
        assert (day.values()["from"], day.values()["until"]) == ("2027-05-02", "2027-05-02")

    def test_takes_british_days_and_many_names_one_a_line(self, amina: Officer) -> None:
        made = add_entry(
            "active_cases", CASE | {"names": "Old Mill fire\r\n Dee  Marlow\n\n", "from": "1/4/2027"}, officer=amina
        )
        assert made.values()["names"] == "Old Mill fire|Dee Marlow"
        assert made.values()["from"] == "2027-04-01"

    def test_is_nobodys_who_has_left(self, amina: Officer) -> None:
        deactivate(amina.pk, by=None)
        with pytest.raises(OfficerLeft):
            add_entry("councillors", COX, officer=Officer.objects.get(pk=amina.pk))

    def test_needs_a_register_that_there_is(self, amina: Officer) -> None:
        with pytest.raises(RegisterUnknown):
            add_entry("magpies", {}, officer=amina)
        with pytest.raises(EntryUnknown):
            entry("councillors", 999_999)


class TestHistory:
    def test_keeps_who_when_before_and_after_and_an_entry_ends(self, amina: Officer) -> None:
        bryn = cast.officer("Bryn")
        with time_machine.travel(NOW, tick=False):
            made = add_entry("councillors", COX, officer=amina)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            change_entry("councillors", made.pk, {"phone": "01632 960123"}, officer=bryn)
        with time_machine.travel(NOW + timedelta(days=2), tick=False):
            end_entry("councillors", made.pk, officer=bryn, reason="Stood down.")
        ended, changed, added = history("councillors", made.pk)
        assert [(one.what, one.by, one.at) for one in (added, changed, ended)] == [
            ("added", "Amina", NOW),
            ("changed", "Bryn", NOW + timedelta(days=1)),
            ("ended", "Bryn", NOW + timedelta(days=2)),
        ]
        assert added.before is None
        assert added.after is not None
        assert added.after["email"] == "ada.cox@thornbury.example"
        assert changed.before is not None
        assert changed.after is not None
        assert (changed.before["phone"], changed.after["phone"]) == ("", "01632 960123")
        assert ended.reason == "Stood down."
        assert Councillor.objects.get().ends_at == NOW + timedelta(days=2)

    def test_is_sealed_in_the_records_and_can_be_erased_without_breaking_them(self, amina: Officer) -> None:
        made = add_entry("active_cases", CASE, officer=amina)
        change_entry("active_cases", made.pk, {"note": "order of 1 April"}, officer=amina)
        written = "".join(Record.objects.values_list("payload", flat=True))
        assert "Marlow" not in written
        assert json.loads(Record.objects.get(number=2).payload)["columns"] == ["note"]
        Sealed.objects.all().delete()
        assert verify_live().ok
        assert [(one.what, one.before, one.after) for one in history("active_cases", made.pk)] == [
            ("changed", None, None),
            ("added", None, None),
        ]

    def test_a_change_that_changes_nothing_leaves_none(self, amina: Officer) -> None:
        made = add_entry("authorised", FAIR, officer=amina)
        change_entry("authorised", made.pk, {"purpose": " the summer  fair "}, officer=amina)
        assert len(history("authorised", made.pk)) == 1

    def test_what_is_over_stays_as_it_was(self, amina: Officer) -> None:
        made = add_entry("authorised", FAIR, officer=amina)
        end_entry("authorised", made.pk, officer=amina)
        for act in (
            lambda: change_entry("authorised", made.pk, {"name": "X"}, officer=amina),
            lambda: end_entry("authorised", made.pk, officer=amina),
        ):
            with pytest.raises(EntryOver):
                act()

    def test_one_that_comes_back_begins_when_the_last_one_ended(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            end_entry("authorised", add_entry("authorised", FAIR, officer=amina).pk, officer=amina)
        with time_machine.travel(NOW + timedelta(days=30), tick=False):
            again = add_entry("authorised", FAIR, officer=amina)
            assert again.starts_at == NOW
            with pytest.raises(EntryFaulty) as refused:
                change_entry("authorised", again.pk, {"from": "2027-03-01"}, officer=amina)
        assert [problem.code for problem in refused.value.problems] == ["overlaps"]
        assert AuthorisedUser.objects.count() == 2

    def test_one_that_had_not_begun_never_was_in_force_when_it_is_ended(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            made = end_entry(
                "authorised", add_entry("authorised", FAIR | {"from": "2027-06-01"}, officer=amina).pk, officer=amina
            )
            assert entries("authorised").entries == []
            add_entry("authorised", FAIR, officer=amina)
        assert made.starts_at == made.ends_at == NOW

    def test_changing_into_another_entry_is_refused(self, amina: Officer) -> None:
        add_entry("authorised", FAIR, officer=amina)
        other = add_entry("authorised", FAIR | {"handle": "thefair"}, officer=amina)
        with pytest.raises(EntryExists):
            change_entry("authorised", other.pk, {"handle": "WOLDFAIR"}, officer=amina)


class TestTheDatabase:
    def test_refuses_two_entries_of_one_key_at_one_time(self) -> None:
        fields = {"key": "k", "found_by": "k", "platform": "x", "handle": "k", "name": "K", "purpose": "p"}
        first = AuthorisedUser.objects.create(starts_at=NOW, ends_at=NOW + timedelta(days=10), **fields)
        AuthorisedUser.objects.create(starts_at=first.ends_at, ends_at=None, **fields)
        AuthorisedUser.objects.create(starts_at=None, ends_at=NOW, **fields)
        for starts_at, ends_at in (
            (NOW + timedelta(days=9), NOW + timedelta(days=11)),
            (None, NOW - timedelta(days=1)),
            (NOW + timedelta(days=900), NOW + timedelta(days=901)),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                AuthorisedUser.objects.create(starts_at=starts_at, ends_at=ends_at, **fields)
        with pytest.raises(IntegrityError), transaction.atomic():
            AuthorisedUser.objects.filter(pk=first.pk).update(ends_at=None)
        AuthorisedUser.objects.create(starts_at=NOW, ends_at=NOW, **fields)

    def test_has_its_triggers_on_every_register(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                if connection.vendor == "sqlite"
                else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            )
            found = {name for (name,) in cursor.fetchall()}
        ends = ("_on_INSERT", "_on_UPDATE") if connection.vendor == "sqlite" else ("",)
        for register in REGISTERS.values():
            assert {f"{register.model._meta.db_table}_overlaps{end}" for end in ends} <= found


class TestTheReader:
    def test_is_told_only_what_is_in_force_at_that_moment(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            add_entry("active_cases", CASE | {"from": "2027-04-01", "until": "2027-04-30"}, officer=amina)
            add_entry("councillors", COX, officer=amina)
            add_entry(
                "candidates", {"name": "Bo Ashe", "also_known_as": "Bobby Ashe", "from": "2027-04-09"}, officer=amina
            )
            add_entry("authorised", FAIR, officer=amina)
        begins, ends = datetime(2027, 3, 31, 23, tzinfo=UTC), datetime(2027, 4, 30, 23, tzinfo=UTC)
        assert registers(begins - timedelta(seconds=1)).active_cases == ()
        found = registers(begins)
        assert found.active_cases == ("Old Mill fire", "Dee Marlow", "Kit Marlow")
        assert (found.councillors, found.authorised, found.candidates) == (("Cllr Ada Cox",), ("WoldFair",), ())
        assert registers(ends).active_cases == ()
        assert registers(ends).candidates == ("Bo Ashe", "Bobby Ashe")

    def test_is_not_told_what_somebody_has_ended(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            made = add_entry("councillors", COX, officer=amina)
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            end_entry("councillors", made.pk, officer=amina)
        assert registers(NOW + timedelta(minutes=59)).councillors == ("Cllr Ada Cox",)
        assert registers(NOW + timedelta(hours=1)).councillors == ()


class TestAsking:
    def test_councillors_are_found_by_ward_and_by_postcode(self, amina: Officer) -> None:
        cox = add_entry("councillors", COX, officer=amina)
        add_entry("councillors", COX | {"name": "Cllr Fen", "ward": "Market"}, officer=amina)
        add_entry("wards", {"postcode": "ze1 0ab", "ward": "Mill and Weir Ward"}, officer=amina)
        assert ward_of("ZE10AB") == "Mill and Weir Ward"
        for asked in ("mill and weir", "Mill & Weir ward", "ze10ab"):
            assert councillors_for(asked) == [cox]
        assert ward_of("ZE1 0AA") is None
        assert councillors_for("ZE1 0AA") == councillors_for("Nowhere") == []
        with pytest.raises(PostcodeFaulty):
            councillors_for("ward 9")

    def test_a_partner_is_authorised_on_that_platform_in_that_time(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            add_entry("authorised", FAIR | {"until": "2027-05-01"}, officer=amina)
        assert is_authorised("facebook", "woldfair", NOW)
        assert is_authorised("facebook", "@WoldFair", datetime(2027, 5, 1, 22, 59, tzinfo=UTC))
        assert not is_authorised("facebook", "@WoldFair", datetime(2027, 5, 1, 23, 0, tzinfo=UTC))
        assert not is_authorised("x", "@WoldFair", NOW)
        assert not is_authorised("facebook", "woldfair2", NOW)

    def test_a_list_is_searched_and_paged_without_losing_or_repeating(self, amina: Officer) -> None:
        for number in range(7):
            add_entry("councillors", COX | {"name": f"Cllr {number}", "ward": f"Ward{number % 2}"}, officer=amina)
        seen, after = [], ""
        while True:
            page = entries("councillors", after=after, limit=3)
            assert page.total == 7
            seen += page.entries
            if not (after := page.next):
                break
        assert len(seen) == len({one.pk for one in seen}) == 7
        assert [one.title for one in entries("councillors", search="WARD1 ratepayers").entries] == [
            "Cllr 1",
            "Cllr 3",
            "Cllr 5",
        ]
        assert entries("councillors", search="100%").total == 0
        assert entries("councillors", search="cllr_1").total == 0

    def test_what_is_over_has_a_list_of_its_own(self, amina: Officer) -> None:
        with time_machine.travel(NOW, tick=False):
            made = add_entry("councillors", COX, officer=amina)
            to_come = add_entry("councillors", COX | {"name": "Cllr Fen", "from": "2027-05-07"}, officer=amina)
            end_entry("councillors", made.pk, officer=amina)
            past = add_entry("special_days", {"day": "2027-03-31"}, officer=amina)
            ahead = add_entry("special_days", {"day": "2027-04-01"}, officer=amina)
            assert [one.pk for one in entries("councillors").entries] == [to_come.pk]
            assert [one.pk for one in entries("councillors", show="over").entries] == [made.pk]
            assert entries("councillors", show="all").total == 2
            assert [one.pk for one in entries("special_days").entries] == [ahead.pk]
            assert [one.pk for one in entries("special_days", show="over").entries] == [past.pk]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ze1 0ab", "ZE1 0AB"),
        ("M11AE", "M1 1AE"),
        ("b338th", "B33 8TH"),
        (" cr2 6xh ", "CR2 6XH"),
        ("DN551PT", "DN55 1PT"),
        ("W1A1HQ", "W1A 1HQ"),
        ("ec1a 1bb", "EC1A 1BB"),
        ("GIR 0AA", "GIR 0AA"),
    ],
)
def test_a_postcode_is_written_one_way(text: str, written: str) -> None:
    assert postcode(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ZE1",
        "0AB ZE1",
        "QE1 0AB",
        "ZJ1 0AB",
        "ZE1 0CB",
        "ZE1 0AK",
        "W1I 1AA",
        "EC1C 1AA",
        "ZE123 0AB",
        "ZE1 0AB ZE1 0AB",
        "GIR 0AB",
        "ＺＥ1 0AB",
        "ZE١ 0AB",
    ],
)
def test_what_is_no_postcode_is_refused(text: str) -> None:
    with pytest.raises(PostcodeFaulty):
        postcode(text)


def test_the_day_of_an_entry_is_the_day_in_london() -> None:
    """25 March 2027 begins in winter time, 28 March, the last Sunday, ends in summer time."""
    read, problems = REGISTERS["councillors"].read(COX | {"from": "2027-03-25", "until": "2027-03-28"})
    assert problems == []
    assert (read["starts_at"], read["ends_at"]) == (
        datetime(2027, 3, 25, 0, tzinfo=UTC),
        datetime(2027, 3, 28, 23, tzinfo=UTC),
    )
    assert REGISTERS["special_days"].read({"day": "29.02.2028"})[0]["day"] == date(2028, 2, 29)


def test_the_reference_names_every_register_and_column(repository: Path) -> None:
    text = (repository / "docs/reference/registers.md").read_text(encoding="utf-8")
    sections = re.split(r"^### `(\w+)`.*$", text.partition("\nAn entry is recognised by")[0], flags=re.MULTILINE)[1:]
    documented = {
        name: re.findall(r"^\| `(\w+)` \| (required)?", table, flags=re.MULTILINE)
        for name, table in zip(sections[::2], sections[1::2], strict=True)
    }
    assert documented == {
        name: [(column.name, "required" if column.required else "") for column in register.columns]
        for name, register in REGISTERS.items()
    }

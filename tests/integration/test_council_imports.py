"""Taking CSV files into the registers: looked at first, applied whole, and written out so that nothing is run or lost."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from moothall.council.actions import (
    ImportRefused,
    ModeUnknown,
    PreviewStale,
    PreviewUnknown,
    add_entry,
    apply_import,
    change_entry,
    end_entry,
    preview_import,
)
from moothall.council.models import Councillor, PreviewedImport, RegisterImport, WardPostcode
from moothall.council.queries import entries, export_csv, history, imports
from moothall.council.registers import REGISTERS
from moothall.council.spreadsheets import MOST_BYTES, MOST_ROWS
from moothall.records.models import Record
from moothall.records.queries import verify_live
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2027, 4, 1, 9, 0, tzinfo=UTC)
WARDS = b"postcode,ward\nZE1 0AB,Weir\nZE1 0AD,Weir\nZE1 0AE,Market\n"


@pytest.fixture
def amina() -> Officer:
    return cast.officer("Amina")


@pytest.fixture(autouse=True)
def _frozen() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def take_in(register: str, data: bytes, officer: Officer, mode: str = "add") -> RegisterImport:
    preview = preview_import(register, data, mode=mode, officer=officer, file_name="file.csv")  # type: ignore[arg-type]
    assert preview.faults == ()
    assert preview.token is not None
    return apply_import(preview.token, officer=officer)


def faults(register: str, data: bytes, officer: Officer) -> list[tuple[int, str, str]]:
    preview = preview_import(register, data, mode="add", officer=officer)
    assert preview.token is None
    return [(fault.line, fault.column, fault.code) for fault in preview.faults]


class TestLookingFirst:
    def test_changes_nothing_and_says_what_would_be(self, amina: Officer) -> None:
        add_entry("wards", {"postcode": "ZE1 0AB", "ward": "Mill"}, officer=amina)
        add_entry("wards", {"postcode": "ZE1 0AD", "ward": "Weir"}, officer=amina)
        add_entry("wards", {"postcode": "ZE1 0AF", "ward": "Weir"}, officer=amina)
        preview = preview_import("wards", WARDS, mode="replace", officer=amina)
        assert (preview.added, preview.changed, preview.ended, preview.unchanged, preview.rows) == (1, 1, 1, 1, 3)
        assert (preview.encoding, preview.delimiter) == ("UTF-8", "comma")
        assert [(one.what, one.line, one.title) for one in preview.changes] == [
            ("changed", 2, "ZE1 0AB"),
            ("added", 4, "ZE1 0AE"),
            ("ended", None, "ZE1 0AF"),
        ]
        assert preview.changes[0].before is not None
        assert preview.changes[0].after is not None
        assert (preview.changes[0].before["ward"], preview.changes[0].after["ward"]) == ("Mill", "Weir")
        assert entries("wards").total == 3
        assert Record.objects.count() == 3

    def test_finds_every_faulty_row_with_its_line_and_column(self, amina: Officer) -> None:
        data = (
            b'postcode,ward,from\n\nZE1 0AB,"Weir\nand Mill",\nnowhere,Weir,\n'
            b"ZE1 0AD,,1 April\nZE10AB,Weir,\nZE1 0AE,Mill,,x\n"
        )
        assert faults("wards", data, amina) == [
            (5, "postcode", "postcode_faulty"),
            (6, "ward", "missing"),
            (6, "from", "not_a_day"),
            (7, "postcode", "twice"),
            (8, "", "too_many_cells"),
        ]
        assert not PreviewedImport.objects.exists()

    def test_suggests_the_nearest_column(self, amina: Officer) -> None:
        preview = preview_import("wards", b"Post Code,WARD\nZE1 0AB,Weir\n", mode="add", officer=amina)
        assert [(fault.code, fault.line) for fault in preview.faults] == [("column_unknown", 1), ("column_missing", 1)]
        assert preview.faults[0].message == "There is no column “Post Code”. Do you mean “postcode”?"

    def test_needs_a_mode_that_there_is(self, amina: Officer) -> None:
        with pytest.raises(ModeUnknown):
            preview_import("wards", WARDS, mode="merge", officer=amina)  # type: ignore[arg-type]


class TestApplying:
    def test_does_what_was_shown_and_leaves_history_and_one_record(self, amina: Officer) -> None:
        done = take_in("wards", WARDS, amina)
        assert (done.added, done.by, imports("wards")) == (3, amina, [done])
        record = Record.objects.get()
        assert (record.kind, record.subject) == ("register.imported", f"import:{done.pk}")
        assert json.loads(record.payload)["file_sha256"] == done.sha256
        (change,) = history("wards", WardPostcode.objects.get(postcode="ZE1 0AE").pk)
        assert (change.what, change.import_id, change.after) == (
            "added",
            done.pk,
            {"postcode": "ZE1 0AE", "ward": "Market", "from": "", "until": ""},
        )
        assert verify_live().ok
        assert not PreviewedImport.objects.exists()

    def test_replacing_ends_what_the_file_lacks_and_adding_does_not(self, amina: Officer) -> None:
        take_in("wards", WARDS, amina)
        assert take_in("wards", b"postcode,ward\nZE1 0AB,Weir\n", amina).ended == 0
        assert take_in("wards", b"postcode,ward\nZE1 0AB,Weir\n", amina, "replace").ended == 2
        assert [one.title for one in entries("wards").entries] == ["ZE1 0AB"]
        assert WardPostcode.objects.count() == 3

    def test_is_done_once_by_the_officer_who_looked(self, amina: Officer) -> None:
        token = preview_import("wards", WARDS, mode="add", officer=amina).token
        assert token is not None
        with pytest.raises(PreviewUnknown):
            apply_import(token, officer=cast.officer("Bryn"))
        apply_import(token, officer=amina)
        with pytest.raises(PreviewUnknown):
            apply_import(token, officer=amina)

    def test_is_refused_when_the_register_has_changed_since(self, amina: Officer) -> None:
        token = preview_import("wards", WARDS, mode="add", officer=amina).token
        assert token is not None
        add_entry("wards", {"postcode": "ZE1 0AB", "ward": "Mill"}, officer=amina)
        with pytest.raises(PreviewStale):
            apply_import(token, officer=amina)
        assert entries("wards").total == 1

    def test_is_refused_a_day_later_and_the_file_is_gone_with_the_next_look(self, amina: Officer) -> None:
        token = preview_import("wards", WARDS, mode="add", officer=amina).token
        assert token is not None
        with time_machine.travel(NOW + timedelta(days=1, seconds=1), tick=False):
            with pytest.raises(PreviewUnknown):
                apply_import(token, officer=amina)
            preview_import("wards", WARDS, mode="add", officer=amina)
        assert PreviewedImport.objects.count() == 1

    def test_is_whole_or_not_at_all(self, amina: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
        """A row that the database refuses halfway takes everything back with it."""
        take_in("wards", WARDS, amina)
        token = preview_import("wards", WARDS.replace(b"Weir", b"Mill"), mode="add", officer=amina).token
        assert token is not None
        save = WardPostcode.save

        def refusing(self: WardPostcode, **options: object) -> None:
            if self.postcode == "ZE1 0AD":
                self.key = ""
            save(self, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(WardPostcode, "save", refusing)
        with pytest.raises(IntegrityError), transaction.atomic():
            apply_import(token, officer=amina)
        assert set(WardPostcode.objects.values_list("ward", flat=True)) == {"Weir", "Market"}
        assert PreviewedImport.objects.filter(token=token).exists()
        assert RegisterImport.objects.count() == 1

    def test_a_thousand_rows_go_into_records_of_a_bearable_size(self, amina: Officer) -> None:
        letters = "ABDEFGHJLN"
        rows = "".join(
            f"ZE{out} {digit}{a}{b},Weir\n"
            for out in range(1, 2)
            for digit in range(10)
            for a in letters
            for b in letters
        )
        done = take_in("wards", b"postcode,ward\n" + rows.encode(), amina)
        assert done.added == 1000
        assert [json.loads(payload)["added"] for payload in Record.objects.values_list("payload", flat=True)] == [
            500,
            500,
        ]

    def test_columns_that_the_file_lacks_stay_as_they_are(self, amina: Officer) -> None:
        made = add_entry(
            "councillors",
            {"name": "Cllr Cox", "ward": "Weir", "phone": "01632 960123", "from": "2025-05-05"},
            officer=amina,
        )
        take_in("councillors", b"name;ward;party\nCllr Cox;Weir;Ratepayers\n", amina)
        assert Councillor.objects.get(pk=made.pk).values() | {} == {
            "name": "Cllr Cox",
            "ward": "Weir",
            "party": "Ratepayers",
            "email": "",
            "web_page": "",
            "phone": "01632 960123",
            "from": "2025-05-05",
            "until": "",
        }
        take_in("councillors", b"name;ward;phone\nCllr Cox;Weir;\n", amina)
        assert Councillor.objects.get(pk=made.pk).phone == ""

    def test_a_row_can_end_an_entry_but_not_add_one_that_is_over(self, amina: Officer) -> None:
        take_in("wards", WARDS, amina)
        ending = b"postcode,ward,until\nZE1 0AB,Weir,2027-03-31\n"
        done = take_in("wards", ending, amina)
        assert (done.ended, done.changed) == (1, 0)
        assert preview_import("wards", ending, mode="add", officer=amina).unchanged == 1
        assert faults("wards", b"postcode,ward,until\nZE1 9ZZ,Weir,2027-03-31\n", amina) == [
            (2, "until", "already_over")
        ]

    def test_a_file_that_changes_nothing_is_taken_in_all_the_same(self, amina: Officer) -> None:
        take_in("wards", WARDS, amina)
        done = take_in("wards", WARDS, amina, "replace")
        assert (done.added, done.changed, done.ended, done.unchanged) == (0, 0, 0, 3)
        assert Record.objects.filter(kind="register.imported").count() == 2

    def test_one_that_comes_back_in_a_file_does_not_overlap_its_past(self, amina: Officer) -> None:
        made = add_entry("wards", {"postcode": "ZE1 0AB", "ward": "Weir"}, officer=amina)
        end_entry("wards", made.pk, officer=amina)
        with time_machine.travel(NOW + timedelta(days=3), tick=False):
            take_in("wards", WARDS, amina)
            assert preview_import("wards", WARDS, mode="replace", officer=amina).unchanged == 3
        assert WardPostcode.objects.get(postcode="ZE1 0AB", ends_at=None).starts_at == NOW

    def test_replacing_special_days_leaves_the_days_that_have_passed(self, amina: Officer) -> None:
        for day in ("2027-03-01", "2027-12-24"):
            add_entry("special_days", {"day": day}, officer=amina)
        done = take_in("special_days", b"Day,Opens,Closes\n31/12/2027,09:00,12:00\n", amina, "replace")
        assert (done.added, done.ended) == (1, 1)
        assert [one.title for one in entries("special_days").entries] == ["31/12/2027"]


class TestFilesAsCouncilsHaveThem:
    @pytest.mark.parametrize(
        ("data", "encoding", "delimiter"),
        [
            ("name,ward\nCllr Zoë,Weir\n".encode(), "UTF-8", "comma"),
            (b"\xef\xbb\xbf" + "name;ward\r\nCllr Zoë;Weir\r\n".encode(), "UTF-8", "semicolon"),
            ("Name\tWARD\rCllr Zoë\tWeir\r".encode("cp1252"), "Windows-1252", "tab"),
            ('"name";"ward"\n"Cllr Zoë";"Weir"'.encode("cp1252"), "Windows-1252", "semicolon"),
        ],
    )
    def test_are_read_in_their_encoding_with_their_delimiter(
        self, amina: Officer, data: bytes, encoding: str, delimiter: str
    ) -> None:
        preview = preview_import("councillors", data, mode="add", officer=amina)
        assert (preview.encoding, preview.delimiter, preview.faults) == (encoding, delimiter, ())
        assert [change.title for change in preview.changes] == ["Cllr Zoë"]

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty"),
            (b" \r\n\r\n", "empty"),
            ("name,ward\nCllr Zoë,Weir\n".encode("utf-16"), "encoding"),
            (b"name,ward\nCllr \x81\x8d,Weir\n", "encoding"),
            (b"\xef\xbb\xbfname,ward\nCllr \xeb,Weir\n", "encoding"),
            (b"name,ward\nCllr\0,Weir\n", "encoding"),
            (b"PK\x03\x04 a workbook", "not_csv"),
            (b'name,ward\n"Cllr Cox,Weir\n', "not_csv"),
            (b"first,second\n1,2\n", "header"),
            (b"name,ward\n" + b"x" * 140_000 + b",Weir\n", "not_csv"),
            (b"name,ward\n" + b"a,b\n" * (MOST_BYTES // 4), "too_large"),
            (b"name,ward\n" + b"a,b\n" * (MOST_ROWS + 1), "too_many_rows"),
        ],
    )
    def test_that_cannot_be_read_say_why(self, amina: Officer, data: bytes, code: str) -> None:
        with pytest.raises(ImportRefused) as refused:
            preview_import("councillors", data, mode="add", officer=amina)
        assert refused.value.code == code

    def test_a_header_alone_adds_nothing(self, amina: Officer) -> None:
        assert take_in("councillors", b"name,ward\n", amina).added == 0


class TestWritingOut:
    VALUES = {
        "active_cases": {
            "reference": "=T1",
            "names": "Zoë|O'Neil, Dee|a;b",
            "note": 'two\nlines "quoted"',
            "from": "2027-03-28",
        },
        "candidates": {
            "name": "-Bo",
            "also_known_as": "'=Bo|@Bo",
            "kind": "party",
            "election": "2027",
            "until": "2027-10-31",
        },
        "councillors": {"name": "Cllr Cox", "ward": "Mill & Weir", "phone": "+44 1632 960123", "email": "a@b.example"},
        "wards": {"postcode": "ZE1 0AB", "ward": "'Weir"},
        "authorised": {
            "name": "@fair",
            "platform": "x",
            "handle": "@fair",
            "purpose": "''=fair",
            "from": "2027-03-28T01:30:05",
        },
        "special_days": {"day": "2027-12-24", "opens": "09:00", "closes": "12:00", "reason": "Christmas Eve"},
    }

    @pytest.mark.parametrize("register", list(REGISTERS))
    def test_what_is_written_out_reads_in_again_to_no_change(self, amina: Officer, register: str) -> None:
        add_entry(register, self.VALUES[register], officer=amina)
        written = export_csv(register)
        for data in (written.encode(), b"\xef\xbb\xbf" + written.encode(), written.replace("\r\n", "\n").encode()):
            preview = preview_import(register, data, mode="replace", officer=amina)
            assert (preview.faults, preview.changes, preview.unchanged) == ((), (), 1)

    def test_an_end_in_the_middle_of_a_day_reads_in_again(self, amina: Officer) -> None:
        made = add_entry("authorised", self.VALUES["authorised"], officer=amina)
        change_entry("authorised", made.pk, {"until": "2027-10-31T01:30:00+00:00"}, officer=amina)
        preview = preview_import("authorised", export_csv("authorised").encode(), mode="add", officer=amina)
        assert (preview.changes, preview.unchanged) == ((), 1)

    def test_no_cell_begins_as_a_formula_does(self, amina: Officer) -> None:
        for register, values in self.VALUES.items():
            add_entry(register, values, officer=amina)
            for row in csv.reader(io.StringIO(export_csv(register))):
                assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]

    def test_what_is_over_is_written_out_only_when_asked_for(self, amina: Officer) -> None:
        end_entry("wards", add_entry("wards", self.VALUES["wards"], officer=amina).pk, officer=amina)
        assert export_csv("wards") == "postcode,ward,from,until\r\n"
        assert "ZE1 0AB" in export_csv("wards", show="all")


def test_a_file_can_be_taken_in_from_the_machine_itself(amina: Officer, tmp_path: Path) -> None:
    file, out, errors = tmp_path / "wards.csv", io.StringIO(), io.StringIO()
    file.write_bytes(WARDS)
    call_command("import_register", "wards", str(file), officer=amina.email, stdout=out)
    assert out.getvalue().splitlines() == [
        "3 added, 0 changed, 0 ended, 0 unchanged.",
        "Nothing was changed; --apply does it.",
    ]
    assert not WardPostcode.objects.exists()
    call_command("import_register", "wards", str(file), "--apply", officer=amina.email, stdout=out)
    assert WardPostcode.objects.count() == 3
    file.write_bytes(WARDS + b"nowhere,Weir\n")
    with pytest.raises(CommandError, match="rows_faulty"):
        call_command("import_register", "wards", str(file), "--apply", officer=amina.email, stdout=out, stderr=errors)
    assert "line 5: “nowhere” is not a British postcode." in errors.getvalue()
    for path, email, code in (
        (str(tmp_path / "no.csv"), amina.email, "no_such_file"),
        (str(file), "x@y.example", "officer_unknown"),
    ):
        with pytest.raises(CommandError, match=code):
            call_command("import_register", "wards", path, officer=email, stdout=out)

"""The chain in a database: what is appended holds, what is changed is refused or found, and one at a time adds to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from moothall.records.actions import append
from moothall.records.chain import GENESIS, sealed_hash, verify_lines
from moothall.records.models import Record, Sealed
from moothall.records.queries import export_lines, for_subject, head, verify_live
from tests import database

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def add(number: int = 1, **fields: Any) -> Record:
    record = None
    for n in range(number):
        with transaction.atomic():
            record = append(
                **{
                    "kind": "decision.made",
                    "actor": "amina@thornbury.example",
                    "subject": f"comment:{n}",
                    "payload": {"measures": ["hide"], "words": "“né £”"},
                }
                | fields
            )
    assert record is not None
    return record


def without_triggers(statement: str, values: list[Any] | None = None) -> None:
    """Change the chain as somebody could who owns the database and has removed its triggers."""
    from moothall.records.triggers import refuse_changes

    operation = refuse_changes("records_record")
    with connection.schema_editor() as editor:
        operation.reverse_code(None, editor)
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])
    with connection.schema_editor() as editor:
        operation.code(None, editor)


def test_an_empty_chain_holds() -> None:
    assert head() == (0, GENESIS)
    assert verify_live().ok
    assert verify_lines(export_lines()).ok


def test_each_record_follows_the_one_before() -> None:
    first, second = add(), add()
    assert (first.number, first.previous_hash) == (1, GENESIS)
    assert (second.number, second.previous_hash) == (2, first.hash)
    assert head() == (2, second.hash)
    report = verify_live()
    assert (report.ok, report.records, report.head) == (True, 2, second.hash)


def test_records_of_a_subject_are_found_in_order() -> None:
    add(subject="comment:7")
    add(subject="comment:8")
    add(subject="comment:7", kind="decision.undone")
    assert [record.kind for record in for_subject("comment:7")] == ["decision.made", "decision.undone"]


def test_an_export_of_the_database_holds_and_carries_no_sealed_value() -> None:
    add(3)
    add(sealed={"email": "mallory@thornbury.example"})
    lines = list(export_lines())
    assert verify_lines(lines, head()[1]).ok
    assert len(lines) == 5
    assert "mallory" not in "\n".join(lines)
    assert json.loads(lines[0])["payload"] == {"measures": ["hide"], "words": "“né £”"}


def test_records_added_while_an_export_is_read_are_left_out() -> None:
    add(2)
    lines = export_lines()
    first = next(lines)
    add(2)
    assert verify_lines([first, *lines]).records == 2


def test_a_record_says_when_in_the_microsecond() -> None:
    at = datetime.fromisoformat("2026-07-01T10:00:00.123456+01:00")
    record = add(at=at)
    record.refresh_from_db()
    assert record.at == at
    assert verify_live().ok


class TestAppending:
    @pytest.mark.django_db(transaction=True)
    def test_outside_a_transaction_is_refused(self) -> None:
        with pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
            append("k", actor="a", subject="s", payload={})

    def test_goes_with_a_transaction_that_fails(self) -> None:
        add()
        with transaction.atomic():
            append("k", actor="a", subject="s", payload={})
            transaction.set_rollback(True)
        add()
        assert verify_live().records == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {"payload": {"probability": 0.5}},
            {"payload": {"at": datetime(2026, 1, 1)}},  # noqa: DTZ001
            {"payload": {"words": "\ud800"}},
            {"payload": {"sealed": {}}},
            {"actor": "a\0b"},
            {"sealed": {"email": "a\0b"}},
            {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
        ],
    )
    def test_what_cannot_be_hashed_is_refused(self, fields: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"form|sealed|NUL|surrogate|time zone"):
            add(**fields)
        assert head() == (0, GENESIS)

    def test_nul_in_a_payload_is_kept(self) -> None:
        add(payload={"words": "a\0b"})
        assert verify_live().ok


class TestSealedValues:
    def test_stand_outside_the_payload_under_a_salted_hash(self) -> None:
        record = add(sealed={"name": "Mallory Green"})
        kept = Sealed.objects.get(record=record)
        assert kept.value == "Mallory Green"
        assert json.loads(record.payload)["sealed"] == {"name": sealed_hash(kept.salt, "Mallory Green")}
        assert "Mallory" not in record.payload

    def test_have_a_salt_of_their_own_each(self) -> None:
        one, two = (add(sealed={"name": "Mallory Green"}) for _ in range(2))
        assert json.loads(one.payload) != json.loads(two.payload)

    def test_can_be_erased_without_breaking_the_chain(self) -> None:
        add(sealed={"name": "Mallory Green"})
        add()
        Sealed.objects.all().delete()
        assert verify_live().ok

    def test_are_found_when_altered(self) -> None:
        add(2)
        record = add(sealed={"name": "Mallory Green"})
        add()
        Sealed.objects.filter(record=record).update(value="Dee Marlow")
        report = verify_live()
        assert (report.ok, report.first_broken_line, report.records) == (False, 3, 2)
        assert "'name' of record 3" in report.reason


REFUSED: dict[str, Callable[[], Any]] = {
    "update by ORM": lambda: Record.objects.filter(number=2).update(actor="bryn@thornbury.example"),
    "save by ORM": lambda: Record.objects.get(number=2).save(),
    "delete by ORM": lambda: Record.objects.filter(number=2).delete(),
    "delete one by ORM": lambda: Record.objects.get(number=2).delete(),
    "update by SQL": lambda: connection.cursor().execute("UPDATE records_record SET actor = 'bryn' WHERE number = 2"),
    "delete by SQL": lambda: connection.cursor().execute("DELETE FROM records_record WHERE number = 2"),
    "delete all by SQL": lambda: connection.cursor().execute("DELETE FROM records_record"),
    "upsert by ORM": lambda: Record.objects.bulk_create(
        [Record.objects.get(number=2)], update_conflicts=True, unique_fields=["number"], update_fields=["actor"]
    ),
}


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize("how", REFUSED)
    def test_changing_a_record(self, how: str) -> None:
        add(3)
        before = list(export_lines())
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            REFUSED[how]()
        assert list(export_lines()) == before

    @pytest.mark.parametrize("key", ["number", "hash"])
    def test_replacing_a_record_on_sqlite(self, key: str) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("INSERT OR REPLACE is SQLite's")
        add(3)
        before = list(export_lines())
        number, own = ("2", "'x'") if key == "number" else ("99", f"'{Record.objects.get(number=2).hash}'")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(
                "INSERT OR REPLACE INTO records_record (number, at, kind, actor, subject, payload, previous_hash, hash) "
                f"VALUES ({number}, '2026-01-01', 'k', 'a', 's', '{{}}', 'p', {own})"
            )
        assert list(export_lines()) == before

    def test_truncating_on_postgresql(self) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("TRUNCATE is PostgreSQL's")
        add(3)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute("TRUNCATE records_record CASCADE")
        assert verify_live().records == 3

    def test_every_table_that_is_to_be_kept_has_its_triggers(self) -> None:
        """A later migration that rebuilds a SQLite table loses them; this is what notices."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
                if connection.vendor == "sqlite"
                else "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
            )
            found = {
                table: {name for name, of in rows if of == table and "_keeps_" in name}
                for rows in [cursor.fetchall()]
                for _, table in rows
            }
        for table in database.APPEND_ONLY:
            assert len(found[table]) == (3 if connection.vendor == "sqlite" else 2)


@pytest.mark.django_db(transaction=True)
class TestSomebodyWhoRemovesTheTriggers:
    @pytest.mark.parametrize(
        ("statement", "line"),
        [
            ("UPDATE records_record SET actor = 'bryn' WHERE number = 3", 3),
            ("UPDATE records_record SET payload = '{\"measures\":[]}' WHERE number = 3", 3),
            ("UPDATE records_record SET payload = 'x' WHERE number = 3", 3),
            ("UPDATE records_record SET payload = '{ }' WHERE number = 3", 3),
            ("UPDATE records_record SET at = '2026-01-01 00:00:00+00:00' WHERE number = 3", 3),
            ("UPDATE records_record SET hash = 'x' WHERE number = 3", 3),
            ("UPDATE records_record SET number = 9 WHERE number = 3", 3),
            ("UPDATE records_record SET number = 0 WHERE number = 3", 1),
            ("DELETE FROM records_record WHERE number = 1", 1),
            ("DELETE FROM records_record WHERE number = 3", 3),
        ],
    )
    def test_is_found_out(self, statement: str, line: int) -> None:
        add(5)
        without_triggers(statement)
        report = verify_live()
        assert (report.ok, report.first_broken_line) == (False, line)

    def test_at_the_end_is_found_out_by_a_head_noted_before(self) -> None:
        noted = add(5).hash
        without_triggers("DELETE FROM records_record WHERE number > 3")
        assert verify_live().ok
        report = verify_live(noted)
        assert (report.ok, report.first_broken_line) == (False, 4)


@pytest.mark.django_db(transaction=True)
def test_many_threads_append_one_chain() -> None:
    def keep_adding() -> None:
        try:
            for _ in range(15):
                add()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=keep_adding) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = verify_live()
    assert (report.ok, report.records) == (True, 60)


@pytest.mark.django_db(transaction=True)
def test_an_append_waits_for_the_transaction_before_it() -> None:
    """Two decisions at once: the second waits, whether the first commits or is taken back."""
    for commits in (True, False):
        holds, may_end = threading.Event(), threading.Event()
        expected = head()[0] + (2 if commits else 1)

        def first(commits: bool = commits, holds: threading.Event = holds, may_end: threading.Event = may_end) -> None:
            try:
                with transaction.atomic():
                    append("k", actor="first", subject="s", payload={})
                    holds.set()
                    may_end.wait(10)
                    transaction.set_rollback(not commits)
            finally:
                connections.close_all()

        def second() -> None:
            try:
                add(actor="second")
            finally:
                connections.close_all()

        one, two = threading.Thread(target=first), threading.Thread(target=second)
        one.start()
        assert holds.wait(10)
        two.start()
        two.join(0.3)
        assert two.is_alive()
        may_end.set()
        one.join()
        two.join()
        report = verify_live()
        assert (report.ok, report.records) == (True, expected)


@pytest.mark.django_db(transaction=True)
def test_triggers_that_were_put_back_refuse_again() -> None:
    add()
    without_triggers("SELECT 1")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Record.objects.update(actor="bryn")

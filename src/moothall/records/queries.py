"""Asking the chain: its head, whether it holds, and all of it as an export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from moothall.records.chain import (
    GENESIS,
    NotCanonical,
    Report,
    canonical,
    fault,
    head_line,
    moment,
    sealed_hash,
    verify_lines,
)
from moothall.records.models import Record, Sealed

_CHUNK = 2000


def head() -> tuple[int, str]:
    """Return the number and hash of the newest record; (0, GENESIS) when there is none."""
    newest = Record.objects.order_by("-number").values_list("number", "hash").first()
    return newest or (0, GENESIS)


def for_subject(subject: str) -> list[Record]:
    """Return the records about ``subject`` ("comment:12"), oldest first."""
    return list(Record.objects.filter(subject=subject).order_by("number"))


def verify_live(expect_head: str | None = None) -> Report:
    """Check every record of this database, in order, and every sealed value that has not been erased.

    Streams; the whole check sees one state of the database. With ``expect_head``, a hash noted earlier, the chain must
    contain it: without one, records missing from the end cannot be noticed.
    """
    with transaction.atomic():
        report = _verify_chain(expect_head)
        return _verify_sealed(report) if report.ok else report


def export_lines() -> Iterator[str]:
    """Yield the export's lines without line ends: each record, then the head. Sealed values are not in it.

    The lines hold together however long the caller takes: records added meanwhile are left out.
    """
    last, count, newest = head()[0], 0, GENESIS
    for record in _in_order(last):
        count, newest = count + 1, record.hash
        yield canonical(_as_line(record))
    yield head_line(count, newest)


def _in_order(last: int | None = None) -> Iterator[Record]:
    """Yield the records by number in keyset pages, so that no cursor is held open between them."""
    after = -1
    rows = Record.objects.order_by("number")
    if last is not None:
        rows = rows.filter(number__lte=last)
    while page := list(rows.filter(number__gt=after)[:_CHUNK]):
        yield from page
        after = page[-1].number


def _as_line(record: Record) -> dict[str, Any]:
    return {
        "number": record.number,
        "at": moment(record.at),
        "kind": record.kind,
        "actor": record.actor,
        "subject": record.subject,
        "payload": json.loads(record.payload),
        "previous_hash": record.previous_hash,
        "hash": record.hash,
    }


def _verify_chain(expect_head: str | None) -> Report:
    records, previous, seen = 0, GENESIS, expect_head in (None, GENESIS)
    for record in _in_order():
        reason = _fault_in_row(record, records + 1, previous)
        if reason:
            return Report(False, records, previous, records + 1, reason)
        records, previous = records + 1, record.hash
        seen = seen or previous == expect_head
    if not seen:
        return Report(
            False, records, previous, records + 1, f"the expected head {expect_head} is nowhere in this chain"
        )
    return Report(True, records, previous)


def _fault_in_row(record: Record, number: int, previous: str) -> str | None:
    try:
        line = _as_line(record)
        if canonical(line["payload"]) != record.payload:
            return f"record {record.number} was altered: its payload is not in canonical form"
        return fault(line, number, previous)
    except (NotCanonical, ValueError, RecursionError):
        return f"record {record.number} was altered: its payload is not canonical JSON"


def _verify_sealed(report: Report) -> Report:
    """Return ``report``, or what is wrong with the first sealed value that is not what its record was given."""
    after = 0
    rows = Sealed.objects.order_by("pk").select_related("record")
    while page := list(rows.filter(pk__gt=after)[:_CHUNK]):
        for kept in page:
            hashes = json.loads(kept.record.payload).get("sealed", {})
            if hashes.get(kept.name) != sealed_hash(kept.salt, kept.value):
                number = kept.record.number
                reason = f"the sealed value {kept.name!r} of record {number} was altered"
                return Report(False, number - 1, kept.record.previous_hash, number, reason)
        after = page[-1].pk
    return report


__all__ = ["Report", "export_lines", "for_subject", "head", "verify_lines", "verify_live"]

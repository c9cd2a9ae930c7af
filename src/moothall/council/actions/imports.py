"""Taking a CSV file into a register: looked at first, then applied whole or not at all, and exactly as it was looked at."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone

from moothall.council.acting import must_be_active, one_writer_at_a_time
from moothall.council.actions.registers import (
    Written,
    begin_after,
    differs,
    end,
    fill,
    not_over,
    past_ends,
    record_changes,
)
from moothall.council.models import Entry, PreviewedImport, RegisterImport, SpecialDay
from moothall.council.queries.registers import register_named
from moothall.council.registers import Register
from moothall.council.spreadsheets import Fault, Row, Sheet, read_sheet
from moothall.policy.calendar import london_day
from moothall.team.models import Officer
from moothall.words import DomainError

Mode = Literal["add", "replace"]
#: A preview is personal data lying about: it goes when it is applied, or after this.
_KEPT_FOR: Final = timedelta(days=1)


class ModeUnknown(DomainError):
    """A file is taken in to “add” and change entries, or to “replace” the register."""

    code = "mode_unknown"


class PreviewUnknown(DomainError):
    """This preview is not there any more: it was applied, a day has passed, or somebody else made it. Choose the file again."""

    code = "preview_unknown"


class PreviewStale(DomainError):
    """The register has changed since you looked. Choose the file again and look at what it would change now."""

    code = "preview_stale"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What a file would do to one entry: ``added``, ``changed`` or ``ended``, and the entry before and after, by column.

    ``line`` is where the file says so; None for an entry that ends because the file lacks it.
    """

    what: str
    line: int | None
    title: str
    before: dict[str, str] | None
    after: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file would do. ``token`` is for ``apply_import``; None where there are faults, and then nothing can be applied."""

    token: str | None
    register: str
    mode: str
    encoding: str
    delimiter: str
    rows: int
    added: int
    changed: int
    ended: int
    unchanged: int
    changes: tuple[PlannedChange, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A planned change with what it takes to carry it out; ``values`` None: the entry ends."""

    change: PlannedChange
    entry: Entry
    values: dict[str, Any] | None


def preview_import(register: str, data: bytes, *, mode: Mode, officer: Officer, file_name: str = "") -> ImportPreview:
    """Return what a CSV file would do to a register, and every faulty row; nothing is changed.

    ``mode`` ``add`` adds and changes entries; ``replace`` also ends those that the file lacks. Raises RegisterUnknown,
    ModeUnknown, OfficerLeft, and ImportRefused where the file as a whole cannot be read.
    """
    must_be_active(officer)
    its = register_named(register)
    if mode not in ("add", "replace"):
        raise ModeUnknown
    sheet = _read(its, data)
    now = timezone.now()
    steps, unchanged, faults = _plan(its, sheet, mode, now)
    found = tuple(sorted((*sheet.faults, *faults), key=lambda fault: fault.line))
    token = None
    if not found:
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            PreviewedImport.objects.filter(previewed_at__lt=now - _KEPT_FOR).delete()
            PreviewedImport.objects.create(
                token=token,
                register=its.name,
                mode=mode,
                file_name=file_name[-200:],
                sha256=hashlib.sha256(data).hexdigest(),
                content=data,
                plan_sha256=_hash_of(steps),
                previewed_by=officer,
                previewed_at=now,
            )
    return ImportPreview(
        token=token,
        register=its.name,
        mode=mode,
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        rows=len(sheet.rows),
        **_counts(steps),
        unchanged=unchanged,
        changes=tuple(step.change for step in steps),
        faults=found,
    )


def apply_import(token: str, *, officer: Officer) -> RegisterImport:
    """Apply the file that this officer looked at under ``token``, whole, and return what was done.

    Raises PreviewUnknown, PreviewStale when it would no longer do what was shown, OfficerLeft.
    """
    must_be_active(officer)
    now = timezone.now()
    with transaction.atomic():
        preview = PreviewedImport.objects.select_for_update().filter(token=token, previewed_by=officer).first()
        if preview is None or preview.previewed_at < now - _KEPT_FOR:
            raise PreviewUnknown
        its = register_named(preview.register)
        one_writer_at_a_time(its.model)
        steps, unchanged, faults = _plan(its, _read(its, bytes(preview.content)), preview.mode, now)
        if faults or _hash_of(steps) != preview.plan_sha256:
            raise PreviewStale
        applied = RegisterImport.objects.create(
            register=its.name,
            mode=preview.mode,
            file_name=preview.file_name,
            sha256=preview.sha256,
            **_counts(steps),
            unchanged=unchanged,
            by=officer,
            at=now,
        )
        written = _carry_out(its, steps, now)
        preview.delete()
        record_changes(its, written, officer=officer, at=now, taken_in_with=applied)
    return applied


def _read(register: Register, data: bytes) -> Sheet:
    columns = [column.name for column in register.columns]
    return read_sheet(data, columns, [column.name for column in register.columns if column.required])


def _plan(register: Register, sheet: Sheet, mode: str, now: datetime) -> tuple[list[_Step], int, list[Fault]]:
    """Return the steps in the order of the file, the number of rows that change nothing, and what is wrong with rows."""
    standing = {one.key: one for one in register.model._default_manager.filter(not_over(now))}
    ended = past_ends(register, now)
    lines: dict[str, int] = {}
    steps: list[_Step] = []
    faults: list[Fault] = []
    unchanged = 0
    if any(fault.code in ("column_unknown", "column_missing", "column_twice") for fault in sheet.faults):
        return [], 0, []  # with a column lost, every row would be faulty, and the header is what to mend
    for row in sheet.rows:
        values, found = _values(register, row, standing)
        if found:
            faults += found
            continue
        key = register.key_of(values)
        if key in lines:
            faults.append(
                Fault(row.line, register.columns[0].name, f"The same entry is on line {lines[key]} already.", "twice")
            )
            continue
        lines[key] = row.line
        entry = standing.get(key)
        if entry is None and _is_past(values, now):
            if _was_there(register, key, values):
                unchanged += 1
            else:
                faults.append(Fault(row.line, "until", "This entry would be over already.", "already_over"))
            continue
        if problem := begin_after(values, ended.get(key)):
            faults.append(Fault(row.line, problem.column, problem.message, problem.code))
        elif entry is None:
            steps.append(_step(register, "added", row.line, None, values))
        elif differs(register, entry, values):
            steps.append(_step(register, "ended" if _is_past(values, now) else "changed", row.line, entry, values))
        else:
            unchanged += 1
    if mode == "replace":
        steps += [
            _Step(PlannedChange("ended", None, entry.title, entry.values(), None), entry, None)
            for key, entry in sorted(standing.items())
            if key not in lines and not (isinstance(entry, SpecialDay) and entry.day < london_day(now))
        ]
    return steps, unchanged, faults


def _values(register: Register, row: Row, standing: dict[str, Entry]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the values of a row. Columns that the file lacks are as the entry that is there has them."""
    values, problems = register.read(row.cells)
    if not problems and len(row.cells) < len(register.columns):
        entry = standing.get(register.key_of(values))
        if entry is not None:
            values, problems = register.read(entry.values() | dict(row.cells))
    return values, [Fault(row.line, problem.column, problem.message, problem.code) for problem in problems]


def _is_past(values: dict[str, Any], now: datetime) -> bool:
    ends_at = values.get("ends_at")
    return ends_at is not None and ends_at <= now


def _was_there(register: Register, key: str, values: dict[str, Any]) -> bool:
    return any(not differs(register, one, values) for one in register.model._default_manager.filter(key=key))


def _step(register: Register, what: str, line: int, entry: Entry | None, values: dict[str, Any]) -> _Step:
    new = fill(register, register.model(), values)
    before = entry.values() if entry is not None else None
    return _Step(PlannedChange(what, line, new.title, before, new.values()), entry or new, values)


def _carry_out(register: Register, steps: list[_Step], now: datetime) -> list[Written]:
    new = [step.entry for step in steps if step.change.what == "added"]
    register.model._default_manager.bulk_create(new, batch_size=500)
    for step in steps:
        if step.values is None:
            end(step.entry, now)
        elif step.change.what != "added":
            fill(register, step.entry, step.values).save()
    return [Written(step.entry, step.change.what, step.change.before, step.entry.values()) for step in steps]


def _counts(steps: list[_Step]) -> dict[str, int]:
    return {what: sum(step.change.what == what for step in steps) for what in ("added", "changed", "ended")}


def _hash_of(steps: list[_Step]) -> str:
    """Return the SHA-256 over everything the steps would do."""
    said = [
        [step.change.what, step.change.line, step.entry.pk, step.change.before, step.change.after] for step in steps
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

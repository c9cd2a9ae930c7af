"""Adding, changing and ending single entries of a register. Nothing is deleted: an entry ends, and its past stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from moothall.council.acting import must_be_active, one_writer_at_a_time
from moothall.council.cells import ward_key, write
from moothall.council.models import Councillor, Entry, RegisterChange, RegisterImport
from moothall.council.queries.registers import EntryUnknown, register_named
from moothall.council.registers import EntryFaulty, Problem, Register
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError

#: So many changes of one import go into one record, so that no record grows without bounds.
_CHANGES_A_RECORD: Final = 500


class EntryExists(DomainError):
    """There is such an entry already. Change that one, or end it first."""

    code = "entry_exists"


class EntryOver(DomainError):
    """This entry has ended. Add a new one."""

    code = "entry_over"


@dataclass(frozen=True, slots=True)
class Written:
    """One change that was made: to which entry, what, and the entry as text before and after, None where there was none."""

    entry: Entry
    what: str
    before: dict[str, str] | None
    after: dict[str, str] | None


def add_entry(register: str, values: Mapping[str, str], *, officer: Officer) -> Entry:
    """Add an entry to the register of this name and return it. ``values`` are texts by column, as on a form.

    Raises RegisterUnknown, EntryFaulty, EntryExists, OfficerLeft.
    """
    must_be_active(officer)
    its = register_named(register)
    found, problems = its.read(values)
    if problems:
        raise EntryFaulty(problems)
    with transaction.atomic():
        one_writer_at_a_time(its.model)
        now = timezone.now()
        key = its.key_of(found)
        if its.model._default_manager.filter(not_over(now), key=key).exists():
            raise EntryExists
        if problem := begin_after(found, past_ends(its, now, key).get(key)):
            raise EntryFaulty([problem])
        entry = write_entry(its, its.model(), found)
        record_changes(its, [Written(entry, "added", None, entry.values())], officer=officer, at=now)
    return entry


def change_entry(register: str, entry_id: int, values: Mapping[str, str], *, officer: Officer) -> Entry:
    """Change some columns of an entry and return it; columns that are not in ``values`` stay. No change leaves no record.

    Raises RegisterUnknown, EntryUnknown, EntryOver, EntryFaulty, EntryExists, OfficerLeft.
    """
    must_be_active(officer)
    its = register_named(register)
    with transaction.atomic():
        one_writer_at_a_time(its.model)
        now = timezone.now()
        entry = _open_entry(its, entry_id, now)
        before = entry.values()
        found, problems = its.read(before | dict(values))
        if problems:
            raise EntryFaulty(problems)
        key = its.key_of(found)
        if problem := begin_after(found, past_ends(its, now, key).get(key)):
            raise EntryFaulty([problem])
        if not differs(its, entry, found):
            return entry
        others = its.model._default_manager.exclude(pk=entry.pk)
        if others.filter(not_over(now), key=key).exists():
            raise EntryExists
        write_entry(its, entry, found)
        record_changes(its, [Written(entry, "changed", before, entry.values())], officer=officer, at=now)
    return entry


def end_entry(register: str, entry_id: int, *, officer: Officer, reason: str = "") -> Entry:
    """End an entry, now, and return it; one that has not begun never will. Raises EntryUnknown, EntryOver, OfficerLeft."""
    must_be_active(officer)
    its = register_named(register)
    with transaction.atomic():
        one_writer_at_a_time(its.model)
        now = timezone.now()
        entry = _open_entry(its, entry_id, now)
        before = entry.values()
        end(entry, now)
        record_changes(its, [Written(entry, "ended", before, entry.values())], officer=officer, at=now, reason=reason)
    return entry


def not_over(now: datetime) -> Q:
    """What holds of an entry that is in force at ``now`` or will be."""
    return Q(ends_at__isnull=True) | Q(ends_at__gt=now)


def past_ends(register: Register, now: datetime, *keys: str) -> dict[str, datetime]:
    """Return, by key, when the last entry that is over ended: of these keys, or of all."""
    over = register.model._default_manager.filter(ends_at__lte=now)
    if keys:
        over = over.filter(key__in=keys)
    # One that ended as it began was never in force.
    over = over.filter(Q(starts_at__isnull=True) | Q(starts_at__lt=F("ends_at"))).order_by("ends_at")
    return {key: ends_at for key, ends_at in over.values_list("key", "ends_at") if ends_at is not None}


def begin_after(values: dict[str, Any], past_end: datetime | None) -> Problem | None:
    """Let an entry without a first day begin when the one before it ended; return what is wrong where it begins earlier."""
    if past_end is None:
        return None
    if values.get("starts_at") is None:
        values["starts_at"] = past_end
    if values["starts_at"] >= past_end:
        return None
    until = write(past_end, last_day=True)
    return Problem(
        "from", f"An earlier entry of the same kind was in force until {until}: this one begins later.", "overlaps"
    )


def differs(register: Register, entry: Entry, values: Mapping[str, Any]) -> bool:
    """Return whether ``values``, by field, are others than the entry holds."""
    return any(getattr(entry, column.stored_as) != values[column.stored_as] for column in register.columns)


def fill(register: Register, entry: Entry, values: Mapping[str, Any]) -> Entry:
    """Put values that were read and found right into an entry, without saving it, and return it."""
    for field, value in values.items():
        setattr(entry, field, value)
    entry.key, entry.found_by = register.key_of(values), register.found_by(values)
    if isinstance(entry, Councillor):
        entry.ward_key = ward_key(entry.ward)
    return entry


def write_entry(register: Register, entry: Entry, values: Mapping[str, Any]) -> Entry:
    """Put values that were read and found right into an entry, new or old, save it and return it."""
    fill(register, entry, values).save()
    return entry


def end(entry: Entry, now: datetime) -> None:
    """Let an entry end now. One that has not begun begins and ends at once: it was never in force."""
    entry.ends_at = now
    if entry.starts_at is not None:
        entry.starts_at = min(entry.starts_at, now)
    entry.save(update_fields=["starts_at", "ends_at"])


def record_changes(
    register: Register,
    written: list[Written],
    *,
    officer: Officer,
    at: datetime,
    taken_in_with: RegisterImport | None = None,
    reason: str = "",
) -> None:
    """Leave what was changed in the records, what it was before and after sealed, and in each entry's history."""
    # A file that changes nothing was still taken in: it leaves a record too.
    for first in range(0, len(written) or 1, _CHANGES_A_RECORD):
        part = written[first : first + _CHANGES_A_RECORD]
        sealed = {
            f"{register.name}:{one.entry.pk}": json.dumps(
                {"before": one.before, "after": one.after}, ensure_ascii=False, sort_keys=True
            )
            for one in part
        }
        if reason.strip():
            sealed["reason"] = reason.strip()
        payload: dict[str, Any] = {"register": register.name}
        if taken_in_with is None:
            (one,) = part
            payload["what"] = one.what
            if one.before is not None and one.after is not None:
                payload["columns"] = sorted(name for name in one.after if one.before[name] != one.after[name])
            subject, kind = f"{register.name}:{one.entry.pk}", "register.changed"
        else:
            payload |= {"file_sha256": taken_in_with.sha256, "mode": taken_in_with.mode}
            payload |= {"first": first + 1, "last": first + len(part), "of": len(written)}
            payload |= {what: sum(one.what == what for one in part) for what in ("added", "changed", "ended")}
            subject, kind = f"import:{taken_in_with.pk}", "register.imported"
        record = append(kind, actor=officer.email, subject=subject, payload=payload, sealed=sealed, at=at)
        RegisterChange.objects.bulk_create(
            RegisterChange(
                register=register.name,
                entry_id=one.entry.pk,
                what=one.what,
                by=officer,
                at=at,
                record_number=record.number,
                taken_in_with=taken_in_with,
            )
            for one in part
        )


def _open_entry(register: Register, entry_id: int, now: datetime) -> Entry:
    entry = register.model._default_manager.filter(pk=entry_id).first()
    if entry is None:
        raise EntryUnknown
    if entry.is_over(now):
        raise EntryOver
    return entry

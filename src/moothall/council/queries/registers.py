"""Asking the registers: lists and searches, an entry's history, and what the reader is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.utils import timezone

from moothall.council.cells import handle_key, plain, ward_key
from moothall.council.models import (
    ActiveCase,
    AuthorisedUser,
    Candidate,
    Councillor,
    Entry,
    RegisterChange,
    RegisterImport,
    WardPostcode,
)
from moothall.council.postcodes import PostcodeFaulty, postcode
from moothall.council.registers import REGISTERS, Register
from moothall.council.spreadsheets import write_sheet
from moothall.policy.calendar import london_day
from moothall.records.models import Sealed
from moothall.signals import Registers
from moothall.words import DomainError

Show = Literal["current", "over", "all"]


class RegisterUnknown(DomainError):
    """There is no such register."""

    code = "register_unknown"


class EntryUnknown(DomainError):
    """There is no such entry in this register."""

    code = "entry_unknown"


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a register, in order. ``next`` is the ``after`` of the page that follows, empty on the last one."""

    entries: list[Entry]
    next: str
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change in an entry's history. ``before`` and ``after`` are texts by column; both None once they were erased."""

    at: datetime
    by: str
    what: str
    before: dict[str, str] | None
    after: dict[str, str] | None
    reason: str
    import_id: int | None


def register_named(name: str) -> Register:
    """Return the register of this name. Raises RegisterUnknown."""
    if name not in REGISTERS:
        raise RegisterUnknown(f"There is no register “{name}”. Registers: {', '.join(REGISTERS)}.")
    return REGISTERS[name]


def entries(register: str, *, search: str = "", show: Show = "current", after: str = "", limit: int = 50) -> Page:
    """Return a page of a register: entries in force or to come, those that are over, or all, that hold every word searched.

    ``after`` is the ``next`` of the page before. Raises RegisterUnknown.
    """
    chosen = _chosen(register_named(register), show)
    for word in plain(search).split():
        chosen = chosen.filter(found_by__contains=word)
    total = chosen.count()
    if after:
        number, _, key = after.partition(":")
        pk = int(number) if number.isdecimal() else 0
        chosen = chosen.filter(Q(key__gt=key) | Q(key=key, pk__gt=pk))
    found = list(chosen.order_by("key", "pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, f"{found[-1].pk}:{found[-1].key}" if more else "", total)


def entry(register: str, entry_id: int) -> Entry:
    """Return one entry of a register. Raises RegisterUnknown, EntryUnknown."""
    found = register_named(register).model._default_manager.filter(pk=entry_id).first()
    if found is None:
        raise EntryUnknown
    return found


def history(register: str, entry_id: int) -> list[Change]:
    """Return what was done to an entry, the newest first. Raises RegisterUnknown."""
    name = register_named(register).name
    changes = list(RegisterChange.objects.select_related("by").filter(register=name, entry_id=entry_id))
    kept: dict[tuple[int, str], str] = {
        (record, sealed): value
        for record, sealed, value in Sealed.objects.filter(
            record_id__in=[change.record_number for change in changes], name__in=[f"{name}:{entry_id}", "reason"]
        ).values_list("record_id", "name", "value")
    }
    return [_change(change, kept) for change in changes]


def _change(change: RegisterChange, kept: dict[tuple[int, str], str]) -> Change:
    content: dict[str, Any] = json.loads(kept.get((change.record_number, change.sealed_as), "{}"))
    return Change(
        at=change.at,
        by=change.by.name or change.by.email,
        what=change.what,
        before=content.get("before"),
        after=content.get("after"),
        reason=kept.get((change.record_number, "reason"), ""),
        import_id=change.taken_in_with_id,
    )


def imports(register: str) -> list[RegisterImport]:
    """Return the files that were taken into a register, the newest first. Raises RegisterUnknown."""
    return list(RegisterImport.objects.select_related("by").filter(register=register_named(register).name))


def export_csv(register: str, *, show: Show = "current") -> str:
    """Return a register as CSV. Taken in again as it is, it changes nothing. Raises RegisterUnknown."""
    its = register_named(register)
    rows = (found.values() for found in _chosen(its, show).order_by("key", "pk"))
    return write_sheet([column.name for column in its.columns], rows)


def registers(at: datetime | None = None) -> Registers:
    """Return what the reader is told: the names and handles in force at ``at``, now by default, each once."""
    at = at or timezone.now()
    cases = list(ActiveCase.objects.filter(_in_force(at)))
    candidates = list(Candidate.objects.filter(_in_force(at)))
    return Registers(
        active_cases=_once(name for case in cases for name in [*case.names, *case.protected_names]),
        candidates=_once(name for one in candidates for name in [one.name, *one.also_known_as]),
        councillors=_once(Councillor.objects.filter(_in_force(at)).values_list("name", flat=True)),
        authorised=_once(AuthorisedUser.objects.filter(_in_force(at)).values_list("handle", flat=True)),
    )


def ward_of(text: str, at: datetime | None = None) -> str | None:
    """Return the ward in which a postcode lies, None where the register does not know. Raises PostcodeFaulty."""
    found = WardPostcode.objects.filter(_in_force(at or timezone.now()), key=plain(postcode(text))).first()
    return found.ward if found else None


def councillors_for(postcode_or_ward: str, at: datetime | None = None) -> list[Councillor]:
    """Return the councillors of a ward, named or found by a postcode, by name; none where it is not known.

    Raises PostcodeFaulty for a text with figures that is neither a ward with councillors nor a postcode.
    """
    at = at or timezone.now()
    named = list(Councillor.objects.filter(_in_force(at), ward_key=ward_key(postcode_or_ward)))
    if named or not any(character.isdecimal() for character in postcode_or_ward):
        return named
    ward = ward_of(postcode_or_ward, at)
    return list(Councillor.objects.filter(_in_force(at), ward_key=ward_key(ward))) if ward else []


def is_authorised(platform: str, handle: str, at: datetime | None = None) -> bool:
    """Return whether this handle on this platform may use the council's name and pictures at ``at``, now by default."""
    key = "\n".join((plain(platform), handle_key(handle)))
    return AuthorisedUser.objects.filter(_in_force(at or timezone.now()), key=key).exists()


def _in_force(at: datetime) -> Q:
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
    return begun & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def _chosen(register: Register, show: Show) -> QuerySet[Entry]:
    now = timezone.now()
    everything: QuerySet[Entry] = register.model._default_manager.all()
    current = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    if register.name == "special_days":
        current &= Q(day__gte=london_day(now))
    return {"current": everything.filter(current), "over": everything.exclude(current), "all": everything}[show]


def _once(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


__all__ = [
    "Change",
    "EntryUnknown",
    "Page",
    "PostcodeFaulty",
    "RegisterUnknown",
    "councillors_for",
    "entries",
    "entry",
    "export_csv",
    "history",
    "imports",
    "is_authorised",
    "register_named",
    "registers",
    "ward_of",
]

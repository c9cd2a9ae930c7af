"""The registers on the desk: one set of pages that serves every register from the description of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import actions, queries
from moothall.council.actions import EntryFaulty
from moothall.council.actions.imports import ImportPreview, PlannedChange
from moothall.council.cells import BETWEEN
from moothall.council.models import Entry
from moothall.council.queries import Change
from moothall.council.queries.registers import Show
from moothall.council.registers import REGISTERS, Column, Register
from moothall.desk import wording
from moothall.desk.access import officer_of, officers_only
from moothall.desk.council.fields import Form, file, one_of, words
from moothall.desk.council.sentences import readable
from moothall.words import DomainError

_PAGE: Final = 50
_SHOWN: Final[Mapping[Show, str]] = {
    "current": "Those that count now",
    "over": "Those that are over",
    "all": "All",
}
#: So many columns fit beside each other on a screen; the entry's own page shows the rest.
_MOST_IN_A_ROW: Final = 4
#: So many faults and changes of a file are listed; what all of them would do stands above, in numbers.
_MOST_LISTED: Final = 200
#: What a register may hold is shorter and its own business; this only keeps a form from being a book.
_MOST_CHARACTERS: Final = 20_000


class EntryForm(Form):
    """A field for each column of a register."""

    def __init__(self, register: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, fields={column.name: _field(column) for column in register.columns}, **kwargs)

    def refuse(self, error: DomainError, fields: Any = None) -> None:
        """Show each problem of an entry beside its column."""
        if not isinstance(error, EntryFaulty):
            super().refuse(error, fields)
            return
        for problem in error.problems:
            super().refuse(DomainError(problem.message, problem.code), {problem.code: problem.column})


class Ending(Form):
    """Why an entry ends."""

    reason = words("Why", "Kept in the entry’s history", rows=2, most=1000)


class ImportForm(Form):
    """A file of rows, and whether entries that it does not have are to end."""

    upload = file("The CSV file", missing="Choose the CSV file", accept=".csv,text/csv")
    mode = one_of(
        "What to do with entries that the file does not have",
        (("add", "Keep them: the file adds and changes"), ("replace", "End them: the file is the whole register")),
        missing="Say what happens to entries that the file does not have",
    )


@require_safe
@officers_only
def register(request: HttpRequest, name: str) -> HttpResponse:
    """One page of a register's entries."""
    found = _register_or_404(name)
    shown = _shown(request)
    search = request.GET.get("search", "").strip()[:200]
    after = request.GET.get("after", "")
    page = queries.entries(name, search=search, show=shown, after=after, limit=_PAGE)
    columns = found.columns[:_MOST_IN_A_ROW]
    now = timezone.now()
    context = {
        "register": found,
        "columns": columns[1:],
        "first": columns[0],
        "rows": [_row(entry, columns, now) for entry in page.entries],
        "page": page,
        "search": search,
        "shown": shown,
        "show_choices": _SHOWN.items(),
        "after": after,
    }
    return render(request, "desk/council/register.html", context)


@require_http_methods(["GET", "POST"])
@officers_only
def add(request: HttpRequest, name: str) -> HttpResponse:
    found = _register_or_404(name)
    form = EntryForm(found, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.add_entry(name, form.cleaned_data, officer=officer_of(request))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{made.title} is on the register.")
            return redirect("council-register", name)
    context = {"register": found, "form": form, "entry": None}
    return render(request, "desk/council/entry_form.html", context, status=422 if form.errors else 200)


@require_safe
@officers_only
def entry(request: HttpRequest, name: str, entry_id: int) -> HttpResponse:
    return _show(request, name, entry_id, Ending())


@require_http_methods(["GET", "POST"])
@officers_only
def change(request: HttpRequest, name: str, entry_id: int) -> HttpResponse:
    found, current = _register_or_404(name), _entry_or_404(name, entry_id)
    if current.is_over(timezone.now()):
        return redirect("council-entry", name, entry_id)
    form = EntryForm(found, request.POST if request.method == "POST" else None, initial=_lined(found, current.values()))
    if form.is_bound and form.is_valid():
        try:
            actions.change_entry(name, entry_id, form.cleaned_data, officer=officer_of(request))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, "The entry is changed. Its history keeps what it said before.")
            return redirect("council-entry", name, entry_id)
    context = {"register": found, "form": form, "entry": current}
    return render(request, "desk/council/entry_form.html", context, status=422 if form.errors else 200)


@require_POST
@officers_only
def end(request: HttpRequest, name: str, entry_id: int) -> HttpResponse:
    form = Ending(request.POST)
    current = _entry_or_404(name, entry_id)
    if form.is_valid():
        try:
            actions.end_entry(name, entry_id, officer=officer_of(request), reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error, {"reason_missing": "reason"})
        else:
            messages.success(request, f"{current.title} no longer counts, from now on. The register keeps it as over.")
            return redirect("council-register", name)
    return _show(request, name, entry_id, form)


@require_http_methods(["GET", "POST"])
@officers_only
def import_rows(request: HttpRequest, name: str) -> HttpResponse:
    """Read a file and show what it would do; nothing is kept but the preview."""
    found = _register_or_404(name)
    if request.method == "GET":
        return _show_import(request, found, ImportForm(initial={"mode": "add"}))
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_import(request, found, form)
    upload, mode = form.cleaned_data["upload"], form.cleaned_data["mode"]
    try:
        preview = actions.preview_import(
            name, upload.read(), mode=mode, officer=officer_of(request), file_name=upload.name
        )
    except DomainError as error:
        form.refuse(error, {error.code: "upload"})
        return _show_import(request, found, form)
    return _show_import(request, found, ImportForm(initial={"mode": mode}), preview=preview, file_name=upload.name)


@require_POST
@officers_only
def apply_rows(request: HttpRequest, name: str) -> HttpResponse:
    """Carry out exactly what a preview showed."""
    _register_or_404(name)
    try:
        done = actions.apply_import(request.POST.get("token", ""), officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("council-import", name)
    messages.success(
        request,
        f"The file is in the register: {done.added} added, {done.changed} changed, {done.ended} ended, "
        f"{done.unchanged} as before.",
    )
    return redirect("council-register", name)


@require_safe
@officers_only
def export(request: HttpRequest, name: str) -> HttpResponse:
    _register_or_404(name)
    response = HttpResponse(queries.export_csv(name, show=_shown(request)), content_type="text/csv; charset=utf-8")
    stem = f"{name.replace('_', '-')}-{timezone.localdate():%Y-%m-%d}"
    response["Content-Disposition"] = f'attachment; filename="{stem}.csv"'
    return response


def _shown(request: HttpRequest) -> Show:
    return next((show for show in _SHOWN if show == request.GET.get("show")), "current")


def _show(request: HttpRequest, name: str, entry_id: int, form: Ending) -> HttpResponse:
    found, current = _register_or_404(name), _entry_or_404(name, entry_id)
    values = current.values()
    context = {
        "register": found,
        "entry": current,
        "over": current.is_over(timezone.now()),
        "values": [(column.label, readable(column, values.get(column.name, ""))) for column in found.columns],
        "history": [(change, _differences(found, change)) for change in queries.history(name, entry_id)],
        "form": form,
    }
    return render(request, "desk/council/entry.html", context, status=422 if form.errors else 200)


def _show_import(
    request: HttpRequest, found: Register, form: ImportForm, preview: ImportPreview | None = None, file_name: str = ""
) -> HttpResponse:
    refused = bool(form.errors) or bool(preview and preview.faults)
    context = {
        "register": found,
        "form": form,
        "preview": preview,
        "file_name": file_name,
        "faults": preview.faults[:_MOST_LISTED] if preview else (),
        "changes": [(one, _differences(found, one)) for one in preview.changes[:_MOST_LISTED]] if preview else (),
        "more_faults": max(0, len(preview.faults) - _MOST_LISTED) if preview else 0,
        "more_changes": max(0, len(preview.changes) - _MOST_LISTED) if preview else 0,
        "imports": queries.imports(found.name)[:10],
    }
    return render(request, "desk/council/import.html", context, status=422 if refused else 200)


def _differences(found: Register, change: Change | PlannedChange) -> list[tuple[str, str, str]]:
    """Return label, before and after of each column that a change touches."""
    before, after = change.before or {}, change.after or {}
    touched = []
    for column in found.columns:
        was, now = before.get(column.name) or "", after.get(column.name) or ""
        if was != now:
            touched.append((column.label, readable(column, was), readable(column, now)))
    return touched


def _field(column: Column) -> forms.Field:
    ask = "Choose one under" if column.choices else "Fill in"
    missing = f"{ask} “{column.label}”" if column.required else ""
    hint = column.help[:1].upper() + column.help[1:]
    if column.choices:
        choices = [(value, wording.PLATFORM.get(value, label)) for value, label in column.choices.items()]
        return one_of(column.label, choices, hint, missing=missing)
    if column.many:
        return words(column.label, f"{hint}. One a line", missing=missing, rows=4, most=_MOST_CHARACTERS)
    return words(column.label, hint, missing=missing, rows=4 if column.longest > 300 else 0, most=_MOST_CHARACTERS)


def _lined(found: Register, values: dict[str, str]) -> dict[str, str]:
    """Return the values for a form: several values one a line, not in a row with bars."""
    many = {column.name for column in found.columns if column.many}
    return {name: value.replace(BETWEEN, "\n") if name in many else value for name, value in values.items()}


def _row(entry: Entry, columns: Sequence[Column], now: datetime) -> dict[str, Any]:
    values = entry.values()
    return {
        "entry": entry,
        "first": readable(columns[0], values.get(columns[0].name, "")) or entry.title,
        "cells": [(column, readable(column, values.get(column.name, ""))) for column in columns[1:]],
        "over": entry.is_over(now),
    }


def _register_or_404(name: str) -> Register:
    if name not in REGISTERS:
        raise Http404
    return REGISTERS[name]


def _entry_or_404(name: str, entry_id: int) -> Entry:
    _register_or_404(name)
    try:
        return queries.entry(name, entry_id)
    except DomainError as missing:
        raise Http404(missing.message) from missing

"""Office hours, closed days and the incident switch on the desk."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import actions, queries
from moothall.desk.access import officer_of, officers_only
from moothall.desk.council import sentences
from moothall.desk.council.fields import Form, clock, day, tick, words
from moothall.desk.council.sentences import WEEKDAYS
from moothall.words import DomainError


class Week(Form):
    """Opening and closing time per weekday; both empty where the office is shut."""

    open_on_bank_holidays = tick("The office keeps these hours on bank holidays too")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        times = {}
        for number, name in enumerate(WEEKDAYS):
            times[f"opens_{number}"] = clock(f"{name}: opens", "")
            times[f"closes_{number}"] = clock(f"{name}: closes", "")
        super().__init__(*args, fields=times, **kwargs)

    def rows(self) -> list[tuple[str, Any, Any]]:
        """Return each weekday with its two fields."""
        return [(name, self[f"opens_{number}"], self[f"closes_{number}"]) for number, name in enumerate(WEEKDAYS)]

    def days(self) -> dict[int, tuple[time, time]]:
        """Return weekday (0 Monday) to opening and closing time, without the days on which the office is shut."""
        pairs = {n: (self.cleaned_data.get(f"opens_{n}"), self.cleaned_data.get(f"closes_{n}")) for n in range(7)}
        return {number: (opens, closes) for number, (opens, closes) in pairs.items() if opens and closes}

    def clean(self) -> dict[str, Any]:
        """Ask for the other time where only one is there."""
        cleaned = super().clean() or {}
        for number, name in enumerate(WEEKDAYS):
            opens, closes = f"opens_{number}", f"closes_{number}"
            if self.errors.keys() & {opens, closes}:
                continue
            if cleaned.get(opens) is not None and cleaned.get(closes) is None:
                self.add_error(closes, f"{name}: enter when the office closes, or empty both")
            elif cleaned.get(closes) is not None and cleaned.get(opens) is None:
                self.add_error(opens, f"{name}: enter when the office opens, or empty both")
            elif cleaned.get(opens) is not None and cleaned[closes] <= cleaned[opens]:
                self.add_error(closes, f"{name}: the office must close after it opens")
        return cleaned


class IncidentForm(Form):
    """An incident: why, and until when at the latest."""

    reason = words(
        "What has happened",
        "Kept in the records",
        missing="Say what has happened",
        rows=2,
        most=1000,
    )
    until_day = day("Day on which it ends by itself", "Leave both empty to end it by hand")
    until_time = clock("Time", "In London")

    def clean(self) -> dict[str, Any]:
        """Ask for the other half where only a day or only a time is there."""
        cleaned = super().clean() or {}
        if (cleaned.get("until_day") is None) != (cleaned.get("until_time") is None) and not self.errors:
            missing = "until_time" if cleaned.get("until_time") is None else "until_day"
            self.add_error(missing, "Enter both the day and the time, or neither")
        return cleaned


class IncidentEnd(Form):
    """What is to be said about an incident that is over."""

    note = words("Note", "Kept in the records", rows=2, most=1000)


@require_safe
@officers_only
def hours(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    year = timezone.localdate().year
    timetable = queries.office_hours(now)
    context = {
        "week": [(name, timetable.week.days.get(number)) for number, name in enumerate(WEEKDAYS)],
        "timetable": timetable,
        "open_now": timetable.open_at(now),
        "next_opening": timetable.next_opening(now),
        "special_days": [
            (entry, sentences.special_day(entry.values()))
            for entry in queries.entries("special_days", limit=100).entries
        ],
        "bank_holidays": [(each, queries.bank_holidays_in(each)) for each in (year, year + 1)],
        "weeks": queries.office_weeks(),
    }
    return render(request, "desk/council/hours.html", context)


@require_http_methods(["GET", "POST"])
@officers_only
def change_week(request: HttpRequest) -> HttpResponse:
    timetable = queries.office_hours()
    initial: dict[str, Any] = {"open_on_bank_holidays": timetable.week.bank_holidays}
    for number, (opens, closes) in timetable.week.days.items():
        initial |= {f"opens_{number}": f"{opens:%H:%M}", f"closes_{number}": f"{closes:%H:%M}"}
    form = Week(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            actions.set_office_week(
                form.days(),
                officer=officer_of(request),
                open_on_bank_holidays=form.cleaned_data["open_on_bank_holidays"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, "The office hours are set, from now on.")
            return redirect("council-hours")
    return render(request, "desk/council/week_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@officers_only
def incident(request: HttpRequest) -> HttpResponse:
    return _show_incident(request, IncidentForm(), IncidentEnd())


@require_POST
@officers_only
def start_incident(request: HttpRequest) -> HttpResponse:
    form = IncidentForm(request.POST)
    if form.is_valid():
        try:
            actions.start_incident(
                form.cleaned_data["reason"],
                officer=officer_of(request),
                until=form.moment("until_day", "until_time") if form.cleaned_data["until_day"] else None,
            )
        except DomainError as error:
            form.refuse(error, {"reason_missing": "reason", "incident_backwards": "until_day"})
        else:
            messages.success(request, "The incident switch is on.")
            return redirect("council-incident")
    return _show_incident(request, form, IncidentEnd())


@require_POST
@officers_only
def end_incident(request: HttpRequest) -> HttpResponse:
    form = IncidentEnd(request.POST)
    if form.is_valid():
        try:
            actions.end_incident(officer=officer_of(request), note=form.cleaned_data["note"])
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "The incident is over. The ordinary rules apply again.")
        return redirect("council-incident")
    return _show_incident(request, IncidentForm(), form)


def _show_incident(request: HttpRequest, starting: IncidentForm, ending: IncidentEnd) -> HttpResponse:
    running = queries.incident_at(timezone.now())
    form: Form = ending if running else starting
    before = [each for each in queries.incidents() if running is None or each.pk != running.pk]
    context = {"running": running, "form": form, "before": before}
    return render(request, "desk/council/incident.html", context, status=422 if form.errors else 200)

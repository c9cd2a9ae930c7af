"""Elections and pre-election periods on the desk: entered, computed, confirmed, corrected, called off."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import actions, queries
from moothall.council.models import ELECTION_KINDS, Election, Period
from moothall.desk.access import officer_of, officers_only
from moothall.desk.council import sentences
from moothall.desk.council.fields import Form, clock, day, days_and_clock, one_of, words, written
from moothall.words import DomainError

_ENTERING: Final = {
    "kind_unknown": "kind",
    "name_missing": "name",
    "too_long": "name",
    "election_there": "poll_date",
    "reason_missing": "reason",
    "notice_after_poll": "notice_on",
    "called_after_poll": "called_on",
}
_TIMES: Final = {
    "reason_missing": "reason",
    "period_backwards": "ends_day",
    "period_too_long": "ends_day",
}


class ElectionForm(Form):
    """An election as the returning officer announces it."""

    kind = one_of("Kind", list(ELECTION_KINDS.items()), missing="Say what kind of election it is")
    name = words("Name", "For example, Borough council elections 2027", missing="Give the election a name", most=120)
    ward = words("Ward or division", "For a by-election: the ward that votes", most=120)
    poll_date = day("Polling day", missing="Enter polling day")
    notice_on = day("Notice of election published on", "Leave empty until it is published")
    called_on = day("Called on", "Only for an election that comes by surprise: the day it was called")
    source = words("Where this is from", "For example, the returning officer’s notice of 22 March", most=300)


class ElectionChange(ElectionForm):
    """As entered, and why it changes."""

    reason = words("Why it changes", "Needed when polling day moves", rows=2, most=1000)


class Confirmation(Form):
    """The times of a period as they are to count, and why they differ from the computed ones."""

    starts_day = day("Day", missing="Enter the day on which the period begins")
    starts_time = clock("Time", "In London", missing="Enter the time at which the period begins")
    ends_day = day("Day", missing="Enter the day on which the period ends")
    ends_time = clock("Time", "In London", missing="Enter the time at which the period ends")
    reason = words("Reason", "Needed when the times are not the computed ones", rows=2, most=1000)


class EnteredPeriod(Confirmation):
    """A period that no election of the council's own opens."""

    election = words("Which poll it is for", missing="Say which poll the period is for", most=120)
    field_order = ("election",)


class CallingOff(Form):
    """Why an election does not take place."""

    reason = words(
        "Why it does not take place",
        "For example, a candidate has died and the poll is countermanded",
        missing="Say why the election does not take place",
        rows=2,
        most=1000,
    )


@require_safe
@officers_only
def elections(request: HttpRequest) -> HttpResponse:
    past = request.GET.get("past") == "1"
    listed = queries.elections(past=past)
    if past:
        listed = [each for each in reversed(listed) if each.poll_date < timezone.localdate()]
    context = {
        "elections": [(election, sentences.period_state(election)) for election in listed],
        "past": past,
        "by_hand": [period for period in queries.periods() if period.of_election is None],
    }
    return render(request, "desk/council/elections.html", context)


@require_http_methods(["GET", "POST"])
@officers_only
def add(request: HttpRequest) -> HttpResponse:
    form = ElectionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.enter_election(**form.cleaned_data, officer=officer_of(request))
        except DomainError as error:
            form.refuse(error, _ENTERING)
        else:
            messages.success(request, "The election is entered. Look at the period below and confirm it.")
            return redirect("council-election", made.pk)
    context = {"form": form, "election": None}
    return render(request, "desk/council/election_form.html", context, status=422 if form.errors else 200)


@require_safe
@officers_only
def election(request: HttpRequest, election_id: int) -> HttpResponse:
    return _show(request, _election_or_404(election_id), CallingOff())


@require_http_methods(["GET", "POST"])
@officers_only
def change(request: HttpRequest, election_id: int) -> HttpResponse:
    found = _election_or_404(election_id)
    names = ElectionForm.base_fields
    initial = {name: getattr(found, name) for name in names} | {
        name: written(value) for name in names if (value := getattr(found, name)) and name in _DATES
    }
    form = ElectionChange(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        try:
            actions.change_election(election_id, officer=officer_of(request), reason=reason, **values)
        except DomainError as error:
            form.refuse(error, _ENTERING)
        else:
            messages.success(request, "The election is changed.")
            return redirect("council-election", election_id)
    context = {"form": form, "election": found}
    return render(request, "desk/council/election_form.html", context, status=422 if form.errors else 200)


_DATES: Final = ("poll_date", "notice_on", "called_on")


@require_POST
@officers_only
def call_off(request: HttpRequest, election_id: int) -> HttpResponse:
    found = _election_or_404(election_id)
    form = CallingOff(request.POST)
    if form.is_valid():
        try:
            actions.call_off_election(election_id, officer=officer_of(request), reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error, _TIMES)
        else:
            messages.success(request, "The election is called off. Its history stays.")
            return redirect("council-election", election_id)
    return _show(request, found, form)


@require_http_methods(["GET", "POST"])
@officers_only
def confirm(request: HttpRequest, election_id: int) -> HttpResponse:
    """Confirm the computed period of an election, or another with a reason."""
    found = _election_or_404(election_id)
    if found.called_off_at is not None or not queries.opens_period(found):
        return redirect("council-election", election_id)
    computed = queries.computed_period(found)
    initial = days_and_clock("starts", computed.starts_at) | days_and_clock("ends", computed.ends_at)
    form = Confirmation(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        starts, ends = form.moment("starts_day", "starts_time"), form.moment("ends_day", "ends_time")
        edited = (starts, ends) != (computed.starts_at, computed.ends_at)
        try:
            actions.confirm_election_period(
                election_id,
                officer=officer_of(request),
                starts_at=starts if edited else None,
                ends_at=ends if edited else None,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            form.refuse(error, _TIMES)
        else:
            messages.success(request, "The period is confirmed, in your name.")
            return redirect("council-election", election_id)
    context = {"form": form, "election": found, "computed": computed, "how": sentences.how_computed(found)}
    return render(request, "desk/council/period_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@officers_only
def enter_period(request: HttpRequest) -> HttpResponse:
    """Enter a period by hand, for a poll of somebody else."""
    form = EnteredPeriod(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.enter_period(
                form.cleaned_data["election"],
                form.moment("starts_day", "starts_time"),
                form.moment("ends_day", "ends_time"),
                officer=officer_of(request),
            )
        except DomainError as error:
            form.refuse(error, _TIMES)
        else:
            messages.success(request, "The period is entered. Confirm it below.")
            return redirect("council-period", made.pk)
    context = {"form": form, "entering": True}
    return render(request, "desk/council/period_form.html", context, status=422 if form.errors else 200)


@require_safe
@officers_only
def period(request: HttpRequest, period_id: int) -> HttpResponse:
    """A period that was entered by hand, without an election."""
    found = _period_or_404(period_id)
    context = {"period": found, "history": queries.period_history(found)}
    return render(request, "desk/council/period.html", context)


@require_POST
@officers_only
def confirm_entered(request: HttpRequest, period_id: int) -> HttpResponse:
    _period_or_404(period_id)
    try:
        made = actions.confirm_period(period_id, officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("council-period", period_id)
    messages.success(request, "The period is confirmed, in your name.")
    return redirect("council-period", made.pk)


@require_http_methods(["GET", "POST"])
@officers_only
def correct(request: HttpRequest, period_id: int) -> HttpResponse:
    """Put a period right: the new times count, the old ones stay in its history."""
    found = _period_or_404(period_id)
    initial = days_and_clock("starts", found.starts_at) | days_and_clock("ends", found.ends_at)
    form = Confirmation(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["reason"].help_text = "Why it is put right. Kept in the records"
    if form.is_bound and form.is_valid():
        starts, ends = form.moment("starts_day", "starts_time"), form.moment("ends_day", "ends_time")
        try:
            made = actions.correct_period(
                period_id,
                officer=officer_of(request),
                starts_at=starts,
                ends_at=ends,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            form.refuse(error, _TIMES)
        else:
            messages.success(request, "The period is put right. What it was before is in its history.")
            return redirect(_page_of(made))
    context = {"form": form, "period": found, "election": found.of_election}
    return render(request, "desk/council/period_form.html", context, status=422 if form.errors else 200)


def _show(request: HttpRequest, found: Election, form: CallingOff) -> HttpResponse:
    confirmed = queries.period_for(found)
    opens = queries.opens_period(found)
    context: dict[str, Any] = {
        "election": found,
        "kind": dict(ELECTION_KINDS)[found.kind],
        "opens": opens,
        "computed": queries.computed_period(found) if opens else None,
        "how": sentences.how_computed(found) if opens else "",
        "why_none": sentences.why_no_period(found),
        "period": confirmed,
        "history": queries.period_history(confirmed) if confirmed else [],
        "over": found.poll_date < timezone.localdate(),
        "form": form,
    }
    return render(request, "desk/council/election.html", context, status=422 if form.errors else 200)


def _page_of(period: Period) -> Any:
    if period.of_election is not None:
        return redirect("council-election", period.of_election.pk).url
    return redirect("council-period", period.pk).url


def _election_or_404(election_id: int) -> Election:
    try:
        return queries.election(election_id)
    except DomainError as missing:
        raise Http404(missing.message) from missing


def _period_or_404(period_id: int) -> Period:
    for found in queries.periods():
        if found.pk == period_id:
            return found
    raise Http404

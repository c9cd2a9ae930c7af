"""The house rules on the desk: which are in force, trying new ones, and putting them in force."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import actions, queries
from moothall.council.models import PolicyProposal, PolicyVersion
from moothall.council.queries import NoRulesInForce
from moothall.desk.access import managers_only, officer_of, officers_only
from moothall.desk.council.fields import Form, clock, day, file, one_of, words
from moothall.policy import Policy, PolicyError, differences, loads
from moothall.words import DomainError

#: The text travels through the next form, which takes no more. The shipped rules have a tenth of it.
_MOST_BYTES: Final = 200_000
_PROPOSING: Final = {
    "note_missing": "note",
    "starts_in_the_past": "starts_day",
    "moment_taken": "starts_day",
}


class NewRules(Form):
    """The text of new house rules, from a file or pasted."""

    upload = file(
        "The file with the new house rules", "A house rules file ends in .yaml", accept=".yaml,.yml,text/plain"
    )
    text = words("Or paste its text here", rows=14, most=_MOST_BYTES, strip=False, style="file-text")

    def clean(self) -> dict[str, Any]:
        """Take the file where there is one, and refuse when there is neither or the file is no text."""
        cleaned = super().clean() or {}
        upload = cleaned.get("upload")
        if upload is None:
            if not str(cleaned.get("text", "")).strip() and not self.errors:
                self.add_error("upload", "Choose the file with the new house rules, or paste its text")
            return cleaned
        if upload.size > _MOST_BYTES:
            raise ValidationError({"upload": "This file is too large for house rules. Choose one under 200 kilobytes"})
        try:
            cleaned["text"] = _plain_lines(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(
                {"upload": "This file is not text in UTF-8. Save it as UTF-8 and try again"}
            ) from None
        return cleaned

    def clean_text(self) -> str:
        """Return the pasted text with plain line ends."""
        return _plain_lines(str(self.cleaned_data["text"]))


class Proposal(Form):
    """What is said about checked rules when they are proposed: from when on, and why."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    when = one_of(
        "In force from",
        (("now", "As soon as they are put in force"), ("later", "A later day and time")),
        missing="Say from when the rules are to be in force",
    )
    starts_day = day("Day", "For a later start. For example, 27/3/2027")
    starts_time = clock("Time", "In London. For example, 00:01")
    note = words(
        "What changes and why, for the public",
        "One or two sentences. They stand beside this version on the public page of versions",
        missing="Say in a sentence, for the public, why the rules change",
        rows=3,
        most=1000,
    )

    def clean_text(self) -> str:
        """Return the text as it was checked."""
        return _plain_lines(str(self.cleaned_data["text"]))

    def clean(self) -> dict[str, Any]:
        """Ask for the day and the time when a later start was chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("when") == "later":
            for name, what in (("starts_day", "Enter the day"), ("starts_time", "Enter the time of day")):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, f"{what} from which the rules are to be in force")
        return cleaned


class Reason(Form):
    """Why something is turned down, withdrawn, ended or called off."""

    reason = words("Reason", "Kept in the records", missing="Give the reason", rows=2, most=1000)


@require_safe
@officers_only
def rules(request: HttpRequest) -> HttpResponse:
    """Every version, those proposed first."""
    now = timezone.now()
    versions = queries.versions()
    current = _in_force()
    context = {
        "current": current[0] if current else None,
        "policy": current[1] if current else None,
        "proposals": queries.open_proposals(),
        "versions": [(version, _state(version, current[0] if current else None, now)) for version in versions],
    }
    return render(request, "desk/council/rules.html", context)


@require_http_methods(["GET", "POST"])
@managers_only
def new(request: HttpRequest) -> HttpResponse:
    """Take new rules, check them at once, and show what they change; nothing is kept."""
    form = NewRules(request.POST or None, request.FILES or None)
    if request.method == "GET":
        return _ask(request, NewRules())
    if not form.is_valid():
        return _ask(request, form)
    text = form.cleaned_data["text"]
    try:
        loads(text, name="house rules")
    except PolicyError as faulty:
        return _ask(request, NewRules(initial={"text": text}), faulty)
    return _preview(request, text, Proposal(initial={"text": text, "when": "now"}))


@require_POST
@managers_only
def propose(request: HttpRequest) -> HttpResponse:
    """Keep checked rules as a proposal."""
    text = _plain_lines(request.POST.get("text", ""))
    form = Proposal(request.POST)
    try:
        loads(text, name="house rules")
    except PolicyError as faulty:
        return _ask(request, NewRules(initial={"text": text}), faulty)
    if not form.is_valid():
        return _preview(request, text, form)
    later = form.cleaned_data["when"] == "later"
    try:
        proposal = actions.propose_rules(
            text,
            officer=officer_of(request),
            note=form.cleaned_data["note"],
            in_force_from=form.moment("starts_day", "starts_time") if later else None,
        )
    except DomainError as error:
        form.refuse(error, _PROPOSING)
        return _preview(request, text, form)
    return redirect("council-proposal", proposal.pk)


@require_safe
@officers_only
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    return _show_proposal(request, _proposal_or_404(proposal_id), Reason())


@require_POST
@managers_only
def put_in_force(request: HttpRequest, proposal_id: int) -> HttpResponse:
    _proposal_or_404(proposal_id)
    try:
        version = actions.put_proposal_in_force(proposal_id, officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("council-proposal", proposal_id)
    later = version.in_force_from > timezone.now()
    said = "are set to come into force" if later else "are in force"
    messages.success(request, f"House rules {version.version} {said}. The public page of versions shows them.")
    return redirect("council-version", version.pk)


@require_POST
@managers_only
def turn_down(request: HttpRequest, proposal_id: int) -> HttpResponse:
    proposed = _proposal_or_404(proposal_id)
    form = Reason(request.POST)
    if form.is_valid():
        try:
            actions.turn_down_proposal(proposal_id, officer=officer_of(request), reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error, {"reason_missing": "reason"})
        else:
            messages.success(request, "The proposal is closed. The rules in force stay as they are.")
            return redirect("council-rules")
    return _show_proposal(request, proposed, form)


@require_safe
@officers_only
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    return _show_version(request, _version_or_404(version_id), Reason())


@require_POST
@managers_only
def withdraw(request: HttpRequest, version_id: int) -> HttpResponse:
    found = _version_or_404(version_id)
    form = Reason(request.POST)
    if form.is_valid():
        try:
            actions.withdraw_version(version_id, officer=officer_of(request), reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error, {"reason_missing": "reason"})
        else:
            messages.success(request, f"House rules {found.version} are withdrawn: they will not come into force.")
            return redirect("council-version", version_id)
    return _show_version(request, found, form)


def _plain_lines(text: str) -> str:
    """Return the text as it was before a browser sent its line ends as CR LF, so that the hash stays the file's own."""
    return text.replace("\r\n", "\n")


def _ask(request: HttpRequest, form: NewRules, faulty: PolicyError | None = None) -> HttpResponse:
    refused = faulty is not None or form.is_bound
    lines = dict(enumerate(str(form.initial.get("text", "")).split("\n"), start=1))
    faults = [(fault, lines.get(fault["line"], "").strip()[:120]) for fault in faulty.errors] if faulty else []
    context = {"form": form, "faults": faults}
    return render(request, "desk/council/rules_new.html", context, status=422 if refused else 200)


def _preview(request: HttpRequest, text: str, form: Proposal) -> HttpResponse:
    policy = loads(text, name="house rules")
    current = _in_force()
    context = {
        "form": form,
        "policy": policy,
        "current": current[0] if current else None,
        "differences": differences(current[1], policy) if current else None,
        "second_person": queries.second_person_needed(text),
        "text": text,
    }
    return render(request, "desk/council/rules_preview.html", context, status=422 if form.errors else 200)


def _show_proposal(request: HttpRequest, proposed: PolicyProposal, form: Reason) -> HttpResponse:
    policy = _read(proposed.text)
    current = _in_force()
    context = {
        "proposal": proposed,
        "policy": policy,
        "form": form,
        "differences": differences(current[1], policy) if current and policy and proposed.is_open else None,
        "why_not": queries.may_put_in_force(proposed, officer_of(request)),
        "own": proposed.proposed_by_id == officer_of(request).pk,
    }
    return render(request, "desk/council/proposal.html", context, status=422 if form.errors else 200)


def _show_version(request: HttpRequest, found: PolicyVersion, form: Reason) -> HttpResponse:
    now = timezone.now()
    current = _in_force()
    policy, before = _read(found.text), _before(found)
    earlier = _read(before.text) if before else None
    context = {
        "version": found,
        "policy": policy,
        "before": before,
        "state": _state(found, current[0] if current else None, now),
        "differences": differences(earlier, policy) if earlier and policy else None,
        "may_withdraw": found.starts_later(now) and officer_of(request).is_manager,
        "form": form,
    }
    return render(request, "desk/council/version.html", context, status=422 if form.errors else 200)


def _state(version: PolicyVersion, current: PolicyVersion | None, now: Any) -> str:
    if version.is_withdrawn:
        return "withdrawn"
    if current is not None and version.pk == current.pk:
        return "in force"
    return "to come" if version.starts_later(now) else "past"


def _before(found: PolicyVersion) -> PolicyVersion | None:
    """Return the version that this one took, or takes, the place of."""
    earlier = [
        each for each in queries.versions() if not each.is_withdrawn and each.in_force_from < found.in_force_from
    ]
    return earlier[0] if earlier else None


def _in_force() -> tuple[PolicyVersion, Policy] | None:
    try:
        return queries.policy_in_force()
    except NoRulesInForce:
        return None


def _read(text: str) -> Policy | None:
    """Return the rules in a text that was checked once; None where a later Moothall no longer reads it."""
    try:
        return loads(text, name="house rules")
    except PolicyError:
        return None


def _proposal_or_404(proposal_id: int) -> PolicyProposal:
    for proposed in queries.proposals():
        if proposed.pk == proposal_id:
            return proposed
    raise Http404


def _version_or_404(version_id: int) -> PolicyVersion:
    for found in queries.versions():
        if found.pk == version_id:
            return found
    raise Http404

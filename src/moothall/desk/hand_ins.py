"""Copies seen elsewhere: handing one in, stating that it could confuse, deciding, carrying it out, and the evidence pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import queries as council
from moothall.desk import evidence_pack
from moothall.desk.access import officer_of, officers_only
from moothall.desk.council.fields import days_and_clock
from moothall.desk.hand_in_forms import HandInForm, ProofForm, StatementForm, uploaded
from moothall.moderation import hand_in_acts as acts
from moothall.moderation.hand_in_state import HandInState, done_about, hand_in_state, hand_ins, offers
from moothall.moderation.handing_in import FileRefused, hand_in
from moothall.moderation.second_officer import SecondPersonNeeded
from moothall.words import DomainError

_PAGE: Final = 50
#: Asked where the house rules do not word the question themselves.
_QUESTIONS: Final = {
    "confusing": "Could people mistake it for a genuine publication or account of the council?",
    "authorised": "Did the council allow this person to use its name, logo or pictures?",
}


@require_safe
@officers_only
def index(request: HttpRequest) -> HttpResponse:
    """A page of what was handed in, newest first."""
    before = _number(request.GET.get("before", "")) or None
    rows = hand_ins(before, limit=_PAGE + 1)
    context = {
        "hand_ins": rows[:_PAGE],
        "first_page": before is None,
        "next": rows[_PAGE - 1].hand_in.pk if len(rows) > _PAGE else None,
    }
    return render(request, "desk/hand_in/index.html", context)


@require_http_methods(["GET", "POST"])
@officers_only
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(
            request, "desk/hand_in/new.html", {"form": HandInForm(initial=days_and_clock("seen", timezone.now()))}
        )
    form = HandInForm(request.POST, request.FILES)
    if form.is_valid():
        made = _handed_in(request, form)
        if made is not None:
            return redirect("hand-in", made)
    return render(request, "desk/hand_in/new.html", {"form": form}, status=422)


def _handed_in(request: HttpRequest, form: HandInForm) -> int | None:
    """Hand it in and return its number; None where it was refused, and the form says why."""
    files: dict[str, Any] = {name: uploaded(request.FILES, name) for name in ("picture", "our_picture")}
    try:
        return hand_in(officer=officer_of(request), **form.stated(), **files).pk
    except FileRefused as refused:
        form.refuse(refused, {refused.code: refused.field})
    except DomainError as error:
        form.refuse(error, HandInForm.REFUSALS)
    return None


@require_safe
@officers_only
def one(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    return _show(request, _or_404(hand_in_id))


@require_POST
@officers_only
def state(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    """Keep what the officer states; it may be stated anew until something is decided."""
    current = _or_404(hand_in_id)
    form = StatementForm(_questions(), request.POST)
    if not form.is_valid():
        return _show(request, current, statement=form)
    stated = {name: form.cleaned_data[name] == "yes" for name in ("confusing", "authorised")}
    return _act(
        request,
        current,
        lambda given: acts.state(hand_in_id, **stated, **given),
        "Your statement is on record.",
        lambda error: form.refuse(error, {"exception_applies": "authorised"}),
        statement=form,
    )


@require_POST
@officers_only
def decide(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    """Decide; where the house rules want a second officer for it, ask for one: the form is the same."""
    chosen: dict[str, Any] = {
        "measures": request.POST.getlist("measures"),
        "clause_id": request.POST.get("clause", ""),
        "reason": request.POST.get("reason", ""),
    }

    def act(given: dict[str, Any]) -> None:
        try:
            acts.decide(hand_in_id, **chosen, **given)
            messages.success(request, "It is decided.")
        except SecondPersonNeeded:
            acts.ask(hand_in_id, **chosen, **given)
            messages.success(request, "A second officer has been asked to confirm it. Nothing is done until then.")

    return _act(request, _or_404(hand_in_id), act, "", chosen=chosen)


@require_POST
@officers_only
def step(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    """Write down what was sent to whoever runs the account before any measure."""
    taken: dict[str, Any] = {name: request.POST.get(name, "") for name in ("step", "clause_id", "text")}
    return _act(
        request,
        _or_404(hand_in_id),
        lambda given: acts.take_step(hand_in_id, **taken, **given),
        "What you sent is on record.",
        taken=taken,
    )


@require_POST
@officers_only
def answer(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    """Confirm, decline or withdraw what waits for a second officer."""
    answers: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
        "confirm": (lambda given: acts.confirm(hand_in_id, **given), "It is decided, in both your names."),
        "decline": (
            lambda given: acts.decline(hand_in_id, note=request.POST.get("note", ""), **given),
            "Declined. It is open again.",
        ),
        "withdraw": (lambda given: acts.withdraw(hand_in_id, **given), "Withdrawn. It is open again."),
    }
    if request.POST.get("answer") not in answers:
        raise Http404
    return _act(request, _or_404(hand_in_id), *answers[request.POST["answer"]])


@require_POST
@officers_only
def undo(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    return _act(
        request,
        _or_404(hand_in_id),
        lambda given: acts.undo(hand_in_id, **given),
        "The decision is taken back. It is open again, and the record keeps both.",
    )


@require_POST
@officers_only
def done(request: HttpRequest, hand_in_id: int, act_id: int) -> HttpResponse:
    """Write down that a measure was carried out at the platform."""
    current = _or_404(hand_in_id)
    measure = request.POST.get("measure", "")
    if act_id not in [act.pk for act in current.acts]:
        raise Http404
    form = ProofForm(request.POST, prefix=measure)
    if not form.is_valid():
        return _show(request, current, proofs={measure: form})
    try:
        acts.carried_out(act_id, officer=officer_of(request), measure=measure, proof=form.cleaned_data["proof"])
    except DomainError as error:
        form.refuse(error)
        return _show(request, current, proofs={measure: form})
    messages.success(request, "What you did is on record.")
    return redirect("hand-in", hand_in_id)


@require_safe
@officers_only
def picture(request: HttpRequest, hand_in_id: int, which: str) -> HttpResponse:
    """The kept copy of a picture: pixels alone, so that nothing in it can act."""
    hand_in = _or_404(hand_in_id).hand_in
    kept = hand_in.picture if which == "seen" else hand_in.our_picture
    if kept is None:
        raise Http404
    return HttpResponse(bytes(kept.png), content_type="image/png")


@require_safe
@officers_only
def pack(request: HttpRequest, hand_in_id: int) -> HttpResponse:
    """The evidence pack, as one file that fetches nothing."""
    current = _or_404(hand_in_id)
    response = HttpResponse(evidence_pack.written(current), content_type="text/html; charset=utf-8")
    # Never shown in the desk's own pages: what strangers wrote is in it.
    response["Content-Disposition"] = f'attachment; filename="hand-in-{hand_in_id}-{len(current.acts)}.html"'
    return response


def _act(
    request: HttpRequest,
    current: HandInState,
    act: Callable[[dict[str, Any]], Any],
    said: str,
    refuse: Callable[[DomainError], None] | None = None,
    **shown: Any,
) -> HttpResponse:
    """Carry one act out as the officer who is signed in, and go back to the page; refused, show it with what was sent."""
    try:
        act({"officer": officer_of(request), "expected_number": _number(request.POST.get("number", ""))})
    except DomainError as error:
        if refuse is None or error.code in ("somebody_was_quicker", "hand_in_decided"):
            shown["error"] = error
        else:
            refuse(error)
        return _show(request, _or_404(current.hand_in.pk), **shown)
    if said:
        messages.success(request, said)
    return redirect("hand-in", current.hand_in.pk)


def _show(
    request: HttpRequest,
    current: HandInState,
    *,
    error: DomainError | None = None,
    statement: StatementForm | None = None,
    proofs: dict[str, ProofForm] | None = None,
    chosen: dict[str, Any] | None = None,
    taken: dict[str, str] | None = None,
) -> HttpResponse:
    wrong = error is not None or statement is not None or bool(proofs)
    stated = {name: "yes" if value else "no" for name, value in current.stated.items()}
    if current.hand_in.registered:
        stated["authorised"] = "yes"
    context = {
        "state": current,
        "hand_in": current.hand_in,
        "compared": evidence_pack.side_by_side(current.hand_in),
        "marks": evidence_pack.marks(current.hand_in),
        "offers": offers(current),
        "statement": statement or StatementForm(_questions(), initial=stated),
        "to_do": [(each, (proofs or {}).get(each.measure) or ProofForm(prefix=each.measure)) for each in current.to_do],
        "done": done_about(current),
        "own_request": current.request is not None and current.request.officer_id == officer_of(request).pk,
        "error": error,
        "chosen": chosen or {},
        "taken": taken or {},
        "form": statement or next(iter((proofs or {}).values()), None),
    }
    return render(request, "desk/hand_in/one.html", context, status=422 if wrong else 200)


def _number(text: str) -> int:
    """Return a number that was sent, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _questions() -> tuple[str, str]:
    """Return the two questions as the rules in force word them."""
    _, policy = council.policy_in_force(timezone.now())
    confusing, authorised = (policy.facts.get(name, words) for name, words in _QUESTIONS.items())
    return confusing, authorised


def _or_404(hand_in_id: int) -> HandInState:
    current = hand_in_state(hand_in_id)
    if current is None:
        raise Http404
    return current

"""What stands between an officer and a measure: a second officer, a step that comes first, facts only a person can see."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from moothall.desk import wording
from moothall.desk.access import officer_of, officers_only
from moothall.desk.choices import Choice
from moothall.desk.views import show_case
from moothall.inbox import queries as inbox
from moothall.inbox.queries import NoSuchComment
from moothall.moderation import actions as moderating
from moothall.moderation.models import Proposal
from moothall.words import DomainError

_FACT = "fact-"
_ANSWERS = {"yes": True, "no": False}


@require_POST
@officers_only
def take_step(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The officer has told the author something before any measure: write down what, word for word."""
    choice = Choice.sent(request.POST)
    try:
        taken = moderating.take_step(
            comment_id,
            officer=officer_of(request),
            step=choice.step,
            clause_id=choice.clause_id,
            ground=choice.ground,
            text=choice.letter,
        )
    except DomainError as error:
        return show_case(request, comment_id, choice, error)
    messages.success(request, f"{wording.STEP_TAKEN[taken.step]}: recorded. The comment is read again with it.")
    return redirect("comment", comment_id)


@require_POST
@officers_only
def state_facts(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The officer answers what no reader can see. What is left open is not known."""
    stated = {
        name.removeprefix(_FACT): _ANSWERS[answer]
        for name, answer in request.POST.items()
        if name.startswith(_FACT) and isinstance(answer, str) and answer in _ANSWERS
    }
    try:
        changed = moderating.state_facts(comment_id, officer=officer_of(request), stated=stated)
    except NoSuchComment as missing:
        raise Http404(missing.message) from missing
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("comment", comment_id)
    if changed:
        messages.success(request, "Kept. The comment is read again with what you stated.")
    return redirect("comment", comment_id)


@require_safe
@officers_only
def reading_state(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The part of a comment's page that says whether it is still being read again."""
    try:
        view = inbox.comment_view(comment_id)
    except NoSuchComment as missing:
        raise Http404(missing.message) from missing
    return render(request, "desk/_being_read.html", {"view": view, "being_read": view.comment.state == "due"})


@require_POST
@officers_only
def confirm(request: HttpRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal_or_404(proposal_id)
    try:
        made = moderating.confirm(proposal_id, officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("comment", proposal.comment_id)
    return redirect("decision", made.pk)


@require_POST
@officers_only
def decline(request: HttpRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal_or_404(proposal_id)
    try:
        moderating.decline(proposal_id, officer=officer_of(request), note=request.POST.get("note", ""))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Declined. {proposal.asked_by} can see it on this page; the comment is still open.")
    return redirect("comment", proposal.comment_id)


@require_POST
@officers_only
def withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal_or_404(proposal_id)
    try:
        moderating.withdraw(proposal_id, officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Withdrawn. The comment is still open.")
    return redirect("comment", proposal.comment_id)


def _proposal_or_404(proposal_id: int) -> Proposal:
    proposal = Proposal.objects.select_related("asked_by").filter(pk=min(proposal_id, 2**63 - 1)).first()
    if proposal is None:
        raise Http404("There is no such request.")
    return proposal

"""What an advisor said about a comment, beside it and apart from it; and the button that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from moothall.council import queries as council
from moothall.desk.access import officer_of, officers_only
from moothall.inbox import advice as advising
from moothall.inbox import queries as inbox
from moothall.inbox.models import Advice, Comment
from moothall.inbox.queries import NoSuchComment
from moothall.team.models import Officer
from moothall.words import DomainError

_OPINION: Final = {
    "touches": "It thinks that the comment touches the house rules.",
    "does_not": "It does not think that the comment touches the clauses it was asked about.",
    "unsure": "It is unsure.",
}


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the panel shows. ``failed``: why the advisor could not be asked, empty when it could. ``again_at``: when it is
    asked once more. ``host``: where a question would go, empty when no advisor is switched on."""

    advice: Advice | None
    opinion: str
    clauses: list[str]
    on_its_way: bool
    again_at: datetime | None
    failed: str
    can_ask: bool
    host: str


def second_reading(comment: Comment, officer: Officer) -> SecondReading | None:
    """Return the panel of a comment, and write down that ``officer`` was shown the advice in it; None: nothing to show."""
    host = inbox.advisor_host()
    advice = inbox.advice_on(comment)
    request = inbox.advice_request(comment)
    if advice is None and not host:
        return None
    open = comment.desk_state == "open" and bool(comment.text.strip())
    if advice is None and not open:
        return None
    pending = bool(host) and open and request is not None and request.state in request.CLAIMABLE
    failed = request.last_error if request is not None and (pending or request.state == "failed") else ""
    if advice is not None:
        advising.note_shown(advice, officer)
    of_this_model = advice is not None and advice.model == settings.ADVISOR_MODEL[:200]
    waits = pending and request is not None and request.state == "due" and request.due_at > timezone.now()
    return SecondReading(
        advice=advice,
        opinion=_OPINION[advice.opinion] if advice else "",
        clauses=_titles(advice) if advice else [],
        on_its_way=pending and not failed,
        again_at=request.due_at if failed and waits and request is not None else None,
        failed="" if of_this_model else failed,
        can_ask=bool(host) and open and not of_this_model and not (pending and not failed),
        host=host,
    )


def _titles(advice: Advice) -> list[str]:
    policy = council.rules_of(advice.policy_version)
    return [clause.title for clause in policy.clauses if clause.id in advice.clauses]


@require_POST
@officers_only
def ask(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The officer wants a second reading; a worker asks for it."""
    try:
        advising.want(comment_id, officer_of(request))
    except NoSuchComment as missing:
        raise Http404(missing.message) from missing
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "A second reading is asked for. Load this page again in a moment to see it.")
    return redirect("comment", comment_id)

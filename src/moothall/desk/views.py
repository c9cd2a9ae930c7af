"""The officers' screens. Each view asks queries, calls one action, and shows; no rule is held here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import queries as council
from moothall.desk import wording
from moothall.desk.access import managers_only, officer_of, officers_only
from moothall.desk.case import folded, lay_out
from moothall.desk.choices import Choice
from moothall.desk.coming import told_of
from moothall.desk.outcome import Outcome, outcome
from moothall.desk.second_reading import second_reading
from moothall.inbox import queries as inbox
from moothall.inbox.models import Channel
from moothall.inbox.queries import NoSuchComment, QueueRow
from moothall.moderation import actions as moderating
from moothall.moderation import queries as moderation
from moothall.moderation.hand_in_state import requests_waiting
from moothall.moderation.queries import NoSuchDecision
from moothall.moderation.together import decide_together
from moothall.outbox import actions as outbox
from moothall.outbox import queries as sent
from moothall.outbox.models import Delivery
from moothall.policy.calendar import london_day
from moothall.records.models import Record
from moothall.records.queries import verify_live
from moothall.words import DomainError

_PAGE: Final = 25
_SKIPPED: Final = "skipped"
_MOST_SKIPPED: Final = 200


# ---- the queue ----


@require_safe
@officers_only
def queue(request: HttpRequest) -> HttpResponse:
    urgency = _urgency(request.GET.get("urgency", ""))
    counts = inbox.urgency_counts()
    page = inbox.open_queue(request.GET.get("after") or None, limit=_PAGE, urgency=urgency)
    context = {
        "groups": _groups(page.rows, counts),
        "folders": [(number, words, counts.get(number, 0)) for number, words in wording.URGENCY.items()],
        "total": sum(counts.values()),
        "urgency": urgency,
        "urgency_words": wording.URGENCY.get(urgency or 0, ""),
        "after": request.GET.get("after", ""),
        "next_after": page.next_after,
        "first": page.rows[0].comment if page.rows else None,
        "just_done": [outcome(view) for view in moderation.recent_decisions(limit=8) if not view.decision.undoes_id],
        "proposals": moderation.waiting_proposals(),
        "asked_elsewhere": requests_waiting(),
        "need_a_person": [(row, row.cause.partition(":")[2]) for row in sent.needing_a_person()],
        **_status(),
    }
    return render(request, "desk/queue.html", context)


@require_safe
@officers_only
def status(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/_status.html", _status())


def _status() -> Mapping[str, Any]:
    now = timezone.now()
    channels = inbox.channels_status()
    return {
        "channels": [(channel, _is_stale(channel, now - _patience(channel))) for channel in channels],
        "waiting": inbox.waiting(),
    }


def _patience(channel: Channel) -> timedelta:
    return timedelta(seconds=max(3 * channel.poll_seconds, 60))


def _is_stale(channel: Channel, limit: Any) -> bool:
    return channel.last_read_at is None or channel.last_read_at < limit or bool(channel.last_error)


def _urgency(word: str) -> int | None:
    return int(word) if word in {str(number) for number in wording.URGENCY} else None


def _groups(rows: Sequence[QueueRow], counts: Mapping[int, int]) -> list[tuple[int, str, int, list[QueueRow]]]:
    grouped = groupby(rows, key=lambda row: row.comment.urgency)
    return [(number, wording.URGENCY[number], counts.get(number, 0), list(some)) for number, some in grouped]


# ---- one comment ----


@require_safe
@officers_only
def comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    return show_case(request, comment_id, Choice())


def show_case(request: HttpRequest, comment_id: int, choice: Choice, error: DomainError | None = None) -> HttpResponse:
    """Return the page of one comment; with an error, what was sent is shown again and nothing typed is lost."""
    try:
        case = lay_out(comment_id, choice, officer_of(request), error)
    except NoSuchComment as missing:
        raise Http404(missing.message) from missing
    context = {
        "case": case,
        "view": case.view,
        "second_reading": second_reading(case.view.comment, officer_of(request)),
        "just_decided": _just_decided(request),
        "undo_words": wording.counted(settings.UNDO_SECONDS, "second"),
    }
    return render(request, "desk/comment.html", context, status=422 if error else 200)


def _just_decided(request: HttpRequest) -> Outcome | None:
    """What this officer decided a moment ago, to be shown with its undo above the next comment."""
    number = request.GET.get("decided", "")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        return None
    try:
        view = moderation.decision_view(int(number))
    except NoSuchDecision:
        return None
    fresh = timezone.now() - view.decision.decided_at < timedelta(minutes=10)
    return outcome(view) if fresh and view.decision.decided_by_id == officer_of(request).pk else None


@require_POST
@officers_only
def decide(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Decide; where the house rules want a second officer for it, ask for one: the form is the same."""
    choice = Choice.sent(request.POST)
    chosen: dict[str, Any] = {
        "officer": officer_of(request),
        "measures": choice.measures,
        "clause_id": choice.clause_id,
        "ground": choice.ground,
        "reason": choice.reason,
        "expected_round": choice.round,
        "stated": dict.fromkeys(choice.stated, True),
    }
    try:
        try:
            made = moderating.decide(comment_id, **chosen)
            _decide_alike(request, choice)
        except moderating.SecondPersonNeeded:
            moderating.ask(comment_id, **chosen)
            messages.success(request, "A second officer has been asked to confirm it. Nothing is done until then.")
            _decide_alike(request, choice)
            return redirect("comment", comment_id) if choice.stay else _to_next(request, comment_id)
    except DomainError as error:
        return show_case(request, comment_id, choice, error)
    if choice.stay:
        return redirect("decision", made.pk)
    return _to_next(request, comment_id, f"?decided={made.pk}")


def _decide_alike(request: HttpRequest, choice: Choice) -> None:
    """Decide the near-identical comments that the officer saw in the same way, and say what became of them."""
    if not choice.alike:
        return
    made = decide_together(
        dict(choice.alike),
        officer=officer_of(request),
        measures=choice.measures,
        clause_id=choice.clause_id,
        ground=choice.ground,
        reason=choice.reason,
    )
    if made.decided:
        messages.success(request, f"{len(made.decided)} near-identical decided alike, each with a record of its own.")
    if made.asked:
        messages.success(request, f"For {len(made.asked)} near-identical a second officer has been asked to confirm.")
    for words, count in Counter(error.message for _, error in made.refused).items():
        messages.warning(request, f"{count} near-identical left as before: {words}")


@require_POST
@officers_only
def skip(request: HttpRequest, comment_id: int) -> HttpResponse:
    try:
        inbox.comment_view(comment_id)
    except NoSuchComment as missing:
        raise Http404(missing.message) from missing
    skipped = [number for number in request.session.get(_SKIPPED, []) if number != comment_id]
    request.session[_SKIPPED] = [*skipped, comment_id][-_MOST_SKIPPED:]
    return _to_next(request, comment_id)


def _to_next(request: HttpRequest, comment_id: int, query: str = "") -> HttpResponse:
    """Go to the next open comment that was not skipped; when only skipped ones are left, to the queue."""
    following = inbox.next_open(comment_id, request.session.get(_SKIPPED, []))
    if following is not None:
        return redirect(reverse("comment", args=[following.pk]) + query)
    if request.session.pop(_SKIPPED, None):
        messages.info(request, "That was the last one. The comments you skipped are still in the queue.")
    return redirect("queue")


# ---- decisions ----


@require_safe
@officers_only
def decided(request: HttpRequest) -> HttpResponse:
    decisions = [outcome(view) for view in moderation.recent_decisions(limit=50)]
    hidden_words = folded({done.view.decision.comment_id for done in decisions})
    return render(request, "desk/decided.html", {"decisions": decisions, "folded": hidden_words})


@require_safe
@officers_only
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    now = _outcome_or_404(decision_id)
    made = now.view.decision
    day = london_day(made.decided_at)
    context = {
        "outcome": now,
        "folded": folded([made.comment_id]),
        "tellings": [each for each in told_of(made, council.rules_of(made.policy_version), day) if each.letter]
        if now.view.undone_by is None
        else [],
    }
    return render(request, "desk/decision.html", context)


@require_safe
@officers_only
def decision_state(request: HttpRequest, decision_id: int) -> HttpResponse:
    """The part of a page that counts down. Once things have settled the whole block is put in its place, and says so."""
    now = _outcome_or_404(decision_id)
    context = {"outcome": now, "short": request.GET.get("short") == "1"}
    if now.moving:
        return render(request, "desk/_journey.html", context)
    response = render(request, "desk/_settled.html", context)
    response["HX-Retarget"] = f"#decision-{decision_id}"
    response["HX-Reswap"] = "outerHTML"
    return response


def _outcome_or_404(decision_id: int) -> Outcome:
    try:
        return outcome(moderation.decision_view(decision_id))
    except NoSuchDecision as missing:
        raise Http404(missing.message) from missing


@require_POST
@officers_only
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    try:
        back = moderating.undo(decision_id, officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("decision", decision_id)
    if moderation.decision_view(back.pk).deliveries:
        return redirect("decision", back.pk)
    messages.success(request, "Taken back before anything left. The comment is open again.")
    return redirect("comment", back.comment_id)


@require_POST
@officers_only
def settle(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """A person says whether an uncertain delivery arrived."""
    answer = request.POST.get("arrived")
    if answer not in ("yes", "no") or not Delivery.objects.filter(pk=delivery_id).exists():
        raise Http404
    try:
        delivery = outbox.resolve_uncertain(delivery_id, arrived=answer == "yes", officer=officer_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        delivery = Delivery.objects.get(pk=delivery_id)
    return redirect("decision", int(delivery.cause.partition(":")[2]))


# ---- the records ----


@require_http_methods(["GET", "POST"])
@managers_only
def records(request: HttpRequest) -> HttpResponse:
    context = {
        "records": Record.objects.order_by("-number")[:50],
        "total": Record.objects.count(),
        "report": verify_live() if request.method == "POST" else None,
    }
    return render(request, "desk/records.html", context)

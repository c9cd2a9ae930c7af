"""What the council sets, on one page."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from moothall.council import queries
from moothall.council.models import PolicyVersion
from moothall.council.queries import NoRulesInForce
from moothall.council.registers import REGISTERS
from moothall.desk.access import officers_only
from moothall.desk.council import sentences
from moothall.policy import Policy


@require_safe
@officers_only
def council(request: HttpRequest) -> HttpResponse:
    """The rules in force, the next election, how much stands on each register, the hours and the incident switch."""
    now = timezone.now()
    in_force: tuple[PolicyVersion, Policy] | tuple[None, None] = (None, None)
    with suppress(NoRulesInForce):
        in_force = queries.policy_in_force(now)
    elections = queries.elections()
    coming = [each for each in elections if each.called_off_at is None]
    following = coming[0] if coming else None
    timetable = queries.office_hours(now)
    context = {
        "version": in_force[0],
        "policy": in_force[1],
        "to_come": [each for each in queries.versions() if each.starts_later(now)],
        "proposals": queries.open_proposals(),
        "election": following,
        "more_elections": len(coming) - 1,
        "period": sentences.period_state(following) if following else None,
        "registers": [(each, queries.entries(each.name, limit=1).total) for each in REGISTERS.values()],
        "pictures": queries.pictures(limit=1).total,
        "week": sentences.week_in_words(timetable.week.days),
        "open_now": timetable.open_at(now),
        "next_opening": timetable.next_opening(now),
        "incident": queries.incident_at(now),
    }
    return render(request, "desk/council/overview.html", context)

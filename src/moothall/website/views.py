"""The public pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from moothall.council import queries as council
from moothall.policy import page_body


@require_safe
def house_rules(request: HttpRequest) -> HttpResponse:
    """The house rules in force, as the very file says that the desk applies."""
    version, policy = council.policy_in_force(timezone.now())
    # Made of escaped text by the policy room, which is where its tests against hostile files are.
    body = mark_safe(page_body(policy, timezone.localdate(version.in_force_from)))  # noqa: S308
    return render(request, "website/house_rules.html", {"policy": policy, "body": body})

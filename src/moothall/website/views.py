"""The public pages."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from moothall.council import queries as council
from moothall.council.models import PolicyVersion
from moothall.council.queries import NoRulesInForce, PublicVersion
from moothall.policy import Policy, PolicyError, differences, loads, page_body


@require_safe
def house_rules(request: HttpRequest) -> HttpResponse:
    """The house rules in force, as the very file says that the desk applies."""
    now = timezone.now()
    version, policy = _in_force_or_404(now)
    context = {
        "policy": policy,
        "body": _body(policy, version.in_force_from),
        "to_come": [
            each for each in council.public_versions() if each.in_force_from > now and each.withdrawn_at is None
        ],
    }
    return render(request, "website/house_rules.html", context)


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """Every version of the house rules: from when until when, why, its hash, and what it changed."""
    _, policy = _in_force_or_404(timezone.now())
    listed = council.public_versions()
    context = {"policy": policy, "versions": [(each, _state(each), _changes(each, listed)) for each in listed]}
    return render(request, "website/versions.html", context)


@require_safe
def version(request: HttpRequest, version: str) -> HttpResponse:
    """One version as its page read, reads or will read, marked as what it is."""
    found = _version_or_404(version)
    text = council.version_named(version).text
    policy = _read(text)
    context = {
        "version": found,
        "state": _state(found),
        "policy": policy,
        "body": _body(policy, None if found.withdrawn_at else found.in_force_from) if policy else None,
        "text": text,
    }
    return render(request, "website/version.html", context)


@require_safe
def version_file(request: HttpRequest, version: str) -> HttpResponse:
    """The file of one version, byte for byte what its hash was taken of."""
    _version_or_404(version)
    text = council.version_named(version).text
    response = HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="house-rules-{slugify(version)}.yaml"'
    return response


def _in_force_or_404(at: datetime) -> tuple[PolicyVersion, Policy]:
    try:
        return council.policy_in_force(at)
    except NoRulesInForce as missing:
        raise Http404(missing.message) from missing


def _version_or_404(version: str) -> PublicVersion:
    named = [each for each in council.public_versions() if each.version == version]
    if not named:
        raise Http404
    # Rules that were withdrawn may have been put in force later after all, under the same name.
    return next((each for each in named if each.withdrawn_at is None), named[0])


def _state(version: PublicVersion) -> str:
    """Return ``withdrawn``, ``to come``, ``in force`` or ``past``."""
    now = timezone.now()
    if version.withdrawn_at is not None:
        return "withdrawn"
    if version.in_force_from > now:
        return "to come"
    return "past" if version.until is not None and version.until <= now else "in force"


def _changes(version: PublicVersion, listed: list[PublicVersion]) -> list[str] | None:
    """Return what a version changed against the one before it, in sentences; None for the first."""
    earlier = [each for each in listed if each.withdrawn_at is None and each.in_force_from < version.in_force_from]
    if not earlier:
        return None
    before = max(earlier, key=lambda each: each.in_force_from)
    return _sentences(council.version_named(before.version).text, council.version_named(version.version).text)


@lru_cache(maxsize=64)
def _sentences(old: str, new: str) -> list[str] | None:
    before, after = _read(old), _read(new)
    return differences(before, after) if before and after else None


@lru_cache(maxsize=32)
def _read(text: str) -> Policy | None:
    """The rules in a text that was checked once; None where a later Moothall no longer reads it."""
    try:
        return loads(text, name="house rules")
    except PolicyError:
        return None


def _body(policy: Policy, in_force_from: datetime | None) -> SafeString:
    since = timezone.localdate(in_force_from) if in_force_from else None
    # Made of escaped text by the policy room, which is where its tests against hostile files are.
    return mark_safe(page_body(policy, since))  # noqa: S308

"""How templates say things: the words of desk.wording as filters, and addresses that are safe to link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils import timezone

from moothall.council import queries as council
from moothall.council.queries import PeriodFlag
from moothall.desk import wording

register = template.Library()


@register.filter
def ground_words(name: str) -> str:
    return wording.ground(name)


@register.filter
def measure_words(name: str) -> str:
    return wording.MEASURE.get(name, name)


@register.filter
def platform_name(name: str) -> str:
    return wording.PLATFORM.get(name, name)


@register.filter
def route_words(name: str) -> str:
    return wording.ROUTE.get(name, name)


@register.filter
def decided_words(measures: Sequence[str]) -> str:
    return wording.decided(measures)


@register.filter
def to_do_words(measures: Sequence[str]) -> str:
    """``hide the comment and block the author``."""
    return wording.joined([wording.TO_DO[measure] for measure in measures])


@register.filter
def proposal_words(outcome: str) -> str:
    return wording.PROPOSAL.get(outcome, outcome)


@register.filter
def step_first_words(step: str) -> str:
    return wording.STEP_SHORT.get(step, step)


@register.filter
def step_words(step: str) -> str:
    return wording.STEP_TAKEN.get(step, step)


@register.filter
def reply_words(name: str) -> str:
    return wording.REPLY.get(name, "")


@register.filter
def ago(moment: datetime | None) -> str:
    return wording.ago(moment)


@register.filter
def counted(number: int, forms: str) -> str:
    """``{{ 3|counted:"post,posts" }}`` is ``3 posts``."""
    one, _, many = forms.partition(",")
    return wording.counted(number, one, many)


@register.filter
def first_words(text: str) -> str:
    """Return the beginning of a text on one line, at most 180 characters."""
    line = " ".join(text.split())
    return f"{line[:179]}…" if len(line) > 180 else line


@register.filter
def web_address(address: str) -> str:
    """Return an address that came from outside when it is one of the web, else nothing: ``javascript:`` is never linked."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in ("http", "https") and parts.hostname else ""


@register.filter
def has_ground(assessment: Mapping[str, Any] | None, name: str) -> bool:
    return any(ground["name"] == name for ground in (assessment or {}).get("grounds", ()))


@register.simple_tag
def period_flags() -> list[PeriodFlag]:
    """The pre-election periods that run now or begin within two weeks, those of single wards last."""
    return council.period_flags(timezone.now())


@register.filter
def in_days(number: int) -> str:
    """Return ``today``, ``tomorrow`` or ``in 5 days``."""
    if number <= 0:
        return "today"
    return "tomorrow" if number == 1 else f"in {number} days"

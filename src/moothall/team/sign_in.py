"""Signing in: officers only, nobody signs up, and every sign-in and every refused one leaves a record."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moothall.records.actions import append
from moothall.team.models import Officer

_LONGEST_EMAIL = 254


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No sign-up, and a leaver with the right password is told no more than anybody with a wrong one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Officer | None:
        officer: Officer | None = super().authenticate(request, **credentials)
        return officer if officer is not None and officer.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: Officer) -> HttpResponse:
        return redirect("sign-in")

    def add_message(self, *args: Any, **options: Any) -> None:
        """Say nothing: the desk's header shows who is signed in."""


def record_signed_in(sender: object, user: Officer, **_: Any) -> None:
    """Record that an officer has signed in. If that fails, so does the sign-in."""
    with transaction.atomic():
        append("officer.signed_in", actor=user.email, subject=f"officer:{user.pk}", payload={})


def record_signed_out(sender: object, user: Officer | None, **_: Any) -> None:
    """Record that an officer has signed out."""
    if user is not None:
        with transaction.atomic():
            append("officer.signed_out", actor=user.email, subject=f"officer:{user.pk}", payload={})


def record_sign_in_failed(sender: object, credentials: dict[str, Any], **_: Any) -> None:
    """Record a refused sign-in: the address that was typed, sealed, and never the password.

    People type passwords into the wrong box: what is not shaped like an address is not kept.
    """
    typed = str(credentials.get("email") or credentials.get("username") or "").replace("\0", "")[:_LONGEST_EMAIL]
    sealed = {"email": typed} if "@" in typed else {}
    with transaction.atomic():
        append("officer.sign_in_failed", actor="nobody", subject="sign-in", payload={}, sealed=sealed)


def listen() -> None:
    """Begin to record. Called once, when the app is ready."""
    user_logged_in.connect(record_signed_in, dispatch_uid="team.signed_in")
    user_logged_out.connect(record_signed_out, dispatch_uid="team.signed_out")
    user_login_failed.connect(record_sign_in_failed, dispatch_uid="team.sign_in_failed")

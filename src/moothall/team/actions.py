"""Every change to the team: who joins, who leaves."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError


class NotAManager(DomainError):
    """Only a manager of the Communications Team can do this."""

    code = "not_a_manager"


class OfficerUnknown(DomainError):
    """There is no such officer."""

    code = "officer_unknown"


class AlreadyAnOfficer(DomainError):
    """Somebody has this e-mail address already. A former officer keeps theirs; reactivate them instead."""

    code = "already_an_officer"


class LastManager(DomainError):
    """This is the only manager left. Make somebody else a manager first."""

    code = "last_manager"


def must_be_manager(by: Officer | None) -> None:
    """Raise NotAManager unless ``by`` is an active manager; None is the command line on the council's own machine."""
    if by is not None and not (by.is_active and by.is_manager):
        raise NotAManager


def add_officer(email: str, name: str, role: str, password: str, by: Officer | None) -> Officer:
    """Add somebody to the team and return them. ``role`` is ``"officer"`` or ``"manager"``.

    ``by`` is the manager who adds them, None for the command line. Raises NotAManager, AlreadyAnOfficer, and DomainError
    with code ``email_invalid``, ``name_missing``, ``role_unknown`` or ``password_weak``.
    """
    must_be_manager(by)
    email, name = email.strip().lower(), name.strip()
    if role not in Officer.Role.values:
        raise DomainError(f"There is no role “{role}”. Roles: {', '.join(Officer.Role.values)}.", "role_unknown")
    if not name:
        raise DomainError("Give the person's name: every act bears it.", "name_missing")
    try:
        validate_email(email)
    except ValidationError:
        raise DomainError(f"“{email}” is not an e-mail address.", "email_invalid") from None
    try:
        validate_password(password, Officer(email=email, username=email, name=name))
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), "password_weak") from None
    try:
        with transaction.atomic():
            officer = Officer.objects.create_officer(email, password, name=name, role=role)
            append(
                "officer.added",
                actor=by.email if by else "system",
                subject=f"officer:{officer.pk}",
                payload={"role": role},
                sealed={"email": email, "name": name},
            )
    except IntegrityError:
        raise AlreadyAnOfficer from None
    return officer


def deactivate(officer_id: int, *, by: Officer | None) -> Officer:
    """Cut a leaver off at once, in every browser they are signed in with, and return them. Twice is once.

    Raises NotAManager, OfficerUnknown, LastManager.
    """
    must_be_manager(by)
    with transaction.atomic():
        # The managers are locked in order, so that two of them cannot each remove the other as the last but one.
        managers = list(
            Officer.objects.select_for_update()
            .filter(role=Officer.Role.MANAGER, is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if by is not None and by.pk not in managers:
            raise NotAManager
        officer = Officer.objects.select_for_update().filter(pk=officer_id).first()
        if officer is None:
            raise OfficerUnknown
        if not officer.is_active:
            return officer
        if managers == [officer.pk]:
            raise LastManager
        # Sessions end with this: each request asks whether the officer is active.
        officer.is_active = False
        officer.save(update_fields=["is_active"])
        append("officer.deactivated", actor=by.email if by else "system", subject=f"officer:{officer.pk}", payload={})
    return officer

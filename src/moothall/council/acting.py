"""What every act in this room begins with: who acts, and that nobody else changes the same things meanwhile."""

from __future__ import annotations

from django.db import connection, models

from moothall.team.models import Officer
from moothall.words import DomainError


class OfficerLeft(DomainError):
    """Only an officer who is still in the team can do this."""

    code = "officer_left"


class ReasonMissing(DomainError):
    """Say why: this needs a reason."""

    code = "reason_missing"


def must_be_active(officer: Officer | None) -> None:
    """Raise OfficerLeft for somebody who has left the team; None is the council's own machine."""
    if officer is not None and not officer.is_active:
        raise OfficerLeft


def called(officer: Officer | None) -> str:
    """Return how the records name who acts: the e-mail address, or ``system`` for the council's own machine."""
    return officer.email if officer else "system"


def reason_given(reason: str, message: str | None = None) -> str:
    """Return the reason without blanks around it. Raises ReasonMissing where nothing is left."""
    if not (reason := reason.strip()):
        raise ReasonMissing(message)
    return reason


def one_writer_at_a_time(model: type[models.Model]) -> None:
    """Let nobody else write to the model's table until this transaction ends; reading goes on.

    SQLite needs nothing: its transactions are immediate (settings), so there is one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

"""Put house rules in force from the council's own machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from moothall.council.actions import put_in_force
from moothall.policy import default_policy, load
from moothall.policy.calendar import LONDON
from moothall.words import DomainError


def _moment(text: str) -> datetime:
    """Return an ISO 8601 moment, on the wall clock of London where it names no other."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


class Command(BaseCommand):
    help = "Puts a house rules file in force, now or from a later moment on. Check it first: moothall policy check FILE"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="absent: the rules that ship with Moothall")
        parser.add_argument("--note", default="", help="why the rules change; the public reads it in their history")
        parser.add_argument("--from", dest="start", type=_moment, help="such as 2027-05-10 or 2027-05-10T09:00")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policy = load(options["file"]) if options["file"] else default_policy()
            version = put_in_force(policy.text, officer=None, note=options["note"], in_force_from=options["start"])
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]", returncode=1) from None
        if version.in_force_from > timezone.now():
            start = version.in_force_from.astimezone(LONDON)
            self.stdout.write(f"House rules {version.version} come into force on {start:%d %B %Y at %H:%M}.")
        else:
            self.stdout.write(f"House rules {version.version} are in force.")

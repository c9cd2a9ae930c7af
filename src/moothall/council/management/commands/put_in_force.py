"""Put house rules in force from the council's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moothall.council.actions import put_in_force
from moothall.policy import default_policy, load
from moothall.words import DomainError


class Command(BaseCommand):
    help = "Puts a house rules file in force, from now on. Check it first with: moothall policy check FILE"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="absent: the rules that ship with Moothall")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policy = load(options["file"]) if options["file"] else default_policy()
            version = put_in_force(policy.text, officer=None)
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]", returncode=1) from None
        self.stdout.write(f"House rules {version.version} are in force.")

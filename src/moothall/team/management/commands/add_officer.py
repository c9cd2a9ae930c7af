"""Add somebody to the team from the council's own machine: the way the first manager gets in."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moothall.team.actions import add_officer
from moothall.words import DomainError


class Command(BaseCommand):
    help = "Adds an officer. The password is asked for, or read from standard input where that is no terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--role", default="officer", choices=["officer", "manager"])

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            officer = add_officer(options["email"], options["name"], options["role"], password, by=None)
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]", returncode=2) from None
        self.stdout.write(f"{officer.name} can sign in as {officer.email}.")

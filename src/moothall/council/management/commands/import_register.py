"""Take a CSV file into a register from the council's own machine, in an officer's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moothall.council.actions import apply_import, preview_import
from moothall.council.registers import REGISTERS
from moothall.team.models import Officer
from moothall.words import DomainError


class Command(BaseCommand):
    help = "Shows what a CSV file would do to a register; with --apply, does it, whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", choices=list(REGISTERS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--officer", required=True, metavar="EMAIL", help="in whose name")
        parser.add_argument("--replace", action="store_true", help="entries that the file lacks end")
        parser.add_argument("--apply", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        officer = Officer.objects.filter(email=options["officer"].lower()).first()
        if officer is None:
            raise CommandError(f"There is no officer {options['officer']}. [officer_unknown]", returncode=1)
        try:
            data = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror} [no_such_file]", returncode=2) from None
        try:
            preview = preview_import(
                options["register"],
                data,
                mode="replace" if options["replace"] else "add",
                officer=officer,
                file_name=options["file"].name,
            )
            for fault in preview.faults:
                self.stderr.write(f"line {fault.line}: {fault.message} [{fault.code}]")
            self.stdout.write(
                f"{preview.added} added, {preview.changed} changed, {preview.ended} ended, {preview.unchanged} unchanged."
            )
            if preview.token is None:
                raise CommandError(f"{len(preview.faults)} faults: nothing was changed. [rows_faulty]", returncode=1)
            if options["apply"]:
                apply_import(preview.token, officer=officer)
                self.stdout.write("Applied.")
            else:
                self.stdout.write("Nothing was changed; --apply does it.")
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]", returncode=1) from None

"""Connect an account of the council from its own machine; the secrets are asked for, never given as arguments."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moothall.inbox.actions import add_channel
from moothall.words import DomainError

#: What each platform needs, in the order in which it is asked for.
SECRETS: Final = {"bluesky": ("app_password",), "facebook": ("access_token", "app_secret")}


class Command(BaseCommand):
    help = (
        "Connects an account, after looking whether the platform accepts it. Secrets are asked for, or read from standard "
        "input, one a line, where that is no terminal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("platform", choices=sorted(SECRETS))
        parser.add_argument("account", help="Bluesky: the handle; Facebook: the page's id")
        parser.add_argument("name", help="what officers read")
        parser.add_argument("--address", default="", help="the platform's address, where it is not the usual one")

    def handle(self, *args: Any, **options: Any) -> None:
        secrets = {name: _asked(name) for name in SECRETS[options["platform"]]}
        try:
            channel = add_channel(
                platform=options["platform"],
                name=options["name"],
                account=options["account"],
                base_url=options["address"],
                secrets=secrets,
                try_first=True,
            )
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]", returncode=2) from None
        self.stdout.write(f"{channel} is connected. “moothall work” reads it from now on.")


def _asked(name: str) -> str:
    words = name.replace("_", " ").capitalize()
    return getpass(f"{words}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

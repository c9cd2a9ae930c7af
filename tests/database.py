"""The databases that tests run on: a SQLite file, or a private PostgreSQL cluster on a loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.machine import needs

#: The tables whose triggers refuse deletion, and with them the flush between tests.
APPEND_ONLY = (
    "records_record",
    "moderation_decision",
    "moderation_evidence",
    "moderation_steptaken",
    "moderation_handinpicture",
    "moderation_handin",
    "moderation_handinact",
    "moderation_handindone",
    "council_policyversion",
    "council_policyproposal",
    "council_proposaloutcome",
    "council_policywithdrawal",
    "council_period",
    "council_registerimport",
    "council_registerchange",
    "council_officeweek",
    "council_officeweekday",
)


@contextmanager
def postgresql() -> Iterator[None]:
    """Run a private cluster and point Django at it."""
    from django.db import connections

    initdb, pg_ctl = (needs(program, "PostgreSQL", "postgresql") for program in ("initdb", "pg_ctl"))
    # PostgreSQL refuses to run as root.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="moothall-pg-"))
    if prefix:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    run([*prefix, initdb, "-D", data, "-U", "moothall", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run([*prefix, pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"])
    chosen = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "USER": "moothall",
        "NAME": "postgres",
    }
    connections.settings["default"].clear()
    connections.settings["default"].update(connections.configure_settings({"default": chosen})["default"])
    del connections["default"]
    try:
        yield
    finally:
        connections.close_all()
        run([*prefix, pg_ctl, "-D", data, "-m", "immediate", "stop"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def flush_allowed() -> Iterator[None]:
    """Let Django's flush between tests empty the append-only tables: their triggers go before it and come back after."""
    from django.core.management.commands.flush import Command
    from django.db import connection

    from moothall.council.triggers import keep_pictures
    from moothall.records.triggers import refuse_changes

    handle = Command.handle

    def flush(self: Command, **options: Any) -> Any:
        operations = [*(refuse_changes(table) for table in APPEND_ONLY), keep_pictures()]
        with connection.schema_editor() as editor:
            for operation in operations:
                operation.reverse_code(None, editor)
        try:
            return handle(self, **options)
        finally:
            with connection.schema_editor() as editor:
                for operation in operations:
                    operation.code(None, editor)

    Command.handle = flush  # type: ignore[method-assign]
    try:
        yield
    finally:
        Command.handle = handle  # type: ignore[method-assign]

"""What the command line calls when it needs the database or the web server. Each returns an exit code.

A user's mistake is raised as DomainError: one line that says what to do. Data goes to standard output, messages to
standard error.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall.words import DomainError

if TYPE_CHECKING:
    from moothall.inbox.queries import ArchivedComment
    from moothall.policy import Circumstances, Policy
    from moothall.reading.replay import LiveArchive

DONE, DOES_NOT_HOLD = 0, 1


class NoSecretKey(DomainError):
    """Set MOOTHALL_SECRET_KEY to a long random text and keep it. One way to make one: openssl rand -base64 48"""

    code = "no_secret_key"


class PortInUse(DomainError):
    """Another program listens on this port. Choose another with --port."""

    code = "port_in_use"


class DatabaseUnreachable(DomainError):
    """The database does not answer. Check DATABASE_URL, or MOOTHALL_DATA for SQLite, and that the server runs."""

    code = "database_unreachable"


class DatabaseEmpty(DomainError):
    """This database holds no Moothall tables of this version. Start “moothall serve” once, which prepares it."""

    code = "database_not_ready"


def serve(host: str = "127.0.0.1", port: int = 8000, *, target: str = "moothall.project.wsgi:application") -> int:
    """Prepare the database, then serve the desk and the public pages until SIGINT or SIGTERM.

    Raises NoSecretKey, PortInUse, DatabaseUnreachable, DomainError ``address_unusable``.
    """
    start_django(with_secret=True)
    check_port(host, port)
    prepare_database()
    from django.conf import settings
    from django.db import connections
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    connections.close_all()  # The workers are forked: each opens connections of its own.
    _say(f"Moothall listens on http://{_in_url(host)}:{port}/")
    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()
    return DONE


def work(once: bool = False) -> int:
    """Do the work in the background until SIGINT or SIGTERM; with ``once``, until nothing is due.

    Returns 1 when ``once`` was asked and some work failed. Raises NoSecretKey, DatabaseUnreachable.
    """
    start_django(with_secret=True)
    prepare_database()
    from moothall.project.worker import run

    return run(once=once)


def rebuild_repeats() -> int:
    """Build the index of repeated comments anew from the comments kept, and print how many each platform holds.

    Workers may go on meanwhile. Raises DatabaseUnreachable, DatabaseEmpty, NoRulesInForce.
    """
    start_django()
    must_be_ready()
    from django.utils import timezone

    from moothall.inbox.repeat_rebuild import rebuild_all

    for platform, held in rebuild_all(timezone.now()).items():
        sys.stdout.write(f"{platform}: {held:,} comments are indexed\n")
    sys.stdout.flush()
    return DONE


def demo(port: int = 8700) -> int:
    """Show the borough of Thornbury-on-Wold with a weekend of comments, until Ctrl-C. Takes another port if need be."""
    from moothall.project.demo.run import run

    return run(port)


def verify_live(expect_head: str | None = None) -> int:
    """Check the chain of this database; print what was found. Returns 0 when it holds, 1 when not.

    Raises DatabaseUnreachable, DatabaseEmpty.
    """
    start_django()
    must_be_ready()
    from moothall.records import queries

    report = queries.verify_live(expect_head)
    if report.ok:
        sys.stdout.write(f"holds: {report.records} records, head {report.head}\n")
    else:
        sys.stdout.write(f"broken at line {report.first_broken_line}: {report.reason}\n")
    sys.stdout.flush()
    return DONE if report.ok else DOES_NOT_HOLD


def export(out: Path | None = None) -> int:
    """Write all records, as lines, to ``out`` (whole or not at all) or to standard output.

    Raises DatabaseUnreachable, DatabaseEmpty, OSError.
    """
    start_django()
    must_be_ready()
    from moothall.reading.output import whole_file
    from moothall.records import queries

    if out is None:
        for line in queries.export_lines():
            sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
        return DONE
    with whole_file(_not_our_own(out)) as file:
        for line in queries.export_lines():
            file.write(line.encode() + b"\n")
    return DONE


def live_archive(old: Policy | None = None) -> tuple[Policy, LiveArchive]:
    """Return the rules to compare with (those in force where none are given) and the live database's comments.

    Only what lies within the retention comes along: no names, handles or addresses, and in place of an author a mark that
    is made with a key of this run and cannot be made again. Raises DatabaseUnreachable, DatabaseEmpty, NoRulesInForce.
    """
    start_django()
    must_be_ready()
    from django.conf import settings
    from django.utils import timezone

    from moothall.council.queries import policy_in_force
    from moothall.inbox import queries
    from moothall.reading.replay import LiveArchive

    since = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    rules = old if old is not None else policy_in_force()[1]
    return rules, LiveArchive(_live_records(queries.archived_comments(since)), queries.how_many_archived(since))


def _live_records(comments: Iterable[ArchivedComment]) -> Iterator[dict[str, Any]]:
    """Yield comments as records in triage's columns, authors and posts by marks that last no longer than this run."""
    from moothall.council.queries import circumstances_at

    key = os.urandom(32)
    # Comments come many a minute and the day seldom changes; every time the council sets is a whole minute.
    day = lru_cache(maxsize=100_000)(lambda minute: _circumstances_columns(circumstances_at(minute)))

    def mark(kind: str, number: int) -> str:
        return blake2b(f"{kind}{number}".encode(), key=key, digest_size=8).hexdigest()

    for comment in comments:
        yield {
            "id": comment.id,
            "comment": comment.text,
            "post": comment.post,
            "post_id": mark("post", comment.post_id),
            "author": None if comment.author is None else mark("author", comment.author),
            "platform": comment.platform,
            "date": comment.written_at,
            "facts": comment.stated,
            **day(comment.written_at.replace(second=0, microsecond=0)),
        }


def _circumstances_columns(found: Circumstances) -> dict[str, Any]:
    """Return circumstances as columns of an archive, without the date."""
    names = ("pre_election", "election_notice", "poll_in_days", "office_open", "incident")
    return {name: getattr(found, name) for name in names}


def start_django(*, with_secret: bool = False) -> None:
    """Load settings and apps. Raises NoSecretKey, and DomainError ``setting_unusable`` for a setting that makes no sense."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.project.settings")
    import django
    from environs import EnvError

    try:
        django.setup()
    except EnvError as error:
        raise DomainError(f"A setting cannot be used: {error}", "setting_unusable") from None
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    if with_secret:
        try:
            settings.SECRET_KEY  # noqa: B018 (Django raises when it is empty)
        except ImproperlyConfigured:
            raise NoSecretKey from None


def check_port(host: str, port: int) -> None:
    """Raise PortInUse, or DomainError ``address_unusable``, when nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"Another program listens on port {port}. Choose another with --port.") from None
        raise DomainError(f"Cannot listen on {host} port {port}: {error.strerror}.", "address_unusable") from None


def prepare_database() -> None:
    """Bring the database to this version, one process at a time. Raises DatabaseUnreachable."""
    from django.conf import settings
    from django.core.management import call_command

    if not settings.DATABASE_URL:
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _steps_left():
        return
    with _alone():
        if _steps_left():
            _say("Preparing the database…")
            call_command("migrate", verbosity=0, interactive=False)


def must_be_ready() -> None:
    """Raise DatabaseEmpty for a database that this version has not prepared, DatabaseUnreachable where none answers."""
    from django.conf import settings

    # Asking SQLite would create the file.
    if (not settings.DATABASE_URL and not Path(str(settings.DATABASES["default"]["NAME"])).exists()) or _steps_left():
        raise DatabaseEmpty


def _steps_left() -> bool:
    """Return whether migrations of this version have not been applied."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        raise DatabaseUnreachable from None


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process prepares this database."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('moothall.migrate'))")
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('moothall.migrate'))")
        return
    import fcntl

    with open(settings.DATA_DIR / "prepare.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _not_our_own(out: Path) -> Path:
    """Return ``out``. Raises DomainError ``out_is_data`` when it is the live database or a file that belongs to it."""
    from django.conf import settings

    target = Path(os.path.realpath(out))
    database = Path(os.path.realpath(str(settings.DATABASES["default"]["NAME"])))
    if not settings.DATABASE_URL and target.parent == database.parent and target.name.startswith(database.name):
        raise DomainError(f"{out} belongs to the live database: name another file", "out_is_data")
    return out


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.stderr.flush()

"""The worker: asks every queue for what is due, in turn, and sleeps when nothing is. It only calls actions.

Any number of workers on any number of machines share one PostgreSQL; rows are leased, so that one that is killed loses
nothing. What an officer decided goes out before anything new is read.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from django.db import close_old_connections, connections
from django.utils import timezone

from moothall.inbox import advice
from moothall.inbox.actions import assess_due_comments, parse_due_raw, read_due_channels
from moothall.moderation.actions import read_again_after_notices
from moothall.outbox.actions import deliver_due
from moothall.words import DomainError

logger = logging.getLogger(__name__)

#: Seconds to sleep when no queue had anything.
IDLE_SECONDS = 0.3
#: Seconds for which a queue that failed is left alone, doubled with each failure in a row up to the second figure.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

Action = Callable[[str, datetime], int]


@dataclass
class Queue:
    """One kind of work: what is called for it, and how it went last."""

    name: str
    handle_due: Action
    failures: int = 0
    paused_until: float = 0.0


def queues() -> list[Queue]:
    """Return every kind of work in the order in which it is done.

    What talks to a platform takes one row at a time, so that the worker stops soon when it is told to.
    """
    return [
        Queue("deliveries", lambda worker, now: deliver_due(worker, now, limit=1)),
        Queue("channels", lambda worker, now: read_due_channels(worker, now, limit=1)),
        Queue("answered notices", read_again_after_notices),
        Queue("raw items", lambda worker, now: parse_due_raw(worker, now, limit=20)),
        Queue("comments", lambda worker, now: assess_due_comments(worker, now, limit=10)),
        Queue("second readings", lambda worker, now: advice.ask_due(worker, now, limit=1)),
    ]


def worker_name() -> str:
    """Return a name that no other running worker has: host, process, and a random part."""
    return f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"


def run(once: bool = False) -> int:
    """Work until SIGTERM or SIGINT, or with ``once`` until nothing is due; finish the row in hand either way.

    Returns 0; 1 when ``once`` was asked and something failed.
    """
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    worker = worker_name()
    if not once:
        sys.stderr.write(f"Moothall works as {worker}.\n")
        sys.stderr.flush()
    try:
        return loop(queues(), worker, stop, once=once)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def loop(kinds: list[Queue], worker: str, stop: threading.Event, *, once: bool = False) -> int:
    """Handle what is due in every queue, over and over, until ``stop`` is set; with ``once``, until a round finds nothing."""
    failed = False
    while not stop.is_set():
        close_old_connections()
        handled = 0
        for kind in kinds:
            if stop.is_set():
                break
            if time.monotonic() < kind.paused_until:
                continue
            try:
                handled += kind.handle_due(worker, timezone.now())
                kind.failures = 0
            except Exception as error:
                failed = True
                _pause(kind, error)
        if handled:
            continue
        if once:
            break
        stop.wait(IDLE_SECONDS)
    return 1 if once and failed else 0


def _pause(kind: Queue, error: Exception) -> None:
    """Leave a queue alone for a while and say why; the others go on."""
    pause = min(FIRST_PAUSE * 2**kind.failures, LONGEST_PAUSE)
    kind.failures = min(kind.failures + 1, 10)
    kind.paused_until = time.monotonic() + pause
    logger.error("%s: %s; left alone for %d s", kind.name, _without_secrets(error), pause)
    # The database may have gone away; a new connection is opened when it is next needed.
    connections.close_all()


def _without_secrets(error: Exception) -> str:
    """Return what went wrong and where. Only a DomainError's own words: other messages may carry tokens or comments."""
    if isinstance(error, DomainError):
        return f"{error.message} [{error.code}]"
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" in {frame.name}, {os.path.basename(frame.filename)}:{frame.lineno}" for frame in where)
    return f"{type(error).__name__}{place}"

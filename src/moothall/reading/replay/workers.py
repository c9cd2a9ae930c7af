"""Where the parts of a replay are worked out: here, in processes of this machine, or on a Dask cluster. The same function."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Any, Final, Protocol

from moothall.reading.replay.compare import Part, Setup, run_part
from moothall.words import DomainError

_CONNECT_SECONDS: Final = 20
#: So many parts wait for each process, so that none stands idle and little is held.
_AHEAD: Final = 2
_SELDOM: Final = (50_000, 20, 50)


class NoCluster(DomainError):
    """Dask is not installed here: pip install 'moothall[cluster]'"""

    code = "no_cluster"


class WorkersLost(DomainError):
    """The processes that do the work have ended, perhaps for want of memory. What is done is kept: run the same again."""

    code = "workers_lost"


class Task(Protocol):
    """A part that is being worked out."""

    def result(self) -> Part: ...


class Workers(Protocol):
    """Takes parts and returns tasks. ``at_once``: how many parts to hand over before the first is waited for."""

    at_once: int

    def submit(self, payload: bytes) -> Task: ...


class Done:
    """A part that has been worked out already."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def result(self) -> Part:
        """Return the part."""
        return self._part


class Here:
    """Works each part out at once, in this process."""

    at_once = 1

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def submit(self, payload: bytes) -> Task:
        """Work the part out."""
        return Done(run_part(self._setup, payload))


class _InProcesses:
    def __init__(self, setup: Setup, pool: ProcessPoolExecutor, processes: int) -> None:
        self._setup = setup
        self._pool = pool
        self.at_once = _AHEAD * processes

    def submit(self, payload: bytes) -> Task:
        try:
            return _OfPool(self._pool.submit(run_part, self._setup, payload))
        except BrokenProcessPool:
            raise WorkersLost from None


class _OfPool:
    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self) -> Part:
        try:
            part: Part = self._future.result()
        except BrokenProcessPool:
            raise WorkersLost from None
        return part


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def in_processes(setup: Setup, processes: int) -> Iterator[Workers]:
    """Yield workers in so many processes of this machine; with one, the work is done in this process."""
    if processes <= 1:
        yield Here(setup)
        return
    # Started afresh, not forked: this process may have threads.
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin)
    try:
        yield _InProcesses(setup, pool, processes)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let Python look for circles of objects seldom: rows are plain values, and looking through them costs a tenth."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when it has ended, however it did."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*_SELDOM)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


class _OnCluster:
    def __init__(self, setup: Setup, client: Any) -> None:
        self._setup = setup
        self._client = client
        self.at_once = _AHEAD * max(1, sum(client.nthreads().values()))

    def submit(self, payload: bytes) -> Task:
        return _OfCluster(self._client.submit(run_part, self._setup, payload, pure=False))


class _OfCluster:
    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self) -> Part:
        from distributed import CancelledError, KilledWorker

        try:
            part: Part = self._future.result()
        except (KilledWorker, CancelledError, OSError) as error:
            raise WorkersLost(
                f"the cluster has lost its workers ({type(error).__name__}): run the same again"
            ) from None
        except ImportError as error:
            raise WorkersLost(f"the cluster's workers have no Moothall to run: {error}", "other_version") from None
        return part


@contextmanager
def on_cluster(setup: Setup, address: str) -> Iterator[Workers]:
    """Yield workers on the Dask cluster at ``address`` (such as tcp://host:8786).

    Raises NoCluster where Dask is not installed, and DomainError ``cluster_unreachable``.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster from None
    try:
        client: Any = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise DomainError(f"no Dask cluster answers at {address}: {error}", "cluster_unreachable") from None
    with client:
        yield _OnCluster(setup, client)

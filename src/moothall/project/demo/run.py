"""Start the borough, say where it is, keep it alive, and leave nothing behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.error import URLError
from urllib.request import urlopen

from moothall.project.commands import PortInUse, check_port, prepare_database, start_django
from moothall.project.demo import borough
from moothall.words import DomainError

_HOST = "127.0.0.1"
_START_SECONDS = 60
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(BaseException):
    """Somebody asked the demo to stop."""


def run(port: int) -> int:
    """Run the demo until Ctrl-C, SIGTERM or SIGHUP. Returns 0. Raises DomainError ``demo_broke`` when a part of it ends.

    Takes another port, and says so, when ``port`` is in use. Everything lives in a temporary folder that goes with it.
    """
    try:
        with _stopping_on_signals(), _folder() as folder, _Children(folder) as children:
            _live(port, folder, children)
    except _Stopped:
        _say("\nThe demo has ended; nothing of it is left.")
    return 0


def _live(port: int, folder: Path, children: _Children) -> NoReturn:
    began = time.monotonic()
    try:
        check_port(_HOST, port)
    except PortInUse:
        free = _free_port()
        _say(f"Port {port} is in use by another program; the demo takes port {free} instead.")
        port = free
    _set_environment(folder)
    _say("Building the borough of Thornbury-on-Wold…")

    data = folder / "facebook.jsonl"
    monday = borough.last_monday(datetime.now(UTC))
    data.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in borough.weekend(monday)), encoding="utf-8"
    )
    facebook_port = _free_port()
    facebook = f"http://{_HOST}:{facebook_port}"
    children.start("stand-in", "moothall.platforms.facebook.fake", "--port", str(facebook_port), "--data", str(data))
    start_django(with_secret=True)
    prepare_database()
    password = borough.memorable_password()
    children.wait_for("stand-in", facebook + "/", began)
    borough.furnish(facebook, password)

    children.start("worker", "moothall", "work")
    children.start("desk", "moothall", "serve", "--host", _HOST, "--port", str(port))
    children.wait_for("desk", f"http://{_HOST}:{port}/health", began)

    _say(_welcome(f"http://{_HOST}:{port}/", facebook + "/", password))
    _say(f"Ready in {time.monotonic() - began:.0f} seconds. Press Ctrl-C to end the demo.")
    _tell_progress(children)
    while True:
        children.must_live()
        time.sleep(0.5)


def _set_environment(folder: Path) -> None:
    """Give the demo settings of its own, whatever the surroundings have set."""
    for name in [name for name in os.environ if name.startswith("MOOTHALL_") or name == "DATABASE_URL"]:
        if name != "MOOTHALL_LOG_LEVEL":
            del os.environ[name]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="moothall.project.settings",
        MOOTHALL_DATA=str(folder / "data"),
        MOOTHALL_SECRET_KEY=secrets.token_urlsafe(48),
        MOOTHALL_HTTPS="false",
        MOOTHALL_ALLOW_LOOPBACK_PLATFORMS="true",
        MOOTHALL_DEMO_FOLDER=str(folder),
    )


def _welcome(desk: str, facebook: str, password: str) -> str:
    (officer, _, _), (manager, _, _) = borough.OFFICERS
    return (
        "\n"
        f"  The desk            {desk}\n"
        f"  Sign in as          {officer}   (officer)\n"
        f"                   or {manager}    (manager)\n"
        f"  Password            {password}\n"
        f"  Facebook stand-in   {facebook}   (the page as a visitor sees it)\n"
    )


def _tell_progress(children: _Children) -> None:
    """Say how many of the weekend's comments have been read, until all are in the queue."""
    from moothall.inbox.models import Comment

    all_of_them = sum(1 for row in borough.weekend(borough.last_monday(datetime.now(UTC))) if "post" in row)
    told = -1
    while told < all_of_them:
        children.must_live()
        read = Comment.objects.filter(state="assessed").count()
        if read >= all_of_them or read >= told + 35:
            told = read
            _say(f"{read} of {all_of_them} comments read against the house rules.")
        time.sleep(0.25)


class _Children:
    """The demo's processes. Each has a process group of its own and ends when the demo does, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._reading_end, self._writing_end = os.pipe()

    def __enter__(self) -> _Children:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        os.close(self._reading_end)
        os.close(self._writing_end)

    def start(self, name: str, *command: str) -> None:
        """Run ``python -m`` with ``command``; what it prints goes to a log in the demo's folder."""
        with open(self._log(name), "wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 (our own modules)
                [sys.executable, "-m", "moothall.project.demo.child", str(self._reading_end), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[self._reading_end],
                start_new_session=True,
            )

    def wait_for(self, name: str, address: str, began: float) -> None:
        """Wait until ``address`` answers. Raises DomainError ``demo_broke`` when the child ends or takes too long."""
        while True:
            self.must_live()
            try:
                with urlopen(address, timeout=2):  # noqa: S310 (our own loopback address)
                    return
            except (URLError, OSError):
                if time.monotonic() - began > _START_SECONDS:
                    raise DomainError(f"The {name} did not start within {_START_SECONDS} s.", "demo_broke") from None
            time.sleep(0.1)

    def must_live(self) -> None:
        """Raise DomainError ``demo_broke``, with the end of its log, when a child has ended."""
        for name, child in self._running.items():
            if child.poll() is not None:
                log = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
                raise DomainError("\n".join([f"The {name} of the demo has ended. It said last:", *log]), "demo_broke")

    def _end(self) -> None:
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + 5
        for child in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            # What the child started itself is in its group, and ends with it.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="moothall-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Raise _Stopped at the first signal to stop; ignore further ones, so that clearing up is not interrupted."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in _STOPPING:
            signal.signal(one, signal.SIG_IGN)
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _say(message: str) -> None:
    """Print for a person; nobody need be listening."""
    try:
        sys.stdout.write(message + "\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        pass

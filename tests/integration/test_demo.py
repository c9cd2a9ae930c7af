"""``moothall demo`` as a person meets it: it starts, the weekend is read, and when it ends nothing of it is left."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from moothall.project.demo import borough

START_SECONDS = 60


class Demo:
    """A running demo: what it said, its processes, its folder."""

    def __init__(self, process: subprocess.Popen[str], temporary: Path) -> None:
        self.process, self.temporary = process, temporary
        self.said = ""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def wait_to_say(self, words: str, seconds: float = START_SECONDS) -> re.Match[str]:
        found: re.Match[str] | None = None

        def says() -> bool:
            nonlocal found
            found = re.search(words, self.said)
            return found is not None or self.process.poll() is not None

        eventually(says, seconds)
        assert found, self.said
        return found

    def descendants(self) -> list[int]:
        """Return the processes whose environment names this demo's temporary folder, itself included."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                alive = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
                if alive and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def nothing_is_left(self) -> bool:
        return not self.descendants() and not list(self.temporary.iterdir())


def eventually(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.1)
    return is_so()


@contextmanager
def demo(temporary: Path, port: int, **environment: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "moothall", "demo", "--port", str(port)]
    surroundings = os.environ | {"TMPDIR": str(temporary)} | environment
    with subprocess.Popen(
        command,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        running = Demo(process, temporary)
        try:
            yield running
        finally:
            process.kill()
            eventually(lambda: not running.descendants())


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def signed_in_queue(desk: str, email: str, password: str) -> str:
    """Sign in as a browser would and return the page that follows."""
    browser = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(desk + "sign-in/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    form = urlencode({"csrfmiddlewaretoken": token[1], "login": email, "password": password})
    answer = browser.open(desk + "sign-in/", form.encode(), timeout=10)
    assert answer.url == desk
    return str(answer.read().decode())


def test_a_weekend_is_there_to_be_decided_and_ctrl_c_leaves_nothing(temporary: Path) -> None:
    port = free_port()
    with demo(temporary, port) as running:
        ready = running.wait_to_say(r"Ready in (\d+) seconds")
        assert int(ready[1]) < 30  # fifteen is the promise on a machine with nothing else to do
        desk = running.wait_to_say(r"The desk +(\S+)")[1]
        password = running.wait_to_say(r"Password +(\S+)")[1]
        stand_in = running.wait_to_say(r"Facebook stand-in +(\S+)")[1]
        assert desk == f"http://127.0.0.1:{port}/"
        assert urlopen(desk + "health", timeout=10).status == 200
        assert "stalls round the Buttercross" in urlopen(stand_in, timeout=10).read().decode()

        running.wait_to_say("140 of 140 comments read", seconds=90)
        for email in ("amina@thornbury.example", "bryn@thornbury.example"):
            assert "Sign out" in signed_in_queue(desk, email, password)
        assert len(running.descendants()) >= 4

        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=20) == 0
        assert eventually(running.nothing_is_left)
        assert "nothing of it is left" in running.said
        assert "Traceback" not in running.said


def test_a_port_in_use_gets_a_word_and_another_port(temporary: Path) -> None:
    with closing(socket.socket()) as other, demo_port(other) as port, demo(temporary, port) as running:
        running.wait_to_say(rf"Port {port} is in use by another program; the demo takes port \d+ instead")
        desk = running.wait_to_say(r"The desk +(\S+)")[1]
        assert f":{port}/" not in desk
        assert urlopen(desk + "health", timeout=10).status == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=20) == 0
        assert eventually(running.nothing_is_left)


@contextmanager
def demo_port(taken: socket.socket) -> Iterator[int]:
    taken.bind(("127.0.0.1", 0))
    taken.listen(1)
    yield int(taken.getsockname()[1])


def test_killed_outright_it_takes_everything_with_it(temporary: Path) -> None:
    with demo(temporary, free_port()) as running:
        running.wait_to_say("Ready in")
        os.kill(running.process.pid, signal.SIGKILL)
        assert eventually(running.nothing_is_left)


def test_stopped_while_it_starts_it_leaves_nothing(temporary: Path) -> None:
    with demo(temporary, free_port()) as running:
        running.wait_to_say("Building the borough")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=20) == 0
        assert eventually(running.nothing_is_left)
        assert "Traceback" not in running.said


def test_a_part_that_dies_ends_it_with_what_that_said_last(temporary: Path) -> None:
    with demo(temporary, free_port()) as running:
        running.wait_to_say("Ready in")
        worker = next(pid for pid in running.descendants() if b"\0work\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(worker, signal.SIGKILL)
        assert running.process.wait(timeout=20) == 2
        running.wait_to_say(r"The worker of the demo has ended")
        assert "[demo_broke]" in running.said
        assert eventually(running.nothing_is_left)


def test_what_the_surroundings_have_set_does_not_reach_the_demo(temporary: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    settings = {"MOOTHALL_DATA": str(elsewhere), "MOOTHALL_HTTPS": "true", "DATABASE_URL": "postgresql://127.0.0.1:9/x"}
    with demo(temporary, free_port(), **settings) as running:
        desk = running.wait_to_say(r"The desk +(\S+)")[1]
        assert urlopen(desk + "sign-in/", timeout=10).status == 200
        with pytest.raises(HTTPError, match="404"):
            urlopen(desk + "nothing-here/", timeout=10)
        assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00+00:00"),
        ("2026-11-23T08:59:59+00:00", "2026-11-16T09:00:00+00:00"),
        ("2026-11-22T23:00:00+00:00", "2026-11-16T09:00:00+00:00"),
        ("2026-07-06T08:30:00+00:00", "2026-07-06T09:00:00+01:00"),
        ("2026-10-26T08:30:00+00:00", "2026-10-19T09:00:00+01:00"),
    ],
)
def test_the_weekend_ends_on_the_last_monday_at_nine_in_london(now: str, monday: str) -> None:
    assert borough.last_monday(datetime.fromisoformat(now)) == datetime.fromisoformat(monday)


def test_the_stand_in_is_given_the_weekend_without_its_labels() -> None:
    rows = list(borough.weekend(datetime.fromisoformat("2026-11-23T09:00:00+00:00")))
    comments = [row for row in rows if "post" in row]
    posts = {row["id"]: row for row in rows if "post" not in row}
    assert (len(posts), len(comments)) == (14, 140)
    assert {key for row in comments for key in row} == {"id", "post", "parent", "author", "message", "created"}
    assert len({row["id"] for row in rows}) == 154
    ids = {row["id"] for row in comments}
    for row in comments:
        assert row["created"] > posts[row["post"]]["created"]
        assert row["parent"] is None or row["parent"] in ids


def test_demo_passwords_are_memorable_and_never_the_same() -> None:
    passwords = {borough.memorable_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(re.fullmatch(r"([a-z]+-){4}\d\d", password) for password in passwords)

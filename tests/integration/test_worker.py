"""The worker: what is due is done in turn, one failing queue does not stop the others, and it stops when told."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from moothall.inbox.models import Comment
from moothall.platforms.facebook.fake import Fake
from moothall.project.worker import Queue, loop, queues, worker_name
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


class Rows:
    """So many rows of work; stands where a queue's action does, and says in which order queues were asked."""

    def __init__(self, name: str, count: int, asked: list[str], error: Exception | None = None) -> None:
        self.name, self.left, self.asked, self.error = name, count, asked, error

    def __call__(self, worker: str, now: datetime) -> int:
        self.asked.append(self.name)
        if self.error:
            raise self.error
        done = min(self.left, 1)
        self.left -= done
        return done


def test_once_goes_round_until_nothing_is_due() -> None:
    asked: list[str] = []
    first, second = Rows("first", 1, asked), Rows("second", 3, asked)
    assert loop([Queue("first", first), Queue("second", second)], "w", threading.Event(), once=True) == 0
    assert (first.left, second.left) == (0, 0)
    assert asked == ["first", "second"] * 4


def test_one_failing_queue_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []
    broken = Rows("broken", 1, asked, error=RuntimeError("token=EAAB-secret"))
    sound = Rows("sound", 3, asked)
    with caplog.at_level(logging.ERROR):
        assert loop([Queue("broken", broken), Queue("sound", sound)], "w", threading.Event(), once=True) == 1
    assert sound.left == 0
    assert asked.count("broken") == 1  # left alone for a while, not tried in every round
    assert "broken: RuntimeError in __call__, test_worker.py:" in caplog.text
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_domain_error_says_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    refusal = DomainError("The page token has run out.", "token_expired")
    with caplog.at_level(logging.ERROR):
        loop([Queue("channels", Rows("channels", 1, [], error=refusal))], "w", threading.Event(), once=True)
    assert "channels: The page token has run out. [token_expired]; left alone for 1 s" in caplog.text


def test_a_queue_that_keeps_failing_is_left_alone_longer_and_longer(caplog: pytest.LogCaptureFixture) -> None:
    kind = Queue("broken", Rows("broken", 1, [], error=RuntimeError()))
    pauses = []
    for _ in range(9):
        kind.paused_until = 0
        before = time.monotonic()
        loop([kind], "w", threading.Event(), once=True)
        pauses.append(round(kind.paused_until - before))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_told_to_stop_it_finishes_the_row_in_hand_and_begins_no_other() -> None:
    stop, in_hand, may_go_on = threading.Event(), threading.Event(), threading.Event()
    finished = []

    def slow(worker: str, now: datetime) -> int:
        in_hand.set()
        may_go_on.wait(10)
        finished.append(worker)
        return 1

    asked: list[str] = []
    kinds = [Queue("slow", slow), Queue("next", Rows("next", 5, asked))]
    thread = threading.Thread(target=loop, args=(kinds, "w", stop))
    thread.start()
    assert in_hand.wait(10)
    stop.set()
    may_go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert (finished, asked) == (["w"], [])


def test_with_nothing_due_it_sleeps_and_wakes_at_once_to_stop() -> None:
    asked: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=loop, args=([Queue("idle", Rows("idle", 0, asked))], "w", stop))
    thread.start()
    time.sleep(0.7)
    stop.set()
    began = time.monotonic()
    thread.join(5)
    assert time.monotonic() - began < 0.25
    assert 2 <= len(asked) <= 4


def test_decisions_go_out_before_anything_new_is_read() -> None:
    names = [kind.name for kind in queues()]
    assert names == ["deliveries", "channels", "answered notices", "raw items", "comments", "second readings"]


def test_no_two_workers_share_a_name() -> None:
    names = {worker_name() for _ in range(50)}
    assert len(names) == 50
    assert max(map(len, names)) <= 80


def test_a_comment_at_the_platform_arrives_in_the_queue(settings: object) -> None:
    settings.ALLOW_LOOPBACK_PLATFORMS = True  # type: ignore[attr-defined]
    cast.rules()
    with Fake(page_id="1000", access_token="page-token", app_secret="app-secret") as stand_in:
        stand_in.add_post(id="1000_1", message="The market moves to Wednesday.")
        stand_in.add_comment(
            id="1_2", post="1000_1", message="Is the market on this Tuesday?", author=("2001", "Dee Marlow")
        )
        cast.channel(stand_in.url)
        assert loop(queues(), "w", threading.Event(), once=True) == 0
    comment = Comment.objects.get()
    assert (comment.state, comment.text) == ("assessed", "Is the market on this Tuesday?")


def work(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "moothall", "work", *arguments],
        env={
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MOOTHALL_", "DATABASE_", "DJANGO_"))
        }
        | {"MOOTHALL_DATA": str(folder / "data"), "MOOTHALL_SECRET_KEY": "k" * 50}
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(databases=[])
class TestTheCommand:
    def test_once_prepares_the_database_and_ends(self, tmp_path: Path) -> None:
        said = work(tmp_path, "--once").communicate(timeout=60)
        assert said == ("", "Preparing the database…\n")
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_stops_when_told(self, number: int, tmp_path: Path) -> None:
        with work(tmp_path) as process:
            assert process.stderr is not None
            assert "Preparing" in process.stderr.readline()
            assert "Moothall works as" in process.stderr.readline()
            process.send_signal(number)
            assert process.wait(timeout=20) == 0
            assert process.stderr.read() == ""

    def test_without_a_secret_key_says_what_to_set(self, tmp_path: Path) -> None:
        process = work(tmp_path, "--once", MOOTHALL_SECRET_KEY="")
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "Set MOOTHALL_SECRET_KEY" in said
        assert "[no_secret_key]" in said
        assert "Traceback" not in said

    def test_with_a_database_that_does_not_answer_says_so_without_the_password(self, tmp_path: Path) -> None:
        process = work(tmp_path, "--once", DATABASE_URL="postgresql://moothall:hush-hush@127.0.0.1:9/moothall")
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "[database_unreachable]" in said
        assert "hush-hush" not in said

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [("DATABASE_URL", "mysql://a/b", "database_url"), ("MOOTHALL_HTTPS", "perhaps", "setting_unusable")],
    )
    def test_with_a_setting_that_makes_no_sense_says_which(
        self, name: str, value: str, code: str, tmp_path: Path
    ) -> None:
        process = work(tmp_path, "--once", **{name: value})
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert name in said
        assert f"[{code}]" in said
        assert "Traceback" not in said

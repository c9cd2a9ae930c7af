"""``moothall serve``, ``verify`` and ``export`` as an administrator meets them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from moothall.records.chain import verify_lines


def moothall(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("MOOTHALL_", "DATABASE_", "DJANGO_"))
    }
    settings = {"MOOTHALL_DATA": str(folder / "data"), "MOOTHALL_SECRET_KEY": "k" * 50, "MOOTHALL_HTTPS": "false"}
    return subprocess.Popen(
        [sys.executable, "-m", "moothall", *arguments],
        env=clean | settings | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = moothall(folder, *arguments, **environment)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def group_members(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, of = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
        except OSError:
            continue
        if int(of) == group and state != "Z":
            found.append(int(folder.name))
    return found


def test_serve_prepares_the_database_and_answers_until_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    with moothall(tmp_path, "serve", "--port", str(port)) as process:
        end = time.monotonic() + 40
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    assert (answer.status, answer.read()) == (200, b'{"status": "ok"}')
                    break
            except URLError:
                assert time.monotonic() < end
                assert process.poll() is None
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert out == ""
        assert err.splitlines()[:2] == ["Preparing the database…", f"Moothall listens on http://127.0.0.1:{port}/"]
        assert group_members(process.pid) == []


def test_serve_says_that_a_port_is_in_use(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        code, out, err = said(tmp_path, "serve", "--port", str(port))
    assert (code, out) == (2, "")
    assert err == f"moothall: Another program listens on port {port}. Choose another with --port. [port_in_use]\n"


def test_serve_says_that_an_address_is_not_this_machines(tmp_path: Path) -> None:
    code, _, err = said(tmp_path, "serve", "--host", "192.0.2.1", "--port", str(free_port()))
    assert code == 2
    assert "[address_unusable]" in err
    assert "Traceback" not in err


def test_serve_without_a_secret_key_says_what_to_set(tmp_path: Path) -> None:
    code, _, err = said(tmp_path, "serve", MOOTHALL_SECRET_KEY="")
    assert code == 2
    assert "Set MOOTHALL_SECRET_KEY" in err
    assert not (tmp_path / "data").exists()


def test_two_processes_may_prepare_the_same_database_at_once(tmp_path: Path) -> None:
    both = [moothall(tmp_path, "work", "--once") for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        assert "Traceback" not in err


def test_verify_and_export_without_a_database_say_so_and_make_none(tmp_path: Path) -> None:
    for command in ("verify", "export"):
        code, out, err = said(tmp_path, command)
        assert (code, out) == (2, "")
        assert "[database_not_ready]" in err
    assert not (tmp_path / "data").exists()


def test_verify_and_export_of_a_database_hold_and_need_no_secret_key(tmp_path: Path) -> None:
    assert said(tmp_path, "work", "--once")[0] == 0
    code, out, _ = said(tmp_path, "verify", MOOTHALL_SECRET_KEY="")
    assert (code, out) == (0, f"holds: 0 records, head {'0' * 64}\n")
    code, out, _ = said(tmp_path, "export", MOOTHALL_SECRET_KEY="")
    assert code == 0
    assert verify_lines(out.splitlines()).ok
    file = tmp_path / "records.jsonl"
    assert said(tmp_path, "export", "--out", str(file))[:2] == (0, "")
    assert file.read_text() == out
    assert said(tmp_path, "verify", str(file))[0] == 0
    code, out, _ = said(tmp_path, "verify", "--expect-head", "a" * 64)
    assert (code, out) == (1, f"broken at line 1: the expected head {'a' * 64} is nowhere in this chain\n")
    assert said(tmp_path, "export", "--out", str(tmp_path))[0] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "records.jsonl"]


@pytest.mark.database
@pytest.mark.django_db
class TestHealth:
    def test_says_ok_and_is_not_kept_by_anybody(self) -> None:
        answer = Client().get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert "no-store" in answer.headers["Cache-Control"]

    def test_says_so_when_the_database_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse() -> None:
            raise DatabaseError("password=hush-hush")

        monkeypatch.setattr(connection, "cursor", refuse)
        answer = Client().get("/health")
        assert (answer.status_code, answer.json()) == (503, {"status": "database"})

    def test_takes_nothing(self) -> None:
        assert Client().post("/health").status_code == 405


def test_an_export_never_writes_over_the_live_database(tmp_path: Path) -> None:
    assert said(tmp_path, "work", "--once")[0] == 0
    database = tmp_path / "data" / "moothall.sqlite3"
    link = tmp_path / "elsewhere.jsonl"
    link.symlink_to(database)
    for out in (database, tmp_path / "data" / "moothall.sqlite3-wal", link):
        code, _, err = said(tmp_path, "export", "--out", str(out))
        assert (code, "[out_is_data]" in err) == (2, True), err
    assert said(tmp_path, "verify")[0] == 0


def test_an_export_to_a_pipe_writes_into_it_and_leaves_it_there(tmp_path: Path) -> None:
    assert said(tmp_path, "work", "--once")[0] == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = moothall(tmp_path, "export", "--out", str(pipe))
    with pipe.open() as lines:
        report = verify_lines(line.encode() for line in lines)
    assert process.wait(timeout=60) == 0
    process.communicate()
    assert report.ok
    assert pipe.is_fifo()


def test_a_reader_that_has_had_enough_is_no_broken_chain(tmp_path: Path) -> None:
    assert said(tmp_path, "work", "--once")[0] == 0
    for command in ("export", "verify"):
        process = moothall(tmp_path, command)
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    "setting",
    [
        {"DATABASE_URL": "postgresql://h:abc/x"},
        {"DATABASE_URL": "postgresql://[::1/x"},
        {"MOOTHALL_LOG_LEVEL": "loud"},
        {"MOOTHALL_UNDO_SECONDS": "-5"},
        {"MOOTHALL_WEB_THREADS": "-1"},
        {"MOOTHALL_WEB_WORKERS": "0"},
    ],
)
def test_a_setting_that_makes_no_sense_is_one_line_and_exit_2(tmp_path: Path, setting: dict[str, str]) -> None:
    code, _, err = said(tmp_path, "verify", **setting)
    assert code == 2
    assert err.count("\n") == 1
    assert next(iter(setting)) in err


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_behind_the_councils_proxy_a_stranger_cannot_use_up_the_officers_sign_ins(settings, client):
    from django.core.cache import cache

    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    form = {"login": "nobody@thornbury.example", "password": "wrong"}
    for number in range(31):
        form["login"] = f"nobody{number}@thornbury.example"
        stranger = client.post("/sign-in/", form, HTTP_X_FORWARDED_FOR="6.6.6.6")
    assert stranger.status_code == 429
    assert client.post("/sign-in/", form, HTTP_X_FORWARDED_FOR="81.2.3.4").status_code == 200
    cache.clear()

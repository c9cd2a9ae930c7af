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

"""What is kept of a replay while it runs, so that a run that was cut off goes on where it stood.

Everything lies in ``.work`` beside the report. A part counts as done when its tally is there, which is written last, and
under a name that holds the digest of its rows; the plan says which rules and which reader it is for.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from moothall.reading.replay.compare import Part
from moothall.words import DomainError

FOLDER: Final = ".work"
_BLOCK: Final = 1024 * 1024


class AlreadyRunning(DomainError):
    """Another replay is writing into this folder."""

    code = "already_running"


class Checkpoint:
    """The parts done so far, in ``folder/.work``. ``plan`` is what they are good for: parts of another plan are dropped.

    Raises AlreadyRunning. ``resumed`` says whether parts of the same plan were there.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._folder = folder / FOLDER
        self._folder.mkdir(exist_ok=True)
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise AlreadyRunning(
                f"another replay is writing into {folder}: wait for it, or name another --out"
            ) from None
        plan_file, text = self._folder / "plan.json", json.dumps(plan, sort_keys=True)
        if not plan_file.exists() or plan_file.read_text("utf-8") != text:
            for path in self._folder.iterdir():
                if path.name != "lock":
                    path.unlink()
            _whole(plan_file, text.encode())
        self.resumed = any(self._folder.glob("*.tally.json"))

    def holds(self, name: str) -> bool:
        """Return whether a part is done."""
        return (self._folder / f"{name}.tally.json").exists()

    def keep(self, name: str, part: Part) -> None:
        """Write down a part that is done."""
        _whole(self._folder / f"{name}.differences", part.differences)
        _whole(self._folder / f"{name}.readings", part.readings)
        _whole(self._folder / f"{name}.tally.json", json.dumps(part.tally).encode())

    def keep_differences(self, name: str, differences: bytes) -> None:
        """Write down the differences of a part that was only read by the workers."""
        _whole(self._folder / f"{name}.differences", differences)

    def part(self, name: str) -> Part:
        """Return a part that is done."""
        return Part(
            json.loads((self._folder / f"{name}.tally.json").read_bytes()),
            (self._folder / f"{name}.differences").read_bytes(),
            (self._folder / f"{name}.readings").read_bytes(),
        )

    def blocks(self, name: str, kind: str) -> Iterator[bytes]:
        """Yield the ``differences`` or ``readings`` of a part that is done."""
        with (self._folder / f"{name}.{kind}").open("rb") as file:
            while block := file.read(_BLOCK):
                yield block

    def close(self, *, done: bool) -> None:
        """Let go of the folder; when all is ``done``, take it away."""
        if done:
            shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):
            self._lock.close()


def _whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also when the program is killed."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content)
    os.replace(temporary, path)

"""What the machine may lack. It is skipped aloud, with the line to type; in CI it fails."""

from __future__ import annotations

import glob
import os
import shutil

import pytest


def find(program: str) -> str | None:
    """Return the path of a program, looking where Debian keeps PostgreSQL's too."""
    return shutil.which(program) or next(
        iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"), reverse=True)), None
    )


def needs(program: str, what: str, packages: str) -> str:
    """Return the path of the program, or skip (in CI: fail) saying how to get it."""
    path = find(program)
    if path is None:
        words = f"{what} is not on this machine: apt-get install {packages}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return path

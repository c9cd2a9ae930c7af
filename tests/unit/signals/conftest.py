"""The reader is made once: it holds no state."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from moothall.signals import Reader

CASES: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("cases.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``<group>_text`` runs once for each text of that group in cases.yaml."""
    for name in metafunc.fixturenames:
        group = name.removesuffix("_text")
        if name.endswith("_text") and group in CASES:
            metafunc.parametrize(name, CASES[group])

"""The house rules that ship with Moothall: the default, and examples in the manner of councils that differ."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from moothall.policy.loading import loads
from moothall.policy.model import Policy
from moothall.policy.vocabulary import nearest
from moothall.words import DomainError

#: The name of the default among the others.
DEFAULT: Final = "house-rules"
_ROOM: Final = resources.files("moothall.policy")


class NotShipped(DomainError):
    """No house rules of this name ship with Moothall."""

    code = "not_shipped"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the shipped house rules, the default first."""
    examples = [
        file.name.removesuffix(".yaml") for file in (_ROOM / "examples").iterdir() if file.name.endswith(".yaml")
    ]
    return (DEFAULT, *sorted(examples))


@cache
def shipped(name: str = DEFAULT) -> Policy:
    """Return the shipped house rules of that name. Raises NotShipped."""
    return loads(_file(name, "yaml").read_text(encoding="utf-8"), name=f"{name}.yaml")


def cases(name: str | None) -> list[str]:
    """Return the acceptance cases that ship with the house rules of that name (None: the default), as lines.

    Raises NotShipped.
    """
    file = _file(DEFAULT if name is None else name, "cases.jsonl")
    return file.read_text(encoding="utf-8").split("\n")


def _file(name: str, ending: str) -> Traversable:
    if name not in names():
        raise NotShipped(f"No house rules “{name[:60]}” ship with Moothall. {nearest(name, names())}".strip())
    folder = _ROOM if name == DEFAULT else _ROOM / "examples"
    return folder / f"{name}.{ending}"

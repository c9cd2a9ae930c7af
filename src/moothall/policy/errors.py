"""What is wrong with a policy file: every fault with its place, in words for people and as JSON for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypedDict

from moothall.words import DomainError


class Fault(TypedDict):
    """One fault. ``line`` and ``column`` count from 1; ``hint`` is empty where there is nothing to suggest."""

    line: int
    column: int
    message: str
    hint: str
    code: str


class PolicyError(DomainError):
    """The policy file cannot be used. Its ``errors`` say where and why, in the order of the file."""

    code = "policy_faulty"

    def __init__(self, errors: Sequence[Fault], name: str = "policy") -> None:
        self.errors: list[Fault] = sorted(errors, key=lambda fault: (fault["line"], fault["column"], fault["code"]))
        self.name = name
        super().__init__(errors_as_text(self.errors, name))


def errors_as_text(errors: Sequence[Fault], name: str) -> str:
    """Return one line a fault, ``file:line:column: message``, its hint indented below, and a count at the end."""
    lines = []
    for fault in errors:
        lines.append(f"{name}:{fault['line']}:{fault['column']}: {fault['message']} [{fault['code']}]")
        if fault["hint"]:
            lines.append(f"    {fault['hint']}")
    count = len(errors)
    lines.append("1 fault found." if count == 1 else f"{count} faults found.")
    return "\n".join(lines)


def errors_as_json(errors: Sequence[Fault], name: str) -> str:
    """Return ``{"file": name, "errors": [{line, column, message, hint, code}, …]}`` as indented JSON."""
    return json.dumps({"file": name, "errors": list(errors)}, ensure_ascii=False, indent=2)

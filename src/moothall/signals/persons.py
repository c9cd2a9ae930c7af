"""Whether a comment is about how somebody does a public job."""

from __future__ import annotations

import re
from typing import Final

from moothall.signals.findings import Target

_CONDUCT: Final = re.compile(
    r"\b(?:vot(?:e|ed|ing)|decision|decided|expenses|allowances|your job|his job|her job|their job|in charge|running|run the|"
    r"cabinet|budget|policy|scheme|wasted|spent|promised|broke|resign|incompetent|in office|committee|planning|consultation)\b"
)


def conduct_in_office(text: str, aimed_at: Target) -> bool | None:
    """Return whether the comment is about how a politician or an officer does the job; None for anybody else."""
    if aimed_at not in ("politician", "staff"):
        return None
    return _CONDUCT.search(text) is not None

"""A small policy and its variations, and rows of an archive that has been read before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from moothall.policy import Policy, loads
from moothall.reading.replay import ArchiveFile, Options, Replayed, replay

OLD = """\
format: 1
id: small
version: "1"
title: Rules
council: Thornbury-on-Wold
settings:
  thresholds:
    default: {engage: 0.5, recommend: 0.7}
clauses:
  - id: polite
    title: Be polite
    public: Be polite.
    when: abuse
    grounds: [abuse]
    measures: [hide, delete]
  - id: no-spam
    title: No spam
    public: No spam.
    when: repeats >= 2 && off_topic
    grounds: [spam]
    proves: spam
    measures: [hide]
"""
SWEARING = """\
  - id: no-swearing
    title: No swearing
    public: No swearing.
    when: profanity
    grounds: [profanity]
    measures: [hide]
"""
TODAY = date(2026, 11, 23)


def old() -> Policy:
    return loads(OLD, "old")


def new(*replaced: tuple[str, str], more: str = "") -> Policy:
    """Return the old rules with texts replaced and clauses added, as version 2."""
    text = OLD.replace('version: "1"', 'version: "2"')
    for before, after in replaced:
        assert before in text, before
        text = text.replace(before, after)
    return loads(text + more, "new")


def row(
    id: object, comment: str = "You useless lot", /, *, signals: dict[str, Any] | None = None, **known: Any
) -> dict[str, Any]:
    return {"id": id, "comment": comment, **known, "signals": {"route": "none", **(signals or {})}}


def found(ground: str, probability: float = 0.9, words: Sequence[int] = (4, 11), **more: Any) -> dict[str, Any]:
    """Return signals in which one ground was found, with the words that show it."""
    return {"grounds": {ground: {"probability": probability, "evidence": [list(words)]}}, **more}


def put(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


def replayed(
    folder: Path,
    rows: Sequence[dict[str, Any]],
    rules: Policy,
    options: Options | None = None,
    against: Policy | None = None,
) -> tuple[Replayed, list[dict[str, Any]]]:
    """Replay rows in this process; return what came of it and the lines of the differences."""
    archive = ArchiveFile(str(put(folder / "archive.jsonl", rows)))
    out = folder / "out"
    came = replay(archive, against or old(), rules, out, options or Options(processes=1), today=TODAY)
    archive.close()
    return came, [json.loads(line) for line in (out / "differences.jsonl").read_text("utf-8").splitlines()]

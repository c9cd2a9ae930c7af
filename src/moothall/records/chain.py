"""The chain itself: how a record is written out, hashed and checked. Nothing here needs Moothall, Django or a database.

Anybody who is handed an export can check it with this one file and Python 3.11 or later:

    python chain.py EXPORT [--expect-head HASH]

An export is UTF-8 text, one JSON object a line, in canonical form (keys sorted, no spaces, no escapes but those JSON
demands). Each record holds the hash of the one before it; the last line, ``{"head": {...}}``, says how many there are and
which hash the last one has. Somebody who rewrites everything from some line on, head included, is found out by a head
hash that was noted elsewhere: give it as ``--expect-head``.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

#: What the first record names as the hash before it.
GENESIS: Final = "0" * 64
#: The fields of a record, as an export line carries them.
FIELDS: Final = frozenset({"number", "at", "kind", "actor", "subject", "payload", "previous_hash", "hash"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    ``records`` counts the records that hold, from the first on. ``head`` is the hash of the last of them (GENESIS when
    there is none). ``first_broken_line`` counts lines from 1, and is None when the chain holds; ``reason`` says in one
    sentence what is wrong there. In a live database the line is the record's place in order of number.
    """

    ok: bool
    records: int
    head: str
    first_broken_line: int | None = None
    reason: str = ""


class NotCanonical(ValueError):
    """The value cannot be written as canonical JSON."""


def canonical(value: Any) -> str:
    """Return ``value`` as canonical JSON: keys sorted by code point, no spaces, text as it is.

    Takes dicts with string keys, lists, strings, ints, bools and None. Raises NotCanonical for anything else: floats,
    because two programs may write the same one differently, and text that is not valid Unicode.
    """
    _refuse_others(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("half of a surrogate pair cannot be written as UTF-8") from None
    return text


def _refuse_others(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"a key must be a string, not {type(key).__name__}")
            _refuse_others(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_others(inner)
    elif type(value) not in (str, int, bool, type(None)):
        raise NotCanonical(
            f"{type(value).__name__} has no canonical form; use strings, ints, bools, null, lists, dicts"
        )


def moment(at: datetime) -> str:
    """Return an aware moment as it is hashed: UTC with six decimals, ``2027-05-06T21:00:00.000000Z``.

    Raises ValueError for a moment without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a record's moment needs a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def record_hash(
    number: int, at: datetime | str, kind: str, actor: str, subject: str, payload_text: str, previous_hash: str
) -> str:
    """Return the SHA-256, in lower-case hex, of the record's canonical JSON.

    ``payload_text`` is the canonical JSON of the payload and goes in as a string; ``at`` is an aware datetime, or the
    text that ``moment`` makes of one.
    """
    content = {
        "number": number,
        "at": at if isinstance(at, str) else moment(at),
        "kind": kind,
        "actor": actor,
        "subject": subject,
        "payload": payload_text,
        "previous_hash": previous_hash,
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def sealed_hash(salt: str, value: str) -> str:
    """Return what the payload holds in place of a sealed value: SHA-256 of the salt (hex text) followed by the value."""
    return hashlib.sha256((salt + value).encode()).hexdigest()


def head_line(records: int, head: str) -> str:
    """Return the last line of an export of ``records`` records whose last hash is ``head``."""
    return canonical({"head": {"records": records, "hash": head}})


def fault(record: Mapping[str, Any], number: int, previous_hash: str) -> str | None:
    """Return what is wrong with a record that should be the ``number``-th, after ``previous_hash``; None if nothing is."""
    if set(record) != FIELDS:
        odd = sorted(set(record) ^ FIELDS)
        return f"the fields are not those of a record: {', '.join(odd)} missing or unknown"
    if type(record["number"]) is not int or not isinstance(record["payload"], dict):
        return "the number must be a whole number and the payload an object"
    if not all(isinstance(record[name], str) for name in ("at", "kind", "actor", "subject", "previous_hash", "hash")):
        return "a text field does not hold text"
    if record["number"] > number:
        return f"record {number} is missing: number {record['number']} stands in its place"
    if record["number"] < number:
        return f"number {record['number']} stands where record {number} belongs: repeated, inserted or out of order"
    if record["previous_hash"] != previous_hash:
        return f"record {number} does not follow the record before it: its previous_hash is another's"
    own = record_hash(
        number,
        record["at"],
        record["kind"],
        record["actor"],
        record["subject"],
        canonical(record["payload"]),
        previous_hash,
    )
    if own != record["hash"]:
        return f"record {number} was altered: its content does not have the hash it carries"
    return None


def verify_lines(lines: Iterable[str | bytes], expect_head: str | None = None) -> Report:
    """Check the lines of an export and return a Report; reads as a stream and keeps one line in memory.

    With ``expect_head``, a hash noted earlier, the chain must also contain it. Raises nothing for what the lines hold.
    """
    records, previous, seen = 0, GENESIS, expect_head in (None, GENESIS)
    line_number = 0
    remaining = iter(lines)
    for line in remaining:
        line_number += 1
        content, reason = _read(line)
        if content is not None and set(content) == {"head"}:
            reason = _head_fault(content["head"], records, previous)
            if not reason and next(remaining, None) is not None:
                line_number, reason = line_number + 1, "there are lines after the head, which must be the last"
            break
        if content is not None:
            reason = fault(content, records + 1, previous) or ""
        if content is None or reason:
            return Report(False, records, previous, line_number, reason)
        records, previous = records + 1, content["hash"]
        seen = seen or previous == expect_head
    else:
        line_number, reason = line_number + 1, "the head is missing: the export was cut off"
    if not reason and not seen:
        reason = f"the expected head {expect_head} is nowhere in this chain"
    return Report(False, records, previous, line_number, reason) if reason else Report(True, records, previous)


def _read(line: str | bytes) -> tuple[dict[str, Any] | None, str]:
    """Return the object on the line and "", or None and what is wrong with it."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
    except UnicodeDecodeError:
        return None, "the line is not UTF-8"
    text = text.removesuffix("\n")
    try:
        content = json.loads(text)
        if not isinstance(content, dict):
            return None, "the line is not a JSON object"
        if canonical(content) != text:
            return None, "the line is not in canonical form: written anew by another program, or altered"
    except NotCanonical as error:
        return None, f"the line is not in canonical form: {error}"
    except (ValueError, RecursionError):
        return None, "the line is not JSON"
    return content, ""


def _head_fault(head: Any, records: int, previous: str) -> str:
    if not isinstance(head, dict) or set(head) != {"records", "hash"}:
        return "the head does not say how many records there are and the last one's hash"
    if type(head["records"]) is not int or head["records"] != records:
        return f"the head says {head['records']} records and there are {records}"
    if head["hash"] != previous:
        return "the head's hash is not that of the last record"
    return ""


def _main(arguments: list[str]) -> int:
    """Check one export and say what was found. Returns 0 when it holds, 1 when not, 2 when nothing could be checked."""
    expect_head: str | None = None
    if "--expect-head" in arguments[:-1]:
        at = arguments.index("--expect-head")
        expect_head = arguments[at + 1]
        del arguments[at : at + 2]
    if len(arguments) != 1:
        sys.stderr.write("usage: python chain.py EXPORT [--expect-head HASH]\n")
        return 2
    try:
        with open(arguments[0], "rb") as export:
            report = verify_lines(export, expect_head)
    except OSError as error:
        sys.stderr.write(f"{arguments[0]}: {error.strerror}\n")
        return 2
    if report.ok:
        sys.stdout.write(f"holds: {report.records} records, head {report.head}\n")
        return 0
    sys.stdout.write(f"broken at line {report.first_broken_line}: {report.reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))

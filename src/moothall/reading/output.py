"""Results on their way out: JSON lines, csv, or a table for people; a file whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from moothall.reading.rows import RefusedRow
from moothall.reading.triage import Result
from moothall.words import DomainError

OutputFormat = Literal["table", "jsonl", "csv"]
CSV_COLUMNS: Final = (
    "id",
    "route",
    "also",
    "grounds",
    "clauses",
    "evidence",
    "criticism",
    "unsure",
    "measures",
    "recommended",
    "reply",
    "urgency",
    "campaign",
    "why",
    "policy_version",
    "model_version",
    "row",
    "error_code",
    "error_message",
)
_TABLE_ROWS: Final = 40
#: A spreadsheet runs a cell that begins like this as a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CannotWrite(DomainError):
    """The output cannot be written."""

    code = "cannot_write"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes appear at ``path`` when the block ends well, and leave no trace when it does not.

    What is no ordinary file (a pipe, a device) is written directly. Raises CannotWrite before anything is written
    where the path cannot be written to.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise CannotWrite(f"{path} is a directory: name a file in it")
    if not target.parent.is_dir():
        raise CannotWrite(f"{path} cannot be written: there is no directory {target.parent}")
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    try:
        number, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {os.strerror(error.errno or 0)}") from None
    temporary = Path(name)
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), _mode(target))
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def writer(format: OutputFormat, stream: BinaryIO, *, width: int | None = None) -> Writer:
    """Return what writes results to ``stream`` in that format. ``width``: columns of the table, None for the terminal's."""
    if format == "jsonl":
        return JsonLines(stream)
    if format == "csv":
        return FlatCsv(stream)
    return PeoplesTable(stream, width)


class Writer:
    """Takes results one by one; ``close`` writes what is still held and leaves the stream open."""

    def write(self, result: Result | RefusedRow) -> None:
        """Take one result."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still held."""


class JsonLines(Writer):
    """One JSON object a line, UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, result: Result | RefusedRow) -> None:
        """Write one line."""
        value = result.as_dict()
        try:
            line = _COMPACT(value).encode()
        except UnicodeEncodeError:
            # Half a surrogate pair can be escaped, but not written as UTF-8.
            line = json.dumps(value, default=_plain).encode()
        self._stream.write(line + b"\n")


class FlatCsv(Writer):
    """One csv row a result, lists joined by ``; ``, and nothing that a spreadsheet would run."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = io.StringIO(newline="")
        self._csv = csv.writer(self._held, lineterminator="\r\n")
        self._csv.writerow(CSV_COLUMNS)
        self._flush()

    def write(self, result: Result | RefusedRow) -> None:
        """Write one row."""
        value = flat(result)
        self._csv.writerow([_cell(value.get(column)) for column in CSV_COLUMNS])
        self._flush()

    def _flush(self) -> None:
        self._stream.write(self._held.getvalue().encode("utf-8", "replace"))
        self._held.seek(0)
        self._held.truncate()


def flat(result: Result | RefusedRow) -> dict[str, Any]:
    """Return a result as one row of csv: the columns of CSV_COLUMNS, those that do not apply left out."""
    if isinstance(result, RefusedRow):
        return {
            "id": result.id,
            "row": result.number,
            "error_code": result.code,
            "error_message": result.message,
        }
    value = result.as_dict()
    grounds = value["grounds"]
    value["evidence"] = [piece["text"] for ground in grounds for piece in ground["evidence"]]
    value["clauses"] = list(dict.fromkeys(clause for ground in grounds for clause in ground["clauses"]))
    value["grounds"] = [ground["name"] for ground in grounds]
    return value


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        value = "; ".join([str(part) for part in value])
    elif not isinstance(value, str):
        value = _COMPACT(value)
    return "'" + value if value.lstrip(" ").startswith(_FORMULA) else value


class PeoplesTable(Writer):
    """A table to read on a terminal: urgency, what to do, why, the comment. Written forty rows at a time."""

    def __init__(self, stream: BinaryIO, width: int | None = None) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8", errors="replace", write_through=True)
        self._console = Console(file=self._text, width=width, highlight=False, emoji=False, markup=False)
        self._held: list[Result | RefusedRow] = []

    def write(self, result: Result | RefusedRow) -> None:
        """Take one row."""
        self._held.append(result)
        if len(self._held) == _TABLE_ROWS:
            self._flush()

    def close(self) -> None:
        """Print what is held."""
        if self._held:
            self._flush()
        self._text.detach()

    def _flush(self) -> None:
        table = Table(expand=True, show_edge=False, pad_edge=False)
        table.add_column("id", ratio=2, overflow="ellipsis", no_wrap=True)
        table.add_column("urgency", width=7, justify="right")
        table.add_column("for the person", ratio=4)
        table.add_column("measure", width=10)
        table.add_column("why", ratio=9)
        table.add_column("comment", ratio=9)
        for result in self._held:
            table.add_row(*_people(result))
        self._held.clear()
        self._console.print(table)


def _people(result: Result | RefusedRow) -> list[Text]:
    if isinstance(result, RefusedRow):
        where = f"row {result.number} refused: {result.message} [{result.code}]"
        return [Text(_one_line(str(result.id), 20)), Text(""), Text(""), Text("refused", "red"), Text(where), Text("")]
    found = result.assessment
    person = found.route.replace("_", " ")
    if found.route == "none":
        person = "nothing"
    measure = found.recommended
    if found.unsure:
        measure += " (unsure)"
    strength = "bold red" if found.urgency == 1 else "yellow" if measure != "ignore" else ""
    return [
        Text(_one_line(str(result.row.id), 20)),
        Text(str(found.urgency), strength),
        Text(person),
        Text(measure, strength),
        Text(_one_line(found.why, 200)),
        _marked(result),
    ]


def _marked(result: Result) -> Text:
    """Return the beginning of the comment with the words that fired underlined."""
    comment = result.row.comment
    shown = Text(_one_line(comment, 160))
    # Every character is kept in place by _one_line, so the offsets still hold.
    for ground in result.assessment.grounds:
        for piece in ground.evidence:
            if piece.end <= 160:
                shown.stylize("underline", piece.start, piece.end)
    return shown


def _one_line(text: str, most: int) -> str:
    """Return the beginning of a text, whatever does not print (line ends, escapes to the terminal) as a space."""
    cut = text[:most]
    shown = "".join([character if character.isprintable() else " " for character in cut])
    return shown + "…" if len(text) > most else shown


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


_COMPACT: Final[Callable[[object], str]] = json.JSONEncoder(ensure_ascii=False, default=_plain).encode

"""Text into records: what a csv file, JSON lines, a JSON array or a parquet file holds, one after the other.

Every reader holds one record at a time, however long the file. A record that cannot be parsed becomes ``Broken`` with
its reason, and reading goes on after it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from moothall.words import DomainError

#: No line and no record is held beyond this many characters: far above any comment, far below what a machine has.
LONGEST_RECORD: Final = 16 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_PARQUET_ROWS: Final = 8_192
_SPACE: Final = " \t\r\n\ufeff"
_STRUCTURE: Final = re.compile(r'["\\{}\[\],]')

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be parsed: ``code`` for programs, ``message`` for people."""

    code: str
    message: str


class WrongEncoding(DomainError):
    """The input is not UTF-8. Say what it is with --encoding, for example --encoding cp1252."""

    code = "wrong_encoding"


class UnreadableFile(DomainError):
    """The file cannot be read."""

    code = "unreadable"


class _Overlong(Exception):
    """A line that is too long to be held; it has been skipped to its end."""


class Text:
    """A stream of text whose first line may be looked at before it is read. Raises WrongEncoding where it must."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._ahead = ""
        self._passed = 0

    def first_line(self) -> str:
        """Return the first line that is not blank, at most one MiB of it, without passing it."""
        while not self._ahead.strip("\ufeff \t\r\n\0"):
            line = self._decoded(self._stream.readline, 1024 * 1024)
            if not line:
                break
            self._ahead += line
        return self._ahead.lstrip("\ufeff \t\r\n\0")

    def readline(self) -> str:
        """Return the next line with its ending, at most LONGEST_RECORD of it; empty at the end."""
        if self._ahead:
            first, ending, self._ahead = self._ahead.partition("\n")
            if ending or self._ahead:
                return first + ending
            return first if first.endswith("\r") else first + self._decoded(self._stream.readline, LONGEST_RECORD)
        return self._decoded(self._stream.readline, LONGEST_RECORD)

    def read(self, size: int) -> str:
        """Return up to ``size`` more characters; empty at the end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, ""
            return ahead
        return self._decoded(self._stream.read, size)

    def _decoded(self, read: Callable[[int], str], size: int) -> str:
        try:
            text = read(size)
        except UnicodeError as error:
            name = str(getattr(error, "encoding", "")).upper() or "in the encoding given"
            raise WrongEncoding(
                f"near line {self._passed + 1} the input is not {name}: "
                "say what it is with --encoding, for example --encoding cp1252"
            ) from None
        self._passed += text.count("\n")
        return text


class _Lines:
    """The lines of a text, each with its ending; lines may be handed back to be read again."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._returned: list[str] = []
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line

    def hand_back(self, lines: list[str]) -> None:
        self._returned.extend(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        line = self._text.readline()
        if len(line) >= LONGEST_RECORD and not line.endswith(("\n", "\r")):
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline()
            self.number += 1
            raise _Overlong
        return line


def csv_records(text: Text, delimiter: str = ",") -> Iterator[Record | Broken]:
    """Yield one record per csv row, every value a string; the first row names the columns.

    A row with more or fewer cells than the header is broken: a comma or line break without quotes would otherwise
    put half a comment into the next column. A quote that is never closed costs its own line, not the rest of the file.
    """
    csv.field_size_limit(LONGEST_RECORD)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    names: list[str] | None = None
    while True:
        lines.taken.clear()
        first_line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Overlong:
            yield Broken("line_too_long", f"line {lines.number} is over {LONGEST_RECORD:,} characters")
            continue
        except csv.Error as error:
            if names is None:
                raise UnreadableFile(f"the header (line {first_line}) cannot be read as csv: {error}") from None
            lines.hand_back(lines.taken[1:])
            yield Broken("csv_broken", f"line {first_line}: {_csv_reason(error)}")
            continue
        if not cells:
            continue
        if names is None:
            names = cells
        elif len(cells) > len(names) and any(cells[len(names) :]):
            yield Broken(
                "csv_ragged",
                f"line {first_line} has {len(cells)} cells, the header {len(names)}: "
                "a comment with a comma in it must stand in quotes",
            )
        elif len(cells) < len(names):
            yield Broken(
                "csv_ragged",
                f"line {first_line} has {len(cells)} cells, the header {len(names)}: "
                "a comment with a line break in it must stand in quotes",
            )
        else:
            yield dict(zip(names, cells, strict=False))


def _csv_reason(error: csv.Error) -> str:
    words = str(error)
    if "unexpected end of data" in words or "field limit" in words:
        return "a quote is opened and never closed"
    if "expected after" in words:
        return 'a quote inside a quoted cell must be doubled (""), or the quote before it was never closed'
    return words


def json_lines(text: Text) -> Iterator[Record | Broken]:
    """Yield one record per line that is a JSON object; blank lines are skipped."""
    lines = _Lines(text)
    while True:
        lines.taken.clear()
        try:
            line = next(lines)
        except StopIteration:
            return
        except _Overlong:
            yield Broken("line_too_long", f"line {lines.number} is over {LONGEST_RECORD:,} characters")
            continue
        if not line.strip():
            continue
        yield _json_object(line, f"line {lines.number}")


def _json_object(text: str, where: str) -> Record | Broken:
    try:
        value = _DECODER.decode(text.strip(_SPACE))
    except json.JSONDecodeError as error:
        return Broken("json_broken", f"{where} is not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:
        return Broken("json_broken", f"{where} is not JSON: {error}")
    except RecursionError:
        return Broken("json_broken", f"{where} is nested too deeply")
    return _as_record(value, where)


def _as_record(value: object, where: str) -> Record | Broken:
    if isinstance(value, dict):
        return value
    kind = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    return Broken("json_not_object", f"{where} is {kind}, not an object with columns")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


#: Not strict: control characters inside a text are dropped later, not a reason to refuse the row.
_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, strict=False)


def json_array(whole: Text) -> Iterator[Record | Broken]:
    """Yield one record per object of one JSON array, holding no more of it than one object.

    Raises UnreadableFile when the text does not begin with ``[``.
    """
    text = _Window(whole)
    if text.next_mark() != "[":
        raise UnreadableFile("the file is not a JSON array")
    text.at += 1
    count = 0
    if text.next_mark() == "]":
        text.at += 1
    else:
        while True:
            count += 1
            element, closed = text.element(f"element {count}")
            yield element
            if closed is None:
                return
            if closed:
                break
            if not text.next_mark():
                yield Broken("json_cut_off", f"the array is not closed after element {count}: the file seems cut off")
                return
    if text.next_mark():
        yield Broken("json_broken", "text follows the end of the array; it was not read")


class _Window:
    """A moving part of a long text: ``held[at:]`` is what has not been read yet."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.held = ""
        self.at = 0
        self._ended = False

    def more(self) -> bool:
        """Take in more text, as much again as is held, so that a long element is not scanned over and over."""
        if self._ended:
            return False
        self.held = self.held[self.at :]
        self.at = 0
        piece = self._text.read(max(_CHUNK, len(self.held)))
        self._ended = not piece
        self.held += piece
        return bool(piece)

    def next_mark(self) -> str:
        """Return the next character that is not white space, without passing it; empty at the end."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.more():
                return ""

    def element(self, where: str) -> tuple[Record | Broken, bool | None]:
        """Return one element and whether the array ended with it (None: the text ended first); pass what divides."""
        self.next_mark()
        while True:
            found = self._whole()
            if found is not None:
                value, end, mark = found
                self.at = end + 1
                return _as_record(value, where), mark == "]"
            end_of_broken = self._extent()
            if end_of_broken is not None:
                text = self.held[self.at : end_of_broken]
                mark = self.held[end_of_broken]
                self.at = end_of_broken + 1
                return _json_object(text, where), mark == "]"
            if len(self.held) - self.at > LONGEST_RECORD:
                return Broken("json_broken", f"{where} does not end; nothing after it was read"), None
            if not self.more():
                return Broken("json_cut_off", f"{where} does not end: the file seems cut off"), None

    def _whole(self) -> tuple[object, int, str] | None:
        """Return value, the place of the mark behind it and the mark, when a whole element is held."""
        try:
            value, end = _DECODER.raw_decode(self.held, self.at)
        except (ValueError, RecursionError):
            return None
        while end < len(self.held) and self.held[end] in _SPACE:
            end += 1
        if end < len(self.held) and self.held[end] in ",]":
            return value, end, self.held[end]
        return None

    def _extent(self) -> int | None:
        """Return where an element ends that JSON cannot make sense of: the comma or bracket at its own depth."""
        depth, at, inside = 0, self.at, False
        while found := _STRUCTURE.search(self.held, at):
            mark, at = found.group(), found.end()
            if inside:
                if mark == "\\":
                    at += 1
                inside = mark != '"'
            elif mark == '"':
                inside = True
            elif mark in "{[":
                depth += 1
            elif mark == "," or depth == 0:
                if depth == 0 and mark in ",]":
                    return found.start()
            elif mark in "}]":
                depth -= 1
        return None


def parquet_records(path: Path, wanted: frozenset[str]) -> Iterator[Record]:
    """Yield one record per row of a parquet file, a few thousand rows in memory at a time.

    ``wanted``: the lower-case names of the columns to read. Raises UnreadableFile for a damaged file.
    """
    import polars

    try:
        frame = polars.scan_parquet(path)
        names = [name for name in frame.collect_schema().names() if name.strip().casefold() in wanted]
        start = 0
        while names:
            part = frame.slice(start, _PARQUET_ROWS).select(names).collect()
            if part.is_empty():
                return
            start += part.height
            yield from part.iter_rows(named=True)
    except polars.exceptions.PolarsError as error:
        raise UnreadableFile(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}") from None


def parquet_columns(path: Path) -> list[str]:
    """Return the names of a parquet file's columns. Raises UnreadableFile for a damaged file."""
    import polars

    try:
        return polars.scan_parquet(path).collect_schema().names()
    except polars.exceptions.PolarsError as error:
        raise UnreadableFile(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}") from None

"""CSV as councils' spreadsheets write it: read with whatever encoding and delimiter it has, written so that no cell is run.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. Written out, such a cell gets an
apostrophe in front, which spreadsheets hide; read in, that apostrophe goes again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from moothall.words import DomainError

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_ROWS: Final = 50_000
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_MARKED: Final = re.compile(r"'+[=+\-@＝＋－＠\t\r]")


class ImportRefused(DomainError):
    """This file cannot be read. Save the sheet as “CSV UTF-8” and try again."""

    code = "not_csv"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a file: the line, from 1, on which the row begins; the column's name, or empty."""

    line: int
    column: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, from 1, and its cells by column name; columns the file lacks are absent."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds. ``encoding`` is ``UTF-8`` or ``Windows-1252``, ``delimiter`` a word such as ``comma``."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    encoding: str
    delimiter: str


def read_sheet(data: bytes, columns: Sequence[str], required: Sequence[str]) -> Sheet:
    """Return the rows of a CSV file whose first line names the columns, in any order and in capitals or not.

    Faults name rows that do not fit the header and headers that are no column, with the nearest that is. Raises
    ImportRefused where nothing can be read: code ``empty``, ``too_large``, ``too_many_rows``, ``encoding``, ``not_csv``,
    ``header``.
    """
    text, encoding = _decoded(data)
    delimiter = _delimiter(text, columns)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    faults: list[Fault] = []
    header: list[str] | None = None
    begins = 1
    try:
        for cells in lines:
            line, begins = begins, lines.line_num + 1
            cells = [_as_read(cell) for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = _header(cells, line, columns, required, faults)
            elif len(cells) > len(header) and any(cells[len(header) :]):
                faults.append(
                    Fault(
                        line,
                        "",
                        f"This row has {len(cells)} cells and the header {len(header)}. Is a text with a "
                        f"{_DELIMITERS[delimiter]} in it without quotation marks?",
                        "too_many_cells",
                    )
                )
            elif len(rows) == MOST_ROWS:
                raise ImportRefused(f"A file may have {MOST_ROWS:,} rows. Split it in two.", "too_many_rows")
            else:
                filled = [*cells, *[""] * (len(header) - len(cells))]
                rows.append(Row(line, {name: cell for name, cell in zip(header, filled, strict=False) if name}))
    except csv.Error as error:
        raise ImportRefused(f"From line {begins} on this is no CSV ({error}). Is a quotation mark missing?") from None
    if header is None:
        raise ImportRefused("The file is empty.", "empty")
    return Sheet(tuple(rows), tuple(faults), encoding, _DELIMITERS[delimiter])


def write_sheet(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return a CSV text with a header, lines ended as RFC 4180 has them, and no cell that a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_as_written(row[name]) for name in columns])
    return out.getvalue()


def _as_written(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _as_read(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if _MARKED.match(cell) else cell


def _decoded(data: bytes) -> tuple[str, str]:
    if len(data) > MOST_BYTES:
        raise ImportRefused(f"A file may have {MOST_BYTES // 1024 // 1024} MB. Split it in two.", "too_large")
    if not data.strip():
        raise ImportRefused("The file is empty.", "empty")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportRefused(
            "This is a workbook, not a CSV file. Save the sheet as “CSV UTF-8” and take that.", "not_csv"
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise ImportRefused(
            "This file is not in UTF-8 or Windows-1252 (it may be “Unicode text”). Save the sheet as “CSV UTF-8”.",
            "encoding",
        )
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        place = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = None
    # Windows-1252 has a letter for nearly every byte: with a mark of UTF-8 in front, it was meant to be UTF-8.
    if text is None or data.startswith(b"\xef\xbb\xbf"):
        raise ImportRefused(
            f"Line {place} is neither in UTF-8 nor in Windows-1252. Save the sheet as “CSV UTF-8”.", "encoding"
        )
    return text, "Windows-1252"


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Return the delimiter with which the first line names the most columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> int:
        try:
            cells = next(csv.reader([first], delimiter=delimiter))
        except csv.Error:
            return 0
        return sum(_name(cell) in columns for cell in cells) * 100 + len(cells)

    return max(_DELIMITERS, key=known)


def _name(cell: str) -> str:
    return re.sub(r"[\s\-]+", "_", cell.strip().casefold())


def _header(
    cells: list[str], line: int, columns: Sequence[str], required: Sequence[str], faults: list[Fault]
) -> list[str]:
    """Return the column each cell of the header names, empty for one without a name; faults are added to ``faults``."""
    names: list[str] = []
    for cell in cells:
        name = _name(cell)
        if not name:
            names.append("")
        elif name not in columns:
            near = get_close_matches(name, columns, 1, 0.6)
            hint = f" Do you mean “{near[0]}”?" if near else f" Columns: {', '.join(columns)}."
            faults.append(Fault(line, cell, f"There is no column “{cell}”.{hint}", "column_unknown"))
            names.append("")
        elif name in names:
            faults.append(Fault(line, cell, f"The column “{cell}” is there twice.", "column_twice"))
            names.append("")
        else:
            names.append(name)
    if not any(names):
        raise ImportRefused(
            f"The first line must name the columns: {', '.join(columns)}. This one names none of them.", "header"
        )
    faults.extend(
        Fault(line, name, f"The column “{name}” is missing.", "column_missing")
        for name in required
        if name not in names
    )
    return names

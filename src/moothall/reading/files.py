"""Open what a person names on the command line: find its format and encoding, and yield its rows."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, cast

from moothall.reading.records import (
    Broken,
    Record,
    Text,
    UnreadableFile,
    WrongEncoding,
    csv_records,
    json_array,
    json_lines,
    parquet_columns,
    parquet_records,
)
from moothall.reading.rows import COLUMNS, COMMENT_COLUMNS, CommentRow, RefusedRow, UnknownColumns, Unread, rows
from moothall.words import DomainError

Format = Literal["csv", "jsonl", "json array", "parquet"]
_BY_ENDING: Final[dict[str, Format]] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_BLOCK: Final = 1024 * 1024
#: UTF-32 first: its mark begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NoSuchFile(DomainError):
    """There is no such file."""

    code = "no_such_file"


class UnknownEncoding(DomainError):
    """There is no such encoding."""

    code = "unknown_encoding"


class CommentFile:
    """A file, or standard input for ``-``, opened for reading. Use it in a ``with`` block.

    ``size`` is its length in bytes (None: not known), ``position`` how many have been read, ``unread`` which optional
    values could not be understood.
    """

    def __init__(self, name: str, encoding: str | None = None) -> None:
        self.name = "standard input" if name == "-" else name
        self.unread = Unread()
        self.size: int | None = None
        self._encoding = _known_encoding(encoding)
        self._given_encoding = encoding is not None
        self._closing = ExitStack()
        self._path: Path | None = None if name == "-" else Path(name)
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise

    def __enter__(self) -> CommentFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @property
    def position(self) -> int:
        """Bytes read so far; of a parquet file always 0."""
        if self.format == "parquet" or self.size is None:
            return 0
        return self._bytes.tell()

    def rows(self) -> Iterator[CommentRow | RefusedRow]:
        """Yield the rows in order. Raises UnknownColumns, WrongEncoding or UnreadableFile."""
        folder = self._path.parent if self._path else Path()
        return rows(self.records(), folder=folder, unread=self.unread)

    def _open(self) -> None:
        if self._path is None:
            self._bytes = cast(io.BufferedReader, sys.stdin.buffer)
        else:
            self._bytes = self._closing.enter_context(_opened(self._path))
            if self._path.is_file():
                self.size = self._path.stat().st_size
        start = self._bytes.peek(4)[:4]
        ending = self._path.suffix.casefold() if self._path else ""
        if start == b"PAR1":
            self.format: Format = "parquet"
            self._as_file()
            return
        if ending == ".parquet":
            raise UnreadableFile(f"{self.name} is not a parquet file: it does not begin with PAR1")
        self._check_encoding(start)
        wrapped = io.TextIOWrapper(self._bytes, self._encoding, newline="")
        # The wrapper must not close standard input when it goes.
        self._closing.callback(wrapped.detach)
        self._text = Text(wrapped)
        self.format = _BY_ENDING.get(ending) or self._format(ending)

    def _as_file(self) -> None:
        """Parquet is read from its end: what comes through a pipe is put into a temporary file first."""
        if self._path is not None and self.size is not None:
            self._parquet = self._path
            return
        folder = self._closing.enter_context(tempfile.TemporaryDirectory(prefix="moothall-"))
        self._parquet = Path(folder) / "input.parquet"
        with self._parquet.open("wb") as spool:
            shutil.copyfileobj(self._bytes, spool)

    def _check_encoding(self, start: bytes) -> None:
        """Read a file through once before anything is written, so that a wrong encoding costs nobody half a result."""
        if not self._given_encoding:
            for mark, encoding in _MARKS:
                if start.startswith(mark):
                    raise WrongEncoding(f"{self.name} is in {encoding.upper()}: add --encoding {encoding}")
        if self.size is None or self._path is None:
            return
        decoder = codecs.getincrementaldecoder(self._encoding)()
        lines = 1
        with self._path.open("rb") as file:
            while block := file.read(_BLOCK):
                try:
                    decoder.decode(block)
                except UnicodeError as error:
                    self._refuse_encoding(lines + block.count(b"\n", 0, max(0, getattr(error, "start", 0))))
                lines += block.count(b"\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeError:
            self._refuse_encoding(lines)

    def _refuse_encoding(self, line: int) -> None:
        name = self._encoding.removesuffix("-sig")
        raise WrongEncoding(
            f"{self.name} is not {name.upper()} (line {line}): say what it is with --encoding, "
            "for example --encoding cp1252 for a file saved by a spreadsheet"
        ) from None

    def _format(self, ending: str) -> Format:
        first = self._text.first_line().strip()
        if first.startswith("["):
            return "json array"
        if ending == ".json" and first and not (first.startswith("{") and first.endswith("}")):
            raise UnreadableFile(
                f"{self.name} is neither a JSON array nor one JSON object a line: "
                "put the comments into one array of objects, [{…}, {…}]"
            )
        return "jsonl" if first.startswith("{") or ending == ".json" else "csv"

    def records(self) -> Iterator[Record | Broken]:
        """Yield the records in order, every column as it is. Raises as ``rows`` does."""
        if self.format == "parquet":
            names = parquet_columns(self._parquet)
            if not {name.strip().casefold() for name in names} & set(COMMENT_COLUMNS):
                raise UnknownColumns(names)
            return parquet_records(self._parquet, COLUMNS)
        if self.format == "jsonl":
            return json_lines(self._text)
        if self.format == "json array":
            return json_array(self._text)
        return self._csv()

    def _csv(self) -> Iterator[Record | Broken]:
        header = self._text.first_line().replace("\r", "\n").partition("\n")[0]
        if not header:
            raise UnreadableFile(f"{self.name} is empty: the first line must name the columns")
        for delimiter in (",", ";", "\t"):
            if any(name.casefold() in COMMENT_COLUMNS for name in _names(header, delimiter)):
                return csv_records(self._text, delimiter)
        raise UnknownColumns(_names(header, ","))


def _names(header: str, delimiter: str) -> list[str]:
    return [name.strip(' "') for name in header.split(delimiter)]


def _known_encoding(given: str | None) -> str:
    try:
        name = codecs.lookup(given or "utf-8").name
        "a".encode(name)
    except (LookupError, UnicodeError):
        raise UnknownEncoding(
            f"there is no encoding {given!r}; well-known ones are utf-8, cp1252, latin-1 and utf-16"
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def _opened(path: Path) -> io.BufferedReader:
    try:
        return cast(io.BufferedReader, path.open("rb", buffering=_BLOCK))
    except FileNotFoundError:
        raise NoSuchFile(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise UnreadableFile(f"{path} is a directory: name one file in it") from None
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {os.strerror(error.errno or 0)}") from None

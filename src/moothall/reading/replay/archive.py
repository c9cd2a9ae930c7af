"""An archive of comments: rows in triage's columns, labelled ones, ones the reader has read before, or a live database's."""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from moothall.reading.files import CommentFile, NoSuchFile
from moothall.reading.records import Broken, Record, UnreadableFile, parquet_columns, parquet_records
from moothall.reading.replay.facts import CIRCUMSTANCE_COLUMNS, FACT_COLUMNS
from moothall.reading.rows import COLUMNS, COMMENT_COLUMNS, CommentRow, RefusedRow, UnknownColumns, Unread, rows
from moothall.words import GROUNDS, ROUTES

#: ``comments``: to be read; ``labelled``: a person has said what stands in them; ``read``: the reader has before.
Kind = Literal["comments", "labelled", "read"]
_LABELS: Final = ("route", "grounds", "criticism", "spans")
#: Columns beside triage's that a replay looks at.
_FURTHER: Final = frozenset(
    {
        *_LABELS,
        *FACT_COLUMNS,
        *CIRCUMSTANCE_COLUMNS,
        *("signals", "row", "campaign", "error", "target", "off_topic", "conduct_in_office", "unsure", "new_facts"),
    }
)
_LOOKED_AT: Final = 100
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A row with the further columns it came with, names in lower case."""

    row: CommentRow | RefusedRow
    further: Mapping[str, Any]


class Archive(Protocol):
    """What a replay reads. ``sha256`` is None where the content cannot be known beforehand; ``share`` says how much of it
    has passed, 0–1 (None: not known)."""

    name: str
    kind: Kind
    sha256: str | None
    unread: Unread

    @property
    def share(self) -> float | None: ...
    def __iter__(self) -> Iterator[ArchiveRow]: ...
    def close(self) -> None: ...


class ArchiveFile(CommentFile):
    """An archive in a file. Raises NoSuchFile, UnreadableFile, UnknownColumns or WrongEncoding."""

    def __init__(self, name: str, encoding: str | None = None) -> None:
        if name == "-":
            raise UnreadableFile("a replay reads its archive from a file, so that it can go on after a break: name one")
        if not Path(name).exists():
            raise NoSuchFile(f"{name}: there is no such file")
        if not Path(name).is_file() and not Path(name).is_dir():
            raise UnreadableFile(f"{name} is a pipe or a device: a replay reads its archive from an ordinary file")
        self.kind = _kind_of(name, encoding)
        self.encoding = encoding
        self.sha256: str | None = file_sha256(Path(name))
        super().__init__(name, encoding)

    @property
    def share(self) -> float | None:
        """How much of the file has been read, 0–1; of a parquet file not known."""
        return self.position / self.size if self.size and self.format != "parquet" else None

    def close(self) -> None:
        """Let go of the file."""
        self.__exit__(None, None, None)

    def records(self) -> Iterator[Record | Broken]:
        """Yield the records in order, with the further columns of a parquet file too."""
        if self.format != "parquet":
            return super().records()
        names = parquet_columns(self._parquet)
        if not {name.strip().casefold() for name in names} & set(COMMENT_COLUMNS):
            raise UnknownColumns(names)
        return parquet_records(self._parquet, COLUMNS | _FURTHER)

    def __iter__(self) -> Iterator[ArchiveRow]:
        folder = self._path.parent if self._path else Path()
        return _with_further(self.records(), folder, self.unread)


class LiveArchive:
    """The comments of a live database, handed in as records; ``total``: how many there are."""

    kind: Kind = "comments"
    sha256: str | None = None

    def __init__(self, records: Iterable[Record], total: int, name: str = "live") -> None:
        self.name = name
        self.unread = Unread()
        self._records = records
        self._total = total
        self._passed = 0

    @property
    def share(self) -> float | None:
        """How many of the comments have been read, 0–1."""
        return min(self._passed / self._total, 1.0) if self._total else None

    def close(self) -> None:
        """Nothing is held open."""

    def __iter__(self) -> Iterator[ArchiveRow]:
        # Two records make sure that the columns are known even of a database with one comment or none.
        for found in _with_further(iter(self._records), Path(), self.unread):
            self._passed += 1
            yield found


def _with_further(records: Iterator[Record | Broken], folder: Path, unread: Unread) -> Iterator[ArchiveRow]:
    """Yield rows, each with the further columns of the record it was made from."""
    passed: deque[Record | Broken] = deque()

    def noting() -> Iterator[Record | Broken]:
        for record in records:
            passed.append(record)
            yield record

    names: tuple[str, ...] = ()
    wanted: dict[str, str] = {}
    for row in rows(noting(), folder=folder, unread=unread):
        record = passed.popleft()
        if isinstance(record, Broken):
            yield ArchiveRow(row, {})
            continue
        if tuple(record) != names:
            names = tuple(record)
            folded = {name.strip().casefold(): name for name in reversed(names)}
            wanted = {name: folded[name] for name in _FURTHER if name in folded}
        yield ArchiveRow(row, {name: record[given] for name, given in wanted.items()})


def _kind_of(name: str, encoding: str | None) -> Kind:
    """Return the kind of archive, by the columns of its first readable record."""
    with CommentFile(name, encoding) as file:
        if file.format == "parquet":
            names = {one.strip().casefold() for one in parquet_columns(file._parquet)}
            return _kind(names)
        for number, record in enumerate(file.records(), 1):
            if not isinstance(record, Broken) and "error" not in record:
                return _kind({one.strip().casefold() for one in record})
            if number >= _LOOKED_AT:
                break
    return "comments"


def _kind(names: set[str]) -> Kind:
    if "signals" in names:
        return "read"
    return "labelled" if {"route", "grounds"} <= names else "comments"


def labels_of(further: Mapping[str, Any]) -> tuple[list[str] | None, str]:
    """Return the grounds a row is labelled with (None: it bears no labels) and, where a label is faulty, the reason."""
    if further.get("route") in (None, "") or further.get("grounds") is None:
        return None, "the row has no label: route and grounds are needed"
    if further["route"] not in ROUTES:
        return None, f"{str(further['route'])[:40]!r} is no route; routes are {', '.join(ROUTES)}"
    grounds = further["grounds"]
    if isinstance(grounds, str):
        try:
            grounds = json.loads(grounds) if grounds.lstrip().startswith("[") else re.split(r"\s*[;,]\s*", grounds)
        except ValueError:
            grounds = [grounds]
    named = [str(one) for one in grounds if one != ""] if isinstance(grounds, list) else [str(grounds)]
    if not set(named) <= set(GROUNDS):
        return None, f"{', '.join(named)[:80]!r} are not all grounds; grounds are {', '.join(GROUNDS)}"
    return named, ""


def file_sha256(path: Path) -> str | None:
    """Return the SHA-256 of a file's bytes, None for what is no file."""
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()

"""Replay an archive under two policies: divide it, have the parts worked out, put the results together in order."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from moothall.policy import Policy
from moothall.reading.comment import without_controls
from moothall.reading.output import CannotWrite, whole_file
from moothall.reading.replay.archive import Archive, ArchiveFile, ArchiveRow
from moothall.reading.replay.checkpoint import FOLDER, Checkpoint
from moothall.reading.replay.compare import Comparison, Item, Setup
from moothall.reading.replay.facts import FactsBroken, circumstances_given, given_facts
from moothall.reading.replay.page import report
from moothall.reading.replay.record import AuthorRecords, looks_at_record
from moothall.reading.replay.summary import Replayed
from moothall.reading.replay.tally import Tally
from moothall.reading.replay.workers import (
    Done,
    Here,
    Task,
    Workers,
    in_processes,
    on_cluster,
    seldom_collecting,
    usable_cores,
)
from moothall.reading.rows import CommentRow, RefusedRow
from moothall.reading.triage import REMEMBERED, repeats_of
from moothall.signals import MemoryStore, Reader, RepeatIndex
from moothall.words import DomainError

REPORT, DIFFERENCES, SUMMARY = "report.html", "differences.jsonl", "summary.json"
_READINGS: Final = "readings-"
#: Rows in a part: so few where each is read that little is lost when a run is cut off, more where reading is done.
_TO_READ: Final = 1_000
_READ_BEFORE: Final = 8_000
#: What a mark in place of an author begins with.
_MARK: Final = "author-"
#: What is counted within the archive where the rows do not say it.
_COUNTED: Final = ("campaign", "repeats", "repeat_times", "identical", "campaign_posts")
#: The further columns that a worker looks at.
_FOR_WORKERS: Final = frozenset(
    {"signals", "route", "grounds", "criticism", "spans", "target", "off_topic", "conduct_in_office", "unsure"}
)
#: Raised when the same input would give other bytes than before.
_FORM: Final = 1

#: Told after each part: how many rows are done, and which share of the archive that is (None: not known).
Progress = Callable[[int, float | None], None]


class OutNotEmpty(DomainError):
    """The folder holds other things: name an empty one, or one that does not exist yet."""

    code = "out_not_empty"


@dataclass(frozen=True, slots=True)
class Options:
    """How to replay. ``processes`` None: as many as there are usable cores. ``cluster``: the address of a Dask scheduler.

    ``examples``: how many comments are shown per clause and kind of change. ``with_reader``: labelled comments are read too.
    """

    processes: int | None = None
    cluster: str | None = None
    examples: int = 5
    count_repeats: bool = True
    with_reader: bool = False
    rows_in_part: int | None = None


@dataclass(slots=True)
class _Passed:
    """What was seen of the rows as they went by."""

    first: datetime | None = None
    last: datetime | None = None
    images: int = 0

    def add(self, row: CommentRow) -> None:
        self.images += row.image is not None
        if row.date is not None:
            self.first = row.date if self.first is None else min(self.first, row.date)
            self.last = row.date if self.last is None else max(self.last, row.date)


@dataclass(slots=True)
class _Run:
    """One replay under way."""

    setup: Setup
    windows: tuple[int, int]
    options: Options
    checkpoint: Checkpoint
    progress: Progress
    salt: bytes
    #: Where the rules look at an author's record, comments are assessed here, in order: each may weigh on the next.
    in_order: Comparison | None = None
    records: AuthorRecords | None = None
    passed: _Passed = field(default_factory=_Passed)
    done: int = 0
    names: list[str] = field(default_factory=list)
    tally: Tally = field(init=False)
    waiting: deque[tuple[str, list[Item], float | None, Task]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.tally = Tally(self.options.examples)

    def work(self, archive: Archive) -> None:
        """Have every part worked out that is not done yet."""
        parts = self._parts(archive)
        first = list(islice(parts, 2))
        with self._workers(alone=len(first) < 2) as workers:
            for items, share in chain(first, parts):
                # JSON, not pickle: the same rows always give the same bytes, and so the same name.
                payload = json.dumps(items, default=_plain).encode()
                name = f"{len(self.names):06d}-{hashlib.sha256(payload).hexdigest()[:16]}"
                self.names.append(name)
                while len(self.waiting) >= workers.at_once:
                    self._finish()
                task = Done(self.checkpoint.part(name)) if self.checkpoint.holds(name) else workers.submit(payload)
                self.waiting.append((name, items, share, task))
            while self.waiting:
                self._finish()

    def _finish(self) -> None:
        """Take in the oldest part that is waited for: parts are finished in order, whoever works them out."""
        name, items, share, task = self.waiting.popleft()
        part = task.result()
        if not self.checkpoint.holds(name):
            self.checkpoint.keep(name, part)
        if self.in_order is not None:
            readings = [json.loads(line) for line in part.readings.splitlines()] if part.readings else None
            part = self.in_order.part(items, readings, self.records)
            self.checkpoint.keep_differences(name, part.differences)
        self.tally.merge(Tally.from_dict(part.tally))
        self.done += len(items)
        self.progress(self.done, share)

    def _workers(self, *, alone: bool) -> AbstractContextManager[Workers]:
        if self.options.cluster is not None:
            return on_cluster(self.setup, self.options.cluster)
        if alone or not (self.setup.read or self.setup.assess):
            return nullcontext(Here(self.setup))
        return in_processes(self.setup, self.options.processes or usable_cores())

    def _parts(self, archive: Archive) -> Iterator[tuple[list[Item], float | None]]:
        size = self.options.rows_in_part or (_TO_READ if self.setup.read else _READ_BEFORE)
        windows = sorted(set(self.windows)) if self.options.count_repeats else []
        repeats = {days: RepeatIndex(MemoryStore(max_entries=REMEMBERED), days) for days in windows}
        items: list[Item] = []
        for found in archive:
            items.append(self._item(found, repeats))
            if len(items) == size:
                yield items, archive.share
                items = []
        if items:
            yield items, archive.share

    def _item(self, found: ArchiveRow, repeats: Mapping[int, RepeatIndex]) -> Item:
        row, further = found.row, found.further
        read_before = self.setup.kind == "read"
        number = further["row"] if read_before and type(further.get("row")) is int else row.number
        if isinstance(row, RefusedRow):
            error = further.get("error")
            if isinstance(error, Mapping) and "code" in error and "message" in error:
                return [number, row.id, str(error["code"]), str(error["message"])]
            return [number, row.id, row.code, row.message]
        self.passed.add(row)
        try:
            facts, around = given_facts(row, further), circumstances_given(row, further)
        except FactsBroken as broken:
            return [number, row.id, broken.code, broken.message]
        new_facts = further.get("new_facts") or None
        if repeats and not (read_before and (row.repeats is not None or row.author is None)):
            facts, new_facts = self._with_repeats(row, facts, repeats)
        return [
            number,
            row.id,
            row.comment,
            row.post,
            None if row.date is None else row.date.isoformat(),
            around,
            facts,
            new_facts,
            None if row.author is None else self._mark(row),
            {name: further[name] for name in further if name in _FOR_WORKERS} if further else further,
        ]

    def _with_repeats(
        self, row: CommentRow, facts: dict[str, Any], repeats: Mapping[int, RepeatIndex]
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return the facts with what is counted, and those for the new rules where they count over another window."""
        text = without_controls(row.comment).text
        found = {}
        for days, index in repeats.items():
            counted = repeats_of(row, text, index)
            known = {name: getattr(counted, name) for name in _COUNTED}
            # What the row itself says wins.
            found[days] = {name: value for name, value in known.items() if value is not None} | facts
        old, new = [found[days] for days in self.windows]
        return old, None if old == new else new

    def _mark(self, row: CommentRow) -> str:
        """Return a mark in place of the author: the same for the same account in this archive, and no name."""
        if self.setup.kind == "read" and row.author is not None and row.author.startswith(_MARK):
            return row.author
        given = f"{row.platform}\0{row.author}".encode("utf-8", "replace")
        return _MARK + hashlib.blake2b(given, key=self.salt, digest_size=8).hexdigest()


def replay(
    archive: Archive,
    old: Policy,
    new: Policy,
    folder: Path,
    options: Options | None = None,
    *,
    today: date,
    progress: Progress = lambda _rows, _share: None,
) -> Replayed:
    """Hold every comment of an archive against both policies, write the report into ``folder``, and return what it says.

    ``folder`` comes to hold report.html, differences.jsonl, summary.json and, where the reader had to read a file, its
    readings for the next time. A run that was cut off goes on where it stood when called again with the same arguments.
    Raises CannotWrite, OutNotEmpty, AlreadyRunning, NoCluster, WorkersLost, OtherVersion, and what reading a file raises.
    """
    options = options or Options()
    prepare(folder)
    windows = (old.settings.repeat_days, new.settings.repeat_days)
    reading = archive.kind == "comments" or (archive.kind == "labelled" and options.with_reader)
    reader = Reader().version if reading else ""
    kept = _readings_file(folder, archive, reader, windows, options) if reading else None
    source = archive
    if kept is not None and kept.exists():
        source, reading = ArchiveFile(str(kept)), False
    with closing(source):
        in_order = looks_at_record(old) or looks_at_record(new)
        setup = Setup(
            old=old.text,
            new=new.text,
            kind=source.kind,
            read=reading,
            keep=reading and (kept is not None or in_order),
            assess=not in_order,
            examples=options.examples,
            reader=reader if reading else "",
            moothall=version("moothall"),
        )
        plan = {
            "form": _FORM,
            "archive": source.sha256,
            "rows": options.rows_in_part,
            "windows": windows,
            "count_repeats": options.count_repeats,
            **_hashed(setup),
        }
        checkpoint = Checkpoint(folder, plan)
        run = _Run(setup, windows, options, checkpoint, progress, salt=_salt(archive))
        if in_order:
            run.in_order = Comparison(replace(setup, read=False, keep=False, assess=True))
            run.records = AuthorRecords(old, new)
        complete = False
        try:
            with seldom_collecting():
                run.work(source)
            found = Replayed(
                archive=Path(archive.name).name,
                archive_sha256=archive.sha256,
                kind=archive.kind,
                reader=reader,
                old=old,
                new=new,
                tally=run.tally,
                today=today,
                first=run.passed.first,
                last=run.passed.last,
                images=run.passed.images,
                unread=dict(source.unread.counts),
                resumed=checkpoint.resumed,
                read_before=source is not archive,
            )
            _write(folder, run, kept if setup.keep else None, found)
            complete = True
        finally:
            checkpoint.close(done=complete)
    _forget_other_readings(folder, kept, archive)
    return found


def prepare(folder: Path) -> None:
    """Make the folder, or see that it holds nothing but an earlier replay. Raises CannotWrite or OutNotEmpty."""
    if folder.exists() and not folder.is_dir():
        raise CannotWrite(f"{folder} is a file: --out names a folder")
    try:
        # Residents' words will lie in it: for its owner alone.
        folder.mkdir(mode=0o700, exist_ok=True)
        there = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be written: {os.strerror(error.errno or 0)}") from None
    results = (REPORT, DIFFERENCES, SUMMARY)
    others = [name for name in there if name not in (*results, FOLDER) and not _is_readings(name)]
    if not others and not _our_own(folder):
        others = [name for name in there if name in results]
    if others:
        raise OutNotEmpty(
            f"{folder} holds other things ({others[0]}): name an empty folder, or one that does not exist yet"
        )


def _our_own(folder: Path) -> bool:
    """Return whether what is called as a replay's results are called is that: its summary says so, or a run goes on there."""
    summary = folder / SUMMARY
    if (folder / FOLDER).exists() or not any((folder / name).exists() for name in (REPORT, DIFFERENCES, SUMMARY)):
        return True
    try:
        return "lawful_criticism" in json.loads(summary.read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _is_readings(name: str) -> bool:
    return re.fullmatch(rf"{re.escape(_READINGS)}[0-9a-f]{{16}}\.jsonl", name) is not None


def _readings_file(
    folder: Path, archive: Archive, reader: str, windows: tuple[int, int], options: Options
) -> Path | None:
    """Return where the readings of this archive are kept; None where they are not: a live database keeps its own."""
    if archive.sha256 is None:
        return None
    encoding = getattr(archive, "encoding", None) or ""
    bound = [_FORM, archive.sha256, reader, windows, options.count_repeats, encoding, version("moothall")]
    return folder / f"{_READINGS}{hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:16]}.jsonl"


def _forget_other_readings(folder: Path, kept: Path | None, archive: Archive) -> None:
    """Take away readings of other archives: nobody would look for residents' words there."""
    for path in folder.iterdir():
        if _is_readings(path.name) and path != kept and not _same(path, archive.name):
            with suppress(OSError):
                path.unlink()


def _same(path: Path, name: str) -> bool:
    return os.path.exists(name) and os.path.samefile(path, name)


def _write(folder: Path, run: _Run, readings: Path | None, found: Replayed) -> None:
    kinds = [(folder / DIFFERENCES, "differences")] + ([(readings, "readings")] if readings is not None else [])
    for path, kind in kinds:
        with whole_file(path) as file:
            for name in run.names:
                for block in run.checkpoint.blocks(name, kind):
                    file.write(block)
    with whole_file(folder / SUMMARY) as file:
        file.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n")
    with whole_file(folder / REPORT) as file:
        file.write(report(found).encode("utf-8", "replace"))


def _salt(archive: Archive) -> bytes:
    """Return what marks of authors are made with: the archive's own content, and for a live database nothing lasting."""
    return hashlib.sha256((archive.sha256 or "").encode()).digest() if archive.sha256 else os.urandom(32)


def _hashed(setup: Setup) -> dict[str, Any]:
    """Return the setup with the rules by their hash."""
    texts: Sequence[str] = ("old", "new")
    plain = {name: getattr(setup, name) for name in setup.__slots__ if name not in texts}
    return plain | {name: hashlib.sha256(getattr(setup, name).encode()).hexdigest() for name in texts}


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)

"""What the command line calls for the council's own pictures. Data goes to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall.project import commands
from moothall.words import DomainError

if TYPE_CHECKING:
    from moothall.council.actions.pictures import Taken
    from moothall.council.queries import OwnPictureFound
    from moothall.team.models import Officer

DONE, SOME_REFUSED = 0, 3


def register(
    paths: Sequence[Path],
    *,
    kind: str,
    officer: str | None,
    as_json: bool,
    progress: Callable[[int, float | None], None],
) -> int:
    """Register files and the pictures in folders, each for itself, and say of each what became of it.

    ``officer``: an e-mail address, in whose name; None: the council's own machine. ``progress`` is told how many files are done
    and what share of all. Returns 0, or 3 where some were refused. Raises DatabaseUnreachable, DatabaseEmpty, and DomainError
    ``no_such_file``, ``no_pictures``, ``officer_unknown`` before anything is registered.
    """
    commands.start_django()
    commands.must_be_ready()
    from moothall.council.actions import register_folder
    from moothall.council.actions.pictures import pictures_in

    there = {path: pictures_in(path) if path.is_dir() else [path] for path in map(_existing, paths)}
    files = sum(map(len, there.values()))
    if not files:
        raise DomainError("There is no file in what you named.", "no_pictures")
    whose = _officer(officer)
    counts = {"registered": 0, "there": 0, "refused": 0}
    for path, found in there.items():
        for taken in register_folder(path, found, kind=kind, officer=whose):
            state = "refused" if taken.refused else "registered" if taken.new else "there"
            counts[state] += 1
            if as_json:
                _print_json(_as_json(taken, state))
            elif taken.refused:
                _say(f"{taken.file}: {taken.refused.message} [{taken.refused.code}]")
            done = sum(counts.values())
            progress(done, done / files)
    if not as_json:
        sys.stdout.write(
            f"{counts['registered']:,} registered, {counts['there']:,} were registered already, "
            f"{counts['refused']:,} refused\n"
        )
        sys.stdout.flush()
    return SOME_REFUSED if counts["refused"] else DONE


def find(file: Path, *, words: bool, as_json: bool) -> int:
    """Print which of the council's pictures a picture shows, best first, and return 0. ``words``: read those of the best.

    Raises DatabaseUnreachable, DatabaseEmpty, PictureRefused, and DomainError ``no_word_reader``.
    """
    commands.start_django()
    commands.must_be_ready()
    from moothall.council.queries import matches, pictures

    if words and find_spec("rapidocr") is None:
        raise DomainError("Words are read with: pip install 'moothall[words]'", "no_word_reader")
    found = matches(file, words=words)
    if as_json:
        _print_json(*(_match_as_json(one) for one in found))
        return DONE
    for one in found:
        x, y, width, height = one.region
        told = [f"{one.similarity:.2f}", f"at {x}, {y}: {width} × {height} pixels", *_what_was_done(one)]
        sys.stdout.write(f"{one.picture.name} ({one.picture.kind_in_words.lower()}): {', '.join(told)}\n")
    sys.stdout.flush()
    if not found:
        total = pictures(limit=1).total
        _say(
            f"It shows none of the {total:,} pictures registered."
            if total
            else "No picture is registered yet: “moothall register-pictures” does it."
        )
    return DONE


def _what_was_done(found: OwnPictureFound) -> Iterable[str]:
    if found.altered:
        yield "altered"
    if found.mirrored:
        yield "mirrored"
    if found.words:
        yield "with words that ours does not have: " + " ".join(found.words)


def _as_json(taken: Taken, state: str) -> dict[str, Any]:
    said: dict[str, Any] = {"file": str(taken.file), "state": state}
    if taken.picture is not None:
        said |= {"id": taken.picture.pk, "name": taken.picture.name}
    if taken.refused is not None:
        said["error"] = {"code": taken.refused.code, "message": taken.refused.message}
    return said


def _match_as_json(found: OwnPictureFound) -> dict[str, Any]:
    return {
        "id": found.picture.pk,
        "name": found.picture.name,
        "kind": found.picture.kind,
        "similarity": round(found.similarity, 4),
        "region": list(found.region),
        "altered": found.altered,
        "mirrored": found.mirrored,
        "words": None if found.words is None else list(found.words),
    }


def _existing(path: Path) -> Path:
    if not path.exists():
        raise DomainError(f"{path}: there is no such file or folder", "no_such_file")
    return path


def _officer(email: str | None) -> Officer | None:
    from moothall.team.models import Officer

    if email is None:
        return None
    officer = Officer.objects.filter(email=email.lower()).first()
    if officer is None:
        raise DomainError(f"There is no officer {email}.", "officer_unknown")
    return officer


def _print_json(*lines: dict[str, Any]) -> None:
    for line in lines:
        # Escaped: a file's name may hold bytes that are no text.
        sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _say(message: str) -> None:
    sys.stderr.write(message.encode("utf-8", "replace").decode() + "\n")
    sys.stderr.flush()

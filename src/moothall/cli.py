"""The command line. Each command is thin: it calls one room and turns what comes back into output and an exit code.

Exit codes: 0 done; 1 done, and what was asked for does not hold; 2 nothing could be done; 3 done, some rows refused;
130 stopped with Ctrl-C. Data goes to standard output or ``--out``, messages and progress to standard error. What is
heavy (the reader, polars, Django) is imported inside the command that needs it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, NoReturn

import typer

from moothall.words import DomainError

if TYPE_CHECKING:
    from moothall.policy import Policy
    from moothall.reading import CommentFile, Summary

DONE, DOES_NOT_HOLD, IMPOSSIBLE, SOME_REFUSED, STOPPED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="moothall",
    help="Runs a council's social media by its own published house rules.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="Check, show and publish the house rules.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")

PolicyFile = Annotated[
    str | None, typer.Option("--policy", help="House rules to apply; absent: those that ship with Moothall.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file, whole or not at all.")]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code. A user's mistake is one line on standard error, never a stack trace."""
    if sys.stderr is None:  # Closed by whoever started us: there is nobody to tell.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        return _explained(DomainError("Standard output is closed: there is nowhere to write to.", "no_output"))
    try:
        app(args=arguments, prog_name="moothall")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE if end.code is None else IMPOSSIBLE
    except KeyboardInterrupt:
        return STOPPED
    except (DomainError, OSError) as error:
        return _explained(error)
    return DONE


def _explained(error: DomainError | OSError) -> int:
    """Say what went wrong, as ``moothall: message [code]``, and return the exit code for it."""
    if isinstance(error, DomainError):
        message, code = error.message, error.code
    else:
        message = error.strerror or str(error)
        message = f"{error.filename}: {message}" if error.filename else message
        code = "system"
        _let_go_of_output()
    with_code = message if f"[{code}]" in message else f"{message} [{code}]"
    _say(f"moothall: {with_code}")
    return IMPOSSIBLE


def _let_go_of_output() -> None:
    """Drop what standard output still holds: it could not be written once, and must not fail again when Python ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def _say(message: str) -> None:
    # Where nobody listens any more, the exit code still tells.
    with suppress(OSError, ValueError):
        sys.stderr.write(message + "\n")
        sys.stderr.flush()


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        _data(f"moothall {version('moothall')}\n")
        raise typer.Exit(DONE)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def triage(
    file: Annotated[str, typer.Argument(help="csv, jsonl, JSON array or parquet; - for standard input.")],
    policy: PolicyFile = None,
    format: Annotated[
        Literal["table", "jsonl", "csv"] | None,
        typer.Option("--format", help="Absent: table on a terminal, jsonl otherwise."),
    ] = None,
    out: Out = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="If the file is not UTF-8.")] = None,
    no_repeats: Annotated[bool, typer.Option("--no-repeats", help="Do not count repeats within the file.")] = False,
) -> None:
    """Read the comments in a file, hold each against the house rules, and say what may be done and why."""
    from moothall.reading import CommentFile, Summary
    from moothall.reading import triage as results_of
    from moothall.reading.output import whole_file, writer
    from moothall.signals import Reader

    rules = _policy(policy)
    with _ended_like_an_error(), CommentFile(file, encoding) as comments:
        if out is not None and out.exists() and file != "-" and os.path.samefile(out, file):
            raise DomainError(f"--out {out} is the file being read: name another", "out_is_input")
        on_terminal = out is None and sys.stdout.isatty()
        chosen = format or ("table" if on_terminal else "jsonl")
        summary = Summary()
        with (
            nullcontext(sys.stdout.buffer) if out is None else whole_file(out) as stream,
            _pipe_may_close(stream),
            _progress(comments, hidden=on_terminal) as advance,
        ):
            output = writer(chosen, stream, width=None if on_terminal else 160)
            for result in results_of(comments.rows(), Reader(), rules, count_repeats=not no_repeats):
                output.write(result)
                summary.add(result)
                advance(summary)
            output.close()
            stream.flush()
    from rich.console import Console

    Console(stderr=True).print(summary.shown(comments.unread))
    raise typer.Exit(SOME_REFUSED if summary.refused else DONE)


@contextmanager
def _progress(comments: CommentFile, *, hidden: bool) -> Iterator[Callable[[Summary], None]]:
    """Show how far the file has been read, on a terminal only. ``hidden``: the results themselves are being printed."""
    if hidden or not sys.stderr.isatty():
        yield lambda _summary: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        known = comments.size if comments.format != "parquet" else None
        task = progress.add_task("reading", total=known)

        def advance(summary: Summary) -> None:
            if summary.rows % 100 == 0:
                progress.update(task, completed=comments.position, description=f"{summary.rows:,} rows")

        yield advance


@contextmanager
def _ended_like_an_error() -> Iterator[None]:
    """Let a polite kill, or a terminal that closes, unwind like any other error, so that half a file is taken away."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _pipe_may_close(stream: BinaryIO) -> Iterator[None]:
    """End quietly when whoever reads ``stream`` has had enough, as ``head`` has."""
    try:
        yield
    except BrokenPipeError:
        # What is still buffered must not fail again when Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise typer.Exit(DONE) from None


def _data(text: str, out: Path | None = None) -> None:
    """Write text as UTF-8 to standard output or, whole or not at all, to a file."""
    if out is not None:
        from moothall.reading.output import whole_file

        with whole_file(out) as file:
            file.write(text.encode())
        return
    with _pipe_may_close(sys.stdout.buffer):
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()


def _policy(path: str | None) -> Policy:
    """Return the house rules in a file, those of a shipped example by its name, or the default."""
    from moothall.policy import default_policy, load
    from moothall.policy.shipped import names, shipped

    if path is None:
        return default_policy()
    return shipped(path) if path in names() and not Path(path).exists() else load(path)


@policy_app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The house rules to check.")],
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="How faults are written.")] = "text",
) -> None:
    """Say whether a file of house rules can be used; if not, every fault with its line, column and a suggestion."""
    from moothall.policy import PolicyError, errors_as_json, errors_as_text, load

    if not file.is_file():
        kind = "is not a file" if file.exists() else "there is no such file"
        raise DomainError(f"{file}: {kind}", "no_such_file")
    try:
        policy = load(file)
    except PolicyError as error:
        show = errors_as_json if format == "json" else errors_as_text
        _data(show(error.errors, str(file)).rstrip("\n") + "\n")
        raise typer.Exit(DOES_NOT_HOLD) from None
    if format == "json":
        _data(errors_as_json([], str(file)).rstrip("\n") + "\n")
    else:
        _data(f"{file}: no fault found, {len(policy.clauses)} clauses, version {policy.version}\n")


@policy_app.command("show")
def policy_show(
    file: Annotated[str | None, typer.Argument(help="Absent: the house rules that ship with Moothall.")] = None,
) -> None:
    """Print the rules as an officer's guide: clause by clause, what it says, when it applies, what may be done."""
    from moothall.policy import show

    _data(show(_policy(file)).rstrip("\n") + "\n")


@policy_app.command("page")
def policy_page(
    file: Annotated[str | None, typer.Argument(help="Absent: the house rules that ship with Moothall.")] = None,
    out: Out = None,
) -> None:
    """Write the public house rules page, in HTML, from the same file that the machine applies."""
    from moothall.policy import page

    _data(page(_policy(file)).rstrip("\n") + "\n", out)


@policy_app.command("example")
def policy_example(
    name: Annotated[str | None, typer.Argument(help="Which; absent: list them.")] = None,
    out: Out = None,
) -> None:
    """List the house rules that ship with Moothall, or print one of them as a file to start from."""
    from moothall.policy.shipped import names, shipped

    if name is None:
        width = max(len(each) for each in names())
        _data("".join(f"{each:<{width}}  {shipped(each).council}\n" for each in names()))
        return
    if out is not None and out.exists():
        raise DomainError(f"{out} is there already, and may hold your own work: name another file", "out_exists")
    _data(shipped(name).text, out)


@policy_app.command("diff")
def policy_diff(
    old: Annotated[str, typer.Argument(help="The house rules as they are.")],
    new: Annotated[str, typer.Argument(help="The house rules as they would be.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say in plain sentences what one file of house rules changes against another."""
    from moothall.policy import differences, differences_as_json

    before, after = _policy(old), _policy(new)
    if as_json:
        _data(json.dumps(differences_as_json(before, after), ensure_ascii=False, indent=2) + "\n")
        return
    sentences = differences(before, after)
    _data("".join(f"{sentence}\n" for sentence in sentences) or "The two files are the same.\n")


@policy_app.command("schema")
def policy_schema(out: Out = None) -> None:
    """Print the JSON Schema of the house rules file, with which an editor completes and checks it while it is written."""
    from moothall.policy import schema

    _data(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n", out)


@policy_app.command("test")
def policy_test(
    cases: Annotated[
        str | None, typer.Argument(help="Cases, one JSON object a line; absent: those that ship with the rules.")
    ] = None,
    policy: PolicyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a case.")] = False,
) -> None:
    """Run acceptance cases, facts stated and outcome expected, against the rules, and print each difference."""
    from moothall.policy.cases import read_cases, run_cases
    from moothall.policy.shipped import cases as shipped_cases

    rules = _policy(policy)
    lines = shipped_cases(policy) if cases is None else read_cases(Path(cases))
    results = list(run_cases(rules, lines))
    if not results:
        raise DomainError(f"{cases}: there is no case in it", "no_cases")
    if as_json:
        _data("".join(json.dumps(each.as_dict(), default=str) + "\n" for each in results))
    else:
        # Half a surrogate pair can stand in JSON and cannot be written.
        _data("".join(each.in_words() for each in results if not each.ok).encode("utf-8", "replace").decode())
    failed, broken = sum(bool(each.differences) for each in results), sum(bool(each.error) for each in results)
    tail = f", {broken} could not be run" if broken else ""
    _say(
        f"{len(results)} cases, {len(results) - failed - broken} as expected, {failed} different{tail} (rules {rules.version})."
    )
    raise typer.Exit(DOES_NOT_HOLD if failed else SOME_REFUSED if broken else DONE)


@app.command()
def replay(
    archive: Annotated[
        str,
        typer.Argument(help="csv, jsonl, JSON array or parquet of comments; or the word live, for the live database."),
    ],
    policy: Annotated[str, typer.Option("--policy", help="The new house rules, to be tried.")],
    against: Annotated[
        str | None,
        typer.Option("--against", help="The old ones; absent: those that ship, for live those in force."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the report; absent: only the summary is printed.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=256, help="Absent: as many as there are usable cores.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="The address of a Dask cluster, such as tcp://host:8786.")
    ] = None,
    examples: Annotated[
        int, typer.Option("--examples", min=0, max=100, help="Comments shown per clause and kind of change.")
    ] = 5,
    encoding: Annotated[str | None, typer.Option("--encoding", help="If the file is not UTF-8.")] = None,
    no_repeats: Annotated[bool, typer.Option("--no-repeats", help="Do not count repeats within the archive.")] = False,
    with_reader: Annotated[
        bool, typer.Option("--with-reader", help="Let the reader read labelled comments, too.")
    ] = False,
    fail_on_criticism: Annotated[
        bool, typer.Option("--fail-on-criticism", help="Exit code 1 where lawful criticism would newly come down.")
    ] = False,
) -> None:
    """Try a change of the rules: hold an archive against the old and the new, and report what would change."""
    from datetime import date
    from tempfile import TemporaryDirectory

    from rich.console import Console

    from moothall.reading.replay import Archive, ArchiveFile, Options
    from moothall.reading.replay import replay as replayed

    new = _policy(policy)
    live = archive == "live" and not Path(archive).exists()
    comments: Archive
    if live:
        old, comments = _project().live_archive(_policy(against) if against is not None else None)
    else:
        old, comments = _policy(against), ArchiveFile(archive, encoding)
    options = Options(processes, cluster, examples, not no_repeats, with_reader)
    if out is None:
        _say("Only the summary is printed and nothing is kept: name a folder with --out for the report.")
    with (
        _ended_like_an_error(),
        closing(comments),
        TemporaryDirectory(prefix="moothall-") if out is None else nullcontext(str(out)) as folder,
        _share_done() as progress,
    ):
        found = replayed(comments, old, new, Path(folder), options, today=date.today(), progress=progress)  # noqa: DTZ011
    with _pipe_may_close(sys.stdout.buffer):
        Console(highlight=False, emoji=False, markup=False, file=sys.stdout).print(found.shown())
        sys.stdout.flush()
    if out is not None:
        _say(f"{out / 'report.html'} shows it with examples; {out / 'differences.jsonl'} holds every difference.")
    if fail_on_criticism and found.criticism_newly_down:
        raise typer.Exit(DOES_NOT_HOLD)
    raise typer.Exit(SOME_REFUSED if found.refused else DONE)


@contextmanager
def _share_done(what: str = "comments") -> Iterator[Callable[[int, float | None], None]]:
    """Show how far long work has come, on a terminal only and after two seconds."""
    if not sys.stderr.isatty():
        yield lambda _rows, _share: None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task, began = bar.add_task(what, total=None), monotonic()

    def progress(rows: int, share: float | None) -> None:
        if monotonic() - began > 2 and not bar.live.is_started:
            bar.start()
        total = {} if share is None else {"total": 1.0, "completed": share}
        bar.update(task, description=f"{rows:,} {what}", **total)  # type: ignore[arg-type]

    try:
        yield progress
    finally:
        if bar.live.is_started:
            bar.stop()


@app.command()
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Labelled comments in the training format.")],
    policy: PolicyFile = None,
    model: Annotated[
        list[Path] | None,
        typer.Option("--model", help="A model's folder; several are set side by side; absent: the one that ships."),
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Only comments of this split: development, test.")
    ] = None,
    publish: Annotated[
        Path | None, typer.Option("--publish", help="Write evaluation, model card and draft record into this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print precision and recall per ground and route, and the harm done to lawful criticism."""
    from moothall.reading import published
    from moothall.reading.labelled import labelled_comments, outcome
    from moothall.signals import Reader
    from moothall.signals.evaluation import compare, side_by_side

    if publish is not None and len(model or ()) > 1:
        raise DomainError("only one model can be published: name one --model, or none", "one_model_to_publish")
    rules = _policy(policy)
    found = labelled_comments(files)
    if split is not None:
        found.rows = [row for row in found.rows if row.get("split") == split]
    if not found.rows:
        raise DomainError("there is no labelled comment to evaluate", "nothing_to_evaluate")
    if found.taught:
        _say(f"{found.taught} of {len(found.rows)} comments are marked for training: figures on them say little.")
    for reason in found.refused[:20]:
        _say(reason)
    if found.refused:
        _say(f"{len(found.refused)} rows refused.")
    reports = []
    folders: list[Path | None] = list(model) if model else [None]
    for folder in folders:
        reader = Reader(model=folder)
        readings = reader.read_many(found.rows)
        report, recommended = compare(found.rows, readings, reader.version), outcome(found.rows, readings, rules)
        reports.append(report)
        if publish is not None:
            where = f"split `{split}` of the labelled comments" if split else "the labelled comments given"
            for page in published.publish(published.Findings(report, recommended, reader.about, where), publish):
                _say(str(page))
        if as_json:
            both = report.as_dict() | {"policy": recommended.as_dict(), "refused": len(found.refused)}
            _data(json.dumps(both, ensure_ascii=False, indent=None if len(model or ()) > 1 else 2) + "\n")
        else:
            _data(report.table() + "\n\n" + recommended.table() + "\n")
    if len(reports) > 1 and not as_json:
        _data("\n" + side_by_side(reports) + "\n")
    raise typer.Exit(SOME_REFUSED if found.refused else DONE)


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of label files.")],
    out: Annotated[Path, typer.Option("--out", help="The folder that the model goes to.")] = Path("model"),
    public: Annotated[
        Path | None,
        typer.Option(
            "--public", envvar="MOOTHALL_PUBLIC_DATA", help="A folder with public sets to learn from besides."
        ),
    ] = None,
    kept: Annotated[
        Path | None, typer.Option("--kept", help="Keep here what was learned from public sets, and go on from it.")
    ] = None,
) -> None:
    """Train the reader's model from label files; use it with ``evaluate --model``. Takes about an hour."""
    from moothall.signals.training import train as trained

    if not folder.is_dir():
        raise DomainError(f"{folder}: there is no such folder", "no_such_file")
    learned = trained(folder, out, public, kept=kept, told=_say)
    _data(f"{out}: learned from {learned.council_comments} council comments, {learned.public_texts} public texts\n")


@app.command()
def verify(
    export: Annotated[str | None, typer.Argument(help="An exported file, - for standard input; absent: live.")] = None,
    expect_head: Annotated[
        str | None, typer.Option("--expect-head", help="A hash noted earlier that the chain must contain.")
    ] = None,
) -> None:
    """Check the chain of records, of the live database or of an exported file, and tell the first broken line."""
    if export is None:
        with _pipe_may_close(sys.stdout.buffer):
            raise typer.Exit(_project().verify_live(expect_head=expect_head))
    from moothall.records.chain import verify_lines

    if export != "-" and Path(export).is_dir():
        raise DomainError(f"{export} is a directory: name an exported file", "unreadable")
    with nullcontext(sys.stdin.buffer) if export == "-" else open(export, "rb") as lines:
        report = verify_lines(lines, expect_head)
    if report.ok:
        _data(f"holds: {report.records} records, head {report.head}\n")
        raise typer.Exit(DONE)
    _data(f"broken at line {report.first_broken_line}: {report.reason}\n")
    raise typer.Exit(DOES_NOT_HOLD)


@app.command()
def export(out: Out = None) -> None:
    """Write all records as lines that ``moothall verify`` checks anywhere."""
    with _pipe_may_close(sys.stdout.buffer):
        raise typer.Exit(_project().export(out=out))


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
) -> None:
    """Serve the officers' desk and the public pages."""
    raise typer.Exit(_project().serve(host=host, port=port))


@app.command()
def work(once: Annotated[bool, typer.Option("--once", help="Do what is due, then end.")] = False) -> None:
    """Do the work in the background: poll channels, read comments, deliver decisions."""
    raise typer.Exit(_project().work(once=once))


@app.command("rebuild-repeats")
def rebuild_repeats() -> None:
    """Build the index of repeated comments anew from the comments kept: after an update that says so, or a loss."""
    raise typer.Exit(_project().rebuild_repeats())


@app.command("register-pictures")
def register_pictures(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Pictures, and folders of pictures.")],
    kind: Annotated[
        Literal["graphic", "logo", "photograph"], typer.Option("--kind", help="What they are.")
    ] = "graphic",
    officer: Annotated[
        str | None, typer.Option("--officer", metavar="EMAIL", help="In whose name; absent: the council's own machine.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a file.")] = False,
) -> None:
    """Register the council's own pictures, so that copies of them can be found. What is registered already is passed over."""
    from moothall.project import pictures

    with _pipe_may_close(sys.stdout.buffer), _share_done("files") as progress:
        code = pictures.register(paths, kind=kind, officer=officer, as_json=as_json, progress=progress)
    raise typer.Exit(code)


@app.command("find-picture")
def find_picture(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture that somebody posted.")],
    words: Annotated[bool, typer.Option("--words", help="Read which words it has that the original lacks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a match.")] = False,
) -> None:
    """Say which of the council's registered pictures a picture shows, best first: how alike, where, and whether altered."""
    from moothall.project import pictures

    with _pipe_may_close(sys.stdout.buffer):
        raise typer.Exit(pictures.find(file, words=words, as_json=as_json))


@app.command()
def demo(port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8700) -> None:
    """Show a borough with life in it: stand-in platforms, a weekend of comments, the desk on this machine."""
    raise typer.Exit(_project().demo(port=port))


def _project() -> Any:
    """Return the commands that need Django."""
    from moothall.project import commands

    return commands

"""The only door: the command line.  A command imports what it needs when it runs; only `open` imports textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from db import output
from db.arguments import Door, QueryCommand, json_option, nearest_of, query_argument, store_option, utf8
from db.errors import DatelineError, StoreError, UsageError
from db.formats.command import hang
from db.visible import visible

if TYPE_CHECKING:
    from db.query import Query
    from db.store import Store

VERSION = "0.1.0"

INTERRUPTED = 128 + 2
BROKEN_PIPE = 128 + 13
"""Exit statuses of a program that ends by SIGINT or SIGPIPE, as shells give them."""


@click.group(cls=Door, context_settings={"max_content_width": 100})
@click.version_option(VERSION, message="dateline %(version)s")
@click.option(
    "--store", type=click.Path(path_type=Path, readable=False), metavar="PATH", help="The store, for any command."
)
@click.pass_context
def cli(ctx: click.Context, store: Path | None) -> None:
    """An incident timeline for the terminal: who did what, where, when, and who says so.

    Without a command it opens the timeline.  QUERY is the query language of the timeline's query line, for example
    `type:drone-strike after:2021-04 -disputed:date`; put the whole of it in single quotes when a value has spaces.
    """
    ctx.obj = store


@cli.command("open")
@click.argument("path", metavar="[STORE]", required=False, type=click.Path(path_type=Path, readable=False))
@click.option("-q", "--query", default="", callback=utf8, metavar="QUERY", help="Begin with this query.")
@store_option
def open_(path: Path | None, query: str, store: Path | None) -> int:
    """Open the timeline (the default command)."""
    plain = _query([query])
    path = path or store
    if path is not None and not os.path.lexists(path):
        close = nearest_of(str(path), cli.commands)
        if close:
            raise UsageError(f"no store at {path}, and no command of that name; did you mean `dateline {close[0]}`?")
    with _opened(path) as opened:
        where = opened.path
        query = (plain or _viewed([query], opened)).text
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("the timeline needs a terminal; `dateline list` and `dateline show KEY` do without one")
    from tui.app import run

    return run(where, query)


@cli.command()
@click.argument("files", nargs=-1, metavar="[FILE.sql|DIR]...", type=click.Path(path_type=Path, readable=False))
@store_option
def seed(files: tuple[Path, ...], store: Path | None) -> None:
    """Load incidents from seed SQL; safe to repeat.

    Without FILE the incidents that come with Dateline are loaded.  All files are one transaction: a mistake in any
    of them loads nothing.
    """
    from db.store import Store
    from seed.load import bundled, load
    from seed.start import make

    path = store or _default_store()
    paths = list(files) or bundled()
    if os.path.lexists(path):
        with Store.open(path, write=True) as opened:
            loaded = load(opened, paths)
    else:
        loaded = make(path, paths)
    incidents = loaded.incidents_after - loaded.incidents_before
    quotes = loaded.quotes_after - loaded.quotes_before
    changed = f"{incidents:+,} incidents, {quotes:+,} quotes" if loaded.rows_changed else "nothing new"
    output.say(f"{path}: {changed}; it has {loaded.incidents_after:,} incidents and {loaded.quotes_after:,} quotes")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--document", callback=utf8, metavar="KEY", help="Whose text it is; else the document that has its hash.")
@store_option
def attach(file: Path, document: str | None, store: Path | None) -> int:
    """Give a document its text and check its quotes.

    FILE is UTF-8 and is kept exactly as it is.  Quotes that stand elsewhere in it get their new position.  Exit
    status 1 when a quote is not in the text.
    """
    from db.attach import attach
    from db.report import attached_lines

    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    with _opened(store, write=True) as opened:
        attached = attach(opened, content, document)
    output.write(attached_lines(attached))
    return 0 if all(quote.verified for quote in attached.quotes) else 1


@cli.command()
@json_option
@store_option
def verify(as_json: bool, store: Path | None) -> int:
    """Check quotes, log, file and every invariant.

    Exit status 1 when anything is wrong.  A text that the store does not have is reported, but is not wrong.
    """
    from dataclasses import asdict

    from db.verify import findings

    wrong = 0
    with _opened(store) as opened:
        for finding in findings(opened.connection):
            wrong += finding.wrong
            if as_json:
                output.write_json([asdict(finding)])
            else:
                sign = "WRONG" if finding.wrong else "note"
                output.write([output.line(f"{sign}: {finding.what}: {finding.where}: {finding.message}")])
    if not as_json:
        output.write([f"{wrong:,} faults" if wrong > 1 else "1 fault" if wrong else "nothing is wrong"])
    return 1 if wrong else 0


@cli.command("list", cls=QueryCommand)
@query_argument
@json_option
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N incidents.")
@store_option
def list_(query: tuple[str, ...], as_json: bool, limit: int | None, store: Path | None) -> None:
    """List the matching incidents in timeline order."""
    from itertools import chain

    from db import read, records, report
    from db.engine import open_engine

    plain = _query(query)
    with _opened(store) as opened:
        answer = open_engine(opened).answer(plain or _viewed(query, opened))
        found = records.windows(answer, limit)
        if as_json:
            output.write_json(records.records(opened.connection, chain.from_iterable(found)))
        else:
            width = output.width()
            columns = report.layout(width)
            for window in found:
                certain = {match.id: match.certain for match in window}
                rows = read.rows(opened.connection, list(certain))
                output.write(report.row_line(row, certain[row.id], columns, cut=width is not None) for row in rows)
    if not answer.totals.rows:
        output.say(
            "no incident matches"
            if answer.query.node is not None
            else "the store has no incidents; `dateline seed` loads some"
        )


@cli.command(cls=QueryCommand)
@query_argument
@click.option("--as", "name", required=True, callback=utf8, metavar="FORMAT", help="See `dateline formats`.")
@click.option(
    "--output",
    "output_",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write there (-o FILE), else to stdout.",
)
@store_option
def export(query: tuple[str, ...], name: str, output_: Path | None, store: Path | None) -> None:
    """Write exactly what `list` shows, all of it, in another format."""
    from db import exporting
    from db.engine import open_engine

    form = exporting.named(name)
    plain = _query(query)
    with _opened(store) as opened:
        answer = open_engine(opened).answer(plain or _viewed(query, opened))
        losses = exporting.export(opened, answer, form, output_)
    if output_ is not None:
        output.say(f"{output_}: {answer.totals.rows:,} rows as {form.name}")
    if losses:
        said = "; ".join(f"{words}: {count:,}" for words, count in losses.most_common())
        output.say(f"{form.name} cannot carry everything: {said}")


@cli.command(cls=QueryCommand)
@query_argument
@click.option(
    "--by",
    callback=utf8,
    metavar="FACET",
    help="Count each value of a facet: type, country, actor, weapon, speaker ...",
)
@json_option
@store_option
def count(query: tuple[str, ...], by: str | None, as_json: bool, store: Path | None) -> None:
    """Count what matches, certainly and possibly.

    Aggregates and context stand on the timeline, but are not counted as incidents.
    """
    from db.engine import Wants, open_engine
    from db.fields import FACET_NAMES
    from db.nearest import nearest

    plain = _query(query)
    if by is not None and by not in FACET_NAMES:
        close = nearest(by, FACET_NAMES)
        raise UsageError(
            f"no facet {by!r}; " + (f"did you mean {close}?" if close else f"there are {', '.join(FACET_NAMES)}")
        )
    with _opened(store) as opened:
        answer = open_engine(opened).answer(plain or _viewed(query, opened), Wants(facets=(by,) if by else ()))
    if by:
        counts = answer.facets[by]
        if as_json:
            output.write_json({"value": c.value, "certain": c.certain, "possible": c.possible} for c in counts)
        else:
            output.write(f"{c.certain:>9,} certain {c.possible:>9,} possible  {output.line(c.value)}" for c in counts)
        return
    total = answer.totals
    if as_json:
        output.write_json([{"certain": total.certain, "possible": total.possible, "of": total.of}])
    else:
        output.write([f"{total.certain:,} certain + {total.possible:,} possible of {total.of:,}"])


@cli.command()
@click.argument("key", callback=utf8)
@json_option
@store_option
def show(key: str, as_json: bool, store: Path | None) -> None:
    """Show one incident whole, in plain text.

    All that is known of it: fields, rival claims, quotes with their chains of speakers, documents.
    """
    from db import read, records, report

    with _opened(store) as opened:
        incident = read.incident(opened.connection, read.incident_id(opened.connection, key))
    if incident is None:  # deleted by another program between the two readings
        raise UsageError(f"no incident {key!r} any more")
    if as_json:
        output.write_json([records.record(incident)])
    else:
        output.write(report.incident_lines(incident))


@cli.command()
@json_option
@store_option
def info(as_json: bool, store: Path | None) -> None:
    """Tell the store's place, size, versions, rows."""
    from db.inventory import inventory, inventory_lines

    with _opened(store) as opened:
        found = inventory(opened, VERSION)
    if as_json:
        output.write_json([found])
    else:
        output.write(map(output.line, inventory_lines(found)))


def _default_store() -> Path:
    """The user's own store; the first start makes it from the bundled seeds."""
    import platformdirs

    path = Path(platformdirs.user_data_dir("dateline", appauthor=False)) / "incidents.db"
    if not os.path.lexists(path):
        from seed.load import bundled
        from seed.start import make

        try:
            loaded = make(path, bundled())
        except StoreError:
            if not os.path.lexists(path):
                raise
            # Another Dateline that was started at the same moment has made it.
        else:
            output.say(f"made your store {path} with {loaded.incidents_after} incidents from the bundled seeds")
    return path


@contextmanager
def _opened(named: Path | None, *, write: bool = False) -> Iterator[Store]:
    """The named or default store, open; what SQLite finds wrong in the body is a StoreError."""
    from db.store import FAULTS, Store, as_store_error

    path = named or _default_store()
    with Store.open(path, write=write) as store:
        try:
            yield store
        except FAULTS as error:
            raise as_store_error(path, error) from error


hang(cli, lambda named: _opened(named, write=True))


def _query(words: Sequence[str]) -> Query | None:
    """The query that the words make, None when a view:NAME in them needs the store first (`_viewed`)."""
    return None if "view:" in " ".join(words).casefold() else _parsed(" ".join(words))


def _viewed(words: Sequence[str], store: Store) -> Query:
    """The query that the words make, each view:NAME in them put in place by the saved view of that name."""
    from db import views
    from db.query import QueryError

    text = " ".join(words)
    try:
        return _parsed(views.expand(text, views.listed(store.connection, store.path)))
    except QueryError as error:
        error.add_note(error.caret(text))
        raise


def _parsed(text: str) -> Query:
    """The query that a text makes; a QueryError has the caret lines as a note."""
    from db.query import QueryError, parse

    try:
        return parse(text)
    except QueryError as error:
        error.add_note(error.caret(text))
        raise


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line and return its exit status; every error is one line on stderr."""
    try:
        with cli.make_context("dateline", list(arguments)) as context:
            status = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        hint = getattr(error, "ctx", None)
        where = f" (`{hint.command_path} --help` says more)" if hint else ""
        output.say(f"{error.format_message()}{where}")
        return error.exit_code
    except DatelineError as error:
        output.say(str(error))
        for note in getattr(error, "__notes__", ()):
            print(visible(note), file=sys.stderr)
        return error.status
    except BrokenPipeError:
        output.abandon()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        output.abandon()
        named = f"{error.filename}: " if error.filename else ""
        output.say(f"{named}{error.strerror or error}")
        return 1
    return int(status or 0)


def main() -> NoReturn:
    """The console script."""
    output.prepare()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

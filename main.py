"""The only door: the command line.  A command imports what it needs when it runs; only `open` imports textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from db import commands, output
from db.arguments import Door, nearest_of, store_option, utf8
from db.commands.asking import parsed, viewed
from db.errors import MISFITS, DatelineError, StoreError, UsageError
from db.visible import visible

if TYPE_CHECKING:
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
    plain = parsed([query])
    path = path or store
    if path is not None and not os.path.lexists(path):
        close = nearest_of(str(path), cli.commands)
        if close:
            raise UsageError(f"no store at {path}, and no command of that name; did you mean `dateline {close[0]}`?")
    with _opened(path) as opened:
        where = opened.path
        query = (plain or viewed([query], opened)).text
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
        with Store.open(path, write=True, tell=output.say) as opened:
            loaded = load(opened, paths)
    else:
        loaded = make(path, paths)
    incidents = loaded.incidents_after - loaded.incidents_before
    quotes = loaded.quotes_after - loaded.quotes_before
    changed = f"{incidents:+,} incidents, {quotes:+,} quotes" if loaded.rows_changed else "nothing new"
    output.say(f"{path}: {changed}; it has {loaded.incidents_after:,} incidents and {loaded.quotes_after:,} quotes")


def _default_store() -> Path:
    """The user's own store; the first start makes it from the bundled seeds."""
    from db.own_store import own_store

    path = own_store()
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
    with Store.open(path, write=write, tell=output.say) as store:
        _in_use.append(path)
        try:
            yield store
        except FAULTS as error:
            raise as_store_error(path, error) from error


_in_use: list[Path] = []
"""The stores that the command under way has opened."""


def _blamed(error: Exception) -> StoreError | None:
    """The fault of a store in use that explains an error; None where all of them are sound."""
    from db.store import Store

    for path in _in_use:
        try:
            with Store.open(path) as store:
                told = store.blamed(error)
        except StoreError as found:
            return found
        if told is not None:
            return told
    return None


commands.hang(cli, _opened, VERSION)


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line and return its exit status; every error is one line on stderr."""
    _in_use.clear()
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
    except MISFITS as error:
        told = _blamed(error)
        if told is None:
            raise
        output.say(str(told))
        return told.status
    return int(status or 0)


def main() -> NoReturn:
    """The console script."""
    output.prepare()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""The only door: the command line.  A command imports what it needs when it runs; only `open` imports textual."""

from __future__ import annotations

import signal

# Ctrl-C while the program still reads its modules ends it without a word, as it does later: not with a traceback.
_at_first = signal.getsignal(signal.SIGINT)
if _at_first is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from db import output
from db.commands.asking import parsed, viewed
from db.errors import MISFITS, DatelineError, StoreError, UsageError
from db.nearest import nearest
from db.plural import counted, plural
from db.visible import visible

if TYPE_CHECKING:
    from db.arguments import Door
    from db.store import Store

if _at_first is signal.default_int_handler:
    signal.signal(signal.SIGINT, _at_first)

VERSION = "0.1.0"

INTERRUPTED = 128 + 2
BROKEN_PIPE = 128 + 13
"""Exit statuses of a program that ends by SIGINT or SIGPIPE, as shells give them."""


def open_(path: Path | None, query: str) -> int:
    """Open the timeline on the named store, else the user's own."""
    plain = parsed([query]) if query else None
    if path is not None and not os.path.lexists(path):
        close = nearest(str(path), door().commands)
        if close:
            raise UsageError(f"no store at {path}, and no command of that name; did you mean `dateline {close}`?")
    with _opened(path) as opened:
        where = opened.path
        if query:
            query = (plain or viewed([query], opened)).text
    # It is None where the shell has closed it.
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("the timeline needs a terminal; `dateline list` and `dateline show KEY` do without one")
    from tui.app import run

    return run(where, query)


def seed(files: Sequence[Path], store: Path | None) -> None:
    """Load seed SQL, or the bundled incidents, into the named store or the user's own, and say what came of it."""
    from db.store import Store
    from seed.load import bundled, load
    from seed.start import make

    path = store or _default_store()
    paths = list(files) or bundled()
    if os.path.lexists(path):
        with Store.open(path, write=True, tell=output.say) as opened:
            loaded = load(opened, paths, output.say)
    else:
        loaded = make(path, paths, output.say)
    incidents = loaded.incidents_after - loaded.incidents_before
    quotes = loaded.quotes_after - loaded.quotes_before
    changed = (
        f"{incidents:+,} {plural(incidents, 'incident')}, {quotes:+,} {plural(quotes, 'quote')}"
        if loaded.rows_changed
        else "nothing new"
    )
    incidents_now, quotes_now = counted(loaded.incidents_after, "incident"), counted(loaded.quotes_after, "quote")
    output.say(f"{path}: {changed}; it has {incidents_now} and {quotes_now}")


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
    from db.connection import one_moment
    from db.faults import FAULTS, as_store_error
    from db.store import Store

    path = named or _default_store()
    with Store.open(path, write=write, tell=output.say) as store:
        _in_use.append(path)
        try:
            if write:
                yield store
            else:
                with one_moment(store.connection):
                    yield store
        except FAULTS as error:
            raise as_store_error(path, error) from error


_in_use: list[Path] = []
"""The stores that the command under way has opened."""


def _blamed(error: Exception) -> StoreError | None:
    """The fault of a store in use that explains an error; None where all of them are sound."""
    from db.store import Store

    for path in filter(os.path.lexists, _in_use):
        try:
            with Store.open(path) as store:
                told = store.blamed(error)
        except StoreError as found:
            return found
        if told is not None:
            return told
    return None


@cache
def door() -> Door:
    """All commands.  What click and they need, 2 MiB, is imported only here: `plain_start` does without."""
    from db.commands.door import door as made

    return made(VERSION, _opened, open_, seed)


def plain_start(arguments: Sequence[str]) -> tuple[Path | None] | None:
    """The store named, if any, where the arguments say no more than that the timeline be opened; else None."""
    match list(arguments):
        case []:
            named = os.environ.get("DATELINE_STORE")
            return (Path(named) if named else None,)
        case ["--store", path] if path:
            return (Path(path),)
        case [path] if not path.startswith("-") and os.sep in path and os.path.lexists(path):
            return (Path(path),)
    return None


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line and return its exit status; every error is one line on stderr."""
    _in_use.clear()
    try:
        start = plain_start(arguments)
        status = open_(*start, "") if start is not None else _through_door(arguments)
        sys.stdout.flush()
    except DatelineError as error:
        output.say(str(error))
        for note in getattr(error, "__notes__", ()):
            output.tell(visible(note))
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
    return status


def _through_door(arguments: Sequence[str]) -> int:
    """Carry out a command line as click understands it, and return its exit status."""
    import click

    try:
        with door().make_context("dateline", list(arguments)) as context:
            status = door().invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        of = getattr(error, "ctx", None)
        where = f" (`{of.command_path} --help` says more)" if of else ""
        output.say(f"{error.format_message()}{where}")
        return error.exit_code
    return int(status or 0)


def main() -> NoReturn:
    """The console script."""
    output.prepare()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

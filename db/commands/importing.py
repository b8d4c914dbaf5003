"""The commands `import` and `formats`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import json_option, store_option, utf8
from db.commands.asking import Opened
from db.commands.progress import drawn_line
from db.errors import StoreError, UsageError, reason
from db.plural import counted
from db.store_file import check_free

if TYPE_CHECKING:
    from db.formats.record import Format, Imported, Progress
    from db.formats.source import Source
    from db.store import Store


def hang(group: click.Group, opened: Opened) -> None:
    """Add the commands to a group; `opened` opens the store that they write to."""

    @group.command("import")
    @click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
    @click.option(
        "--as", "name", callback=utf8, metavar="FORMAT", help="See `dateline formats`; else what the file looks like."
    )
    @click.option(
        "--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Write the bad rows there, as CSV."
    )
    @click.option("--strict", is_flag=True, help="Stop at the first bad row; nothing is imported then.")
    @click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="Which comes first in 03/04/2021, day or month.")
    @click.option(
        "--map", "mapping", type=click.Path(path_type=Path), metavar="FILE", help="TOML that names the columns."
    )
    @click.option("--guess", is_flag=True, help="Write a first draft of --map to stdout; import nothing.")
    @click.option("--origin", callback=utf8, metavar="NAME", help="Name of the data set, else the format's own.")
    @store_option
    def import_(
        files: tuple[Path, ...],
        name: str | None,
        rejects: Path | None,
        strict: bool,
        dates: str | None,
        mapping: Path | None,
        guess: bool,
        origin: str | None,
        store: Path | None,
    ) -> int:
        """Import incidents from other data sets.

        The format is the one that a file's beginning shows, unless --as names it.

        Each FILE (plain or .gz, or - for standard input) is one transaction: it comes whole, or nothing of it.  A
        second import of a file changes nothing; a newer release changes what is new in it.  A store that is not
        there is made.
        """
        from db.formats.record import Options
        from db.formats.registry import named
        from db.importing import import_file
        from db.own_store import own_store
        from db.target import check_target
        from db.whole_file import growing

        form = named(name) if name is not None else None
        if guess:
            if len(files) > 1:
                raise UsageError("--guess drafts the mapping of one file; name one")
            return _guess(files[0], form)
        if mapping is not None:
            if form is not None and not form.mapped:
                raise UsageError(f"{form.name} needs no mapping; --map is for {_mapped()}")
            from db.formats.columns import mapping as read_mapping

            origin = origin or read_mapping(mapping).origin
        if len(files) > 1 and any(str(file) == "-" for file in files):
            raise UsageError("standard input (-) can only be imported alone")
        options = Options(dates, mapping, origin)
        came = headed = False
        if rejects is not None:
            read = [file for file in (*files, mapping) if file is not None and str(file) != "-"]
            check_target(rejects, stores=(store or own_store(), own_store()), read=read)
            _check_rejects(rejects)
        with ExitStack() as stack:
            bad = stack.enter_context(growing(rejects)) if rejects else None
            for file in files:
                # Anew for each: a new store has its name, and what came its place, before anything is told of it.
                with _store(store, opened) as into, _progress(file) as progress:
                    done = import_file(
                        into,
                        file,
                        form,
                        options,
                        rejects=None if bad is None else bad.file,
                        headed=headed,
                        strict=strict,
                        progress=progress,
                    )
                    others = _others(into, done)
                if bad is not None:
                    bad.keep()  # the file's rows are in the store, whatever becomes of the next
                headed = headed or bool(done.rejected)
                if others:
                    done.notes.append(f"beside incidents: {others}")
                if mapping is not None and done.same and not (done.added or done.changed):
                    done.notes.append(SAME_ROWS)
                _tell(file, done, rejects)
                came = came or bool(done.added or done.changed or done.same or done.kept or others)
        return 0 if came else 1

    @group.command("formats")
    @json_option
    @store_option
    def formats(as_json: bool, store: Path | None) -> None:
        """Tell what can be read and written.

        A lossless format carries all that a store knows of an incident; docs/formats.md says what the others carry.
        """
        found = _formats()
        if as_json:
            output.write_json(found)
            return
        wide = max(len(str(form["name"])) for form in found)
        for form in found:
            does = " and ".join(word for word in ("read", "write") if form[word])
            lossless = ", lossless" if form["lossless"] else ""
            output.write([output.line(f"{form['name']:<{wide}}  {form['label']} ({does}{lossless})")])


SAME_ROWS = (
    "these rows came before, and a mapping that is another now changes nothing in them; `dateline undo NUMBER` takes"
    " that import back, and the next one reads them anew"
)

REJECTS_BEGIN = b"line,reason,row"
"""How a file of rejects begins."""


def _check_rejects(path: Path) -> None:
    """Refuse a file that is none of rejects: only the rejects of an earlier import are replaced."""
    if str(path).startswith("/dev/") or not path.is_file():  # what is open already is written on, not replaced
        return
    try:
        with path.open("rb") as file:
            begin = file.read(len(REJECTS_BEGIN))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {reason(error)}") from error
    if begin not in (b"", REJECTS_BEGIN):
        raise UsageError(f"{path} exists already and holds no rejected rows; nothing was overwritten")


def _guess(file: Path, form: Format | None) -> int:
    """Write a first draft of a mapping to stdout, or say that the file needs none."""
    from db.formats.registry import recognised
    from db.formats.source import Source

    if form is not None and form.guess is None:
        raise UsageError(f"{form.name} needs no mapping; --guess is for {_drafted()}")
    with Source(file) as source:  # once: a pipe has nothing to say to a second reader
        form = form or recognised(source, drafting=True)
        if form.guess is None:
            output.say(f"{file} is {form.name}, which needs no mapping: dateline import {file} --as {form.name}")
            return 0
        output.write(form.guess(source))
    return 0


def _drafted() -> str:
    from db.formats.registry import FORMATS

    return " and ".join(form.name for form in FORMATS if form.guess is not None)


def _formats() -> list[dict[str, object]]:
    """Name, label, and what can be done, of each format that can be read or written."""
    from db.exporting import WRITTEN
    from db.formats.registry import FORMATS

    written = {form.name: form for form in WRITTEN}
    found: list[dict[str, object]] = []
    for form in FORMATS:
        writes = written.pop(form.name, None) is not None
        found.append({"name": form.name, "label": form.label, "read": True, "write": writes, "lossless": form.lossless})
    found += [
        {"name": out.name, "label": out.label, "read": False, "write": True, "lossless": out.lossless}
        for out in written.values()
    ]
    return found


@contextmanager
def _store(named: Path | None, opened: Opened) -> Iterator[Store]:
    """The store to import to; one that is not there is made, under another name until something has come into it.

    Under its own it could be another's by the time that nothing has come, and would go.
    """
    from db.backup import being_made
    from db.store import Store

    if named is None or named.exists():
        with opened(named, write=True) as store:
            yield store
        return
    if os.path.lexists(named):
        raise StoreError(f"{named} is a symbolic link that leads nowhere; remove it, or name another file")
    check_free(named)
    with being_made(named) as path:
        Store.create(path).close()
        written = False
        try:
            with opened(path, write=True) as store:
                try:
                    yield store
                finally:
                    # Of several files the first can have come in before one fails.
                    written = store.connection.execute("SELECT 1 FROM log LIMIT 1").fetchone() is not None
        finally:
            if written:
                _name(path, named)


def _name(path: Path, named: Path) -> None:
    """Give a store that was made its name."""
    from db.whole_file import put_whole

    try:
        put_whole(path, named)
    except FileExistsError as error:
        raise StoreError(f"{named} was made meanwhile; nothing was overwritten, nor imported") from error


def _others(store: Store, done: Imported) -> str:
    """The rows that came where no incident is another now: JSON lines can bring names and documents alone."""
    from db.history import tallies
    from db.log_rows import tally_words

    if done.added or done.changed or not store.written:
        return ""
    return ", ".join(map(tally_words, tallies(store.connection, store.written)))


def _mapped() -> str:
    from db.formats.registry import FORMATS

    return " and ".join(form.name for form in FORMATS if form.mapped)


def _tell(file: Path, done: Imported, rejects: Path | None) -> None:
    """Say what an import did: one line of counts, then what the user should know."""
    counts = [f"{done.added:,} added", f"{done.changed:,} changed", f"{done.same:,} as they were"]
    if done.held or done.conflicts:
        fields = done.held + done.conflicts
        counts.append(f"{counted(fields, 'field')} kept as you have {'it' if fields == 1 else 'them'}")
    if done.kept:
        counts.append(f"{done.kept:,} left alone, since the store has them from a fuller form of the data")
    if done.rejected:
        counts.append(f"{done.rejected:,} rejected")
    output.say(f"{file}: {', '.join(counts)}")
    for note in done.notes:
        output.say(f"note: {note}")
    for why in done.reasons:
        output.say(f"rejected: {why}")
    if done.rejected > len(done.reasons):
        output.say(f"rejected: and {done.rejected - len(done.reasons):,} more")
    if done.rejected:
        output.say(
            f"the rejected rows are in {rejects}" if rejects else "give --rejects FILE to keep the rejected rows"
        )


@contextmanager
def _progress(file: Path) -> Iterator[Progress | None]:
    """A line on stderr with rows, rate and time left where stderr is a terminal; None for a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with drawn_line(at_once=True) as line:

        def draw(source: Source, rows: int) -> None:
            def words(gone: float) -> str:
                text = f"{output.line(file.name)}: {counted(rows, 'row')}, {rows / max(gone, 0.001):,.0f} a second"
                if source.size and source.packed:
                    part = min(source.packed / source.size, 1.0)
                    text += f", {part:.0%}, {gone * (1 - part) / part:,.0f} s left"
                return text

            line(words)

        yield draw

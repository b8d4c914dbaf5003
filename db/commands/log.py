"""The commands `log`, `undo` and `redo`: what was written to a store, and taking it back."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import json_option, store_option, utf8
from db.commands.asking import Opened
from db.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

    from db.history import Entry, Tally
    from db.undo import Undone


ROWS_SHOWN = 1_000
"""Rows of one write that --rows shows."""


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store whose log it is."""

    @group.command()
    @click.argument("key", required=False, callback=utf8)
    @click.option("--limit", type=click.IntRange(min=0, max=10**9), metavar="N", help="At most N rows.")
    @click.option(
        "--has",
        metavar="HASH",
        callback=utf8,
        help="Whether the log still has the row of that hash, unbroken up to it.",
    )
    @click.option("--rows", is_flag=True, help="The rows too, before and after; the first thousand of each write.")
    @json_option
    @store_option
    def log(key: str | None, limit: int | None, has: str | None, rows: bool, as_json: bool, store: Path | None) -> int:
        """Show what was written, newest first; KEY: to one incident.

        Each row tells when, who, what, and how many rows of which tables were added (+), changed (~) or removed (-).
        A hash of --json that was written down elsewhere proves later that nothing before it was changed or cut off:
        --has answers with exit status 0 or 1.
        """
        from db import history, log_about, log_rows

        if rows and as_json:
            raise UsageError("--rows is for people; the rows as JSON stand in the table `log` itself")
        with opened_store(store) as opened:
            if has is not None:
                return _answer(opened.connection, has)
            found = log_about.about(opened.connection, key) if key else history.entries(opened.connection, limit=limit)
            names = log_rows.Names(opened.connection)
            shown = 0
            for entry in islice(found, limit):
                shown += 1
                tallies = history.tallies(opened.connection, entry.id)
                if as_json:
                    output.write_json([record(entry, tallies)])
                else:
                    output.write([output.line(line(entry, tallies))])
                if rows:
                    told = log_rows.said(opened.connection, entry.id, ROWS_SHOWN, names)
                    output.write(output.line(f"        {one.sign} {one.text}") for one in told)
        if not shown and limit != 0:
            output.say("the log has no such rows" if key else "nothing was written yet")
        return 0

    @group.command()
    @click.argument("seq", required=False, type=click.IntRange(min=1), metavar="[NUMBER]")
    @click.option("--reason", default="", callback=utf8, metavar="TEXT", help="Why; the log keeps it.")
    @store_option
    def undo(seq: int | None, reason: str, store: Path | None) -> None:
        """Undo the last write, or that of a NUMBER of `dateline log`.

        Without a number it is the newest that stands.  Nothing is deleted from the log: an undo is a write of its own,
        and can be undone.  It is refused when a later write changed the same rows; the message names that one.
        """
        from db import undo as undoing

        with opened_store(store, write=True) as opened:
            _tell(undoing.undo(opened, seq, reason=reason))

    @group.command()
    @click.option("--reason", default="", callback=utf8, metavar="TEXT", help="Why; the log keeps it.")
    @store_option
    def redo(reason: str, store: Path | None) -> None:
        """Do again what was undone last."""
        from db import undo as undoing

        with opened_store(store, write=True) as opened:
            _tell(undoing.redo(opened, reason=reason))


def record(entry: Entry, tallies: list[Tally]) -> dict[str, object]:
    """A log row as JSON; `undoes` is the number of the write that it undid or did again."""
    return {
        "seq": entry.id,
        "at": entry.at,
        "who": entry.who,
        "what": entry.what,
        "undone": entry.undone,
        "undoes": entry.mark.of if entry.mark is not None else None,
        "rows": [asdict(tally) for tally in tallies],
        "hash": entry.hash,
        "prev": entry.prev,
    }


def line(entry: Entry, tallies: list[Tally]) -> str:
    """A log row as one line of plain text."""
    from db.log_rows import tally_words

    rows = ", ".join(map(tally_words, tallies))
    undone = "  (undone)" if entry.undone else ""
    return f"{entry.id:>6}  {entry.at[:19].replace('T', ' ')}  {entry.who}  {entry.what}  [{rows or 'no rows'}]{undone}"


def _answer(connection: sqlite3.Connection, has: str) -> int:
    """Say whether the log has a hash, and say it by the exit status too."""
    from db import log as chain

    found = connection.execute("SELECT id FROM log WHERE hash = ?", (has.lower(),)).fetchone()
    if found is None:
        output.say(f"the log has no row with that hash: it was changed, cut off, or is another store's ({has[:12]} …)")
        return 1
    broken = [row_id for row_id, _ in chain.broken_rows(connection) if row_id <= found[0]]
    if broken:
        output.say(
            f"the log has that row ({found[0]}), but row {broken[0]} before it does not hold; see `dateline verify`"
        )
        return 1
    output.say(f"row {found[0]} has that hash, and everything up to it holds")
    return 0


def _tell(undone: Undone) -> None:
    if undone.how == "undo":
        output.say(f"undone: {undone.what} (log {undone.of}); `dateline redo` does it again")
    else:
        number = "" if undone.next else f" {undone.of}"
        output.say(f"done again: {undone.what} (log {undone.of}); `dateline undo{number}` takes it back")

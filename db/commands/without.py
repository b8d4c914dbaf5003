"""The command that leaves sources out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option, utf8
from db.commands.asking import Opened, parsed, viewed

if TYPE_CHECKING:
    import sqlite3

    from db.leave_out import Difference, Effect, Standing


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the command to a group; `opened_store` opens the store that it reads."""

    @group.command(cls=QueryCommand)
    @query_argument
    @click.option("--document", "documents", multiple=True, callback=utf8, metavar="KEY", help="Leave out a document.")
    @click.option(
        "--speaker",
        "speakers",
        multiple=True,
        callback=utf8,
        metavar="NAME",
        help="Leave out all that came by way of a speaker.",
    )
    @click.option("--below", callback=utf8, metavar="GRADE", help="Leave out documents graded worse than this, A to E.")
    @click.option("--ungraded", is_flag=True, help="Leave out documents without a grade, and those that are F.")
    @json_option
    @store_option
    def without(
        query: tuple[str, ...],
        documents: tuple[str, ...],
        speakers: tuple[str, ...],
        below: str | None,
        ungraded: bool,
        as_json: bool,
        store: Path | None,
    ) -> None:
        """Tell what would become without some source.

        An incident vanishes when all its quotes fall, becomes single-source when one root is left of several, or
        changes in its numbers of quotes, documents and roots, its claimed killed and injured, or its disputes.
        """
        from db.droppable import named
        from db.engine import open_engine
        from db.leave_out import without as leave_out

        plain = parsed(query)
        with opened_store(store) as opened:
            dropped = named(opened.connection, documents, speakers, below, ungraded)
            answer = open_engine(opened).answer(plain or viewed(query, opened))
            ids = answer.ids()
            difference = leave_out(opened.connection, dropped)
            tally = difference.tally(ids)
            rows = _rows(opened.connection, difference, ids)
            if as_json:
                output.write_json(_record(*row) for row in rows)
                output.write_json(
                    [
                        {
                            "summary": {
                                "without": dropped.words,
                                "vanish": tally.vanish,
                                "single_source": tally.single_source,
                                "change": tally.change,
                                "not_counted": tally.beside,
                                "of": answer.totals.certain + answer.totals.possible,
                            }
                        }
                    ]
                )
            else:
                output.write(output.line(_words(*row)) for row in rows)
                output.write([output.line(f"without {dropped.words}: {tally.words}")])


def _rows(
    connection: sqlite3.Connection, difference: Difference, ids: Iterable[int]
) -> Iterator[tuple[str, str, str, Effect]]:
    """Key, kind, title and effect of what is touched, in the order of `ids`."""
    for incident_id in ids:
        effect = difference.effect(incident_id)
        if effect is not None:
            found = connection.execute("SELECT key, kind, title FROM incident WHERE id = ?", (incident_id,)).fetchone()
            if found is not None:  # else deleted by another program meanwhile
                yield *found, effect


def _record(key: str, kind: str, title: str, effect: Effect) -> dict[str, object]:
    return {
        "key": key,
        "kind": kind,
        "title": title,
        "effect": effect.fate,
        "before": _standing(effect.before),
        "after": None if effect.fate == "vanishes" else _standing(effect.after),
    }


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "quotes": standing.quotes,
        "documents": standing.documents,
        "roots": standing.roots,
        "killed": standing.killed,
        "injured": standing.injured,
        "disputed": list(standing.disputed),
    }


def _words(key: str, kind: str, title: str, effect: Effect) -> str:
    from db.leave_out import changes

    mark = "" if kind == "incident" else f" ({kind})"
    what = "" if effect.fate == "vanishes" else f": {', '.join(changes(effect))}"
    return f"{effect.fate}: {key}{mark}{what}: {title}"

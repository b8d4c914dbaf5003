"""The commands that read: list, count, show, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option, utf8
from db.commands.asking import Opened, parsed, viewed
from db.commands.progress import counting
from db.errors import UsageError
from db.plural import counted

if TYPE_CHECKING:
    import sqlite3

    from db.model import Incident


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store that they read."""

    @group.command("list", cls=QueryCommand)
    @query_argument
    @json_option
    @click.option("--limit", type=click.IntRange(min=0, max=10**9), metavar="N", help="At most N incidents.")
    @store_option
    def list_(query: tuple[str, ...], as_json: bool, limit: int | None, store: Path | None) -> None:
        """List the matching incidents in timeline order."""
        from itertools import chain

        from db import read, records, report
        from db.engine import open_engine

        plain = parsed(query)
        with opened_store(store) as opened:
            answer = open_engine(opened).answer(plain or viewed(query, opened))
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

    @group.command(cls=QueryCommand)
    @query_argument
    @click.option("--as", "name", required=True, callback=utf8, metavar="FORMAT", help="See `dateline formats`.")
    @click.option(
        "--output",
        "output_",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write there (-o FILE), else to stdout.",
    )
    @click.option("--without-texts", is_flag=True, help="A copy as sqlite leaves out the documents' texts.")
    @store_option
    def export(
        query: tuple[str, ...], name: str, output_: Path | None, without_texts: bool, store: Path | None
    ) -> None:
        """Write exactly what `list` shows, all of it, in another format."""
        from db import exporting
        from db.engine import open_engine

        form = exporting.named(name)
        if without_texts and not form.store:
            raise UsageError(f"--without-texts is for --as sqlite, not for {form.name}")
        plain = parsed(query)
        with opened_store(store) as opened, counting(output_) as progress:
            what = exporting.shown(open_engine(opened).answer(plain or viewed(query, opened)))
            done = exporting.export(opened, what, form, output_, texts=not without_texts, progress=progress)
        if output_ is not None:
            output.say(f"{output_}: {counted(done.rows, 'row')} as {form.name}")
        if done.losses:
            output.say(f"{form.name} cannot carry everything: {exporting.loss_words(done.losses)}")

    @group.command(cls=QueryCommand)
    @query_argument
    @click.option(
        "--by",
        callback=utf8,
        metavar="FACET",
        help="Count each value of a facet in what matches: type, country, actor, weapon, speaker, year, month ...",
    )
    @json_option
    @store_option
    def count(query: tuple[str, ...], by: str | None, as_json: bool, store: Path | None) -> None:
        """Count what matches, certainly and possibly.

        Aggregates and context stand on the timeline, but are not counted as incidents.
        """
        from db.engine import Wants, open_engine
        from db.fields import FACET_NAMES, PERIOD_NAMES
        from db.nearest import nearest

        names = (*FACET_NAMES, *PERIOD_NAMES)

        plain = parsed(query)
        if by is not None and by not in names:
            close = nearest(by, names)
            raise UsageError(
                f"no facet {by!r}; " + (f"did you mean {close}?" if close else f"there are {', '.join(names)}")
            )
        with opened_store(store) as opened:
            asked = plain or viewed(query, opened)
            answer = open_engine(opened).answer(asked.held() if by else asked, Wants(facets=(by,) if by else ()))
        if by:
            counts = answer.facets[by]
            if as_json:
                output.write_json({"value": c.value, "certain": c.certain, "possible": c.possible} for c in counts)
            else:
                output.write(
                    f"{c.certain:>9,} certain {c.possible:>9,} possible  {output.line(c.value)}" for c in counts
                )
            return
        total = answer.totals
        if as_json:
            output.write_json([{"certain": total.certain, "possible": total.possible, "of": total.of}])
        else:
            output.write([f"{total.certain:,} certain + {total.possible:,} possible of {total.of:,}"])

    @group.command()
    @click.argument("key", callback=utf8)
    @click.option("--claims", "as_claims", is_flag=True, help="Who says what, field by field, instead.")
    @json_option
    @store_option
    def show(key: str, as_claims: bool, as_json: bool, store: Path | None) -> None:
        """Show one incident whole, in plain text.

        All that is known of it: fields, rival claims, quotes with their chains of speakers, documents.
        """
        from db import read, records, report

        if as_claims and as_json:
            raise UsageError("`dateline claims KEY --json` gives the claims as JSON")
        with opened_store(store) as opened:
            incident = read.incident(opened.connection, read.incident_id(opened.connection, key))
            claims = _claim_lines(opened.connection, incident) if incident is not None and as_claims else None
        if incident is None:  # deleted by another program between the two readings
            raise UsageError(f"no incident {key!r} any more")
        if claims is not None:
            output.write(claims)
        elif as_json:
            output.write_json([records.record(incident)])
        else:
            output.write(report.incident_lines(incident))


def _claim_lines(connection: sqlite3.Connection, incident: Incident) -> list[str] | None:
    """Who says what of an incident, in plain text; None when it is gone."""
    from db.claims import matrix
    from db.claims_text import matrix_lines

    found = matrix(connection, incident.id)
    return None if found is None else matrix_lines(found)

"""The commands that read: list, count, show, export."""

from __future__ import annotations

from pathlib import Path

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option, utf8
from db.commands.asking import Opened, parsed, viewed
from db.errors import UsageError


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store that they read."""

    @group.command("list", cls=QueryCommand)
    @query_argument
    @json_option
    @click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N incidents.")
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
    @store_option
    def export(query: tuple[str, ...], name: str, output_: Path | None, store: Path | None) -> None:
        """Write exactly what `list` shows, all of it, in another format."""
        from db import exporting
        from db.engine import open_engine

        form = exporting.named(name)
        plain = parsed(query)
        with opened_store(store) as opened:
            answer = open_engine(opened).answer(plain or viewed(query, opened))
            losses = exporting.export(opened, answer, form, output_)
        if output_ is not None:
            output.say(f"{output_}: {answer.totals.rows:,} rows as {form.name}")
        if losses:
            said = "; ".join(f"{words}: {count:,}" for words, count in losses.most_common())
            output.say(f"{form.name} cannot carry everything: {said}")

    @group.command(cls=QueryCommand)
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

        plain = parsed(query)
        if by is not None and by not in FACET_NAMES:
            close = nearest(by, FACET_NAMES)
            raise UsageError(
                f"no facet {by!r}; " + (f"did you mean {close}?" if close else f"there are {', '.join(FACET_NAMES)}")
            )
        with opened_store(store) as opened:
            answer = open_engine(opened).answer(plain or viewed(query, opened), Wants(facets=(by,) if by else ()))
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
    @json_option
    @store_option
    def show(key: str, as_json: bool, store: Path | None) -> None:
        """Show one incident whole, in plain text.

        All that is known of it: fields, rival claims, quotes with their chains of speakers, documents.
        """
        from db import read, records, report

        with opened_store(store) as opened:
            incident = read.incident(opened.connection, read.incident_id(opened.connection, key))
        if incident is None:  # deleted by another program between the two readings
            raise UsageError(f"no incident {key!r} any more")
        if as_json:
            output.write_json([records.record(incident)])
        else:
            output.write(report.incident_lines(incident))

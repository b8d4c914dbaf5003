"""The commands that say who says so: claims, cite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import json_option, store_option, utf8
from db.commands.asking import Opened
from db.errors import UsageError

if TYPE_CHECKING:
    from db.citing import Cited
    from db.model import Incident


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store that they read."""

    @group.command()
    @click.argument("key", callback=utf8)
    @json_option
    @store_option
    def claims(key: str, as_json: bool, store: Path | None) -> None:
        """Who says what of an incident, field by field.

        Root speakers with whom their words came through, who agrees, who cannot both be right, and what was picked.
        The same as `dateline show KEY --claims`; with --json one object a claim.
        """
        from db import claims_text, read
        from db.claims import matrix

        with opened_store(store) as opened:
            found = matrix(opened.connection, read.incident_id(opened.connection, key))
        if found is None:  # deleted by another program between the two readings
            raise UsageError(f"no incident {key!r} any more")
        if as_json:
            output.write_json(claims_text.claim_records(found))
        else:
            output.write(claims_text.matrix_lines(found))

    @group.command("cite")
    @click.argument("key", callback=utf8)
    @click.option(
        "--as",
        "style",
        default="footnote",
        callback=utf8,
        metavar="STYLE",
        help="footnote, markdown, bibtex, csl-json.",
    )
    @click.option("--document", callback=utf8, metavar="KEY", help="Only this document of the incident.")
    @click.option(
        "--quote", type=click.IntRange(min=1), metavar="N", help="Only this quote, by its number in `dateline show`."
    )
    @click.option(
        "--output",
        "-o",
        "output_",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write there, else to stdout.",
    )
    @store_option
    def cite_(
        key: str, style: str, document: str | None, quote: int | None, output_: Path | None, store: Path | None
    ) -> None:
        """Cite an incident, with all its documents."""
        from db import citing, read
        from db.visible import visible

        with opened_store(store) as opened:
            incident = read.incident(opened.connection, read.incident_id(opened.connection, key))
        if incident is None:
            raise UsageError(f"no incident {key!r} any more")
        text = citing.cited(_what(incident, document, quote), style)
        if output_ is None:
            output.write(visible(text, tab=" ").split("\n"))
        else:
            citing.write_file(output_, text)
            output.say(f"{output_}: the citation as {style}")


def _what(incident: Incident, document: str | None, number: int | None) -> Cited:
    """What is to be cited; raises UsageError naming what the incident has instead."""
    from db import citing

    by_key = {source.key: source for source in incident.documents}
    if document is not None and document not in by_key:
        raise UsageError(f"{incident.key} has no document {document!r}; it has {', '.join(by_key) or 'none'}")
    if number is not None:
        if number > len(incident.quotes):
            raise UsageError(f"{incident.key} has no quote {number}; it has {len(incident.quotes)}")
        quote = incident.quotes[number - 1]
        if document is not None and quote.document_key != document:
            raise UsageError(f"quote {number} is of {quote.document_key}, not of {document}")
        return citing.of_quote(quote, by_key[quote.document_key])
    return citing.of_incident(incident) if document is None else citing.of_document(incident, by_key[document])

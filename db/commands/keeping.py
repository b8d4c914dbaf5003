"""The commands that keep a store in order: attach, verify, info."""

from __future__ import annotations

from pathlib import Path

import click

from db import output
from db.arguments import json_option, store_option, utf8
from db.commands.asking import Opened
from db.errors import UsageError


def hang(group: click.Group, opened_store: Opened, version: str) -> None:
    """Add the commands to a group; `opened_store` opens the store, `version` is the program's own."""

    @group.command()
    @click.argument("file", type=click.Path(path_type=Path, readable=False))
    @click.option(
        "--document", callback=utf8, metavar="KEY", help="Whose text it is; else the document that has its hash."
    )
    @store_option
    def attach(file: Path, document: str | None, store: Path | None) -> int:
        """Give a document its text and check its quotes.

        FILE is UTF-8 and is kept exactly as it is.  Quotes that stand elsewhere in it get their new position.  Exit
        status 1 when a quote is not in the text.
        """
        from db.attach import attach
        from db.input_file import MOST_TEXT, read_whole
        from db.report import attached_lines

        try:
            content = read_whole(file, MOST_TEXT)
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
        with opened_store(store, write=True) as opened:
            attached = attach(opened, content, document)
        output.write(attached_lines(attached))
        return 0 if all(quote.verified for quote in attached.quotes) else 1

    @group.command()
    @json_option
    @store_option
    def verify(as_json: bool, store: Path | None) -> int:
        """Check quotes, log, file and every invariant.

        Exit status 1 when anything is wrong.  A text that the store does not have is reported, but is not wrong.
        """
        from dataclasses import asdict

        from db.verify import findings

        wrong = 0
        with opened_store(store) as opened:
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

    @group.command()
    @json_option
    @store_option
    def info(as_json: bool, store: Path | None) -> None:
        """Tell the store's place, size, versions, rows."""
        from db.inventory import inventory, inventory_lines

        with opened_store(store) as opened:
            found = inventory(opened, version)
        if as_json:
            output.write_json([found])
        else:
            output.write(map(output.line, inventory_lines(found)))

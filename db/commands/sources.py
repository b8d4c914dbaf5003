"""The commands on documents: sources, source."""

from __future__ import annotations

from pathlib import Path

import click

from db import output
from db.arguments import json_option, store_option, utf8
from db.commands.asking import Opened
from db.errors import UsageError


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store."""

    @group.command()
    @click.option(
        "--by",
        type=click.Choice(["date", "quotes", "incidents", "publisher", "title", "reliability"]),
        default="date",
        help="What to sort by; the date of publication when not said.",
    )
    @json_option
    @store_option
    def sources(by: str, as_json: bool, store: Path | None) -> None:
        """List the documents with what rests on them.

        Quotes and incidents are counted for each; aggregates and context are counted apart.
        """
        from db import source_list

        with opened_store(store) as opened:
            found = sorted(source_list.documents(opened.connection), key=source_list.ORDERS[by])
        if as_json:
            output.write_json(source_list.record(listed) for listed in found)
            return
        for listed in found:
            document = listed.document
            about = [
                document.title or document.key,
                document.publisher,
                source_list.published(document),
                f"reliability {document.reliability}" if document.reliability else "not graded",
                source_list.words(listed),
                "text attached" if document.has_text else "no text",
            ]
            output.write([output.line(f"{document.key}: {'; '.join(part for part in about if part)}")])
        if not found:
            output.say("the store has no documents")

    @group.command()
    @click.argument("key", callback=utf8)
    @click.option(
        "--grade",
        type=click.Choice(["A", "B", "C", "D", "E", "F", "none"], case_sensitive=False),
        help="Set the reliability first (none takes it away); needs --reason.",
    )
    @click.option("--reason", callback=utf8, metavar="WORDS", help="Why; the card and the log keep it.")
    @json_option
    @store_option
    def source(key: str, grade: str | None, reason: str | None, as_json: bool, store: Path | None) -> None:
        """Show the card of one document.

        Its reliability with day and reason, what it was first and alone with, where others contradict it, whom it
        quotes, and what became of its quotes: all counted from the store.
        """
        from db import source_card, source_list, source_text

        if (grade is None) != (reason is None):
            raise UsageError("--grade and --reason go together: a grade has a reason")
        with opened_store(store, write=grade is not None) as opened:
            if grade is not None:
                source_card.grade(opened, key, None if grade.lower() == "none" else grade.upper(), reason or "")
            card = source_card.card(opened.connection, source_list.document_id(opened.connection, key))
        if card is None:  # deleted by another program between the two readings
            raise UsageError(f"no document {key!r} any more")
        if as_json:
            output.write_json([source_text.record(card)])
        else:
            output.write(map(output.line, source_text.lines(card)))

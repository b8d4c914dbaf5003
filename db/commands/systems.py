"""The command of the air-defence ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option
from db.commands.asking import Opened, parsed, viewed
from db.plural import counted

if TYPE_CHECKING:
    from db.ledger import System, Use


MOST_UNTIED = 100
"""Quotes of an incident that are listed where no claim ties one to the system."""


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the command to a group; `opened_store` opens the store that it reads."""

    @group.command(cls=QueryCommand)
    @query_argument
    @json_option
    @store_option
    def systems(query: tuple[str, ...], as_json: bool, store: Path | None) -> None:
        """Tell what each air-defence system did.

        Numbers count incidents by the outcome that was picked for the system; rivals are incidents in which a claim
        and the pick disagree about that outcome.
        """
        from db.engine import open_engine
        from db.ledger import ledger

        plain = parsed(query)
        with opened_store(store) as opened:
            ids = open_engine(opened).answer(plain or viewed(query, opened)).ids()
            found = ledger(opened.connection, ids)
        if as_json:
            output.write_json(map(_record, found))
        else:
            output.write(line for system in found for line in _lines(system))
        if not found:
            output.say("no matching incident has an air-defence system")


def _record(system: System) -> dict[str, object]:
    from db.ledger import COLUMNS

    cells = {column: system.cell(column) for column in COLUMNS}
    return {
        "system": system.name,
        "key": system.key,
        "class": system.system_class,
        "incidents": system.incidents,
        "engaged": system.engaged,
        **{
            column: {"incidents": cell.incidents, "rivals": cell.rivals, "not_counted": cell.beside}
            for column, cell in cells.items()
        },
        "number_disputed": system.count_disputes,
        "behind": [_use_record(use) for use in system.uses],
    }


def _use_record(use: Use) -> dict[str, object]:
    from db.ledger import COLUMNS

    return {
        "incident": use.incident,
        "title": use.title,
        "counted": use.counted,
        "outcome": use.outcome,
        "column": use.column,
        "rival_in": [column for column in COLUMNS if use.rival_in(column)],
        "count": {"low": use.count.low, "best": use.count.best, "high": use.count.high},
        "number_disputed": use.count_disputed,
        "claims": [
            {
                "field": told.field,
                "value": told.value,
                "polarity": told.polarity,
                "rank": told.rank,
                "speaker": told.speaker,
                "quote": told.quote_id,
            }
            for told in use.told
        ],
        "tied": use.tied,
        "quotes": [
            {"quote": words.quote_id, "exact": words.exact, "document": words.document, "speaker": words.speaker}
            for words in use.quotes
        ],
    }


def _lines(system: System) -> Iterator[str]:
    from db.ledger import COLUMNS, LABELS

    parts = []
    for column in COLUMNS:
        cell = system.cell(column)
        if cell.incidents or cell.rivals or cell.beside:
            rivals = f" ({cell.rivals:,} with rival claims)" if cell.rivals else ""
            beside = f" (and {cell.beside:,} not counted)" if cell.beside else ""
            parts.append(f"{LABELS[column]} {cell.incidents:,}{rivals}{beside}")
    numbers = f"; number disputed in {system.count_disputes:,}" if system.count_disputes else ""
    yield output.line(f"{system.name}: {counted(system.incidents, 'incident')}: {', '.join(parts)}{numbers}")
    for use in system.uses:
        yield from map(output.line, _use_lines(use))


def _use_lines(use: Use) -> Iterator[str]:
    from db.ledger import LABELS

    kind = "" if use.counted else " (not counted)"
    yield f"  {use.incident}{kind}: {LABELS[use.column]}"
    for told in use.told:
        if told.field.startswith("outcome:") and (told.polarity != "asserts" or not use.is_pick(told)):
            verb = {"asserts": "says", "denies": "denies", "declines": "does not confirm"}[told.polarity]
            what = "rival" if use.against(told) else "set aside" if told.rank == "deprecated" else "besides"
            yield f"    {what}: {told.speaker or 'no quote'} {verb} {told.value or 'any outcome'}"
    if use.count_disputed:
        said = "; ".join(
            f"{told.speaker or 'no quote'}: {told.value}" for told in use.told if told.field.startswith("count:")
        )
        yield f"    number disputed: {said}"
    if not use.tied:
        yield "    no claim ties a quote to it; the incident's quotes:"
    shown = use.quotes if use.tied else use.quotes[:MOST_UNTIED]
    for words in shown:
        yield f"    “{words.exact}” {words.speaker}, in {words.document}"
    if len(shown) < len(use.quotes):
        yield f"    and {len(use.quotes) - len(shown):,} more: `dateline show {use.incident}`"

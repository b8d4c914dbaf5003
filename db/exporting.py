"""Write what a query shows, all of it and in its order, in one of the formats; say before what each cannot carry."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

from db import batch, known, output
from db.connection import one_moment
from db.engine.answer import Answer, Match
from db.errors import UsageError
from db.formats import (
    jsonl,
    out_acled,
    out_brief,
    out_csv,
    out_geojson,
    out_json,
    out_store,
    out_timelines,
    out_ucdp_ged,
)
from db.formats.particulars import ROOTS_APART
from db.formats.writing import Item, Losses, WrittenFormat
from db.losses import count as count_losses
from db.losses import roots_apart
from db.model import Incident
from db.nearest import nearest
from db.own_store import own_store
from db.query import parse
from db.records import windows
from db.store import Store
from db.target import check_target
from db.whole_file import whole

JSONL = WrittenFormat("jsonl", "Dateline's own JSON lines", ".jsonl", lossless=True)
"""Written from the store itself, since it carries more than an incident has."""

WRITTEN: tuple[WrittenFormat, ...] = (
    JSONL,
    out_store.FORMAT,
    out_json.FORMAT,
    out_csv.FORMAT,
    out_ucdp_ged.FORMAT,
    out_acled.FORMAT,
    out_geojson.FORMAT,
    out_brief.MARKDOWN,
    out_brief.HTML,
    out_timelines.TIMELINEJS,
    out_timelines.TIMESKETCH,
)

Progress = Callable[[int, int], None]
"""Is told now and then how many of how many incidents are done; what it raises stops the work and leaves no file."""

TELL_EVERY = 500
"""Incidents between two tellings of progress."""

TOO_LONG = f"lines of more than {jsonl.LONGEST >> 20} million characters, which no import takes (sqlite has all)"
"""What of JSON lines cannot come back."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a query shows: its text, and every row in timeline order."""

    query: str
    matches: Sequence[Match]
    marks: Sequence[int] | None = None
    """Of each row a mark of its key, where it must be known again: see `still`."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: how many rows, and what the format could not carry of them."""

    rows: int
    losses: Losses


def shown(answer: Answer, connection: sqlite3.Connection | None = None) -> Shown:
    """All rows of an answer, taken out of the engine so that another connection can write them.

    Where that will be later, the `connection` to the store of the answer gives each its mark.
    """
    matches = list(chain.from_iterable(windows(answer)))
    marks = None if connection is None else known.marks(connection, [match.id for match in matches])
    return Shown(answer.query.text, matches, marks)


def still(store: Store, what: Shown) -> Shown:
    """The rows of what was shown that its query finds now: others can have written, and numbers be another's by now."""
    matches = what.matches
    if what.marks is not None:
        marks = known.marks(store.connection, [match.id for match in matches])
        matches = [match for match, was, now in zip(matches, what.marks, marks, strict=True) if was == now]
    if not what.query.strip():
        return Shown(what.query, matches)
    from db.engine import open_engine

    found = {match.id: match for rows in windows(open_engine(store).answer(parse(what.query))) for match in rows}
    return Shown(what.query, [found[match.id] for match in matches if match.id in found])


def named(name: str) -> WrittenFormat:
    """The format of a name; raises UsageError with the nearest."""
    by_name = {form.name: form for form in WRITTEN}
    if name.lower() in by_name:
        return by_name[name.lower()]
    close = nearest(name, by_name)
    raise UsageError(
        f"no format {name!r} to write; " + (f"did you mean {close}?" if close else f"there are {', '.join(by_name)}")
    )


def export(
    store: Store,
    what: Shown,
    form: WrittenFormat,
    target: Path | None,
    *,
    texts: bool = True,
    replace: bool = True,
    progress: Progress | None = None,
) -> Exported:
    """Write every row to `target` (None: stdout); a file appears whole or not at all.

    Raises UsageError when the file cannot be written, is a store or a part of one, or without `replace` has come to be
    there.
    `texts` tells whether a copy that is a store has the documents' texts.  All is of one moment, whatever others write.
    """
    with one_moment(store.connection):
        if form.store:
            if target is None:
                raise UsageError(f"{form.name} is a file of its own; name it with -o FILE")
            return _copied(store, what, target, texts, progress)
        if target is None:
            return _written(form, store, what, output.data(), progress)
        check_target(target, stores=(store.path, own_store()))
        with whole(target, replace=replace) as out:
            return _written(form, store, what, out, progress)


def survey(store: Store, what: Shown, told: Callable[[int, dict[str, Losses]], None]) -> dict[str, Losses]:
    """Format → what it cannot carry of what is shown, counted without writing; `told` hears of it on the way."""
    return count_losses(store.connection, [match.id for match in what.matches], WRITTEN, told)


def loss_words(losses: Losses) -> str:
    """What could not be carried in one line, most first and then by the alphabet: "rival claims: 2; no date: 1"."""
    ordered = sorted(losses.items(), key=lambda loss: (-loss[1], loss[0]))
    return "; ".join(f"{words}: {count:,}" for words, count in ordered)


def _copied(store: Store, what: Shown, target: Path, texts: bool, progress: Progress | None) -> Exported:
    rows = len(what.matches)

    def step(done: int, of: int) -> None:
        if progress is not None:
            progress(rows * done // of, rows)

    written = out_store.write(store, (match.id for match in what.matches), what.query, target, texts=texts, step=step)
    return Exported(written, Losses())


def _written(form: WrittenFormat, store: Store, what: Shown, out: TextIO, progress: Progress | None) -> Exported:
    losses = Losses()
    rows = len(what.matches)

    def tell(done: int) -> None:
        if progress is not None and done % TELL_EVERY == 0:
            progress(done, rows)

    if form.write is None:
        written = 0
        for line in jsonl.write(store.connection, [match.id for match in what.matches]):
            out.write(f"{line}\n")
            if len(line) > jsonl.LONGEST:
                losses[TOO_LONG] += 1
            if line.startswith('{"incident"'):
                written += 1
                tell(written)
        return Exported(written, losses)

    apart = roots_apart(store.connection)

    def counted() -> Iterator[Item]:
        for done, item in enumerate(_items(store, what.matches), 1):
            losses.update(form.lacks(item[0]))
            if item[0].id in apart:
                losses[ROOTS_APART] += 1
            yield item
            tell(done)

    return Exported(form.write(counted(), out, what.query), losses)


def _items(store: Store, matches: Sequence[Match]) -> Iterator[tuple[Incident, bool]]:
    """Every incident with whether it matched certainly, in order, read in batches; those that are gone are left out."""
    certain = {match.id: match.certain for match in matches}
    for incident in batch.incidents(store.connection, (match.id for match in matches)):
        yield incident, certain[incident.id]

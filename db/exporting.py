"""Write what a query shows, all of it and in its order, in one of the formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

from db import batch
from db.engine.answer import Answer
from db.errors import UsageError
from db.formats import jsonl, out_brief, out_csv, out_geojson, out_json, out_timelines
from db.formats.writing import Item, Losses, WrittenFormat
from db.nearest import nearest
from db.records import windows
from db.store import Store

JSONL = WrittenFormat("jsonl", "Dateline's own JSON lines", lossless=True)
"""Written from the store itself, since it carries more than an incident has."""

WRITTEN: tuple[WrittenFormat, ...] = (
    JSONL,
    out_json.FORMAT,
    out_csv.FORMAT,
    out_geojson.FORMAT,
    out_brief.MARKDOWN,
    out_brief.HTML,
    out_timelines.TIMELINEJS,
    out_timelines.TIMESKETCH,
)


def named(name: str) -> WrittenFormat:
    """The format of a name; raises UsageError with the nearest."""
    by_name = {form.name: form for form in WRITTEN}
    if name.lower() in by_name:
        return by_name[name.lower()]
    close = nearest(name, by_name)
    raise UsageError(
        f"no format {name!r} to write; " + (f"did you mean {close}?" if close else f"there are {', '.join(by_name)}")
    )


def export(store: Store, answer: Answer, form: WrittenFormat, target: Path | None) -> Losses:
    """Write every row of an answer to `target` (None: stdout); a file appears whole or not at all.

    Raises UsageError when the file cannot be written, or is the store itself.
    """
    if target is None:
        return _written(form, store, answer, sys.stdout)
    if target.exists() and store.path.exists() and target.samefile(store.path):
        raise UsageError(f"{target} is the store itself; name another file")
    making = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with making.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
            losses = _written(form, store, answer, out)
        making.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from error
    finally:
        making.unlink(missing_ok=True)
    return losses


def _written(form: WrittenFormat, store: Store, answer: Answer, out: TextIO) -> Losses:
    if form.write is None:
        ids = [match.id for match in chain.from_iterable(windows(answer))]
        out.writelines(f"{line}\n" for line in jsonl.write(store.connection, ids))
        return Losses()
    return form.write(_items(store, answer), out, answer.query.text)


def _items(store: Store, answer: Answer) -> Iterator[Item]:
    """Every incident of an answer with how it matched, in timeline order, read in batches."""
    certain: dict[int, bool] = {}

    def ids() -> Iterator[int]:
        for match in chain.from_iterable(windows(answer)):
            certain[match.id] = match.certain
            yield match.id

    for incident in batch.incidents(store.connection, ids()):
        yield incident, certain.pop(incident.id)

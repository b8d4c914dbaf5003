"""All formats by name: what `--as` takes and `dateline formats` lists, and how a file's beginning tells its own."""

from __future__ import annotations

from db.errors import UsageError
from db.formats import acled, geojson, gtd, jsonl_read, mapped, timelinejs, timemap, timesketch, ucdp_ged
from db.formats.head import Head, look
from db.formats.record import Format
from db.formats.source import Source

FORMATS: tuple[Format, ...] = (
    jsonl_read.FORMAT,
    acled.FORMAT,
    ucdp_ged.FORMAT,
    gtd.FORMAT,
    geojson.FORMAT,
    timesketch.FORMAT,
    timelinejs.FORMAT,
    timemap.FORMAT,
    mapped.CSV,
    mapped.NDJSON,
)


def named(name: str) -> Format:
    """The format of a name; raises UsageError that lists them."""
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise UsageError(f"no format {name!r}; there are {', '.join(form.name for form in FORMATS)}")


def recognised(source: Source, *, drafting: bool = False, with_mapping: bool = False) -> Format:
    """The one format that a file's beginning is of; raises UsageError that says what to do when there is not one.

    `drafting` a mapping, any CSV or JSON lines will do that are of no data set known here; `with_mapping`, these and
    GeoJSON come first.
    """
    head = look(source)
    if not source.head():
        raise UsageError(f"{source.name} is empty; nothing was imported")
    found = [form for form in FORMATS if form.knows is not None and form.knows(head)]
    any_rows = _any_rows(head)
    if with_mapping:
        found = [form for form in found if form.mapped] if any_rows is None else [any_rows]
    # A data set in GeoJSON is GeoJSON too: the data set's own reader knows more of it.
    found = [form for form in found if form is not geojson.FORMAT] or found
    if len(found) == 1:
        return found[0]
    names = ", ".join(form.name for form in FORMATS)
    if found:
        raise UsageError(f"{source.name} may be {' or '.join(form.name for form in found)}; say which with --as")
    if any_rows is not None:
        if drafting:
            return any_rows
        raise UsageError(
            f"{source.name} is {'CSV' if head.shape == 'csv' else 'JSON lines'}, but of no data set known here; draft a"
            " mapping of its columns with --guess and import it with --map, or say --as FORMAT"
        )
    if head.shape == "book":
        return gtd.FORMAT  # the only one that is read from a workbook; its reader names the columns that are missing
    raise UsageError(f"{source.name} is of no format that is known by its beginning; say --as with one of {names}")


def _any_rows(head: Head) -> Format | None:
    return {"csv": mapped.CSV, "lines": mapped.NDJSON}.get(head.shape)

"""All formats by name: what `--as` takes and `dateline formats` lists."""

from __future__ import annotations

from db.errors import UsageError
from db.formats import acled, jsonl_read, mapped, ucdp_ged
from db.formats.record import Format

FORMATS: tuple[Format, ...] = (jsonl_read.FORMAT, acled.FORMAT, ucdp_ged.FORMAT, mapped.CSV, mapped.NDJSON)


def named(name: str) -> Format:
    """The format of a name; raises UsageError that lists them."""
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise UsageError(f"no format {name!r}; there are {', '.join(form.name for form in FORMATS)}")

"""Other timelines' forms: TimelineJS (Knight Lab) JSON and Timesketch JSON lines."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import TextIO

from db import dates
from db.formats.particulars import (
    ACTORS,
    AFTER_THREE,
    ALL_BUT_THE_NAME,
    AROUND_QUOTES,
    CHAINS,
    DAMAGE,
    DATA_SET,
    DOCUMENTS,
    GRADES,
    INJURED,
    KILLED,
    KIND,
    KIND_BESIDE_TYPE,
    LINKS,
    NOTES,
    PLACES,
    QUOTES,
    REVIEWED,
    STARS,
    SUB_TYPE,
    SUMMARY,
    SYSTEMS,
    TAGS,
    claims_and_columns,
)
from db.formats.writing import Item, WrittenFormat, bounds, date_words, speakers, uncertain_date
from db.model import Incident, Quote

_NEITHER = (
    SUB_TYPE,
    ACTORS,
    SYSTEMS,
    KILLED,
    INJURED,
    DAMAGE,
    DATA_SET,
    GRADES,
    REVIEWED,
    STARS,
    NOTES,
    LINKS,
    DOCUMENTS,
)
"""What neither timeline has a place for."""


def write_timelinejs(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write {"title", "events"}; TimelineJS has no place for undated rows, which are left out."""
    title = {"text": {"headline": "Incidents", "text": html.escape(query)}}
    out.write('{"title": ' + json.dumps(title) + ', "events": [')
    count = 0
    for incident, _ in items:
        if (event := _event(incident)) is not None:
            count += 1
            out.write((",\n" if count > 1 else "\n") + json.dumps(event))
    out.write("\n]}\n")
    return count


def quirks_timelinejs(incident: Incident) -> Iterator[str]:
    """How uncertain a date is, times, which it would show in the reader's own zone, and rows without a day."""
    if _start(incident) is None:
        yield "no date, left out"
        return
    yield from uncertain_date(incident)
    if _timed(incident):
        yield "times of day, in display_date alone"


def _start(incident: Incident) -> dates.Day | None:
    """The day at which an incident stands: its first possible one, else its last."""
    first, last = bounds(incident)
    return last if first is None else first


def _timed(incident: Incident) -> bool:
    """Whether a date says an hour; of EDTF nothing else has a T."""
    return incident.date_edtf is not None and "T" in incident.date_edtf


def _event(incident: Incident) -> dict[str, object] | None:
    start = _start(incident)
    if start is None:
        return None
    quotes = "".join(map(_blockquote, incident.quotes[:3]))
    said = f"<p>{html.escape(speakers(incident))}</p>" if incident.quotes else ""
    event: dict[str, object] = {
        "unique_id": incident.key,
        # TimelineJS takes these two for markup, too.
        "group": html.escape(incident.event_type or incident.kind),
        "display_date": html.escape(date_words(incident)),
        "start_date": _date(start),
        "text": {
            "headline": html.escape(incident.title),
            "text": f"<p>{html.escape(incident.summary or '')}</p>{quotes}{said}",
        },
    }
    last = bounds(incident)[1]
    if last is not None and last > start:
        event["end_date"] = _date(last)
    return event


def _blockquote(quote: Quote) -> str:
    translation = f"<p>{html.escape(quote.translation)}</p>" if quote.translation else ""
    return f"<blockquote>{html.escape(quote.exact)}{translation}</blockquote>"


def _date(at: dates.Day) -> dict[str, int]:
    """Year, month and day; years before the common era have no 0, so that -44 is 44 BCE (EDTF: -0043).

    Of a year of five digits EDTF knows no months, so it stands alone, as our own reader wants it.
    """
    year, month, day = dates.civil(at)
    told = {"year": year if year > 0 else year - 1}
    return told if abs(year) > 9999 else told | {"month": month, "day": day}


def write_timesketch(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write one event a line: message, datetime (UTC midnight of a day), timestamp_desc, and our columns.

    The day is the first possible one, or where that is unknown the last; `timestamp_desc` says which.
    """
    del query
    count = 0
    for incident, certain in items:
        start = _start(incident)
        if start is None or not _readable(start):
            continue
        count += 1
        event = {
            "message": incident.title,
            "datetime": f"{dates.iso(start)}T00:00:00+00:00",
            "timestamp_desc": _day_is(incident),
            "key": incident.key,
            "date_edtf": incident.date_edtf,
            "event_type": incident.event_type,
            "place": incident.place.name if incident.place else None,
            "match": "certain" if certain else "possible",
            "speakers": speakers(incident),
            "tag": list(incident.tags),
        }
        out.write(json.dumps(event) + "\n")
    return count


def _day_is(incident: Incident) -> str:
    if incident.date_prec == 1:
        return "day of the incident"
    return "last possible day" if bounds(incident)[0] is None else "first possible day"


def _readable(day: dates.Day) -> bool:
    """Whether Timesketch, which is written in Python, can read a day: one of the years 1 to 9999."""
    return 0 < dates.civil(day)[0] <= 9999


def quirks_timesketch(incident: Incident) -> Iterator[str]:
    """How uncertain a date is, and rows without a day that Timesketch can read."""
    start = _start(incident)
    if start is None:
        yield "no date, left out"
    elif not _readable(start):
        yield "a year before 1 or after 9999, left out"
    elif incident.date_prec != 1:
        yield "uncertain dates given as one day, whole in date_edtf"
    elif _timed(incident):
        yield "times of day, in date_edtf alone"


TIMELINEJS = WrittenFormat(
    "timelinejs",
    "JSON for TimelineJS",
    ".json",
    write_timelinejs,
    quirks_timelinejs,
    claims_and_columns,
    (*_NEITHER, KIND_BESIDE_TYPE, TAGS, PLACES, AFTER_THREE, CHAINS, AROUND_QUOTES),
)
TIMESKETCH = WrittenFormat(
    "timesketch",
    "JSON lines for Timesketch",
    ".jsonl",
    write_timesketch,
    quirks_timesketch,
    claims_and_columns,
    (*_NEITHER, KIND, SUMMARY, ALL_BUT_THE_NAME, QUOTES),
)

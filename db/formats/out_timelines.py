"""Other timelines' forms: TimelineJS (Knight Lab) JSON and Timesketch JSON lines."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import TextIO

from db import dates
from db.formats.writing import Item, WrittenFormat, bounds, date_words, rival_claims, speakers, uncertain_date
from db.model import Incident


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


def lacks_timelinejs(incident: Incident) -> Iterator[str]:
    """Rival claims, how uncertain a date is, and rows without a day to stand at."""
    yield from rival_claims(incident)
    if _start(incident) is None:
        yield "no date, left out"
    else:
        yield from uncertain_date(incident)


def _start(incident: Incident) -> dates.Day | None:
    """The day at which an incident stands: its first possible one, else its last."""
    first, last = bounds(incident)
    return last if first is None else first


def _event(incident: Incident) -> dict[str, object] | None:
    start = _start(incident)
    if start is None:
        return None
    quotes = "".join(f"<blockquote>{html.escape(q.exact)}</blockquote>" for q in incident.quotes[:3])
    said = f"<p>{html.escape(speakers(incident))}</p>" if incident.quotes else ""
    event: dict[str, object] = {
        "unique_id": incident.key,
        "group": incident.event_type or incident.kind,
        "display_date": date_words(incident),
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


def _date(at: dates.Day) -> dict[str, int]:
    year, month, day = dates.civil(at)
    return {"year": year, "month": month, "day": day}


def write_timesketch(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write one event a line: message, datetime (first possible day, UTC midnight), timestamp_desc, and our columns."""
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
            "timestamp_desc": "first possible day" if incident.date_prec != 1 else "day of the incident",
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


def _readable(day: dates.Day) -> bool:
    """Whether Timesketch, which is written in Python, can read a day: one of the years 1 to 9999."""
    return 0 < dates.civil(day)[0] <= 9999


def lacks_timesketch(incident: Incident) -> Iterator[str]:
    """Rival claims, how uncertain a date is, and rows without a day that Timesketch can read."""
    yield from rival_claims(incident)
    start = _start(incident)
    if start is None:
        yield "no date, left out"
    elif not _readable(start):
        yield "a year before 1 or after 9999, left out"
    else:
        yield from uncertain_date(incident)


TIMELINEJS = WrittenFormat("timelinejs", "JSON for TimelineJS", ".json", write_timelinejs, lacks_timelinejs)
TIMESKETCH = WrittenFormat("timesketch", "JSON lines for Timesketch", ".jsonl", write_timesketch, lacks_timesketch)

"""Other timelines' forms: TimelineJS (Knight Lab) JSON and Timesketch JSON lines."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import TextIO

from db.dates import civil, day_of_iso
from db.formats.writing import Item, Losses, WrittenFormat, date_words, note_losses, speakers
from db.model import Incident


def write_timelinejs(items: Iterator[Item], out: TextIO, query: str) -> Losses:
    """Write {"title", "events"}; TimelineJS has no place for undated rows, which are left out and counted."""
    losses = Losses()
    title = {"text": {"headline": "Incidents", "text": html.escape(query)}}
    out.write('{"title": ' + json.dumps(title) + ', "events": [')
    between = "\n"
    for incident, _ in items:
        note_losses(losses, incident)
        if (event := _event(incident)) is not None:
            out.write(between + json.dumps(event))
            between = ",\n"
    out.write("\n]}\n")
    return losses


def _event(incident: Incident) -> dict[str, object] | None:
    start = incident.date_earliest or incident.date_latest
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
    if incident.date_latest is not None and incident.date_latest != start:
        event["end_date"] = _date(incident.date_latest)
    return event


def _date(iso: str) -> dict[str, int]:
    year, month, day = civil(day_of_iso(iso))
    return {"year": year, "month": month, "day": day}


def write_timesketch(items: Iterator[Item], out: TextIO, query: str) -> Losses:
    """Write one event a line: message, datetime (first possible day, UTC midnight), timestamp_desc, and our columns."""
    del query
    losses = Losses()
    for incident, certain in items:
        note_losses(losses, incident)
        start = incident.date_earliest or incident.date_latest
        if start is None:
            continue
        event = {
            "message": incident.title,
            "datetime": f"{start}T00:00:00+00:00",
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
    return losses


TIMELINEJS = WrittenFormat("timelinejs", "JSON for TimelineJS", write_timelinejs)
TIMESKETCH = WrittenFormat("timesketch", "JSON lines for Timesketch", write_timesketch)

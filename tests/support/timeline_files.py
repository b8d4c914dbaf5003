"""Files of other timelines as their programs write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from db.formats.record import Format, Imported, Options
from db.importing import import_file
from db.store import Store


def load(store: Store, folder: Path, form: Format, text: str | bytes, **options: Any) -> Imported:
    path = folder / "case"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_file(store, path, form, Options(**options))


SKETCH_CSV = """message,timestamp,datetime,timestamp_desc,extra_1,tag,_id
A file was made,1331698658276340,2012-03-14T04:17:38.276340+00:00,Creation Time,foo,"['bad', 'seen']",e1
Another,,2015-07-24 19:01:01,Write time,,,e2
By stamp,1331698658276340,,Write time,,"x, y",e3
A day,,2015-07-24,Write time,,,e4
"""


SLIDES: dict[str, Any] = {
    "title": {"text": {"headline": "All of it", "text": ""}},
    "events": [
        {
            "unique_id": "one",
            "start_date": {"year": "2021", "month": "5", "day": "8", "hour": "2", "display_date": "that night"},
            "end_date": {"year": 2021, "month": 5, "day": 9},
            "text": {"headline": "<b>Drone</b> hits &amp; burns", "text": "<p>One.</p><p>Two<br>lines</p>"},
            "media": {"url": "https://example.org/a.jpg", "caption": "The hangar", "credit": "<i>AP</i>"},
            "group": "drone-strike",
            "background": {"color": "#fff"},
        },
        {"start_date": {"year": -44}, "text": {"headline": "Ides"}},
        {"start_date": {"year": "2021", "month": "", "day": "9"}, "text": {"text": "Only text"}},
        {"start_date": {"year": -20000}, "text": {"headline": "Long ago"}},
    ],
    "eras": [{"start_date": {"year": 2014}, "end_date": {"year": 2021}, "text": {"headline": "The coalition"}}],
    "scale": "human",
}


UKRAINE: list[dict[str, Any]] = [
    {
        "id": "CIV0001", "date": "02/24/2022", "time": "", "latitude": "49.85005", "longitude": "36.659031",
        "location": "Chuhuiv", "description": "Apartment block hit.", "category": "shelling", "type": "residential",
        "sources": [
            {"id": "s1", "path": "https://example.org/1", "description": "Block hit by missile"},
            {"id": "s2", "path": "https://example.org/2", "description": ""},
        ],
        "filters": [{"key": "Type of area affected", "value": "Residential"}], "comments": "",
    },
    {"id": "", "date": "02/03/2022", "time": "14:30", "description": "Second", "associations": ["a1", {"id": "a2"}],
     "latitude": "", "longitude": "", "sources": ["S1", "S9"]},
]  # fmt: skip

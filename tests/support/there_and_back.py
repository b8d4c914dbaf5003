"""A row of GED or ACLED that goes into a store, is mended there, and comes out again: what comes back otherwise."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from db import exporting, losses
from db.engine import open_engine
from db.formats.record import Options
from db.formats.registry import named
from db.formats.writing import Losses
from db.importing import import_file
from db.query import parse
from db.store import Store

GED = {
    "id": "7", "relid": "IRQ-2021-1-7", "year": "2021", "active_year": "1", "type_of_violence": "1",
    "conflict_new_id": "259", "conflict_name": "Iraq: Government", "dyad_new_id": "524",
    "dyad_name": "Government of Iraq - IS", "side_a_new_id": "116", "side_a": "Government of Iraq",
    "side_b_new_id": "234", "side_b": "IS", "number_of_sources": "1",
    "source_article": '"Radio X,2021-06-02,Clash in Baghdad"', "source_office": "Radio X", "source_date": "2021-06-02",
    "source_headline": "Clash in Baghdad", "source_original": "police", "where_prec": "1",
    "where_coordinates": "Baghdad", "where_description": "north of Baghdad", "adm_1": "Baghdad", "adm_2": "Rusafa",
    "latitude": "33.3", "longitude": "44.4", "geom_wkt": "POINT (44.400000 33.300000)", "priogrid_gid": "177569",
    "country": "Iraq", "country_id": "645", "region": "Middle East", "event_clarity": "1", "date_prec": "4",
    "date_start": "2021-05-01", "date_end": "2021-05-31", "deaths_a": "1", "deaths_b": "2", "deaths_civilians": "0",
    "deaths_unknown": "0", "best": "3", "high": "4", "low": "1", "gwnoa": "645", "gwnob": "",
}  # fmt: skip


ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "2021-05-01", "year": "2021", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "Army",
    "assoc_actor_1": "Police; Guards", "inter1": "State forces", "actor2": "Rebels", "assoc_actor_2": "",
    "inter2": "Rebel group", "interaction": "State forces-Rebel group", "civilian_targeting": "", "iso": "368",
    "region": "Middle East", "country": "Iraq", "admin1": "Baghdad", "admin2": "Rusafa", "admin3": "", "location": "Baghdad",
    "latitude": "33.3", "longitude": "44.4", "geo_precision": "1", "source": "Radio X", "notes": "A clash.",
    "fatalities": "3",
}  # fmt: skip


ROWS = {"ucdp-ged": GED, "acled": ACLED}


def taken(store: Store, folder: Path, form: str, row: Mapping[str, str]) -> None:
    """Import a row."""
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    done = import_file(store, folder / "in.csv", named(form), Options())
    assert done.added + done.changed == 1


def there_and_back(store: Store, folder: Path, form: str, row: Mapping[str, str], *mends: str) -> dict[str, str]:
    """The columns that come back otherwise than they went: what stands there then."""
    return with_losses(store, folder, form, row, *mends)[0]


def with_losses(
    store: Store, folder: Path, form: str, row: Mapping[str, str], *mends: str
) -> tuple[dict[str, str], Losses]:
    """The same, and what is said to be lost; the count without reading says no other."""
    taken(store, folder, form, row)
    for mend in mends:
        with store.write("mend") as connection:
            for statement in mend.split(";"):
                connection.execute(statement)
    with Store.open(store.path, write=True) as again:  # settles the interval
        what = exporting.shown(open_engine(again).answer(parse("")))
        done = exporting.export(again, what, exporting.named(form), folder / "out.csv")
        counted = losses.count(again.connection, [m.id for m in what.matches], [exporting.named(form)], lambda *_: None)
        assert counted[form] == done.losses
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        (back,) = csv.DictReader(file)
    return {name: back[name] for name, cell in row.items() if name in back and back[name] != cell}, done.losses

"""A CSV in the form of the UCDP Georeferenced Event Dataset (49 columns, as of 2017), with invented events."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from db.days import day_number, iso

COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
    "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
    "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
    "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip
"""Names and order of the codebook's columns."""

_COUNTRIES = ("Iraq", "Afghanistan", "Nigeria", "Somalia", "Syria", "Colombia", "Sudan", "Ukraine", "Mexico", "Yemen")
_OFFICES = ("Reuters News", "Agence France Presse", "Associated Press Newswires", "BBC Monitoring", "Xinhua")
_FIRST, _LAST = day_number(1989, 1, 1), day_number(2024, 12, 31)
_PLACES = 2_000
_SIDES = 300


def write(path: Path, rows: int, seed: int = 5) -> None:
    """Write `rows` events; the same number and seed give the same file."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_row(chance, number) for number in range(1, rows + 1))


def _row(chance: random.Random, number: int) -> list[object]:
    country = chance.choice(_COUNTRIES)
    place, side = chance.randrange(_PLACES), chance.randrange(_SIDES)
    day = chance.randint(_FIRST, _LAST)
    days = chance.choice((0, 0, 0, 0, 1, 6, 29))
    year = iso(day)[:4]
    kind = chance.choice(("1", "1", "1", "2", "3"))
    side_a = f"Government of {country}" if kind == "1" else f"Group {side}"
    side_b = "Civilians" if kind == "3" else f"Front {side + 1}"
    office, told = chance.choice(_OFFICES), iso(min(day + days + chance.randint(0, 3), _LAST))
    headline = f"{chance.randint(2, 40)} reported killed as {side_b.lower()} and {side_a} clash near Town {place}"
    killed = [chance.choice((0, 0, 1, 2, 3, 7)) for _ in range(4)]
    best = sum(killed)
    latitude, longitude = round(place * 0.031 % 60 - 20, 6), round(place * 0.057 % 100, 6)
    return [
        number, f"{country[:3].upper()}-{year}-{kind}-{number}", year, 1, "Clear", kind, side, side + 10_000,
        f"{country}: Government", side, side + 11_000, f"{side_a} - {side_b}", side, side + 12_000, side_a,
        side + 1, side + 12_001, side_b, 1, f'"{office},{told},{headline}"', office, told, headline,
        f"police in Town {place}", chance.randint(1, 5), f"Town {place}", f"Town {place}, on the road to the north",
        f"Province {place % 90}", f"District {place % 400}", latitude, longitude,
        f"POINT ({longitude} {latitude})", 100_000 + place, country, 500 + place % 90, "Region", 1,
        1 if not days else 2 if days < 7 else 4, f"{iso(day)} 00:00:00.000", f"{iso(day + days)} 00:00:00.000",
        *killed, best, best + chance.choice((0, 0, 5)), best, 500 + place % 90, "",
    ]  # fmt: skip

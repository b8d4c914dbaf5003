"""What an import leaves in the store, counted by year, country and type, against a plain count of the file's own cells."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from db.engine import open_engine
from db.formats.record import Options
from db.formats.ucdp_ged import FORMAT, VIOLENCE
from db.importing import import_file
from db.query import parse
from db.store import Store
from tests.support.data_sets import DATA, GED_FILES, rows_of

CODES = {"Iraq": "IQ", "Syria": "SY", "Serbia (Yugoslavia)": "RS", "Yemen (North Yemen)": "YE"}
"""The countries of the excerpts that are not spelt as ISO 3166-1 spells them, and those that are."""


@pytest.mark.parametrize("name", GED_FILES)
def test_counts_by_year_country_and_type_are_those_of_the_file(tmp_path: Path, name: str) -> None:
    rows = rows_of(name)
    with Store.create(tmp_path / "store.db") as store:
        import_file(store, DATA / name, FORMAT, Options())
        counted = store.connection.execute

        years = Counter(int(float(row["year"])) for row in rows)
        assert len(rows) > 8
        assert (
            dict(counted("SELECT CAST(substr(date_earliest, 1, 4) AS INTEGER), count(*) FROM incident GROUP BY 1"))
            == years
        )

        types = Counter(
            VIOLENCE.get(row["type_of_violence"].removesuffix(".0"), row["type_of_violence"].lower()) for row in rows
        )
        assert dict(counted("SELECT event_type, count(*) FROM incident GROUP BY 1")) == types

        countries = Counter(row["country"] for row in rows)
        found = dict(
            counted(
                "SELECT p.country_code, count(*) FROM incident AS i JOIN place AS p ON p.id = i.place_id GROUP BY 1"
            )
        )
        assert sum(found.values()) == len(rows)
        assert {code: found[code] for code in CODES.values() if code in found} == {
            CODES[country]: count for country, count in countries.items() if country in CODES
        }
        assert None not in found
        assert len(found) == len(countries)

        # And by what a user asks: years overlap where a date is not known to the day, so possible ones count too.
        asked = open_engine(store)
        for kind, count in types.items():
            assert asked.answer(parse(f'type:"{kind}"')).totals.certain == count
        for year, count in years.items():
            totals = asked.answer(parse(f"date:{year}")).totals
            assert totals.certain <= count <= totals.certain + totals.possible

"""Names of countries as data sets write them, to ISO 3166-1 codes."""

from __future__ import annotations

import sqlite3

from db.fields import fold

ALIASES: dict[str, str] = {
    # Gleditsch and Ward's names of states as UCDP GED writes them (column `country`), where they differ from ISO's.
    "Bosnia-Herzegovina": "BA",
    "Cambodia (Kampuchea)": "KH",
    "DR Congo (Zaire)": "CD",
    "Ivory Coast": "CI",
    "Kingdom of eSwatini (Swaziland)": "SZ",
    "Macedonia, FYR": "MK",
    "Madagascar (Malagasy)": "MG",
    "Myanmar (Burma)": "MM",
    "Russia (Soviet Union)": "RU",
    "Serbia (Yugoslavia)": "RS",
    "Solomon Islands": "SB",
    "Turkey": "TR",
    "United States of America": "US",
    "Yemen (North Yemen)": "YE",
    "Zimbabwe (Rhodesia)": "ZW",
    "Vietnam (North Vietnam)": "VN",
    "Burkina Faso (Upper Volta)": "BF",
    "Sri Lanka (Ceylon)": "LK",
    "Germany (Prussia)": "DE",
    "Italy (Sardinia)": "IT",
    "Rumania": "RO",
    "Belarus (Byelorussia)": "BY",
    "Kyrgyz Republic": "KG",
    "Surinam": "SR",
    "Bahamas": "BS",
    "Gambia": "GM",
    "Cape Verde": "CV",
    "Swaziland": "SZ",
    "Burma": "MM",
    "East Timor": "TL",
    "Czech Republic": "CZ",
    # ACLED's and GTD's.
    "Democratic Republic of Congo": "CD",
    "Democratic Republic of the Congo": "CD",
    "Republic of Congo": "CG",
    "Republic of the Congo": "CG",
    "Palestine": "PS",
    "West Bank and Gaza Strip": "PS",
    "North Macedonia": "MK",
    "Macedonia": "MK",
    "eSwatini": "SZ",
    "Russia": "RU",
    "United States": "US",
    "Great Britain": "GB",
    "Micronesia": "FM",
    "Akrotiri and Dhekelia": "GB",
    "Vatican City": "VA",
    "Brunei": "BN",
    "Laos": "LA",
    "Syria": "SY",
    "Iran": "IR",
    "South Korea": "KR",
    "North Korea": "KP",
    "Slovak Republic": "SK",
    "St. Kitts and Nevis": "KN",
    "St. Lucia": "LC",
}
"""Name to ISO 3166-1 alpha-2.

A former state that the data set joins to a present one by its name, "Serbia (Yugoslavia)", has the present one's code.
A name that is not here stays without a code; readers keep every name as it is written in `extra`.
"""


class Countries:
    """The store's countries by name, code or known alias."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT code, name FROM country").fetchall()
        self._codes = {fold(name): code for name, code in ALIASES.items()}
        self._codes |= {fold(name): code for code, name in rows}
        self._known = {code for code, _ in rows}
        self._seen: dict[str, str | None] = {}

    def code(self, name: str) -> str | None:
        """ISO 3166-1 alpha-2 of a country's name or code; None when it is not known."""
        if name not in self._seen:
            code = name if name in self._known else self._codes.get(fold(name))
            self._seen[name] = code if code in self._known else None
        return self._seen[name]

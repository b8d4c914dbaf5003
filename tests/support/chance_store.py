"""Small stores and queries made by chance, with all that an engine can get wrong in them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from db import schema
from db.fields import FACET_NAMES, FLAG_NAMES
from db.settle import settle

DATES = (
    "2021-05-08", "2021-05-08", "2021-05-08", "2021-05-09", "2021-05-08T02", "2021-05-08T02:30", "2021-05-08T02:30:00",
    "2021-05-08T14:05Z", "2021-05-08~", "2021-05-08?", "2021-05", "2021-05~", "2021", "202X", "[2021-05-01..2021-05-20]",
    "2021-05-01/2021-05-20", "../2021-05-08", "2021-05-08/..", "2021-05-08/", "/2021-05-08", "2020-02-29", "1914-07-28",
    "0000-01-01", "-0044-03-15", "-0044", "Y-12345", "9999-12-31", "Y12345", "Y123456", "0001-01-01", "not a date",
    "2021-02-30T02", "2021-21", "2021-33", None, None,
)  # fmt: skip
"""What a date column may hold, well formed or not; equal days are frequent."""

HAND_MADE = (None, "2021-05-08", "2021-05-30", "2021-13-01", "+900000000-01-01", "-900000000-12-31", "yesterday")
"""What only a careless program writes to the columns of bounds; a few days need more than 32 bits."""

RAW = ("x'61ff'", "x'610062'", "x'c3'")
"""Bytes as SQL."""

ASKED_DATES = (
    "2021-05-08", "2021-05", "2021", "2021-05-01..2021-05-10", "..2021-05-08", "2021-05-09..", "1914..2020", "0000",
    "-0044", "-0050..0001", "Y12345", "Y-12345", "Y123456..", "9999-12-31..", "..-0044-03-15", "202X", "2021-05-08~",
)  # fmt: skip
WORDS = (
    "drone", "drones", "drohne", "Drone", "rocket", "base", "the", "the", "the", "a", "of", "Ünal", "unal", "état",
    "02:30", "C-RAM", "عراق", "naïve", "x1", "x12", "x123", "fire", "firefight", "K", "ß", "ﬁre",
)  # fmt: skip
TYPES = ("drone-strike", "rocket-fire", "Rocket Fire", "a,b", 'say "x"', "", "ünï", None)
NAMES = ("Alpha", "Beta", "Beta", "Gamma Front", "gamma-front", "Delta's", "Ünal Army", "*", "Alpha Army", "الحشد")
ROLES = ("attacker", "target", "host", "claimant", "denier", "defender", "affected")
OUTCOMES = ("hit", "intercepted", "missed", "unknown", None)
FIELDS = ("date", "place", "weapon", "attacker", "killed", "damage", "outcome:s1", "count:s2")
NUMBERS = (None, None, 0, 0, 1, 2, 3, 5, 9, 40_000, 3_000_000_000)
WHERE_PREC = (None, 1, 2, 3, 4, 6)

_TEMPLATE: dict[str, bytes] = {}


def empty_store(path: Path) -> None:
    """A new, empty store at `path`, quicker than by the migrations each time."""
    if "store" not in _TEMPLATE:
        made = path.with_suffix(".template")
        schema.create(made)
        with closing(sqlite3.connect(made)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        _TEMPLATE["store"] = made.read_bytes()
    path.write_bytes(_TEMPLATE["store"])


def copy_store(source: Path, target: Path) -> None:
    """A copy of a store that nobody is writing to."""
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(source, target)


class ChanceStore:
    """Fills a store and goes on to change it; the same seed makes the same store and the same queries."""

    def __init__(self, path: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.path = path
        empty_store(path)
        self.connection = sqlite3.connect(path, isolation_level=None)
        # Some stores have been written to by a program that keeps no foreign keys, so rows can point nowhere.
        self.careless = self.random.random() < 0.2
        self.connection.execute(f"PRAGMA foreign_keys = {'OFF' if self.careless else 'ON'}")
        self.base = self.random.choice([1, 1, 1, 1, 1_000, 2**31, 2**40, -20])
        self.stride = self.random.choice([1, 1, 3, 100_000])
        self.tried = 0
        self.connection.execute("BEGIN")
        self._names()
        for _ in range(self.random.choice([0, 1, 2, 5, 20, 40, 60])):
            self.add_incident()
        if self.careless:
            nowhere = (
                "INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (999999, 1, 'host'), (?, 888, 'host')"
            )
            self.execute(nowhere, self.base + self.stride)
        if self.random.random() < 0.7:
            settle(self.connection, strict=False)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def pick(self, values: Sequence[object]) -> object:
        """One of them."""
        return self.random.choice(values)

    def ids(self, table: str) -> list[int]:
        """The ids of a table."""
        return [row[0] for row in self.connection.execute(f"SELECT id FROM {table} ORDER BY id")]

    def text(self) -> str:
        """A few words."""
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 6)))

    def key(self, prefix: str) -> str:
        """A key that no other row has."""
        self.tried += 1
        return f"{prefix}{self.tried}"

    def _names(self) -> None:
        chance = self.random
        for _ in range(chance.randint(0, 8)):
            self.add_actor()
        for actor in self.ids("actor"):
            if chance.random() < 0.4:
                self.execute(
                    "INSERT OR IGNORE INTO actor_alias (actor_id, alias) VALUES (?, ?)", actor, self.pick(NAMES)
                )
        for _ in range(chance.randint(0, 8)):
            self.add_place()
        for _ in range(chance.randint(0, 6)):
            self.execute(
                "INSERT INTO system (key, name, class, part_of) VALUES (?, ?, 'uas', ?)",
                self.key("s"), self.pick(NAMES), self.pick([None, *self.ids("system")]),
            )  # fmt: skip
        places = self.ids("place")
        if len(places) > 2 and chance.random() < 0.3:
            self.execute("UPDATE place SET part_of = ? WHERE id = ?", places[-1], places[0])  # a circle
        for _ in range(chance.randint(0, 5)):
            self.add_document()
        for name in chance.sample(NAMES[2:], chance.randint(0, 4)):
            self.execute("INSERT OR IGNORE INTO tag (name) VALUES (?)", name)

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement; the id of the row it inserted, 0 for none."""
        cursor = self.connection.execute(sql, values)
        return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else 0

    def add_actor(self) -> None:
        """A new actor, often of a name that there is already."""
        self.execute("INSERT INTO actor (key, name) VALUES (?, ?)", self.key("a"), self.pick(NAMES))

    def add_place(self) -> None:
        """A new place, with a point or without."""
        chance = self.random
        known = chance.random() < 0.8
        self.execute(
            "INSERT INTO place (key, name, kind, country_code, latitude, longitude, where_prec, radius_m, part_of)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.key("p"), self.pick(NAMES), self.pick([None, "town", "province", "country"]),
            self.pick([None, "IQ", "IQ", "SY", "US"]),
            chance.choice([33.3, 33.4, -33.3, 90.0, chance.uniform(-90, 90)]) if known else None,
            chance.choice([44.4, 44.5, -135.6, 180.0, chance.uniform(-180, 180)]) if known else None,
            self.pick(WHERE_PREC), self.pick([None, None, 500, 60_000]), self.pick([None, *self.ids("place")]),
        )  # fmt: skip

    def add_document(self) -> None:
        """A new document, with its text or without."""
        self.execute(
            "INSERT INTO document (key, title, publisher, published_edtf, reliability, text) VALUES (?, ?, ?, ?, ?, ?)",
            self.key("d"), self.pick([None, "A report", "A report", "Alpha"]), self.pick([None, "Alpha", "The Post"]),
            self.pick([None, "2021-05-10", "2021", "1999-01-01", "?"]), self.pick([None, "A", "B", "F"]),
            self.pick([None, "drone rocket base the fire"]),
        )  # fmt: skip

    def add_incident(self) -> None:
        """A new incident with all that hangs on it."""
        chance = self.random
        self.tried += 1
        values: dict[str, object] = {
            "id": self.base + self.tried * self.stride,
            "key": f"i{self.tried}",
            "title": self.text(),
            "summary": self.pick([None, self.text()]),
            "kind": chance.choices(("incident", "aggregate", "context"), (8, 1, 1))[0],
            "event_type": self.pick(TYPES),
            "date_edtf": self.pick(DATES),
            "place_id": self.pick([None, *self.ids("place")]) if not self.careless else self.pick([None, 1, 2, 777]),
            "grade": self.pick([None, "confirmed", "weak"]),
            "credibility": self.pick([None, 1, 2, 6]),
            "status": self.pick(["draft", "reviewed"]),
        }
        for name in ("killed", "injured"):
            for part in ("low", "best", "high"):
                values[f"{name}_{part}"] = self.pick(NUMBERS)
        if chance.random() < 0.07:  # a hand-made row: an interval that follows from nothing
            values |= {"date_earliest": self.pick(HAND_MADE), "date_latest": self.pick(HAND_MADE)}
            values["date_prec"] = self.pick([None, 1, 5])
        incident_id = self.execute(
            f"INSERT INTO incident ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", *values.values()
        )
        if chance.random() < 0.05:  # text that is not UTF-8, or has a zero in it
            self.execute(f"UPDATE incident SET event_type = CAST({self.pick(RAW)} AS TEXT) WHERE id = ?", incident_id)
        for _ in range(chance.choice([0, 0, 1, 2, 3, 8])):
            self.add_hanging(incident_id)

    def add_hanging(self, incident_id: int) -> None:
        """Something new that hangs on an incident; nothing when it is there already or has nothing to point at."""
        chance = self.random
        actor, system, document, tag = (
            chance.choice(ids) if (ids := self.ids(table)) else None for table in ("actor", "system", "document", "tag")
        )
        kind = chance.choice(["actor", "actor", "actor", "system", "system", "quote", "quote", "claim", "desk"])
        if kind == "actor" and actor is not None:
            self.execute(
                "INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                incident_id, actor, self.pick(ROLES),
            )  # fmt: skip
        elif kind == "system" and system is not None:
            self.execute(
                "INSERT INTO incident_system (incident_id, system_id, role, outcome) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                incident_id, system, self.pick(["munition", "platform", "air_defence", "ew"]), self.pick(OUTCOMES),
            )  # fmt: skip
        elif kind == "quote" and document is not None:
            exact, start = chance.choice([("drone", 0), ("drone", 1), ("rocket", 6), (self.text(), None)])
            quote = self.execute(
                'INSERT INTO quote (incident_id, document_id, "start", "end", exact, translation)'
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                incident_id, document, start, None if start is None else start + len(exact), exact,
                self.pick([None, None, self.text()]),
            )  # fmt: skip
            for step in range(1, chance.choice([1, 1, 2, 3])):
                if actor is not None and quote:
                    speaker = self.pick(self.ids("actor"))
                    self.execute(
                        "INSERT INTO attribution (quote_id, step, actor_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                        quote, step, speaker,
                    )  # fmt: skip
        elif kind == "claim":
            field = chance.choice(FIELDS)
            for _ in range(chance.choice([1, 2, 2])):
                self.execute(
                    "INSERT INTO claim (incident_id, field, value, polarity, rank) VALUES (?, ?, ?, ?, ?)",
                    incident_id, field, self.pick(["2021-05-08", "2021", "1", "7", "p1", "p2", "s1", None]),
                    self.pick(["asserts", "asserts", "denies", "declines"]), self.pick(["normal", "deprecated"]),
                )  # fmt: skip
        elif kind == "desk":
            self.execute("INSERT INTO star (incident_id, at) VALUES (?, '') ON CONFLICT DO NOTHING", incident_id)
            self.execute("INSERT INTO note (incident_id, text, at) VALUES (?, 'x', '')", incident_id)
            if tag is not None:
                self.execute(
                    "INSERT INTO incident_tag (incident_id, tag_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    incident_id,
                    tag,
                )

    def change(self) -> None:
        """Change something, as any program that keeps to the schema may."""
        chance = self.random
        incidents = self.ids("incident")
        self.connection.execute("BEGIN")
        for _ in range(chance.choice([1, 1, 2, 10])):
            what = chance.random()
            if what < 0.3 or not incidents:
                self.add_incident()
                continue
            incident_id = chance.choice(incidents)
            if what < 0.4:
                self.execute("DELETE FROM incident WHERE id = ?", incident_id)
                incidents.remove(incident_id)
            elif what < 0.5:
                self.execute("UPDATE incident SET date_edtf = ? WHERE id = ?", self.pick(DATES), incident_id)
            elif what < 0.6:
                self.execute(
                    "UPDATE incident SET event_type = ?, place_id = ?, kind = ?, title = ?, killed_best = ? WHERE id = ?",
                    self.pick(TYPES), self.pick([None, *self.ids("place")]), self.pick(["incident", "context"]),
                    self.text(), self.pick(NUMBERS), incident_id,
                )  # fmt: skip
            elif what < 0.75:
                self.add_hanging(incident_id)
            elif what < 0.9:
                table = chance.choice(["incident_actor", "incident_system", "quote", "claim", "star", "incident_tag"])
                self.execute(f"DELETE FROM {table} WHERE incident_id = ?", incident_id)
            elif what < 0.97:
                self.add_actor()
                self.add_place()
                self.add_document()
            elif actors := self.ids("actor"):
                self.execute("UPDATE actor SET name = ? WHERE id = ?", self.pick(NAMES), chance.choice(actors))
        if chance.random() < 0.5:
            settle(self.connection, strict=False)
        self.connection.execute("COMMIT")


class ChanceQuery:
    """Query texts over the whole language, about what a store may have."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance

    def text(self) -> str:
        """A query that parses."""
        chance = self.random
        terms = [self.term(2) for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3]))]
        if chance.random() < 0.2:
            terms.append(f"certain:{chance.choice(['date', 'place', 'date,place'])}")
        if chance.random() < 0.1 and len(terms) > 1 and not any(term.startswith("certain") for term in terms):
            return " OR ".join(terms)
        return " ".join(terms)

    def term(self, depth: int) -> str:
        """A term, perhaps negated, perhaps a group."""
        chance = self.random
        minus = "-" if chance.random() < 0.25 else ""
        if depth and chance.random() < 0.2:
            joint = chance.choice([" ", " OR "])
            return f"{minus}({joint.join(self.term(depth - 1) for _ in range(chance.randint(1, 3)))})"
        kind = chance.choice(["facet", "facet", "facet", "date", "date", "number", "flag", "near", "word", "word"])
        made: str = getattr(self, kind)()
        return minus + made

    def facet(self) -> str:
        """A facet and some values of it or near it."""
        chance = self.random
        name = chance.choice(FACET_NAMES)
        values = {
            "type": ["drone-strike", "rocket fire", "ünï", 'say \\"x\\"'], "country": ["IQ", "iraq", "Syria", "DE"],
            "outcome": ["hit", "missed"], "grade": ["weak", "fair"], "status": ["draft"],
            "kind": ["context", "incident", "aggregate"], "credibility": ["1", "2"], "reliability": ["A", "F"],
            "disputed": ["date", "killed", "outcome"], "document": ["A report", "d9", "Alpha"],
            "publisher": ["The Post", "alpha"],
        }.get(name, [*NAMES, "a1", "a2", "p3", "s4", "nobody"])  # fmt: skip
        asked = []
        for _ in range(chance.choice([1, 1, 2, 6])):
            value = chance.choice(values)
            bare = chance.random() < 0.3 and value.isascii() and value.isalnum()
            asked.append(
                chance.choice([f"{value[:2]}*", f"*{value[-2:]}", f"*{value[1:2]}*"]) if bare else f'"{value}"'
            )
        return f"{name}:{','.join(asked)}"

    def date(self) -> str:
        """A date or a range."""
        name = self.random.choice(["date", "date", "after", "before"])
        asked = self.random.choice([d for d in ASKED_DATES if name == "date" or ".." not in d])
        return f'{name}:"{asked}"'

    def number(self) -> str:
        """A number, a range, or unknown."""
        name = self.random.choice(["killed", "injured", "quotes", "roots"])
        asked = [
            "0",
            ">0",
            ">=2",
            "<3",
            "1..5",
            "..5",
            "3..",
            "unknown",
            "40000",
            ">39999",
            "<=3000000000",
            ">999999999999",
        ]
        return f"{name}:{self.random.choice(asked)}"

    def flag(self) -> str:
        """A flag."""
        return f"is:{self.random.choice(FLAG_NAMES)}"

    def near(self) -> str:
        """A place or a point, and a distance."""
        where = self.random.choice(
            ["33.3,44.4", "-33.3,-135.6", "90,0", "0,180", *(f'"{name}"' for name in (*NAMES, "p2"))]
        )
        return f"near:{where}/{self.random.choice(['1m', '500m', '20km', '70km', '1000km', '20015km', '20037km'])}"

    def word(self) -> str:
        """A word, a beginning or a phrase."""
        chance = self.random
        words = chance.choices(WORDS, k=chance.choice([1, 1, 1, 2]))
        if len(words) == 1 and chance.random() < 0.5:
            return f'"{words[0][: chance.randint(1, 4)]}"*'
        return f'"{" ".join(words)}"{chance.choice(["", "*"])}'

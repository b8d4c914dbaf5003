"""Forty incidents that are hard to answer for: dates at every edge, unknowns, shared names, circles, many scripts."""

from __future__ import annotations

import sqlite3
from itertools import cycle

DATES = (
    "2021-05-08T02", "2021-05-08T02:30", "2021-05-08T02:30:15Z", "2021-05-08T23:59", "2021-05-08", "2021-05-08",
    "2021-05-08/2021-05-09", "[2021-05-08..2021-05-09]", "../2021-05-08", "[..2021-05-08]", "2021-05-08/..", "../..",
    "2021-05", "2021-05~", "2021-04-15~", "2021-04-15?", "2021-04-XX", "2021", "2021~", "2021-24", "2021-21", "202X",
    "{2021-04-01,2021-04-30}", "2020-02-29", "2020-02-28/2020-03-01", "1999-12-31/2000-01-01", "1984?", "-0044-03-15",
    "0000", "Y12345", "9999-12-31", "never", None, None, "2021-04-12", "2021-04-16", "2021-04-12/2021-04-16",
    "2021-04-11/2021-04-17", "2021-04-17", "2021-04-11",
)  # fmt: skip
"""EDTF of each incident in order; "never" is none, and two have no date at all."""

ESTIMATES = (
    (None, None, None), (0, 0, 0), (None, 0, None), (3, 5, 8), (3, None, 8), (3, None, None), (None, None, 3),
    (None, None, 0), (5, 4, 3), (0, None, 200), (None, 7, None), (1, 1, 1),
)  # fmt: skip
"""Low, best and high of killed; injured has them in another order."""

TITLES = (
    "Über Nacht: Drohne trifft Fliegerhorst", "Cafe\u0301 in der Altstadt beschossen", "قصف مطار أربيل بالصواريخ",
    "無人機が基地を攻撃", "Ракеты упали у Ёлкино", "ΟΔΟΣ ΑΘΗΝΩΝ κλειστή", "Drone 🚁 over k_1 air-base", "Half ½ m² burnt",
    "Ngày tệ nhất ở Huế", "OR AND NOT near: drone", 'The "Falcons" \\ strike (again)', "drone drone DRONE drones droned",
)  # fmt: skip

_NAMES = """
    INSERT INTO place (key, name, kind, country_code, latitude, longitude, where_prec, radius_m) VALUES
        ('springfield-us', 'Springfield', 'town', 'US', 39.8, -89.64, 1, NULL),
        ('springfield-za', 'Springfield', 'town', 'ZA', -29.8, 30.9, 2, NULL),
        ('ring-a', 'Ring A', 'site', NULL, 10, 179.9, 3, NULL), ('ring-b', 'Ring B', 'site', NULL, 10, -179.9, 4, NULL),
        ('pole', 'Pole', 'site', NULL, 90, 12, NULL, NULL), ('nowhere', 'Nowhere', 'site', 'FR', NULL, NULL, NULL, 50),
        ('gulf', 'The Gulf', 'sea', NULL, 26.5, 52, 7, NULL), ('liège', 'Liège–Guillemins', 'site', 'BE', 50.6, 5.5, 5, 700),
        ('quay', 'Quay', NULL, 'US', 39.8, -89.64, 6, NULL);
    UPDATE place SET part_of = (SELECT id FROM place WHERE key = 'ring-b') WHERE key = 'ring-a';
    UPDATE place SET part_of = (SELECT id FROM place WHERE key = 'ring-a') WHERE key IN ('ring-b', 'pole');
    UPDATE place SET part_of = (SELECT id FROM place WHERE key = 'springfield-us') WHERE key = 'quay';
    INSERT INTO actor (key, name) VALUES
        ('wolves-north', 'Wolves'), ('wolves-south', 'Wolves'), ('falcons', 'The "Falcons" \\ Unit'),
        ('seventh', '-7th Brigade'), ('shabab', 'Šabāb al-Ǧabal'), ('comma', 'Smith, Jones (and others)'), ('bang', '!!!');
    INSERT INTO actor_alias (actor_id, alias)
        SELECT id, 'The Pack' FROM actor WHERE key LIKE 'wolves%' OR key = 'seventh' UNION ALL
        SELECT id, 'Youth of the Mountain' FROM actor WHERE key = 'shabab' UNION ALL
        SELECT id, 'US' FROM actor WHERE key = 'falcons';
    INSERT INTO system (key, name, class) VALUES ('loop-a', 'Loop A', 'ew'), ('loop-b', 'Loop B', 'ew');
    UPDATE system SET part_of = (SELECT s.id FROM system AS s WHERE s.key = 'loop-b') WHERE key = 'loop-a';
    UPDATE system SET part_of = (SELECT s.id FROM system AS s WHERE s.key = 'loop-a') WHERE key = 'loop-b';
    INSERT INTO document (key, title, publisher, published_edtf, reliability, text) VALUES
        ('wire-1', 'Morning wire', 'Agence Générale', '2021-05-10', 'A', 'Early. A drone — über alles — fell. Late.'),
        ('wire-2', 'Morning wire', NULL, NULL, 'B', NULL), ('wire-3', NULL, NULL, NULL, 'F', 'Nothing of the kind.'),
        ('wire-4', 'Evening wire', 'agence generale', NULL, NULL, NULL);
    INSERT INTO tag (name) VALUES ('needs review'), ('Ärger'), ('x');
"""


def add(connection: sqlite3.Connection) -> None:
    """Add them to a store that has the bundled incidents; their dates are left unsettled, as plain SQL leaves them."""
    connection.executescript(_NAMES)

    def ids(table: str) -> list[int]:
        return [row[0] for row in connection.execute(f"SELECT id FROM {table} ORDER BY id")]

    places, actors, systems = ids("place"), ids("actor"), ids("system")
    documents = [row[0] for row in connection.execute("SELECT id FROM document WHERE key LIKE 'wire-%' ORDER BY key")]
    grades = cycle([None, "confirmed", "fair", "weak", "contested", "discounted"])
    roles = cycle(["attacker", "target", "claimant", "host", "denier", "defender", "affected"])
    outcomes = cycle([None, "hit", "intercepted", "missed", "unknown"])
    titles = cycle(TITLES)
    for n, edtf in enumerate(DATES):
        killed, injured = ESTIMATES[n % len(ESTIMATES)], ESTIMATES[(n * 5 + 2) % len(ESTIMATES)]
        own = connection.execute(
            "INSERT INTO incident (key, kind, title, summary, event_type, date_edtf, place_id, killed_low, killed_best,"
            " killed_high, injured_low, injured_best, injured_high, grade, credibility, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                f"hard-{n:02d}", ["incident", "incident", "aggregate", "context"][n % 4], next(titles),
                None if n % 3 else f"Summary {n} of what fell", [None, "drone-strike", "Rocket fire", "été_noir"][n % 4],
                edtf, None if n % 6 == 5 else places[-1 - n % 12], *killed, *injured, next(grades),
                None if n % 4 == 0 else n % 6 + 1, ["draft", "reviewed"][n % 2],
            ),
        ).lastrowid  # fmt: skip
        many = 14 if n % 9 == 0 else n % 4
        connection.executemany(
            "INSERT INTO incident_actor (incident_id, actor_id, role, attribution) VALUES (?, ?, ?, 'suspected')",
            [(own, actors[-1 - (n + i) % len(actors)], next(roles)) for i in range(many)],
        )
        connection.executemany(
            "INSERT INTO incident_system (incident_id, system_id, role, outcome) VALUES (?, ?, ?, ?)",
            [
                (own, systems[-1 - (n + i) % len(systems)], ["munition", "platform", "air_defence", "ew"][(n + i) % 4], next(outcomes))
                for i in range(n % 3)
            ],
        )  # fmt: skip
        for i in range(n % 4):
            exact, document, start, translation = f"Zeuge {i}: “Es fiel vom Himmel”", documents[(n + i) % 4], None, None
            if n % 8 == 3 and i == 0:
                exact, document, start = "A drone — über alles — fell", documents[0], 7
            elif n % 8 == 5:
                document, start = documents[0 if n % 16 == 5 else 2], 3  # where the text has other words
            elif i:
                translation = "It fell from the sky"
            quote = connection.execute(
                'INSERT INTO quote (incident_id, document_id, "start", "end", exact, translation) VALUES (?, ?, ?, ?, ?, ?)',
                (own, document, start, None if start is None else start + len(exact), exact, translation),
            ).lastrowid
            chain = [actors[(n * 3 + i + step) % len(actors)] for step in range((n + i) % 3)]
            if chain and n % 4 == 3:
                chain.append(actors[n])  # one root behind several speakers
            connection.executemany(
                "INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (?, ?, ?, 'said')",
                [(quote, step, actor) for step, actor in enumerate(chain, 1)],
            )
        connection.executemany(
            "INSERT INTO claim (incident_id, field, value, polarity, rank) VALUES (?, ?, ?, ?, ?)",
            [
                (own, ["date", "killed", "weapon"][n % 3], ["2021-05-08", "3", "drone"][n % 3], "asserts", "normal"),
                (own, ["date", "killed", "weapon"][n % 3], ["2021-05-09", "3", "loop-a"][n % 3], "asserts",
                 "deprecated" if n % 5 == 0 else "normal"),
            ],
        )  # fmt: skip
    connection.executescript("""
        INSERT INTO star (incident_id, at) SELECT id, '2024-01-01' FROM incident WHERE id % 5 = 0;
        INSERT INTO note (incident_id, text, at) SELECT id, 'look again', '2024-01-01' FROM incident WHERE id % 7 = 0;
        INSERT INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t WHERE (i.id + t.id) % 6 = 0;
    """)

"""A store of five incidents and three documents, one with a text of our own: quotes nest, overlap, moved and are gone."""

from __future__ import annotations

from pathlib import Path

from db.store import Store

TEXT = (
    "HARBOUR TOWN — Two drones struck the fuel depot in the old harbour early on Tuesday, the harbour master said.\r\n"
    "\r\n"
    "“Nobody was hurt, and the fire was out within the hour,” he told Radio Sol. A spokesman of the navy, however, spoke"
    " of one drone, which had been shot down by the Lantern battery before it reached the pier.\r\n"
    "\r\n"
    "It was the third attack on the town this year. In March a rocket had landed in the salt marsh; nobody claimed it.\r\n"
    "\r\n"
    + "\r\n\r\n".join(
        f"Paragraph {number} of the report tells at length what the town has been through: the ferries stopped, the"
        " market closed, and the school on the hill sent the children home before noon."
        for number in range(1, 13)
    )
    + "\r\n\r\nThe navy closed the channel on Wednesday. 無人機の攻撃は今年三回目である。\tA tab, a mark (e\u0301), and the end.\r\n"
)
"""Six lines of news and a long tail; written for the tests."""

BEFORE = "Two drones struck the fuel depot"
NESTED = "the fuel depot in the old harbour"
MOVED = "nobody claimed it"
GONE = "Three boats sank"
LATE = "The navy closed the channel on Wednesday"

_INCIDENTS = [
    (1, "depot", "incident", "Two drones strike the fuel depot", "drone-strike", "2021-05-04"),
    (2, "pier", "incident", "Lantern battery fires over the pier", "interception", "2021-05-04"),
    (3, "marsh", "incident", "Rocket lands in the salt marsh", "rocket-fire", "2021-03"),
    (4, "year", "aggregate", "Three attacks on the town this year", None, "2021"),
    (5, "channel", "incident", "Navy closes the channel", None, "2021-05-05"),
]


def make(path: Path) -> Path:
    """Make the store at `path`: a copy of the first that was made."""
    if not _made:
        _make(path)
        _made.append(path.read_bytes())
    path.write_bytes(_made[0])
    return path


_made: list[bytes] = []


def _make(path: Path) -> None:
    quotes = [
        (1, 1, TEXT.index(BEFORE), BEFORE),
        (2, 2, TEXT.index(NESTED), NESTED),  # overlaps the one before
        (3, 1, TEXT.index("fuel depot"), "fuel depot"),  # nested in both
        (4, 1, TEXT.index("Nobody was hurt"), "Nobody was hurt, and the fire was out within the hour"),
        (5, 2, TEXT.index("one drone"), "one drone, which had been shot down by the Lantern battery"),
        (6, 4, TEXT.index("It was the third"), "It was the third attack on the town this year"),
        (7, 3, 12, MOVED),
        (8, 3, 500, GONE),
        (9, 5, TEXT.index(LATE), LATE),
    ]
    with Store.create(path) as store, store.write("a story for the tests") as connection:
        connection.executemany(
            "INSERT INTO document (id, key, title, publisher, published_edtf, text, text_length)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (1, "sol", "Drones over the harbour", "Radio Sol", "2021-05-05", TEXT, len(TEXT)),
                (2, "luna", "One drone down", "Luna Post", "2021-05-06", None, 2400),
                (3, "wire", "Depot attacked", None, None, None, None),
            ],
        )
        connection.executemany(
            "INSERT INTO actor (id, key, name) VALUES (?, ?, ?)",
            [(1, "master", "The harbour master"), (2, "navy", "Navy spokesman")],
        )
        connection.executemany(
            "INSERT INTO system (key, name) VALUES (?, ?)", [("drone", "Drone"), ("rocket", "Rocket")]
        )
        connection.executemany(
            "INSERT INTO incident (id, key, kind, title, event_type, date_edtf) VALUES (?, ?, ?, ?, ?, ?)", _INCIDENTS
        )
        connection.executemany(
            'INSERT INTO quote (id, incident_id, document_id, "start", "end", exact) VALUES (?, ?, 1, ?, ?, ?)',
            [(number, incident, start, start + len(words), words) for number, incident, start, words in quotes],
        )
        connection.executemany(
            'INSERT INTO quote (id, incident_id, document_id, "start", "end", exact, prefix, suffix)'
            " VALUES (?, ?, 2, ?, ?, ?, ?, ?)",
            [
                (10, 1, 1204, 1230, "a rocket set fire to tanks", "Witnesses said ", " at dawn."),
                (11, 2, 1300, 1320, "the battery fired it", None, None),
                (12, 1, None, None, "two people were hurt", None, None),
            ],
        )
        connection.execute(
            "INSERT INTO quote (id, incident_id, document_id, exact) VALUES (13, 1, 3, 'the depot was attacked')"
        )
        connection.executemany(
            "INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (?, 1, ?, 'said')",
            [(1, 1), (4, 1), (5, 2)],
        )
        connection.executemany(
            "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (?, ?, ?, ?)",
            [(1, 1, "weapon", "drone"), (1, 10, "weapon", "rocket"), (1, 4, "injured", "0"), (1, 12, "injured", "2")],
        )

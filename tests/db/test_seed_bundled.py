"""The bundled incidents: complete, consistent with themselves, and letter for letter what the articles say."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest

from db import dates, schema
from db.disputes import disputed_incidents
from db.log import TABLES
from db.store import Store
from seed.load import bundled, load

FURNITURE = ("cnxps", "window.location", "console.log")
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the bundled incidents, made once and only read."""
    path = tmp_path_factory.mktemp("bundled") / "incidents.db"
    with Store.create(path) as store:
        load(store, bundled())
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with Store.open(path) as store:
        yield store.connection


def dump(connection: sqlite3.Connection) -> Rows:
    """Every row of every table, full text and log included."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
    ]
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def one(connection: sqlite3.Connection, sql: str, *values: object) -> object:
    return connection.execute(sql, values).fetchone()[0]


def test_there_are_enough_incidents_and_quotes(connection: sqlite3.Connection) -> None:
    assert one(connection, "SELECT count(*) FROM incident") == 45
    assert one(connection, "SELECT count(*) FROM incident WHERE kind = 'incident'") == 20
    assert int(str(one(connection, "SELECT count(*) FROM quote"))) >= 45
    assert one(connection, "SELECT count(*) FROM incident WHERE id NOT IN (SELECT incident_id FROM quote)") == 0
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_loading_again_changes_nothing_at_all(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / "again.db"
    copy.write_bytes(path.read_bytes())
    with Store.open(copy, write=True) as store:
        before = dump(store.connection)
        loaded = load(store, bundled())
        assert dump(store.connection) == before
    assert loaded.rows_changed == 0
    assert (loaded.incidents_before, loaded.incidents_after) == (45, 45)
    assert len(before["log"]) == 1


def test_loading_again_keeps_what_an_analyst_has_changed(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / "edited.db"
    copy.write_bytes(path.read_bytes())
    with Store.open(copy, write=True) as store:
        with store.write("edit") as connection:
            connection.execute(
                "UPDATE incident SET title = 'Mine', grade = 'contested' WHERE key = 'erbil-drone-2021-04'"
            )
            connection.execute("UPDATE place SET part_of = 1 WHERE key = 'balad'")
            connection.execute("UPDATE claim SET rank = 'deprecated' WHERE field = 'weapon'")
            # A quote that `attach` found elsewhere in another copy of the text stays one quote.
            connection.execute('UPDATE quote SET "start" = "start" + 7, "end" = "end" + 7')
        before = dump(store.connection)
        load(store, bundled())
        assert dump(store.connection) == before


def test_plain_sqlite3_fills_the_same_rows(tmp_path: Path, path: Path) -> None:
    plain = tmp_path / "plain.db"
    plain.touch()
    schema.create(plain)
    with closing(sqlite3.connect(plain)) as connection:
        for file in bundled():
            connection.executescript(file.read_text(encoding="utf-8"))
    with Store.open(plain, write=True) as store, Store.open(path) as loaded:
        for table in TABLES:
            rows = [s.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for s in (store, loaded)]
            assert rows[0] == rows[1], table


def test_documents_carry_hash_and_length_but_no_text(connection: sqlite3.Connection) -> None:
    rows = connection.execute("SELECT publisher, text, length(text_sha256), text_length FROM document").fetchall()
    assert rows == [("The Jerusalem Post", None, 64, 4364), ("The Jerusalem Post", None, 64, 2918)]


def test_quotes_are_as_long_as_they_say_and_hold_no_page_furniture(connection: sqlite3.Connection) -> None:
    for start, end, exact, prefix, suffix, length in connection.execute(
        'SELECT q."start", q."end", exact, prefix, suffix, text_length FROM quote AS q'
        " JOIN document AS d ON d.id = document_id"
    ):
        assert end - start == len(exact)
        assert end + len(suffix or "") <= length
        for words in (exact, prefix or "", suffix or ""):
            assert not any(mark in words for mark in FURNITURE)
            assert "\n" not in words
            assert words == "" or 1 <= len(words) <= 160


def test_quotes_that_overlap_agree_on_every_letter(connection: sqlite3.Connection) -> None:
    letters: dict[tuple[int, int], str] = {}
    for document, start, *parts in connection.execute(
        "SELECT document_id, \"start\", coalesce(prefix, ''), exact, coalesce(suffix, '') FROM quote"
    ):
        for position, letter in enumerate("".join(parts), start - len(parts[0])):
            assert letters.setdefault((document, position), letter) == letter
    assert min(position for _, position in letters) >= 0


def test_the_quotes_together_are_not_the_articles(connection: sqlite3.Connection) -> None:
    """Prefixes and suffixes count as well, since the source reader shows them; so does what a reader can join up."""
    for document, length in connection.execute("SELECT id, text_length FROM document").fetchall():
        held: set[int] = set()
        for start, end, before, after in connection.execute(
            "SELECT \"start\", \"end\", length(coalesce(prefix, '')), length(coalesce(suffix, '')) FROM quote WHERE document_id = ?",
            (document,),
        ):
            held.update(range(start - before, end + after))
        assert len(held) < length / 2
        assert max(len(list(run)) for quoted, run in groupby(range(length), held.__contains__) if quoted) <= 160


def test_chains_are_numbered_from_one_and_end_at_the_root(connection: sqlite3.Connection) -> None:
    assert (
        connection.execute(
            "SELECT quote_id FROM attribution GROUP BY quote_id HAVING max(step) <> count(*) OR min(step) <> 1"
        ).fetchall()
        == []
    )
    chains = {
        tuple(chain.split(" > "))
        for (chain,) in connection.execute(
            "SELECT group_concat(name, ' > ') FROM (SELECT quote_id, a.name FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id"
            " ORDER BY quote_id, step) GROUP BY quote_id"
        )
    }
    assert {
        ("US-led Coalition",),
        ("Col. Wayne Marotto",),
        ("Press TV",),
        ("Security Media Cell",),
        ("Press TV", "Sabereen News"),
        ("Press TV", "Iraqi security force (not named)"),
        ("Press TV", "al-Maalomah", "Badr al-Ziyadi"),
        ("Press TV", "Two Fatah Alliance lawmakers"),
    } <= chains


def test_exactly_these_fields_are_disputed(connection: sqlite3.Connection) -> None:
    keys = dict(connection.execute("SELECT id, key FROM incident"))
    disputed = {keys[i]: fields for i, fields in disputed_incidents(connection).items()}
    assert disputed == {"asad-drone-2021-05-08": ("weapon",), "victory-drones-2021-06-21": ("date",)}


def test_erbil_is_one_incident_in_two_documents(connection: sqlite3.Connection) -> None:
    rows = connection.execute(
        "SELECT DISTINCT i.key, q.document_id FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
        " WHERE place_id IN (SELECT id FROM place WHERE key LIKE 'erbil%')"
    ).fetchall()
    assert rows == [("erbil-drone-2021-04", 1), ("erbil-drone-2021-04", 2)]
    bounds = connection.execute(
        "SELECT date_earliest, date_latest FROM incident WHERE key = 'erbil-drone-2021-04'"
    ).fetchone()
    assert bounds == ("2021-04-10", "2021-04-20")


@pytest.mark.parametrize(
    ("key", "edtf"),
    [
        ("asad-drone-2021-05-08", "2021-05-08T02"),
        ("victory-drones-2021-06-21", "2021-06-21"),
        ("asad-rockets-2021-05", "[2021-04-26..2021-05-07]"),
        ("israel-drone-2018-02", "2018-02"),
        ("handover-taji-2020", "2020"),
        ("ziyadi-call-2021-04", "2021-04"),
        ("efps-2000s", "[2000..2004]"),
    ],
)
def test_dates_are_no_closer_than_the_text(connection: sqlite3.Connection, key: str, edtf: str) -> None:
    assert one(connection, "SELECT date_edtf FROM incident WHERE key = ?", key) == edtf


def test_no_incident_is_later_than_its_report(connection: sqlite3.Connection) -> None:
    late = connection.execute(
        "SELECT i.key FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
        " JOIN document AS d ON d.id = q.document_id WHERE i.date_latest > d.published_edtf"
    ).fetchall()
    assert late == []
    assert one(connection, "SELECT count(*) FROM incident WHERE date_prec IS NULL OR date_latest IS NULL") == 0


def test_air_defences_that_did_not_stop_the_attack_are_in_the_ledger(connection: sqlite3.Connection) -> None:
    missed = set(
        connection.execute(
            "SELECT i.key, s.key FROM incident_system AS x JOIN incident AS i ON i.id = x.incident_id JOIN system AS s ON s.id = x.system_id"
            " WHERE x.role = 'air_defence' AND x.outcome = 'missed'"
        )
    )
    assert missed == {
        ("asad-drone-2021-05-08", "c-ram"),
        ("asad-drone-2021-05-08", "patriot-pac-2"),
        ("victory-drones-2021-06-21", "c-ram"),
        ("victory-drones-2021-06-21", "avenger"),
    }


def test_every_claim_rests_on_a_quote_and_every_date_claim_can_be_read(connection: sqlite3.Connection) -> None:
    claims = connection.execute("SELECT quote_id, field, value FROM claim").fetchall()
    assert len(claims) > 60
    for quote_id, field, value in claims:
        assert quote_id is not None
        if field == "date":
            dates.parse(value)


def test_unknown_is_never_zero(connection: sqlite3.Connection) -> None:
    """Only three statements speak of casualties that did not happen; nobody has coordinates of (0, 0)."""
    zero = {key for (key,) in connection.execute("SELECT key FROM incident WHERE killed_best = 0 OR injured_best = 0")}
    assert zero == {"asad-drone-2021-05-08", "asad-rockets-2021-06-20"}
    assert (
        one(connection, "SELECT count(*) FROM place WHERE latitude = 0 OR latitude IS NULL OR where_prec IS NULL") == 0
    )
    blank = "SELECT count(*) FROM quote WHERE prefix = '' OR suffix = ''"
    assert one(connection, blank) == 0


def test_every_place_leads_up_to_its_country(connection: sqlite3.Connection) -> None:
    tops = connection.execute(
        "WITH RECURSIVE up (id, top) AS (SELECT id, id FROM place UNION SELECT up.id, part_of FROM up JOIN place ON place.id = top WHERE part_of IS NOT NULL)"
        " SELECT p.key FROM place AS p WHERE NOT EXISTS (SELECT 1 FROM up JOIN place AS c ON c.id = up.top"
        " WHERE up.id = p.id AND c.kind = 'country' AND c.country_code = p.country_code)"
    ).fetchall()
    assert tops == []


def test_titles_fit_the_timeline(connection: sqlite3.Connection) -> None:
    assert [t for (t,) in connection.execute("SELECT title FROM incident") if len(t) > 44 or t.endswith(".")] == []


@pytest.mark.skipif(
    "DATELINE_ARTICLES" not in os.environ, reason="DATELINE_ARTICLES names a folder with the two articles"
)
def test_every_quote_equals_the_article_at_its_position(connection: sqlite3.Connection) -> None:
    files = [f for f in Path(os.environ["DATELINE_ARTICLES"]).iterdir() if f.is_file()]
    raw = {hashlib.sha256(f.read_bytes()).hexdigest(): f.read_bytes() for f in files}
    for document, sha, length in connection.execute("SELECT id, text_sha256, text_length FROM document").fetchall():
        text = raw[sha].decode("utf-8")
        assert len(text) == length
        quotes = connection.execute(
            "SELECT \"start\", \"end\", exact, coalesce(prefix, ''), coalesce(suffix, '') FROM quote WHERE document_id = ?",
            (document,),
        ).fetchall()
        assert len(quotes) > 20
        for start, end, exact, prefix, suffix in quotes:
            assert text[start:end] == exact
            assert text[start - len(prefix) : start] == prefix
            assert text[end : end + len(suffix)] == suffix


def test_files_are_for_reading(connection: sqlite3.Connection) -> None:
    for file in bundled():
        text = file.read_text(encoding="utf-8")
        assert text.startswith("-- "), file.name
        assert not re.search(r"_id\s*=\s*\d|VALUES\s*\(\s*\d", text), f"{file.name} uses a number for a row"

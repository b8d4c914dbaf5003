"""UCDP GED in: nothing invented, nothing dropped, a second import changes nothing, a newer release what is new in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import importing, read, schema, undo
from db.errors import UsageError
from db.formats.record import Options
from db.formats.ucdp_ged import FORMAT, sources
from db.importing import import_file
from db.store import Store
from db.verify import findings
from tests.support.data_sets import DATA, GED_FILES, load_ged, rows_of, write_rows
from tests.support.logged import everything


@pytest.mark.parametrize("name", GED_FILES)
def test_counts_and_sums_are_those_of_the_file(store: Store, name: str) -> None:
    rows = rows_of(name)
    best = "best_death" if "best_death" in rows[0] else "best"
    done = load_ged(store, DATA / name)
    assert (done.added, done.changed, done.same, done.rejected) == (len(rows), 0, 0, 0)
    columns = [best.replace("best", part) for part in ("low", "best", "high")]
    assert store.connection.execute(
        "SELECT count(*), sum(killed_low), sum(killed_best), sum(killed_high) FROM incident"
    ).fetchone() == (len(rows), *(sum(int(float(row[c])) for row in rows) for c in columns))
    assert store.connection.execute("SELECT DISTINCT injured_best FROM incident").fetchall() == [(None,)]


@pytest.mark.parametrize("name", GED_FILES)
def test_a_second_import_changes_nothing(store: Store, name: str) -> None:
    load_ged(store, DATA / name)
    before = everything(store.connection)
    done = load_ged(store, DATA / name)
    assert (done.added, done.changed, done.same) == (0, 0, len(rows_of(name)))
    assert everything(store.connection) == before


def test_the_store_is_whole_after_a_bulk_load(store: Store) -> None:
    for name in GED_FILES:
        load_ged(store, DATA / name)
    assert schema.foreign_objects(store.connection) == []
    said = list(findings(store.connection))
    assert [f for f in said if f.wrong] == []
    (odd,) = [f for f in said if f.what == "estimate"]  # GED itself has an event whose low is above its best
    assert "as ucdp-ged has them" in odd.message
    words = "SELECT rowid, title, summary, quotes FROM incident_text ORDER BY 1"
    assert (
        store.connection.execute(words).fetchall()
        == store.connection.execute("SELECT id, title, summary, quotes FROM incident_words ORDER BY 1").fetchall()
    )
    assert store.connection.execute("SELECT incident_id FROM change").fetchall() == [(0,)]
    # The triggers work again: a write in the ordinary way reaches full text and change table.
    with store.write("rename") as connection:
        connection.execute("UPDATE incident SET title = 'Zanzibar' WHERE id = 3")
    found = store.connection.execute("SELECT rowid FROM incident_text WHERE incident_text MATCH 'zanzibar'").fetchall()
    assert found == [(3,)]
    assert (3,) in store.connection.execute("SELECT incident_id FROM change").fetchall()


def test_dates_say_what_date_prec_says(store: Store) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    for row in rows_of("ged_iraq_hdx.csv"):
        edtf, earliest, extra = store.connection.execute(
            "SELECT date_edtf, date_earliest, extra FROM incident WHERE origin_id = ?", (row["id"],)
        ).fetchone()
        start, end = row["date_start"], row["date_end"]
        assert earliest == start
        assert edtf == (start if start == end else f"[{start}..{end}]")
        assert json.loads(extra)["date_prec"] == int(row["date_prec"])


def test_columns_without_a_home_are_kept_as_they_are(store: Store) -> None:
    for name in ("ged_iraq_hdx.csv", "ged_syria.csv"):
        load_ged(store, DATA / name)
        for row in rows_of(name):
            extra = json.loads(
                store.connection.execute(
                    "SELECT extra FROM incident WHERE origin_id = ?", (str(int(float(row["id"]))),)
                ).fetchone()[0]
            )
            for column in ("source_article", "source_original", "geom_wkt", "adm_2", "conflict_name"):
                assert extra[column] == (row[column] or None)
            assert extra["deaths_civilians"] == float(row["deaths_civilians"])


def test_sources_become_documents_with_their_headlines_and_roots(store: Store) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    incident = read.incident(store.connection, read.incident_id(store.connection, "ucdp-ged-114064"))
    assert incident is not None
    (quote,) = incident.quotes
    (document,) = incident.documents
    assert quote.exact == document.title == "Iraq violence kills 14 as January toll tops 800"
    assert (document.publisher, document.published_edtf) == ("Agence France Presse", "2014-01-25")
    assert quote.start is None
    assert [speaker.name for speaker in quote.chain] == ["Doctor"]
    assert incident.place is not None
    assert (incident.place.name, incident.place.country_code, incident.place.where_prec) == (
        "Al Fallūjah town",
        "IQ",
        1,
    )


def test_a_source_dated_before_its_event_keeps_its_date_open(store: Store) -> None:
    """SOHR,2015-01-01 for an event of 2016: taken at its word it would clip the event's interval."""
    done = load_ged(store, DATA / "ged_syria.csv")
    published, earliest, extra = store.connection.execute(
        "SELECT d.published_edtf, i.date_earliest, i.extra FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
        " JOIN document AS d ON d.id = q.document_id WHERE i.origin_id = '214797'"
    ).fetchone()
    assert (published, earliest) == (None, "2016-01-01")
    assert json.loads(extra)["source_date"] == "2015-01-01"
    assert any("dated before" in note for note in done.notes)


def test_only_one_sided_violence_says_who_attacked(store: Store) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    roles = dict(
        store.connection.execute(
            "SELECT DISTINCT i.event_type, (SELECT group_concat(role, ' ') FROM (SELECT role FROM incident_actor"
            " WHERE incident_id = i.id ORDER BY id)) FROM incident AS i"
        ).fetchall()
    )
    assert roles == {
        "state-based violence": "affected affected",
        "non-state violence": "affected affected",
        "one-sided violence": "attacker target",
    }


def test_the_short_form_names_places_by_coordinates_and_countries_by_iso(store: Store) -> None:
    done = load_ged(store, DATA / "ged_global_14col.csv")
    assert any("no date_prec" in note for note in done.notes)
    codes = {code for (code,) in store.connection.execute("SELECT DISTINCT country_code FROM place")}
    assert {"IQ", "RS", "YE"} <= codes
    row = rows_of("ged_global_14col.csv")[0]
    name, latitude, prec = store.connection.execute(
        "SELECT p.name, p.latitude, p.where_prec FROM incident AS i JOIN place AS p ON p.id = i.place_id"
        " WHERE i.origin_id = ?",
        (row["id"],),
    ).fetchone()
    assert name == f"{float(row['latitude'])}, {float(row['longitude'])}"
    assert (latitude, prec) == (float(row["latitude"]), None)


def test_a_newer_release_rewrites_what_is_new_and_keeps_the_analysts_marks(store: Store, tmp_path: Path) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    with store.write("marks") as connection:
        connection.execute("UPDATE incident SET grade = 'fair', status = 'reviewed' WHERE origin_id = '114064'")
        connection.execute(
            "INSERT INTO note (incident_id, text, at) SELECT id, 'mine', '2026-01-01' FROM incident"
            " WHERE origin_id = '114064'"
        )
    rows = rows_of("ged_iraq_hdx.csv")
    first = next(row for row in rows if row["id"] == "114064")
    first |= {
        "best": "9",
        "high": "9",
        "side_b": "Islamic State",
        "date_start": "2014-01-23",
        "source_original": "Nurse",
        "source_article": '"Agence France Presse,2014-01-25,Iraq violence kills 14 as January toll tops 800";'
        '"Reuters,2014-01-26,Toll rises"',
    }
    done = load_ged(store, write_rows(tmp_path / "newer.csv", rows))
    assert (done.added, done.changed, done.same) == (0, 1, len(rows) - 1)
    incident = read.incident(store.connection, read.incident_id(store.connection, "ucdp-ged-114064"))
    assert incident is not None
    assert (incident.killed.best, incident.date_earliest, incident.date_latest) == (9, "2014-01-23", "2014-01-25")
    assert (incident.grade, incident.status, [note.text for note in incident.notes]) == ("fair", "reviewed", ["mine"])
    assert {a.actor.name for a in incident.actors} == {"Government of Iraq", "Islamic State"}
    assert [q.exact for q in incident.quotes] == [
        "Iraq violence kills 14 as January toll tops 800",
        "Toll rises",
    ]
    assert all(not quote.chain for quote in incident.quotes)  # of two sources it is not told which quotes the nurse
    log = store.connection.execute("SELECT before, after FROM log ORDER BY id DESC LIMIT 1").fetchone()
    assert '"killed_best": 8' in log[0]
    assert '"killed_best": 9' in log[1]
    assert not [f for f in findings(store.connection) if f.wrong]


def test_the_short_form_does_not_take_away_what_the_full_form_told(store: Store, tmp_path: Path) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    (row, *_) = rows_of("ged_global_14col.csv")
    before = everything(store.connection)
    done = load_ged(store, write_rows(tmp_path / "short.csv", [row | {"id": "114064"}]))
    assert (done.added, done.changed, done.kept) == (0, 0, 1)
    assert everything(store.connection) == before
    assert load_ged(store, DATA / "ged_global_14col.csv").added == len(rows_of("ged_global_14col.csv"))


def test_an_import_can_be_undone(store: Store, tmp_path: Path) -> None:
    load_ged(store, DATA / "ged_global_14col.csv")
    before = everything(store.connection)
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    log_id = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    assert undo.undo(store, log_id).of == log_id
    after = everything(store.connection)
    assert len(after["incident"]) == len(before["incident"])
    for table in ("incident", "actor", "place", "document", "quote", "attribution", "incident_actor", "incident_text"):
        assert after[table] == before[table], table


def test_an_import_that_was_worked_on_is_not_undone(store: Store) -> None:
    load_ged(store, DATA / "ged_iraq_hdx.csv")
    with store.write("grade") as connection:
        connection.execute("UPDATE incident SET grade = 'fair' WHERE id = 2")
    before = everything(store.connection)
    with pytest.raises(UsageError, match="has been changed since"):
        undo.undo(store, 1)
    assert everything(store.connection) == before


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, lambda raw: raw, lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.decode().encode("utf-16")],
)
def test_gzip_and_encodings_read_the_same(store: Store, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "file").write_bytes(pack((DATA / "ged_iraq_hdx.csv").read_bytes()))
    assert load_ged(store, tmp_path / "file").added == 14
    assert store.connection.execute("SELECT count(*) FROM place WHERE name = 'Al Fallūjah town'").fetchone()[0] >= 1


def test_cp1252_is_read_with_a_word_of_warning(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0] | {"side_a": "Café", "side_b": "A–B"}
    path = write_rows(tmp_path / "western.csv", [row])
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    done = load_ged(store, path)
    assert [name for (name,) in store.connection.execute("SELECT name FROM actor ORDER BY id")] == ["Café", "A–B"]
    assert any("not UTF-8: 2 bytes" in note and "cp1252" in note for note in done.notes)


def test_missing_coordinates_are_unknown(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0]
    rows = [row | {"id": "1", "latitude": "", "longitude": ""}, row | {"id": "2", "latitude": "0", "longitude": "0.0"}]
    load_ged(store, write_rows(tmp_path / "nowhere.csv", rows))
    assert store.connection.execute("SELECT name, latitude, longitude FROM place").fetchall() == [("Iraq", None, None)]


class Stop(BaseException):
    """Stands for Ctrl-C."""


def test_an_interrupt_in_the_middle_leaves_the_store_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    load_ged(store, DATA / "ged_syria.csv")
    before = everything(store.connection)
    monkeypatch.setattr(importing, "BATCH", 5)
    calls = 0

    def stop(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Stop

    with pytest.raises(Stop):
        import_file(store, DATA / "ged_iraq_hdx.csv", FORMAT, Options(), progress=stop)
    assert everything(store.connection) == before
    assert schema.foreign_objects(store.connection) == []
    assert load_ged(store, DATA / "ged_iraq_hdx.csv").added == 14


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_a_source_article_never_raises_and_never_invents(text: str) -> None:
    for office, day, headline in sources(text):
        assert office in text
        assert day in text
        assert headline in text

"""UCDP GED in: nothing invented, nothing dropped, a second import changes nothing, a newer release what is new in it."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import importing, read, schema, undo
from db.errors import DatelineError, UsageError
from db.formats.record import Imported, Options
from db.formats.ucdp_ged import FORMAT, sources
from db.importing import import_file
from db.store import Store
from db.verify import findings

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = ("ged_iraq_hdx.csv", "ged_syria.csv", "ged_global_14col.csv")

Content = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        yield opened


def load(store: Store, path: Path) -> Imported:
    return import_file(store, path, FORMAT, Options())


def content(connection: sqlite3.Connection) -> Content:
    """Every row of every table, and the schema: what must stay when nothing was imported."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: Content = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    found["schema"] = sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall(), key=repr)
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["id"]]


@pytest.mark.parametrize("name", FILES)
def test_counts_and_sums_are_those_of_the_file(store: Store, name: str) -> None:
    rows = rows_of(name)
    best = "best_death" if "best_death" in rows[0] else "best"
    done = load(store, DATA / name)
    assert (done.added, done.changed, done.same, done.rejected) == (len(rows), 0, 0, 0)
    columns = [best.replace("best", part) for part in ("low", "best", "high")]
    assert store.connection.execute(
        "SELECT count(*), sum(killed_low), sum(killed_best), sum(killed_high) FROM incident"
    ).fetchone() == (len(rows), *(sum(int(float(row[c])) for row in rows) for c in columns))
    assert store.connection.execute("SELECT DISTINCT injured_best FROM incident").fetchall() == [(None,)]


@pytest.mark.parametrize("name", FILES)
def test_a_second_import_changes_nothing(store: Store, name: str) -> None:
    load(store, DATA / name)
    before = content(store.connection)
    done = load(store, DATA / name)
    assert (done.added, done.changed, done.same) == (0, 0, len(rows_of(name)))
    assert content(store.connection) == before


def test_the_store_is_whole_after_a_bulk_load(store: Store) -> None:
    for name in FILES:
        load(store, DATA / name)
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
    load(store, DATA / "ged_iraq_hdx.csv")
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
        load(store, DATA / name)
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
    load(store, DATA / "ged_iraq_hdx.csv")
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
    done = load(store, DATA / "ged_syria.csv")
    published, earliest, extra = store.connection.execute(
        "SELECT d.published_edtf, i.date_earliest, i.extra FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
        " JOIN document AS d ON d.id = q.document_id WHERE i.origin_id = '214797'"
    ).fetchone()
    assert (published, earliest) == (None, "2016-01-01")
    assert json.loads(extra)["source_date"] == "2015-01-01"
    assert any("dated before" in note for note in done.notes)


def test_only_one_sided_violence_says_who_attacked(store: Store) -> None:
    load(store, DATA / "ged_iraq_hdx.csv")
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
    done = load(store, DATA / "ged_global_14col.csv")
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


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_newer_release_rewrites_what_is_new_and_keeps_the_analysts_marks(store: Store, tmp_path: Path) -> None:
    load(store, DATA / "ged_iraq_hdx.csv")
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
    done = load(store, write_rows(tmp_path / "newer.csv", rows))
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
    load(store, DATA / "ged_iraq_hdx.csv")
    (row, *_) = rows_of("ged_global_14col.csv")
    before = content(store.connection)
    done = load(store, write_rows(tmp_path / "short.csv", [row | {"id": "114064"}]))
    assert (done.added, done.changed, done.kept) == (0, 0, 1)
    assert content(store.connection) == before
    assert load(store, DATA / "ged_global_14col.csv").added == len(rows_of("ged_global_14col.csv"))


def test_an_import_can_be_undone(store: Store, tmp_path: Path) -> None:
    load(store, DATA / "ged_global_14col.csv")
    before = content(store.connection)
    load(store, DATA / "ged_iraq_hdx.csv")
    log_id = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    assert undo.undo(store, log_id).of == log_id
    after = content(store.connection)
    assert len(after["incident"]) == len(before["incident"])
    for table in ("incident", "actor", "place", "document", "quote", "attribution", "incident_actor", "incident_text"):
        assert after[table] == before[table], table


def test_an_import_that_was_worked_on_is_not_undone(store: Store) -> None:
    load(store, DATA / "ged_iraq_hdx.csv")
    with store.write("grade") as connection:
        connection.execute("UPDATE incident SET grade = 'fair' WHERE id = 2")
    before = content(store.connection)
    with pytest.raises(UsageError, match="has been changed since"):
        undo.undo(store, 1)
    assert content(store.connection) == before


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, lambda raw: raw, lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.decode().encode("utf-16")],
)
def test_gzip_and_encodings_read_the_same(store: Store, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "file").write_bytes(pack((DATA / "ged_iraq_hdx.csv").read_bytes()))
    assert load(store, tmp_path / "file").added == 14
    assert store.connection.execute("SELECT count(*) FROM place WHERE name = 'Al Fallūjah town'").fetchone()[0] >= 1


def test_cp1252_is_read_with_a_word_of_warning(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0] | {"side_a": "Café", "side_b": "A–B"}
    path = write_rows(tmp_path / "western.csv", [row])
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    done = load(store, path)
    assert [name for (name,) in store.connection.execute("SELECT name FROM actor ORDER BY id")] == ["Café", "A–B"]
    assert any("not UTF-8: 2 bytes" in note and "cp1252" in note for note in done.notes)


def test_missing_coordinates_are_unknown(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0]
    rows = [row | {"id": "1", "latitude": "", "longitude": ""}, row | {"id": "2", "latitude": "0", "longitude": "0.0"}]
    load(store, write_rows(tmp_path / "nowhere.csv", rows))
    assert store.connection.execute("SELECT name, latitude, longitude FROM place").fetchall() == [("Iraq", None, None)]


BAD = {
    "id": "x12",
    "latitude": "91",
    "best_death": "many",
    "low_death": "-1",
    "day": "31",
    "month": "13",
    "type_of_violence": "4",
}


@pytest.mark.parametrize("day", ["2O14-05-01", "2021-02-30"])
@pytest.mark.parametrize("lasted", [True, False])
def test_a_day_that_there_is_not_is_rejected_beside_a_year(
    store: Store, tmp_path: Path, day: str, lasted: bool
) -> None:
    row = rows_of("ged_iraq_hdx.csv")[0]
    bad = row | {"id": "7", "date_start": day, "date_end": "2024-01-02" if lasted else day, "date_prec": "1"}
    path = write_rows(tmp_path / "bad.csv", [row | {"id": "6"}, bad])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        assert import_file(store, path, FORMAT, Options(), rejects=rejects).rejected == 1
    assert day in (tmp_path / "rejects.csv").read_text(encoding="utf-8")


def test_an_id_of_blanks_is_none(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_global_14col.csv")[0]
    path = write_rows(tmp_path / "bad.csv", [row, row | {"id": " "}, row | {"id": "\t"}])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        assert import_file(store, path, FORMAT, Options(), rejects=rejects).rejected == 2
    assert (tmp_path / "rejects.csv").read_text(encoding="utf-8").count("has no id") == 2


def test_what_the_date_was_not_read_from_is_kept(store: Store, tmp_path: Path) -> None:
    """Month and day beside days in full; alone they are the date, and `extra` need not have them."""
    row = rows_of("ged_global_14col.csv")[0] | {"year": "2021", "month": "6", "day": "7"}
    beside, alone = tmp_path / "beside.csv", tmp_path / "alone.csv"
    write_rows(beside, [row | {"id": "1", "date_start": "2021-05-08", "date_end": "2021-05-08"}])
    write_rows(alone, [row | {"id": "2"}])
    for path in (beside, alone):
        assert import_file(store, path, FORMAT, Options()).added == 1
    found = [
        (edtf, {name: json.loads(extra).get(name) for name in ("month", "day")})
        for edtf, extra in store.connection.execute("SELECT date_edtf, extra FROM incident ORDER BY id")
    ]
    assert found == [("2021-05-08", {"month": 6, "day": 7}), ("2021-06-07", {"month": None, "day": None})]


def test_a_source_of_a_day_that_there_is_not_is_left_out_and_its_event_is_not(store: Store, tmp_path: Path) -> None:
    row = rows_of("ged_iraq_hdx.csv")[0] | {
        "date_start": "2021-01-01 00:00:00.000",
        "date_end": "2021-01-01 00:00:00.000",
        "year": "2021",
    }
    told = '"Reuters,2021-02-30,Headline";"AFP,2021-02-28,Another";"BBC,2021-13-01,Third"'
    path = write_rows(tmp_path / "days.csv", [row | {"source_article": told}])
    assert import_file(store, path, FORMAT, Options()).added == 1
    assert store.connection.execute("SELECT publisher, published_edtf FROM document").fetchall() == [
        ("AFP", "2021-02-28")
    ]
    (extra,) = store.connection.execute("SELECT extra FROM incident").fetchone()
    assert json.loads(extra)["source_article"] == told


@pytest.mark.parametrize("column", list(BAD))
def test_a_bad_row_is_rejected_with_its_line_and_reason(store: Store, tmp_path: Path, column: str) -> None:
    row = rows_of("ged_global_14col.csv")[0] | {"month": "6"}
    path = write_rows(tmp_path / "bad.csv", [row, row | {"id": "7"} | {column: BAD[column]}, row | {"id": "8"}])
    with (tmp_path / "rejects.csv").open("w", encoding="utf-8", newline="") as rejects:
        done = import_file(store, path, FORMAT, Options(), rejects=rejects)
    assert (done.added, done.rejected) == (2, 1)
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as rejects:
        header, (line, reason, _, file) = csv.reader(rejects)
    assert (header, line, file) == (["line", "reason", "row", "file"], "3", str(path))
    assert reason
    before = content(store.connection)
    with pytest.raises(DatelineError, match=r"bad\.csv, line 3: .*nothing was imported"):
        import_file(store, path, FORMAT, Options(), strict=True)
    assert content(store.connection) == before


class Stop(BaseException):
    """Stands for Ctrl-C."""


def test_an_interrupt_in_the_middle_leaves_the_store_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    load(store, DATA / "ged_syria.csv")
    before = content(store.connection)
    monkeypatch.setattr(importing, "BATCH", 5)
    calls = 0

    def stop(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Stop

    with pytest.raises(Stop):
        import_file(store, DATA / "ged_iraq_hdx.csv", FORMAT, Options(), progress=stop)
    assert content(store.connection) == before
    assert schema.foreign_objects(store.connection) == []
    assert load(store, DATA / "ged_iraq_hdx.csv").added == 14


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_a_source_article_never_raises_and_never_invents(text: str) -> None:
    for office, day, headline in sources(text):
        assert office in text
        assert day in text
        assert headline in text


COLUMNS = ("id", "type_of_violence", "side_a", "side_b", "country", "date_prec", "date_start", "date_end")


@pytest.mark.parametrize("day", ["202X-01-01", "2020-0X-01", "2020-01-XX", "2020-21-0~", "20²0-01-01"])
@pytest.mark.parametrize("year", ["2020", ""])
def test_a_day_with_a_digit_that_is_none_is_rejected(store: Store, tmp_path: Path, day: str, year: str) -> None:
    path = tmp_path / "ged.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "year", "best"])
        writer.writerow(["1", "1", "A", "B", "Iraq", "1", day, day, year, "1"])
        writer.writerow(["2", "1", "A", "B", "Iraq", "1", "2020-01-01", "2020-01-01", year, "1"])
    done = load(store, path)
    assert (done.added, done.reasons) == (1, [f"line 2: date_start is {day!r}, not a day alone (YYYY-MM-DD)"])


@pytest.mark.parametrize(
    ("estimates", "killed", "kept"),
    [
        ({"best": "7", "best_est": "9"}, 7, {"best_est": "9"}),
        ({"best_est": "9", "best": "7"}, 7, {"best_est": "9"}),
        ({"best_death": "8", "best_est": "9"}, 8, {"best_est": "9"}),
        ({"best_est": "9"}, 9, {}),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_no_estimate_is_lost_where_two_columns_have_one(
    store: Store, tmp_path: Path, estimates: dict[str, str], killed: int, kept: dict[str, str], as_json: bool
) -> None:
    row = dict(zip(COLUMNS, ("1", "1", "A", "B", "Iraq", "1", "2020-01-01", "2020-01-01"), strict=True)) | estimates
    path = tmp_path / "ged"
    if as_json:
        feature = {"type": "Feature", "properties": row, "geometry": None}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    else:
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    assert load(store, path).added == 1
    incident = read.incident(store.connection, 1)
    assert incident is not None
    assert incident.killed.best == killed
    assert {name: text for name, text in incident.extra.items() if "_est" in name or "_death" in name} == kept

"""Rescue: a store of which any page is damaged gives back what the others hold, and the new store is sound."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import edit, log, undo
from db.errors import StoreError, UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.rescue import Saved, left_out, rescue
from db.store import Store
from db.verify import findings

PAGE = 4096
DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A store with marks, and a hundred more incidents than the bundled ones, in one file."""
    path = tmp_path_factory.mktemp("sound") / "s.db"
    shutil.copyfile(template, path)
    with Store.open(path, write=True) as store:
        with store.write("more") as connection:
            connection.executemany(
                "INSERT INTO incident (key, title, summary) VALUES (?, ?, ?)",
                [(f"k{n}", f"Title {n}", "word " * 60) for n in range(100)],
            )
        for incident in range(1, 20):
            edit.tag(store, incident, ["x", f"t{incident}"])
            edit.add_note(store, incident, f"note {incident} \x1b[0m " * 20)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def counts(path: Path) -> dict[str, int]:
    with Store.open(path) as store:
        return {t: store.connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in (*log.TABLES, "log")}


def damaged(sound: Path, to: Path, pages: list[int], fill: bytes) -> Path:
    raw = bytearray(sound.read_bytes())
    for page in pages:
        raw[page * PAGE : (page + 1) * PAGE] = (fill * PAGE)[:PAGE]
    to.write_bytes(raw)
    return to


def test_a_sound_store_comes_over_whole(sound: Path, tmp_path: Path) -> None:
    raw = sound.read_bytes()
    saved = rescue(sound, tmp_path / "new.db")
    assert all(one.whole for one in saved)
    assert counts(tmp_path / "new.db") == {**counts(sound), "log": counts(sound)["log"] + 1}
    assert sound.read_bytes() == raw
    with Store.open(tmp_path / "new.db") as new, Store.open(sound) as old:
        for table in (*log.TABLES, "incident_text"):
            sql = f"SELECT * FROM {table} ORDER BY 1"
            assert new.connection.execute(sql).fetchall() == old.connection.execute(sql).fetchall(), table
        assert not [finding for finding in findings(new.connection) if finding.wrong]
        assert [f for f in findings(new.connection) if f.wrong] == []
        assert undo.next_undo(new.connection) == undo.next_undo(old.connection), "the rescue itself is no step"


def test_whichever_page_is_damaged_the_rest_is_saved(sound: Path, tmp_path: Path) -> None:
    """Every page in turn would take minutes: a sample by chance that is the same each time, with three kinds of damage."""
    before = counts(sound)
    pages = len(sound.read_bytes()) // PAGE
    chance = random.Random(7)
    opened = 0
    for number, page in enumerate(chance.sample(range(1, pages), 9)):
        fill = (b"\xee", b"\x00", b"\x0d" + b"\xee" * (PAGE - 1))[number % 3]
        file = damaged(sound, tmp_path / "d.db", [page], fill)
        new = tmp_path / f"new-{page}.db"
        try:
            saved = {one.table: one for one in rescue(file, new)}
        except StoreError:
            assert not os.path.lexists(new)
            continue
        opened += 1
        after = counts(new)
        for table, rows in before.items():
            lost = saved[table]
            if lost.whole:
                assert after[table] == rows + (table == "log"), (page, table)
        with Store.open(new) as store:
            wrong = {finding.what for finding in findings(store.connection) if finding.wrong}
            assert wrong <= {"log", "claim"}, (page, wrong)
        assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    assert opened >= 7


def test_rows_on_both_sides_of_a_lost_page_are_saved(sound: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sound)) as connection:
        (page,) = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'incident' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 4"
        ).fetchone()
    file = damaged(sound, tmp_path / "d.db", [page - 1], b"\x0d" + b"\xee" * (PAGE - 1))
    saved = {one.table: one for one in rescue(file, tmp_path / "new.db")}
    incident = saved["incident"]
    ((after, to),) = incident.gaps
    assert to is not None and incident.rows == 145 - (to - after - 1)
    with Store.open(tmp_path / "new.db") as store:
        ids = {i for (i,) in store.connection.execute("SELECT id FROM incident WHERE key NOT LIKE 'lost-%'")}
        assert ids == set(range(1, after + 1)) | set(range(to, 146))
        # What hung on a lost incident hangs on its stand-in.
        assert store.connection.execute("SELECT count(*) FROM note").fetchone() == (19,)
        assert store.connection.execute("SELECT what FROM log ORDER BY id DESC").fetchone() == ("rescue from d.db",)


def test_what_is_no_store_and_what_is_in_the_way(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        rescue(sound, tmp_path / "there.db")
    with pytest.raises(StoreError, match="no file at"):
        rescue(tmp_path / "nowhere", tmp_path / "new.db")
    (tmp_path / "words").write_text("no database at all, just words\n" * 99)
    with pytest.raises(StoreError, match="not even its schema"):
        rescue(tmp_path / "words", tmp_path / "new.db")
    with pytest.raises(StoreError, match="cannot"):
        rescue(sound, tmp_path / "words" / "new.db")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["there.db", "words"]


def test_a_view_in_the_place_of_a_table_is_not_read(sound: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.db"
    shutil.copyfile(sound, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "DROP TABLE note; CREATE VIEW note AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i AS id, 1 AS incident_id, 'x' AS text, 'y' AS at FROM n;"
        )
    saved = {one.table: one for one in rescue(file, tmp_path / "new.db")}
    assert saved["note"] == Saved("note", 0, [(0, None)])


def test_tables_that_came_later_are_not_lost_with_an_older_store(sound: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.db"
    shutil.copyfile(sound, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("DROP TABLE root_dismissal; PRAGMA user_version = 3")
    assert all(not saved.gaps for saved in rescue(file, tmp_path / "new.db"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 4")
    assert [saved.table for saved in rescue(file, tmp_path / "newer.db") if saved.gaps] == ["root_dismissal"]


def test_what_other_programs_changed_is_not_taken_for_the_imports(tmp_path: Path) -> None:
    """The undo of an import asks what was changed since by programs that keep no log."""
    path = tmp_path / "s.db"
    with Store.create(path) as store:
        import_file(store, DATA / "ged_iraq_hdx.csv", named("ucdp-ged"), Options())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE incident SET summary = 'weeks of work' WHERE id = 3")
    rescue(path, tmp_path / "new.db")
    for one in (path, tmp_path / "new.db"):
        with Store.open(one, write=True) as store, pytest.raises(UsageError, match="keeps no log"):
            undo.undo(store, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE change")
    rescue(path, tmp_path / "newer.db")
    with Store.open(tmp_path / "newer.db", write=True) as store, pytest.raises(UsageError, match="keeps no log"):
        undo.undo(store, 1)


def test_a_log_that_was_cut_off_is_not_made_whole(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM log WHERE id > (SELECT max(id) - 2 FROM log)")
        (last,) = connection.execute("SELECT max(id) FROM log").fetchone()
    of_log = next(one for one in rescue(path, tmp_path / "new.db") if one.table == "log")
    assert of_log.gaps == [(last, None)]
    with Store.open(tmp_path / "new.db") as store:
        wrong = [finding for finding in findings(store.connection) if finding.wrong]
        assert any("are missing" in finding.message for finding in wrong), wrong


def test_rows_of_numbers_below_0_are_saved(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.create(path) as store, store.write("below") as connection:
        connection.execute("INSERT INTO document (id, key) VALUES (-7, 'd')")
        connection.executemany(
            "INSERT INTO incident (id, key, title) VALUES (?, ?, ?)",
            [(-(2**63), "lowest", "L"), (-2, "two", "T"), (0, "zero", "Z"), (5, "five", "F")],
        )
        connection.execute("INSERT INTO quote (id, incident_id, document_id, exact) VALUES (-1, -2, -7, 'w')")
    saved = rescue(path, tmp_path / "new.db")
    assert all(one.whole for one in saved)
    with Store.open(tmp_path / "new.db") as new, Store.open(path) as old:
        for table in log.TABLES:
            sql = f"SELECT * FROM {table} ORDER BY 1"
            assert new.connection.execute(sql).fetchall() == old.connection.execute(sql).fetchall(), table
        assert not [finding for finding in findings(new.connection) if finding.wrong]


@pytest.mark.parametrize("table", ["incident", "document", "actor", "system", "tag"])
def test_a_stand_in_takes_a_name_that_is_free(table: str, seeded: Path, tmp_path: Path) -> None:
    column = "name" if table == "tag" else "key"
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("INSERT INTO tag (id, name) VALUES (1, 'a'), (2, 'b')")
        connection.execute("INSERT INTO incident_tag (incident_id, tag_id) VALUES (1, 1)")
        children = {"incident": "quote", "document": "quote", "tag": "incident_tag"}
        child = children.get(table, f"incident_{table}")
        (lost,) = connection.execute(f"SELECT {table}_id FROM {child} LIMIT 1").fetchone()
        other = connection.execute(f"SELECT max(id) FROM {table} WHERE id <> ?", (lost,)).fetchone()[0]
        name = f"lost tag {lost}" if table == "tag" else f"lost-{table}-{lost}"
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (name, other))
        connection.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (lost,))
    stand_ins = {one.table: one.stand_ins for one in rescue(seeded, tmp_path / "new.db")}
    assert stand_ins[table] == 1
    with Store.open(tmp_path / "new.db") as store:
        found = store.connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (lost,)).fetchone()
        assert found == (f"{name}-2",)
        # A claim may name the lost system by its key: that is told, and nothing else is wrong.
        assert {f.what for f in findings(store.connection) if f.wrong} <= {"claim"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sqlite_sequence SET seq = 9223372036854775806 WHERE name = 'log'",
        "UPDATE sqlite_sequence SET seq = 4611686018427387904 WHERE name = 'log'",
        "INSERT INTO log (id, at, who, what, before, after, prev_hash, hash)"
        " VALUES (9223372036854775807, '2021', 'x', 'note', '[]', '[]', 'a', 'b')",
        "INSERT INTO log (id, at, who, what, before, after, prev_hash, hash)"
        " VALUES (9223372036854775806, '2021', 'x', 'note', '[]', '[]', 'a', 'b')",
    ],
)
def test_a_log_without_numbers_left_goes_on_from_its_rows(seeded: Path, tmp_path: Path, sql: str) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute(sql)
    saved = {one.table: one for one in rescue(seeded, tmp_path / "saved.db")}
    assert bool(saved["log"].gaps) == sql.startswith("INSERT"), "a row that is left out is told of"
    for _ in range(2):
        with Store.open(tmp_path / "saved.db", write=True) as store, store.write("goes on") as connection:
            connection.execute("UPDATE incident SET title = title || '!' WHERE id = 1")
    with Store.open(tmp_path / "saved.db") as store:
        assert store.connection.execute("SELECT max(id) < 100 FROM log").fetchone() == (1,)


def test_what_pointed_to_lost_rows_is_told_and_no_claim_becomes_the_analysts(seeded: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM quote WHERE incident_id = 1")
        connection.execute("DELETE FROM place WHERE id = (SELECT place_id FROM incident WHERE id = 1)")
        placeless = connection.execute(
            "SELECT count(*) FROM incident WHERE place_id NOT IN (SELECT id FROM place)"
        ).fetchone()[0]
        said = "SELECT id, incident_id, quote_id FROM claim ORDER BY id"
        claims = connection.execute(said).fetchall()
        lost = {quote for _, _, quote in claims} - {id for (id,) in connection.execute("SELECT id FROM quote")} - {None}
        assert lost and placeless
        chains = "SELECT quote_id, step, actor_id FROM attribution WHERE quote_id IN (SELECT quote_id FROM claim)"
        spoken = connection.execute(f"{chains} ORDER BY id").fetchall()
        taken = connection.execute("SELECT max(id) + 1 FROM document").fetchone()[0]
        connection.execute("UPDATE quote SET document_id = ? WHERE id = (SELECT max(id) FROM quote)", (taken,))
    saved = {one.table: one for one in rescue(seeded, tmp_path / "new.db")}
    assert saved["incident"].cleared == placeless
    assert saved["quote"].stand_ins == len(lost)
    with Store.open(tmp_path / "new.db") as store:
        assert store.connection.execute(said).fetchall() == claims
        assert store.connection.execute(f"{chains} ORDER BY id").fetchall() == spoken, "who is quoted stays with them"
        documents = "SELECT DISTINCT d.id, d.key FROM quote AS q JOIN document AS d ON d.id = q.document_id"
        ((own, key),) = store.connection.execute(f"{documents} WHERE q.exact GLOB 'Lost quote *'").fetchall()
        assert key == f"lost-document-{own}"
        assert own != taken, "another document's quotes are not among them"


def test_a_country_keeps_the_name_that_its_owner_gave_it(seeded: Path, tmp_path: Path) -> None:
    with Store.open(seeded, write=True) as store, store.write("name") as connection:
        connection.execute("UPDATE country SET name = 'Mesopotamia' WHERE code = 'IQ'")
    assert all(one.whole for one in rescue(seeded, tmp_path / "new.db"))
    with Store.open(tmp_path / "new.db") as store:
        assert store.connection.execute("SELECT name FROM country WHERE code = 'IQ'").fetchone() == ("Mesopotamia",)


def test_columns_of_the_owners_own_are_named_as_left_out(seeded: Path) -> None:
    assert left_out(seeded) == []
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("ALTER TABLE incident ADD COLUMN mine TEXT")
        connection.execute("CREATE TABLE own (a)")
    assert left_out(seeded) == ["own", "incident.mine"]


def test_another_tables_page_is_not_taken_for_rows(sound: Path, tmp_path: Path) -> None:
    """A misdirected write: what stands in the columns is not what a STRICT table keeps there."""
    with closing(sqlite3.connect(sound)) as connection:
        root = dict(connection.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    raw = bytearray(sound.read_bytes())

    def leaf(table: str) -> int:
        page = int(root[table])
        while raw[(page - 1) * PAGE] == 5:  # an interior page: its first child
            cell = int.from_bytes(raw[(page - 1) * PAGE + 12 : (page - 1) * PAGE + 14], "big")
            page = int.from_bytes(raw[(page - 1) * PAGE + cell : (page - 1) * PAGE + cell + 4], "big")
        return page

    for table in ("claim", "incident_link", "attribution"):
        copy = bytearray(raw)
        to, of = root["note"], leaf(table)
        copy[(to - 1) * PAGE : to * PAGE] = raw[(of - 1) * PAGE : of * PAGE]
        path = tmp_path / f"{table}.db"
        path.write_bytes(copy)
        saved = {one.table: one for one in rescue(path, tmp_path / f"{table}-saved.db")}
        assert not saved["note"].whole, table
        assert counts(tmp_path / f"{table}-saved.db")["note"] == 0


def test_tables_that_are_missing_in_a_file_without_a_version_are_lost(seeded: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(seeded)) as connection:
        connection.execute("DROP TABLE note")
        connection.execute("PRAGMA user_version = 0")
    saved = {one.table: one for one in rescue(seeded, tmp_path / "saved.db")}
    assert saved["incident"].whole and not saved["note"].whole
    empty = tmp_path / "empty.db"
    empty.touch()
    assert not any(one.whole for one in rescue(empty, tmp_path / "of-empty.db") if one.table != "country")


def root_page(path: Path, table: str) -> int:
    """The number of a table's first page, from 0, with all that is written in the one file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(page) - 1


def with_page(raw: bytes, page: int, content: bytes) -> bytes:
    return raw[: page * PAGE] + content + raw[(page + 1) * PAGE :]


def test_an_older_page_in_the_place_of_a_newer_one_is_told(template: Path, tmp_path: Path) -> None:
    """As a write that the disk has lost leaves it: each page can be read, and the table lacks what was written last."""
    path, file = tmp_path / "s.db", tmp_path / "d.db"
    shutil.copyfile(template, path)
    with Store.open(path, write=True) as store:
        edit.add_note(store, 1, "first")
    page = root_page(path, "note")
    older = path.read_bytes()[page * PAGE : (page + 1) * PAGE]
    with Store.open(path, write=True) as store:
        for number in range(3):
            edit.add_note(store, 2, f"further {number}")
    assert root_page(path, "note") == page
    file.write_bytes(with_page(path.read_bytes(), page, older))
    saved = {one.table: one for one in rescue(file, tmp_path / "new.db")}
    assert (saved["note"].rows, saved["note"].unlike, saved["note"].whole) == (1, 3, False)
    assert [one.table for one in saved.values() if not one.whole] == ["note"]


def test_an_empty_page_and_an_older_value_are_told(template: Path, tmp_path: Path) -> None:
    path, file = tmp_path / "s.db", tmp_path / "d.db"
    shutil.copyfile(template, path)
    names, empty = root_page(path, "tag"), root_page(path, "root_dismissal")
    with Store.open(path, write=True) as store:
        edit.tag(store, 1, ["older", "same"])
        edit.tag(store, 2, ["same"])
    tags = root_page(path, "incident_tag")
    sound = path.read_bytes()
    blank = sound[empty * PAGE : (empty + 1) * PAGE]
    file.write_bytes(with_page(sound, tags, blank))
    saved = {one.table: one for one in rescue(file, tmp_path / "empty.db")}
    assert (saved["incident_tag"].rows, saved["incident_tag"].unlike) == (0, 3)

    raw = sound[names * PAGE : (names + 1) * PAGE]
    file.write_bytes(with_page(sound, names, raw.replace(b"older", b"elder")))
    saved = {one.table: one for one in rescue(file, tmp_path / "older.db")}
    assert (saved["tag"].rows, saved["tag"].unlike) == (2, 1)


def test_a_damaged_index_says_nothing_of_its_table(sound: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sound)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'note_by_incident'").fetchone()
    file = damaged(sound, tmp_path / "d.db", [page - 1], b"\xee")
    assert [one for one in rescue(file, tmp_path / "new.db") if not one.whole] == []


def test_an_index_whose_name_is_not_text_does_not_stop_it(sound: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.db"
    shutil.copyfile(sound, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE INDEX qqqq ON incident (title)")
        connection.commit()
    raw = file.read_bytes()
    assert raw.count(b"qqqq") == 2, "in its name and in its SQL"
    file.write_bytes(raw.replace(b"qqqq", b"q\xffqq"))
    assert [one for one in rescue(file, tmp_path / "new.db") if not one.whole] == []

"""Numbers of rows given out anew: what was done to one that is gone is no hand in the one that has its number now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db import edit, undo
from db.formats.record import Imported, Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from db.verify import findings

MAPPING = """origin = "o"
[columns]
id = "id"
title = "title"
tags = "tags"
publisher = "paper"
quote = "words"
place = "where"
[actors]
attacker = "who"
[systems]
munition = "what"
"""
SHARED = ("actor", "system", "document", "place")
FIRST = "1,A,red;blue,Karsa,Rocket,Post,it fell,Erbil\n"
OTHER = "2,B,green,Belmont,Drone,Times,it flew,Homs\n"

Release = Callable[[str], Imported]


@pytest.fixture
def release(store: Store, tmp_path: Path) -> Release:
    """Imports these rows."""
    (tmp_path / "m.toml").write_text(MAPPING)

    def came(rows: str) -> Imported:
        (tmp_path / "rows.csv").write_text(f"id,title,tags,who,what,paper,words,where\n{rows}")
        return import_file(store, tmp_path / "rows.csv", named("csv"), Options(mapping=tmp_path / "m.toml"))

    return came


def by_hand(store: Store, *statements: str) -> None:
    with store.write("by hand") as connection:
        for sql in statements:
            connection.execute(sql)


def whole(store: Store) -> tuple[str, int, int, int, list[str]]:
    """Title, number of actors, systems and quotes, and the tags of the only incident."""
    ((title, *counts),) = store.connection.execute(
        "SELECT title, (SELECT count(*) FROM incident_actor), (SELECT count(*) FROM incident_system),"
        " (SELECT count(*) FROM quote) FROM incident"
    ).fetchall()
    names = store.connection.execute(
        "SELECT name FROM tag JOIN incident_tag ON tag.id = tag_id ORDER BY name"
    ).fetchall()
    assert not [finding for finding in findings(store.connection) if finding.wrong]
    return title, *counts, [name for (name,) in names]


def test_an_incident_that_was_deleted_and_came_back_is_the_sources(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, "UPDATE incident SET title = 'Mine'", "DELETE FROM incident_actor", "DELETE FROM incident")
    release(FIRST)
    edit.add_note(store, 1, "hello")
    done = release(FIRST.replace("1,A", "1,A newer"))
    assert (done.changed, done.held, done.conflicts) == (1, 0, 0)
    assert whole(store) == ("A newer", 1, 1, 1, ["blue", "red"])


@pytest.mark.parametrize("how", ["seed", "undo"])
def test_another_incident_with_the_number_of_one_that_went_is_the_sources(
    how: str, store: Store, release: Release
) -> None:
    if how == "seed":
        release(FIRST)
        by_hand(store, "UPDATE incident SET title = 'Mine'", "DELETE FROM quote", "DELETE FROM incident")
    else:
        by_hand(store, "INSERT INTO incident (key, title) VALUES ('x', 'X')")
        by_hand(store, "UPDATE incident SET title = 'Y'")
        undo.undo(store)
        undo.undo(store)
    release(OTHER)
    by_hand(store, "UPDATE incident SET summary = 'mine' WHERE origin_id = '2'")
    done = release(OTHER.replace("2,B", "2,B newer"))
    assert (done.changed, done.held, done.conflicts) == (1, 1, 0)  # the summary
    assert whole(store) == ("B newer", 1, 1, 1, ["green"])


def test_the_hand_in_an_incident_comes_back_with_it(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, "UPDATE incident SET title = 'Mine'", "DELETE FROM incident_actor")
    by_hand(store, "DELETE FROM incident")
    undo.undo(store)
    done = release(FIRST.replace("Rocket", "Drone"))
    assert (done.changed, done.held, done.conflicts) == (1, 2, 0)  # title and actors
    assert whole(store) == ("Mine", 0, 1, 1, ["blue", "red"])


def test_a_tag_that_got_the_number_of_another_stays_away_too(store: Store, release: Release) -> None:
    release(FIRST.replace("red;blue", "red"))
    edit.untag(store, 1, ["red"])
    release(FIRST)
    edit.untag(store, 1, ["blue"])
    done = release(FIRST.replace("1,A", "1,A newer"))
    assert (done.changed, done.held) == (1, 1)
    assert whole(store) == ("A newer", 1, 1, 1, [])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE actor SET name = 'Mended'",
        "UPDATE system SET name = 'Mended'",
        "UPDATE document SET publisher = 'Mended', reliability = 'B'",
        "UPDATE place SET name = 'Mended', where_prec = 2, radius_m = 500",
    ],
)
def test_what_is_mended_in_names_stays_under_a_newer_release(sql: str, store: Store, release: Release) -> None:
    """The source goes on calling it what it was: that is the one that was mended, and no other."""
    release(FIRST)
    by_hand(store, sql)
    rows = {t: store.connection.execute(f"SELECT * FROM {t} ORDER BY id").fetchall() for t in SHARED}
    done = release(FIRST.replace("1,A", "1,A newer"))
    assert done.changed == 1
    assert {t: store.connection.execute(f"SELECT * FROM {t} ORDER BY id").fetchall() for t in SHARED} == rows
    assert whole(store) == ("A newer", 1, 1, 1, ["blue", "red"])


def test_a_tag_that_was_renamed_does_not_come_back_under_its_old_name(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, "UPDATE tag SET name = 'crimson' WHERE name = 'red'")
    release(FIRST.replace("1,A", "1,A newer"))
    assert whole(store) == ("A newer", 1, 1, 1, ["blue", "crimson"])
    assert store.connection.execute("SELECT count(*) FROM tag").fetchone() == (2,)


def test_what_is_done_against_the_source_stays(store: Store, release: Release) -> None:
    """A value that is what it once was is no taking back where the source has said another in between."""
    release(FIRST)
    by_hand(store, "UPDATE incident SET title = 'B'")
    edit.tag(store, 1, ["green"])
    release(FIRST.replace("1,A,red;blue", "1,B,red;blue;green"))
    by_hand(store, "UPDATE incident SET title = 'A'")
    edit.untag(store, 1, ["green"])
    done = release(FIRST.replace("1,A,red;blue", "1,B,red;blue;green").replace("Rocket", "Drone"))
    assert (done.changed, done.conflicts) == (1, 1)
    assert whole(store) == ("A", 1, 1, 1, ["blue", "red"])


def called(store: Store, key: str) -> tuple[str, str]:
    """Attacker and place of an incident."""
    found = store.connection.execute(
        "SELECT a.name, p.name FROM incident AS i JOIN incident_actor AS x ON x.incident_id = i.id"
        " JOIN actor AS a ON a.id = x.actor_id JOIN place AS p ON p.id = i.place_id WHERE i.origin_id = ?",
        (key,),
    ).fetchone()
    return str(found[0]), str(found[1])


MISTAKE = ("UPDATE actor SET name = 'Belmont'", "UPDATE place SET name = 'Homs'")


def test_a_renaming_that_was_taken_back_counts_no_more(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, *MISTAKE)
    undo.undo(store)
    release(OTHER)
    assert (called(store, "1"), called(store, "2")) == (("Karsa", "Erbil"), ("Belmont", "Homs"))


def test_a_name_that_no_source_gave_is_nobody_elses(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, *MISTAKE)
    by_hand(store, "UPDATE actor SET name = 'Third'", "UPDATE place SET name = 'Third'")
    release(OTHER)
    assert called(store, "2") == ("Belmont", "Homs")
    release(FIRST.replace("1,A", "3,C"))
    assert called(store, "3") == ("Third", "Third")


def test_a_mended_name_ends_with_its_row_and_comes_back_with_it(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, "UPDATE actor SET name = 'Mended'", "UPDATE place SET name = 'Mended'")
    undo.undo(store)
    undo.undo(store)
    release(OTHER)
    release(FIRST)
    assert (called(store, "1"), called(store, "2")) == (("Karsa", "Erbil"), ("Belmont", "Homs"))
    by_hand(store, "UPDATE actor SET name = 'Mended' WHERE name = 'Karsa'")
    by_hand(store, "DELETE FROM incident WHERE origin_id = '1'", "DELETE FROM actor WHERE name = 'Mended'")
    undo.undo(store)
    release(FIRST.replace("1,A", "1,A newer"))
    assert called(store, "1") == ("Mended", "Erbil")


def test_a_name_mended_with_its_key_stays(store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, "UPDATE actor SET key = 'm', name = 'Mended'", "UPDATE place SET key = 'm', name = 'Mended'")
    release(FIRST.replace("1,A", "1,A newer"))
    assert called(store, "1") == ("Mended", "Mended")


def test_a_mended_name_ends_where_a_redone_import_has_its_number(store: Store, release: Release) -> None:
    release(FIRST)
    undo.undo(store)
    undone = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    release(OTHER)
    by_hand(store, "UPDATE actor SET name = 'Mended'", "UPDATE place SET name = 'Mended'")
    undo.undo(store)
    undo.undo(store)
    undo.undo(store, undone)
    release(OTHER.replace("2,B", "5,E"))
    assert (called(store, "1"), called(store, "5")) == (("Karsa", "Erbil"), ("Belmont", "Homs"))


@pytest.mark.parametrize("back", ["by hand", "undone"])
def test_a_mistaken_name_is_nobodys_though_a_release_came_meanwhile(back: str, store: Store, release: Release) -> None:
    release(FIRST)
    by_hand(store, *MISTAKE)
    mistake = store.connection.execute("SELECT max(id) FROM log").fetchone()[0]
    release("7,G,white,Zebulon,Mine,Daily,it lay,Basra\n")
    if back == "by hand":
        by_hand(
            store,
            "UPDATE actor SET name = 'Karsa' WHERE name = 'Belmont'",
            "UPDATE place SET name = 'Erbil' WHERE name = 'Homs'",
        )
    else:
        by_hand(store, "UPDATE actor SET name = 'Third' WHERE name = 'Belmont'")
        undo.undo(store)
        undo.undo(store, mistake)
    release(OTHER)
    assert (called(store, "1"), called(store, "2")) == (("Karsa", "Erbil"), ("Belmont", "Homs"))


def test_a_chain_that_was_changed_and_put_back_is_the_sources(store: Store, tmp_path: Path) -> None:
    head = "id,type_of_violence,side_a,side_b,country,date_start,date_end,date_prec,best,low,high,where_coordinates"
    cells = '1,1,A,B,Iraq,2021-05-01,2021-05-01,1,3,3,3,Erbil,36.1,44.0,1,"""Post,2021-05-02,Head""",{}\n'

    def came(speaker: str) -> None:
        (tmp_path / "g.csv").write_text(
            f"{head},latitude,longitude,where_prec,source_article,source_original\n{cells.format(speaker)}"
        )
        import_file(store, tmp_path / "g.csv", named("ucdp-ged"), Options())

    def root() -> str:
        sql = (
            "SELECT a.name FROM attribution AS t JOIN actor AS a ON a.id = t.actor_id ORDER BY t.quote_id DESC LIMIT 1"
        )
        return str(store.connection.execute(sql).fetchone()[0])

    came("Radio X")
    assert root() == "Radio X"
    by_hand(store, "UPDATE attribution SET verb = 'claimed'")
    undo.undo(store)
    came("Radio Y")
    assert root() == "Radio Y"
    by_hand(store, "UPDATE attribution SET verb = 'claimed'")
    came("Radio Z")
    assert root() == "Radio Y"


DELETED = {
    "actor": ("DELETE FROM incident_actor", "DELETE FROM actor"),
    "system": ("DELETE FROM incident_system", "DELETE FROM system"),
    "tag": ("DELETE FROM tag",),
    "place": ("INSERT INTO place (key, name) VALUES ('own', 'Own')",
              "UPDATE incident SET place_id = (SELECT id FROM place WHERE key = 'own')",
              "DELETE FROM place WHERE name = 'Erbil'"),
}  # fmt: skip


def told(store: Store) -> dict[str, list[str]]:
    """Names of what the only incident has, by table."""
    return {
        table: [name for (name,) in store.connection.execute(f"SELECT n.name FROM {sql} ORDER BY n.name")]
        for table, sql in {
            "actor": "incident_actor AS x JOIN actor AS n ON n.id = x.actor_id",
            "system": "incident_system AS x JOIN system AS n ON n.id = x.system_id",
            "tag": "incident_tag AS x JOIN tag AS n ON n.id = x.tag_id",
            "place": "incident AS x JOIN place AS n ON n.id = x.place_id",
        }.items()
    }


@pytest.mark.parametrize("table", DELETED)
def test_what_was_deleted_with_its_name_stays_away_and_its_number_is_nobody_else_s(
    store: Store, release: Release, table: str
) -> None:
    release(FIRST)
    by_hand(store, *DELETED[table])
    stays = told(store)
    for title in ("newer", "newer still"):
        done = release(FIRST.replace("1,A", f"1,{title}"))
        assert (done.changed, done.conflicts, told(store)) == (1, 0, stays)
    release("1,C,green,Zed,Mortar,Post,it fell,Homs\n")
    others = {"actor": ["Zed"], "system": ["Mortar"], "tag": ["green"], "place": ["Own"]}
    assert told(store)[table] == others[table]

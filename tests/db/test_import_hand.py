"""A newer release of a data set beside the analyst's own work: what was changed by hand stays, and is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db import edit, read
from db.formats import jsonl, jsonl_read
from db.formats.record import Imported, Options
from db.formats.registry import named
from db.formats.ucdp_ged import FORMAT
from db.handwork import OWN_TABLES, handwork
from db.importing import import_file
from db.model import Incident
from db.rescue import rescue
from db.same_root import not_same
from db.store import Store
from db.undo import undo
from db.verify import findings

DATA = Path(__file__).resolve().parent.parent / "data"
ID = "114064"

Row = dict[str, str]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        import_file(opened, DATA / "ged_iraq_hdx.csv", FORMAT, Options())
        yield opened


@pytest.fixture
def release(store: Store, tmp_path: Path) -> Callable[..., Imported]:
    """Imports the file again with some cells of one row changed."""

    def newer(**cells: str) -> Imported:
        with (DATA / "ged_iraq_hdx.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["id"]]
        next(row for row in rows if row["id"] == ID).update(cells)
        path = tmp_path / "newer.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return import_file(store, path, FORMAT, Options())

    return newer


def by_hand(store: Store, *statements: str) -> None:
    with store.write("by hand") as connection:
        for sql in statements:
            connection.execute(sql.replace("THIS", f"(SELECT id FROM incident WHERE origin_id = '{ID}')"))


def the(store: Store) -> Incident:
    found = read.incident(store.connection, read.incident_id(store.connection, f"ucdp-ged-{ID}"))
    assert found is not None
    return found


def test_what_was_changed_by_hand_stays_where_the_source_has_nothing_new(
    store: Store, release: Callable[..., Imported]
) -> None:
    by_hand(
        store, "UPDATE incident SET title = 'Mine', summary = 'My words', date_edtf = '2014-01-24~' WHERE id = THIS"
    )
    done = release(best="9", high="9")
    assert (done.changed, done.held, done.conflicts) == (1, 3, 0)
    found = the(store)
    assert (found.title, found.summary, found.date_edtf, found.killed.best) == ("Mine", "My words", "2014-01-24~", 9)
    assert "source_says" not in found.extra
    assert not [f for f in findings(store.connection) if f.wrong]


def test_a_conflict_keeps_both_and_is_told(store: Store, release: Callable[..., Imported]) -> None:
    by_hand(store, "UPDATE incident SET killed_best = 7, title = 'Mine' WHERE id = THIS")
    done = release(best="9", high="10")
    assert (done.changed, done.held, done.conflicts) == (1, 1, 1)
    found = the(store)
    assert (found.killed.best, found.killed.high, found.extra["source_says"]) == (7, 10, {"killed_best": 9})
    assert any(f"killed_best of ucdp-ged-{ID}" in note and "yours stand" in note for note in done.notes)
    # The same release again says nothing new; a later one is still held against the analyst's value.
    again = release(best="9", high="10")
    assert (again.changed, again.same, again.conflicts) == (0, 14, 0)
    later = release(best="11", high="11")
    assert (later.changed, later.conflicts) == (1, 1)
    assert (the(store).killed.best, the(store).killed.high, the(store).extra["source_says"]) == (
        7,
        11,
        {"killed_best": 11},
    )
    # The source comes round: there is nothing left to say.
    agreed = release(best="7", high="12")
    assert (agreed.conflicts, the(store).killed.best, "source_says" in the(store).extra) == (0, 7, False)


def test_a_newer_release_leaves_the_estimate_of_the_analyst_in_order(
    store: Store, release: Callable[..., Imported]
) -> None:
    by_hand(store, "UPDATE incident SET killed_best = 9, killed_high = 12 WHERE id = THIS")
    done = release(low="10", best="11", high="11")
    found = the(store)
    assert (found.killed.low, found.killed.best, found.killed.high) == (8, 9, 12)
    assert found.extra["source_says"] == {"killed_low": 10, "killed_best": 11, "killed_high": 11}
    assert (done.changed, done.conflicts) == (1, 3)
    assert not [finding for finding in findings(store.connection) if finding.wrong]
    again = release(low="10", best="11", high="11")
    assert (again.changed, again.conflicts) == (0, 0), "said once"
    later = release(low="9", best="11", high="11")
    assert (later.changed, later.conflicts) == (1, 2)
    assert the(store).killed.low == 9, "a bound that fits is the source's again"


def test_what_was_taken_back_is_the_sources_again(store: Store, release: Callable[..., Imported]) -> None:
    before = the(store).killed.best
    by_hand(store, "UPDATE incident SET killed_best = 70, killed_high = 80 WHERE id = THIS")
    by_hand(store, f"UPDATE incident SET killed_best = {before} WHERE id = THIS")
    by_hand(store, "UPDATE incident SET title = 'Oops' WHERE id = THIS")
    undo(store)
    done = release(best="9", high="9", side_b="Islamic State")
    assert (done.held, done.conflicts) == (0, 1)
    found = the(store)
    assert (found.killed.best, found.killed.high, found.title.startswith("Government of Iraq – Islamic State")) == (
        9,
        80,
        True,
    )


def test_a_place_in_conflict_is_named_by_its_key(store: Store, release: Callable[..., Imported]) -> None:
    by_hand(store, "INSERT INTO place (key, name) VALUES ('mine', 'Mine')",
            "UPDATE incident SET place_id = (SELECT id FROM place WHERE key = 'mine') WHERE id = THIS")  # fmt: skip
    done = release(where_coordinates="Elsewhere")
    assert (done.conflicts, done.held) == (2 - 1, 0)
    found = the(store)
    assert found.place is not None
    assert (found.place.name, found.extra["source_says"]) == ("Mine", {"place": "elsewhere"})


def test_actors_and_quotes_of_the_analyst_stay(store: Store, release: Callable[..., Imported]) -> None:
    source = [a.actor.name for a in the(store).actors]
    by_hand(
        store,
        "INSERT INTO actor (key, name) VALUES ('mine', 'Mine')",
        "INSERT INTO incident_actor (incident_id, actor_id, role) SELECT THIS, id, 'host' FROM actor WHERE key = 'mine'",
        "UPDATE incident_actor SET role = 'attacker', attribution = 'suspected' WHERE incident_id = THIS AND actor_id ="
        f" (SELECT id FROM actor WHERE name = '{source[1]}')",
        "INSERT INTO document (key, title) VALUES ('own', 'Own')",
        "INSERT INTO quote (incident_id, document_id, exact) SELECT THIS, id, 'own words' FROM document WHERE key = 'own'",
    )
    done = release(best="9", side_a="Someone new")
    assert (done.changed, done.held) == (1, 1)
    found = the(store)
    assert {(a.actor.name, a.role, a.attribution) for a in found.actors} == {
        ("Someone new", "affected", "known"), (source[1], "attacker", "suspected"), ("Mine", "host", "known"),
    }  # fmt: skip
    assert "own words" in [quote.exact for quote in found.quotes]


def test_what_the_analyst_deleted_does_not_come_back(store: Store, release: Callable[..., Imported]) -> None:
    by_hand(store, "DELETE FROM incident_actor WHERE incident_id = THIS AND role = 'affected' AND actor_id ="
            " (SELECT id FROM actor WHERE name = 'IS')",
            "DELETE FROM quote WHERE incident_id = THIS")  # fmt: skip
    left = {a.actor.name for a in the(store).actors}
    release(best="9")
    assert {a.actor.name for a in the(store).actors} == left
    assert the(store).quotes == ()
    undo(store)  # the import; the deletion stands
    assert the(store).quotes == ()


def test_a_quote_that_got_its_place_is_not_doubled(store: Store, release: Callable[..., Imported]) -> None:
    (quote,) = the(store).quotes
    by_hand(store, f"""UPDATE quote SET "start" = 0, "end" = length(exact) WHERE id = {quote.id}""")
    release(best="9")
    assert [(q.exact, q.start) for q in the(store).quotes] == [(quote.exact, 0)]


def test_an_undone_import_is_not_the_analysts_hand(store: Store, release: Callable[..., Imported]) -> None:
    release(best="9", high="9")
    undo(store)
    done = release(best="9", high="9")
    assert (done.changed, done.held, done.conflicts, the(store).killed.best) == (1, 0, 0, 9)


def test_estimates_out_of_order_are_the_sources_until_someone_changes_them(
    store: Store, release: Callable[..., Imported]
) -> None:
    release(low="5", best="4", high="3")

    def odd() -> dict[str, bool]:
        return {f.where: f.wrong for f in findings(store.connection) if f.what == "estimate"}

    assert odd()[f"ucdp-ged-{ID}"] is False
    by_hand(store, "UPDATE incident SET killed_best = 99 WHERE id = THIS")
    assert odd()[f"ucdp-ged-{ID}"] is True


def test_the_log_tells_of_the_revision(store: Store, release: Callable[..., Imported]) -> None:
    by_hand(store, "UPDATE incident SET title = 'Mine' WHERE id = THIS")
    release(best="9", high="9")
    before, after = store.connection.execute("SELECT before, after FROM log ORDER BY id DESC LIMIT 1").fetchone()
    assert json.loads(after)[0]["row"]["changed"] == 1
    assert '"killed_best": 9' in after
    assert '"title": "Mine"' in before


def test_a_tag_that_the_analyst_took_away_does_not_come_back(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('origin = "o"\n[columns]\nid = "id"\ntitle = "title"\ntags = "tags"\n')
    options = Options(mapping=tmp_path / "m.toml")

    def tags(store: Store) -> list[str]:
        sql = "SELECT name FROM tag AS t JOIN incident_tag AS i ON i.tag_id = t.id ORDER BY name"
        return [name for (name,) in store.connection.execute(sql)]

    with Store.create(tmp_path / "store.db") as store:
        (tmp_path / "one.csv").write_text("id,title,tags\n1,A,red;blue\n")
        import_file(store, tmp_path / "one.csv", named("csv"), options)
        edit.untag(store, 1, ["red"])
        (tmp_path / "two.csv").write_text("id,title,tags\n1,B,red;blue;green\n")
        done = import_file(store, tmp_path / "two.csv", named("csv"), options)
        assert (done.changed, done.held) == (1, 1)
        assert tags(store) == ["blue", "green"]
        undo(store)
        assert tags(store) == ["blue"]


def test_what_came_with_json_lines_is_somebodys_work(
    store: Store, release: Callable[..., Imported], tmp_path: Path
) -> None:
    """A colleague's title, merged into a store with the same rows, is not the source's to take away."""
    with Store.create(tmp_path / "other.db") as other:
        import_file(other, DATA / "ged_iraq_hdx.csv", FORMAT, Options())
        by_hand(other, "UPDATE incident SET title = 'Theirs' WHERE id = THIS")
        ids = [i for (i,) in other.connection.execute("SELECT id FROM incident ORDER BY id")]
        lines = "".join(line + "\n" for line in jsonl.write(other.connection, ids))
    (tmp_path / "theirs.jsonl").write_text(lines, encoding="utf-8")
    import_file(store, tmp_path / "theirs.jsonl", jsonl_read.FORMAT, Options())
    assert the(store).title == "Theirs"
    done = release(best="9", high="9")
    assert (done.changed, done.held) == (1, 1)
    assert (the(store).title, the(store).killed.best) == ("Theirs", 9)
    assert not [note for note in done.notes if "without their log" in note]


def test_what_came_without_its_log_is_the_sources_and_that_is_said(
    store: Store, release: Callable[..., Imported], tmp_path: Path
) -> None:
    by_hand(store, "UPDATE incident SET title = 'Mine' WHERE id = THIS")
    ids = [i for (i,) in store.connection.execute("SELECT id FROM incident ORDER BY id")]
    lines = "".join(line + "\n" for line in jsonl.write(store.connection, ids))
    (tmp_path / "all.jsonl").write_text(lines, encoding="utf-8")
    release(best="9", high="9")  # writes the file that is imported below
    with Store.create(tmp_path / "new.db") as new:
        import_file(new, tmp_path / "all.jsonl", jsonl_read.FORMAT, Options())
        done = import_file(new, tmp_path / "newer.csv", FORMAT, Options())
        assert done.changed == 1
        (said,) = [note for note in done.notes if "without their log" in note]
        assert said.startswith("1 of the incidents")
        undo(new)
        assert the(new).title == "Mine"


def test_a_rescued_store_keeps_what_was_changed_by_hand(
    store: Store, release: Callable[..., Imported], tmp_path: Path
) -> None:
    by_hand(store, "UPDATE incident SET title = 'Mine' WHERE id = THIS")
    rescue(tmp_path / "store.db", tmp_path / "rescued.db")
    release(best="9", high="9")
    with Store.open(tmp_path / "rescued.db", write=True) as rescued:
        done = import_file(rescued, tmp_path / "newer.csv", FORMAT, Options())
        assert (done.changed, done.held) == (1, 1)
        assert (the(rescued).title, the(rescued).killed.best) == ("Mine", 9)


def test_what_json_lines_put_in_again_as_it_was_is_nobodys_work(
    store: Store, release: Callable[..., Imported], tmp_path: Path
) -> None:
    """They rewrite an incident whole, under new numbers: what the analyst had made of it before still counts."""
    by_hand(
        store,
        "INSERT INTO actor (key, name) VALUES ('mine', 'Mine')",
        "INSERT INTO incident_actor (incident_id, actor_id, role)"
        " VALUES (THIS, (SELECT id FROM actor WHERE key = 'mine'), 'affected')",
    )
    ids = [i for (i,) in store.connection.execute("SELECT id FROM incident ORDER BY id")]
    lines = "".join(line + "\n" for line in jsonl.write(store.connection, ids))
    title, key = the(store).title, f'{{"incident":{{"key":"{the(store).key}",'
    changed = [line.replace(title, "Theirs") if line.startswith(key) else line for line in lines.splitlines()]
    (tmp_path / "theirs.jsonl").write_text("\n".join(changed), encoding="utf-8")
    import_file(store, tmp_path / "theirs.jsonl", jsonl_read.FORMAT, Options())
    undo(store)
    import_file(store, tmp_path / "theirs.jsonl", jsonl_read.FORMAT, Options())
    hand = handwork(store.connection, ids)[the(store).id]
    assert (hand.columns, {t: len(rows) for t, rows in hand.rows.items() if rows}) == (
        {"title": title},
        {"incident_actor": 1},
    )
    assert not any(map(hand.lost, OWN_TABLES)) and not hand.chains
    release(best="9", high="9", side_b="Another side")
    assert {actor.actor.name for actor in the(store).actors} >= {"Mine", "Another side"}


def test_a_quote_of_which_roots_were_said_to_be_apart_stays(store: Store, release: Callable[..., Imported]) -> None:
    quotes = [quote.id for quote in the(store).quotes]
    by_hand(
        store,
        "INSERT INTO document (key, title) VALUES ('mine', 'Mine')",
        "INSERT INTO quote (incident_id, document_id, exact)"
        " VALUES (THIS, (SELECT id FROM document WHERE key = 'mine'), 'my words')",
    )
    (mine,) = (quote.id for quote in the(store).quotes if quote.id not in quotes)
    for quote in quotes:
        not_same(store, quote, mine)
    pairs = store.connection.execute("SELECT * FROM root_dismissal").fetchall()
    headline = "Iraq violence kills 9 as January toll tops 800"
    done = release(source_article=f'"Agence France Presse,2014-01-25,{headline}"', source_headline=headline)
    assert (done.changed, done.held) == (1, len(quotes))
    assert store.connection.execute("SELECT * FROM root_dismissal").fetchall() == pairs
    assert {quote.id for quote in the(store).quotes} > {*quotes, mine}

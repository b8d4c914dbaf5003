"""An undo keeps what rows must keep together: with what was written since it makes nothing wrong, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db import linking, log, picking, put_back, same_root, undo
from db.attach import attach
from db.errors import UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from db.verify import findings
from tests.support.logged import Content, Seed, content, last, seeding

BASE = """
INSERT INTO document (key, title, published_edtf) VALUES
    ('da', 'A', '2021-05-05'), ('db', 'B', '2021-05-20'), ('dc', 'C', NULL);
INSERT INTO actor (key, name) VALUES ('x', 'X'), ('y', 'Y');
INSERT INTO place (key, name) VALUES ('p', 'P'), ('q', 'Q');
INSERT INTO system (key, name) VALUES ('s', 'S'), ('t', 'T');
INSERT INTO tag (name) VALUES ('hot'), ('cold');
INSERT INTO incident (key, title, date_edtf) VALUES ('i', 'I', '2021-05'), ('j', 'J', '2021-06');
"""

QUOTES = "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'w1 aa'), (1, 2, 'w2 bb'), (1, 3, 'w3 cc');"


@pytest.fixture
def seed(store: Store) -> Seed:
    return seeding(store, BASE)


def faults(store: Store) -> list[str]:
    return [str(finding.message) for finding in findings(store.connection) if finding.wrong]


def interval(store: Store) -> tuple[object, ...]:
    found: tuple[object, ...] = store.connection.execute(
        "SELECT date_earliest, date_latest, date_prec FROM incident WHERE id = 1"
    ).fetchone()
    return found


def refused(store: Store, seq: int, name: str, since: int) -> None:
    """The undo is refused for what `since` wrote, and changes nothing; once that is undone it passes."""
    before = content(store)
    with pytest.raises(UsageError, match=f"{name}.* has been changed since by log {since} .*: undo that one first"):
        undo.undo(store, seq)
    assert content(store) == before and faults(store) == []
    undo.undo(store, since)
    undo.undo(store, seq)
    assert faults(store) == []


# -- intervals --------------------------------------------------------------------------------------------------------


def test_an_interval_follows_from_the_documents_that_are_left(store: Store, seed: Seed) -> None:
    first = seed("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'w1');")
    seed("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 2, 'w2');")
    assert interval(store) == ("2021-05-01", "2021-05-05", 2)
    undo.undo(store, first)
    assert interval(store) == ("2021-05-01", "2021-05-20", 4)
    again = content(store)
    undo.redo(store)
    assert interval(store) == ("2021-05-01", "2021-05-05", 2)
    undo.undo(store, first)
    assert content(store) == again and faults(store) == []


def test_an_interval_follows_from_a_document_that_was_quoted_since_its_day_was_changed(
    store: Store, seed: Seed
) -> None:
    seed("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 3, 'w1');")
    dated = seed("UPDATE document SET published_edtf = '2021-05-05' WHERE key = 'dc';")
    seed("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 2, 'w2');")
    undo.undo(store, dated)
    assert interval(store) == ("2021-05-01", "2021-05-20", 4)
    assert faults(store) == []


def test_an_interval_that_stood_before_the_last_write_is_put_back_as_it_was(store: Store, seed: Seed) -> None:
    store.connection.execute("UPDATE incident SET date_latest = '2021-05-07' WHERE id = 1")  # by plain SQL, and wrong
    before = content(store)
    seed("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'w1');")
    undo.undo(store)
    assert content(store) == before


@pytest.fixture
def release(store: Store, tmp_path: Path) -> Callable[..., int]:
    """Imports one row of a data set, of an incident with a document's day and perhaps a place."""
    (tmp_path / "m.toml").write_text(
        'origin = "o"\n[columns]\nid = "id"\ntitle = "title"\ndate = "date"\nplace = "place"\ndocument = "doc"\n'
        'published = "published"\nquote = "quote"\n'
    )

    def came(published: str, place: str = "", quote: str = "words") -> int:
        row = f"1,One,2021-05,{place},Doc,{published},{quote}"
        (tmp_path / "rows.csv").write_text(f"id,title,date,place,doc,published,quote\n{row}\n")
        import_file(store, tmp_path / "rows.csv", named("csv"), Options(mapping=tmp_path / "m.toml"))
        return last(store)

    return came


def test_an_interval_follows_from_what_is_left_by_the_undo_of_a_newer_release(
    store: Store, seed: Seed, release: Callable[..., int]
) -> None:
    release("2021-05-25")
    newer = release("2021-05-08")
    seed(
        "INSERT INTO quote (incident_id, document_id, exact) SELECT id, 2, 'mine' FROM incident WHERE origin IS NOT NULL;"
    )
    undo.undo(store, newer)
    latest = store.connection.execute("SELECT date_latest FROM incident WHERE origin IS NOT NULL").fetchone()
    assert latest == ("2021-05-20",)
    assert faults(store) == []


def test_an_interval_of_an_import_done_again_follows_from_a_document_that_stayed_and_was_dated_since(
    store: Store, seed: Seed, release: Callable[..., int]
) -> None:
    came = release("2021-05-25")
    seed(
        "UPDATE incident SET date_edtf = NULL WHERE id = 2;"
        " INSERT INTO quote (incident_id, document_id, exact) SELECT 2, id, 'mine' FROM document WHERE title = 'Doc';"
    )
    undo.undo(store, came)
    gone = last(store)
    seed("UPDATE document SET published_edtf = '2021-05-08' WHERE title = 'Doc';")
    undo.undo(store, gone)
    latest = store.connection.execute("SELECT date_latest FROM incident WHERE origin IS NOT NULL").fetchone()
    assert latest == ("2021-05-08",)


# -- rows that swap what no two may have ------------------------------------------------------------------------------


def test_what_others_point_to_steps_aside_in_all_that_is_unique(store: Store) -> None:
    pointed_to = {parent for table in log.TABLES for parent, *_ in log.references(store.connection, table)}
    for table in pointed_to:
        unique = {
            column
            for _, index, _, origin, _ in store.connection.execute(f"PRAGMA index_list({table})")
            if origin == "u"
            for _, _, column in store.connection.execute(f"PRAGMA index_info({index})").fetchall()
        }
        assert set(put_back._UNIQUE.get(table, ())) == unique, table


@pytest.mark.parametrize(
    ("table", "column", "one", "other"),
    [
        ("document", "key", "da", "db"),
        ("actor", "key", "x", "y"),
        ("place", "key", "p", "q"),
        ("system", "key", "s", "t"),
        ("incident", "key", "i", "j"),
        ("tag", "name", "hot", "cold"),
    ],
)
def test_two_names_that_were_swapped_are_swapped_back(
    table: str, column: str, one: str, other: str, store: Store, seed: Seed
) -> None:
    before = content(store)
    renamed = ((one, "between"), (other, one), ("between", other))
    seed("\n".join(f"UPDATE {table} SET {column} = '{new}' WHERE {column} = '{old}';" for old, new in renamed))
    after = content(store)
    assert after != before
    undo.undo(store)
    assert content(store) == before
    undo.redo(store)
    assert content(store) == after


def test_ids_of_a_data_set_that_were_swapped_are_swapped_back(store: Store, seed: Seed) -> None:
    seed("UPDATE incident SET origin = 'o', origin_id = key;")
    before = content(store)
    seed(
        "UPDATE incident SET origin_id = NULL WHERE key = 'i'; UPDATE incident SET origin_id = 'i' WHERE key = 'j';"
        "UPDATE incident SET origin_id = 'j' WHERE key = 'i';"
    )
    undo.undo(store)
    assert content(store) == before


def test_like_quotes_that_a_text_moved_into_each_others_places_are_moved_back(store: Store, seed: Seed) -> None:
    attach(store, b"Boom. Boom. End.", "da")
    seed(
        'INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix) VALUES'
        " (1, 1, 0, 5, 'Boom.', NULL, ' Boom.'), (1, 1, 6, 11, 'Boom.', 'Boom. ', ' End.');"
    )
    before = content(store)
    attach(store, b"Said: Boom. Boom. End.", "da")
    after = content(store)
    assert store.connection.execute('SELECT "start" FROM quote').fetchall() == [(6,), (12,)]
    undo.undo(store)
    assert content(store) == before
    undo.redo(store)
    assert content(store) == after


# -- what rests on the rows -------------------------------------------------------------------------------------------


def test_a_step_of_a_chain_is_not_undone_under_a_later_one(store: Store, seed: Seed) -> None:
    seed(QUOTES)
    same_root.same(store, 1, 2)
    first = last(store)
    same_root.same(store, 3, 2)
    refused(store, first, "attribution", last(store))


def test_a_step_of_a_chain_does_not_come_back_over_one_that_went_since(store: Store, seed: Seed) -> None:
    seed(QUOTES + "INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 1, 1), (1, 2, 2);")
    upper = seed("DELETE FROM attribution WHERE step = 2;")
    lower = seed("DELETE FROM attribution;")
    refused(store, upper, "attribution", lower)


@pytest.mark.parametrize(
    ("makes", "names"),
    [
        ("INSERT INTO place (key, name) VALUES ('r', 'R')", "'place', 'r'"),
        ("INSERT INTO actor (key, name) VALUES ('r', 'R')", "'attacker', 'r'"),
        ("INSERT INTO system (key, name) VALUES ('r', 'R')", "'outcome:r', 'hit'"),
        ("UPDATE system SET key = 'r' WHERE key = 't'", "'weapon', 'r'"),
    ],
)
def test_what_a_later_claim_names_does_not_go(makes: str, names: str, store: Store, seed: Seed) -> None:
    seed(QUOTES)
    made = seed(f"{makes};")
    claimed = seed(f"INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, {names});")
    refused(store, made, "the claim of incident 'i'", claimed)


def test_a_claim_does_not_come_back_without_what_it_names(store: Store, seed: Seed) -> None:
    seed(QUOTES + "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'place', 'q');")
    unsaid = seed("DELETE FROM claim;")
    gone = seed("DELETE FROM place WHERE key = 'q';")
    refused(store, unsaid, "place 'q'", gone)


def test_a_place_of_an_import_that_a_claim_names_stays(store: Store, seed: Seed, release: Callable[..., int]) -> None:
    came = release("2021-05-25", place="Depot")
    ((key,),) = store.connection.execute("SELECT key FROM place WHERE name = 'Depot'").fetchall()
    claim = "INSERT INTO claim (incident_id, quote_id, field, value) SELECT 1, id, 'place', '{}' FROM quote"
    seed(f"{QUOTES} {claim.format(key)} WHERE exact = 'w1 aa';")
    undo.undo(store, came)
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (2,)
    assert store.connection.execute("SELECT key FROM place WHERE name = 'Depot'").fetchall() == [(key,)]
    assert faults(store) == []


@pytest.mark.parametrize("table", ["actor", "place", "system"])
def test_nothing_becomes_part_of_itself(table: str, store: Store, seed: Seed) -> None:
    seed(f"UPDATE {table} SET part_of = 2 WHERE id = 1;")
    apart = seed(f"UPDATE {table} SET part_of = NULL WHERE id = 1;")
    turned = seed(f"UPDATE {table} SET part_of = 1 WHERE id = 2;")
    refused(store, apart, table, turned)


def test_no_incident_becomes_part_of_itself_by_links(store: Store, seed: Seed) -> None:
    seed("INSERT INTO incident (key, title) VALUES ('k', 'K');")
    linking.link(store, 1, 2, "part_of")
    linking.link(store, 1, 3, "related")  # so that no other link gets the number of the first
    linking.unlink(store, 1, 2)
    apart = last(store)
    linking.link(store, 2, 3, "part_of")
    linking.link(store, 3, 1, "part_of")
    refused(store, apart, "incident link", last(store))


def test_a_link_as_the_same_does_not_come_back_beside_the_word_that_they_are_not(store: Store, seed: Seed) -> None:
    linking.link(store, 1, 2, "same_as")
    linking.unlink(store, 1, 2)
    apart = last(store)
    linking.link(store, 2, 1, "distinct")
    refused(store, apart, "the claim of incident 'j'", last(store))


def test_the_word_that_two_are_not_the_same_does_not_come_back_beside_a_link(store: Store, seed: Seed) -> None:
    linking.link(store, 1, 2, "distinct")
    linking.unlink(store, 1, 2, "distinct")
    unsaid = last(store)
    linking.link(store, 2, 1, "same_as")
    refused(store, unsaid, "incident link", last(store))


def test_a_pick_is_not_done_again_beside_a_later_one(store: Store, seed: Seed) -> None:
    seed(
        QUOTES + "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'motive', 'a'),"
        " (1, 2, 'motive', 'b');"
    )
    picking.pick(store, 1, "one")
    undo.undo(store)
    undone = last(store)
    picking.pick(store, 2, "two")
    refused(store, undone, "the claim of incident 'i'", last(store))


def test_a_text_does_not_go_from_under_a_quote_that_was_placed_in_it(store: Store, seed: Seed) -> None:
    attach(store, b"The drone fell at dawn.", "da")
    attach(store, b"Late: The drone fell at dawn.", "da")
    attached = last(store)
    quoted = seed(
        'INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, 10, 15, \'drone\');'
    )
    refused(store, attached, "the quote of incident 'i'", quoted)


def test_a_quote_does_not_come_back_at_its_place_in_another_text(store: Store, seed: Seed) -> None:
    attach(store, b"The drone fell at dawn.", "da")
    seed('INSERT INTO quote (incident_id, document_id, "start", "end", exact) VALUES (1, 1, 4, 9, \'drone\');')
    removed = seed("DELETE FROM quote;")
    attach(store, b"Late: The drone fell at dawn.", "da")
    refused(store, removed, "document 'da'", last(store))


# -- what was wrong before --------------------------------------------------------------------------------------------

MENDED = {
    "chain": (
        "INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 2, 1);",
        "INSERT INTO attribution (quote_id, step, actor_id) VALUES (1, 1, 2);",
    ),
    "claim": (
        "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, 1, 'place', 'r');",
        "INSERT INTO place (key, name) VALUES ('r', 'R');",
    ),
    "circle": (
        "UPDATE place SET part_of = 3 - id;",
        "UPDATE place SET part_of = NULL WHERE id = 1;",
    ),
    "two picks": (
        "INSERT INTO claim (incident_id, quote_id, field, value, rank) VALUES (1, 1, 'motive', 'a', 'preferred'),"
        " (1, 2, 'motive', 'b', 'preferred');",
        "UPDATE claim SET rank = 'normal' WHERE id = 1;",
    ),
    "words": (
        "UPDATE document SET text = 'Here w1 aa', text_length = 10 WHERE id = 1;"
        'UPDATE quote SET "start" = 0, "end" = 5 WHERE id = 1;',
        "UPDATE document SET text = 'w1 aa here', text_length = 10 WHERE id = 1;",
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_was_wrong_before_a_write_is_no_hindrance(name: str, store: Store, seed: Seed) -> None:
    """Neither alone, nor after another write that has nothing to do with it."""
    wrong, mend = MENDED[name]
    seed(QUOTES)
    store.connection.executescript(wrong)  # by a program that keeps no log
    before = content(store)
    mended = seed(mend)
    undo.undo(store)
    assert content(store) == before
    undo.redo(store)
    linking.link(store, 1, 2, "related")
    undo.undo(store, mended)
    assert _but_links(content(store)) == _but_links(before)


def _but_links(found: Content) -> Content:
    return {table: rows for table, rows in found.items() if table != "incident_link"}


def test_who_has_taken_a_name_since_is_named(store: Store, seed: Seed) -> None:
    seed("INSERT INTO incident (key, title) VALUES ('tagged', 'T'); INSERT INTO tag (name) VALUES ('t');")
    seed("DELETE FROM tag WHERE name = 't'; INSERT INTO tag (id, name) VALUES (70, 'other');")
    gone = last(store)
    seed("INSERT INTO tag (id, name) VALUES (80, 't');")
    refused(store, gone, "tag 't'", last(store))
    assert [name for (name,) in store.connection.execute("SELECT name FROM tag") if name in ("t", "other")] == ["t"]

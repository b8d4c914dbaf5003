"""Links: one logged write each, taken back without a trace, and no count that anybody asks for changes by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import batch, linking, log, read
from db.engine import Wants, open_engine
from db.errors import ReadOnlyError, ScriptError, UsageError
from db.fields import FACET_NAMES
from db.formats import jsonl
from db.model import Link, Together
from db.put_back import put_back
from db.query import parse
from db.records import record
from db.report import incident_lines
from db.store import Store
from db.verify import findings
from seed.load import load


@pytest.fixture
def store(seeded: Path) -> Store:
    return Store.open(seeded, write=True)


def state(store: Store) -> list[str]:
    """All of the store but its log and what only counts changes."""
    return [
        line
        for line in store.connection.iterdump()
        if not line.startswith(('INSERT INTO "log"', 'INSERT INTO "change"', 'INSERT INTO "sqlite_sequence"'))
    ]


def whats(store: Store) -> list[str]:
    return [what for (what,) in store.connection.execute("SELECT what FROM log ORDER BY id")]


@pytest.mark.parametrize("kind", linking.KINDS)
def test_a_link_is_one_row_of_the_log_and_goes_without_a_trace(store: Store, kind: str) -> None:
    before, rows = state(store), len(whats(store))
    assert linking.link(store, 1, 2, kind)
    assert not linking.link(store, 1, 2, kind)
    assert len(whats(store)) == rows + 1
    assert linking.unlink(store, 2, 1, None) == [kind]
    assert state(store) == before
    assert linking.unlink(store, 1, 2) == []
    assert len(whats(store)) == rows + 2
    assert not list(log.broken_rows(store.connection))


def test_a_word_of_distinct_is_a_denied_claim_and_goes_again(store: Store) -> None:
    before = state(store)
    assert linking.link(store, 1, 2, linking.DISTINCT)
    assert not linking.link(store, 2, 1, linking.DISTINCT)
    claim = store.connection.execute("SELECT field, value, polarity, quote_id FROM claim ORDER BY id DESC").fetchone()
    (key,) = store.connection.execute("SELECT key FROM incident WHERE id = 2").fetchone()
    assert claim == ("same_as", key, "denies", None)
    assert (1, 2) in linking.settled(store.connection)
    assert not [f for f in findings(store.connection) if f.wrong]
    incident = read.incident(store.connection, 1)
    assert incident is not None
    assert "same_as" not in incident.disputed
    assert linking.unlink(store, 2, 1) == []
    assert linking.unlink(store, 2, 1, linking.DISTINCT) == [linking.DISTINCT]
    assert state(store) == before


def test_what_cannot_be_is_refused_and_nothing_is_written(store: Store) -> None:
    linking.link(store, 1, 2, "same_as")
    rows = whats(store)
    for one, other, kind, message in (
        (1, 1, "same_as", "with itself"),
        (2, 1, linking.DISTINCT, "unlink them first"),
        (1, 3, "twin", "no link is called"),
        (1, 999_999, "same_as", "is gone"),
    ):
        with pytest.raises(UsageError, match=message):
            linking.link(store, one, other, kind)
    assert whats(store) == rows
    with Store.open(store.path) as reading, pytest.raises(ReadOnlyError):
        linking.link(reading, 1, 3, "same_as")


def test_linking_as_the_same_takes_back_that_they_are_distinct_in_the_same_write(store: Store) -> None:
    linking.link(store, 1, 2, linking.DISTINCT)
    rows = len(whats(store))
    linking.link(store, 2, 1, "same_as")
    assert len(whats(store)) == rows + 1
    assert store.connection.execute("SELECT count(*) FROM claim WHERE field = 'same_as'").fetchone() == (0,)
    put_back(store.connection, log.changes_of(store.connection, rows + 1))
    assert store.connection.execute("SELECT count(*) FROM claim WHERE field = 'same_as'").fetchone() == (1,)
    assert store.connection.execute("SELECT count(*) FROM incident_link WHERE kind = 'same_as'").fetchone() == (0,)


def test_one_way_links_are_two_and_the_others_one(store: Store) -> None:
    assert linking.link(store, 1, 2, "retaliates")
    assert linking.link(store, 2, 1, "retaliates")
    assert linking.link(store, 1, 2, "related")
    assert not linking.link(store, 2, 1, "related")
    assert linking.unlink(store, 1, 2, "retaliates") == ["retaliates"]
    assert sorted(linking.unlink(store, 1, 2)) == ["related", "retaliates"]


def test_no_answer_and_no_count_changes(store: Store) -> None:
    def answers() -> list[object]:
        engine = open_engine(store)
        found: list[object] = []
        for text in ("", "drone", "is:disputed", "roots:1", "-kind:context", "quotes:>=2"):
            answer = engine.answer(parse(text), Wants(facets=FACET_NAMES))
            found.append(
                (answer.totals, answer.window(0, 999), {name: list(answer.facets[name]) for name in FACET_NAMES})
            )
        return found

    before = answers()
    records = {incident.key: record(incident) for incident in batch.incidents(store.connection, range(1, 60))}
    linking.link(store, 1, 2, "same_as")
    linking.link(store, 2, 30, "same_as")
    assert answers() == before
    assert {i.key: record(i) for i in batch.incidents(store.connection, range(1, 60))} == records


def quoted(store: Store) -> list[int]:
    """Incidents with quotes, those with different documents first."""
    return [
        row[0]
        for row in store.connection.execute("SELECT DISTINCT incident_id FROM quote ORDER BY document_id DESC, 1")
    ]


def test_documents_and_roots_of_all_that_are_the_same_count_together(store: Store) -> None:
    a, b, c = quoted(store)[0], quoted(store)[-1], quoted(store)[-2]
    linking.link(store, a, b, "same_as")
    linking.link(store, c, b, "same_as")
    documents, speakers = set(), set()
    for incident in batch.incidents(store.connection, (a, b, c)):
        publishers = {d.key: d.publisher or d.key for d in incident.documents}
        documents |= set(publishers)
        speakers |= {q.chain[-1].name if q.chain else publishers[q.document_key] for q in incident.quotes}
    expected = Together(3, len(documents), len(speakers))
    assert len(documents) > 1
    for incident in batch.incidents(store.connection, (a, b, c)):
        assert incident.together == expected
        assert read.incident(store.connection, incident.id) == incident
        noun = "document" + "s" * (len(documents) != 1)
        assert any(
            f"with 2 others linked as the same: {len(speakers)} root" in line and noun in line
            for line in incident_lines(incident)
        )
    rows = {row.id: row.same_as for row in read.rows(store.connection, [a, b, c, 1])}
    assert (rows[a], rows[b], rows[c]) == (1, 2, 1)
    linking.unlink(store, a, b)
    lonely = read.incident(store.connection, a)
    assert lonely is not None
    assert lonely.together is None


def test_each_side_sees_the_link(store: Store) -> None:
    linking.link(store, 1, 2, "same_as")
    one, two = read.incident(store.connection, 1), read.incident(store.connection, 2)
    assert one is not None
    assert two is not None
    assert Link("same_as", two.key, two.title, True) in one.links
    assert Link("same_as", one.key, one.title, False) in two.links


def test_links_and_words_travel_in_own_json_lines(store: Store) -> None:
    linking.link(store, 1, 2, "same_as")
    linking.link(store, 3, 4, linking.DISTINCT)
    lines = "\n".join(jsonl.write(store.connection, [1, 2, 3, 4]))
    assert '"kind":"same_as"' in lines
    assert '"field":"same_as"' in lines


def test_nothing_becomes_a_part_of_itself(store: Store) -> None:
    for one, other in ((1, 2), (2, 3)):
        linking.link(store, one, other, "part_of")
    rows = len(whats(store))
    for one, other in ((2, 1), (3, 1)):
        with pytest.raises(UsageError, match=r"is part of .* already"):
            linking.link(store, one, other, "part_of")
    assert len(whats(store)) == rows
    assert not [finding for finding in findings(store.connection) if finding.wrong]
    store.connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (3, 1, 'part_of')")
    wrong = [finding for finding in findings(store.connection) if finding.wrong]
    assert [finding.what for finding in wrong] == ["link"] * 3


def test_a_key_by_which_two_were_said_to_be_distinct_stays(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "two.sql"
    file.write_text("INSERT INTO incident (key, title) VALUES ('one', 'One'), ('two', 'Two');", encoding="utf-8")
    load(store, [file])
    one, two = (read.incident_id(store.connection, key) for key in ("one", "two"))
    linking.link(store, one, two, linking.DISTINCT)
    file.write_text(
        "UPDATE incident SET title = 'New'\nWHERE key = 'two';\nUPDATE incident SET key = 'new' WHERE key = 'two';",
        encoding="utf-8",
    )
    with pytest.raises(ScriptError, match=r"two.sql:3: incident 'two' cannot have another key: .*'one'; take that"):
        load(store, [file])
    assert (one, two) in linking.settled(store.connection)
    linking.unlink(store, one, two, linking.DISTINCT)
    load(store, [file])
    assert read.incident_id(store.connection, "new") == two


def test_what_is_the_same_by_others_is_settled(store: Store) -> None:
    store.connection.execute("DELETE FROM incident_link")
    for one, other in ((4, 3), (1, 2), (5, 6), (2, 3)):
        linking.link(store, one, other, "same_as")
    linking.link(store, 7, 8, "related")
    found = linking.settled(store.connection)
    pairs = {(one, other) for one in range(1, 10) for other in range(1, 10) if one != other and (one, other) in found}
    whole = [{1, 2, 3, 4}, {5, 6}, {7, 8}]
    assert pairs == {(one, other) for ids in whole for one in ids for other in ids if one != other}


def test_what_is_the_same_over_others_is_not_said_to_be_distinct(store: Store) -> None:
    linking.link(store, 1, 2, "same_as")
    linking.link(store, 2, 3, "same_as")
    before = state(store)
    with pytest.raises(UsageError, match="the same by links over others"):
        linking.link(store, 3, 1, linking.DISTINCT)
    assert state(store) == before


def test_no_link_makes_two_the_same_that_are_said_to_be_distinct(store: Store) -> None:
    linking.link(store, 1, 2, "same_as")
    linking.link(store, 3, 1, linking.DISTINCT)
    linking.link(store, 1, 4, linking.DISTINCT)
    before = state(store)
    one, three = (store.connection.execute("SELECT key FROM incident WHERE id = ?", (n,)).fetchone()[0] for n in (1, 3))
    with pytest.raises(UsageError, match=f"unlink {three} {one} --as distinct"):
        linking.link(store, 2, 3, "same_as")
    assert state(store) == before
    assert linking.link(store, 2, 3, "related")
    # Between the two themselves the later word stands.
    assert linking.link(store, 1, 3, "same_as")
    assert not linking.unlink(store, 1, 3, linking.DISTINCT)


def test_a_word_that_was_deprecated_can_be_said_again(store: Store) -> None:
    linking.link(store, 1, 2, linking.DISTINCT)
    with store.write("deprecate") as connection:
        connection.execute("UPDATE claim SET rank = 'deprecated' WHERE field = 'same_as'")
    assert (1, 2) not in linking.settled(store.connection)
    assert linking.link(store, 2, 1, linking.DISTINCT)
    assert (1, 2) in linking.settled(store.connection)
    assert not linking.link(store, 1, 2, linking.DISTINCT)

"""Roots, not reports: counts as plain SQL has them, and suspicions that change nothing until the user says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import log, read, roots, same_root, undo
from db.engine import open_engine
from db.errors import UsageError
from db.formats import jsonl, jsonl_read
from db.formats.record import Options
from db.importing import import_file
from db.put_back import put_back
from db.query import parse
from db.same_root import INFERRED, suspected
from db.store import Store
from db.verify import findings
from tests.support.chance_store import ChanceStore

REPORTS = """
SELECT count(*) FROM (
  SELECT 'd' || d.id FROM quote AS q JOIN document AS d ON d.id = q.document_id WHERE q.incident_id = :id
  UNION
  SELECT 'a' || a.name FROM quote AS q JOIN attribution AS x ON x.quote_id = q.id JOIN actor AS a ON a.id = x.actor_id
  JOIN document AS e ON e.id = q.document_id
  WHERE q.incident_id = :id AND a.name NOT IN (SELECT coalesce(nullif(d.publisher, ''), d.key) FROM quote AS p
    JOIN document AS d ON d.id = p.document_id WHERE p.incident_id = :id))
"""
"""Documents, and names in chains that are not the voice of one of them."""


def ids(store: Store) -> list[int]:
    return [row[0] for row in store.connection.execute("SELECT id FROM incident ORDER BY id")]


def test_press_tv_and_sabereen_are_one_root(template: Path) -> None:
    with Store.open(template) as store:
        (found,) = [c for c in roots.corroborations(store.connection, ids(store)) if c.key.startswith("victory")]
    assert roots.words(found.reports, len(found.roots)) == "3 reports, 2 roots"
    sabereen = next(root for root in found.roots if root.name == "Sabereen News")
    assert [(way.by_way_of, way.document) for way in sabereen.through] == [(("Press TV",), "jpost-2021-06-22")]
    assert "Press TV" not in [root.name for root in found.roots]


@pytest.mark.parametrize("seed", [None, *range(12)])
def test_every_number_is_a_plain_query(seed: int | None, template: Path, tmp_path: Path) -> None:
    path = template
    if seed is not None:
        path = tmp_path / "chance.db"
        ChanceStore(path, seed).close()
    with Store.open(path) as store:
        connection = store.connection
        everything = ids(store)
        found = list(roots.corroborations(connection, everything))
        assert [each.id for each in found] == everything
        rows = {row.id: row for row in read.rows(connection, everything)}
        for each in found:
            assert len(each.roots) == rows[each.id].roots
            assert each.documents == rows[each.id].documents
            assert each.quotes == sum(root.quotes for root in each.roots)
            (reports,) = connection.execute(REPORTS, {"id": each.id}).fetchone()
            assert each.reports == reports
            incident = read.incident(connection, each.id)
            assert incident is not None
            assert roots.reports(incident) == reports
        total = roots.summary(found, 0)
        single = open_engine(store).answer(parse("is:single-source kind:incident")).totals
    assert total.single_source == single.certain + single.possible


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    """Three papers on one strike: an agency's words, a copy of them without its name, and words of one's own."""
    path = tmp_path / "wire.db"
    with Store.create(path) as store, store.write("make") as connection:
        for sql in (
            "INSERT INTO document (key, publisher, published_edtf) VALUES ('copy', 'Daily Copy', '2021-05-09'),"
            " ('agency', 'The Agency', '2021-05-08'), ('own', 'Own Voice', '2021-05-10')",
            "INSERT INTO actor (key, name) VALUES ('police', 'Police')",
            "INSERT INTO incident (key, title) VALUES ('strike', 'Strike'), ('other', 'Other')",
            "INSERT INTO quote (incident_id, document_id, exact) VALUES"
            " (1, 1, 'Two drones laden with explosives struck the base early on Tuesday'),"
            " (1, 2, 'two drones, laden with explosives, struck the base early on Tuesday, witnesses said'),"
            " (1, 3, 'Something loud was heard near the base'),"
            " (2, 1, 'Two drones laden with explosives struck the base early on Tuesday')",
        ):
            connection.execute(sql)
    return path


def counted(path: Path) -> tuple[int, int]:
    """Roots of the strike by the row, and how many incidents the engine finds with three roots."""
    with Store.open(path) as store:
        (row,) = read.rows(store.connection, [1])
        return row.roots, open_engine(store).answer(parse("roots:3")).totals.rows


def test_a_wire_copy_is_offered_and_counts_change_only_when_the_user_says_so(wire: Path) -> None:
    with Store.open(wire, write=True) as store:
        (found,) = suspected(store.connection)
        assert (found.kind, found.incident, found.token) == ("quotes", "strike", "2+1"), "the agency appeared first"
        assert found.words == "two drones, laden with explosives, struck the base early on Tuesday"
        assert (found.overlap.shared, found.overlap.containment) == (7, 1.0)
        assert counted(wire) == (3, 1)
        assert same_root.same(store, 2, 1) == 1
        assert counted(wire) == (2, 0)
        assert suspected(store.connection) == []
        chain = read.incident(store.connection, 1).quotes[1].chain  # type: ignore[union-attr]
        assert [(step.name, step.verb) for step in chain] == [("The Agency", INFERRED)]
        (row,) = store.connection.execute("SELECT id FROM log ORDER BY id DESC LIMIT 1").fetchone()
        with store.write("undo") as connection:
            put_back(connection, log.changes_of(connection, row))
        assert counted(wire) == (3, 1)
        assert [s.token for s in suspected(store.connection)] == ["2+1"]
        assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_what_was_said_can_be_taken_back_by_name(wire: Path) -> None:
    with Store.open(wire, write=True) as store:
        same_root.same(store, 2, 1)
        with pytest.raises(UsageError, match="one root already, The Agency"):
            same_root.same(store, 2, 1)
        same_root.take_back(store, 2, 1)
        assert counted(wire) == (3, 1)
        same_root.not_same(store, 1, 2)
        assert suspected(store.connection) == []
        assert counted(wire) == (3, 1)
        same_root.take_back(store, 2, 1)
        assert [s.token for s in suspected(store.connection)] == ["2+1"]
        with pytest.raises(UsageError, match="nothing was said"):
            same_root.take_back(store, 2, 1)


def test_a_dismissal_is_logged_and_goes_with_its_quote(wire: Path) -> None:
    with Store.open(wire, write=True) as store:
        same_root.not_same(store, 2, 1)
        last = store.connection.execute("SELECT what, after FROM log ORDER BY id DESC LIMIT 1").fetchone()
        assert last[0] == "not the same root: quotes 2+1"
        assert '"root_dismissal"' in last[1]
        with store.write("delete") as connection:
            connection.execute("DELETE FROM quote WHERE id = 2")
        assert store.connection.execute("SELECT count(*) FROM root_dismissal").fetchone() == (0,)


def test_a_chain_that_leads_on_comes_first(wire: Path) -> None:
    """The agency quotes the police, the copy names the agency: the words come from the police."""
    with Store.open(wire, write=True) as store:
        with store.write("chains") as connection:
            connection.execute("UPDATE document SET published_edtf = '2021-05-20' WHERE key = 'agency'")
            connection.execute("INSERT INTO actor (key, name) VALUES ('agency', 'The Agency')")
            connection.execute("INSERT INTO attribution (quote_id, step, actor_id) VALUES (2, 1, 1), (1, 1, 2)")
        (found,) = suspected(store.connection)
        assert (found.first.root, found.second.root, found.token) == ("Police", "The Agency", "2+1")
        same_root.same(store, 2, 1)
        chain = read.incident(store.connection, 1).quotes[0].chain  # type: ignore[union-attr]
        assert [step.name for step in chain] == ["The Agency", "Police"]


def test_texts_are_compared_where_they_are_attached(wire: Path) -> None:
    text = " ".join(f"word{n} of the report" for n in range(40))
    with Store.open(wire, write=True) as store:
        with store.write("texts") as connection:
            connection.execute("UPDATE document SET text = ? WHERE key IN ('copy', 'own')", (text,))
            connection.execute("UPDATE document SET text = 'quite another thing' WHERE key = 'agency'")
            connection.execute("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 3, 'own too')")
        found = {s.token: s for s in suspected(store.connection)}
        assert {token: s.kind for token, s in found.items()} == {"2+1": "quotes", "1+3": "texts"}
        assert found["1+3"].overlap.resemblance == 1
        assert same_root.same(store, 1, 3) == 2, "all that the document says in its own voice"
        (row,) = read.rows(store.connection, [1])
        assert row.roots == 2
        same_root.take_back(store, 1, 3)
        same_root.not_same(store, 1, 3)
        assert {s.token for s in suspected(store.connection)} == {"2+1"}


@pytest.fixture
def two_copies(wire: Path) -> Path:
    """The copy has a second quote with the agency's words, and the agency a second quote of its own."""
    with Store.open(wire, write=True) as store, store.write("more") as connection:
        connection.execute(
            "INSERT INTO quote (incident_id, document_id, exact)"
            " VALUES (1, 1, 'no one was hurt in the strike on the base'), (1, 2, 'no one was hurt in the strike on the base')"
        )
    return wire


def roots_of(store: Store, *quotes: int) -> list[str]:
    return [same_root._side(store.connection, quote)[1].root for quote in quotes]


def test_taking_back_one_pair_leaves_the_other_of_the_same_root(two_copies: Path) -> None:
    with Store.open(two_copies, write=True) as store:
        mine = roots_of(store, 1, 5)
        same_root.same(store, 2, 1)
        same_root.same(store, 6, 5)
        assert roots_of(store, 1, 5) == ["The Agency", "The Agency"]
        same_root.take_back(store, 2, 1)
        assert roots_of(store, 1, 5) == [mine[0], "The Agency"]
        same_root.take_back(store, 6, 5)
        assert roots_of(store, 1, 5) == mine
        assert store.connection.execute("SELECT count(*) FROM attribution WHERE verb = ?", (INFERRED,)).fetchone() == (
            0,
        )


def test_without_the_log_a_pair_is_taken_back_alone(two_copies: Path) -> None:
    with Store.open(two_copies, write=True) as store:
        same_root.same(store, 2, 1)
        same_root.same(store, 6, 5)
        store.connection.execute("DELETE FROM log")
        same_root.take_back(store, 2, 1)
        assert roots_of(store, 5) == ["The Agency"] != roots_of(store, 1)


def test_said_taken_back_and_said_again(two_copies: Path) -> None:
    with Store.open(two_copies, write=True) as store:
        for _ in range(2):
            same_root.same(store, 2, 1)
            same_root.take_back(store, 2, 1)
        with pytest.raises(UsageError, match="nothing was said"):
            same_root.take_back(store, 2, 1)


def test_what_was_said_is_taken_back_after_json_lines_wrote_the_incident_anew(wire: Path, tmp_path: Path) -> None:
    """The last quotes of the store get their numbers again, the step another."""
    with Store.open(wire, write=True) as store:
        with store.write("more") as connection:
            connection.execute("INSERT INTO incident (key, title) VALUES ('third', 'Third')")
            connection.execute(
                "INSERT INTO quote (incident_id, document_id, exact) VALUES (3, 1, 'no one was hurt'), (3, 2, 'nobody')"
            )
        mine = roots_of(store, 5, 6)
        same_root.same(store, 6, 5)
        said = store.connection.execute("SELECT id FROM attribution WHERE quote_id = 5").fetchall()
        same_root.same(store, 2, 1)  # has the number behind that of the step
        lines = "\n".join(jsonl.write(store.connection, [3])).replace("Third", "So it is")
        (tmp_path / "third.jsonl").write_text(lines, encoding="utf-8")
        import_file(store, tmp_path / "third.jsonl", jsonl_read.FORMAT, Options())
        assert store.connection.execute("SELECT id FROM attribution WHERE quote_id = 5").fetchall() != said
        assert roots_of(store, 1, 5) == ["The Agency", "The Agency"]
        same_root.take_back(store, 6, 5)
        assert roots_of(store, 5, 6) == mine
        assert roots_of(store, 1) == ["The Agency"]
        with pytest.raises(UsageError, match="nothing was said"):
            same_root.take_back(store, 6, 5)


def test_what_was_undone_is_not_taken_back_from_another_pair(two_copies: Path) -> None:
    with Store.open(two_copies, write=True) as store:
        same_root.same(store, 2, 1)
        undo.undo(store)
        with store.write("another's number") as connection:
            connection.execute("INSERT INTO attribution (quote_id, step, actor_id) SELECT 4, 1, max(id) FROM actor")
        same_root.same(store, 6, 1)
        with pytest.raises(UsageError, match="nothing was said"):
            same_root.take_back(store, 2, 1)
        assert roots_of(store, 1) == ["The Agency"]


def test_quotes_of_two_incidents_are_no_pair(wire: Path) -> None:
    with Store.open(wire, write=True) as store:
        with pytest.raises(UsageError, match="two incidents"):
            same_root.not_same(store, 2, 4)
        assert store.connection.execute("SELECT count(*) FROM root_dismissal").fetchone() == (0,)


def test_what_names_no_pair_is_refused(wire: Path) -> None:
    for token in ("12", "1+1", "a+b", "1+", "99999999999999999999+1"):
        with pytest.raises(UsageError, match="names no pair"):
            same_root.pair_of(token)
    with Store.open(wire, write=True) as store:
        with pytest.raises(UsageError, match="no quote 77"):
            same_root.same(store, 1, 77)
        with pytest.raises(UsageError, match="two incidents"):
            same_root.same(store, 2, 4)

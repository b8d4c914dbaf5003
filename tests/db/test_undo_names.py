"""Names that imports have brought: what an undo takes along of them, what it leaves, and what comes back with a redo."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import undo
from db.attach import attach
from db.errors import UsageError
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from db.verify import findings
from seed.load import load
from tests.support.logged import content

MAPPING = """
[columns]
id = "id"
title = "title"
date = "date"
place = "place"
tags = "tag"
publisher = "publisher"
quote = "quote"
[actors]
attacker = "actor"
"""

NAMES = ("actor", "place", "tag", "document")


class Desk:
    """A store, and ways to write to it; each returns the number of its log row."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self._folder = folder

    def seed(self, sql: str) -> int:
        file = self._folder / "some.sql"
        file.write_text(sql, encoding="utf-8")
        load(self.store, [file])
        return self.last()

    def take(self, origin: str, row: str = "1,A,2021-05-01,Karsa,x,Gazette,Words here,Hill Front") -> int:
        """Import one incident of a data set."""
        sheet, mapping = self._folder / f"{origin}.csv", self._folder / "map.toml"
        sheet.write_text(f"id,title,date,place,tag,publisher,quote,actor\n{row}\n", encoding="utf-8")
        mapping.write_text(MAPPING, encoding="utf-8")
        import_file(self.store, sheet, named("csv"), Options(mapping=mapping, origin=origin))
        return self.last()

    def last(self) -> int:
        return int(self.store.connection.execute("SELECT max(id) FROM log").fetchone()[0])

    def names(self) -> set[tuple[str, str]]:
        return {
            (table, name)
            for table in NAMES
            for (name,) in self.store.connection.execute(f"SELECT {'name' if table == 'tag' else 'key'} FROM {table}")
        }


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    made = Desk(store, tmp_path)
    made.seed("INSERT INTO incident (key, title, date_edtf) VALUES ('i', 'I', '2021-05-01');")
    return made


OWN = """
INSERT INTO tag (name) VALUES ('mine');
INSERT INTO actor (key, name) VALUES ('my-actor', 'My actor');
INSERT INTO place (key, name) VALUES ('my-place', 'My place');
INSERT INTO document (key, title) VALUES ('my-doc', 'My doc');
"""


def test_names_that_come_back_under_an_import_are_not_its_own(desk: Desk) -> None:
    """It gives out no numbers of what people have deleted; those between are nobody's of its."""
    store = desk.store
    own = desk.seed(OWN)
    mine = desk.names()
    undone = undo.undo(store, own).seq
    taken = desk.take("c")
    undo.undo(store, undone)
    undo.undo(store, taken)
    assert desk.names() == mine
    undo.undo(store)
    assert desk.names() == set()


def test_a_text_of_a_document_that_comes_back_under_an_import_stays(desk: Desk) -> None:
    store = desk.store
    desk.seed("INSERT INTO document (key, title) VALUES ('my-doc', 'My doc');")
    attached = attach_to(desk, "my-doc")
    gone = desk.seed("DELETE FROM document;")
    taken = desk.take("c")
    (told,) = store.connection.execute(
        "SELECT json_extract(after, '$[0].row.ids.document') FROM log WHERE id = ?", (taken,)
    ).fetchone()
    assert told == "[2,2]", "the log tells of one document"
    undo.undo(store, gone)
    undo.undo(store, taken)
    assert store.connection.execute("SELECT key, text FROM document").fetchall() == [("my-doc", "Nobody was hurt.")]
    assert undo.undo(store).of == attached


def attach_to(desk: Desk, document: str) -> int:
    attach(desk.store, b"Nobody was hurt.", document)
    return desk.last()


def test_names_that_two_imports_share_go_with_the_last_of_them(desk: Desk) -> None:
    store = desk.store
    desk.seed("INSERT INTO tag (name) VALUES ('x');")
    gone = desk.seed("DELETE FROM tag;")
    before = content(store)
    first, second = desk.take("c"), desk.take("e")
    both = content(store)
    undo.undo(store, first)
    assert len(desk.names()) == 4, "the other has them"
    undo.undo(store, second)
    assert content(store) == before
    assert undo.undo(store).of == gone
    for of in (gone, second, first):
        assert undo.redo(store).of == of
    assert content(store) == both
    assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_a_name_that_was_changed_after_its_import_was_undone_stays(desk: Desk) -> None:
    store = desk.store
    first, second = desk.take("c"), desk.take("e")
    undo.undo(store, first)
    attach_to(desk, "gazette")
    desk.seed("UPDATE actor SET kind = 'militia';")
    undo.undo(store, second)
    assert desk.names() == {("actor", "hill-front"), ("document", "gazette")}


def test_a_name_that_nothing_used_before_is_left_where_it_is(desk: Desk) -> None:
    store = desk.store
    first, second = desk.take("c"), desk.take("e")
    undo.undo(store, first)
    desk.take("e", "1,A,2021-05-01,Karsa,,Gazette,Words here,Hill Front")  # a release without the tag
    later = desk.seed("UPDATE incident SET title = 'mine' WHERE key = 'i';")
    undo.undo(store, later)
    assert ("tag", "x") in desk.names()
    undo.undo(store)
    undo.undo(store, second)
    assert desk.names() == set()


def test_an_import_whose_names_are_gone_with_another_names_that_one(desk: Desk) -> None:
    store = desk.store
    first, second = desk.take("c"), desk.take("e")
    undo.undo(store, second)
    undone = desk.last()
    undo.undo(store, first)
    before = content(store)
    with pytest.raises(UsageError, match=rf"has been changed since by log \d+ \(undo {first}: .*: undo that one first"):
        undo.undo(store, undone)
    assert content(store) == before
    undo.redo(store)
    undo.redo(store)
    assert len(desk.names()) == 4


def test_a_name_of_an_undone_import_that_stands_in_the_way_is_said_to_be_that(desk: Desk) -> None:
    store = desk.store
    desk.seed("INSERT INTO tag (name) VALUES ('x');")
    gone = desk.seed("DELETE FROM tag;")
    first, _ = desk.take("c"), desk.take("e")
    undo.undo(store, first)
    with pytest.raises(UsageError, match=rf"tag 'x' came with log {first} .* which is undone, and stays because"):
        undo.undo(store, gone)


def test_a_name_whose_number_another_had_meanwhile_is_gone_and_no_other(desk: Desk) -> None:
    """What stands in the way is the undo that took it out, not the import that had its number, and is undone too."""
    store = desk.store
    row = "1,A,2021-05-01,Karsa,x,{},Words here,Hill Front".format
    desk.take("z", row("Gazette"))
    first = desk.take("e", row("Radio"))
    desk.take("c", row("Radio"))
    release = desk.take("c", row("Gazette"))
    undone = undo.undo(store, first)
    desk.take("f", row("Herald"))
    assert store.connection.execute("SELECT id, key FROM document").fetchall() == [(1, "gazette"), (2, "herald")]
    undo.undo(store)
    with pytest.raises(
        UsageError, match=rf"'radio' has been changed since by log \d+ \(undo {first}: .*that one first"
    ):
        undo.undo(store)
    undo.undo(store, undone.seq)
    assert undo.undo(store).of == release


def test_names_left_by_one_import_go_again_with_another_that_was_done_again(desk: Desk) -> None:
    store = desk.store
    before = content(store)
    first, second = desk.take("c"), desk.take("e")
    undo.undo(store, first)
    only_second = content(store)
    undo.undo(store, second)
    for _ in range(2):
        undo.redo(store)
        assert content(store) == only_second
        undo.undo(store)
        assert content(store) == before


def test_what_had_the_numbers_of_an_import_while_it_was_out_is_no_change_of_its_rows(desk: Desk) -> None:
    store = desk.store
    before = content(store)
    taken = desk.take("c")
    undone = undo.undo(store, taken)
    made = desk.seed("INSERT INTO tag (name) VALUES ('x');")
    gone = desk.seed("DELETE FROM tag;")
    undo.undo(store, undone.seq)
    again = desk.last()
    with pytest.raises(UsageError, match=rf"tag 'x' has been changed since by log {again} "):
        undo.undo(store)
    undo.undo(store, again)
    assert [undo.undo(store).of for _ in range(2)] == [gone, made]
    assert content(store) == before

"""What is news: what others wrote since the last look, and never what this program wrote itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import edit, undo
from db.formats.record import Options
from db.formats.registry import named
from db.importing import import_file
from db.news import News, Watch
from db.seen import last_seq
from db.store import Store
from tui.news import CHANGED, NEW, Marks, told

GED = Path(__file__).parents[1] / "data" / "ged_iraq_hdx.csv"


@pytest.fixture
def other(seeded: Path) -> Store:
    return Store.open(seeded, write=True)


@pytest.fixture
def reader(seeded: Path) -> Store:
    return Store.open(seeded)


def test_new_changed_and_gone(reader: Store, other: Store) -> None:
    watch = Watch(reader.connection)
    assert not watch.look(reader.connection).any
    edit.star(other, 3, True)
    edit.add_note(other, 4, "n")
    with other.write("more") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('x', 'X'), ('y', 'Y')")
        connection.execute("DELETE FROM incident WHERE key = 'erbil-hangar-2021-04-14' OR id = 9")
        gone = connection.execute("SELECT changes()").fetchone()[0]
    peeked = watch.peek(reader.connection)
    news = watch.look(reader.connection)
    assert news == peeked
    assert (news.added, news.changed, news.gone, news.names) == (2, frozenset({3, 4}), gone, False)
    assert news.new == ((46, 47),)
    assert told(news) == f"+2 incidents, 2 changed, {gone} gone"
    assert watch.look(reader.connection) == News()


def test_ones_own_writes_are_no_news(reader: Store, other: Store) -> None:
    watch = Watch(reader.connection)
    edit.star(other, 3, True)
    before = last_seq(other.connection)
    edit.star(other, 5, True)
    with other.write("own") as connection:
        connection.execute("INSERT INTO incident (key, title) VALUES ('mine', 'M')")
        connection.execute("DELETE FROM incident WHERE id = 11")
    own = (before + 1, last_seq(other.connection))
    news = watch.look(reader.connection, own)
    assert (news.added, news.changed, news.gone, news.new) == (0, frozenset({3}), 0, ())


def test_an_import_of_another_is_a_span_and_its_undo_is_counted(reader: Store, other: Store) -> None:
    watch = Watch(reader.connection)
    import_file(other, GED, named("ucdp-ged"), Options())
    news = watch.look(reader.connection)
    assert (news.new, news.added, news.gone) == (((46, 59),), 14, 0)
    undo.undo(other)
    news = watch.look(reader.connection)
    assert (news.added, news.changed, news.gone) == (0, frozenset(), 14)
    undo.redo(other)
    assert watch.look(reader.connection).added == 14


def test_ones_own_undo_of_an_import_is_no_news(reader: Store, other: Store) -> None:
    import_file(other, GED, named("ucdp-ged"), Options())
    watch = Watch(reader.connection)
    before = last_seq(other.connection)
    undo.undo(other)
    assert not watch.look(reader.connection, (before + 1, last_seq(other.connection))).any


def test_what_numbers_are_left_behind_is_told(reader: Store, other: Store) -> None:
    import_file(other, GED, named("ucdp-ged"), Options())
    watch = Watch(reader.connection)
    with other.write("less") as connection:
        connection.execute("DELETE FROM incident WHERE id IN (9, 10, 20)")
    assert watch.look(reader.connection).left == ((9, 10), (20, 20))
    import_file(other, GED.with_name("ged_syria.csv"), named("ucdp-ged"), Options())
    assert watch.look(reader.connection).left == ()
    undo.undo(other)
    news = watch.look(reader.connection)
    assert news.left == ((60, 59 + news.gone),) and news.gone
    undo.redo(other)
    assert watch.look(reader.connection).new == news.left


def test_a_name_that_many_share(reader: Store, other: Store) -> None:
    watch = Watch(reader.connection)
    with other.write("rename") as connection:
        connection.execute("UPDATE actor SET name = name || '!' WHERE id = 1")
    assert told(watch.look(reader.connection)) == "names changed"


def test_marks_go_as_the_cursor_passes_them() -> None:
    marks = Marks()
    marks.add(News(((10, 12),), frozenset({3}), 3, 1))
    assert [marks.glyph(i) for i in (3, 9, 10, 12, 13)] == [CHANGED, "", NEW, NEW, ""]
    assert marks.words == "+3 incidents, 1 changed, 1 gone" and marks.left == 4
    assert marks.pass_over(11) and not marks.pass_over(11) and not marks.pass_over(5)
    assert sorted(marks.ids()) == [3, 10, 12] and marks.words == "+2 incidents, 1 changed, 1 gone"
    marks.add(News((), frozenset({11, 3}), 0, 0))  # a new one that was seen and changed since is told again
    assert marks.glyph(11) == NEW and marks.left == 4
    for incident in (3, 10, 11, 12):
        assert marks.pass_over(incident)
    assert marks.words == "" and marks.left == 0


def test_what_is_gone_has_no_mark_and_a_number_given_out_anew_has_a_new_one() -> None:
    marks = Marks()
    marks.add(News(((5, 6),), frozenset({2, 3}), 2))
    for incident in (3, 6):
        assert marks.pass_over(incident)
    marks.add(News(gone=2, left=((3, 3), (6, 6))))
    assert sorted(marks.ids()) == [2, 5] and marks.left == 2 and marks.words == "+1 incident, 1 changed, 2 gone"
    marks.add(News(((6, 6),), added=1))
    assert marks.glyph(6) == NEW and sorted(marks.ids()) == [2, 5, 6]
    assert marks.left == 3 and marks.words == "+2 incidents, 1 changed, 2 gone"
    for incident in (2, 5, 6):
        assert marks.pass_over(incident)
    assert marks.words == "" and marks.left == 0


def test_a_number_given_out_anew_is_marked_where_nothing_told_that_it_had_gone() -> None:
    marks = Marks()
    marks.add(News(((5, 9),), added=5))
    assert marks.pass_over(6) and marks.pass_over(8)
    marks.add(News(((6, 6),), added=1))
    assert [marks.glyph(i) for i in range(4, 11)] == ["", NEW, NEW, NEW, "", NEW, ""]
    assert marks.left == len(list(marks.ids())) == 4 and marks.words == "+4 incidents"


def test_many_marks_take_no_room_of_their_own() -> None:
    marks = Marks()
    marks.add(News(((1, 2_000_000),), frozenset(), 2_000_000, 0))
    assert marks.left == 2_000_000 and marks.glyph(1_999_999) == NEW
    assert marks.words == "+2,000,000 incidents"

"""Leaving a source out: the columns agree with a slow reference that deletes, and the seeds show what they must."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import droppable
from db.errors import UsageError
from db.leave_out import Difference, Dropped, Effect, changes, without
from db.store import Store
from tests.support.chance_store import ChanceStore
from tests.support.slow_without import Numbers, Out, effects

SECOND = Dropped(documents=frozenset({"jpost-2021-06-22"}))


def by_key(connection: sqlite3.Connection, difference: Difference) -> dict[str, Effect]:
    keys = dict(connection.execute("SELECT id, key FROM incident"))
    return {keys[effect.id]: effect for effect in difference.effects()}


def plain(effect: Effect) -> tuple[str, Numbers, Numbers]:
    before, after = (
        (s.quotes, s.documents, s.roots, s.killed, s.injured, s.disputed) for s in (effect.before, effect.after)
    )
    return effect.fate, before, after


def test_without_the_second_article_exactly_what_rests_on_it_alone_vanishes(template: Path, tmp_path: Path) -> None:
    with Store.open(template) as store:
        found = by_key(store.connection, without(store.connection, SECOND))
        alone = store.connection.execute(
            "SELECT i.key FROM incident AS i JOIN quote AS q ON q.incident_id = i.id"
            " JOIN document AS d ON d.id = q.document_id GROUP BY i.id"
            " HAVING min(d.key = 'jpost-2021-06-22') = 1"
        ).fetchall()
    assert {key for key, effect in found.items() if effect.fate == "vanishes"} == {key for (key,) in alone}
    assert len(alone) == 18
    erbil = found["erbil-drone-2021-04"]
    assert (erbil.before.documents, erbil.after.documents) == (2, 1)
    assert changes(erbil) == ["roots 2 → 1", "documents 2 → 1", "quotes 3 → 2"]
    slow = effects(template, Out(documents=frozenset({"jpost-2021-06-22"})), tmp_path / "copy.db")
    assert {key: plain(effect) for key, effect in found.items()} == slow


def test_the_tally_counts_incidents_and_sets_context_beside(template: Path) -> None:
    with Store.open(template) as store:
        difference = without(store.connection, SECOND)
        fates = by_key(store.connection, difference)
        kinds = dict(store.connection.execute("SELECT key, kind FROM incident"))
        shown = [i for (i,) in store.connection.execute("SELECT id FROM incident WHERE event_type = 'drone-strike'")]
    tally = difference.tally()
    assert tally.vanish == sum(e.fate == "vanishes" and kinds[key] == "incident" for key, e in fates.items()) == 5
    assert (tally.single_source, tally.change) == (1, 0)
    assert tally.beside == sum(kinds[key] != "incident" for key in fates) == 13
    assert tally.words == "5 vanish, 1 single-source, 0 change (+ 13 context)"
    filtered = difference.tally(shown)
    assert (filtered.vanish, filtered.single_source) == (
        sum(e.fate == "vanishes" and e.id in shown and kinds[k] == "incident" for k, e in fates.items()),
        1,
    )


def test_press_tv_takes_what_came_by_way_of_it_along(template: Path) -> None:
    """Sabereen News speaks through Press TV: without it, Victory is left with the article's own voice."""
    with Store.open(template) as store:
        victory = by_key(store.connection, without(store.connection, Dropped(speakers=frozenset({"Press TV"}))))[
            "victory-drones-2021-06-21"
        ]
    assert victory.fate == "single-source"
    assert victory.before.disputed == ("date",)
    assert victory.after.disputed == ()


@pytest.mark.parametrize("seed", range(12))
def test_chance_stores_agree_with_the_slow_reference(seed: int, tmp_path: Path) -> None:
    made = ChanceStore(tmp_path / "chance.db", seed)
    chance = random.Random(seed)
    # Claims of a chance store rest on no quote: give most of them one, or nothing would ever fall with it.
    for claim in made.ids("claim"):
        made.execute(
            "UPDATE OR IGNORE claim SET quote_id = (SELECT q.id FROM quote AS q WHERE q.incident_id = claim.incident_id"
            " ORDER BY (q.id * ?) % 7 LIMIT 1) WHERE id = ?",
            chance.randint(1, 6), chance.choice([claim, claim, claim, -1]),
        )  # fmt: skip
    made.close()
    with Store.open(tmp_path / "chance.db") as store:
        connection = store.connection
        keys = [key for (key,) in connection.execute("SELECT key FROM document")]
        names = [c.words for c in droppable.choices(connection) if c.kind == "speaker"]
        for _ in range(4):
            documents = frozenset(chance.sample(keys, min(len(keys), chance.choice([0, 1, 1, 2]))))
            speakers = frozenset(chance.sample(names, min(len(names), chance.choice([0, 0, 1, 2]))))
            below = chance.choice([None, None, "A", "B", "D"])
            ungraded = chance.random() < 0.2
            worse: set[str | None] = set("ABCDE"["ABCDE".index(below) + 1 :]) if below else set()
            out = Out(documents, speakers, frozenset(worse | ({None, "F"} if ungraded else set())))
            difference = without(connection, Dropped(documents, speakers, below, ungraded))
            found = by_key(connection, difference)
            assert {key: plain(effect) for key, effect in found.items()} == effects(
                tmp_path / "chance.db", out, tmp_path / "copy.db"
            )
            tally = difference.tally()
            assert tally.vanish + tally.single_source + tally.change + tally.beside == len(difference) == len(found)


def test_an_incident_without_a_quote_never_vanishes_and_claims_alone_hold_nothing_up(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store.create(path) as store, store.write("make") as connection:
        connection.execute(
            "INSERT INTO document (key, publisher, reliability) VALUES ('a', 'A', 'D'), ('b', 'B', NULL)"
        )
        connection.execute("INSERT INTO incident (key, title) VALUES ('bare', 'x'), ('one', 'x'), ('two', 'x')")
        connection.execute(
            "INSERT INTO quote (incident_id, document_id, exact) VALUES (2, 1, 'q'), (3, 1, 'five died'), (3, 2, 'three')"
        )
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (1, NULL, 'killed', '1'),"
            " (2, NULL, 'killed', '2'), (3, 2, 'killed', '5'), (3, 3, 'killed', '3'), (3, NULL, 'injured', '1')"
        )
    with Store.open(path) as store:
        found = by_key(store.connection, without(store.connection, Dropped(below="C")))
        nothing = without(store.connection, Dropped(below="D"))
        ungraded = by_key(store.connection, without(store.connection, Dropped(ungraded=True)))
    assert {key: effect.fate for key, effect in found.items()} == {"one": "vanishes", "two": "single-source"}
    assert changes(found["two"])[-2:] == ["killed 3–5 → 3", "disputed killed → nothing"]
    assert len(nothing) == 0
    assert list(ungraded) == ["two"]


def test_a_name_that_is_not_there_is_refused_with_the_nearest(template: Path) -> None:
    with Store.open(template) as store:
        connection = store.connection
        with pytest.raises(UsageError, match="did you mean jpost-2021-06-22"):
            droppable.named(connection, ["jpost-2021-06-2"], [], None)
        with pytest.raises(UsageError, match="did you mean Press TV"):
            droppable.named(connection, [], ["Pres TV"], None)
        with pytest.raises(UsageError, match="no grade"):
            droppable.named(connection, [], [], "F")
        with pytest.raises(UsageError, match="name what to leave out"):
            droppable.named(connection, [], [], None)
        assert droppable.named(connection, [], ["press-tv"], "b") == Dropped(
            speakers=frozenset({"Press TV"}), below="B"
        )


def test_each_choice_says_how_many_quotes_would_fall(template: Path) -> None:
    with Store.open(template) as store, closing(sqlite3.connect(template)) as plain_sql:
        found = droppable.choices(store.connection)
        for choice in found:
            difference = without(store.connection, choice.dropped)
            assert sum(e.before.quotes - e.after.quotes for e in difference.effects()) == choice.quotes, choice.words
        documents = plain_sql.execute("SELECT count(DISTINCT document_id) FROM quote").fetchone()[0]
    assert sum(choice.kind == "document" for choice in found) == documents == 2


def test_a_claimed_number_beyond_measure_is_no_number(seeded: Path) -> None:
    """Python refuses to read more than 4,300 digits, and no column takes more than eighteen."""
    with Store.open(seeded, write=True) as store, store.write("claims") as connection:
        connection.executemany(
            "INSERT INTO claim (incident_id, quote_id, field, value, polarity)"
            " SELECT q.incident_id, q.id, 'killed', ?, 'asserts' FROM quote AS q LIMIT 1",
            [("9" * 5_000,), ("7",)],
        )
    with Store.open(seeded) as store:
        difference = without(store.connection, Dropped(documents=frozenset({"jpost-2021-05-08"})))
    claimed = {side.killed for effect in difference.effects() for side in (effect.before, effect.after)}
    assert (7, 7) in claimed
    assert all(found is None or found[1] < 10**18 for found in claimed)


def test_a_document_without_title_and_publisher_is_offered_by_its_key(tmp_path: Path) -> None:
    with Store.create(tmp_path / "store.db") as store:
        with store.write("make") as connection:
            connection.execute("INSERT INTO document (key, title, publisher) VALUES ('bare', '', '')")
            connection.execute("INSERT INTO incident (key, title) VALUES ('i', 'I')")
            connection.execute("INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, 'words')")
        (document,) = (choice for choice in droppable.choices(store.connection) if choice.kind == "document")
    assert (document.words, document.dropped.label) == ("bare", "bare")

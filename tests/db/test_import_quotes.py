"""A newer release beside quotes that an analyst took out: which of several of the same words is meant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from db import read
from db.formats import jsonl
from db.formats.record import Imported, Options
from db.formats.registry import named
from db.importing import import_file
from db.store import Store
from db.undo import undo


def release(store: Store, folder: Path, *speakers: Sequence[str], document: str = "D", **columns: object) -> Imported:
    """Import one incident in which each of these chains of speakers says the same words."""
    quotes = [{"exact": "It was a drone", "document": document, "chain": list(chain)} for chain in speakers]
    own: dict[str, object] = {
        "key": "k",
        "kind": "incident",
        "title": "t",
        "date_edtf": "2021",
        "match": "certain",
        "quotes": quotes,
    }
    own |= columns
    feature = {"type": "Feature", "geometry": None, "properties": own}
    file = folder / "rows.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return import_file(store, file, named("geojson"), Options())


def claim(store: Store, speaker: str) -> None:
    """Claim that three were killed, on the quote of a speaker."""
    with store.write("by hand") as connection:
        connection.execute(
            "INSERT INTO claim (incident_id, quote_id, field, value) SELECT 1, x.quote_id, 'killed', '3'"
            " FROM attribution AS x JOIN actor AS a ON a.id = x.actor_id WHERE a.name = ?",
            (speaker,),
        )


def claimed_by(store: Store) -> list[str]:
    """The names in the chain of the quote that the claim rests on."""
    sql = (
        "SELECT a.name FROM claim AS c JOIN attribution AS x ON x.quote_id = c.quote_id"
        " JOIN actor AS a ON a.id = x.actor_id ORDER BY x.step"
    )
    return [name for (name,) in store.connection.execute(sql)]


def told_by(store: Store) -> list[tuple[str, ...]]:
    (incident_id,) = store.connection.execute("SELECT id FROM incident").fetchone()
    found = read.incident(store.connection, incident_id)
    assert found is not None
    return sorted(tuple(step.name for step in quote.chain) for quote in found.quotes)


def take_out(store: Store, speaker: str) -> None:
    with store.write("by hand") as connection:
        connection.execute(
            "DELETE FROM quote WHERE id IN (SELECT x.quote_id FROM attribution AS x JOIN actor AS a"
            " ON a.id = x.actor_id WHERE a.name = ?)",
            (speaker,),
        )


@pytest.mark.parametrize("newer", [("Anna", "Berta anew"), ("Berta anew", "Anna")], ids=", ".join)
def test_the_one_that_was_taken_out_stays_out_when_the_source_changes_the_other(
    store: Store, tmp_path: Path, newer: Sequence[str]
) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, *([speaker] for speaker in newer))
    assert told_by(store) == [("Berta anew",)]


@pytest.mark.parametrize("turned", [False, True])
def test_the_one_that_was_taken_out_stays_out_when_the_source_changes_it(
    store: Store, tmp_path: Path, turned: bool
) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    newer = [["Anna", "Root"], ["Berta"]]
    release(store, tmp_path, *(newer[::-1] if turned else newer))
    assert told_by(store) == [("Berta",)]


def test_the_words_of_somebody_else_come_in(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, ["Anna"], ["Berta"], ["Carla"])
    assert told_by(store) == [("Berta",), ("Carla",)]


def test_somebody_new_comes_in_where_one_of_the_same_words_was_taken_out(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, ["Zoe"], ["Berta"])
    assert told_by(store) == [("Berta",), ("Zoe",)]


@pytest.mark.parametrize("turned", [False, True])
def test_a_claim_stays_with_its_speaker_where_two_are_told_anew(store: Store, tmp_path: Path, turned: bool) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    claim(store, "Berta")
    newer = [["Berta", "Root"], ["Anna", "Root"]]
    release(store, tmp_path, *(newer[::-1] if turned else newer))
    assert claimed_by(store) == ["Berta", "Root"]
    assert told_by(store) == [("Anna", "Root"), ("Berta", "Root")]


def test_a_claim_stays_where_nobody_can_tell_which_speaker_became_which(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    claim(store, "Berta")
    done = release(store, tmp_path, ["Zoe"], ["Yara"])
    assert claimed_by(store) == ["Berta"] and done.held == 1
    assert told_by(store) == [("Berta",), ("Yara",), ("Zoe",)]


def test_a_claim_goes_with_its_only_quote_when_the_source_corrects_the_speaker(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"])
    claim(store, "Anna")
    release(store, tmp_path, ["Berta"])
    assert (claimed_by(store), told_by(store)) == (["Berta"], [("Berta",)])


def test_a_chain_that_the_analyst_mended_stays_beside_another_that_the_source_changes(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    with store.write("by hand") as connection:
        connection.execute(
            "INSERT INTO attribution (quote_id, step, actor_id) SELECT x.quote_id, 2, b.id FROM attribution AS x"
            " JOIN actor AS a ON a.id = x.actor_id, actor AS b WHERE a.name = 'Anna' AND b.name = 'Berta'"
        )
    release(store, tmp_path, ["Berta", "Root"], ["Anna"])
    assert told_by(store) == [("Anna", "Berta"), ("Berta", "Root")]


def test_many_of_the_same_words_are_told_apart_in_one_pass(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, *([f"old {n}", "Root"] for n in range(1_500)))
    release(store, tmp_path, *([f"old {n}", "Root anew"] for n in reversed(range(1_500))))
    assert told_by(store) == sorted((f"old {n}", "Root anew") for n in range(1_500))


@pytest.mark.parametrize(
    "work", ["""UPDATE quote SET "start" = 0, "end" = length(exact)""", "UPDATE quote SET translation = 'Es war eine'"]
)
def test_a_corrected_speaker_comes_to_a_quote_on_which_one_has_worked(store: Store, tmp_path: Path, work: str) -> None:
    release(store, tmp_path, ["Anna"])
    with store.write("by hand") as connection:
        connection.execute(work)
    release(store, tmp_path, ["Berta"])
    assert told_by(store) == [("Berta",)]


def test_speakers_that_the_analyst_has_named_stay_and_those_of_the_source_are_told(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"])
    with store.write("by hand") as connection:
        connection.execute("INSERT INTO actor (key, name) VALUES ('own', 'Own')")
        connection.execute("UPDATE attribution SET actor_id = (SELECT id FROM actor WHERE key = 'own')")
    done = release(store, tmp_path, ["Berta", "Root"])
    assert told_by(store) == [("Own",)] and done.conflicts == 1
    (extra,) = store.connection.execute("SELECT extra FROM incident").fetchone()
    assert json.loads(extra)["source_says"] == {
        "speakers": [{"exact": "It was a drone", "document": "d", "speakers": ["Berta", "Root"]}]
    }
    assert "speakers of a quote of" in done.notes[0]


def test_a_quote_of_the_analyst_keeps_its_speakers_where_the_source_has_its_words_too(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"])
    with store.write("by hand") as connection:
        connection.execute("DELETE FROM quote")
        connection.execute(
            "INSERT INTO quote (incident_id, document_id, exact) SELECT 1, id, 'It was a drone' FROM document"
        )
    release(store, tmp_path, ["Berta"])
    assert () in told_by(store)


def test_a_quote_that_was_taken_out_stays_out_where_its_document_is_another(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Anna")
    release(store, tmp_path, ["Zoe"], ["Anna"], ["Berta"], document="Another")
    assert told_by(store) == [("Berta",), ("Zoe",)]


def test_words_that_the_analyst_mended_do_not_come_back_with_another_document(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ())
    with store.write("by hand") as connection:
        connection.execute("UPDATE quote SET exact = 'It was no drone'")
    release(store, tmp_path, (), document="Another")
    assert [exact for (exact,) in store.connection.execute("SELECT exact FROM quote")] == ["It was no drone"]


def test_an_actor_who_was_taken_out_stays_out_where_the_source_is_surer_of_it(store: Store, tmp_path: Path) -> None:
    sides = [{"name": name, "role": "attacker", "attribution": "suspected"} for name in ("Anna", "Berta")]
    release(store, tmp_path, actors=sides)
    with store.write("by hand") as connection:
        connection.execute("DELETE FROM incident_actor WHERE actor_id = (SELECT id FROM actor WHERE name = 'Anna')")
    release(store, tmp_path, actors=[{**side, "attribution": "known"} for side in sides])
    found = store.connection.execute(
        "SELECT a.name, x.attribution FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id"
    ).fetchall()
    assert found == [("Berta", "known")]


@pytest.mark.parametrize("newer", [["Anna", "Root"], ["Zoe"]], ids=", ".join)
def test_a_quote_whose_words_were_mended_gets_its_corrected_speakers(
    store: Store, tmp_path: Path, newer: Sequence[str]
) -> None:
    release(store, tmp_path, ["Anna"])
    with store.write("by hand") as connection:
        connection.execute("UPDATE quote SET exact = 'It was a drone.'")
    release(store, tmp_path, newer)
    assert told_by(store) == [tuple(newer)]
    assert store.connection.execute("SELECT exact FROM quote").fetchall() == [("It was a drone.",)]


def test_a_quote_that_was_taken_out_and_put_in_again_keeps_no_other_document_out(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ())
    with store.write("by hand") as connection:
        row = connection.execute("SELECT incident_id, document_id, exact FROM quote").fetchone()
        connection.execute("DELETE FROM quote")
        connection.execute("INSERT INTO quote (id, incident_id, document_id, exact) VALUES (9, ?, ?, ?)", row)
    quotes = [{"exact": "It was a drone", "document": document} for document in ("D", "F")]
    release(store, tmp_path, quotes=quotes)
    documents = "SELECT d.title FROM quote AS q JOIN document AS d ON d.id = q.document_id ORDER BY 1"
    assert store.connection.execute(documents).fetchall() == [("D",), ("F",)]


def test_a_translated_quote_is_the_source_s_still_when_json_lines_have_rewritten_its_incident(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"], ["Anna", "Root"])
    with store.write("by hand") as connection:
        connection.execute("DELETE FROM quote WHERE id = 1")  # so that numbers are given anew
        connection.execute("UPDATE quote SET translation = 'Es war eine'")
    lines = "".join(line + "\n" for line in jsonl.write(store.connection, [1]))
    (tmp_path / "theirs.jsonl").write_text(lines.replace('"title":"t"', '"title":"theirs"'), encoding="utf-8")
    assert import_file(store, tmp_path / "theirs.jsonl", named("jsonl"), Options()).changed == 1
    release(store, tmp_path, ["Anna"], ["Berta", "Root"])
    assert told_by(store) == [("Berta", "Root")]
    (title, translation) = store.connection.execute("SELECT title, translation FROM incident, quote").fetchone()
    assert (title, translation) == ("theirs", "Es war eine")


def work(store: Store, *statements: str) -> None:
    """Writes by hand, one after another."""
    for sql in statements:
        with store.write("by hand") as connection:
            connection.execute(sql)


TRANSLATE = "UPDATE quote SET translation = 'Es war eine'"


def test_speakers_that_the_analyst_has_named_stay_when_the_quote_is_worked_on_afterwards(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ())
    work(store, "INSERT INTO actor (key, name) VALUES ('emil', 'Emil')",
         "INSERT INTO attribution (quote_id, step, actor_id) SELECT 1, 1, id FROM actor WHERE key = 'emil'",
         TRANSLATE)  # fmt: skip
    release(store, tmp_path, (), title="newer")
    assert told_by(store) == [("Emil",)]


def test_a_quote_that_was_worked_on_before_it_was_taken_out_stays_out(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"])
    work(store, TRANSLATE)
    release(store, tmp_path, ["Anna"], title="newer")
    work(store, "DELETE FROM quote")
    release(store, tmp_path, ["Anna", "Root"])
    assert told_by(store) == []


def test_a_quote_that_has_the_number_of_one_that_was_taken_out_is_the_source_s(store: Store, tmp_path: Path) -> None:
    release(store, tmp_path, ["Anna"], ["Berta"])
    take_out(store, "Berta")
    release(store, tmp_path, ["Anna"], ["Berta"], ["Carla"])
    done = release(store, tmp_path, ["Anna"], ["Berta"], ["Carla", "Root"])
    assert (told_by(store), done.conflicts) == ([("Anna",), ("Carla", "Root")], 0)


def test_what_has_the_number_of_what_the_source_took_out_is_the_source_s(store: Store, tmp_path: Path) -> None:
    """Also where the analyst had changed that, and changed it back."""
    anna, berta = ({"name": name, "role": "attacker", "attribution": "known"} for name in ("Anna", "Berta"))
    release(store, tmp_path, actors=[anna])
    work(store, "UPDATE incident_actor SET attribution = 'suspected'")
    release(store, tmp_path, actors=[], title="second")
    work(store, "UPDATE incident_actor SET attribution = 'known'")
    release(store, tmp_path, actors=[], title="third")
    assert store.connection.execute("SELECT count(*) FROM incident_actor").fetchone() == (0,)
    release(store, tmp_path, actors=[berta])
    release(store, tmp_path, actors=[anna])
    names = "SELECT a.name FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id"
    assert store.connection.execute(names).fetchall() == [("Anna",)]


def test_a_changed_quote_that_was_taken_out_and_put_back_by_undo_is_the_source_s_still(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"])
    work(store, TRANSLATE, "DELETE FROM quote")
    undo(store)
    release(store, tmp_path, ["Berta"])
    assert told_by(store) == [("Berta",)]
    assert store.connection.execute("SELECT translation FROM quote").fetchall() == [("Es war eine",)]


def test_speakers_that_the_analyst_has_named_stay_when_the_quote_comes_back_by_undo(
    store: Store, tmp_path: Path
) -> None:
    release(store, tmp_path, ["Anna"])
    work(store, "INSERT INTO actor (key, name) VALUES ('emil', 'Emil')",
         "UPDATE attribution SET actor_id = (SELECT id FROM actor WHERE key = 'emil')",
         "DELETE FROM quote")  # fmt: skip
    undo(store)
    done = release(store, tmp_path, ["Berta"])
    assert (told_by(store), done.conflicts) == ([("Emil",)], 1)

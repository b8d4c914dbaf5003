"""Dateline's own JSON lines: out, into an empty store, out again gives the same bytes; every fault is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db import edit, exporting, undo
from db.engine import open_engine
from db.errors import DatelineError
from db.formats import jsonl, ucdp_ged
from db.formats.record import FormatError
from db.query import parse
from db.store import Store
from db.verify import findings
from tests.support.data_sets import GED
from tests.support.json_lines import into, out


@pytest.fixture
def marked(seeded: Path) -> Path:
    """The seeds with what an analyst adds: a star, a tag, notes, a link, an imported file beside them."""
    with Store.open(seeded, write=True) as store:
        into(store, GED, ucdp_ged.FORMAT)
        with store.write("marks") as connection:
            connection.execute("INSERT INTO star (incident_id, at) VALUES (1, '2026-01-01')")
            connection.execute("INSERT INTO tag (name) VALUES ('zu prüfen'), ('a')")
            connection.execute("INSERT INTO incident_tag (incident_id, tag_id) VALUES (2, 1), (2, 2)")
            connection.execute("INSERT INTO note (incident_id, text, at) VALUES (1, 'line\none', '2026-01-01')")
            connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (3, 1, 'retaliates')")
    return seeded


def test_out_in_and_out_again_gives_the_same_bytes(marked: Path, tmp_path: Path) -> None:
    with Store.open(marked) as store:
        first = out(store, tmp_path / "first.jsonl")
        counts = {
            table: store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in (
                "incident",
                "quote",
                "attribution",
                "claim",
                "incident_system",
                "note",
                "star",
                "incident_link",
            )
        }
    with Store.create(tmp_path / "again.db") as store:
        done = into(store, tmp_path / "first.jsonl")
        assert done.added == counts["incident"] > 20
        for table, count in counts.items():
            assert store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == count, table
        assert out(store, tmp_path / "second.jsonl") == first
        assert [f for f in findings(store.connection) if f.wrong] == []  # estimates out of order are UCDP's own


def test_dates_come_back_as_they_were(marked: Path, tmp_path: Path) -> None:
    dates = "SELECT key, date_edtf, date_earliest, date_latest, date_prec FROM incident ORDER BY key"
    with Store.open(marked) as store:
        out(store, tmp_path / "first.jsonl")
        before = store.connection.execute(dates).fetchall()
    with Store.create(tmp_path / "again.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert store.connection.execute(dates).fetchall() == before


def test_a_second_import_changes_nothing(marked: Path, tmp_path: Path) -> None:
    with Store.open(marked, write=True) as store:
        out(store, tmp_path / "first.jsonl")
        before = list(store.connection.iterdump())
        done = into(store, tmp_path / "first.jsonl")
        assert (done.added, done.changed) == (0, 0)
        assert done.same > 20
        assert list(store.connection.iterdump()) == before


def test_a_changed_line_changes_its_incident_and_the_log_has_what_stood(marked: Path, tmp_path: Path) -> None:
    with Store.open(marked, write=True) as store:
        lines = out(store, tmp_path / "first.jsonl").splitlines()
        at = next(n for n, line in enumerate(lines) if '"quotes"' in line and line.startswith('{"incident"'))
        changed = json.loads(lines[at])
        title = changed["incident"]["title"]
        changed["incident"]["title"] = "Another title"
        lines[at] = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
        (tmp_path / "newer.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = into(store, tmp_path / "newer.jsonl")
        assert (done.added, done.changed) == (0, 1)
        assert out(store, tmp_path / "second.jsonl").splitlines() == lines
        before = store.connection.execute("SELECT before FROM log ORDER BY id DESC LIMIT 1").fetchone()[0]
        assert json.dumps(title, ensure_ascii=False) in before


def test_a_part_of_the_store_carries_all_that_it_rests_on(marked: Path, tmp_path: Path) -> None:
    with Store.open(marked) as store:
        text = out(store, tmp_path / "part.jsonl", "WHERE event_type LIKE 'drone%'")
    names = [next(iter(json.loads(line))) for line in text.splitlines()]
    assert names[0] == "dateline"
    with Store.create(tmp_path / "part.db") as store:
        assert into(store, tmp_path / "part.jsonl").added == names.count("incident") > 2
        assert out(store, tmp_path / "again.jsonl") == text


def test_what_was_said_of_roots_comes_back(marked: Path, tmp_path: Path) -> None:
    pairs = (
        "SELECT a.exact, b.exact, d.at FROM root_dismissal AS d JOIN quote AS a ON a.id = d.quote_id"
        " JOIN quote AS b ON b.id = d.other_id ORDER BY 1, 2"
    )
    with Store.open(marked, write=True) as store:
        found = store.connection.execute(
            "SELECT min(id), max(id) FROM quote GROUP BY incident_id HAVING count(*) > 2 ORDER BY 1 LIMIT 3"
        ).fetchall()
        with store.write("apart") as connection:
            connection.executemany("INSERT INTO root_dismissal (quote_id, other_id, at) VALUES (?, ?, '2026')", found)
        first = out(store, tmp_path / "first.jsonl")
        said = store.connection.execute(pairs).fetchall()
        assert len(said) == 3
        assert into(store, tmp_path / "first.jsonl").changed == 0
    with Store.create(tmp_path / "again.db") as store:
        into(store, tmp_path / "first.jsonl")
        assert store.connection.execute(pairs).fetchall() == said
        assert out(store, tmp_path / "second.jsonl") == first
        # A file from before the pairs were written says nothing of them: its incidents are what its lines say.
        (tmp_path / "old.jsonl").write_text(
            "".join(json.dumps(_without(json.loads(line))) + "\n" for line in first.splitlines()), encoding="utf-8"
        )
        assert into(store, tmp_path / "old.jsonl").changed == 3
        assert store.connection.execute(pairs).fetchall() == []


def _without(line: dict[str, Any]) -> dict[str, Any]:
    ((name, row),) = line.items()
    return {name: {k: v for k, v in row.items() if k != "roots_apart"} if isinstance(row, dict) else row}


Line = dict[str, Any]
FIRST = {"dateline": 1}
INCIDENT = {"incident": {"key": "a", "title": "A"}}
FAULTS: dict[str, tuple[Callable[[], list[Line | str]], str]] = {
    "no head": (lambda: [INCIDENT], "is not Dateline's own JSON lines"),
    "newer form": (lambda: [{"dateline": 99}], "newer Dateline"),
    "not JSON": (lambda: [FIRST, INCIDENT, '{"incident": {'], "line 3: not JSON"),
    "deep": (lambda: [FIRST, "[" * 100_000], "line 2: not JSON"),
    "a list": (lambda: [FIRST, "[1]"], "line 2: not a line"),
    "unknown thing": (lambda: [FIRST, {"ship": {"key": "a"}}], "line 2: 'ship' is nothing"),
    "no key": (lambda: [FIRST, {"incident": {"title": "A"}}], "line 2: has no key"),
    "no title": (lambda: [FIRST, {"incident": {"key": "a"}}], "line 2: .*title"),
    "wrong role": (
        lambda: [FIRST, {"actor": {"key": "x", "name": "X"}}, {"incident": {"key": "a", "title": "A", "actors": [{"actor": "x", "role": "hero"}]}}],
        "line 3: the store does not take it",
    ),
    "unknown actor": (
        lambda: [FIRST, {"incident": {"key": "a", "title": "A", "actors": [{"actor": "x", "role": "host"}]}}],
        "line 2: names the actor 'x'",
    ),
    "an object for a text": (lambda: [FIRST, {"incident": {"key": "a", "title": {"en": "A"}}}], "line 2"),
    "a list of wrong things": (lambda: [FIRST, {"incident": {"key": "a", "title": "A", "quotes": [1]}}], "no list of objects"),
    "bad date": (lambda: [FIRST, {"incident": {"key": "a", "title": "A", "date_edtf": "8 May"}}], "date_edtf '8 May'"),
    "huge number": (lambda: [FIRST, {"incident": {"key": "a", "title": "A", "killed_best": 10**30}}], "line 2: a value"),
    "doubled key": (lambda: [FIRST, INCIDENT, INCIDENT], "line 3: incident 'a' stands on an earlier line"),
    "roots of one quote": (lambda: [FIRST, INCIDENT | {"incident": {"key": "a", "title": "A", "roots_apart": [{"quotes": [1, 1]}]}}], "line 2: roots_apart names quotes 1 and 1 of 0"),
    "roots of no quotes": (lambda: [FIRST, {"incident": {"key": "a", "title": "A", "roots_apart": [{"quotes": "12"}]}}], "line 2: roots_apart names no two"),
    "link to nowhere": (lambda: [FIRST, INCIDENT, {"link": {"from": "a", "to": "b", "kind": "related"}}], "incident 'b'"),
    "lone surrogate": (lambda: [FIRST, r'{"incident": {"key": "a", "title": "\ud800"}}'], "line 2: a value"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_faulty_file_says_so_in_a_line_and_changes_nothing(seeded: Path, tmp_path: Path, name: str) -> None:
    make, message = FAULTS[name]
    lines = [line if isinstance(line, str) else json.dumps(line) for line in make()]
    (tmp_path / "bad.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(seeded, write=True) as store:
        before = list(store.connection.iterdump())
        with pytest.raises(DatelineError, match=message) as caught:
            into(store, tmp_path / "bad.jsonl")
        assert "\n" not in str(caught.value)
        assert list(store.connection.iterdump()) == before


def test_an_import_that_takes_a_number_of_an_incident_that_went_is_undone(marked: Path, tmp_path: Path) -> None:
    """What the store had noted of the one before looked like work on the import's."""
    file = tmp_path / "all.jsonl"
    with Store.open(marked) as store:
        out(store, file)
    with Store.open(marked, write=True) as store:
        with store.write("deletions") as connection:
            connection.execute("DELETE FROM claim WHERE id IN (1, 2)")
            connection.execute("DELETE FROM incident WHERE id = (SELECT max(id) FROM incident)")
        claims = "SELECT * FROM claim ORDER BY id"
        before = store.connection.execute(claims).fetchall()
        done = into(store, file)
        assert (done.added, done.changed) == (1, 1)
        assert [note for note in done.notes if "the file lacks" in note] == []
        undo.undo(store)
        assert store.connection.execute(claims).fetchall() == before
        assert not [finding for finding in findings(store.connection) if finding.wrong]


def test_what_the_file_lacks_of_ones_own_work_is_said(marked: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    with Store.open(marked) as store:
        out(store, file)
    with Store.open(marked, write=True) as store:
        edit.add_note(store, 5, "mine")
        edit.assess(store, 6, grade="discounted", credibility=None, status="draft")
        done = into(store, file)
        assert done.changed == 2
        (said,) = [note for note in done.notes if "the file lacks" in note]
        assert "notes: 1" in said
        assert "grades: 1" in said


def test_the_quotes_of_an_incident_go_into_the_full_text_once(tmp_path: Path) -> None:
    """Each by itself, thousands of quotes of one incident took minutes to import anew and to undo."""
    with Store.create(tmp_path / "one.db") as store:
        with store.write("quotes") as connection:
            connection.execute("INSERT INTO incident (key, title) VALUES ('a', 'A')")
            connection.execute("INSERT INTO document (key) VALUES ('d')")
            connection.executemany(
                "INSERT INTO quote (incident_id, document_id, exact) VALUES (1, 1, ?)",
                [(f"word{n}",) for n in range(300)],
            )
        out(store, tmp_path / "first.jsonl")
        newer = (tmp_path / "first.jsonl").read_text().replace("word", "newer").replace('"A"', '"B"')
        (tmp_path / "newer.jsonl").write_text(newer)
        traced: list[str] = []
        store.connection.set_trace_callback(traced.append)
        into(store, tmp_path / "newer.jsonl")
        undo.undo(store)
        undo.redo(store)
        store.connection.set_trace_callback(None)
        assert sum("UPDATE incident_text SET quotes" in sql for sql in traced) < 60
        matches = "SELECT count(*) FROM incident_text WHERE incident_text MATCH ?"
        assert store.connection.execute(matches, ("newer299",)).fetchone() == (1,)
        assert store.connection.execute(matches, ("word299",)).fetchone() == (0,)
        assert not [finding for finding in findings(store.connection) if finding.wrong]
        triggers = "SELECT count(*) FROM sqlite_master WHERE name GLOB 'quote_text_*'"
        assert store.connection.execute(triggers).fetchone() == (3,)


def test_an_export_is_of_one_moment_whoever_opens_the_store(tmp_path: Path) -> None:
    """What is written between two batches would name a document that no line has."""
    Store.create(tmp_path / "s.db").close()
    with Store.open(tmp_path / "s.db", write=True) as writing, Store.open(tmp_path / "s.db") as reading:
        with writing.write("rows") as connection:
            rows = [(f"i{n:04}",) for n in range(2 * exporting.TELL_EVERY + 1)]
            connection.executemany("INSERT INTO incident (key, title) VALUES (?, 'T')", rows)
        shown = exporting.shown(open_engine(reading).answer(parse("")))

        def quicker(done: int, of: int) -> None:
            if done == exporting.TELL_EVERY:
                with writing.write("quote") as connection:
                    connection.execute("INSERT INTO document (key) VALUES ('new')")
                    connection.execute("INSERT INTO quote (incident_id, document_id, exact) VALUES (?, 1, 'w')", (of,))

        exporting.export(reading, shown, exporting.JSONL, tmp_path / "s.jsonl", progress=quicker)
        assert writing.connection.execute("SELECT count(*) FROM quote").fetchone() == (1,)
    with Store.create(tmp_path / "copy.db") as copy:
        assert into(copy, tmp_path / "s.jsonl").added == len(rows)


def test_an_export_says_which_lines_no_import_takes(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(longest: int) -> exporting.Exported:
        monkeypatch.setattr(jsonl, "LONGEST", longest)
        with Store.open(seeded) as store:
            what = exporting.shown(open_engine(store).answer(parse("")))
            return exporting.export(store, what, exporting.named("jsonl"), tmp_path / "all.jsonl")

    assert not written(1 << 20).losses
    lengths = [len(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    half = sorted(lengths)[len(lengths) // 2]
    assert written(half).losses == {exporting.TOO_LONG: sum(length > half for length in lengths)}


def test_a_country_that_a_store_does_not_have_is_named(tmp_path: Path, seeded: Path) -> None:
    with Store.open(seeded, write=True) as store:
        with store.write("country") as connection:
            connection.execute("INSERT INTO country (code, name) VALUES ('XK', 'Kosovo')")
            connection.execute("UPDATE place SET country_code = 'XK' WHERE id = 1")
        (key,) = store.connection.execute("SELECT key FROM place WHERE id = 1").fetchone()
        out(store, tmp_path / "all.jsonl")
    with Store.create(tmp_path / "again.db") as store:
        with pytest.raises(FormatError, match=f"place '{key}' is in country 'XK', which this store does not have"):
            into(store, tmp_path / "all.jsonl")
        with store.write("country") as connection:
            connection.execute("INSERT INTO country (code, name) VALUES ('XK', 'Kosovo')")
        assert into(store, tmp_path / "all.jsonl").added == 45


def test_one_link_does_not_have_each_incident_tried_with_each(tmp_path: Path) -> None:
    with Store.create(tmp_path / "many.db") as store:
        with store.write("many") as connection:
            connection.executemany(
                "INSERT INTO incident (id, key, title) VALUES (?1, 'k' || ?1, 'T')", [(n,) for n in range(1, 3_001)]
            )
        steps = 0

        def counted() -> int:
            nonlocal steps
            steps += 1
            return 0

        store.connection.set_progress_handler(counted, 100)
        assert len(list(jsonl.write(store.connection, range(1, 3_001)))) == 3_001
        without, steps = steps, 0
        with store.write("link") as connection:
            connection.execute("INSERT INTO incident_link (from_id, to_id, kind) VALUES (1, 2, 'related')")
        steps = 0
        assert len(list(jsonl.write(store.connection, range(1, 3_001)))) == 3_002
        assert steps < 2 * without

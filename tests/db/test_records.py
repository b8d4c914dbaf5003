"""Incidents read in batches, as JSON records and as plain text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import batch, read, records, report
from db.engine import Match, open_engine
from db.model import Row, Span
from db.query import parse
from db.store import Store
from db.visible import cells


@pytest.fixture
def rich(seeded: Path) -> Path:
    """The bundled incidents with everything that an analyst or an importer adds, sound or not."""
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.executescript("""
            INSERT INTO tag (name) VALUES ('zulu'), ('alpha');
            INSERT INTO incident_tag (incident_id, tag_id) SELECT i.id, t.id FROM incident AS i, tag AS t WHERE i.id % 2;
            INSERT INTO note (incident_id, text, at) SELECT id, 'first', '2024-01-01' FROM incident WHERE id % 3 = 0;
            INSERT INTO note (incident_id, text, at) SELECT id, 'second', '2024-01-02' FROM incident WHERE id % 3 = 0;
            INSERT INTO star (incident_id, at) SELECT id, '2024-01-01' FROM incident WHERE id % 5 = 0;
            INSERT OR IGNORE INTO incident_link (from_id, to_id, kind)
                SELECT a.id, b.id, 'related' FROM incident AS a JOIN incident AS b ON b.id IN (a.id + 1, a.id + 4, a.id - 2);
            UPDATE incident SET extra = '{"source_scale": "local", "n": [1, null]}' WHERE id % 4 = 0;
            UPDATE incident SET extra = '{broken' WHERE id % 4 = 1;
            UPDATE incident SET extra = '[1]' WHERE id % 4 = 2;
            UPDATE incident SET date_edtf = '2021-05-07/2021-05-08' WHERE id = 7;
            UPDATE incident SET date_edtf = 'never' WHERE id = 8;
            UPDATE incident SET origin = 'ucdp', origin_id = id, killed_low = 1, killed_high = 3 WHERE id % 3 = 1;
            INSERT INTO claim (incident_id, field, value, polarity, rank)
                SELECT id, 'weapon', 'katyusha', 'denies', 'deprecated' FROM incident;
            INSERT INTO claim (incident_id, field, polarity) SELECT id, 'attacker', 'declines' FROM incident;
            INSERT INTO claim (incident_id, field, value) SELECT id, 'date', 'soon' FROM incident;
            UPDATE quote SET translation = 'in other words' WHERE id % 2;
        """)
        connection.execute("UPDATE document SET text = 'not the text' WHERE id = 1")
        connection.execute('UPDATE quote SET "start" = NULL, "end" = NULL WHERE id % 7 = 0')
        connection.execute("UPDATE document SET publisher = NULL WHERE id = 2")
        country = "SELECT id FROM place WHERE kind = 'country' LIMIT 1"
        connection.execute(f"UPDATE place SET part_of = (SELECT max(id) FROM place) WHERE id = ({country})")
        connection.execute("UPDATE claim SET value = CAST(x'ff41' AS TEXT) WHERE id = 3")
    return seeded


@pytest.mark.parametrize("size", [1, 7, 500])
def test_batches_equal_one_at_a_time(rich: Path, size: int) -> None:
    with Store.open(rich) as store:
        ids = [row[0] for row in store.connection.execute("SELECT id FROM incident ORDER BY key DESC")]
        one_by_one = [read.incident(store.connection, incident_id) for incident_id in ids]
        assert list(batch.incidents(store.connection, ids, size)) == one_by_one
    assert any(incident and incident.extra == {"extra": "{broken"} for incident in one_by_one)
    assert any(incident and incident.links and incident.notes and incident.tags for incident in one_by_one)
    assert any(quote.verified is False for incident in one_by_one if incident for quote in incident.quotes)


def test_ids_that_are_gone_are_left_out_and_the_order_is_the_caller_s(seeded: Path) -> None:
    with Store.open(seeded) as store:
        found = [incident.id for incident in batch.incidents(store.connection, [3, 999, 1, 2], 2)]
        assert found == [3, 1, 2]
        assert list(batch.incidents(store.connection, [])) == []
        kept = records.records(store.connection, [Match(3, False), Match(999, True), Match(1, True)])
        assert [record["match"] for record in kept] == ["possible", "certain"]


@pytest.mark.parametrize(("limit", "size"), [(None, 500), (None, 4), (0, 4), (1, 4), (6, 4), (10_000, 4)])
def test_windows_walk_the_whole_answer_once(seeded: Path, limit: int | None, size: int) -> None:
    with Store.open(seeded) as store:
        answer = open_engine(store).answer(parse(""))
        whole = [match.id for match in answer.window(0, answer.totals.rows)]
        walked = list(records.windows(answer, limit, size))
        assert [match.id for window in walked for match in window] == (whole if limit is None else whole[:limit])
        assert all(0 < len(window) <= size for window in walked)


# -- plain text ---------------------------------------------------------------------------------------------------


def row(**values: object) -> Row:
    plain: dict[str, object] = {
        "id": 1, "key": "k", "kind": "incident", "title": "T", "event_type": None, "date_edtf": None,
        "date_earliest": None, "date_latest": None, "place": None, "country": None, "grade": None, "documents": 0,
        "roots": 0, "disputed": (), "starred": False,
    }  # fmt: skip
    return Row(**{**plain, **values})  # type: ignore[arg-type]


TEXTS = st.text(st.characters(exclude_categories=()), max_size=80)


@given(TEXTS, TEXTS, TEXTS, st.booleans(), st.integers(20, 220))
@settings(max_examples=60, deadline=None)
def test_a_line_never_passes_the_terminal_s_edge(title: str, key: str, place: str, certain: bool, width: int) -> None:
    one = row(
        title=title, key=key, place=place, country="Iraq", disputed=("date", "weapon"), starred=True, kind="context"
    )
    line = report.row_line(one, certain, report.layout(width), cut=True)
    assert cells(line) <= width
    assert "\n" not in line
    assert ("possible" in report.row_line(one, False, report.layout(None), cut=False)) is True


def test_a_pipe_gets_every_column_uncut() -> None:
    one = row(title="A" * 200, key="k" * 90, place="P" * 60, event_type="drone-strike", documents=2, starred=True)
    line = report.row_line(one, True, report.layout(None), cut=False)
    for part in ("undated", "drone-strike", "A" * 200, "P" * 60, "k" * 90, "2 documents; starred"):
        assert part in line
    assert "…" not in line


@pytest.mark.parametrize(
    ("width", "columns"),
    [(40, {"title"}), (60, {"title"}), (80, {"title", "key"}), (100, {"title", "key", "type"}),
     (120, {"title", "key", "type", "place"}), (160, {"title", "key", "type", "place", "badges"})],
)  # fmt: skip
def test_columns_by_width(width: int, columns: set[str]) -> None:
    layout = report.layout(width)
    assert set(layout) == columns
    assert report.DATE_CELLS + sum(cell + 1 for cell in layout.values()) == width


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(), ""),
        (Span(0, 0, 0), "0"),
        (Span(None, 0, None), "0"),
        (Span(3, 5, 8), "5 (3 to 8)"),
        (Span(3, 5, None), "5 (3 to ?)"),
        (Span(3, None, 8), "3 to 8"),
        (Span(3, None, 3), "3"),
        (Span(3, None, None), "at least 3"),
        (Span(None, None, 0), "at most 0"),
    ],
)
def test_estimates_in_words(span: Span, words: str) -> None:
    assert report.span_words(span) == words


def test_an_incident_in_words_has_all_that_is_known(rich: Path) -> None:
    with Store.open(rich) as store:
        for (incident_id,) in store.connection.execute("SELECT id FROM incident").fetchall():
            incident = read.incident(store.connection, incident_id)
            assert incident is not None
            lines = report.incident_lines(incident)
            text = "\n".join(lines)
            assert lines[0] == incident.title
            known = [incident.key, *incident.tags, *(note.text for note in incident.notes), *incident.disputed]
            known += [quote.exact for quote in incident.quotes] + [link.key for link in incident.links]
            known += [actor.actor.name for actor in incident.actors] + [use.name for use in incident.systems]
            known += [f"{name}: {value}" for name, value in incident.extra.items()]
            assert all(part in text for part in known)
            assert all("\n" not in line for line in lines)

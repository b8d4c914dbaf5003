"""Our own timelines go back in, whatever the year; what came from GED or ACLED is not said to be lost."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from db import exporting
from db.engine import open_engine
from db.exporting import Exported
from db.formats.out_timelines import write_timelinejs
from db.formats.record import Options
from db.formats.registry import named
from db.formats.writing import Losses
from db.importing import import_file
from db.model import Incident, Span
from db.query import parse
from db.settle import settle
from db.store import Store

DATA = Path(__file__).resolve().parents[1] / "data"


def written(store: Store, name: str, query: str = "") -> tuple[str, Exported]:
    out = io.StringIO()
    with redirect_stdout(out):
        what = exporting.shown(open_engine(store).answer(parse(query)))
        done = exporting.export(store, what, exporting.named(name), None)
    return out.getvalue(), done


def bounds(store: Store) -> list[tuple[str, str, str]]:
    return store.connection.execute(
        "SELECT title, date_earliest, date_latest FROM incident WHERE kind = 'incident' ORDER BY title"
    ).fetchall()


YEARS = (
    "Y12345", "Y-12345", "Y10000", "Y-10000", "9999", "-9999", "9999-12-31", "-9999-01-01", "0000", "0000-02-29", "-0001",
    "-0043-03-15", "0001-01-01", "-0043/0014", "Y-12345/Y12345", "2021-05-08", "Y-10000/-9999-12-31", "9999/Y10000",
)  # fmt: skip


def test_a_timeline_goes_back_in_with_the_same_days(tmp_path: Path) -> None:
    """Also before the common era, where TimelineJS has no year 0, and in years of five digits, which have no months."""
    with Store.create(tmp_path / "out.db") as store:
        with store.write("years") as connection:
            for number, edtf in enumerate(YEARS):
                connection.execute(
                    "INSERT INTO incident (key, title, event_type, date_edtf) VALUES (?, ?, 'type', ?)",
                    (f"k{number}", f"T{number:02}", edtf),
                )
            settle(connection)
        text, done = written(store, "timelinejs")
        before = bounds(store)
    assert done.rows == len(before) == len(YEARS)
    for event in json.loads(text)["events"]:
        for date in (event["start_date"], event.get("end_date", event["start_date"])):
            assert date["year"] != 0
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with Store.create(tmp_path / "in.db") as store:
        done_in = import_file(store, tmp_path / "x.json", named("timelinejs"), Options())
        assert bounds(store) == before
    assert not done_in.rejected


@pytest.mark.parametrize("name", ["ged_iraq_hdx.csv", "ged_syria.csv", "ged_global_14col.csv"])
def test_what_came_from_ged_goes_back_without_a_word_of_loss_for_its_own_columns(tmp_path: Path, name: str) -> None:
    with Store.create(tmp_path / "ged.db") as store:
        import_file(store, DATA / name, named("ucdp-ged"), Options())
        _, done = written(store, "ucdp-ged")
        assert set(done.losses) <= {"kinds, radii and parents of places"}
        with store.write("by hand") as connection:
            connection.execute("UPDATE incident SET damage = 'roof', summary = 'words' WHERE id = 1")
            connection.execute("INSERT INTO note (incident_id, text, at) VALUES (1, 'n', '2026-01-01T00:00:00Z')")
            connection.execute("INSERT INTO star (incident_id, at) VALUES (1, '2026-01-01T00:00:00Z')")
            connection.execute(
                "INSERT INTO incident_actor (incident_id, actor_id, role, attribution)"
                " SELECT 1, id, 'host', 'suspected' FROM actor LIMIT 1"
            )
        _, done = written(store, "ucdp-ged")
        for words in ("damage", "titles and summaries", "notes", "stars", "hosts, claimants, deniers, defenders",
                      "that actors are only suspected"):  # fmt: skip
            assert done.losses[words] == 1, words


def test_the_line_is_ordered_by_number_and_then_by_the_alphabet() -> None:
    losses = Losses({"b": 1, "c": 2_000, "a": 1})
    assert exporting.loss_words(losses) == "c: 2,000; a: 1; b: 1"


def test_a_brief_has_what_a_reader_needs(seeded: Path) -> None:
    """Numbers with their spread, who is only suspected, the translation and the reliability beside the quote."""
    with Store.open(seeded, write=True) as store:
        with store.write("more") as connection:
            connection.execute(
                "UPDATE incident SET killed_low = 1, killed_best = 2, killed_high = 5, damage = 'roof gone' WHERE id = 1"
            )
            connection.execute("UPDATE quote SET translation = 'in English' WHERE incident_id = 1")
            connection.execute("UPDATE document SET reliability = 'B', reliability_reason = 'r'")
        (key,) = store.connection.execute("SELECT key FROM incident WHERE id = 1").fetchone()
        (quotes,) = store.connection.execute("SELECT count(*) FROM quote WHERE incident_id = 1").fetchone()
        for name in ("markdown", "html"):
            text, done = written(store, name)
            assert "2 (1 to 5)" in text
            assert "roof gone" in text
            assert text.count("In translation: “in English”") == quotes > 0
            assert "Reliability: B, usually reliable" in text
            assert not {"damage", "translations of quotes"} & done.losses.keys()
    assert key


def test_a_timeline_says_which_day_it_gives_and_what_of_a_time_it_leaves_out(tmp_path: Path) -> None:
    dated = {
        "known": "2021-05-08",
        "before": "[..2021-05-08]",
        "between": "2021-05-08/2021-05-09",
        "time": "2021-05-08T02",
    }
    with Store.create(tmp_path / "days.db") as store:
        with store.write("days") as connection:
            for key, edtf in dated.items():
                connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES (?, 'T', ?)", (key, edtf))
            settle(connection)
        text, _ = written(store, "timesketch")
        said = {event["key"]: event["timestamp_desc"] for event in map(json.loads, text.splitlines())}
        assert said == {
            "known": "day of the incident", "before": "last possible day", "between": "first possible day",
            "time": "day of the incident",
        }  # fmt: skip
        _, done = written(store, "timelinejs")
        assert done.losses["times of day, in display_date alone"] == 1


def test_event_types_that_look_like_markup_are_words_in_timelinejs(tmp_path: Path) -> None:
    types = ["<img src=x onerror=alert(1)>", "arson & <b>riot</b>", "plain"]
    with Store.create(tmp_path / "out.db") as store:
        with store.write("types") as connection:
            connection.executemany(
                "INSERT INTO incident (key, title, event_type, date_edtf) VALUES (?, 'T', ?, '2021')",
                [(f"k{number}", event_type) for number, event_type in enumerate(types)],
            )
            settle(connection)
        text, _ = written(store, "timelinejs")
    events = json.loads(text)["events"]
    assert {event["group"] for event in events} == {
        "&lt;img src=x onerror=alert(1)&gt;", "arson &amp; &lt;b&gt;riot&lt;/b&gt;", "plain",
    }  # fmt: skip
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with Store.create(tmp_path / "in.db") as store:
        import_file(store, tmp_path / "x.json", named("timelinejs"), Options())
        back = store.connection.execute(
            "SELECT event_type FROM incident WHERE kind = 'incident' ORDER BY id"
        ).fetchall()
    assert back == [(event_type,) for event_type in types]


def test_a_date_that_is_no_edtf_is_words_in_timelinejs() -> None:
    out = io.StringIO()
    incident = Incident(
        1, "it", "incident", "It", None, None, None, "<b>soon", "2021-06-21", None, 1, None, Span(), Span(), None, None,
        None, "draft", False,
    )  # fmt: skip
    assert write_timelinejs(iter([(incident, True)]), out, "") == 1
    assert json.loads(out.getvalue())["events"][0]["display_date"] == "&lt;b&gt;soon"

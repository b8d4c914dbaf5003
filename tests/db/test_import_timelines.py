"""Other timelines' files in: Timesketch, TimelineJS, TimeMap; nothing invented, nothing dropped, faults in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import DatelineError
from db.formats import timelinejs, timemap, timesketch
from db.formats.headline import LONGEST, headline, plain
from db.store import Store
from tests.support.incidents import incident_of
from tests.support.timeline_files import SKETCH_CSV, SLIDES, UKRAINE, load


def test_timesketch_csv(store: Store, tmp_path: Path) -> None:
    assert load(store, tmp_path, timesketch.FORMAT, SKETCH_CSV).added == 4
    one, two, three, four = (incident_of(store, f"case-e{n}") for n in "1234")
    assert (one.title, one.date_edtf, one.tags) == ("A file was made", "2012-03-14T04:17:38Z", ("bad", "seen"))
    assert one.extra["datetime"] == "2012-03-14T04:17:38.276340+00:00"  # the fraction has no home
    assert (one.extra["timestamp_desc"], one.extra["extra_1"]) == ("Creation Time", "foo")
    assert (two.date_edtf, two.place, two.event_type, two.killed.known) == ("2015-07-24T19:01:01", None, None, False)
    assert (three.date_edtf, three.tags) == ("2012-03-14T04:17:38Z", ("x", "y"))
    assert (four.date_edtf, four.date_prec) == ("2015-07-24", 1)
    assert load(store, tmp_path, timesketch.FORMAT, SKETCH_CSV).same == 4


def test_timesketch_lines_and_our_own_columns(store: Store, tmp_path: Path) -> None:
    own = {
        "message": "M", "datetime": "2021-04-01T00:00:00+00:00", "timestamp_desc": "first possible day", "key": "k",
        "date_edtf": "2021-04", "event_type": "drone-strike", "place": "Erbil", "match": "possible", "tag": ["t"],
    }  # fmt: skip
    plaso = {
        "message": "L" * 300 + "\nmore",
        "datetime": "2021-04-01T00:00:00+02:00",
        "timestamp_desc": "x",
        "data_type": "fs:stat",
    }
    load(store, tmp_path, timesketch.FORMAT, json.dumps(own) + "\n" + json.dumps(plaso) + "\n[]\n")
    found: Any = incident_of(store, "case-k")
    assert (found.date_edtf, found.date_prec, found.event_type, found.place.name) == (
        "2021-04",
        4,
        "drone-strike",
        "Erbil",
    )
    assert (found.tags, found.extra["match"]) == (("t",), "possible")
    other = store.connection.execute(
        "SELECT title, summary, date_edtf, event_type FROM incident WHERE id = 2"
    ).fetchone()
    assert (len(other[0]) <= LONGEST + 1, other[1], other[2:]) == (
        True, plaso["message"], ("2021-04-01T00:00:00+02:00", "fs:stat"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "tags", "kept"),
    [
        ({"tag": 5}, (), {"tag": 5}),
        ({"tag": {"a": 1}}, (), {"tag": {"a": 1}}),
        ({"tag": False}, (), {"tag": False}),
        ({"tag": ["a, b", "c"]}, ("a, b", "c"), {}),
        ({"tag": None, "event_type": False}, (), {"event_type": False}),
        ({"event_type": {}, "data_type": "fs"}, (), {"event_type": {}, "data_type": "fs"}),
        ({"place": 5}, (), {"place": 5}),
    ],
)
def test_timesketch_keeps_what_is_of_another_type(
    store: Store, tmp_path: Path, row: dict[str, object], tags: tuple[str, ...], kept: dict[str, object]
) -> None:
    line = {"message": "m", "datetime": "2021-05-01", "key": "k"} | row
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps(line) + "\n").added == 1
    one = incident_of(store, "case-k")
    assert one.tags == tags
    assert {name: value for name, value in one.extra.items() if name != "row_digest"} == kept


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"date_edtf": "2020-01", "datetime": "2021-05-02T00:00:00Z"}, {"datetime": "2021-05-02T00:00:00Z"}),
        ({"date_edtf": "2020-01", "timestamp": 1}, {"timestamp": 1}),
        ({"date_edtf": "2020-01", "datetime": "2020-01-01T00:00:00+00:00"}, {}),
        ({"date_edtf": "../2020-01", "datetime": "2020-01-31T00:00:00+00:00"}, {}),
        ({"date_edtf": "2020-01", "datetime": "2020-01-01T12:00:00+00:00"}, {"datetime": "2020-01-01T12:00:00+00:00"}),
    ],
)
def test_timesketch_keeps_a_time_beside_our_own_date(
    store: Store, tmp_path: Path, row: dict[str, object], kept: dict[str, object]
) -> None:
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps({"message": "m", "key": "k"} | row) + "\n").added == 1
    one = incident_of(store, "case-k")
    assert one.date_edtf == row["date_edtf"]
    assert {name: value for name, value in one.extra.items() if name != "row_digest"} == kept


def test_0_is_an_id_and_a_type_in_timesketch(store: Store, tmp_path: Path) -> None:
    row = {"message": "m", "datetime": "2021-05-01", "key": 0, "event_type": 0}
    load(store, tmp_path, timesketch.FORMAT, json.dumps(row) + "\n")
    assert incident_of(store, "case-0").event_type == "0"
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps(row | {"message": "n"}) + "\n").changed == 1
    other = {"message": "o", "datetime": "2021-05-01", "key": {}, "_id": "e"}
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps(other) + "\n").added == 1
    assert incident_of(store, "case-e").extra["key"] == {}


def test_timelinejs(store: Store, tmp_path: Path) -> None:
    done = load(store, tmp_path, timelinejs.FORMAT, json.dumps(SLIDES))
    assert (done.added, done.rejected) == (6, 0)
    one: Any = incident_of(store, "case-one")
    assert (one.title, one.summary) == ("Drone hits & burns", "One.\nTwo\nlines")
    assert (one.date_edtf, one.event_type, one.kind) == ("2021-05-08T02/2021-05-09", "drone-strike", "incident")
    (quote,), (document,) = one.quotes, one.documents
    assert (quote.exact, document.publisher, document.url) == ("The hangar", "AP", "https://example.org/a.jpg")
    assert one.extra["text"] == SLIDES["events"][0]["text"]
    assert one.extra["start_date"]["display_date"] == "that night"
    assert one.extra["background"] == {"color": "#fff"}
    rows = store.connection.execute("SELECT title, date_edtf, kind FROM incident ORDER BY id").fetchall()
    assert rows[0] == ("All of it", None, "context")
    assert rows[2:] == [
        ("Ides", "-0043", "incident"), ("Only text", "2021", "incident"), ("Long ago", "Y-19999", "incident"),
        ("The coalition", "2014/2021", "context"),
    ]  # fmt: skip
    assert any("scale" in note for note in done.notes)
    assert load(store, tmp_path, timelinejs.FORMAT, json.dumps(SLIDES, indent=1)).same == 6


def test_timemap_as_bellingcat_has_it(store: Store, tmp_path: Path) -> None:
    done = load(store, tmp_path, timemap.FORMAT, json.dumps(UKRAINE))
    assert done.added == 2
    one: Any = incident_of(store, "case-civ0001")
    assert (one.title, one.summary, one.date_edtf) == ("Apartment block hit.", None, "2022-02-24")
    assert (one.event_type, one.sub_event_type) == ("shelling", "residential")
    assert (one.place.name, one.place.latitude, one.place.country_code) == ("Chuhuiv", 49.85005, None)
    assert [(q.exact, d.url) for q, d in zip(one.quotes, one.documents, strict=True)] == [
        ("Block hit by missile", "https://example.org/1")
    ]
    assert one.tags == ("Type of area affected: Residential",)
    assert one.extra["sources"] == UKRAINE[0]["sources"]
    row = store.connection.execute("SELECT id, date_edtf, place_id FROM incident WHERE title = 'Second'").fetchone()
    assert row[1:] == ("2022-02-03T14:30", None)  # the order of day and month is settled by the other row
    assert any("description: 3;" in note for note in done.notes)
    assert load(store, tmp_path, timemap.FORMAT, json.dumps(UKRAINE)).same == 2


def test_timemap_with_sources_of_its_own(store: Store, tmp_path: Path) -> None:
    sources = {"S1": {"id": "S1", "title": "Post", "description": "Seen at noon", "paths": ["https://example.org/p"]}}
    done = load(store, tmp_path, timemap.FORMAT, json.dumps({"events": UKRAINE, "sources": sources, "sites": []}))
    assert done.added == 2
    found = store.connection.execute(
        "SELECT q.exact, d.title, d.url FROM quote AS q JOIN document AS d ON d.id = document_id"
    )
    assert ("Seen at noon", "Post", "https://example.org/p") in found.fetchall()
    assert any("left out: sites" in note for note in done.notes)


def test_null_in_a_list_is_no_word(store: Store, tmp_path: Path) -> None:
    event = {
        "id": "1",
        "date": "2021-05-08",
        "description": "D",
        "category": [None, "a", True],
        "associations": [None, [None]],
    }
    load(store, tmp_path, timemap.FORMAT, json.dumps([event]))
    assert (incident_of(store, "case-1").event_type, incident_of(store, "case-1").tags) == ("a;true", ())


def test_a_lone_ambiguous_date_asks(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DatelineError, match="--dates dmy or --dates mdy"):
        load(store, tmp_path, timemap.FORMAT, json.dumps(UKRAINE[1:]))
    load(store, tmp_path, timemap.FORMAT, json.dumps(UKRAINE[1:]), dates="dmy")
    assert store.connection.execute("SELECT date_edtf FROM incident").fetchone() == ("2022-03-02T14:30",)


def test_headlines_and_plain_words() -> None:
    assert headline("short") == ("short", None)
    title, summary = headline("word " * 60)
    assert (title[-1], len(title) <= LONGEST + 1, summary) == ("…", True, ("word " * 60).strip())
    assert headline("first\nsecond") == ("first", "first\nsecond")
    assert plain("<p>a &lt; b</p><script>x()</script><ul><li>c</li></ul>") == "a < b\nc"
    assert plain("no markup <") == "no markup <"


@pytest.mark.parametrize(
    ("group", "event_type", "kept"),
    [
        ("air strikes", "air strikes", False),
        (7, "7", False),
        ("<i>Air</i> strikes", "Air strikes", True),
        ("<b></b>", None, True),
    ],
)
def test_markup_in_a_group_of_timelinejs_is_kept(
    store: Store, tmp_path: Path, group: object, event_type: str | None, kept: bool
) -> None:
    slide = {"unique_id": "a", "group": group, "start_date": {"year": 2021}, "text": {"headline": "A"}}
    load(store, tmp_path, timelinejs.FORMAT, json.dumps({"events": [slide]}))
    found = incident_of(store, "case-a")
    assert (found.event_type, found.extra.get("group")) == (event_type, group if kept else None)

"""Other timelines' files in: Timesketch, TimelineJS, TimeMap; nothing invented, nothing dropped, faults in a line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db import read
from db.errors import DatelineError
from db.formats import json_parts, source, timelinejs, timemap, timesketch
from db.formats.headline import LONGEST, headline, plain
from db.formats.record import Format, Imported, Options
from db.importing import import_file
from db.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        yield opened


def load(store: Store, folder: Path, form: Format, text: str | bytes, **options: Any) -> Imported:
    path = folder / "case"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_file(store, path, form, Options(**options))


def the(store: Store, key: str) -> Any:
    found = read.incident(store.connection, read.incident_id(store.connection, key))
    assert found is not None
    return found


SKETCH_CSV = """message,timestamp,datetime,timestamp_desc,extra_1,tag,_id
A file was made,1331698658276340,2012-03-14T04:17:38.276340+00:00,Creation Time,foo,"['bad', 'seen']",e1
Another,,2015-07-24 19:01:01,Write time,,,e2
By stamp,1331698658276340,,Write time,,"x, y",e3
A day,,2015-07-24,Write time,,,e4
"""


def test_timesketch_csv(store: Store, tmp_path: Path) -> None:
    assert load(store, tmp_path, timesketch.FORMAT, SKETCH_CSV).added == 4
    one, two, three, four = (the(store, f"case-e{n}") for n in "1234")
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
    found = the(store, "case-k")
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


SLIDES: dict[str, Any] = {
    "title": {"text": {"headline": "All of it", "text": ""}},
    "events": [
        {
            "unique_id": "one",
            "start_date": {"year": "2021", "month": "5", "day": "8", "hour": "2", "display_date": "that night"},
            "end_date": {"year": 2021, "month": 5, "day": 9},
            "text": {"headline": "<b>Drone</b> hits &amp; burns", "text": "<p>One.</p><p>Two<br>lines</p>"},
            "media": {"url": "https://example.org/a.jpg", "caption": "The hangar", "credit": "<i>AP</i>"},
            "group": "drone-strike",
            "background": {"color": "#fff"},
        },
        {"start_date": {"year": -44}, "text": {"headline": "Ides"}},
        {"start_date": {"year": "2021", "month": "", "day": "9"}, "text": {"text": "Only text"}},
        {"start_date": {"year": -20000}, "text": {"headline": "Long ago"}},
    ],
    "eras": [{"start_date": {"year": 2014}, "end_date": {"year": 2021}, "text": {"headline": "The coalition"}}],
    "scale": "human",
}


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
    one = the(store, "case-k")
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
    one = the(store, "case-k")
    assert one.date_edtf == row["date_edtf"]
    assert {name: value for name, value in one.extra.items() if name != "row_digest"} == kept


def test_0_is_an_id_and_a_type_in_timesketch(store: Store, tmp_path: Path) -> None:
    row = {"message": "m", "datetime": "2021-05-01", "key": 0, "event_type": 0}
    load(store, tmp_path, timesketch.FORMAT, json.dumps(row) + "\n")
    assert the(store, "case-0").event_type == "0"
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps(row | {"message": "n"}) + "\n").changed == 1
    other = {"message": "o", "datetime": "2021-05-01", "key": {}, "_id": "e"}
    assert load(store, tmp_path, timesketch.FORMAT, json.dumps(other) + "\n").added == 1
    assert the(store, "case-e").extra["key"] == {}


def test_timelinejs(store: Store, tmp_path: Path) -> None:
    done = load(store, tmp_path, timelinejs.FORMAT, json.dumps(SLIDES))
    assert (done.added, done.rejected) == (6, 0)
    one = the(store, "case-one")
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


UKRAINE: list[dict[str, Any]] = [
    {
        "id": "CIV0001", "date": "02/24/2022", "time": "", "latitude": "49.85005", "longitude": "36.659031",
        "location": "Chuhuiv", "description": "Apartment block hit.", "category": "shelling", "type": "residential",
        "sources": [
            {"id": "s1", "path": "https://example.org/1", "description": "Block hit by missile"},
            {"id": "s2", "path": "https://example.org/2", "description": ""},
        ],
        "filters": [{"key": "Type of area affected", "value": "Residential"}], "comments": "",
    },
    {"id": "", "date": "02/03/2022", "time": "14:30", "description": "Second", "associations": ["a1", {"id": "a2"}],
     "latitude": "", "longitude": "", "sources": ["S1", "S9"]},
]  # fmt: skip


def test_timemap_as_bellingcat_has_it(store: Store, tmp_path: Path) -> None:
    done = load(store, tmp_path, timemap.FORMAT, json.dumps(UKRAINE))
    assert done.added == 2
    one = the(store, "case-civ0001")
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
    assert (the(store, "case-1").event_type, the(store, "case-1").tags) == ("a;true", ())


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


GOOD: dict[str, tuple[Format, str]] = {
    "sketch-csv": (timesketch.FORMAT, SKETCH_CSV),
    "sketch-lines": (
        timesketch.FORMAT,
        "".join(json.dumps({"message": m, "datetime": "2021-04-01T00:00:00Z", "_id": m}) + "\n" for m in "abc"),
    ),
    "slides": (timelinejs.FORMAT, json.dumps(SLIDES, indent=1)),
    "map": (timemap.FORMAT, json.dumps(UKRAINE, indent=1)),
}
DOUBLED = {
    "sketch-csv": SKETCH_CSV.replace(",e2", ",e1"),
    "sketch-lines": GOOD["sketch-lines"][1].replace('"_id": "b"', '"_id": "a"'),
    "slides": json.dumps({"events": [SLIDES["events"][0], SLIDES["events"][1] | {"unique_id": "one"}]}),
    "map": json.dumps([UKRAINE[0], UKRAINE[1] | {"id": "CIV0001"}]),
}
HEADERS = {"sketch-csv": "message,datetime\n", "sketch-lines": "\n\n", "slides": '{"events": []}', "map": "[]"}
KINDS = {"csv": "id,title\n1,A\n", "json": '{"a": [1]}', "lines": '{"a": 1}\n{"b": 2}\n', "array": "[1, 2]"}


def broken(which: str) -> Iterator[tuple[str, bytes, str]]:
    good = GOOD[which][1].encode()
    yield "empty", b"", "is empty"
    yield "cut", good[: good.rindex(b"e" if which == "sketch-csv" else b":") - 3], "cut|ends within"
    yield "binary", good[:20] + bytes(range(256)), "NUL"
    yield "header only", HEADERS[which].encode(), "no rows|no line|has no events|has no lines"
    yield "doubled ids", DOUBLED[which].encode(), "stands on an earlier"
    yield "cut gzip", gzip.compress(good)[:-20], "ends in the middle of its gzip data"
    yield "bomb", gzip.compress(good.splitlines(keepends=True)[0] + b"\n" * 3_000_000), "unpacks to more than"
    yield "one long line", good[:30] + b'"' + b"x" * 500_000, "longer than|more than 0 million|not closed|was cut"
    for name, text in KINDS.items():
        if name != "csv" or which != "sketch-csv":
            yield f"kind {name}", text.encode(), "is not|no line|cut|no JSON"


@pytest.mark.parametrize("which", list(GOOD))
def test_broken_files_say_so_in_a_line_and_change_nothing(
    store: Store, tmp_path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, good = GOOD[which]
    monkeypatch.setattr(source, "BOMB_FROM", 1 << 20)
    monkeypatch.setattr(source, "PIECE", 1 << 16)
    monkeypatch.setattr(source, "MAX_LINE", 200_000)
    monkeypatch.setattr(json_parts, "MAX_VALUE", 200_000)
    assert load(store, tmp_path, form, good, origin="before").rejected == 0
    before = list(store.connection.iterdump())
    for name, raw, message in broken(which):
        try:
            done = load(store, tmp_path, form, raw)
        except DatelineError as error:
            said = str(error)
        else:
            pytest.fail(f"{name}: was imported: {done}")
        assert any(part in said for part in message.split("|")), (name, said)
        assert "\n" not in said
        assert list(store.connection.iterdump()) == before, name


@pytest.mark.parametrize("levels", [900, 10_000])
def test_ten_thousand_levels(store: Store, tmp_path: Path, levels: int) -> None:
    nest = "[" * levels + "]" * levels
    for form, text in (
        (timelinejs.FORMAT, '{"events": [' + nest + "]}"),
        (timemap.FORMAT, '[{"description": "a", "deep": ' + nest + "}]"),
        (timesketch.FORMAT, '{"message": "a", "datetime": "2021-01-01", "deep": ' + nest + "}\n"),
    ):
        try:
            done = load(store, tmp_path, form, text)
        except DatelineError as error:
            assert "nested too deeply" in str(error) or "no line has a message" in str(error)  # noqa: PT017 - either
        else:
            assert (done.added, done.rejected) == (0, 1)


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        (timesketch.FORMAT, "message,datetime\na,soon\n", "line 2: datetime is 'soon', not ISO 8601"),
        (timesketch.FORMAT, "message,datetime\n,2021-01-01\n", "line 2: has no message"),
        (timesketch.FORMAT, "message,timestamp\na,0\n", "has neither datetime nor timestamp"),
        (timesketch.FORMAT, "message,timestamp\na,99999999999999999999999\n", "not microseconds"),
        (timesketch.FORMAT, "message,datetime\na,2021-02-30T00:00:00Z\n", "line 2: date '2021-02-30"),
        (timelinejs.FORMAT, '{"events": [{"text": {"headline": "A"}}]}', "event 1: has no start_date"),
        (timelinejs.FORMAT, '{"events": [{"start_date": {"year": "2021"}}]}', "event 1: has no headline"),
        (timelinejs.FORMAT, '{"events": [{"start_date": {"year": 2021, "month": 13}, "text": {"headline": "A"}}]}', "month is 13"),
        (timelinejs.FORMAT, '{"events": [{"start_date": {"year": true}, "text": {"headline": "A"}}]}', "no number"),
        (timelinejs.FORMAT, '{"events": [3]}', "event 1: is no object"),
        (timemap.FORMAT, '[{"date": "2021-05-08", "sources": []}]', "event 1: has no description"),
        (timemap.FORMAT, '[{"description": "a", "latitude": "x", "longitude": "1"}]', "are not numbers"),
        (timemap.FORMAT, '[{"description": "a", "date": "some day"}]', "date 'some day'"),
    ],
)  # fmt: skip
def test_a_bad_row_is_rejected_with_its_place_and_reason(
    store: Store, tmp_path: Path, form: Format, text: str, reason: str
) -> None:
    done = load(store, tmp_path, form, text)
    assert (done.added, done.rejected) == (0, 1)
    assert reason in done.reasons[0]


@pytest.mark.parametrize(
    ("tags", "kept"),
    [(r'["\ud800"]', r"\ud800"), (r'["\udcff", "b"]', r"\udcff"), ("[" * 600 + "]" * 600, "[[[")],
    ids=["half", "byte", "deep"],
)
def test_the_text_of_a_list_of_tags_that_no_store_can_hold_is_taken_as_text(
    store: Store, tmp_path: Path, tags: str, kept: str
) -> None:
    quoted = tags.replace('"', '""')
    done = load(store, tmp_path, timesketch.FORMAT, f'message,datetime,tag,_id\na,2021-01-01,"{quoted}",1\n')
    assert (done.added, done.rejected) == (1, 0)
    line = json.dumps({"message": "a", "datetime": "2021-01-01", "tag": tags, "_id": "2"})
    assert load(store, tmp_path, timesketch.FORMAT, line + "\n").added == 1
    found = [tag for (tag,) in store.connection.execute("SELECT name FROM tag")]
    assert any(kept in tag for tag in found)
    assert all(tag.isascii() for tag in found)


DEEP = "[" * 500 + "]" * 500


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        (r'{"s": {"description": "\ud800 words"}}', "`sources` has half of a letter"),
        ('[{"id": ' + DEEP + "}]", "`sources` is nested more than 200 levels deep"),
        ('{"s": {"description": ' + DEEP + "}}", "`sources` is nested more than 200 levels deep"),
    ],
    ids=["half", "id", "description"],
)
def test_sources_of_timemap_that_no_store_can_hold_are_refused(
    store: Store, tmp_path: Path, sources: str, reason: str
) -> None:
    event = '{"id": "1", "description": "a", "date": "13/04/2021", "sources": ["s"]}'
    with pytest.raises(DatelineError, match=reason):
        load(store, tmp_path, timemap.FORMAT, '{"events": [' + event + '], "sources": ' + sources + "}")
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)


def test_a_date_of_timemap_nested_too_deep_says_nothing_of_the_others(store: Store, tmp_path: Path) -> None:
    days = ('"03/04/2021"', DEEP, '"13/04/2021"')
    events = [f'{{"id": "{at}", "description": "a", "date": {day}}}' for at, day in enumerate(days)]
    done = load(store, tmp_path, timemap.FORMAT, "[" + ",".join(events) + "]")
    assert (done.added, done.rejected) == (2, 1)
    assert "event 2: is nested more than 200 levels deep" in done.reasons[0]
    assert sorted(day for (day,) in store.connection.execute("SELECT date_edtf FROM incident")) == [
        "2021-04-03",
        "2021-04-13",
    ]


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
    found = the(store, "case-a")
    assert (found.event_type, found.extra.get("group")) == (event_type, group if kept else None)

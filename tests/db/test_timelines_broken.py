"""Other timelines' files that are no good, in part or whole: one clear line each, and nothing of the rest is lost."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.errors import DatelineError
from db.formats import json_parts, source, timelinejs, timemap, timesketch
from db.formats.record import Format
from db.store import Store
from tests.support.timeline_files import SKETCH_CSV, SLIDES, UKRAINE, load

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

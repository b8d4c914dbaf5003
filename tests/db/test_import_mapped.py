"""Any CSV or JSON lines through a mapping file, and the first draft of one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import read
from db.errors import DatelineError
from db.formats import columns, mapped
from db.formats.record import Imported, Options
from db.formats.source import Source
from db.importing import import_file
from db.store import Store

SHEET = """Ref;Headline;Event date;Type;Perpetrator;Victim;Weapon;Killed;Place;Country;Lat;Lon;Source;Source title;Mood
1;Drone hits depot;13/05/2021;drone-strike;Group A|Group B;Army;Qasef;2;Depot;Iraq;33.3;44.4;Radio Sol;Two strikes;calm
2;Rocket lands;14/05/2021;rocket-fire;;;Katyusha;;Depot;Iraq;33.3;44.4;;;
3;Nothing known;;;;;;;;;;;;;
"""


def draft(path: Path) -> str:
    with Source(path) as source:
        return "\n".join(mapped.guess_csv(source)) + "\n"


def load(store: Store, folder: Path, text: str, toml: str | None = None) -> Imported:
    (folder / "sheet.csv").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text(toml if toml is not None else draft(folder / "sheet.csv"), encoding="utf-8")
    return import_file(store, folder / "sheet.csv", mapped.CSV, Options(mapping=folder / "map.toml", origin="sheet"))


def test_a_guess_is_a_mapping_that_works(store: Store, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    text = draft(tmp_path / "sheet.csv")
    assert '# "Mood"' in text
    done = load(store, tmp_path, SHEET, text.replace('separator = ";"', 'separator = "|"'))
    assert (done.added, done.rejected) == (3, 0)
    incident = read.incident(store.connection, read.incident_id(store.connection, "sheet-1"))
    assert incident is not None
    assert (incident.title, incident.event_type, incident.date_edtf) == (
        "Drone hits depot",
        "drone-strike",
        "2021-05-13",
    )
    assert [(a.actor.name, a.role) for a in incident.actors] == [
        ("Group A", "attacker"), ("Group B", "attacker"), ("Army", "target"),
    ]  # fmt: skip
    assert [(s.name, s.role) for s in incident.systems] == [("Qasef", "munition")]
    assert (incident.killed.low, incident.killed.best, incident.injured.best) == (None, 2, None)
    assert [(q.exact, d.publisher) for q, d in zip(incident.quotes, incident.documents, strict=True)] == [
        ("Two strikes", "Radio Sol")
    ]
    assert incident.extra["Mood"] == "calm"
    undated = read.incident(store.connection, read.incident_id(store.connection, "sheet-3"))
    assert undated is not None
    assert (undated.date_edtf, undated.place, undated.killed.best) == (None, None, None)


def test_a_second_import_adds_nothing_also_without_ids(store: Store, tmp_path: Path) -> None:
    toml = 'origin = "s"\ndelimiter = ";"\n[columns]\ntitle = "Headline"\ndate = "Event date"\n'
    assert load(store, tmp_path, SHEET, toml).added == 3
    assert load(store, tmp_path, SHEET, toml).same == 3


def test_edtf_cells_stay_as_they_are(store: Store, tmp_path: Path) -> None:
    toml = 'origin = "s"\n[columns]\nid = "id"\ntitle = "t"\ndate = "d"\ndate_end = "e"\n'
    load(store, tmp_path, "id,t,d,e\n1,a,2021-04~,\n2,b,2021-05-01,2021-05-03\n3,c,[2021-05-01..2021-05-07],\n", toml)
    found = [edtf for (edtf,) in store.connection.execute("SELECT date_edtf FROM incident ORDER BY id")]
    assert found == ["2021-04~", "2021-05-01/2021-05-03", "[2021-05-01..2021-05-07]"]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("origin = ", "is not TOML"),
        ('origin = "s"', "lacks origin"),
        ('origin = "s"\n[columns]\ncolour = "x"', "has 'colour'; there are id, title"),
        ('origin = "s"\n[actors]\nhero = "x"', "has 'hero'; there are attacker"),
        ('origin = "s"\n[columns]\ntitle = 1', "no table of names"),
        ('origin = "s"\ndelimiter = ";"\n[columns]\ntitle = "No such"', "has no column No such|it has no column"),
        ('origin = "s"\ndelimiter = ";;"\n[columns]\ntitle = "Headline"', "one character"),
        ('origin = "s"\ndelimiter = "\\""\n[columns]\ntitle = "Headline"', "no quotation mark"),
        ('origin = "s"\ndelimiter = "\\n"\n[columns]\ntitle = "Headline"', "no quotation mark"),
        *(
            (f'origin = "s"\ndelimiter = "{odd}"\n[columns]\ntitle = "Headline"', "parted by semicolons, not '.'")
            for odd in ":#^é"
        ),
        ('origin = "s"\ndates = "ymd"\n[columns]\ntitle = "Headline"', "dmy or mdy"),
        ('origin = "s"\nspeed = "x"\n[columns]\ntitle = "Headline"', "'speed' is unknown"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(store: Store, tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(DatelineError, match=message):
        load(store, tmp_path, SHEET, toml)
    assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)


def test_a_mapping_without_a_name_takes_the_one_that_the_command_line_gives(store: Store, tmp_path: Path) -> None:
    toml = 'delimiter = ";"\n[columns]\ntitle = "Headline"\nid = "Ref"'
    assert load(store, tmp_path, SHEET, toml).added == 3
    assert {origin for (origin,) in store.connection.execute("SELECT origin FROM incident")} == {"sheet"}
    with pytest.raises(DatelineError, match=r"lacks origin .* --origin NAME"):
        columns.mapping(tmp_path / "map.toml")


def test_json_lines(store: Store, tmp_path: Path) -> None:
    lines = [
        {"id": 7, "title": "A", "date": "2021-05-08", "tags": ["x", "y"], "deep": {"a": [1]}},
        {"id": 8, "title": "B"},
    ]
    path = tmp_path / "any.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "[1]\n", encoding="utf-8")
    with Source(path) as source:
        (tmp_path / "map.toml").write_text("\n".join(mapped.guess_jsonl(source)), encoding="utf-8")
    done = import_file(store, path, mapped.NDJSON, Options(mapping=tmp_path / "map.toml", origin="any"))
    assert (done.added, done.rejected) == (2, 1)
    assert done.reasons == ["line 3: is no JSON object"]
    incident = read.incident(store.connection, read.incident_id(store.connection, "any-7"))
    assert incident is not None
    assert (incident.tags, incident.extra["deep"]) == (("x", "y"), {"a": [1]})
    path.write_text(json.dumps(lines[0]) + '\n{"id": 9, "ti', encoding="utf-8")
    with pytest.raises(DatelineError, match="line 2: it was cut"):
        import_file(store, path, mapped.NDJSON, Options(mapping=tmp_path / "map.toml", origin="any"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=8))
def test_a_draft_is_toml_whatever_the_columns_are_called(names: list[str]) -> None:
    text = "\n".join(columns.draft("x.csv", names, ","))
    found = tomllib.loads(text)
    assert set(found["columns"].values()) <= set(names)


@pytest.mark.parametrize("name", ["n\x1b[31mx\x7f.csv", "a\x00b", "two\nlines.csv", "\x9b31m.csv"])
def test_a_draft_is_toml_whatever_the_file_is_called(name: str) -> None:
    text = "\n".join(columns.draft(name, ["a"], ","))
    assert tomllib.loads(text)["delimiter"] == ","
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_a_column_without_a_name_fills_no_field_that_the_mapping_leaves_out(store: Store, tmp_path: Path) -> None:
    """As some programs write the numbers of the rows: nothing of it may become a date, a place or a count of killed."""
    toml = 'origin = "s"\n[columns]\ntitle = "Headline"\n'
    done = load(store, tmp_path, ",Headline\n7,First\n2021-05-08,Second\n", toml)
    assert (done.added, done.rejected) == (2, 0)
    assert store.connection.execute(
        "SELECT count(*) FROM incident WHERE coalesce(killed_best, injured_best, date_edtf, place_id, summary, event_type,"
        " sub_event_type, damage) IS NOT NULL"
    ).fetchone() == (0,)
    names = "SELECT (SELECT count(*) FROM actor) + (SELECT count(*) FROM system) + (SELECT count(*) FROM document)"
    assert store.connection.execute(names).fetchone() == (0,)


@pytest.mark.parametrize("separator", [",", ";"])
def test_an_item_of_a_json_list_is_one_name(store: Store, tmp_path: Path, separator: str) -> None:
    """Only a text is parted, and by nothing but the mapping's own separator."""
    lines = [
        {"t": "a", "who": ["Smith; Jones, Ltd", " Beta ", None, ["Gamma"]], "tags": ["x,y;z", 5], "with": ["A;B,C"]},
        {"t": "b", "who": separator.join(["Alpha", "Beta"]), "tags": separator.join("kl"), "with": "Gun"},
    ]
    (tmp_path / "rows").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (tmp_path / "map.toml").write_text(
        f'origin = "o"\nseparator = "{separator}"\n[columns]\ntitle = "t"\ntags = "tags"\n'
        '[actors]\nattacker = "who"\n[systems]\nmunition = "with"\n',
        encoding="utf-8",
    )
    assert import_file(store, tmp_path / "rows", mapped.NDJSON, Options(mapping=tmp_path / "map.toml")).added == 2
    ids = [row_id for (row_id,) in store.connection.execute("SELECT id FROM incident ORDER BY title")]
    one, two = (read.incident(store.connection, row_id) for row_id in ids)
    assert one is not None and two is not None
    assert [actor.actor.name for actor in one.actors] == ["Smith; Jones, Ltd", "Beta", "Gamma"]
    assert (set(one.tags), [system.name for system in one.systems]) == ({"x,y;z", "5"}, ["A;B,C"])
    assert [actor.actor.name for actor in two.actors] == ["Alpha", "Beta"]
    assert (set(two.tags), [system.name for system in two.systems]) == ({"k", "l"}, ["Gun"])


def test_a_mapping_may_begin_with_a_byte_order_mark(store: Store, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    assert load(store, tmp_path, SHEET, "\ufeff" + draft(tmp_path / "sheet.csv")).added == 3


def test_a_guess_at_a_file_of_a_hostile_name_is_a_mapping_too(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "n\x1b[31mx\x7f.csv"
    path.write_text(SHEET, encoding="utf-8")
    text = draft(path)
    assert "\x1b" not in text and "\x7f" not in text
    assert load(store, tmp_path, SHEET, text).added

"""Small files that would keep an import busy for minutes: what is done for them grows as they do, not with the square."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import date_tree, fields, importing, names
from db.errors import DatelineError
from db.fields import fold
from db.formats import geojson
from db.formats.headline import plain
from db.formats.record import Imported, Options, Record, RowError
from db.formats.registry import named
from db.formats.source import Source
from db.formats.table import as_csv, decimal, whole
from db.importing import import_file
from db.loading import Loader
from db.names import Names, slug
from db.store import Store

GED = ("id", "type_of_violence", "side_a", "side_b", "country", "best", "date_start", "date_end", "date_prec")
LONG = 300_000


def load(store: Store, folder: Path, form: str, text: str, **options: Any) -> Imported:
    (folder / "rows").write_text(text, encoding="utf-8")
    return import_file(store, folder / "rows", named(form), Options(**{"origin": "o", **options}))


def collection(*properties: dict[str, Any], ids: tuple[str, ...] = ()) -> str:
    """A GeoJSON file of features with these properties."""
    features: list[dict[str, Any]] = [
        {"type": "Feature", "geometry": None, "properties": found} for found in properties
    ]
    for feature, known_as in zip(features, ids, strict=False):
        feature["id"] = known_as
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.mark.parametrize("digits", ["1" * LONG, "1" * LONG + ".5", "." + "0" * LONG, "1." + "0" * LONG], ids=len)
def test_many_digits_that_are_no_number(digits: str) -> None:
    assert decimal(digits) >= 0
    with pytest.raises(RowError, match="not a number"):
        whole(f"{digits}x", "best")


def test_a_row_with_many_digits_is_rejected(store: Store, tmp_path: Path) -> None:
    row = ("1", "1", "A", "B", "Iraq", "1" * LONG + "x", "2021-05-01", "2021-05-01", "1")
    done = load(store, tmp_path, "ucdp-ged", f"{as_csv(GED)}\n{as_csv(row)}\n")
    assert (done.added, done.rejected) == (0, 1)


def test_blanks_in_a_headline(store: Store, tmp_path: Path) -> None:
    article = "BBC, 2021-05-01,  x" + " " * LONG + "y \n "
    row = ("1", "1", "A", "B", "Iraq", "1", "2021-05-01", "2021-05-01", "1", f'"{article}";"AP,2021-05-02,z"')
    load(store, tmp_path, "ucdp-ged", f"{as_csv((*GED, 'source_article'))}\n{as_csv(row)}\n")
    quotes = store.connection.execute("SELECT exact, publisher FROM quote JOIN document AS d ON d.id = document_id")
    assert quotes.fetchall() == [("x" + " " * LONG + "y", "BBC"), ("z", "AP")]


NEVER_ENDS = ("<a ", "<a x=", '<a x="', "<a x='\"", "</a ", "<!--", "<![CDATA[", "<?p ", "<script>", "<a/ ", "<a = ")


@pytest.mark.parametrize("unit", NEVER_ENDS)
def test_markup_that_never_ends_is_words(store: Store, tmp_path: Path, unit: str) -> None:
    text = f"x {unit * (LONG // len(unit))}".strip()
    words = " ".join(text.split())
    assert plain(text) == words
    assert plain(f"<p>a &amp; <b>b</b></p>{text}") == f"a & b\n{words}"
    slide = {"start_date": {"year": 2021}, "text": {"headline": text}}
    assert load(store, tmp_path, "timelinejs", json.dumps({"events": [slide]})).added == 1
    assert store.connection.execute("SELECT title FROM incident").fetchall() == [(words,)]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<a href="a>b" title = \'c>"d\'>e</a>', "e"),
        ("<a title=it's>e</a> it's", "e it's"),
        ("a<!-- b > c -->d<!-->e<!--->f", "adef"),
        ("<!DOCTYPE html><?xml version='1.0'?>a<![CDATA[b]]>", "a"),
        ("<SCRIPT type='x'>if (a < b) '</b>'</script >c<style>p{}</style>d", "cd"),
        ("<script src=x />a<br/>b<BR\nclass=c>d</P\n>e", "a\nb\nd\ne"),
        ("a < b, c<3, </3 and <> and <!> 1<2>1", "a < b, c<3, </3 and <> and <!> 1<2>1"),
        ("<p>a<script>b</p> c", "a<script>b</p> c"),
        ("<p>a</p> <b c &lt; d", "a\n<b c < d"),
        ("&amp;lt; &#8217;&nbsp;&eacute &xothing;", "&lt; ’ é &xothing;"),
        ("a&#" + "1" * 5_000 + "; &gt;", "a&#" + "1" * 5_000 + "; >"),
    ],
    ids=lambda text: text[:20],
)
def test_words_of_html(html: str, words: str) -> None:
    assert plain(html) == words


def test_the_order_of_days_is_settled_once_for_all_sets_of_properties(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    class Counted(Source):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            read.append(path)

    monkeypatch.setattr(geojson, "Source", Counted)
    rows = [{"title": f"x{n}", "date": "03/04/2021", f"p{n}": 1} for n in range(600)]
    rows += [{"title": "y", "when": "03/04/2021"}, {"title": "y", "when": "03/14/2021"}]
    load(store, tmp_path, "geojson", collection(*rows, {"title": "last", "date": "13/04/2021"}))
    assert len(read) == 1
    days = store.connection.execute("SELECT date_edtf, count(*) FROM incident GROUP BY 1 ORDER BY 1").fetchall()
    assert days == [("2021-03-04", 1), ("2021-03-14", 1), ("2021-04-03", 600), ("2021-04-13", 1)]


@pytest.mark.parametrize("others", [("04/05/2021",), ("13/05/2021", "05/13/2021"), ("13/13/2021",)])
def test_a_column_of_days_is_settled_by_its_own(store: Store, tmp_path: Path, others: tuple[str, ...]) -> None:
    rows = [{"title": "x", "date": day} for day in ("03/04/2021", *others)]
    why = "both orders occur" if len(others) > 1 or others[0].startswith("13") else "nothing in the file"
    with pytest.raises(DatelineError, match=f"in dates such as 03/04/2021 .*{why}"):
        load(store, tmp_path, "geojson", collection(*rows, {"title": "y", "when": "13/04/2021"}))


def test_ids_that_begin_alike(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 50)
    asked: list[str] = []
    store.connection.set_trace_callback(lambda sql: asked.append(sql) if sql.startswith("SELECT 1 FROM") else None)
    address = "https://data.example.org/conflict/incidents/iraq-and-syria/2021/event/"
    for first in (0, 300):
        ids = tuple(f"{address}{number}" for number in range(first, first + 300))
        load(store, tmp_path, "geojson", collection(*[{"title": "x"}] * 300, ids=ids))
    assert len(asked) < 1_000
    start = "o-https-data-example-org-conflict-incidents-iraq-and-syria-2"
    keys = store.connection.execute("SELECT key FROM incident ORDER BY id").fetchall()
    assert keys == [(start,), *((f"{start}-{number}",) for number in range(2, 601))]


def test_a_newer_row_looks_at_its_chains_once(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked: list[int] = []

    class Counted(list[tuple[object, ...]]):
        def __iter__(self) -> Iterator[tuple[object, ...]]:
            looked.append(1)
            return super().__iter__()

    children = Loader.children

    def counted(self: Loader, incident_id: int, record: Record) -> dict[str, list[tuple[object, ...]]]:
        found = children(self, incident_id, record)
        return {table: Counted(rows) if table == "attribution" else rows for table, rows in found.items()}

    def release(speaker: str) -> None:
        quotes = [{"exact": f"e{n}", "document": "D", "chain": [f"{speaker}{n}", "S"]} for n in range(100)]
        own = {"key": "k", "kind": "incident", "title": "t", "date_edtf": "2021", "match": "certain", "quotes": quotes}
        load(store, tmp_path, "geojson", collection(own))

    release("old")
    monkeypatch.setattr(Loader, "children", counted)
    release("new")
    assert len(looked) < 10
    chains = store.connection.execute(
        "SELECT q.exact, x.step, a.name FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id"
        " JOIN actor AS a ON a.id = x.actor_id ORDER BY q.id, x.step"
    )
    assert chains.fetchall() == [(f"e{n}", *step) for n in range(100) for step in ((1, f"new{n}"), (2, "S"))]


def test_each_release_is_read_once_for_what_was_taken_back_since(store: Store, tmp_path: Path) -> None:
    def release(title: str) -> None:
        load(store, tmp_path, "geojson", collection(*[{"title": title}] * 60, ids=tuple(map(str, range(60)))))

    def by_hand(sql: str) -> None:
        with store.write("by hand") as connection:
            connection.execute(sql)

    release("a")
    by_hand("UPDATE incident SET event_type = 'drone'")
    release("b")
    by_hand("UPDATE incident SET event_type = NULL")
    read: list[str] = []
    store.connection.set_trace_callback(lambda sql: read.append(sql) if "SELECT after FROM log" in sql else None)
    release("c")
    assert len(read) == 1
    titles = store.connection.execute("SELECT DISTINCT title, event_type FROM incident").fetchall()
    assert titles == [("c", None)]


def test_marks_without_end() -> None:
    assert fold("A" + "\u0301\u0327" * LONG + "b") == "ab"


MARKS = st.text(st.sampled_from("a \u0301\u0327\u0345\u0344\u1e69\uac01\u1100\u1161\ufb01İß"), max_size=30)


@given(text=MARKS, piece=st.integers(1, 5))
def test_folding_in_pieces_folds_the_same(text: str, piece: int) -> None:
    whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "_PIECE", len(whole) + 1)
        before = fold(text)
        patch.setattr(fields, "_PIECE", piece)
        assert fold(text) == before


def test_a_key_needs_no_more_of_a_name_than_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[int] = []

    def counted(value: str) -> str:
        folded.append(len(value))
        return fold(value)

    monkeypatch.setattr(names, "fold", counted)
    assert slug("É" * LONG, "actor") == "e" * names.KEY_LENGTH
    assert folded[0] < LONG // 10


def test_the_years_of_a_form_are_listed_once() -> None:
    date_tree._years.cache_clear()
    assert len({date_tree.days_between("XXX1", [2, 12], [30, 31]) for _ in range(80)}) == 1
    assert date_tree._years.cache_info().misses == 1


def test_a_name_of_marks_alone_has_a_key(store: Store) -> None:
    with store.write("names") as connection:
        Names(connection).actor("\u0301\u0327" * LONG)
    assert store.connection.execute("SELECT key FROM actor").fetchall() == [("actor",)]

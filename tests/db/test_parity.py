"""The same text gives the same incidents everywhere: engine, `list`, `count`, `export`, and an independent slow reference.

The queries are written by chance from fixed seeds over the whole language (tests/support/query_writer.py); what each
means is judged anew (tests/support/slow_reference.py).  The rows of UCDP GED are those of tests/data.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

import main
from db import exporting
from db.engine import Engine, Wants, open_engine
from db.fields import BY_NAME, FACET_NAMES, PERIOD_NAMES
from db.formats.record import Options
from db.formats.registry import named
from db.formats.writing import WrittenFormat
from db.importing import import_file
from db.query import parse
from db.store import Store
from tests.support import hard_cases
from tests.support.meaning import Every, Facet, Neg, Some, Term, Text, civil
from tests.support.query_writer import QueryWriter, Written
from tests.support.slow_names import Names
from tests.support.slow_reference import Record, Reference

EXCERPTS = sorted((Path(__file__).parent.parent / "data").glob("ged_*.csv"))
STORES = ("hard", "ged")
CHUNKS = 6
"""Tests that the queries of one store are dealt out to, so that two cores share them."""

QUERIES = 42
"""Queries a chunk: 504 in all."""

ENGINES: tuple[Callable[[Store], Engine], ...] = (open_engine,)
"""Every way to an engine; each must give the same rows."""

SHARE = 4
"""Every so many queries a format is written: each query as a fourth of the formats, each format with a fourth of them."""

COPIES = 21
"""Every so many queries one is also written as a store, which takes as long as all other formats together."""


@dataclass(frozen=True)
class World:
    """A store, and the reference that knows all of it."""

    path: Path
    reference: Reference


@lru_cache(None)
def queries(world: World, chunk: int) -> list[Written]:
    """The queries of one chunk; those of a chunk differ from those of any other."""
    writer = QueryWriter(world.reference, seed=chunk * 7919 + len(world.reference.records), never=frozenset())
    return [writer.query() for _ in range(QUERIES)]


@pytest.fixture(scope="session")
def worlds(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """The bundled incidents with the hard cases, and some rows of UCDP GED, each in a store of its own."""
    folder = tmp_path_factory.mktemp("parity")
    hard, ged = folder / "hard.db", folder / "ged.db"
    shutil.copyfile(template, hard)
    with closing(sqlite3.connect(hard)) as connection, connection:
        hard_cases.add(connection)
    with Store.create(ged) as store:
        added = sum(import_file(store, file, named("ucdp-ged"), Options()).added for file in EXCERPTS)
    assert added >= 30, EXCERPTS
    found = {}
    for name, path in zip(STORES, (hard, ged), strict=True):
        records = lines("list", "--json", "--store", str(path))
        with Store.open(path) as store:
            found[name] = World(path, Reference(records, Names(store.connection)))
    return found


@pytest.fixture(params=STORES)
def world(request: pytest.FixtureRequest, worlds: dict[str, World]) -> World:
    """One of the stores."""
    return worlds[request.param]


def lines(*arguments: str) -> list[Record]:
    """The JSON objects that a command line prints, run in this process through the same door as the console script."""
    status, out = run(arguments)
    assert status == 0, arguments
    return [json.loads(line) for line in out.splitlines()]


def run(arguments: tuple[str, ...]) -> tuple[int, str]:
    """Exit status and stdout of a command line."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        status = main.run(list(arguments))
    return status, out.getvalue()


def whole(engine: Engine, text: str, keys: dict[int, str]) -> list[tuple[str, str]]:
    """All rows of the engine's answer: (key, certain or possible), in order."""
    answer = engine.answer(parse(text))
    rows = answer.window(0, answer.totals.rows)
    assert len(rows) == answer.totals.rows
    return [(keys[row.id], "certain" if row.certain else "possible") for row in rows]


def keys_of(store: Store) -> dict[int, str]:
    """Incident id → key."""
    return dict(store.connection.execute("SELECT id, key FROM incident"))


# -- the answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_engines_give_what_the_reference_gives(world: World, chunk: int) -> None:
    with Store.open(world.path) as store:
        keys = keys_of(store)
        for make in ENGINES:
            engine = make(store)
            for text, meaning in queries(world, chunk):
                assert whole(engine, text, keys) == world.reference.answer(meaning), text
                totals = engine.answer(parse(text)).totals
                said = {"certain": totals.certain, "possible": totals.possible, "of": totals.of}
                assert said == world.reference.totals(meaning), text


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_canonical_text_gives_the_same_answer(world: World, chunk: int) -> None:
    with Store.open(world.path) as store:
        keys, engine = keys_of(store), open_engine(store)
        for text, _ in queries(world, chunk):
            canonical = parse(text).canonical()
            assert parse(canonical) == parse(text), (text, canonical)
            assert parse(canonical).canonical() == canonical, (text, canonical)
            assert whole(engine, canonical, keys) == whole(engine, text, keys), (text, canonical)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_list_and_count_give_what_the_reference_gives(world: World, chunk: int) -> None:
    """By turns: both print what the engine answers, which each query is held against above."""
    whole_records = {record["key"]: record for record in world.reference.records}
    for n, (text, meaning) in enumerate(queries(world, chunk)):
        if n % 2:
            assert lines("count", text, "--json", "--store", str(world.path)) == [world.reference.totals(meaning)], text
            continue
        expected = world.reference.answer(meaning)
        listed = lines("list", text, "--json", "--store", str(world.path))
        assert [(record["key"], record["match"]) for record in listed] == expected, text
        assert all({**record, "match": "certain"} == whole_records[record["key"]] for record in listed), text


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_counts_of_facets_are_what_the_reference_counts(world: World, chunk: int) -> None:
    with Store.open(world.path) as store:
        for make in ENGINES:
            engine = make(store)
            for n, (text, meaning) in enumerate(queries(world, chunk)):
                wanted = {FACET_NAMES[(n + i) % len(FACET_NAMES)] for i in (0, 7, 13)} | _filtered(meaning)
                if n % 4 == 0:  # the reference counts them day by day
                    wanted |= set(PERIOD_NAMES)
                answer = engine.answer(parse(text), Wants(facets=tuple(sorted(wanted))))
                for facet in sorted(wanted):
                    counted = [(c.value, c.certain, c.possible) for c in answer.facets[facet]]
                    expected = world.reference.by(facet, meaning)
                    assert counted == expected, (facet, text)


@pytest.mark.parametrize("facet", [*FACET_NAMES, *PERIOD_NAMES])
def test_count_by_prints_what_the_reference_counts(world: World, facet: str) -> None:
    for text, meaning in queries(world, (*FACET_NAMES, *PERIOD_NAMES).index(facet) % CHUNKS)[:3]:
        listed = lines("count", text, "--by", facet, "--json", "--store", str(world.path))
        counted = [(line["value"], line["certain"], line["possible"]) for line in listed]
        expected = world.reference.by(facet, meaning, held=True)
        assert counted == expected, text


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_export_has_the_keys_of_the_list_in_their_order(world: World, chunk: int, tmp_path: Path) -> None:
    records = {record["key"]: record for record in world.reference.records}
    with Store.open(world.path) as store:
        engine = open_engine(store)
        origin_ids = dict(
            store.connection.execute("SELECT origin_id, key FROM incident WHERE origin = 'ucdp-ged'").fetchall()
        )
        for n, (text, meaning) in enumerate(queries(world, chunk)):
            keys = [key for key, _ in world.reference.answer(meaning)]
            what = exporting.shown(engine.answer(parse(text)))
            for place, form in enumerate(exporting.WRITTEN):
                if form.store:
                    if n % COPIES == 0:
                        assert copied_keys(store, what, form, tmp_path / f"{n}.db") == set(keys), text
                    continue
                if (n + place) % SHARE:
                    continue
                out = exported(store, what, form)
                if form.name == "html":
                    assert out.count("<h2>") == len(keys) + 1, text
                    continue
                if form.name == "markdown":
                    assert len(re.findall("^## ", out, re.MULTILINE)) == len(keys), text
                    continue
                held = [key for key in keys if _has_place(records[key], form.name)]
                assert keys_in(form.name, out, origin_ids) == held, (form.name, text)


def _has_place(record: Record, form: str) -> bool:
    """Whether a format has a place for an incident: timelines need a day, Timesketch one of a year in four digits."""
    day = record["date_earliest"] or record["date_latest"]
    if form == "timelinejs":
        return day is not None
    return form != "timesketch" or (day is not None and day[:4].isdigit() and day[:4] > "0000")


def exported(store: Store, what: exporting.Shown, form: WrittenFormat) -> str:
    """What `export` writes to stdout."""
    out = io.StringIO(newline="")
    with redirect_stdout(out):
        assert exporting.export(store, what, form, None).rows <= len(what.matches)
    return out.getvalue()


def keys_in(form: str, text: str, origin_ids: dict[str, str]) -> list[str]:
    """The keys in a file, in its order; formats that have ids of their own give these for what came with one."""
    if form in ("json", "timesketch"):
        return [json.loads(line)["key"] for line in text.splitlines()]
    if form == "jsonl":
        return [row["incident"]["key"] for line in text.splitlines() if "incident" in (row := json.loads(line))]
    if form == "geojson":
        return [feature["id"] for feature in json.loads(text)["features"]]
    if form == "timelinejs":
        return [event["unique_id"] for event in json.loads(text)["events"]]
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if form == "csv":
        return [row["key"] for row in rows]
    if form == "ucdp-ged":
        return [origin_ids[row["id"]] if row["id"] else row["relid"] for row in rows]
    assert form == "acled", form
    return [row["event_id_cnty"] for row in rows]


def copied_keys(store: Store, what: exporting.Shown, form: WrittenFormat, target: Path) -> set[str]:
    """The keys of a copy; its order is that of any store with these incidents."""
    exporting.export(store, what, form, target)
    with closing(sqlite3.connect(target)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM incident")}


def test_the_timeline_s_order_is_the_documented_one(world: World) -> None:
    with Store.open(world.path) as store:
        ids = {key: incident_id for incident_id, key in keys_of(store).items()}

    def place_in_time(record: Record) -> tuple[object, ...]:
        """First possible day, time of day, last possible day, id; with no first day, before what begins at the last."""
        first, last = civil(record["date_earliest"]), civil(record["date_latest"])
        time = re.match(r"\S{10}T(\d\d)(?::(\d\d))?(?::(\d\d))?", record["date_edtf"] or "")
        of_day = tuple(int(part) for part in time.groups() if part) if time else ()
        stands = first or last or (0, 0, 0)
        return (
            first is last is None,
            stands,
            first is not None,
            of_day,
            last is None,
            last or (0, 0, 0),
            ids[record["key"]],
        )

    records = world.reference.records
    assert [r["key"] for r in records] == [r["key"] for r in sorted(records, key=place_in_time)]
    assert set(ids) == {record["key"] for record in records}
    assert [record["roots"] for record in records] == [world.reference.roots(record) for record in records]


# -- known faults ---------------------------------------------------------------------------------------------------


def test_a_phrase_does_not_run_on_from_one_quote_into_another(worlds: dict[str, World]) -> None:
    hard = worlds["hard"]
    with Store.open(hard.path) as store:
        found = whole(open_engine(store), '"on Saturday just after two"', keys_of(store))
    assert found == hard.reference.answer(Text("on Saturday just after two"))


def test_a_country_holds_what_is_part_of_it(worlds: dict[str, World]) -> None:
    hard = worlds["hard"]
    with Store.open(hard.path) as store:
        found = whole(open_engine(store), "place:iraq", keys_of(store))
    assert found == hard.reference.answer(Facet("place", (("iraq", False),)))


# -- the test of the test -------------------------------------------------------------------------------------------


def test_the_queries_cover_the_language_and_answer_in_all_ways(worlds: dict[str, World]) -> None:
    seen: Counter[str] = Counter()
    texts = set()
    for world in worlds.values():
        for chunk in range(CHUNKS):
            for text, meaning in queries(world, chunk):
                texts.add(text)
                answer = world.reference.answer(meaning)
                matches = {match for _, match in answer}
                seen["none" if not answer else "all" if len(answer) == len(world.reference.records) else "some"] += 1
                seen["with possible ones"] += "possible" in matches
                seen.update({f"node {type(term).__name__}" for term in _terms(meaning)})
                seen.update({name for name in BY_NAME if re.search(rf"\b{name}:", text, re.IGNORECASE)})
                for name, mark in (("wildcard", "*"), ("range", ".."), ("or", " OR "), ("unknown", ":unknown")):
                    seen[name] += mark in text
    assert len(texts) >= 400, len(texts)
    assert seen["some"] >= len(texts) / 2 and seen["none"] >= 50 and seen["all"] >= 5, seen
    assert seen["with possible ones"] >= 100, seen
    assert set(BY_NAME) <= set(seen), set(BY_NAME) - set(seen)
    assert {f"node {kind.__name__}" for kind in Term.__args__} <= set(seen), seen
    assert all(seen[name] >= 5 for name in ("wildcard", "range", "or", "unknown")), seen


def _terms(meaning: Term) -> list[Term]:
    """A term and all terms inside it."""
    match meaning:
        case Every(terms) | Some(terms):
            return [meaning, *(inner for term in terms for inner in _terms(term))]
        case Neg(term):
            return [meaning, *_terms(term)]
    return [meaning]


def _filtered(meaning: Term) -> set[str]:
    """The facets that a query filters by, anywhere in it."""
    return {term.field for term in _terms(meaning) if isinstance(term, Facet)}

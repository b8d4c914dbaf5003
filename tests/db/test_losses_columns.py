"""No column is forgotten: in a store in which every column has a value, each is in the output or named as lost.

A column that is added later has no value here, and the first test fails until it has one and every format has an answer.
"""

from __future__ import annotations

import html
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from db import exporting, losses
from db.engine import open_engine
from db.exporting import WRITTEN
from db.formats import particulars as p
from db.formats.writing import Losses, WrittenFormat
from db.query import parse
from db.store import Store

TEXT = [form for form in WRITTEN if not form.store]
DAY = "2031-07-19"
EXACT = "EXACTWORDS"
BODY = f"BODYTEXT {EXACT} BODYEND"
SHA = "ab" * 32

ROWS: dict[str, list[dict[str, object]]] = {
    "country": [{"code": "ZZ", "name": "COUNTRYNAME"}],
    "document": [
        {
            "id": 1, "key": "document-key", "title": "DOCTITLE", "publisher": "PUBLISHERNAME", "author": "AUTHORNAME",
            "url": "https://example.org/URLPART", "archive_url": "https://example.org/ARCHIVEPART",
            "published_edtf": "2031-08-23", "accessed_at": "2033-03-03T03:03:03Z", "language": "tlh",
            "reliability": "B", "text": BODY, "text_sha256": SHA, "text_length": len(BODY),
            "reliability_at": "2034-04-04T04:04:04Z", "reliability_reason": "GRADEREASON",
        }
    ],
    "actor": [
        {"id": 1, "key": "actor-whole", "name": "ACTORWHOLE", "kind": "WHOLEKIND", "part_of": None},
        {"id": 2, "key": "actor-key", "name": "ACTORNAME", "kind": "ACTORKIND", "part_of": 1},
        {"id": 3, "key": "speaker-key", "name": "SPEAKERNAME", "kind": "SPEAKERKIND", "part_of": None},
    ],
    "actor_alias": [{"id": 1, "actor_id": 2, "alias": "ALIASNAME"}],
    "place": [
        {"id": 1, "key": "place-whole", "name": "PLACEWHOLE", "kind": "WHOLEPLACE"},
        {
            "id": 2, "key": "place-key", "name": "PLACENAME", "kind": "PLACEKIND", "country_code": "ZZ",
            "admin1": "ADMINNAME", "latitude": 12.3457, "longitude": 65.4329, "where_prec": 5, "radius_m": 7654,
            "part_of": 1,
        },
    ],
    "system": [
        {"id": 1, "key": "system-whole", "name": "SYSTEMWHOLE", "class": "WHOLECLASS", "part_of": None},
        {"id": 2, "key": "system-key", "name": "SYSTEMNAME", "class": "SYSTEMCLASS", "part_of": 1},
    ],
    "incident": [
        {
            "id": 1, "key": "incident-key", "kind": "aggregate", "title": "INCIDENTTITLE", "summary": "SUMMARYWORDS",
            "event_type": "EVENTTYPE", "sub_event_type": "SUBTYPE", "date_edtf": f"{DAY}T05", "date_earliest": DAY,
            "date_latest": DAY, "date_prec": 1, "place_id": 2, "killed_low": 7001, "killed_best": 7002,
            "killed_high": 7003, "injured_low": 8001, "injured_best": 8002, "injured_high": 8003,
            "damage": "DAMAGEWORDS", "grade": "contested", "credibility": 4, "status": "reviewed",
            "origin": "ORIGINSET", "origin_id": "ORIGINID", "extra": json.dumps({"odd": "EXTRAVALUE"}),
        },
        {
            "id": 2, "key": "other-key", "title": "OTHERTITLE", "status": "draft", "date_edtf": "2032-02-12",
            "date_earliest": "2032-02-12", "date_latest": "2032-02-12", "date_prec": 1,
        },
    ],
    "incident_actor": [{"id": 1, "incident_id": 1, "actor_id": 2, "role": "claimant", "attribution": "suspected"}],
    "incident_system": [
        {
            "id": 1, "incident_id": 1, "system_id": 2, "role": "air_defence", "outcome": "malfunctioned",
            "count_low": 9001, "count_best": 9002, "count_high": 9003,
        }
    ],
    "quote": [
        {
            "id": number, "incident_id": 1, "document_id": 1, "start": start, "end": start + len(words), "exact": words,
            "prefix": f"PREFIX{number}", "suffix": f"SUFFIX{number}", "translation": f"TRANSLATED{number}",
        }
        for number, (start, words) in enumerate([(9, EXACT), (0, "BODYTEXT"), (9, "EXACTW"), (20, "BODYEND")], 1)
    ],
    "attribution": [{"id": 1, "quote_id": 1, "step": 1, "actor_id": 3, "verb": "VERBWORD"}],
    "claim": [
        {
            "id": 1, "incident_id": 1, "quote_id": 1, "field": "FIELDNAME", "value": "CLAIMVALUE",
            "polarity": "declines", "rank": "deprecated",
        }
    ],
    "tag": [{"id": 1, "name": "TAGNAME"}],
    "incident_tag": [{"id": 1, "incident_id": 1, "tag_id": 1}],
    "note": [{"id": 1, "incident_id": 1, "text": "NOTETEXT", "at": "2035-05-05T05:05:05Z"}],
    "star": [{"incident_id": 1, "at": "2036-06-06T06:06:06Z"}],
    "incident_link": [{"id": 1, "from_id": 1, "to_id": 2, "kind": "retaliates"}],
    "root_dismissal": [{"id": 1, "quote_id": 1, "other_id": 2, "at": "2037-07-07T07:07:07Z"}],
}  # fmt: skip
"""Table → rows; every column has a value in one of them."""

INTERNAL: dict[str, str] = {
    "id": "SQLite's own; it means nothing outside one store",
    "_id": "an id of another row: what it points to is looked for itself",
    "part_of": "an id: the name of the whole is looked for itself",
}
"""End of a column's name → why its value is looked for nowhere."""

SILENT: dict[str, str] = {
    "country.name": "follows from the code (ISO 3166), which is looked for",
    "country.code": "follows from the country's name where a format has that; place.country_code is looked for",
    "actor.key": "a handle; the name stands for it",
    "place.key": "a handle; the name stands for it",
    "system.key": "a handle; the name stands for it",
    "document.key": "a handle; title, publisher and day stand for it",
    "document.text_sha256": "follows from the text; the briefs give its first digits",
    "document.text_length": "follows from the text",
    "document.reliability_at": "when the reason was given; goes with the reason",
    "incident.date_earliest": "follows from date and documents",
    "incident.date_latest": "follows from date and documents",
    "incident.date_prec": "follows from date and documents",
    "attribution.step": "the order of the chain, which stands in that order",
    "star.at": "when it was set is for the log to say",
    "note.at": "goes with the note",
    "root_dismissal.at": "when it was said is for the log to say",
}
"""table.column → why no format but our own needs to have it or to say that it has not."""

OUTSIDE: dict[str, str] = {
    "view": "saved views belong to no incident; docs/formats.md says that they stay",
    "log": "the store's own history; docs/formats.md says that it stays",
    "change": "the store's own note of what is to be indexed anew",
}
"""Table → why no row of it is exported."""

WORDS: dict[str, tuple[str, ...]] = {
    "document.": (p.DOCUMENTS.words,),
    "document.language": (p.DOCUMENT_REST.words,),
    "document.accessed_at": (p.DOCUMENT_REST.words,),
    "document.reliability_reason": (p.DOCUMENT_REST.words,),
    "document.text=": (p.DOCUMENT_REST.words,),
    "actor.kind": (p.WHO_THEY_ARE.words, p.ACTORS.words),
    "actor.name=ACTORNAME": ("hosts, claimants, deniers, defenders", p.ACTORS.words),
    "actor.name=ACTORWHOLE": (p.WHO_THEY_ARE.words, p.ACTORS.words),
    "actor.name=SPEAKERNAME": (p.QUOTES.words,),
    "actor_alias.": (p.WHO_THEY_ARE.words, p.ACTORS.words),
    "place.": (p.PLACES.words,),
    "place.name=PLACEWHOLE": (p.PLACE_REST.words, p.ALL_BUT_THE_NAME.words),
    "place.kind": (p.PLACE_KINDS.words, p.PLACE_REST.words, p.ALL_BUT_THE_NAME.words),
    "place.radius_m": (p.PLACE_REST.words, p.ALL_BUT_THE_NAME.words),
    "place.admin1": (p.ADMIN1.words, p.ALL_BUT_THE_NAME.words),
    "place.country_code": (p.ALL_BUT_THE_NAME.words,),
    "place.latitude": (p.ALL_BUT_THE_NAME.words,),
    "place.longitude": (p.ALL_BUT_THE_NAME.words,),
    "place.where_prec": ("places less exact than geo_precision says", p.ALL_BUT_THE_NAME.words),
    "system.": (p.SYSTEMS.words,),
    "system.name=SYSTEMWHOLE": (p.WHO_THEY_ARE.words,),
    "system.class": (p.WHO_THEY_ARE.words,),
    "incident.kind": (p.KIND.words,),
    "incident.title": ("titles and summaries", "titles, where the summary stands in notes"),
    "incident.summary": ("titles and summaries", p.SUMMARY.words),
    "incident.event_type": ("event types not UCDP's, left empty",),
    "incident.sub_event_type": (p.SUB_TYPE.words,),
    "incident.date_edtf": (
        "dates that say more than days (hours, about, open ends)",
        "uncertain dates, as day and time_precision",
        "times of day",
    ),
    "incident.killed": (p.KILLED.words, p.KILLED_RANGE.words),
    "incident.injured": (p.INJURED.words,),
    "incident.damage": (p.DAMAGE.words,),
    "incident.grade": (p.GRADES.words,),
    "incident.credibility": (p.GRADES.words,),
    "incident.status": (p.REVIEWED.words,),
    "incident.origin": (p.DATA_SET.words,),
    "incident.extra": (
        "columns kept in extra",
        "columns that are not among GED's 49",
        "columns that are not among ACLED's 31",
    ),
    "incident_actor.role": ("hosts, claimants, deniers, defenders", p.ACTORS.words),
    "incident_actor.attribution": ("that actors are only suspected", p.ACTORS.words),
    "incident_system.": (p.SYSTEMS.words,),
    "incident_system.count": (p.COUNTS.words,),
    "quote.": (p.QUOTES.words,),
    "quote.exact=BODYEND": (p.AFTER_THREE.words,),
    "quote.translation": (p.TRANSLATIONS.words,),
    "quote.translation=TRANSLATED4": (p.AFTER_THREE.words,),
    "quote.start": (p.CHAINS.words,),
    "quote.end": (p.CHAINS.words,),
    "quote.prefix": (p.AROUND_QUOTES.words,),
    "quote.suffix": (p.AROUND_QUOTES.words,),
    "attribution.verb": (p.AROUND_QUOTES.words, p.QUOTES.words),
    "claim.": ("undisputed claims",),
    "claim.rank": (p.RANKS.words,),
    "tag": (p.TAGS.words,),
    "note": (p.NOTES.words,),
    "star": (p.STARS.words,),
    "incident_link": (p.LINKS.words,),
    "root_dismissal": (p.ROOTS_APART,),
}
"""Beginning of "table.column=value" → the words by which a format may say that it is lost."""

SEEN: dict[tuple[str, str], re.Pattern[str]] = {
    ("incident.credibility", "4"): re.compile(r'"credibility": ?4|,contested,4,|4, doubtful'),
    ("incident.date_edtf", f"{DAY}T05"): re.compile(rf"{DAY}T05|19 Jul 2031, about 05"),
    ("incident.date_edtf", "2032-02-12"): re.compile(r"2032-02-12|12 Feb 2032"),
    ("place.where_prec", "5"): re.compile(r'"where_prec": ?5|,5,|along a line'),
    ("document.published_edtf", "2031-08-23"): re.compile(r"2031-08-23|23 Aug 2031"),
    ("document.reliability", "B"): re.compile(r'"reliability": ?"B"|usually reliable'),
    ("place.radius_m", "7654"): re.compile(r"7,?654"),
    ("place.country_code", "ZZ"): re.compile(r"\bZZ\b|COUNTRYNAME"),
    ("incident_actor.attribution", "suspected"): re.compile(r'"suspected"|\(suspected\)'),
    ("incident_actor.role", "claimant"): re.compile(r'"claimant"|Claimant|,claimant,'),
    ("incident_system.role", "air_defence"): re.compile(r"air_defence|Defences|,defences,"),
    ("incident.status", "reviewed"): re.compile(r'"reviewed"|,reviewed,|Status'),
    ("incident.kind", "aggregate"): re.compile(r'"aggregate"|,aggregate,|Kind'),
    ("incident_link.kind", "retaliates"): re.compile(r"retaliates"),
    ("claim.polarity", "declines"): re.compile(r'"declines"'),
    ("quote.start", "9"): re.compile(r'"start": ?9\b|characters 9–'),
    ("quote.start", "0"): re.compile(r'"start": ?0\b|characters 0–'),
    ("quote.start", "20"): re.compile(r'"start": ?20\b|characters 20–'),
    ("root_dismissal.quote_id", "1"): re.compile("roots_apart"),
    ("star.incident_id", "1"): re.compile(r'"starred": ?(true|"2036)|,1,,,,,ORIGINSET'),
}
"""(table.column, value) → how it looks in an output where the value itself is too short to be known again."""


@dataclass(frozen=True)
class Value:
    """A value of the store and where it stands."""

    column: str
    text: str

    def seen(self, output: str) -> bool:
        """Whether an output has it."""
        form = SEEN.get((self.column, self.text))
        if form is not None:
            return form.search(output) is not None
        if self.column == "quote.end":
            return re.search(rf'"end": ?{self.text}\b|–{self.text}\b', output) is not None
        if self.column == "incident.extra":
            return "EXTRAVALUE" in output
        return self.text in output

    def said(self, lost: Losses) -> bool:
        """Whether it is named as lost."""
        return any(
            f"{self.column}={self.text}".startswith(name) and lost[words] > 0
            for name, all_words in WORDS.items()
            for words in all_words
        )


def values() -> Iterator[Value]:
    """Every value that is to be found or named, but for ids."""
    for table, rows in ROWS.items():
        for row in rows:
            for column, value in row.items():
                name = f"{table}.{column}"
                if value is None or column in INTERNAL or (column.endswith("_id") and column != "origin_id"):
                    continue
                if name == "incident.status" and value == "draft":
                    continue  # what an incident is unless it says otherwise
                yield Value(name, str(value))
    yield Value("star.incident_id", "1")
    yield Value("root_dismissal.quote_id", "1")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which every column has a value."""
    path = tmp_path_factory.mktemp("full") / "full.db"
    with Store.create(path) as store:
        connection = store.connection
        for table, rows in ROWS.items():
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values()))
        # Quotes take the settled date away.
        connection.execute(
            "UPDATE incident SET date_earliest = ?, date_latest = ?, date_prec = 1 WHERE id = 1", (DAY, DAY)
        )
    return path


def export(path: Path, form: WrittenFormat) -> tuple[str, Losses, Losses]:
    """What is written, without escapes; what the writer says is lost; what the dialog's count says."""
    with Store.open(path) as store:
        what = exporting.shown(open_engine(store).answer(parse("")))
        out = io.StringIO()
        with redirect_stdout(out):
            done = exporting.export(store, what, form, None)
        counted = losses.count(store.connection, [match.id for match in what.matches], [form], lambda *_: None)
    return html.unescape(out.getvalue()).replace("\\", ""), done.losses, counted[form.name]


def test_every_column_of_every_table_has_a_value(full: Path) -> None:
    with Store.open(full) as store:
        tables = [
            name
            for (name,) in store.connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name NOT LIKE 'incident_text%' AND name NOT LIKE '\\_%' ESCAPE '\\'"
            )
        ]
        assert set(ROWS) <= set(tables) <= {*ROWS, *OUTSIDE}
        for table in ROWS:
            for (column,) in store.connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall():
                (count,) = store.connection.execute(f'SELECT count("{column}") FROM "{table}"').fetchone()
                assert count, f"{table}.{column} has no value here: give it one, and say what formats do with it"


@pytest.mark.parametrize("form", TEXT, ids=lambda form: form.name)
def test_every_value_is_in_the_output_or_named_as_lost(full: Path, form: WrittenFormat) -> None:
    output, lost, counted = export(full, form)
    assert lost == counted
    if form.lossless:
        assert not lost
    found = forgotten(output, lost)
    assert not found, f"neither in {form.name} nor named: {found}; it names {list(lost)}"


@pytest.mark.parametrize("form", [form for form in TEXT if form.drops], ids=lambda form: form.name)
def test_a_format_that_says_one_thing_less_is_found_out(full: Path, form: WrittenFormat) -> None:
    """Else the test above could not fail."""
    output, lost, _ = export(full, form)
    assert lost.keys() >= {one.words for one in form.drops}
    for words in lost:
        if words not in UNTESTED:
            assert forgotten(output, Losses({other: 1 for other in lost if other != words})), words


UNTESTED = {
    "no UCDP id (the key stands in relid)",
    "no ACLED id (the key stands for it)",
    "event types not ACLED's",
    "no coordinates",
    "times of day, in display_date alone",
    "times of day, in date_edtf alone",
}
"""What says that a reader may not expect a value, or that there is none: no value is lost."""


def forgotten(output: str, lost: Losses) -> list[Value]:
    """What is neither in an output nor named as lost."""
    return [
        value for value in values() if not (value.column in SILENT or value.seen(output) or (lost and value.said(lost)))
    ]


def test_a_copy_has_every_value(full: Path, tmp_path: Path) -> None:
    form = exporting.named("sqlite")
    with Store.open(full) as store:
        what = exporting.shown(open_engine(store).answer(parse("")))
        assert not exporting.export(store, what, form, tmp_path / "copy.db").losses
    for path in (full, tmp_path / "copy.db"):
        with sqlite3.connect(path) as connection:
            for table, rows in ROWS.items():
                found = [
                    {key: value for key, value in zip(names, row, strict=True) if value is not None}
                    for names in [[c[1] for c in connection.execute(f"PRAGMA table_info({table})")]]
                    for row in connection.execute(
                        f"SELECT * FROM {table}" + (" WHERE code = 'ZZ'" * (table == "country"))
                    )
                ]
                for row in rows:
                    known = {key: value for key, value in row.items() if value is not None}
                    assert any(known.items() <= one.items() for one in found), (path.name, table, row)
        connection.close()


@pytest.mark.parametrize("form", [form for form in TEXT if form.drops], ids=lambda form: form.name)
def test_what_is_named_is_there_and_nothing_is_named_of_an_empty_incident(tmp_path: Path, form: WrittenFormat) -> None:
    """Each particular is of one incident alone: an incident that has nothing loses nothing of that kind."""
    with Store.create(tmp_path / "s.db") as store:
        store.connection.execute("INSERT INTO incident (key, title, date_edtf) VALUES ('a', 'A', '2021-05-08')")
        store.connection.execute(
            "UPDATE incident SET date_earliest = date_edtf, date_latest = date_edtf, date_prec = 1"
        )
    _, lost, counted = export(tmp_path / "s.db", form)
    assert lost == counted
    assert not {one.words for one in form.drops} & lost.keys()

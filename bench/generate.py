"""Make a synthetic store: `python -m bench.generate N PATH [--seed SEED]` writes N incidents, the same ones each time.

Frequencies are skewed (Zipf) as in real data, ids are in no order of time, about a fifth of the dates are uncertain,
and some rows are aggregates or context.  Rows are drawn and written 20,000 incidents at a time, so memory does not
grow with N.  Triggers and indexes are dropped for the load and made anew from their own SQL; the full text is filled
from its view at the end; the change table is left empty, as in a store that nobody has written to since.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import repeat
from pathlib import Path

import numpy as np

from bench.world import (
    COMMON,
    EVENT_TYPES,
    FIRST_DAY,
    GRADES,
    LAST_DAY,
    OUTCOMES,
    PREFIX,
    RARE,
    ROLES,
    TAGS,
    Ints,
    World,
    draw,
    skewed,
)
from db import dates, schema

__all__ = ["COMMON", "PREFIX", "RARE", "generate"]

CHUNK = 20_000
_BETWEEN = "\n\n"

Progress = Callable[[str], None]


def generate(incidents: int, path: Path, seed: int = 7, progress: Progress | None = None) -> None:
    """Write a store of `incidents` to `path`, replacing what is there; nothing appears until it is whole."""
    if incidents < 1:
        raise ValueError("a synthetic store has at least one incident")
    say = progress or (lambda _: None)
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        schema.create(making)
        with closing(sqlite3.connect(making, isolation_level=None)) as connection:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
                connection.execute(f"PRAGMA {setting}")
            connection.execute("BEGIN")
            with _bare(connection, say):
                _fill(connection, incidents, seed, say)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        _remove(path)
        making.replace(path)
    finally:
        _remove(making)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _bare(connection: sqlite3.Connection, say: Progress) -> Iterator[None]:
    """Take triggers and indexes away for the body, then make them again word for word and fill the full text."""
    dropped = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        " ORDER BY rowid"
    ).fetchall()
    for kind, name, _ in dropped:
        connection.execute(f'DROP {kind} "{name}"')
    yield
    say("indexes")
    for kind, _, sql in dropped:
        if kind == "index":
            connection.execute(sql)
    say("full text")
    connection.execute(
        "INSERT INTO incident_text (rowid, title, summary, quotes)"
        " SELECT id, title, summary, quotes FROM incident_words"
    )
    for kind, _, sql in dropped:
        if kind == "trigger":
            connection.execute(sql)


def _fill(connection: sqlite3.Connection, incidents: int, seed: int, say: Progress) -> None:
    countries = connection.execute("SELECT code, name FROM country ORDER BY code").fetchall()
    world = World(incidents, seed, countries)
    _insert(
        connection, "place (key, name, kind, country_code, admin1, latitude, longitude, where_prec, radius_m, part_of)",
        world.places,
    )  # fmt: skip
    _insert(connection, "actor (key, name, kind, part_of)", world.actors)
    _insert(connection, "system (key, name, class, part_of)", world.systems)
    _insert(connection, "document (key, title, publisher, published_edtf, language, reliability)", world.documents)
    _insert(connection, "tag (name)", [(name,) for name in TAGS])
    texts = {int(i) + 1: _Text() for i in np.flatnonzero(world.has_text)}
    for first in range(0, incidents, CHUNK):
        _Chunk(connection, world, seed, first, min(CHUNK, incidents - first), texts).write()
        say(f"{min(first + CHUNK, incidents):,} of {incidents:,} incidents")
    for document_id, gathered in texts.items():
        text = gathered.whole()
        connection.execute(
            "UPDATE document SET text = ?, text_length = ?, text_sha256 = ? WHERE id = ?",
            (text, len(text), hashlib.sha256(text.encode()).hexdigest(), document_id),
        )


def _insert(connection: sqlite3.Connection, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        connection.executemany(f"INSERT INTO {columns} VALUES ({','.join('?' * len(rows[0]))})", rows)


class _Text:
    """A document's text, as it grows by the quotes that it will hold."""

    def __init__(self) -> None:
        self._sections: list[str] = []
        self._length = 0

    def place(self, exact: str) -> tuple[int, int]:
        """Add a quote; where it starts and ends, code points, end-exclusive."""
        start = self._length
        self._sections.append(exact)
        self._length += len(exact) + len(_BETWEEN)
        return start, start + len(exact)

    def whole(self) -> str:
        """The text with all its quotes."""
        return _BETWEEN.join(self._sections)


class _Chunk:
    """Some consecutive incidents with everything that hangs on them, drawn from a generator of their own."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        world: World,
        seed: int,
        first: int,
        size: int,
        texts: dict[int, _Text],
    ) -> None:
        """`texts` has, by document id, the texts that quotes are to stand in."""
        self.connection = connection
        self.world = world
        self.first = first
        self.size = size
        self.texts = texts
        self.rng = np.random.Generator(np.random.PCG64([seed, 1, first // CHUNK]))

    def write(self) -> None:
        """Draw and insert all rows; the order of the draws is part of what a seed means."""
        days = FIRST_DAY + ((LAST_DAY - FIRST_DAY) * self.rng.random(self.size) ** 0.55).astype(np.int64)
        owners = np.repeat(np.arange(self.size), self.rng.choice(4, self.size, p=[0.15, 0.6, 0.18, 0.07]))
        sources = self.world.documents_after(self.rng, days[owners])
        self._incidents(days, owners, sources)
        self._actors()
        self._systems()
        self._quotes(owners, sources)
        self._claims(days, owners)
        self._desk()

    def _ids(self, indexes: Ints) -> list[int]:
        return [index + self.first + 1 for index in indexes.tolist()]

    def _incidents(self, days: Ints, owners: Ints, sources: Ints) -> None:
        rng, world, size = self.rng, self.world, self.size
        appeared = np.full(size, np.iinfo(np.int64).max)
        dated = world.dated[sources]
        np.minimum.at(appeared, owners[dated], world.published[sources[dated]])
        settled = [self._dating(*pair) for pair in zip(days.tolist(), appeared.tolist(), strict=True)]
        places = world.place_rank[draw(rng, world.place_draw, size)]
        placed = (rng.random(size) >= 0.02).tolist()
        events = draw(rng, skewed(len(EVENT_TYPES), 0.8), size).tolist()
        subs = draw(rng, skewed(len(world.sub_events), 0.8), size).tolist()
        tails, summaries = self._texts(rng.integers(4, 8, size)), self._texts(rng.integers(30, 51, size))
        killed, injured = self._estimates(0.45), self._estimates(0.6)
        grades = self._maybe(GRADES, [0.15, 0.25, 0.15, 0.1, 0.05])
        credibility = self._maybe(range(1, 7), [0.1, 0.25, 0.25, 0.12, 0.03, 0.05])
        status = np.where(rng.random(size) < 0.7, "reviewed", "draft").tolist()
        kinds = rng.choice(np.array(["incident", "aggregate", "context"]), size, p=[0.992, 0.005, 0.003]).tolist()
        rows: list[tuple[object, ...]] = []
        for i, place in enumerate(places.tolist()):
            incident_id = self.first + i + 1
            summary = f"{summaries[i].capitalize()}."
            if incident_id in world.rare:
                summary = f"{summary} {RARE.capitalize()}."
            rows.append(
                (
                    f"synthetic-{incident_id:08d}", kinds[i],
                    f"{world.sub_events[subs[i]]} in {world.place_names[place]}: {tails[i]}",
                    summary, EVENT_TYPES[events[i]], world.sub_events[subs[i]], *settled[i],
                    place + 1 if placed[i] else None, *killed[i], *injured[i],
                    grades[i], credibility[i], status[i], "synthetic", str(incident_id),
                )
            )  # fmt: skip
        _insert(
            self.connection,
            "incident (key, kind, title, summary, event_type, sub_event_type, date_edtf, date_earliest, date_latest,"
            " date_prec, place_id, killed_low, killed_best, killed_high, injured_low, injured_best, injured_high,"
            " grade, credibility, status, origin, origin_id)",
            rows,
        )

    def _dating(self, day: int, appeared: int) -> tuple[str | None, str | None, str | None, int | None]:
        """EDTF around a day, and the interval and precision that follow from it and from the first document's day."""
        iso = dates.iso(day)
        form = self.rng.random()
        if form < 0.8:
            return iso, iso, iso, 1
        edtf = _uncertain(form, iso, day)
        if edtf is None:
            return None, None, None, None
        unlimited = appeared == np.iinfo(np.int64).max
        dating = dates.clip(dates.parse(edtf), None if unlimited else appeared)
        bounds = [None if bound is None else dates.iso(bound) for bound in (dating.earliest, dating.latest)]
        return edtf, bounds[0], bounds[1], dating.precision

    def _estimates(self, unknown: float) -> list[tuple[int | None, int | None, int | None]]:
        """Low, best and high of a number of people: often unknown, often 0, sometimes without a best."""
        rng, size = self.rng, self.size
        best = np.where(rng.random(size) < 0.5, 0, rng.zipf(1.9, size).clip(max=1_500))
        low = (best * rng.random(size)).astype(np.int64)
        high = np.ceil(best * (1 + rng.random(size))).astype(np.int64)
        form = rng.random(size)
        rows: list[tuple[int | None, int | None, int | None]] = []
        for kind, lo, mid, hi in zip(form.tolist(), low.tolist(), best.tolist(), high.tolist(), strict=True):
            known = kind >= unknown
            rows.append((lo, mid if kind < 0.95 else None, hi) if known else (None, None, None))
        return rows

    def _maybe(self, values: tuple[str, ...] | range, weights: list[float]) -> list[str | int | None]:
        """One of `values` for each incident, or None with what the weights leave."""
        picks = self.rng.choice(len(values) + 1, self.size, p=[*weights, 1 - sum(weights)]).tolist()
        return [values[pick] if pick < len(values) else None for pick in picks]

    def _texts(self, lengths: Ints) -> list[str]:
        """A text of so many words for each length."""
        vocabulary = self.world.vocabulary
        numbers = draw(self.rng, self.world.words, int(lengths.sum())).tolist()
        words = [vocabulary[number] for number in numbers]
        ends = np.cumsum(lengths).tolist()
        return [" ".join(words[end - length : end]) for length, end in zip(lengths.tolist(), ends, strict=True)]

    def _links(self, weights: list[float]) -> tuple[Ints, Ints]:
        """Owner and slot of many-to-many rows; `weights` are the chances of 0, 1, 2 ... of them."""
        counts = self.rng.choice(len(weights), self.size, p=weights)
        owners = np.repeat(np.arange(self.size), counts)
        return owners, np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)

    def _actors(self) -> None:
        owners, slots = self._links([0.03, 0.17, 0.5, 0.2, 0.08, 0.02])
        actors = draw(self.rng, self.world.actor_draw, len(owners)) + 1
        roles = np.where(slots < 2, slots, self.rng.integers(2, len(ROLES), len(owners)))
        rows = np.unique(np.column_stack([owners, actors, roles]), axis=0)
        suspected = np.where(self.rng.random(len(rows)) < 0.2, "suspected", "known").tolist()
        roles_in_words = [ROLES[role] for role in rows[:, 2].tolist()]
        _insert(
            self.connection, "incident_actor (incident_id, actor_id, role, attribution)",
            list(zip(self._ids(rows[:, 0]), rows[:, 1].tolist(), roles_in_words, suspected, strict=True)),
        )  # fmt: skip

    def _systems(self) -> None:
        owners, _ = self._links([0.25, 0.45, 0.22, 0.08])
        systems = self.world.system_rank[draw(self.rng, self.world.system_draw, len(owners))]
        rows = np.unique(np.column_stack([owners, systems]), axis=0)
        outcomes = self.rng.choice(len(OUTCOMES) + 5, len(rows)).tolist()
        numbers = self.rng.integers(1, 12, len(rows)).tolist()
        _insert(
            self.connection, "incident_system (incident_id, system_id, role, outcome, count_best)",
            [
                (
                    incident_id, system + 1, self.world.system_roles[system][0],
                    OUTCOMES[outcome] if outcome < len(OUTCOMES) else None, number if number < 6 else None,
                )
                for incident_id, system, outcome, number in zip(
                    self._ids(rows[:, 0]), rows[:, 1].tolist(), outcomes, numbers, strict=True
                )
            ],
        )  # fmt: skip

    def _quotes(self, owners: Ints, sources: Ints) -> None:
        """Quotes, in their document's text where there is one, and the chains of those who are quoted."""
        exacts = self._texts(self.rng.integers(14, 27, len(owners)))
        translated = (self.rng.random(len(owners)) < 0.03).tolist()
        translations = self._texts(np.full(sum(translated), 12))
        steps = self.rng.choice(3, len(owners), p=[0.6, 0.25, 0.15]).tolist()
        media = draw(self.rng, self.world.media_draw, len(owners)) + 1 + self.world.sizes.actors
        people = draw(self.rng, self.world.actor_draw, len(owners)) + 1
        next_id = int(self.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM quote").fetchone()[0])
        quotes: list[tuple[object, ...]] = []
        chains: list[tuple[object, ...]] = []
        self.first_quote: dict[int, int] = {}
        for i, (owner, source) in enumerate(zip(self._ids(owners), (sources + 1).tolist(), strict=True)):
            text = self.texts.get(source)
            start, end = text.place(exacts[i]) if text else (None, None)
            translation = translations.pop() if translated[i] else None
            quotes.append((next_id + i, owner, source, start, end, exacts[i], translation))
            self.first_quote.setdefault(owner, next_id + i)
            speakers = ([int(media[i]), int(people[i])] if steps[i] == 2 else [int(people[i])])[: steps[i]]
            verbs = ("reported", "said") if steps[i] == 2 else ("said",)
            chains += [(next_id + i, n + 1, actor, verbs[n]) for n, actor in enumerate(speakers)]
        _insert(
            self.connection, 'quote (id, incident_id, document_id, "start", "end", exact, translation)', quotes
        )  # fmt: skip
        _insert(self.connection, "attribution (quote_id, step, actor_id, verb)", chains)

    def _claims(self, days: Ints, owners: Ints) -> None:
        """One incident in eight has a claim of its date or its dead; of those, one in five has a rival claim."""
        quoted = np.unique(owners)
        picked = quoted[self.rng.random(len(quoted)) < 0.125]
        disputed = (self.rng.random(len(picked)) < 0.2).tolist()
        numbers = self.rng.integers(0, 30, len(picked)).tolist()
        rows: list[tuple[object, ...]] = []
        for index, incident_id, rival, number in zip(
            picked.tolist(), self._ids(picked), disputed, numbers, strict=True
        ):
            quote = self.first_quote[incident_id]
            about_date = number % 2 == 0
            values = [dates.iso(int(days[index]))] if about_date else [str(number)]
            if rival:
                values.append(dates.iso(int(days[index]) + 1 + number) if about_date else str(number + 7))
            rows += [(incident_id, quote, "date" if about_date else "killed", value) for value in values]
        _insert(self.connection, "claim (incident_id, quote_id, field, value)", rows)

    def _desk(self) -> None:
        """What an analyst has added: tags, stars, notes."""
        ids = np.arange(self.size)
        tagged = self._ids(ids[self.rng.random(self.size) < 0.03])
        tags = (draw(self.rng, skewed(len(TAGS), 0.8), len(tagged)) + 1).tolist()
        _insert(self.connection, "incident_tag (incident_id, tag_id)", list(zip(tagged, tags, strict=True)))
        at = "2026-01-01T00:00:00Z"
        starred = self._ids(ids[self.rng.random(self.size) < 0.001])
        _insert(self.connection, "star (incident_id, at)", list(zip(starred, repeat(at), strict=False)))
        noted = self._ids(ids[self.rng.random(self.size) < 0.002])
        _insert(self.connection, "note (incident_id, text, at)", [(i, "Look again.", at) for i in noted])


def _uncertain(form: float, iso: str, day: int) -> str | None:
    """EDTF that claims less than a day, or its hour; `form`, 0.8 to 1, picks which; None: no date is known."""
    year, month = iso[:4], iso[:7]
    later = dates.iso(day + 1 + int(form * 1e6) % 20)
    for below, edtf in (
        (0.86, f"{iso}T{int(form * 1e5) % 24:02d}"),
        (0.90, f"{iso}~"),
        (0.95, month),
        (0.97, year),
        (0.982, f"{iso}/{later}"),
        (0.990, f"[{iso}..{later}]"),
        (0.993, f"{month}~"),
        (0.995, f"{year[:3]}X"),
        (0.997, f"{iso}?"),
    ):
        if form < below:
            return edtf
    return None


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make a synthetic store.")
    parser.add_argument("incidents", type=int, metavar="N")
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if arguments.incidents < 1:
        parser.error("a synthetic store has at least one incident")
    begun = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - begun:7.1f} s  {what}", file=sys.stderr, flush=True)

    generate(arguments.incidents, arguments.path, arguments.seed, say)
    say(f"{arguments.path}: {arguments.path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()

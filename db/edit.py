"""The analyst's own marks on incidents (stars, tags, notes, assessment), each one logged write."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from db import terms
from db.errors import UsageError
from db.fields import fold
from db.store import Store

TAG_LENGTH = 100
"""Most characters of a tag's name."""


class Kept(Enum):
    """Says that a part of an assessment stays as it is; None would mean that it is not known."""

    AS_IT_IS = "as it is"


KEEP = Kept.AS_IT_IS

NEW_TAG = "new tag "
"""How the log's words begin where a tag is made."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """A tag of the store, how many incidents have it, and whether the one asked about does."""

    name: str
    incidents: int
    own: bool


def star(store: Store, incident_id: int, starred: bool) -> None:
    """Star an incident, or take its star away; nothing happens where it is so already."""
    key = _key(store.connection, incident_id)
    with store.write(f"star {key}" if starred else f"unstar {key}") as connection:
        if starred:
            connection.execute("INSERT OR IGNORE INTO star (incident_id, at) VALUES (?, ?)", (incident_id, now()))
        else:
            connection.execute("DELETE FROM star WHERE incident_id = ?", (incident_id,))


def taggings(connection: sqlite3.Connection, incident_id: int) -> list[Tagging]:
    """Every tag of the store by name, with what it is to one incident."""
    return [
        Tagging(name, count, bool(own))
        for name, count, own in connection.execute(
            "SELECT t.name, count(x.id), coalesce(max(x.incident_id = ?), 0) FROM tag AS t"
            " LEFT JOIN incident_tag AS x ON x.tag_id = t.id GROUP BY t.id ORDER BY t.name",
            (incident_id,),
        )
    ]


def tag(store: Store, incident_id: int, names: Sequence[str]) -> list[str]:
    """Give an incident tags and return the names of those it did not have.

    A tag that the store has in another spelling (case, accents, hyphens) is that tag.  Raises UsageError for a name
    that is empty, too long, or has a line break or other control in it, unless the store has just that one.
    """
    wanted = [_named(store.connection, name) for name in names]
    key = _key(store.connection, incident_id)
    new = {fold(name): name for name in wanted}
    if new.keys() - _tags(store.connection).keys():
        # A write of its own: to undo the tagging then takes no tag away, after which all columns of a large store
        # would have to be read anew.
        with store.write() as connection:
            store.what = f"{NEW_TAG}{', '.join(_lacking(connection, new))}"
            _make_tags(connection, new)
    added = []
    with store.write(f"tag {key}: {', '.join(wanted)}") as connection:
        _make_tags(connection, new)  # what has gone again since, too
        known = _tags(connection)
        just_so = {name: (tag_id, name) for tag_id, name in connection.execute("SELECT id, name FROM tag")}
        for tag_id, name in (just_so.get(name) or known[fold(name)] for name in wanted):
            before = connection.total_changes
            connection.execute(
                "INSERT OR IGNORE INTO incident_tag (incident_id, tag_id) VALUES (?, ?)", (incident_id, tag_id)
            )
            if connection.total_changes > before:
                added.append(name)
    return added


def untag(store: Store, incident_id: int, names: Sequence[str]) -> list[str]:
    """Take tags from an incident and return the names of those it had; the tags themselves stay in the store.

    A tag of just that name is meant, or else those of another spelling.
    """
    unwanted = [_named(store.connection, name) for name in names]
    key = _key(store.connection, incident_id)
    with store.write(f"untag {key}: {', '.join(unwanted)}") as connection:
        own = connection.execute(
            "SELECT x.id, t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id WHERE x.incident_id = ?",
            (incident_id,),
        ).fetchall()
        just_so = {name for _, name in own}.intersection(unwanted)
        forms = {fold(name) for name in unwanted if name not in just_so}
        gone = [(row_id, name) for row_id, name in own if name in just_so or fold(name) in forms]
        connection.executemany("DELETE FROM incident_tag WHERE id = ?", [(row_id,) for row_id, _ in gone])
    return [name for _, name in gone]


def _named(connection: sqlite3.Connection, text: str) -> str:
    """The name that a text means: one that the store has just so, "#hot" say by plain SQL, or what `tag_name` makes."""
    there = connection.execute("SELECT 1 FROM tag WHERE name = ?", (text,)).fetchone()
    return text if there else tag_name(text)


def tag_name(text: str) -> str:
    """A tag's name as the store keeps it: without the # that people write, white space made even."""
    name = " ".join(text.strip().removeprefix("#").split())
    if not name:
        raise UsageError("a tag needs a name")
    if len(name) > TAG_LENGTH:
        raise UsageError(f"a tag's name has at most {TAG_LENGTH} characters; this one has {len(name):,}")
    if not name.isprintable():
        raise UsageError("a tag's name cannot have control characters")
    if not fold(name):
        raise UsageError(f"{name!r} has no character that a filter could find")
    return name


def add_note(store: Store, incident_id: int, text: str) -> int:
    """Write a note on an incident and return its id; raises UsageError when there is nothing in it."""
    words = _note_text(text)
    with store.write(f"note on {_key(store.connection, incident_id)}") as connection:
        cursor = connection.execute(
            "INSERT INTO note (incident_id, text, at) VALUES (?, ?, ?)", (incident_id, words, now())
        )
        return int(cursor.lastrowid or 0)


def edit_note(store: Store, note_id: int, text: str) -> None:
    """Give a note another text, and the moment at which it was given; the log keeps the one before."""
    words = _note_text(text)
    with store.write(f"edit note on {_noted(store.connection, note_id)}") as connection:
        connection.execute(
            "UPDATE note SET text = ?, at = ? WHERE id = ? AND text <> ?", (words, now(), note_id, words)
        )


def delete_note(store: Store, note_id: int) -> None:
    """Delete a note; the log keeps it."""
    with store.write(f"delete note on {_noted(store.connection, note_id)}") as connection:
        connection.execute("DELETE FROM note WHERE id = ?", (note_id,))


def assess(
    store: Store,
    incident_id: int,
    *,
    grade: str | Kept | None = KEEP,
    credibility: int | Kept | None = KEEP,
    status: str | Kept = KEEP,
) -> None:
    """Set what is not KEEP of an incident's assessment; None is unknown.  Raises UsageError for no such value."""
    if not isinstance(grade, Kept) and grade is not None and grade not in terms.GRADE:
        raise UsageError(f"no grade {grade!r}; there are {', '.join(terms.GRADE)}, or unknown")
    if not isinstance(credibility, Kept) and credibility is not None and credibility not in terms.CREDIBILITY:
        raise UsageError(f"no credibility {credibility}; there are 1 to 6, or unknown")
    if not isinstance(status, Kept) and status not in terms.STATUSES:
        raise UsageError(f"no status {status!r}; there are {' and '.join(terms.STATUSES)}")
    values = {"grade": grade, "credibility": credibility, "status": status}
    given = {name: value for name, value in values.items() if not isinstance(value, Kept)}
    if not given:
        return
    words = ", ".join(f"{name} {'unknown' if value is None else value}" for name, value in given.items())
    with store.write(f"assess {_key(store.connection, incident_id)}: {words}") as connection:
        connection.execute(
            f"UPDATE incident SET {', '.join(f'{name} = ?' for name in given)} WHERE id = ?",
            (*given.values(), incident_id),
        )


def now() -> str:
    """The present moment as the store writes it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _note_text(text: str) -> str:
    words = text.replace("\r\n", "\n").strip("\n")
    if not words.strip():
        raise UsageError("a note needs some words")
    return words


def _lacking(connection: sqlite3.Connection, names: Mapping[str, str]) -> list[str]:
    """Of tags by the name as it is compared, those that the store has not."""
    known = _tags(connection)
    return [name for compared, name in names.items() if compared not in known]


def _make_tags(connection: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Make those that the store has not."""
    connection.executemany("INSERT INTO tag (name) VALUES (?)", [(name,) for name in _lacking(connection, names)])


def _tags(connection: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    """Name as it is compared → id and name of each tag."""
    return {fold(name): (tag_id, name) for tag_id, name in connection.execute("SELECT id, name FROM tag")}


def _key(connection: sqlite3.Connection, incident_id: int) -> str:
    found = connection.execute("SELECT key FROM incident WHERE id = ?", (incident_id,)).fetchone()
    if found is None:
        raise UsageError("that incident is gone; read the store anew")
    return str(found[0])


def _noted(connection: sqlite3.Connection, note_id: int) -> str:
    """Key of the incident that a note is on."""
    found = connection.execute(
        "SELECT i.key FROM note AS n JOIN incident AS i ON i.id = n.incident_id WHERE n.id = ?", (note_id,)
    ).fetchone()
    if found is None:
        raise UsageError("that note is gone; read the store anew")
    return str(found[0])

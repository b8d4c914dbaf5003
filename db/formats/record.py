"""What a format's reader hands to the importer: one incident as its source tells it, or a row that is none.

Nothing here knows ids or keys of a store; `db.importing` turns names into rows.  Unknown is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db.errors import DatelineError
from db.model import Span

if TYPE_CHECKING:
    from pathlib import Path

    from db.bulk import Load
    from db.formats.head import Head
    from db.formats.source import Source


UNKNOWN = Span()
"""A number of which nothing is known."""


class FormatError(DatelineError):
    """A file is not what it was said to be, or is damaged; one line that names the line; nothing is imported."""


class RowError(ValueError):
    """One row cannot be an incident; the reader turns it into a Reject."""


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place, known by its coordinates (WGS 84 degrees) when it has no name; `country` is a name or ISO code."""

    name: str | None = None
    country: str | None = None
    admin1: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    where_prec: int | None = None
    radius_m: int | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ActorRecord:
    """An actor's part in an incident."""

    name: str
    role: str
    attribution: str = "known"
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class SystemRecord:
    """A weapon's or defence system's part in an incident."""

    name: str
    role: str
    system_class: str | None = None
    outcome: str | None = None
    count: Span = UNKNOWN


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A source document; known by its URL, or else by publisher, day and title together."""

    title: str | None = None
    publisher: str | None = None
    published_edtf: str | None = None
    url: str | None = None
    author: str | None = None
    archive_url: str | None = None
    accessed_at: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteRecord:
    """Words of a document, at an unknown position; `chain` is (name, verb), from whom it quotes to the root."""

    document: DocumentRecord
    exact: str
    chain: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One incident of a source; `line` is 1-based and counts what `Source.unit` says.

    `origin_id` is the source's own id, `digest` tells its row from a newer one of that id, `extra` holds the columns
    that have no home in the store, under the source's own names.  `of_document` holds those that have one in its
    document, and none where the store knows that one, by its address, with other words.  `raw` is the row as it was
    read, cells or JSON text: no part of the incident, but what a file of rejects keeps of a row that turns out to be
    none.
    """

    origin_id: str
    title: str
    line: int
    digest: str
    kind: str = "incident"
    summary: str | None = None
    event_type: str | None = None
    sub_event_type: str | None = None
    date_edtf: str | None = None
    place: PlaceRecord | None = None
    killed: Span = UNKNOWN
    injured: Span = UNKNOWN
    damage: str | None = None
    actors: tuple[ActorRecord, ...] = ()
    systems: tuple[SystemRecord, ...] = ()
    quotes: tuple[QuoteRecord, ...] = ()
    tags: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    of_document: Mapping[str, object] = field(default_factory=dict)
    raw: str | Sequence[str] = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is no incident: where it stands, what is wrong with it, and the row as it was read."""

    line: int
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of a file beyond its format: order of day and month, mapping file, name of the data set."""

    dates: str | None = None
    mapping: Path | None = None
    origin: str | None = None


@dataclass(slots=True)
class Imported:
    """What an import did: counts of incidents, and lines for the user."""

    added: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0
    """Left as they are, since the store has them from a fuller form of the data."""
    rejected: int = 0
    held: int = 0
    """Fields of rewritten incidents that stayed as the analyst has them, the source having nothing new there."""
    conflicts: int = 0
    """Fields that stayed as the analyst has them, though the source has something new there."""
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.added + self.changed + self.same + self.kept + self.rejected


Progress = Callable[["Source", int], None]
"""Is told now and then how far the source is read and how many rows that was."""

Note = Callable[[str], None]
"""Takes one line to be said to the user once the file is read, such as what a form of the data lacks."""

Reader = Callable[["Source", Options, Note], Iterator[Record | Reject]]
"""A reader: yields the incidents of a source in its order; raises FormatError when the file as a whole is wrong."""


Restore = Callable[["Load", "Source", Progress | None], Imported]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name for `--as`, what it is in a line, and what can be done with it."""

    name: str
    label: str
    origin: str | None
    """Name of the data set; None where each file is one of its own, named after the file unless the user names it."""
    reader: Reader | None = None
    restore: Restore | None = None
    """Instead of a reader: brings a file of the store's own form back, rows by their keys."""
    lossless: bool = False
    guess: Callable[[Source], Iterator[str]] | None = None
    """Yields the lines of a mapping file drafted from a file to be imported; None for a format that needs none."""
    sparse: bool = False
    """Whether rows leave out what they have no value for, so that fewer columns do not make a shorter form of data."""
    mapped: bool = False
    """Whether a mapping file can say which column is what."""
    at_home: Callable[[Options], frozenset[str]] = lambda options: frozenset()
    """Columns that are in `extra` only where the store's own columns cannot hold the cell: they make no form fuller."""
    knows: Callable[[Head], bool] | None = None
    """Whether the beginning of a file is of this format; None for a format that only the user can name."""

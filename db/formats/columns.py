"""Which column of a table is what: a mapping file (TOML), and the first draft of one by the columns' names."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from db.connection import in_utf8
from db.errors import UsageError, first_line
from db.fields import fold
from db.formats.record import Options
from db.input_file import MOST_SETTINGS, read_whole
from db.visible import visible

KNOWN: dict[str, tuple[str, ...]] = {
    "id": ("id", "event id", "incident id", "uid", "ref", "reference"),
    "title": ("title", "headline", "name", "event", "incident"),
    "summary": ("summary", "description", "notes", "details", "text", "message"),
    "date": ("date", "event date", "date start", "start date", "datetime", "when", "day"),
    "date_end": ("date end", "end date"),
    "event_type": ("event type", "type", "category"),
    "sub_event_type": ("sub event type", "subtype", "sub type", "subcategory"),
    "killed": ("killed", "fatalities", "deaths", "dead", "best"),
    "killed_low": ("killed low", "killed min"),
    "killed_high": ("killed high", "killed max"),
    "injured": ("injured", "wounded", "injuries"),
    "injured_low": ("injured low", "injured min"),
    "injured_high": ("injured high", "injured max"),
    "damage": ("damage",),
    "place": ("place", "location", "city", "town", "site", "where"),
    "country": ("country", "country code", "country name", "iso2"),
    "admin1": ("admin1", "province", "state", "region", "governorate"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "publisher": ("publisher", "source", "outlet"),
    "document": ("document", "source title", "article"),
    "url": ("url", "link", "source url"),
    "published": ("published", "source date", "publication date"),
    "quote": ("quote", "excerpt"),
    "tags": ("tags", "labels", "keywords"),
}
"""What a column can be → the names by which a guess knows it; words apart by space, hyphen or underscore."""

ROLES: dict[str, tuple[str, ...]] = {
    "attacker": ("attacker", "perpetrator", "perp", "gname"),
    "target": ("target", "victim"),
    "claimant": ("claimant", "claimed by"),
    "defender": ("defender",),
    "host": ("host",),
    "denier": ("denier",),
    "affected": ("affected", "actor", "actors", "actor1", "actor2", "side a", "side b"),
}
SYSTEMS: dict[str, tuple[str, ...]] = {
    "munition": ("weapon", "munition", "weapon type"),
    "platform": ("platform",),
    "air_defence": ("air defence", "air defense"),
    "ew": ("electronic warfare",),
}

_OPTIONAL = {"delimiter", "separator", "dates"}


@dataclass(frozen=True, slots=True)
class Columns:
    """A mapping file: field → column, role → column, and how the cells are written."""

    origin: str
    columns: Mapping[str, str]
    actors: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    separator: str = ";"
    dates: str | None = None

    @property
    def named(self) -> list[str]:
        """All columns that it names."""
        return [*self.columns.values(), *self.actors.values(), *self.systems.values()]


def mapping(path: Path, origin: str | None = None) -> Columns:
    """Read a mapping file, in which `origin` stands for one that is not there; raises UsageError for what is wrong."""
    try:
        found = tomllib.loads(read_whole(path, MOST_SETTINGS, pipes=False).decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except RecursionError as error:
        raise UsageError(f"{path} is no mapping: it is nested without end") from error
    except ValueError as error:  # not UTF-8, not TOML, or a number with more digits than Python reads
        raise UsageError(f"{path} is not TOML: {first_line(error)}") from error
    tables = {"columns": KNOWN, "actors": ROLES, "systems": SYSTEMS}
    for name, value in found.items():
        if name in tables:
            if not isinstance(value, dict) or not all(isinstance(column, str) for column in value.values()):
                raise UsageError(f"{path}: [{name}] is no table of names of columns")
            for key in value:
                if key not in tables[name]:
                    raise UsageError(f"{path}: [{name}] has {key!r}; there are {', '.join(tables[name])}")
        elif name != "origin" and name not in _OPTIONAL:
            raise UsageError(f"{path}: {name!r} is unknown; there are origin, delimiter, separator, dates and tables")
        elif not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {name} is no text")
    if origin is not None:
        found.setdefault("origin", origin)
    if "origin" not in found or not found.get("columns"):
        raise UsageError(f"{path} lacks origin (a name for the data set; or say --origin NAME) or the table [columns]")
    if found.get("dates", "dmy") not in ("dmy", "mdy"):
        raise UsageError(f"{path}: dates is dmy or mdy")
    delimiter = found.get("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise UsageError(f"{path}: delimiter is one character, and no quotation mark or line end")
    return Columns(**found)


def asked_of(options: Options) -> Columns:
    """The mapping that the user named; raises UsageError when there is none."""
    if options.mapping is None:
        raise UsageError("say which column is what: --map FILE; `dateline import FILE --as csv --guess` writes a draft")
    return mapping(options.mapping, options.origin)


def recognised(names: Iterable[str], origin: str) -> Columns:
    """The mapping of columns that are known by their names; each column stands for one thing at most."""
    left = {fold(name): name for name in reversed(list(names)) if name}

    def taken(fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        found = {}
        for key, known in fields.items():
            form = next((form for word in known if (form := fold(word)) in left), None)
            if form is not None:
                found[key] = left.pop(form)
        return found

    return Columns(origin, taken(KNOWN), taken(ROLES), taken(SYSTEMS))


def draft(file: str, names: list[str], delimiter: str | None) -> Iterator[str]:
    """Yield the lines of a first mapping of the columns of `file`: those known by name, the others as comments."""
    found = recognised(names, in_utf8(file.split(".")[0]) or "data")
    taken = set(found.named)

    called = visible(" ".join(in_utf8(file).split()))
    yield f"# A first draft for {called}: correct it, then import with --map"
    yield f"origin = {_toml(found.origin)}  # a name for the data set"
    if delimiter is not None:
        yield f"delimiter = {_toml(delimiter)}"
    yield 'separator = ";"  # between several names in one cell'
    yield '# dates = "dmy"  # where 03/04/2021 leaves it open'
    for head, columns in (("columns", found.columns), ("actors", found.actors), ("systems", found.systems)):
        yield ""
        yield f"[{head}]"
        yield from (f"{key} = {_toml(column)}" for key, column in columns.items())
    left = [name for name in dict.fromkeys(names) if name and name not in taken]
    if left:
        yield ""
        yield "# not recognised; what no line above names is kept with each incident as it is:"
        yield from (f"# {_toml(name)}" for name in left)


def _toml(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, except that DEL must be escaped too."""
    return json.dumps(text).replace("\x7f", "\\u007f")

"""Saved views: a query with a name, a layout, perhaps a number key; kept beside a store that is read-only.

`wait_ms` is that of `Store.open`: how long to wait for another program's lock.  Writers are told what was `seen`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import platformdirs

from db import store_file
from db.connection import came_as_bytes
from db.errors import StoreError, UsageError, reason
from db.input_file import read_whole
from db.nearest import nearest
from db.query import QueryError, parse
from db.query_scan import tokens
from db.store import BUSY_MS, Store
from db.turns import turn
from db.whole_file import whole

SLOTS = range(1, 10)
"""Number keys that a view can have."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view; `slot` is its number key, 1 to 9."""

    name: str
    query: str
    slot: int | None = None
    layout: dict[str, bool] = field(default_factory=dict)
    """Which panes are open: "facets", "detail", and "compact" rows."""


def listed(connection: sqlite3.Connection, path: Path) -> list[View]:
    """All views of a store: its own, then those kept in the user's configuration; by slot, then by name.

    Of two of one name, or with one number, that of the store comes first: the other's name or number is not listed.
    """
    own = _own(connection)
    names, slots = {view.name for view in own}, {view.slot for view in own}
    beside = [
        replace(view, slot=None) if view.slot in slots else view
        for view in _read_beside(path)
        if view.name not in names
    ]
    return sorted([*own, *beside], key=lambda view: (view.slot or 99, view.name))


def save(path: Path, view: View, wait_ms: int | None = None, seen: Seen = None) -> Taken:
    """Save a view under its name, replacing one of that name, whose slot it keeps; no two have the same slot."""
    if not view.name.strip():
        raise UsageError("a view needs a name")
    if writable(path):
        with (
            Store.open(path, write=True, wait_ms=wait_ms) as store,
            store.write(f"save view {view.name}") as connection,
        ):
            _check_for_save(seen, listed(connection, path) if seen is not None else [], view)
            if view.slot is not None:
                connection.execute("UPDATE view SET slot = NULL WHERE slot = ? AND name <> ?", (view.slot, view.name))
            connection.execute(
                "INSERT INTO view (name, query, slot, layout) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
                " SET query = excluded.query, slot = coalesce(excluded.slot, slot), layout = excluded.layout",
                (view.name, view.query, view.slot, json.dumps(view.layout)),
            )
        return store.taken
    if _query(_kept_in(path), view.name) is not None:
        raise UsageError(f"the view {view.name!r} {_KEPT_THERE}; take another name")
    with _beside(path, wait_ms) as views:
        _check_for_save(seen, views, view)
        kept = view.slot or next((v.slot for v in views if v.name == view.name), None)
        others = [replace(v, slot=None) if v.slot == kept else v for v in views if v.name != view.name]
        views[:] = [*others, replace(view, slot=kept)]
    return None


def number(path: Path, name: str, slot: int, wait_ms: int | None = None, seen: Seen = None) -> Taken:
    """Give a view a number, which is taken from whichever view has it; raises UsageError when there is no such view."""
    if writable(path):
        with Store.open(path, write=True, wait_ms=wait_ms) as store, store.write(f"number view {name}") as connection:
            if seen is not None:
                present = listed(connection, path)
                _check(seen, present, name)
                _check_number(seen, present, slot)
            found = _query(_own(connection), name) is not None
            if found or _query(_read_beside(path), name) is not None:
                connection.execute("UPDATE view SET slot = NULL WHERE slot = ? AND name <> ?", (slot, name))
                connection.execute("UPDATE view SET slot = ? WHERE name = ?", (slot, name))
        if found:
            return store.taken
    else:
        holder = next((view.name for view in _kept_in(path) if view.slot == slot), None)
        if holder not in (None, name):
            raise UsageError(f"the number {slot} is that of the view {holder!r}, which {_KEPT_THERE}")
    with _beside(path, wait_ms, name) as views:
        _check(seen, views, name)
        views[:] = [
            replace(v, slot=slot) if v.name == name else replace(v, slot=None) if v.slot == slot else v for v in views
        ]
    return None


def rename(path: Path, name: str, to: str, wait_ms: int | None = None, seen: Seen = None) -> Taken:
    """Give a view another name; raises UsageError when that one is taken or empty, or the view is gone."""
    if not to.strip():
        raise UsageError("a view needs a name")
    if writable(path):
        with Store.open(path, write=True, wait_ms=wait_ms) as store, store.write(f"rename view {name}") as connection:
            if seen is not None:
                _check(seen, listed(connection, path), name)
            if connection.execute("SELECT 1 FROM view WHERE name = ? AND name <> ?", (to, name)).fetchone():
                raise UsageError(f"there is a view called {to!r} already")
            found = connection.execute("UPDATE view SET name = ? WHERE name = ?", (to, name)).rowcount
        if found:
            return store.taken
    elif to != name and _query(_kept_in(path), to) is not None:
        raise UsageError(f"there is a view called {to!r} already")
    # It may have been kept beside the store when that could not be written to.
    with _beside(path, wait_ms, name) as views:
        _check(seen, views, name)
        if any(view.name == to for view in views if view.name != name):
            raise UsageError(f"there is a view called {to!r} already")
        views[:] = [replace(view, name=to) if view.name == name else view for view in views]
    return None


def delete(path: Path, name: str, wait_ms: int | None = None, seen: Seen = None) -> Taken:
    """Remove a view; raises UsageError when there is none of that name."""
    if writable(path):
        with Store.open(path, write=True, wait_ms=wait_ms) as store, store.write(f"delete view {name}") as connection:
            if seen is not None:
                _check(seen, listed(connection, path), name)
            found = connection.execute("DELETE FROM view WHERE name = ?", (name,)).rowcount
        if found:
            return store.taken
    with _beside(path, wait_ms, name) as views:
        _check(seen, views, name)
        views[:] = [view for view in views if view.name != name]
    return None


Taken = tuple[int, int] | None
"""The numbers of the change table that a write has taken (`Store.taken`): dates that its opening has filled in."""

Seen = Sequence[View] | None
"""The views as a screen listed them: what is another by now is not written over.  None where nobody has seen any."""


def _query(views: Sequence[View], name: str) -> str | None:
    """The query of the view of that name, None where there is no such view."""
    return next((view.query for view in views if view.name == name), None)


def _check(seen: Seen, present: Sequence[View], name: str) -> None:
    """Refuse to write to a view that is another than it was seen as."""
    if seen is not None and (now := _query(present, name)) != _query(seen, name):
        told = "is gone" if now is None else f"has another query by now: {now or 'everything'}"
        raise UsageError(f"the view {name!r} {told}; nothing was written")


def _check_for_save(seen: Seen, present: Sequence[View], view: View) -> None:
    """Refuse to save over a query that was not seen; the same one again is no matter."""
    if _query(present, view.name) not in (None, view.query):
        _check(seen, present, view.name)


def _check_number(seen: Sequence[View], present: Sequence[View], slot: int) -> None:
    """Refuse to take a number from a view that had not got it yet."""
    had, has = (next((view.name for view in views if view.slot == slot), None) for views in (seen, present))
    if has is not None and has != had:
        raise UsageError(f"the view {has!r} has the number {slot} by now; nothing was written")


def expand(text: str, views: list[View]) -> str:
    """`text` with each view:NAME put in place by that view's query in parentheses.

    Raises QueryError at the name when there is no such view, or it is none that parses; a view that names another is
    not expanded further.
    """
    exactly = {view.name: view for view in views}
    by_name = {view.name.casefold(): view for view in views}
    out, done = [], 0
    for token in tokens(text):
        if token.kind != "filter" or token.name != "view":
            continue
        name = text[token.name_end + 1 : token.end].strip('"“”')
        view = exactly.get(name) or by_name.get(name.casefold())
        if view is None:
            close = nearest(name, [v.name for v in views])
            raise QueryError(
                f"no view {name}" + (f", did you mean {close}?" if close else ""), token.name_end + 1, token.end, close
            )
        try:
            empty = parse(view.query).node is None
        except QueryError as error:
            raise QueryError(f"the view {view.name} does not parse: {error}", token.name_end + 1, token.end) from error
        out += [text[done : token.start], "" if empty else f"({view.query})"]
        done = token.end
    return "".join([*out, text[done:]])


def writable(path: Path) -> bool:
    """Whether views can be kept in the store itself."""
    return store_file.writable(path)


UNREADABLE = (ValueError, RecursionError)
"""What reading JSON raises that is none, has a number beyond all measure, or is nested without end."""


def _layout(text: str | None) -> dict[str, bool]:
    """The panes of a stored layout; none for what no layout is."""
    try:
        return _panes(json.loads(text or "{}"))
    except UNREADABLE:
        return {}


def _panes(table: object) -> dict[str, bool]:
    return {str(k): bool(v) for k, v in table.items()} if isinstance(table, dict) else {}


def _beside_file() -> Path:
    return Path(platformdirs.user_config_dir("dateline")) / "views.json"


def _all_beside() -> dict[str, list[object]]:
    """Store's path → the views kept beside it; raises UsageError in one line for a file that is not of that form."""
    file = _beside_file()
    try:
        table = json.loads(read_whole(file, MOST_BESIDE, pipes=False).decode("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"cannot read the views in {file}: {reason(error)}") from error
    except UNREADABLE as error:
        raise UsageError(f"{file} is no file of views; {_REMEDY}") from error
    if not isinstance(table, dict) or not all(isinstance(entries, list) for entries in table.values()):
        raise UsageError(f"{file} is no file of views; {_REMEDY}")
    return table


MOST_BESIDE = 16 << 20
"""Largest file of views that is read, bytes."""

_REMEDY = "repair it or move it away"


def _read_beside(path: Path) -> list[View]:
    views = []
    for entry in _all_beside().get(str(path.absolute()), []):
        match entry:
            case {"name": str(name), "query": str(query), **rest} if came_as_bytes(name + query):
                slot = rest.get("slot")
                number = slot if isinstance(slot, int) and slot in SLOTS else None
                views.append(View(name, query, number, _panes(rest.get("layout"))))
            case _:
                raise UsageError(f"{_beside_file()} has an entry for {path} that is no view; {_REMEDY}")
    return views


def _own(connection: sqlite3.Connection) -> list[View]:
    """The views that the store itself keeps."""
    return [
        View(name, query, slot, _layout(layout))
        for name, query, slot, layout in connection.execute("SELECT name, query, slot, layout FROM view")
    ]


_KEPT_THERE = "is kept in the store, which cannot be written to"


def _kept_in(path: Path) -> list[View]:
    """The views that a store keeps which cannot be written to."""
    with Store.open(path) as store:
        return _own(store.connection)


@contextmanager
def _beside(path: Path, wait_ms: int | None, name: str | None = None) -> Iterator[list[View]]:
    """The views kept beside a read-only store, to change; written back whole, one program after the other.

    Raises UsageError when there is none of that `name`, LockedError when another program does not get done.
    """
    file = _beside_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with turn(file.parent, BUSY_MS if wait_ms is None else wait_ms):
            views = _read_beside(path)
            if name is not None and _query(views, name) is None:
                there = not writable(path) and _query(_kept_in(path), name) is not None
                raise UsageError(f"the view {name!r} {_KEPT_THERE if there else 'is gone'}")
            yield views
            table = _all_beside()
            table[str(path.absolute())] = [asdict(view) for view in views]
            with whole(file) as out:
                json.dump(table, out, indent=1)  # in ASCII, for a path may hold bytes that are not UTF-8
    except OSError as error:
        raise StoreError(f"cannot keep the view in {file}: {reason(error)}") from error

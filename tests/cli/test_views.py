"""A saved view is a word of the command line too."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from db import views
from db.errors import DatelineError, LockedError, UsageError
from db.store import Store
from db.turns import turn
from db.views import View

ROOT = Path(__file__).resolve().parents[2]


def dateline(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words, "--store", str(store)], capture_output=True, text=True, cwd=ROOT
    )


def test_a_view_stands_for_its_query(seeded: Path) -> None:
    views.save(seeded, View("Drone strikes", "type:drone-strike OR type:interception"))
    whole = dateline(seeded, "count", "(type:drone-strike OR type:interception) country:iraq", "--json")
    by_view = dateline(seeded, "count", 'view:"Drone strikes" country:iraq', "--json")
    assert json.loads(by_view.stdout) == json.loads(whole.stdout)
    assert json.loads(whole.stdout)["certain"] > 0


def test_an_unknown_view_names_the_nearest(seeded: Path) -> None:
    views.save(seeded, View("Drones", "drone"))
    done = dateline(seeded, "list", "view:Drnes")
    assert done.returncode == 2
    assert "no view Drnes, did you mean Drones?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_view_that_does_not_parse_is_named(seeded: Path) -> None:
    """Another program's, or a newer Dateline's: the fault is the view's, not one of what was typed."""
    views.save(seeded, View("bad", "rocket nosuch:thing"))
    done = dateline(seeded, "list", "rocket view:bad country:iraq")
    assert done.returncode == 2
    message, text, carets = done.stderr.splitlines()
    assert "the view bad does not parse: no field nosuch" in message
    assert (text.strip(), carets.index("^"), carets.count("^")) == (
        "rocket view:bad country:iraq",
        text.index("bad"),
        3,
    )


def test_saving_renaming_and_deleting(seeded: Path) -> None:
    views.save(seeded, View("a", "drone", 1))
    views.save(seeded, View("b", "rocket", 1))
    with Store.open(seeded) as store:
        assert [(v.name, v.slot) for v in views.listed(store.connection, seeded)] == [("b", 1), ("a", None)]
    views.rename(seeded, "a", "c")
    views.delete(seeded, "b")
    with Store.open(seeded) as store:
        assert [v.name for v in views.listed(store.connection, seeded)] == ["c"]
        assert [row[0] for row in store.connection.execute("SELECT what FROM log ORDER BY id DESC LIMIT 2")] == [
            "delete view b",
            "rename view a",
        ]


def test_views_of_a_store_that_cannot_be_written_are_kept_beside_it(seeded: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(views, "writable", lambda path: False)
    views.save(seeded, View("Drones", "drone", 2, {"detail": True}))
    with Store.open(seeded) as store:
        assert views.listed(store.connection, seeded) == [View("Drones", "drone", 2, {"detail": True})]
        assert store.connection.execute("SELECT count(*) FROM view").fetchone()[0] == 0


def test_views_beside_a_store_whose_path_is_not_utf_8(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_beside_file", lambda: tmp_path / "conf" / "views.json")
    monkeypatch.setattr(views, "writable", lambda path: False)
    path = seeded.rename(seeded.with_name(os.fsdecode(b"caf\xe9.db")))
    views.save(path, View("Drones", "drone \udce9"))
    with Store.open(path) as store:
        assert [(v.name, v.query) for v in views.listed(store.connection, path)] == [("Drones", "drone \udce9")]


def test_a_view_kept_beside_is_renamed_and_deleted_there(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was saved while the store could not be written to, which it can be now."""
    monkeypatch.setattr(views, "_beside_file", lambda: tmp_path / "views.json")
    with monkeypatch.context() as patch:
        patch.setattr(views, "writable", lambda path: False)
        views.save(seeded, View("Drones", "drone"))
    views.save(seeded, View("Rockets", "rocket"))

    def names() -> list[str]:
        with Store.open(seeded) as store:
            return [view.name for view in views.listed(store.connection, seeded)]

    views.rename(seeded, "Drones", "Drone strikes")
    assert names() == ["Drone strikes", "Rockets"]
    views.delete(seeded, "Drone strikes")
    assert names() == ["Rockets"]
    views.delete(seeded, "Rockets")
    assert names() == []


@pytest.mark.parametrize("part", ["name", "query"])
def test_a_view_that_no_store_could_hold_is_none(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    file = tmp_path / "views.json"
    monkeypatch.setattr(views, "_beside_file", lambda: file)
    file.write_text(json.dumps({str(seeded): [{"name": "a", "query": "b", part: "\ud800"}]}))
    with Store.open(seeded) as store, pytest.raises(DatelineError, match="that is no view; repair it or move it away"):
        views.listed(store.connection, seeded)


def test_the_file_of_views_is_whole_or_as_it_was(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "views.json"
    monkeypatch.setattr(views, "_beside_file", lambda: file)
    monkeypatch.setattr(views, "writable", lambda path: False)
    views.save(seeded, View("Drones", "drone"))
    before = file.read_bytes()

    def fail(table: object, out: TextIO, indent: int) -> None:
        out.write("{")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("db.views.json.dump", fail)
    with pytest.raises(DatelineError, match="No space left"):
        views.save(seeded, View("Rockets", "rocket"))
    assert file.read_bytes() == before
    assert list(tmp_path.glob(".views*")) == []


def test_a_view_is_found_by_its_name_as_it_is_written(seeded: Path) -> None:
    for name in ("iraq", "Iraq", "IRAQ"):
        views.save(seeded, View(name, f"word-{name}"))
    with Store.open(seeded) as store:
        listed = views.listed(store.connection, seeded)
    assert [views.expand(f"view:{name}", listed) for name in ("iraq", "Iraq", "IRAQ")] == [
        "(word-iraq)", "(word-Iraq)", "(word-IRAQ)"
    ]  # fmt: skip
    assert views.expand("view:iRAQ", listed).startswith("(word-")


@pytest.mark.parametrize("kept", ["in the store", "beside it"])
def test_a_number_is_all_that_numbering_changes(kept: str, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if kept == "beside it":
        monkeypatch.setattr(views, "writable", lambda _: False)
    views.save(seeded, View("a", "one", slot=3))
    views.save(seeded, View("b", "two"))
    views.save(seeded, View("a", "newer"))
    views.number(seeded, "b", 3)
    views.number(seeded, "a", 4)
    with Store.open(seeded) as store:
        found = {(v.name, v.query, v.slot) for v in views.listed(store.connection, seeded)}
        rows = store.connection.execute("SELECT count(*) FROM view").fetchone()
    assert found == {("a", "newer", 4), ("b", "two", 3)}
    assert rows == ((2,) if kept == "in the store" else (0,))
    with pytest.raises(UsageError, match="is gone"):
        views.number(seeded, "c", 1)


def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no store can be written to."""
    monkeypatch.setattr(views, "writable", lambda _: False)


def test_two_programs_that_keep_views_beside_a_store_lose_none(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(monkeypatch)
    begun = threading.Barrier(2)

    def save(prefix: str) -> None:
        begun.wait()
        for number in range(12):
            views.save(seeded, View(f"{prefix}{number}", "drone"))

    threads = [threading.Thread(target=save, args=(prefix,)) for prefix in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.open(seeded) as store:
        assert len(views.listed(store.connection, seeded)) == 24


def test_a_program_that_keeps_the_views_to_itself_is_told_of(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(monkeypatch)
    views.save(seeded, View("a", "one"))
    with turn(views._beside_file().parent, 0), pytest.raises(LockedError, match="another program is busy"):
        views.save(seeded, View("b", "two"), wait_ms=20)
    views.save(seeded, View("b", "two"))


def test_views_that_the_store_keeps_are_not_hidden_or_said_to_be_deleted(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views.save(seeded, View("a", "one", slot=2))
    beside(monkeypatch)
    views.save(seeded, View("b", "two"))
    there = "which cannot be written to"
    writes: list[Callable[[], object]] = [
        lambda: views.save(seeded, View("a", "other")),
        lambda: views.delete(seeded, "a"),
        lambda: views.rename(seeded, "a", "c"),
        lambda: views.number(seeded, "a", 3),
        lambda: views.number(seeded, "b", 2),
    ]
    for write in writes:
        with pytest.raises(UsageError, match=there):
            write()
    with pytest.raises(UsageError, match="there is a view called 'a' already"):
        views.rename(seeded, "b", "a")
    with Store.open(seeded) as store:
        assert views.listed(store.connection, seeded) == [View("a", "one", 2), View("b", "two")]


def test_one_number_is_that_of_one_view(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one was kept beside the store before that could be written to."""
    with monkeypatch.context() as patch:
        beside(patch)
        views.save(seeded, View("b", "two", slot=1))
    views.save(seeded, View("a", "one", slot=1))

    def listed() -> list[tuple[str, int | None]]:
        with Store.open(seeded) as store:
            return [(view.name, view.slot) for view in views.listed(store.connection, seeded)]

    assert listed() == [("a", 1), ("b", None)]
    views.number(seeded, "b", 1)
    assert listed() == [("b", 1), ("a", None)]

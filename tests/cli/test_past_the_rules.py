"""Stores written past their own rules, or past UTF-8: shown where that can be, else one line that names the row."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from db.store import Store
from tests.cli.conftest import Dateline
from tui.app import DatelineApp

KEY = "victory-drones-2021-06-21"


def _change(path: Path, sql: str, *values: object) -> None:
    with closing(Store.open(path, write=True)) as store:
        store.connection.execute("PRAGMA ignore_check_constraints = ON")
        store.connection.execute(sql, values)


def test_a_claim_of_no_known_polarity_is_named(dateline: Dateline, seeded: Path) -> None:
    _change(seeded, "UPDATE claim SET polarity = 'x' WHERE id = 3")
    _change(seeded, "UPDATE claim SET polarity = 'x' WHERE incident_id = (SELECT id FROM incident WHERE key = ?)", KEY)
    for words in (("claims", KEY), ("show", KEY, "--claims")):
        done = dateline(*words, "--store", seeded)
        assert done.status == 3
        assert done.err.count("\n") == 1
        assert "is damaged (claim 3, " in done.err
        assert "polarity IN ('asserts', 'denies', 'declines')" in done.err


async def test_a_precision_that_is_none_of_the_seven_is_shown(seeded: Path) -> None:
    _change(seeded, "UPDATE place SET where_prec = -1")
    app = DatelineApp(seeded, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        while not (app.begun and app.session is not None and app.session.idle):
            await pilot.pause(0.01)
        await pilot.press("enter")
        while not app.session.idle:
            await pilot.pause(0.01)
        await pilot.pause()
        assert "precision -1" in app.export_screenshot().replace("&#160;", " ")


@pytest.mark.parametrize("field", ["place", "attacker", "system", "date", "killed"])
def test_rival_claims_that_are_not_utf_8(dateline: Dateline, seeded: Path, field: str) -> None:
    odd = os.fsdecode(b"\x80\xff")
    for value in (odd, "baghdad"):
        _change(
            seeded,
            "INSERT INTO claim (incident_id, quote_id, field, value)"
            " SELECT incident_id, id, ?, ? FROM quote ORDER BY id LIMIT 1",
            field,
            value,
        )
    before = dateline("count", "--store", seeded)
    assert before.status == 0
    assert dateline("list", "is:disputed", "--store", seeded).status == 0
    with Store.open(seeded) as store:
        key = store.connection.execute(
            "SELECT i.key FROM quote AS q JOIN incident AS i ON i.id = q.incident_id ORDER BY q.id LIMIT 1"
        ).fetchone()[0]
    assert dateline("claims", key, "--store", seeded).status == 0
    shown = dateline("show", key, "--json", "--store", seeded)
    assert shown.status == 0
    assert "\\udc80\\udcff" in shown.out


def test_backup_and_restore_under_a_name_that_is_not_utf_8(dateline: Dateline, seeded: Path) -> None:
    backup = seeded.with_name(os.fsdecode(b"b\xff\x9b.db"))
    assert dateline("backup", backup, "--store", seeded).status == 0
    assert dateline("star", "us-return-2014", "--store", seeded).status == 0
    done = dateline("restore", backup, "--store", seeded)
    assert (done.status, "restored from" in done.err) == (0, True)
    with Store.open(seeded) as store:
        assert store.connection.execute("SELECT count(*) FROM star").fetchone() == (0,)
        assert store.connection.execute("SELECT what FROM log ORDER BY id DESC").fetchone() == ("restore from b??.db",)
    assert dateline("verify", "--store", seeded).status == 0

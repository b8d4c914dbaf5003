"""The worked example of docs/seeding.md, and seed files of one's own in the working directory."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.errors import ScriptError
from db.store import Store
from seed.load import load

DOCS = (Path(__file__).parents[2] / "docs" / "seeding.md").read_text(encoding="utf-8")
_FENCED = re.search(r"```sql\n(.*?)```", DOCS, re.DOTALL)
assert _FENCED is not None
EXAMPLE = _FENCED[1]
"""The SQL of the example."""


def write(text: str, name: str = "my.sql") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1)


def refused(path: Path, text: str) -> str:
    """The one-line message for a file that must not load; the store's file keeps every byte."""
    before = path.read_bytes()
    with Store.open(path, write=True) as store, pytest.raises(ScriptError) as caught:
        load(store, [write(text)])
    with Store.open(path) as store:
        assert store.connection.execute("SELECT count(*) FROM incident").fetchone() == (0,)
        assert store.connection.execute("SELECT count(*) FROM log").fetchone() == (0,)
    assert path.read_bytes() == before
    message = str(caught.value)
    assert "\n" not in message
    return message

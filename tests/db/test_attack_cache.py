"""Cache files forged with right checksums: never an error, never in the way, discarded and made anew."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.engine import columns, container
from db.engine.answer import Wants
from db.engine.columns import ColumnsEngine
from db.engine.postings import Thresholds
from db.fields import FACET_NAMES
from db.query import parse
from db.store import Store

Forge = Callable[[dict[str, Any]], object]
HEAD = container._HEAD.size + container._SUM.size


def answers(path: Path, folder: Path, *, gather: bool = False) -> list[object]:
    """The incidents that an engine with this folder for its caches finds, and how many each facet's values have."""
    found: list[object] = []
    with Store.open(path) as store:
        engine = ColumnsEngine(store, folder=folder, thresholds=Thresholds(1, 1))
        if gather:
            assert engine.gather_postings()
        for text in ("", "drone", "dro*", "is:disputed", "killed:>0", "date:2021-05", "actor:kataib"):
            answer = engine.answer(parse(text), Wants(FACET_NAMES))
            found.append((answer.ids(), answer.totals, {name: list(counts) for name, counts in answer.facets.items()}))
    return found


def forge(path: Path, directory: bytes | Forge) -> None:
    """Put another directory into a container, with all checksums right."""
    raw = path.read_bytes()
    _, _, begin, length, _ = container._HEAD.unpack(raw[: container._HEAD.size])
    if not isinstance(directory, bytes):
        content = json.loads(raw[begin : begin + length])
        changed = directory(content)
        directory = json.dumps(content if changed is None else changed).encode()
    head = container._HEAD.pack(b"DATELINE", container.FORMAT, begin, len(directory), zlib.crc32(directory))
    path.write_bytes(head + container._SUM.pack(zlib.crc32(head)) + raw[HEAD:begin] + directory)


def put(*names: str | int, value: object) -> Forge:
    """Put a value where these names lead."""

    def change(content: dict[str, Any]) -> None:
        at: Any = content
        for name in names[:-1]:
            at = at[name]
        at[names[-1]] = value

    return change


FORGED: dict[str, bytes | Forge] = {
    "brackets without end": b"[" * 100_000,
    "digits without end": b"9" * 5_000,
    "not UTF-8": b"\xff",
    "a list": lambda content: [content],
    "no blobs": put("blobs", value=[1]),
    "nothing about itself": put("about", value=None),
    "a stamp that is none": put("about", "stamp", value=7),
    "a stamp without tables": put("about", "stamp", "highest", value={}),
    "a stamp of SQL": put("about", "stamp", "highest", "incident", value="0 OR 1"),
    "a change of 2^62": put("about", "seq", value=2**70),
    "samples that are none": put("about", "samples", value=[1]),
    "a log that is none": put("about", "log", value=[{}, []]),
    "a shape that is none": put("about", "shape", value=[]),
    "arrays that are none": put("about", "shape", "arrays", value=[]),
    "an array of 2^62": put("about", "shape", "arrays", "ids", value=["<i8", 2**62]),
    "bits of 2^62": put("about", "shape", "arrays", "dated", value=["bits", 2**62]),
    "an array of objects": put("about", "shape", "arrays", "ids", value=["|O8", 1]),
    "an array of a type without end": put("about", "shape", "arrays", "ids", value=["(1,)" * 5_000, 1]),
    "days that are numbers with a point": put("about", "shape", "arrays", "first", 0, value="<f4"),
    "a blob of 2^62": put("blobs", "ids", value=[36, 2**62, 0]),
    "a blob before the file": put("blobs", "ids", value=[-1, 4, 0]),
    "a blob that is none": put("blobs", "ids", value="x"),
    "a facet that is none": put("about", "shape", "facets", "actor", value=5),
    "slots without end": put("about", "shape", "facets", "actor", "slots", value=2**62),
    "no facets": put("about", "shape", "facets", value={}),
    "no numbers": put("about", "shape", "numbers", value=[]),
    "numbers that are none": put("about", "shape", "numbers", value=[{}]),
    "another facet's values": put("about", "shape", "facets", "actor", "dictionary", value="kind"),
}


@pytest.mark.parametrize("directory", FORGED.values(), ids=FORGED)
def test_forged_columns_are_discarded_and_made_anew(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directory: bytes | Forge
) -> None:
    expected = answers(seeded, tmp_path)
    (file,) = tmp_path.glob("*.columns")
    forge(file, directory)
    forged = file.read_bytes()
    assert answers(seeded, tmp_path) == expected
    assert file.read_bytes() != forged
    monkeypatch.setattr(columns, "build", None)
    assert answers(seeded, tmp_path) == expected


@pytest.mark.parametrize(
    "directory",
    [
        b"[" * 100_000,
        put("about", value=[]),
        put("about", "seq", value="1"),
        put("about", "highest", value=2**70),
        put("about", "samples", value=None),
        put("blobs", value=3),
    ],
    ids=range(6),
)
def test_forged_postings_are_discarded(seeded: Path, tmp_path: Path, directory: bytes | Forge) -> None:
    expected = answers(seeded, tmp_path, gather=True)
    (file,) = tmp_path.glob("*.postings")
    forge(file, directory)
    assert answers(seeded, tmp_path) == expected
    assert not file.exists()


def test_forged_blobs_of_postings_are_discarded(seeded: Path, tmp_path: Path) -> None:
    expected = answers(seeded, tmp_path, gather=True)
    (file,) = tmp_path.glob("*.postings")
    for blob in ([36, 2**62, 0], "x", [-1, 4, 0], [36, 8, "x"]):
        forge(file, lambda content, blob=blob: content["blobs"].update(dict.fromkeys(content["blobs"], blob)))  # type: ignore[misc]
        assert answers(seeded, tmp_path) == expected
        assert answers(seeded, tmp_path, gather=True) == expected


@pytest.mark.parametrize("kind", ["columns", "postings"])
def test_what_is_no_file_is_not_waited_for(seeded: Path, tmp_path: Path, kind: str) -> None:
    """A FIFO in the place of a cache file: opening it would wait for a writer without end."""
    expected = answers(seeded, tmp_path, gather=True)
    (file,) = tmp_path.glob(f"*.{kind}")
    file.unlink()
    os.mkfifo(file)
    assert answers(seeded, tmp_path, gather=True) == expected
    assert file.is_file()

"""Files that are no good: one clear line each, and the store as it was."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import importing
from db.errors import DatelineError
from db.formats import source as source_module
from db.formats.record import Options
from db.formats.registry import named
from db.formats.source import Source
from db.formats.ucdp_ged import FORMAT
from db.importing import import_file
from db.store import Store

GOOD = (Path(__file__).resolve().parent.parent / "data" / "ged_global_14col.csv").read_bytes()
HEADER, FIRST, *REST = GOOD.splitlines(keepends=True)
DOUBLED = HEADER + FIRST + REST[0] + FIRST.replace(b",Iraq,", b",Iran,", 1)


def bomb() -> bytes:
    """A gzip file of well-formed rows that swells several hundredfold."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as file:
        file.write(HEADER)
        line = b"1" + b"," * 13 + b"\n"
        for _ in range(12):
            file.write(line * 50_000)
    return out.getvalue()


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut mid-row": (lambda: HEADER + FIRST + REST[0][: len(REST[0]) // 2], "line 3 .*cut"),
    "cut within quotation marks": (lambda: HEADER + FIRST + b'9,"State of', "ends within the row on line 3"),
    "cut gzip": (lambda: gzip.compress(GOOD)[:-40], "ends in the middle of its gzip data"),
    "damaged gzip": (lambda: gzip.compress(GOOD)[:30] + b"\0" * 30 + gzip.compress(GOOD)[60:], "damaged gzip"),
    "semicolons": (lambda: GOOD.replace(b",", b";"), "parted by semicolons, not commas"),
    "tabs": (lambda: GOOD.replace(b",", b"\t"), "parted by tabs, not commas"),
    "binary": (lambda: b"SQLite format 3\0" + bytes(range(256)) * 40, "NUL"),
    "noise": (lambda: HEADER + b"\x81\x8d\x8f" * 100, "0x81 is neither UTF-8 nor cp1252"),
    "NUL in a cell": (lambda: HEADER + FIRST + REST[0].replace(b"Iraq", b"Ir\0q", 1), "line 3: a NUL"),
    "empty": (lambda: b"", "is empty"),
    "only a mark": (lambda: b"\xef\xbb\xbf", "no rows"),
    "blank lines": (lambda: b"\n\n\n", "no rows"),
    "header only": (lambda: HEADER, "a header and no rows"),
    "another data set": (
        lambda: b"event_id_cnty,event_date\nIRQ1,2020-01-01\n",
        "is not UCDP GED: it has no column id",
    ),
    "doubled column": (lambda: HEADER.replace(b"month", b"year") + FIRST, "lacks|two columns|no column"),
    "doubled ids": (lambda: DOUBLED, "line 4: the id .* stands on an earlier line too"),
    "quotation mark never closed": (lambda: HEADER + b'1,"' + FIRST * 20_000, "is a quotation mark not closed"),
    "UTF-16 without its mark": (lambda: GOOD.decode().encode("utf-16-le"), "UTF-16 without its mark"),
    "UTF-16 cut in a letter": (lambda: GOOD.decode().encode("utf-16")[:-1], "damaged UTF-16"),
    "zip bomb": (bomb, "unpacks to more than"),
    "one long line": (lambda: HEADER + b"x" * 3_000_000, "longer than"),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        import_file(opened, write(tmp_path, GOOD), FORMAT, Options())
        yield opened


def write(folder: Path, raw: bytes) -> Path:
    (folder / "file.csv").write_bytes(raw)
    return folder / "file.csv"


def dump(store: Store) -> list[str]:
    return [line for line in store.connection.iterdump() if "sqlite_sequence" not in line]


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_file_says_so_in_a_line_and_changes_nothing(
    store: Store, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, message = BROKEN[name]
    monkeypatch.setattr(source_module, "BOMB_FROM", 1 << 20)
    monkeypatch.setattr(source_module, "MAX_LINE", 2 << 20)
    before = dump(store)
    with pytest.raises(DatelineError, match=message) as caught:
        import_file(store, write(tmp_path, make()), FORMAT, Options())
    assert "\n" not in str(caught.value)
    assert dump(store) == before


def test_an_equal_row_twice_is_no_fault(store: Store, tmp_path: Path) -> None:
    done = import_file(store, write(tmp_path, HEADER + FIRST + FIRST + REST[0]), FORMAT, Options())
    assert (done.added, done.rejected, done.same) == (0, 0, 3)


def test_memory_is_bounded_by_pieces_not_by_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the longest line and one piece are ever held."""
    monkeypatch.setattr(source_module, "PIECE", 1024)
    monkeypatch.setattr(source_module, "MAX_LINE", 4096)
    (tmp_path / "long").write_bytes(b"a" * 1_000_000)
    with Source(tmp_path / "long") as source, pytest.raises(DatelineError, match="longer than"):
        list(source.lines())
    assert source.packed <= 4096 + 2 * 1024


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1), st.integers(1, 9))
def test_lines_put_together_are_the_text_whatever_the_pieces(text: str, piece: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_module, "PIECE", piece)
        raw = text.encode()
        path = Path(folder) / "t"
        path.write_bytes(raw)
        if raw[:2] in (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff") or raw == b"\xef\xbb\xbf":
            return
        with Source(path) as source:
            lines = list(source.lines())
        assert "".join(lines) == text.removeprefix("\ufeff")
        assert all(line.count("\n") <= 1 for line in lines)


VAIN: dict[str, tuple[str, bytes, str]] = {
    "blank lines": ("timesketch", b"{}\n" + b"\n" * 8_000_000, "nothing but blanks for more than"),
    "blanks in a document": ("geojson", b'{"type": ' + b" \n" * 4_000_000, "nothing but blanks for more than"),
    "empty rows": ("acled", b",\n" * 4_000_000, "100,000 empty rows and no header"),
    "empty objects": ("timesketch", b"{}\n" * 3_000_000, "none of its first 2,000 rows is an incident"),
    "empty features": ("geojson", b'{"features": [' + b"{}," * 3_000_000, "none of its first 2,000 rows is an"),
    "members": ("geojson", b"{" + b'"a":1,' * 2_000_000, "is not a GeoJSON .*: it has more than 10,000 members"),
}


@pytest.mark.parametrize("name", list(VAIN))
def test_what_has_nothing_in_it_is_not_read_to_its_end(
    store: Store, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, raw, message = VAIN[name]
    monkeypatch.setattr(importing, "MOST_IN_VAIN", 2_000)
    monkeypatch.setattr(source_module, "MAX_BLANK", 1 << 20)
    path = tmp_path / "file"
    path.write_bytes(raw)
    packed: list[int] = []
    close = Source.__exit__

    def closed(self: Source, *error: Any) -> None:
        packed.append(self.packed)
        close(self, *error)

    monkeypatch.setattr(Source, "__exit__", closed)
    with pytest.raises(DatelineError, match=message):
        import_file(store, path, named(form), Options())
    assert packed[0] <= len(raw) / 2


@pytest.mark.parametrize("unit", [b"\n", b"{}\n", b"a,", b'"a\n'])
def test_a_bomb_is_known_by_its_beginning(tmp_path: Path, unit: bytes) -> None:
    (tmp_path / "file.gz").write_bytes(gzip.compress(unit * (60_000_000 // len(unit))))
    texts: list[str] = []
    with Source(tmp_path / "file.gz") as source, pytest.raises(DatelineError, match=r"unpacks to more than|blanks"):
        texts.extend(source.texts())
    assert sum(map(len, texts)) <= 8 << 20


def test_the_part_done_of_a_gzip_file_is_what_was_unpacked(tmp_path: Path) -> None:
    """Not what was read ahead: a small one would stand at 100 per cent from the beginning."""
    chance = random.Random(1)
    raw = b"".join(b"%d,%d\n" % (line, chance.randrange(10**9)) for line in range(100_000))
    packed = gzip.compress(raw)
    (tmp_path / "file.gz").write_bytes(packed)
    with Source(tmp_path / "file.gz") as source:
        lines = source.lines()
        next(lines)
        assert source.packed < 0.8 * len(packed)
        assert b"".join(line.encode() for line in lines) in raw
        assert (source.packed, source.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())


def test_rows_in_vain_ahead_of_others_are_only_rejected(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And rows that stand in the store already are not in vain, though nothing of them is new."""
    monkeypatch.setattr(importing, "MOST_IN_VAIN", 2_000)
    bad, good = b"{}\n", b'{"message": "a", "timestamp_desc": "b", "datetime": "2021-05-08T00:00:00", "key": "k%d"}\n'
    path = tmp_path / "file"
    path.write_bytes(bad * 1_500 + good % 1 + bad * 4_000 + good % 2)
    done = import_file(store, path, named("timesketch"), Options())
    assert (done.added, done.rejected) == (2, 5_500)
    path.write_bytes(good.replace(b'"a"', b'"c"') % 1 + bad * 4_000)
    done = import_file(store, path, named("timesketch"), Options())
    assert (done.changed, done.rejected) == (1, 4_000)


def test_a_line_in_many_pieces_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "PIECE", 7)
    lines = ["a" * 30 + "\n", "\n", "b\n", "c" * 6 + "\n", "d" * 7 + "\n", "e" * 20]
    (tmp_path / "long").write_text("".join(lines), encoding="utf-8", newline="")
    with Source(tmp_path / "long") as source:
        assert list(source.lines(40)) == lines
        assert (source.line, source.ends_open) == (6, True)
    with Source(tmp_path / "long") as source, pytest.raises(DatelineError, match="line 1: longer than"):
        list(source.lines(20))

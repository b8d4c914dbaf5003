"""Files that are no good: one clear line each, and the store as it was."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import DatelineError
from db.formats import source as source_module
from db.formats.record import Options
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

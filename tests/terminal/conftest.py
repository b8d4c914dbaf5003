"""Starts the real program in a pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from bench.terminal import Terminal

MAIN = Path(__file__).resolve().parent.parent.parent / "main.py"


class Start(Protocol):
    """Starts Dateline on a store and waits until its rows and totals are shown."""

    def __call__(
        self, store: Path, columns: int = 120, rows: int = 40, *options: str, ready: str = "live", **environment: str
    ) -> Terminal: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start Dateline with a home folder of the test's own; what still runs at the end is ended."""
    home = tmp_path / "home"
    home.mkdir()
    begun: list[Terminal] = []

    def begin(
        store: Path, columns: int = 120, rows: int = 40, *options: str, ready: str = "live", **environment: str
    ) -> Terminal:
        argv = [sys.executable, str(MAIN), "--store", str(store), *options]
        terminal = Terminal(argv, columns=columns, rows=rows, environment={"HOME": str(home), **environment})
        begun.append(terminal)
        if ready:
            terminal.wait(ready, timeout=30)
        return terminal

    yield begin
    for terminal in begun:
        terminal.close()

"""The bundled incidents in this checkout beside those of an earlier commit, started in turn.

    python -m bench.since COMMIT

Both run with this environment's packages.  Each has a store that its own seeds have made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench.figures import Figure
from bench.program import LARGE, NAME, SMALL, Shot, Size, dateline
from bench.report import progress, table
from bench.stores import ROOT, SEEDS, BenchStore


@dataclass
class Side:
    """One of the two: what it is called, its main.py, its store, and its samples."""

    name: str
    main: Path
    store: BenchStore
    paint: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def last_screen(self, size: Size) -> Shot:
        """What stands there when nothing changes any more."""
        with dateline(self.main, self.store, size) as terminal:
            terminal.wait(NAME, timeout=60)
            terminal.calm(quiet=0.5, timeout=60)
            return Shot.of(terminal.lines)

    def start(self, size: Size, shot: Shot) -> None:
        """Start it once and note when the first frame was there, when the last, and what it weighs then."""
        with dateline(self.main, self.store, size) as terminal:
            self.paint.append(terminal.wait(NAME, timeout=60) * 1e3)
            self.whole.append(terminal.wait(shot.whole, timeout=60) * 1e3)
            terminal.calm()
            self.memory.append(terminal.memory().resident)

    def figures(self, size: Size, other: Side | None = None) -> list[Figure]:
        """Its figures, with those of the other as their limits."""
        limits: list[Figure | None] = [*other.figures(size)] if other else [None, None, None]
        kinds = (("first paint", "ms", self.paint), ("whole screen", "ms", self.whole), ("memory", "MiB", self.memory))
        return [
            Figure(f"{self.name}: {what}", unit, tuple(samples), SEEDS, str(size), limit=limit)
            for (what, unit, samples), limit in zip(kinds, limits, strict=True)
        ]


def _side(name: str, checkout: Path, folder: Path) -> Side:
    path = folder / f"{name}.db"
    subprocess.run(
        [sys.executable, checkout / "main.py", "seed", "--store", path], check=True, capture_output=True, cwd=checkout
    )
    return Side(name, checkout / "main.py", BenchStore(SEEDS, path, 0))


def _checkout(commit: str, folder: Path) -> Path:
    """The tree of a commit, in a folder of its own."""
    subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", ROOT, folder], check=True)
    subprocess.run(["git", "checkout", "-q", "--detach", commit], check=True, cwd=folder)
    return folder


@click.command()
@click.argument("commit")
@click.option("--repeat", default=30, show_default=True, help="Starts of each at each size.")
def main(commit: str, repeat: int) -> None:
    """Compare starts on the seeds with those of an earlier COMMIT; the ratio is now to then."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dateline-since-") as name:
        folder = Path(name)
        for size in (SMALL, LARGE):
            then = _side("then", _checkout(commit, folder / f"then-{size}"), folder)
            now = _side("now", ROOT, folder)
            shots = {side.name: side.last_screen(size) for side in (then, now)}
            for turn in range(repeat):
                progress(f"{size}: {turn + 1} of {repeat}")
                for side in (then, now):
                    side.start(size, shots[side.name])
            found += [*then.figures(size), *now.figures(size, then)]
            for side in (then, now):
                side.store.path.unlink()
    click.echo(table(found))


if __name__ == "__main__":
    main()

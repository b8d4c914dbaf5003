"""`python -m tests.torture [PART]... [--count N]`: attack, count, tell; exit status 1 when anything was lost."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from tests.torture.outcome import Outcome


class Part(NamedTuple):
    """One kind of attack: how often it is tried in a whole run, and what runs it."""

    often: int
    run: Callable[[int, int], Outcome]


def _flips(count: int, seed: int) -> Outcome:
    from tests.torture import flips

    return flips.run(count, seed, Path(tempfile.gettempdir()) / "dateline-torture-kept")


def _kills(count: int, seed: int) -> Outcome:
    from tests.torture import kills

    return kills.run(count, seed)


def _disk(count: int, seed: int) -> Outcome:
    from tests.torture import disk

    return disk.run(count, seed)


def _crowd(count: int, seed: int) -> Outcome:
    from tests.torture import crowd

    return crowd.run(count, seed)


def _strings(count: int, seed: int) -> Outcome:
    from tests.torture import screens

    return screens.run(count, seed)


def _stores(count: int, seed: int) -> Outcome:
    from tests.torture import stores

    return stores.run(count, seed)


PARTS = {
    "flips": Part(2100, _flips),
    "kills": Part(560, _kills),
    "disk": Part(320, _disk),
    "crowd": Part(100, _crowd),
    "stores": Part(0, _stores),
    "strings": Part(0, _strings),
}
"""flips: damaged copies; kills: processes killed; disk: commands without room; crowd: writes of each of ten programs;
stores: stores made to hurt (0: all); strings: hostile texts (0: all)."""


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--count", type=click.IntRange(min=0), help="How often, for each part named; else as often as it says.")
@click.option("--seed", type=int, default=20210508, show_default=True, help="What chance begins with.")
def main(parts: tuple[str, ...], count: int | None, seed: int) -> None:
    """Attack stores and the program: flips, kills, disk, crowd, stores, strings; all of them when none is named."""
    os.environ["DATELINE_USER"] = "torture"
    with tempfile.TemporaryDirectory(prefix="dateline-torture-home-") as home:
        # Nothing of the person's own settings, default store or cache.
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = str(Path(home) / name.lower())
        faults = 0
        for name in parts or PARTS:
            outcome = PARTS[name].run(PARTS[name].often if count is None else count, seed)
            faults += len(outcome.faults)
            click.echo("\n".join(outcome.lines()))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

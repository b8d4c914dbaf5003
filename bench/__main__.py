"""`python -m bench`: measure the program on stores of several sizes, print the table, keep it as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench import builds, imports, keys, limits, peers, start, stores
from bench.company import Company
from bench.figures import Figure, Target
from bench.program import LARGE, SMALL
from bench.report import progress, put_section, run_section, table, write_json
from bench.sources import Sources

RESULTS = stores.ROOT / "bench" / "results.json"
"""The figures of the page, written with it; what is measured otherwise goes to bench/data."""

DOC = stores.ROOT / "docs" / "performance.md"

LARGE_FROM = 2_000
"""From so many incidents on a store has columns (db/engine)."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each thing is repeated."""

    starts: int
    runs: int
    echo_keys: int
    queries: int
    imported: int
    """Rows of the file that is imported."""


FULL = Effort(starts=10, runs=3, echo_keys=60, queries=7, imported=100_000)
QUICK = Effort(starts=3, runs=1, echo_keys=20, queries=3, imported=20_000)


@dataclass(slots=True)
class Findings:
    """All figures in the order of the table, and what could not be measured."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def measure(main: Path, labels: Sequence[str], effort: Effort) -> Findings:
    """Measure all sizes on both screens, limits first."""
    found = Findings()
    prepared = [stores.prepare(label) for label in labels]
    progress("limits ...")
    starts = limits.imports(effort.starts)
    echoes = {size: limits.key_to_paint(size, effort.echo_keys) for size in (SMALL, LARGE)}
    found.figures += [*starts, *echoes.values()]
    in_seconds = Figure(starts[-1].what, "s", tuple(sample / 1e3 for sample in starts[-1].samples))
    for store in prepared:
        progress(f"{store.label}: {store.rows:,} rows")
        if not store.generated:
            for size in (SMALL, LARGE):
                found.figures += start.first_paint(main, store, size, effort.starts)
        found.figures += limits.sql(store, effort.queries)
        if store.rows >= LARGE_FROM:
            progress(f"{store.label}: building its columns ...")
            found.figures += builds.measure(store, 1 if store.rows >= 1_000_000 else effort.runs)
        way = keys.steps(stores.material(store))
        for size, echo in echoes.items():
            progress(f"{store.label} {size}: starts ...")
            try:
                cold, shot = start.cold(main, store, size)
                found.figures += cold
                found.figures += start.warm(main, store, size, shot, effort.starts // 2 or 1, in_seconds)
                progress(f"{store.label} {size}: keys ...")
                shots = keys.learn(main, store, size, way)
                times = keys.Times()
                for _ in range(effort.runs):
                    keys.run(main, store, size, way, shots, times)
                found.figures += keys.figures(times, store, size, echo)
                found.notes += times.faults
                if store.generated:
                    found.figures += keys.held(main, store, size)
            except TimeoutError as error:
                found.notes.append(f"{store.label} {size}: {str(error).splitlines()[0]}")
    progress(f"importing {effort.imported:,} rows ...")
    found.figures += imports.measure(main, effort.imported, effort.runs)
    largest = prepared[-1]
    found.figures += growth(found.figures)
    if largest.generated:
        progress("peers ...")
        peer_figures, absent = peers.measure(largest, stores.material(largest), (SMALL, LARGE))
        found.figures += peer_figures
        found.notes += absent
    return found


def growth(figures: Sequence[Figure]) -> list[Figure]:
    """How many times as long a window takes on the largest generated store as on the smallest."""
    grown = []
    for kind in keys.MOVES:
        for size in (SMALL, LARGE):
            what = f"key → rows and totals: {kind}"
            same = [f for f in figures if f.what == what and f.screen == str(size) and f.store != stores.SEEDS]
            if len(same) > 1:
                least, most = same[0], same[-1]
                label = f"growth of {kind}, {least.store} to {most.store}"
                sample = (most.median / least.median,)
                grown.append(Figure(label, "×", sample, most.store, str(size), Target(median=1.5)))
    return grown


def _labels(context: click.Context, parameter: click.Parameter, value: str) -> list[str]:
    labels = [label.strip() for label in value.split(",") if label.strip()]
    try:
        return sorted(set(labels), key=stores.size)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option("--sizes", default="30,10k,100k,1M", show_default=True, callback=_labels, help="30 stands for the seeds.")
@click.option("--quick", is_flag=True, help="Fewer repetitions.")
@click.option(
    "--program",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=stores.ROOT / "main.py",
    help="Another checkout's main.py, to compare with.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Another place for the JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As the section “A run” of docs/performance.md.")
@click.option("--doc", is_flag=True, help="Put it into docs/performance.md, and the JSON into bench/results.json.")
def main(sizes: list[str], quick: bool, program: Path, output: Path | None, as_markdown: bool, doc: bool) -> None:
    """Measure Dateline through a pseudo-terminal."""
    # The thread that stamps what arrives must not wait for the one that reads the screen.
    sys.setswitchinterval(0.0005)
    company = Company()
    sources = Sources(program.resolve())
    found = measure(program.resolve(), sizes, QUICK if quick else FULL)
    found.notes += [note for note in (company.note(), sources.note()) if note is not None]
    command = f"python -m bench --sizes {','.join(sizes)}{' --quick' * quick}"
    output = output or (RESULTS if doc else stores.DATA / "results.json")
    write_json(output, found.figures, {"sizes": sizes, "quick": quick}, found.notes)
    section = run_section(found.figures, found.notes, command)
    if doc:
        put_section(DOC, section)
    if as_markdown:
        click.echo(section)
        return
    click.echo(table(found.figures))
    for note in found.notes:
        click.echo(f"note: {note}")


if __name__ == "__main__":
    main()

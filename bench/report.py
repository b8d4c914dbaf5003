"""The figures as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure

_HEAD = ("what", "store", "screen", "n", "median", "p95", "unit", "× limit", "limit", "target", "")


def machine() -> dict[str, object]:
    """What the figures depend on, without anything that names a person, a host or a path."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("textual", "numpy")},
    }


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned columns, one a line, with a rule under the head."""
    rows = [_HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[x]) for row in rows) for x in range(len(_HEAD))]
    lines = ["  ".join(_aligned(x, cell, widths[x]) for x, cell in enumerate(row)).rstrip() for row in rows]
    return "\n".join([lines[0], "─" * max(map(len, lines)), *lines[1:]])


BEGIN, END = "<!-- a run: begin, written by python -m bench --doc -->", "<!-- a run: end -->"
"""Stand around the section of the document that the measurement writes itself."""


def run_section(figures: Sequence[Figure], notes: Sequence[str], command: str) -> str:
    """What docs/performance.md says of one run: machine, command, notes, what missed its target, and the table."""
    about = machine()
    judged = [figure for figure in figures if figure.met is not None]
    missed = [figure for figure in judged if not figure.met]
    lines = [
        f"{about['cores']} cores ({about['architecture']}, {about['system']}), Python {about['python']},"
        f" SQLite {about['sqlite']}, textual {about['textual']}, numpy {about['numpy']}; {date.today().isoformat()},"
        f" `{command}`.",
        f"{len(judged) - len(missed)} of {len(judged)} figures that have a target meet it.",
    ]
    return "\n\n".join([" ".join(lines), *(f"- {note}" for note in notes), markdown(figures)])


def put_section(path: Path, section: str) -> None:
    """Put a run in place of the one between the two marks of a document; ValueError when it has not both."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path.name} has no place for a run: it needs the lines {BEGIN} and {END}")
    making = path.with_name(f".{path.name}.new")
    making.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")
    making.replace(path)


def markdown(figures: Sequence[Figure]) -> str:
    """The figures that have a target or a limit as a Markdown table; the limits stand in the column for them."""
    limits = {id(figure.limit) for figure in figures if figure.limit is not None}
    chosen = [f for f in figures if f.met is not None or (f.limit is not None and id(f) not in limits)]
    rows = [_HEAD, ["---"] * len(_HEAD), *(_row(figure) for figure in chosen)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_json(path: Path, figures: Sequence[Figure], settings: dict[str, object], notes: Sequence[str]) -> None:
    """Write machine, settings, notes and figures; the file is replaced whole."""
    document = {
        "machine": machine(),
        "settings": settings,
        "notes": list(notes),
        "figures": [_record(figure) for figure in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.new")
    making.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    making.replace(path)


def progress(words: str) -> None:
    """Say on stderr what is being done; stdout carries the table only."""
    print(words, file=sys.stderr, flush=True)


def _row(figure: Figure) -> tuple[str, ...]:
    limit = figure.limit
    return (
        figure.what,
        figure.store,
        figure.screen,
        str(len(figure.samples)),
        _number(figure.median),
        _number(figure.p95),
        figure.unit,
        f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        f"{limit.what} {_number(limit.median)}" if limit is not None else "",
        figure.target.words,
        {True: "met", False: "MISSED", None: ""}[figure.met],
    )


def _aligned(column: int, cell: str, width: int) -> str:
    return cell.rjust(width) if _HEAD[column] in ("n", "median", "p95", "× limit") else cell.ljust(width)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _record(figure: Figure) -> dict[str, object]:
    target = {name: value for name in ("median", "p95", "ratio") if (value := getattr(figure.target, name)) is not None}
    limit = figure.limit
    return {
        "what": figure.what,
        "store": figure.store or None,
        "screen": figure.screen or None,
        "unit": figure.unit,
        "n": len(figure.samples),
        "median": round(figure.median, 3),
        "p95": round(figure.p95, 3),
        "least": round(min(figure.samples), 3),
        "most": round(max(figure.samples), 3),
        "limit": {"what": limit.what, "median": round(limit.median, 3)} if limit is not None else None,
        "ratio": round(figure.ratio, 3) if figure.ratio is not None else None,
        "target": target or None,
        "met": figure.met,
    }

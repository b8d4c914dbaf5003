"""A brief for people: Markdown, or one self-contained HTML page, with numbered quotes and a plot of when."""

from __future__ import annotations

import html
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TextIO

from db import cite, dates
from db.disputes import base
from db.formats.writing import Item, WrittenFormat, bounds, date_words, names, systems, undated
from db.model import Incident

_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|~"})


def facts(incident: Incident) -> list[tuple[str, str]]:
    """(label, text) of what is known, unknown left out."""
    place = incident.place
    where = ", ".join(dict.fromkeys([place.name, *place.within])) if place else ""
    rivals = [
        f"{base(c.field)}: {c.words or c.value} ({c.speaker or 'no quote'})"
        for c in incident.claims
        if base(c.field) in incident.disputed
    ]
    found = [
        ("When", f"{date_words(incident)} (EDTF {incident.date_edtf})" if incident.date_edtf else "no date"),
        ("Where", where),
        ("Attacker", names(incident, "attacker")),
        ("Target", names(incident, "target")),
        ("With", systems(incident, "munition", "platform")),
        ("Defences", systems(incident, "air_defence", "ew")),
        ("Killed", _number(incident.killed.best)),
        ("Injured", _number(incident.injured.best)),
        ("Damage", incident.damage or ""),
        ("Grade", incident.grade or ""),
        ("Disputed", "; ".join(rivals)),
    ]
    return [(label, text) for label, text in found if text]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


@contextmanager
def _aside() -> Iterator[TextIO]:
    """A text that stands further down the page than what is known later, kept on disk until its turn comes."""
    with TemporaryFile("w+", encoding="utf-8", errors="surrogateescape", newline="") as file:
        yield file


def _append(aside: TextIO, out: TextIO) -> None:
    aside.seek(0)
    shutil.copyfileobj(aside, out)


def write_markdown(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write a heading for each incident, its facts, and its quotes as numbered footnotes at the end."""
    count = 0
    out.write("# Incidents\n\n")
    if query:
        out.write(f"Query: {_plain(query)}\n\n")
    with _aside() as notes:
        number = 0
        for count, (incident, certain) in enumerate(items, 1):  # noqa: B007
            possible = "" if certain else " (possible)"
            out.write(f"## {_plain(incident.title)}{possible}\n\n")
            if incident.summary:
                out.write(f"{_plain(incident.summary)}\n\n")
            out.writelines(f"- {label}: {_plain(text)}\n" for label, text in facts(incident))
            by_key = {document.key: document for document in incident.documents}
            marks = []
            for number, quote in enumerate(incident.quotes, number + 1):  # noqa: B020 - it goes on where it stopped
                notes.write(f"[^{number}]: {_plain(cite.footnote(quote, by_key[quote.document_key]))}\n")
                marks.append(f"[^{number}]")
            out.write(f"- Quotes: {' '.join(marks)}\n\n" if marks else "\n")
        _append(notes, out)
    return count


def _plain(text: str) -> str:
    """Text on one line with Markdown's own characters escaped."""
    return " ".join(text.split()).translate(_MARKUP)


_STYLE = """body{font:16px/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
body{color:#1c2128;background:#fbfaf7}h1,h2{font-family:sans-serif;line-height:1.25}h2{margin-top:2rem}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.1rem 1rem}dt{color:#56606e}dd{margin:0}
.possible{color:#8a5a00}.plot{width:100%;height:5rem}ol{font-size:.9rem}"""


def write_html(items: Iterator[Item], out: TextIO, query: str) -> int:
    """Write one page that needs nothing else: no script, no address is fetched.

    The plot stands before the incidents that it counts, and the quotes behind all of them: both wait on disk.
    """
    years: Counter[int] = Counter()
    count = number = 0
    with _aside() as body, _aside() as notes:
        for count, (incident, certain) in enumerate(items, 1):  # noqa: B007
            first, last = bounds(incident)
            day = last if first is None else first
            if day is not None and incident.kind == "incident":
                years[dates.civil(day)[0]] += 1
            by_key = {document.key: document for document in incident.documents}
            marks = ""
            for number, quote in enumerate(incident.quotes, number + 1):  # noqa: B020 - it goes on where it stopped
                notes.write(f'<li id="q{number}">{_h(cite.footnote(quote, by_key[quote.document_key]))}</li>\n')
                marks += f'<sup><a href="#q{number}">{number}</a></sup> '
            rows = "".join(f"<dt>{label}</dt><dd>{_h(text)}</dd>" for label, text in facts(incident))
            possible = "" if certain else ' <span class="possible">(possible)</span>'
            summary = f"<p>{_h(incident.summary)}</p>" if incident.summary else ""
            body.write(f"<h2>{_h(incident.title)}{possible} {marks}</h2>{summary}<dl>{rows}</dl>\n")
        out.write(
            f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Incidents</title><style>{_STYLE}</style>\n'
            f"<h1>Incidents</h1>\n<p>{_h(query)}</p>\n{_plot(years)}\n"
        )
        _append(body, out)
        out.write("<h2>Quotes</h2>\n<ol>\n")
        _append(notes, out)
        out.write("</ol>\n</html>\n")
    return count


def _h(text: str) -> str:
    return html.escape("".join(c if c.isprintable() or c == " " else "\N{REPLACEMENT CHARACTER}" for c in text))


def _plot(years: Counter[int]) -> str:
    """Bars of incidents by year, drawn as SVG inside the page; nothing where there are fewer than two years."""
    if len(years) < 2:
        return ""
    ordered = sorted(years.items())
    most = max(years.values())
    width = 100 / len(ordered)
    bars = "".join(
        f'<rect x="{at * width:.2f}" y="{100 - 100 * n / most:.2f}" width="{width * 0.8:.2f}"'
        f' height="{100 * n / most:.2f}" fill="#1f5a92"><title>{year}: {n}</title></rect>'
        for at, (year, n) in enumerate(ordered)
    )
    first, last = ordered[0][0], ordered[-1][0]
    return (
        f'<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img"'
        f' aria-label="incidents by year">{bars}</svg><p>{first} to {last}, years with incidents only</p>'
    )


MARKDOWN = WrittenFormat("markdown", "a brief with numbered quotes", ".md", write_markdown, undated)
HTML = WrittenFormat(
    "html", "a self-contained page with numbered quotes and a plot of when", ".html", write_html, undated
)

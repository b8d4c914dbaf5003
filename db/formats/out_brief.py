"""A brief for people: Markdown, or one self-contained HTML page, with numbered quotes and a plot of when."""

from __future__ import annotations

import html
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TextIO

from db import cite, dates, report, terms
from db.disputes import base
from db.formats.particulars import (
    AROUND_QUOTES,
    DOCUMENT_REST,
    NOTES,
    PLACE_KINDS,
    STARS,
    WHO_THEY_ARE,
    kept_columns,
    undisputed_claims,
)
from db.formats.writing import Item, WrittenFormat, bounds, date_words, names, undated
from db.markdown import plain
from db.model import Claim, Document, Incident, Link, Place, Quote


def facts(incident: Incident) -> list[tuple[str, str]]:
    """(label, text) of what is known, unknown left out."""
    rivals = [_said(c) for c in incident.claims if base(c.field) in incident.disputed]
    kind, sub = incident.event_type or "", incident.sub_event_type
    credibility = incident.credibility
    found = [
        ("Kind", "" if incident.kind == "incident" else incident.kind),
        ("Type", f"{kind or 'unknown'} ({sub})" if sub else kind),
        ("When", f"{date_words(incident)} (EDTF {incident.date_edtf})" if incident.date_edtf else "no date"),
        ("Where", _where(incident.place) if incident.place else ""),
        *((role.capitalize(), names(incident, role)) for role in report.ROLES),
        ("With", _systems(incident, "munition", "platform")),
        ("Defences", _systems(incident, "air_defence", "ew")),
        ("Killed", report.span_words(incident.killed)),
        ("Injured", report.span_words(incident.injured)),
        ("Damage", incident.damage or ""),
        ("Grade", incident.grade or ""),
        ("Credibility", "" if credibility is None else terms.CREDIBILITY.get(credibility, str(credibility))),
        ("Status", "" if incident.status == "draft" else incident.status),
        ("Disputed", "; ".join(rivals)),
        ("Tags", "; ".join(incident.tags)),
        ("Links", "; ".join(map(_link, incident.links))),
        ("Origin", " ".join(part for part in (incident.origin, incident.origin_id) if part)),
    ]
    return [(label, text) for label, text in found if text]


def _where(place: Place) -> str:
    """Names from the place to its country, how exact it is, its point and radius."""
    text = ", ".join(name for name in dict.fromkeys([place.name, *place.within, place.admin1, place.country]) if name)
    if place.where_prec is not None:
        text += f" ({terms.WHERE_PRECISION.get(place.where_prec, str(place.where_prec))})"
    if place.latitude is not None and place.longitude is not None:
        text += f", {place.latitude}, {place.longitude}"
    if place.radius_m is not None:
        text += f", within {place.radius_m:,} m"
    return text


def _systems(incident: Incident, *roles: str) -> str:
    """The systems of some roles with their numbers and outcomes."""
    return "; ".join(report.use_words(use) for use in incident.systems if use.role in roles)


_VERBS = {"asserts": "said by", "denies": "denied by", "declines": "not confirmed by"}


def _said(claim: Claim) -> str:
    rank = "" if claim.rank == "normal" else f" ({claim.rank})"
    verb = _VERBS.get(claim.polarity, claim.polarity)
    return f"{claim.field}: {claim.words or claim.value or 'no value'}, {verb} {claim.speaker or 'no quote'}{rank}"


def _link(link: Link) -> str:
    kind = link.kind.replace("_", " ")
    return f"{kind} {link.key} ({link.title})" if link.outward else f"{link.key} ({link.title}) {kind} this"


def _footnote(quote: Quote, source: Document) -> str:
    """The quote as it is cited, its translation, and how reliable its document is."""
    text = cite.footnote(quote, source)
    if quote.translation:
        text += f" In translation: “{quote.translation}”."
    if source.reliability:
        text += f" Reliability: {terms.RELIABILITY.get(source.reliability, source.reliability)}."
    return text


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
        out.write(f"Query: {plain(query)}\n\n")
    with _aside() as notes:
        number = 0
        for count, (incident, certain) in enumerate(items, 1):  # noqa: B007
            possible = "" if certain else " (possible)"
            out.write(f"## {plain(incident.title)}{possible}\n\n")
            if incident.summary:
                out.write(f"{plain(incident.summary)}\n\n")
            out.writelines(f"- {label}: {plain(text)}\n" for label, text in facts(incident))
            by_key = {document.key: document for document in incident.documents}
            marks = []
            for number, quote in enumerate(incident.quotes, number + 1):  # noqa: B020 - it goes on where it stopped
                notes.write(f"[^{number}]: {plain(_footnote(quote, by_key[quote.document_key]))}\n")
                marks.append(f"[^{number}]")
            out.write(f"- Quotes: {' '.join(marks)}\n\n" if marks else "\n")
        _append(notes, out)
    return count


_STYLE = """body{font:16px/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
body{color:#1c2128;background:#fbfaf7}h1,h2{font-family:sans-serif;line-height:1.25}h2{margin-top:2rem}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.1rem 1rem}dt{color:#56606e}dd{margin:0}p,dd,li{white-space:pre-line}
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
                notes.write(f'<li id="q{number}">{_h(_footnote(quote, by_key[quote.document_key]))}</li>\n')
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
    return html.escape("".join(c if c.isprintable() or c in " \n\t" else "\N{REPLACEMENT CHARACTER}" for c in text))


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


def omits(incident: Incident) -> Iterator[str]:
    """Claims of what nobody disputes, and columns kept."""
    yield from undisputed_claims(incident)
    yield from kept_columns(incident)


DROPS = (NOTES, STARS, AROUND_QUOTES, DOCUMENT_REST, WHO_THEY_ARE, PLACE_KINDS)
"""Notes and stars are the analyst's own; a brief is for others."""

MARKDOWN = WrittenFormat("markdown", "a brief with numbered quotes", ".md", write_markdown, undated, omits, DROPS)
HTML = WrittenFormat(
    "html", "a self-contained page with numbered quotes and a plot of when", ".html", write_html, undated, omits, DROPS
)

"""Citations of a quote, a document or a whole incident: a plain footnote, Markdown, BibTeX or CSL-JSON.

Every quote carries its place in Unicode code points and the first 12 digits of its document's SHA-256, so that whoever
has the text can check it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db import cite, dates, whole_file
from db.errors import UsageError
from db.markdown import plain
from db.model import Document, Incident, Quote
from db.visible import json_line

DIGEST = 12
"""Digits of a SHA-256 that a citation gives."""


@dataclass(frozen=True, slots=True)
class Cited:
    """What is cited: documents, each with the quotes used, and what they are cited for (None for them alone)."""

    sources: tuple[tuple[Document, tuple[Quote, ...]], ...]
    incident: Incident | None = None


def of_incident(incident: Incident) -> Cited:
    """The whole incident: all its documents and quotes."""
    quotes: dict[str, list[Quote]] = {document.key: [] for document in incident.documents}
    for quote in incident.quotes:
        if quote.document_key in quotes:
            quotes[quote.document_key].append(quote)
    return Cited(tuple((document, tuple(quotes[document.key])) for document in incident.documents), incident)


def of_document(incident: Incident, document: Document) -> Cited:
    """One document, with the quotes of it that the incident uses."""
    return Cited(((document, tuple(q for q in incident.quotes if q.document_key == document.key)),))


def of_quote(quote: Quote, document: Document) -> Cited:
    """One quote."""
    return Cited(((document, (quote,)),))


def cited(what: Cited, style: str) -> str:
    """The citation in a style of STYLES, lines parted by newlines, without one at the end."""
    if style not in STYLES:
        raise UsageError(f"no citation style {style!r}; there are {', '.join(STYLES)}")
    return STYLES[style](what)


def _footnote(what: Cited) -> str:
    """Numbered documents, each followed by its quotes with speaker, place and hash."""
    if what.incident is None and len(what.sources) == 1 and len(what.sources[0][1]) == 1:
        document, (quote,) = what.sources[0]
        return cite.footnote(quote, document)
    lines = [f"{_headline(what.incident)}."] if what.incident else []
    for number, (document, quotes) in enumerate(what.sources, 1):
        lines.append(f"[{number}] {', '.join([cite.document(document), *_digest(document)])}.")
        lines += [f"    [{number}.{at}] {_quote_words(quote, document)}" for at, quote in enumerate(quotes, 1)]
    return "\n".join(" ".join(line.split("\n")) for line in lines) or "no documents"


def _headline(incident: Incident) -> str:
    when = None if incident.date_edtf is None else dates.words_or_text(incident.date_edtf)
    return ", ".join(part for part in (f"“{incident.title}”", when, f"incident {incident.key}") if part)


def _digest(document: Document) -> list[str]:
    return [f"SHA-256 {document.text_sha256[:DIGEST]}"] if document.text_sha256 else []


def _place(quote: Quote, document: Document) -> str:
    """Where a quote stands, and in which text."""
    place = "position unknown" if quote.start is None else f"characters {quote.start}–{quote.end}"
    return ", ".join([place, *_digest(document)])


def _quote_words(quote: Quote, document: Document) -> str:
    chain = cite.chain_words(quote)
    return f"{f'{chain}: ' if chain else ''}“{quote.exact}”, {_place(quote, document)}."


# -- Markdown -------------------------------------------------------------------------------------------------------


def _markdown(what: Cited) -> str:
    """A numbered list of documents with their quotes under them."""
    lines = [f"**{plain(_headline(what.incident))}**", ""] if what.incident else []
    for number, (document, quotes) in enumerate(what.sources, 1):
        parts = [document.author, document.title or document.key, document.publisher, cite.published(document)]
        lines.append(f"{number}. " + ", ".join(plain(part) for part in [*filter(None, parts), *_digest(document)]))
        links = [("address", document.url), ("archived", document.archive_url)]
        lines += [
            f"   - {name}: " + (f"<{_address(url)}>" if _is_link(url) else plain(url)) for name, url in links if url
        ]
        lines += [f"   - {plain(_quote_words(quote, document))}" for quote in quotes]
    return "\n".join(lines) or "no documents"


def _is_link(url: str) -> bool:
    """Whether an address is one of the web: others, javascript: among them, are text, which no program follows."""
    return re.match(r"https?://", url, re.IGNORECASE) is not None


def _address(url: str) -> str:
    """An address for between < and >: what would end it is escaped as an address escapes it."""
    return re.sub(r"[\s<>]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


# -- BibTeX ---------------------------------------------------------------------------------------------------------

# BibTeX counts braces whether or not a backslash stands before them.
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
    "%": r"\%", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in " ".join(text.split()))


def _bibtex(what: Cited) -> str:
    """One @misc a document; its quotes, their places and the archived copy stand in its note."""
    entries = []
    for document, quotes in what.sources:
        unsaid = None if _day_parts(document.published_edtf) else cite.published(document)
        published = [_latex(f"published {unsaid}")] if unsaid else []
        fields = [
            ("author", document.author and f"{{{_latex(document.author)}}}"),
            ("title", f"{{{_latex(document.title or document.key)}}}"),
            ("howpublished", document.publisher and _latex(document.publisher)),
            ("year", _part(document.published_edtf, 0)),
            ("month", _part(document.published_edtf, 1)),
            ("day", _part(document.published_edtf, 2)),
            (
                "url",
                document.url
                and _is_link(document.url)
                and _address(document.url).replace("{", "%7B").replace("}", "%7D"),
            ),
            ("urldate", _accessed(document)),
            ("language", document.language and _latex(document.language)),
            ("note", "; ".join([*published, *filter(None, [_latex(_note(document, quotes))])])),
        ]
        body = "".join(f",\n  {name} = {{{value}}}" for name, value in fields if value)
        entries.append(f"@misc{{{_citekey(document.key)}{body}\n}}")
    return "\n\n".join(entries)


def _citekey(key: str) -> str:
    """The document's key; where that has other signs than BibTeX takes, without them and with a digest of all of it."""
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9:.-]+", "-", plain).strip("-") or "document"
    # Two keys may be alike once only letters and digits are left, whatever else is cited with them.
    return (
        plain if plain == key else f"{plain}-{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"
    )


def _part(edtf: str | None, at: int) -> str | None:
    found = _day_parts(edtf)
    return str(found[at]) if len(found) > at else None


def _day_parts(edtf: str | None) -> list[int]:
    """[year, month, day] as far as an EDTF date gives them exactly; nothing of an interval, a set or a guess."""
    found = re.fullmatch(
        r"(?!0000)(\d{4})(?:-(0[1-9]|1[0-2])(?:-([0-2]\d|3[01]))?)?(?:T[\d:]+(?:Z|[+-][\d:]+)?)?", edtf or ""
    )
    return [int(part) for part in found.groups() if part is not None] if found else []


def _accessed(document: Document) -> str | None:
    found = re.match(r"\d{4}-\d{2}-\d{2}", document.accessed_at or "")
    return found[0] if found else None


def _note(document: Document, quotes: tuple[Quote, ...]) -> str:
    """What a reference has no field for: the archived copy, an address that is no link, the hash, the quotes."""
    archived = [f"archived at {document.archive_url}"] if document.archive_url else []
    said = [f"“{quote.exact}” ({', '.join(filter(None, [cite.chain_words(quote), _at(quote)]))})" for quote in quotes]
    if document.url and not _is_link(document.url):
        archived.insert(0, f"address {document.url}")
    return "; ".join([*archived, *_digest(document), *said])


def _at(quote: Quote) -> str:
    return "position unknown" if quote.start is None else f"characters {quote.start}–{quote.end}"


# -- CSL-JSON -------------------------------------------------------------------------------------------------------


def _csl(what: Cited) -> str:
    """A JSON array with one item a document, as citeproc and Zotero read it (CSL 1.0.2)."""
    items = ",\n".join(json_line(_csl_item(document, quotes)) for document, quotes in what.sources)
    return f"[\n{items}\n]" if items else "[]"


def _csl_item(document: Document, quotes: tuple[Quote, ...]) -> dict[str, object]:
    parts = _day_parts(document.published_edtf)
    words = cite.published(document)
    accessed = _day_parts(_accessed(document))
    url = document.url if document.url and _is_link(document.url) else None
    item = {
        "id": document.key,
        "type": "webpage" if url else "document",
        "title": document.title or None,
        "author": [{"literal": document.author}] if document.author else None,
        "publisher": document.publisher,
        "issued": {"date-parts": [parts]} if parts else {"literal": words} if words else None,
        "accessed": {"date-parts": [accessed]} if accessed else None,
        "URL": url,
        "archive_location": document.archive_url,
        "language": document.language,
        "note": _note(document, quotes) or None,
    }
    return {name: value for name, value in item.items() if value is not None}


STYLES: dict[str, Callable[[Cited], str]] = {
    "footnote": _footnote, "markdown": _markdown, "bibtex": _bibtex, "csl-json": _csl,
}  # fmt: skip
"""Style → what writes it, the plain footnote first."""


def write_file(path: Path, text: str) -> None:
    """Write a citation to a new file as UTF-8; raises UsageError when there is one already, or it cannot be made."""
    whole_file.write_new(path, text + "\n")

"""Citations: a quote or a document as a footnote that a researcher can paste."""

from __future__ import annotations

from db import dates
from db.model import Document, Quote


def document(source: Document) -> str:
    """Author, title, publisher, date and address of a document, as far as they are known."""
    title = f"“{source.title}”" if source.title and not source.title.startswith("[") else source.title
    parts = [source.author, title or source.key, source.publisher, published(source)]
    parts += [source.url, f"archived at {source.archive_url}" if source.archive_url else None]
    return ", ".join(part for part in parts if part)


def footnote(quote: Quote, source: Document) -> str:
    """The quote with its chain of speakers and its exact place, so that anyone can check it.

    Positions are in Unicode code points of the document's text, whose SHA-256 is given by its first 12 digits.
    """
    chain = chain_words(quote)
    place = None if quote.start is None else f"characters {quote.start}–{quote.end}"
    digest = f"SHA-256 {source.text_sha256[:12]}" if source.text_sha256 else None
    where = ", ".join(part for part in (document(source), place, digest) if part)
    return f"{chain}: “{quote.exact}” {where}." if chain else f"“{quote.exact}” {where}."


def chain_words(quote: Quote) -> str:
    """The chain of a quote from its root to whom the document quotes: "Sabereen News, by way of Press TV"."""
    names = [speaker.name for speaker in reversed(quote.chain)]
    return ", by way of ".join(names)


def published(source: Document) -> str | None:
    """The document's own date in words; None where it has none."""
    return None if source.published_edtf is None else dates.words_or_text(source.published_edtf)

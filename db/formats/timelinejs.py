"""TimelineJS (Knight Lab) JSON: slides with dates, texts in HTML and media; eras and the title slide are context.

Members: TimelineJS, "JSON data format".  What becomes of each is told in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from db.formats.head import Head
from db.formats.headline import headline, plain
from db.formats.json_parts import Object, Part, check, mark, parts
from db.formats.record import (
    DocumentRecord,
    Format,
    FormatError,
    Note,
    Options,
    QuoteRecord,
    Record,
    Reject,
    RowError,
)
from db.formats.source import Source
from db.formats.table import whole

WHAT = "TimelineJS JSON"

_UNITS = (("month", 1, 12), ("day", 1, 31), ("hour", 0, 23), ("minute", 0, 59), ("second", 0, 59))
"""Parts of a date below the year, each with its least and greatest value."""

_KINDS = {"events": "event", "eras": "era", "title": "title slide"}


def read(source: Source, options: Options, note: Note) -> Iterator[Record | Reject]:
    """Yield the slides and eras of a timeline in its order."""
    source.unit = "event"
    known = False
    left: list[str] = []
    for part in parts(source, ("events", "eras"), WHAT):
        if part.name not in _KINDS:
            left.append(part.name)
            continue
        if not part.number and part.name != "title":
            raise FormatError(f"{source.name} is not {WHAT}: its {part.name} are no array; nothing was imported")
        known = known or part.name == "events"
        if part.name == "title" and part.value is None:
            continue
        try:
            yield _slide(part)
        except RowError as error:
            where = "" if part.name == "events" else f"{_KINDS[part.name]}: "
            yield Reject(part.number, f"{where}{error}", part.text)
    if not known:
        raise FormatError(f"{source.name} is not {WHAT}, or has no events; nothing was imported")
    if left:
        note(f"what the timeline has beside its slides was left out: {', '.join(sorted(left)[:6])}")


def _slide(part: Part) -> Record:
    value = part.value
    if not isinstance(value, dict):
        raise RowError("is no object")
    check(value, part.text)
    words, media = _object(value, "text"), _object(value, "media")
    head, body = _words(words, "headline"), _words(words, "text")
    caption = _words(media, "caption")
    title, summary = (head, body or None) if head else headline(body or caption)
    if not title:
        raise RowError("has no headline and no text")
    marks = mark([part.name, value])
    is_title = part.name == "title"
    identity, group = value.get("unique_id"), value.get("group")
    used = {"text"} if not _markup(words) else set()
    used |= {"unique_id"} if isinstance(identity, str | int) else set()
    used |= {"group"} if isinstance(group, str | int) and _is_plain(str(group)) else set()
    quotes = _quotes(media, caption)
    return Record(
        origin_id=str(identity) if isinstance(identity, str | int) and identity != "" else _own_id(part.name, marks),
        title=" ".join(title.split()),
        line=part.number,
        digest=marks,
        kind="incident" if part.name == "events" else "context",
        summary=summary,
        event_type=(plain(str(group)) or None) if isinstance(group, str | int) else None,
        date_edtf=None if is_title and value.get("start_date") is None else _dates(value),
        quotes=quotes,
        extra={name: found for name, found in value.items() if name not in used},
        raw=part.text,
    )


def _own_id(name: str, marks: str) -> str:
    return "title" if name == "title" else f"{_KINDS[name]}-{marks}"


def _dates(slide: Mapping[str, object]) -> str:
    """EDTF of start_date, or of the interval up to end_date."""
    first = _date(_object(slide, "start_date"), "start_date")
    if first is None:
        raise RowError("has no start_date")
    last = _date(_object(slide, "end_date"), "end_date")
    return first if last is None or last == first else f"{first}/{last}"


def _date(date: Object, name: str) -> str | None:
    """EDTF of a date object; what stands below a part that is missing says nothing.

    Years before the common era are negative (-44 is 44 BCE), where EDTF and ISO 8601 have a year 0.
    """
    if not date:
        return None
    year = _whole(date.get("year"), f"{name}.year")
    if year is None:
        raise RowError(f"{name} has no year")
    if year < 0:
        year += 1
    text = f"{'-' if year < 0 else ''}{abs(year):04d}" if abs(year) <= 9999 else f"Y{year}"
    for (unit, least, most), before in zip(_UNITS, ("-", "-", "T", ":", ":"), strict=True):
        number = _whole(date.get(unit), f"{name}.{unit}")
        if number is None:
            break
        if not least <= number <= most:
            raise RowError(f"{name}.{unit} is {number}, not {least} to {most}")
        if abs(year) > 9999:
            raise RowError(f"{name} has a {unit} in the year {year}")
        text += f"{before}{number:02d}"
    return text


def _whole(value: object, name: str) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"{name} is no number")
    return whole(str(value).strip(), name, least=None)


def _quotes(media: Object, caption: str) -> tuple[QuoteRecord, ...]:
    """The medium as a document whose known words are its caption; without an address or a caption there is none."""
    url = media.get("url")
    if not caption or not isinstance(url, str) or not url.strip().lower().startswith(("http://", "https://")):
        return ()
    credit = _words(media, "credit") or None
    return (QuoteRecord(DocumentRecord(caption, credit, url=url.strip()), caption),)


def _object(value: Mapping[str, object], name: str) -> Object:
    found = value.get(name)
    if found is None or found == "":
        return {}
    if not isinstance(found, dict):
        raise RowError(f"{name} is no object")
    return found


def _words(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return plain(found) if isinstance(found, str) else ""


def _markup(words: Mapping[str, object]) -> bool:
    """Whether a slide's text has more than its plain words, so that it is kept as it is."""
    return any(
        name not in ("headline", "text") or (isinstance(found, str) and not _is_plain(found))
        for name, found in words.items()
    )


def _is_plain(text: str) -> bool:
    return plain(text) == text.strip()


def _knows(head: Head) -> bool:
    return head.shape == "json" and "events" in head.members and ("start_date" in head.names or "text" in head.names)


FORMAT = Format("timelinejs", "JSON of TimelineJS", None, read, sparse=True, knows=_knows)

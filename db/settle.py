"""Fill the date columns that follow from `date_edtf`, clipped to the day the reporting document appeared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db import dates
from db.errors import DateError, UsageError

SETTLE = "settle dates"
"""What the log calls it, and what stands for a table in its entry where it names no rows."""

SETTLED_EACH = 5_000
"""Of more incidents than this the log has the number alone: each row before and after would take longer to write than
to work out, and half a kilobyte twice, for what follows from other columns."""

_UNSETTLED = "date_edtf IS NOT NULL AND date_prec IS NULL"

_FILL = "UPDATE incident SET date_earliest = ?, date_latest = ?, date_prec = ? WHERE id = ?"


def unsettled(connection: sqlite3.Connection) -> int:
    """Number of incidents whose interval is not filled in yet."""
    return int(connection.execute(f"SELECT count(*) FROM incident WHERE {_UNSETTLED}").fetchone()[0])


def settle(connection: sqlite3.Connection, *, strict: bool = True) -> int:
    """Fill date_earliest, date_latest and date_prec where they are missing; returns how many incidents.

    Runs inside the caller's transaction.  Raises UsageError naming the incident or document whose date
    EDTF does not know, and the caller rolls back; not `strict`, it leaves those for `verify` to name.
    """
    rows = connection.execute(f"SELECT id, key, date_edtf FROM incident WHERE {_UNSETTLED}").fetchall()
    settled = 0
    for incident_id, key, edtf in rows:
        try:
            dating = interval(connection, incident_id, key, edtf)
        except UsageError:
            if strict:
                raise
            continue
        settled += 1
        connection.execute(_FILL, (*_columns(dating), incident_id))
    return settled


def settle_again(connection: sqlite3.Connection, incident_ids: Iterable[int]) -> None:
    """Fill the three columns of these incidents anew where they do not follow from what stands now.

    Runs inside the caller's transaction.  A date that EDTF does not know leaves them as they are, for `verify` to name.
    """
    for incident_id in sorted(incident_ids):
        found = connection.execute(
            "SELECT key, date_edtf, date_earliest, date_latest, date_prec FROM incident"
            " WHERE id = ? AND date_edtf IS NOT NULL",
            (incident_id,),
        ).fetchone()
        if found is None:
            continue
        try:
            columns = _columns(interval(connection, incident_id, *found[:2]))
        except UsageError:
            continue
        if columns != found[2:]:
            connection.execute(_FILL, (*columns, incident_id))


def _columns(dating: dates.Dating) -> tuple[str | None, str | None, int]:
    """date_earliest, date_latest and date_prec."""
    first, last = (None if day is None else dates.iso(day) for day in (dating.earliest, dating.latest))
    return first, last, dating.precision


def interval(connection: sqlite3.Connection, incident_id: int, key: str, edtf: str) -> dates.Dating:
    """The dating of one incident, clipped; raises UsageError naming what EDTF does not know."""
    try:
        dating = dates.parse(edtf)
    except DateError as error:
        raise UsageError(f"incident {key!r}: date_edtf {edtf!r}: {error}") from error
    return dates.clip(dating, publication_day(connection, incident_id))


def publication_day(connection: sqlite3.Connection, incident_id: int) -> dates.Day | None:
    """The last day on which the earliest document that reports the incident can have appeared; None when unknown."""
    days = []
    for key, edtf in connection.execute(
        "SELECT DISTINCT d.key, d.published_edtf FROM quote AS q JOIN document AS d ON d.id = q.document_id"
        " WHERE q.incident_id = ? AND d.published_edtf IS NOT NULL",
        (incident_id,),
    ):
        try:
            latest = dates.parse(edtf).latest
        except DateError as error:
            raise UsageError(f"document {key!r}: published_edtf {edtf!r}: {error}") from error
        if latest is not None:
            days.append(latest)
    return min(days, default=None)

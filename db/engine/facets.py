"""Where each facet's values come from: SQL that gives (incident id, value), and the forms a value may be asked by."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate

from db.disputes import disputed_incidents
from db.fields import fold
from db.query import Value
from db.read import VOICE

# No chain of part_of is followed further than 20 steps (as in db.read): a hand-made one may have thousands.
_PLACES = """
    WITH RECURSIVE up (place_id, id, depth) AS (
        SELECT id, id, 0 FROM place UNION
        SELECT up.place_id, p.part_of, depth + 1 FROM up JOIN place AS p ON p.id = up.id
        WHERE p.part_of IS NOT NULL AND depth < 20)
    SELECT DISTINCT i.id, p.name FROM incident AS i JOIN up ON up.place_id = i.place_id
    JOIN place AS p ON p.id = up.id"""
_SYSTEMS = """
    WITH RECURSIVE up (system_id, id, depth) AS (
        SELECT id, id, 0 FROM system UNION
        SELECT up.system_id, s.part_of, depth + 1 FROM up JOIN system AS s ON s.id = up.id
        WHERE s.part_of IS NOT NULL AND depth < 20)
    SELECT DISTINCT x.incident_id, s.name FROM incident_system AS x JOIN up ON up.system_id = x.system_id
    JOIN system AS s ON s.id = up.id"""
_ACTORS = "SELECT DISTINCT x.incident_id, a.name FROM incident_actor AS x JOIN actor AS a ON a.id = x.actor_id"
_DOCUMENTS = "SELECT DISTINCT q.incident_id, {} FROM quote AS q JOIN document AS d ON d.id = q.document_id"
_SPEAKERS = f"""
    SELECT q.incident_id, a.name FROM quote AS q JOIN attribution AS x ON x.quote_id = q.id
    JOIN actor AS a ON a.id = x.actor_id
    UNION
    SELECT q.incident_id, {VOICE}
    FROM quote AS q JOIN document AS d ON d.id = q.document_id
    WHERE NOT EXISTS (SELECT 1 FROM attribution AS x WHERE x.quote_id = q.id)"""

VALUES: dict[str, str] = {
    "type": "SELECT id, event_type FROM incident",
    "country": "SELECT i.id, c.name FROM incident AS i JOIN place AS p ON p.id = i.place_id"
    " JOIN country AS c ON c.code = p.country_code",
    "place": _PLACES,
    "actor": _ACTORS,
    "attacker": _ACTORS + " WHERE x.role = 'attacker'",
    "target": _ACTORS + " WHERE x.role = 'target'",
    "claimant": _ACTORS + " WHERE x.role = 'claimant'",
    "weapon": _SYSTEMS + " WHERE x.role IN ('munition', 'platform')",
    "system": _SYSTEMS,
    "outcome": "SELECT DISTINCT incident_id, outcome FROM incident_system",
    "speaker": _SPEAKERS,
    "document": _DOCUMENTS.format("coalesce(nullif(d.title, ''), d.key)"),
    "publisher": _DOCUMENTS.format("nullif(d.publisher, '')"),
    "reliability": _DOCUMENTS.format("d.reliability"),
    "credibility": "SELECT id, CAST(credibility AS TEXT) FROM incident",
    "grade": "SELECT id, grade FROM incident",
    "status": "SELECT id, status FROM incident",
    "kind": "SELECT id, kind FROM incident",
    "tag": "SELECT x.incident_id, t.name FROM incident_tag AS x JOIN tag AS t ON t.id = x.tag_id",
}
"""Facet → SQL of (incident id, value or NULL); "disputed" is worked out from the claims instead."""

_ACTOR_FORMS = (
    "SELECT name, key FROM actor UNION"
    " SELECT a.name, l.alias FROM actor AS a JOIN actor_alias AS l ON l.actor_id = a.id"
)
_SYSTEM_FORMS = "SELECT name, key FROM system"
FORMS: dict[str, str] = {
    "country": "SELECT name, code FROM country",
    "place": "SELECT name, key FROM place",
    **dict.fromkeys(("actor", "attacker", "target", "claimant", "speaker"), _ACTOR_FORMS),
    **dict.fromkeys(("weapon", "system"), _SYSTEM_FORMS),
    "document": "SELECT coalesce(nullif(title, ''), key), key FROM document",
}
"""Facet → SQL of (value, another form it may be asked by): keys, codes, aliases."""

COUNTS: dict[str, str] = {
    "killed": "SELECT id, coalesce(killed_best, killed_low), coalesce(killed_best, killed_high) FROM incident"
    " WHERE coalesce(killed_low, killed_best, killed_high) IS NOT NULL",
    "injured": "SELECT id, coalesce(injured_best, injured_low), coalesce(injured_best, injured_high) FROM incident"
    " WHERE coalesce(injured_low, injured_best, injured_high) IS NOT NULL",
    "quotes": "SELECT incident_id, count(*), count(*) FROM quote GROUP BY 1",
}
"""Number field → SQL of (incident id, low, high): the best estimate where there is one, else the bounds."""

FLAGS: dict[str, str] = {
    "starred": "SELECT incident_id FROM star",
    "unverified": "SELECT DISTINCT q.incident_id FROM quote AS q JOIN document AS d ON d.id = q.document_id"
    " WHERE d.text IS NULL",
    "undated": "SELECT id FROM incident WHERE date_edtf IS NULL",
    "tagged": "SELECT DISTINCT incident_id FROM incident_tag",
    "noted": "SELECT DISTINCT incident_id FROM note",
}
"""Flag → SQL of the incident ids that have it; "disputed" and "single-source" follow from other columns.

"unverified" has those too with a quote that its document's text does not have in its place (`db.verified`).
"""


def facet_values(connection: sqlite3.Connection, facet: str) -> Iterator[tuple[int, str]]:
    """Yield (incident id, value) for one facet, NULLs left out."""
    if facet == "disputed":
        for incident_id, fields in disputed_incidents(connection).items():
            for name in fields:
                yield incident_id, name
        return
    for incident_id, value in connection.execute(VALUES[facet]):
        if value is not None:
            yield incident_id, value


def heads_of(values: Iterable[str], counted: Iterable[str]) -> dict[str, str]:
    """Value → the spelling of it that is `counted` most often, then first by name; only where there are several."""
    alike: dict[str, list[str]] = defaultdict(list)
    for value in values:
        alike[fold(value)].append(value)
    groups = [group for group in alike.values() if len(group) > 1]
    if not groups:
        return {}
    often = Counter(counted)
    return {value: min(group, key=lambda v: (-often[v], v)) for group in groups for value in group}


class Vocabulary:
    """The values of one facet and the folded forms each may be asked by."""

    def __init__(self, connection: sqlite3.Connection, facet: str, values: Iterable[str]) -> None:
        known = set(values)
        self._meant: dict[str, str] = {}
        self._also: dict[str, set[str]] = defaultdict(set)
        """What a form means beside its first value; most forms mean one value only, and there can be very many."""
        self._forms: list[str] | None = None
        self._all: _Joined | None = None
        for value in known:
            self._add(fold(value), value)
        if facet in FORMS:
            for value, form in connection.execute(FORMS[facet]):
                if value in known:
                    self._add(fold(form), value)

    def _add(self, form: str, value: str) -> None:
        if self._meant.setdefault(form, value) != value:
            self._also[form].add(value)

    def match(self, asked: Value) -> set[str]:
        """The values that `asked` means: one of their forms equals it, or fits its `*`."""
        if not asked.wildcard:
            return self._values([fold(asked.text)])
        head, _, rest = asked.text.partition("*")
        if not rest:
            return self._values(self._beginning_with(fold_part(head)))
        parts = [fold_part(part) for part in asked.text.split("*")]
        return self._values([form for form in self._having(max(parts, key=len)) if _fits(form, parts)])

    def _having(self, part: str) -> Iterable[str]:
        """The forms that have a text in them, found in all of them at once; all where it is hardly one."""
        if len(part) < 2:
            return self._meant
        if self._all is None:
            self._all = _Joined(list(self._meant))
        return self._all.having(part)

    def _values(self, forms: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for form in forms:
            if form in self._meant:
                found.add(self._meant[form])
                found |= self._also.get(form, set())
        return found

    def _beginning_with(self, head: str) -> list[str]:
        """The forms that begin with `head`: what is being typed, so it must be quick among very many."""
        if self._forms is None:
            self._forms = sorted(self._meant)
        begin = bisect_left(self._forms, head)
        end = bisect_left(self._forms, True, begin, key=lambda form: not form.startswith(head))
        return self._forms[begin:end]


class _Joined:
    """Texts as one, in which a search for thousands of patterns does not ask each of them."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._whole = "\n".join(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))

    def having(self, part: str) -> Iterator[str]:
        """Those that have a text in them, and perhaps one behind whose end it goes on."""
        at = self._whole.find(part)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            yield self._texts[number]
            at = self._whole.find(part, self._starts[number + 1])


def _fits(form: str, parts: list[str]) -> bool:
    """Whether a form has the parts in turn, the first at its start and the last at its end; linear in its length."""
    first, *middle, last = parts
    if len(form) < len(first) + len(last) or not form.startswith(first) or not form.endswith(last):
        return False
    at, end = len(first), len(form) - len(last)
    for part in middle:
        found = form.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def fold_part(part: str) -> str:
    """`fold` for a piece between wildcards, whose outer separators still count."""
    if not part:
        return ""
    if not (body := fold(part)):
        return "-"  # separators alone, however many, are one between two words
    head = "-" if part[0] in " -_" else ""
    tail = "-" if part[-1] in " -_" and len(part) > 1 else ""
    return f"{head}{body}{tail}"

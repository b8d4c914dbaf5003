"""Writes queries by chance over the whole language, each with what it means.

Text and meaning come from one choice, so the program's parser is on trial too: it is not what gives the meaning.
"""

from __future__ import annotations

import calendar
import random
import re
from datetime import date, timedelta

from tests.support.meaning import (
    Amount,
    Civil,
    During,
    Every,
    Facet,
    Flag,
    NearPlace,
    NearPoint,
    Neg,
    Some,
    Sure,
    Term,
    Text,
    distance_km,
    same,
)
from tests.support.slow_reference import FACETS, FLAGS, Record, Reference

Written = tuple[str, Term]
"""A text and its meaning."""

_BARE = re.compile(r"[^\W_][\w-]*")
_WORD = re.compile(r"[^\W_]+")
_RESERVED = {"OR", "AND", "NOT"}


class QueryWriter:
    """Writes queries about the records of one store; the same seed writes the same queries."""

    def __init__(self, reference: Reference, seed: int, never: frozenset[str] = frozenset()) -> None:
        self._chance = random.Random(seed)
        self._reference = reference
        self._never = frozenset(map(same, never))
        """Places that no term may mean, as `same` has them."""
        self._texts = [text for record in reference.records for text in _texts(record)]
        self._values = {
            field: sorted({value for record in reference.records for value in reference.values(field, record)})
            for field in FACETS
        }
        self._days = sorted(
            {
                day[:10]
                for record in reference.records
                for day in (record["date_earliest"], record["date_latest"])
                if day and re.match(r"[12]\d{3}-", day)
            }
        )

    def query(self) -> Written:
        """One query: a row of terms, now and then with certain:, or rows with OR between them."""
        if self._one_in(6):
            rows = [self._row(self._chance.randint(1, 2), 2) for _ in range(self._chance.randint(2, 3))]
            return " OR ".join(text for text, _ in rows), Some(tuple(meaning for _, meaning in rows))
        text, meaning = self._row(self._chance.choice([1, 1, 1, 2, 2, 3]), 2)
        if not self._one_in(5):
            return text, meaning
        fields = self._chance.choice([("date",), ("date",), ("place",), ("date", "place"), ("place", "date")])
        parts = [(text, meaning), (f"certain:{','.join(fields)}", Sure(fields))]
        if not isinstance(meaning, Some) and self._one_in(2):
            parts.reverse()
        terms = tuple(t for _, m in parts for t in (m.terms if isinstance(m, Every) and m is meaning else (m,)))
        text = " ".join(part for part, _ in parts)
        return (f"({text})", Every((Every(terms),))) if self._one_in(5) else (text, Every(terms))

    def _row(self, length: int, depth: int) -> Written:
        terms = [self._term(depth) for _ in range(length)]
        blank = self._chance.choice([" ", " ", "  ", "\t"])
        text = blank.join(text for text, _ in terms)
        return text, terms[0][1] if length == 1 else Every(tuple(meaning for _, meaning in terms))

    def _term(self, depth: int) -> Written:
        if depth and self._one_in(8):
            text, meaning = self._group(depth - 1)
        else:
            text, meaning = self._chance.choice(
                [self._words, self._words, self._facet, self._facet, self._facet, self._facet, self._amount,
                 self._during, self._during, self._during, self._flag, self._near, self._near]
            )()  # fmt: skip
        if self._one_in(5):
            return f"-{text}", Neg(meaning)
        return text, meaning

    def _group(self, depth: int) -> Written:
        """Terms in parentheses; a single one means what it means without."""
        if self._one_in(4):
            text, meaning = self._term(depth)
            return f"({text})", meaning
        rows = [self._row(self._chance.randint(1, 2), depth) for _ in range(self._chance.randint(2, 3))]
        if self._one_in(3):
            terms = tuple(t for _, m in rows for t in (m.terms if isinstance(m, Every) else (m,)))
            return f"({' '.join(text for text, _ in rows)})", Every((Every(terms),))
        return f"({' OR '.join(text for text, _ in rows)})", Some(tuple(meaning for _, meaning in rows))

    # -- terms --------------------------------------------------------------------------------------------------

    def _words(self) -> Written:
        """A word, phrase or beginning of one; mostly out of the records, in any case."""
        if self._one_in(12):
            word = self._chance.choice(["zeppelin", "02:30", "nobody-said-this", "é", "2021"])
            return word, Text(word)
        text = self._chance.choice(self._texts)
        found = list(_WORD.finditer(text))
        if not found:
            return "drone", Text("drone")
        first = self._chance.randrange(len(found))
        last = min(first + self._chance.choice([0, 0, 0, 1, 2, 4]), len(found) - 1)
        part = text[found[first].start() : found[last].end()]
        prefix = self._one_in(4)
        if prefix:
            part = part[: len(part) - self._chance.randint(0, max(0, len(found[last][0]) - 2))]
        part = self._chance.choice([part, part, part.lower(), part.swapcase()])
        bare = re.fullmatch(r"[^\W_][^\s()*:\"“”„]*", part)
        if bare and part not in _RESERVED and not self._one_in(4):
            return part + "*" * prefix, Text(part, prefix)
        return self._quoted(part) + "*" * prefix, Text(part, prefix)

    def _facet(self) -> Written:
        field = self._chance.choice([name for name in FACETS if self._values[name] or self._one_in(10)])
        asked = [self._value(field) for _ in range(self._chance.choice([1, 1, 1, 2, 3]))]
        if field == "place":
            meant = Facet(field, tuple(value for _, value in asked))
            if any(self._reference.means(field, *value, never) for value in meant.asked for never in self._banned()):
                return self._facet()
        name = field.upper() if self._one_in(12) else field
        return f"{name}:{','.join(text for text, _ in asked)}", Facet(field, tuple(value for _, value in asked))

    def _banned(self) -> list[str]:
        return [p.name for p in self._reference.names.places.values() if same(p.name) in self._never]

    def _value(self, field: str) -> tuple[str, tuple[str, bool]]:
        """A value's text, and (what it says, whether its * are wildcards)."""
        if self._one_in(15) or not self._values[field]:
            return "nothing-of-the-kind", ("nothing-of-the-kind", False)
        value = self._chance.choice(self._values[field])
        forms = [value, value, *self._reference.names.forms.get(field, {}).get(value, ())]
        form = self._chance.choice(forms)
        form = self._chance.choice([form, form, form.upper(), form.casefold()])
        if self._one_in(6) and (pieces := _WORD.findall(form)):
            piece = self._chance.choice(pieces)
            text = self._chance.choice([f"*{piece}*", f"{piece}*", f"*{piece}", f"{piece[:2]}*{piece[-1:]}*", "*"])
            return text, (text, True)
        if self._one_in(4):
            form = self._chance.choice([form.replace(" ", "-"), form.replace("-", "_"), form.replace(" ", "_")])
        if not same(form):
            return "nothing", ("nothing", False)
        if _BARE.fullmatch(form) and not self._one_in(5):
            return form, (form, False)
        return self._quoted(form), (form, False)

    def _quoted(self, text: str) -> str:
        if self._one_in(4) and not any(mark in text for mark in "“”„\\"):
            return f"“{text}”"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _amount(self) -> Written:
        field = self._chance.choice(["killed", "killed", "injured", "quotes", "roots"])
        parts = [self._count(field) for _ in range(self._chance.choice([1, 1, 1, 2]))]
        text = f"{field}:{','.join(text for text, _ in parts)}"
        return text, parts[0][1] if len(parts) == 1 else Some(tuple(meaning for _, meaning in parts))

    def _count(self, field: str) -> Written:
        low = self._chance.choice([0, 0, 1, 1, 2, 3, 4, 5, 7, 12, 200])
        high = low + self._chance.choice([0, 1, 2, 5, 30])
        amounts = {
            f"{low}": (low, low), f"={low}": (low, low), f">{low}": (low + 1, None), f">={low}": (low, None),
            f"<{low + 1}": (None, low), f"<={low}": (None, low), f"{low}..{high}": (low, high),
            f"{low}..": (low, None), f"..{high}": (None, high),
        }  # fmt: skip
        if self._one_in(6):
            return "unknown", Amount(field, unknown=True)
        text = self._chance.choice(list(amounts))
        return text, Amount(field, *amounts[text])

    def _flag(self) -> Written:
        names = self._chance.sample(list(FLAGS), self._chance.choice([1, 1, 1, 2]))
        flags: tuple[Term, ...] = tuple(Flag(name) for name in names)
        return f"is:{','.join(names)}", flags[0] if len(flags) == 1 else Some(flags)

    def _near(self) -> Written:
        places = [p for p in self._reference.names.places.values() if p.point is not None]
        place = self._chance.choice(places)
        km = self._chance.choice([0.4, 1, 1.5, 5, 25, 26, 50, 80, 150, 300, 400, 700, 1200, 2500, 9000, 20000])
        distance, km = self._chance.choice(
            [(f"{km:g}km", km), (f"{km * 1000:.0f}m", km), (f"{min(km, 9000):g}mi", min(km, 9000) * 1.609344)]
        )
        assert place.point is not None
        if self._one_in(3):  # a little inside or outside of where another place begins or ends to be near
            other = self._chance.choice(places)
            assert other.point is not None
            edge = distance_km(place.point, other.point) + self._chance.choice([-1, 1]) * other.slack_km
            km = round(edge + self._chance.choice([-0.05, 0.05]), 3)
            km = km if 0.001 <= km <= 20000 else 1.0
            distance = f"{km}km"
        if self._one_in(3):
            latitude = round(min(90.0, max(-90.0, place.point[0] + self._chance.uniform(-2, 2))), 4)
            longitude = round(min(180.0, max(-180.0, place.point[1] + self._chance.uniform(-2, 2))), 4)
            return f"near:{latitude},{longitude}/{distance}", NearPoint(latitude, longitude, km)
        name = self._chance.choice([place.name, place.key, place.name.upper()])
        if _BARE.fullmatch(name) and not self._one_in(3):
            return f"near:{name}/{distance}", NearPlace(name, km)
        return f"near:{self._quoted(name)}/{distance}", NearPlace(name, km)

    # -- dates --------------------------------------------------------------------------------------------------

    def _during(self) -> Written:
        kind = self._chance.choice(["date", "date", "date", "dates", "after", "before", "range", "range", "open"])
        text, first, last = self._edtf()
        if kind == "after":
            return f"after:{text}", During(first, None, "after")
        if kind == "before":
            return f"before:{text}", During(None, last, "before")
        if kind == "dates":
            other, begins, ends = self._edtf()
            return f"date:{text},{other}", Some((During(first, last), During(begins, ends)))
        if kind == "open":
            if self._one_in(2):
                return f"date:{text}{self._chance.choice(['..', '/..'])}", During(first, None)
            return f"date:{self._chance.choice(['..', '../'])}{text}", During(None, last)
        if kind == "range":
            other, begins, ends = self._edtf()
            if begins > first:
                first_text, last_text, last = text, other, ends
            else:
                first_text, last_text, first = other, text, begins
            if first > last:
                return f"date:{text}", During(*self._bounds(text))
            dots = self._chance.choice(["..", "..", " .. "])
            joined = f"{first_text}{dots}{last_text}"
            return f"date:{self._quoted(joined) if ' ' in joined else joined}", During(first, last)
        return f"date:{self._quoted(text) if self._one_in(8) else text}", During(first, last)

    def _edtf(self) -> tuple[str, Civil, Civil]:
        """An EDTF date near those of the records, with its first and last day."""
        day = date.fromisoformat(self._chance.choice(self._days)) + timedelta(self._chance.choice([0, 0, 0, -1, 1, 9]))
        year, month = f"{day.year:04d}", f"{day.year:04d}-{day.month:02d}"
        text = self._chance.choice(
            [str(day), str(day), str(day), month, month, year, f"{day}~", f"{month}~", f"{year}~", f"{day}?",
             f"{year[:3]}X", f"{month}-XX", f"{year}-2{1 + day.month % 4}"]
        )  # fmt: skip
        first, last = self._bounds(text)
        return text, first, last

    @staticmethod
    def _bounds(text: str) -> tuple[Civil, Civil]:
        """First and last day; ~ reaches five days, a month or a year to each side, as db.dates documents it."""
        plain = text.rstrip("~?")
        reach = 1 if text.endswith("~") else 0
        parts = plain.split("-")
        if plain.endswith("X") and len(parts) == 1:
            return (int(plain[:3]) * 10, 1, 1), (int(plain[:3]) * 10 + 9, 12, 31)
        year = int(parts[0])
        if len(parts) == 1:
            return (year - reach, 1, 1), (year + reach, 12, 31)
        month = int(parts[1])
        if month > 12:  # seasons of the northern hemisphere by months: 21 spring begins in March, 24 winter in December
            begins = (year, 3 * (month - 20), 1)
            ends_year, ends_month = (year + 1, 2) if month == 24 else (year, begins[1] + 2)
            return begins, (ends_year, ends_month, calendar.monthrange(ends_year, ends_month)[1])
        if len(parts) == 2 or parts[2] == "XX":
            first_month, last_month = year * 12 + month - 1 - reach, year * 12 + month - 1 + reach
            ends_year, ends_month = last_month // 12, last_month % 12 + 1
            last = ends_year, ends_month, calendar.monthrange(ends_year, ends_month)[1]
            return (first_month // 12, first_month % 12 + 1, 1), last
        day = date(year, month, int(parts[2]))
        low, high = day - timedelta(5 * reach), day + timedelta(5 * reach)
        return (low.year, low.month, low.day), (high.year, high.month, high.day)

    def _one_in(self, n: int) -> bool:
        return self._chance.randrange(n) == 0


def _texts(record: Record) -> list[str]:
    found = [record["title"], record["summary"] or "", *(quote["exact"] for quote in record["quotes"])]
    return [text for text in found if _WORD.search(text)]

"""One filter of a query (a field, a colon, values) read into a node, or refused with its place and a remedy."""

from __future__ import annotations

import re
from dataclasses import replace

from db.dates import parse as parse_date
from db.errors import DateError
from db.fields import BY_NAME, FACET_NAMES, FLAG_NAMES, NUMBERS, fold
from db.nearest import nearest
from db.query_scan import Item, Token
from db.query_tree import AnyOf, Certain, Is, Near, Node, Number, Or, QueryError, Value, When, quoted, shown

NUMBER_NAMES = tuple(field.name for field in NUMBERS)
CERTAINTIES = ("date", "place")
"""What `certain:` can be asked of."""

FIELD_NAMES: tuple[str, ...] = (*BY_NAME, "is", "certain", "near")
"""Every word that may stand before a colon, in the order in which to offer them."""

METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344}
"""Units of a distance; the mile is the international one of 1959."""

_FARTHEST = 20_037_508.0
"""Half the Earth's equator (WGS 84) in metres: no two places are farther apart."""

_LARGEST = 10**15
_COMPARISON = re.compile(r"(>=|<=|>|<|=)?([0-9]+)")
_RANGE = re.compile(r"([0-9]*)\.\.([0-9]*)")
_POINT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?),([+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)")
_DISTANCE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)", re.IGNORECASE)
_RANGE_MARK = re.compile(r"[\[\]{}]|(?<!/)\.\.(?!/)")

_EXAMPLES = {
    "type": "type:drone-strike", "country": "country:IQ", "place": "place:erbil", "outcome": "outcome:intercepted",
    "actor": 'actor:"Kataib Hezbollah"', "reliability": "reliability:A,B", "credibility": "credibility:1,2",
    "grade": "grade:confirmed", "status": "status:reviewed", "kind": "kind:incident", "disputed": "disputed:date",
    "killed": "killed:>0", "injured": "injured:5..20", "quotes": "quotes:>=3", "roots": "roots:1",
    "date": "date:2021-04", "after": "after:2021-05-01", "before": "before:2021", "is": "is:disputed",
    "certain": "certain:date", "near": 'near:"Ain al-Asad"/50km',
}  # fmt: skip


def example(name: str) -> str:
    """A filter on the field `name` as a person might write it."""
    return _EXAMPLES.get(name, f'{name}:"some name"')


def read_filter(text: str, token: Token) -> Node:
    """The node of a filter token of `text`, spanning the whole token; raises QueryError."""
    name = token.name
    if name not in FIELD_NAMES:
        raise _unknown_field(text, token)
    if name == "near":
        return _near(text, token)
    for item in token.items:
        _check(name, token, item)
    if name in FACET_NAMES:
        values = tuple(_value(name, item) for item in token.items)
        return AnyOf(name, values, start=token.start, end=token.end)
    if name == "certain":
        fields = dict.fromkeys(_known(item, CERTAINTIES, "certain:") for item in token.items)
        return Certain(tuple(fields), start=token.start, end=token.end)
    if name in ("after", "before") and len(token.items) > 1:
        raise QueryError(f"{name}: takes one date", token.items[1].start, token.end)
    nodes = tuple(_one(name, item) for item in token.items)
    return (
        replace(nodes[0], start=token.start, end=token.end)
        if len(nodes) == 1
        else Or(nodes, start=token.start, end=token.end)
    )


def _one(name: str, item: Item) -> Is | Number | When:
    """The node of one value of a field whose values are read one by one, spanning that value."""
    if name == "is":
        return Is(_known(item, FLAG_NAMES, "is:"), start=item.start, end=item.end)
    node = _number(name, item) if name in NUMBER_NAMES else _when(name, item)
    return replace(node, start=item.start, end=item.end)


def _unknown_field(text: str, token: Token) -> QueryError:
    typed = shown(text[token.start : token.name_end])
    if text.startswith("://", token.name_end):
        address = text[token.start : token.end]
        return QueryError("a web address must stand in quotes", token.start, token.end, quoted(address))
    near = nearest(token.name, FIELD_NAMES)
    if near:
        return QueryError(f"no field {typed}, did you mean {near}?", token.start, token.name_end, near)
    message = f"no field {typed}; if it is text to search for, put it in quotes"
    return QueryError(message, token.start, token.name_end)


def _check(name: str, token: Token, item: Item) -> None:
    """Refuse what is wrong with a value of any field: not closed, followed by something, missing."""
    check_closed(item)
    if item.tail_end > item.end:
        raise QueryError("after the closing quote a blank or a comma is expected", item.end, item.tail_end)
    if item.text.strip():
        return
    if len(token.items) == 1:
        raise QueryError(f"{name}: needs a value, for example {example(name)}", token.start, item.end)
    raise QueryError(f"{name}: needs a value on both sides of a comma", item.start, item.end)


def check_closed(item: Item) -> None:
    """Refuse a quote without its partner."""
    if not item.closed:
        raise QueryError("this quote is not closed", item.start, item.start + 1)


def _value(name: str, item: Item) -> Value:
    if not item.quoted and item.text.startswith("-"):
        remedy = f"-{name}:{item.text[1:]}"
        raise QueryError(f"to exclude a value put the minus first: {shown(remedy)}", item.start, item.start + 1)
    if not fold(item.text):
        raise QueryError(f"{name}: has nothing to compare in this value", item.start, item.end)
    wildcard = not item.quoted and "*" in item.text
    return Value(item.text, item.quoted, wildcard, start=item.start, end=item.end)


def _known(item: Item, names: tuple[str, ...], prefix: str) -> str:
    """The one of `names` that a value is; `prefix` is the field, for the message."""
    by_fold = {fold(name): name for name in names}
    typed = fold(item.text)
    if typed in by_fold:
        return by_fold[typed]
    near = nearest(item.text, names)
    remedy = f"did you mean {prefix}{near}?" if near else f"there are {', '.join(names)}"
    raise QueryError(f"there is no {prefix}{shown(item.text)}, {remedy}", item.start, item.end, near)


def _number(name: str, item: Item) -> Number:
    """A count: 3, =3, >0, >=3, <5, <=5, 5..20, 5.., ..20 or unknown."""
    typed = item.text.strip()
    if typed.casefold() == "unknown":
        return Number(name, unknown=True)
    if compared := _COMPARISON.fullmatch(typed):
        sign, number = compared[1] or "=", _whole(compared[2], item)
        if sign == "<" and number == 0:
            raise QueryError(f"{name}: is never below 0", item.start, item.end)
        low = {"=": number, ">=": number, ">": number + 1}.get(sign)
        high = {"=": number, "<=": number, "<": number - 1}.get(sign)
        return Number(name, low, high)
    ends = _RANGE.fullmatch(typed)
    if ends is None or not (ends[1] or ends[2]):
        remedy = f"write {name}:3, {name}:>0, {name}:5..20 or {name}:unknown"
        raise QueryError(f"{name}: takes whole numbers, not {shown(typed)}; {remedy}", item.start, item.end)
    low, high = (_whole(end, item) if end else None for end in ends.groups())
    if low is not None and high is not None and low > high:
        raise _reversed(name, ends[1], ends[2], item)
    return Number(name, low, high)


def _whole(digits: str, item: Item) -> int:
    significant = digits.lstrip("0") or "0"
    if len(significant) >= len(str(_LARGEST)):
        raise QueryError("this number is larger than any count can be", item.start, item.end)
    return int(significant)


def _reversed(name: str, first: str, last: str, item: Item) -> QueryError:
    remedy = f"{last}..{first}"
    message = f"this range ends before it begins, did you mean {name}:{shown(remedy)}?"
    return QueryError(message, item.start, item.end, quoted(remedy) if item.quoted else remedy)


def _when(name: str, item: Item) -> When:
    """A date, or a range with two dots between dates; both ends are EDTF and inclusive."""
    typed = item.text.strip()
    if typed.casefold() in ("unknown", "none"):
        raise QueryError("incidents without a date are is:undated", item.start, item.end)
    parts = _split_range(typed)
    if name != "date" and len(parts) > 1:
        raise QueryError(f"{name}: takes one date; a range is date:{shown(typed)}", item.start, item.end)
    if not any(parts):
        raise QueryError(f"{name}: needs a date on one side of the dots", item.start, item.end)
    offset = item.inner + len(item.text) - len(item.text.lstrip())
    first, last = parts[0], parts[-1]
    begins = _day(name, first, offset, item)[0] if first else None
    ends = _day(name, last, offset + len(typed) - len(last), item)[1] if last else None
    if name == "after" or not last:
        ends = None
        _check_open(begins, name, first, "beginning", item)
    elif name == "before" or not first:
        begins = None
        _check_open(ends, name, last, "end", item)
    elif begins is None and ends is None:
        raise QueryError(f"{name}: {shown(typed)} is open on both sides, so it says nothing", item.start, item.end)
    if begins is not None and ends is not None and begins > ends:
        raise _reversed(name, first, last, item)
    return When(name, begins, ends, typed)


def _split_range(text: str) -> tuple[str, ...]:
    """The one date, or the two sides of dots that are neither inside EDTF's brackets nor an end of its intervals."""
    depth = 0
    for mark in _RANGE_MARK.finditer(text):
        if mark[0] != "..":
            depth += 1 if mark[0] in "[{" else -1
        elif not depth:
            return text[: mark.start()].strip(), text[mark.end() :].strip()
    return (text,)


def _day(name: str, text: str, offset: int, item: Item) -> tuple[int | None, int | None]:
    """First and last day of an EDTF date that stands at `offset` of the query."""
    try:
        dating = parse_date(text)
    except DateError as error:
        end = max(item.inner_end, item.start)
        position = min(offset + error.position, end)
        raise QueryError(
            f"{name}: {shown(str(error), 160)}", position, max(position, min(offset + len(text), end))
        ) from error
    return dating.earliest, dating.latest


def _check_open(day: int | None, name: str, text: str, side: str, item: Item) -> None:
    if day is None:
        raise QueryError(f"{name}: {shown(text)} has no {side}", item.start, item.end)


def _near(text: str, token: Token) -> Near:
    """A place or point, a slash and a distance; commas are part of a point, so the token's items do not matter."""
    first = token.items[0]
    check_closed(first)
    start = first.start
    place_end = first.end if first.quoted else text.rfind("/", start, token.end)
    if place_end == start or not first.text.strip():
        raise QueryError(f"near: needs a place and a distance, for example {example('near')}", token.start, token.end)
    if place_end < 0 or text[place_end : place_end + 1] != "/":
        raise QueryError(f"near: needs a slash and a distance, for example {example('near')}", token.end, token.end)
    metres = _metres(text[place_end + 1 : token.end], place_end + 1)
    if first.quoted:
        return _near_place(first.text, metres, start, place_end, token)
    typed = text[start:place_end]
    if point := _POINT.fullmatch(typed):
        latitude, longitude = float(point[1]), float(point[2])
        if not -90 <= latitude <= 90:
            raise QueryError("a latitude is from -90 to 90 degrees; it comes first", start, start + len(point[1]))
        if not -180 <= longitude <= 180:
            raise QueryError("a longitude is from -180 to 180 degrees", start + point.start(2), place_end)
        return Near(None, latitude, longitude, metres, start=token.start, end=token.end)
    if "," in typed:
        remedy = "put a place's name in quotes, or write latitude,longitude in degrees"
        raise QueryError(f"near: {shown(typed)} is not a point; {remedy}", start, place_end, quoted(typed))
    return _near_place(typed, metres, start, place_end, token)


def _near_place(name: str, metres: float, start: int, end: int, token: Token) -> Near:
    if not fold(name):
        raise QueryError("near: needs the name of a place", start, end)
    return Near(name, None, None, metres, start=token.start, end=token.end)


def _metres(typed: str, position: int) -> float:
    """The distance in metres that `typed`, at `position` of the query, gives."""
    end = position + len(typed)
    amount = _DISTANCE.fullmatch(typed)
    if amount is None or amount[2].lower() not in METRES:
        raise QueryError("a distance is a number and m, km or mi, for example 50km", position, end)
    metres = float(amount[1]) * METRES[amount[2].lower()]
    if not 1 <= metres <= _FARTHEST:
        raise QueryError("a distance is from 1m to half way round the Earth, 20037km", position, end)
    return metres

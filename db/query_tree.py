"""The query as a tree: its nodes, its canonical text, its full-text expression, and the error that points into a text.

Nodes compare by what they mean, so `start` and `end` (0-based code points into the text, end-exclusive, with any
minus sign and parentheses around the node) are left out of comparison.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from db.errors import DatelineError

Day = int
"""A day number as db.dates counts them: 0 is 1970-01-01."""

SPACE = r"\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""What separates terms, for a character class: white space, controls and the invisible marks that pasting brings."""

QUOTES = '"“”„'
NAME = re.compile(r"([^\W\d][\w-]*):")
"""A field's name with its colon: a word that begins like this is read as a filter."""

_BARE_WORD = re.compile(rf"[^{SPACE}()*{QUOTES}-][^{SPACE}()*{QUOTES}]*")
_BARE_VALUE = re.compile(r"[^\W-][\w-]*")
_BARE_DATE = re.compile(r"[0-9A-Za-z~?%/:+.\[\]{},-]+")
OPERATORS = ("OR", "AND", "NOT")


class QueryError(DatelineError):
    """A text is not a query; `position` and `end` mark the fault in it, 0-based code points, end-exclusive.

    `suggestion` is a text that could stand in place of the marked one, or None.
    """

    status = 2

    def __init__(self, message: str, position: int, end: int | None = None, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.end = max(position, position + 1 if end is None else end)
        self.suggestion = suggestion

    @property
    def length(self) -> int:
        """How many code points of the text are marked; 0 when something is missing there."""
        return self.end - self.position

    def caret(self, text: str, width: int = 78) -> str:
        """Two lines of at most `width` columns: `text` around the fault, and carets under it."""
        columns = [_columns(c) for c in text]
        start, end = min(self.position, len(text)), min(self.end, len(text))
        left = start
        used = 0
        while left and used + columns[left - 1] <= width // 2:
            left -= 1
            used += columns[left]
        right = start
        while right < len(text) and used + columns[right] <= width - 2:
            used += columns[right]
            right += 1
        lead = "…" if left else ""
        shown = "".join(_visible(c) for c in text[left:right]) + ("…" if right < len(text) else "")
        blank = " " * (len(lead) + sum(columns[left:start]))
        return f"{lead}{shown}\n{blank}{'^' * max(1, sum(columns[start : min(end, right)]))}"


def shown(text: str, limit: int = 40) -> str:
    """`text` as it may stand in a message: on one line, without controls, at most `limit` characters."""
    clean = "".join(map(_visible, text[: limit + 1]))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _columns(character: str) -> int:
    """Columns of a character on a terminal (Unicode TR 11): 2 wide, 0 for marks and what is not drawn, else 1."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _visible(character: str) -> str:
    """The character, or what is drawn in its place: no control or direction mark ever reaches a terminal."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category in ("Cc", "Zl", "Zp") else "\ufffd" if category == "Cs" else character


@dataclass(frozen=True, slots=True, kw_only=True)
class Spanned:
    """Anything that was read from a place in a text."""

    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Words(Spanned):
    """A word, or a phrase of several, as typed; with `prefix` the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Value(Spanned):
    """A value to compare by `db.fields.fold`; in a `wildcard` value (never a quoted one) each * is any text or none."""

    text: str
    quoted: bool = field(default=False, compare=False, repr=False)
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf(Spanned):
    """A facet has any of these values (one or more); `field` is a name of db.fields.FACETS."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Number(Spanned):
    """A count lies in low..high, both inclusive, None open; or, with `unknown`, nobody has given it."""

    field: str
    low: int | None = None
    high: int | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class When(Spanned):
    """The date lies in earliest..latest, both inclusive, at most one None (open); `text` is the EDTF as typed.

    `field` is date, after (latest is None) or before (earliest is None).
    """

    field: str
    earliest: Day | None
    latest: Day | None
    text: str


@dataclass(frozen=True, slots=True)
class Is(Spanned):
    """A flag of db.fields.FLAGS is set."""

    flag: str


@dataclass(frozen=True, slots=True)
class Certain(Spanned):
    """Possible matches do not count, for these of `date` and `place`; never negated or beside OR."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near(Spanned):
    """Within `metres` (great circle) of a named place, or of a point in WGS 84 degrees when `place` is None."""

    place: str | None
    latitude: float | None
    longitude: float | None
    metres: float


@dataclass(frozen=True, slots=True)
class Not(Spanned):
    """The node does not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class And(Spanned):
    """All nodes hold; two or more."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Spanned):
    """At least one node holds; two or more.  `is:a,b` and `date:A,B` are read as this too."""

    nodes: tuple[Node, ...]


Node = Words | AnyOf | Number | When | Is | Certain | Near | Not | And | Or


def loose(node: Node) -> bool:
    """Whether `node` was written as a bare row of terms: no parentheses around it, and no comma list."""
    return isinstance(node, And | Or) and node.start == node.nodes[0].start


@dataclass(frozen=True, slots=True)
class Query:
    """A text and what it means; `node` is None when it asks for everything."""

    node: Node | None
    text: str = field(default="", compare=False)
    certain: frozenset[str] = field(init=False, compare=False, repr=False)
    """What `certain:` is asked of; looked for once, as the engines ask at each of thousands of terms."""

    def __post_init__(self) -> None:
        found = _certainties(self.node) if self.node is not None else ()
        object.__setattr__(self, "certain", frozenset(name for node in found for name in node.fields))

    @property
    def terms(self) -> tuple[Node, ...]:
        """The terms that must all match, in the order of the text; a group in parentheses or with OR is one term."""
        if self.node is None:
            return ()
        return self.node.nodes if isinstance(self.node, And) and loose(self.node) else (self.node,)

    @property
    def words(self) -> tuple[Words, ...]:
        """The words and phrases that a match may contain (those not negated): what to highlight."""
        return tuple(_wanted(self.node, True)) if self.node is not None else ()

    @property
    def phrases(self) -> tuple[Words, ...]:
        """All words and phrases, negated or not."""
        return () if self.node is None else (*_wanted(self.node, True), *_wanted(self.node, False))

    @property
    def certain_date(self) -> bool:
        """Whether incidents that are only possibly in the range are left out."""
        return "date" in self.certain

    @property
    def certain_place(self) -> bool:
        """Whether incidents that are only possibly near the place are left out."""
        return "place" in self.certain

    def held(self) -> Query:
        """The same as one term, so that a facet counts only what matches: it leaves out no filter of its own."""
        return self if self.node is None else Query(And((self.node,), start=-1), self.text)

    def canonical(self) -> str:
        """The one text for this meaning: `parse` of it gives an equal node and the same text again."""
        return "" if self.node is None else _row(self.node)


def _certainties(node: Node) -> Iterator[Certain]:
    """Every `certain:` that holds for the whole of `node`."""
    if isinstance(node, Certain):
        yield node
    elif isinstance(node, And):
        for part in node.nodes:
            yield from _certainties(part)


def _wanted(node: Node, wanted: bool) -> Iterator[Words]:
    match node:
        case Words():
            if wanted:
                yield node
        case Not():
            yield from _wanted(node.node, not wanted)
        case And() | Or():
            for part in node.nodes:
                yield from _wanted(part, wanted)


def _row(node: Node) -> str:
    """Text of a node where a row of terms with or without OR may stand: at the top, and between parentheses."""
    if isinstance(node, Or) and _listed(node) is None:
        return " OR ".join(_row(part) if isinstance(part, And) else _term(part) for part in node.nodes)
    return " ".join(map(_term, node.nodes)) if isinstance(node, And) else _term(node)


def _term(node: Node) -> str:
    """Text of a node where one term must stand."""
    match node:
        case Words():
            word = " ".join(node.words)
            bare = _BARE_WORD.fullmatch(word) and word not in OPERATORS and not NAME.match(word)
            return (word if bare else quoted(word)) + "*" * node.prefix
        case AnyOf():
            return f"{node.field}:{','.join(value_text(value) for value in node.values)}"
        case Certain():
            return f"certain:{','.join(node.fields)}"
        case Near():
            return f"near:{_where(node)}/{_distance(node.metres)}"
        case Not():
            inside = _term(node.node)
            return f"-({inside})" if inside.startswith("-") else f"-{inside}"
        case And():
            return f"({_row(node)})"
        case Or():
            return _listed(node) or f"({_row(node)})"
    name, item = _item(node)
    return f"{name}:{item}"


def _listed(node: Or) -> str | None:
    """Text of alternatives that one field can list with commas, or None."""
    if not all(
        isinstance(part, Is | Number) or (isinstance(part, When) and part.field == "date") for part in node.nodes
    ):
        return None
    items = [_item(part) for part in node.nodes if isinstance(part, Is | Number | When)]
    names = {name for name, _ in items}
    return f"{names.pop()}:{','.join(item for _, item in items)}" if len(names) == 1 else None


def _item(node: Is | Number | When) -> tuple[str, str]:
    """Field and value text of a node that a comma list can hold."""
    match node:
        case Is():
            return "is", node.flag
        case When():
            bare = _BARE_DATE.fullmatch(node.text) and not _splits(node.text)
            return node.field, node.text if bare else quoted(node.text)
        case Number():
            if node.unknown:
                return node.field, "unknown"
            if node.low is None or node.high is None:
                return node.field, f"<={node.high}" if node.low is None else f">={node.low}"
            return node.field, f"{node.low}" if node.low == node.high else f"{node.low}..{node.high}"


def _splits(date: str) -> bool:
    """Whether a bare date would be cut at a comma, that is whether it has one outside of brackets."""
    return "," in re.sub(r"\[[^\]]*\]|\{[^}]*\}", "", date)


def _where(node: Near) -> str:
    if node.place is not None:
        return value_text(Value(node.place))
    return f"{_decimal(node.latitude or 0.0)},{_decimal(node.longitude or 0.0)}"


def _distance(metres: float) -> str:
    return f"{_decimal(metres / 1000)}km" if metres % 1000 == 0 else f"{_decimal(metres)}m"


def _decimal(number: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(number + 0.0).removesuffix(".0")


def value_text(value: Value) -> str:
    """Text of a value: bare when it is a wildcard or one plain word, else in quotes."""
    return value.text if value.wildcard or _BARE_VALUE.fullmatch(value.text) else quoted(value.text)


def quoted(text: str) -> str:
    """`text` in straight quotes, which the query language reads back unchanged."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def fts(words: Words) -> str:
    """The FTS5 expression of a word or phrase: always in quotes, so nothing in it is an operator."""
    return '"' + " ".join(words.words).replace('"', '""') + '"' + "*" * words.prefix

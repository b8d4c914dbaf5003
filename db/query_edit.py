"""Edits of a query's text, and what is being typed in it: the one way in which keys, facets and completion filter.

Every edit takes a text and returns one that parses; the terms that it does not touch stay as they were typed.  Unless
said otherwise a text that does not parse raises QueryError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from db.fields import FACET_NAMES, fold
from db.fields import PERIOD_NAMES as PERIODS
from db.periods import is_text
from db.query import FIELD_NAMES, And, AnyOf, Is, Node, Not, Or, Query, QueryError, Value, When, parse
from db.query_scan import BLANK, Item, Token, tokens, unquote
from db.query_tree import loose, quoted, value_text

Kind = Literal["field", "value", "flag", "none"]

_NAME = re.compile(r"[^\W\d][\w-]*")
_NOT_BARE = re.compile(r"[^\w*-]+")


def selected(query: Query, field: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of `field`, as typed, that top-level terms ask for, and those that they exclude.

    `is` gives its flags, `year` and `month` the dates that are no more than that; values with a wildcard are left out,
    since they name none.  Compare by `db.fields.fold`.
    """
    wanted = [value for term in query.terms for value in _values(term, field)]
    unwanted = [value for term in query.terms if isinstance(term, Not) for value in _values(term.node, field)]
    named = [
        tuple(
            dict.fromkeys(v.text for v in values if not v.wildcard and (field not in PERIODS or is_text(field, v.text)))
        )
        for values in (wanted, unwanted)
    ]
    return named[0], named[1]


def toggle(text: str, field: str, value: str) -> str:
    """Ask for `value` (taken literally) of `field`, or no longer ask for it; of `year` and `month` by `date:`.

    It joins the last top-level term of that field as one more alternative, else a new term; flags (`is`) narrow, so
    each is a term of its own.  When it was excluded, that ends.
    """
    return _switch(text, field, value, excluded=False)


def exclude(text: str, field: str, value: str) -> str:
    """Exclude `value` (taken literally) of `field`, or no longer exclude it; when it was asked for, that ends."""
    return _switch(text, field, value, excluded=True)


def _switch(text: str, field: str, value: str, *, excluded: bool) -> str:
    terms = parse(text).terms
    same = [term for term in terms if any(_is(v, value) for v in _values(_plain(term), field))]
    was_on = any(isinstance(term, Not) == excluded for term in same)
    for term in reversed(same):
        left = [v for v in _values(_plain(term), field) if not _is(v, value)]
        text = _put(text, term, _filter(field, left, isinstance(term, Not)) if left else "")
    if was_on:
        return _checked(text)
    literal = Value(value, quoted=field not in PERIODS)
    if field != "is":
        for term in reversed(parse(text).terms):
            values = _values(_plain(term), field)
            if values and isinstance(term, Not) == excluded:
                return _checked(_put(text, term, _filter(field, [*values, literal], excluded)))
    return add(text, _filter(field, [literal], excluded))


def _plain(term: Node) -> Node:
    return term.node if isinstance(term, Not) else term


def _values(node: Node, field: str) -> tuple[Value, ...]:
    """The values of a term on `field`, none when it is another kind of term."""
    match node:
        case AnyOf() if node.field == field:
            return node.values
        case Is() if field == "is":
            return (Value(node.flag, start=node.start, end=node.end),)
        case When() if field in PERIODS and node.field == "date":
            return (Value(Query(node).canonical().partition(":")[2], start=node.start, end=node.end),)
        case Or() if field in PERIODS and all(isinstance(part, When) and part.field == "date" for part in node.nodes):
            return tuple(value for part in node.nodes for value in _values(part, field))
        case Or() if field == "is" and all(isinstance(part, Is) for part in node.nodes):
            return tuple(value for part in node.nodes for value in _values(part, field))
    return ()


def _is(value: Value, literal: str) -> bool:
    return not value.wildcard and fold(value.text) == fold(literal)


def _filter(field: str, values: list[Value], excluded: bool) -> str:
    if field in PERIODS:
        # A date of the query is put back as its canonical text, which is quoted where it has to be.
        return "-" * excluded + f"date:{','.join(value.text for value in values)}"
    return "-" * excluded + f"{field}:{','.join(map(value_text, values))}"


def _put(text: str, node: Node, replacement: str) -> str:
    """`text` with a top-level term replaced, or taken out when the replacement is empty."""
    if not replacement:
        return _cut(text, (node.start, node.end))
    return text[: node.start] + replacement + text[node.end :]


def _checked(text: str) -> str:
    """`text` itself, when it parses."""
    parse(text)
    return text


def without(text: str, *spans: tuple[int, int]) -> str:
    """`text` without top-level terms, given by their starts and ends, and without the blanks that parted them."""
    for span in sorted(spans, reverse=True):
        text = _cut(text, span)
    return _checked(text)


def _cut(text: str, span: tuple[int, int]) -> str:
    before, after = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{before} {after}" if before and after else before + after


def add(text: str, term: str) -> str:
    """`text` narrowed by one more term; the same text when it has that term already."""
    old, new = parse(text), parse(term)
    if new.node is None or any(known == new.node for known in old.terms):
        return text
    if old.node is None:
        return term.strip()
    return _checked(f"{_grouped(text, old.node)} {_grouped(term, new.node)}")


def _grouped(text: str, node: Node) -> str:
    """`text`, in parentheses when an OR in it would otherwise take in what comes beside it."""
    kept = text.strip()
    return f"({kept})" if isinstance(node, Or) and loose(node) else kept


def peel(text: str) -> str:
    """`text` without its last term, an alternative after OR being one; of a text that does not parse, what does."""
    try:
        node = parse(text).node
    except QueryError as error:
        return _sound(text, error)
    if isinstance(node, Or) and loose(node):
        last = node.nodes[-1]
        more = isinstance(last, And) and loose(last)
        return text[: node.nodes[-2].end] if not more else _before_last(text, last)
    return _before_last(text, node)


def _before_last(text: str, node: Node | None) -> str:
    return text[: node.nodes[-1].start].rstrip() if isinstance(node, And) and loose(node) else ""


def _sound(text: str, error: QueryError) -> str:
    """The longest beginning of `text`, in whole top-level terms, that parses; `error` is why `text` does not."""
    while True:
        starts = [start for start in _term_starts(text) if start <= error.position]
        text = text[: starts[-1] if starts else 0].rstrip()
        try:
            return _checked(text)
        except QueryError as next_error:
            error = next_error


def _term_starts(text: str) -> list[int]:
    """Where the top-level terms of `text`, with their minus signs, and its top-level OR begin."""
    starts: list[int] = []
    depth = 0
    before = ""
    for token in tokens(text):
        depth -= token.kind == ")" and depth > 0
        if not depth and before != "-" and token.kind != ")":
            starts.append(token.start)
        depth += token.kind == "("
        before = token.kind
    return starts


def set_dates(text: str, start_iso: str, end_iso: str | None) -> str:
    """`text` with one range of dates, both inclusive (None: open), in place of all its top-level date terms."""
    dates = f"date:{start_iso}" + ("" if end_iso == start_iso else f"..{end_iso or ''}")
    old = [term for term in parse(text).terms if _is_when(term)]
    for term in reversed(old[1:]):
        text = _put(text, term, "")
    return _checked(_put(text, old[0], dates)) if old else add(text, dates)


def _is_when(node: Node) -> bool:
    return isinstance(node, When) or (isinstance(node, Or) and all(map(_is_when, node.nodes)))


@dataclass(frozen=True, slots=True)
class Completion:
    """What is being typed: `typed` (without quotes) of a field's name, of a value of `field`, or of a flag.

    A choice replaces `start..end` of the text.  `rest` is the query that the rest of the text makes: the terms that
    must match together with the one being typed, so counts under it are what a choice would leave.
    """

    kind: Kind
    field: str
    typed: str
    start: int
    end: int
    rest: str


def completion_at(text: str, cursor: int) -> Completion:
    """What is being typed at `cursor` of a text that may be half typed; never raises."""
    cursor = max(0, min(cursor, len(text)))
    cut = list(tokens(text))
    here = next((token for token in cut if token.start < cursor <= token.end), None)
    starts_here = any(token.start == cursor and token.kind != ")" for token in cut)
    rest = _rest(text, cut, here, cursor)
    nothing = Completion("none", "", "", cursor, cursor, rest)
    if here is None or here.kind in ("(", "-"):
        return nothing if starts_here else Completion("field", "", "", cursor, cursor, rest)
    if here.kind in ("word", "operator") or (here.kind == "filter" and cursor <= here.name_end):
        typed = text[here.start : cursor]
        end = here.end if here.kind != "filter" else here.name_end + 1
        return Completion("field", "", typed, here.start, end, rest) if _NAME.fullmatch(typed) else nothing
    if here.kind != "filter" or here.name not in (*FACET_NAMES, "date", "is", "certain", "near"):
        return nothing
    item = next(item for item in here.items if cursor <= item.tail_end)
    end = item.end if item.closed else cursor
    if here.name == "near":
        if item is not here.items[0]:
            return nothing
        slash = text.find("/", item.start, item.end)
        end = slash if slash >= 0 and not item.quoted else end
    if cursor > end:
        return nothing
    kind: Kind = "flag" if here.name == "is" else "value"
    return Completion(kind, here.name, _typed(text, item, cursor), item.start, end, rest)


def _typed(text: str, item: Item, cursor: int) -> str:
    """What a value says up to the cursor."""
    return unquote(text[item.start : cursor]) if item.quoted and cursor > item.start else text[item.start : cursor]


def _rest(text: str, cut: list[Token], here: Token | None, cursor: int) -> str:
    """The terms beside the one being typed, in its own row and in the rows around its groups, that parse."""
    rows: list[list[str]] = [[]]
    holds = [False]
    past = [False]
    opened: list[int] = []
    minus: int | None = None

    def close(end: int | None) -> None:
        row, held, start = rows.pop(), holds.pop(), opened.pop()
        past.pop()
        holds[-1] = holds[-1] or held
        if held:
            rows[-1].extend(row)
        elif end is not None and not past[-1]:
            rows[-1].append(text[start:end])

    if here is None:
        cut = sorted([*cut, Token("word", cursor, cursor)], key=lambda token: (token.start, token.end))
    for token in cut:
        start = token.start if minus is None else minus
        minus = start if token.kind == "-" else None
        if token.kind == "(":
            rows.append([])
            holds.append(False)
            past.append(False)
            opened.append(start)
        elif token.kind == ")":
            if opened:
                close(token.end)
        elif token is here or token.start == token.end:
            holds[-1] = True
        elif token.kind == "operator":
            past[-1] = holds[-1]
            if not holds[-1]:
                rows[-1].clear()
        elif token.kind != "-" and not past[-1]:
            rows[-1].append(text[start : token.end])
    while opened:
        close(None)
    return " ".join(term for term in rows[0] if _parses(term))


def _parses(text: str) -> bool:
    try:
        return parse(text).node is not None
    except QueryError:
        return False


def apply_completion(text: str, completion: Completion, value: str) -> tuple[str, int]:
    """`text` with a chosen field name or value in place of what was typed, and where the cursor then stands."""
    if completion.kind == "none":
        return text, completion.end
    chosen = f"{value}:" if completion.kind == "field" else value_text(Value(value))
    new = text[: completion.start] + chosen + text[completion.end :]
    return new, completion.start + len(chosen)


def lenient(text: str) -> Query | None:
    """The query of a text whose last term may be half typed, or None when something else is wrong with it.

    A word or value that ends the text may go on (`actor:"Kat` finds Kataib), open quotes and parentheses are closed,
    and what cannot be read yet (`date:2021-`, `type:`, OR) is left out; so its text is not always `text`.
    """
    cut = list(tokens(text))
    if not cut or (cut[-1].kind == "filter" and cut[-1].name not in FIELD_NAMES):
        return _tried(text)
    last = cut[-1]
    unclosed = _unclosed(cut)
    negated = (unclosed.count("-(") + (len(cut) > 1 and cut[-2].kind == "-")) % 2 == 1
    finished = _finished(text, last, negated) if last.end == len(text) else None
    whole = text if finished is None else text[: last.start] + finished
    query = _tried(whole + ")" * len(unclosed))
    if query is not None or last.kind == ")":
        return query
    while cut and (cut[-1] is last or cut[-1].kind in ("(", "-", "operator")):
        cut.pop()
    return _tried(text[: cut[-1].end] + ")" * len(_unclosed(cut)) if cut else "")


def _unclosed(cut: list[Token]) -> list[str]:
    """The opening parentheses, each with its minus sign if any, that no token closes."""
    found: list[str] = []
    before = ""
    for token in cut:
        if token.kind == "(":
            found.append("-(" if before == "-" else "(")
        elif token.kind == ")" and found:
            found.pop()
        before = token.kind
    return found


def _tried(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError:
        return None


def _finished(text: str, token: Token, negated: bool) -> str | None:
    """Text of a term being typed that reads as its beginning, or None when it can only be read as it stands.

    What is being excluded is taken as it stands: a beginning would exclude far too much.
    """
    if token.kind == "word":
        return None if negated else text[token.start : token.end].rstrip("*") + "*"
    if token.kind == "phrase" and not token.items[0].closed:
        return quoted(token.items[0].text) + "*" * (not negated)
    if token.kind != "filter" or token.name not in FACET_NAMES:
        return None
    item = token.items[-1]
    head = text[token.start : item.start]
    if not item.text:
        return head.rstrip(",") if len(token.items) > 1 else None
    if (item.quoted and item.closed) or (not item.quoted and (negated or item.text.startswith("-"))):
        return None
    if negated:
        return head + quoted(item.text)
    bare = _NOT_BARE.sub("*", BLANK.sub("-", item.text)).lstrip("-") if item.quoted else item.text
    return head + bare.rstrip("*") + "*"

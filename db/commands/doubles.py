"""The commands `doubles`, `link` and `unlink`."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option, utf8
from db.commands.asking import Opened, parsed, viewed
from db.commands.progress import part_done
from db.plural import counted

if TYPE_CHECKING:
    from db.doubles import Doubles, Pair, Side
    from db.store import Store

LINKS = ("same_as", "related", "retaliates", "part_of", "distinct")


class _Score(click.FloatRange):
    """A number from 0 to 1; what is none compares with nothing, and would pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def hang(group: click.Group, opened: Opened) -> None:
    """Add the commands to a group; `opened` opens the store that they work on."""

    @group.command(cls=QueryCommand)
    @query_argument
    @json_option
    @click.option("--limit", type=click.IntRange(min=0, max=10**9), metavar="N", help="At most N pairs, else 100.")
    @click.option("--least", type=_Score(0, 1), metavar="SCORE", help="From this score on, else 0.65.")
    @click.option("--within", is_flag=True, help="Pairs within one data set too, whose own ids tell them apart.")
    @store_option
    def doubles(
        query: tuple[str, ...],
        as_json: bool,
        limit: int | None,
        least: float | None,
        within: bool,
        store: Path | None,
    ) -> None:
        """List incidents that may be one and the same.

        Pairs by score, best first, with what speaks for each: when, where, who, text, numbers.  QUERY names one of
        the two.  Nothing is merged: `dateline link KEY KEY` says that two are the same, `--as distinct` that they are
        not, and neither is offered again.
        """
        from db.doubles import LEAST, LIMIT, find
        from db.engine import open_engine
        from db.exporting import shown

        plain = parsed(query)
        with opened(store) as into, part_done() as progress:
            asked = plain or viewed(query, into)
            among = None
            if asked.node is not None:
                among = {match.id for match in shown(open_engine(into).answer(asked)).matches}
            found = find(
                into.connection,
                among,
                least=LEAST if least is None else least,
                limit=LIMIT if limit is None else limit,
                within=within,
                progress=progress,
            )
        if as_json:
            output.write_json(map(_record, found.pairs))
        else:
            for pair in found.pairs:
                output.write(map(output.line, _lines(pair)))
        output.say(_summary(found))

    @group.command()
    @click.argument("key", callback=utf8)
    @click.argument("other", callback=utf8)
    @click.option("--as", "kind", type=click.Choice(LINKS), default="same_as", show_default=True, help="What they are.")
    @store_option
    def link(key: str, other: str, kind: str, store: Path | None) -> int:
        """Say what two incidents are to one another.

        KEY is the same as, related to, retaliates for, is part of, or is distinct from OTHER.  Incidents that are the
        same both stay on the timeline and in every count, each marked; their details count documents and root
        speakers together.  `dateline unlink` takes it back.
        """
        from db import linking

        with opened(store, write=True) as into:
            one, two = _ids(into, key, other)
            new = linking.link(into, one, two, kind)
        output.say(f"{key} {_verb(kind)} {other}" if new else f"{key} {_verb(kind)} {other} already")
        return 0 if new else 1

    @group.command()
    @click.argument("key", callback=utf8)
    @click.argument("other", callback=utf8)
    @click.option("--as", "kind", type=click.Choice(LINKS), help="Only this link, else all but distinct.")
    @store_option
    def unlink(key: str, other: str, kind: str | None, store: Path | None) -> int:
        """Take links between two incidents back."""
        from db import linking

        with opened(store, write=True) as into:
            one, two = _ids(into, key, other)
            gone = linking.unlink(into, one, two, kind)
        if not gone:
            output.say(f"{key} and {other} are not linked" + (f" as {kind}" if kind else ""))
            return 1
        for found in gone:
            output.say(f"no longer: {key} {_verb(found)} {other}")
        return 0


def _ids(store: Store, *keys: str) -> list[int]:
    """The incidents of these keys, which the write that follows is meant for: numbers may be another's by then."""
    from db import known, read

    ids = [read.incident_id(store.connection, key) for key in keys]
    store.known = [known.incident(*one) for one in zip(ids, keys, strict=True)]
    return ids


def _verb(kind: str) -> str:
    return {
        "same_as": "is the same as",
        "related": "is related to",
        "retaliates": "retaliates for",
        "part_of": "is part of",
        "distinct": "is distinct from",
    }[kind]


def _summary(found: Doubles) -> str:
    """How many pairs there are, how many incidents were compared and which were not."""
    left = [
        f"{count:,} {why}"
        for count, why in (
            (found.undated, "without a first and last day"),
            (found.vague, "with a span of over three months"),
            (found.nowhere, "without a place or an actor"),
        )
        if count
    ]
    without = f"; not compared: {', '.join(left)}" if left else ""
    shown = f", the {len(found.pairs):,} likeliest are listed" if len(found.pairs) < found.found else ""

    return f"{counted(found.found, 'likely double')} among {counted(found.compared, 'incident')}{shown}{without}"


def _record(pair: Pair) -> dict[str, object]:
    return {
        "score": round(pair.score, 3),
        "first": _side(pair.first),
        "second": _side(pair.second),
        "parts": {
            part.name: {"score": None if part.score is None else round(part.score, 3), "words": part.words}
            for part in pair.parts
        },
    }


def _side(side: Side) -> dict[str, object]:
    return {"key": side.key, "title": side.title, "origin": side.origin}


def _lines(pair: Pair) -> Iterator[str]:
    yield f"{pair.score:.2f}  {pair.first.key}  {pair.first.title}"
    yield f"      {pair.second.key}  {pair.second.title}"
    for part in pair.parts:
        score = "  ? " if part.score is None else f"{part.score:.2f}"
        yield f"      {part.name:<8}{score}  {part.words}"

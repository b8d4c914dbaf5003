"""The command about roots: what incidents rest on, and which roots may be one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output
from db.arguments import QueryCommand, json_option, query_argument, store_option, utf8
from db.commands.asking import Opened, parsed, viewed
from db.errors import UsageError
from db.plural import counted

if TYPE_CHECKING:
    from db.roots import Corroboration, Root, Summary
    from db.same_root import Side, Suspicion

PAIR = "A+B"


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the command to a group; `opened_store` opens the store that it works on."""

    @group.command(cls=QueryCommand)
    @query_argument
    @click.option("--suspected", is_flag=True, help="Only the pairs of quotes whose roots may be one.")
    @click.option("--same", metavar=PAIR, callback=utf8, help="Say that quote B has its words from quote A.")
    @click.option("--not-same", metavar=PAIR, callback=utf8, help="Say that they are two roots; not offered again.")
    @click.option("--take-back", metavar=PAIR, callback=utf8, help="Take back what was said of a pair.")
    @json_option
    @store_option
    def roots(
        query: tuple[str, ...],
        suspected: bool,
        same: str | None,
        not_same: str | None,
        take_back: str | None,
        as_json: bool,
        store: Path | None,
    ) -> None:
        """Tell reports and roots of each incident.

        A report is a document, or a speaker that it quotes; a root is where a chain of attribution ends.  Pairs of
        quotes with the same words and no stated chain are listed as suspected, and count as two roots until you say
        that they have one.
        """
        from db import same_root
        from db.engine import open_engine
        from db.roots import corroborations, summary

        said = [word for word in (same, not_same, take_back) if word is not None]
        if len(said) > 1:
            raise UsageError("say one thing of one pair at a time: --same, --not-same or --take-back")
        if said:
            if query:
                raise UsageError("a pair is named by its quotes, as in 12+57, and needs no query")
            one, other = same_root.pair_of(said[0])
            with opened_store(store, write=True) as opened:
                if same is not None:
                    moved = same_root.same(opened, one, other)
                    output.say(f"{counted(moved, 'quote')} got a step of attribution more; --take-back {same}")
                elif not_same is not None:
                    same_root.not_same(opened, one, other)
                    output.say(f"two roots; the pair is not offered again; --take-back {not_same}")
                else:
                    same_root.take_back(opened, one, other)
                    output.say("taken back")
            return
        plain = parsed(query)
        with opened_store(store) as opened:
            ids = open_engine(opened).answer(plain or viewed(query, opened)).ids()
            suspicions = same_root.suspected(opened.connection, ids)
            if suspected:
                if as_json:
                    output.write_json(map(suspicion_record, suspicions))
                else:
                    output.write(line for each in suspicions for line in _suspicion_lines(each))
                    if not suspicions:
                        output.say("no roots are suspected to be one")
                return
            found = list(corroborations(opened.connection, ids))
        pairs: dict[int, list[Suspicion]] = {}
        for each in suspicions:
            pairs.setdefault(each.incident_id, []).append(each)
        total = summary(found, len(suspicions))
        if as_json:
            output.write_json(_record(each, pairs.get(each.id, [])) for each in found)
            output.write_json([{"summary": _summary_record(total)}])
        else:
            output.write(line for each in found for line in _lines(each, pairs.get(each.id, [])))
            output.write([_summary_words(total)])


def _record(found: Corroboration, suspicions: list[Suspicion]) -> dict[str, object]:
    return {
        "key": found.key,
        "kind": found.kind,
        "title": found.title,
        "reports": found.reports,
        "roots": len(found.roots),
        "quotes": found.quotes,
        "documents": found.documents,
        "which": [
            {
                "root": root.name,
                "own_voice": root.own,
                "quotes": root.quotes,
                "through": [{"by_way_of": list(way.by_way_of), "document": way.document} for way in root.through],
            }
            for root in found.roots
        ],
        "suspected": [suspicion_record(each) for each in suspicions],
    }


def suspicion_record(suspicion: Suspicion) -> dict[str, object]:
    """A suspicion as JSON has it; `overlap` is in shingles of five words, resemblance and containment are Broder's."""
    measure = suspicion.overlap
    return {
        "pair": suspicion.token,
        "incident": suspicion.incident,
        "of": suspicion.kind,
        "shared": measure.shared,
        "containment": round(measure.containment, 4),
        "resemblance": round(measure.resemblance, 4),
        "words": suspicion.words,
        "first": _side_record(suspicion.first),
        "second": _side_record(suspicion.second),
    }


def _side_record(side: Side) -> dict[str, object]:
    return {
        "quote": side.quote_id,
        "document": side.document,
        "root": side.root,
        "chain": list(side.chain),
        "exact": side.exact,
    }


def _summary_record(total: Summary) -> dict[str, int]:
    return {
        "incidents": total.incidents,
        "without_quotes": total.unquoted,
        "single_source": total.single_source,
        "reports": total.reports,
        "roots": total.roots,
        "different_roots": total.names,
        "suspected": total.suspected,
    }


def _lines(found: Corroboration, suspicions: list[Suspicion]) -> Iterator[str]:
    from db.roots import words

    kind = "" if found.kind == "incident" else f" ({found.kind})"
    yield output.line(f"{found.key}{kind}: {words(found.reports, len(found.roots))}, {found.title}")
    for root in found.roots:
        yield output.line(f"  {root.name}: {_root_words(root)}")
    for each in suspicions:
        yield from (f"  {line}" for line in _suspicion_lines(each))


def _root_words(root: Root) -> str:
    own = " (its own voice)" if root.own else ""
    return f"{counted(root.quotes, 'quote')}, {'; '.join(way.words for way in root.through)}{own}"


def _suspicion_lines(suspicion: Suspicion) -> Iterator[str]:
    one, other, measure = suspicion.first, suspicion.second, suspicion.overlap
    what = "texts" if suspicion.kind == "texts" else "quotes"
    yield output.line(
        f"suspected one root, {suspicion.token}: {one.root} in {one.document} and {other.root} in {other.document},"
        f" {suspicion.incident}"
    )
    yield output.line(
        f"  their {what} share {measure.shared:,} runs of five words, {measure.containment:.0%} of the shorter"
        f" (resemblance {measure.resemblance:.2f}): “{suspicion.words}”"
    )


def _summary_words(total: Summary) -> str:
    from db.roots import words

    pairs = f"; {counted(total.suspected, 'pair')} suspected to have one root" if total.suspected else ""
    return (
        f"{counted(total.incidents, 'incident')}: {words(total.reports, total.roots)}"
        f" ({total.names:,} different by name); {total.single_source:,} on one root alone,"
        f" {total.unquoted:,} on no quote{pairs}"
    )

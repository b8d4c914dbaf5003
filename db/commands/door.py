"""The group of commands, with the two whose work lies outside db/: `open` and `seed` are handed in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from db import commands
from db.arguments import Door, store_option, utf8
from db.commands.asking import Opened


def door(version: str, opened: Opened, open_: Callable[[Path | None, str], int], seed: Callable[..., None]) -> Door:
    """All commands; `open_` gets the store's path, if named, and a query, `seed` files and the store's path."""

    @click.group(cls=Door, context_settings={"max_content_width": 100})
    @click.version_option(version, message="dateline %(version)s")
    @click.option(
        "--store", type=click.Path(path_type=Path, readable=False), metavar="PATH", help="The store, for any command."
    )
    @click.pass_context
    def cli(ctx: click.Context, store: Path | None) -> None:
        """An incident timeline for the terminal: who did what, where, when, and who says so.

        Without a command it opens the timeline.  QUERY is the query language of the timeline's query line, for example
        `type:drone-strike after:2021-04 -disputed:date`; put the whole of it in single quotes when a value has spaces.
        """
        ctx.obj = store

    @cli.command("open")
    @click.argument("path", metavar="[STORE]", required=False, type=click.Path(path_type=Path, readable=False))
    @click.option("-q", "--query", default="", callback=utf8, metavar="QUERY", help="Begin with this query.")
    @store_option
    def open_timeline(path: Path | None, query: str, store: Path | None) -> int:
        """Open the timeline (the default command)."""
        return open_(path or store, query)

    @cli.command("seed")
    @click.argument("files", nargs=-1, metavar="[FILE.sql|DIR]...", type=click.Path(path_type=Path, readable=False))
    @store_option
    def seed_store(files: tuple[Path, ...], store: Path | None) -> None:
        """Load incidents from seed SQL; safe to repeat.

        Without FILE the incidents that come with Dateline are loaded.  All files are one transaction: a mistake in any
        of them loads nothing.
        """
        seed(files, store)

    assert isinstance(cli, Door)
    commands.hang(cli, opened, version)
    return cli

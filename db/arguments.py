"""What the commands of `main` have in common as click sees it: the default command, the options, words of a query."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click

_Text = TypeVar("_Text", str, "tuple[str, ...]", None)


class Door(click.Group):
    """A group whose default command is `open`: `dateline FILE` and `dateline -q QUERY` open a timeline."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `open` in front of what is no command, behind the group's own --store."""
        at = 0
        while at < len(args) and args[at].split("=")[0] == "--store":
            at += 1 if "=" in args[at] else 2
        if at >= len(args) or args[at] not in (*self.commands, "--help", "--version"):
            args.insert(at, "open")
        return super().parse_args(ctx, args)


class QueryCommand(click.Command):
    """A command whose arguments are the words of a query; one may begin with a minus: `list -weapon:katyusha`."""

    ignore_unknown_options = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options are long ones only, so a word with one minus is the query's; an unknown long one is a mistake."""
        # Only a -o that stands alone is the option: -outcome:hit is a word of the query.
        args = ["--output" if word == "-o" else word for word in args]
        rest = super().parse_args(ctx, args)
        for word in ctx.params["query"]:
            if word.startswith("--"):
                name = word.split("=")[0]
                known = [option for parameter in self.get_params(ctx) for option in parameter.opts]
                raise click.NoSuchOption(name, possibilities=nearest_of(name, known), ctx=ctx)
        return rest


def nearest_of(name: str, known: Iterable[str]) -> list[str]:
    """The nearest of some known names, in a list; an empty one when none is near."""
    from db.nearest import nearest

    close = nearest(name, known)
    return [close] if close else []


def utf8(ctx: click.Context, parameter: click.Parameter, value: _Text) -> _Text:
    """The value of an option or argument; refused when it is not UTF-8, since SQLite could not look it up."""
    words: Iterable[str] = (value,) if isinstance(value, str) else value or ()
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise click.BadParameter("it is not UTF-8", ctx, parameter) from error
    return value


def _named(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """The store that the user named: with the command, else in front of it, else in the environment."""
    own = ctx.get_parameter_source("store") is click.core.ParameterSource.COMMANDLINE
    return value if own or ctx.obj is None else Path(ctx.obj)


store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, readable=False),
    envvar="DATELINE_STORE",
    callback=_named,
    metavar="PATH",
    help="The store to work on; else DATELINE_STORE, else your own store.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
query_argument = click.argument("query", nargs=-1, callback=utf8)

"""The analyst's desk for scripts: star, tag, note, assess; each a logged write that `dateline undo` takes back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db import output, terms
from db.arguments import store_option, utf8
from db.commands.asking import Opened
from db.errors import UsageError

if TYPE_CHECKING:
    from db.store import Store

UNKNOWN = "unknown"
"""What a person writes for no grade, or no credibility."""


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store that they write to."""

    @group.command()
    @click.argument("key", callback=utf8)
    @store_option
    def star(key: str, store: Path | None) -> None:
        """Star an incident."""
        _star(opened_store, store, key, True)

    @group.command()
    @click.argument("key", callback=utf8)
    @store_option
    def unstar(key: str, store: Path | None) -> None:
        """Take an incident's star away."""
        _star(opened_store, store, key, False)

    @group.command()
    @click.argument("key", callback=utf8)
    @click.argument("tags", nargs=-1, required=True, callback=utf8, metavar="TAG...")
    @store_option
    def tag(key: str, tags: tuple[str, ...], store: Path | None) -> None:
        """Give an incident tags; a tag that is new is made."""
        from db import edit

        with opened_store(store, write=True) as opened:
            added = edit.tag(opened, _id(opened, key), tags)
        output.say(
            f"{key}: {_listed(added)}" if added else f"{key} has had {_listed(tags)} before; nothing was changed"
        )

    @group.command()
    @click.argument("key", callback=utf8)
    @click.argument("tags", nargs=-1, required=True, callback=utf8, metavar="TAG...")
    @store_option
    def untag(key: str, tags: tuple[str, ...], store: Path | None) -> None:
        """Take tags from an incident."""
        from db import edit

        with opened_store(store, write=True) as opened:
            gone = edit.untag(opened, _id(opened, key), tags)
        output.say(
            f"{key}: no longer {_listed(gone)}" if gone else f"{key} has no {_listed(tags)}; nothing was changed"
        )

    @group.command()
    @click.argument("key", callback=utf8)
    @click.argument("text", callback=utf8)
    @store_option
    def note(key: str, text: str, store: Path | None) -> None:
        """Write a note on an incident; TEXT may be - for standard input."""
        from db import edit

        words = _stdin() if text == "-" else text
        with opened_store(store, write=True) as opened:
            edit.add_note(opened, _id(opened, key), words)
        output.say(f"{key}: noted")

    @group.command()
    @click.argument("key", callback=utf8)
    @click.option("--grade", type=click.Choice([*terms.GRADE, UNKNOWN]), help="Airwars' grade.")
    @click.option("--credibility", type=click.Choice([*map(str, terms.CREDIBILITY), UNKNOWN]), help="Admiralty 1 to 6.")
    @click.option("--status", type=click.Choice(terms.STATUSES), help="Whether you have reviewed it.")
    @store_option
    def assess(key: str, grade: str | None, credibility: str | None, status: str | None, store: Path | None) -> None:
        """Grade an incident; what is not named stays.

        unknown takes a grade or a credibility away again.
        """
        from db import edit

        if grade is credibility is status is None:
            raise UsageError("nothing to set; name --grade, --credibility or --status")
        with opened_store(store, write=True) as opened:
            edit.assess(
                opened,
                _id(opened, key),
                grade=edit.KEEP if grade is None else None if grade == UNKNOWN else grade,
                credibility=edit.KEEP if credibility is None else None if credibility == UNKNOWN else int(credibility),
                status=edit.KEEP if status is None else status,
            )
        output.say(f"{key}: assessed")


def _star(opened_store: Opened, store: Path | None, key: str, starred: bool) -> None:
    from db import edit

    with opened_store(store, write=True) as opened:
        edit.star(opened, _id(opened, key), starred)
    output.say(f"{key}: {'starred' if starred else 'no star'}")


def _id(store: Store, key: str) -> int:
    from db import known, read

    incident_id = read.incident_id(store.connection, key)
    store.known = [known.incident(incident_id, key)]
    return incident_id


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"#{name.removeprefix('#')}" for name in names)


def _stdin() -> str:
    """Standard input as text; refused when it is not UTF-8, since the store would not keep it as it is."""
    if sys.stdin is None:
        raise UsageError("standard input is closed; nothing was changed")
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("standard input is not UTF-8; nothing was changed") from error

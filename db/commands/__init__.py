"""The plain commands, a family a file; each file hangs its own into the group, and none imports textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from db.commands.asking import Opened


def hang(group: click.Group, opened: Opened, version: str) -> None:
    """Add every plain command to a group; `opened` opens the store that one works on."""
    from db.commands import (
        backup,
        claims,
        desk,
        doubles,
        importing,
        keeping,
        log,
        reading,
        roots,
        sources,
        systems,
        without,
    )

    reading.hang(group, opened)
    keeping.hang(group, opened, version)
    importing.hang(group, opened)
    claims.hang(group, opened)
    roots.hang(group, opened)
    systems.hang(group, opened)
    without.hang(group, opened)
    sources.hang(group, opened)
    desk.hang(group, opened)
    log.hang(group, opened)
    backup.hang(group, opened)
    doubles.hang(group, opened)

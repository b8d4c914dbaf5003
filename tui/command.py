"""What a command of the registry is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something a key does.

    `id` is what a keymap file names, "SCOPE.ACTION"; `keys` are Textual's names, separated by commas; `label` is the
    footer's word, "" to leave it out there; `help` is one sentence, which may name keys (see `commands.help_words`);
    `group` is its heading in the help.
    """

    id: str
    keys: str
    help: str
    group: str
    label: str = ""
    action: str = ""

    @property
    def scope(self) -> str:
        """The part of the program that owns the binding: app, main, timeline, detail, facets ..."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The Textual action that runs it."""
        return self.action or self.id.partition(".")[2].replace("-", "_")


MOVE, READ, FILTER, WORK, PROGRAM = "Move", "Read", "Filter", "Work", "Program"
"""The headings of the help."""

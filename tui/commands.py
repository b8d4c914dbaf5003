"""The one registry of commands: bindings, footer, palette, help and keymap read it, so they cannot drift."""

from __future__ import annotations

import re

from textual.binding import Binding, BindingType

from tui.command import Command
from tui.command_table import ASSESSMENT, COMMANDS

__all__ = [
    "ASSESSMENT", "BY_ID", "COMMANDS", "SCOPES", "Command", "bindings", "clause", "help_words", "hint", "in_scope",
    "key_names", "keys_of", "page",
]  # fmt: skip

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

_SHOWN = {
    "right_curly_bracket": "}", "left_curly_bracket": "{", "right_square_bracket": "]", "left_square_bracket": "[",
    "question_mark": "?", "slash": "/", "comma": ",", "backslash": "\\", "at": "@", "minus": "-", "plus": "+",
    "equals_sign": "=", "number_sign": "#", "space": "Space", "escape": "Esc", "enter": "Enter", "tab": "Tab",
    "shift+tab": "⇧Tab", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "backspace": "⌫",
    "down": "↓", "up": "↑", "left": "←", "right": "→", "f1": "F1", "f5": "F5",
    "exclamation_mark": "!", "delete": "Del", "dollar_sign": "$",
    "greater_than_sign": ">", "less_than_sign": "<",
}  # fmt: skip

_NAMED = re.compile(r"\{([a-z-]+\.[a-z0-9-]+)\}")
"""Where words name the key of a command: its id in braces."""


def in_scope(scope: str) -> list[Command]:
    """The commands of one scope, in the order of the registry."""
    return [command for command in COMMANDS if command.scope == scope]


def bindings(scope: str) -> list[BindingType]:
    """Textual bindings for one scope, each with the id that a keymap file can name."""
    return [
        Binding(command.keys, command.name, help_words(command, {}), show=False, id=command.id)
        for command in in_scope(scope)
    ]


def key_names(command: Command, keymap: dict[str, str]) -> list[str]:
    """The command's keys as a person would write them, after the user's keymap."""
    return [_key_name(key) for key in keys_of(command, keymap)]


def keys_of(command: Command, keymap: dict[str, str]) -> list[str]:
    """The command's keys as they are written, after the user's keymap."""
    return [key.strip() for key in keymap.get(command.id, command.keys).split(",") if key.strip()]


def quits(key: str, keymap: dict[str, str]) -> bool:
    """Whether a key, as Textual calls it, ends the program, after the user's keymap."""
    return key == "ctrl+q" or key in keys_of(BY_ID["app.quit"], keymap)


def clause(words: str, keymap: dict[str, str]) -> str:
    """Words with the first key of a command, after the user's keymap, for each id in braces: "{main.star} stars one".

    "" where a command that they name has no key.
    """
    keys = {name: key_names(BY_ID[name], keymap)[:1] for name in _NAMED.findall(words)}
    return _NAMED.sub(lambda named: keys[named[1]][0], words) if all(keys.values()) else ""


def hint(keymap: dict[str, str], *clauses: str, between: str = "  ") -> str:
    """The clauses, as `clause` makes them, in one line; one whose command has no key is left out."""
    return between.join(made for words in clauses if (made := clause(words, keymap)))


def help_words(command: Command, keymap: dict[str, str]) -> str:
    """What the command does, in the sentence of the help; what follows a semicolon may name another's key."""
    return hint(keymap, *command.help.removesuffix(".").split("; "), between="; ") + "."


def _key_name(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return "^" + key[5:]
    return key


SCOPES: dict[str, str] = {
    "timeline": "In the timeline",
    "main": "On the main screen",
    "detail": "In the details",
    "facets": "In the facets",
    "find": "While a facet's value is looked for",
    "density": "In the density strip",
    "query": "In the query line",
    "chooser": "In a chooser",
    "views": "In the saved views",
    "pick": "In a list of steps",
    "claims": "In the claim matrix",
    "explain": "Behind a number",
    "cite": "In a citation",
    "reader": "In the source reader",
    "documents": "In the list of documents",
    "card": "In a source card",
    "leave-out": "Where sources are left out",
    "roots": "Among the roots",
    "ledger": "In the air-defence ledger",
    "behind": "Behind a number of the ledger",
    "export": "In the export dialog",
    "doubles": "In the likely doubles",
    "tag": "In the tags of an incident",
    "note": "In a note",
    "notes": "In the earlier notes",
    "assess": "In the assessment",
    "log": "In the log",
    "read": "In a box of lines",
    "ask": "In a line that asks",
    "date": "Where a date is asked for",
    "confirm": "Where yes or no is asked for",
    "help": "In the help",
    "palette": "Among the commands",
    "app": "Everywhere",
}
"""Scope → its heading, in the order of the help."""


def page() -> str:
    """docs/keys.md: every command with its id, for whoever writes a settings file."""
    lines = [
        "# Keys",
        "",
        "Made from the registry by `python -m tui.commands > docs/keys.md`; a test compares the two.",
        "",
    ]
    for scope, heading in SCOPES.items():
        lines += [f"## {heading}", "", "| keys | does | id |", "|---|---|---|"]
        for command in in_scope(scope):
            keys = " ".join(f"`{key}`" if key != "|" else key for key in key_names(command, {}))
            lines.append(f"| {keys} | {help_words(command, {})} | `{command.id}` |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")

"""The user's settings file: a theme, and keys by command id."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from textual.binding import Binding
from textual.keys import key_to_character

from db.errors import UsageError, first_line, reason
from db.input_file import MOST_SETTINGS, read_whole
from db.nearest import nearest
from tui import commands
from tui.command import Command


@dataclass(frozen=True)
class Settings:
    """What the file says; empty when there is none."""

    theme: str | None = None
    keymap: dict[str, str] = field(default_factory=dict)


NAMES = ("theme", "keys")
"""What the file may set."""

_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)*([a-z][a-z0-9_]{1,39}|\S)")
"""What Textual's names of keys look like: a character, the name of one ("left_square_bracket"), "ctrl+f2"."""


_EDITS = frozenset({"enter", "backspace", "delete", "left", "right", "home", "end"})
"""Keys that a line or a text takes for itself, unless a command of the scope has them."""


def _is_typed(key: str, scope: str) -> bool:
    """Whether a key would be typed into the line or text that the commands of a scope are reached from."""
    own = {name.strip() for command in commands.in_scope(scope) for name in command.keys.split(",")}
    if any(_letter(name) for name in own):
        return False  # where a command has a letter, nothing is typed
    return _letter(key) or (key in _EDITS and key not in own)


_SIGNS = {"space", "comma"}.union(
    binding.key for binding in Binding.make_bindings([Binding(",".join(string.punctuation.replace(",", "")), "")])
)
"""Textual's names of the keys that write a sign: its own way back knows not all of them."""


def _letter(key: str) -> bool:
    """Whether a key, as Textual names it, is one that writes a character."""
    return key in _SIGNS or (key_to_character(key) or "\t").isprintable()


def _is_key(name: str) -> bool:
    found = _KEY.fullmatch(name)
    return found is not None and found[1].isprintable()


def path() -> Path:
    """Where the file is looked for."""
    return Path(platformdirs.user_config_dir("dateline")) / "settings.toml"


def load(file: Path | None = None) -> Settings:
    """Read the settings; raises UsageError in one line, with the file's name, when they are wrong."""
    file = file or path()
    try:
        raw = read_whole(file, MOST_SETTINGS, pipes=False)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise UsageError(f"{file}: {reason(error)}") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}:{line}: not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8") from error
    import tomllib

    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{file}: it is nested without end") from error
    except ValueError as error:  # not TOML, or a number with more digits than Python reads
        raise UsageError(f"{file}: {first_line(error)}") from error
    for name in table:
        if name not in NAMES:
            raise UsageError(f"{file}: no setting {name[:40]!r}; {_meant(name, NAMES) or 'there are theme and [keys]'}")
    theme, keys = table.get("theme"), table.get("keys", {})
    if theme is not None and not isinstance(theme, str):
        raise UsageError(f'{file}: theme must be a name in quotes, for example theme = "high-contrast"')
    if not isinstance(keys, dict):
        raise UsageError(f"{file}: [keys] must be a table of command ids and keys")
    for name, value in keys.items():
        if name not in commands.BY_ID:
            close = _meant(name, commands.BY_ID)
            raise UsageError(f"{file}: no command {name!r}" + (f"; {close}" if close else ""))
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f'{file}: the keys of {name!r} must be a text such as "s" or "ctrl+s,f2"')
        for key in value.split(","):
            if not _is_key(key.strip()):
                raise UsageError(f"{file}: {name!r} has {key.strip()[:40]!r}, which is the name of no key")
            if _is_typed(key.strip(), commands.BY_ID[name].scope):
                raise UsageError(
                    f"{file}: {name!r} has {key.strip()!r}, which is typed where that command is;"
                    " give it one that is not, such as ctrl+s or f2"
                )
    keymap = {str(name): str(value) for name, value in keys.items()}
    for name, other, key in _clashes(keymap):
        raise UsageError(f"{file}: {key!r} is a key of {name!r} and of {other!r}; give one of them another")
    return Settings(theme, keymap)


def _clashes(keymap: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Commands that were given keys, each with another of its scope that has one of them, and which."""
    keys = {command.id: dict.fromkeys(_keys(command, keymap)) for command in commands.BY_ID.values()}
    for name in keymap:
        for other in commands.in_scope(commands.BY_ID[name].scope):
            if other.id != name:
                yield from ((name, other.id, key) for key in keys[name] if key in keys[other.id])


def _keys(command: Command, keymap: dict[str, str]) -> list[str]:
    """The keys of a command as Textual names them: "[" is left_square_bracket."""
    given = ",".join(key.strip() for key in keymap.get(command.id, command.keys).split(","))
    return [binding.key for binding in Binding.make_bindings([Binding(given, "", "")])]


def _meant(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else ""

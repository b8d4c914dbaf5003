"""The user's settings file: a theme, and keys by command id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from db.errors import UsageError, first_line
from db.input_file import MOST_SETTINGS, read_whole
from db.nearest import nearest
from tui import commands


@dataclass(frozen=True)
class Settings:
    """What the file says; empty when there is none."""

    theme: str | None = None
    keymap: dict[str, str] = field(default_factory=dict)


_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)*([a-z][a-z0-9_]{1,39}|\S)")
"""What Textual's names of keys look like: a character, the name of one ("left_square_bracket"), "ctrl+f2"."""


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
        text = read_whole(file, MOST_SETTINGS, pipes=False).decode("utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from error
    import tomllib

    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{file}: it is nested without end") from error
    except ValueError as error:  # not TOML, or a number with more digits than Python reads
        raise UsageError(f"{file}: {first_line(error)}") from error
    theme, keys = table.get("theme"), table.get("keys", {})
    if theme is not None and not isinstance(theme, str):
        raise UsageError(f'{file}: theme must be a name in quotes, for example theme = "high-contrast"')
    if not isinstance(keys, dict):
        raise UsageError(f"{file}: [keys] must be a table of command ids and keys")
    for name, value in keys.items():
        if name not in commands.BY_ID:
            close = nearest(name, commands.BY_ID)
            raise UsageError(f"{file}: no command {name!r}" + (f"; did you mean {close!r}?" if close else ""))
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f'{file}: the keys of {name!r} must be a text such as "s" or "ctrl+s,f2"')
        for key in value.split(","):
            if not _is_key(key.strip()):
                raise UsageError(f"{file}: {name!r} has {key.strip()[:40]!r}, which is the name of no key")
    return Settings(theme, {str(name): str(value) for name, value in keys.items()})

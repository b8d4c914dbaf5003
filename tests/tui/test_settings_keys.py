"""Keys in the settings: those that Textual knows by some name, and nothing that a terminal would obey."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import UsageError
from tui import commands, settings
from tui.widgets.line_view import Line, LineView


@pytest.mark.parametrize(
    "keys",
    ["s", "ctrl+s,f2", "€", "left_square_bracket", "ctrl+shift+left", "plus", "ctrl+@", "space", "[", "alt+backslash"],
)
def test_keys_that_there_are(tmp_path: Path, keys: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'[keys]\n"confirm.no" = "{keys}"\n')
    assert settings.load(file).keymap == {"confirm.no": keys}


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("note.close", "x"), ("note.keep", "ctrl+s,enter"), ("ask.close", "space"), ("tag.toggle", "slash"),
        ("query.leave", "€"), ("find.clear", "backspace"), ("palette.close", "["), ("date.close", "enter"),
    ],
)  # fmt: skip
def test_a_key_that_is_typed_where_its_command_is_is_refused(tmp_path: Path, command: str, keys: str) -> None:
    """It would only write itself, and a dialog could not be left any more."""
    file = tmp_path / "settings.toml"
    file.write_text(f'[keys]\n"{command}" = "{keys}"\n')
    with pytest.raises(UsageError, match=f"'{command}' has '.*', which is typed where that command is"):
        settings.load(file)


@pytest.mark.parametrize(
    "keys", ["ctrl+", "\\u001b]52;c;QUFB\\u0007", "\\u0000", "s,", "x" * 5_000, "hyper+Enter", "\\u200b"]
)
def test_keys_that_there_are_not(tmp_path: Path, keys: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'[keys]\n"main.star" = "{keys}"\n')
    with pytest.raises(UsageError, match="which is the name of no key") as told:
        settings.load(file)
    assert len(str(told.value)) < 300


def test_every_key_of_the_registry_is_one(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for command in commands.COMMANDS:
        file.write_text(f'[keys]\n"{command.id}" = "{command.keys}"\n')
        assert settings.load(file).keymap == {command.id: command.keys}


class _Careless(LineView):
    @property
    def line_count(self) -> int:
        return 1

    def line(self, y: int) -> Line:
        return (("a\x1b]52;c;QUFB\x07b\x00", ""),)


def test_a_line_made_carelessly_is_drawn_without_controls() -> None:
    from rich.style import Style

    from tui.widgets.line_view import Styles

    view = _Careless(id="careless")
    look = Styles(Style(), "", (), None)  # type: ignore[arg-type]
    look.shown["", ""] = Style()
    text = view._painted(view.line(0), 40, "", look).text
    assert text.isprintable()
    assert text.startswith("a")
    assert "b" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b'[keys]\n"main.star" = "S"\n',
            "'S' is a key of 'main.star' and of 'main.documents'; give one of them another",
        ),
        (b'[keys]\n"main.star" = "f2"\n"main.tag" = "f3,f2"\n', "'f2' is a key of 'main.star' and of 'main.tag'"),
        (b'[keys]\n"main.star" = "#"\n', "'number_sign' is a key of 'main.star' and of 'main.tag'"),
        (b'them = "dateline-light"\n', "no setting 'them'; did you mean 'theme'?"),
        (b'colour = "red"\n', "no setting 'colour'; there are theme and [keys]"),
        (b'theme = "dateline"\n# caf\xe9\n', ":2: not UTF-8 (byte 0xe9); save the file as UTF-8"),
    ],
)
def test_what_would_be_passed_over_in_silence_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError) as told:
        settings.load(file)
    assert str(told.value).startswith(str(file)) and words in str(told.value) and "\n" not in str(told.value)


def test_keys_may_be_exchanged_and_stand_in_several_scopes(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[keys]\n"main.star" = "S"\n"main.documents" = "m"\n"timeline.down" = "q, j"\n')
    assert settings.load(file).keymap["timeline.down"] == "q, j"

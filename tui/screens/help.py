"""Help: every key in reach, from the registry, and the query language on the same page."""

from __future__ import annotations

from itertools import groupby

from db.fields import DATES, FACETS, FLAGS, NUMBERS
from tui import commands
from tui.safe_text import pad, wrap
from tui.screens.show_lines import ReadingBox
from tui.widgets.line_view import Line, LineView

KEYS = 18
"""Width of the column of keys."""

LANGUAGE = (
    ("drone explosives", "all words must be in title, summary or quotes"),
    ('"anti-ISIS Coalition"', "a phrase"),
    ("dro*", "words that begin so"),
    ("type:drone-strike,rocket-fire", "any of several values; * stands for any letters"),
    ('actor:"Kataib Hezbollah"', "quotes for values with spaces"),
    ("-weapon:rocket", "not"),
    ("date:2021-05..2021-06", "a date or a range, both ends included; also after: and before:"),
    ("killed:>0  injured:5..20", "numbers"),
    ("(type:drill OR place:erbil)", "groups"),
    ('near:"Ain al-Asad"/50km', "within a distance"),
    ("certain:date", "only what is certainly in the range"),
)


class HelpView(LineView):
    """The lines of the help."""

    def __init__(self, scopes: tuple[str, ...], keymap: dict[str, str]) -> None:
        super().__init__(id="help")
        self._scopes = scopes
        self._keymap = keymap
        self._lines: list[Line] = []

    def resized(self) -> None:
        self._lines = help_lines(self._scopes, self._keymap, max(30, self.text_width))
        self.recount()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, y: int) -> Line:
        return self._lines[y]


def help_lines(scopes: tuple[str, ...], keymap: dict[str, str], width: int) -> list[Line]:
    """All of the help; the scopes of the focused pane come first."""
    lines: list[Line] = []
    order = [*scopes, *(scope for scope in commands.SCOPES if scope not in scopes)]
    for scope in order:
        lines += [((f" {commands.SCOPES[scope]}", "heading"),)]
        # Commands that differ only in their key (1 to 9) stand on one line.
        for text, alike in groupby(commands.in_scope(scope), key=lambda one: commands.help_words(one, keymap)):
            names = [name for command in alike for name in commands.key_names(command, keymap)]
            _pair(lines, f"{names[0]} … {names[-1]}" if len(names) > 4 else "  ".join(names), text, width)
        lines.append(())
    lines.append(((" The query language", "heading"),))
    for example, meaning in LANGUAGE:
        _pair(lines, example, meaning, width)
    lines.append(())
    lines.append(((" Fields", "heading"),))
    for field in (*FACETS, *DATES, *NUMBERS):
        _pair(lines, f"{field.name}:", field.help, width)
    for field in FLAGS:
        _pair(lines, f"is:{field.name}", field.help, width)
    return lines


def _pair(lines: list[Line], left: str, right: str, width: int) -> None:
    """A key and what it does, the text wrapped beside or under the key."""
    if len(left) > KEYS:
        lines.append(((f"   {left}", "key"),))
        left = ""
    for at, piece in enumerate(wrap(right, max(10, width - KEYS - 4))):
        lines.append(((f"   {pad(left if at == 0 else '', KEYS)} ", "key"), (piece, "")))


class HelpScreen(ReadingBox):
    """Shows the help over the screen it was asked from."""

    BINDINGS = commands.bindings("help")
    CLOSED_BY = "{help.close} closes"

    def __init__(self, scopes: tuple[str, ...], keymap: dict[str, str]) -> None:
        super().__init__("Help", HelpView(scopes, keymap))

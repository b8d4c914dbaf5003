"""A line to type in: the only input of this program, for Textual's own draws whatever stands in it."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input
from textual.widgets.input import Selection

from db.visible import in_place
from tui.key_order import keys_wait_for
from tui.saying import say

LONGEST = 10_000
"""Characters of a line that may be pasted: two megabytes would keep the program busy for more than half a minute."""


class Field(Input):
    """An input that never blinks and draws each control character as a glyph; its value stays as it is."""

    # Textual's own asks for a layout pass, here with each letter typed; none changes the size of the line.
    virtual_size = Reactive(Size(0, 0))

    def __init__(
        self,
        value: str | None = None,
        placeholder: str = "",
        *,
        id: str | None = None,
        select_on_focus: bool = True,
        compact: bool = False,
    ) -> None:
        super().__init__(value, placeholder, id=id, select_on_focus=select_on_focus, compact=compact)
        self.cursor_blink = False
        self._selects = select_on_focus
        self._touched = False
        """Whether something was typed since it got the focus."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in the place of another: whatever is typed, pasted or deleted goes this way."""
        self._touched = True
        super().replace(text, start, end)

    async def action_submit(self) -> None:
        """Tell of Enter; keys behind it are for what it leads to."""
        await super().action_submit()
        keys_wait_for(self)

    def begin_with(self, value: str) -> None:
        """Have a value to begin with, which typing replaces where a focus selects it, and the focus."""
        self.value = value
        self._touched = False
        self.screen.set_focus(self)

    def _on_focus(self, event: events.Focus) -> None:
        """Leave alone what was typed before this event came; Textual calls the input's own method after this one."""
        self.select_on_focus = self._selects and not self._touched

    def ready(self) -> None:
        """Select what a first key replaces, where the key comes before the event that tells of the focus."""
        if self._selects and not self._touched and not self.has_focus:
            self.selection = Selection(0, len(self.value))

    def _on_blur(self, event: events.Blur) -> None:
        if self.app.app_focus:  # else it comes back with the terminal's, and typing goes on
            self._touched = False

    def _on_hide(self, event: events.Hide) -> None:
        """Keep the focus where it is shown again by the time that this event comes."""
        if self.display:
            event.prevent_default()

    @property
    def _value(self) -> Text:
        """The text as it is drawn, a character for each, so that the cursor's place stays right."""
        return Text(in_place(self.value), no_wrap=True, overflow="ignore", end="")

    def _on_paste(self, event: events.Paste) -> None:
        """Leave out what nobody means to type; Textual calls the input's own method after this one."""
        if self._pasted(event.text) is None:
            event.stop()
            event.prevent_default()

    def action_paste(self) -> None:
        """Paste what was copied here, in the manner of what the terminal pastes: its first line."""
        line = self._pasted(self.app.clipboard)
        if line is not None:
            self.replace(line, *self.selection)

    def _pasted(self, text: str) -> str | None:
        """The line of a text that is pasted; None where it is too long, which is said."""
        line = next(iter(text.splitlines()), "")
        if len(line) <= LONGEST:
            return line
        say(self.app, f"Too long to paste here: {len(line):,} characters.", "warning")
        return None

    def action_cut(self) -> None:
        """Cut what is selected; where nothing is, the clipboard stays as it is."""
        if self.selected_text:
            super().action_cut()

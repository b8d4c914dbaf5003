"""A line to type in: the only input of this program, for Textual's own draws whatever stands in it."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input

from db.visible import in_place


class Field(Input):
    """An input that never blinks and draws each control character as a glyph; its value stays as it is."""

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

    @property
    def _value(self) -> Text:
        """The text as it is drawn, a character for each, so that the cursor's place stays right."""
        return Text(in_place(self.value), no_wrap=True, overflow="ignore", end="")

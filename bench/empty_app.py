"""The smallest Textual program: what a start costs before any of ours is done."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

READY = "Ready"


class EmptyApp(App[None]):
    """Shows one word."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Static(READY)


if __name__ == "__main__":
    EmptyApp().run()

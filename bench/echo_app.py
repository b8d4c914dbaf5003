"""A trivial Textual program that shows each key: what a key costs before any of ours is done."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

READY = "Ready"


class EchoApp(App[None]):
    """Shows the number of keys so far and the last one."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Static(READY)

    def on_mount(self) -> None:
        self.keys = 0

    def on_key(self, event: events.Key) -> None:
        self.keys += 1
        self.query_one(Static).update(f"key {self.keys} {event.character}", layout=False)


if __name__ == "__main__":
    EchoApp().run()

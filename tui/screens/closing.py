"""Close a screen that is not on top."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def close(screen: Screen[Any]) -> None:
    """Close a screen and whatever is open over it: `dismiss` of one that is not on top closes what is, in its stead."""
    app = screen.app
    if screen in app.screen_stack:
        while app.screen is not screen:
            app.pop_screen()
        screen.dismiss(None)

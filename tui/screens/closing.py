"""Close a screen that is not on top."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import Screen

from tui.drafts import Typing


def close(screen: Screen[Any]) -> None:
    """Close a screen and whatever is open over it: `dismiss` of one that is not on top closes what is, in its stead."""
    app = screen.app
    if screen in app.screen_stack:
        uncover(app, screen)
        screen.dismiss(None)


def uncover(app: App[Any], screen: Screen[Any]) -> None:
    """Close whatever is open over a screen; a reason that is being typed there is kept."""
    while app.screen is not screen:
        if isinstance(app.screen, Typing):
            app.screen.keep()
        app.pop_screen()

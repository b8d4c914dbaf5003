"""Short messages over whatever screen there is; data in them is never markup nor control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.app import App

from tui.safe_text import safe_lines

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from tui.app_commands import AppCommands


GONE = "This incident is gone from the store."
"""Said where another may have got its number, too."""


def keymap_of(app: App[Any]) -> dict[str, str]:
    """The keys that the user has given commands in place of their own, for words that name keys."""
    return cast("AppCommands", app).settings.keymap


def say(app: App[Any], text: str, severity: SeverityLevel = "information") -> None:
    """Show a message that goes away by itself."""
    app.notify("\n".join(safe_lines(text)), severity=severity, markup=False)


def offer(app: App[Any], what: str, text: str, otherwise: str = "", *, shown: bool = False) -> None:
    """Offer a text to the terminal's clipboard, and say so; `otherwise` is what helps where it takes none.

    One that is `shown` on the screen already is not repeated.
    """
    app.copy_to_clipboard(text)
    # OSC 52 gives no answer, so success cannot be claimed.
    instead = f" If it takes none, {otherwise}." if otherwise else ""
    say(app, f"Offered the {what} to the terminal's clipboard.{instead}" + ("" if shown else f"\n{text}"))

"""What can be done everywhere: find a command by its name, change the colours, save a picture, see the keys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import events
from textual.widgets import Input

from db.errors import reason
from db.plural import counted
from tui import commands
from tui.key_taking import KeyTaking
from tui.safe_text import fit
from tui.saying import say
from tui.settings import Settings

MOST_NAMED = 3
"""Unfinished notes that are named when one quits."""

WIDEST = 70
"""Cells that the name of one may take."""


class AppCommands(KeyTaking):
    """The part of the app that offers commands."""

    settings: Settings
    _asked_to_quit = 0
    """The number of the key that would have ended the program, but for notes that are not kept."""

    async def action_quit(self) -> None:
        """Quit; where notes were begun and not kept, say of what, and quit when the next key says the same."""
        main = self.main
        notes = [note.what for note in main.unfinished()] if main is not None else []
        if main is None or not notes or self.keys_taken == self._asked_to_quit + 1:
            self.exit()
            return

        self._asked_to_quit = self.keys_taken
        keys = commands.key_names(commands.BY_ID["app.quit"], self.settings.keymap)
        key = keys[0] if keys and self.screen is main and not isinstance(self.focused, Input) else "^q"
        of = ", ".join([fit(note, WIDEST) for note in notes[:MOST_NAMED]])
        more = f" and {len(notes) - MOST_NAMED:,} more" if len(notes) > MOST_NAMED else ""
        them = "it" if len(notes) == 1 else "them"
        gone = " What is on an incident that is gone is printed then." if main.unreachable_notes() else ""
        say(self, f"{counted(len(notes), 'unfinished note')} ({of}{more}): {key} again quits without {them}.{gone}")

    def action_find_command(self) -> None:
        """Show what can be done here."""
        from tui.screens.palette import Offer, Palette

        if isinstance(self.screen, Palette):
            return
        node = self.screen
        offers = []
        for command in self._reachable():
            keys = " ".join(commands.key_names(command, self.settings.keymap))
            on = self if command.scope == "app" else node
            words = commands.help_words(command, self.settings.keymap).rstrip(".")
            offers.append(Offer(words, keys, partial(self.run_action, command.name, on), command.label))
        offers.append(Offer("Change the colours until you quit", "", self._offer_themes))
        offers.append(Offer("Save a picture of the screen", "", self._save_picture))
        self.push_screen(Palette("Commands", offers))

    def _reachable(self) -> Iterable[commands.Command]:
        if self.screen is self.main:
            yield from commands.in_scope("main")
        elif hasattr(self.screen, "scopes"):
            yield from commands.in_scope(self.screen.scopes()[0])
        yield from (command for command in commands.in_scope("app") if command.id != "app.palette")

    async def _offer_themes(self) -> None:
        from tui.screens.palette import Offer, Palette

        async def take(name: str) -> None:
            self.theme = name

        names = sorted(self.available_themes)
        self.push_screen(Palette("Colours", [Offer(name, "", partial(take, name)) for name in names]))

    async def _save_picture(self) -> None:
        # Not before the palette is gone from it.
        self.call_after_refresh(self.deliver_screenshot)

    def _on_delivery_complete(self, event: events.DeliveryComplete) -> None:
        """Say where the picture is; Textual's own words for it take the folder's name for markup."""
        event.prevent_default()
        say(self, f"Saved the picture as {event.path}")

    def _on_delivery_failed(self, event: events.DeliveryFailed) -> None:  # type: ignore[override]
        event.prevent_default()
        error = event.exception
        why = reason(error) if isinstance(error, OSError) else str(error)
        say(self, f"The picture was not saved: {why}", "error")

    def action_show_keys(self) -> None:
        """Help for where the focus is."""
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            scopes = self.screen.scopes() if hasattr(self.screen, "scopes") else ("app",)
            self.push_screen(HelpScreen(scopes, self.settings.keymap))

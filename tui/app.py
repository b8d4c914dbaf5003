"""The application: wiring only.  What a key does is in the screens, what is drawn in the widgets."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

# A key that comes soon after a frame waits for the frame timer: 1/60 s by default.  Read when textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "240")

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from db.errors import UsageError
from tui import commands, settings
from tui.screens.help import HelpScreen
from tui.screens.main import MainScreen
from tui.session import POLL_S, Session
from tui.themes import OWN


class Commands(Provider):
    """The command palette's view of the registry."""

    async def discover(self) -> Hits:
        for command in self._reachable():
            yield DiscoveryHit(self._title(command), self._run(command), help=command.id)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._reachable():
            title = self._title(command)
            if (score := matcher.match(title)) > 0:
                yield Hit(score, Content(title), self._run(command), help=command.id)

    def _reachable(self) -> Iterable[commands.Command]:
        if isinstance(self.screen, MainScreen):
            yield from commands.in_scope("main")
        yield from (c for c in commands.in_scope("app") if c.id != "app.palette")

    def _title(self, command: commands.Command) -> str:
        app = self.app
        keymap = app.settings.keymap if isinstance(app, DatelineApp) else {}
        return f"{command.help.rstrip('.')}  ({' '.join(commands.key_names(command, keymap))})"

    def _run(self, command: commands.Command):  # type: ignore[no-untyped-def]
        node = self.app if command.scope == "app" else self.screen

        async def run() -> None:
            await self.app.run_action(command.name, node)

        return run


class DatelineApp(App[None]):
    """The incident timeline of one store."""

    TITLE = "Dateline"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("app")
    COMMANDS: ClassVar = {Commands, *App.COMMANDS}
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT = 4

    def __init__(
        self, path: Path, query: str = "", user: settings.Settings | None = None, *, live: bool = True
    ) -> None:
        super().__init__()
        self.settings = user or settings.Settings()
        self.session = Session(path, self._post)
        self._first_query = query
        self._live = live
        self.begun = False
        """Whether the store has been asked for: the first frame is out."""
        for theme in OWN:
            self.register_theme(theme)
        theme_name = self.settings.theme or os.environ.get("TEXTUAL_THEME") or "dateline"
        if theme_name not in self.available_themes:
            raise UsageError(f"no theme {theme_name!r}; there are {', '.join(sorted(self.available_themes))}")
        self.theme = theme_name

    def _post(self, message: object) -> None:
        """From the session's thread to the main screen, which may be gone by then."""
        main = self._main
        if self.is_running and main.is_running:
            main.post_message(message)  # type: ignore[arg-type]

    def on_mount(self) -> None:
        self.set_keymap(self.settings.keymap)
        self._main = MainScreen(self.session, self._first_query, self.settings.keymap)
        self.push_screen(self._main)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: open the store."""
        self.session.start()
        self.begun = True
        if self._live:
            self.set_interval(POLL_S, self._main.poll)
        # What start-up made stays: the collector need not walk it again while a key waits.
        gc.collect()
        gc.freeze()

    def on_unmount(self) -> None:
        self.session.stop()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands that make sense here."""
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Screenshot"):
                yield command

    def action_show_keys(self) -> None:
        """Help for where the focus is."""
        screen = self.screen
        scopes = screen.scopes() if isinstance(screen, MainScreen) else ("app",)
        if not isinstance(screen, HelpScreen):
            self.push_screen(HelpScreen(scopes, self.settings.keymap))


def run(path: Path, query: str = "") -> int:
    """Open the timeline on a store and return the exit status; raises DatelineError before the screen is taken over."""
    app = DatelineApp(path, query, settings.load())
    app.run()
    return app.return_code or 0

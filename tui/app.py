"""The application: wiring only.  What a key does is in the screens, what is drawn in the widgets.

The first frame needs none of them: they are imported after it, so that the program shows itself at once.
"""

from __future__ import annotations

import gc
import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

# A key that comes soon after a frame waits for the frame timer: 1/60 s by default.  Read when textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "240")

from tui.without import without

with without("ssl"):  # 4 MiB and 7 ms: asyncio takes it where it is there, and nothing here asks a network for anything
    import asyncio

from textual import constants
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Static

from db import output
from db.errors import StoreError, UsageError, reason
from db.visible import pasteable, visible
from tui import commands, line_styles, settings
from tui.app_commands import AppCommands
from tui.safe_text import safe
from tui.terminal_input import bear_odd_input, drop_odd_sizes
from tui.themes import OWN

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.await_remove import AwaitRemove
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.widget import Widget

    from tui.session import Session
    from tui.write_queue import Typed


_COLLECTING = gc.get_threshold()

COLOUR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")
"""What rich understands, see rich.console.COLOR_SYSTEMS."""

STYLES = Path(__file__).with_name("app.tcss")


class DatelineApp(AppCommands):
    """The incident timeline of one store."""

    TITLE = "Dateline"
    CSS = "#opening { height: 1; background: $panel; text-style: bold; }"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("app")
    COMPONENT_CLASSES: ClassVar[set[str]] = set(line_styles.CLASSES)
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 4

    def __init__(
        self, path: Path, query: str = "", user: settings.Settings | None = None, *, live: bool = True
    ) -> None:
        # Textual's own answer to NO_COLOR is shades of grey; with the terminal's colours it leaves out all of them.
        super().__init__(ansi_color=bool(os.environ.get("NO_COLOR")))
        # The folder that it was named from may be gone when the store is asked for again.
        self.path = Path(os.path.realpath(path.parent)) / path.name
        self.settings = user or settings.Settings()
        self.session: Session | None = None
        self.begun = False
        """Whether the main screen is up and the store asked for."""
        self.unfinished: list[Typed] = []
        """Notes and reasons that are told when the screen has been left."""
        self._first_query = query
        self._live = live
        self._early: list[Message] = []
        for theme in OWN:
            self.register_theme(theme)
        theme_name = self.settings.theme or os.environ.get("TEXTUAL_THEME") or "dateline"
        if theme_name not in self.available_themes:
            raise UsageError(f"no theme {theme_name!r}; there are {', '.join(sorted(self.available_themes))}")
        self.theme = theme_name

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, which bears what a terminal sends, or the one that TEXTUAL_DRIVER names."""
        bear_odd_input()
        try:
            return super().get_driver_class()
        except (ImportError, AttributeError, ValueError, RuntimeError) as error:
            raise UsageError(f"TEXTUAL_DRIVER={constants.DRIVER}: {error}") from error

    def compose(self) -> ComposeResult:
        yield Static(Content(f" Dateline  {safe(self.path.name)}"), id="opening")

    def on_mount(self) -> None:
        # Ended from outside, the terminal must be given back first.  SIGINT too: what asyncio makes of it, a cancelled
        # task, can get lost on its way.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            loop.add_signal_handler(number, self.exit, None, 128 + number)
        # Thousands at once are more than the loop is told of: no reason for a traceback on the screen.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        self.set_keymap(self.settings.keymap)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """After the first frame: import the screens while the session opens the store, then show both."""
        from tui.session import Session

        self.session = Session(self.path, self._post)
        self.session.start()
        from tui.screens.main import MainScreen

        # Read only now, and not with CSS_PATH: Textual parses that twice before the first frame.
        self.stylesheet.read(STYLES)
        self.stylesheet.apply(self)  # the styles of lines are the app's own
        self.main = MainScreen(self.session, self._first_query, self.settings.keymap)
        await self.push_screen(self.main)
        early, self._early = self._early, []
        for message in early:
            self.main.post_message(message)
        self.begun = True
        if self._live:
            self.main.go_live()
        # What start-up made stays: the collector need not walk it again while a key waits.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTING)

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Take nodes out; a screen that goes leaves the one below as it is, which is painted when it comes back.

        Textual 8.2.8 lays that out and paints it whole twice more.
        """
        return super()._prune(*nodes, parent=None if parent is self else parent)

    def _post(self, message: Message) -> None:
        """From the session's thread to the main screen, which may not be there yet, or be gone."""
        if self.main is None or not self.begun:
            self._early.append(message)
        elif self.is_running and self.main.is_running:
            self.main.post_message(message)

    def _handle_exception(self, error: Exception) -> None:
        """End in one line where a value that a damaged store cannot rightly hold is what went wrong."""
        from tui.open_store import blamed

        if self._exit and isinstance(error, NoMatches):
            return  # a screen that was about to open looks for widgets that the end has taken out already
        told = blamed(self.path, error)
        if told is None:
            try:
                self._keep_words(asked=False)
            finally:
                super()._handle_exception(error)
        else:
            self.exit(return_code=3, message=safe(str(told)))

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the program; a write that fails from now on is told of when the screen has been left (`run`).

        So is what was being typed, where it ends by anything but a key (an error, too) and nobody was asked for that;
        and in any case what nobody could have gone on with: notes on what is gone, and reasons that were refused.
        """
        self._keep_words(asked=not return_code)
        if self.session is not None:
            self.session.leave()
        super().exit(result, return_code, message)

    def _keep_words(self, *, asked: bool) -> None:
        """Keep what was being typed for `run` to tell; `asked` says that the person left the notes in reach so."""
        if self.main is not None and not self._exit:
            self.unfinished = self.main.unreachable_notes() if asked else self.main.unfinished()
            self.unfinished += self.main.session.reasons.typed()

    def copy_to_clipboard(self, text: str) -> None:
        """Offer a text to the terminal's clipboard; controls as glyphs, bytes that are not UTF-8 as "?"."""
        if not text:
            return  # an empty clipboard would be all that is left of what was copied elsewhere
        super().copy_to_clipboard(pasteable(text).encode("utf-8", "replace").decode())

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Hand an address to a browser, which neither holds the timeline up nor has its terminal."""
        from tui.browser import hand_over

        if self.main is not None:
            hand_over(url, self._post, partial(self.main.not_visited, url))

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.stop()

    async def run_async(self, **options: Any) -> Any:
        """Run until the end, from which on no signal is told to the loop.

        asyncio closes what signals are told through before it takes its handlers away, and one that comes between
        the two is a traceback.
        """
        try:
            return await super().run_async(**options)  # a picture, where a test takes one
        finally:
            signal.set_wakeup_fd(-1)


def _check_variables() -> None:
    """Raise UsageError for a variable of Textual's that would end it with a traceback."""
    if constants.COLOR_SYSTEM not in COLOUR_SYSTEMS:
        known = ", ".join(COLOUR_SYSTEMS)
        raise UsageError(f"TEXTUAL_COLOR_SYSTEM={constants.COLOR_SYSTEM}: not one of {known}")
    if constants.LOG_FILE is not None:
        try:
            with open(constants.LOG_FILE, "a", encoding="utf-8"):
                pass
        except OSError as error:
            raise UsageError(f"TEXTUAL_LOG={constants.LOG_FILE}: {reason(error)}") from error


def run(path: Path, query: str = "") -> int:
    """Open the timeline on a store and return the exit status; raises DatelineError before the screen is taken over.

    What was still to be written and could not be is said in one line on stderr: status 3, but a signal's own stays.
    Behind it stands, whole, what a person would have to type again.
    """
    # Importing and building the screens makes hardly anything but what stays; `_begin` puts back how often the
    # collector works.  Not switched off meanwhile, for what it would leave lying is a MiB.
    gc.set_threshold(20_000)
    _check_variables()
    drop_odd_sizes()
    app = DatelineApp(path, query, settings.load())
    app.run()
    unwritten = app.session.unwritten() if app.session is not None else None
    untaken = app.session.untaken() if app.session is not None else []
    if unwritten is not None:
        output.say(unwritten)
    for typed in [*untaken, *app.unfinished]:
        output.say(f"not in the store, {typed.what}:")
        output.tell(visible(typed.text))
    return app.return_code or (StoreError.status if unwritten is not None or untaken else 0)

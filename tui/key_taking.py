"""Keys are carried out one by one, in the order in which they were pressed, with what the mouse did between them."""

from __future__ import annotations

import sys
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.widgets import Input

from db.plural import counted
from tui import commands
from tui.key_order import KeyOrder
from tui.saying import keymap_of

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.screens.main import MainScreen

QUITS_S = 0.5
"""A key that quits by all means waits so long for what was typed or pasted before it, seconds."""

MOUNTS_S = 0.005
"""Between two looks whether a screen that opens can take keys, seconds."""


class KeyTaking(App[None]):
    """An app that carries each key out before it looks at the next."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.main: MainScreen | None = None
        self._taking_keys = False
        """Whether there is a first answer on the screen, so that keys have something to work on."""
        self._held: deque[events.Event] = deque()
        """Keys that were pressed before that, or right behind a click that is still on its way."""
        self.key_order = KeyOrder(self, self._go_on)
        self.keys_taken = 0
        """How many keys have been carried out."""

    async def on_event(self, event: events.Event) -> None:
        """Carry out each key before the next is looked at.

        Textual hands a key to the widget that has the focus when it arrives, and looks for its binding only when
        the widget has passed it on; a "/" that moves the focus would come too late for the letters typed behind it.
        """
        if self._gives_up(event):
            self._give_up(leave=True)
        elif isinstance(event, events.Key) and not event.is_forwarded:
            self._held.append(event)
            if event.key == "ctrl+q":
                self.set_timer(QUITS_S, partial(self._quit_at_last, event))
            await self._go_on()
        elif self._opens and isinstance(event, events.MouseDown) and (self._held or not self._fills):
            self._give_up(leave=False)  # it is for what stands there, and so is what is typed behind it
            await self._pass_on(event)
        elif self._opens and isinstance(event, events.Paste) and not event.is_forwarded:
            self._held.append(event)
        elif self._held and self._taking_keys and not self._opens and self.key_order.keeps_waiting(event):
            self._held.append(event)  # a click or a paste behind keys that wait
        else:
            await self._pass_on(event)

    @property
    def _opens(self) -> bool:
        """Whether what a key opens is on its way, for which the keys behind it are meant."""
        return self.main is not None and self.main.opens

    @property
    def _fills(self) -> bool:
        """Whether what is on its way is for a screen that shows already how far it is."""
        return self.main is not None and self.main.fills

    def give_up_if_asked(self) -> bool:
        """Wait no longer for what is on its way where a key that goes back is among those that wait for it."""
        asked = next((held for held in self._held if self._gives_up(held)), None)
        if asked is not None:
            self._held.remove(asked)
            self._give_up(leave=True)
        return asked is not None

    def _give_up(self, *, leave: bool) -> None:
        """Wait no longer for what is on its way, and drop what was typed for it."""
        assert self.main is not None
        pasted = any(isinstance(held, events.Paste) for held in self._held)
        keys = counted(sum(isinstance(held, events.Key) for held in self._held), "key")
        typed = "what was typed and pasted" if pasted else f"{keys} typed" if self._held else ""
        self._held.clear()
        self.main.give_up(f"Given up, with {typed} behind it." if typed else "Given up.", leave=leave)

    @property
    def typed_ahead(self) -> str:
        """The text that was typed or pasted for what is on its way."""
        return "".join(_text_of(held) for held in self._held) if self._opens else ""

    async def _quit_at_last(self, event: events.Event) -> None:
        """Carry out a key that quits, though what was pressed before it still waits."""
        if event in self._held:
            self._held.remove(event)
            assert isinstance(event, events.Key)
            await self._carry_out(event)

    async def _pass_on(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not self.app_focus:
            self.app_focus = True  # tmux pastes into a pane beside: what had the focus gets it back
        target = self.key_order.target(event)
        await super().on_event(event)
        if target is not None:
            self.key_order.let_pass(target)

    def _takes(self, event: events.Event) -> bool:
        """Whether there is something that an event can work on, and nothing that must be dealt with before it."""
        by_all_means = isinstance(event, events.Key) and commands.quits(event.key, keymap_of(self))
        return (self._taking_keys or by_all_means) and not self.key_order.waiting and not self._opens

    def carry_on(self) -> None:
        """What keys have waited for has come: carry them out."""
        self.call_later(self._go_on)

    def _gives_up(self, event: events.Event) -> bool:
        """Whether a key ends the wait for what another opens."""
        if self.main is None or not self.main.opens_late or not isinstance(event, events.Key):
            return False
        keys = commands.keys_of(commands.BY_ID[self.main.given_up_by], keymap_of(self))
        return event.key in keys or event.character in keys  # "[" is written for left_square_bracket, too

    async def on_begun(self) -> None:
        """There is something to work on: carry out the keys that were pressed before, in order."""
        self._taking_keys = True
        await self._go_on()

    async def _go_on(self) -> None:
        """Carry out the keys that have come, and what came between them, in order, as far as that can be now."""
        while self._held and self._takes(self._held[0]):
            if self.focused is None and not self.screen.is_mounted:
                # A screen that is about to open: the keys are for what will stand there.
                self.set_timer(MOUNTS_S, self._go_on)
                return
            event = self._held.popleft()
            if isinstance(event, events.Key):
                await self._carry_out(event)
            else:
                await self._pass_on(event)

    async def _carry_out(self, event: events.Key) -> None:
        from tui.widgets.field import Field  # with the first key, behind the first frame

        if self._exit:
            return  # what was pressed behind the key that quits
        self.keys_taken += 1
        if not self.app_focus:
            self.app_focus = True  # a terminal that tells of none: what had the focus gets it back
        if self.main is not None and self.screen is self.main:
            self.main.keep_focus_in_sight()
            await self.main.rows_answered(event.key)
        focused = self.focused
        if isinstance(focused, Field):
            focused.ready()
        area = _is_text_area(focused)
        if (isinstance(focused, Input) or area) and (event.is_printable or (area and event.key == "enter")):
            assert focused is not None
            with focused._context():
                await focused._on_key(event)
        elif not await self._check_bindings(event.key, priority=True):
            await self._check_bindings(event.key)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top; keys wait until the one who asked for it has what it gives."""
        callbacks = self.screen._result_callbacks
        asked = callbacks[-1].requester if callbacks else None
        popped = super().pop_screen()
        if asked is not None:
            self.key_order.let_pass(asked)
        return popped


def _text_of(event: events.Event) -> str:
    """The text that a key or a paste has for a line or a text."""
    if isinstance(event, events.Paste):
        return event.text
    if not isinstance(event, events.Key):
        return ""
    return "\n" if event.key == "enter" else event.character or "" if event.is_printable else ""


def _is_text_area(widget: Widget | None) -> bool:
    """Whether a widget is a TextArea, without importing that (half a megabyte) for it."""
    module = sys.modules.get("textual.widgets._text_area")
    return module is not None and isinstance(widget, module.TextArea)

"""The order of keys and of what came before them by the mouse or the clipboard.

Keys are carried out when they arrive, while Textual puts clicks, wheels and pastes into the queue of the widget that
they are for, and from there into those of its parents.  A key right behind one of them waits until all these are done.
So it does behind an Enter in a field and behind a screen that gives what it was asked for, of which others are told by
messages too.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import App
from textual.errors import NoWidget
from textual.message_pump import MessagePump
from textual.widget import Widget

AT_MOST_S = 0.5
"""How long a key waits at most, seconds: the widget that was clicked on may be gone with its queue."""

_MOUSE = (events.MouseDown, events.MouseUp, events.MouseScrollDown, events.MouseScrollUp)


class KeyOrder:
    """Knows what keys wait for; `go_on` is called, in the app's queue, when they need wait no longer."""

    def __init__(self, app: App[None], go_on: Callable[[], object]) -> None:
        self._app = app
        self._go_on = go_on
        self._ahead: set[object] = set()

    @property
    def waiting(self) -> bool:
        """Whether something is under way that came before the next key."""
        return bool(self._ahead)

    def keeps_waiting(self, event: events.Event) -> bool:
        """Whether an event is to wait behind keys that wait."""
        return isinstance(event, (*_MOUSE, events.Paste)) and not event.is_forwarded

    def target(self, event: events.Event) -> Widget | None:
        """The widget into whose queue an event goes that keys are to wait for; None for any other event."""
        if not isinstance(event, (*_MOUSE, events.Paste)) or event.is_forwarded:
            return None
        if isinstance(event, events.Paste):
            return self._app.focused or self._app.screen
        try:
            return self._app.mouse_captured or self._app.get_widget_at(event.x, event.y)[0]
        except NoWidget:
            return None

    def let_pass(self, target: MessagePump) -> None:
        """Have keys wait until the queues of a widget and of its parents have dealt with what is in them now."""
        ticket = object()
        self._ahead.add(ticket)
        path = (
            [node for node in target.ancestors_with_self if node is not self._app] if isinstance(target, Widget) else []
        )

        def hop(at: int) -> None:
            for further in range(at, len(path)):
                if path[further].call_later(hop, further + 1):
                    return
            self._app.call_later(self._done, ticket)

        hop(0)
        self._app.set_timer(AT_MOST_S, lambda: self._done(ticket))

    def _done(self, ticket: object) -> object:
        if ticket not in self._ahead:
            return None
        self._ahead.discard(ticket)
        return None if self._ahead else self._go_on()


def keys_wait_for(widget: Widget) -> None:
    """Have keys wait until what a widget has just posted was dealt with, where its app keeps the order of keys."""
    order = getattr(widget.app, "key_order", None)
    if isinstance(order, KeyOrder):
        order.let_pass(widget)

"""Have a screen over the timeline follow the store: what is told of every change reads anew what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual.screen import Screen

from db import read
from db.model import Incident
from db.store import Store
from tui.saying import GONE, say
from tui.screens.closing import close
from tui.session import Session

_Now = TypeVar("_Now")


def follow(
    screen: Screen[Any],
    session: Session,
    read_anew: Callable[[Store], _Now | None],
    show: Callable[[_Now], None],
    gone: str = GONE,
) -> None:
    """Read what a screen shows as it is by now, and show it; where there is none any more, say so and close.

    What comes when the screen has been closed is dropped.
    """

    def found(now: _Now | None) -> None:
        if screen not in screen.app.screen_stack:
            return
        if now is None:
            say(screen.app, gone)
            close(screen)
        else:
            show(now)

    # By a name of this very screen: no key's look, and no other screen's, gives way to it.
    session.look(f"{type(screen).__name__} {id(screen)} anew", lambda store, _: read_anew(store), found)


def same_incident(store: Store, incident: Incident) -> Incident | None:
    """An incident as it is now; None where it is gone, be it that another has got its number."""
    now = read.incident(store.connection, incident.id)
    return now if now is not None and now.key == incident.key else None

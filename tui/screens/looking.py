"""What a key on a screen over the timeline asks the store for: the keys behind it wait for what that opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from textual.screen import Screen

from db.engine import Engine
from db.store import Store

if TYPE_CHECKING:
    from tui.app import DatelineApp
    from tui.screens.main import MainScreen

_Answer = TypeVar("_Answer")
_Result = TypeVar("_Result")


def look_for_key(
    screen: Screen[_Result],
    kind: str,
    question: Callable[[Store, Engine], _Answer],
    tell: Callable[[_Answer], None],
) -> None:
    """`Session.look` for what a key of `screen` opens, by way of the main screen, which has keys wait for it."""
    _main(screen).look(kind, question, tell)


def hold_keys(screen: Screen[_Result], late: str, leave: Callable[[], None], by: str) -> Callable[[], bool]:
    """Have keys wait for what an open screen still reads: one behind a step must not work on what comes in between.

    `late` is said after a while; the keys of the command `by`, also those among the ones that wait, then `leave` it.
    Call what is returned when it has come.
    """
    return _main(screen).hold_keys(late, f"; {{{by}}} leaves", leave, by)


def _main(screen: Screen[_Result]) -> MainScreen:
    main = cast("DatelineApp", screen.app).main
    assert main is not None
    return main

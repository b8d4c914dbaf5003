"""What a key on a screen over the timeline asks the store for: the keys behind it wait for what that opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from textual.screen import Screen

from db.engine import Engine
from db.store import Store

if TYPE_CHECKING:
    from tui.app import DatelineApp

_Answer = TypeVar("_Answer")
_Result = TypeVar("_Result")


def look_for_key(
    screen: Screen[_Result],
    kind: str,
    question: Callable[[Store, Engine], _Answer],
    tell: Callable[[_Answer], None],
) -> None:
    """`Session.look` for what a key of `screen` opens, by way of the main screen, which has keys wait for it."""
    main = cast("DatelineApp", screen.app).main
    assert main is not None
    main.look(kind, question, tell)

"""What the commands have in common below click: an open store, and the query that their words make."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from db.query import Query
    from db.store import Store


class Opened(Protocol):
    """Opens the named store, or the user's own when none is named."""

    def __call__(self, named: Path | None, *, write: bool = False) -> AbstractContextManager[Store]: ...


def parsed(words: Sequence[str]) -> Query | None:
    """The query that the words make, None when a view:NAME in them needs the store first (`viewed`)."""
    return None if "view:" in " ".join(words).casefold() else _whole(" ".join(words))


def viewed(words: Sequence[str], store: Store) -> Query:
    """The query that the words make, each view:NAME in them put in place by the saved view of that name."""
    from db import views
    from db.query import QueryError

    text = " ".join(words)
    try:
        return _whole(views.expand(text, views.listed(store.connection, store.path)))
    except QueryError as error:
        error.add_note(error.caret(text))
        raise


def _whole(text: str) -> Query:
    """The query that a text makes; a QueryError has the caret lines as a note."""
    from db.query import QueryError, asked

    try:
        return asked(text)
    except QueryError as error:
        error.add_note(error.caret(text))
        raise

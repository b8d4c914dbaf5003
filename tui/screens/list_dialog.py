"""The common keys of screens and dialogs that are a list to choose from."""

from __future__ import annotations

from typing import Generic

from tui.screens.dialog import Dialog, Result
from tui.widgets.choice_view import ChoiceView


class ListKeys:
    """Moves the cursor of a list; a subclass names the list, and binds the keys."""

    @property
    def list_view(self) -> ChoiceView:
        """The list that the keys move in."""
        raise NotImplementedError

    @property
    def _page(self) -> int:
        return max(1, self.list_view.size.height - 1)

    def action_down(self) -> None:
        self.list_view.move(1)

    def action_up(self) -> None:
        self.list_view.move(-1)

    def action_page_down(self) -> None:
        self.list_view.move(self._page)

    def action_page_up(self) -> None:
        self.list_view.move(-self._page)

    def action_first(self) -> None:
        self.list_view.move(-self.list_view.choices)

    def action_last(self) -> None:
        self.list_view.move(self.list_view.choices)


class ListDialog(ListKeys, Dialog[Result], Generic[Result]):
    """A dialog that is such a list."""

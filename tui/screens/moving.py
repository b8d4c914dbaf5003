"""The keys that move in a screen: through a list to choose from, or through lines to read."""

from __future__ import annotations

from typing import Generic

from tui.screens.dialog import Dialog, Result
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import LineView


class MoveKeys:
    """Moves by a step, by a page and to both ends; a subclass says what, and binds the keys."""

    @property
    def moved_view(self) -> LineView:
        """What is moved through."""
        raise NotImplementedError

    def _step(self, step: int) -> None:
        raise NotImplementedError

    @property
    def _page(self) -> int:
        return max(1, self.moved_view.size.height - 1)

    @property
    def _whole(self) -> int:
        """Steps that lead from one end to the other, or more."""
        return self.moved_view.line_count

    def action_down(self) -> None:
        self._step(1)

    def action_up(self) -> None:
        self._step(-1)

    def action_page_down(self) -> None:
        self._step(self._page)

    def action_page_up(self) -> None:
        self._step(-self._page)

    def action_first(self) -> None:
        self._step(-self._whole)

    def action_last(self) -> None:
        self._step(self._whole)


class ScrollKeys(MoveKeys):
    """Scrolls through lines."""

    def _step(self, step: int) -> None:
        self.moved_view.by(step)


class ListKeys(MoveKeys):
    """Moves the cursor of a list."""

    @property
    def list_view(self) -> ChoiceView:
        """The list that the keys move in."""
        raise NotImplementedError

    @property
    def moved_view(self) -> LineView:
        return self.list_view

    @property
    def _whole(self) -> int:
        return self.list_view.choices

    def _step(self, step: int) -> None:
        self.list_view.move(step)


class PageKeys(ListKeys):
    """Moves the cursor of a list, and scrolls by pages where one choice may have more lines than there is room for."""

    @property
    def paged_view(self) -> LineView:
        """What pages are scrolled of."""
        return self.list_view

    def action_page_down(self) -> None:
        self.paged_view.by(max(1, self.paged_view.size.height - 1))

    def action_page_up(self) -> None:
        self.paged_view.by(-max(1, self.paged_view.size.height - 1))


class ListDialog(ListKeys, Dialog[Result], Generic[Result]):
    """A dialog that is such a list."""

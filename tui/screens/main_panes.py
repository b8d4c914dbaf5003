"""The main screen's panes: which of them are shown for the room there is, and which has the focus."""

from __future__ import annotations

from textual.widget import Widget

from tui.screens.main_base import MEDIUM, NARROW, WIDE
from tui.screens.main_filter import FilterKeys


class PaneKeys(FilterKeys):
    """Opens, closes and goes to the facets, the timeline and the details."""

    def lay_out(self) -> None:
        """Show or hide the side panes for the width there is, and for what the user asked."""
        width, height = self.app.size
        before = [pane.display for pane in self._panes]
        facets = self._facets_open if self._facets_open is not None else width >= WIDE
        detail = self._detail_open if self._detail_open is not None else width >= MEDIUM
        # Too small for two: the pane that was opened covers the timeline.
        small = width < 60 or height < 20
        covers = (small and width < MEDIUM and detail) or (facets and width < NARROW)
        self.query_one("#facets-pane").display = facets and not (covers and detail)
        self.query_one("#detail-pane").display = detail
        self.query_one("#timeline-pane").display = not covers
        self.query_one("#reading").display = not (covers and not detail)
        # The strip costs lines: two where there are few, none where there are too few.
        self.density.display = height >= 20 or self._density_open
        self.density.styles.height = 3 if height >= 36 else 2
        if [pane.display for pane in self._panes] != before:
            self._laid_out.clear()
            self.refresh(layout=True)  # at once, or what comes after the refresh comes before the layout
            self.call_after_refresh(self._laid_out.set)
        self.keep_focus_in_sight()

    @property
    def _panes(self) -> list[Widget]:
        names = ("#facets-pane", "#detail-pane", "#timeline-pane", "#reading")
        return [self.density, *(self.query_one(name) for name in names)]

    def keep_focus_in_sight(self) -> None:
        """Give the focus to a pane that is shown, when it is nowhere or on one that is not.

        While the terminal has none it is nowhere, and comes back with the terminal's to where it was.
        """
        focused = self.focused
        if focused is None and not self.app.app_focus:
            return
        if focused is None or not _in_sight(focused):
            for widget in (self.timeline, self.detail, self.facets):
                if _in_sight(widget):
                    self.set_focus(widget)
                    return

    def focus_timeline(self) -> None:
        """Back to the timeline; a pane that covers it closes, and so does a strip there is no room for."""
        if self._density_open:
            self._density_open = False
            self.lay_out()
        if not self.query_one("#timeline-pane").display:
            self._detail_open = False if self.app.size.width < MEDIUM else None
            self._facets_open = False if self.app.size.width < WIDE else self._facets_open
            self.lay_out()
        self.set_focus(self.timeline)

    def action_facets(self) -> None:
        """Open the facets and go to them; from the facets, close them."""
        shown = self.query_one("#facets-pane").display
        if shown and self.focused is self.facets:
            self._facets_open = False
            self.lay_out()
            self.focus_timeline()
        else:
            self._facets_open = True
            self.lay_out()
            self.set_focus(self.facets)
            self._rows_came.clear()  # keys behind this one are for the values counted
            self.ask()

    def action_toggle_detail(self) -> None:
        self._detail_open = not self.query_one("#detail-pane").display
        self.lay_out()

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        if self.app.size.width < MEDIUM and not self._detail_open and not self._facets_open:
            self._detail_open = True
            self.lay_out()
        panes = (self.facets, self.timeline, self.detail)
        shown = [pane for pane in panes if _in_sight(pane)]
        at = shown.index(self.focused) if self.focused in shown else 0
        self.set_focus(shown[(at + step) % len(shown)])


def _in_sight(widget: Widget) -> bool:
    """Whether a widget is shown, and all that it stands in."""
    return all(node.display for node in widget.ancestors_with_self if hasattr(node, "display"))

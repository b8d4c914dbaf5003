"""The main screen's keys that say who says so: the claim matrix and the citation of the incident under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.main_base import MainBase, with_details

if TYPE_CHECKING:
    from db.claims import Matrix


class ClaimKeys(MainBase):
    """Opens the matrix and the citation."""

    def action_claims(self) -> None:
        from db import claims

        match = self.timeline.match
        if match is None:
            self.say("No incident here.")
            return
        self.look("claims", lambda store, _: claims.matrix(store.connection, match.id), self._show_claims)

    def _show_claims(self, matrix: Matrix | None) -> None:
        from tui.screens.claims import ClaimsScreen

        if matrix is None:
            self.say("This incident is gone from the store.")
        elif self.app.screen is self:
            self.app.push_screen(ClaimsScreen(self.session, self._keymap, matrix))

    @with_details
    def action_cite(self) -> None:
        from db import citing
        from tui.screens.cite import CiteScreen

        incident, quote, document = self.detail.incident, self.detail.quote, self.detail.document
        if incident is None or document is None:
            self.say("No document here to cite.")
            return
        extents = {
            "this document": citing.of_document(incident, document),
            "the incident": citing.of_incident(incident),
        }
        if quote is not None:
            extents = {"this quote": citing.of_quote(quote, document), **extents}
        self.app.push_screen(CiteScreen(self._keymap, incident.key, extents))

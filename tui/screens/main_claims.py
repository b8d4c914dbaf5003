"""The main screen's keys that say who says so: the claim matrix and the citation of the incident under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.saying import GONE
from tui.screens.main_base import MainBase, with_details

if TYPE_CHECKING:
    from db.claims import Matrix


class ClaimKeys(MainBase):
    """Opens the matrix and the citation."""

    def action_claims(self) -> None:
        from db import claims

        meant = self.meant()
        if meant is None:
            return

        def show(matrix: Matrix | None) -> None:
            from tui.screens.claims import ClaimsScreen

            if matrix is None or not meant.is_key(matrix.incident.key):
                self.say(GONE)
            elif self.app.screen is self:
                self.app.push_screen(ClaimsScreen(self.session, self._keymap, matrix))

        self.look("claims", lambda store, _: claims.matrix(store.connection, meant.id), show)

    @with_details
    def action_cite(self) -> None:
        from tui.screens.cite import CiteScreen

        incident, quote, document = self.detail.incident, self.detail.quote, self.detail.document
        if incident is None or document is None:
            self.say("No document here to cite.")
            return
        self.app.push_screen(CiteScreen(self.session, self._keymap, incident, document, quote))

"""The main screen's keys that lead to the air-defence ledger and to the roots of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from db import roots
from db.engine import Engine
from db.query import Query
from db.store import Store
from tui.saying import GONE
from tui.screens.main_sources import SourceKeys

if TYPE_CHECKING:
    from db.ledger import System
    from tui.screens.roots import Rests


class LedgerKeys(SourceKeys):
    """Opens the ledger over the incidents that the query on the screen finds."""

    def action_ledger(self) -> None:
        from db import ledger
        from tui.screens.ledger import LedgerScreen

        query = self._query
        of = f"what {query.text.strip()} finds" if query.text.strip() else "all incidents"

        def show(systems: list[System]) -> None:
            if self.app.screen is self:
                screen = LedgerScreen(self.session, self._keymap, self.shown, systems, of, read)
                self.app.push_screen(screen, self._went)

        def systems(store: Store, engine: Engine) -> list[System]:
            return ledger.ledger(store.connection, found(engine, query))

        def read(tell: Callable[[list[System]], None]) -> None:
            self.session.look("ledger", systems, tell)

        self.look("ledger", systems, show)

    def action_roots(self) -> None:
        from db import same_root
        from tui.screens.roots import Rests, RootsScreen

        meant, query = self.meant(), self._query
        if meant is None:
            return

        def own(store: Store, _: Engine) -> Rests | None:
            incident = next(roots.corroborations(store.connection, [meant.id]), None)
            return (
                None
                if incident is None
                else Rests(incident, tuple(same_root.suspected(store.connection, [meant.id])), whole=False)
            )

        def whole(store: Store, engine: Engine) -> Rests | None:
            incident = next(roots.corroborations(store.connection, [meant.id]), None)
            suspicions = same_root.suspected(store.connection, found(engine, query))
            suspicions.sort(key=lambda pair: pair.incident_id != meant.id)
            return None if incident is None else Rests(incident, tuple(suspicions), whole=True)

        def read(tell: Callable[[Rests | None], None], failed: Callable[[], None]) -> None:
            # A large store takes seconds, and the incident itself need not wait for that.
            self.session.look("roots", own, tell, failed)
            self.session.look("suspected", whole, tell, failed)

        def show(told: Rests | None) -> None:
            if told is None or not meant.is_key(told.incident.key):
                self.say(GONE)
            elif self.app.screen is self:
                screen = RootsScreen(self.session, self._keymap, self.shown, told, read)
                self.app.push_screen(screen, self._went)

        self.look("roots", own, show)


def found(engine: Engine, query: Query) -> list[int] | None:
    """The incidents that a query finds, None for all of the store; raises NotReadyError while that is not known."""
    if query.node is None:
        return None
    return engine.answer(query).ids()

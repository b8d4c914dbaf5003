"""The main screen's keys that do something with the incident under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.saying import offer
from tui.screens.main_base import MainBase, with_details
from tui.session import Session

if TYPE_CHECKING:
    from tui.address import Address


class IncidentKeys(MainBase):
    """Stars, copies, cites and opens."""

    def __init__(self, session: Session, query: str, keymap: dict[str, str]) -> None:
        super().__init__(session, query, keymap)
        self._starring: dict[int, list[bool]] = {}
        """The stars given and taken, by incident, that are still to be written."""

    async def action_star(self) -> None:
        row = self.timeline.row
        if row is None:
            return
        store = self.session.stores_left
        await self.written_shown()  # an undo of its star may be on its way
        if store != self.session.stores_left:
            return  # which has been said: the key was for an incident of the store that is gone
        now = self.timeline.row
        row = now if now is not None and now.key == row.key else row
        if not self.timeline.cursor_in_sight:
            self.timeline.go_to(self.timeline.cursor)
            self.say(f"This is the incident that is meant{self.clause('; {main.star} again stars it')}.")
            return
        under_way = self._starring.setdefault(row.id, [])
        starred = not (under_way[-1] if under_way else row.starred)
        under_way.append(starred)

        def done(_: object = None) -> None:
            under_way.pop(0)
            if not under_way:
                self._starring.pop(row.id, None)

        self.session.star(row, starred, done)

    @with_details
    def action_quote_next(self) -> None:
        self.detail.step_quote(1)

    @with_details
    def action_quote_previous(self) -> None:
        self.detail.step_quote(-1)

    @with_details
    def action_copy_quote(self) -> None:
        if (quote := self.detail.quote) is None:
            self.say("No quote here to copy.")
        else:
            self._copy(quote.exact, "quote")

    @with_details
    def action_copy_citation(self) -> None:
        from db import cite

        quote, source = self.detail.quote, self.detail.document
        if quote is None or source is None:
            self.say("No quote here to cite.")
        else:
            self._copy(cite.footnote(quote, source), "citation")

    def _copy(self, text: str, what: str) -> None:
        offer(self.app, what, text, "`dateline show KEY` prints it")

    @with_details
    def action_open_url(self) -> None:
        source = self.detail.document
        self._visit(source.url if source else None, "No address is known for this document.")

    @with_details
    def action_open_archive(self) -> None:
        source = self.detail.document
        self._visit(source.archive_url if source else None, "No archived copy is known for this document.")

    def _visit(self, url: str | None, otherwise: str) -> None:
        from tui.address import UnclearError, address
        from tui.screens.confirm import Confirm

        if url is None:
            self.say(otherwise)
            return
        if not url.lower().startswith(("http://", "https://")):
            self.say(f"Only http and https addresses are opened; this one is {url}", severity="warning")
            return
        try:
            to = address(url)
        except UnclearError as error:
            self.say(f"This address is not opened: {error}.\n{url}", severity="warning")
            return
        self.app.push_screen(
            Confirm("Open this address in the browser?", url, where(to)), lambda yes: self._browse(to.opened, yes)
        )

    def _browse(self, url: str, yes: bool | None) -> None:
        if yes:
            self.app.open_url(url)

    def not_visited(self, url: str, why: str) -> None:
        """Say why no browser opens an address, and offer it to the clipboard."""
        self.app.copy_to_clipboard(url)
        self.say(f"{why} The address is offered to the terminal's clipboard.\n{url}", severity="warning")


def where(to: Address) -> list[str]:
    """What the dialog says of where an address leads, before the address itself."""
    lines = [f"It leads to {to.host}"]
    if to.written.lower() != to.host:
        lines.append(f"(written {to.written})")
    if to.user:
        lines.append("What stands before the @ is a user's name or password, not where it leads.")
    return lines

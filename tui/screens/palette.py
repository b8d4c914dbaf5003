"""The command palette: type some letters of what you want, Enter does it.

Textual has one, which version 8.2.8 ends the program with: Enter pressed twice, or a page key before its list is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widget import Widget
from textual.widgets import Input, Static

from tui import commands
from tui.safe_text import fit, pad
from tui.screens.dialog import Dialog
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line

KEYS = 7
"""Width of the column of keys."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to be done: in words, with its keys as a person writes them, and how."""

    words: str
    keys: str
    do: Callable[[], Awaitable[object]]
    label: str = ""
    """The footer's word for it, by which it is found as well: "help"."""


class Offers(ChoiceView):
    """Those that have the typed letters in their order, the best first; with nothing typed, all in theirs."""

    def __init__(self, offers: list[Offer]) -> None:
        super().__init__(id="offers")
        self._all = offers
        self.shown = offers
        self._typed = ""

    def narrow(self, typed: str) -> None:
        """Show what matches; the cursor stays where the letters are those of before."""
        if typed == self._typed:
            return
        self._typed = typed
        self.shown = _matching(typed.strip(), self._all) if typed.strip() else self._all
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.recount()

    @property
    def current(self) -> Offer | None:
        """What is under the cursor."""
        return self.shown[self.cursor] if self.shown else None

    @property
    def choices(self) -> int:
        return len(self.shown)

    def line(self, y: int) -> Line:
        if not self.shown:
            return ((" Nothing is called that.", "dim"),)
        offer = self.shown[y]
        room = max(4, self.text_width - KEYS - 3)
        return (
            (f" {pad(fit(offer.words, room), room)} ", ""),
            (pad(fit(offer.keys, KEYS), KEYS), "dim"),
        )


def _matching(letters: str, offers: list[Offer]) -> list[Offer]:
    """The offers that have the letters in their order, those that have them closest together first."""
    matcher = Matcher(letters)
    scored = [(max(matcher.match(offer.words), matcher.match(offer.label)), offer) for offer in offers]
    # What the letters are the footer's very word for goes first.
    scored.sort(key=lambda pair: (pair[1].label.casefold() != letters.casefold(), -pair[0]))
    return [offer for score, offer in scored if score > 0]


class Wanted(Field):
    """What is looked for.  Enter is carried out at once: Textual's message comes after keys pressed behind it."""

    def __init__(self, choose: Callable[[], Awaitable[None]]) -> None:
        super().__init__(placeholder="some letters of it", id="wanted", compact=True)
        self._choose = choose

    async def action_submit(self) -> None:
        await self._choose()


class Palette(Dialog[None]):
    """Closes, then does what was chosen."""

    BINDINGS = commands.bindings("palette")

    def __init__(self, title: str, offers: list[Offer]) -> None:
        super().__init__()
        self.TITLE_TEXT = title
        self._offers = Offers(offers)
        self._wanted = Wanted(self.action_choose)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach."""
        return ("palette",)

    def body(self) -> list[Widget]:
        hint = self.hint("{palette.choose} does it", "{palette.up} {palette.down} choose", "{palette.close} closes")
        return [self._wanted, self._offers, Static(Content(hint), id="palette-hint", classes="hint")]

    def on_mount(self) -> None:
        self.set_focus(self._wanted)

    @on(Input.Changed, "#wanted")
    def _typed(self) -> None:
        self._offers.narrow(self._wanted.value)

    async def action_choose(self) -> None:
        self._offers.narrow(self._wanted.value)
        offer = self._offers.current
        if offer is not None:
            self.dismiss(None)
            await offer.do()

    def _move(self, step: int) -> None:
        self._offers.narrow(self._wanted.value)
        self._offers.move(step)

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self._offers.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self._offers.size.height - 1))

    def action_close(self) -> None:
        self.dismiss(None)

"""What the word being typed may become: fields, then values by frequency, each with its count."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from db.engine import Counts
from db.fields import DATES, FACETS, FLAGS, NUMBERS, fold
from db.query_edit import Completion
from tui.safe_text import fit, pad, safe
from tui.widgets.line_view import Line, LineView

MOST = 8
"""Lines of the list at most."""

RANKED = 500
"""Of the values that fit, those with the most are offered; there can be very many."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One completion: what it puts into the text, and what is said beside it."""

    value: str
    about: str


def offers(completion: Completion, counts: Counts) -> list[Offer]:
    """The offers for what is being typed; `counts` are those of the facet under the rest of the query, most first."""
    typed = fold(completion.typed)
    if completion.kind == "field":
        fields = [Offer(field.name, field.help) for field in (*FACETS, *DATES, *NUMBERS)]
        fields += [Offer("is", "a flag: disputed, starred ..."), Offer("near", "within a distance of a place")]
        fields.append(Offer("certain", "date or place: leave out what is only possible"))
        return [offer for offer in fields if typed and offer.value.startswith(typed)]
    if completion.kind == "flag":
        return [Offer(flag.name, flag.help) for flag in FLAGS if flag.name.startswith(completion.typed.casefold())]
    if completion.kind != "value":
        return []
    held = counts.holding(completion.typed)[:RANKED]
    found = [(_rank(fold(count.value), typed), at, count) for at, count in enumerate(held)]
    kept = sorted((rank, at, count.value, count) for rank, at, count in found if rank is not None)
    return [
        Offer(value, f"{count.certain:,}" + (f" + {count.possible:,} possible" if count.possible else ""))
        for _, _, value, count in kept
    ]


def _rank(form: str, typed: str) -> int | None:
    """0 where the value begins with what was typed, 1 where one of its words does, None where neither."""
    if form.startswith(typed):
        return 0
    return 1 if f"-{typed}" in form else None


class Completions(LineView, can_focus=False):
    """The list over the query line; it never takes the focus."""

    @dataclass
    class Chosen(Message):
        """An offer was clicked."""

        offer: Offer

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._offers: list[Offer] = []
        self._cursor = 0
        self._touched = False
        self._height = 0

    @property
    def current(self) -> Offer | None:
        """The offer under the cursor."""
        return self._offers[self._cursor] if self.display and self._offers else None

    @property
    def touched(self) -> bool:
        """Whether the user has moved in the list, so that Enter means to take an offer."""
        return self._touched

    def show(self, listed: list[Offer]) -> None:
        """Show offers, or hide when there are none."""
        self._offers = listed
        self._cursor = 0
        self._touched = False
        height = min(MOST, len(listed))
        if listed and height != self._height:
            # It lies over the timeline's last rows: were they moved for it, every letter would paint the whole screen.
            self._height = height
            self.styles.height = self._height
            self.styles.offset = (0, -self._height)
        if bool(listed) != self.display:
            self.display = bool(listed)
        self.recount()

    def move(self, step: int) -> None:
        """Move to another offer, around the ends."""
        self._touched = True
        self._cursor = (self._cursor + step) % max(1, len(self._offers))
        self.show_lines(self._cursor)
        self.refresh()

    @property
    def line_count(self) -> int:
        return len(self._offers)

    def cursor_lines(self) -> range:
        return range(self._cursor, self._cursor + 1)

    def line(self, y: int) -> Line:
        offer = self._offers[y]
        left = min(34, max(10, self.text_width // 2))
        return (
            (f"   {pad(safe(offer.value), left)} ", ""),
            (fit(safe(offer.about), self.text_width - left - 4), "dim"),
        )

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and (y := round(self.scroll_y) + at.y) < len(self._offers):
            self.tell(self.Chosen(self._offers[y]))

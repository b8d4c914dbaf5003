"""The claim matrix drawn: a head of speakers that stays, a grid with one cell a field and speaker, and a strip."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.message import Message

from db.claims import Cell, Field, Matrix, Speaker, Told
from tui.claim_lines import entry_runs, head_words, strip_lines
from tui.safe_text import fit, pad, safe, wrap
from tui.widgets.line_view import Line, LineView, Styles

EACH = 2
"""Lines of a claim in the grid."""

LEAST, MOST = 20, 40
"""Cells that a speaker's column has at least and at most."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Which columns stand where: `shown` whole columns from `first` on, each `width` cells, beside the field names."""

    names: int
    first: int
    shown: int
    width: int
    of: int

    @property
    def columns(self) -> range:
        """The speakers in sight."""
        return range(self.first, min(self.first + self.shown, self.of))


def spread(cells: int, speakers: int, first: int) -> Spread:
    """The columns that fit in `cells` cells, from `first` on, or as far left as to leave no room at the right."""
    names = max(8, min(20, cells // 4))
    room = max(1, cells - names)
    shown = max(1, min(speakers, room // LEAST))
    return Spread(names, max(0, min(first, speakers - shown)), shown, max(4, min(MOST, room // shown)), speakers)


class Fixed(LineView):
    """Lines that do not scroll and cannot have the focus."""

    DEFAULT_CSS = "Fixed { overflow-y: hidden; scrollbar-size-vertical: 0; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.can_focus = False
        self._lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Show these lines from now on."""
        self._lines = lines
        self.recount()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, y: int) -> Line:
        return self._lines[y]


class ClaimGrid(LineView):
    """The cells, with a cursor on one claim; `Moved` tells where it is."""

    @dataclass
    class Moved(Message):
        """The cursor is on another claim, or the columns in sight are others."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._matrix: Matrix | None = None
        self._rows: list[tuple[int, int]] = []
        """(field, which of a cell's claims) for each row of the grid."""
        self._row = 0
        self._column = 0
        self._first = 0

    @property
    def matrix(self) -> Matrix | None:
        """What is shown."""
        return self._matrix

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        return self._matrix.fields[self._rows[self._row][0]] if self._matrix and self._rows else None

    @property
    def speaker(self) -> Speaker | None:
        """The speaker under the cursor."""
        return self._matrix.speakers[self._column] if self._matrix and self._matrix.speakers else None

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self.field.cell(self.speaker.name) if self.field and self.speaker else None

    @property
    def told(self) -> Told | None:
        """The claim under the cursor; None on silence."""
        if self.cell is None or not self.cell.told:
            return None
        return self.cell.told[min(self._rows[self._row][1], len(self.cell.told) - 1)]

    @property
    def at(self) -> int:
        """Which of the cell's claims the cursor is on."""
        return self._rows[self._row][1] if self._rows else 0

    @property
    def spread(self) -> Spread:
        """The columns in sight."""
        return spread(self.text_width, len(self._matrix.speakers) if self._matrix else 0, self._first)

    def show(self, matrix: Matrix) -> None:
        """Show a matrix; the cursor stays on its claim, or else on its field and speaker, where they still are."""
        claim = self.told.claim.id if self.told else None
        was = (self.field.name if self.field else "", self.at, self.speaker.name if self.speaker else "")
        self._matrix = matrix
        self._rows = [
            (index, at)
            for index, field in enumerate(matrix.fields)
            for at in range(max([1, *(len(cell.told) for cell in field.cells.values())]))
        ]
        names = [(matrix.fields[index].name, at) for index, at in self._rows]
        speakers = [speaker.name for speaker in matrix.speakers]
        self._row = next((names.index(w) for w in (was[:2], (was[0], 0)) if w in names), 0)
        self._column = speakers.index(was[2]) if was[2] in speakers else 0
        for row, (index, at) in enumerate(self._rows):
            for name, cell in matrix.fields[index].cells.items():
                if claim is not None and at < len(cell.told) and cell.told[at].claim.id == claim:
                    self._row, self._column = row, speakers.index(name)
        self.recount()
        self._moved()

    # -- drawing ------------------------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        return len(self._rows) * EACH or 1

    def line(self, y: int) -> Line:
        matrix = self._matrix
        if matrix is None or not self._rows:
            return ((fit(" Nobody's claims are recorded of this incident.", max(1, self.text_width)), "dim"),)
        index, at = self._rows[y // EACH]
        field, second = matrix.fields[index], y % EACH
        where = self.spread
        runs = [self._name_run(field, at, second, where.names)]
        for column in where.columns:
            here = y // EACH == self._row and column == self._column
            cell = field.cell(matrix.speakers[column].name)
            text, style = entry_runs(matrix, cell, at, where.width - 2)[second]
            gutter = "▌" if here else " "
            over = "+cursor" if here else ""
            runs += [(gutter, f"mark{over}" if here else ""), (pad(text, where.width - 1), style + over)]
        return tuple(runs)

    def _name_run(self, field: Field, at: int, second: int, width: int) -> tuple[str, str]:
        if at:
            return (" " * width, "")
        if second and field.disputed:
            return (pad(" ≠ disputed", width), "bad")
        label = safe(field.label)
        if field.disputed or len(lines := wrap(label, width - 2)) == 1:
            lines = [fit(label, width - 2), ""]
        elif len(lines) > 2:
            lines = [lines[0], fit(" ".join(lines[1:]), width - 2)]
        return (pad(f" {lines[second]}", width), "heading")

    def _style(self, styles: Styles, name: str, over: str) -> Style:
        """A style of the view, or with "+cursor" behind its name that style under the cursor."""
        plain, mark, _ = name.partition("+cursor")
        return super()._style(styles, plain, ("cursor" if self.has_focus else "cursor-blurred") if mark else over)

    def head(self) -> list[Line]:
        """The two lines over the grid: the speakers in sight, and through whom and where each is heard."""
        matrix = self._matrix
        if matrix is None or not matrix.speakers:
            return [(), ()]
        where = self.spread
        left, right = where.first, where.of - where.columns.stop
        more = " ".join(part for part in (f"◂ {left}" if left else "", f"{right} ▸" if right else "") if part)
        names: list[tuple[str, str]] = [(pad(" Field", where.names), "dim")]
        ways: list[tuple[str, str]] = [(pad(f" {more}", where.names), "accent")]
        for column in where.columns:
            speaker = matrix.speakers[column]
            style = "accent" if column == self._column else "strong"
            names.append((pad(f" {fit(safe(speaker.name), where.width - 2)}", where.width), style))
            ways.append((pad(f" {fit(head_words(matrix, speaker), where.width - 2)}", where.width), "dim"))
        return [tuple(names), tuple(ways)]

    def strip(self, width: int, height: int) -> list[Line]:
        """The lines under the grid: the claim under the cursor with its quote."""
        if self._matrix is None or self.field is None or self.speaker is None or self.cell is None:
            return []
        return strip_lines(self._matrix, self.field, self.speaker, self.cell, self.at, width, height)

    def resized(self) -> None:
        super().resized()
        self._moved()

    # -- moving -------------------------------------------------------------------------------------------------

    def move(self, rows: int = 0, columns: int = 0) -> None:
        """Move the cursor, clamped; rows without a claim of the speaker's second or later are stepped over."""
        if not self._rows or self._matrix is None:
            return
        self._column = max(0, min(self._column + columns, len(self._matrix.speakers) - 1))
        row = max(0, min(self._row + rows, len(self._rows) - 1))
        step = 1 if rows > 0 else -1
        while not self._stands(row) and 0 <= row + step < len(self._rows):
            row += step
        while not self._stands(row):
            row -= 1
        self._row = row
        self._moved()

    def _stands(self, row: int) -> bool:
        """Whether the speaker has something in a row: every first row of a field, of later ones those with a claim."""
        assert self._matrix is not None
        index, at = self._rows[row]
        speaker = self._matrix.speakers[self._column].name
        return at == 0 or at < len(self._matrix.fields[index].cell(speaker).told)

    def to_disputed(self, step: int) -> bool:
        """Move to the next or previous disputed field; False when there is none further on."""
        if self._matrix is None:
            return False
        order = range(self._row + 1, len(self._rows)) if step > 0 else range(self._row - 1, -1, -1)
        here = self._rows[self._row][0] if self._rows else -1
        for row in order:
            index, at = self._rows[row]
            if at == 0 and index != here and self._matrix.fields[index].disputed:
                self._row = row
                self._moved()
                return True
        return False

    def _moved(self) -> None:
        where = self.spread
        if self._column < where.first:
            self._first = self._column
        elif self._column >= where.first + where.shown:
            self._first = self._column - where.shown + 1
        self._first = self.spread.first
        self.show_lines(self._row * EACH, EACH)
        self.refresh()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or not self._rows or self.text_selection is not None:
            return
        where = self.spread
        row = (round(self.scroll_y) + at.y) // EACH
        column = where.first + (at.x - where.names) // where.width
        if row < len(self._rows):
            inside = at.x >= where.names and column in where.columns
            self.move(row - self._row, column - self._column if inside else 0)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

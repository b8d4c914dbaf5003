"""Assess an incident: its grade, the credibility of what is said of it, and whether it was reviewed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from db import terms
from db.model import Incident
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.saying import keymap_of
from tui.screens.dialog import Dialog
from tui.screens.following import follow, same_incident
from tui.session import Session
from tui.widgets.line_view import Line, LineView

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The three parts; None is unknown."""

    grade: str | None
    credibility: int | None
    status: str
    pressed: frozenset[str] = frozenset()
    """Those that were chosen by a key or a click, be it as they stood."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line that can be chosen: `column` gets `value`."""

    column: str
    value: Value
    words: str
    name: str
    """What it is called in `commands.ASSESSMENT`."""


HEADINGS = {"grade": "Grade (Airwars)", "credibility": "Credibility (Admiralty code)", "status": "Status"}
_STATUS = {"draft": "draft: not looked at again yet", "reviewed": "reviewed: someone has looked at it again"}


def _options() -> list[Option]:
    values: list[tuple[str, Value, str]] = [("grade", name, words) for name, words in terms.GRADE.items()]
    values.append(("grade", None, "unknown: not graded"))
    values += [("credibility", number, words) for number, words in terms.CREDIBILITY.items()]
    values.append(("credibility", None, "unknown: not assessed"))
    values += [("status", name, words) for name, words in _STATUS.items()]
    return [
        Option(column, value, words, f"{column}-{'unknown' if value is None else value}")
        for column, value, words in values
    ]


class OptionList(LineView):
    """All options under their headings, ● the chosen one of each part."""

    def __init__(self, present: Assessment, keymap: dict[str, str]) -> None:
        super().__init__(id="options")
        self.options = _options()
        self.keys = {one.name: commands.clause(f"{{assess.{one.name}}}", keymap) for one in self.options}
        self._key_width = max(map(cell_len, self.keys.values()))
        self.chosen: dict[str, Value] = {
            "grade": present.grade, "credibility": present.credibility, "status": present.status,
        }  # fmt: skip
        self.pressed: set[str] = set()
        self._lines: list[str | Option] = []
        for option in self.options:
            if HEADINGS[option.column] not in self._lines:
                self._lines.append(HEADINGS[option.column])
            self._lines.append(option)
        self.cursor = next(y for y, line in enumerate(self._lines) if isinstance(line, Option))

    @property
    def current(self) -> Option:
        """The option under the cursor."""
        option = self._lines[self.cursor]
        assert isinstance(option, Option)
        return option

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def cursor_lines(self) -> range:
        return range(self.cursor, self.cursor + 1)

    def line(self, y: int) -> Line:
        option = self._lines[y]
        if isinstance(option, str):
            return ((f" {option}", "heading"),)
        sign = "●" if self.chosen[option.column] == option.value else "○"
        return (
            (f"  {pad(self.keys[option.name], self._key_width)} ", "key"),
            (f"{sign} ", "mark"),
            (fit(option.words, max(4, self.text_width - self._key_width - 6)), ""),
        )

    def move(self, step: int) -> None:
        """Move the cursor to the next option, over headings."""
        y = self.cursor + step
        while 0 <= y < len(self._lines) and not isinstance(self._lines[y], Option):
            y += step
        if 0 <= y < len(self._lines):
            self.go(y)

    def go(self, y: int) -> None:
        """Put the cursor on a line that is an option."""
        self.cursor = y
        # The heading above the first option of a part comes along.
        top = y - 1 if isinstance(self._lines[y - 1], str) else y
        self.show_lines(top, y - top + 1)
        self.refresh()

    def choose(self, option: Option) -> None:
        """Choose an option in place of the other one of its part."""
        self.chosen[option.column] = option.value
        self.pressed.add(option.column)
        self.go(self._lines.index(option))

    def follow(self, incident: Incident) -> None:
        """Have ● stand on what the incident has by now, in the parts of which nothing was chosen."""
        for column in self.chosen.keys() - self.pressed:
            self.chosen[column] = getattr(incident, column)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        y = round(self.scroll_y) + at.y if at is not None else -1
        if 0 <= y < len(self._lines) and isinstance(option := self._lines[y], Option):
            self.choose(option)


class AssessScreen(Dialog[Assessment | None]):
    """Gives the assessment to keep, None when nothing was kept."""

    BINDINGS = commands.bindings("assess")

    def __init__(self, session: Session, incident: Incident) -> None:
        super().__init__()
        self._session = session
        self.incident = incident
        """What was seen of it: what has been chosen anew here as it was then, all else as it is."""
        self.TITLE_TEXT = f"Assess {fit(safe(incident.key), 40)}"
        present = Assessment(incident.grade, incident.credibility, incident.status)
        self.options = OptionList(present, keymap_of(self.app))

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach."""
        return ("assess",)

    def body(self) -> list[Widget]:
        own = "letters" if all(len(key) == 1 for key in self.options.keys.values()) else "keys"
        hint = self.hint(f"{own} or {{assess.choose}} choose", "{assess.keep} keeps", "{assess.close} closes")
        return [self.options, Static(Content(hint), classes="hint")]

    def on_mount(self) -> None:
        self.set_focus(self.options)

    def store_changed(self) -> None:
        """The store has changed: show the parts as they are now, apart from those that have been chosen here."""
        follow(self, self._session, lambda store: same_incident(store, self.incident), self._anew)

    def _anew(self, incident: Incident) -> None:
        # What another has made of a part that was chosen here before has not been seen: keeping it is refused then.
        chosen: dict[str, Any] = {name: getattr(self.incident, name) for name in self.options.pressed}
        self.incident = replace(incident, **chosen)
        self.options.follow(incident)

    def action_down(self) -> None:
        self.options.move(1)

    def action_up(self) -> None:
        self.options.move(-1)

    def action_choose(self) -> None:
        self.options.choose(self.options.current)

    def action_pick(self, name: str) -> None:
        self.options.choose(next(option for option in self.options.options if option.name == name))

    def action_keep(self) -> None:
        chosen = self.options.chosen
        grade, credibility, status = chosen["grade"], chosen["credibility"], chosen["status"]
        assert grade is None or isinstance(grade, str)
        assert credibility is None or isinstance(credibility, int)
        assert isinstance(status, str)
        self.dismiss(Assessment(grade, credibility, status, frozenset(self.options.pressed)))

    def action_close(self) -> None:
        self.dismiss(None)

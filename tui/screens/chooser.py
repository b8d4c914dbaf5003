"""Choose a value of the incident under the cursor to filter by, or to leave out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.widget import Widget

from db.fields import FACETS
from db.model import Incident
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.screens.following import follow, same_incident
from tui.screens.moving import ListDialog
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.line_view import Line

LABELS = {field.name: field.label for field in FACETS}


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet and one of its values, to filter by or to exclude."""

    facet: str
    value: str
    exclude: bool = False


def choices(incident: Incident) -> list[Choice]:
    """The values of an incident that facets know, in the order of its details."""
    found: list[tuple[str, str | None]] = [("type", incident.event_type)]
    if incident.place is not None:
        found += [("place", incident.place.name), ("country", incident.place.country)]
    for actor in incident.actors:
        found.append((actor.role if actor.role in LABELS else "actor", actor.actor.name))
    for system in incident.systems:
        found.append(("weapon" if system.role in ("munition", "platform") else "system", system.name))
        found.append(("outcome", system.outcome))
    found += [("speaker", speaker.name) for quote in incident.quotes for speaker in quote.chain]
    found += [("document", document.title or document.key) for document in incident.documents]
    found += [("publisher", document.publisher) for document in incident.documents]
    found += [("disputed", name) for name in incident.disputed]
    found += [("tag", tag) for tag in incident.tags]
    found += [("grade", incident.grade), ("kind", incident.kind), ("status", incident.status)]
    return [Choice(facet, value) for facet, value in dict.fromkeys(found) if value is not None]


class Choices(ChoiceView):
    """The list inside the dialog."""

    def __init__(self, listed: list[Choice]) -> None:
        super().__init__(id="choices")
        self.listed = listed

    def follow(self, listed: list[Choice]) -> None:
        """List these from now on; the cursor stays on its choice, or where it was."""
        here = self.listed[self.cursor] if self.listed else None
        at = min(self.cursor, max(0, len(listed) - 1))
        self.listed, self.cursor = listed, listed.index(here) if here in listed else at
        self.recount()
        self.show_cursor()

    @property
    def choices(self) -> int:
        return len(self.listed)

    def line(self, y: int) -> Line:
        choice = self.listed[y]
        return (
            (f" {pad(LABELS[choice.facet], 12)} ", "dim"),
            (fit(safe(choice.value), max(4, self.text_width - 15)), ""),
        )


class Chooser(ListDialog[Choice | None]):
    """Gives the choice made, or None."""

    TITLE_TEXT = "Filter by"
    BINDINGS = commands.bindings("chooser")

    def __init__(self, session: Session, incident: Incident, *, exclude: bool = False) -> None:
        super().__init__()
        self._session = session
        self._incident = incident
        self.TITLE_TEXT = "Leave out" if exclude else "Filter by"
        self._exclude = exclude
        self._choices = Choices(choices(incident))

    def store_changed(self) -> None:
        """The store has changed: offer the values that the incident has by now."""
        follow(self, self._session, lambda store: same_incident(store, self._incident), self._anew)

    def _anew(self, incident: Incident) -> None:
        self._choices.follow(choices(incident))

    def body(self) -> list[Widget]:
        return [self._choices]

    def on_mount(self) -> None:
        self.set_focus(self._choices)

    @property
    def list_view(self) -> Choices:
        return self._choices

    def action_choose(self) -> None:
        self.dismiss(replace(self._choices.listed[self._choices.cursor], exclude=self._exclude))

    def action_exclude(self) -> None:
        self.dismiss(replace(self._choices.listed[self._choices.cursor], exclude=True))

    def action_close(self) -> None:
        self.dismiss(None)

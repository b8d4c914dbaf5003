"""Write a note on an incident, and change or delete the earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rich.text import Text
from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Document

from db import edit, known, read
from db.known import Known
from db.model import Incident, Note
from db.store import Store
from db.visible import in_place
from tui import commands
from tui.drafts import Draft, Drafts, worded
from tui.safe_text import fit, safe
from tui.saying import GONE, say
from tui.screens.dialog import Dialog
from tui.screens.moving import ListKeys
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import LONGEST
from tui.widgets.line_view import Line

MOST_SHOWN = 4
"""Lines of earlier notes at once."""

MOST_LINES = 20_000
"""Lines of a note that can be edited or pasted; each takes some 15 microseconds, and room."""

MOST_EDITED = 100_000
"""Characters of a line in a note that can be edited; each key takes time that grows with the line."""


def too_much(text: str, longest: int) -> str:
    """What of a text is more than the text area takes, lines of `longest` characters at most; "" where nothing is."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        return f"{len(lines):,} lines"
    length = max(map(len, lines), default=0)
    return f"a line of {length:,} characters" if length > longest else ""


class NoteText(TextArea):
    """The text of a note; control characters in it are drawn as glyphs, and stay what they are."""

    def __init__(self) -> None:
        super().__init__(id="note-text", compact=True)
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        """Leave out what nobody means to type; Textual calls the text area's own method after this one."""
        if self._refuses(event.text):
            event.stop()
            event.prevent_default()

    def action_paste(self) -> None:
        """Paste what was copied here, as far as the terminal's pastes go."""
        if not self._refuses(self.app.clipboard):
            super().action_paste()

    def _refuses(self, text: str) -> bool:
        """Whether a text is too long to be pasted, which is said."""
        much = too_much(text, LONGEST)
        if much:
            say(self.app, f"Too long to paste here: {much}.", "warning")
        return bool(much)

    def action_cut(self) -> None:
        """Cut what is selected; where nothing is, neither the line nor the clipboard is touched."""
        if self.selected_text:
            super().action_cut()

    def get_line(self, line_index: int) -> Text:
        text: Text = super().get_line(line_index)
        return Text(in_place(text.plain), end="", no_wrap=True)


class NoteList(ListKeys, ChoiceView):
    """The earlier notes, one a line, newest first."""

    BINDINGS = commands.bindings("notes")

    def __init__(self, order: Callable[[str], None]) -> None:
        super().__init__(id="notes")
        self.notes: list[Note] = []
        self._order = order

    def show(self, notes: tuple[Note, ...]) -> None:
        """Show notes, with the cursor on the one that it was on; the list is as high as there are, up to a few."""
        on = self.current
        self.notes = list(reversed(notes))
        # Numbers are given out again: by its text, too, one sees that it is the same note.
        same = (at for at, note in enumerate(self.notes) if on and (note.id, note.text) == (on.id, on.text))
        self.cursor = next(same, max(0, min(self.cursor, len(self.notes) - 1)))
        self.styles.height = min(len(self.notes), MOST_SHOWN)
        self.display = bool(self.notes)
        self.recount()
        if self.cursor:
            self.show_cursor()

    @property
    def current(self) -> Note | None:
        """The note under the cursor."""
        return self.notes[self.cursor] if self.notes else None

    @property
    def choices(self) -> int:
        return len(self.notes)

    @property
    def list_view(self) -> NoteList:
        return self

    @property
    def line_count(self) -> int:
        return len(self.notes)

    def cursor_lines(self) -> range:
        return super().cursor_lines() if self.has_focus else range(0)

    def line(self, y: int) -> Line:
        note = self.notes[y]
        return (
            (f" {safe(note.at[:16]).replace('T', ' ')}  ", "dim"),
            (fit(safe(note.text), max(4, self.text_width - 19)), ""),
        )

    def action_edit(self) -> None:
        self._order("edit")

    def action_delete(self) -> None:
        self._order("delete")


class NoteScreen(Dialog[None]):
    """Keeps what is typed as a new note, or as the new text of an earlier one; `drafts` outlive the dialog."""

    BINDINGS = commands.bindings("note")

    def __init__(self, session: Session, incident: Incident, drafts: Drafts) -> None:
        super().__init__()
        self.TITLE_TEXT = f"Note on {fit(safe(incident.key), 40)}"
        self._session = session
        self._incident = incident
        self._drafts = drafts
        self._editing: Note | None = None
        self._gone = False
        """Whether the incident was said to be gone."""
        self._begun = False
        """Whether a draft has been taken up."""
        self.text = NoteText()
        self.notes = NoteList(self._ordered)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("notes", "note") if self.focused is self.notes else ("note",)

    def body(self) -> list[Widget]:
        return [self.notes, self.text, Static(Content(""), id="note-hint", classes="hint")]

    def on_mount(self) -> None:
        self.notes.show(self._incident.notes)
        left = [self._of(note) for note in self._incident.notes]
        gone = [draft for draft in self._drafts if draft[0] == self._incident.key and draft[1] and draft not in left]
        for draft in gone:
            self._take_for_new(draft)
        self._edit(None)
        self.watch(self, "focused", self._hint)
        self.set_focus(self.text)
        if gone:
            say(self.app, "A note was changed or deleted since; what was typed of it goes on as a new note.")

    def store_changed(self) -> None:
        """The store has changed: list the notes as they are now, and leave what is being typed as it is."""
        incident_id = self._incident.id
        self._session.look("notes anew", lambda store, _: read.incident(store.connection, incident_id), self._anew)

    def _anew(self, incident: Incident | None) -> None:
        if not self.is_attached:
            return
        there = incident is not None and incident.key == self._incident.key
        if not there and not self._gone:
            say(self.app, GONE)
        self._gone = not there
        self._incident = incident if incident is not None and there else replace(self._incident, notes=())
        if self.is_mounted:
            listed = self.focused is self.notes
            self.notes.show(self._incident.notes)
            if listed and not self._incident.notes:
                self.set_focus(self.text)
            self._hint()

    def _hint(self) -> None:
        if self.focused is self.notes:
            words = self.hint("{notes.edit} changes", "{notes.delete} deletes", "{note.switch} back to the text")
        else:
            keeps = "{note.keep} keeps the change" if self._editing else "{note.keep} keeps"
            earlier = ["{note.switch} earlier notes"] if self.notes.notes else []
            words = self.hint(keeps, *earlier, "{note.close} leaves, the draft waits")
        self.query_one("#note-hint", Static).update(Content(words))

    def action_keep(self) -> None:
        text = self.text.text
        if not text.strip():
            closes = self.clause("; {note.close} closes")
            self.query_one("#note-hint", Static).update(Content(f"Nothing typed yet{closes}."))
            return
        editing, incident_id = self._editing, self._incident.id
        drafts, draft = self._drafts, self._draft
        drafts.pop(draft, None)  # on its way: another note may be begun meanwhile
        if text == self._before:
            self.dismiss(None)
            return

        app = self.app

        def refused() -> None:
            open_one = next((s for s in app.screen_stack if isinstance(s, NoteScreen) and s._draft == draft), None)
            # One that is about to open takes its text from the drafts.
            if open_one is not None and open_one._begun:
                open_one.take_back(text)
            else:
                drafts[draft] = drafts.with_refused(draft, text, drafts.get(draft, ""))

        def write(store: Store) -> None:
            if editing is None:
                edit.add_note(store, incident_id, text)
            else:
                edit.edit_note(store, editing.id, text)

        self._session.write(write, known=self._known(editing), refused=refused, typed=worded(draft, text))
        self.dismiss(None)

    def take_back(self, text: str) -> None:
        """Put what could not be written before what is being typed (`Drafts.with_refused`)."""
        typed = self.text.text
        untouched = not typed.strip() or typed == self._before
        self.text.text = self._drafts.with_refused(self._draft, text, "" if untouched else typed)
        self.text.move_cursor(self.text.document.end)

    def action_switch(self) -> None:
        if self.focused is self.notes or not self.notes.notes:
            self.set_focus(self.text)
        else:
            self.set_focus(self.notes)

    def _ordered(self, what: str) -> None:
        """Change or delete the note under the cursor."""
        note = self.notes.current
        if note is None:
            return
        if what == "delete":
            self._delete(note)
            return
        much = too_much(note.text, MOST_EDITED)
        if much:
            say(self.app, f"This note has {much}, too long to be edited here.")
            return
        self.remember()
        self._edit(note)
        self.set_focus(self.text)
        if self._before != note.text:
            say(self.app, "This note has line breaks that are no line feeds: if it is changed here they become such.")

    def _delete(self, note: Note) -> None:
        """Delete a note; what was typed of it and not kept is no draft of a note that is gone, but of a new one."""
        shown = self._known(note)
        self._session.write(lambda store: edit.delete_note(store, note.id), known=shown, refused=self.store_changed)
        left = tuple(other for other in reversed(self.notes.notes) if other.id != note.id)
        self.notes.show(left)
        editing = self._editing
        self.remember()
        typed = self._of(note) in self._drafts
        if typed:
            self._take_for_new(self._of(note))
        if (editing is not None and editing.id == note.id) or (editing is None and typed):
            self._edit(None)
        if typed:
            say(self.app, "What was typed of that note goes on as a new note.")
        if not left:
            self.set_focus(self.text)

    def _known(self, note: Note | None = None) -> list[Known]:
        """The incident, and a note on it, as they are shown."""
        incident = self._incident
        shown = [known.incident(incident.id, incident.key)]
        return shown if note is None else [*shown, known.note(incident.id, note)]

    def _take_for_new(self, draft: Draft) -> None:
        """Have a draft go on as that of a new note, under what was typed of one before."""
        new: Draft = (self._incident.key, None)
        texts = [self._drafts[new]] if new in self._drafts else []
        self._drafts[new] = "\n\n".join([*texts, self._drafts.pop(draft)])

    def _of(self, note: Note | None) -> Draft:
        """What a text would be a draft of; None for a new note."""
        return (self._incident.key, note)

    @property
    def _draft(self) -> Draft:
        """What the text is a draft of."""
        return self._of(self._editing)

    @property
    def _before(self) -> str:
        """The note that is being changed as the text area gives it back untouched; nothing of a new one.

        Textual makes a line feed of whatever Python takes for the end of a line.
        """
        return Document(self._editing.text).text if self._editing is not None else ""

    def _edit(self, note: Note | None) -> None:
        """Go on with a note, None for a new one, where it was left."""
        self._editing, self._begun = note, True
        self.text.text = self._drafts.get(self._draft, note.text if note else "")
        self.text.move_cursor(self.text.document.end)

    def remember(self) -> None:
        """Keep what was typed for the next time."""
        if self.text.text.strip() and self.text.text != self._before:
            self._drafts[self._draft] = self.text.text
        else:
            self._drafts.pop(self._draft, None)

    def action_close(self) -> None:
        self.remember()
        self.dismiss(None)

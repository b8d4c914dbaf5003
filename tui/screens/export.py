"""Export what is shown: a format from a list with what it cannot carry, a file's name, and then the file."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db import exporting
from db.errors import reason
from db.exporting import Exported, Shown
from db.formats.writing import Losses, WrittenFormat
from db.names import slug
from db.plural import counted
from db.store import Store
from db.target import is_terminal
from tui import commands
from tui.errand import Errand, Tell
from tui.messages import Found
from tui.safe_text import fit, pad, safe, wrap
from tui.saying import say
from tui.screens.moving import ListDialog
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line

NAME = 12
"""Width of the column of formats' names."""

LOST_LINES = 6
"""Lines that what is lost may take; half as many on a low screen, as many as the style sheet lets on a high one."""

LOW = 7
"""Lines that a low screen keeps for the rest of the dialog, with one for what is lost in any case."""

BESIDE = 22
"""Lines of a screen that the rest of the dialog takes."""

TOLD_EVERY_S = 0.1


class Formats(ChoiceView):
    """The formats, one a line, each with how many kinds of things it cannot carry."""

    def __init__(self, moved: Callable[[], None]) -> None:
        super().__init__(id="formats", moved=moved)
        self.losses: Mapping[str, Losses] = {}

    @property
    def chosen(self) -> WrittenFormat:
        """The format under the cursor."""
        return exporting.WRITTEN[self.cursor]

    @property
    def choices(self) -> int:
        return len(exporting.WRITTEN)

    def line(self, y: int) -> Line:
        form = exporting.WRITTEN[y]
        kinds = len(self.losses.get(form.name, ()))
        mark = f" lacks {kinds}" if kinds else ""
        room = max(4, self.text_width - NAME - 2 - len(mark))
        return ((f" {pad(form.name, NAME)} ", "key"), (pad(form.label, room), ""), (mark, "warn"))


class ExportScreen(ListDialog[None]):
    """Writes exactly what the timeline showed when it was opened; the timeline goes on meanwhile."""

    BINDINGS = commands.bindings("export")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012

    def __init__(self, session: Session, what: Shown) -> None:
        super().__init__()
        self.TITLE_TEXT = f"Export {counted(len(what.matches), 'row')}"
        self._session = session
        self._what = what
        self.formats = Formats(self._moved)
        self._texts = True
        self._counted = 0
        """Rows whose losses are counted; all of them once the count is whole."""
        self._survey: Errand | None = None
        self._writing: Errand | None = None
        self._began = 0.0
        self._landed = False
        """Whether the file under way has its name."""
        self._overwrite: Path | None = None
        """The file that the user was asked about."""
        self._named = ""
        """The name last proposed."""
        self.written: Exported | None = None

    def body(self) -> list[Widget]:
        name = Field(id="export-name", compact=True)
        return [
            self.formats,
            Static(id="export-lost"),
            name,
            Static(id="export-words"),
            Static(Content(""), id="export-hint", classes="hint"),
        ]

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("export-box")
        self.set_focus(self.formats)
        self._propose()
        self._look()
        self._show()

    async def on_unmount(self) -> None:
        errands = [errand for errand in (self._survey, self._writing) if errand is not None]
        for errand in errands:
            errand.stop()
        for errand in errands:
            # A file that is half written is removed before the program ends.
            await asyncio.to_thread(errand.wait)

    def on_resize(self) -> None:
        self._show()

    # -- what is lost -------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Begin to count what is lost, unless that is known; a file that is being written goes first."""
        if not self.counted and self._writing is None:
            self._survey = Errand(self._session, self._count, self.post_message, self._say)

    def _count(self, store: Store, tell: Tell) -> None:
        """In the errand's thread: count what each format cannot carry."""
        found = exporting.survey(store, self._what, lambda done, losses: tell(self._lost, (done, losses)))
        tell(self._lost, (len(self._what.matches), found))

    def _lost(self, told: tuple[int, dict[str, Losses]]) -> None:
        self._counted, self.formats.losses = told
        self.formats.refresh()
        self._show()

    @property
    def counted(self) -> bool:
        """Whether what is lost has been counted for every row."""
        return self._counted == len(self._what.matches) and bool(self.formats.losses)

    @property
    def under_way(self) -> bool:
        """Whether a file is being written."""
        return self._writing is not None

    def lost_words(self) -> str:
        """What the chosen format cannot carry of what is shown, with counts."""
        form = self.formats.chosen
        losses = self.formats.losses.get(form.name, Losses())
        if form.store:
            texts = "with the documents' texts" if self._texts else "without the documents' texts"
            changes = self.clause("; {export.texts} changes that")
            return f"Carries everything but saved views and the log, {texts}{changes}."
        if form.lossless:
            return "Carries everything but saved views and the log."
        so_far = "" if self.counted else f" (so far: {self._counted:,} rows looked at)"
        if losses:
            return f"Cannot carry everything{so_far}: {exporting.loss_words(losses)}."
        return f"Nothing found that it cannot carry{so_far}."

    def _show(self) -> None:
        """Show what is lost, what is under way, and the keys that matter."""
        if not self.is_mounted:
            return
        width = self.formats.size.width or 60
        lines = wrap(self.lost_words(), width)
        lost, height = self.query_one("#export-lost", Static), self.app.size.height
        limit = lost.styles.max_height
        high = min(height - BESIDE, LOST_LINES if limit is None else int(limit.value))
        most = max(LOST_LINES, high) if height >= 20 else max(1, min(height - LOW, LOST_LINES // 2))
        if len(lines) > most:
            lines = [*lines[: most - 1], fit(" ".join(lines[most - 1 :]), width)]
        lost.update(Content("\n".join(lines)))
        in_name = self.focused is self.query_one("#export-name")
        if self._writing is not None:
            clauses = [
                "{export.close} closes" if self._writing.stopping else "{export.close} stops it; no file is left then"
            ]
        elif self._overwrite is not None:
            clauses = ["{export.replace} replace it", "{export.keep} another name"]
        elif self.written is not None:
            clauses = ["{export.close} close", "{export.choose} another format"]
        elif in_name:
            clauses = ["Enter writes the file", "{export.other} formats", "{export.close} close"]
        else:
            clauses = ["{export.down} {export.up} choose", "{export.choose} name the file", "{export.close} close"]
        self.query_one("#export-hint", Static).update(Content(self.hint(*clauses)))

    def _say(self, text: str) -> None:
        self.query_one("#export-words", Static).update(Content(safe(text)))

    # -- the file -----------------------------------------------------------------------------------------------

    def _propose(self) -> None:
        """Propose a name for the format, unless the user has made up another."""
        field = self.query_one("#export-name", Input)
        if field.value == self._named:
            query, store = slug(self._what.query, ""), self._session.path.stem
            stem = f"{store}-{query}" if query else store
            if self.formats.chosen.store and not query:
                stem += "-copy"
            self._named = f"{stem}{self.formats.chosen.suffix}"
            field.value = self._named

    @on(Input.Changed, "#export-name")
    def _renamed(self) -> None:
        """Ask no more whether a file is replaced that the name does not say any more."""
        if self._overwrite is not None:
            self._overwrite = None
            self._say("")
            self._show()

    @on(Input.Submitted, "#export-name")
    def _submitted(self, event: Input.Submitted) -> None:
        if self._writing is not None:
            return
        if not event.value.strip():
            self._say("Give the file a name.")
            return
        try:
            target = Path(event.value.strip()).expanduser()
            taken = target.exists() or os.path.lexists(target)
        except RuntimeError as error:  # no such user behind a ~
            self._say(str(error))
            return
        except OSError as error:  # a name too long, a folder that is closed
            self._say(f"cannot write {target}: {reason(error)}")
            return
        if is_terminal(target):
            self._say(f"{target} is a terminal, where the timeline stands; name a file.")
        elif self.formats.chosen.store or not taken:
            self._write(target, replace=False)
        else:
            self._overwrite = target
            self.set_focus(self.formats)
            self._say(f"{target} exists. Replace it?")
        self._show()

    def _write(self, target: Path, *, replace: bool) -> None:
        """Begin to write; without `replace` a file that has come to be there since is left alone."""
        form, texts = self.formats.chosen, self._texts
        self.written, self._overwrite = None, None
        self._landed = False
        self._began = told = time.monotonic()

        def work(store: Store, tell: Tell) -> None:
            def progress(done: int, of: int) -> None:
                nonlocal told
                if time.monotonic() - told >= TOLD_EVERY_S:
                    told = time.monotonic()
                    tell(self._progress, done)

            what = exporting.still(store, self._what)
            done = exporting.export(store, what, form, target, texts=texts, replace=replace, progress=progress)
            self._landed = True
            tell(self._done, (target, form, done))

        if self._survey is not None:
            self._survey.stop()
        self._say(f"Writing {target} …")
        self._writing = Errand(self._session, work, self.post_message, self._could_not, self._has_stopped)

    def _progress(self, done: int) -> None:
        of = len(self._what.matches)
        left = (time.monotonic() - self._began) * (of - done) / max(done, 1)
        bar = "█" * (20 * done // max(of, 1))
        self._say(f"{bar:<20} {done:,} of {counted(of, 'row')}, {left:,.0f} s left")
        self._show()

    def _done(self, told: tuple[Path, WrittenFormat, Exported]) -> None:
        target, form, self.written = told
        self._writing = None
        rows = self.written.rows
        left_out = len(self._what.matches) - rows
        without = f", {left_out:,} left out" if left_out else ""
        self._say(f"{target}: {counted(rows, 'row')} as {form.name}{without}")
        say(self.app, f"Wrote {target.absolute()}, {counted(rows, 'row')}.")
        self.set_focus(self.formats)
        self._look()
        self._show()

    @on(Found)
    def _found(self, event: Found) -> None:
        event.tell(event.answer)

    def _could_not(self, text: str) -> None:
        """The file under way cannot be written."""
        self._writing = None
        self._say(text)
        self._look()
        self._show()

    def _has_stopped(self, _: None) -> None:
        """What was stopped has come to its end."""
        self._could_not(
            "It was written before it could be stopped." if self._landed else "Stopped; no file was written."
        )

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> Formats:
        return self.formats

    def _moved(self) -> None:
        self._overwrite = None
        self._say("")
        self._propose()
        self._show()

    def action_choose(self) -> None:
        """To the name of the file."""
        self.set_focus(self.query_one("#export-name"))
        self._show()

    def action_other(self) -> None:
        """Between the formats and the name."""
        if self.focused is self.query_one("#export-name"):
            self.set_focus(self.formats)
            self._show()
        else:
            self.action_choose()

    def action_texts(self) -> None:
        self._texts = not self._texts
        self._show()

    def action_replace(self) -> None:
        """Yes to the question whether a file may be replaced."""
        if self._overwrite is not None:
            self._write(self._overwrite, replace=True)
            self._show()

    def action_keep(self) -> None:
        if self._overwrite is not None:
            self._overwrite = None
            self._say("")
            self.action_choose()

    def action_close(self) -> None:
        """Stop what is under way; else close."""
        if self._writing is not None and not self._writing.stopping:
            self._writing.stop()
            self._say("Stopping …")
            self._show()
        else:
            self.dismiss(None)

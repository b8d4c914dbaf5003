"""Give an incident tags, or take them away: type a name, or choose one that the store has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from db import edit, known
from db.edit import Tagging
from db.errors import UsageError
from db.fields import fold
from db.store import Store
from tui import commands
from tui.safe_text import fit, pad, safe
from tui.saying import GONE, say
from tui.screens.closing import close
from tui.screens.dialog import Dialog
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.field import Field
from tui.widgets.line_view import Line


@dataclass(eq=False, slots=True)
class Turn:
    """A tag that is given or taken, until the tags that have been read know of it."""

    own: bool
    """Whether the incident has the tag after it."""
    written: bool = False


class TagList(ChoiceView):
    """What is typed, if it is no tag yet, and the tags that it could become: ■ those that the incident has."""

    def __init__(self) -> None:
        super().__init__(id="tags")
        self._all: list[Tagging] = []
        self.turning: dict[str, list[Turn]] = {}
        """Name of a tag → its turns that are to be written, or are not in `_all` yet, in their order."""
        self.typed = ""
        self.shown: list[Tagging] = []

    def take(self, all_tags: list[Tagging], known: Sequence[Turn] = ()) -> None:
        """Take over the tags of the store, read after the turns `known` were written."""
        self._all = all_tags
        for name, turns in self.turning.items():
            self.turning[name] = [turn for turn in turns if turn not in known]

    @property
    def written(self) -> list[Turn]:
        """The turns that whoever reads the tags from now on finds in them."""
        return [turn for turns in self.turning.values() for turn in turns if turn.written]

    def narrow(self, typed: str, *, stay: bool = False) -> None:
        """Show the tags that have what is typed in them, that very one or a new one first; with nothing typed, all.

        The cursor goes to the first, or with `stay` to the tag on which it stands.
        """
        stands_on = self.current.name if stay and typed == self.typed and self.current is not None else None
        self.typed = typed
        wanted = fold(typed.strip().removeprefix("#"))
        # A tag that nothing has any more is offered to whoever types it.
        hits = [tag for tag in self._meant() if wanted in fold(tag.name) and (wanted or tag.incidents)]
        hits.sort(key=lambda tag: (fold(tag.name) != wanted, not tag.own, -tag.incidents, tag.name))
        if wanted and not any(fold(tag.name) == wanted for tag in hits):
            hits.insert(0, Tagging(" ".join(typed.strip().removeprefix("#").split()), 0, False))
        self.shown = hits
        self.cursor = next((at for at, tag in enumerate(hits) if tag.name == stands_on), 0)
        self.recount()
        self.show_lines(self.cursor)

    @property
    def current(self) -> Tagging | None:
        """The tag under the cursor."""
        return self.as_meant(self.shown[self.cursor]) if self.shown else None

    def _meant(self) -> list[Tagging]:
        """All tags, also new ones, as they will be when what is on its way is written and read: keys go by these."""
        new = [Tagging(name, 0, False) for name, turns in self.turning.items() if turns and not self.has(name)]
        meant = []
        for tag in (*self._all, *new):
            own = self.as_meant(tag).own
            meant.append(replace(tag, own=own, incidents=tag.incidents + own - tag.own))
        return meant

    def as_meant(self, tag: Tagging) -> Tagging:
        """A tag as it will be when what is on its way is written and read."""
        turning = self.turning.get(tag.name)
        return replace(tag, own=turning[-1].own) if turning else tag

    def has(self, name: str) -> bool:
        """Whether the store has a tag of just this name."""
        return any(name == tag.name for tag in self._all)

    @property
    def choices(self) -> int:
        return len(self.shown)

    def line(self, y: int) -> Line:
        if not self.shown:
            return ((" No tags yet: type a name.", "dim"),)
        tag = self.as_meant(self.shown[y])
        count = f"{tag.incidents:,}" if self.has(tag.name) else "new tag"
        room = max(4, self.text_width - 14)
        return (
            (f" {'■' if tag.own else '□'} ", "mark"),
            (pad(fit(safe(tag.name), room), room), ""),
            (f"{count:>10}", "dim"),
        )


class TagName(Field):
    """The name of a tag.  Enter is carried out at once: Textual's message comes after keys pressed behind it."""

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__(placeholder="name of a tag", id="tag-name", compact=True)
        self._turn = turn

    async def action_submit(self) -> None:
        self._turn()


class TagScreen(Dialog[None]):
    """Each Enter is one write; the dialog stays for the next one until Esc."""

    BINDINGS = commands.bindings("tag")

    def __init__(self, session: Session, incident_id: int, key: str, tags: list[Tagging]) -> None:
        super().__init__()
        self.TITLE_TEXT = f"Tags of {fit(safe(key), 40)}"
        self._session = session
        self._incident_id = incident_id
        self._key = key
        self.tags = TagList()
        self.tags.take(tags)

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach."""
        return ("tag",)

    def body(self) -> list[Widget]:
        field = TagName(self.action_turn)
        hint = self.hint("{tag.toggle} gives or takes", "{tag.complete} completes", "{tag.close} closes")
        return [field, self.tags, Static(Content(hint), id="tag-hint", classes="hint")]

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#tag-name", Field))
        self.tags.narrow("")

    def store_changed(self) -> None:
        self._read()

    def _read(self) -> None:
        shown = known.incident(self._incident_id, self._key)
        written = self.tags.written

        def tags(store: Store, _: object) -> list[Tagging] | None:
            # Numbers are given out again: by its key one sees that it is the same incident.
            there = known.stands(store.connection, shown)
            return edit.taggings(store.connection, self._incident_id) if there else None

        self._session.look("tags anew", tags, lambda found: self._show(found, written))

    def _show(self, found: list[Tagging] | None, written: Sequence[Turn]) -> None:
        if self not in self.app.screen_stack:
            return
        if found is None:
            say(self.app, GONE)
            close(self)
        else:
            self.tags.take(found, written)
            self.tags.narrow(self.query_one("#tag-name", Field).value, stay=True)

    @on(Input.Changed, "#tag-name")
    def _typed(self) -> None:
        self._catch_up()

    def action_turn(self) -> None:
        self._catch_up()
        tag = self.tags.current
        if tag is None:
            return
        try:
            name = tag.name if self.tags.has(tag.name) else edit.tag_name(tag.name)
        except UsageError as error:
            self.query_one("#tag-hint", Static).update(Content(safe(str(error))))
            return
        change = edit.untag if tag.own else edit.tag
        turn = Turn(not tag.own)
        self.tags.turning.setdefault(name, []).append(turn)
        # At once, not when it is written: what is typed meanwhile is the next tag.
        self.query_one("#tag-name", Field).value = ""
        self.tags.narrow("")
        incident_id = self._incident_id

        def written(_: object = None) -> None:
            # It stands until the tags are read: an Enter before that goes by it, not by what was read before the write.
            turn.written = True
            self._done()

        def refused() -> None:
            self.tags.turning[name].remove(turn)
            self._done()

        self._session.write(
            lambda store: change(store, incident_id, [name]),
            tell=written,
            known=[known.incident(incident_id, self._key)],
            refused=refused,
        )

    def _done(self) -> None:
        if self in self.app.screen_stack:
            self._read()

    def _catch_up(self) -> None:
        """Narrow by what stands in the line now: Textual's message of it comes after keys pressed behind it."""
        typed = self.query_one("#tag-name", Field).value
        if typed != self.tags.typed:
            self.tags.narrow(typed)

    def action_complete(self) -> None:
        self._catch_up()
        tag = self.tags.current
        at = self.tags.shown
        if tag is not None and tag.incidents == 0 and not tag.own and len(at) > 1 and self.tags.cursor == 0:
            tag = at[1]  # the first line is what was typed
        if tag is not None:
            field = self.query_one("#tag-name", Field)
            field.value = tag.name
            field.cursor_position = len(tag.name)

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.tags.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.tags.size.height - 1))

    def _move(self, step: int) -> None:
        self._catch_up()
        self.tags.move(step)

    def action_close(self) -> None:
        self.dismiss(None)

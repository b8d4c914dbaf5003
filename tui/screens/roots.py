"""What an incident rests on, root by root, and the pairs of roots in what is shown that may be one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from textual.app import ComposeResult

from db import known, same_root, undo
from db.errors import UsageError
from db.known import Known
from db.plural import counted
from db.roots import Corroboration, Root, words
from db.same_root import Side, Suspicion
from db.store import Store
from tui import commands
from tui.incident_lines import Described
from tui.safe_text import fit, safe
from tui.saying import GONE
from tui.screens.closing import close
from tui.screens.confirm import Confirm
from tui.screens.looking import hold_keys
from tui.screens.moving import PageKeys
from tui.screens.reader import Shown, SourceScreen
from tui.session import Session
from tui.widgets.choice_view import ChoiceView
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line


@dataclass(frozen=True, slots=True)
class Rests:
    """What the screen shows: an incident's roots, and the suspicions of all that is shown, that incident's first."""

    incident: Corroboration
    suspicions: tuple[Suspicion, ...]
    whole: bool
    """False while only the incident's own suspicions are known."""


Reading = Callable[[Callable[[Rests | None], None], Callable[[], None]], None]
"""Reads it anew and gives it to the first of what it is called with, in part, then whole; None when it is gone.

The second is called where it could not be read.
"""


@dataclass
class _Made:
    lines: list[Line] = field(default_factory=list)
    pairs: list[range] = field(default_factory=list)


class RootsView(ChoiceView):
    """The lines, with a cursor on one suspicion; without any it scrolls."""

    def __init__(self, rests: Rests) -> None:
        super().__init__(id="roots")
        self.rests = rests
        self.swapped: set[str] = set()
        """Tokens of pairs whose second quote is taken for the one that was copied."""
        self._made = _Made()
        self.said: set[str] = set()
        """The pairs of which something is on its way to the store."""

    @property
    def suspicion(self) -> Suspicion | None:
        """The suspicion under the cursor."""
        return self.rests.suspicions[self.cursor] if self.rests.suspicions else None

    @property
    def sides(self) -> tuple[Side, Side] | None:
        """The quote that was copied and its copy, as the user has them."""
        pair = self.suspicion
        if pair is None:
            return None
        return (pair.second, pair.first) if pair.token in self.swapped else (pair.first, pair.second)

    def show(self, rests: Rests) -> None:
        """Show something else, with the cursor on its pair, or where that is gone on the next one that is left.

        What is known in part only takes nothing away of other incidents' pairs.
        """
        if not rests.whole:
            others = (pair for pair in self.rests.suspicions if pair.incident_id != rests.incident.id)
            rests = replace(rests, suspicions=(*rests.suspicions, *others))
        self._put(rests)

    def without(self, token: str) -> None:
        """Show a pair no longer, of which something is being said: the keys behind that are for those left."""
        self.said.add(token)
        self._put(self.rests)

    def _put(self, rests: Rests) -> None:
        rests = replace(rests, suspicions=tuple(pair for pair in rests.suspicions if pair.token not in self.said))
        before = self.rests.suspicions
        at = {pair.token: number for number, pair in enumerate(rests.suspicions)}
        left = (at[pair.token] for pair in (*before[self.cursor :], *before[: self.cursor][::-1]) if pair.token in at)
        self.rests = rests
        self.cursor = next(left, 0)
        self.resized()

    def swap(self) -> None:
        """Take the other quote for the one that was copied."""
        if (pair := self.suspicion) is not None:
            self.swapped ^= {pair.token}
            self.resized()
            self.show_cursor()

    def resized(self) -> None:
        self._made = self._lines(max(10, self.text_width))
        self.recount()
        if self.cursor:
            self.show_cursor()

    def _lines(self, width: int) -> _Made:
        out = Described()
        made = _Made(out.lines)
        incident = self.rests.incident
        out.text(incident.title, "strong", "   ", " ", width)
        out.text(
            f"{words(incident.reports, len(incident.roots))} · {counted(incident.quotes, 'quote')}",
            "",
            "   ",
            width=width,
        )
        if not incident.roots:
            out.text("no quote: nothing is known to rest on anyone", "dim", "   ", width=width)
        for root in incident.roots:
            out.blank()
            out.text(f"{root.name} · {counted(root.quotes, 'quote')}", "speaker", "   ", " ● ", width)
            out.text(_ways(root), "dim", "     ", width=width)
        out.heading(" Suspected to be one root")
        if not self.rests.suspicions:
            none = "none: no two roots of one incident here have the same words"
            out.text(none if self.rests.whole else "looking …", "dim", "   ", width=width)
        for pair in self.rests.suspicions:
            first = len(out.lines)
            self._pair(out, pair, width)
            made.pairs.append(range(first, len(out.lines)))
            out.blank()
        return made

    def _pair(self, out: Described, pair: Suspicion, width: int) -> None:
        source, copy = (pair.second, pair.first) if pair.token in self.swapped else (pair.first, pair.second)
        out.text(f"{copy.root} has the words of {source.root}? {pair.title}", "warn", "   ", " ? ", width)
        measure = pair.overlap
        out.text(
            f"{'texts' if pair.kind == 'texts' else 'quotes'} share {measure.shared:,} runs of five words,"
            f" {measure.containment:.0%} of the shorter, resemblance {measure.resemblance:.2f}",
            "dim", "   ", width=width,
        )  # fmt: skip
        out.text(f"shared: {pair.words}", "", "   ", width=width)
        for side in (source, copy):
            out.text(f"❝{side.exact}❞", "quote", "     ", "   ", width)
            out.text(
                " ← ".join([*reversed(side.chain), side.voice]) + f" · {side.document}", "speaker", "     ", width=width
            )

    @property
    def choices(self) -> int:
        return len(self.rests.suspicions)

    @property
    def line_count(self) -> int:
        return len(self._made.lines)

    def cursor_lines(self) -> range:
        return self._made.pairs[self.cursor] if self._made.pairs else range(0)

    def line(self, y: int) -> Line:
        line = self._made.lines[y]
        return (("▌" + line[0][0][1:], "mark"), *line[1:]) if line and y in self.cursor_lines() else line

    def move(self, step: int) -> None:
        """To another suspicion; without any, a line on."""
        if self.rests.suspicions:
            super().move(step)
        else:
            self.by(step)

    def choice_at(self, y: int) -> int:
        return next((n for n, lines in enumerate(self._made.pairs) if y in lines), self.cursor)


def _ways(root: Root) -> str:
    return ("its own voice " if root.own else "") + "; ".join(way.words for way in root.through)


class RootsScreen(PageKeys, SourceScreen):
    """Shows roots and suspicions, and keeps what the user says of a pair."""

    BINDINGS = commands.bindings("roots")

    def __init__(self, session: Session, keymap: dict[str, str], shown: Shown, rests: Rests, read: Reading) -> None:
        super().__init__(session, keymap, shown)
        self._read = read
        self._said: list[tuple[int, tuple[Side, Side]]] = []
        """Log rows of what was said here and stands in the store, with the pair, the last one last.

        The session's thread alone touches it, as a part of the write that it tells of.
        """
        self._looked: Callable[[], bool] = bool
        self.view = RootsView(rests)
        self.head = Fixed(id="roots-head")

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.view
        footer = Footer(id="footer")
        footer.show(self.scopes(), self.keymap)
        yield footer

    def on_mount(self) -> None:
        self._show_head()
        self.set_focus(self.view)
        if not self.view.rests.whole:
            late = "Pairs are still being looked for. What you type waits for them"
            self._looked = hold_keys(self, late, self.action_close, "roots.close")
            self.store_changed()

    def on_unmount(self) -> None:
        self.looked()

    def looked(self) -> None:
        """No more pairs come: keys need not wait for them."""
        self._looked()

    def on_resize(self) -> None:
        self._show_head()

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("roots", "app")

    def store_changed(self) -> None:
        self._read(self.take, self.looked)

    def take(self, rests: Rests | None) -> None:
        """Show what was read; None says that the incident is gone."""
        if not self.is_attached:
            return
        # Numbers are given out again: by its key one sees that it is the same incident.
        if rests is None or rests.incident.key != self.view.rests.incident.key:
            self.say(GONE)
            close(self)
        else:
            self.view.show(rests)
            self._show_head()
            if rests.whole:
                self.looked()

    def _show_head(self) -> None:
        incident, pairs = self.view.rests.incident, counted(len(self.view.rests.suspicions), "pair")
        where = "suspected in what is shown" if self.view.rests.whole else "suspected so far, looking on …"
        told = f" Roots: {words(incident.reports, len(incident.roots))} · {pairs} {where}"
        self.head.show([((fit(safe(told), self.app.size.width), "strong"),)])

    def _said_of(self, sides: tuple[Side, Side], token: str, work: Callable[[Store], object], what: str) -> None:
        def said(store: Store) -> None:
            before = store.written
            work(store)
            if store.written != before:  # else it stood so already, by another's word
                self._said.append((store.written, sides))

        def told(_: None) -> None:
            self.view.said.discard(token)  # what is read from now on is without it

        def refused() -> None:
            self.view.said.discard(token)
            if self.is_attached:
                self.store_changed()

        self.view.without(token)
        self._show_head()
        self.session.write(said, what, told, _known(sides), refused)

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> RootsView:
        return self.view

    @property
    def _whole(self) -> int:
        return self.view.line_count

    def action_swap(self) -> None:
        self.view.show_cursor()
        self.view.swap()

    def _pair(self) -> tuple[tuple[Side, Side], Suspicion] | None:
        """The pair that keys work on; None where there is none, or where it must first come into sight."""
        sides, shown = self.view.sides, self.view.suspicion
        if sides is None or shown is None:
            self.say("No pair is suspected here.")
            return None
        if not self.view.cursor_in_sight:
            self.view.show_cursor()
            self.say("This is the pair that is meant; press again.")
            return None
        return sides, shown

    def action_same(self) -> None:
        if (found := self._pair()) is None:
            return
        sides, shown = found
        source, copy = sides
        about = f"{copy.document} has its words from {source.root}: its quote gets that root, and counts follow."
        pair = (source.quote_id, copy.quote_id)

        def answered(yes: bool | None) -> None:
            if yes:
                self._said_of(sides, shown.token, lambda store: same_root.same(store, *pair), "one root")

        self.app.push_screen(Confirm("Is it one root?", about), answered)

    def action_not_same(self) -> None:
        if (found := self._pair()) is None:
            return
        sides, shown = found
        pair = (sides[0].quote_id, sides[1].quote_id)
        self._said_of(sides, shown.token, lambda store: same_root.not_same(store, *pair), "two roots")

    def action_take_back(self) -> None:
        def take_back(store: Store) -> bool:
            if not self._said:
                return False
            # That very write, and nothing that a colleague has said of the pair.
            seq, sides = self._said[-1]
            store.known = _known(sides)
            try:
                undo.undo(store, seq)
            except UsageError:
                self._said.pop()  # it does not stand any more
                raise
            self._said.pop()
            return True

        late = "The store is busy. What you type waits for it"
        release = hold_keys(self, late, self.action_close, "roots.close")

        def told(was_one: bool) -> None:
            # Behind what shows the pair again.
            self.session.look("taken back", lambda *_: None, lambda _: release(), release)
            if not was_one:
                self.say(
                    "Nothing was said of a pair here; `dateline roots --take-back A+B` takes back what was said before."
                )

        self.session.write(take_back, "taken back", told, refused=release, step=True)

    def action_go(self) -> None:
        if (found := self._pair()) is not None:
            pair = found[1]
            self.go_to_incident(pair.incident_id, pair.incident, pair.title)

    def action_close(self) -> None:
        self.dismiss(None)


def _known(sides: tuple[Side, Side]) -> list[Known]:
    """The two quotes as they are shown."""
    return [known.quote(side.quote_id, side.document_id, side.exact) for side in sides]

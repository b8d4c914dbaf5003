"""Likely doubles: a list of pairs, what speaks for each, and both incidents side by side; the analyst has the word."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen

from db import doubles, known, linking, read
from db.doubles import Doubles, Pair
from db.doubles_weighed import Weighed, weighed
from db.exporting import Shown
from db.known import Known
from db.model import Incident
from db.store import Store
from tui import commands
from tui.errand import Errand, Tell
from tui.messages import Found
from tui.pair_lines import part_lines
from tui.safe_text import fit, safe
from tui.saying import say
from tui.screens.looking import hold_keys
from tui.screens.moving import PageKeys
from tui.session import Session
from tui.verdicts import Verdicts, Word
from tui.widgets.claim_grid import Fixed
from tui.widgets.footer import Footer
from tui.widgets.line_view import Line
from tui.widgets.pair_list import VERDICTS, Comparison, PairList


class DoublesScreen(PageKeys, Screen[None]):
    """Offers pairs of which at least one incident is among what is shown (None: all)."""

    BINDINGS = commands.bindings("doubles")

    def __init__(self, session: Session, keymap: dict[str, str], what: Shown | None) -> None:
        super().__init__()
        self._session = session
        self._keymap = keymap
        self._what = what
        self._within = False
        self._done = 0.0
        """Which part of the looking is done."""
        self.found: Doubles | None = None
        self.failed = False
        """Whether the looking came to nothing."""
        self.list = PairList(self._moved)
        self.comparison = Comparison()
        self._head = Fixed(id="doubles-head")
        self._parts = Fixed(id="doubles-parts")
        self._verdicts = Verdicts()
        self._errand: Errand | None = None
        self._looking: object = None
        """What stands for the looking under way."""
        self._pairs_came: Callable[[], bool] = bool

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.list
        yield self._parts
        yield self.comparison
        footer = Footer(id="footer")
        footer.show(self.scopes(), self._keymap)
        yield footer

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose keys are in reach, nearest first."""
        return ("doubles", "app")

    def on_mount(self) -> None:
        self.set_focus(self.list)
        self._find()

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.stop()
        self._pairs_came()

    def on_resize(self, event: Resize) -> None:
        self._show()

    def _clause(self, words: str) -> str:
        return commands.clause(words, self._keymap)

    @property
    def under_way(self) -> bool:
        """Whether pairs are still being looked for."""
        return self.found is None and not self.failed

    @property
    def pair(self) -> Pair | None:
        """The pair under the cursor."""
        return self.list.pairs[self.list.cursor] if self.list.pairs else None

    # -- finding ------------------------------------------------------------------------------------------------

    def _find(self) -> None:
        if self._errand is not None:
            self._errand.stop()
        among = None if self._what is None else {match.id for match in self._what.matches}
        within = self._within

        def work(store: Store, tell: Tell) -> None:
            def progress(done: float) -> None:
                tell(self._progress, done)

            connection = store.connection
            found = doubles.find(connection, among, within=within, progress=progress)
            tell(self._found_pairs, (found, weighed(connection, found.pairs)))

        self.found = None
        self.failed = False
        self._done = 0.0
        self._verdicts = Verdicts()
        self.list.empty = "Looking for pairs …"
        self.list.cursor = 0
        self.list.take((), {})
        self.comparison.show(None)
        late = "Pairs are still being looked for. What you type waits for them"
        self._pairs_came = hold_keys(self, late, self.action_close, "doubles.close")
        self._show()
        looking = self._looking = object()

        def begin(_: object = None) -> None:
            if looking is self._looking and self.is_attached:
                self._errand = Errand(self._session, work, self.post_message, self._could_not)

        # Behind what was said of pairs before: the errand's own connection would not know of it yet.
        self._session.look(f"doubles {id(self)}", lambda *_: None, begin, begin)

    def _progress(self, done: float) -> None:
        self._done = done
        self._show()

    def _found_pairs(self, told: tuple[Doubles, dict[int, Weighed]]) -> None:
        self.found, by = told
        other = "in one data set too" if not self._within else "between data sets alone"
        self.list.empty = f"No likely doubles{self._clause(f'; {{doubles.within}} looks {other}')}."
        self.list.take(self.found.pairs, by)
        self._show()
        self.store_changed()  # since they began to be looked for, too
        self._pairs_came()

    @on(Found)
    def _found(self, event: Found) -> None:
        event.tell(event.answer)

    def _could_not(self, text: str) -> None:
        """The looking came to nothing: say why, and that a key looks again."""
        self.failed = True
        self.list.empty = f"They could not be looked for{self._clause('; {doubles.anew} tries anew')}."
        self.list.refresh()
        say(self.app, text)
        self._show()
        self._pairs_came()

    def store_changed(self) -> None:
        """The store has changed: show the pairs as they are now, marked, and no word that another has taken back."""
        pairs, verdicts = self.list.pairs, self._verdicts

        def look(store: Store, _: object) -> tuple[dict[int, Weighed], list[int]]:
            connection = store.connection
            taken = [
                at
                for at, word in verdicts.ours.items()
                if word and not linking.stands(connection, pairs[at].first.id, pairs[at].second.id, word)
            ]
            verdicts.ours.update(dict.fromkeys(taken))
            return weighed(connection, pairs), taken

        def show(found: tuple[dict[int, Weighed], list[int]]) -> None:
            now, taken = found
            for at in taken:
                verdicts.taken_elsewhere(at)
                self._shows(verdicts, at)
            if self.is_attached and verdicts is self._verdicts:
                was = self.list.gone
                self.list.follow(now)
                if self.list.cursor not in was & self.list.gone:  # else that has been said
                    self._moved()

        if pairs:
            self._session.look(f"doubles {id(self)} anew", look, show)

    def _show(self) -> None:
        """The head line and the parts of the pair."""
        width = self.app.size.width
        self._head.show([self._title(width)])
        self._parts.show([] if self.pair is None else part_lines(self.pair, width))

    def _title(self, width: int) -> Line:
        scope = "within data sets too" if self._within else "between data sets"
        query = f" · {safe(self._what.query)}" if self._what is not None else ""
        if self.found is None:
            state = "not looked for" if self.failed else f"looking … {self._done:.0%}"
            return ((fit(f" Likely doubles {scope}{query}: {state}", width), "strong"),)
        if self.list.cursor in self.list.changed:
            key = commands.key_names(commands.BY_ID["doubles.anew"], self._keymap)
            anew = f"; {key[0]} weighs anew" if key else ""
            told = f" Likely doubles, {self.list.cursor + 1:,}: changed since it was weighed{anew}"
            return ((fit(told, width), "warn"),)
        many = f"{self.list.cursor + 1:,} of {len(self.found.pairs):,}" if self.found.pairs else "none"
        more = f" ({self.found.found:,} found)" if self.found.found > len(self.found.pairs) else ""
        return ((fit(f" Likely doubles {scope}{query}: {many}{more}", width), "strong"),)

    def _moved(self) -> None:
        self._show()
        pair = self.pair
        if pair is None:
            self.comparison.show(None)
            return
        ids = (pair.first.id, pair.second.id)
        self._session.look(
            "pair",
            lambda store, _: tuple(read.incident(store.connection, incident_id) for incident_id in ids),
            lambda incidents: self._compare(pair, incidents),
        )

    def _compare(self, pair: Pair, incidents: tuple[Incident | None, ...]) -> None:
        first, second = incidents
        if not self.is_attached or self.pair is not pair:
            return
        # Another incident may have got the number of one that is gone.
        if first is None or second is None or (first.key, second.key) != (pair.first.key, pair.second.key):
            say(self.app, f"One of the two is gone from the store{self._clause('; {doubles.anew} looks anew')}.")
            self.comparison.show(None)
        else:
            self.comparison.show((first, second))

    # -- the analyst's word -------------------------------------------------------------------------------------

    def action_same(self) -> None:
        self._speak("same_as")

    def action_distinct(self) -> None:
        self._speak(linking.DISTINCT)

    def action_related(self) -> None:
        self._speak("related")

    def _speak(self, verdict: str) -> None:
        """Write what the user says of the pair, in place of what was said of it before; the screen goes on at once."""
        at, pair, verdicts = self.list.cursor, self.pair, self._verdicts
        if pair is None:
            say(self.app, "Pairs are still being looked for." if self.under_way else "No pair here.")
            return
        word = Word(at, verdict, verdicts.shown(at))
        if verdict == word.shown:
            return

        def work(store: Store) -> bool:
            # Found out here: a word before this one may be on its way still, or be refused.
            word.before = verdicts.ours.get(at)
            word.new = linking.speak(store, pair.first.id, pair.second.id, word.before, verdict)
            # One that stands by another's doing is not this screen's to replace.
            verdicts.ours[at] = verdict if word.new else None
            return word.new

        def told(new: bool) -> None:
            verdicts.written(token, word)
            stands = word in verdicts.said
            if stands and not new:
                verdicts.said.remove(word)
            if self._shows(verdicts, at) and stands:
                self._after(at, VERDICTS[verdict][0] if new else f"{VERDICTS[verdict][0]}, as it was said elsewhere")

        def refused() -> None:
            verdicts.refused(token, at)
            if word in verdicts.said:
                verdicts.said.remove(word)
            self._shows(verdicts, at)

        verdicts.say(word)
        token = verdicts.expect(at, verdict)
        self._shows(verdicts, at)
        self._go(at + 1)
        self._session.write(work, "linked", told, _known(pair), refused)

    def action_undo(self) -> None:
        """Take back the last word, and stand on its pair."""
        verdicts = self._verdicts
        if not verdicts.said:
            say(self.app, "Nothing said here yet that could be taken back.")
            return
        word = verdicts.said.pop()
        pair = self.list.pairs[word.at]

        def work(store: Store) -> bool:
            if not word.new:
                return False  # it was refused, or stood there by another's doing
            linking.speak(store, pair.first.id, pair.second.id, word.verdict, word.before)
            verdicts.ours[word.at] = word.before
            return True

        def told(done: bool) -> None:
            verdicts.taken_back(token, word, done)
            if self._shows(verdicts, word.at):
                self._after(word.at, "taken back" if done else "nothing of yours to take back")

        def refused() -> None:
            verdicts.refused(token, word.at)
            verdicts.stands_after_all(word)
            self._shows(verdicts, word.at)

        token = verdicts.expect(word.at, word.shown)
        self._shows(verdicts, word.at)
        self._go(word.at)
        self._session.write(work, "unlinked", told, _known(pair), refused)

    def _shows(self, verdicts: Verdicts, at: int) -> bool:
        """Show what is said of a pair, if the screen still shows the pairs of these verdicts."""
        if not self.is_attached or verdicts is not self._verdicts:
            return False
        verdict = verdicts.shown(at)
        if verdict is None:
            self.list.verdicts.pop(at, None)
        else:
            self.list.verdicts[at] = verdict
        self.list.refresh()
        return True

    def _after(self, at: int, words: str) -> None:
        self.list.refresh()
        pair = self.list.pairs[at]
        say(self.app, f"{words}: {pair.first.key}, {pair.second.key}")

    # -- keys ---------------------------------------------------------------------------------------------------

    @property
    def list_view(self) -> PairList:
        return self.list

    @property
    def paged_view(self) -> Comparison:
        return self.comparison

    def _go(self, to: int) -> None:
        self.list.move(to - self.list.cursor)

    def action_anew(self) -> None:
        self._find()

    def action_within(self) -> None:
        self._within = not self._within
        self._find()

    def action_close(self) -> None:
        self.dismiss(None)


def _known(pair: Pair) -> list[Known]:
    """The two incidents as they are shown."""
    return [known.incident(side.id, side.key) for side in (pair.first, pair.second)]

"""Words that name keys: whatever keys the user has given commands, they name those and no others."""

from __future__ import annotations

import ast
import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.support.pressing import Settle, press, said
from tests.support.wire_copy import with_wire_copy
from tui import commands
from tui.app import DatelineApp
from tui.settings import Settings

TUI = Path(commands.__file__).parent
MOVED = {command.id: f"f{100 + n}" for n, command in enumerate(commands.COMMANDS)}
"""Every command has another key, each one of its own."""

NAMED = r"Esc|Tab|Space|PgDn|PgUp|F1|F5|Del|⇧Tab|⌫|\^[a-z]"
"""Keys that have a name of their own, but for Enter, which lines have by themselves."""


FIXED = "^q"
"""What no setting moves."""


@dataclass(frozen=True)
class State:
    """Commands (or "'words" to type) that lead to a state, and words with ids of commands that stand there."""

    name: str
    does: tuple[str, ...]
    words: tuple[str, ...]
    query: str = ""


STATES = [
    State("no star", ("main.star-next",), ("; {main.star} stars one",)),
    State("no star before", ("main.star-previous",), ("; {main.star} stars one",)),
    State("no query", ("main.hit-next",), ("; {main.search} types one",)),
    State("no what-if", ("main.effect-next",), ("; {main.leave-out} chooses what to leave out",)),
    State("no view", ("main.view-3",), ("; {main.views} saves and numbers views",)),
    State(
        "nothing matches",
        ("main.toggle-detail",),
        (
            "{main.undo-filter} takes back the last filter, {main.search} changes the query,",
            "{main.suspend} suspends all filters",
            "{main.undo-filter} take back",
        ),
        query="zeppelin",
    ),
    State("half typed", ("main.search", "'zeppelin"), ("; {query.accept} takes it as it is",)),
    State("suspended", ("main.suspend",), (" · {main.suspend} brings them back",), query="drone"),
    State("starred and undone", ("main.star", "main.undo"), ("{main.redo} does it again",)),
    State("done again", ("main.star", "main.undo", "main.redo"), ("{main.undo} takes it back",)),
    State("log", ("main.star", "main.log"), ("{log.open} rows", "{log.undo} undo it", "{log.close} close")),
    State("log undone", ("main.star", "main.log", "log.undo"), ("`{log.undo}` on its row does it again",)),
    State("box", ("main.star", "main.log", "log.open"), ("{read.close} closes",)),
    State("help", ("app.help",), ("{help.close} closes",)),
    State(
        "palette",
        ("app.palette", "'what if"),
        (
            "{palette.choose} does it",
            "{palette.up} {palette.down} choose",
            "{palette.close} closes",
            "; {main.back} com",
        ),
    ),
    State("date", ("main.go-to-date",), ("Enter stays there", "{date.close} goes back")),
    State(
        "views",
        ("main.views",),
        (
            " None yet: {views.save} saves this query",
            "{views.choose} apply",
            "{views.save} save",
            "{views.close} close",
        ),
    ),
    State(
        "note",
        ("main.note", "note.keep"),
        ("Nothing typed yet; {note.close} closes",),
    ),
    State("new note", ("main.note",), ("{note.keep} keeps", "{note.close} leaves, the draft waits")),
    State(
        "earlier note",
        ("main.note", "'words", "note.keep", "main.note", "note.switch"),
        ("{notes.edit} changes", "{notes.delete} deletes", "{note.switch} back to the text"),
    ),
    State(
        "changed note",
        ("main.note", "'words", "note.keep", "main.note", "note.switch", "notes.edit"),
        ("{note.keep} keeps the change", "{note.switch} earlier notes"),
    ),
    State("tags", ("main.tag",), ("{tag.toggle} gives or takes", "{tag.complete} completes", "{tag.close} closes")),
    State(
        "assessment",
        ("main.assess",),
        (
            "keys or {assess.choose} choose",
            "{assess.keep} keeps",
            "{assess.close} closes",
            "  {assess.grade-fair} ○",
            "  {assess.credibility-6} ○",
        ),
    ),
    State(
        "what to leave out",
        ("main.leave-out",),
        ("{leave-out.up} {leave-out.down} move", "{leave-out.choose} leaves it out", "{leave-out.close} close"),
    ),
    State("left out", ("main.leave-out", "leave-out.choose"), (" · {main.back} back",)),
    State(
        "export",
        ("main.export",),
        ("{export.down} {export.up} choose", "{export.choose} name the file", "{export.close} close"),
    ),
    State("export's name", ("main.export", "export.choose"), ("Enter writes the file", "{export.other} formats")),
    State("export of a copy", ("main.export", "export.down"), ("; {export.texts}",)),
    State("no doubles", ("main.doubles",), ("; {doubles.within} looks in one data set too",), query="victory"),
    State("citation", ("main.cite", "cite.copy"), ("{cite.write} writes it to a file",)),
    State(
        "pick",
        ("main.claims", "claims.right", "claims.pick"),
        ("Enter picks, {ask.close} leaves",),
    ),
    State(
        "reader",
        ("main.documents", "documents.read"),
        ("{reader.next} goes to the next quote, {reader.go} to its incident",),
    ),
    State("no quote", ("main.documents", "documents.read", "reader.go"), ("; {reader.next} goes to the next",)),
    State(
        "no hit",
        ("main.documents", "documents.read", "reader.search", "'the", "enter", "reader.previous", "reader.previous"),
        ("; {reader.back} ends the search",),
    ),
    State("card", ("main.source-card", "card.first", "card.go"), ("; {card.next} goes to the next that is",)),
    State(
        "grade", ("main.source-card", "card.grade", "pick.first", "pick.choose"), ("Enter grades, {ask.close} leaves",)
    ),
    State("yes or no", ("main.roots", "roots.same"), ("{confirm.yes} yes   {confirm.no} no",)),
    State("behind", ("main.ledger", "ledger.behind"), ("{behind.go} goes to the incident · {behind.close} closes",)),
]


def shown(app: DatelineApp) -> str:
    """All that stands on the screen, hints whole (they may take two lines there), and the messages."""
    rows = app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip) for strip in rows]
    return "\n".join([*lines, *(str(static.render()) for static in app.screen.query(Static)), *said(app)])


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_words_name_the_keys_that_the_user_has(seeded: Path, settle: Settle, state: State) -> None:
    if "roots.same" in state.does:
        with_wire_copy(seeded)
    app = DatelineApp(seeded, state.query, user=Settings(keymap=MOVED), live=False)
    async with app.run_test(size=(170, 50)) as pilot:
        await settle(pilot)
        await press(app, pilot, settle, [MOVED.get(step, step) for step in state.does])
        said_all = [commands.clause(words, MOVED) for words in state.words]
        with suppress(TimeoutError):  # what is looked for in a thread of its own takes its time
            async with asyncio.timeout(20):
                while not all(words in shown(app) for words in said_all):
                    await asyncio.sleep(0.01)
                    await pilot.pause()
        text = shown(app)
        for words in state.words:
            assert commands.clause(words, MOVED) in text, (words, text)
            if "{" in words:
                assert commands.clause(words, {}) not in text
        assert not re.search(rf"(?<!\w)({NAMED})(?!\w)", text.replace(FIXED, "")), text


def test_no_words_name_a_key_by_themselves() -> None:
    """But through the registry; Enter and the arrows that lines and boxes have by themselves are no commands."""
    for path in sorted(TUI.rglob("*.py")):
        if path.name == "commands.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                words = node.value.replace(FIXED, "")
                assert not re.search(rf"(?<![\w\[])({NAMED})(?!\w)", words), f"{path}:{node.lineno}: {node.value}"


def test_what_has_no_key_is_left_out() -> None:
    keymap = {"main.star": "f9", "main.back": "", "views.save": ""}
    assert commands.clause("; {main.star} stars one", keymap) == "; f9 stars one"
    assert commands.clause("; {views.save} saves this query", keymap) == ""
    assert commands.hint(keymap, "Enter goes", "{views.save} save", "{views.close} close") == "Enter goes  Esc close"
    words = "What if a document, a speaker or a grade had not spoken"
    assert commands.help_words(commands.BY_ID["main.leave-out"], {}) == f"{words}; Esc comes back."
    assert commands.help_words(commands.BY_ID["main.leave-out"], keymap) == f"{words}."


def test_each_key_that_words_name_is_that_of_a_command() -> None:
    for path in sorted(TUI.rglob("*.py")):
        for name in re.findall(r"\{([a-z-]+\.[a-z0-9-]+)\}", path.read_text(encoding="utf-8")):
            scope = name.partition(".")[0]
            assert scope not in commands.SCOPES or name in commands.BY_ID, f"{path}: {name}"


def test_only_the_keys_that_quit_do_so_by_all_means() -> None:
    """Any other key waits for the rows that those before it have asked for, also where it is a q."""
    moved = {"app.quit": "f10", "main.star": "q"}
    assert [commands.quits(key, {}) for key in ("q", "ctrl+q", "f10")] == [True, True, False]
    assert [commands.quits(key, moved) for key in ("q", "ctrl+q", "f10")] == [False, True, True]

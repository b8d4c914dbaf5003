"""Data that attacks the terminal or the program: nothing of it reaches the terminal but as visible text."""

from __future__ import annotations

import base64
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.program import cursor_on, lacks
from bench.terminal import BACKSPACE, DOWN, ENTER, ESCAPE, Terminal
from db.store import Store
from tests.torture import screens, strings
from tests.torture.outcome import Outcome

if TYPE_CHECKING:
    from tests.terminal.conftest import Start

ATTACKS = strings.ATTACKS[:13]
HARMLESS_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[(?!8m)[0-9;]*m|\[[0-9]+;[0-9]+H"  # colours, but not to hide text; cursor position
    rb"|\[\?(?:7|25|1000|1003|1004|1006|1015|1016|2004|2026|2048)[hl]|\[\?1049h"  # modes of a full-screen program
    rb"|\[\?(?:2026|2048)\$p|\[>[0-9]+u|\[<u"  # questions about modes, keyboard protocol
    rb"|\]22;[a-z-]+\x07"  # shape of the mouse pointer
    rb")"
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A store with every attack in every text that can be shown, one incident an attack; its name is one too."""
    path = tmp_path / "evil\x1b[2J\x9b[foo].db"
    Store.create(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, attack in enumerate(ATTACKS, start=1):
            _fill(connection, number, f"a{number} {attack} z")
    return path


def _fill(connection: sqlite3.Connection, number: int, text: str) -> None:
    def insert(sql: str, *values: object) -> None:
        connection.execute(sql, values)

    day = f"2021-05-{number:02}"
    insert("INSERT INTO actor (id, key, name, kind) VALUES (?, ?, ?, ?)", number, f"actor{number}", text, text)
    insert("INSERT INTO actor_alias (actor_id, alias) VALUES (?, ?)", number, text)
    insert(
        "INSERT INTO place (id, key, name, kind, country_code, admin1) VALUES (?, ?, ?, ?, 'IQ', ?)",
        number, f"place{number}", text, text, text,
    )  # fmt: skip
    insert("INSERT INTO system (id, key, name, class) VALUES (?, ?, ?, ?)", number, f"system{number}", text, text)
    insert(
        "INSERT INTO document (id, key, title, publisher, author, url, archive_url, published_edtf)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '2021-06-01')",
        number, f"document{number}", text, text, text, f"https://example.org/{text}", text,
    )  # fmt: skip
    insert(
        "INSERT INTO incident (id, key, title, summary, event_type, sub_event_type, date_edtf, place_id, damage)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number, f"key{number}", text, text, text, text, day, number, text,
    )  # fmt: skip
    insert("INSERT INTO incident_actor (incident_id, actor_id, role) VALUES (?, ?, 'attacker')", number, number)
    insert("INSERT INTO incident_system (incident_id, system_id, role) VALUES (?, ?, 'munition')", number, number)
    insert(
        "INSERT INTO quote (id, incident_id, document_id, exact, prefix, translation) VALUES (?, ?, ?, ?, ?, ?)",
        number, number, number, text, text, text,
    )  # fmt: skip
    insert("INSERT INTO attribution (quote_id, step, actor_id, verb) VALUES (?, 1, ?, ?)", number, number, text)
    for rival in (text, "another"):
        insert(
            "INSERT INTO claim (incident_id, quote_id, field, value) VALUES (?, ?, 'weapon', ?)", number, number, rival
        )
    insert("INSERT INTO claim (incident_id, quote_id, field, value) VALUES (?, ?, ?, ?)", number, number, text, text)
    insert("INSERT INTO tag (id, name) VALUES (?, ?)", number, text)
    insert("INSERT INTO incident_tag (incident_id, tag_id) VALUES (?, ?)", number, number)
    insert("INSERT INTO note (incident_id, text, at) VALUES (?, ?, '2021-06-02T00:00:00Z')", number, text)
    if number <= 9:
        insert("INSERT INTO view (name, query, slot) VALUES (?, ?, ?)", text, text, number)
    if number > 1:
        insert("INSERT INTO incident_link (from_id, to_id, kind) VALUES (?, ?, 'related')", number, number - 1)


def bytes_that_do_harm(raw: bytes) -> Iterator[bytes]:
    """Every byte or character in a terminal's stream that is neither text nor a sequence of a full-screen program."""
    text = HARMLESS_SEQUENCE.sub(b"", raw).decode("utf-8")
    for found in re.finditer(
        r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff].{0,12}", text
    ):
        yield found[0].encode()


def copies(raw: bytes) -> tuple[bytes, list[str]]:
    """The stream without the clipboard sequences that the program itself wrote, and what those copied."""
    pattern = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
    return pattern.sub(b"", raw), [base64.b64decode(found).decode() for found in pattern.findall(raw)]


def assert_harmless(terminal: Terminal) -> None:
    """Nothing hostile among all that the terminal received."""
    raw, copied = copies(terminal.raw)
    assert list(bytes_that_do_harm(raw)) == []
    assert strings.CLIPBOARD_WORDS not in copied


def go(terminal: Terminal, keys: str, quiet: float = 0.12) -> None:
    """Press keys one after another, let each be painted, and see that the program lives."""
    for key in [keys] if keys.startswith("\x1b") else keys:
        terminal.press(key)
        terminal.settle(0.25 if key == ESCAPE else quiet)
    assert terminal.alive, terminal.text


@pytest.mark.parametrize(("columns", "rows"), [(150, 50), (80, 50)])
def test_reading_every_hostile_incident(start: Start, hostile: Path, columns: int, rows: int) -> None:
    terminal = start(hostile, columns, rows, ready=f"{len(ATTACKS)} incidents")
    terminal.wait("␛[2J")
    terminal.wait("[@click=" if columns > 100 else "[/foo]")
    if columns < 100:
        go(terminal, "p")  # the details come below the timeline
    for number in range(1, len(ATTACKS) + 1):
        terminal.wait(cursor_on(f"a{number} "))
        terminal.settle(0.06)
        go(terminal, "j", 0.06)
    for keys in (ENTER, "G", "g", ESCAPE):
        go(terminal, keys)
    assert_harmless(terminal)
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_filtering_by_hostile_values(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, ready=f"{len(ATTACKS)} incidents")
    go(terminal, "f")
    for _ in ATTACKS[:3]:  # the value stands in the query line then; take it back
        terminal.press(ENTER)
        terminal.wait(f"1 of {len(ATTACKS)}")
        terminal.press(BACKSPACE)
        terminal.wait(lacks("1 of"))
        go(terminal, DOWN, 0.04)
    go(terminal, ESCAPE)
    for _ in ATTACKS[:7]:
        terminal.press(",")
        terminal.wait("─ Filter by")
        terminal.press(",")
        terminal.wait(lacks("─ Filter by"))
        go(terminal, "j", 0.04)
    assert_harmless(terminal)
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_messages_and_dialogs_with_hostile_texts(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, ready=f"{len(ATTACKS)} incidents")
    for keys in ("y", "Y", "o", ESCAPE, "jjjjjj", "y", "Y", "o", ESCAPE, "jj", "y"):
        go(terminal, keys, 0.05)
    for keys in ("?", ESCAPE, "\x10", "own", ESCAPE, "V", ESCAPE, "s", ESCAPE, "c", ESCAPE, "p", "v", "e", "n"):
        go(terminal, keys, 0.06)
    assert_harmless(terminal)
    terminal.close()


def test_a_link_in_the_data_is_text_under_the_mouse(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 150, 50, "-q", '"click app quit"', ready=f"1 of {len(ATTACKS)}")

    def places() -> list[tuple[int, int]]:
        return [(x + 18, y) for y, line in enumerate(terminal.lines) if (x := line.find("[@click=app.quit]quit")) >= 0]

    terminal.wait(lambda _: len(places()) > 2)  # in the timeline and in the details
    for x, y in places():
        for part in (f"\x1b[<0;{x + 1};{y + 1}M", f"\x1b[<0;{x + 1};{y + 1}m"):
            terminal.press(part)
        terminal.settle(0.06)
    assert terminal.alive
    assert "[@click=app.quit]quit" in terminal.text
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_hostile_text_that_is_typed_or_pasted_into_the_query(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, ready=f"{len(ATTACKS)} incidents")
    go(terminal, "/")
    terminal.press("\x1b[200~\u202e\x9b2J\x00\x07[/foo] [@click=app.quit]x[/]\x1b[201~")
    terminal.wait("[@click=app.quit]")
    go(terminal, ENTER)
    assert_harmless(terminal)
    go(terminal, ESCAPE)
    assert terminal.alive
    terminal.close()


def test_bytes_that_are_not_utf_8_do_not_end_the_program(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, ready=f"{len(ATTACKS)} incidents")
    terminal.press(b"/caf\xe9 \xff\xc3")
    terminal.wait("caf\ufffd")
    terminal.press(ESCAPE)
    terminal.settle()
    assert terminal.alive
    terminal.close()


def test_a_paste_that_nobody_means_to_type_is_left_out_with_a_word(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, ready=f"{len(ATTACKS)} incidents")
    go(terminal, "/")
    terminal.press("\x1b[200~" + "drone " * 40_000 + "\x1b[201~")
    terminal.wait("Too long to paste here: 240,000 characters.")
    terminal.press("abc")
    terminal.wait("/ abc")
    terminal.close()


def test_a_hostile_query_on_the_command_line(start: Start, hostile: Path) -> None:
    terminal = start(hostile, 120, 40, "-q", "\x9b2J \u202e[/foo] \x1b]0;owned\x07", ready="[/foo]")
    terminal.settle()
    assert_harmless(terminal)
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_the_check_itself_finds_what_it_is_for() -> None:
    for attack in ATTACKS[:9]:
        assert list(bytes_that_do_harm(f"text \x1b[1;1H{attack} text".encode()))
    assert not list(
        bytes_that_do_harm("\x1b[?2026h\x1b[1;38;2;1;2;3m text ␛[2J 👩‍👩‍👧‍👦\x1b[0m\r\n\x1b[?2026l".encode())
    )


# -- every screen, and what was found on them --------------------------------------------------------------------


def test_every_screen_shows_hostile_texts_as_text(tmp_path: Path) -> None:
    """One text here; `make torture` shows each of them at two sizes."""
    outcome = Outcome("strings", "texts")
    store = strings.hostile_store(tmp_path / screens.NAME, range(1, 3))
    screens.show(outcome, store, tmp_path, range(1, 2), ((100, 30),))
    assert outcome.faults == []
    assert outcome.counts["screens at 100x30"] >= 20, "most screens have shown a text of the store"


@pytest.mark.parametrize("form", ["csv", "markdown", "jsonl", "html"])
def test_an_export_to_a_terminal_is_safe_to_look_at_and_verbatim_in_a_file(tmp_path: Path, form: str) -> None:
    store = strings.hostile_store(tmp_path / "s.db", range(1, 8))
    argv = [sys.executable, str(screens.MAIN), "export", "--as", form, "--store", str(store)]
    with Terminal(argv, columns=120, rows=40) as terminal:
        assert terminal.wait_exit() == 0
    assert strings.harmful(terminal.raw, strings.PLAIN) == []
    subprocess.run([*argv, "-o", str(tmp_path / "out")], check=True)
    if form == "csv":
        assert strings.raw(strings.text(1)) in (tmp_path / "out").read_bytes()


def test_the_name_of_a_view_is_drawn_without_controls_where_it_is_typed_anew(tmp_path: Path, start: Start) -> None:
    store = strings.hostile_store(tmp_path / "s.db", range(1, 2))
    terminal = start(store, 100, 30, ready="1 incident")
    go(terminal, "Vr")
    terminal.wait("␛[2J")
    assert_harmless(terminal)
    terminal.close()


@pytest.mark.parametrize(("how", "words"), [("removed", "was removed"), ("replaced", "was replaced")])
def test_a_store_that_goes_away_while_it_is_open_is_told(
    start: Start, template: Path, tmp_path: Path, how: str, words: str
) -> None:
    path = tmp_path / "s.db"
    shutil.copyfile(template, path)
    terminal = start(path, 120, 40)
    if how == "removed":
        path.unlink()
    else:
        shutil.copyfile(template, tmp_path / "other.db")
        (tmp_path / "other.db").replace(path)
    terminal.wait(words)
    go(terminal, "jj")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw


def test_a_store_that_turns_to_rubbish_while_it_is_open_is_told(start: Start, template: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    shutil.copyfile(template, path)
    terminal = start(path, 120, 40)
    (tmp_path / "rubbish").write_bytes(b"SQLite format 3\x00" + bytes(5000))
    (tmp_path / "rubbish").replace(path)
    terminal.wait("was replaced")
    terminal.press("m")
    terminal.settle(0.5)
    assert terminal.alive
    terminal.press("q")
    assert terminal.wait_exit() == 0


def test_text_that_is_not_utf_8_is_copied_and_filtered_by_without_a_crash(tmp_path: Path, start: Start) -> None:
    number = next(n for n, attack in enumerate(strings.ATTACKS, 1) if "\udcff" in attack)
    store = strings.hostile_store(tmp_path / "s.db", range(number, number + 1))
    terminal = start(store, 100, 30, ready="1 incident")
    go(terminal, "y")
    go(terminal, "Y")
    assert all("?" in each for each in strings.copied(terminal.raw)[:2])
    terminal.press(",")
    terminal.wait("─ Filter by")
    terminal.press(ENTER)
    terminal.wait("not valid")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw


def test_a_browser_neither_draws_over_the_timeline_nor_holds_it_up_nor_ends_with_it(
    seeded: Path, tmp_path: Path, start: Start
) -> None:
    with Store.open(seeded, write=True) as store, store.write("addresses") as connection:
        connection.execute("UPDATE document SET url = 'http://example.org/'")
    resume, told = tmp_path / "resume", tmp_path / "told"
    os.mkfifo(resume)
    browser = tmp_path / "browser"
    browser.write_text(
        '#!/bin/sh\nfor to in /dev/stdout /dev/stderr /dev/tty; do printf "REMOTE PAGE" > $to; done 2>/dev/null\ncat\n'
        f'echo "$1" > "{told}"\nread line < "{resume}"\necho end >> "{told}"\n'
    )
    browser.chmod(0o755)
    terminal = start(seeded, 80, 24, BROWSER=str(browser))
    terminal.press("o")
    terminal.wait("It leads to example.org")
    terminal.press("y")
    terminal.wait(lacks("It leads to"))

    def come(text: str) -> None:
        until = time.monotonic() + 20
        while not told.exists() or told.read_text() != text:
            assert time.monotonic() < until
            time.sleep(0.01)

    come("http://example.org/\n")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    resume.write_text("on\n")  # waits for its reader, which has not ended with the timeline
    come("http://example.org/\nend\n")
    assert b"REMOTE PAGE" not in terminal.raw

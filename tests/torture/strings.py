"""Texts that attack a terminal, a renderer, a spreadsheet or a database, and a store that has them everywhere."""

from __future__ import annotations

import base64
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from db import log
from db.store import Store

CLIPBOARD_WORDS = "a command that nobody copied"
_CLIPBOARD = base64.b64encode(CLIPBOARD_WORDS.encode()).decode()

ATTACKS: tuple[str, ...] = (
    "\x1b[2J\x1b[H",  # clears the screen
    "\x1b]0;owned\x07",  # sets the window's title
    f"\x1b]52;c;{_CLIPBOARD}\x1b\\",  # sets the clipboard
    "\x1b]8;;https://example.invalid\x1b\\link",  # a link that says another thing
    "\x1b[?1049l\x1b[8m",  # leaves our screen, hides what follows
    "\x1bc\x1bPq#0\x1b\\",  # resets the terminal, draws a picture
    "\x9b31;2J\x9d0;owned\x9c",  # the same in one byte a sequence (C1)
    "\x00\x07\x08\x0b\x0c\x0e\x0f\x7f",  # NUL, BEL, BS, VT, FF, SO, SI, DEL
    "\u202egnp.exe\u2066\u2069",  # right-to-left override, isolates
    "two\r\nlines\tand a tab",
    "[/foo] [bold red]x[/] [@click=app.quit]quit[/] [link=file:///etc]y[/link] $primary [",
    "\\[x\\] {0} %s ${HOME} `id`",
    "👩‍👩‍👧‍👦 e\u0301\u0301\u0301 مرحبا 漢字 \u200b\ufeff",
    "Z\u0335\u0321" * 3 + "\u0300" * 300 + "\u200d" * 200 + "\u200b" * 100,  # a flood of marks and joiners
    "\u2028\u2029\x85\u00ad\u061c\u180e\ufff9\ufffb\U000e0041\U000e007f",  # other breaks, hidden and tag characters
    "\udcff\udc80 \udced\udca0\udc80",  # bytes that are not UTF-8, a surrogate spelt out in UTF-8 among them
    "'; DROP TABLE incident; -- \" OR 1=1",
    '=HYPERLINK("http://example.invalid","x") +1+cmd|\' /C calc\'!A0 @SUM(1) -2',
    "javascript:alert(1) file:///etc/passwd data:text/html,<script> vbscript:x ssh://-oProxyCommand=id",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; ]]> \" onload=x '",
    "\x1b[6n\x1b[c\x1b]11;?\x07\x1b[?1003h",  # makes the terminal type answers, asks for the mouse
    "\x1b]1337;File=inline=1:AAAA\x07\x1b_Ga=T;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",  # pictures, APC, PM, SOS
    "-rf --store=/etc/passwd $(reboot) ~ * ? ;&|",
    'NEAR(a b) AND OR NOT title:x ^ * "unbalanced (',  # the full text's own language
    "../../../etc/passwd C:\\con.txt /dev/tty",
)
"""Each stands in every text of one incident and of all that belongs to it."""

ADDRESSES = ("https://example.org/{}", "javascript:{}", "file:///{}", "http://{}")
"""What stands before an attack in a document's address, in turn."""


def text(number: int) -> str:
    """What stands in the texts of incident `number`, which counts from 1."""
    return f"a{number} {ATTACKS[number - 1]} z"


def raw(words: str) -> bytes:
    """The bytes of a text as a store keeps them."""
    return words.encode("utf-8", "surrogateescape")


def hostile_store(path: Path, numbers: range = range(1, len(ATTACKS) + 1)) -> Path:
    """A store with an incident for each attack, which stands in every text column that may have any text."""
    Store.create(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for number in numbers:
            _rows(connection, number, numbers[0])
        for table in log.TABLES:
            for _, column, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
                if kind == "TEXT" and (table, column) not in _KEPT:
                    for number in numbers:
                        _put(connection, table, column, number)
    with Store.open(path, write=True) as store:
        for number in (numbers[0], numbers[-1]):
            with store.write(text(number), who=text(number)) as connection:
                connection.execute(
                    "INSERT INTO note (incident_id, text, at) VALUES (?, 'logged', '2021-06-03')", (number,)
                )
    return path


_KEPT = {
    ("incident", "date_edtf"), ("incident", "date_earliest"), ("incident", "date_latest"),
    ("document", "published_edtf"), ("document", "text"), ("view", "layout"),
}  # fmt: skip
"""Columns whose values let the rest be seen: days put the incidents in order."""


def _put(connection: sqlite3.Connection, table: str, column: str, number: int) -> None:
    """Put the attack into one column of the rows of its number, where the column takes any text."""
    value = text(number)
    if (table, column) == ("document", "url"):
        value = ADDRESSES[number % len(ADDRESSES)].format(value)
    of = "rowid" if table in ("document", "actor", "place", "system", "incident", "quote", "tag", "view") else None
    rows = f"{of} = {number}" if of else f'rowid IN (SELECT rowid FROM "{table}" LIMIT 1 OFFSET {number - 1})'
    try:
        connection.execute(f'UPDATE "{table}" SET "{column}" = CAST(? AS TEXT) WHERE {rows}', (raw(value),))
    except sqlite3.IntegrityError:
        return  # one of a few words (a role, a grade), a hash, or the code of a country


def _rows(connection: sqlite3.Connection, number: int, first: int) -> None:
    """An incident with one row of everything; the texts come later."""

    def insert(table: str, **values: object) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))

    key = f"k{number}"
    insert("actor", id=number, key=key, name=key)
    insert("actor_alias", actor_id=number, alias=key)
    insert("place", id=number, key=key, name=key, country_code="IQ", latitude=33.0, longitude=44.0, where_prec=2)
    insert("system", id=number, key=key, name=key)
    insert("document", id=number, key=key, published_edtf="2021-06-30", url="x", archive_url="x", text="x" * number)
    insert("incident", id=number, key=key, title=key, date_edtf=f"2021-05-{number:02}", place_id=number)
    for role in ("attacker", "target"):
        insert("incident_actor", incident_id=number, actor_id=number, role=role)
    for role, outcome in (("munition", "hit"), ("air_defence", "missed")):
        insert("incident_system", incident_id=number, system_id=number, role=role, outcome=outcome)
    insert("quote", id=number, incident_id=number, document_id=number, exact=key)
    for step in (1, 2):
        insert("attribution", quote_id=number, step=step, actor_id=(number, first)[step - 1])
    insert("claim", incident_id=number, quote_id=number, field="weapon", value=key)
    insert("claim", incident_id=number, quote_id=number, field="weapon", value="another")
    insert("tag", id=number, name=key)
    insert("incident_tag", incident_id=number, tag_id=number)
    insert("note", incident_id=number, text=key, at="2021-06-02T00:00:00Z")
    insert("view", id=number, name=key, query=key, slot=number if number <= 9 else None)
    if number % 3 == 0:
        insert("star", incident_id=number, at="2021-06-02T00:00:00Z")
    if number > first:
        insert("incident_link", from_id=number, to_id=number - 1, kind="related")


def harmful(raw_bytes: bytes, allowed: re.Pattern[bytes]) -> list[str]:
    """Everything in a terminal's stream that is neither plain text nor one of the sequences that the program emits."""
    left = allowed.sub(b"", raw_bytes).decode("utf-8", "surrogateescape")
    return [repr(found[0]) for found in _HARM.finditer(left)]


_HARM = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff].{0,16}|[\u0300-\u036f\u200d]{6,}"
)

FULL_SCREEN = re.compile(
    rb"\x1b(?:"
    rb"\[(?!8m)[0-9;]*m|\[[0-9]+;[0-9]+H"  # colours, but not to hide text; cursor position
    rb"|\[\?(?:7|25|1000|1003|1004|1006|1015|1016|2004|2026|2048)[hl]|\[\?1049h"  # modes of a full-screen program
    rb"|\[\?(?:2026|2048)\$p|\[>[0-9]+u|\[<u"  # questions about modes, keyboard protocol
    rb"|\]22;[a-z-]+\x07"  # shape of the mouse pointer
    rb"|\]52;c;[A-Za-z0-9+/=]*\x07"  # what the user copied: see `copied`
    rb")"
)
"""The sequences of the timeline."""

PLAIN = re.compile(rb"\r\x1b\[K|\r\n|\t")
"""What plain commands write besides text: line ends as a terminal has them, and the line that shows progress."""


def copied(raw_bytes: bytes) -> list[str]:
    """The texts that the program has put on the clipboard."""
    found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", raw_bytes)
    return [base64.b64decode(each).decode("utf-8", "surrogateescape") for each in found]

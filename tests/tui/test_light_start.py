"""What a start does not need is not imported: it would cost a fifth of a second and twenty megabytes.

The first frame goes by the command line, as `dateline --store PATH` on a terminal does it, and the program at rest too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HEAVY = ("numpy", "pyroaring", "sqlite_utils", "click_default_group", "psutil", "pyte")

PROGRAM = f"""
import asyncio, sys
from pathlib import Path
from tui.app import DatelineApp

async def main():
    app = DatelineApp(Path(sys.argv[1]), live=False)
    async with app.run_test(size=(200, 50)) as pilot:
        while not (app.begun and app.session is not None and app.session.idle):
            await asyncio.sleep(0.01)
        await pilot.press("j", "slash", "d", "enter", "f", "space", "slash", "a", "escape", "escape")
        while not app.session.idle:
            await asyncio.sleep(0.01)
        assert app.main.timeline.rows > 0

asyncio.run(main())
print(*(name for name in {HEAVY} if name in sys.modules))
"""


def test_the_seeds_are_read_without_numpy(seeded: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(seeded)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == []


AT_PAINT = ("db.query", "db.views", "db.engine", "db.read", "tui.session", "tui.screens", "tui.widgets", "click", "ssl")
"""What the first frame does without: the first line names the store, and all else comes after it."""

AT_REST = ("click", "ssl", "_ssl", "_hashlib", "hashlib", "zipfile", "importlib.resources", "email", "tomllib", "ctypes",
           "multiprocessing", "textual.widgets._text_area", *HEAVY)  # fmt: skip
"""What nobody has needed before the first key."""

START = """
import asyncio, sys
before = set(sys.modules)
import main, tui.app
seen = {}

async def go(app):
    begin = app._begin
    async def watched():
        seen["paint"] = set(sys.modules)
        await begin()
    app._begin = watched
    async with app.run_test(size=(200, 50)):
        while not (app.begun and app.main.timeline.rows and app.session.idle):
            await asyncio.sleep(0.01)
        seen["rest"] = set(sys.modules)

class Terminal:
    isatty = staticmethod(lambda: True)

def run(self):
    sys.stdin, sys.stdout, sys.stderr = streams
    asyncio.run(go(self))

tui.app.DatelineApp.run = run
streams = sys.stdin, sys.stdout, sys.stderr
sys.stdin = sys.stdout = sys.stderr = type("T", (), {"isatty": lambda s: True, "flush": lambda s: None, "write": lambda s, t: None})()
status = main.run(["--store", sys.argv[1]])
assert status == 0, status
for moment in ("paint", "rest"):
    print(moment, *sorted(seen[moment] - before))
"""


def test_the_first_frame_and_the_program_at_rest_have_only_what_they_need(seeded: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(seeded)],
        cwd=ROOT,
        env={**os.environ, "TEXTUAL_FPS": "240"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()}
    assert {"tui.app", "db.store", "textual.app"} <= loaded["paint"]
    assert {"tui.screens.main", "tui.widgets.timeline", "db.engine.plain"} <= loaded["rest"]
    assert loaded["paint"].isdisjoint(AT_PAINT), sorted(loaded["paint"].intersection(AT_PAINT))
    assert loaded["rest"].isdisjoint(AT_REST), sorted(loaded["rest"].intersection(AT_REST))
    opened = {name for name in loaded["rest"] if name.startswith("tui.screens.")}
    others = {name for name in opened if not name.startswith("tui.screens.main")}
    assert not others, f"imported before a key asked for them: {sorted(others)}"

"""What a small store does not need is not imported: it would cost a fifth of a second and twenty megabytes."""

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

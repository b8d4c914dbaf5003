"""Take the README's pictures anew: `python docs/pictures/make.py`, from the root of the repository."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.pop("NO_COLOR", None)

from db.store import Store  # noqa: E402
from seed.load import bundled, load  # noqa: E402
from tui.app import DatelineApp  # noqa: E402

SHOTS = {
    (120, 40): ("slash", *"drone", "enter", "e"),
    (80, 24): ("slash", *"victory", "enter", "enter"),
    (200, 50): ("e", "e"),
    (60, 16): ("G", "E"),
}
"""Size → the keys pressed before the picture is taken."""


async def shoot(path: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """Write docs/pictures/WIDTHxHEIGHT.svg."""
    app = DatelineApp(path, live=False)
    async with app.run_test(size=size) as pilot:
        for key in ("", *keys, ""):
            if key:
                await pilot.press(key)
            for _ in range(4):
                await pilot.pause(0.05)
        name = f"{size[0]}x{size[1]}.svg"
        (Path(__file__).parent / name).write_text(app.export_screenshot(title="Dateline"), encoding="utf-8")


def main() -> None:
    """Seed a store of its own and take every picture of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "iraq-drones.db"
        with Store.create(path) as store:
            load(store, bundled())
        for size, keys in SHOTS.items():
            asyncio.run(shoot(path, size, keys))


if __name__ == "__main__":
    main()

"""Whether the program changed while it was measured: then two runs of the same keys need not show the same screens."""

from __future__ import annotations

from pathlib import Path

PARTS = ("db", "tui", "seed")


class Sources:
    """From its making on, which files of the program at `main` are written, come or go."""

    def __init__(self, main: Path) -> None:
        self._main = main
        self._before = self._stamps()

    def _stamps(self) -> dict[Path, tuple[int, int]]:
        """Size and time of writing, in ns, of each file that the program is made of."""
        folder = self._main.parent
        files = [self._main, *(file for part in PARTS for file in (folder / part).rglob("*") if file.is_file())]
        kept = [file for file in files if file.suffix in (".py", ".sql", ".tcss")]
        return {file.relative_to(folder): (file.stat().st_size, file.stat().st_mtime_ns) for file in kept}

    def note(self) -> str | None:
        """A line for the report when any file has changed."""
        now = self._stamps()
        changed = sorted(file for file in {*self._before, *now} if self._before.get(file) != now.get(file))
        if not changed:
            return None
        named = ", ".join(map(str, changed[:3])) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        return f"the program was changed during this run ({named}): screens and figures are of several programs"

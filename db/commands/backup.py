"""The commands `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from db import output
from db.arguments import store_option
from db.commands.asking import Opened
from db.commands.progress import counting
from db.plural import counted


def hang(group: click.Group, opened_store: Opened) -> None:
    """Add the commands to a group; `opened_store` opens the store that is backed up."""

    @group.command()
    @click.argument("file", type=click.Path(path_type=Path, readable=False))
    @click.option("--force", is_flag=True, help="Where FILE exists, give that one a dated name first.")
    @store_option
    def backup(file: Path, force: bool, store: Path | None) -> None:
        """Copy the store to FILE while others go on reading and writing.

        FILE is the store at one moment, checked after it was written, and is there whole or not at all.
        """
        from db.backup import backup as back_up

        with opened_store(store) as opened, counting(file) as progress:
            copied = back_up(opened, file, force=force, progress=progress)
        if copied.aside is not None:
            output.say(f"what was at {file} is now {copied.aside}")
        head = f", the last with hash {copied.head}" if copied.head else ""
        output.say(f"{file}: {_counts(copied.incidents, copied.log_rows)}{head}; checked")

    @group.command()
    @click.argument("file", type=click.Path(path_type=Path, readable=False))
    @store_option
    def restore(file: Path, store: Path | None) -> None:
        """Make the store what the backup FILE is.

        FILE is checked first.  What the store holds now is kept beside it under a dated name.
        """
        from db.own_store import own_store
        from db.restore import restore as bring_back

        path = store or own_store()
        with counting(path) as progress:
            restored = bring_back(path, file, progress=progress)
        if restored.aside is not None:
            output.say(f"what the store held before is now {restored.aside}")
        output.say(f"{path}: restored from {file}, {_counts(restored.incidents, restored.log_rows)}")

    @group.command()
    @click.argument("damaged", type=click.Path(path_type=Path, readable=False))
    @click.argument("new", type=click.Path(path_type=Path, readable=False))
    def rescue(damaged: Path, new: Path) -> int:
        """Save what can be read of a DAMAGED store into a NEW one.

        The damaged file is only read.  What is lost is told table by table; exit status 1 when anything is.
        """
        from db.rescue import left_out
        from db.rescue import rescue as save

        lost = False
        for saved in save(damaged, new):
            if not saved.whole:
                lost = True
                gaps = ", ".join(
                    (f"after row {a:,}" if a >= 0 else "from the first row") + (f" up to {b:,}" if b else "")
                    for a, b in saved.gaps[:3]
                )
                more = f" and {len(saved.gaps) - 3:,} more" if len(saved.gaps) > 3 else ""
                gone = [f"unreadable {gaps}{more}"] if gaps else []
                gone += (
                    [f"{saved.unlike:,} not as its indexes know them: lost, older or deleted since"]
                    if saved.unlike
                    else []
                )
                gone += [f"{saved.refused:,} refused"] if saved.refused else []
                gone += [f"{saved.stand_ins:,} stand-ins for lost ones"] if saved.stand_ins else []
                gone += (
                    [f"{counted(saved.cleared, 'value')} unknown, which pointed to lost ones"] if saved.cleared else []
                )
                output.say(f"{saved.table}: {counted(saved.rows, 'row')} saved; {'; '.join(gone)}")
        if names := left_out(damaged):
            lost = True
            output.say(f"not Dateline's, and left out: {', '.join(names)}")
        output.say(
            f"{new}: {'look at it with `dateline verify` before you go on with it' if lost else 'all was saved'}"
        )
        return 1 if lost else 0


def _counts(incidents: int, log_rows: int) -> str:
    return f"{counted(incidents, 'incident')}, {counted(log_rows, 'log row')}"

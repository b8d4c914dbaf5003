"""The benchmark times what it says: a key to the screen it leads to, and a screen that differs is a fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import keys, program, stores
from bench.keys import Step, Times
from bench.program import SMALL, Shot
from bench.stores import BenchStore
from bench.terminal import PAGE_DOWN

MAIN = Path(__file__).resolve().parent.parent.parent / "main.py"
WAY = [Step(PAGE_DOWN, "page down"), Step("G", "end"), Step("G", "end"), Step("/"), Step("v", "letter typed")]


def test_keys_are_timed_to_the_screens_of_the_first_run(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "HOME", tmp_path)
    store = BenchStore(stores.SEEDS, template, 45)
    shots = keys.learn(MAIN, store, SMALL, WAY)
    assert len(shots) == len(WAY) + 1
    assert shots[2] == shots[3] != shots[1]
    assert any("Militias show drones" in line for line in shots[2].lines)
    times = Times()
    keys.run(MAIN, store, SMALL, WAY, shots, times)
    assert times.faults == []
    # The second End changes nothing, so there is nothing to time.
    assert {kind: len(samples) for kind, samples in times.whole.items()} == {
        "page down": 1,
        "end": 1,
        "letter typed": 1,
    }
    assert all(0 < times.answered[kind][0] <= times.whole[kind][0] for kind in times.whole)

    wrong = replace(shots[1], lines=("not this", *shots[1].lines[1:]))
    keys.run(MAIN, store, SMALL, WAY[:1], [shots[0], wrong], times, patience=0.5)
    assert len(times.faults) == 1
    assert "line 1 is" in times.faults[0]


FRAMED = (
    " Dateline  x.db      2 incidents",
    "     ▁        ▃           █     ",
    " 2021        2022               ",
    "╭─ Facets ─╮╭─ Timeline ───────╮",
    "│ □ a    2 ││▌2021 one        ▇│",
    "│ □ b    1 ││ 2022 two        ▇│",
    "╰──────────╯╰──────────────────╯",
    " / a query                      ",
    " Enter open                     ",
)
BESIDE = (
    " Dateline  x.db      2 incidents",
    "     ▁        ▃           █     ",
    " 2021        2022               ",
    " Event type │▌2021 one         ▇",
    " □ a    2   │ 2022 two         ▇",
    " □ b    1   │                  ▇",
    " / a query                      ",
    " Enter open                     ",
)


@pytest.mark.parametrize("screen", [FRAMED, BESIDE], ids=["framed", "beside"])
@pytest.mark.parametrize(
    ("old", "new", "answered", "rows"),
    [
        ("2 inc", "1 inc", False, True),  # totals
        ("a    2", "a    1", True, True),  # a facet's count may come a frame later
        ("▁", " ", True, True),  # and so may the density strip
        (" two", " new", False, False),  # a row
        ("▇", "█", False, True),  # the scrollbar
        ("query", "other", False, True),
    ],
)
def test_an_answer_is_totals_rows_and_query_but_not_facets(
    screen: tuple[str, ...], old: str, new: str, answered: bool, rows: bool
) -> None:
    shot = Shot(screen)
    changed = [line.replace(old, new) for line in screen]
    assert shot.whole([*screen])
    assert not shot.whole(changed)
    assert shot.answered(changed) is answered
    assert shot.rows_shown(changed) is rows


def test_sizes_are_numbers_with_a_letter() -> None:
    assert [stores.size(label) for label in ("30", "10k", "1M")] == [30, 10_000, 1_000_000]
    for wrong in ("", "k", "0", "10g", "-5", "1.5M"):
        with pytest.raises(ValueError, match="is no size"):
            stores.size(wrong)

"""Why a number of a what-if is what it is: the rows that share a fate, and the command that counts them too."""

from __future__ import annotations

import shlex
from array import array
from collections.abc import Sequence

from db.engine import Answer
from db.explain import Explanation, Matches
from db.leave_out import FATES, Difference, Dropped

_LABELS = {"vanishes": "vanish", "single-source": "single-source", "changes": "change"}
_WHY = {
    "vanishes": "all quotes fall of each of these incidents",
    "single-source": "each of these incidents has several roots, and one is left",
    "changes": "each of these incidents keeps its roots, or more than one, but not its numbers or disputes",
}


class _Ranked(Matches):
    """The rows of an answer at some ranks, ascending."""

    def __init__(self, answer: Answer, ranks: Sequence[int]) -> None:
        super().__init__(answer, range(answer.totals.rows))
        self._picked = array("q", ranks)


def effects(difference: Difference, answer: Answer) -> list[Explanation]:
    """The numbers of `difference` over an answer's rows: those that vanish, become single-source, change, context."""
    ids = answer.ids()
    how = f"without {difference.dropped.words}: {{}}; `{_command(difference.dropped, answer.query.text)}` lists them"
    found = []
    for fate in FATES:
        rows = _Ranked(answer, difference.ranks(ids, fate, counted=True))
        found.append(Explanation(_LABELS[fate], len(rows), None, how.format(_WHY[fate]), rows, certain=rows.certain()))
    rows = _Ranked(answer, difference.ranks(ids, counted=False))
    if len(rows):
        why = "something becomes of each of these aggregates and context, which are listed but not counted"
        found.append(Explanation("context", len(rows), None, how.format(why), rows))
    return found


def _command(dropped: Dropped, query: str) -> str:
    """The command line of the same what-if."""
    words = ["dateline", "without", *([query.strip()] if query.strip() else [])]
    speakers = dropped.speakers if dropped.asked is None else {dropped.asked}
    for option, values in (("--document", dropped.documents), ("--speaker", speakers)):
        for value in sorted(values):
            words += [option, value]
    words += ["--below", dropped.below] if dropped.below else []
    words += ["--ungraded"] if dropped.ungraded else []
    return shlex.join(words)

"""How much of the machine others used during a run: figures of a machine that is busy with other work mislead."""

from __future__ import annotations

import resource
import time

import psutil

_NOTABLE = 0.05


class Company:
    """From its making on, the share of all cores' time that neither this process nor its children used."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._busy, self._own = _busy(), _own()

    def share(self) -> float:
        """0 when the machine was ours alone, 1 when others had all of it."""
        seconds = (time.perf_counter() - self._began) * (psutil.cpu_count() or 1)
        return max(0.0, (_busy() - self._busy) - (_own() - self._own)) / seconds

    def note(self) -> str | None:
        """A line for the report when others used more than a twentieth."""
        share = self.share()
        if share < _NOTABLE:
            return None
        return f"other programs used {share:.0%} of the processor time during this run; figures are too high"


def _busy() -> float:
    """Seconds that the cores have not been idle since the machine started; waiting for a disk is idle."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _own() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)

"""The main screen's keys that move in time."""

from __future__ import annotations

from db import dates
from db.engine.answer import Flag
from tui.screens.main_base import MainBase


class MoveKeys(MainBase):
    """Moves the cursor by days, months, disputes, stars and hits."""

    def _day(self) -> dates.Day | None:
        return self._answer.day(self.timeline.cursor) if self._answer else None

    def action_day_forward(self) -> None:
        day = self._day()
        if self._answer is not None and day is not None:
            self._jump(self._answer.at(day + 1), "No later day.")

    def action_day_back(self) -> None:
        day = self._day()
        if self._answer is None:
            return
        first = self._answer.at(day) if day is not None else self.timeline.rows
        before = self._answer.day(first - 1) if first > 0 else None
        self._jump(self._answer.at(before) if before is not None else -1, "No earlier day.")

    def action_period_next(self) -> None:
        day = self._day()
        if self._answer is not None and day is not None:
            year, month, _ = dates.civil(day)
            following = (year + month // 12, month % 12 + 1)
            self._jump(self._answer.at(dates.day_number(*following, 1)), "No later month.")

    def action_period_previous(self) -> None:
        day = self._day()
        if self._answer is None:
            return
        first = self.timeline.rows
        if day is not None:
            year, month, _ = dates.civil(day)
            first = self._answer.at(dates.day_number(year, month, 1))
        before = self._answer.day(first - 1) if first > 0 else None
        if before is None:
            self.say("No earlier month.")
            return
        year, month, _ = dates.civil(before)
        self._jump(self._answer.at(dates.day_number(year, month, 1)), "No earlier month.")

    def _jump(self, rank: int, otherwise: str) -> None:
        if 0 <= rank < self.timeline.rows:
            self.timeline.go_to(rank)
        else:
            self.say(otherwise)

    async def _seek(self, flag: Flag, step: int, otherwise: str) -> None:
        await self.written_shown()
        rank = self._answer.seek(self.timeline.cursor, flag, step) if self._answer else None
        if rank is None:
            self.say(otherwise)
        else:
            self.timeline.go_to(rank)

    async def action_contested_next(self) -> None:
        await self._seek("disputed", 1, "No contested incident after this one.")

    async def action_contested_previous(self) -> None:
        await self._seek("disputed", -1, "No contested incident before this one.")

    async def action_star_next(self) -> None:
        await self._seek("starred", 1, f"No starred incident after this one{self._to_star()}.")

    async def action_star_previous(self) -> None:
        await self._seek("starred", -1, f"No starred incident before this one{self._to_star()}.")

    def _to_star(self) -> str:
        return self.clause("; {main.star} stars one")

    def action_hit_next(self) -> None:
        self._step_hit(1)

    def action_hit_previous(self) -> None:
        self._step_hit(-1)

    def _step_hit(self, step: int) -> None:
        """In the details from word to word, then on to the next row; every row of a filtered timeline is a hit."""
        if self.focused is self.detail and self.detail.step_hit(step):
            return
        self._jump(self.timeline.cursor + step if self._query.text.strip() else -1, self._no_hit())

    def _no_hit(self) -> str:
        if self._query.text.strip():
            return "No further match."
        return f"No query yet{self.clause('; {main.search} types one')}."

    def action_go_to_date(self) -> None:
        from tui.screens.go_to_date import GoToDate

        def went(day: dates.Day | None) -> None:
            if day is not None and self._answer is not None:
                self.timeline.go_to(min(self._answer.at(day), self.timeline.rows - 1))

        match = self.timeline.match

        def closed(stay: bool | None) -> None:
            rank = self._answer.rank(match.id) if self._answer is not None and match is not None else None
            if not stay and rank is not None:
                self.timeline.go_to(rank)

        self.app.push_screen(GoToDate(went), closed)

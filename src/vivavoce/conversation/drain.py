"""Letting go of a call, so that another server can go on with it: the agent finishes its sentence, a tool its work, and
nobody waits longer for either than a server that stops may take.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import PassOn, Remark
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.settings import ConversationSettings


class Drain:
    def __init__(self, settings: ConversationSettings) -> None:
        self._drain_s = settings.drain_s
        self._ordered_at = 0.0
        self._go_by: float | None = None  # set while the call is to be let go
        self._passed_on = False
        self._joined = False  # nobody comes back to a call that they were never welcomed to
        self._floor = "open"
        self._errands: set[int] = set()
        self._away = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._came,
            ev.DrainOrdered: self._ordered,
            ev.TakenOver: self._taken_over,
            ev.Woke: self._woke,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.FloorChanged: self._floor_changed,
            sig.ErrandBegan: self._errand_began,
            sig.ErrandSettled: self._errand_settled,
        }

    def wake_at(self) -> float | None:
        return self._go_by if self._joined else None

    def _came(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        self._joined = True
        self._go_if_quiet(now, out)

    def _ordered(self, event: ev.DrainOrdered, now: float, out: Out) -> None:
        if self._go_by is None and not self._passed_on:
            self._ordered_at, self._go_by = now, now + self._drain_s
            self._go_if_quiet(now, out)

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        out.do(Remark("taken_over", "handed_over" if self._passed_on else "server_lost", count=event.epoch))
        self._go_by, self._passed_on = None, False

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away = True
        self._go_if_quiet(now, out)

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        self._away = False

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        self._go_if_quiet(now, out)

    def _errand_began(self, signal: sig.ErrandBegan, now: float, out: Out) -> None:
        self._errands.add(signal.errand)

    def _errand_settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        self._errands.discard(signal.errand)
        self._go_if_quiet(now, out)

    def _go_if_quiet(self, now: float, out: Out) -> None:
        if self._go_by is None or self._errands or not self._joined:
            return
        if self._away:
            self._go("away", now, out)
        elif self._floor == "open":
            self._go("quiet", now, out)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._joined and self._go_by is not None and now >= self._go_by:
            self._go("overdue", now, out)

    def _go(self, why: str, now: float, out: Out) -> None:
        self._go_by, self._passed_on = None, True
        out.do(Remark("passed_on", why, seconds=round(now - self._ordered_at, 3)))
        out.do(PassOn())

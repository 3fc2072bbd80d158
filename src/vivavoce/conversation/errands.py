"""Tool calls in flight. Every id of the model is answered exactly once, or was cancelled and is never answered.

The generic tools (`note`, `show`, `hand_off`, `escalate`, `end`) are dealt with by the machines of this room; all
others run outside, each with a deadline of its own. An id dies with its link: a result that comes after a reconnect is
handed over as plain text (`results`). An errand that a new link asks for again while it runs is not run a second time:
it gets that link's id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Abandon, Answer, Escalate, Remark, Run, Show
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.results import Result, Results
from vivavoce.conversation.settings import ConversationSettings

GENERIC = ("note", "show", "hand_off", "escalate", "end")
# Parallel calls of one model turn are a handful; a peer that opens more is answered with an error at once.
MAX_IN_FLIGHT = 32
# Calls whose ids are known again; a call is repeated within seconds or never.
MAX_REMEMBERED = 64
# Told silently to a model that was declared these as non-blocking: it must not remark on them.
_SILENT = frozenset({"note", "show"})
_SWITCHED_OFF = {
    "error": {
        "kind": "unavailable",
        "message": "switched off at the moment",
        "hint": "Say so plainly and go on; do not make its result up.",
    }
}


_LOST = {
    "error": {
        "kind": "lost",
        "message": "the server that ran it is gone; whether it did anything is not known",
        "hint": "Say so plainly; ask before you start it again.",
    }
}


_NOT_RUN = frozenset({"arguments", "unknown", "unavailable"})
"""Kinds of errors of a tool that was not run. Of any other, nobody knows whether it did something before it failed."""


@dataclass(slots=True)
class Errand:
    number: int
    link: int
    id: str
    name: str
    args: dict[str, Any]
    give_up_at: float | None = None  # set for errands that run outside


class Errands:
    def __init__(self, settings: ConversationSettings, tools: Collection[str]) -> None:
        self._settings = settings
        self._tools = tuple(tools)
        self._link: int | None = None
        self._count = 0
        self._in_flight: dict[int, Errand] = {}
        self._off: tuple[str, ...] = ()  # switched off by an operator
        self._results = Results()
        self._called_here: dict[str, ev.ToolCalled] = {}  # by id, over the link that is up

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.ToolCalled: self._called,
            ev.ToolsCancelled: self._cancelled,
            ev.ErrandReturned: self._returned,
            ev.ReplyArrived: self._spoken,
            ev.SoundJudged: self._sound_judged,
            ev.Interrupted: self._interrupted,
            ev.TurnEnded: self._turn_ended,
            ev.SwitchesChanged: self._switched,
            ev.TakenOver: self._taken_over,
            ev.Woke: self._woke,
            sig.ErrandDone: self._done,
            sig.LinkReady: self._link_ready,
            sig.LinkLost: self._link_lost,
            sig.HandleTaken: self._handle_taken,
        }

    def wake_at(self) -> float | None:
        return earliest(*(errand.give_up_at for errand in self._in_flight.values()))

    def _called(self, event: ev.ToolCalled, now: float, out: Out) -> None:
        if event.link != self._link or self._told_twice(event):
            return
        if event.name in self._tools and event.name not in self._off and self._asked_again(event, now, out):
            return
        self._count += 1
        errand = Errand(self._count, event.link, event.id, event.name, event.args)
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            out.do(_answer(errand, {"error": f"too many calls at once, at most {MAX_IN_FLIGHT}"}))
            return
        self._in_flight[errand.number] = errand
        args = event.args
        match event.name:
            case name if name in self._off:
                self._settle(errand, _SWITCHED_OFF, now, out)
            case "note":
                out.tell(sig.NoteAsked(errand.number, args))
            case "show":
                self._show(errand, args, now, out)
            case "hand_off":
                out.tell(sig.HandOverAsked(errand.number, _text(args.get("to"))))
            case "escalate":
                out.do(Escalate(_text(args.get("reason"))))
                # nothing may claim what nobody does (O5): the wish is in the log, a person is not on the line
                nobody = {"error": "no person can be reached from here; say so and offer to note it"}
                self._settle(errand, nobody, now, out)
            case "end":
                out.tell(sig.EndAsked(errand.number, _text(args.get("reason"))))
            case name if name in self._tools:
                errand.give_up_at = now + self._settings.tool_timeout_s
                out.do(Run(errand.number, name, args, self._settings.tool_timeout_s))
                out.tell(sig.ErrandBegan(errand.number, name))
            case name:
                known = ", ".join((*GENERIC, *self._tools))
                self._settle(errand, {"error": f"no tool is called {name[:60]!r}; there are {known}"}, now, out)

    def _told_twice(self, event: ev.ToolCalled) -> bool:
        if any(errand.id == event.id and errand.link == event.link for errand in self._in_flight.values()):
            return True
        # services repeat a call that was answered, too; an id that comes with something else is a new call
        repeated = bool(event.id) and self._called_here.get(event.id) == event
        self._called_here[event.id] = event
        if len(self._called_here) > MAX_REMEMBERED:
            del self._called_here[next(iter(self._called_here))]
        return repeated

    def _asked_again(self, event: ev.ToolCalled, now: float, out: Out) -> bool:
        """Whether the very same was asked for over a link that is gone, and needs no second run."""
        for errand in self._in_flight.values():
            if errand.link != event.link and (errand.name, errand.args) == (event.name, event.args):
                errand.link, errand.id = event.link, event.id
                out.do(Remark("errand_kept", "running", event.link))
                return True
        if (response := self._results.asked_again(event.name, event.args, now)) is None:
            return False
        out.do(Remark("errand_kept", "done", event.link))
        out.do(_answer(Errand(0, event.link, event.id, event.name, event.args), response))
        return True

    def _show(self, errand: Errand, args: dict[str, Any], now: float, out: Out) -> None:
        what = _text(args.get("what"))
        if not what:
            self._settle(errand, {"error": "want what to show, got nothing"}, now, out)
            return
        out.do(Show(what, _text(args.get("title")), args.get("data")))
        self._settle(errand, {"output": "shown"}, now, out)

    def _done(self, signal: sig.ErrandDone, now: float, out: Out) -> None:
        if (errand := self._in_flight.get(signal.errand)) is not None:
            self._settle(errand, signal.response, now, out)

    def _returned(self, event: ev.ErrandReturned, now: float, out: Out) -> None:
        errand = self._in_flight.get(event.errand)
        if errand is None:
            return  # cancelled or given up; it finished all the same
        output = event.response.get("output")
        shown = output.get("show") if isinstance(output, dict) else None
        if isinstance(shown, dict):
            out.do(Show(_text(shown.get("what")) or "result", _text(shown.get("title")), shown.get("data")))
        self._settle(errand, event.response, now, out)

    def _settle(self, errand: Errand, response: dict[str, Any], now: float, out: Out) -> None:
        del self._in_flight[errand.number]
        here = errand.link == self._link
        if here:
            out.do(_answer(errand, response))
        if errand.give_up_at is not None:
            told_at = now if self._link is not None else None
            link, again = errand.link if here else None, _was_not_run(response)
            result = Result(errand.name, errand.args, response, link, told_at, again)
            self._results.came(result)
            if self._link is not None and not here:
                out.tell(sig.TellModel(result.words))
        out.tell(sig.ErrandSettled(errand.number))

    def _cancelled(self, event: ev.ToolsCancelled, now: float, out: Out) -> None:
        for errand in list(self._in_flight.values()):
            if errand.link == event.link and errand.id in event.ids:
                self._called_here.pop(errand.id, None)
                del self._in_flight[errand.number]
                if errand.give_up_at is not None:
                    out.do(Abandon(errand.number))
                out.tell(sig.ErrandSettled(errand.number))

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        for errand in list(self._in_flight.values()):
            if errand.give_up_at is not None and now >= errand.give_up_at:
                out.do(Abandon(errand.number))
                limit = self._settings.tool_timeout_s
                self._settle(errand, {"error": f"no answer within {limit:g} s; go on without it"}, now, out)

    def _switched(self, event: ev.SwitchesChanged, now: float, out: Out) -> None:
        self._off = event.tools_off
        for errand in list(self._in_flight.values()):
            if errand.name in self._off and errand.give_up_at is not None:
                out.do(Abandon(errand.number))
                self._settle(errand, _SWITCHED_OFF, now, out)

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        """What ran, ran in the server that is gone. No result follows, so this is the one they get."""
        self._link = None  # it went first
        self._results.handle_lost()
        for errand in list(self._in_flight.values()):
            self._settle(errand, _LOST, now, out)

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link
        self._called_here.clear()
        for result in self._results.for_link(now, resumed=signal.resumed):
            out.tell(sig.TellModel(result.words))

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._link = None
        self._results.link_lost()

    def _spoken(self, event: ev.ReplyArrived, now: float, out: Out) -> None:
        if event.link == self._link and not event.repeated:
            self._results.spoken(now)

    def _sound_judged(self, event: ev.SoundJudged, now: float, out: Out) -> None:
        if event.link == self._link:
            self._results.not_spoken()

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link:
            self._results.interrupted()

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link == self._link:
            self._results.turn_ended(now)

    def _handle_taken(self, signal: sig.HandleTaken, now: float, out: Out) -> None:
        self._results.handle_taken(signal.made_at)


def _was_not_run(response: dict[str, Any]) -> bool:
    error = response.get("error")
    return isinstance(error, dict) and error.get("kind") in _NOT_RUN


def _answer(errand: Errand, response: dict[str, Any]) -> Answer:
    return Answer(errand.link, errand.id, errand.name, response, "SILENT" if errand.name in _SILENT else None)


def _text(value: object) -> str:
    return value.strip()[:500] if isinstance(value, str) else ""

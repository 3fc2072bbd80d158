"""A 35-minute call in virtual time: three speakers, rotations, a drop, interruptions, tools, an idle stretch; then
replayed.
"""

from __future__ import annotations

import random

import msgspec

from tests.conversation.talk import Talk, founder
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev


class VirtualCall:
    """Both peers of a call, played by a script: what effects ask for comes back as events a little later."""

    def __init__(self, seed: int) -> None:
        spec = founder()
        self.talk = Talk(msgspec.structs.replace(spec, limits=msgspec.structs.replace(spec.limits, turns=None)))
        self.chance = random.Random(seed)
        self.link = 0
        self.handle = 0
        self.chunk = 0
        self.at = 0
        self.tool = 0

    def tell(self, event: ev.Event, after: float = 0.0) -> None:
        self.at += round(after * 16_000)
        for effect in self.talk.tell(event, after=after):
            if isinstance(effect, fx.Dial):
                self.link = effect.link
                self.tell(ev.LinkOpened(self.link), after=effect.after_s + 0.08)
            elif isinstance(effect, fx.Run):
                self.tell(
                    ev.ErrandReturned(effect.errand, {"output": {"say": "done"}}), after=self.chance.uniform(0.1, 3)
                )

    def model_says(self, words: int, *, heard: float = 1.0) -> None:
        link = self.link
        for _ in range(words):
            self.chunk += 1
            self.tell(ev.ReplyArrived(link, self.chunk, 8400), after=0.02)
            self.tell(ev.AgentTranscribed(link, " word"))
        self.tell(ev.GenerationEnded(link))
        self.tell(ev.TurnEnded(link), after=0.01)
        self.tell(ev.UsageReported(link, 1000, words * 10, 1000 + words * 10))
        said = list(self.talk.all(fx.Say))
        if not said:
            return
        reply, total = said[-1].reply, words * 8400
        played = 0
        while played < total * heard and not self.talk.conversation.ended:
            played = min(total, played + 2400)
            self.tell(ev.Played(reply, played, self.at), after=0.1)
        self.new_handle()

    def new_handle(self) -> None:
        self.handle += 1
        self.tell(ev.HandleIssued(self.link, self.handle, True, self.at), after=0.02)

    def caller_says(self, seconds: float) -> None:
        self.tell(ev.SpeechStarted(self.at))
        self.tell(ev.SpeechEnded(self.at), after=seconds)
        self.tell(ev.CallerTranscribed(self.link, " some words"), after=0.2)

    def tool_call(self, name: str, args: dict[str, object]) -> None:
        self.tool += 1
        self.tell(ev.ToolCalled(self.link, f"t{self.tool}", name, args))


def play(seed: int) -> VirtualCall:
    call = VirtualCall(seed)
    call.tell(ev.CallerJoined())
    fields = list(call.talk.spec.fields())
    speakers = iter(["sam", "maya"])
    for turn in range(10_000):
        if call.talk.conversation.ended:
            break
        interrupted = turn % 17 == 9
        call.model_says(call.chance.randint(6, 25), heard=0.4 if interrupted else 1.0)
        call.caller_says(call.chance.uniform(1.0, 9.0))
        if turn % 3 == 1:
            call.tool_call("note", {"facts": {fields[turn % len(fields)]: "eight"}})
        if turn % 11 == 5:
            call.tool_call("unit_economics", {"price": 10})
        if turn % 40 == 30:
            call.tell(ev.LinkDropped(call.link, 1006, "transient"), after=0.5)
        if turn % 50 == 35:
            call.tell(ev.GoAwayReceived(call.link, 50.0))
        if turn % 45 == 44 and (speaker := next(speakers, None)):
            call.tool_call("hand_off", {"to": speaker})
    return call


def test_thirty_five_minutes_in_virtual_time() -> None:
    call = play(seed=1)
    talk = call.talk
    assert talk.last(fx.End) == fx.End("time_limit")
    assert 35 * 60 <= talk.now <= 35 * 60 + 60
    assert {dial.speaker for dial in talk.all(fx.Dial)} == {"alex", "sam", "maya"}
    assert len(talk.all(fx.Dial)) >= 5, "hand-overs, drops and rotations"
    assert len(talk.all(fx.Cut)) >= 3, "interruptions"
    assert any(fill.phrase == "one_moment" for fill in talk.all(fx.Fill))
    turns = {turn.turn: turn for turn in talk.all(fx.RecordTurn)}
    assert len(turns) > 100
    assert all(turn.start_ms <= turn.end_ms for turn in turns.values())
    talk.close()


def test_the_same_seed_is_the_same_call() -> None:
    assert play(seed=3).talk.entries == play(seed=3).talk.entries

"""One talk with the embedded model, in no protocol: what a client does goes in as verbs, what the model does comes out
through its `Outlet`.

Three tasks at most: the one that calls the verbs, the ear (utterances to words, in order) and the turn being spoken.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import msgspec

from vivavoce.local.calling import Answer
from vivavoce.local.errands import Errands
from vivavoce.local.handles import Handles
from vivavoce.local.history import Kept
from vivavoce.local.listening import Listening
from vivavoce.local.manner import Manner
from vivavoce.local.meter import Meter
from vivavoce.local.minds.acts import Act, Historian, Mind, TurnKeeper
from vivavoce.local.outlet import Outlet
from vivavoce.local.parts import Parts
from vivavoce.local.replies import Replies, Spawn
from vivavoce.local.turn import Turn
from vivavoce.local.words import Words


class Talk:
    """What a set-up connection does.

    Args:
        manner: how it is held.
        parts: what all talks of the server share.
        outlet: the client.
        spawn: runs a task in the session's care: cancelled with it, and its failure ends the session.
        kept: where an earlier connection of the same session stopped.
    """

    def __init__(self, manner: Manner, parts: Parts, outlet: Outlet, spawn: Spawn, *, kept: Kept | None = None) -> None:
        self.session = kept.session if kept is not None else str(uuid.uuid4())
        """Which session this is, over all its connections."""
        self._manner = manner
        self._parts = parts
        self._outlet = outlet
        self._spawn = spawn
        self._began_at = parts.clock.now() - (kept.lasted_s if kept is not None else 0.0)
        self._meter = msgspec.json.decode(kept.meter, type=Meter) if kept is not None else Meter()
        self._meter.prompt_chars = manner.prompt_chars
        self._mind = self._make_mind(kept.brain if kept is not None else None)
        self._handles = Handles(outlet, manner, parts.history, self._state)
        self._errands = Errands(outlet, manner, self._mind, self._meter, self._handles)
        self._replies = Replies(self, spawn)
        self._listening = Listening(manner, parts, outlet, self, spawn)
        self._words = Words(kept.notes if kept is not None else ())
        self._asked = False
        self._announced_more = False

    # ------------------------------------------------------------------------------------ what the client does

    async def hear(self, pcm: bytes, rate_hz: int) -> None:
        """Take in the caller's sound: PCM16 LE mono of 8 to 48 kHz, in pieces of any size.

        Raises:
            WireError: not whole samples, or another rate.
        """
        self._meter.add_audio(await self._listening.sound(pcm, rate_hz))

    def see(self, tokens: int) -> None:
        """Take in a video frame that costs so many tokens. No brain here looks at it."""
        self._meter.add_video(tokens)

    async def begin_speech(self) -> None:
        """The caller begins to speak, says a client that marks speech itself.

        Raises:
            WireError: this talk detects speech, or it has begun already.
        """
        await self._listening.begin()

    async def end_speech(self) -> None:
        """The caller has finished, says a client that marks speech itself.

        Raises:
            WireError: this talk detects speech, or it has not begun.
        """
        await self._listening.end()

    async def switch_microphone_off(self) -> None:
        """The caller's microphone is off: what was begun is over. Sound may come again.

        Raises:
            WireError: the client marks speech itself and must end it by its mark.
        """
        await self._listening.switched_off()

    def forget_speech(self) -> None:
        """Throw away the speech that goes on, as if it had not been said."""
        self._listening.forget()
        self._spawn(self._go_on())

    async def read(self, text: str, *, cuts: bool = True) -> None:
        """Answer typed words, together with what was noted before.

        Args:
            cuts: a running reply is cut; otherwise it finishes first. A talk that nothing interrupts never cuts.
        """
        self.note(text)
        await self.go(cuts=cuts)

    def note(self, text: str) -> None:
        """Take in words that are not answered yet.

        Raises:
            Refused: too much of it.
        """
        self._words.note(text)
        self._meter.add_text(text)

    def remember(self, text: str, *, answered: bool) -> None:
        """Take in words of the past. `answered`: the model said them, and with that everything before is settled."""
        if not answered:
            self.note(text)
            return
        self._meter.add_text(text)
        noted = self._words.answered()
        if isinstance(self._mind, Historian):
            for said in noted:
                self._mind.remember(said, own=False)
            self._mind.remember(text, own=True)

    async def go(self, *, cuts: bool = True) -> None:
        """Answer what was noted, and what was said without being answered; with nothing of either, go on talking."""
        if not self._manner.answers_speech and self._listening.busy:
            self._asked = True  # the words are still on their way
            return
        await self._replies.answer(self._question(), cuts=cuts and self._manner.interrupts)

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Take in tools' answers that came together. Those to unknown, answered or cancelled calls are left aside."""
        await self._errands.take(answers, self._replies)

    async def stop(self) -> None:
        """Cut the running reply, if any; what waited for its end goes on."""
        await self._replies.cut()
        await self._replies.advance()

    def unheard(self, heard_ms: float) -> None:
        """Of the last reply, which is over, only so much was heard after all."""
        self._mind.cut(heard_ms)

    def change(self, manner: Manner) -> None:
        """From the next turn on hold the talk in another manner: a changed copy of `manner`.

        A changed way of listening throws away the speech that goes on; what was said before is answered.
        """
        before, self._manner = self._manner, manner
        self._meter.prompt_chars = manner.prompt_chars
        if (before.instruction, before.tools) != (manner.instruction, manner.tools):
            self._mind = self._make_mind(self._mind.save())
        self._errands.change(manner, self._mind)
        if before.listening != manner.listening:
            self._listening.change(manner)
            self._spawn(self._go_on())

    def close(self) -> None:
        """Nothing more is heard. The tasks are for the one who gave `spawn`."""
        self._listening.close()

    # ------------------------------------------------------------------------------------ what a session may ask

    @property
    def manner(self) -> Manner:
        """How the talk is held now."""
        return self._manner

    @property
    def lasted_s(self) -> float:
        """How long the session has gone on, over all its connections."""
        return self._parts.clock.now() - self._began_at

    @property
    def speaking(self) -> bool:
        """Whether the caller is speaking."""
        return self._listening.speaking

    @property
    def waiting(self) -> int:
        """How many things that came in wait for the running turn to end."""
        return self._replies.waiting

    @property
    def heard_ms(self) -> float:
        """The caller's sound that came in."""
        return self._listening.milliseconds

    @property
    def settled_ms(self) -> float:
        """Up to here the caller's sound has become part of the state that a handle brings back."""
        return self._listening.settled_ms

    def oldest_call(self, name: str) -> str | None:
        """Id of the oldest call of a tool that waits for its answer."""
        return self._errands.oldest(name)

    # ------------------------------------------------------------------------------------ the caller was heard

    async def speech_began(self) -> None:
        """Part of `Listener`."""
        if self._manner.interrupts:
            await self._replies.cut()

    async def finished(self, text: str) -> None:
        """Part of `Listener`."""
        self._words.hear(text)
        if self._manner.answers_speech or self._asked:
            self._asked = False
            await self._replies.answer(self._question(), cuts=self._manner.interrupts)
        else:
            self._spawn(self._replies.advance())  # once this one, the ear's, is over

    async def _go_on(self) -> None:
        """Speech that held things up was thrown away."""
        if self._asked and not self._listening.busy:
            self._asked = False
            await self.go()
        else:
            await self._replies.advance()

    def _question(self) -> Callable[[], list[Act]]:
        """What was said and noted, taken out, for the brain to answer when the turn begins."""
        text, spoken = self._words.take()
        until_ms = self._listening.milliseconds

        def decide() -> list[Act]:
            if not spoken:
                return self._mind.read(text)
            self._listening.settle(until_ms)
            return self._mind.hear(text)

        return decide

    # ------------------------------------------------------------------------------------ the stage of the replies

    def make_turn(self) -> Turn:
        """Part of `Stage`."""
        parts = self._parts
        return Turn(self._outlet, self._manner, self._errands, mouth=parts.mouth, tempo=parts.tempo, clock=parts.clock)

    async def opened(self) -> None:
        """Part of `Stage`."""
        await self._outlet.turn_began()
        await self._handles.turn_began()

    async def closed(self, turn: Turn, cut: bool) -> None:
        """Part of `Stage`."""
        if cut:
            self._mind.cut(turn.heard_ms)
            await self._errands.cancel()
            await self._outlet.interrupted()
        elif isinstance(self._mind, TurnKeeper):
            self._mind.ended()
        self._meter.add_thought(turn.thoughts)
        usage = self._meter.turn(
            spoken_ms=turn.spoken_ms, text=turn.written, trigger=self._manner.trigger, target=self._manner.target
        )
        self._announced_more = self._errands.in_flight or self._replies.waiting > 0
        await self._outlet.turn_ended(usage, cut=cut, more=self._announced_more)
        if self._errands.in_flight:
            await self._handles.withhold()
        else:
            await self._handles.issue()

    async def nothing_said(self) -> None:
        """Part of `Stage`."""
        if self._errands.in_flight or self._replies.running:
            return
        await self._handles.make_good()
        if self._announced_more:
            self._announced_more = False
            await self._outlet.idle()

    def held(self) -> bool:
        """Part of `Stage`."""
        return self._listening.busy

    # ------------------------------------------------------------------------------------ inside

    def _make_mind(self, saved: bytes | None) -> Mind:
        manner = self._manner
        return self._parts.make_mind(manner.instruction, manner.tools, saved=saved, seed=self._parts.seed)

    def _state(self) -> Kept:
        brain, meter = self._mind.save(), msgspec.json.encode(self._meter)
        return Kept(self.session, self._manner.model, brain, meter, self.lasted_s, self._words.noted)

"""Who speaks in the bench: the agent with eSpeak NG, as the product does, the callers with voices of flite.

Callers are never eSpeak NG: a gate that knows the agent's voice by its kind must not know the caller's by it, too.
"""

from __future__ import annotations

import asyncio
from functools import cache

import numpy as np

from bench.echo.rooms import Sound
from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ, from_bytes
from vivavoce.audio.resample import resample
from vivavoce.local.mouth.mouth import Mouth
from vivavoce.local.mouth.synthesisers import EspeakCommand, EspeakWorker, FliteCommand
from vivavoce.local.mouth.voices import Timbre

AGENTS = ("warm-baritone", "brisk-alto", "calm-mezzo", "dry-baritone", "quick-tenor")
AGENT_SAYS = (
    "Hello, and thanks for taking the time. Could you tell me in one sentence what it is that you are building?",
    "I see. Walk me through the last time someone actually hit this problem, and what they did about it.",
    "Let me read that back to you: a table for four, on Friday evening at half past seven, near the window.",
    "We are open every day from nine in the morning until ten at night, except on public holidays.",
    "Good, and may I have your name and a number, in case we need to reach you later today?",
    "The parcel left our warehouse yesterday and should be with you on Tuesday before noon.",
    "One moment please, I am looking that up. It usually takes no more than a few seconds.",
    "Thank you, that was very helpful. Before we finish, is there anything that I should have asked and did not?",
    "Many people tell me they would pay for it. How many of them have done so, and how much was it?",
    "I am sorry to hear that. I can put you through to a colleague now, or have someone call you tomorrow.",
)

CALLERS = ("awb", "rms", "slt", "kal16")
SHORT = ("No.", "Wait.", "Stop.", "Mm-hm.", "Yes.", "Sorry?", "Hold on.", "Hang on a second.")
"""What people say to interrupt; most take less than half a second."""
LONG = (
    "No, that is not what I meant.",
    "Sorry, can I stop you there for a moment?",
    "Actually, could we make it Thursday instead?",
    "Yes, we talked to about twenty customers last month.",
    "It is mostly people who run small shops and keep their books by hand.",
    "My name is Anna Fisher, and you have my number already.",
    "I think so, but I would have to look it up first.",
    "They copy everything into a spreadsheet once a week.",
    "Eight of them pay us, the others are still trying it out.",
    "That sounds fine to me, please go ahead.",
    "What did you say about public holidays?",
    "We started in March with two people.",
)


class Voices:
    """Sounds of sentences, each made once. Belongs to one process; close it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._agent = self._loop.run_until_complete(Mouth.start([EspeakWorker(), EspeakCommand()]))
        self._callers = FliteCommand()
        self._loop.run_until_complete(self._callers.start())
        # eSpeak NG says a sentence a little differently after another one: always the same ones in the same order
        self._said = {(text, voice): self._say(text, voice) for voice in AGENTS for text in AGENT_SAYS}
        self.caller = cache(self._reply)

    def agent(self, text: str, voice: str) -> Sound:
        return self._said[text, voice]

    def _say(self, text: str, voice: str) -> Sound:
        async def whole() -> bytes:
            return b"".join([chunk async for chunk in self._agent.speak(text, voice)])

        pcm = from_bytes(self._loop.run_until_complete(whole()))
        return resample(pcm, AGENT_HZ, CALLER_HZ).astype(np.float64) / 32_768

    def _reply(self, text: str, voice: str, rate: int) -> Sound:
        how = Timbre(variant="", rate=rate, pitch=50, spread=50, flite=voice)
        pcm, hz = self._loop.run_until_complete(self._callers.synthesise(text, how, "en"))
        return resample(pcm, hz, CALLER_HZ).astype(np.float64) / 32_768

    def close(self) -> None:
        self._loop.run_until_complete(self._agent.close())
        self._loop.close()

"""A conversation with a clock that the test turns. Every talk keeps its log, and `close` replays it: each test is also
a replay test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from vivavoce.agents import PROSE, AgentSpec, load
from vivavoce.conversation import Conversation, ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial, Effect, Remark, Say
from vivavoce.conversation.log import Entry, Stamp, encode_effects, encode_event, replay

ROOT = Path(__file__).parent.parent.parent
SETTINGS = ConversationSettings()
TOOLS = ("unit_economics", "sensitivity", "market_size")
E = TypeVar("E", bound=Effect)


def founder() -> AgentSpec:
    return load((ROOT / "examples" / "agents" / "founder.yaml").read_text()).spec


def done(effects: list[Effect]) -> list[Effect]:
    """What was done, without the remarks upon it."""
    return [effect for effect in effects if not isinstance(effect, Remark)]


class Talk:
    def __init__(self, spec: AgentSpec | None = None, *, settings: ConversationSettings = SETTINGS) -> None:
        self.spec = spec or founder()
        self.settings = settings
        self.conversation = Conversation(self.spec, tools=TOOLS, settings=settings)
        self.now = 0.0
        self.effects: list[Effect] = []
        self.entries: list[Entry] = []

    def tell(self, event: ev.Event, *, after: float = 0.0) -> list[Effect]:
        """Let `after` seconds pass (with their wake-ups), then hand in the event; returns its own effects."""
        self.wait(after)
        return self._step(event, self.now)

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass; returns what the wake-ups did."""
        done: list[Effect] = []
        end = self.now + seconds
        while (due := self.conversation.wake_at()) is not None and due <= end:
            self.now = max(self.now, due)
            done += self._step(ev.Woke(), self.now)
        self.now = end
        return done

    def _step(self, event: ev.Event, now: float) -> list[Effect]:
        effects = list(self.conversation.step(event, now))
        self.entries.append(Entry(len(self.entries), now, encode_event(event), encode_effects(effects)))
        self.effects += effects
        return effects

    def all(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def last(self, kind: type[E]) -> E:
        return self.all(kind)[-1]

    @property
    def stamp(self) -> Stamp:
        return Stamp(
            code_version="test", spec_hash="test", tools=TOOLS, settings=self.settings, briefing=PROSE.briefing
        )

    def close(self) -> None:
        assert replay(self.spec, self.stamp, self.entries) == len(self.entries)

    # -------------------------------------------------------------------------------------------- common passages

    def join(self, mode: Any = "voice") -> Talk:
        """The caller joins and the first link is up."""
        self.tell(ev.CallerJoined(mode))
        self.tell(ev.LinkOpened(1), after=0.1)
        return self

    def exchange(self) -> None:
        """The caller says something and hears a short answer; whatever was dialled meanwhile is up."""
        self.tell(ev.SpeechStarted(0), after=20)
        self.tell(ev.SpeechEnded(0), after=1)
        link = self.last(Dial).link
        self.tell(ev.LinkOpened(link), after=0.1)
        self.hear(self.agent_says("Go on.", link=link, seconds=0.2), 0.2)

    def agent_says(self, text: str, *, link: int = 1, seconds: float = 2.0, ends: bool = True) -> int:
        """The model speaks; nothing is heard yet. Returns the reply's number."""
        chunks = max(1, round(seconds / 0.2))
        for index in range(chunks):
            self.tell(ev.ReplyArrived(link, 1000 + len(self.entries), 4800))
            if index == 0:
                self.tell(ev.AgentTranscribed(link, text))
        if ends:
            self.tell(ev.GenerationEnded(link))
            self.tell(ev.TurnEnded(link))
        return self._replies()

    def _replies(self) -> int:
        return max((say.reply for say in self.all(Say)), default=0)

    def hear(self, reply: int, seconds: float, *, start_at: int = 0) -> None:
        """The caller hears so much of a reply, in steps of 100 ms of virtual time."""
        steps = round(seconds * 10)
        for step in range(1, steps + 1):
            self.tell(ev.Played(reply, step * 2400, start_at + step * 1600), after=0.1)

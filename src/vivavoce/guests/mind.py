"""What a guest says to what they heard: pure, and the same for the same guest file and the same questions.

The part of the agent's words that asks (from the last question on) is compared with each topic's `when`; a phrase that
is found counts as many points as it has words. The best topic answers with its next line. Follow-up questions that name
no topic ("can you be more specific?") go to the topic of the last answer.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from vivavoce.guests.guest import Guest, Topic

Sort = Literal["answer", "refusal", "repeat", "confirm", "fallback", "opening", "nudge", "interrupt", "goodbye"]

MAX_REPEATS = 2
"""How often the last line of a topic is said again: an agent may mishear once or twice, after that it goes in
circles."""

MAX_FALLBACKS = 6
"""Fallback answers in a row after which the guest leaves; nobody keeps saying "I do not know" for longer."""

MAX_NUDGES = 3
"""Unanswered "hello?"s after which the guest leaves."""

# Phrases by which the agent's move is known; `*` ends a word of which only the beginning counts.
_GOODBYE = (
    *("goodbye", "good bye", "bye", "thanks for your time", "thank you for your time", "have a good day"),
    *("have a great day", "that is all i need*", "that's all i need*", "that was all", "we are done", "we're done"),
)
_AGAIN = (
    *("say that again", "say it again", "say again", "come again", "could not make that out", "repeat", "pardon"),
    *("did not catch", "didn't catch", "did not hear", "didn't hear", "did not get that", "didn't get that"),
    *("did not understand", "didn't understand"),
)
_CONFIRM = (
    *("is that right", "is that correct", "did i get that right", "have i got that right", "do i have that right"),
    *("correct", "right"),
)
_PROBE = (
    *("more", "specific*", "concrete*", "example*", "exactly", "precise*", "detail*", "a number", "figure", "roughly"),
    *("estimate*", "guess", "closer", "put a", "what do you mean", "for instance", "a date", "which day", "when was"),
    *("one time", "plainly", "in numbers", "as one number"),
)
_ASKING = frozenset(
    [
        *("what", "who", "whom", "whose", "when", "where", "why", "which", "how", "is", "are", "do", "does", "did"),
        *(
            "can",
            "could",
            "would",
            "tell",
            "walk",
            "describe",
            "give",
            "name",
            "explain",
            "say",
            "share",
            "talk",
            "list",
        ),
    ]
)
_BEFORE_ASKING = frozenset(
    [
        *("and", "so", "now", "please", "okay", "ok", "then", "but", "well", "right"),
        *("about", "in", "to", "from", "for", "at", "roughly"),
    ]
)


@dataclass(frozen=True)
class Answer:
    """`say` is to be said `after_s` seconds after the agent has stopped; with `ends` the guest leaves afterwards."""

    say: str
    after_s: float
    sort: Sort
    topic: str = ""
    ends: bool = False


@dataclass
class _Memory:
    """What the guest remembers of the talk; copied before each answer so that it can be taken back."""

    said: Counter[str] = field(default_factory=Counter)
    last: Topic | None = None
    last_line: str = ""
    answers: int = 0
    fallbacks: int = 0
    nudges: int = 0
    opened: bool = False

    def copy(self) -> _Memory:
        return replace(self, said=Counter(self.said))


class Mind:
    """Decides; owns no clock. Chance (pauses, order of fallbacks) is drawn from the guest's seed and the number of the
    answer.
    """

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self._memory = _Memory()
        self._before = self._memory
        shift = self._draw("fallback").randrange(len(guest.fallback)) if guest.fallback else 0
        self._fallback = guest.fallback[shift:] + guest.fallback[:shift]

    def on_agent_turn(self, text: str) -> Answer | None:
        """The answer to what the agent said, or None when it asked nothing.

        Args:
            text: everything heard from the agent since the guest last spoke.
        """
        self._before = self._memory.copy()
        self._memory.nudges = 0
        asked = asked_part(text)
        words = words_of(text)
        if not text.rstrip().endswith("?") and holds(words, _GOODBYE):
            return self._answer(self.guest.goodbye, "goodbye", ends=True)
        topic = (self._best(asked) or self._best(words)) if asks(text) or holds(asked, _PROBE) else None
        last = self._memory.last
        unheard = last is not None and holds(words, _AGAIN)
        if last is not None and unheard and topic in (None, last) and self._may_repeat():
            return self._again(last)
        if topic is not None:
            return self._about(topic)
        if last is not None and holds(asked, _CONFIRM):
            return self._answer(self.guest.confirm, "confirm")
        if last is not None and holds(asked, _PROBE):
            return self._about(last)
        if unheard or asks(text):
            return self._fall_back()
        if self.guest.opening and not self._memory.opened and not self._memory.answers:
            return self._open()
        return None

    def on_silence(self) -> Answer:
        """The agent has said nothing for long: a short nudge, and a farewell when nudging did not help."""
        self._before = self._memory.copy()
        memory = self._memory
        if self.guest.opening and not memory.opened and not memory.answers:
            return replace(self._open(), after_s=0.0)
        if memory.nudges >= MAX_NUDGES or not self.guest.nudge:
            return replace(self._answer(self.guest.goodbye, "goodbye", ends=True), after_s=0.0)
        memory.nudges += 1
        return Answer(self.guest.nudge[(memory.nudges - 1) % len(self.guest.nudge)], 0.0, "nudge")

    def take_back(self) -> None:
        """Forget the last answer: it was never said, because the agent went on."""
        self._memory = self._before.copy()

    def _best(self, words: tuple[str, ...]) -> Topic | None:
        best: tuple[tuple[bool, int, bool], Topic] | None = None
        for topic in self.guest.topics:
            points = sum(points_of(words, phrase) for phrase in topic.when)
            more = self._memory.said[topic.id] < len(topic.answers)
            # after an evasive answer a probe means that answer, whatever else it would fit
            rank = (topic is self._memory.last and more, points, more)
            if points and (best is None or rank > best[0]):
                best = (rank, topic)
        return best[1] if best else None

    def _about(self, topic: Topic) -> Answer:
        memory = self._memory
        told = memory.said[topic.id]
        if told >= len(topic.answers) + MAX_REPEATS:
            return self._fall_back()
        memory.said[topic.id] += 1
        memory.last = topic
        line = topic.answers[min(told, len(topic.answers) - 1)]
        refusal = bool(topic.refuse) and line == topic.refuse
        sort: Sort = "refusal" if refusal else "answer" if told < len(topic.answers) else "repeat"
        return self._answer(line, sort, topic.id)

    def _may_repeat(self) -> bool:
        return self._memory.said["again: " + self._memory.last_line] < MAX_REPEATS

    def _again(self, last: Topic) -> Answer:
        self._memory.said["again: " + self._memory.last_line] += 1
        return self._answer(self._memory.last_line, "repeat", last.id)

    def _fall_back(self) -> Answer:
        memory = self._memory
        if memory.fallbacks >= MAX_FALLBACKS or not self._fallback:
            return self._answer(self.guest.goodbye, "goodbye", ends=True)
        row = memory.fallbacks
        answer = self._answer(self._fallback[memory.said["fallback"] % len(self._fallback)], "fallback")
        memory.said["fallback"] += 1
        memory.fallbacks = row + 1
        return answer

    def _open(self) -> Answer:
        self._memory.opened = True
        return self._answer(self.guest.opening, "opening")

    def _answer(self, line: str, sort: Sort, topic: str = "", *, ends: bool = False) -> Answer:
        memory = self._memory
        memory.answers += 1
        memory.fallbacks = 0
        shortest, longest = self.guest.thinking_s
        after_s = self._draw(f"pause {memory.answers}").uniform(shortest, longest)
        if sort != "repeat" and topic:
            memory.last_line = line
        habit = self.guest.filler
        if habit.every and sort == "answer" and memory.answers % habit.every == 0:
            line = f"{habit.say[(memory.answers // habit.every - 1) % len(habit.say)]} {line}"
        return Answer(line, after_s, sort, topic, ends)

    def _draw(self, purpose: str) -> random.Random:
        return random.Random(f"{self.guest.seed} {purpose}")  # noqa: S311 - a habit of speech, not a secret


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9']+", text.lower().replace("’", "'")))


def asked_part(text: str) -> tuple[str, ...]:
    """Words from the last question on ("How often? A rough number is fine."), or of the last sentence when nothing is
    asked.
    """
    sentences = [part for part in re.split(r"(?<=[.?!])\s+", text.strip()) if words_of(part)]
    if not sentences:
        return ()
    start = max((i for i, part in enumerate(sentences) if part.endswith("?")), default=len(sentences) - 1)
    return words_of(" ".join(sentences[start:]))


def asks(text: str) -> bool:
    """Whether a question or a request stands in the text: a question mark, or a sentence that begins like one."""
    if "?" in text:
        return True
    sentences = re.split(r"(?<=[.!])\s+", text)
    return any(_asking(words_of(part)) for part in sentences)


def _asking(words: tuple[str, ...]) -> bool:
    return bool(words) and (words[0] in _ASKING or (words[0] in _BEFORE_ASKING and bool(set(words[1:3]) & _ASKING)))


def holds(words: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    return any(points_of(words, phrase) for phrase in phrases)


def points_of(words: tuple[str, ...], phrase: str) -> int:
    """Number of words of the phrase when its words stand in `words` one after another, else 0; `compet*` matches by its
    beginning.
    """
    wanted = re.findall(r"[a-z0-9'*]+", phrase.lower())
    for start in range(len(words) - len(wanted) + 1):
        if wanted and all(_same(word, want) for word, want in zip(words[start:], wanted, strict=False)):
            return len(wanted)
    return 0


def _same(word: str, want: str) -> bool:
    return word.startswith(want[:-1]) if want.endswith("*") else word == want

"""What really happened in a call, seen from the world and not from the machine: which words of the caller a model that
answered has heard, which sound of the agent reached the ear, and how often each tool was answered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ

REPLY_MS = AGENT_HZ // 1000
CALLER_MS = CALLER_HZ // 1000

Frames = dict[int, set[int]]
"""By utterance: which of its frames."""


@dataclass(slots=True)
class Utterance:
    """What the caller says without a pause. Frames are counted from its start."""

    number: int
    begun: float
    samples: int
    kind: str = "words"
    """`words`; `noise` is a cough, `hum` a back-channel: neither must reach anybody."""
    wish: int = 0
    """What needs a tool, by number; 0 for none."""
    frames: dict[int, int] = field(default_factory=dict)
    """Samples of each frame that was spoken."""
    positions: dict[int, int] = field(default_factory=dict)
    """Where each of them lies on the microphone's clock."""
    answered: set[int] = field(default_factory=set)
    """Frames that a model has heard which then answered."""
    excused: set[int] = field(default_factory=set)
    """Frames that nobody could have heard: the page that had them is gone, the microphone is not wanted."""
    beyond: set[int] = field(default_factory=set)
    """Frames that were to go again, and that nobody had any more by then; the caller is told."""
    ended: bool = False


@dataclass(slots=True)
class Errand:
    """A call of a tool by the model."""

    name: str
    wish: int
    asked_at: float
    cancelled: bool = False
    after_cancel: int = 0
    run: bool = False
    """A tool was started for it."""
    answers: int = 0


@dataclass(slots=True)
class Turn:
    """An utterance of the model, as far as the server got it. Pieces are (where it begins, its samples)."""

    number: int
    pieces: dict[int, int] = field(default_factory=dict)
    heard: dict[int, int] = field(default_factory=dict)
    """By piece: samples that came out of the loudspeaker, counted as often as they did."""
    came_at: float = 0.0
    cut_at: float | None = None
    """When the server decided that nothing more of it is heard."""
    excused: bool = False
    """It was read, or the server that had it is gone."""
    loaded_anew: bool = False
    """A page that knew nothing was given it again."""
    after_cut: int = 0


class Truth:
    def __init__(self) -> None:
        self.utterances: dict[int, Utterance] = {}
        self.lines: dict[int, float] = {}  # typed by the caller, when
        self.lines_answered: set[int] = set()
        self.turns: dict[int, Turn] = {}
        self.errands: dict[tuple[int, str], Errand] = {}
        self.overlooked: dict[tuple[str, int], float] = {}  # lines and wishes: when a model was told in vain
        self.ignored: set[tuple[str, int]] = set()  # of those, where the model then answered something else
        self.spoken_of: set[int] = set()  # wishes of whose result a model has spoken
        self.gaps: list[float] = []  # from a link that is lost to the next that is usable
        self.uninformed = 0  # replies of a model that had been told nothing of the call
        self.forgotten = 0  # replies of one that did not know the newest turn that was answered
        self.broken: list[str] = []  # what nobody wanted, in words
        self.recent: list[int] = []  # utterances that were answered, the newest last; typed lines as numbers below 0
        self.raised: Exception | None = None
        self.after_end = 0  # effects that came out after the end
        self.end = ""
        self.events = 0
        self.links = 0
        self.servers = 1

    # ---------------------------------------------------------------------------------------------- the caller's words

    def spoke(self, utterance: int, frame: int, samples: int, position: int = 0) -> None:
        self.utterances[utterance].frames[frame] = samples
        self.utterances[utterance].positions[frame] = position

    def gone(self, since: int, until: int) -> None:
        """What was spoken between these positions of the microphone's clock was to go again, and nobody has it now."""
        for utterance in self.utterances.values():
            utterance.beyond |= {frame for frame, at in utterance.positions.items() if since <= at < until}

    def answered(self, frames: Frames, lines: list[int]) -> None:
        """A model that has heard these has begun to answer, and the server has the sound of it."""
        for number, heard in frames.items():
            utterance = self.utterances[number]
            utterance.answered |= heard
            if utterance.kind == "words" and len(utterance.answered) * 2 > len(utterance.frames):
                if number in self.recent:
                    self.recent.remove(number)
                self.recent.append(number)
        self.recent += [-line for line in lines if line not in self.lines_answered]
        self.lines_answered.update(lines)

    def overlook(self, lines: list[int], wishes: list[int], now: float) -> None:
        """A model has read typed lines, or results, and not taken them in."""
        self.overlooked |= {("line", line): now for line in lines} | {("wish", wish): now for wish in wishes}

    def passed_over(self, since: float) -> None:
        """A model begins to answer: what it has overlooked since then nobody can know to be unanswered."""
        self.ignored |= {what for what, at in self.overlooked.items() if at >= since}

    def ignored_for_good(self, until: float) -> int:
        """Lines, and results, that a model overlooked while it answered something else, and that no other was told, or
        that it then asked for again.
        """
        lines = sum(("line", line) in self.ignored and at < until for line, at in self._open_lines().items())
        wishes = self._open_wishes(until) | self._run_again()
        return lines + sum(("wish", wish) in self.ignored for wish in wishes)

    def lost_samples(self, until: float) -> dict[int, int]:
        """Of what was said before `until`, by utterance: samples that no model which answered has heard."""
        lost = {}
        for utterance in self.utterances.values():
            if utterance.kind != "words" or not utterance.ended or utterance.begun > until:
                continue
            missing = utterance.frames.keys() - utterance.answered - utterance.excused - utterance.beyond
            if missing:
                lost[utterance.number] = sum(utterance.frames[frame] for frame in missing)
        return lost

    def beyond_ring_samples(self) -> int:
        """Of what the ring had to drop: what no model which answered had heard."""
        return sum(
            sum(utterance.frames[frame] for frame in utterance.beyond - utterance.answered - utterance.excused)
            for utterance in self.utterances.values()
            if utterance.kind == "words"
        )

    def lost_lines(self, until: float) -> int:
        return sum(at < until and ("line", line) not in self.ignored for line, at in self._open_lines().items())

    def _open_lines(self) -> dict[int, float]:
        return {line: at for line, at in self.lines.items() if line not in self.lines_answered}

    # ---------------------------------------------------------------------------------------------- the agent's sound

    def arrived(self, turn: int, at: int, samples: int, now: float = 0.0) -> None:
        known = self.turns.setdefault(turn, Turn(turn))
        known.pieces.setdefault(at, samples)
        known.came_at = now

    def cut(self, turn: int, now: float) -> None:
        if (known := self.turns.get(turn)) is not None and known.cut_at is None:
            known.cut_at = now

    def heard(self, turn: int, at: int, samples: int, *, cut: bool) -> None:
        """`cut`: the caller's machine had been told that this turn is over."""
        known = self.turns[turn]
        known.heard[at] = known.heard.get(at, 0) + samples
        if cut:
            known.after_cut += samples

    def sound(self) -> tuple[int, int, int]:
        """Samples of the agent's that were lost, heard twice, heard after a cut."""
        lost = twice = after_cut = 0
        for turn in self.turns.values():
            after_cut += turn.after_cut
            for at, samples in turn.pieces.items():
                heard = turn.heard.get(at, 0)
                twice += 0 if turn.loaded_anew else max(0, heard - samples)
                if turn.cut_at is None and not turn.excused:
                    lost += max(0, samples - heard)
        return lost, twice, after_cut

    # ---------------------------------------------------------------------------------------------- errands

    def ids_twice(self) -> int:
        return sum(errand.answers > 1 for errand in self.errands.values())

    def ids_after_cancel(self) -> int:
        return sum(errand.after_cancel for errand in self.errands.values())

    def wishes_never(self, until: float) -> int:
        """Wishes that a tool was called for, and not taken back, and of whose result no model ever spoke."""
        return sum(("wish", wish) not in self.ignored for wish in self._open_wishes(until))

    def _open_wishes(self, until: float) -> set[int]:
        asked = {errand.wish for errand in self.errands.values() if errand.asked_at < until}
        return asked - self._taken_back() - self.spoken_of

    def wishes_twice(self) -> int:
        """Wishes for which a tool was run again, though the first run was not taken back."""
        return sum(("wish", wish) not in self.ignored for wish in self._run_again())

    def _run_again(self) -> set[int]:
        runs = Counter(errand.wish for errand in self.errands.values() if errand.run)
        return {wish for wish, count in runs.items() if count > 1} - self._taken_back()

    def _taken_back(self) -> set[int]:
        return {0} | {errand.wish for errand in self.errands.values() if errand.cancelled}

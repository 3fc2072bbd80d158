"""Whether what was said over the agent was meant: "mm-hm" and the agent's own echo ask for nothing, "no, wait" does.

The floor holds the reply at the first sound, so nobody waits for this. Whoever goes on, or says a word that is no
back-channel, is right at once; otherwise the words are waited for, which come later than the sound. A sound without
words that the model did not take for speech either was none. It is all about what is held: what the model makes of the
sound is its own business, and its answer, should one come, replaces what was held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vivavoce.agents.backchannels import kind_of
from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.settings import ConversationSettings

MAX_WORDS_CHARS = 1000
"""Of what was said over the agent; a peer may send words for ever."""


class Backchannel:
    def __init__(self, settings: ConversationSettings, languages: Sequence[str]) -> None:
        self._settings = settings
        self._auto = "auto" in languages
        self._languages = tuple(language for language in languages if language != "auto")
        self._link: int | None = None
        self._floor = "open"
        self._replies: dict[int, str] = {}  # words of those on their way to the caller's ear
        self._words = ""  # since the caller began to speak over the agent, or the agent to speak
        self._hears = False  # the gate hears somebody over the agent
        self._began_at = self._last_at = 0.0  # of what was heard over the agent
        self._coughed = False  # ... all of it was as short as a cough
        self._noticed = False  # the model has heard somebody, too
        self._weighing = False
        self._meant_at: float | None = None
        self._judged_at: float | None = None

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._joined,
            ev.SpeechStarted: self._speech_started,
            ev.SpeechEnded: self._speech_ended,
            ev.CallerTranscribed: self._transcribed,
            ev.Interrupted: self._interrupted,
            ev.Woke: self._woke,
            sig.LinkReady: self._link_ready,
            sig.ReplyBegan: self._reply_began,
            sig.ReplyWorded: self._reply_worded,
            sig.ReplyHeard: self._reply_over,
            sig.ReplyStopped: self._reply_over,
            sig.FloorChanged: self._floor_changed,
            sig.SpokenOver: self._spoken_over,
        }

    def wake_at(self) -> float | None:
        return earliest(self._meant_at, self._judged_at)

    # -------------------------------------------------------------------------------------------- what is known

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        if self._auto:
            self._languages = (*self._languages, event.lang)

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._replies[signal.reply] = ""
        if self._floor not in ("agent", "held"):
            self._words = ""  # those before were an ordinary turn
            self._coughed = False

    def _reply_worded(self, signal: sig.ReplyWorded, now: float, out: Out) -> None:
        if signal.reply in self._replies:
            self._replies[signal.reply] = signal.text

    def _reply_over(self, signal: sig.ReplyHeard | sig.ReplyStopped, now: float, out: Out) -> None:
        self._replies.pop(signal.reply, None)

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        if signal.turn != "held":
            self._weighing = self._noticed = False
            self._meant_at = self._judged_at = None

    # -------------------------------------------------------------------------------------------- what is said

    def _speech_started(self, event: ev.SpeechStarted, now: float, out: Out) -> None:
        if self._floor not in ("agent", "held"):
            return
        self._hears = True
        self._began_at = self._last_at = now
        self._judged_at = None
        if self._weighing:  # they begin again: what follows an "mm-hm" is its own
            self._meant_at = now + self._settings.confirm_speech_s
        else:
            self._words = ""
            self._meant_at = now + self._settings.long_speech_s

    def _speech_ended(self, event: ev.SpeechEnded, now: float, out: Out) -> None:
        if self._hears:
            self._hears = False
            self._coughed = now - self._began_at < self._settings.confirm_speech_s
            self._last_at = now
            self._meant_at = None
            self._judge(now, out)

    def _transcribed(self, event: ev.CallerTranscribed, now: float, out: Out) -> None:
        if event.link == self._link:
            self._words = (self._words + event.text)[:MAX_WORDS_CHARS]
            self._last_at = now
            self._judge(now, out)

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        self._noticed = True
        if self._floor == "agent" and now - self._last_at > self._settings.words_within_s:
            self._words = ""  # it is about something that nobody else has heard
            self._coughed = False

    def _spoken_over(self, signal: sig.SpokenOver, now: float, out: Out) -> None:
        self._weighing = True
        self._judge(now, out)

    # -------------------------------------------------------------------------------------------- what it meant

    def _judge(self, now: float, out: Out) -> None:
        if not self._weighing:
            return
        kind = self._kind()
        if kind == "words":
            self._mean("words", out)
        elif not self._hears and kind != "nothing":
            self._judged_at = now + self._settings.words_settle_s
        elif not self._hears and self._judged_at is None:
            self._judged_at = now + self._settings.words_within_s

    def _kind(self) -> str:
        return kind_of(self._words, " ".join(self._replies.values()), self._languages)

    def _mean(self, why: str, out: Out) -> None:
        self._weighing = False
        self._meant_at = self._judged_at = None
        out.tell(sig.SpeechMeant(why))

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._meant_at is not None and now >= self._meant_at:
            self._mean("long", out)
        elif self._judged_at is not None and now >= self._judged_at:
            kind = self._kind()
            if kind == "nothing" and self._noticed and not self._coughed:
                self._mean("no_words", out)  # the model took it for speech, and knows better than a level
            else:
                self._dismiss("noise" if kind == "nothing" else kind, out)

    def _dismiss(self, why: str, out: Out) -> None:
        self._weighing = False
        self._judged_at = None
        out.tell(sig.SpeechDismissed(why))

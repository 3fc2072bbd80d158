"""To which turn words belong that come late, or again."""

from __future__ import annotations

import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial, RecordTurn

HZ = 16_000


@pytest.fixture
def greeted(talk: Talk) -> Talk:
    talk.hear(talk.agent_says("Hello. Who are you?", seconds=0.4), 0.4)
    return talk


def turns(talk: Talk) -> dict[int, str]:
    """What stands in the transcript in the end, of the caller."""
    return {turn.turn: turn.text for turn in talk.all(RecordTurn) if turn.who == "caller"}


def speak(talk: Talk, seconds: float) -> None:
    at = round(talk.now * HZ)
    talk.tell(ev.SpeechStarted(at), after=0.0)
    talk.tell(ev.SpeechEnded(at + round(seconds * HZ)), after=seconds)


def test_what_is_spoken_never_stands_in_a_line_that_was_typed(greeted: Talk) -> None:
    speak(greeted, 1.0)
    greeted.tell(ev.CallerTyped("I am Ann"))
    greeted.tell(ev.CallerTranscribed(1, "My name is Ann"))
    speak(greeted, 1.0)
    greeted.tell(ev.CallerTranscribed(1, "Are you there?"))
    assert list(turns(greeted).values()) == ["I am Ann", "My name is Ann", "Are you there?"]
    assert turns(greeted)[min(turns(greeted))] == "My name is Ann", "it was said before"


def lose(talk: Talk, *, again_s: float) -> int:
    """The link drops, and so much of the caller's sound goes to the next one."""
    talk.tell(ev.LinkDropped(talk.last(Dial).link, 1006, "transient"))
    link = talk.last(Dial).link
    talk.tell(ev.LinkOpened(link), after=0.2)
    talk.tell(ev.SoundResent(link, round(again_s * HZ), 0))
    return link


def test_words_of_sound_that_goes_again_take_the_place_of_those_that_were_there(greeted: Talk) -> None:
    speak(greeted, 2.0)
    greeted.tell(ev.CallerTranscribed(1, "Parcels are"))
    link = lose(greeted, again_s=2.2)
    assert list(turns(greeted).values()) == ["Parcels are"], "until they come"
    greeted.tell(ev.CallerTranscribed(link, "Parcels are"))
    greeted.tell(ev.CallerTranscribed(link, " late"))
    assert list(turns(greeted).values()) == ["Parcels are late"]


def test_words_that_do_not_come_again_stay(greeted: Talk) -> None:
    speak(greeted, 4.0)
    greeted.tell(ev.CallerTranscribed(1, "Parcels are"))
    link = lose(greeted, again_s=2.2)
    greeted.tell(ev.CallerTranscribed(link, " late"))
    assert list(turns(greeted).values()) == ["Parcels are late"]


@pytest.mark.parametrize("again_s", [0.0, 2.0])
def test_words_that_were_understood_at_another_server_stand_once(greeted: Talk, again_s: float) -> None:
    """Its caller's sound comes from their own machine: before the new link is up, or behind it."""
    at = round(greeted.now * HZ)
    greeted.tell(ev.SpeechStarted(at), after=0.0)
    greeted.tell(ev.CallerTranscribed(1, "I live in Berlin"), after=2.0)
    greeted.tell(ev.TakenOver(2), after=0.5)
    greeted.tell(ev.CallerReturned("voice", at=at))
    link = greeted.last(Dial).link
    if again_s:
        greeted.tell(ev.SpeechStarted(at), after=0.1)
    greeted.tell(ev.LinkOpened(link), after=0.2)
    greeted.tell(ev.SoundResent(link, round(again_s * HZ), 0))
    if not again_s:
        greeted.tell(ev.SpeechStarted(at), after=0.1)
    greeted.tell(ev.CallerTranscribed(link, "I live in Berlin"), after=0.5)
    assert list(turns(greeted).values()) == ["I live in Berlin"]

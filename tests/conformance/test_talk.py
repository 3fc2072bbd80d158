"""What our client does with a live model's messages, in the pure machine: no socket, no waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Answer, Dial, HangUp, Inject, RecordTurn, Say


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk().join()
    yield talk
    talk.close()


@pytest.mark.conformance("C43", "C20")
def test_generation_that_is_complete_ends_neither_turn_nor_tool(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.GenerationEnded(1))
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.ErrandReturned(1, {"output": 1}))
    assert [answer.id for answer in talk.all(Answer)] == ["a"]


@pytest.mark.conformance("C27")
def test_a_minute_that_comes_at_once_is_heard_whole(talk: Talk) -> None:
    """Faster than four times: the whole minute is here before a second of it was heard."""
    reply = talk.agent_says("A long story.", seconds=60.0)
    talk.hear(reply, 60.0)
    said = [say for say in talk.all(Say) if say.reply == reply]
    assert sum(say.samples for say in said) == 60 * 24_000
    assert [say.position for say in said] == list(range(0, 60 * 24_000, 4800))
    assert talk.last(RecordTurn).complete


@pytest.mark.conformance("C21")
@pytest.mark.parametrize("when", ["twice", "after generation", "after the turn", "before any sound"])
def test_an_interruption_at_any_moment_leaves_the_next_turn_audible(talk: Talk, when: str) -> None:
    if when != "before any sound":
        talk.agent_says("A question", seconds=1.0, ends=when == "after the turn")
    if when == "after generation":
        talk.tell(ev.GenerationEnded(1))
    for _ in range(2 if when == "twice" else 1):
        talk.tell(ev.Interrupted(1))
    talk.tell(ev.TurnEnded(1))
    before = len(talk.all(Say))
    talk.agent_says("The next one", seconds=1.0)
    assert len(talk.all(Say)) > before


@pytest.mark.conformance("C25")
def test_words_in_pieces_are_joined_as_they_come(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    for piece in (" Wh", "at", " time is", " it?"):
        talk.tell(ev.CallerTranscribed(1, piece))
    talk.tell(ev.SpeechEnded(16_000), after=1)
    talk.tell(ev.CallerTranscribed(1, ""))
    assert talk.last(RecordTurn).text == "What time is it?"


@pytest.mark.conformance("C26")
def test_a_late_transcript_belongs_to_the_turn_it_was_said_in(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(32_000), after=1)
    reply = talk.agent_says("It is noon.", seconds=1.0, ends=False)
    talk.tell(ev.CallerTranscribed(1, "What time is it?"))
    talk.tell(ev.TurnEnded(1))
    talk.hear(reply, 1.0, start_at=40_000)
    turns = {turn.who: turn for turn in talk.all(RecordTurn)}
    assert turns["caller"].turn < turns["alex"].turn
    assert (turns["caller"].start_ms, turns["caller"].end_ms) == (1000, 2000)


@pytest.mark.conformance("C28")
def test_a_turn_without_anything_is_asked_for_again(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    talk.tell(ev.SpeechEnded(16_000), after=1)
    talk.tell(ev.GenerationEnded(1))
    talk.tell(ev.TurnEnded(1))
    asked = talk.wait(talk.settings.answer_within_s)
    assert any(isinstance(effect, Inject) and "reason: nudge" in effect.text for effect in asked)


@pytest.mark.conformance("C56")
def test_every_link_is_closed_before_the_next_is_dialled(talk: Talk) -> None:
    """Whatever made the change: told to go, age, silence."""
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    talk.tell(ev.GoAwayReceived(1, 10.0))
    talk.wait(30)
    talk.tell(ev.LinkOpened(talk.last(Dial).link))
    talk.wait(talk.settings.link_age_s)
    up: set[int] = set()
    for effect in talk.effects:
        if isinstance(effect, HangUp):
            up.discard(effect.link)
        elif isinstance(effect, Dial):
            assert up == set(), "the old one is still open"
            up.add(effect.link)
    assert len(talk.all(Dial)) >= 3

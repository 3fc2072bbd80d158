"""What the scripted model takes in of what it is told, and what a handle keeps of it."""

from __future__ import annotations

from vivavoce.agents.briefing import Briefing, render_briefing
from vivavoce.conversation.results import Result
from vivavoce.storm.world.memory import Memory


def test_a_handle_knows_nothing_of_what_came_later() -> None:
    memory = Memory()
    memory.hear(1, 0)
    handle = memory.copy()
    memory.hear(1, 1)
    memory.take()
    assert handle.pending == {1: {0}}
    assert handle.knows == set()
    assert memory.knows == {1}


def test_a_briefing_tells_turns_and_wants_an_answer() -> None:
    memory = Memory()
    text = render_briefing(Briefing("reseed", "alex", said=[("caller", " u7 is what I said"), ("alex", "a3 a3")]))
    assert memory.read(text)
    assert memory.knows == {7}
    assert memory.informed


def test_a_reminder_is_no_background() -> None:
    memory = Memory()
    assert memory.read(render_briefing(Briefing("nudge", "alex")))
    assert not memory.informed


def test_what_is_only_told_wants_no_answer() -> None:
    assert not Memory().read(render_briefing(Briefing("missed", "alex", said=[("caller", "u1")])))


def test_a_result_in_words_fulfils_its_wish() -> None:
    memory = Memory(wishes={4: 9, 5: 9})
    memory.read(Result("sensitivity", {"wish": "wish 4"}, {"output": {"found": "wish 4"}}, None, None).words)
    assert memory.results == memory.untold == {4}
    memory.read(Result("market_size", {"wish": "wish 5"}, {"error": "no answer within 20 s"}, None, None).words)
    assert memory.results == {4, 5}


def test_a_result_that_is_overlooked_fulfils_nothing() -> None:
    memory = Memory(wishes={4: 9})
    memory.overlook(Result("sensitivity", {"wish": "wish 4"}, {"output": {}}, None, None).words)
    assert memory.results == set()


def test_a_typed_line_waits_for_an_answer_once() -> None:
    memory = Memory()
    memory.read("typed 3")
    memory.read("typed 3")
    assert memory.take() == ({}, [3])
    assert memory.knows == {-3}


def test_lines_that_were_answered_are_told_like_any_turn() -> None:
    memory = Memory()
    memory.read(render_briefing(Briefing("reseed", "alex", said=[("caller", "typed 3"), ("caller", " u7")])))
    assert memory.knows == {-3, 7}
    assert memory.take() == ({}, [])


def test_a_text_that_is_overlooked_is_known_and_a_typed_line_is_not() -> None:
    memory = Memory()
    memory.overlook(render_briefing(Briefing("reseed", "alex", said=[("caller", " u7 is what I said")])))
    assert (memory.informed, memory.knows) == (True, {7})
    memory.overlook("typed 3")
    assert memory.take() == ({}, [])

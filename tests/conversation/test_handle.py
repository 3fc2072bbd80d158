"""From where a lost talk is taken up again, and when that is given up."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Dial, HangUp, Inject, Remark, Resend
from vivavoce.conversation.handle import FAILURES


def ready(talk: Talk, event: ev.Event) -> sig.LinkReady:
    """What the other machines are told of the link that this event opens."""
    told: list[sig.LinkReady] = []
    listening = talk.conversation._handlers[sig.LinkReady]
    listening.append(lambda signal, now, out: told.append(signal))
    talk.tell(event, after=0.1)
    listening.pop()
    return told[0]


def with_handle(talk: Talk) -> Talk:
    talk.hear(talk.agent_says("Hello", seconds=0.2), 0.2)
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    return talk


def drop(talk: Talk, kind: str = "transient", code: int = 1006) -> None:
    talk.tell(ev.LinkDropped(talk.last(Dial).link, code, kind))


@pytest.mark.conformance("C50")
def test_one_that_is_not_resumable_erases_none_but_there_is_no_leaving_now(talk: Talk) -> None:
    with_handle(talk)
    talk.tell(ev.HandleIssued(1, 0, False, 100))
    talk.tell(ev.GoAwayReceived(1, 50.0))
    assert talk.all(HangUp) == [], "not resumable now"
    talk.tell(ev.HandleIssued(1, 2, True, 200))
    assert talk.last(Dial).handle == 2


def test_one_that_waited_on_a_line_that_stood_still_is_as_old_as_what_came_before(talk: Talk) -> None:
    with_handle(talk)
    talk.tell(ev.SpeechStarted(70_000), after=4)
    talk.tell(ev.TurnEnded(1), after=2)
    talk.tell(ev.HandleIssued(1, 2, True, 100_000))
    drop(talk)
    assert talk.last(Dial).handle == 2
    assert Resend(2, 70_000) in talk.tell(ev.LinkOpened(2), after=0.1), "nobody can tell whether it has heard this"


@pytest.mark.conformance("C50")
def test_none_is_believed_while_a_tool_runs(talk: Talk) -> None:
    with_handle(talk)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.HandleIssued(1, 2, True, 0))
    drop(talk)
    assert talk.last(Dial).handle == 1


@pytest.mark.conformance("C55")
def test_a_resumption_that_fails_twice_is_given_up_for_a_fresh_link(talk: Talk) -> None:
    with_handle(talk)
    drop(talk)
    for _ in range(FAILURES):
        assert talk.last(Dial).handle == 1
        drop(talk, code=1011)
    assert talk.last(Dial).handle is None
    assert Remark("handle_given_up", "transient", 3) in talk.effects
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=2)
    assert "reason: reseed" in talk.last(Inject).text


def test_a_link_that_is_resumed_and_dies_before_it_said_anything_was_no_success(talk: Talk) -> None:
    with_handle(talk)
    drop(talk)
    for _ in range(FAILURES):
        talk.tell(ev.LinkOpened(talk.last(Dial).link), after=1)
        drop(talk, code=1011)
    assert talk.last(Dial).handle is None


def test_one_that_worked_is_believed_again(talk: Talk) -> None:
    with_handle(talk)
    for _ in range(3):
        drop(talk)
        drop(talk)
        link = talk.last(Dial).link
        assert talk.last(Dial).handle == 1
        talk.tell(ev.LinkOpened(link), after=1)
        talk.hear(talk.agent_says("Here I am.", link=link, seconds=0.2), 0.2)
        talk.wait(SETTINGS.healthy_after_s)


@pytest.mark.conformance("C55")
@pytest.mark.parametrize("kind", ["dead_handle", "fatal"])
def test_a_service_may_refuse_a_handle_in_the_words_for_any_bad_request(talk: Talk, kind: str) -> None:
    with_handle(talk)
    drop(talk)
    drop(talk, kind, 1007)
    assert talk.last(Dial) == Dial(3, "alex", None), "at once, and no try is used up"
    drop(talk, "fatal", 1007)
    assert talk.last(Dial).link == 3, "the same without a handle is what it says"


def test_a_dead_handle_on_a_link_that_was_up_uses_up_a_try(talk: Talk) -> None:
    for _ in range(SETTINGS.redials + 1):
        link = talk.last(Dial).link
        talk.tell(ev.HandleIssued(link, link, True, 0))
        drop(talk, "dead_handle", 1008)
        talk.tell(ev.LinkOpened(talk.last(Dial).link), after=2)
    assert talk.last(Dial).after_s == SETTINGS.cut_off_again_s, "or it would be dialled for ever"


def test_a_link_whose_model_is_suspected_is_not_resumed(talk: Talk) -> None:
    with_handle(talk)
    for _ in range(3):  # as often as the watchdogs look on
        talk.tell(ev.SoundJudged(1, "tone"))
        talk.tell(ev.TurnEnded(1))
    assert HangUp(1) in talk.effects
    assert talk.last(Dial) == Dial(2, "alex", None)


def test_a_resumed_model_knows_the_turns_up_to_its_handle(talk: Talk) -> None:
    with_handle(talk)  # turn 1
    talk.tell(ev.SpeechStarted(0))
    talk.tell(ev.SpeechEnded(16_000), after=1)  # turn 2
    talk.agent_says("I see.", seconds=0.2)  # turn 3
    drop(talk)
    told = ready(talk, ev.LinkOpened(2))
    assert (told.resumed, told.since) == (True, 1)


def test_a_handle_of_the_middle_of_a_turn_does_not_know_it(talk: Talk) -> None:
    with_handle(talk)
    talk.agent_says("I will tell you", seconds=1.0, ends=False)  # turn 2
    talk.tell(ev.HandleIssued(1, 2, True, 0))
    drop(talk)
    assert ready(talk, ev.LinkOpened(2)).since == 1


@pytest.mark.conformance("C53")
def test_a_fresh_model_knows_no_turn(talk: Talk) -> None:
    talk.hear(talk.agent_says("Hello", seconds=0.2), 0.2)
    drop(talk)
    told = ready(talk, ev.LinkOpened(2))
    assert (told.resumed, told.since) == (False, 0)


def test_a_model_that_heard_the_caller_and_was_lost_before_it_answered_is_asked_at_once(talk: Talk) -> None:
    with_handle(talk)
    talk.tell(ev.SpeechStarted(20_000))
    talk.tell(ev.SpeechEnded(30_000), after=1)
    talk.tell(ev.CallerTranscribed(1, "Hello"), after=0.8)
    talk.tell(ev.HandleIssued(1, 2, True, 60_000), after=0.2)
    drop(talk)
    effects = talk.tell(ev.LinkOpened(2), after=0.1)
    assert [type(effect) for effect in effects if isinstance(effect, Inject | Resend)] == [Inject]
    assert "reason: nudge" in talk.last(Inject).text


def test_who_typed_what_was_not_answered_is_not_announced_on_top(talk: Talk) -> None:
    with_handle(talk)
    talk.tell(ev.SpeechStarted(20_000))
    talk.tell(ev.SpeechEnded(30_000), after=1)
    talk.tell(ev.HandleIssued(1, 2, True, 60_000), after=1)
    talk.tell(ev.CallerTyped("Are you there?"))
    drop(talk)
    effects = talk.tell(ev.LinkOpened(2), after=0.1)
    assert [effect.text for effect in effects if isinstance(effect, Inject)] == ["Are you there?"]


def test_another_server_resumes_from_what_was_kept(talk: Talk) -> None:
    with_handle(talk)
    effects = talk.tell(ev.TakenOver(2, handle=1))
    assert talk.last(Dial) == Dial(2, "alex", 1)
    assert HangUp(1) not in effects, "it went with the server that had it"


def test_another_server_believes_none_that_came_while_a_tool_ran(talk: Talk) -> None:
    """It is the newest, and so the one that was kept; who resumes from it waits for an answer that nobody gives."""
    with_handle(talk)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.HandleIssued(1, 2, True, 0))
    talk.tell(ev.TakenOver(2, handle=2))
    assert talk.last(Dial) == Dial(2, "alex", None)


@pytest.mark.parametrize(("kept", "handle"), [(0, None), (7, 7)])
def test_another_server_knows_nothing_of_a_handle_that_its_log_does_not_tell(
    talk: Talk, kept: int, handle: int | None
) -> None:
    with_handle(talk)
    talk.tell(ev.TakenOver(2, handle=kept))
    assert talk.last(Dial) == Dial(2, "alex", handle)
    assert ready(talk, ev.LinkOpened(2)).since == 0

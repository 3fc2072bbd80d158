"""When no link can be had: the service is waited for, the call goes on by text, and ends when that was too long."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk, done
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import (
    Dial,
    End,
    Fill,
    Forget,
    HangUp,
    Inject,
    Note,
    Notify,
    Remark,
    Resend,
    Say,
    UseMode,
)


def drop(talk: Talk, kind: str = "transient", *, after: float = 0.0) -> None:
    talk.tell(ev.LinkDropped(talk.last(Dial).link, 1006, kind), after=after)


def cut_off(talk: Talk) -> None:
    for _ in range(SETTINGS.redials + 1):
        drop(talk)


def notices(talk: Talk) -> list[str]:
    return [effect.code for effect in talk.all(Notify)]


@pytest.mark.conformance("C54", "C59")
def test_after_three_tries_the_call_goes_on_by_text_with_a_word_aloud(talk: Talk) -> None:
    cut_off(talk)
    assert notices(talk)[-1] == "voice_lost"
    assert talk.last(UseMode) == UseMode("text")
    assert talk.last(Fill) == Fill("alex", "voice_lost")
    assert talk.last(Dial).after_s == SETTINGS.cut_off_again_s
    assert talk.all(End) == []


def test_the_word_waits_for_what_is_being_heard_and_is_heard_though_the_call_goes_on_by_text(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=1.0, ends=False)
    talk.hear(reply, 0.5)
    cut_off(talk)
    talk.tell(ev.FillerArrived("voice_lost", 9, 24_000))
    talk.hear(reply, 1.0)
    said = talk.last(Say)
    assert (said.reply, said.chunk) == (reply + 1, 9)


def test_the_word_is_not_said_to_who_reads_nor_when_the_model_is_back(talk: Talk) -> None:
    cut_off(talk)
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=10.1)
    assert done(talk.tell(ev.FillerArrived("voice_lost", 9, 24_000))) == [Forget((9,))]
    assert done(talk.tell(ev.FillerArrived("voice_lost", 10, 24_000))) == [Forget((10,))]
    reader = Talk().join("text")
    cut_off(reader)
    assert Forget((9,)) in reader.tell(ev.FillerArrived("voice_lost", 9, 24_000))


def test_what_is_typed_is_kept_and_told_once_voice_is_back(talk: Talk) -> None:
    cut_off(talk)
    talk.tell(ev.CallerTyped("It is for bakers."), after=1)
    assert "bakers" not in talk.last(Inject).text
    effects = talk.tell(ev.LinkOpened(talk.last(Dial).link), after=9)
    assert [effect.text for effect in effects if isinstance(effect, Inject)].count("It is for bakers.") == 1
    assert talk.last(UseMode) == UseMode("text"), "nobody has spoken"
    effects = talk.tell(ev.ReplyArrived(talk.last(Dial).link, 1, 4800), after=1)
    assert Notify("voice_again") in effects
    assert UseMode("voice") in effects


def test_a_model_that_comes_back_mute_is_no_voice(talk: Talk) -> None:
    cut_off(talk)
    link = 0
    while talk.now < 100:
        talk.wait(1)
        if talk.last(Dial).link != link:
            link = talk.last(Dial).link
            talk.tell(ev.LinkOpened(link), after=talk.last(Dial).after_s)
    assert "voice_again" not in notices(talk)
    assert talk.all(UseMode)[-1:] == [UseMode("text")]
    talk.agent_says("There I am.", link=link)
    assert notices(talk)[-1] == "voice_again"


def test_a_model_that_knows_it_all_is_asked_to_speak_when_it_is_back(talk: Talk) -> None:
    resumed_while_cut_off(talk)
    assert "reason: returned" in talk.last(Inject).text
    reader = Talk().join("text")
    resumed_while_cut_off(reader)
    assert "returned" not in reader.last(Inject).text, "who reads has it before them"
    reader.close()


@pytest.mark.parametrize("meanwhile", [ev.CallerTyped("Eight."), ev.SpeechStarted(900_000)])
def test_who_says_something_themselves_is_answered_and_not_asked_where_we_were(talk: Talk, meanwhile: ev.Event) -> None:
    resumed_while_cut_off(talk, meanwhile)
    assert "reason: returned" not in talk.last(Inject).text


def resumed_while_cut_off(talk: Talk, *meanwhile: ev.Event) -> None:
    """A link comes up, brings a handle and is lost before its model has spoken; the next one is resumed from there."""
    talk.hear(talk.agent_says("How bad is it?", seconds=0.4), 0.4)
    cut_off(talk)
    link = talk.last(Dial).link
    talk.tell(ev.LinkOpened(link), after=10)
    talk.tell(ev.HandleIssued(link, 1, True, 0), after=0.1)
    drop(talk, after=0.1)
    for event in meanwhile:
        talk.tell(event, after=1)
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=9)
    assert talk.last(Dial).handle == 1


def test_facts_can_be_set_by_hand_meanwhile(talk: Talk) -> None:
    cut_off(talk)
    effects = talk.tell(ev.FactCorrected("price", 3))
    assert any(isinstance(effect, Note) and effect.field == "price" for effect in effects)


def test_who_chose_text_is_not_told_of_a_voice(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    cut_off(talk)
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=10)
    assert notices(talk)[-1] == "voice_lost"
    talk.agent_says("Here I am again.", link=talk.last(Dial).link)
    assert notices(talk)[-1] == "line_again", "and what was told of the line holds no more"
    assert "voice_again" not in notices(talk)
    assert talk.last(UseMode) == UseMode("text")


def test_who_asks_for_voice_meanwhile_is_told_that_there_is_none(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    cut_off(talk)
    assert Notify("voice_lost") in talk.tell(ev.ModeChanged("voice"))
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=10)
    talk.agent_says("Here I am again.", link=talk.last(Dial).link)
    assert talk.last(UseMode) == UseMode("voice")


def test_what_was_said_meanwhile_goes_to_the_link_that_comes(talk: Talk) -> None:
    cut_off(talk)
    talk.tell(ev.SpeechStarted(40_000), after=1)
    talk.tell(ev.SpeechEnded(60_000), after=1)
    assert Resend(talk.last(Dial).link, 40_000) in talk.tell(ev.LinkOpened(talk.last(Dial).link), after=9)


def test_a_call_that_finds_nobody_for_two_minutes_ends_aloud(talk: Talk) -> None:
    cut_off(talk)
    while not any(fill.phrase == "link_lost" for fill in talk.all(Fill)):
        drop(talk, after=SETTINGS.cut_off_again_s)
        assert talk.now < 200
    assert talk.now >= SETTINGS.cut_off_for_s
    assert Remark("given_up", "link_lost", talk.last(Dial).link) in talk.effects
    talk.wait(10)
    assert talk.last(End) == End("link_lost")


def test_a_dial_that_is_never_answered_does_not_prolong_it(talk: Talk) -> None:
    cut_off(talk)
    talk.wait(SETTINGS.cut_off_for_s)
    assert HangUp(talk.last(Dial).link) in talk.effects
    talk.wait(10)
    assert talk.last(End) == End("link_lost")


@pytest.mark.conformance("C54")
def test_a_link_that_drops_every_second_is_not_dialled_for_ever_and_floods_nobody(talk: Talk) -> None:
    while not talk.all(End):
        drop(talk, after=1.0)
        talk.tell(ev.LinkOpened(talk.last(Dial).link), after=talk.last(Dial).after_s + 0.1)
        talk.wait(0)
        assert talk.now < 300
    assert len(talk.all(Dial)) <= 4 + SETTINGS.cut_off_for_s / SETTINGS.cut_off_again_s
    assert [fill.phrase for fill in talk.all(Fill)] == ["voice_lost", "link_lost"], "each word once"
    assert len(notices(talk)) <= 30


@pytest.mark.parametrize(("lasts_s", "ends", "anew"), [(2, True, True), (2, False, False), (1, True, False)])
def test_a_model_that_was_there_for_a_whole_turn_is_waited_for_anew(
    talk: Talk, lasts_s: float, ends: bool, anew: bool
) -> None:
    cut_off(talk)
    while talk.now < SETTINGS.cut_off_for_s - 20:
        drop(talk, after=SETTINGS.cut_off_again_s)
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=SETTINGS.cut_off_again_s)
    talk.wait(lasts_s)
    talk.agent_says("Here I am.", link=talk.last(Dial).link, ends=ends)
    drop(talk)
    talk.wait(30)
    assert (talk.all(End) == []) is anew
    talk.wait(SETTINGS.cut_off_for_s)
    assert [end.reason for end in talk.all(End)] == ["link_lost"]


def test_after_a_healthy_while_it_begins_anew(talk: Talk) -> None:
    for _ in range(3):
        cut_off(talk)
        talk.tell(ev.LinkOpened(talk.last(Dial).link), after=10)
        talk.agent_says("Here I am again.", link=talk.last(Dial).link)
        drop(talk, after=SETTINGS.healthy_after_s)
        assert talk.last(Dial).after_s == 0.0
        talk.tell(ev.LinkOpened(talk.last(Dial).link), after=0.1)
        talk.wait(SETTINGS.healthy_after_s)
    assert talk.all(End) == []


def test_who_waits_for_us_is_not_idle() -> None:
    talk = Talk(settings=ConversationSettings(cut_off_for_s=10_000.0)).join()
    talk.hear(talk.agent_says("Well?", seconds=0.2), 0.2)
    idle_s = talk.spec.limits.idle_s
    assert idle_s is not None
    cut_off(talk)
    while talk.now < 3 * idle_s:
        drop(talk, after=10)
        talk.tell(ev.FactCorrected("price", 3))
    assert talk.all(End) == []


# ------------------------------------------------------------------------------------------------ quota


@pytest.mark.conformance("C54")
def test_a_service_that_has_enough_of_us_is_waited_for_twice_and_the_caller_knows(talk: Talk) -> None:
    for _ in range(SETTINGS.quota_waits):
        drop(talk, "quota")
        dial = talk.last(Dial)
        assert (dial.after_s, dial.jitter_s) == (SETTINGS.quota_wait_s, SETTINGS.quota_jitter_s)
        assert notices(talk)[-1] == "model_waits"
    assert [fill.phrase for fill in talk.all(Fill)] == ["model_waits"], "once aloud"
    drop(talk, "quota")
    assert talk.last(Fill).phrase == "model_busy"
    talk.wait(10)
    assert talk.last(End) == End("model_busy")


def test_a_service_that_takes_us_again_goes_on_where_it_was(talk: Talk) -> None:
    talk.agent_says("Hello", seconds=0.2)
    talk.tell(ev.HandleIssued(1, 4, True, 0))
    drop(talk, "quota")
    assert talk.last(Dial).handle == 4, "the session is not the trouble"
    effects = talk.tell(ev.LinkOpened(2), after=31)
    assert Remark("link_up", "resumed", 2, 31.0) in effects
    assert Notify("voice_again") in effects


def test_while_it_is_waited_for_another_voice_does_not_hasten_it(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "h", "hand_off", {"to": "sam", "why": "done"}))
    drop(talk, "quota")
    talk.tell(ev.TurnEnded(1))
    talk.wait(SETTINGS.leave_within_s + 1)
    assert talk.last(Dial).speaker == "sam"
    assert talk.last(Dial).after_s == SETTINGS.quota_wait_s


def test_a_service_that_has_enough_of_us_while_we_are_cut_off_is_left_alone_for_longer(talk: Talk) -> None:
    cut_off(talk)
    drop(talk, "quota", after=10)
    assert talk.last(Dial).after_s == SETTINGS.quota_wait_s
    assert notices(talk).count("model_waits") == 0

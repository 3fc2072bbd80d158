"""Voice or text: as the caller wishes, unless an operator or the booking allows text only. Every log is replayed."""

from __future__ import annotations

from tests.conversation.talk import Talk
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Caption, Cut, Fill, Forget, Notify, Say, UseMode


def test_a_caller_may_choose_and_choose_again(talk: Talk) -> None:
    assert talk.tell(ev.ModeChanged("text")) == [UseMode("text")]
    assert talk.tell(ev.ModeChanged("text")) == []
    assert talk.tell(ev.ModeChanged("voice")) == [UseMode("voice")]


def test_voice_switched_off_stops_the_sound_at_once_and_the_talk_goes_on(talk: Talk) -> None:
    reply = talk.agent_says("How bad is it?", ends=False)
    effects = talk.tell(ev.SwitchesChanged(text_only=True))
    assert [effect for effect in effects if isinstance(effect, Notify | UseMode | Cut)] == [
        Notify("text_only"),
        UseMode("text", locked=True),
        Cut(reply),
    ]
    said = len(talk.all(Say))
    talk.tell(ev.ReplyArrived(1, 5000, 4800))
    talk.tell(ev.AgentTranscribed(1, " Tell me."))
    talk.tell(ev.GenerationEnded(1))
    talk.tell(ev.TurnEnded(1))
    assert len(talk.all(Say)) == said
    assert Forget((5000,)) in talk.all(Forget)
    assert talk.last(Caption).text == "How bad is it? Tell me."
    talk.tell(ev.CallerTyped("an eight"))
    talk.agent_says("Thank you.")
    assert len(talk.all(Say)) == said


def test_a_caller_who_asks_for_voice_is_told_that_there_is_none(talk: Talk) -> None:
    talk.tell(ev.SwitchesChanged(text_only=True))
    assert talk.tell(ev.ModeChanged("voice")) == [Notify("text_only")]
    talk.agent_says("Read this.")
    assert talk.all(Say) == []


def test_voice_comes_back_to_those_who_wish_it(talk: Talk) -> None:
    talk.tell(ev.SwitchesChanged(text_only=True))
    assert talk.tell(ev.SwitchesChanged()) == [Notify("voice_again"), UseMode("voice")]
    assert talk.agent_says("Hello again.") > 0


def test_a_caller_who_reads_anyway_is_not_bothered(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    assert talk.tell(ev.SwitchesChanged(text_only=True)) == [UseMode("text", locked=True)]
    assert talk.tell(ev.SwitchesChanged()) == [UseMode("text")]


def test_what_was_off_before_the_call_holds_from_its_first_word() -> None:
    talk = Talk()
    assert talk.tell(ev.SwitchesChanged(text_only=True)) == []
    talk.join()
    assert talk.all(Notify) == [Notify("text_only")]
    assert talk.all(UseMode) == [UseMode("text", locked=True)]
    talk.agent_says("Welcome.")
    assert talk.all(Say) == []
    talk.close()


def test_a_call_booked_for_text_stays_text() -> None:
    talk = Talk(settings=ConversationSettings(text_only=True)).join()
    assert talk.all(UseMode) == [UseMode("text", locked=True)]
    assert talk.tell(ev.SwitchesChanged()) == []
    assert talk.tell(ev.ModeChanged("voice")) == [Notify("text_only")]
    talk.agent_says("Welcome.")
    assert talk.all(Say) == []
    talk.close()


def test_another_switch_changes_nothing_about_voice(talk: Talk) -> None:
    assert talk.tell(ev.SwitchesChanged(tools_off=("market_size",))) == []
    assert talk.agent_says("Go on.") > 0


def test_no_filler_where_none_is_wanted() -> None:
    talk = Talk(settings=ConversationSettings(fillers=False)).join()
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.wait(10)
    assert talk.all(Fill) == []
    talk.close()

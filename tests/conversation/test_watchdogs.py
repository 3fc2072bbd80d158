"""Models that do not speak though they should: noticed, reminded, given up. Every log is replayed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Cut, Dial, End, HangUp, Inject, Notify, Remark, ShowFloor
from vivavoce.conversation.remarks import WHATS
from vivavoce.conversation.watchdogs import SLOW_TURNS, ends_a_sentence


def speak(talk: Talk) -> None:
    """The caller says something, and is owed an answer."""
    talk.tell(ev.SpeechStarted(0), after=0.5)
    talk.tell(ev.SpeechEnded(0), after=1.0)


def say(talk: Talk, text: str, seconds: float = 0.4) -> None:
    talk.hear(talk.agent_says(text, seconds=seconds), seconds)


def reasons(talk: Talk, what: str) -> list[str]:
    return [remark.why for remark in talk.all(Remark) if remark.what == what]


def briefs(talk: Talk, reason: str) -> list[Inject]:
    return [told for told in talk.all(Inject) if f"reason: {reason}\n" in told.text]


@pytest.fixture
def greeted(talk: Talk) -> Talk:
    """The agent has said hello, and the caller has heard it."""
    say(talk, "Hello.")
    return talk


# ------------------------------------------------------------------------------------------------ nothing at all


def test_a_model_that_never_begins_is_reminded_and_then_left(talk: Talk) -> None:
    talk.wait(SETTINGS.answer_within_s * 4 + 1)
    assert reasons(talk, "reminded") == ["mute_start"] * 3
    assert reasons(talk, "suspected") == ["mute_start"]
    assert talk.all(HangUp) == [HangUp(1)]


@pytest.mark.conformance("C28")
def test_two_empty_turns_are_reminded_of_and_the_third_is_one_too_many(greeted: Talk) -> None:
    speak(greeted)
    assert greeted.tell(ev.TurnEnded(1)) == [Remark("noticed", "empty_turn", 1, count=1)]
    assert briefs(greeted, "nudge") == [], "it may be an accident: the model has as long as for any answer"
    greeted.wait(SETTINGS.answer_within_s)
    assert len(briefs(greeted, "nudge")) == 1
    greeted.tell(ev.TurnEnded(1), after=0.5)
    assert len(briefs(greeted, "nudge")) == 2, "at once"
    effects = greeted.tell(ev.TurnEnded(1), after=0.5)
    assert Remark("suspected", "empty_turn", 1, count=3) in effects
    assert HangUp(1) in effects
    assert greeted.last(Dial).link == 2


def test_an_answer_forgets_the_empty_turns(greeted: Talk) -> None:
    for _ in range(4):
        speak(greeted)
        greeted.tell(ev.TurnEnded(1))
        speak(greeted)
        say(greeted, "I see.")
    assert reasons(greeted, "suspected") == []
    assert greeted.all(HangUp) == []


@pytest.mark.parametrize(
    "before",
    [
        [],  # nobody asked
        [ev.SpeechStarted(0), ev.SpeechEnded(0), ev.ToolCalled(1, "a", "show", {"what": "x"})],
        [ev.SpeechStarted(0), ev.SpeechEnded(0), ev.Interrupted(1)],
        [ev.SpeechStarted(0), ev.SpeechEnded(0), ev.AgentTranscribed(1, "Only read.")],
    ],
)
def test_a_turn_that_owes_nothing_is_no_empty_one(greeted: Talk, before: list[ev.Event]) -> None:
    for event in before:
        greeted.tell(event, after=0.5)
    greeted.tell(ev.TurnEnded(1))
    assert reasons(greeted, "noticed") == []


def test_a_turn_that_is_followed_by_others_owes_nothing_itself(greeted: Talk) -> None:
    speak(greeted)
    for _ in range(5):
        greeted.tell(ev.TurnEnded(1, more=True))
    assert reasons(greeted, "noticed") == []
    greeted.tell(ev.AgentTranscribed(1, "Only read."))
    greeted.tell(ev.TurnEnded(1, more=True))
    greeted.tell(ev.TurnEnded(1))
    assert reasons(greeted, "noticed") == [], "it was said before"


def test_silence_after_an_interruption_has_its_name(greeted: Talk) -> None:
    greeted.hear(greeted.agent_says("A long question about money.", seconds=2.0, ends=False), 0.5)
    greeted.tell(ev.SpeechStarted(0))
    greeted.tell(ev.Interrupted(1), after=0.2)
    greeted.tell(ev.TurnEnded(1))
    greeted.tell(ev.CallerTranscribed(1, "No, wait"))
    greeted.tell(ev.SpeechEnded(0), after=1.0)
    greeted.wait(SETTINGS.answer_within_s)
    assert reasons(greeted, "reminded") == ["after_interrupted"]
    say(greeted, "Go on.")
    speak(greeted)
    greeted.wait(SETTINGS.answer_within_s)
    assert reasons(greeted, "reminded") == ["after_interrupted", "no_answer"]


def test_a_silence_is_not_forgotten_with_its_link(greeted: Talk) -> None:
    greeted.hear(greeted.agent_says("A long question about money.", seconds=4.0, ends=False), 0.5)
    greeted.tell(ev.Interrupted(1))
    greeted.tell(ev.TurnEnded(1))
    greeted.wait(4.0)
    assert greeted.last(ShowFloor).turn == "waiting"
    greeted.tell(ev.HandleIssued(1, 1, True, 90_000))
    greeted.tell(ev.LinkDropped(1, 1006, "transient"))
    greeted.tell(ev.LinkOpened(2), after=0.2)
    greeted.wait(SETTINGS.answer_within_s)
    assert reasons(greeted, "reminded") == ["after_interrupted"]


def test_a_text_that_is_overlooked_is_said_again_once(greeted: Talk) -> None:
    greeted.tell(ev.CallerTyped("We have 40 customers"))
    greeted.wait(SETTINGS.answer_within_s)
    assert [told.text for told in greeted.all(Inject)].count("We have 40 customers") == 2
    assert reasons(greeted, "reminded") == ["text_ignored"]
    greeted.wait(SETTINGS.answer_within_s)
    assert [told.text for told in greeted.all(Inject)].count("We have 40 customers") == 2
    assert len(briefs(greeted, "nudge")) == 1
    say(greeted, "Forty, I see.")
    greeted.tell(ev.CallerTyped("And 3 investors"))
    greeted.wait(SETTINGS.answer_within_s)
    texts = [told.text for told in greeted.all(Inject)]
    assert (texts.count("We have 40 customers"), texts.count("And 3 investors")) == (2, 2)


def test_while_no_link_is_up_nobody_is_late(greeted: Talk) -> None:
    speak(greeted)
    greeted.tell(ev.LinkDropped(1, 1006, "transient"))
    speak(greeted)
    greeted.wait(SETTINGS.open_within_s - 1)
    assert reasons(greeted, "reminded") == []
    greeted.tell(ev.LinkOpened(greeted.last(Dial).link))
    greeted.wait(SETTINGS.answer_within_s)
    assert reasons(greeted, "reminded") == ["no_answer"], "from then on it is owed"


@pytest.mark.parametrize("does", ["nothing", "empty turns", "silence"])
def test_a_service_whose_models_never_speak_is_given_up_in_the_end(does: str) -> None:
    talk = Talk()
    talk.tell(ev.CallerJoined())
    up = 0
    while not talk.all(End) and talk.now < 900:
        link = talk.last(Dial).link
        if link != up:
            talk.tell(ev.LinkOpened(link), after=1.0 + talk.last(Dial).after_s)
            up = link
        elif does == "empty turns":
            talk.tell(ev.TurnEnded(link), after=2.0)
        elif does == "silence":
            talk.agent_says("", link=link, seconds=1.0, ends=False)
            talk.tell(ev.SoundJudged(link, "silence"), after=4.0)
            talk.tell(ev.TurnEnded(link))
        else:
            talk.wait(1.0)
    assert talk.last(End) == End("link_lost")
    assert len(talk.all(Dial)) <= 20, "and until then it is not flooded"
    assert talk.now < 400
    talk.close()


def test_a_good_while_makes_up_for_what_was_before(greeted: Talk) -> None:
    for link in range(1, 7):
        greeted.wait(SETTINGS.healthy_after_s)
        greeted.hear(greeted.agent_says("I see.", link=link, seconds=0.2), 0.2)
        speak(greeted)
        greeted.wait(SETTINGS.answer_within_s * 4 + 1)  # mute again
        greeted.tell(ev.LinkOpened(greeted.last(Dial).link), after=0.1)
    assert "cut_off" not in [remark.what for remark in greeted.all(Remark)]


# ------------------------------------------------------------------------------------------------ no speech


@pytest.mark.parametrize("kind", ["silence", "tone"])
def test_what_is_no_speech_is_cut_and_asked_for_again(greeted: Talk, kind: str) -> None:
    speak(greeted)
    for count in (1, 2):
        reply = greeted.agent_says("...", seconds=2.0, ends=False)
        effects = greeted.tell(ev.SoundJudged(1, kind))  # type: ignore[arg-type]  # both are
        assert Cut(reply) in effects
        assert Remark("noticed", kind, 1, count=count) in effects
        assert len(briefs(greeted, "nudge")) == count
        assert greeted.last(ShowFloor).turn != "agent"
        greeted.tell(ev.TurnEnded(1), after=1.0)
    assert greeted.all(HangUp) == []
    greeted.agent_says("...", seconds=2.0, ends=False)
    assert HangUp(1) in greeted.tell(ev.SoundJudged(1, kind))  # type: ignore[arg-type]
    assert reasons(greeted, "suspected") == [kind]


def test_after_a_tone_speech_is_heard(greeted: Talk) -> None:
    speak(greeted)
    greeted.agent_says("...", seconds=2.0, ends=False)
    greeted.tell(ev.SoundJudged(1, "tone"))
    greeted.tell(ev.TurnEnded(1))
    reply = greeted.agent_says("I am sorry. Who pays for it?", seconds=1.0)
    greeted.hear(reply, 1.0)
    assert greeted.last(ShowFloor).turn == "open"


def test_a_verdict_on_what_waits_behind_a_good_reply_cuts_nothing(greeted: Talk) -> None:
    good = greeted.agent_says("A good answer.", seconds=3.0)
    greeted.hear(good, 0.5)
    greeted.agent_says("", seconds=2.0, ends=False)
    effects = greeted.tell(ev.SoundJudged(1, "silence"))
    assert not any(isinstance(effect, Cut) for effect in effects)


def test_verdicts_on_a_link_that_is_gone_or_in_text_are_nothing(greeted: Talk) -> None:
    greeted.agent_says("Read this.", seconds=1.0, ends=False)
    assert greeted.tell(ev.SoundJudged(2, "tone")) == []
    greeted.tell(ev.ModeChanged("text"))
    assert greeted.tell(ev.SoundJudged(1, "tone")) == []


# ------------------------------------------------------------------------------------------------ in time


def slow_turn(talk: Talk, *, gap: float = 0.5) -> None:
    for number in range(4):
        talk.tell(ev.ReplyArrived(1, 100 + number, 4800), after=gap)  # 0.2 s of sound each
    talk.tell(ev.TurnEnded(1))


def test_a_model_that_is_slower_than_its_speech_is_counted_and_the_caller_told_once(greeted: Talk) -> None:
    slow_turn(greeted)
    slowness = [remark for remark in greeted.all(Remark) if remark.why == "slow"]
    assert slowness == [Remark("noticed", "slow", 1, 0.9, 1)]
    for _ in range(SLOW_TURNS - 2):
        slow_turn(greeted)
    assert Notify("model_slow") not in greeted.effects
    for _ in range(3):
        slow_turn(greeted)
    assert greeted.all(Notify).count(Notify("model_slow")) == 1


def test_one_turn_in_time_forgets_the_slow_ones(greeted: Talk) -> None:
    for _ in range(2 * SLOW_TURNS):
        slow_turn(greeted)
        slow_turn(greeted, gap=0.2)
    assert Notify("model_slow") not in greeted.effects


def test_a_tool_in_the_middle_of_a_turn_is_not_slowness(greeted: Talk) -> None:
    greeted.tell(ev.ReplyArrived(1, 90, 4800))
    greeted.tell(ev.ToolCalled(1, "a", "show", {"what": "x"}))
    greeted.tell(ev.ReplyArrived(1, 91, 4800), after=5.0)
    greeted.tell(ev.TurnEnded(1))
    assert reasons(greeted, "noticed") == []


# ------------------------------------------------------------------------------------------------ whole sentences


def test_a_sentence_that_breaks_off_is_gone_on_with_once(greeted: Talk) -> None:
    for _ in range(10):
        say(greeted, "Nice to meet you.")
    say(greeted, "And how much do they pay for")
    assert reasons(greeted, "reminded") == ["broken_off"]
    (told,) = briefs(greeted, "go_on")
    assert "how much do they pay for" in told.text.rpartition("said:")[2].splitlines()[0][-60:]
    say(greeted, "a year of")
    assert len(briefs(greeted, "go_on")) == 1, "once: it may be the transcript"


def test_a_model_without_full_stops_is_left_alone(greeted: Talk) -> None:
    for _ in range(8):
        say(greeted, "สวัสดีค่ะ มีอะไรให้ช่วยไหม")
    assert briefs(greeted, "go_on") == []


@pytest.mark.parametrize("how", ["interrupted", "tool", "more", "caller"])
def test_what_broke_off_for_a_reason_is_left_alone(greeted: Talk, how: str) -> None:
    say(greeted, "Nice to meet you.")
    say(greeted, "Who has the problem?")
    reply = greeted.agent_says("And how much do they", seconds=0.4, ends=False)
    match how:
        case "interrupted":
            greeted.tell(ev.Interrupted(1))
        case "tool":
            greeted.tell(ev.ToolCalled(1, "a", "show", {"what": "x"}))
        case "caller":
            greeted.tell(ev.CallerTyped("Stop"))
    greeted.tell(ev.TurnEnded(1, more=how == "more"))
    greeted.hear(reply, 0.4)
    assert briefs(greeted, "go_on") == []


def test_the_end_of_the_turn_may_come_after_it_was_heard(greeted: Talk) -> None:
    say(greeted, "Nice to meet you.")
    say(greeted, "Who has the problem?")
    reply = greeted.agent_says("And how much do they", seconds=0.4, ends=False)
    greeted.tell(ev.GenerationEnded(1))
    greeted.hear(reply, 0.4)
    assert briefs(greeted, "go_on") == []
    greeted.tell(ev.TurnEnded(1))
    assert len(briefs(greeted, "go_on")) == 1


@pytest.mark.parametrize(
    "text", ["Well.", "Really?", "他说：「好。」", "क्या?", "انتهى؟", '"Yes!" ', "so:", "Done。", "…"]
)
def test_the_end_of_a_sentence_in_any_script(text: str) -> None:
    assert ends_a_sentence(text)


@pytest.mark.parametrize("text", ["Well", "and then,", "three -", "好"])
def test_no_end_of_a_sentence(text: str) -> None:
    assert not ends_a_sentence(text)


@given(st.text())
def test_any_words_are_judged(text: str) -> None:
    assert ends_a_sentence(text) in (True, False)


def test_every_word_has_its_place(greeted: Talk) -> None:
    for _ in range(3):
        speak(greeted)
        greeted.agent_says("x", seconds=1.0, ends=False)
        greeted.tell(ev.SoundJudged(greeted.last(Dial).link, "tone"))
        greeted.tell(ev.TurnEnded(greeted.last(Dial).link))
    assert all(remark.why in WHATS[remark.what] for remark in greeted.all(Remark))

"""What is said over the agent: who wants to speak, who only listens, and what comes of the model's own opinion."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Cut, Hold, Inject, RecordTurn, Remark, Resume, Say, ShowFloor

TEXT = "Let me explain everything from the very beginning."
MORE_THAN_A_COUGH_S = SETTINGS.confirm_speech_s + 0.15


def speaking(talk: Talk, *, ends: bool = True) -> int:
    """The agent speaks, and a second of it was heard."""
    reply = talk.agent_says(TEXT, seconds=4.0, ends=ends)
    talk.hear(reply, 1.0)
    return reply


def says_over(talk: Talk, words: str, *, seconds: float = MORE_THAN_A_COUGH_S, model: bool = False) -> None:
    """The caller says something over the agent; the model understands it half a second later."""
    talk.tell(ev.SpeechStarted(16_000))
    if model:
        talk.tell(ev.Interrupted(1), after=0.2)
        seconds -= 0.2
    talk.tell(ev.SpeechEnded(26_000), after=seconds)
    if words:
        talk.tell(ev.CallerTranscribed(1, words), after=0.5)


@pytest.mark.parametrize("words", ["Mm-hm.", "Okay", "yeah, right", " uh-huh "])
def test_a_listener_does_not_interrupt(talk: Talk, words: str) -> None:
    reply = speaking(talk)
    says_over(talk, words)
    assert Hold(reply) in talk.effects
    assert Resume(reply) in talk.wait(SETTINGS.words_settle_s)
    assert talk.last(Remark).what == "resumed"
    assert talk.last(Remark).why == "backchannel"
    talk.hear(reply, 4.0)
    assert talk.all(Cut) == []
    assert talk.last(RecordTurn).text == TEXT
    assert talk.last(ShowFloor).turn == "open"


def test_the_reply_goes_on_at_the_very_sample(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "mm-hm")
    talk.wait(SETTINGS.words_settle_s)
    talk.hear(reply, 4.0)
    said = [say for say in talk.all(Say) if say.reply == reply]
    assert [say.position for say in said] == [index * 4800 for index in range(20)], "each sample is sent once"


def test_real_words_cut_as_soon_as_they_are_known(talk: Talk) -> None:
    reply = speaking(talk)
    talk.tell(ev.SpeechStarted(16_000))
    talk.wait(MORE_THAN_A_COUGH_S)
    assert Cut(reply) in talk.tell(ev.CallerTranscribed(1, "No, wait"))
    assert talk.last(ShowFloor).turn == "caller", "they still speak"


def test_an_okay_that_goes_on_is_no_back_channel(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "Okay")
    assert talk.wait(SETTINGS.words_settle_s - 0.1) == []
    assert Cut(reply) in talk.tell(ev.CallerTranscribed(1, ", but I have a question"))
    assert talk.last(ShowFloor).turn == "waiting"
    assert talk.last(Remark).why == "words"


def test_who_begins_again_wants_to_speak(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "Okay")
    talk.tell(ev.SpeechStarted(40_000))
    assert Cut(reply) in talk.wait(SETTINGS.confirm_speech_s)


def test_a_model_that_was_interrupted_by_an_mhm_does_not_take_it_away(talk: Talk) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "mm-hm", model=True)
    talk.tell(ev.TurnEnded(1))
    assert Resume(reply) in talk.wait(SETTINGS.words_settle_s)
    talk.hear(reply, 4.0)
    assert talk.all(Cut) == []
    assert talk.last(ShowFloor).turn == "waiting", "it has broken off, so it owes the rest"
    talk.wait(SETTINGS.answer_within_s)
    assert len(talk.all(Inject)) == 2, "and is reminded of it"


def test_a_model_that_notices_an_mhm_when_it_is_long_over(talk: Talk) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "mm-hm")
    talk.wait(SETTINGS.words_settle_s)
    assert Hold(reply) in talk.tell(ev.Interrupted(1), after=0.2)
    assert Resume(reply) in talk.wait(SETTINGS.words_settle_s), "it is the same one"
    assert talk.all(Cut) == []


def test_a_reply_that_was_whole_owes_no_rest(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "mm-hm", model=True)
    talk.wait(SETTINGS.words_settle_s)
    talk.hear(reply, 4.0)
    assert talk.last(ShowFloor).turn == "open"


def test_the_answer_to_an_mhm_replaces_the_rest(talk: Talk) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "mm-hm", model=True)
    talk.tell(ev.TurnEnded(1))
    talk.wait(SETTINGS.words_settle_s)
    assert talk.all(Resume) == [Resume(reply)]
    talk.hear(reply, 1.5)
    arrived = talk.tell(ev.ReplyArrived(1, 77, 4800))
    assert arrived.index(Cut(reply)) < arrived.index(Say(reply + 1, "alex", 77, 0, 4800))
    assert Remark("cut", "answered") in arrived
    assert talk.last(ShowFloor).turn == "agent"


def test_only_the_next_reply_is_the_answer(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "okay")
    answer = talk.agent_says("Good.", seconds=0.4)
    talk.tell(ev.ReplyArrived(1, 77, 4800))
    assert [cut.reply for cut in talk.all(Cut)] == [reply]
    talk.hear(answer, 0.4)
    assert talk.last(Say).chunk == 77, "it goes on with what follows"


def test_an_answer_that_comes_before_the_words_is_heard_at_once(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "")
    arrived = talk.tell(ev.ReplyArrived(1, 77, 4800), after=0.2)
    assert Cut(reply) in arrived
    assert Say(reply + 1, "alex", 77, 0, 4800) in arrived
    talk.tell(ev.CallerTranscribed(1, "mm-hm"))
    talk.wait(5.0)
    assert talk.all(Resume) == [], "what was cut stays cut"
    assert [cut.reply for cut in talk.all(Cut)] == [reply]


def test_what_an_errand_brings_takes_nothing_away(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    reply = speaking(talk)
    says_over(talk, "okay")
    talk.wait(SETTINGS.words_settle_s)
    talk.tell(ev.ErrandReturned(1, {"output": 1}))
    talk.tell(ev.ReplyArrived(1, 77, 4800))
    assert talk.all(Cut) == []
    talk.hear(reply, 4.0)
    assert talk.last(Say).chunk == 77


def test_the_agents_own_words_are_an_echo(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "explain everything")
    assert Resume(reply) in talk.wait(SETTINGS.words_settle_s)
    assert talk.last(Remark).why == "echo"


def test_a_noise_without_words_that_the_model_did_not_mind(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "")
    assert talk.wait(SETTINGS.words_within_s - 0.1) == []
    assert Resume(reply) in talk.wait(0.2)
    assert talk.last(Remark).why == "noise"


def test_without_words_the_model_is_believed(talk: Talk) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "", model=True)
    assert Cut(reply) in talk.wait(SETTINGS.words_within_s)
    assert talk.last(Remark).why == "no_words"


@pytest.mark.parametrize("late", [False, True])
def test_a_cough_that_the_model_minds_is_a_cough(talk: Talk, late: bool) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "", seconds=0.3, model=not late)
    if late:
        assert Hold(reply) in talk.tell(ev.Interrupted(1), after=0.3)
    assert talk.all(Resume) == [Resume(reply)] * late
    talk.wait(SETTINGS.words_within_s)
    assert talk.all(Resume) == [Resume(reply)] * (1 + late)
    assert talk.all(Cut) == []


def test_a_cough_of_long_ago_excuses_nothing(talk: Talk) -> None:
    reply = speaking(talk, ends=False)
    says_over(talk, "", seconds=0.3)
    talk.hear(reply, 3.0)
    talk.tell(ev.Interrupted(1))
    assert Cut(reply) in talk.wait(SETTINGS.words_within_s)


def test_an_mhm_of_long_ago_excuses_nothing(talk: Talk) -> None:
    reply = talk.agent_says(TEXT, seconds=8.0)
    talk.hear(reply, 1.0)
    says_over(talk, "mm-hm")
    talk.wait(SETTINGS.words_settle_s)
    talk.hear(reply, 5.0)
    says_over(talk, "", model=True)
    assert Cut(reply) in talk.wait(SETTINGS.words_within_s)


def test_a_back_channel_is_a_turn_of_its_own(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "Mm-hm.")
    talk.wait(SETTINGS.words_settle_s)
    talk.hear(reply, 4.0)
    talk.tell(ev.SpeechStarted(100_000))
    talk.tell(ev.SpeechEnded(120_000), after=1.0)
    talk.tell(ev.CallerTranscribed(1, "Four hundred dollars"))
    texts = {turn.turn: turn.text for turn in talk.all(RecordTurn)}
    assert list(texts.values()) == ["Mm-hm.", TEXT, "Four hundred dollars"]


def test_words_of_another_link_say_nothing(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "")
    assert talk.tell(ev.CallerTranscribed(7, "No, wait")) == []
    assert Resume(reply) in talk.wait(SETTINGS.words_within_s)


def test_signs_of_noise_do_not_hold_for_ever(talk: Talk) -> None:
    reply = speaking(talk)
    says_over(talk, "")
    for _ in range(20):
        talk.tell(ev.CallerTranscribed(1, "<noise>"), after=0.1)
    assert talk.all(Resume) == [Resume(reply)]


@pytest.mark.parametrize("speaks_on", [False, True])
def test_who_goes_away_meanwhile_is_not_weighed(talk: Talk, speaks_on: bool) -> None:
    reply = speaking(talk)
    if speaks_on:
        talk.tell(ev.SpeechStarted(16_000))
        talk.wait(MORE_THAN_A_COUGH_S)
    else:
        says_over(talk, "")
    assert Resume(reply) in talk.tell(ev.CallerDropped())
    talk.wait(5.0)
    assert talk.all(Cut) == []
    talk.tell(ev.CallerReturned("voice", reply, 24_000, 40_000))
    assert talk.last(Resume) == Resume(reply), "they hear the rest"


@pytest.mark.parametrize(("speaks_on", "turn"), [(False, "waiting"), (True, "caller")])
def test_the_last_words_were_out_before_the_hold(talk: Talk, speaks_on: bool, turn: str) -> None:
    reply = speaking(talk)
    if speaks_on:
        talk.tell(ev.SpeechStarted(16_000))
        talk.wait(MORE_THAN_A_COUGH_S)
    else:
        says_over(talk, "")
    talk.tell(ev.Played(reply, 2**40, 60_000))
    talk.tell(ev.Played(reply, 2**40, 60_000))
    assert talk.last(ShowFloor).turn == turn, "what they say is their answer"
    assert talk.all(Cut) == []


@pytest.mark.parametrize(("lang", "words", "resumes"), [("de", "Ja, genau.", True), ("en", "Ja, genau.", False)])
def test_an_agent_of_all_languages_listens_in_the_callers(lang: str, words: str, resumes: bool) -> None:
    talk = Talk()
    assert "auto" in talk.spec.languages
    talk.tell(ev.CallerJoined(lang=lang))
    talk.tell(ev.LinkOpened(1))
    speaking(talk)
    says_over(talk, words)
    talk.wait(SETTINGS.words_settle_s)
    assert bool(talk.all(Resume)) is resumes
    talk.close()

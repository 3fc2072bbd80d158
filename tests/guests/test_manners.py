from __future__ import annotations

from msgspec.structs import replace

from vivavoce.guests.guest import Guest, Interrupt, Topic
from vivavoce.guests.manners import FLOOR_TRUST_S, LATE_CAPTION_S, LEAVE_S, NUDGE_S, SETTLE_S, Ear, Manners
from vivavoce.guests.mind import Answer, Mind

KIM = Guest(
    name="Kim",
    topics=(
        Topic("price", ("price",), ("nine dollars", "nine or ten")),
        Topic("rivals", ("rivals",), ("none",)),
    ),
    thinking_s=(1.0, 1.0),
    interrupts=(Interrupt(("market",), "sorry wait", after_s=1.5),),
)
QUIET = Ear(audible=False, busy=False)
PLAYING = Ear(audible=True, busy=True, heard_s=1.0)
TALKING = Ear(audible=False, busy=False, talking=True)


class Talk:
    """Steps of 32 ms; what was begun to be said, and when."""

    def __init__(self, guest: Guest = KIM) -> None:
        self.now = 0.0
        self.manners = Manners(Mind(guest), now=0.0)
        self.said: list[tuple[str, float]] = []

    def run(self, seconds: float, ear: Ear = QUIET) -> list[str]:
        before = len(self.said)
        end = self.now + seconds
        while self.now < end:
            answer: Answer | None = self.manners.step(self.now, ear)
            if answer is not None:
                self.said.append((answer.say, self.now))
            self.now += 0.032
        return [line for line, _ in self.said[before:]]

    def agent(self, turn: int, text: str, *, final: bool = True) -> None:
        self.manners.caption(turn, text, final, self.now)


def test_answers_when_the_reply_was_heard_out_and_after_thinking() -> None:
    talk = Talk()
    talk.agent(1, "What is the price?", final=False)
    assert talk.run(2.0, PLAYING) == []
    stopped = talk.now
    talk.agent(1, "What is the price?")
    assert talk.run(3.0) == ["nine dollars"]
    assert 0.95 < talk.said[0][1] - stopped < 1.1


def test_says_it_once() -> None:
    talk = Talk()
    talk.agent(1, "What is the price?")
    assert talk.run(5.0) == ["nine dollars"]
    talk.agent(1, "What is the price?")
    assert talk.run(3.0) == []


def test_keeps_the_answer_when_the_agent_goes_on_and_answers_the_whole() -> None:
    talk = Talk()
    talk.agent(1, "What is the price?")
    assert talk.run(0.8) == []
    talk.agent(2, "Or rather: who are the rivals?", final=False)
    assert talk.run(1.0, PLAYING) == []
    talk.agent(2, "Or rather: who are the rivals?")
    assert talk.run(3.0) == ["none"]
    talk.agent(3, "And the price?")
    assert talk.run(3.0) == ["nine dollars"]  # the first variant was never said


def test_waits_for_the_final_caption_but_not_for_ever() -> None:
    talk = Talk()
    talk.agent(1, "What is the price?", final=False)
    talk.run(1.0, PLAYING)
    stopped = talk.now
    assert talk.run(LATE_CAPTION_S - 0.1) == []
    assert talk.run(3.0) == ["nine dollars"]
    assert talk.said[0][1] - stopped > LATE_CAPTION_S


def test_waits_while_the_agent_has_the_floor_but_not_for_ever() -> None:
    talk = Talk()
    talk.manners.floor("agent")
    talk.agent(1, "What is the price?")
    assert talk.run(FLOOR_TRUST_S) == []
    assert talk.run(2.0) == ["nine dollars"]
    talk.manners.floor("agent")
    talk.agent(2, "Who are the rivals?")
    assert talk.run(1.5) == []
    talk.manners.floor("open")
    assert talk.run(1.5) == ["none"]


def test_a_held_reply_keeps_the_guest_waiting() -> None:
    talk = Talk()
    talk.agent(1, "What is the price?")
    assert talk.run(NUDGE_S - 1.0, Ear(audible=False, busy=True)) == []


def test_nudges_into_silence_also_when_a_reply_never_ends() -> None:
    for ear in (QUIET, Ear(audible=False, busy=True)):
        talk = Talk()
        assert talk.run(NUDGE_S - 0.1, ear) == []
        assert talk.run(0.5, ear) == ["hello?"]


def test_sound_and_own_words_put_off_the_nudge() -> None:
    talk = Talk()
    talk.run(NUDGE_S - 1.0)
    talk.run(0.1, PLAYING)
    assert talk.run(NUDGE_S - 1.0) == []
    talk.run(0.1, TALKING)
    assert talk.run(NUDGE_S - 1.0) == []


def test_a_statement_is_not_answered() -> None:
    talk = Talk()
    talk.agent(1, "Thank you. Sam takes over.")
    assert talk.run(NUDGE_S - 1.0) == []


def test_interrupts_once_after_hearing_enough() -> None:
    talk = Talk()
    talk.agent(1, "Let us look at the market and", final=False)
    assert talk.run(1.0, PLAYING) == []
    assert talk.run(1.0, Ear(audible=True, busy=True, heard_s=1.6)) == ["sorry wait"]
    talk.run(1.0, TALKING)
    talk.agent(1, "Let us look at the market", final=True)
    assert talk.run(3.0) == []  # what was interrupted needs no answer
    talk.agent(2, "The market again.", final=False)
    assert talk.run(1.0, Ear(audible=True, busy=True, heard_s=2.0)) == []


def test_a_reply_that_resumes_after_the_interruption_is_answered() -> None:
    talk = Talk()
    talk.agent(1, "Now the market. What is the price?", final=False)
    assert talk.run(0.1, Ear(audible=True, busy=True, heard_s=1.6)) == ["sorry wait"]
    talk.run(0.5, TALKING)
    talk.manners.resumed()
    talk.run(1.0, PLAYING)
    talk.agent(1, "Now the market. What is the price?")
    assert talk.run(3.0) == ["nine dollars"]


def test_leaves_after_the_goodbyes() -> None:
    talk = Talk(replace(KIM, goodbye="bye then"))
    talk.agent(1, "That was all. Goodbye.")
    assert talk.run(2.0) == ["bye then"]
    talk.run(1.0, TALKING)
    assert talk.manners.leaving_at is not None
    assert LEAVE_S - 0.1 < talk.manners.leaving_at - talk.now < LEAVE_S + 0.1
    talk.agent(2, "What is the price?")
    assert talk.run(20.0) == []


def test_settles_before_thinking() -> None:
    talk = Talk(replace(KIM, thinking_s=(0.0, 0.0)))
    talk.agent(1, "What is the price?")
    talk.run(2.0)
    assert SETTLE_S <= talk.said[0][1] < SETTLE_S + 0.1

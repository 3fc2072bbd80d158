"""Results of errands across links: never lost, never told twice over one link, nothing run twice for one wish."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversation.talk import SETTINGS, Talk, done
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Abandon, Answer, Dial, Effect, Inject, Remark, Resend, Run
from vivavoce.conversation.log import encode_effects
from vivavoce.conversation.settings import SOONEST_ANSWER_S

RESULT = {"output": {"ltv": 7}}


def drop(talk: Talk) -> None:
    talk.tell(ev.LinkDropped(talk.last(Dial).link, 1006, "transient"), after=0.5)


def up(talk: Talk) -> list[str]:
    """The next link is up; the results that it is told in words."""
    effects = talk.tell(ev.LinkOpened(talk.last(Dial).link), after=talk.last(Dial).after_s + 0.1)
    return [effect.text for effect in effects if isinstance(effect, Inject) and "The result of" in effect.text]


def ask(talk: Talk, name: str = "unit_economics") -> None:
    talk.tell(ev.ToolCalled(talk.last(Dial).link, "a", name, {}))


@pytest.mark.conformance("C46")
def test_an_answer_that_went_to_a_dying_link_is_told_to_the_next(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    drop(talk)
    (text,) = up(talk)
    assert '"ltv":7' in text
    drop(talk)
    assert len(up(talk)) == 1, "nor has this one said anything"


def test_what_the_model_has_spoken_of_is_not_told_again(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.wait(SOONEST_ANSWER_S)
    talk.agent_says("It is seven.")
    drop(talk)
    assert up(talk) == []


def test_what_it_was_saying_already_has_not_told_it(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.agent_says("Let me see.")
    drop(talk)
    assert len(up(talk)) == 1


def test_a_sentence_that_breaks_off_has_not_told_it(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.agent_says("It is", ends=False)
    drop(talk)
    assert len(up(talk)) == 1


def test_nor_has_a_turn_that_ends_without_a_sound(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.TurnEnded(1))  # some services speak of it in another turn
    drop(talk)
    assert len(up(talk)) == 1


def test_what_a_handle_knows_is_not_told_to_who_resumes_from_it(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.TurnEnded(1), after=0.5)
    talk.tell(ev.HandleIssued(1, 1, True, 0), after=0.1)
    drop(talk)
    assert up(talk) == []
    drop(talk)
    assert up(talk) == [], "nor to the next that resumes from it"
    talk.tell(ev.LinkDropped(3, 1008, "dead_handle"))
    assert len(up(talk)) == 1, "but to one that knows nothing"


def test_a_handle_that_was_made_before_it_does_not_know_it(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.HandleIssued(1, 1, True, 0), after=0.1)
    drop(talk)
    assert len(up(talk)) == 1


def test_another_server_that_may_have_an_older_handle_tells_it(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.TurnEnded(1), after=0.5)
    talk.tell(ev.HandleIssued(1, 2, True, 0), after=0.1)
    talk.tell(ev.TakenOver(2, 1))
    assert len(up(talk)) == 1


def test_it_is_told_to_a_fresh_one_all_the_same(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    drop(talk)
    talk.tell(ev.LinkDropped(2, 1008, "dead_handle"))
    assert len(up(talk)) == 1


def test_it_is_told_before_the_caller_is_heard_again(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(32_000), after=1)
    ask(talk)
    drop(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    effects = done(talk.tell(ev.LinkOpened(2), after=0.1))
    assert isinstance(effects[-1], Resend)
    assert any(isinstance(effect, Inject) and "ltv" in effect.text for effect in effects[:-1])


def test_what_runs_is_not_run_again_for_a_link_that_asks_again(talk: Talk) -> None:
    ask(talk)
    drop(talk)
    up(talk)
    assert talk.tell(ev.ToolCalled(2, "z", "unit_economics", {})) == [Remark("errand_kept", "running", 2)]
    assert talk.tell(ev.ErrandReturned(1, RESULT)) == [Answer(2, "z", "unit_economics", RESULT)]
    assert len(talk.all(Run)) == 1


def test_what_came_of_it_is_the_answer_to_a_link_that_asks_again(talk: Talk) -> None:
    ask(talk)
    drop(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    up(talk)
    effects = done(talk.tell(ev.ToolCalled(2, "z", "unit_economics", {})))
    assert effects == [Answer(2, "z", "unit_economics", RESULT)]
    assert len(talk.all(Run)) == 1
    talk.wait(SOONEST_ANSWER_S)
    talk.agent_says("It is seven.", link=2)
    talk.tell(ev.ToolCalled(2, "y", "unit_economics", {}))
    assert len(talk.all(Run)) == 2, "another wish"


def test_what_was_not_run_may_be_tried_again(talk: Talk) -> None:
    ask(talk)
    drop(talk)
    talk.tell(ev.ErrandReturned(1, {"error": {"kind": "arguments", "message": "want a price", "hint": ""}}))
    up(talk)
    talk.tell(ev.ToolCalled(talk.last(Dial).link, "z", "unit_economics", {}))
    assert len(talk.all(Run)) == 2


def test_what_ran_out_of_time_may_have_done_it_and_is_not_tried_again_unspoken_of(talk: Talk) -> None:
    ask(talk)
    drop(talk)
    talk.wait(SETTINGS.tool_timeout_s)
    (text,) = up(talk)
    assert "no answer within" in text
    link = talk.last(Dial).link
    talk.tell(ev.ToolCalled(link, "z", "unit_economics", {}))
    assert "no answer within" in talk.last(Answer).response["error"]
    assert len(talk.all(Run)) == 1
    talk.wait(SOONEST_ANSWER_S)
    talk.agent_says("It did not answer. Shall I try again?", link=link)
    talk.tell(ev.ToolCalled(link, "y", "unit_economics", {}))
    assert len(talk.all(Run)) == 2, "the caller has heard of it"


def test_nor_what_was_lost_with_its_server(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.TakenOver(2, 0))
    up(talk)
    talk.tell(ev.ToolCalled(talk.last(Dial).link, "z", "unit_economics", {}))
    assert talk.last(Answer).response["error"]["kind"] == "lost"
    assert len(talk.all(Run)) == 1


@pytest.mark.parametrize("kind", ["silence", "tone"])
def test_silence_and_tones_tell_no_result(talk: Talk, kind: Any) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.tell(ev.ReplyArrived(1, 7, 4800), after=1)
    talk.tell(ev.SoundJudged(1, kind))
    talk.tell(ev.ReplyArrived(1, 8, 4800))
    talk.tell(ev.TurnEnded(1))
    drop(talk)
    assert len(up(talk)) == 1


def test_another_wish_over_another_link_is_another_errand(talk: Talk) -> None:
    ask(talk)
    drop(talk)
    up(talk)
    talk.tell(ev.ToolCalled(2, "z", "unit_economics", {"price": 3}))
    assert len(talk.all(Run)) == 2


@pytest.mark.conformance("C40")
def test_a_call_that_is_told_again_after_its_answer_is_not_answered_again(talk: Talk) -> None:
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    ask(talk)
    talk.tell(ev.ToolCalled(1, "n", "show", {"what": "table"}))
    talk.tell(ev.ToolCalled(1, "n", "show", {"what": "table"}))
    assert [answer.id for answer in talk.all(Answer)] == ["a", "n"]
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {"price": 3}))
    assert len(talk.all(Run)) == 2, "an id that is used again with something else is a new call"


def test_thirty_results_that_wait_for_a_link_are_all_told(talk: Talk) -> None:
    for index in range(30):
        talk.tell(ev.ToolCalled(1, f"x{index}", "unit_economics", {"price": index}))
    drop(talk)
    for index in range(30):
        talk.tell(ev.ErrandReturned(index + 1, {"output": index}))
    assert len(up(talk)) == 30


STEPS = ["ask", "ask_other", "return", "drop", "dead", "up", "up", "speak", "handle", "cancel", "wait"]


class Peers:
    """The links and the tools of a talk."""

    def __init__(self) -> None:
        self.talk = Talk().join()
        self._count = 0

    def do(self, step: str) -> None:
        talk, link = self.talk, self.talk.last(Dial).link
        match step:
            case "ask" | "ask_other":
                self._count += 1
                price = 1 if step == "ask" else self._count
                talk.tell(ev.ToolCalled(link, f"id{self._count}", "unit_economics", {"price": price}))
            case "return":
                runs = talk.all(Run)
                if runs:
                    run = runs[self._count % len(runs)]
                    talk.tell(ev.ErrandReturned(run.errand, {"output": {"errand": run.errand}}))
            case "drop":
                talk.tell(ev.LinkDropped(link, 1006, "transient"))
            case "dead":
                talk.tell(ev.LinkDropped(link, 1008, "dead_handle"))
            case "up":
                talk.tell(ev.LinkOpened(link), after=0.1)
            case "speak":
                talk.agent_says("So it is.", link=link, seconds=0.2)
            case "handle":
                talk.tell(ev.HandleIssued(link, self._count + 1, True, 0))
            case "cancel":
                talk.tell(ev.ToolsCancelled(link, (f"id{self._count}",)))
            case _:
                talk.wait(1.0)


@given(st.lists(st.sampled_from(STEPS), max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_order_of_asking_returning_and_dropping(steps: list[str]) -> None:
    peers = Peers()
    talk = peers.talk
    for step in steps:
        peers.do(step)
    assert all(times == 1 for times in Counter(run.errand for run in talk.all(Run)).values())
    answers = Counter((answer.link, answer.id) for answer in talk.all(Answer))
    assert all(times == 1 for times in answers.values()), "answered twice"
    told = Counter((inject.link, inject.text) for inject in talk.all(Inject) if "The result of" in inject.text)
    assert all(times == 1 for times in told.values()), "told twice over one link"
    talk.close()


@given(st.lists(st.sampled_from(STEPS), max_size=20))
@settings(max_examples=200, deadline=None)
def test_after_any_order_no_wish_is_left_without_an_answer(steps: list[str]) -> None:
    """A talk that then finds a link and keeps it: all that runs comes back over it, by its id or in words."""
    peers = Peers()
    talk = peers.talk
    for step in steps:
        peers.do(step)
    link = talk.last(Dial).link
    talk.tell(ev.LinkOpened(link), after=talk.last(Dial).after_s)
    running = {run.errand for run in talk.all(Run)}
    mark = len(talk.effects)
    for errand in running:
        talk.tell(ev.ErrandReturned(errand, {"output": {"late": errand}}))
    late = [effect for effect in talk.effects[mark:] if isinstance(effect, Answer | Inject)]
    settled = {number for number in running if any(f'"late":{number}}}' in _shown(effect) for effect in late)}
    before = {number for number in running if any(f'"errand":{number}}}' in _shown(each) for each in talk.effects)}
    stopped = {effect.errand for effect in talk.all(Abandon)}
    assert running == settled | before | stopped
    talk.close()


def _shown(effect: Effect) -> str:
    return encode_effects([effect]).decode().replace("\\", "")

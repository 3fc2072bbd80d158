"""The story of a call: every decision has a sentence, and any log can be told."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.conversation.talk import SETTINGS, Talk
from tests.conversation.test_properties import openings, run, scripts
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, encode_effects, encode_event
from vivavoce.conversation.remarks import WHATS
from vivavoce.conversation.story import WORDS_CHARS, story
from vivavoce.conversation.telling import REASONS, SENTENCES, told

SOURCE = Path(__file__).parent.parent.parent / "src" / "vivavoce"


def told_of(talk: Talk) -> list[str]:
    return [f"{line.at_s:.2f} {line.who}: {line.says}" for line in story(talk.entries)]


def test_an_eventful_call() -> None:
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day. What is it about?", seconds=1.0), 1.0)
    talk.tell(ev.SpeechStarted(20_000))
    talk.tell(ev.SpeechEnded(40_000), after=1.0)
    talk.tell(ev.CallerTranscribed(1, "Four hundred"))
    talk.tell(ev.CallerTranscribed(1, " dollars a month"), after=0.4)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.ErrandReturned(1, {"output": 1}), after=0.5)
    reply = talk.agent_says("That is a lot of money, and I will tell you why.", seconds=4.0)
    talk.hear(reply, 1.0, start_at=60_000)
    talk.tell(ev.SpeechStarted(76_000))
    talk.tell(ev.SpeechEnded(86_000), after=SETTINGS.confirm_speech_s + 0.05)
    talk.tell(ev.CallerTranscribed(1, "Mm-hm."), after=0.3)
    talk.wait(SETTINGS.words_settle_s)
    talk.tell(ev.CallerTyped("stop"), after=1.0)
    talk.tell(ev.CallerDropped(1006), after=0.5)
    talk.tell(ev.CallerReturned(), after=2.5)
    talk.tell(ev.CallerHungUp(), after=0.5)
    talk.close()
    lines = told_of(talk)
    assert lines == sorted(lines, key=lambda line: float(line.partition(" ")[0]))
    wanted = [
        "0.00 caller: joins by voice, in en",
        "0.00 server: dials link 1 for alex, anew",
        "0.10 model: link 1 is open, 0.10 s after it was dialled",
        "0.10 server: tells the model: opening",
        "1.10 agent: alex: “Good day. What is it about?”",
        "2.10 caller: “Four hundred dollars a month”",
        "2.50 model: calls unit_economics",
        "2.50 tool: unit_economics runs",
        "3.00 tool: unit_economics answers after 0.5 s",
        "4.00 server: the agent is silent: somebody speaks over it",
        "4.80 caller: “Mm-hm.”",
        "5.10 server: the agent goes on after 1.1 s: the caller only listens",
        "6.10 server: the rest of the reply is thrown away: the caller typed",
        "6.60 caller: is gone: their socket is lost (1006)",
        "9.10 caller: is back after 2.5 s, by voice",
        "9.60 caller: hangs up",
        "9.60 server: ends the call: caller hung up",
    ]
    assert [line for line in lines if line in wanted] == wanted
    assert not [line for line in lines if "stands still" in line or "what was not heard" in line], "told twice"
    assert "6.10 agent: alex: “That is a” (and no further)" in lines


@given(openings, scripts)
@settings(max_examples=100, deadline=None)
def test_any_log_has_a_story(opening: list[tuple[float, ev.Event]], script: list[tuple[float, ev.Event]]) -> None:
    talk = run([*opening, *script])
    lines = story(talk.entries)
    assert [line.seq for line in lines] == sorted(line.seq for line in lines)
    assert all(line.says and "\n" not in line.says for line in lines)


def test_what_somebody_says_for_ever_is_shortened() -> None:
    turn = fx.RecordTurn(1, "caller", 0, 1, "word " * 4000, True)
    (line,) = story([Entry(0, 0.0, encode_event(ev.Woke()), encode_effects([turn]))])
    assert len(line.says) <= WORDS_CHARS + 2


def test_a_log_from_before_the_remarks_tells_of_holds_and_cuts() -> None:
    effects = [fx.Hold(1), fx.Cut(1)]
    lines = story([Entry(0, 0.0, encode_event(ev.Woke()), encode_effects(effects))])
    assert [line.says for line in lines] == ["reply 1 stands still", "what was not heard up to reply 1 is thrown away"]


@pytest.mark.parametrize("what", sorted(WHATS))
def test_every_decision_has_its_sentence(what: str) -> None:
    assert what in SENTENCES
    like = "reminded" if what == "suspected" else what
    assert {(like, why) for why in WHATS[what]} <= REASONS.keys()
    for why in WHATS[what] or {""}:
        says = told(fx.Remark(what, why, 3, 1.25, 2))
        assert "_" not in says
        assert "{" not in says


def test_there_is_no_sentence_too_many() -> None:
    assert SENTENCES.keys() <= WHATS.keys()
    assert {what for what, _ in REASONS} <= WHATS.keys()
    assert {(what, why) for what, why in REASONS if why not in WHATS[what]} == set()


def test_a_remark_of_another_version_says_its_own_words() -> None:
    assert told(fx.Remark("new_thing", "odd_{reason}")) == "new thing: odd {reason}"


def test_whatever_is_remarked_in_so_many_words_is_known() -> None:
    """Remarks whose words stand in the code; what is put together at run time, the properties see."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("Remark", "fx.Remark"):
                continue
            words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args[:2]]
            where = f"{path.name}:{node.lineno}"
            assert words[0] is None or words[0] in WHATS, where
            if words[0] is not None and len(words) == 2 and words[1]:
                assert words[1] in WHATS[words[0]], where

"""Running a log again."""

from __future__ import annotations

import msgspec
import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.conversation import Conversation
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import Entry, decode_effects, decode_event, replay
from vivavoce.errors import ReplayMismatch, WireError


def recorded() -> Talk:
    talk = Talk().join()
    reply = talk.agent_says("Hello there", seconds=1.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.ToolCalled(1, "n", "note", {"facts": {"severity": 8}}))
    return talk


def test_a_log_agrees_with_itself() -> None:
    talk = recorded()
    assert replay(talk.spec, talk.stamp, talk.entries) == len(talk.entries)


def test_the_first_differing_effect_is_named() -> None:
    talk = recorded()
    last = talk.entries[-1]
    entries = [*talk.entries[:-1], Entry(last.seq, last.at, last.event, b"[]")]
    with pytest.raises(ReplayMismatch, match=r"ToolCalled.*recorded nothing, now Note, Answer") as caught:
        replay(talk.spec, talk.stamp, entries)
    assert caught.value.seq == last.seq


def test_other_settings_are_another_call() -> None:
    talk = recorded()
    stamp = msgspec.structs.replace(talk.stamp, settings=msgspec.structs.replace(talk.settings, ahead_s=0.1))
    with pytest.raises(ReplayMismatch):
        replay(talk.spec, stamp, talk.entries)


def test_a_gap_is_said() -> None:
    talk = recorded()
    with pytest.raises(ReplayMismatch, match="gap"):
        replay(talk.spec, talk.stamp, [talk.entries[0], talk.entries[2]])


@pytest.mark.parametrize("data", [b"", b"{}", b'{"event":"nonsense"}', b"[]"])
def test_rubbish_is_no_event(data: bytes) -> None:
    with pytest.raises(WireError, match="want a logged event"):
        decode_event(data)
    with pytest.raises(WireError):
        decode_effects(b"{}")


def test_time_never_goes_back() -> None:
    talk = recorded()
    for bad in (talk.now - 1, float("nan")):
        with pytest.raises(ValueError, match="want session time"):
            talk.conversation.step(ev.Woke(), bad)


@pytest.mark.conformance("C60")
def test_the_ledger_adds_turns_and_trusts_no_details() -> None:
    ledger = Ledger()
    ledger.observe(ev.UsageReported(1, 181, 64, 245, (("prompt_text", 120), ("response_audio", 64))))
    ledger.observe(ev.UsageReported(1, 200, 10, 222, (("prompt_text", 130),)))
    ledger.observe(ev.Woke())
    assert ledger.as_dict() == {
        "turns": 2, "prompt": 381, "response": 74, "total": 467, "prompt_text": 250, "response_audio": 64,
    }  # fmt: skip


def test_a_conversation_needs_nothing_but_a_spec(talk: Talk) -> None:
    assert Conversation(talk.spec).wake_at() is None

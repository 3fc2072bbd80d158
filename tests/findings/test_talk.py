"""The numbers of a talk, on talks short enough to count by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.findings.record import CallRecord, TurnRecord
from vivavoce.findings.talk import FEWEST_WORDS, Voice, measure

TWENTY = " ".join(["word"] * FEWEST_WORDS)


def call(*turns: tuple[str, int, int, str], language: str = "en", duration_ms: int = 60_000) -> CallRecord:
    return CallRecord(
        id="c",
        agent_title="A",
        agent_name="a",
        started_at="",
        duration_ms=duration_ms,
        turns=tuple(TurnRecord(f"t{n}", *turn) for n, turn in enumerate(turns, 1)),
        language=language,
    )


def voice(record: CallRecord, who: str) -> Voice:
    found = measure(record).of(who)
    assert found is not None
    return found


def test_talk_ratio_leaves_silence_out() -> None:
    record = call(("alex", 0, 1000, "Hi."), ("caller", 5000, 8000, TWENTY), duration_ms=10_000)
    talk = measure(record)
    assert (talk.speech_ms, talk.silence_ms) == (4000, 6000)
    assert voice(record, "caller").share == 0.75
    assert voice(record, "caller").words_per_minute == pytest.approx(20 / (3 / 60))
    assert voice(record, "alex").words_per_minute is None


def test_a_nod_does_not_end_a_monologue_but_a_question_does() -> None:
    nod = call(("caller", 0, 4000, "So"), ("alex", 4100, 4600, "Mm-hm."), ("caller", 4700, 8000, "and on"))
    assert (voice(nod, "caller").longest_ms, voice(nod, "caller").longest_turn) == (7300, "t1")
    asked = call(
        ("caller", 0, 4000, "So"), ("alex", 4100, 6600, "And then what happened?"), ("caller", 7000, 9000, "x")
    )
    assert voice(asked, "caller").longest_ms == 4000


def test_patience_is_the_median_gap_after_the_other_side() -> None:
    record = call(
        ("caller", 0, 1000, "one two three"),
        ("alex", 1400, 3000, "four five six"),
        ("caller", 3200, 4000, "one two three"),
        ("alex", 5000, 6000, "four five six"),
        ("sam", 9000, 9900, "hand-over, no gap of patience"),
    )
    assert voice(record, "alex").patience_ms == 700
    assert voice(record, "caller").patience_ms == 200
    assert voice(record, "sam").patience_ms is None
    assert measure(record).hand_overs == 1


def test_talking_over_counts_from_300_ms_and_not_for_nods() -> None:
    record = call(
        ("alex", 0, 5000, "a long question about something"),
        ("caller", 4000, 6000, "no wait, let me finish"),
        ("alex", 5800, 7000, "of course, go on please"),
        ("caller", 6200, 6600, "mhm"),
    )
    assert voice(record, "caller").interrupted == 1
    assert voice(record, "alex").interrupted == 0


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Why? And when?", 2),
        ("Really?!", 0),
        ("Why??", 1),
        ("はい？そうですか？", 2),
        ("لماذا؟", 1),
        ("x?y", 0),
        ("“Why?”", 1),
    ],
)
def test_questions_are_counted_by_their_marks(text: str, questions: int) -> None:
    assert voice(call(("alex", 0, 1000, text)), "alex").questions == questions


def test_words_are_not_counted_where_none_are_marked() -> None:
    said = voice(call(("caller", 0, 9000, "先週の火曜日に請求書の書き出しが失敗しました")), "caller")
    assert (said.words, said.words_per_minute) == (None, None)


def test_fillers_and_hedges_are_counted_in_english_only() -> None:
    text = f"Um, I think maybe, uh, {TWENTY}"
    english = measure(call(("caller", 0, 9000, text)))
    assert english.caller_fillers == 2
    assert english.caller_hedges_per_100 == pytest.approx(100 * 2 / 25)
    other = measure(call(("caller", 0, 9000, text), language="de"))
    assert (other.caller_fillers, other.caller_hedges_per_100) == (None, None)


TURN = st.tuples(
    st.sampled_from(["caller", "alex", "sam"]), st.integers(0, 10**7), st.integers(0, 10**7), st.text(max_size=20)
)


@given(st.lists(TURN, max_size=12), st.integers(0, 10**7))
def test_any_turns_in_any_order_are_measured(turns: list[tuple[str, int, int, str]], duration_ms: int) -> None:
    talk = measure(call(*turns, duration_ms=duration_ms))
    assert talk.silence_ms >= 0
    assert not talk.voices or sum(one.share for one in talk.voices) == pytest.approx(1)
    for one in talk.voices:
        assert one.longest_ms <= one.speech_ms
        assert one.patience_ms is None or one.patience_ms >= 0

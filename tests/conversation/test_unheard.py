"""What the caller said that no link has answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.conversation.unheard import MAX_STRETCHES, REPLY_HZ, SURE_S, Unheard


def said(*stretches: tuple[int, int]) -> Unheard:
    unheard = Unheard()
    for start, end in stretches:
        unheard.began(start)
        unheard.ended(end)
    return unheard


def test_it_goes_again_from_its_beginning_with_the_pauses_between() -> None:
    assert said((100, 200), (300, 400)).after(0) == 100


def test_what_the_model_has_heard_does_not_go_again() -> None:
    unheard = said((100, 200), (300, 400))
    assert unheard.after(250) == 300
    assert unheard.after(350) == 350
    assert unheard.after(400) is None
    assert unheard.any, "it is not answered all the same"


def test_nothing_goes_again_that_was_answered() -> None:
    unheard = said((100, 200))
    unheard.answered()
    assert unheard.after(0) is None
    assert not unheard.any


def test_a_reply_answers_what_our_gate_still_takes_for_speech() -> None:
    unheard = said()
    unheard.began(100)
    unheard.answered()
    assert unheard.after(0) is None
    unheard.ended(200)
    unheard.began(300)
    assert unheard.after(0) == 300


def test_who_goes_on_over_the_reply_is_not_answered_by_it() -> None:
    unheard = said()
    unheard.began(100)
    unheard.answered()
    unheard.went_on()
    unheard.ended(900)
    assert unheard.after(0) == 100


def test_what_may_have_been_a_noise_goes_again_and_waits_for_no_answer() -> None:
    unheard = said((100, 200))
    unheard.may_be_noise()
    assert unheard.after(0) == 100
    assert unheard.after(0, certain=True) is None
    assert not unheard.any
    unheard.answered()
    unheard.was_answer()
    assert unheard.after(0) is None


def test_what_still_goes_on_is_no_noise() -> None:
    unheard = said()
    unheard.began(100)
    unheard.may_be_noise()
    assert unheard.any
    unheard.was_understood()
    assert unheard.after(0) == 100


def test_what_was_understood_to_ask_for_nothing_does_not_go_again() -> None:
    unheard = said((100, 200), (900, 1000))
    unheard.was_understood()
    assert unheard.after(0) == 100
    assert unheard.after(200) is None


def test_what_was_no_speech_has_answered_nothing() -> None:
    unheard = said((100, 200))
    unheard.answered()
    unheard.sounded(REPLY_HZ)
    assert unheard.after(0) is None
    assert unheard.since == 100
    unheard.was_none()
    assert unheard.after(0) == 100
    assert unheard.any


def test_a_reply_that_went_on_for_a_while_was_an_answer() -> None:
    unheard = said((100, 200))
    unheard.answered()
    unheard.sounded(round(SURE_S * REPLY_HZ))
    unheard.was_none()
    assert unheard.after(0) is None
    assert unheard.since is None


def test_what_ends_while_a_reply_that_is_none_is_made_goes_again() -> None:
    unheard = said((100, 200))
    unheard.began(300)
    unheard.answered()
    unheard.ended(400)
    unheard.was_none()
    assert unheard.after(0) == 100
    assert unheard.after(250) == 300


def test_a_caller_who_speaks_without_end_is_bounded_and_their_beginning_kept() -> None:
    unheard = said(*((number * 10, number * 10 + 5) for number in range(2 * MAX_STRETCHES)))
    assert len(unheard._stretches) <= MAX_STRETCHES + 1
    assert unheard.after(0) == 0


NAMES = ["began", "ended", "answered", "was_answer", "was_none", "went_on", "may_be_noise", "was_understood"]


@given(st.lists(st.sampled_from(NAMES)), st.integers(0, 500))
def test_any_order_of_events(names: list[str], at: int) -> None:
    unheard = Unheard()
    for clock, name in enumerate(names):
        if name in ("began", "ended"):
            getattr(unheard, name)(clock * 10)
        else:
            getattr(unheard, name)()
        after = unheard.after(at)
        assert after is None or after >= at
        assert after is None or unheard.since is not None
        certain = unheard.after(at, certain=True)
        assert certain is None or (after is not None and after <= certain and unheard.any)

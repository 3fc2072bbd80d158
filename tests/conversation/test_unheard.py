"""What the caller said that no link has answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.conversation.unheard import MAX_STRETCHES, Unheard


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


def test_a_cough_is_nothing_to_hear_again() -> None:
    unheard = said((100, 200), (900, 1000))
    unheard.meant_nothing()
    assert unheard.after(0) == 100
    unheard.began(1100)
    unheard.meant_nothing()
    assert unheard.after(150) == 150, "what still goes on is no cough"


def test_a_caller_who_speaks_without_end_is_bounded_and_their_beginning_kept() -> None:
    unheard = said(*((number * 10, number * 10 + 5) for number in range(2 * MAX_STRETCHES)))
    assert len(unheard._stretches) <= MAX_STRETCHES + 1
    assert unheard.after(0) == 0


@given(st.lists(st.sampled_from(["began", "ended", "answered", "went_on", "meant_nothing"])), st.integers(0, 500))
def test_any_order_of_events(names: list[str], at: int) -> None:
    unheard = Unheard()
    for clock, name in enumerate(names):
        if name in ("began", "ended"):
            getattr(unheard, name)(clock * 10)
        else:
            getattr(unheard, name)()
        after = unheard.after(at)
        assert after is None or after >= at
        assert (after is None) or unheard.any

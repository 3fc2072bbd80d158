"""What counts as lost, as heard twice, as answered."""

from __future__ import annotations

from vivavoce.storm.world.truth import Errand, Truth, Utterance


def truth_with(*, frames: int = 4, kind: str = "words") -> Truth:
    truth = Truth()
    truth.utterances[1] = Utterance(1, 10.0, 0, kind, ended=True)
    for frame in range(frames):
        truth.spoke(1, frame, 1536)
    return truth


def test_words_that_no_model_answered_are_lost() -> None:
    assert truth_with().lost_samples(60.0) == {1: 4 * 1536}


def test_parts_that_several_models_answered_make_a_whole() -> None:
    truth = truth_with()
    truth.answered({1: {0, 1}}, [])
    truth.answered({1: {2, 3}}, [])
    assert truth.lost_samples(60.0) == {}


def test_the_part_that_was_not_heard_is_lost() -> None:
    truth = truth_with()
    truth.answered({1: {0, 1, 3}}, [])
    assert truth.lost_samples(60.0) == {1: 1536}


def test_a_cough_and_what_nobody_could_have_heard_are_not_lost() -> None:
    assert truth_with(kind="noise").lost_samples(60.0) == {}
    truth = truth_with()
    truth.utterances[1].excused.update(range(4))
    assert truth.lost_samples(60.0) == {}


def test_what_was_said_just_now_may_still_be_answered() -> None:
    assert truth_with().lost_samples(5.0) == {}


def test_what_nobody_had_any_more_is_not_lost_but_beyond() -> None:
    truth = Truth()
    truth.utterances[1] = Utterance(1, 10.0, 0, ended=True)
    for frame in range(4):
        truth.spoke(1, frame, 1536, 16_000 + frame * 1536)
    truth.gone(0, 16_000 + 2 * 1536)
    assert truth.lost_samples(60.0) == {1: 2 * 1536}
    assert truth.beyond_ring_samples() == 2 * 1536


def test_what_a_model_overlooked_while_it_answered_something_else_is_counted_apart() -> None:
    truth = Truth()
    truth.lines = {1: 10.0, 2: 11.0}
    truth.errands[1, "a"] = Errand("x", 7, 9.0, run=True)
    truth.overlook([1], [7], 12.0)
    assert (truth.lost_lines(60.0), truth.wishes_never(60.0), truth.ignored_for_good(60.0)) == (2, 1, 0)
    truth.passed_over(20.0)
    assert truth.lost_lines(60.0) == 2, "it answered only long after that"
    truth.passed_over(11.5)
    assert (truth.lost_lines(60.0), truth.wishes_never(60.0), truth.ignored_for_good(60.0)) == (1, 0, 2)
    truth.answered({}, [1, 2])
    truth.spoken_of.add(7)
    assert (truth.lost_lines(60.0), truth.wishes_never(60.0), truth.ignored_for_good(60.0)) == (0, 0, 0)


def test_so_is_what_it_then_asks_for_again() -> None:
    truth = Truth()
    for id in ("a", "b"):
        truth.errands[1, id] = Errand("x", 7, 9.0, run=True)
    truth.spoken_of.add(7)
    assert (truth.wishes_twice(), truth.ignored_for_good(60.0)) == (1, 0)
    truth.overlook([], [7], 12.0)
    truth.passed_over(11.0)
    assert (truth.wishes_twice(), truth.ignored_for_good(60.0)) == (0, 1)


def test_sound_that_was_not_heard_is_lost_unless_it_was_cut() -> None:
    truth = Truth()
    for turn in (1, 2):
        truth.arrived(turn, 0, 2400)
        truth.arrived(turn, 2400, 2400)
        truth.heard(turn, 0, 2400, cut=False)
    truth.cut(2, 5.0)
    assert truth.sound() == (2400, 0, 0)


def test_sound_is_heard_twice_however_it_is_cut_into_pieces() -> None:
    truth = Truth()
    truth.arrived(1, 0, 2400)
    truth.heard(1, 0, 2400, cut=False)
    truth.heard(1, 0, 400, cut=False)
    assert truth.sound() == (0, 400, 0)


def test_sound_of_a_turn_that_was_cut_is_counted_when_it_is_heard() -> None:
    truth = Truth()
    truth.arrived(1, 0, 2400)
    truth.cut(1, 5.0)
    truth.heard(1, 0, 700, cut=True)
    assert truth.sound() == (0, 0, 700)


def test_errands() -> None:
    truth = Truth()
    truth.errands = {
        (1, "twice"): Errand("a", 1, 0.0, answers=2, run=True),
        (1, "never"): Errand("a", 2, 0.0, run=True),
        (1, "taken back"): Errand("a", 3, 0.0, cancelled=True, after_cancel=1, run=True),
        (2, "again"): Errand("a", 1, 0.0, answers=1, run=True),
        (2, "note"): Errand("note", 0, 0.0, answers=1),
    }
    truth.spoken_of = {1}
    assert truth.ids_twice() == 1
    assert truth.ids_after_cancel() == 1
    assert truth.wishes_never(60.0) == 1
    assert truth.wishes_twice() == 1

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from tests.panel.askings import asked, first, noise, people, word
from tests.panel.panels import study
from vivavoce.panel.ballots import Ballot, Would
from vivavoce.panel.study import Repeats
from vivavoce.panel.votes import AHEAD, goes_by_place, turned, votes

TWO, THREE = study(), study("One thing", "Another thing", "A third thing")


def test_a_vote_is_what_a_member_says_over_its_orders() -> None:
    one, other = votes(asked(TWO, 2, people("ab")))
    assert (one.persona, one.prefers, one.asked, one.abstained, one.flipped) == ("p000", "a", 2, 0, False)
    assert one.chosen == {"a": 1.0, "b": 0.0} or one.chosen == {"b": 0.0, "a": 1.0}
    assert one.appeal == {"a": 10.0, "b": 1.0}
    assert one.would == {"a": "would", "b": "would_not"}
    assert other.prefers == "b"


def test_who_changes_sides_with_the_order_prefers_nothing() -> None:
    ballots = asked(TWO, 4, first)
    assert [(vote.flipped, vote.prefers) for vote in votes(ballots)] == [(True, "")] * 4
    assert turned(votes(ballots), ballots) == (4, 4)
    assert votes(ballots)[0].chosen["a"] == 0.5


def test_two_sides_among_three_are_a_flip_too() -> None:
    vote = votes(asked(THREE, 1, lambda member, order: word(min(order[:2]), order), "full"))[0]
    assert vote.chosen["a"] == pytest.approx(2 / 3)
    assert (vote.flipped, vote.prefers) == (True, ""), "though one of them stands out"


def test_one_order_turns_nobody() -> None:
    ballots = asked(TWO, 6, first, "once")
    assert turned(votes(ballots), ballots) == (0, 0)


@pytest.mark.parametrize(("lead", "prefers"), [(AHEAD + 0.01, "a"), (AHEAD - 0.01, ""), (0.0, "")])
def test_what_does_not_stand_out_is_no_preference(lead: float, prefers: str) -> None:
    shares = {"a": 0.5 + lead / 2, "b": 0.5 - lead / 2}
    vote = votes(asked(TWO, 1, lambda member, order: shares))[0]
    assert (vote.prefers, vote.flipped) == (prefers, False)
    assert vote.chosen == pytest.approx(shares)


def test_torn_between_two_of_three_is_no_preference() -> None:
    assert votes(asked(THREE, 1, lambda member, order: {"a": 0.5, "b": 0.5, "c": 0.0}))[0].prefers == ""


def test_no_difference_in_one_order_is_no_flip() -> None:
    vote = votes(asked(TWO, 1, lambda member, order: word("a", order) if order[0] == "a" else {"a": 0.5, "b": 0.5}))[0]
    assert (vote.flipped, vote.prefers) == (False, "a")


def test_who_gives_no_answer_is_counted_and_is_no_vote() -> None:
    silent = votes(asked(TWO, 1, lambda member, order: {}))[0]
    assert (silent.prefers, silent.asked, silent.abstained, silent.chosen) == ("", 2, 2, {})
    half = votes(asked(TWO, 1, lambda member, order: word("b", order) if order[0] == "a" else {}))[0]
    assert (half.prefers, half.asked, half.abstained) == ("b", 2, 1)
    ballots = asked(TWO, 1, lambda member, order: word("b", order) if order[0] == "a" else {})
    assert turned(votes(ballots), ballots) == (0, 0), "it answered in one order only"


def test_chances_are_averaged_before_one_word_is_said() -> None:
    def says(chances: dict[Would, float]) -> Ballot:
        ballot = asked(study("One thing"), 1, lambda member, order: {"a": 0.4}, "once")[0]
        return msgspec.structs.replace(
            ballot, answers=(msgspec.structs.replace(ballot.answers[0], would="might", chances=chances),)
        )

    sure, unsure = says({"would": 0.9, "might": 0.1, "would_not": 0.0}), says({})
    assert votes([sure])[0].would == {"a": "would"}
    assert votes([sure, unsure])[0].would == {"a": "might"}
    assert votes([sure, sure, unsure])[0].would == {"a": "would"}


@pytest.mark.parametrize("repeats", get_args(Repeats))
def test_who_always_takes_the_first_is_seen(repeats: Repeats) -> None:
    assert goes_by_place(asked(TWO, 8, first, repeats))
    assert goes_by_place(asked(THREE, 8, first, repeats))


def test_who_likes_what_happens_to_stand_first_does_not_go_by_place() -> None:
    alike = [ballot for ballot in asked(TWO, 40, people("a" * 40)) if ballot.order[0] == "a"]
    assert not goes_by_place(alike)
    assert not goes_by_place(asked(TWO, 40, people("a" * 40)))
    assert not goes_by_place(asked(TWO, 40, people("aabb" * 10), "once"))
    assert not goes_by_place([])


def test_neither_chance_nor_a_slight_habit_is_going_by_place() -> None:
    assert not any(goes_by_place(asked(TWO, 20, noise(seed))) for seed in range(200))
    often = asked(TWO, 100, lambda member, order: word(order[member % 5 > 2], order), "once")
    assert not goes_by_place(often), "60 of 100: the design takes it out"


def test_a_few_are_too_few_to_say_so() -> None:
    assert not goes_by_place(asked(TWO, 1, first))

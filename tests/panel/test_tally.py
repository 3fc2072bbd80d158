from __future__ import annotations

import math
import random
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.panel.askings import Chooser, asked, first, noise, people, word
from tests.panel.panels import study
from vivavoce.errors import InputError
from vivavoce.panel.doubts import DOUBTS
from vivavoce.panel.intervals import share_of
from vivavoce.panel.outcome import Comparison, Decision, Share
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.study import Repeats
from vivavoce.panel.tally import compared, finds_no_winner

TWO, THREE, ONE = study(), study("One thing", "Another thing", "A third thing"), study("One thing")
SAME = study("It pays.", "It  pays.")
REPEATS = st.sampled_from(get_args(Repeats))
CHOICES = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=25)


def says(choices: str, rho: float = 0.0, **more: object) -> Comparison:
    return compared(TWO, asked(TWO, len(choices), people(choices)), rho=rho, **more)  # type: ignore[arg-type]


def test_wins_marks_and_how_sure() -> None:
    found = says("aaaaaaab")
    a, b = found.standings
    assert (a.variant, a.wins, b.wins) == ("a", 7.0, 1.0)
    assert a.appeal.value == pytest.approx(1 + 9 * 7 / 8, abs=1e-4)
    assert 1 <= a.appeal.low < a.appeal.value < a.appeal.high <= 10
    assert a.would == {"would": 0.875, "might": 0.0, "would_not": 0.125}
    assert a.chosen == 0.875
    assert a.best + b.best == pytest.approx(1)
    assert (found.respondent, found.leader, found.effective_size, found.asked) == ("test", "a", 8.0, 16)
    assert found.flip_rate == share_of(0.0, 8)


def test_a_panel_that_is_sure_leans_until_somebody_has_checked_it() -> None:
    leans = says("a" * 12).decision
    assert (leans.word, leans.variant, leans.why) == ("leans", "a", ("not-validated",))
    assert leans.sure == says("a" * 12).standings[0].best >= 0.95
    assert leans.settle == (), "strangers were asked already"
    assert says("a" * 12, rho=0.01).decision.settle == (
        "Ask people the same, in a Reality Check (viva study survey open): 6 who choose as these do would settle it.",
    )
    ballots = asked(TWO, 12, people("a" * 12), validated=True)
    assert compared(TWO, ballots, rho=0.0).decision.word == "leans", "validated, and nobody says how well"
    told: list[float] = []

    def held_out(sure: float) -> Share:
        told.append(sure)
        return Share(0.8, 0.7, 0.9)

    likely = compared(TWO, ballots, rho=0.0, held_out=held_out).decision
    assert (likely.word, likely.held_out, likely.why) == ("likely", Share(0.8, 0.7, 0.9), ())
    assert told == [pytest.approx(likely.sure, abs=1e-4)]
    assert says("a" * 12, held_out=held_out).decision.word == "leans", "who was not validated has no such figure"
    coin = compared(TWO, ballots, rho=0.0, held_out=lambda sure: Share(0.6, 0.4, 0.8)).decision
    assert coin.word == "leans", "what may be a coin makes nothing likely"


def doubt(found: Comparison) -> tuple[str, ...]:
    assert found.decision.word == "undecided"
    assert found.decision.variant == ""
    assert found.decision.settle
    assert all(key in DOUBTS for key in found.decision.why)
    return found.decision.why


def test_every_doubt_stops_a_verdict_that_would_stand_without_it() -> None:
    sure = "a" * 20
    assert says(sure).decision.word == "leans"
    assert doubt(says(sure, rho=0.5)) == ("few",)
    assert doubt(says("ab" * 10 + "aa")) == ("close",)
    assert doubt(says(sure, relevant=False)) == ("wrong-niche",)
    assert doubt(says(sure, null=False)) == ("null-failed",)
    assert says(sure, null=True).decision.word == "leans"
    assert doubt(says(sure, warnings=("alike", "thin"))) == ("thin",)
    assert says(sure, warnings=("alike", "one-source")).decision.word == "leans"
    assert doubt(compared(ONE, asked(ONE, 20, people(sure)), rho=0.0)) == ("one-variant",)
    assert doubt(compared(SAME, asked(SAME, 20, people(sure)), rho=0.0)) == ("identical",)
    silent = asked(TWO, 41, lambda member, order: word("a", order) if member % 2 else {})
    assert doubt(compared(TWO, silent, rho=0.0)) == ("abstained",)
    turning = asked(TWO, 30, lambda member, order: word("a" if member % 3 else order[0], order))
    assert doubt(compared(TWO, turning, rho=0.0)) == ("flips",)
    even = {"a": 0.51, "b": 0.49}
    careless = asked(TWO, 41, lambda member, order: even if member % 2 == 0 else word("a", order))
    assert doubt(compared(TWO, careless, rho=0.0)) == ("close",)


def test_who_always_takes_the_first_decides_nothing_and_is_told_of() -> None:
    mirrored = compared(TWO, asked(TWO, 20, first), rho=0.0)
    assert doubt(mirrored) == ("flips", "first")
    assert (mirrored.flip_rate or Share(0, 0, 0)).value == 1.0
    once = compared(TWO, asked(TWO, 20, first, "once"), rho=0.0)
    assert doubt(once) == ("first",)
    assert once.flip_rate is None
    # a study that was stopped in the middle is not balanced, and its first variant would have won
    uneven = [ballot for ballot in asked(TWO, 40, first, "once") if ballot.order[0] == "a" or ballot.persona < "p010"]
    assert "first" in doubt(compared(TWO, uneven, rho=0.0))


def test_an_even_split_names_nobody() -> None:
    found = says("ab" * 10)
    assert found.leader == ""
    assert [standing.best for standing in found.standings] == [0.5, 0.5]
    assert "no number of people" in found.decision.settle[0]


def test_level_wins_are_told_apart_by_marks() -> None:
    ballots = [
        msgspec.structs.replace(
            ballot,
            answers=tuple(msgspec.structs.replace(each, appeal=3.0 + (each.variant == "b")) for each in ballot.answers),
        )
        for ballot in asked(TWO, 4, people("abab"))
    ]
    assert compared(TWO, ballots, rho=0.0).leader == "b"


def test_wins_against_surer_votes_are_no_verdict() -> None:
    """More members lean to a, each hardly; those for b are sure of it."""
    lean, firm = {"a": 0.53, "b": 0.47}, {"a": 0.0, "b": 1.0}
    found = compared(TWO, asked(TWO, 100, lambda member, order: lean if member % 100 < 55 else firm), rho=0.0)
    assert found.leader == "a"
    assert found.standings[1].best > 0.95
    assert doubt(found) == ("close",)


def test_chances_count_for_less_than_words() -> None:
    firm = says("a" * 12).standings[0].best
    mild = compared(TWO, asked(TWO, 12, lambda member, order: {"a": 0.7, "b": 0.3}), rho=0.0)
    assert mild.standings[0].wins == 12
    assert 0.5 < mild.standings[0].best < firm


def test_members_who_are_alike_count_as_fewer() -> None:
    sizes = [says("a" * 15 + "b" * 5, rho=rho) for rho in (0.0, 0.1, 0.3, 1.0)]
    assert [each.effective_size for each in sizes] == [20.0, 6.9, 2.99, 1.0]
    bests = [each.standings[0].best for each in sizes]
    assert bests == sorted(bests, reverse=True)
    widths = [each.standings[0].appeal.high - each.standings[0].appeal.low for each in sizes]
    assert widths == sorted(widths)
    assert widths[-1] == 9.0, "of one opinion, however often, nothing is known of the others"


def test_nobody_and_no_answer_are_undecided() -> None:
    nobody = compared(TWO, [], rho=0.2)
    assert doubt(nobody) == ("few",)
    assert (nobody.respondent, nobody.leader, nobody.flip_rate, nobody.effective_size) == ("", "", None, 0.0)
    silent = compared(TWO, asked(TWO, 3, lambda member, order: {}), rho=0.2)
    assert doubt(silent) == ("abstained",)
    assert silent.abstained == {"no-evidence": 6}
    assert silent.standings[0].appeal == Share(5.5, 1.0, 10.0)
    assert not silent.validated


def test_three_variants_and_one() -> None:
    found = compared(THREE, asked(THREE, 20, people("a" * 16 + "bbcc"), "full"), rho=0.0)
    assert found.decision.variant == "a"
    assert sum(standing.best for standing in found.standings) == pytest.approx(1, abs=1e-3)
    one = compared(ONE, asked(ONE, 5, people("aaaaa")), rho=0.0)
    assert (one.leader, one.standings[0].wins, one.standings[0].best, one.flip_rate) == ("", 0.0, 0.0, None)
    assert one.standings[0].appeal.value == 10.0


@settings(max_examples=40)
@given(CHOICES, REPEATS, st.floats(0, 1))
def test_any_answers_make_a_whole_result(choices: list[str], repeats: Repeats, rho: float) -> None:
    ballots = asked(
        THREE, len(choices), lambda member, order: word(choices[member], order) if choices[member] else {}, repeats
    )
    found = compared(THREE, ballots, rho=rho)
    assert sum(standing.wins for standing in found.standings) == sum(map(bool, choices))
    assert 0 <= found.effective_size <= len(choices)
    assert bool(found.decision.variant) == (found.decision.word != "undecided")
    assert found.decision.word == "undecided" or found.decision.variant == found.leader
    assert msgspec.json.decode(msgspec.json.encode(found), type=Comparison) == found
    shuffled = list(ballots)
    random.Random(1).shuffle(shuffled)
    again = compared(THREE, shuffled, rho=rho)
    assert (again.standings, again.decision, again.leader) == (found.standings, found.decision, found.leader)


@pytest.mark.parametrize("rho", [-0.1, 1.1, float("nan")])
def test_no_such_correlation(rho: float) -> None:
    with pytest.raises(InputError, match="correlation"):
        says("ab", rho=rho)


def test_ballots_of_others_are_refused() -> None:
    ballots = asked(TWO, 2, people("ab"))
    with pytest.raises(InputError, match="one respondent"):
        compared(TWO, [*ballots, msgspec.structs.replace(ballots[0], respondent="other")], rho=0.0)
    with pytest.raises(InputError, match="'c'"):
        compared(TWO, asked(THREE, 1, people("c")), rho=0.0)


@pytest.mark.parametrize("repeats", get_args(Repeats))
@pytest.mark.parametrize("chooser", [first, people("a" * 20)])
def test_texts_that_say_the_same_have_no_winner_whoever_is_asked(chooser: Chooser, repeats: Repeats) -> None:
    found = compared(SAME, asked(SAME, 20, chooser, repeats, validated=True), rho=0.0)
    assert "identical" in doubt(found)


def test_one_winner_among_three_of_which_two_are_the_same_is_none() -> None:
    twins = study("It pays.", "It pays.", "It waits.")
    assert doubt(compared(twins, asked(twins, 20, people("c" * 20)), rho=0.0)) == ("identical",)


@pytest.mark.parametrize(("repeats", "members"), [("mirrored", 20), ("once", 20), ("mirrored", 100)])
def test_a_noisy_respondent_finds_no_winner_between_equals(repeats: Repeats, members: int) -> None:
    """Texts that differ, and somebody to whom they do not: nothing in the tally knows that they are the same."""
    runs = 120 if members < 50 else 40
    ballots = [asked(TWO, members, noise(seed), repeats) for seed in range(runs)]
    assert sum(compared(TWO, each, rho=0.0).decision.word == "undecided" for each in ballots) >= 0.9 * runs
    assert sum(finds_no_winner(each) is True for each in ballots) >= 0.9 * runs


def test_a_respondent_that_finds_a_winner_between_equals_is_found_out() -> None:
    assert finds_no_winner(asked(SAME, 10, people("b" * 10))) is False
    assert finds_no_winner(asked(SAME, 10, first)) is True
    assert finds_no_winner(asked(SAME, 10, lambda member, order: {"a": 0.5, "b": 0.5})) is True
    assert finds_no_winner(asked(SAME, 10, lambda member, order: {})) is None
    assert finds_no_winner([]) is None


@pytest.mark.parametrize("members", [7, 32, 46, 56])
def test_who_chooses_by_lot_seldom_finds_a_winner_between_equals(members: int) -> None:
    few = next(
        few
        for few in range(members)
        if finds_no_winner(asked(SAME, members, people("a" * (members - few) + "b" * few), "once"))
    )
    assert 2 * sum(math.comb(members, each) for each in range(few)) / 2**members < 0.05
    assert few >= 1, "and whom all agree on is found"


def test_who_flips_counts_as_the_independent_members_they_are_worth() -> None:
    turning = asked(TWO, 40, lambda member, order: word("a" if member % 4 else order[0], order))
    strangers, alike = (compared(TWO, turning, rho=rho).flip_rate for rho in (0.0, 0.3))
    assert strangers == share_of(0.25, 40)
    assert alike == share_of(0.25, effective_size(40, 0.3))


def test_a_decision_is_the_same_again() -> None:
    assert says("aab" * 9, rho=0.05) == says("aab" * 9, rho=0.05)
    assert isinstance(says("a").decision, Decision)

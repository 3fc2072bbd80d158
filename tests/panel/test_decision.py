from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.panel.askings import asked, people
from tests.panel.panels import study
from vivavoce.panel.decision import EARLY, MOST_NEEDED, SETTLE, SURE, decided, enough, needed
from vivavoce.panel.doubts import DOUBTS
from vivavoce.panel.outcome import Decision
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.posterior import PRIOR, best
from vivavoce.panel.tally import BIASED, compared

TWO = study()
ASK = "Ask people the same, in a Reality Check (viva study survey open): {} who choose as these do would settle it."
ALONE = (
    "A panel of one market can almost never settle it by itself: its members share so much that even 200 of them are "
    "worth {} people."
)


def verdict(shares: Mapping[str, float], worth: float, rho: float = 0.0, leader: str = "a", *doubts: str) -> Decision:
    names = list(shares)
    chances = dict(zip(names, best([shares[name] * worth for name in names]), strict=True))
    return decided(chances, shares=shares, worth=worth, rho=rho, leader=leader, doubts=doubts, validated=False)


def test_too_few_and_too_close_are_told_apart() -> None:
    all_ = {"a": 1.0, "b": 0.0}
    assert verdict(all_, 5).why == ("few",), "even if all agree"
    assert verdict(all_, 6).word == "leans"
    assert verdict({"a": 0.6, "b": 0.4}, 6).why == ("close",)
    assert verdict({"a": 0.6, "b": 0.4}, 5).why == ("few",)


@pytest.mark.parametrize("share", [0.55, 0.6, 0.75, 0.9, 1.0])
def test_the_people_it_names_would_settle_it_and_fewer_would_not(share: float) -> None:
    shares = {"a": share, "b": 1 - share}
    count = needed(shares)
    assert count is not None
    assert verdict(shares, count).word == "leans"
    assert verdict(shares, count - 1).word == "undecided"
    asked_before = verdict(shares, min(3, count - 1))
    assert asked_before.settle == (f"Ask more people: {count} in all would settle it if they choose as these do.",)


def test_the_number_is_what_the_formula_of_a_normal_says() -> None:
    expected = (1.645 / (2 * 0.05)) ** 2 * (1 - 0.1**2)  # 55 to 45; the prior asks for a few more
    assert needed({"a": 0.55, "b": 0.45}) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("shares", [{"a": 0.5, "b": 0.5}, {"a": 0.501, "b": 0.499}, {"a": 0.0, "b": 0.0}])
def test_what_nobody_can_settle_is_said(shares: dict[str, float]) -> None:
    assert needed(shares) is None
    assert verdict(shares, 20).settle == (
        "Make the variants differ more: as close as these are, no number of people settles it.",
    )
    assert MOST_NEEDED >= 10_000


@pytest.mark.parametrize("rho", [0.01, 0.03, 0.06])
def test_where_more_members_would_do_it_says_how_many(rho: float) -> None:
    shares = {"a": 0.8, "b": 0.2}
    wanted = needed(shares) or 0
    members = next(count for count in range(1, 201) if effective_size(count, rho) >= wanted)
    few = verdict(shares, effective_size(4, rho), rho)
    assert few.settle == (
        f"Ask a panel of {members}, if its members go on to choose like this.",
        ASK.format(wanted),
    )


def test_members_who_are_too_alike_need_other_people() -> None:
    shares = {"a": 0.7, "b": 0.3}
    wanted = needed(shares) or 0
    worth = effective_size(200, 0.3)
    alike = verdict(shares, worth, 0.3)
    assert alike.why == ("few",)
    assert alike.settle == (ASK.format(wanted), ALONE.format(f"{worth:.1f}"))


def test_more_insights_are_wanted_only_where_too_few_people_were_heard() -> None:
    """Nobody is to collect for nothing: of a large corpus the panel is worth as little as of a small one."""
    shares = {"a": 0.995, "b": 0.005}
    wanted = needed(shares) or 0
    worth = effective_size(200, 0.28)
    chances = {"a": 0.9, "b": 0.1}
    large, small, one = (
        decided(chances, shares=shares, worth=worth, rho=0.28, leader="a", doubts=(), validated=False, heard=heard)
        for heard in (1_900, wanted - 1, 1)
    )
    assert large.why == ("few",)
    assert large.settle == (ASK.format(wanted), ALONE.format("3.5"))
    more = "Collect more insights as well: the panel was drawn from {}, and is worth no more than it heard."
    assert small.settle == (*large.settle, more.format(f"{wanted - 1} people"))
    assert one.settle[-1] == more.format("1 person")


def test_the_posterior_of_the_leader_is_told_whatever_the_verdict() -> None:
    undecided, leans = verdict({"a": 0.6, "b": 0.4}, 6), verdict({"a": 1.0, "b": 0.0}, 50)
    assert (undecided.sure, undecided.posterior) == (0.0, round(best([3.6, 2.4])[0], 4))
    assert leans.posterior == leans.sure > SURE
    assert verdict({"a": 0.6, "b": 0.4}, 6, 0.0, "b").posterior == round(best([3.6, 2.4])[1], 4)
    assert verdict({"a": 0.5, "b": 0.5}, 6, 0.0, "").posterior == 0.0


def test_every_doubt_that_stops_a_verdict_says_what_to_do() -> None:
    stops = set(DOUBTS) & {
        "thin", "close", "identical", "flips", "abstained", "null-failed", "first", "one-variant", "wrong-niche"
    }  # fmt: skip
    assert stops == set(SETTLE)
    found = verdict({"a": 1.0, "b": 0.0}, 50, 0.0, "a", "flips", "first")
    assert found.settle == (SETTLE["flips"], SETTLE["first"])
    assert all(text.endswith(".") for text in SETTLE.values())


def test_a_verdict_for_another_than_the_leader_is_none() -> None:
    assert verdict({"a": 0.9, "b": 0.1}, 50, 0.0, "b").why == ("close",)
    assert verdict({"a": 0.9, "b": 0.1}, 50, 0.0, "").why == ("close",)


def test_asking_stops_early_only_where_it_is_far_surer() -> None:
    def after(choices: str, rho: float = 0.0) -> bool:
        return enough(compared(TWO, asked(TWO, len(choices), people(choices)), rho=rho))

    assert not after("a" * 8), "that is a verdict, and no reason to stop"
    assert after("a" * 20)
    assert not after("a" * 20, rho=0.3)
    assert not after("ab" * 10)
    sure = compared(TWO, asked(TWO, 20, people("a" * 20)), rho=0.0)
    assert not enough(msgspec.structs.replace(sure, decision=Decision(word="undecided", sure=1.0)))


@given(st.integers(1, 20))
def test_a_test_of_equals_fails_who_chooses_by_lot_at_most_once_in_20(members: int) -> None:
    by_lot = sum(math.comb(members, wins) for wins in range(members + 1) if max(best([wins, members - wins])) >= BIASED)
    assert by_lot / 2**members <= 0.05


@lru_cache(20_000)
def first_is_best(wins: int, of: int, rho: float) -> float:
    worth = effective_size(of, rho) / of
    return best([wins * worth, (of - wins) * worth])[0]


def right_of(worlds: int, people_asked: int, rho: float, told: float) -> tuple[float, float, float]:
    """In worlds as the prior expects them: how many verdicts, how many of them right, how right they say they are."""
    chance = np.random.default_rng(44)
    shares = chance.beta(PRIOR, PRIOR, worlds)
    heard = chance.beta(shares * (1 / rho - 1), (1 - shares) * (1 / rho - 1)) if rho else shares
    sure = np.array([first_is_best(int(wins), people_asked, told) for wins in chance.binomial(people_asked, heard)])
    said = np.maximum(sure, 1 - sure)
    given_ = said >= SURE
    return given_.mean(), ((sure > 0.5) == (shares > 0.5))[given_].mean(), said[given_].mean()


@pytest.mark.parametrize(("members", "rho"), [(10, 0.0), (20, 0.0), (100, 0.0), (50, 0.05), (100, 0.1)])
def test_verdicts_are_right_as_often_as_they_say(members: int, rho: float) -> None:
    given_, right, said = right_of(8_000, members, rho, rho)
    assert given_ > 0.1
    assert right >= SURE
    assert right == pytest.approx(said, abs=0.015)


def test_alike_members_who_are_taken_for_strangers_are_not() -> None:
    """What the effective size is for: without it a hundred members of a kind are sure, and wrong."""
    _, right, said = right_of(8_000, 100, 0.1, 0.0)
    assert said > 0.99
    assert right < 0.9


def test_looking_again_and_again_finds_no_more_than_looking_once() -> None:
    worlds, members = 1_500, 100
    drawn = np.random.default_rng(44).integers(0, 2, (worlds, members)).cumsum(axis=1)
    sure = {at: np.array([first_is_best(int(wins), at, 0.0) for wins in drawn[:, at - 1]]) for at in range(10, 101, 10)}
    said = {at: np.maximum(each, 1 - each) for at, each in sure.items()}
    once = (said[members] >= SURE).mean()
    looking = np.any([said[at] >= EARLY for at in said], axis=0) | (said[members] >= SURE)
    assert looking.mean() <= once + 0.01 <= 0.12
    careless = np.any([said[at] >= SURE for at in said], axis=0)
    assert careless.mean() > 2 * once

"""What clicks say of themselves, on made-up readers whose true rates are known."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.panel.calibration.drawing import Floats
from vivavoce.panel.calibration.pairs import clear, of_rates, pairs_within
from vivavoce.studies.calibration import readers
from vivavoce.studies.calibration.clicks import Clicks

TESTS, ARMS, SHOWN = 1_500, 4, 3_000


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws: enough to see that an interval is there."""
    monkeypatch.setattr(readers, "FEWER", 20)


def made(*, clumps: float = 0.0) -> tuple[Clicks, Floats]:
    """Tests of four headlines, of which the last two are the same, and what is true of each pair of different ones.

    Args:
        clumps: variance of the logarithm of rates that is no headline's.
    """
    chance = np.random.default_rng(11)
    tests = np.repeat(np.arange(TESTS), ARMS)
    wording = chance.normal(0, 0.3, (TESTS, ARMS))
    wording[:, 3] = wording[:, 2]
    wording = wording.ravel()
    rates = 0.012 * np.exp(wording + chance.normal(0, clumps**0.5, len(tests)))
    shown = np.full(len(tests), float(SHOWN))
    hits = chance.binomial(SHOWN, rates).astype(float)
    both = pairs_within(tests)
    same = wording[both[:, 0]] == wording[both[:, 1]]
    pairs = both[~same]
    truth = of_rates(hits, shown, pairs)
    nothing = np.zeros((len(tests), 1))
    clicks = Clicks(
        texts=[""] * len(tests),
        tests=tests,
        stories=tests,
        weeks=shown,
        hits=hits,
        shown=shown,
        folds=tests % 10,
        pairs=pairs,
        twins=both[same],
        truth=truth,
        clear=clear(truth),
        style=nothing,
        statements=nothing,
        vectors=nothing,
        leaks={},
    )
    return clicks, clicks.right(clicks.apart(wording))


@pytest.mark.parametrize(("clumps", "as_twins"), [(0.0, False), (0.0, True), (0.03, True)])
def test_who_knew_the_true_rates_is_found_without_knowing_them(clumps: float, as_twins: bool) -> None:
    clicks, right = made(clumps=clumps)
    found = readers.known(clicks, np.full(len(right), 0.5), 1, as_twins=as_twins)
    assert found.clear.value == pytest.approx(right[clicks.clear].mean(), abs=0.015)
    assert found.all.value == pytest.approx(right.mean(), abs=0.02)
    assert found.gain.value == pytest.approx(found.clear.value - 0.5, abs=1e-3)
    assert found.brier.value < 0.25
    for share in found:
        assert share.low < share.value < share.high


def test_what_passes_for_true_with_noise_of_counting_alone_is_a_bound() -> None:
    clicks, right = made(clumps=0.03)
    bound = readers.known(clicks, right, 1, as_twins=False)
    assert bound.clear.value > right[clicks.clear].mean() + 0.02
    assert bound.gain.low > 0


def test_two_halves_agree_as_often_as_the_true_spread_says() -> None:
    clicks, right = made(clumps=0.03)
    half = readers.halved(clicks, 1)
    assert half.all.value == pytest.approx(readers.known(clicks, right, 1, as_twins=False).halves.value, abs=0.015)
    assert half.all.low < half.all.value < half.all.high
    assert half.clear.value > half.all.value, "who counts only what is clear in the first counts other pairs"


def test_identical_headlines_differ_as_often_as_chance_and_clumps_have_it() -> None:
    clicks, _ = made()
    found = readers.twins(clicks, 1)
    assert found is not None
    assert found.differ.low < 0.05 < found.differ.high
    assert found.noise.low < 1 < found.noise.high
    clumped = readers.twins(made(clumps=0.03)[0], 1)
    assert clumped is not None
    assert clumped.differ.low > 0.1
    # two of them, in standard errors of what is counted: 1 + 0.03 x clicks
    assert clumped.noise.value == pytest.approx(1 + 0.03 * SHOWN * 0.012, rel=0.15)

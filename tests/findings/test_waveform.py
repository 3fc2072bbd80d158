"""The picture of a call stays inside its frame, whatever levels and times come."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.findings.waveform import BARS, ROW, WIDTH, draw

RUN = st.tuples(st.sampled_from(["alex", "sam"]), st.integers(-(10**6), 10**7), st.integers(-(10**6), 10**7))


def bars(path: str) -> list[tuple[float, float, float]]:
    """x, top and height of each bar."""
    return [(float(x), float(y), float(h)) for x, y, h in re.findall(r"M([\d.]+) ([\d.]+)h[\d.]+v([\d.]+)", path)]


def test_each_speaker_is_drawn_where_they_spoke() -> None:
    picture = draw({"agent": [("alex", 0, 5000), ("sam", 5000, 10_000)], "caller": []}, 10_000)
    (first, alex), (second, sam) = picture.agents
    assert (first, second) == ("alex", "sam")
    assert max(x for x, _, _ in bars(alex)) < WIDTH / 2 <= min(x for x, _, _ in bars(sam))
    assert picture.hand_overs == ((500.0, 5000, "sam"),)
    assert picture.caller == ""


def test_a_short_word_is_not_lost_in_a_long_call() -> None:
    levels = [0.0] * 100_000
    levels[77_777] = 1.0
    loud = [h for _, _, h in bars(draw({"caller": levels}, 35 * 60_000).caller)]
    assert len(loud) == 1
    assert loud[0] > ROW / 2


@given(st.lists(st.floats(), max_size=400), st.lists(RUN, max_size=6), st.integers(0, 10**7))
@settings(max_examples=40)
def test_nothing_leaves_the_frame(levels: list[float], runs: list[tuple[str, int, int]], duration_ms: int) -> None:
    picture = draw({"caller": levels, "agent": runs, "agent_peaks": levels}, duration_ms)
    for path in (picture.caller, *(path for _, path in picture.agents)):
        found = bars(path)
        assert len(found) <= BARS
        for x, top, height in found:
            assert 0 <= x <= WIDTH
            assert top >= 0
            assert top + height <= 2 * ROW
    assert all(0 <= x <= WIDTH for x, _, _ in picture.hand_overs)

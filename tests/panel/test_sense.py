from __future__ import annotations

import msgspec
import pytest

from vivavoce.panel.sense import SENSES, Sense


@pytest.mark.parametrize("name", SENSES)
def test_a_sense_grows_with_the_cosine(name: str) -> None:
    sense = SENSES[name]
    assert sense.same(-1) == sense.same(sense.strange) == 0
    assert 0 < sense.same(sense.bears) < sense.same(sense.bears + sense.width) < sense.same(1) < 1


def test_each_embedder_is_cut_elsewhere() -> None:
    assert 0 < SENSES["hashing/1"].cut < SENSES["minilm/1"].cut < 1


@pytest.mark.parametrize(
    ("name", "value"), [("cut", 0.0), ("cut", 1.1), ("width", 0.0), ("centre", 2.0), ("bears", -2.0), ("bears", 0.29)]
)
def test_figures_that_no_embedder_has_are_refused(name: str, value: float) -> None:
    figures = {**msgspec.structs.asdict(SENSES["minilm/1"]), name: value}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(figures, Sense)

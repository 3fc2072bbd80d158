from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from vivavoce.app.cli.personas import _question
from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question

WRITTEN = "ask: Which?\nreference_price: 30\nvariants:\n  - {id: a, text: One., price: 20}\n"


def test_a_question_is_written_by_hand() -> None:
    found = msgspec.yaml.decode(WRITTEN, type=Question)
    assert (found.reference_price, found.variants[0].price) == (30, 20)


@pytest.mark.parametrize(
    ("slip", "named"),
    [(("reference_price", "reference-price"), "reference-price"), (("price: 20", "cost: 20"), "cost")],
)
def test_a_field_that_nobody_knows_is_refused_in_one_line(tmp_path: Path, slip: tuple[str, str], named: str) -> None:
    """Dropped without a word, it would be another question that is answered."""
    file = tmp_path / "q.yaml"
    file.write_text(WRITTEN.replace(*slip))
    with pytest.raises(InputError, match=named) as raised:
        _question(file)
    assert "q.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)

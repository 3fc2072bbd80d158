from __future__ import annotations

import math
import os
from pathlib import Path

import msgspec
import pytest

from vivavoce.app.cli.asking import question_of
from vivavoce.errors import InputError
from vivavoce.panel.ballots import MOST_VARIANTS, Question, Sheet, Variant, shown

A, B = Variant(id="a", text="We chase them."), Variant(id="b", text="A dark theme.")
LONG = "x" * 4_001
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
        question_of(file)
    assert "q.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    ["2026-13-45", "!!float abc", "!!int abc", "!!timestamp abc", "!!bool abc", "!!int ''", "[" * 5_000, "9" * 5_000],
)
def test_a_value_that_is_not_what_it_is_called_is_refused_in_one_line(tmp_path: Path, value: str) -> None:
    file = tmp_path / "q.yaml"
    file.write_text(f"today: {value}\n{WRITTEN}")
    with pytest.raises(InputError, match=r"q\.yaml") as raised:
        question_of(file)
    assert "\n" not in str(raised.value)


def test_what_is_no_file_or_no_end_of_one_is_not_read(tmp_path: Path) -> None:
    pipe, long = tmp_path / "pipe", tmp_path / "long"
    os.mkfifo(pipe)
    long.write_bytes(b"#" * (256 * 1024 + 1))
    for path, wanted in ((pipe, "want a file"), (tmp_path, "want a file"), (long, "at most 262144 bytes")):
        with pytest.raises(InputError, match=wanted):
            question_of(path)


def sheet(*variants: Variant, order: str | None = None, **more: object) -> Sheet:
    asked = msgspec.structs.replace(Question(ask="Which?", variants=variants), **more)
    return Sheet(question=asked, order=tuple(each.id for each in variants) if order is None else tuple(order), seed=1)


def test_variants_are_shown_in_the_order_of_the_sheet() -> None:
    assert shown(sheet(A, B, order="ba")) == [B, A]
    assert shown(sheet(Variant(id="a", text="Free.", price=0), reference_price=0.01, today=LONG[1:]))
    assert len(shown(sheet(*(Variant(id=str(at), text="x") for at in range(MOST_VARIANTS))))) == MOST_VARIANTS


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (sheet(), "want 1 to 6 variants, got 0"),
        (sheet(*(Variant(id=str(at), text="x") for at in range(7))), "want 1 to 6 variants, got 7"),
        (sheet(A, A), "want 2 variants with different ids, got 1"),
        (sheet(A, B, order="a"), "an order of all 2 variants, got one of 1"),
        (sheet(A, B, order="aa"), "an order of all 2 variants"),
        (sheet(A, B, order="ac"), "an order of all 2 variants"),
        (sheet(A, B, order="aba"), "an order of all 2 variants, got one of 3"),
        (sheet(Variant(id="a", text=" \n")), "want words in variant 'a', got none"),
        (sheet(Variant(id="a", text=" \u200b")), "want words in variant 'a', got none"),
        (sheet(Variant(id="a", text="🔥🔥")), "want words in variant 'a', got none"),
        (sheet(Variant(id="a", text=LONG)), "at most 4000 characters in variant 'a', got 4001"),
        (sheet(Variant(id="a", text="x", price=-1.0)), "want a price of 0 for variant 'a', or one from 0.0001 to 10"),
        (sheet(Variant(id="a", text="x", price=math.nan)), "variant 'a', or one from 0.0001 to 1000000000, got nan"),
        (sheet(Variant(id="a", text="x", price=math.inf)), "variant 'a', or one from 0.0001 to 1000000000, got inf"),
        (sheet(Variant(id="a", text="x", price=1e-320)), "variant 'a', or one from 0.0001 to 1000000000, got 9.99"),
        (sheet(A, reference_price=0.0), "a reference price from 0.0001 to 1000000000, got 0"),
        (sheet(A, reference_price=math.inf), "a reference price from 0.0001 to 1000000000, got inf"),
        (sheet(A, reference_price=2e9), "a reference price from 0.0001 to 1000000000, got 2e"),
        (sheet(A, ask=LONG), "at most 4000 characters in a question's 'ask', got 4001"),
        (sheet(A, context=LONG), "a question's 'context', got 4001"),
        (sheet(A, today=LONG), "a question's 'today', got 4001"),
        (sheet(A, currency=LONG), "a question's 'currency', got 4001"),
    ],
)
def test_a_sheet_that_is_none_is_refused(asked: Sheet, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        shown(asked)

from __future__ import annotations

import msgspec
import pytest

from tests.panel.reasoner.samples import CHASES, OWNER, point
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.personas import Quote
from vivavoce.panel.reasoner.price import Reservation
from vivavoce.panel.reasoner.reasons import EVIDENCE, SHOWN_CHARS, reasons
from vivavoce.panel.reasoner.terms import Term

VARIANT = Variant(id="a", text=CHASES, price=29.0)
ASKED = Question(ask="", variants=(VARIANT,), reference_price=20.0, currency="EUR")


def test_the_largest_of_each_sign_pros_first() -> None:
    values = [0.1, -0.5, 0.4, 0.001, -0.2, 0.3, 0.2, -0.9, -0.3]
    found = reasons([Term(kind="need", value=value, point=point("x")) for value in values], ASKED, VARIANT, None)
    assert [each.weight for each in found] == [0.4, 0.3, 0.2, -0.9, -0.5, -0.3]
    assert [each.sign for each in found] == ["pro"] * 3 + ["con"] * 3


def test_what_somebody_said_is_told_also_where_what_nobody_said_is_larger() -> None:
    said = [
        Term(kind="loss", value=value, point=point(text, 0.2, f"a{text}")) for text, value in (("x", -0.1), ("y", -0.2))
    ]
    ours = [Term(kind="habit", value=value) for value in (-0.5, -0.4, -0.3)]
    assert [each.weight for each in reasons([*said, *ours], ASKED, VARIANT, None)] == [-0.5, -0.4, -0.2]
    assert [each.weight for each in reasons(ours, ASKED, VARIANT, None)] == [-0.5, -0.4, -0.3]


def test_what_hardly_moves_the_score_is_no_reason() -> None:
    assert reasons([Term(kind="habit", value=-0.01)], ASKED, VARIANT, None) == ()


def test_the_one_who_is_quoted_stands_first_and_once() -> None:
    (quote,) = OWNER.quotes
    said = point("late payers", 0.2, *[f"a{number}" for number in range(20)])
    (found,) = reasons([Term(kind="need", value=1.0, point=said, quote=quote, said=CHASES)], ASKED, VARIANT, None)
    assert found.evidence[0] == quote.insight == "a1"
    assert len(set(found.evidence)) == len(found.evidence) == EVIDENCE
    assert found.quote == quote.text


def test_only_what_nobody_said_is_marked_as_inferred() -> None:
    ours, theirs = point("x"), point("x", 0.2, "a1")
    terms = [Term(kind="need", value=1.0, point=each, said="y") for each in (ours, theirs)]
    marked, plain = reasons(terms, ASKED, VARIANT, None)
    assert marked.text == f"{plain.text} (our inference)"


NAME = "One customer paid three invoices at once"
OTHER = "Overdue ones should come back by themselves."


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        (NAME, f"{OTHER} I forget them.", OTHER.rstrip(".")),
        (NAME, f"{NAME}. It took all day.", NAME),
        ("late invoices, forget", f"{OTHER} I forget them.", "late invoices, forget"),
    ],
    ids=["another's words", "the same words", "words of several"],
)
def test_a_reason_is_called_by_what_it_quotes(name: str, said: str, told: str) -> None:
    quote = Quote(text=said, insight="a1", source="file")
    term = Term(kind="need", value=1.0, point=point(name, 0.2, "a1"), quote=quote, said="Overdue ones come back.")
    (found,) = reasons([term], ASKED, VARIANT, None)
    assert found.text == f"Speaks to what hurts (“{told}”): “Overdue ones come back.”"
    assert found.quote == said


def test_what_counts_of_itself_is_told_alike_and_names_who_said_so() -> None:
    minded = Term(kind="loss", value=-0.6, said="It is final.", point=point("to undo", 0.2, "a1"), of_itself=True)
    (one,) = reasons([minded], ASKED, VARIANT, None)
    (other,) = reasons([Term(kind="loss", value=-0.6, said="It is final.", of_itself=True)], ASKED, VARIANT, None)
    assert one.text == other.text == "Takes something away: “It is final.”"
    assert (one.evidence, other.evidence) == (("a1",), ())


def test_price_in_words() -> None:
    (dear,) = reasons([Term(kind="price", value=-0.6)], ASKED, VARIANT, None)
    assert dear.text == "29 EUR is more than what people pay today"
    bare = msgspec.structs.replace(ASKED, reference_price=None, currency="")
    (cheap,) = reasons([Term(kind="price", value=0.6)], bare, VARIANT, Reservation(middle=3.5, spread=1.0))
    assert cheap.text == "29 is less than the middle of what is asked; worth about 33.1 to them"


def test_long_sentences_are_cut() -> None:
    (found,) = reasons([Term(kind="need", value=1.0, point=point("x"), said="late " * 500)], ASKED, VARIANT, None)
    assert len(found.text) < SHOWN_CHARS + 80
    assert found.text.endswith(" …” (our inference)")


def test_every_kind_has_words() -> None:
    terms = [
        Term(kind="goal", value=1.0, point=point("x"), said="y"),
        Term(kind="loss", value=-1.0, point=point("x"), said="y"),
        Term(kind="loss", value=-0.9, said="y"),
        Term(kind="loss", value=0.9, said="y"),
        Term(kind="wording", value=0.8, feature="hype"),
        Term(kind="switching", value=-0.8),
    ]
    assert [each.text for each in reasons(terms, ASKED, VARIANT, None)] == [
        "Speaks to what they want (“x”): “y” (our inference)",
        "Spares them something: “y”",
        "Likes big words",
        "Takes away where they care (“x”): “y” (our inference)",
        "Takes something away: “y”",
        "A change; nobody said from what",
    ]

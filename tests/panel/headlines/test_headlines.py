"""The learned model of headlines. All headlines here are ours."""

from __future__ import annotations

from itertools import permutations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel import headlines
from vivavoce.panel.ballots import Variant
from vivavoce.panel.calibration.chances import LEAST_IN_BAND
from vivavoce.panel.headlines.model import MODEL, NEAR, weighing
from vivavoce.panel.headlines.saying import saying
from vivavoce.panel.headlines.style import BLOCKS, STYLE, style
from vivavoce.panel.outcome import Comparison, Share
from vivavoce.panel.study import Study, TextKind
from vivavoce.panel.vectors import unit

PLAIN = "The report on the water of the city is now available"
TOLD = "What she found in her tap water made her call the mayor"
THIRD = "A neighbour looked into the water of our city for a year"
MINILM = MODEL.provenance.embedder


def study(*texts: str, kind: TextKind = "headline") -> Study:
    return Study(
        ask="Which?", kind=kind, variants=tuple(Variant(id=f"v{at}", text=text) for at, text in enumerate(texts))
    )


def vectors(asked: Study) -> dict[str, NDArray[np.float32]]:
    """As good as any: a vector of each text that its own letters make."""
    return {
        text: unit(np.random.default_rng(list(text.encode())).normal(size=(1, 384)).astype(np.float32))[0]
        for text in headlines.texts(asked)
    }


def compare(*texts: str, embedder: str = MINILM) -> Comparison:
    asked = study(*texts)
    return headlines.compare(asked, vectors(asked), embedder)


def chances(found: Comparison) -> list[float]:
    return [each.chosen for each in found.standings]


def test_turned_round_the_chances_are_turned_round() -> None:
    there, back = compare(PLAIN, TOLD), compare(TOLD, PLAIN)
    assert chances(there) == chances(back)[::-1]
    assert sum(chances(there)) == pytest.approx(1)
    assert chances(there)[0] != chances(there)[1]


def test_order_and_names_do_not_matter() -> None:
    texts = (PLAIN, TOLD, THIRD)
    found = [dict(zip(order, chances(compare(*order)), strict=True)) for order in permutations(texts)]
    assert all(each == found[0] for each in found)


def test_it_gives_the_same_answer_again() -> None:
    assert compare(PLAIN, TOLD) == compare(PLAIN, TOLD)


@pytest.mark.parametrize("embedder", [MINILM, "hashing/1"])
def test_between_identical_headlines_there_is_no_winner(embedder: str) -> None:
    found = compare(PLAIN, PLAIN, embedder=embedder)
    assert chances(found) == [0.5, 0.5]
    assert (found.leader, found.decision.word, found.decision.why) == ("", "undecided", ("identical",))
    assert found.reasons == {"v0": (), "v1": ()}


@pytest.mark.parametrize(
    "text",
    [
        "Too short to be one",
        f"{PLAIN}, and whoever wants to read it finds it where all the other reports of the last ten years are",
        PLAIN.replace("water ", "water\n"),
        "Der Bericht über das Wasser der Stadt ist nun auch für uns da und wird gelesen",
    ],
)
def test_what_is_no_english_headline_of_one_line_is_not_answered(text: str) -> None:
    found = headlines.compare(study(TOLD, text), {}, MINILM)
    assert headlines.texts(study(TOLD, text)) == []
    assert found.decision.why == ("not-a-headline",)
    assert (found.decision.word, found.validated, found.abstained) == ("undecided", False, {"not-a-headline": 1})
    assert chances(found) == [0, 0]


def test_nor_is_anything_that_is_asked_as_something_else() -> None:
    assert headlines.compare(study(TOLD, PLAIN, kind="offer"), {}, MINILM).abstained == {"not-a-headline": 1}


def test_it_names_a_winner_only_when_sure_and_says_how_often_that_was_right() -> None:
    """By style alone, which needs no vectors: a woman and what she found against a plain report."""
    told = "She told the mayor what she found, and he says it happened to his mom"
    found = headlines.compare(study(PLAIN, told), {}, "hashing/1")
    decision = found.decision
    assert (decision.word, decision.variant) == ("likely", "v1")
    assert decision.sure >= headlines.SURE
    assert decision.why == ("one-site", "style-only")
    assert decision.held_out in {each.band.right for each in MODEL.style.coverage}
    third = headlines.compare(study(PLAIN, told, PLAIN + "!"), {}, "hashing/1").decision
    assert third.word in ("leans", "undecided"), "more than two at a time were never checked"
    close = headlines.compare(study(PLAIN, PLAIN.replace("now", "here")), {}, "hashing/1").decision
    assert (close.word, close.why) == ("undecided", ("unsure",))


@pytest.mark.parametrize("near", [True, False])
def test_how_often_it_was_right_is_told_of_those_about_as_sure(near: bool) -> None:
    """Whoever only just passes the bar is not told of all who are surer than that."""
    model = weighing(near)
    for each, sure in ((each, each.sure + 0.001) for each in model.coverage):
        assert headlines._held_out(model, sure) == each.band.right
        assert each.band.least <= sure
        assert sure < each.band.below
        assert each.band.count >= LEAST_IN_BAND
    just = next(each for each in model.coverage if each.sure == headlines.SURE)
    assert just.band.right.value < just.right.value - 0.03
    assert headlines._held_out(model, 0.49) is None


def test_where_the_band_reaches_even_it_leans(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "She told the mayor what she found, and he says it happened to his mom"
    even = [
        msgspec.structs.replace(each, band=msgspec.structs.replace(each.band, right=Share(0.6, 0.49, 0.7)))
        for each in MODEL.style.coverage
    ]
    doubted = msgspec.structs.replace(MODEL.style, coverage=tuple(even))
    monkeypatch.setattr(headlines, "weighing", lambda _near: doubted)
    decision = headlines.compare(study(PLAIN, told), {}, "hashing/1").decision
    assert (decision.word, decision.held_out) == ("leans", Share(0.6, 0.49, 0.7))


def test_reasons_are_the_largest_terms_and_speak() -> None:
    found = compare(PLAIN, TOLD)
    for side in ("v0", "v1"):
        weights = [abs(each.weight) for each in found.reasons[side]]
        assert len(weights) == headlines.TERMS
        assert weights == sorted(weights, reverse=True)
    assert [-each.weight for each in found.reasons["v0"]] == [each.weight for each in found.reasons["v1"]]
    assert all(saying(name) for name in (*STYLE, *NEAR))


def test_a_missing_vector_is_said() -> None:
    with pytest.raises(InputError, match="vector"):
        headlines.compare(study(PLAIN, TOLD), {}, MINILM)


def test_the_packaged_figures_are_whole_and_say_where_they_are_from() -> None:
    assert tuple(MODEL.full.weights) == (*STYLE, *NEAR)
    assert tuple(MODEL.style.weights) == STYLE
    assert {name for names in BLOCKS.values() for name in names} == set(STYLE)
    for model in (MODEL.full, MODEL.style):
        assert [each.sure for each in model.coverage] == sorted(each.sure for each in model.coverage)
        assert any(each.sure == headlines.SURE for each in model.coverage)
    made = MODEL.provenance
    assert all((made.source, made.licence, made.file, made.sha256, made.split, made.date, made.command))
    assert made.rows > made.groups > 0


def test_figures_of_style() -> None:
    row = dict(zip(STYLE, style(["She said “no”: 3 of 5 won't pay $9!"])[0], strict=True))
    assert {name: row[name] for name in ("has_she", "has_not", "digits", "dollars", "exclaims", "colon", "quotes")} == {
        "has_she": 1, "has_not": 2, "digits": 1, "dollars": 1, "exclaims": 1, "colon": 1, "quotes": 1,
    }  # fmt: skip
    assert row["starts_pronoun"] == 1
    assert style([]).shape == (0, len(STYLE))
    assert np.isfinite(style(["", "…", "ß" * 5_000, "\u202eלא"])).all()

"""The pages of a survey, for every shape of a study."""

from __future__ import annotations

import msgspec
import pytest

from tests.app.shown import Elements
from tests.panel.survey.asked import FORM, STUDY
from vivavoce.findings.survey_page import WORDS, day, render_consent, render_eraser, render_questions, render_told
from vivavoce.panel.ballots import Variant
from vivavoce.panel.study import Study, TextKind
from vivavoce.panel.survey.form import Asks, Form

SIX = tuple(Variant(id=f"v{number}", text=f"Text {number}.", price=9.5 * number) for number in range(6))


def asked(study: Study, asks: Asks = "none") -> Elements:
    form = Form(study=study, seed=1, asks=asks)
    render_consent(form, erase_at=0.0, personal=True)
    return Elements(render_questions(form, [each.id for each in study.variants], trap="trap"))


def names(page: Elements) -> set[str]:
    return {found["name"] for tag in ("input", "textarea") for found in page.of(tag) if "name" in found}


@pytest.mark.parametrize("kind", ["offer", "idea", "headline"])
def test_one_variant_has_no_choice(kind: TextKind) -> None:
    study = msgspec.structs.replace(STUDY, kind=kind, variants=STUDY.variants[:1], claims=(), context="")
    assert names(asked(study)) == {"appeal-0", "would-0", "why", "trap"}


def test_six_variants_a_choice_and_four_prices() -> None:
    page = asked(msgspec.structs.replace(STUDY, variants=SIX, claims=()), "four")
    marks = {f"{what}-{place}" for what in ("appeal", "would") for place in range(6)}
    assert names(page) == marks | {"choice", "why", "trap", "four-0", "four-1", "four-2", "four-3"}
    radios = [found for found in page.of("input") if found.get("type") == "radio"]
    assert len(radios) == 6 * (10 + 3) + 7
    assert len({found["id"] for found in radios}) == len(radios)
    assert all("required" in found for found in radios)


def test_a_long_text_is_cut_beside_its_questions_and_opens_there() -> None:
    long = tuple(msgspec.structs.replace(each, text=each.text + " And more of it." * 20) for each in SIX[:2])
    page = asked(msgspec.structs.replace(STUDY, variants=(*long, SIX[2])))
    assert len(page.of("details")) == len(page.of("summary")) == 2, "without a script, and short ones stand there whole"
    assert "open" not in page.of("details")[0]
    alone = asked(msgspec.structs.replace(STUDY, variants=long[:1], claims=(), prices=None))
    assert alone.of("details") == [], "one stands right above its questions"


def test_the_priced_variant_is_named_as_it_is_shown() -> None:
    text = render_questions(FORM, ("automatic", "approves"), trap="trap")
    assert "What is the most you would pay for option B?" in text, "the first variant of the study is priced"
    assert "40 USD" in text
    six = Form(study=msgspec.structs.replace(STUDY, variants=SIX), seed=1)
    assert "28.50 USD" in render_questions(six, [each.id for each in SIX], trap="trap")


def test_pages_that_ask_nothing() -> None:
    for why, (title, words) in WORDS.items():
        text = render_told(why)
        assert title in text
        assert words in text.replace("&#39;", "'")
    assert Elements(render_told("stale", back="token")).of("a") == [{"href": "token"}]
    assert 'value="&lt;b&gt;"' in render_eraser("<b>")
    assert day(1_795_000_000.0) == "18 November 2026"

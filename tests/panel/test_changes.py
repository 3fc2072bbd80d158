from __future__ import annotations

import msgspec

from tests.panel.panels import comparison
from tests.panel.panels import study as offers
from vivavoce.panel.ballots import Variant
from vivavoce.panel.changes import changes
from vivavoce.panel.outcome import (
    Claim,
    Discussion,
    Hypothesis,
    Lead,
    Move,
    PricePoint,
    Pricing,
    Reproduction,
    Result,
    Segment,
    Share,
)

STUDY = offers()
MADE = Reproduction(
    study_hash="s", panel="p", evidence_hash="e", seed=1, respondents=("test",), embedder="hashing/1",
    versions={"reasoner": "2"},
)  # fmt: skip
RESULT = Result(reproduction=MADE, comparisons=(comparison({"p01": {"a": 1.0, "b": 0.0}}),), differ=False)


def test_the_same_is_no_change() -> None:
    assert changes((STUDY, RESULT), (STUDY, RESULT)) == ()


def test_causes_come_before_what_came_of_them() -> None:
    texts = msgspec.structs.replace(
        STUDY, variants=(STUDY.variants[0], offers("x", "Another.").variants[1]), today="Paper."
    )
    made = msgspec.structs.replace(
        MADE, panel="q", evidence_hash="f", seed=2, embedder="minilm/1", versions={"reasoner": "3", "prompt": "1"}
    )
    other = Result(
        reproduction=made, comparisons=(comparison({"p01": {"a": 0.0, "b": 1.0}}, leader="b"),), differ=False
    )
    found = changes((STUDY, RESULT), (texts, other))
    assert [(each.what, each.where) for each in found[:8]] == [
        ("spec", "variant b, text"), ("spec", "today"), ("panel", ""), ("evidence", ""), ("seed", ""), ("embedder", ""),
        ("versions", "prompt"), ("versions", "reasoner"),
    ]  # fmt: skip
    assert (found[4].before, found[4].after) == ("1", "2")
    assert (found[6].before, found[6].after) == ("", "1")
    standings = {each.where: (each.before, each.after) for each in found if each.what == "standing"}
    assert standings["test: a"] == ("1 wins, 5.0", "0 wins, 5.0")


def test_a_verdict_and_a_respondent_that_came_or_went() -> None:
    asked = RESULT.comparisons[0]
    leans = msgspec.structs.replace(
        asked, decision=msgspec.structs.replace(asked.decision, word="leans", variant="b", sure=0.97)
    )
    other = msgspec.structs.replace(asked, respondent="openai/m")
    found = changes((STUDY, RESULT), (STUDY, msgspec.structs.replace(RESULT, comparisons=(leans, other))))
    verdicts = {each.where: (each.before, each.after) for each in found if each.what == "verdict"}
    assert verdicts["test"][1] == "leans b, 97% sure"
    assert verdicts["openai/m"][0] == ""


def test_long_texts_are_cut() -> None:
    long = msgspec.structs.replace(STUDY, context="x" * 500)
    (found,) = changes((STUDY, RESULT), (long, RESULT))
    assert (found.where, len(found.after)) == ("context", 80)


def test_long_texts_are_cut_around_what_differs() -> None:
    before = msgspec.structs.replace(STUDY, context="one two " * 30 + "before " + "three " * 30)
    after = msgspec.structs.replace(STUDY, context="one two " * 30 + "after")
    (found,) = changes((before, RESULT), (after, RESULT))
    assert (found.before[0], found.before[-1]) == ("…", "…")
    assert ("before three" in found.before, "two after" in found.after) == (True, True)
    assert max(len(found.before), len(found.after)) <= 80


def test_a_price_is_told_apart_from_the_text() -> None:
    text = "A long text of an offer that goes on. " * 5
    (one, two) = (
        msgspec.structs.replace(STUDY, variants=(Variant(id="a", text=text, price=price), *STUDY.variants[1:]))
        for price in (9.0, None)
    )
    (found,) = changes((one, RESULT), (two, RESULT))
    assert (found.where, found.before, found.after) == ("variant a, price", "9.0", "")
    gone = msgspec.structs.replace(STUDY, variants=STUDY.variants[1:])
    (found,) = changes((STUDY, RESULT), (gone, RESULT))
    assert (found.where, found.before, found.after) == ("variant a", STUDY.variants[0].text, "")


def test_what_else_came_of_it_is_compared_too() -> None:
    def found(more: int) -> Result:
        return msgspec.structs.replace(
            RESULT,
            claims=(Claim(text="It hurts.", verdict="supported", score=7.0 + more, people=5),),
            pricing=Pricing(
                variant="a",
                currency="EUR",
                points=(PricePoint(price=9.0, would=Share(0.5 + 0.1 * more, 0.2, 0.9), revenue=4.5),),
                best=9.0 if more else None,
                demand=(),
                elasticity=None,
            ),
            hypotheses=(
                Hypothesis(text="They pay.", origin="known", state="open" if more else "supported", test="Ask."),
            ),
            segments=(Segment(name="late", members=("p01",), prefers="a" if more else "", appeal={"a": 7.0}, say="."),),
            discussion=Discussion(
                moves=(
                    Move(persona="p01", before={"a": 5.0, "b": 4.0}, after={"a": 5.0, "b": 4.0 + 2 * more}, says=""),
                ),
                rounds=1,
                conformity=0.0,
                leader_before="a",
                leader_after="a",
            ),
            leads=(
                Lead(
                    insight="i", url="https://x.example", source="file", said_at=None, fit=0.5 + more / 10, about="it"
                ),
            ),
            warnings=("alike",) if more else (),
        )

    assert changes((STUDY, found(1)), (STUDY, found(1))) == ()
    told = {
        (each.what, each.where): (each.before, each.after) for each in changes((STUDY, found(0)), (STUDY, found(1)))
    }
    assert told == {
        ("claim", "It hurts."): (
            "supported, 7.0, 5 people, 0 for, 0 against", "supported, 8.0, 5 people, 0 for, 0 against",
        ),
        ("price", "best of a"): ("cannot be told", "9"),
        ("price", "a at 9"): ("50%", "60%"),
        ("hypothesis", "They pay."): ("supported: Ask.", "open: Ask."),
        ("segment", "late"): ("1 members, prefer nothing together; a 7.0", "1 members, prefer a; a 7.0"),
        ("discussion", ""): (
            "0 of 1 changed their favourite, a led before, a after",
            "1 of 1 changed their favourite, a led before, a after",
        ),
        ("lead", "https://x.example"): ("it, 50%", "it, 60%"),
        ("warning", ""): ("", "alike"),
    }  # fmt: skip
    gone = {(each.what, each.after) for each in changes((STUDY, found(0)), (STUDY, RESULT))}
    assert {what for what, _ in gone} == {"claim", "price", "hypothesis", "segment", "discussion", "lead"}
    assert {after for _, after in gone} == {""}

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.panel.panels import ballot, panel, study
from vivavoce.panel.ballots import Ballot, Reason
from vivavoce.panel.personas import Panel, Persona, Point
from vivavoce.panel.segments import FEWEST, segmented
from vivavoce.panel.troubles import leading

PANEL = panel(40)
FIRST = PANEL.personas[0]
LIKES_A, LIKES_B, EVEN = {"a": 0.8, "b": 0.2}, {"a": 0.1, "b": 0.9}, {"a": 0.51, "b": 0.49}


def reason(point: Point, quote: str = "") -> Reason:
    return Reason(
        sign="pro", text="Speaks to what hurts", term="need", weight=1.0, evidence=point.evidence, quote=quote
    )


def all_like(shares: dict[str, float], of: Panel = PANEL, reasons: bool = True) -> list[Ballot]:
    return [ballot(each.id, shares, [reason(each.frustrations[0])] if reasons else []) for each in of.personas]


def suffering(*troubles: tuple[str, ...]) -> Panel:
    """One member for each, with these troubles, the first leading."""

    def member(at: int, texts: tuple[str, ...]) -> Persona:
        points = tuple(
            Point(text=text, origin="real", weight=0.2, evidence=(f"{text}{at}",), reach=0.1) for text in texts
        )
        return msgspec.structs.replace(FIRST, id=f"p{at + 1:02d}", frustrations=points, quotes=())

    return msgspec.structs.replace(PANEL, personas=tuple(member(at, texts) for at, texts in enumerate(troubles)))


def names(of: Panel) -> dict[str, tuple[str, ...]]:
    return {segment.name: segment.members for segment in segmented(study(), of, [])}


def test_members_with_the_same_leading_trouble_are_a_segment() -> None:
    found = segmented(study(), PANEL, all_like(LIKES_A))
    leads = Counter(point.text for persona in PANEL.personas if (point := leading(persona)))
    assert {segment.name for segment in found} == {text for text, count in leads.items() if count >= FEWEST}
    sizes = [len(segment.members) for segment in found]
    assert sizes == sorted(sizes, reverse=True)
    for segment in found:
        assert segment.prefers == "a"
        assert segment.appeal == {"a": 8.2, "b": 2.8}
        assert segment.evidence
        assert set(segment.evidence) <= PANEL.evidence()


def test_who_leads_alone_joins_those_who_share_its_trouble() -> None:
    assert names(suffering(("x",), ("x",), ("y", "x"))) == {"x": ("p01", "p02", "p03")}
    assert names(suffering(("x",), ("x",), ("z",), ("z",), ("z",), ("y", "x", "z"))) == {
        "z": ("p03", "p04", "p05", "p06"),
        "x": ("p01", "p02"),
    }


def test_of_members_who_all_lead_alone_those_who_share_anything() -> None:
    assert names(suffering(("a", "s"), ("b", "s"), ("c", "t"), ("d", "t"), ("e",))) == {
        "s": ("p01", "p02"),
        "t": ("p03", "p04"),
    }
    assert names(suffering(("a",), ("b",))) == {}


def test_how_to_speak_to_them_is_in_the_words_of_their_reason() -> None:
    two = suffering(("x", "y"), ("x", "y"))
    own, other = two.personas[0].frustrations
    ballots = [
        ballot("p01", LIKES_A, [reason(own, "It takes days."), reason(other, "They cost too much.")]),
        ballot("p02", LIKES_A, [reason(two.personas[1].frustrations[0])]),
    ]
    (segment,) = segmented(study(), two, ballots)
    assert segment.say == (
        "To people who suffer from “x” say that “a” is about it: 2 of 2 give that as a reason. "
        "One who suffers from it puts it this way: “It takes days.”"
    )


def test_what_a_trouble_is_called_is_not_quoted_again() -> None:
    two = suffering(("It takes days",), ("It takes days",))
    named = [ballot(each.id, LIKES_A, [reason(each.frustrations[0], "It takes days.")]) for each in two.personas]
    assert segmented(study(), two, named)[0].say.endswith("2 of 2 give that as a reason.")


@pytest.mark.parametrize(
    "change",
    [{"sign": "con"}, {"term": "price"}, {"term": "switching"}, {"evidence": ()}, {"evidence": ("y0",)}],
    ids=["against it", "price", "switching", "nobody's", "another trouble"],
)
def test_only_the_own_trouble_that_a_reason_names_is_spoken_of(change: dict[str, object]) -> None:
    two = suffering(("x", "y"), ("x", "y"))
    own = [reason(each.frustrations[0], "It takes days.") for each in two.personas]
    own[0] = msgspec.structs.replace(own[0], **change)
    ballots = [ballot(each.id, LIKES_A, [given_]) for each, given_ in zip(two.personas, own, strict=True)]
    (segment,) = segmented(study(), two, ballots)
    assert segment.say == (
        "To people who suffer from “x” nothing of theirs can be said: "
        "they choose “a”, but fewer than 2 of them give this trouble as a reason."
    )


def test_a_model_that_names_no_term_is_heard_too() -> None:
    two = suffering(("x",), ("x",))
    named = [[msgspec.structs.replace(reason(each.frustrations[0]), term="")] for each in two.personas]
    ballots = [ballot(each.id, LIKES_A, given_) for each, given_ in zip(two.personas, named, strict=True)]
    assert "is about it: 2 of 2" in segmented(study(), two, ballots)[0].say


def test_nothing_is_preferred_where_members_do_not_agree() -> None:
    def prefers(*each: dict[str, float]) -> str:
        of = suffering(*[("x",)] * len(each))
        ballots = [ballot(persona.id, shares) for persona, shares in zip(of.personas, each, strict=True)]
        return segmented(study(), of, ballots)[0].prefers

    assert prefers(LIKES_A, LIKES_A, LIKES_B) == "a"  # two of three
    assert prefers(LIKES_A, LIKES_A, LIKES_A, LIKES_B, LIKES_B) == ""
    assert prefers(LIKES_A, EVEN, LIKES_B) == ""
    assert prefers(EVEN, EVEN, EVEN) == ""
    assert prefers(EVEN, EVEN, LIKES_A) == ""


def test_who_changes_with_the_order_has_no_favourite() -> None:
    two = suffering(("x",), ("x",))
    ballots = [ballot(persona.id, shares) for persona in two.personas for shares in ({"a": 0.9, "b": 0.1}, LIKES_B)]
    (segment,) = segmented(study(), two, ballots)
    assert segment.prefers == ""
    assert segment.appeal["a"] == pytest.approx(5.5)


def test_who_gave_no_answer_counts_for_nothing() -> None:
    two = suffering(("x",), ("x",))
    silent = Ballot(persona="p01", respondent="test", order=("a", "b"), answers=(), abstains="refused")
    (segment,) = segmented(study(), two, [silent])
    assert (segment.prefers, segment.appeal) == ("", {})
    assert segment.say.endswith("none of them gave an answer.")
    (segment,) = segmented(study(), two, [silent, ballot("p02", LIKES_B)])
    assert segment.prefers == "b"
    assert segmented(study(), two, [ballot("p99", LIKES_A)])[0].appeal == {}  # of somebody who is not on the panel


def test_one_variant_is_preferred_by_who_would_take_it() -> None:
    two = suffering(("x",), ("x",))
    assert segmented(study("One."), two, [ballot(each.id, {"a": 1.0}) for each in two.personas])[0].prefers == "a"
    assert segmented(study("One."), two, [ballot(each.id, {"a": 0.2}) for each in two.personas])[0].prefers == ""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True), max_size=12))
def test_everybody_is_in_one_segment_at_most(troubles: list[list[str]]) -> None:
    of = suffering(*map(tuple, troubles))
    found = names(of)
    seated = [id_ for members in found.values() for id_ in members]
    assert len(seated) == len(set(seated))
    assert all(len(members) >= FEWEST for members in found.values())
    held = {persona.id: {point.text for point in persona.frustrations} for persona in of.personas}
    assert all(name in held[id_] for name, members in found.items() for id_ in members)
    alone = [texts for id_, texts in held.items() if id_ not in seated]
    assert sum(map(len, alone)) == len(set().union(*alone))  # who is in none shares nothing with another such

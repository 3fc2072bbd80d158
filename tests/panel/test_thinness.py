from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from tests.panel.bodies import body
from vivavoce.errors import InputError
from vivavoce.panel.building import build
from vivavoce.panel.evidence import Body
from vivavoce.panel.personas import PanelSpec
from vivavoce.panel.thinness import CAUTIONS, MOST_ALIKE, STOPS, ThinEvidenceError, explained, weaknesses


def changed(evidence: Body, **insight: object) -> Body:
    """The body with something the same in all its insights."""
    return replace(evidence, insights=tuple(msgspec.structs.replace(each, **insight) for each in evidence.insights))


def flagged(evidence: Body, count: int, flag: str) -> Body:
    readings = tuple(
        msgspec.structs.replace(reading, flags=(flag,)) if row < count else reading
        for row, reading in enumerate(evidence.readings)
    )
    return replace(evidence, readings=readings)


def praising(evidence: Body) -> Body:
    """The body with praise for every wish."""
    readings = tuple(
        msgspec.structs.replace(reading, kind="praise" if reading.kind == "need" else reading.kind)
        for reading in evidence.readings
    )
    return replace(evidence, readings=readings)


def same_words(evidence: Body, count: int) -> Body:
    """The body with as many insights that say the same, written in two ways."""
    insights = tuple(
        msgspec.structs.replace(each, text="Too dear." if row % 2 else "too  dear!") if row < count else each
        for row, each in enumerate(evidence.insights)
    )
    return replace(evidence, insights=insights)


def empty() -> Body:
    return Body(insights=(), readings=(), vectors=np.zeros((0, 4), np.float32), themes=(), embedder="test/1")


BODY = body()
CASES = [
    (body(29), "thin"),
    (body(300, people=2), "few-people"),
    (changed(BODY, source="calls", group="one"), "one-sided"),
    (flagged(BODY, 200, "not-english"), "not-english"),
    (changed(BODY, source="reddit"), "one-source"),
    (flagged(BODY, 60, "not-english"), "some-not-english"),
    (replace(BODY, left_out={"instructions": 1}), "poisoned"),
    (replace(BODY, left_out={"copy": 40}), "copies"),
    (replace(BODY, left_out={"unread": 1}), "unread"),
    (changed(BODY, person=""), "people-unknown"),
    (same_words(BODY, 31), "same-words"),
    (praising(BODY), "side-inferred"),
    (replace(BODY, weak=True), "weak-embedding"),
]


def test_nothing_is_wrong_with_enough() -> None:
    assert weaknesses(BODY) == []
    assert weaknesses(replace(BODY, left_out={"too-short": 90, "advert": 9})) == []
    assert weaknesses(same_words(BODY, 30)) == []
    assert "same-words" not in weaknesses(body(1)), "one alone is the same as nobody"


@pytest.mark.parametrize(("evidence", "name"), CASES, ids=[name for _, name in CASES])
def test_what_is_wrong_is_said(evidence: Body, name: str) -> None:
    found = weaknesses(evidence)
    assert name in found
    assert explained(name)
    if set(found) & STOPS.keys():
        with pytest.raises(ThinEvidenceError) as stopped:
            build(evidence, PanelSpec(), 1)
        assert name in stopped.value.why
        assert STOPS[name] in str(stopped.value)
        assert name in build(evidence, PanelSpec(forced=True), 1).warnings
    else:
        assert name in build(evidence, PanelSpec(), 1).warnings


def test_one_person_who_said_most_of_it_is_one_sided() -> None:
    insights = tuple(
        msgspec.structs.replace(each, person="loud", source="reddit") if row < 200 else each
        for row, each in enumerate(BODY.insights)
    )
    assert "one-sided" in weaknesses(replace(BODY, insights=insights))


def test_what_is_mostly_inferred_stops_too() -> None:
    silent = replace(BODY, themes=())
    with pytest.raises(ThinEvidenceError) as stopped:
        build(silent, PanelSpec(), 1)
    assert stopped.value.why == ("mostly-inferred",)
    panel = build(silent, PanelSpec(forced=True), 1)
    assert {"mostly-inferred", "alike"} <= set(panel.warnings)
    assert panel.effective_size == 1
    assert {persona.richness for persona in panel.personas} == {0.0}


@pytest.mark.parametrize("size", [2, 5, 40])
def test_members_who_share_more_than_half_are_alike_however_many_they_are(size: int) -> None:
    few = ("late payments", "price rises", "lost drafts", "one price")
    shared = replace(BODY, themes=tuple(theme for theme in BODY.themes if theme.label in few))
    split = tuple(
        msgspec.structs.replace(theme, rows=theme.rows[part::3], label=f"{theme.label} {part}")
        for theme in BODY.themes
        for part in range(3)
    )
    for evidence, alike in ((shared, True), (replace(BODY, themes=split), False)):
        panel = build(evidence, PanelSpec(size=size), 1)
        assert (panel.overlap > MOST_ALIKE, "alike" in panel.warnings) == (alike, alike)
    assert "alike" not in build(shared, PanelSpec(size=1), 1).warnings, "one is like nobody"


def test_what_one_person_alone_said_is_an_anecdote() -> None:
    hurts = [theme for theme in BODY.themes if theme.side == "frustration"]
    alone = [
        msgspec.structs.replace(theme, rows=theme.rows[:1], label=f"{theme.label} once")
        for theme in BODY.themes
        if theme.side == "goal"
    ]
    assert "anecdotes" not in build(replace(BODY, themes=(*hurts, *alone)), PanelSpec(size=40), 1).warnings
    more = [msgspec.structs.replace(theme, rows=theme.rows[:1]) for theme in hurts]
    assert "anecdotes" in build(replace(BODY, themes=(*more, *alone)), PanelSpec(size=40), 1).warnings


@pytest.mark.parametrize("forced", [False, True])
def test_nothing_at_all_cannot_be_forced(forced: bool) -> None:
    with pytest.raises(ThinEvidenceError, match="a panel without evidence is fiction"):
        build(empty(), PanelSpec(forced=forced), 1)


def test_what_was_left_out_is_said_with_what_is_there() -> None:
    """Where all of it was left out, "collect some" alone would be what somebody just did."""
    poisoned = replace(empty(), left_out={"instructions": 40, "advert": 2})
    with pytest.raises(ThinEvidenceError, match=r"0 insights of 0 people; 0 .* left out: 40 instructions, 2 advert"):
        build(poisoned, PanelSpec(), 1)
    with pytest.raises(ThinEvidenceError) as stopped:
        build(empty(), PanelSpec(), 1)
    assert "left out" not in str(stopped.value)


def neutral(evidence: Body, rows: int) -> Body:
    """The body with nothing in its first rows that anybody suffers or wants."""
    readings = tuple(
        msgspec.structs.replace(reading, kind=None, sentiment=0.0) if row < rows else reading
        for row, reading in enumerate(evidence.readings)
    )
    return replace(evidence, readings=readings)


def test_chatter_does_not_make_up_for_what_nobody_said() -> None:
    assert "thin" not in weaknesses(body(30))
    chatter = neutral(body(30), 27)
    assert "thin" in weaknesses(chatter)
    with pytest.raises(ThinEvidenceError, match="30 people; 3 of the insights say what hurts") as stopped:
        build(chatter, PanelSpec(), 1)
    assert "thin" in stopped.value.why


def test_who_only_chatters_is_nobody_who_said_it() -> None:
    assert "few-people" not in weaknesses(neutral(BODY, 200))
    assert "few-people" in weaknesses(neutral(BODY, 298))


def test_it_is_an_input_error_and_quotes_nobody() -> None:
    with pytest.raises(InputError) as stopped:
        build(body(5), PanelSpec(), 1)
    assert "5 insights of 5 people" in str(stopped.value)
    assert not any(insight.text in str(stopped.value) for insight in BODY.insights)


def test_each_name_is_there_once() -> None:
    assert not STOPS.keys() & CAUTIONS.keys()

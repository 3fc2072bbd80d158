from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.panel.panels import panel, study
from vivavoce.panel.ballots import Answer, Ballot, Reason
from vivavoce.panel.discussion import LEAST_STUBBORN, MOST_STUBBORN, MOVED, discussed, stubbornness, turned
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.votes import mean

TWO = study()
PANEL = panel(8)
PRO = Reason(sign="pro", text="Ends what hurts: “late payments”.", weight=1.0, evidence=("i1", "i2"))
SMALL = Reason(sign="pro", text="Costs less.", weight=0.2)
CON = Reason(sign="con", text="Takes data away", weight=-0.7, evidence=("i3",))


def ballot(persona: str, a: float, b: float, *reasons: Reason, order: tuple[str, ...] = ("a", "b")) -> Ballot:
    """The reasons are all of variant a."""
    return Ballot(
        persona=persona,
        respondent="test",
        order=order,
        answers=(
            Answer(variant="a", appeal=a, would="might", reasons=reasons),
            Answer(variant="b", appeal=b, would="might"),
        ),
        prefers={"a": 0.5, "b": 0.5},
    )


def of(**kinds: tuple[float, str]) -> Panel:
    """Members who decide like this: temperature and bias."""
    people = tuple(
        msgspec.structs.replace(persona, id=id_, name=id_.title(), temperature=temperature, bias=bias)
        for persona, (id_, (temperature, bias)) in zip(PANEL.personas, kinds.items(), strict=False)
    )
    return msgspec.structs.replace(PANEL, personas=people)


TRIO = of(ann=(0.5, "x"), bob=(0.5, "x"), cid=(0.5, "x"))


def test_marks_move_towards_what_is_heard_and_the_first_round_stays() -> None:
    found = discussed(TRIO, TWO, [ballot("ann", 9, 5, PRO), ballot("bob", 3, 5, CON), ballot("cid", 3, 5)])
    ann, bob, _ = found.moves
    assert ann.before == {"a": 9.0, "b": 5.0}
    assert 3 < ann.after["a"] < 9
    assert bob.after["a"] > 3
    assert ann.after["b"] == 5.0
    assert 0 < found.conformity < 1
    assert found.leader_before == "", "5 and 5"
    assert (bob.swayed_by, bob.reason, bob.evidence) == ("ann", PRO.text, ("i1", "i2"))
    assert (ann.swayed_by, ann.reason) == ("bob", CON.text), "not cid, who gives no reason"


def test_what_they_say_is_what_stands_on_ballots() -> None:
    found = discussed(TRIO, TWO, [ballot("ann", 9, 5, SMALL, PRO), ballot("bob", 3, 5, CON), ballot("cid", 9, 5)])
    ann, bob, cid = found.moves
    assert ann.says == f"Of “a”: {PRO.text} Goes from 9.0 to {ann.after['a']:.1f} on “a”, after Bob said: {CON.text}."
    assert bob.says.startswith(f"Of “a”: {CON.text}. Goes from 3.0 to ")
    assert cid.says.startswith("Gave marks and no reason. Goes from 9.0")
    alone = discussed(TRIO, TWO, [ballot("ann", 9, 5), ballot("bob", 3, 5)])
    assert alone.moves[0].says.endswith("with the others; nobody gave a reason for it.")
    assert alone.moves[0].swayed_by == alone.moves[0].reason == ""


def test_who_agrees_stays() -> None:
    found = discussed(TRIO, TWO, [ballot(each, 7, 4, PRO) for each in ("ann", "bob", "cid")])
    assert all(move.before == move.after and move.swayed_by == "" for move in found.moves)
    assert found.moves[0].says.endswith("Stays with that.")
    assert (found.conformity, found.leader_before, found.leader_after) == (0.0, "a", "a")


def test_a_reason_speaks_for_the_move_it_explains() -> None:
    found = discussed(TRIO, TWO, [ballot("ann", 9, 5, CON), ballot("bob", 3, 5), ballot("cid", 5, 5, PRO)])
    assert found.moves[1].swayed_by == "cid", "ann pulls more, and speaks against it"


def test_noise_and_bias_make_stubborn() -> None:
    def kept(temperature: float, bias: str) -> float:
        return stubbornness(of(ann=(temperature, bias)).personas[0])

    assert kept(0.3, "x") > kept(0.7, "x")
    assert kept(0.5, "status-quo") > kept(0.5, "x") > kept(0.5, "bandwagon")
    assert (kept(0.0, "status-quo"), kept(1.0, "bandwagon")) == (MOST_STUBBORN, LEAST_STUBBORN)
    pair = of(ann=(0.3, "x"), bob=(0.9, "bandwagon"))
    firm, soft = discussed(pair, TWO, [ballot("ann", 9, 5), ballot("bob", 1, 5)]).moves
    assert 9 - firm.after["a"] < soft.after["a"] - 1


def test_nobody_hears_themselves() -> None:
    """Half of it is what they said first; in the first round both come to the middle, and go half of the way back."""
    ann, bob = discussed(of(ann=(0.5, "x"), bob=(0.5, "x")), TWO, [ballot("ann", 1, 5), ballot("bob", 9, 5)]).moves
    assert (ann.after["a"], bob.after["a"]) == (3.0, 7.0)


def test_conformity_is_how_much_the_spread_shrinks() -> None:
    found = discussed(of(ann=(0.1, "x"), bob=(0.1, "x")), TWO, [ballot("ann", 1, 5), ballot("bob", 9, 5)])
    assert [move.after["a"] for move in found.moves] == [1.72, 8.28]
    assert found.conformity == 0.18


def test_who_turns_marks_another_one_highest() -> None:
    minds = of(ann=(0.9, "x"), bob=(0.1, "x"), cid=(0.1, "x"))
    found = discussed(minds, TWO, [ballot("ann", 6, 5), ballot("bob", 1, 9), ballot("cid", 2, 9)])
    assert (turned(found), found.moves[0].after["a"] < found.moves[0].after["b"]) == (1, True)
    level = discussed(minds, TWO, [ballot("ann", 5, 5), ballot("bob", 5, 5), ballot("cid", 9, 1)])
    assert [move.before == {"a": 5.0, "b": 5.0} for move in level.moves] == [True, True, False]
    assert turned(level) == 2, "who marked both alike has a favourite now"
    assert turned(discussed(TRIO, study("One thing"), [ballot("ann", 9, 5), ballot("bob", 1, 5)])) == 0


def test_how_much_they_draw_together_is_made_by_the_members_and_not_by_the_marks() -> None:
    """Why it is not shown: of marks drawn by lot it is what the members do not keep of their first mark."""
    crowd, chance = panel(40), random.Random(1)
    given_up = 1 - mean([stubbornness(each) for each in crowd.personas])
    for _ in range(20):
        ballots = [ballot(each.id, chance.uniform(1, 10), chance.uniform(1, 10)) for each in crowd.personas]
        assert discussed(crowd, TWO, ballots).conformity == pytest.approx(given_up, abs=0.1)


def test_swayed_is_by_who_pulls_most_that_way() -> None:
    up = [ballot("ann", 10, 5, PRO), ballot("bob", 3, 5), ballot("cid", 4, 5, SMALL)]
    assert discussed(TRIO, TWO, up).moves[1].swayed_by == "ann"
    against = [ballot("ann", 10, 5), ballot("bob", 3, 5), ballot("cid", 1, 5, PRO)]
    move = discussed(TRIO, TWO, against).moves[1]
    assert move.after["a"] > 3
    assert move.swayed_by == "", "cid speaks for it, and pulls down"


def test_who_shares_troubles_is_heard_more() -> None:
    ann, bob, cid = TRIO.personas
    friend = msgspec.structs.replace(bob, frustrations=ann.frustrations, goals=ann.goals)
    stranger = msgspec.structs.replace(cid, frustrations=(), goals=())
    near = msgspec.structs.replace(TRIO, personas=(ann, friend, stranger))
    ballots = [ballot("ann", 5, 5), ballot("bob", 9, 5), ballot("cid", 1, 5)]
    assert discussed(near, TWO, ballots).moves[0].after["a"] > 5
    assert discussed(near, TWO, [ballots[0], ballot("bob", 1, 5), ballot("cid", 9, 5)]).moves[0].after["a"] < 5


def test_who_abstains_neither_speaks_nor_hears() -> None:
    silent = Ballot(persona="cid", respondent="test", order=("a", "b"), answers=(), abstains="no-evidence")
    found = discussed(TRIO, TWO, [ballot("ann", 9, 5, PRO), ballot("bob", 3, 5, CON), silent])
    assert [move.persona for move in found.moves] == ["ann", "bob"]
    nobody = discussed(TRIO, TWO, [silent])
    assert (nobody.moves, nobody.rounds, nobody.conformity) == ((), 0, 0.0)
    alone = discussed(TRIO, TWO, [ballot("ann", 9, 5, PRO)])
    assert alone.moves[0].after == alone.moves[0].before
    assert discussed(TRIO, study("One thing"), [ballot("ann", 9, 5)]).leader_after == ""


def test_several_orders_are_one_mark() -> None:
    both = [ballot("ann", 9, 5), ballot("ann", 7, 5, order=("b", "a")), ballot("bob", 8, 5)]
    assert discussed(TRIO, TWO, both).moves[0].before["a"] == 8.0


def test_long_and_broken_words_stay_one_short_line() -> None:
    long = Reason(sign="pro", text="Line\none\n" + "word " * 400, weight=1.0)
    says = discussed(TRIO, TWO, [ballot("ann", 9, 5, long), ballot("bob", 3, 5)]).moves[1].says
    assert "\n" not in says
    assert len(says) < 400


MARK = st.floats(1, 10).map(lambda mark: round(mark, 2))


@settings(max_examples=50)
@given(st.lists(st.tuples(MARK, MARK), min_size=1, max_size=8))
def test_nobody_leaves_the_range_of_what_was_said_and_nobody_is_invented(marks: list[tuple[float, float]]) -> None:
    members: tuple[Persona, ...] = PANEL.personas[: len(marks)]
    ballots = [ballot(each.id, a, b, PRO, CON) for each, (a, b) in zip(members, marks, strict=True)]
    found = discussed(PANEL, TWO, ballots)
    assert discussed(PANEL, TWO, ballots[::-1]) == found, "the order they were asked in is no matter"
    assert found.conformity <= 1
    for place, name in enumerate(("a", "b")):
        said = [mark[place] for mark in marks]
        assert all(min(said) - 0.01 <= move.after[name] <= max(said) + 0.01 for move in found.moves)
    for move in found.moves:
        moved = max(abs(move.after[name] - move.before[name]) for name in move.after)
        assert not move.swayed_by or moved >= MOVED - 0.01
        assert move.swayed_by in ({persona.id for persona in members} | {""}) - {move.persona}
        assert move.reason in ("", PRO.text, CON.text)


def test_two_hundred_talk_as_well() -> None:
    many = panel(200)
    found = discussed(many, TWO, [ballot(each.id, 1 + at % 10, 5, PRO) for at, each in enumerate(many.personas)])
    assert len(found.moves) == 200
    assert found.conformity == pytest.approx(0.5, abs=0.4)

from __future__ import annotations

from vivavoce.panel.ballots import Answer, Ballot, Would
from vivavoce.panel.differing import Difference, differences, favourite


def ballot(persona: str, by: str, /, prefers: dict[str, float] | None = None, **would: Would) -> Ballot:
    answers = tuple(Answer(variant=variant, appeal=5.0, would=word) for variant, word in would.items())
    abstains = "" if answers else "refused"
    order = tuple(would)
    return Ballot(
        persona=persona, respondent=by, order=order, answers=answers, prefers=prefers or {}, abstains=abstains
    )


def test_the_plainest_difference_comes_first() -> None:
    found = differences(
        [
            ballot("p1", "x", {"a": 0.6, "b": 0.4}, a="would", b="might"),
            ballot("p2", "x", {"a": 0.6, "b": 0.4}, a="would", b="might"),
            ballot("p1", "y", {"a": 1.0, "b": 0.0}, a="might", b="might"),
            ballot("p2", "y", {"a": 0.0, "b": 1.0}, a="would_not", b="might"),
        ]
    )
    assert found == [
        Difference(persona="p2", variant="a", says={"x": "would", "y": "would_not"}, steps=2),
        Difference(persona="p2", says={"x": "a", "y": "b"}),
        Difference(persona="p1", variant="a", says={"x": "would", "y": "might"}, steps=1),
    ]


def test_who_abstains_or_is_alone_differs_from_nobody() -> None:
    assert differences([ballot("p1", "x", a="would"), ballot("p1", "y"), ballot("p2", "y", a="would_not")]) == []
    assert differences([]) == []


def test_no_favourite_is_no_difference() -> None:
    even = ballot("p1", "y", {"a": 0.5, "b": 0.5}, a="would", b="would")
    assert favourite(even) == ""
    assert favourite(ballot("p1", "y", a="would")) == ""
    assert differences([ballot("p1", "x", {"a": 0.9, "b": 0.1}, a="would", b="would"), even]) == []

from __future__ import annotations

from vivavoce.agents.problems import AgentFileError, Problem, did_you_mean, shorten
from vivavoce.errors import InputError


def test_problems_are_told_in_the_order_of_the_file() -> None:
    late = Problem(line=9, column=1, path="limits", wanted="x", came="y")
    early = Problem(line=2, column=5, path="", wanted="a", came="b", hint="did you mean c")
    error = AgentFileError("agent.yaml", [late, early])
    assert isinstance(error, InputError)
    assert error.problems == (early, late)
    assert str(error) == "agent.yaml:2:5: want a, got b; did you mean c\nagent.yaml:9:1: limits: want x, got y"


def test_did_you_mean() -> None:
    assert did_you_mean("objectivs", ["objectives", "tools"]) == "did you mean objectives"
    assert did_you_mean("Tools", ["tools"]) == "did you mean tools"
    assert did_you_mean("zebra", ["tools"]) == ""


def test_shorten() -> None:
    assert shorten("a\n b") == "a b"
    assert len(shorten("x" * 99)) == 60

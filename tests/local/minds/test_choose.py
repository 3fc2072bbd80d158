"""Brains by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.minds.completions import completions, words
from vivavoce.errors import InputError
from vivavoce.local.minds.acts import Say, Stream
from vivavoce.local.minds.brain import think
from vivavoce.local.minds.choose import close, make_mind
from vivavoce.local.minds.echo import echo


def test_the_brains_that_need_nothing() -> None:
    assert make_mind("agent") is think
    assert make_mind("echo") is echo


def test_echo_repeats_and_says_that_it_does() -> None:
    mind = make_mind("echo")("Whatever.", [], saved=None, seed=3)
    for acts in (mind.hear("Good morning"), mind.read("Good morning")):
        (said,) = acts
        assert isinstance(said, Say)
        assert "Good morning" in said.text
    assert mind.hear(" ") != mind.hear("x")
    mind.cut(1.0)
    assert mind.save() == b""


async def test_a_script_and_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "a b.yaml"
    path.write_text("script: x\nturns: [{do: [say: Hi.]}]")
    make = make_mind(f"script:{path}")
    assert make("", [], saved=None, seed=0).hear("x") == [Say("Hi.")]
    await close(make)
    path.write_text("script: x")
    with pytest.raises(InputError, match=r"a b\.yaml:1:1: turns: want a list"):
        make_mind(f"script:{path}")


async def test_an_endpoint_with_key_and_model_from_the_environment() -> None:
    async with completions(words("Yes.")) as served:
        make = make_mind(served.url, key="sk-1", model="small")
        (stream,) = make("", [], saved=None, seed=0).hear("Hello")
        assert isinstance(stream, Stream)
        assert [act async for act in stream.acts] == [Say("Yes.")]
        assert "Bearer sk-1" in served.heads[0]
        assert served.asked[0]["model"] == "small"
        await close(make)


@pytest.mark.parametrize("name", ["", "parrot", "script", "script:", "ftp://me:secret@host/v1#m", "agent "])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="want the brain agent, echo, script:FILE or the") as raised:
        make_mind(name)
    assert "secret" not in str(raised.value)

"""The lists are ours, and hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib import resources
from typing import Any

import pytest
import yaml

from vivavoce.panel.insights import KINDS, NO_NICHE
from vivavoce.panel.reading import NICHES
from vivavoce.panel.texts import words


def data(name: str) -> Any:
    return yaml.safe_load(resources.files("vivavoce.panel").joinpath("data", name).read_text("utf-8"))


def lists() -> Iterable[tuple[str, list[str]]]:
    for name, niche in data("niches.yaml")["niches"].items():
        yield name, [*niche["strong"], *niche["weak"], *niche["against"]]
    for name, kind in data("kinds.yaml")["kinds"].items():
        yield name, [*kind["strong"], *kind["weak"]]
    yield "openers", data("kinds.yaml")["openers"]
    feelings = data("feelings.yaml")
    yield "feelings", [term for some in feelings["words"].values() for term in some]
    for name in ("denials", "stronger", "weaker", "turns"):
        yield name, feelings[name]
    yield "advert", [*data("flags.yaml")["advert"]["strong"], *data("flags.yaml")["advert"]["weak"]]


@pytest.mark.parametrize(("name", "terms"), [*lists()], ids=lambda value: value if isinstance(value, str) else "")
def test_a_list_holds_what_a_text_can_hold(name: str, terms: list[str]) -> None:
    assert [term for term, times in Counter(terms).items() if times > 1] == []
    assert [term for term in terms if " ".join(words(term.replace("*", ""))) != term.replace("*", "")] == []
    assert [term for term in terms for word in term.split() if "*" in word[:-1] or word == "*"] == []


def test_there_are_sixteen_niches_and_five_kinds() -> None:
    assert len(NICHES) == 16
    assert NO_NICHE not in NICHES
    assert set(data("kinds.yaml")["kinds"]) == set(KINDS)

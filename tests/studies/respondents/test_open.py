"""Respondents by their names, and what they say when something is not set."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.conversation.talk import ROOT
from vivavoce.app.cli import asking
from vivavoce.app.settings import SECRET, Settings
from vivavoce.errors import InputError, MissingError, SettingsError
from vivavoce.panel.abstentions import WHY, explained
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.port import Respondent
from vivavoce.studies.respondents import llm, service
from vivavoce.studies.respondents.gemini import GEMINI_URL
from vivavoce.studies.respondents.llm import LlmRespondent
from vivavoce.studies.respondents.open import open_respondent
from vivavoce.studies.respondents.openai import OPENAI_URL

HERE = "http://127.0.0.1:1/v1"


def opened(name: str, **settings: Any) -> Respondent:
    return open_respondent(name, msgspec.structs.replace(Settings(), **settings), embedder=HashingEmbedder)


async def test_by_name() -> None:
    reasoner = opened("reasoner")
    assert reasoner.name.startswith("reasoner/")
    hosted = opened("openai:m:7b", respondent_openai_key="k")
    assert isinstance(hosted, LlmRespondent)
    assert (hosted.name, hosted.host) == ("openai/m:7b", "api.openai.com")
    mine = opened("openai:m", respondent_openai_url=HERE)
    assert isinstance(mine, LlmRespondent)
    assert (mine.name, mine.host) == ("openai/m@127.0.0.1:1", "127.0.0.1:1")
    assert opened("gemini:m", respondent_gemini_key="k").name == "gemini/m"
    for each in (reasoner, hosted, mine):
        await each.close()


@pytest.mark.parametrize(("name", "setting"), [("openai:m", "respondent_openai"), ("gemini:m", "respondent_gemini")])
def test_a_key_that_is_not_there_is_asked_for_by_its_name(name: str, setting: str) -> None:
    with pytest.raises(MissingError, match=f"{setting}_key is not set.*VIVA_{setting.upper()}_KEY"):
        opened(name)
    with pytest.raises(SettingsError, match="want https") as told:
        opened(name, **{f"{setting}_url": "http://example.org", f"{setting}_key": "sk-secret"})
    assert "sk-secret" not in str(told.value)
    assert f"{setting}_key" in SECRET


@pytest.mark.parametrize("name", ["", "claude:m", "openai", "openai:", "gemini: ", "Reasoner"])
def test_no_such_respondent(name: str) -> None:
    with pytest.raises(InputError, match="as a respondent"):
        opened(name)
    with pytest.raises(InputError, match="want a name of a model"):
        opened("gemini:../m", respondent_gemini_url=HERE)


def test_what_is_told_twice_is_the_same() -> None:
    assert Settings().respondent_openai_url == OPENAI_URL
    assert Settings().respondent_gemini_url == GEMINI_URL
    assert asking.AT_ONCE == llm.AT_ONCE


def test_every_way_to_abstain_is_explained_in_words_and_in_the_docs() -> None:
    page = (ROOT / "docs/howto/ask-models.md").read_text()
    table = page.partition("| `abstains` |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {word for cell in cells for word in re.findall("`([a-z-]+)`", cell)} == WHY.keys()
    said = set(service._WHY.values())
    for path in (ROOT / "src/vivavoce/studies/respondents").glob("*.py"):
        said |= set(re.findall(r'(?:Silence\(|why=)"([a-z-]+)"', path.read_text()))
    assert said <= WHY.keys()
    assert len(said) >= 10
    assert explained("timeout") == "it took too long"
    assert explained("lost-its-pen") == "lost its pen"

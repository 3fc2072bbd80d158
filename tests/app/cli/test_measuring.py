"""`viva insights measure`, and what an embedder of a service is used for once it was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.cli.conftest import Shell
from tests.app.cli.test_asking import KEY, aside
from tests.app.cli.test_personas import QUESTION, corpus
from tests.studies.evaluation.written import tagged
from tests.studies.sources.fake import Fake, Reply, Request
from vivavoce.app.cli.exits import Exit
from vivavoce.panel.vectors import hashed
from vivavoce.studies.embedding.senses import senses
from vivavoce.studies.evaluation import cuts

__all__ = ["corpus"]
BUILD = ("personas", "build", "bookkeeping", "--size", "3", "--embedder", "openai:m")


def spelt(request: Request) -> Reply:
    """Vectors of spellings, as a service of one's own gives them."""
    items = [{"index": at, "embedding": vector.tolist()} for at, vector in enumerate(hashed(request.json["input"]))]
    return Reply({"data": items})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.setattr(cuts, "DRAWS", 2)
    with aside(spelt) as fake:
        monkeypatch.setenv("VIVA_EMBEDDER_OPENAI_URL", f"{fake.url}/v1")
        monkeypatch.setenv("VIVA_EMBEDDER_OPENAI_KEY", KEY)
        yield fake


def labelled(shell: Shell) -> str:
    folder = shell.folder / "labelled"
    folder.mkdir()
    return str(tagged(folder))


def test_an_embedder_is_refused_until_it_was_measured(corpus: Shell, server: Fake) -> None:
    ran = corpus(*BUILD)
    assert (ran.code, ran.out) == (Exit.ASKED_WRONGLY, "")
    assert "`viva insights measure --embedder openai:m --data DIR` measures it" in ran.err
    assert server.requests == [], "no text left"
    assert "go there" not in ran.err, "nor is any said to leave"
    host = server.url.removeprefix("http://")
    leaves = f"openai:m@{host}: texts are embedded at {host}; what people said, callers among them,"

    measured = corpus("insights", "measure", "--embedder", "openai:m", "--data", labelled(corpus))
    assert measured.code == 0, measured.err
    assert leaves in measured.err
    assert f"openai:m@{host}" in measured.out
    assert "kept in viva-data" in measured.out
    known = senses(corpus.data)[f"openai:m@{host}"]
    assert 0 < known.strange < known.bears

    asked = len(server.requests)
    built = corpus(*BUILD, "--question", QUESTION, "--json")
    assert built.code == 0, built.err
    assert leaves in built.err
    panel = built.document["panel"]
    assert panel["embedder"] == f"openai:m@{host}"
    assert {each["respondent"] for each in built.document["ballots"]} == {f"reasoner/3 (openai:m@{host})"}
    assert len(server.requests) > asked
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in measured.out + measured.err + built.out + built.err

    asked = len(server.requests)
    corpus("study", "new")
    study = corpus("study", "run", "study.yaml", panel["id"], "--json")
    assert study.code == 0, study.err
    assert study.document["study"]["embedder"] == "openai:m", "what the panel was drawn with"
    assert leaves in study.err
    assert len(server.requests) == asked, "a worker asks"


def test_what_the_package_has_is_shown_and_not_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "DRAWS", 2)
    ran = shell("insights", "measure", "--embedder", "hashing", "--data", labelled(shell))
    assert ran.code == 0, ran.err
    assert "not kept: the package has cut 0.35" in ran.out
    assert "go there" not in ran.err
    assert senses(shell.data) == {}


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("personas", "build", "bookkeeping"), Exit.MISSING, "set VIVA_EMBEDDER_OPENAI_KEY to it"),
        (("insights", "evaluate", "--data", "."), Exit.MISSING, "embedder_openai_key is not set"),
        (("insights", "measure", "--data", "."), Exit.MISSING, "embedder_openai_key is not set"),
    ],
)
def test_openai_itself_wants_a_key(corpus: Shell, args: tuple[str, ...], code: Exit, said: str) -> None:
    ran = corpus(*args, "--embedder", "openai:m")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_texts_that_are_not_there_are_measured_nowhere(shell: Shell, server: Fake, tmp_path: Path) -> None:
    ran = shell("insights", "measure", "--embedder", "openai:m", "--data", str(tmp_path))
    assert ran.code == Exit.ASKED_WRONGLY
    assert "want insights.csv in the folder of the data" in ran.err
    assert server.requests == []
    assert not (shell.data / "embedders.json").exists()

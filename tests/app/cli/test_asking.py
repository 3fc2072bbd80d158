"""`viva personas ask`: the reasoner and models of a service on this machine, asked once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.app.cli.conftest import Shell
from tests.app.cli.test_personas import QUESTION, corpus
from tests.studies.respondents.models import completion, generated
from tests.studies.sources.fake import Fake, Reply, Request, service
from vivavoce.app.cli.exits import Exit

__all__ = ["corpus"]
KEY = "sk-not-to-be-seen"


@contextmanager
def aside(answer: Any) -> Iterator[Fake]:
    """A service on a loop of its own: a command runs its own one and ends it."""
    loop, over, there = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[Fake] = []

    async def serve() -> None:
        async with service(answer) as fake:
            found.append(fake)
            there.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert there.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


def filled(request: Request) -> Reply:
    """Both variants of the example, one liked; as whichever service is asked."""
    answers = [
        {"label": label, "text": "Well.", "would": would, "appeal": appeal,
         "reasons": [{"sign": "con", "text": "I check it anyway.", "because": "F1"}]}
        for label, would, appeal in (("A", "would", 9), ("B", "would_not", 1))
    ]  # fmt: skip
    said = {"answers": answers, "prefers": "A"}
    return generated(said) if "generateContent" in request.path else completion(said)


@pytest.fixture
def panel(corpus: Shell) -> str:
    ran = corpus("personas", "build", "bookkeeping", "--embedder", "hashing", "--size", "3", "--json")
    return str(ran.document["panel"]["id"])


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    with aside(filled) as fake:
        for kind, path in (("OPENAI", "v1"), ("GEMINI", "v1beta")):
            monkeypatch.setenv(f"VIVA_RESPONDENT_{kind}_URL", f"{fake.url}/{path}")
            monkeypatch.setenv(f"VIVA_RESPONDENT_{kind}_KEY", KEY)
        yield fake


def test_several_are_asked_once_and_compared(shell: Shell, panel: str, models: Fake) -> None:
    asked = ("personas", "ask", panel, "--question", QUESTION, "--embedder", "hashing")
    several = (*asked, "--with", "reasoner", "--with", "openai:m", "--with", "gemini:m", "--at-once", "2")
    ran = shell(*several, "--out", "out/p.html")
    assert ran.code == 0, ran.err
    host = models.url.removeprefix("http://")
    assert f"openai/m@{host}: whatever is not kept from before is asked at {host}" in ran.err
    assert "quotes of what people said, callers among them, go there" in ran.err
    assert len(models.requests) == 6
    assert f"openai/m@{host}: 0 kept from before, 3 answers that came; 300 tokens told, 60 said" in ran.out
    assert "where they differ" in ran.out
    assert "not validated" in ran.out
    assert KEY not in ran.out + ran.err
    page = (shell.folder / "out/p.html").read_text()
    assert page.count(f"<h5>gemini/m@{host}") == 6
    again = shell(*several, "--json")
    assert len(models.requests) == 6, "nobody is asked twice"
    found = again.document
    assert [each["kept"] for each in found["usage"].values()] == [3, 3]
    assert len(found["ballots"]) == 9
    shell(*several, "--seed", "9")
    assert len(models.requests) == 12, "another seed is another question"


def test_the_reasoner_is_the_default_and_the_same_as_of_show(shell: Shell, panel: str) -> None:
    common = (panel, "--question", QUESTION, "--embedder", "hashing", "--json")
    asked, shown = shell("personas", "ask", *common), shell("personas", "show", *common)
    assert asked.document["ballots"] == shown.document["ballots"]
    assert asked.document["usage"] == {}
    assert asked.err == shown.err, "nothing leaves"


def test_a_model_that_is_down_abstains_in_plain_words(
    shell: Shell, panel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with aside(Reply({"error": {"message": "no such model"}}, status=404)) as fake:
        monkeypatch.setenv("VIVA_RESPONDENT_OPENAI_URL", f"{fake.url}/v1")
        ran = shell("personas", "ask", panel, "--question", QUESTION, "--with", "openai:m")
    assert ran.code == 0
    assert ran.out.count("no answer: its service has no such model") == 3
    assert "3 without an answer" in ran.out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--with", "claude"), Exit.ASKED_WRONGLY, "as a respondent, got 'claude'"),
        (("--with", "reasoner", "--with", "openai:m"), Exit.MISSING, "respondent_openai_key is not set"),
        (("--with", "gemini:m"), Exit.MISSING, "respondent_gemini_key is not set"),
        (("--with", "openai:m", "--at-once", "0"), Exit.ASKED_WRONGLY, "--at-once"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    shell: Shell, panel: str, args: tuple[str, ...], code: Exit, said: str
) -> None:
    ran = shell("personas", "ask", panel, "--question", QUESTION, "--embedder", "hashing", *args)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.strip().count("\n") == 0


def test_a_question_that_is_none_is_asked_of_nobody(shell: Shell, panel: str, models: Fake) -> None:
    question = json.dumps({"ask": "?", "variants": [{"id": "a", "text": "It."}, {"id": "a", "text": "Other."}]})
    (shell.folder / "q.yaml").write_text(question)
    ran = shell("personas", "ask", panel, "--question", "q.yaml", "--with", "openai:m")
    assert ran.code == Exit.ASKED_WRONGLY
    assert models.requests == []
    assert "go there" not in ran.err
    assert shell("personas", "ask", "nobody", "--question", QUESTION).code == Exit.ASKED_WRONGLY

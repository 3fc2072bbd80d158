"""A server whose browser files are built, as far as anybody can tell, and agents with titles and sites of a test's
own; and its pages as a browser reads them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from tests.app.served import Served, served
from tests.conversation.talk import ROOT
from vivavoce.app.built import NEEDED, BuiltFiles

HOST = "talk.example"
OWN = f"http://{HOST}"


@asynccontextmanager
async def shown(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    built = folder / "built"
    built.mkdir()
    for name in NEEDED:
        (built / name).write_text("")
    async with served(folder, **settings) as house:
        house.app.state.services = dataclasses.replace(house.here, built=BuiltFiles(built))
        write_agent(folder, "open", origins=[OWN])
        yield house


def write_agent(folder: Path, name: str, *, title: str = "", origins: Iterable[str] = ()) -> None:
    """The founder's file under another name, with another title and other sites."""
    text = (ROOT / "examples/agents/founder.yaml").read_text()
    if title:
        text = text.replace("title: Startup idea interview", f"title: {json.dumps(title)}", 1)
    if origins:
        text = text.replace("guardrails:", f"embed: {{origins: {json.dumps(list(origins))}}}\nguardrails:", 1)
    (folder / "agents" / f"{name}.yaml").write_text(text)


class Elements(HTMLParser):
    """Every element of a page with its attributes, as a browser's parser would have them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for each, attributes in self.found if each == tag]


def voice_of(answer: httpx.Response) -> dict[str, str]:
    """The attributes of the page's `<viva-voce>`."""
    assert answer.status_code == 200, answer.text
    (voice,) = Elements(answer.text).of("viva-voce")
    return voice


def policy_of(answer: httpx.Response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}

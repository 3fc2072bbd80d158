"""The official SDKs as clients: each version in a process of its own, which holds one scenario after the other."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "clients"
LOCKS = Path(__file__).parent / "locks"
WITHIN_S = 30.0
"""Longer than a client gives a scenario, so that a hanging one is told by itself."""


class Record(msgspec.Struct):
    """What one connection saw; see the clients."""

    events: list[str]
    """Kinds of what came, each once per run."""
    count: dict[str, int]
    said: str
    heard: str
    audio_bytes: int
    calls: list[dict[str, Any]]
    usage: list[dict[str, Any]]
    statuses: list[str]
    """Of every turn: whether more follows (Gemini), how it ended (OpenAI)."""
    # Gemini
    written: str = ""
    thought: str = ""
    mime_types: list[str] = []
    cancelled: list[str] = []
    handles: list[str] = []
    time_left: str = ""
    models: list[str] = []
    # OpenAI
    errors: list[dict[str, Any]] = []

    def tokens(self, name: str) -> list[int]:
        """A count of every turn, in the spelling of either SDK."""
        camel = re.sub("_(.)", lambda match: match[1].upper(), name)
        return [turn.get(name, turn.get(camel, 0)) for turn in self.usage]


class Failure(msgspec.Struct):
    """How a scenario failed: at which step, and with which close code or status."""

    step: str
    type: str
    code: int | None
    text: str


class Outcome(msgspec.Struct):
    records: list[Record]
    error: Failure | None

    @property
    def record(self) -> Record:
        """What the newest connection saw, of a scenario that went well."""
        assert self.error is None, f"{self.error}, after {[record.events for record in self.records]}"
        return self.records[-1]

    @property
    def failure(self) -> Failure:
        assert self.error is not None, [record.events for record in self.records]
        return self.error


@dataclass(frozen=True, slots=True)
class Sdk:
    """One version of one SDK and how to start a client with it."""

    name: str
    command: tuple[str, ...]
    """What to run; in JavaScript the last word is the package to load."""
    javascript: bool = False

    @property
    def installed(self) -> bool:
        """Whether everything is there that it is started with."""
        paths = [Path(part) for part in self.command if part.startswith(str(ROOT))]
        modules = [HERE / "js/node_modules" / self.command[-1]] if self.javascript else []
        return all(path.exists() for path in [*paths, *modules]) and shutil.which(self.command[0]) is not None

    def require(self) -> None:
        """Skip the test where this SDK is not installed; the checks have it."""
        if not self.installed:
            assert "CI" not in os.environ, f"{self.name} is not installed"
            pytest.skip(f"{self.name} is not installed: run `make sdks`")


def _python(version: str) -> Sdk:
    return Sdk(version, (str(ROOT / f".sdks/{version}/bin/python"), str(HERE / "genai_client.py")))


PYTHON = (
    *(_python(lock.stem) for lock in sorted(LOCKS.glob("google-genai-*.txt"))),
    Sdk("google-genai-newest", (sys.executable, str(HERE / "genai_client.py"))),
)
JAVASCRIPT = tuple(
    Sdk(name, ("node", str(HERE / "js/client.mjs"), package), javascript=True)
    for name, package in (("js-genai-2", "genai-2"), ("js-genai-newest", "@google/genai"))
)
OPENAI = Sdk("openai-newest", (sys.executable, str(HERE / "openai_client.py")))


class Client:
    """A running client. Scenarios go in and what became of them comes out, a line each."""

    def __init__(self, sdk: Sdk, environment: Mapping[str, str]) -> None:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.sdk = sdk
        self._process = subprocess.Popen(
            sdk.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=known | dict(environment), text=True
        )
        hello = json.loads(self._line())
        self.version: str = hello["version"]
        self._features = frozenset(hello["features"])

    def has(self, feature: str) -> bool:
        """Whether this version knows something that not all do."""
        return feature in self._features

    async def hold(self, base_url: str | None, *steps: list[Any], **more: Any) -> Outcome:
        """Hold one scenario.

        Args:
            base_url: None for what the environment says, key and all.
            steps: name and arguments of each; configurations in Python's spelling.
            more: `key`, `vertex`.
        """
        scenario = {"base_url": base_url, "steps": _camel(list(steps)) if self.sdk.javascript else steps, **more}
        assert self._process.stdin is not None, "it is a pipe"
        self._process.stdin.write(json.dumps(scenario) + "\n")
        self._process.stdin.flush()
        async with asyncio.timeout(WITHIN_S):
            return msgspec.json.decode(await asyncio.to_thread(self._line), type=Outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None, "it is a pipe"
        line = self._process.stdout.readline()
        assert line, "the client has ended; its error stands above"
        return line


def _camel(value: Any) -> Any:
    """Keys of configurations as JavaScript spells them; names of a function's parameters stay."""
    if isinstance(value, dict):
        return {
            re.sub("_(.)", lambda match: match[1].upper(), key): item if key == "properties" else _camel(item)
            for key, item in value.items()
        }
    return [_camel(item) for item in value] if isinstance(value, list | tuple) else value

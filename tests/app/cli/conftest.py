"""Commands run in this process, on a data folder with one call in it."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.conversation.talk import ROOT, Talk
from vivavoce.app.cli import app
from vivavoce.conversation import events as ev
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredEvent, StoredFact, StoredTurn
from vivavoce.store.store import Store

CALL = "c0ffee0000000001"
PERSON_SAYS = "eight out of ten"
BEGAN = 1_780_000_000.0


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that standard output holds."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """Somebody at a prompt, in a folder of their own."""

    folder: Path
    data: Path

    def __call__(self, *args: str, stdin: str | None = None) -> Ran:
        result = CliRunner().invoke(app, list(args), input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def one_call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an ended call: a log that replays, two turns, a fact, and sound."""
    folder = tmp_path_factory.mktemp("one-call")
    asyncio.run(_fill(folder))
    return folder


@pytest.fixture
def shell(one_call: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(one_call, tmp_path / "viva-data")
    (tmp_path / "agents").mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", tmp_path / "agents")
    return Shell(tmp_path, tmp_path / "viva-data")


async def _fill(folder: Path) -> None:
    talk = Talk().join()
    talk.tell(ev.SpeechStarted(0), after=1)
    talk.tell(ev.SpeechEnded(0), after=1)
    talk.hear(talk.agent_says("Go on.", seconds=0.2), 0.2)
    store = await Store.open(f"sqlite:///{folder / 'viva.db'}")
    await store.create_call(
        call_id=CALL,
        agent_name="founder-validation",
        agent_source=(ROOT / "examples/agents/founder.yaml").read_text(),
        spec_hash="test",
        code_version="test",
        settings={"stamp": msgspec.to_builtins(talk.stamp), "lang": "en"},
        engines={"backend": "local"},
        started_at=BEGAN,
    )
    await store.write(
        [
            *(StoredEvent(CALL, entry.seq, entry.at, entry.event, entry.effects) for entry in talk.entries),
            StoredTurn(
                call_id=CALL, turn=1, who="caller", start_ms=1_000, end_ms=2_000, text=f"{PERSON_SAYS}\x1b[2J",
                complete=True,
            ),
            StoredTurn(call_id=CALL, turn=2, who="alex", start_ms=2_500, end_ms=3_000, text="Go on.", complete=False),
            StoredFact(
                call_id=CALL, field="severity", objective="problem", state="answered", value=8, source="founder-said",
                evidence=[{"turn": 1, "start_ms": 1_000, "end_ms": 2_000}], updated_seq=3,
            ),
        ]
    )  # fmt: skip
    recorder = Recorder(folder / "recordings", CALL)
    recorder.caller(0, b"\1\0" * 16_000)
    for row in await recorder.close():
        await store.save_recording(row)
    await store.finish_call(CALL, ended_at=BEGAN + 65, reason="agent_ended")
    await store.close()

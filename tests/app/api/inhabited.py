"""A server with something of everything in it, in a thread of its own: for clients that know nothing of our loop."""

from __future__ import annotations

import asyncio
import math
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth
from tests.panel.survey.asked import FORM, guess, prediction
from vivavoce.app.server import running
from vivavoce.app.services import Services, open_services
from vivavoce.app.settings import Settings
from vivavoce.conversation import Conversation
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import encode_effects, encode_event
from vivavoce.local.server import serve
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredEvent, StoredFact, StoredTurn
from vivavoce.store.surveys import StoredSurvey, Surveys
from vivavoce.tools import builtins

T = TypeVar("T")
SOURCE = (ROOT / "examples/agents/founder.yaml").read_text()
ASKED, SAID = "Who hit <this> & that?", "Eight of ten.\nÄh."
JOINED = ev.CallerJoined("text")
TONE = struct.pack("<32000h", *(int(8000 * math.sin(i / 8)) for i in range(32_000)))


@dataclass
class Inhabited:
    port: int
    services: Services
    loop: asyncio.AbstractEventLoop
    names: dict[str, str] = field(default_factory=dict)
    """Ids of what is there, as `hooks.py` looks for them."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, what: Callable[[], Awaitable[T]]) -> T:
        """Have something done in the server's loop."""

        async def done() -> T:
            return await what()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(30)


@contextmanager
def inhabited(folder: Path, **settings: object) -> Iterator[Inhabited]:
    ready, stop = threading.Event(), threading.Event()
    found: list[Inhabited] = []
    failed: list[BaseException] = []

    async def live() -> None:
        agents = folder / "agents"
        agents.mkdir()
        (agents / "founder.yaml").write_text(SOURCE)
        async with serve(ears=ScriptedEars(), mouth=ToneMouth(), tempo=INSTANT, make_detector=LoudDetector) as model:
            chosen = Settings(
                data_dir=str(folder / "data"),
                agents_dir=str(agents),
                port=0,
                workers=0,
                backend_url=f"ws://127.0.0.1:{model.port}",
                **settings,  # type: ignore[arg-type]
            )
            async with open_services(chosen) as services, running(services) as port:
                home = Inhabited(port, services, asyncio.get_running_loop())
                home.names |= await inhabit(services)
                found.append(home)
                ready.set()
                await asyncio.to_thread(stop.wait)

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # noqa: BLE001  # it is raised where somebody waits
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="inhabited server")
    thread.start()
    try:
        ready.wait(30)
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        stop.set()
        thread.join(30)
        if failed:
            raise failed[0]


async def inhabit(services: Services) -> dict[str, str]:
    """Two people with a call each, a booked one, one whose time has run out; agents, jobs, keys and webhooks."""
    now = time.time()
    agent = await services.shelf.find("founder")
    names: dict[str, str] = {}
    for of in ("", "people_erase_person."):
        person = await services.people.find_or_make(f"{of}user-7@example.org", now=now)
        names[f"{of}person_id"] = person.id
        names[f"{of}call_id"] = (await services.desk.book(agent, person_id=person.id)).call
        await talked(services, names[f"{of}call_id"])
    names["booked"] = (await services.desk.book(agent)).call
    for of in ("old", "calls_delete_call.call_id"):
        names[of] = (await services.desk.book(agent)).call
        await talked(services, names[of])
    past: dict[str, Any] = dict.fromkeys(("audio_until", "transcript_until", "facts_until"), now - 60)
    await services.store.update_call(names["old"], **past)
    for of, name in (("agents.name", "ada"), ("agents_delete_agent.name", "eve")):
        names[of] = name
        await services.agents.save_draft(name, SOURCE, now)
        await services.agents.publish(name, now, note="first")
    for of in ("job_id", "jobs_cancel_job.job_id"):
        names[of] = await services.jobs.enqueue("report", call_id=names["call_id"])
    names["over"] = await services.jobs.enqueue("report", call_id=names["call_id"])
    await services.jobs.cancel(names["over"])
    for of in ("key_id", "keys_revoke.key_id", "keys_rotate.key_id"):
        key, _ = await services.keyring.keys.add(of, scopes=["calls:read"], agents=[], expires_at=None, now=now)
        names[of] = key.id
    asked = StoredSurvey(
        id="", study_id=None, name="", form=FORM, prediction=prediction(guess("approves", 0.7)), links=0, quota=9,
        until=None, opened_at=now, closed_at=None, erase_at=now + 86_400,
    )  # fmt: skip
    for number, of in enumerate(("survey_id", "surveys_delete_survey.survey_id")):
        names[of] = f"{number:016}"
        await Surveys(services.store.database).open(msgspec.structs.replace(asked, id=names[of]))
    return names


async def talked(services: Services, call: str) -> None:
    """A call as it is when it has ended: events that replay, turns, a fact with evidence, two seconds of sound."""
    agent = await services.shelf.find("founder")
    conversation = Conversation(agent.file.spec, tools=builtins())
    rows: list[StoredEvent | StoredTurn | StoredFact] = [
        StoredEvent(call, 0, 0.0, encode_event(JOINED), encode_effects(conversation.step(JOINED, 0.0))),
        StoredTurn(call_id=call, turn=0, who="alex", start_ms=0, end_ms=900, text=ASKED, complete=True),
        StoredTurn(call_id=call, turn=1, who="caller", start_ms=1000, end_ms=1900, text=SAID, complete=True),
        StoredFact(
            call_id=call, field="severity", objective="problem", state="answered", value=8, source="spoken",
            evidence=[{"turn": 1, "start_ms": 1000, "end_ms": 1900}], updated_seq=0,
        ),
    ]  # fmt: skip
    await services.store.write(rows)
    recorder = Recorder(services.desk.recordings_dir, call)
    recorder.caller(0, TONE)
    recorder.agent(0, TONE[: 24_000 * 2])
    for row in await recorder.close():
        await services.store.save_recording(row)
    await services.store.finish_call(call, ended_at=time.time(), reason="caller_hung_up")

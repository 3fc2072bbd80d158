"""The terms of a call: decided at its booking, stored with it, kept to while it runs and when it is replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.app.conftest import House, receive_until
from tests.conversation.talk import ROOT
from tests.gateway.peers import until
from vivavoce.agents import AgentFile, load
from vivavoce.agents.layers import PROSE
from vivavoce.agents.packaged import PROMPTS
from vivavoce.app.prompts import Prompts, open_prompts
from vivavoce.app.settings import Settings, load_settings
from vivavoce.app.terms import DAY_S, Terms, explained, kept_until, make_terms, read_terms, spec_of
from vivavoce.conversation.effects import Inject
from vivavoce.conversation.log import decode_effects
from vivavoce.errors import InputError
from vivavoce.store.rows import StoredCall
from vivavoce.wire import caller as wire

SOURCE = (ROOT / "examples/agents/founder.yaml").read_text()
FILE = load(SOURCE)
CALL = "0123456789abcdef"


def make(
    file: AgentFile = FILE, prompts: Prompts | None = None, settings: Settings | None = None, **wishes: Any
) -> Terms:
    settings = settings or Settings()
    return make_terms(file, settings, prompts or open_prompts(settings), tools=("a",), call_id=CALL, wishes=wishes)


def stored(terms: Terms, source: str = SOURCE) -> StoredCall:
    settings = msgspec.json.decode(msgspec.json.encode(terms.stored()))
    return StoredCall(
        id=CALL, agent_name="founder", agent_source=source, spec_hash="", code_version="", settings=settings,
        state="live", started_at=0.0,
    )  # fmt: skip


def test_terms_come_back_from_the_database_as_they_were() -> None:
    settings = Settings(minutes=20, fillers="off", mode="text")
    terms = make(load(SOURCE + "settings: {ahead_s: 1, tool_timeout_s: 5}\n"), settings=settings, record="never")
    assert terms.stamp.settings.fillers is False
    assert terms.stamp.settings.text_only is True
    assert (terms.stamp.settings.ahead_s, terms.stamp.settings.tool_timeout_s) == (1.0, 5.0)
    assert (terms.spec.limits.minutes, terms.spec.consent.record) == (20, "never")
    back = read_terms(stored(terms, SOURCE + "settings: {ahead_s: 1, tool_timeout_s: 5}\n"), open_prompts(Settings()))
    assert back == terms


def test_what_changes_after_the_booking_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(
        PROMPTS["1.yaml"].replace("version: 1", "version: 7", 1).replace("Greet", "Meet")
    )
    prompts = open_prompts(Settings(prompts_dir=str(tmp_path)))
    terms = make(prompts=prompts)
    assert (terms.stamp.prompt, terms.stamp.prompt_hash) == (7, prompts.versions[7].hash)
    gone = read_terms(stored(terms), open_prompts(Settings()))
    assert gone.prose is PROSE, "for links to come"
    assert "Meet them" in gone.stamp.briefing["opening"], "the log goes on in its own words"


def test_an_unknown_wish_is_refused() -> None:
    for wishes, problem in (
        ({"pase": "casual"}, "did you mean pace"),
        ({"prompt": "9"}, "prompt: want one of 1, 2, 3, got 9"),
        ({"minutes": 36}, r"minutes: want at most 35 \(decided by the agent\)"),
        ({"language": "fr"}, "language"),
    ):
        file = load(SOURCE.replace("languages: [auto, en]", "languages: [en]"))
        with pytest.raises(InputError, match=problem):
            make(file, **wishes)


def test_an_agent_that_names_a_prompt_that_is_gone_talks_all_the_same() -> None:
    assert make(load(SOURCE + "settings: {prompt: 9}\n")).prose is PROSE


def test_a_call_of_an_older_version_runs_as_its_file_says() -> None:
    old = stored(make())
    settings = {
        "stamp": {name: old.settings["stamp"][name] for name in ("code_version", "spec_hash", "tools", "settings")}
    }
    old = msgspec.structs.replace(old, settings=settings)
    assert spec_of(old) == FILE.spec
    terms = read_terms(old, open_prompts(Settings()))
    assert terms.stamp.briefing["opening"].startswith("The caller has just connected")
    assert kept_until(terms.settings, 0.0) == {}


def test_each_part_is_kept_as_long_as_was_decided() -> None:
    settings = Settings(keep_audio_days=7, keep_facts_days=400)
    found = kept_until(make(settings=settings, keep_transcript_days=0).settings, 1000.0)
    assert found == {"audio_until": 1000 + 7 * DAY_S, "transcript_until": 1000.0, "facts_until": 1000 + 30 * DAY_S}


def test_every_value_says_where_it_came_from() -> None:
    found = load_settings(environ={"VIVA_MINUTES": "20", "VIVA_SILENCE_MS": "700", "VIVA_AHEAD_S": "3"})
    lines = [str(each) for each in explained(found, load(SOURCE + "settings: {pace: casual, gate: duplex}\n").spec)]
    assert "minutes = 20.0 (environment VIVA_MINUTES)" in lines
    assert "ahead_s = 3.0 (environment VIVA_AHEAD_S)" in lines
    assert "pace = 'casual' (agent file, settings.pace)" in lines
    assert "silence_ms = 0 (agent file, settings.pace)" in lines, "a pace brings its own silence"
    assert "record = 'ask' (agent file, consent.record)" in lines
    assert "fillers = 'on' (default)" in lines


# ------------------------------------------------------------------------------------------------ in a whole server


@pytest.fixture
async def told(house: House) -> list[str]:
    """The calls that were told to have ended, after one who listens badly."""
    seen: list[str] = []

    async def bad(_: str) -> None:
        raise RuntimeError("a fault of ours")

    async def good(call_id: str) -> None:
        seen.append(call_id)

    house.desk.on_ended.extend([bad, good])
    return seen


async def test_a_booking_wishes_a_caller_chooses_and_the_row_tells_who_decided(house: House, told: list[str]) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        refused = await http.post("/api/v1/calls", json={"agent": "founder", "settings": {"minutes": 36}})
        assert refused.status_code == 400
        assert "at most 35" in refused.json()["error"]
        wishes = {"silence_ms": 800, "record": "never", "keep_audio_days": 1}
        booked = (await http.post("/api/v1/calls", json={"agent": "founder", "settings": wishes})).json()
    async with house.connect(booked["ticket"]) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text", pace="casual")))
        welcome = (await receive_until(socket, wire.Welcome))[-1]
        assert isinstance(welcome, wire.Welcome)
        assert welcome.consent == "never"
        await socket.send(wire.encode(wire.Consent(decision="given")))
        await receive_until(socket, wire.Caption)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(booked["call"])
    row = await house.desk.store.call(booked["call"])
    assert row is not None
    resolved = row.settings["resolved"]
    assert resolved["record"] == {"value": "never", "source": "call"}
    assert resolved["mode"] == {"value": "text", "source": "caller"}
    assert resolved["pace"] == {"value": "casual", "source": "caller"}
    assert resolved["silence_ms"] == {"value": 0, "source": "caller"}
    assert resolved["minutes"] == {"value": 35.0, "source": "agent"}
    assert row.ended_at is not None
    assert row.audio_until == pytest.approx(row.ended_at + DAY_S)
    assert row.transcript_until == pytest.approx(row.ended_at + 30 * DAY_S)
    assert row.usage is not None
    assert {"turns", "prompt", "response", "total"} <= set(row.usage)
    assert row.settings["stamp"]["prompt"] == PROSE.version
    assert await house.desk.store.recordings(booked["call"]) == []
    await until(lambda: booked["call"] in told)


async def test_a_call_runs_and_replays_in_the_words_of_its_prompt(house: House) -> None:
    source = PROMPTS["1.yaml"].replace("version: 1", "version: 7", 1)
    folder = Path(house.services.settings.data_dir) / "prompts"
    folder.mkdir()
    (folder / "7.yaml").write_text(source.replace("Greet them and begin.", "Whistle, then begin."))
    house.desk.prompts.versions |= open_prompts(Settings(prompts_dir=str(folder))).versions
    call, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Caption)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(call)
    del house.desk.prompts.versions[7]  # the fixture replays the call without it
    rows = await house.desk.store.events(call)
    told = [effect for row in rows for effect in decode_effects(row.effects) if isinstance(effect, Inject)]
    assert told[0].text.startswith("The caller has just connected. Whistle, then begin.")


async def test_an_agent_may_have_a_model_of_its_own_and_one_that_cannot_be_used_is_told_at_once(house: House) -> None:
    agents = Path(house.services.settings.agents_dir)
    (agents / "other.yaml").write_text(SOURCE + "settings: {backend_model: gemini-2.5-flash}\n")
    (agents / "writer.yaml").write_text(SOURCE + "settings: {backend_model: gemini-robotics-er-2-streaming}\n")
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.post("/api/v1/calls", json={"agent": "other"})).status_code == 201
        refused = await http.post("/api/v1/calls", json={"agent": "writer"})
        assert refused.status_code == 400
        assert "want a model that speaks" in refused.json()["error"]

"""`viva calls`, and what is made of one call: `report`, `export`, `replay`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, CallId, Config, Data, Out, Yes, confirm
from vivavoce.app.cli.running import announcer_of, settings_of, with_store
from vivavoce.errors import NotHereError

if TYPE_CHECKING:
    from vivavoce.store.calls import CallLine
    from vivavoce.store.receipts import SignedReceipt
    from vivavoce.store.rows import StoredCall
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Calls: what happened, what was said, what is known.")


@app.command("list")
def list_(
    agent: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only with this agent; may be repeated.")
    ] = None,
    state: Annotated[Literal["booked", "live", "ended"] | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The newest calls."""
    from vivavoce.store.calls import CallFilter, Calls

    which = CallFilter(agents=agent or (), state=state)
    found = with_store(settings_of(data, config), lambda store: Calls(store.database).page(which, limit=limit))
    if as_json:
        from vivavoce.app.api.call_views import item_of

        output.document([item_of(call).model_dump() for call in found])
        return
    rows = [
        (call.id, call.agent_name, call.agent_version, output.moment(call.started_at), _lasted(call), _ended(call))
        for call in found
    ]
    output.table(["call", "agent", "version", "began", "lasted", "state"], rows, empty="no calls")


@app.command()
def show(call_id: CallId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """One call: when, with whom, on what engines, and why it ended."""
    from vivavoce.agents import AgentFileError
    from vivavoce.app.agent_shelf import read
    from vivavoce.app.api.call_views import CallSummary, summary_of

    async def work(store: Store) -> CallSummary:
        call = await _found(store, call_id)
        try:
            title = read(call.agent_source, call.agent_name).spec.title
        except AgentFileError:  # of a version that held other files
            title = ""
        return await summary_of(call, title, store)

    found = with_store(settings_of(data, config), work).model_dump()
    if as_json:
        output.document(found)
        return
    for name, setting in found["settings"].items():
        found["settings"][name] = f"{setting['value']} ({setting['source']})"
    found["reports"] = ", ".join(each["name"] for each in found["reports"])
    for name, value in found.items():
        for key, inner in value.items() if isinstance(value, dict) else [("", value)]:
            shown = output.moment(inner) if (key or name).endswith(("_at", "until")) else inner
            output.say(f"{name}{'.' if key else ''}{key}: {'' if shown is None else shown}")


@app.command()
def events(call_id: CallId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """What went into the conversation and what came out of it."""
    import msgspec

    async def work(store: Store) -> Any:
        await _found(store, call_id)
        return await store.events(call_id)

    found = with_store(settings_of(data, config), work)
    if as_json:
        raw = msgspec.Raw
        output.document(
            [{"seq": e.seq, "at_s": e.at_s, "event": raw(e.event), "effects": raw(e.effects)} for e in found]
        )
        return
    rows = []
    for event in found:
        kinds = " ".join(effect["effect"] for effect in msgspec.json.decode(event.effects))
        rows.append((event.seq, f"{event.at_s:.3f}", msgspec.json.decode(event.event)["event"], kinds))
    output.table(["seq", "at s", "event", "effects"], rows, empty="nothing happened")


@app.command()
def transcript(
    call_id: CallId,
    vtt: Annotated[bool, typer.Option("--vtt", help="As captions of the recording (WebVTT).")] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """What was said, as far as it was heard."""
    from vivavoce.findings.captions import plain_text, web_vtt
    from vivavoce.findings.collect import collect

    record = with_store(settings_of(data, config), lambda store: collect(store, call_id))
    if as_json:
        output.document(record.turns)
        return
    names = {speaker.id: speaker.label for speaker in record.speakers}
    typer.echo(output.printable((web_vtt if vtt else plain_text)(record.turns, names)), nl=False)


@app.command()
def facts(call_id: CallId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """What is known, and how well."""
    from vivavoce.findings.collect import collect
    from vivavoce.findings.wording import value

    record = with_store(settings_of(data, config), lambda store: collect(store, call_id))
    if as_json:
        output.document(record.facts)
        return
    rows = [
        (fact.field, fact.state, value(fact.value) if fact.known else None, fact.source if fact.known else None)
        for fact in record.facts
    ]
    output.table(["field", "state", "value", "source"], rows, empty="the agent asks for nothing")


@app.command()
def delete(
    call_id: CallId, yes: Yes = False, as_json: AsJson = False, data: Data = None, config: Config = None
) -> None:
    """Erase a call for good: rows, sound, reports."""
    from vivavoce.store.erasing import Erasing
    from vivavoce.store.folders import Folders
    from vivavoce.store.receipts import signed
    from vivavoce.store.vault import Vault

    settings = settings_of(data, config)
    call = with_store(settings, lambda store: _found(store, call_id))
    confirm(f"Erase the call {call_id} for good?", yes=yes)

    async def work(store: Store) -> SignedReceipt:
        announcer, _ = announcer_of(settings, store)
        receipt = await Erasing(store.database, Folders.of(settings.data_dir)).call(call_id, now=time.time())
        await announcer.erased_call(call_id, call.agent_name)
        return signed(receipt, Vault.of(settings.secret_key, settings.data_dir))

    receipt = with_store(settings, work)
    if as_json:
        output.document(receipt)
    else:
        output.say(f"{call_id}: erased, {sum(receipt.rows.values())} rows and {receipt.files} files")


def replay(
    call_id: CallId,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell what happened instead, and why, in lines for people.")
    ] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Feed a recorded call to the machine again; fails at the first differing effect."""
    from vivavoce.app.filing import replay_call, story_of_call

    if explain:
        lines = with_store(settings_of(data, config), lambda store: story_of_call(store, call_id))
        if as_json:
            output.document(lines)
            return
        for line in lines:
            output.say(f"{_clock(line.at_s)}  {line.who:<6}  {line.says}")
        if not lines:
            output.note("nothing is written down of this call")
        return
    agreed = with_store(settings_of(data, config), lambda store: replay_call(store, call_id))
    if as_json:
        output.document({"call": call_id, "events": agreed})
    else:
        output.say(f"{agreed} events, the same effects")


def report(call_id: CallId, out: Out = Path("viva-report"), data: Data = None, config: Config = None) -> None:
    """Write the report of a call, with transcript, facts and recording."""
    from vivavoce.findings.deliver import deliver

    settings = settings_of(data, config)
    recordings = Path(settings.data_dir) / "recordings"
    with_store(settings, lambda store: deliver(store, recordings, call_id, out))
    output.say(str(out / "report.html"))


def export(
    call_id: CallId,
    out: Out = Path("viva-export"),
    sound: Annotated[
        Literal["wav", "flac", "opus", "none"], typer.Option(help="flac and opus need vivavoce[audio].")
    ] = "wav",
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write everything of a call for programs: JSON, events, agent, sound.

    `call.json` the call; `agent.yaml` its agent, as it was; `transcript.json`, `facts.json`; `events.jsonl` what went
    in and out, which `viva replay` feeds on; `call.wav` the recording, stereo, where there is one.
    """
    from vivavoce.app.export import export_call

    settings = settings_of(data, config)
    kind = None if sound == "none" else sound
    with output.progress() as tell:

        async def work(store: Store) -> list[Path]:
            return await export_call(store, settings.data_dir, call_id, out, kind, lambda what: tell(what, None))

        written = with_store(settings, work)
    if as_json:
        output.document({"call": call_id, "files": [str(path) for path in written]})
    else:
        for path in written:
            output.say(str(path))


async def _found(store: Store, call_id: str) -> StoredCall:
    call = await store.call(call_id)
    if call is None:
        raise NotHereError(f"want the id of a call, got {call_id[:64]!a}")
    return call


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(at_s, 60)
    return f"{int(minutes):3}:{seconds:06.3f}"


def _lasted(call: CallLine) -> str | None:
    if call.ended_at is None:
        return None
    minutes, seconds = divmod(round(call.ended_at - call.started_at), 60)
    return f"{minutes}:{seconds:02}"


def _ended(call: CallLine) -> str:
    return call.state if call.end_reason is None else call.end_reason

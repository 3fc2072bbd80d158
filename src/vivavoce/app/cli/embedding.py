"""`viva embed`: what to paste to have an agent on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError

if TYPE_CHECKING:
    from vivavoce.app.embedding.snippets import Snippet, Snippets
    from vivavoce.app.settings import Settings
    from vivavoce.store.store import Store


def embed(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Name of an agent.")],
    kind: Annotated[
        str, typer.Option("--for", metavar="KIND", help="script, inline, iframe, react, codepen, wordpress, link …")
    ] = "script",
    server: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address that people reach the server by; `public_url` by default."),
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print the snippet that puts an agent on a page; beside it, whether the microphone works there."""
    settings = settings_of(data, config, public_url=server)
    found = with_store(settings, lambda store: _snippets(settings, store, agent), must_exist=False)
    if as_json:
        output.document(found.model_dump())
        return
    chosen = _chosen(found, kind)
    output.say(chosen.code)
    output.note(f"microphone: {chosen.microphone}. {chosen.why}")
    if chosen.site is not None:
        output.note(f'the agent file must first list this site: embed: {{origins: ["{chosen.site}"]}}')
    if not settings.public_url:
        output.note("this is where the server listens; --server, or the setting public_url, names another address")


async def _snippets(settings: Settings, store: Store, agent: str) -> Snippets:
    from vivavoce.app.agent_shelf import AgentShelf
    from vivavoce.app.embedding import addresses
    from vivavoce.app.embedding.snippets import snippets_of
    from vivavoce.app.keyring import Keyring
    from vivavoce.store.agents import Agents

    found = await AgentShelf(settings, Agents(store.database)).find(agent)
    guarded = await Keyring(store.database, settings.api_key).required()
    base = addresses.base_of(settings, addresses.listening_at(settings))
    return snippets_of(found, settings, base, guarded=guarded)


def _chosen(found: Snippets, kind: str) -> Snippet:
    from vivavoce.agents.problems import did_you_mean

    kinds: dict[str, Snippet] = {snippet.kind: snippet for snippet in found.snippets}
    if kind in kinds:
        return kinds[kind]
    hint = did_you_mean(kind, kinds)
    raise InputError(f"want one of {', '.join(kinds)}, got {kind[:64]!a}{f'; {hint}' if hint else ''}")

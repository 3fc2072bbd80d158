"""`viva switches`: what is turned off for the moment, on every server of the database within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import NotHereError

if TYPE_CHECKING:
    from vivavoce.app.switches import Switches
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Kill switches: what is turned off, without a restart.")

SwitchName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="calls (no new calls), calls:AGENT, voice (all talks go on in text) or tool:NAME.",
    ),
]


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """What is switched off, since when, and why."""
    from vivavoce.store.switches import SwitchRows

    found = with_store(settings_of(data, config), lambda store: SwitchRows(store.database).all())
    if as_json:
        output.document(found)
        return
    rows = [(switch.name, output.moment(switch.set_at), switch.reason) for switch in found]
    output.table(["off", "since", "why"], rows, empty="nothing is switched off")


@app.command("set")
def set_(
    name: SwitchName,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for those who look.")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Switch something off. Running servers act within a second, running calls too."""
    with_store(settings_of(data, config), lambda store: _switches(store).set(name, reason))
    output.say(f"{name}: off")


@app.command()
def clear(name: SwitchName, data: Data = None, config: Config = None) -> None:
    """Switch it on again."""
    if not with_store(settings_of(data, config), lambda store: _switches(store).clear(name)):
        raise NotHereError(f"want a switch that is off, got {name[:80]!a}")
    output.say(f"{name}: on")


def _switches(store: Store) -> Switches:
    from vivavoce.app.switches import Switches
    from vivavoce.store.switches import SwitchRows

    return Switches(SwitchRows(store.database))

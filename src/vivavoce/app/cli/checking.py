"""`viva check`: does an agent file hold, and what would the agent do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import AsJson
from vivavoce.app.cli.running import read_agent
from vivavoce.errors import InputError

if TYPE_CHECKING:
    from vivavoce.agents import AgentSpec

# Parts of the grammar whose rooms are not built yet: `check` says so instead of letting a file promise them.
NOT_ACTED_ON = (
    "knowledge", "materials", "stage", "offers", "embed.modes", "kiosk", "measure", "experiment", "frustration",
    "coach", "tests", "floor", "result.deliver",
)  # fmt: skip


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Agent files.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Check agent files: every problem with its line.

    It says what was wanted and what came, and of a file that holds, what its agent does.
    """
    found = [_checked(path) for path in files]
    if as_json:
        output.document(found)
    else:
        for file in found:
            _print(file)
    if not all(file["holds"] for file in found):
        raise typer.Exit(Exit.FAILED)


def _checked(path: Path) -> dict[str, Any]:
    from vivavoce.agents import AgentFileError, describe
    from vivavoce.tools import ToolRunner, builtins

    try:
        spec = read_agent(path).spec
    except AgentFileError as error:
        return {"file": str(path), "holds": False, "problems": error.problems, "text": str(error)}
    except InputError as error:
        return {"file": str(path), "holds": False, "problems": [], "text": str(error)}
    return {
        "file": str(path),
        "holds": True,
        "agent": describe(spec),
        "not_acted_on": [name for name in NOT_ACTED_ON if _given(spec, name)],
        "tools_missing": ToolRunner(builtins()).unavailable(spec.tools),
    }


def _print(file: dict[str, Any]) -> None:
    if not file["holds"]:
        output.note(file["text"])
        return
    output.say(f"{file['file']}: holds")
    for line in file["agent"]:
        output.say(f"  {line}")
    if idle := file["not_acted_on"]:
        output.say(f"  understood, but nothing acts on it in this version: {', '.join(idle)}")
    if missing := file["tools_missing"]:
        output.say(f"  not on this server, left out of calls: {', '.join(missing)}")


def _given(spec: AgentSpec, path: str) -> bool:
    import msgspec

    value: Any = spec
    for name in path.split("."):
        value = getattr(value, name, None)
    return any(msgspec.structs.astuple(value)) if isinstance(value, msgspec.Struct) else bool(value)

"""The page of the command line, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from vivavoce.app.cli import app
from vivavoce.app.cli.exits import MEANING

SEE = {
    "viva demo": "The [tutorial](../tutorial/first-interview.md) walks through one.",
    "viva check": "The grammar: [agent file](agent-file.md).",
    "viva serve": "[Run the server](../howto/run-the-server.md) tells how; [settings](settings.md) lists them all.",
    "viva live": "[Use the stand-in](../howto/use-the-stand-in.md) tells how; [faults](faults.md) can be scripted.",
    "viva faults list": "The same as a page: [scenarios](scenarios.md).",
    "viva replay": "[Replay a call](../howto/replay-a-call.md) tells what a difference means.",
    "viva storm": "[Put calls through a storm](../howto/storm.md) tells what the rows mean.",
    "viva report": "What is in it: [report](report.md).",
    "viva migrate": "What is kept where: [storage](storage.md).",
}
"""Where somebody who reads about a command may want to go on."""

_HEAD = """\
Commands that take `--data` and `--config` open the database of these settings by themselves: they work while a server
runs, and while none does. `--config FILE` names the settings file (`viva.toml` here by default), `--data DIR` the
folder of another database, such as `viva-demo/data` after `viva demo`.

With `--json`, standard output holds one JSON document and nothing else. Otherwise it holds lines and tables for people,
without colour where it is no terminal or `NO_COLOR` is set. Progress and notes go to standard error. What cannot be
undone is asked about first; `--yes` where nobody can be asked. `viva --install-completion` teaches the shell to
complete commands and options.

## Exit codes

| code | meaning |
|---|---|
"""
_ERRORS = """
An error is one line on standard error, `viva: ` and what was wanted, what came, and what to do; an agent file has one
for each of its mistakes.
"""
SHARED = ("--json", "--yes", "--data", "--config")
"""Options that mean the same everywhere."""


def page(heading: str) -> str:
    """The page. `heading`: what stands below the title."""
    codes = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in MEANING.items())
    sections: dict[str, list[str]] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        sections.setdefault(command.rich_help_panel, []).extend(_described(f"viva {name}", command))
    body = "".join(f"\n## {title}\n" + "".join(parts) for title, parts in sections.items())
    return "# Command line\n\n" + heading + _HEAD + codes + _ERRORS + body


def _described(path: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=path)
    see = f" {SEE[path]}" if path in SEE else ""
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _described(f"{path} {name}", inner)
        return
    text = "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n"))
    usage, rows, shared = [path], [], []
    for parameter in command.params:
        name, meaning = parameter.get_help_record(context)
        if parameter.param_type_name == "argument":
            name = name.split(" <")[0]
            usage.append(name if parameter.required else f"[{name}]")
        if name.split()[0] in SHARED:
            shared.append(f"`{name.split()[0]}`")
        else:
            rows.append(f"| `{_cell(name)}` | {_cell(meaning)} |\n")
    takes = f" Takes {', '.join(shared)}." if shared else ""
    yield f"\n### `{' '.join(usage)}`\n\n{text}{see}{takes}\n"
    if rows:
        yield "\n| | |\n|---|---|\n" + "".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

"""`viva doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.explaining import explain
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import run
from vivavoce.errors import SettingsError

if TYPE_CHECKING:
    from vivavoce.app.doctor.finding import Finding
    from vivavoce.app.settings import Settings

_SIGN = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(
    online: Annotated[bool, typer.Option("--online", help="Dial the live model, too.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Only tell each setting and who decided it.")] = False,
    agent: Annotated[str | None, typer.Option(metavar="NAME", help="Likewise, of the calls with this agent.")] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Look what is wrong here, and say what to do. Nothing is changed."""
    from vivavoce.app import logs
    from vivavoce.app.doctor.examination import machine_alone
    from vivavoce.app.doctor.finding import fail, ok
    from vivavoce.app.settings import load_settings

    if settings or agent is not None:
        explain(load_settings(file=config, overrides={"data_dir": data and str(data)}), agent, as_json=as_json)
        return
    logs.configure("critical")  # what the parts would log is found here
    told = {"data_dir": None if data is None else str(data)}
    try:
        found = load_settings(file=config, overrides=told)
    except SettingsError as error:
        findings = [*machine_alone(), fail("settings", str(error), "Correct it; docs/reference/settings.md lists all.")]
    else:
        own = sum(source != "default" for source in found.sources.values())
        findings = [ok("settings", f"hold; {own} of {len(found.sources)} are not the default")]
        findings += run(_examine(found.settings, online=online))
    if as_json:
        from vivavoce import __version__

        healthy = not any(finding.grade == "fail" for finding in findings)
        output.document({"version": __version__, "ok": healthy, "findings": findings})
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            _print(finding, width)
    if any(finding.grade == "fail" for finding in findings):
        raise typer.Exit(Exit.FAILED)


async def _examine(settings: Settings, *, online: bool) -> list[Finding]:
    from vivavoce.app.doctor.examination import examine

    with output.progress() as progress:
        return [finding async for finding in examine(settings, online=online, tell=lambda doing: progress(doing, None))]


def _print(finding: Finding, width: int) -> None:
    colour = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}[finding.grade]
    sign = typer.style(_SIGN[finding.grade], fg=colour, bold=finding.grade == "fail")
    typer.echo(f"{sign}  {finding.what:{width}}  {output.printable(finding.says)}")
    if finding.remedy:
        typer.echo(f"{'':{width + 8}}{output.printable(finding.remedy)}")

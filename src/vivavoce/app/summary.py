"""What is said at the end of a call from the command line."""

from __future__ import annotations

from rich.console import Console

from vivavoce.app.oneoff import Result
from vivavoce.findings import verdict
from vivavoce.findings.wording import span


def summarise(result: Result, console: Console) -> None:
    record = result.record
    known = [fact for fact in record.facts if fact.known]
    refused = [fact.field for fact in record.facts if fact.state == "refused"]
    console.rule("[bold]the call")
    console.print(
        f"{span(record.duration_ms)}, {len(record.turns)} turns, ended: {result.reason}; "
        f"{len(known)} of {len(record.facts)} facts known"
        + (f", refused: {', '.join(refused)}" if refused else "")
        + f"; replayed {result.replayed} events with the same effects",
        highlight=False,
    )
    if record.result.scorecard:
        found = verdict.judge(record.facts, record.result)
        console.print(f"verdict: [bold]{found.decision}[/]", highlight=False)
    for note in record.notes:
        console.print(f"[yellow]{note}[/]", highlight=False)
    for name in ("transcript.json", "facts.json", "call.wav", "report.html", "timeline.html"):
        if (path := result.folder / name).exists():
            console.print(f"  {path}", highlight=False)
    if (report := result.folder / "report.html").exists():
        console.print(
            f"open {report.absolute().as_uri()} in a browser to read and hear it", highlight=False, soft_wrap=True
        )

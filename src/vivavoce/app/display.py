"""A call in the terminal: captions, who has the floor, what the gate hears, facts as they fill.

On a terminal it is one living panel; in a pipe it is lines, each when it is final.
"""

from __future__ import annotations

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vivavoce.findings.wording import value as in_words
from vivavoce.guests.observer import CallEvent, Closed, Connected, Said
from vivavoce.wire import caller as wire

COLOURS = ("cyan", "magenta", "green", "yellow", "blue")
STATES = {
    "asked": ("…", "dim"),
    "vague": ("~", "yellow"),
    "answered": ("●", "green"),
    "confirmed": ("✔", "bold green"),
    "refused": ("✕", "red"),
}
LINES = 14
"""Captions kept on screen; with the facts beside them they fit a terminal of 30 rows."""


class CallDisplay:
    """A `CallObserver`. Use as a context around the call."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True) if console.is_terminal else None
        self._title = ""
        self._speakers: dict[str, tuple[str, str]] = {"caller": ("Caller", "bold white")}
        self._fields: dict[str, wire.FieldInfo] = {}
        self._facts: dict[str, wire.Fact] = {}
        self._captions: dict[int, wire.Caption] = {}
        self._floor = wire.Floor(turn="open")
        self._gate = wire.Gate(open=False, level=0.0)
        self._cuts = 0
        self._at_s = 0.0
        self.closed: Closed | None = None
        self.ended: wire.Ended | None = None

    def __enter__(self) -> CallDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def on_event(self, event: CallEvent, at_s: float) -> None:
        self._at_s = at_s
        match event:
            case wire.Welcome(title=title, speakers=speakers, fields=fields):
                self._title = title
                self._fields = {field.id: field for field in fields}
                for speaker, colour in zip(speakers, COLOURS * (1 + len(speakers)), strict=False):
                    self._speakers[speaker.id] = (speaker.name, colour)
            case wire.Floor():
                self._floor = event
            case wire.Gate():
                self._gate = event
            case wire.Caption(turn=turn, final=final):
                self._captions[turn] = event
                if final:
                    self._line(self._caption(event))
            case wire.Fact(field=field):
                self._facts[field] = event
                self._line(self._fact(field))
            case wire.Cut():
                self._cuts += 1
                self._line(Text("— interrupted —", style="dim"))
            case wire.Show(what=what, title=title):
                self._line(Text(f"[on screen] {title or what}", style="dim"))
            case wire.Notice(text=text) if text:
                self._line(Text(text, style="yellow"))
            case Connected(remark=remark) if remark:
                self._line(Text(remark, style="yellow"))
            case Said(remark=remark) if remark:
                self._line(Text(f"[{remark}]", style="dim"))
            case wire.Ended():
                self.ended = event
            case Closed():
                self.closed = event
            case _:
                return
        if self._live is not None:
            self._live.update(self._screen())

    # -------------------------------------------------------------------------------------------- as lines

    def _line(self, text: Text) -> None:
        if self._live is None:
            self._console.print(Text.assemble((f"{_clock(self._at_s)} ", "dim"), text), soft_wrap=True)

    def _caption(self, caption: wire.Caption) -> Text:
        name, colour = self._speakers.get(caption.who, (caption.who, "white"))
        return Text.assemble((f"{name}: ", f"bold {colour}"), (caption.text, "" if caption.final else "italic dim"))

    def _fact(self, name: str) -> Text:
        fact = self._facts[name]
        sign, style = STATES.get(fact.state, ("·", "dim"))
        return Text.assemble((f"{sign} {name} {fact.state}", style), f" {self._value(fact)}")

    def _value(self, fact: wire.Fact) -> str:
        field = self._fields.get(fact.field)
        return in_words(fact.value, field.type if field else "") if fact.value is not None else ""

    # -------------------------------------------------------------------------------------------- as a screen

    def _screen(self) -> Panel:
        body = Table.grid(expand=True, padding=(0, 2))
        body.add_column(ratio=3)
        body.add_column(ratio=2)
        shown = [self._captions[turn] for turn in sorted(self._captions)][-LINES:]
        body.add_row(Group(*(self._caption(caption) for caption in shown)), self._board())
        return Panel(
            Group(self._status(), Text(), body),
            title=f"[bold]Viva Voce[/] · {self._title}",
            subtitle=_clock(self._at_s),
            box=box.ROUNDED,
        )

    def _status(self) -> Text:
        holder, colour = self._speakers.get(self._floor.holder, ("nobody", "dim"))
        gate = ("open", "green") if self._gate.open else ("closed", "dim")
        return Text.assemble(
            "floor ", (holder, f"bold {colour}"), f" ({self._floor.turn})   gate ", gate,
            f" {self._gate.level:.3f}   interruptions {self._cuts}",
        )  # fmt: skip

    def _board(self) -> Table:
        board = Table(box=None, show_header=False, padding=(0, 1))
        for name, field in self._fields.items():
            fact = self._facts.get(name)
            sign, style = STATES.get(fact.state, ("·", "dim")) if fact else ("·", "dim")
            value = self._value(fact) if fact else ""
            board.add_row(Text(sign, style), Text(name + ("*" if field.required else ""), style), _short(value))
        return board


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _short(text: str) -> str:
    return text if len(text) <= 46 else text[:45] + "…"

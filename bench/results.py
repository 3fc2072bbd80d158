"""What benches find, as data: rows, where and when they were measured, the file they are kept in."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One figure."""

    what: str
    value: float
    unit: str
    beside: float | None = None
    """The same figure of something to compare with, measured in the same run."""
    than: str = ""
    """What that is."""
    ratio: float | None = None
    """`beside` over `value`."""
    most: float | None = None
    """The goal, where less is better."""
    least: float | None = None
    """The goal, where more is better."""
    minor: bool = False
    """Left out of the page of numbers."""

    @property
    def met(self) -> bool | None:
        """Whether the goal is; None without one."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least


class Bench(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bench of a run."""

    rows: list[Row]
    seconds: float
    """How long it took."""
    load: float
    """Processes that wanted a core when it began, over a minute: what others did to the machine."""
    failed: str = ""
    """Why there are no rows."""


class Results(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of the benches."""

    command: str
    date: str
    """UTC, ISO 8601."""
    processor: str
    cores: int
    system: str
    python: str
    versions: dict[str, str]
    benches: dict[str, Bench]


def row(
    what: str,
    value: float,
    unit: str,
    *,
    beside: float | None = None,
    than: str = "",
    most: float | None = None,
    least: float | None = None,
    minor: bool = False,
) -> Row:
    """A row with its ratio."""
    ratio = round(beside / value, 3) if beside and value else None
    return Row(
        what=what, value=value, unit=unit, beside=beside, than=than, ratio=ratio, most=most, least=least, minor=minor
    )


def here(command: str, benches: dict[str, Bench]) -> Results:
    """The results of benches run on this machine now."""
    return Results(
        command=command,
        date=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        system=f"{_system()}, {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions=_versions(),
        benches=benches,
    )


def load() -> float:
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


def write(results: Results, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(path: Path) -> Results:
    """
    Raises:
        OSError: the file cannot be read.
        msgspec.DecodeError: it holds no results.
    """
    return msgspec.json.decode(path.read_bytes(), type=Results)


def table(results: Results, *, against: Results | None = None, whole: bool = True) -> str:
    """Rows as a Markdown table, under a line that says on what and when.

    Args:
        against: an earlier run: a column says how many times its figures these are.
        whole: with the minor rows.
    """
    heads = ["bench", "what", "measured", "beside", "goal"] + (["times the earlier"] if against else [])
    earlier = (
        {(name, row.what): row for name, bench in against.benches.items() for row in bench.rows} if against else {}
    )
    lines = [about(results), "", _line(heads), _line(["---"] * len(heads))]
    for name, bench in results.benches.items():
        if bench.failed:
            lines.append(_line([name, bench.failed, "not measured", ""] + [""] * (len(heads) - 4)))
        for found in bench.rows:
            if found.minor and not whole:
                continue
            cells = [name, found.what, f"{figure(found.value)} {found.unit}", _beside(found), _goal(found)]
            if against:
                before = earlier.get((name, found.what))
                cells.append(figure(found.value / before.value) if before and before.value else "")
            lines.append(_line(cells))
    return "\n".join(lines)


def about(results: Results) -> str:
    """On what and when, and how busy the machine was."""
    loads = [bench.load for bench in results.benches.values()]
    busy = f"; load {min(loads):g} to {max(loads):g} when a bench began" if loads else ""
    return (
        f"`{results.command}`, {results.date}: {results.cores} cores ({results.processor}), {results.system}, "
        f"{results.python}{busy}."
    )


def figure(value: float) -> str:
    """Three significant digits, or all before the point."""
    if value == int(value):
        return f"{value:,.0f}"
    if abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 3 - len(str(int(abs(value)))))}f}"


BEGIN, END = "<!-- made by `python -m bench table` -->", "<!-- end of it -->"


def set_in(page: str, made: str) -> str:
    """The page with its table replaced.

    Raises:
        ValueError: it has no place for one.
    """
    found, count = re.subn(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{made}\n{END}", page, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError(f"want one place between {BEGIN} and {END}, got {count}")
    return found


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _beside(found: Row) -> str:
    if found.beside is None:
        return ""
    times = f": {figure(found.ratio)} times" if found.ratio is not None else ""
    return f"{figure(found.beside)} {found.unit} {found.than}{times}"


def _goal(found: Row) -> str:
    if found.met is None:
        return ""
    sign, goal = ("≤", found.most) if found.most is not None else ("≥", found.least)
    assert goal is not None, "met is not None"
    return f"{sign} {figure(goal)}" + (", met" if found.met else ", **not met**")


def _processor() -> str:
    try:
        told = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        told = None
    return told[1].strip() if told else platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _versions() -> dict[str, str]:
    """Of this package, what it requires at its core, and what it is compared with."""
    required = [re.split(r"[^\w.-]", each)[0] for each in metadata.requires("vivavoce") or [] if "extra ==" not in each]
    found = {}
    for name in ["vivavoce", *required, "google-genai"]:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # not needed on this system
            continue
    return found

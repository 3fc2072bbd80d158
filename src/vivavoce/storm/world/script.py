"""A bad call as data: seed, length and what goes wrong when. The same script is the same call.

seed: 7
minutes: 15
faults:
  - {kind: drop, at_s: 312.5}
  - {kind: caller_away, at_s: 400, seconds: 20}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from vivavoce.agents.emit import block, flow
from vivavoce.local.typed_yaml import read

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that goes wrong; its `kind` is a name of `kinds.KINDS`."""

    kind: str
    at_s: Seconds
    seconds: Seconds = 0.0
    """How long it lasts, or takes; 0 where that has no meaning."""
    times: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A call, and what goes wrong in it."""

    seed: int
    minutes: Annotated[float, msgspec.Meta(gt=0, le=600)]
    faults: tuple[Fault, ...] = ()
    about: str = ""
    """What broke when it was found."""


def read_script(path: Path) -> Script:
    """A script from the disk.

    Raises:
        InputError: it cannot be read or does not hold; says where, what was wanted and what came.
    """
    return read(path, Script)


def write_script(path: Path, script: Script) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(script), encoding="utf-8")


def text_of(script: Script) -> str:
    """The script as YAML, a line for each fault."""
    told = msgspec.to_builtins(script)
    faults = told.pop("faults", [])
    lines = [f"  - {flow({name: value for name, value in fault.items() if value})}\n" for fault in faults]
    return block(told, deep=1) + ("faults:\n" + "".join(lines) if lines else "faults: []\n")

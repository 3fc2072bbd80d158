"""What a page loads to show an agent and to talk: files as they are built, after gzip, beside what they may weigh."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from bench.results import Row
from vivavoce.errors import MissingError

WEB = Path(__file__).parent.parent / "web"


class Part(msgspec.Struct, frozen=True):
    """Bytes after gzip, and how many there may be."""

    gzip: int
    budget: int


def rows(*, brief: bool = False) -> list[Row]:
    """
    Args:
        brief: makes no difference; weighing takes a second.
    Raises:
        MissingError: Node or the SDK's packages are not there.
    """
    del brief
    command = ["node", "build.mjs", "--sizes"]
    built = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)
    if built.returncode:
        raise MissingError(
            f"want the sizes of what is built, got: {built.stderr.strip()[-300:]}", remedy="Run `make web`."
        )
    parts = msgspec.json.decode(built.stdout, type=dict[str, Part])
    return [
        Row(what=f"{name}, after gzip", value=part.gzip / 1000, unit="kB", most=part.budget / 1000)
        for name, part in parts.items()
    ]

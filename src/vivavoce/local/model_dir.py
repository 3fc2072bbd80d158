"""Directories with a model that the user has put there: recognised by their files, never fetched.

An engine that gets a name instead of a directory downloads a model of that name. We never let it: a name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vivavoce.errors import InputError, MissingError


@dataclass(frozen=True, slots=True)
class Layout:
    """What a directory of one kind of model holds.

    Attributes:
        kind: the engine and, where it reads several kinds, which: "sherpa-onnx transducer".
        extra: the extra of this package that brings the engine.
        module: the module the engine is imported as.
        files: for every part of the model the patterns its file may have, best first, in the shell's pattern language.
    """

    kind: str
    extra: str
    module: str
    files: Mapping[str, Sequence[str]]

    def find(self, directory: Path) -> dict[str, Path] | None:
        """The file of every part; None when one is not there."""
        found = {part: _first(directory, patterns) for part, patterns in self.files.items()}
        present = {part: path for part, path in found.items() if path is not None}
        return present if len(present) == len(found) else None

    def __str__(self) -> str:
        return f"{self.kind} ({', '.join(patterns[-1] for patterns in self.files.values())})"


def open_directory(name: str | Path) -> Path:
    """The directory of a name that a user gave.

    Raises:
        InputError: there is no such directory.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path.resolve()
    if path.exists():
        raise InputError(f"want a directory with a model, got the file {str(name)!r}")
    raise InputError(
        f"want a directory with a model, got {str(name)!r}: there is none, and a name would mean a download"
    )


def recognise(directory: Path, layouts: Sequence[Layout]) -> tuple[Layout, dict[str, Path]]:
    """The first layout a directory has, and its files.

    Raises:
        InputError: it has none of them.
        MissingError: the engine for it is not installed.
    """
    for layout in layouts:
        files = layout.find(directory)
        if files is None:
            continue
        if find_spec(layout.module) is None:
            raise MissingError(
                f"want the extra `{layout.extra}` for the {layout.kind} model in {directory.name}",
                remedy=f"Install the extra `vivavoce[{layout.extra}]`.",
            )
        return layout, files
    wanted = "; ".join(str(layout) for layout in layouts)
    raise InputError(f"want a directory with the files of one of {wanted}; got {directory.name!r} with none of these")


def _first(directory: Path, patterns: Sequence[str]) -> Path | None:
    for pattern in patterns:
        for path in sorted(directory.glob(pattern)):
            if path.is_file():
                return path
    return None

"""Which synthesiser speaks from a directory that the user names: Piper, recognised by its files."""

from __future__ import annotations

from pathlib import Path

from vivavoce.local.model_dir import Layout, open_directory, recognise
from vivavoce.local.mouth.piper import PiperWorker, read_speakers

LAYOUTS = (Layout("piper", "piper", "piper", {"voice": ["*.onnx"], "settings": ["*.onnx.json"]}),)


def engine_in(name: str | Path) -> PiperWorker:
    """The synthesiser with the voices of a directory; it is not started yet.

    Raises:
        InputError: no directory (a bare name is refused: it would mean a download), or no voice with its settings.
        MissingError: the package that reads the voices is not installed.
    """
    directory = open_directory(name)
    recognise(directory, LAYOUTS)
    return PiperWorker(read_speakers(directory))

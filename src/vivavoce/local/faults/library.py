"""What has gone wrong in the wild, by name: fault files that tell a story, and what must come of each."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from vivavoce.agents.problems import did_you_mean, shorten
from vivavoce.errors import InputError
from vivavoce.local.faults.script import Script, read_script
from vivavoce.local.typed_yaml import parse

_LIBRARY = resources.files("vivavoce.local").joinpath("faults/library")


def names() -> list[str]:
    """Of all scenarios, sorted."""
    return sorted(file.name.removesuffix(".yaml") for file in _LIBRARY.iterdir() if file.name.endswith(".yaml"))


def source(name: str) -> str:
    """The file of a scenario.

    Raises:
        InputError: there is none of this name.
    """
    known = names()
    if name not in known:
        hint = did_you_mean(name, known)
        raise InputError(f"want the name of a scenario, got {shorten(name)!r}{f'; {hint}' if hint else ''}")
    return _LIBRARY.joinpath(f"{name}.yaml").read_text("utf-8")


def scenario(name: str) -> Script:
    """A scenario.

    Raises:
        InputError: there is none of this name.
    """
    return parse(source(name), Script, name=f"{name}.yaml")


def read_faults(given: str) -> Script:
    """The faults that a live model is to play: of a file, or of a scenario by its name.

    Args:
        given: a path; what has neither a folder nor a suffix and is no file here is a name.
    Raises:
        InputError: it cannot be read, does not hold, or is not for a live model.
    """
    path = Path(given)
    named = path.name == given and not path.suffix and not path.is_file()
    script = scenario(given) if named else read_script(path)
    if script.at != "model":
        raise InputError(
            f"want faults of the model's link, got {shorten(given)!r}, which happens elsewhere (at: {script.at})"
        )
    return script

"""Agent files on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import structlog

from vivavoce.agents import AgentFile, load
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError, NotHereError

log = structlog.get_logger(__name__)

MAX_AGENT_BYTES = 256 * 1024
"""What the loader takes; an agent file has 2 kB."""

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""A name that is the same in a URL, in a file name and in a log line."""
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def is_name(text: str) -> bool:
    return 0 < len(text) <= 64 and set(text) <= _LETTERS and text[0] not in "_-"


def find_agent(settings: Settings, name: str) -> AgentFile:
    """An agent file by its name in the agents folder.

    Raises:
        NotHereError: no such file.
        InputError: it cannot be read, or does not hold (AgentFileError).
    """
    path = Path(settings.agents_dir) / f"{name}.yaml"
    if name not in file_names(settings):
        raise NotHereError(f"want one of the agents {', '.join(file_names(settings)) or 'none'}, got {name[:64]!a}")
    return read_agent(path)


def file_names(settings: Settings) -> list[str]:
    """Names of the agents folder, of those that could stand in a URL."""
    return sorted(
        path.stem for path in Path(settings.agents_dir).glob("*.yaml") if is_name(path.stem) and path.is_file()
    )


def read_agent(path: Path) -> AgentFile:
    """An agent file from the disk.

    Raises:
        InputError: it cannot be read, or does not hold (AgentFileError).
    """
    try:
        with path.open("rb") as file:
            source = file.read(MAX_AGENT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"want an agent file, got {path}: {why}") from error
    return load(source, name=str(path))


def agents_in(settings: Settings) -> list[AgentFile]:
    """The agent files of the agents folder that hold; the others are told in the log and when somebody books them."""
    found = []
    for path in sorted(Path(settings.agents_dir).glob("*.yaml")):
        try:
            if path.is_file():
                found.append(read_agent(path))
        except InputError as error:
            log.warning("an agent file does not hold", file=path.name, problem=str(error))
    return found


def words_of(agents: Iterable[AgentFile]) -> tuple[str, ...]:
    """What the local ears should expect to hear: the words of the agent files."""
    texts: list[str] = []
    for spec in (agent.spec for agent in agents):
        texts.append(spec.title)
        for objective in spec.objectives.values():
            texts += [objective.ask, *objective.probe]
            texts += [f"{field.id.replace('_', ' ')} {field.type.words}" for field in objective.collect.values()]
    return tuple(text for text in texts if text)

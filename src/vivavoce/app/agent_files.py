"""Agent files on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import structlog

from vivavoce.agents import AgentFile, load
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError

log = structlog.get_logger(__name__)

MAX_AGENT_BYTES = 256 * 1024
"""What the loader takes; an agent file has 2 kB."""


def find_agent(settings: Settings, name: str) -> AgentFile:
    """An agent file by its name in the agents folder.

    Raises:
        InputError: no such file, or it does not hold (AgentFileError).
    """
    folder = Path(settings.agents_dir)
    path = folder / f"{name}.yaml"
    if path.name != f"{name}.yaml" or "\0" in name or not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml"))) or "none"
        raise InputError(f"want one of the agents {known}, got {name[:64]!a}")
    return read_agent(path)


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

"""Which brain a server has, by name: `agent`, `echo`, `script:FILE`, or the URL of a language model.

    make = make_mind("agent")
    ...                         # serve(make_mind=make)
    await close(make)

`agent` follows the agent block of the instruction and is `echo` where there is none. A URL is the base of any endpoint
of OpenAI's chat completions, with the model behind `#`: see `minds/chat.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from vivavoce.errors import InputError
from vivavoce.local.minds.acts import MakeMind
from vivavoce.local.minds.brain import think
from vivavoce.local.minds.echo import echo
from vivavoce.local.minds.script import load_script

_NAMED: dict[str, MakeMind] = {"agent": think, "echo": echo}
_WANTED = "want the brain agent, echo, script:FILE or the http(s) URL of a chat endpoint"


def make_mind(name: str, *, key: str = "", model: str = "") -> MakeMind:
    """The maker of brains of a name. Reads the file of a script; dials nothing.

    Args:
        name: `agent`, `echo`, `script:FILE` or `http(s)://HOST/v1#MODEL`.
        key: of an endpoint, sent as a bearer token.
        model: of an endpoint whose URL names none.

    Raises:
        InputError: no such brain, a script that does not hold (ScriptError, with lines), a URL that cannot be used.
    """
    if name in _NAMED:
        return _NAMED[name]
    kind, _, rest = name.partition(":")
    open_brain = _OPENED.get(kind.lower())
    if open_brain is None or not rest:
        raise InputError(f"{_WANTED}, got {name.partition('://')[0][:64]!r}")
    return open_brain(name, rest, key, model)


def shown(brain: str) -> str:
    """A brain without what may be a secret: a URL may hold a password."""
    kind, sign, _ = brain.partition("://")
    return f"{kind}{sign}…" if sign else brain


@runtime_checkable
class _Closing(Protocol):
    async def aclose(self) -> None: ...


async def close(make: MakeMind) -> None:
    """Give back what a maker holds: connections kept open to an endpoint. Call it when the server has stopped."""
    if isinstance(make, _Closing):
        await make.aclose()


def _script(name: str, file: str, key: str, model: str) -> MakeMind:
    return load_script(Path(file))


def _chat(name: str, rest: str, key: str, model: str) -> MakeMind:
    from vivavoce.local.minds.chat import ChatMinds  # brings an HTTP client along, which the other brains do not need

    return ChatMinds.of(name, key=key, model=model)


_OPENED: dict[str, Callable[[str, str, str, str], MakeMind]] = {
    "script": _script,
    "http": _chat,
    "https": _chat,
}

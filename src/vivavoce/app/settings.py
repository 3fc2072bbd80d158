"""Settings of a server, each value knowing where it came from.

Later wins: package default < `viva.toml` < environment (`VIVA_PORT`, `VIVA_BACKEND_KEY`) < command line. Unknown names
are errors: a setting that is silently ignored is worse than none. What an agent file or a caller may decide stands
above these and is not here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from vivavoce.errors import SettingsError
from vivavoce.live.backend import BackendKind

FILE = "viva.toml"
PREFIX = "VIVA_"
Pace = Literal["interview", "casual"]
# V5: silence after which the model takes the turn to be over. Interviews leave room for thought.
SILENCE_MS: dict[Pace, int] = {"interview": 2500, "casual": 1000}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    """Loopback unless told otherwise: a public server belongs behind a TLS proxy."""
    port: int = 8642
    """0 takes a free one."""
    data_dir: str = "viva-data"
    """Database, recordings and reports."""
    database_url: str = ""
    """SQLAlchemy URL; empty for SQLite in `data_dir`."""
    agents_dir: str = "agents"
    """Where agent files are found by name."""
    backend: BackendKind = "local"
    backend_url: str = ""
    """Base URL of the live model; empty for the backend's own."""
    backend_model: str = ""
    """Empty for the backend's own."""
    backend_version: str = ""
    """Version of the API; empty for the backend's own."""
    backend_key: str = ""
    """API key of the live model. Never shown, never logged."""
    backend_key_in: Literal["header", "query"] = "header"
    backend_token: str = ""
    """An access token for `vertex` that somebody else fetches. Never shown, never logged."""
    backend_credentials: str = ""
    """A file with a Google Cloud account for `vertex`; empty for the account of this machine."""
    backend_project: str = ""
    backend_location: str = "global"
    backend_ca: str = ""
    """A PEM file with further authorities whose certificates are believed."""
    backend_thinking: str = ""
    """A level or a budget in tokens; empty for the model's own."""
    backend_proactive: Literal["", "on", "off"] = ""
    backend_affective: Literal["", "on", "off"] = ""
    backend_hold_audio: Literal["auto", "always", "never"] = "auto"
    """Hold the caller's sound back while the model waits for a tool; `auto`: where the model needs it."""
    brain: str = "agent"
    """What answers inside the embedded model: `agent`, `echo`, `script:FILE`, or the URL of a chat endpoint."""
    brain_key: str = ""
    """Key of the chat endpoint. Never shown, never logged."""
    brain_model: str = ""
    """Model of the chat endpoint, where its URL names none."""
    ears_dir: str = ""
    """A directory with a model that hears for the embedded model; empty for what is installed."""
    voices_dir: str = ""
    """A directory with a voice for the embedded model; empty for what is installed."""
    pace: Pace = "interview"
    silence_ms: int = 0
    """Silence that ends the caller's turn; 0 for the pace's own (interview 2500, casual 1000)."""
    gate: Literal["auto", "two-tier", "duplex"] = "auto"
    """`auto`: duplex where the caller's machine cancels echo, two-tier otherwise."""
    api_key: str = ""
    """Needed to book calls when set; must be set when `host` is not loopback. Never shown, never logged."""
    ticket_s: float = 60.0
    """How long a ticket may wait to be used."""
    max_calls: int = 50
    """Calls at a time; more are refused with a clear answer."""


_IN_URL = re.compile(r"(?<=://)[^/\s]*(?=@)|(?<=\?)[^#\s']+")
"""User, password and query of an address: what may be a secret there."""
SECRET = frozenset({"backend_key", "brain_key", "backend_token", "api_key"})


class SettingsWithSources(msgspec.Struct, frozen=True):
    settings: Settings
    sources: dict[str, str]
    """For every setting where its value came from, in words."""

    def lines(self) -> list[str]:
        """`name = value (source)` for every setting; secrets only say whether they are set."""
        return [f"{name} = {self._shown(name)} ({source})" for name, source in self.sources.items()]

    def _shown(self, name: str) -> str:
        value = getattr(self.settings, name)
        return ("set" if value else "not set") if name in SECRET else _IN_URL.sub("…", repr(value))


def load_settings(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> SettingsWithSources:
    """Settings from all sources.

    Args:
        file: a TOML file; None for `viva.toml` in the working directory, if it is there.
        environ: the environment, `os.environ` by default.
        overrides: from the command line; None values are left out.

    Raises:
        SettingsError: an unknown name or a value of the wrong type, with the source it came from.
    """
    names = Settings.__struct_fields__
    values: dict[str, Any] = {}
    sources = dict.fromkeys(names, "default")

    def take(found: Mapping[str, Any], source: str) -> None:
        for name, value in found.items():
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"; did you mean {near[0]}" if near else ""
                raise SettingsError(f"{source}: want a setting, got {name!r}{hint}")
            values[name] = value
            sources[name] = source

    path = file if file is not None else Path(FILE)
    if file is not None or path.is_file():
        try:
            take(tomllib.loads(path.read_text(encoding="utf-8")), f"file {path.name}")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"file {path.name}: want TOML, got {error}") from error
    environ = os.environ if environ is None else environ
    for key, value in environ.items():
        if key.startswith(PREFIX):
            take({key.removeprefix(PREFIX).lower(): value}, f"environment {key}")
    take({name: value for name, value in (overrides or {}).items() if value is not None}, "command line")
    try:
        return SettingsWithSources(msgspec.convert(values, Settings, strict=False), sources)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        if name in SECRET:
            raise SettingsError(f"{name}: want text ({sources.get(name, 'settings')})") from None
        if choices := [choice for choice in get_args(get_type_hints(Settings).get(name)) if choice]:
            near = get_close_matches(str(values[name]), choices, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            raise SettingsError(
                f"{name}: want one of {', '.join(choices)}, got {str(values[name])[:64]!r}{hint} ({sources[name]})"
            ) from None
        raise SettingsError(f"{name}: {error} ({sources.get(name, 'settings')})") from error

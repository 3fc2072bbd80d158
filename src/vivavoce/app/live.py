"""`viva live`: the embedded live model alone, for anybody's program that speaks the Gemini Live API."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from vivavoce.errors import InputError, SettingsError
from vivavoce.local.front.certificate import Certificate, self_made
from vivavoce.local.tempo import Tempo

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104  told apart, not bound
ANY_KEY = "any-key-will-do"
"""What clients are told to show where every key is taken: the SDKs refuse to start without one."""
AT_ONCE = 1000.0
"""Times real time: a minute of sound in a sixteenth of a second."""
MOST_FILES = 65_536
"""Sockets this process may have open, as far as the system lets it; many allow 1,024 unless asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """What the command line says."""

    host: str = "localhost"
    port: int = 8643
    """Plain; 0 takes a free one."""
    tls_port: int = 8644
    """TLS; 0 takes a free one."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """API keys; empty takes any."""
    strict: bool = True
    text_frames: bool = False
    brain: str = field(default="agent", repr=False)
    """As `minds/choose.py` takes it. An endpoint's key and model come from the environment."""
    faults: str | None = None
    ears: Path | None = None
    voices: Path | None = None
    life_s: float | None = None
    speed: float | None = None
    at_once: bool = False
    """Sound is sent as fast as it is made, and turns are over when it is sent, not when it would have been played."""
    seed: int = 0
    certificate_file: Path | None = None
    key_file: Path | None = None

    def tempo(self) -> Tempo:
        """The pace of what the model says."""
        usual = Tempo(until_played=not self.at_once)
        speed = self.speed if self.speed is not None else AT_ONCE if self.at_once else usual.speed
        return replace(usual, speed=speed)

    def certificate(self) -> Certificate:
        """The certificate to serve with.

        Raises:
            InputError: one file without the other, or none can be made.
        """
        if (self.certificate_file is None) != (self.key_file is None):
            raise InputError("want --cert and --cert-key together, got one of them")
        if self.certificate_file is not None and self.key_file is not None:
            return Certificate(self.certificate_file, self.key_file)
        return self_made(hosts=() if self.host in LOOPBACK | EVERY_ADDRESS else (self.host,))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that serves."""

    environment: dict[str, str]
    """Variables that point SDKs at it."""
    engines: dict[str, str]
    """Which ears, mouth and brain it has."""

    @property
    def addresses(self) -> dict[str, str]:
        plain = self.environment["OPENAI_BASE_URL"].removesuffix("/v1")
        return {"tls": self.environment["GOOGLE_GEMINI_BASE_URL"], "plain": plain}

    def as_json(self) -> str:
        told = {"addresses": self.addresses, "environment": self.environment, "engines": self.engines}
        return msgspec.json.encode(told).decode()

    def lines(self, options: LiveOptions) -> list[str]:
        """What a person should know."""
        told = [
            f"TLS    {self.addresses['tls']}",
            f"plain  {self.addresses['plain']}",
            " · ".join(f"{part} {name}" for part, name in self.engines.items()),
            "any API key is taken" if not options.keys else f"API keys that are taken: {len(options.keys)}",
        ]
        if self.engines["ears"] == "none":
            told.append("nothing hears here, so clients have to type: install vivavoce[local], or name --ears DIR")
        if self.engines["mouth"] == "none":
            told.append("nothing speaks here, so answers are silence: install vivavoce[local], or name --voices DIR")
        return told


def environment(options: LiveOptions, certificate: Certificate, *, port: int, tls_port: int) -> dict[str, str]:
    """Variables that point the official SDKs at a server (docs/howto/use-the-stand-in.md)."""
    name = "localhost" if options.host in EVERY_ADDRESS else options.host
    host = f"[{name}]" if ":" in name else name
    key = options.keys[0] if options.keys else ANY_KEY
    found = {
        "GOOGLE_GEMINI_BASE_URL": f"https://{host}:{tls_port}",
        "GOOGLE_VERTEX_BASE_URL": f"https://{host}:{tls_port}",
    }
    if certificate.trust_file is not None and certificate.authority_file is not None:
        found |= {
            "SSL_CERT_FILE": str(certificate.trust_file.absolute()),
            "NODE_EXTRA_CA_CERTS": str(certificate.authority_file.absolute()),
        }
    direct = _without_proxy(name, os.environ)
    return found | {
        "GOOGLE_API_KEY": key,
        "OPENAI_BASE_URL": f"http://{host}:{port}/v1",
        "OPENAI_API_KEY": key,
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def known(options: LiveOptions) -> dict[str, str]:
    """These variables before a server runs.

    Raises:
        InputError: the ports are not told, or there is no certificate.
    """
    if 0 in (options.port, options.tls_port):
        raise InputError("want --port and --tls-port as numbers with --print-env, got 0: a free one is not known yet")
    return environment(options, options.certificate(), port=options.port, tls_port=options.tls_port)


def json_of(found: Mapping[str, str]) -> str:
    return msgspec.json.encode({"environment": found}).decode()


def exports(found: Mapping[str, str]) -> list[str]:
    """Shell lines that set variables."""
    return [f"export {name}={shlex.quote(value)}" for name, value in found.items()]


def _without_proxy(host: str, environ: Mapping[str, str]) -> str:
    before = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    names = [*before.split(","), "localhost", "127.0.0.1", "::1", host]
    return ",".join(dict.fromkeys(name.strip() for name in names if name.strip()))


@asynccontextmanager
async def running(options: LiveOptions) -> AsyncIterator[Running]:
    """The server of these options until the block ends.

    Raises:
        InputError, MissingError: what does not hold or cannot be had.
    """
    from vivavoce.local.ears.ears import Ears
    from vivavoce.local.faults.library import read_faults
    from vivavoce.local.minds.choose import close, make_mind, shown
    from vivavoce.local.mouth.mouth import Mouth
    from vivavoce.local.parts import Rules
    from vivavoce.local.server import serve

    if not all(options.keys):
        raise InputError("want API keys that are not empty in --key, got an empty one")
    if options.host not in LOOPBACK and not options.keys:
        raise SettingsError(f"want --key when the host is not the loopback, got {options.host!r} and none")
    certificate = options.certificate()
    faults = read_faults(options.faults) if options.faults is not None else None
    make = make_mind(
        options.brain, key=os.environ.get("VIVA_BRAIN_KEY", ""), model=os.environ.get("VIVA_BRAIN_MODEL", "")
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close, make)
        mouth = await Mouth.start(model_dir=options.voices)
        stack.push_async_callback(mouth.close)
        ears = await Ears.start(callers=2 * (os.cpu_count() or 1), model_dir=options.ears)
        stack.push_async_callback(ears.close)
        engines = {"ears": ears.engine, "mouth": mouth.engine, "brain": shown(options.brain)}
        server = await stack.enter_async_context(
            serve(
                options.host,
                options.port,
                ears=ears,
                mouth=mouth,
                certificate=certificate,
                tls_port=options.tls_port,
                keys=options.keys,
                rules=Rules(strict=options.strict, text_frames=options.text_frames, connection_life_s=options.life_s),
                faults=faults,
                seed=options.seed,
                tempo=options.tempo(),
                make_mind=make,
                about={"engines": engines},
            )
        )
        yield Running(environment(options, certificate, port=server.port, tls_port=server.tls_port), engines)


async def run(options: LiveOptions, tell: Callable[[Running], None]) -> None:
    """Serve until told to stop; a second signal does not wait for anybody.

    Args:
        tell: is told once clients can come.
    """
    _take_files()
    stop = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None, "runs in a task"

    def signalled() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: Ctrl+C raises by itself
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, signalled)
    with suppress(asyncio.CancelledError):
        async with running(options) as server:
            tell(server)
            await stop.wait()


def _take_files() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

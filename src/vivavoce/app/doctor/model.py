"""Checks of the live model: the parts of the embedded one, or the way to another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from vivavoce.app.doctor.finding import Finding, fail, ok, warn
from vivavoce.app.settings import Settings
from vivavoce.errors import LinkError, MissingError, VivaError

ANSWER_WITHIN_S = 15.0
"""For a name, and for a whole dial. The first start of a model that thinks takes seconds."""
_SPEECH = "Run `pip install 'vivavoce[local]'`; on Debian `apt-get install flite` is a voice too."


async def model(
    settings: Settings, *, online: bool = False, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Finding]:
    """Whether somebody could talk.

    Args:
        online: dial it and wait for its word that it is ready; otherwise only its name is looked up.
        tell: is told what is being tried.
    """
    checks = (
        _embedded(settings, tell)
        if settings.backend == "local" and not settings.backend_url
        else _remote(settings, tell, online=online)
    )
    async for finding in checks:
        yield finding


async def _embedded(settings: Settings, tell: Callable[[str], None]) -> AsyncIterator[Finding]:
    from vivavoce.local.ears.ears import Ears
    from vivavoce.local.minds.choose import close, make_mind, shown
    from vivavoce.local.mouth.mouth import Mouth

    yield ok("live model", "embedded, no key")
    tell("letting the mouth say something")
    try:
        mouth = await Mouth.start(model_dir=settings.voices_dir or None)
        yield _speaks(mouth.engine)
        await mouth.close()
    except VivaError as error:
        yield fail("mouth", str(error), "Set voices_dir to a folder of Piper's voices, or leave it empty.")
    tell("starting the ears")
    try:
        ears = await Ears.start(callers=1, model_dir=settings.ears_dir or None)
        yield _hears(ears.engine)
        await ears.close()
    except VivaError as error:
        yield fail("ears", str(error), "Set ears_dir to a folder with a recogniser's model, or leave it empty.")
    try:
        make = make_mind(settings.brain, key=settings.brain_key, model=settings.brain_model)
        await close(make)
        yield ok("brain", "the agent file" if settings.brain == "agent" else shown(settings.brain))
    except VivaError as error:
        yield fail("brain", str(error), "Set brain to agent, echo, script:FILE, or the URL of a chat endpoint.")


def _speaks(engine: str) -> Finding:
    return warn("mouth", "nothing speaks: agents are read", _SPEECH) if engine == "none" else ok("mouth", engine)


def _hears(engine: str) -> Finding:
    return warn("ears", "nothing hears: callers type", _SPEECH) if engine == "none" else ok("ears", engine)


async def _remote(settings: Settings, tell: Callable[[str], None], *, online: bool) -> AsyncIterator[Finding]:
    from vivavoce.app.model import backend_settings
    from vivavoce.live.backend import choose

    try:
        backend = choose(backend_settings(settings))
        await backend.credential.prepare()
    except (VivaError, OSError) as error:
        remedy = error.remedy if isinstance(error, MissingError) else "See docs/howto/use-gemini.md."
        yield fail("live model", str(error), remedy)
        return
    yield ok("live model", f"{backend.kind}, {backend.name}; a credential is there")
    address = urlsplit(backend.url)
    tell(f"looking up {address.hostname}")
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await asyncio.get_running_loop().getaddrinfo(address.hostname, address.port or 443)
        yield ok("its address", f"{address.hostname} is known")
    except (OSError, TimeoutError):
        # behind a proxy it is the proxy that looks names up
        yield warn("its address", f"{address.hostname} is not known here", "Check the network, or dial: --online.")
    if online:
        tell("dialling the live model")
        yield await _dialled(settings)


async def _dialled(settings: Settings) -> Finding:
    from vivavoce.agents import load
    from vivavoce.app import samples
    from vivavoce.app.model import backend_settings
    from vivavoce.live.backend import choose
    from vivavoce.live.dialect import Shelf
    from vivavoce.live.dialler import LiveDialler
    from vivavoce.live.state import State

    spec = load(samples.FOUNDER.read_text(encoding="utf-8"), name=samples.FOUNDER.name).spec
    dialler = LiveDialler(choose(backend_settings(settings)), spec, declarations={}, silence_ms=1_000, state=State())
    shelf = Shelf(link=0, keep_chunk=lambda _: 0, keep_handle=lambda _: 0, position=lambda: 0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            link = await dialler.dial(next(iter(spec.speakers)), None, shelf, lambda _: None, lambda _: None)
    except LinkError as error:
        return fail("a dial", str(error), error.remedy or "Try again; see docs/howto/use-gemini.md.")
    except TimeoutError:
        return fail("a dial", f"no answer within {ANSWER_WITHIN_S:g} s", "Check the network and proxy settings.")
    link.close()
    return ok("a dial", f"ready after {loop.time() - began:.1f} s")

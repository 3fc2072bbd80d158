"""The live model of a server: the embedded one is started, any other is only chosen; nothing is dialled yet."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from vivavoce.app.phrases import PreparedPhrases, Voice
from vivavoce.app.settings import Settings
from vivavoce.errors import MissingError
from vivavoce.gateway.notices import FAILURES
from vivavoce.live.backend import Backend, BackendSettings, choose

log = structlog.get_logger(__name__)

_SWITCH = {"": None, "auto": None, "on": True, "always": True, "off": False, "never": False}


@dataclass(frozen=True, slots=True)
class LiveModel:
    backend: Backend
    phrases: PreparedPhrases
    engines: dict[str, str]
    """Which ears, mouth, brain and backend are in use."""
    choose: Callable[[str], Backend] = field(repr=False)
    """The backend of these settings with another model."""
    embedded: bool = False
    """It runs in this process, on loopback."""
    chosen: dict[str, Backend] = field(default_factory=dict, repr=False)
    """Those that calls have asked for, by the name they used."""

    def backend_for(self, model: str) -> Backend:
        """The live model that a call is to have, by the `backend_model` of its settings.

        Raises:
            SettingsError: it cannot be talked to.
        """
        if model not in self.chosen:
            self.chosen[model] = self.choose(model)
        return self.chosen[model]


@asynccontextmanager
async def open_model(
    settings: Settings, *, words: tuple[str, ...], tell: Callable[[str], None]
) -> AsyncIterator[LiveModel]:
    """The live model of these settings, until the block ends.

    Args:
        words: of the agent files; they help the local ears.
        tell: is told what is being started.
    Raises:
        SettingsError, MissingError: what does not hold or cannot be had, told now and not to the first caller.
    """
    async with AsyncExitStack() as stack:
        if settings.backend == "local" and not settings.backend_url:
            yield await _embedded(settings, words, tell, stack)
        else:
            yield await _remote(settings, stack)


async def _embedded(
    settings: Settings, words: tuple[str, ...], tell: Callable[[str], None], stack: AsyncExitStack
) -> LiveModel:
    # only where they are used: a server that dials another model needs none of their engines
    from vivavoce.local.ears.ears import Ears
    from vivavoce.local.minds.choose import close, make_mind, shown
    from vivavoce.local.mouth.mouth import Mouth
    from vivavoce.local.parts import Rules
    from vivavoce.local.server import serve

    make = make_mind(settings.brain, key=settings.brain_key, model=settings.brain_model)
    stack.push_async_callback(close, make)
    tell("starting the local ears and mouth")
    mouth = await Mouth.start(model_dir=settings.voices_dir or None)
    stack.push_async_callback(mouth.close)
    callers = min(settings.max_calls, 2 * (os.cpu_count() or 1))
    ears = await Ears.start(words, callers=callers, model_dir=settings.ears_dir or None)
    stack.push_async_callback(ears.close)
    server = await stack.enter_async_context(serve(ears=ears, mouth=mouth, rules=Rules(any_voice=True), make_mind=make))

    def chosen(model: str) -> Backend:
        own = backend_settings(settings, base_url=f"ws://127.0.0.1:{server.port}", any_voice=True, model=model)
        return choose(own)

    backend = chosen(settings.backend_model)
    brain = "agent file" if settings.brain == "agent" else shown(settings.brain)
    engines = {"backend": "local", "ears": ears.engine, "mouth": mouth.engine, "brain": brain}
    return LiveModel(
        backend, PreparedPhrases(mouth), engines, chosen, embedded=True, chosen={settings.backend_model: backend}
    )


async def _remote(settings: Settings, stack: AsyncExitStack) -> LiveModel:
    def chosen(model: str) -> Backend:
        return choose(backend_settings(settings, model=model))

    backend = chosen(settings.backend_model)
    await backend.credential.prepare()
    mouth = await _voice_for_failures(stack)
    engines = {"backend": backend.kind, "ears": "model", "mouth": "model", "brain": backend.name}
    # what the model cannot say because it is not there; what goes between its own words would be in a strange voice
    return LiveModel(
        backend, PreparedPhrases(mouth, FAILURES), engines, chosen, chosen={settings.backend_model: backend}
    )


async def _voice_for_failures(stack: AsyncExitStack) -> Voice | None:
    from vivavoce.local.mouth.mouth import Mouth

    try:
        mouth = await Mouth.start()
    except MissingError as error:
        log.info("callers will read and not hear that the live model cannot be reached", remedy=error.remedy)
        return None
    stack.push_async_callback(mouth.close)
    return mouth


def backend_settings(
    settings: Settings, *, base_url: str = "", any_voice: bool = False, model: str = ""
) -> BackendSettings:
    """What the settings say about the live model."""
    return BackendSettings(
        kind=settings.backend,
        base_url=base_url or settings.backend_url,
        model=model or settings.backend_model,
        api_version=settings.backend_version,
        key=settings.backend_key,
        key_in=settings.backend_key_in,
        token=settings.backend_token,
        project=settings.backend_project,
        location=settings.backend_location,
        credentials=settings.backend_credentials,
        ca=settings.backend_ca,
        any_voice=any_voice,
        thinking=settings.backend_thinking,
        proactive=_SWITCH[settings.backend_proactive],
        affective=_SWITCH[settings.backend_affective],
        hold_audio=_SWITCH[settings.backend_hold_audio],
    )

"""The links of one call: dialled, replaced and closed as the conversation says; their messages become its events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

import structlog

from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial
from vivavoce.errors import LinkError
from vivavoce.live.link import Link
from vivavoce.live.listen import Interpreter
from vivavoce.wire.gemini.closes import classify
from vivavoce.wire.gemini.messages import ClientMessage, ServerMessage

log = structlog.get_logger(__name__)


class Dialler(Protocol):
    """Opens a link for a speaker; knows backend, credential and prompt."""

    async def dial(
        self,
        speaker: str,
        handle: str | None,
        on_message: Callable[[ServerMessage], None],
        on_close: Callable[[int, str], None],
    ) -> Link: ...


class Links:
    """
    Args:
        post: takes the events.
        keep_chunk: stores sound, returns its number.
        position: how far the caller's audio has come.
        chance: draws the jitter of redials.
    """

    def __init__(
        self,
        dialler: Dialler,
        post: Callable[[ev.Event], None],
        keep_chunk: Callable[[bytes], int],
        position: Callable[[], int],
        chance: random.Random,
        spawn: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._dialler = dialler
        self._post = post
        self._keep_chunk = keep_chunk
        self._position = position
        self._chance = chance
        self._spawn = spawn
        self._links: dict[int, Link] = {}
        self._dialling: dict[int, asyncio.Task[None]] = {}
        self._handles: list[str] = [""]  # by number; secrets stay in this list

    def dial(self, effect: Dial) -> None:
        task = asyncio.create_task(self._dial(effect), name=f"dial-{effect.link}")
        self._dialling[effect.link] = task
        self._spawn(task)

    async def _dial(self, effect: Dial) -> None:
        wait_s = effect.after_s + (self._chance.uniform(0.0, effect.jitter_s) if effect.jitter_s else 0.0)
        if wait_s:
            log.info("redial", link=effect.link, wait_s=round(wait_s, 3))
            await asyncio.sleep(wait_s)
        interpreter = Interpreter(effect.link, self._keep_chunk, self._keep_handle, self._position)

        early: list[ev.Event] = []  # what comes before the link can be announced
        post: Callable[[ev.Event], None] = early.append

        def received(message: ServerMessage) -> None:
            for event in interpreter.read(message):
                post(event)

        def closed(code: int, reason: str) -> None:
            if (gone := self._links.pop(effect.link, None)) is not None and gone.rubbish:
                log.info("messages were not understood", link=effect.link, count=gone.rubbish)
            self._dropped(effect.link, code, reason)

        handle = self._handles[effect.handle] if effect.handle is not None else None
        try:
            link = await self._dialler.dial(effect.speaker, handle, received, closed)
        except LinkError as error:
            self._dropped(effect.link, error.code, error.reason)
            return
        finally:
            self._dialling.pop(effect.link, None)
        self._links[effect.link] = link
        self._post(ev.LinkOpened(effect.link))
        post = self._post
        for event in early:
            post(event)

    def _dropped(self, link: int, code: int, reason: str) -> None:
        kind = classify(code, reason)
        log.info("link dropped", link=link, code=code, kind=kind.value)
        self._post(ev.LinkDropped(link, code, kind.value))

    def _keep_handle(self, secret: str) -> int:
        self._handles.append(secret)
        return len(self._handles) - 1

    def audio(self, link: int) -> Callable[[bytes], None] | None:
        """Where the caller's audio goes for this link, None when it is gone."""
        open_link = self._links.get(link)
        return open_link.send_audio if open_link is not None else None

    def send(self, link: int, message: ClientMessage) -> None:
        """To a link that is gone nothing is sent: its end is already on the way as an event."""
        if (open_link := self._links.get(link)) is not None:
            open_link.send(message)

    def hang_up(self, link: int) -> None:
        if (task := self._dialling.pop(link, None)) is not None:
            task.cancel()
        if (open_link := self._links.pop(link, None)) is not None:
            open_link.close()

    def close(self) -> list[int]:
        """Hang up all; their numbers."""
        links = [*self._dialling, *self._links]
        for link in links:
            self.hang_up(link)
        return links

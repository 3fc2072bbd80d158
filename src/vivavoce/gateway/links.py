"""The links of one call: dialled, replaced and closed as the conversation says; their messages become its events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

import structlog
from msgspec import structs

from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Answer, Dial
from vivavoce.errors import LinkError
from vivavoce.gateway.known import KnownSound, fingerprint
from vivavoce.gateway.tally import Tally
from vivavoce.live.dialect import Shelf
from vivavoce.live.link import Link

log = structlog.get_logger(__name__)

MAX_HANDLES = 64
"""A handle is issued once a turn and replaces the one before; more than a few wait only behind a flood."""


class Dialler(Protocol):
    """Opens a link for a speaker; knows backend, credential and prompt."""

    async def dial(
        self,
        speaker: str,
        handle: str | None,
        shelf: Shelf,
        on_event: Callable[[ev.Event], None],
        on_close: Callable[[LinkError], None],
    ) -> Link: ...


class Links:
    """
    Args:
        post: takes the events.
        keep_chunk: stores sound, returns its number.
        position: how far the caller's audio has come.
        chance: draws the jitter of redials.
        issued: takes each new handle, so that another server can go on from it: its number, its secret, and how far the
            caller's audio had come.
        sounds: what came over links of another server.
    """

    def __init__(
        self,
        dialler: Dialler,
        post: Callable[[ev.Event], None],
        keep_chunk: Callable[[bytes], int],
        position: Callable[[], int],
        chance: random.Random,
        spawn: Callable[[asyncio.Task[None]], None],
        issued: Callable[[int, str, int], None],
        sounds: KnownSound,
    ) -> None:
        self._dialler = dialler
        self._post = post
        self._keep_chunk = keep_chunk
        self._position = position
        self._chance = chance
        self._spawn = spawn
        self._issued = issued
        self._links: dict[int, Link] = {}
        self._tallies: dict[int, Tally] = {}
        self._dialling: dict[int, asyncio.Task[None]] = {}
        self._handles: dict[int, str] = {}  # the newest, by number; secrets stay in here
        self._handle_count = 0
        self._sounds = sounds
        self._patience_ms: int | None = None  # since the caller chose another than links were dialled with
        self._mute_turns = 0  # of links that are gone

    @property
    def mute_turns(self) -> int:
        """Turns of the model in which it owed a sound and made none."""
        return self._mute_turns + sum(tally.mute_turns for tally in self._tallies.values())

    def dial(self, effect: Dial) -> None:
        task = asyncio.create_task(self._dial(effect), name=f"dial-{effect.link}")
        self._dialling[effect.link] = task
        self._spawn(task)

    async def _dial(self, effect: Dial) -> None:
        wait_s = effect.after_s + (self._chance.uniform(0.0, effect.jitter_s) if effect.jitter_s else 0.0)
        if wait_s:
            log.info("redial", link=effect.link, wait_s=round(wait_s, 3))
            await asyncio.sleep(wait_s)
        tally = Tally(effect.link)
        fingerprints: dict[int, int] = {}  # of chunks that are about to be told of
        self._sounds.next_link()
        early: list[ev.Event] = []  # what comes before the link can be announced
        post: Callable[[ev.Event], None] = early.append
        over = False

        def happened(event: ev.Event) -> None:
            if (judged := tally.judged(event)) is not None:
                post(judged)
            tally.observe(event)
            if isinstance(event, ev.ReplyArrived):
                sound = fingerprints.pop(event.chunk, 0)
                event = structs.replace(event, repeated=self._sounds.heard(sound), fingerprint=sound)
            elif isinstance(event, ev.TurnEnded):
                self._sounds.turn_ended()
            post(event)

        def keep_chunk(pcm: bytes) -> int:
            tally.sound(pcm)
            chunk = self._keep_chunk(pcm)
            fingerprints[chunk] = fingerprint(pcm)
            return chunk

        def closed(error: LinkError) -> None:
            nonlocal over
            over = True
            self._forget(effect.link)
            self._dropped(effect.link, error)

        shelf = Shelf(link=effect.link, keep_chunk=keep_chunk, keep_handle=self._keep_handle, position=self._position)
        handle = self._secret(effect.handle) if effect.handle is not None else None
        try:
            link = await self._dialler.dial(effect.speaker, handle, shelf, happened, closed)
        except LinkError as error:
            self._dropped(effect.link, error)
            return
        finally:
            self._dialling.pop(effect.link, None)
        if over:
            return  # it was gone before it could be announced, and that is told
        if self._patience_ms is not None:
            link.patience(self._patience_ms)
        self._links[effect.link] = link
        self._tallies[effect.link] = tally
        self._post(ev.LinkOpened(effect.link))
        post = self._post
        for event in early:
            post(event)

    def _forget(self, number: int) -> Link | None:
        """The link, taken out, and what it was like, in the log."""
        link, tally = self._links.pop(number, None), self._tallies.pop(number, None)
        self._mute_turns += tally.mute_turns if tally is not None else 0
        if link is not None and tally is not None and (link.rubbish or tally.mute_turns):
            log.info(
                "link had troubles",
                link=number,
                not_understood=link.rubbish,
                turns=tally.turns,
                mute_turns=tally.mute_turns,
            )
        return link

    def _dropped(self, link: int, error: LinkError) -> None:
        log.info("link dropped", link=link, code=error.code, kind=error.kind)
        self._post(ev.LinkDropped(link, error.code, error.kind))

    def _keep_handle(self, secret: str) -> int:
        self._handle_count += 1
        self._handles[self._handle_count] = secret
        self._handles.pop(self._handle_count - MAX_HANDLES, None)
        self._issued(self._handle_count, secret, self._position())
        return self._handle_count

    def know(self, handle: int, secret: str) -> None:
        """A handle that another server was given."""
        self._handles[handle] = secret
        self._handle_count = handle

    def _secret(self, handle: int) -> str | None:
        """A handle's secret; that of the newest where the conversation is so far behind that it is gone."""
        return self._handles.get(handle) or next(reversed(self._handles.values()), None)

    def audio(self, link: int) -> Callable[[bytes], None] | None:
        """Where the caller's audio goes for this link, None when it is gone."""
        open_link = self._links.get(link)
        return open_link.send_audio if open_link is not None else None

    # To a link that is gone nothing is sent: its end is already on the way as an event.

    def tell(self, link: int, text: str) -> None:
        """What the caller typed, or a briefing of ours."""
        if (open_link := self._links.get(link)) is not None:
            open_link.send_text(text)

    def answer(self, effect: Answer) -> None:
        if (open_link := self._links.get(effect.link)) is not None:
            open_link.answer(effect.id, effect.name, effect.response, effect.scheduling)

    def turn_over(self) -> None:
        """The caller has finished, and says so."""
        for open_link in self._links.values():
            open_link.turn_over()

    def patience(self, silence_ms: int) -> None:
        """From now on a pause may be so long, as far as an open link can learn it."""
        self._patience_ms = silence_ms
        for open_link in self._links.values():
            open_link.patience(silence_ms)

    def microphone_off(self) -> None:
        """The caller's sound stops for a while, so the model must not go on waiting for the rest of it."""
        for open_link in self._links.values():
            open_link.microphone_off()

    def hang_up(self, link: int) -> None:
        if (task := self._dialling.pop(link, None)) is not None:
            task.cancel()
        if (open_link := self._forget(link)) is not None:
            open_link.close()

    def close(self) -> list[int]:
        """Hang up all; their numbers."""
        links = [*self._dialling, *self._links]
        for link in links:
            self.hang_up(link)
        return links

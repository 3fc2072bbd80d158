"""Where a call is written down: events, turns and facts to the store's writer, sound to the recorder while agreed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import structlog

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.errors import StoreError
from vivavoce.gateway.decisions import Decisions
from vivavoce.store.folders import erase_recording
from vivavoce.store.recorder import Recorder
from vivavoce.store.recordings import found_recordings
from vivavoce.store.rows import StoredCall, StoredFact, StoredHandle, StoredRecording, StoredReturn, StoredTurn
from vivavoce.store.writer import EventWriter

log = structlog.get_logger(__name__)

FLUSH_WITHIN_S = 3.0
"""The caller waits for it, and for their way to the next server."""
WRITTEN_WITHIN_S = 1.0
"""A welcome waits for it: one commit. Without a database calls go on."""
TAKEN_OVER = "another server went on with the call"
"""Why its sound is not called complete: a server that was killed had up to ten seconds in memory."""


class StoreJournal:
    """
    Args:
        make_recorder: opens the recorder of this call; called when recording begins.
        epoch: of the call, as it is carried here.
        words: events and turns are written. Without them the call can neither be replayed nor reported on, nor gone on
            with by another server.
        facts: facts are written.
        seal: makes a secret unreadable, but for servers that share its key.
        release: lets go of the call in the store.
        stored: the call's row as it stands.
        channel: where the caller is asked and answers.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        call_id: str,
        writer: EventWriter,
        make_recorder: Callable[[], Recorder],
        *,
        epoch: int,
        seal: Callable[[bytes], bytes],
        release: Callable[[], Awaitable[None]],
        stored: Callable[[], Awaitable[StoredCall | None]],
        words: bool = True,
        facts: bool = True,
        channel: str = "web",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._decisions = Decisions(channel)
        self._clock = clock
        self._words = words
        self._facts = facts
        self._call_id = call_id
        self._epoch = epoch
        self._seal = seal
        self._release = release
        self._stored = stored
        self._writer = writer
        self._make_recorder = make_recorder
        self._recorder: Recorder | None = None
        self._recording = False
        self._withdrawn: list[Recorder] = []
        """What the caller took back their leave for, until it is off the disk."""
        self._erasing: asyncio.Task[None] | None = None

    @property
    def consents(self) -> list[dict[str, str]]:
        """What the caller decided about recording."""
        return self._decisions.told

    @property
    def problem(self) -> str:
        if self._recorder is not None and self._recorder.failed is not None:
            return "recording_incomplete"
        return "events_incomplete" if self._writer.lost(self._call_id) else ""

    def event(self, seq: int, at_s: float, event: bytes, effects: bytes) -> None:
        if self._words:
            self._writer.post(self._call_id, seq, at_s, event, effects, epoch=self._epoch)

    def handle(self, number: int, secret: str, at: int) -> None:
        """Keep the newest handle of the live model's session, for the server that takes the call over.

        Args:
            at: how far the caller's audio had been sent when it came, in samples.
        """
        if self._words:
            sealed = self._seal(secret.encode())
            self._writer.post_handle(StoredHandle(self._call_id, self._epoch, number, sealed, at))

    def returns(self, hashes: tuple[str, ...]) -> None:
        """Keep what the caller may come back with, to whichever server; it takes the place of what was good before.
        Also without words: a server that cannot go on with the call sends its caller on to the one that can.
        """
        self._writer.post_return(StoredReturn(self._call_id, self._epoch, hashes))

    async def written(self) -> None:
        """Wait until what was posted so far is in the database; not for long where that does not answer."""
        await self._writer.flush(within_s=WRITTEN_WITHIN_S)

    def turn(self, effect: fx.RecordTurn) -> None:
        if not self._words:
            return
        self._writer.post_turn(
            StoredTurn(
                call_id=self._call_id,
                turn=effect.turn,
                who=effect.who,
                start_ms=effect.start_ms,
                end_ms=effect.end_ms,
                text=effect.text,
                complete=effect.complete,
                epoch=self._epoch,
            )
        )

    def fact(self, effect: fx.Note, seq: int) -> None:
        if not self._facts:
            return
        self._writer.post_fact(
            StoredFact(
                call_id=self._call_id,
                field=effect.field,
                objective=effect.objective,
                state=effect.state,
                value=effect.value,
                source=effect.source,
                evidence=[
                    {"turn": turn, "start_ms": start_ms, "end_ms": end_ms} for turn, start_ms, end_ms in effect.evidence
                ],
                updated_seq=seq,
                epoch=self._epoch,
            )
        )

    def record(self, on: bool, *, erase: bool) -> None:
        self._recording = on
        if on and self._recorder is None:
            self._recorder = self._make_recorder()
        if erase and self._recorder is not None:
            self._withdrawn.append(self._recorder)
            self._recorder = None
            if self._erasing is None or self._erasing.done():
                self._erasing = asyncio.create_task(self._begin_to_erase(), name="erase")

    def consent(self, event: ev.ConsentDecided, *, at: float | None = None) -> None:
        """
        Args:
            at: when that was, in seconds since 1970; None for now.
        """
        self._decisions.add(event, self._clock() if at is None else at)

    async def _begin_to_erase(self) -> None:
        with contextlib.suppress(StoreError):  # tried again when the call ends, which tells
            await self._erase()

    async def _erase(self) -> None:
        while self._withdrawn:
            await self._withdrawn[0].close()
            await asyncio.to_thread(erase_recording, self._withdrawn[0].folder, self._call_id)
            del self._withdrawn[0]

    def caller_audio(self, position: int, pcm: bytes) -> None:
        if self._recording and self._recorder is not None:
            self._recorder.caller(position, pcm)

    def agent_audio(self, position: int, pcm: bytes) -> None:
        if self._recording and self._recorder is not None:
            self._recorder.agent(position, pcm)

    async def pass_on(self) -> None:
        """Bring everything to where another server finds it, and let go of the call."""
        with contextlib.suppress(StoreError):  # sound that was taken back is erased by the next one, too
            await self.close()
        if not await self._writer.flush(within_s=FLUSH_WITHIN_S):
            log.warning("a call is passed on without the newest of its log", call=self._call_id)
        try:
            await self._release()
        except StoreError as error:  # its lease runs out
            log.warning("a call could not be let go", call=self._call_id, problem=str(error))

    async def lost(self) -> bool:
        """Whether the call that was taken from us goes on; False also where that cannot be known. The sound of one that
        was erased meanwhile is erased here, too: some may have been written since, or lie where no other server looks.
        """
        try:
            call = await self._stored()
            if call is not None and call.state == "live":
                return True
            if call is None or call.state == "erasing" or call.end_reason == "erased":
                self.record(False, erase=True)
                await self.close()
        except StoreError as error:
            log.error("what became of a call that was lost is not known", call=self._call_id, problem=str(error))  # noqa: TRY400
        return False

    async def close(self) -> list[StoredRecording]:
        """Bring the sound to the disk; what became of it, one row a track, nothing when nothing was recorded.

        Raises:
            StoreError: sound that the caller took back is still there. Close it again, and it is tried again.
        """
        if self._erasing is not None:
            await self._erasing
            await self._erase()
        if self._recorder is None:
            return []
        rows = await self._recorder.close()
        if self._epoch > 1:  # with the parts of whoever carried the call before; nobody knows what they had not written
            rows = await asyncio.to_thread(found_recordings, self._recorder.folder, self._call_id, reason=TAKEN_OVER)
        return rows

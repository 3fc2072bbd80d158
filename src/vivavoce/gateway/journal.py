"""Where a call is written down: events, turns and facts to the store's writer, sound to the recorder while agreed."""

from __future__ import annotations

from collections.abc import Callable

from vivavoce.conversation import effects as fx
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredFact, StoredRecording, StoredTurn
from vivavoce.store.writer import EventWriter


class StoreJournal:
    """
    Args:
        make_recorder: opens the recorder of this call; called when recording begins.
    """

    def __init__(self, call_id: str, writer: EventWriter, make_recorder: Callable[[], Recorder]) -> None:
        self._call_id = call_id
        self._writer = writer
        self._make_recorder = make_recorder
        self._recorder: Recorder | None = None
        self._recording = False
        self.erase = False
        """The caller withdrew: what was recorded must go."""

    @property
    def failed(self) -> bool:
        recorder = self._recorder
        return self._writer.status(self._call_id).failed or (recorder is not None and recorder.failed is not None)

    def event(self, seq: int, at_s: float, event: bytes, effects: bytes) -> None:
        self._writer.post(self._call_id, seq, at_s, event, effects)

    def turn(self, effect: fx.RecordTurn) -> None:
        self._writer.post_turn(
            StoredTurn(
                call_id=self._call_id,
                turn=effect.turn,
                who=effect.who,
                start_ms=effect.start_ms,
                end_ms=effect.end_ms,
                text=effect.text,
                complete=effect.complete,
            )
        )

    def fact(self, effect: fx.Note, seq: int) -> None:
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
            )
        )

    def record(self, on: bool, *, erase: bool) -> None:
        self._recording = on
        self.erase = erase
        if on and self._recorder is None:
            self._recorder = self._make_recorder()

    def caller_audio(self, position: int, pcm: bytes) -> None:
        if self._recording and self._recorder is not None:
            self._recorder.caller(position, pcm)

    def agent_audio(self, position: int, pcm: bytes) -> None:
        if self._recording and self._recorder is not None:
            self._recorder.agent(position, pcm)

    async def close(self) -> list[StoredRecording]:
        """Bring the sound to the disk; what became of it, one row a track, nothing when nothing was recorded."""
        return await self._recorder.close() if self._recorder is not None else []

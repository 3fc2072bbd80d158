"""Sound of a model that is no speech, on its way through a call."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gateway.peers import Scene, until
from vivavoce.audio.pcm import to_bytes
from vivavoce.conversation import events as ev

TONE = to_bytes((np.sin(2 * np.pi * 440 * np.arange(3 * 24_000) / 24_000) * 8000).astype(np.int16))


@pytest.mark.conformance("C28")
@pytest.mark.parametrize(("pcm", "kind"), [(bytes(2 * 9600), "silence"), (TONE, "tone")])
async def test_what_is_no_speech_is_asked_for_again(pcm: bytes, kind: str) -> None:
    scene = await Scene().join()
    told = len(scene.link.texts)
    scene.link.happens(ev.ReplyArrived(1, scene.link.shelf.keep_chunk(pcm), len(pcm) // 2))
    scene.link.ends_turn()
    await until(lambda: len(scene.link.texts) == told + 1)
    assert "reason: nudge" in scene.link.texts[-1]
    kinds = [type(event) for event, _, _ in scene.watcher.steps]
    assert kinds.index(ev.SoundJudged) < kinds.index(ev.TurnEnded), "while its turn is the one that is judged"
    assert [event.kind for event, _, _ in scene.watcher.steps if isinstance(event, ev.SoundJudged)] == [kind]
    await scene.end()


async def test_speech_is_heard_and_not_judged() -> None:
    scene = await Scene().join()
    scene.link.speaks("Hello.")
    scene.link.ends_turn()
    await until(lambda: any(isinstance(event, ev.TurnEnded) for event, _, _ in scene.watcher.steps))
    assert not any(isinstance(event, ev.SoundJudged) for event, _, _ in scene.watcher.steps)
    await scene.end()

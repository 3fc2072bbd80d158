"""Cost of a step of the conversation, over a 35-minute call in virtual time."""

from __future__ import annotations

import time
from collections import defaultdict

from tests.conversation.test_long_call import play

from bench.results import Row, row
from vivavoce.conversation import Conversation
from vivavoce.conversation.log import decode_event, encode_effects

DEAREST = 5


def rows(*, brief: bool = False) -> list[Row]:
    talk = play(seed=1).talk
    steps = [(decode_event(entry.event), entry.at) for entry in talk.entries]
    best = float("inf")
    for _ in range(1 if brief else 3):
        conversation = Conversation(talk.spec, tools=talk.stamp.tools, settings=talk.settings)
        began = time.perf_counter()
        for event, at in steps:
            encode_effects(conversation.step(event, at))
        best = min(best, time.perf_counter() - began)
    by_kind: dict[str, list[float]] = defaultdict(list)
    conversation = Conversation(talk.spec, tools=talk.stamp.tools, settings=talk.settings)
    for event, at in steps:
        began = time.perf_counter()
        conversation.step(event, at)
        by_kind[type(event).__name__].append(time.perf_counter() - began)
    means = {kind: sum(took) / len(took) for kind, took in by_kind.items()}
    return [
        row("an event through the conversation, effects as JSON", round(best / len(steps) * 1e6, 2), "µs"),
        row("the same of a 35-minute call", round(best / talk.now * 1e3, 4), "ms of CPU per call-second"),
        *(
            row(f"of it `{kind}`, {len(by_kind[kind])} times", round(means[kind] * 1e6, 1), "µs", minor=True)
            for kind in sorted(means, key=lambda kind: -means[kind])[:DEAREST]
        ),
    ]

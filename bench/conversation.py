"""Cost of a step of the conversation, over a 35-minute call in virtual time."""

from __future__ import annotations

import time
from collections import defaultdict

from tests.conversation.test_long_call import play

from vivavoce.conversation import Conversation
from vivavoce.conversation.log import decode_event, encode_effects


def main() -> None:
    talk = play(seed=1).talk
    steps = [(decode_event(entry.event), entry.at) for entry in talk.entries]
    best = float("inf")
    by_kind: dict[str, list[float]] = defaultdict(list)
    for _ in range(3):
        conversation = Conversation(talk.spec, tools=talk.stamp.tools, settings=talk.settings)
        began = time.perf_counter()
        for event, at in steps:
            encode_effects(conversation.step(event, at))
        best = min(best, time.perf_counter() - began)
    conversation = Conversation(talk.spec, tools=talk.stamp.tools, settings=talk.settings)
    for event, at in steps:
        began = time.perf_counter()
        conversation.step(event, at)
        by_kind[type(event).__name__].append(time.perf_counter() - began)
    print(f"{len(steps)} events of a {talk.now / 60:.0f}-minute call in {best:.2f} s, effects as JSON included:")
    print(f"{best / len(steps) * 1e6:.1f} us an event, {best / talk.now * 1000:.3f} ms per call-second")
    slowest = sorted(by_kind.items(), key=lambda item: -sum(item[1]) / len(item[1]))[:5]
    print("dearest: " + ", ".join(f"{kind} {sum(t) / len(t) * 1e6:.0f} us x {len(t)}" for kind, t in slowest))


if __name__ == "__main__":
    main()

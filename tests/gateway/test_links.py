"""The links of a call, from dial to dial: what goes again, what is known again, what the caller is told."""

from __future__ import annotations

from tests.gateway.peers import Scene, until
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_event
from vivavoce.wire import caller as wire

SOON = ConversationSettings(redial_step_s=0.01, redial_jitter_s=0.0, cut_off_again_s=0.02, ring_s=1.0)


def happened(scene: Scene, kind: type[ev.Event]) -> list[ev.Event]:
    events = (decode_event(entry.event) for entry in scene.journal.entries)
    return [event for event in events if isinstance(event, kind)]


def codes(scene: Scene) -> list[str]:
    return [notice.code for notice in scene.socket.got(wire.Notice)]


async def test_the_end_of_a_turn_that_comes_again_over_a_resumed_link_is_heard_once() -> None:
    scene = await Scene().join()
    scene.link.speaks(" Who is the customer?")
    scene.link.ends_turn()
    scene.link.hands("h")
    await until(lambda: len(scene.socket.frames()) >= 5)
    scene.link.drops()
    await until(lambda: len(scene.model.links) == 2)
    scene.link.speaks(" Who is the customer?")
    scene.link.ends_turn()
    await until(lambda: len(happened(scene, ev.ReplyArrived)) == 10)
    assert [event.repeated for event in happened(scene, ev.ReplyArrived)] == [False] * 5 + [True] * 5  # type: ignore[attr-defined]
    assert {frame.reply for frame in scene.socket.frames()} == {1}
    await scene.end()


async def test_what_goes_again_and_what_is_lost_of_it_is_in_the_log_and_told() -> None:
    scene = await Scene(settings=SOON).join()
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=60)  # 1.9 s, of which the ring keeps one
    await until(lambda: len(scene.socket.got(wire.Gate)) == 1)
    scene.link.drops()
    await until(lambda: len(happened(scene, ev.SoundResent)) == 1)
    (resent,) = happened(scene, ev.SoundResent)
    assert isinstance(resent, ev.SoundResent)
    assert resent.samples == 31 * 512, "a second, in whole frames"
    assert 12_000 < resent.lost < 16_000 * 2
    await until(lambda: "words_lost" in codes(scene))
    await scene.end()


async def test_a_call_that_finds_no_model_goes_on_by_text_and_says_so_aloud() -> None:
    scene = await Scene(settings=SOON).join()
    scene.model.refuse = [(1006, "")] * 5
    scene.link.drops()
    await until(lambda: "voice_lost" in codes(scene))
    await until(lambda: bool(scene.socket.frames()))
    scene.socket.say(wire.Typed(text="It is for bakers."))
    await until(lambda: len(scene.model.links) == 2)
    await until(lambda: scene.link.texts.count("It is for bakers.") == 1)
    scene.link.speaks("For bakers, I see.")
    await until(lambda: "voice_again" in codes(scene))
    await scene.end()


async def test_a_service_that_has_enough_of_us_is_waited_for_and_the_caller_hears_it() -> None:
    scene = await Scene(settings=ConversationSettings(quota_wait_s=0.02, quota_jitter_s=0.0)).join()
    scene.link.drops(1011, "Resource has been exhausted (e.g. check quota).")
    await until(lambda: len(scene.model.links) == 2)
    await until(lambda: codes(scene) == ["model_waits", "voice_again"])
    await scene.end()

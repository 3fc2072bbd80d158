"""Any events, in any order, with any gaps: the promises that hold for every call.

- nothing raises, and no step waits for itself;
- audio of a cut reply is never said again; replies are said in order and without holes;
- nothing is said to who is away; who comes back hears what they did not, and nothing twice;
- every tool id is answered at most once, never when it was cancelled, and always once the talk has come to rest;
- what is switched off is neither heard nor run;
- facts change only by an event that may change them;
- there is never a second link beside a living one;
- same events, same effects.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversation.talk import Talk, founder
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.remarks import WHATS

SPEC = founder()
links = st.integers(0, 4)
samples = st.integers(-10, 60_000)
positions = st.integers(-5, 2_000_000)
texts = st.sampled_from(["", " hello", " a bit longer than that", "<briefing>", "é" * 40, "\x00"])
ids = st.sampled_from(["a", "b", "c", ""])
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda children: st.lists(children, max_size=2) | st.dictionaries(texts, children, max_size=2),
    max_leaves=4,
)
field_names = st.sampled_from([*SPEC.fields(), "nonsense"])
note_args = st.fixed_dictionaries(
    {},
    optional={
        "facts": st.dictionaries(field_names, json_values, max_size=2) | json_values,
        "asked": st.lists(field_names, max_size=2) | json_values,
        "vague": st.lists(field_names, max_size=2),
        "refused": st.lists(field_names, max_size=2),
        "confirmed": st.lists(field_names, max_size=2),
    },
)
tool_calls = st.one_of(
    st.builds(ev.ToolCalled, links, ids, st.just("note"), note_args),
    st.builds(
        ev.ToolCalled,
        links,
        ids,
        st.sampled_from(["show", "hand_off", "escalate", "end", "unit_economics", "nonsense"]),
        st.dictionaries(st.sampled_from(["to", "what", "reason", "data"]), json_values | st.just("sam"), max_size=2),
    ),
)
phrases = st.sampled_from(["one_moment", "link_lost", "voice_lost", "x"])
paces = st.sampled_from(["", "interview", "casual"])
contexts = st.dictionaries(st.sampled_from(["page.url", "page.title"]), texts)
events = st.one_of(
    st.builds(ev.CallerJoined, st.sampled_from(["voice", "text"]), pace=paces, context=contexts),
    st.builds(ev.CallerDropped),
    st.builds(
        ev.CallerReturned,
        st.sampled_from(["voice", "text"]),
        st.integers(-1, 6),
        samples,
        positions,
        pace=paces,
        context=contexts,
    ),
    st.builds(ev.PaceChanged, st.sampled_from(["interview", "casual"])),
    st.builds(ev.CallerDone),
    st.builds(ev.CallerDoubted, st.integers(0, 6), positions),
    st.builds(ev.SpeechStarted, positions),
    st.builds(ev.SpeechEnded, positions),
    st.builds(ev.CallerTyped, texts),
    st.builds(ev.ModeChanged, st.sampled_from(["voice", "text"])),
    st.builds(ev.FactCorrected, field_names, json_values),
    st.builds(ev.ConsentDecided, st.sampled_from(["given", "refused", "withdrawn"])),
    st.builds(ev.Played, st.integers(0, 6), samples, positions),
    st.builds(ev.LinkOpened, links),
    st.builds(ev.LinkDropped, links, st.just(1006), st.sampled_from(["transient", "dead_handle", "nonsense"])),
    st.builds(ev.LinkDropped, links, st.just(1011), st.sampled_from(["fatal", "quota"])),
    st.builds(ev.GoAwayReceived, links, st.floats(0, 60)),
    st.builds(ev.HandleIssued, links, st.integers(0, 3), st.booleans(), positions),
    st.builds(ev.ReplyArrived, links, st.integers(0, 1000), samples, st.booleans()),
    st.builds(ev.SoundResent, links, samples, samples),
    st.builds(ev.SoundJudged, links, st.sampled_from(["silence", "tone"])),
    st.builds(ev.AgentTranscribed, links, texts),
    st.builds(ev.CallerTranscribed, links, texts),
    st.builds(ev.GenerationEnded, links),
    st.builds(ev.TurnEnded, links, st.just(""), st.booleans()),
    st.builds(ev.ModelIdle, links),
    st.builds(ev.Interrupted, links),
    tool_calls,
    st.builds(ev.ToolsCancelled, links, st.lists(ids, max_size=2).map(tuple)),
    st.builds(ev.UsageReported, links, samples, samples, samples),
    st.builds(ev.ErrandReturned, st.integers(0, 5), st.dictionaries(texts, json_values, max_size=2)),
    st.builds(ev.FillerArrived, phrases, st.integers(0, 9), samples),
    st.builds(ev.SwitchesChanged, st.booleans(), st.sampled_from([(), ("unit_economics",), ("show", "gone")])),
    st.just(ev.Woke()),
    st.builds(ev.CallerLeft),
    st.builds(ev.ErasureOrdered),
)
gaps = st.sampled_from([0.0, 0.0, 0.01, 0.1, 0.5, 2.0, 11.0, 60.0, 600.0])
scripts = st.lists(st.tuples(gaps, events), max_size=60)
# Two calls out of three begin as calls do; otherwise most events would meet a conversation without a link.
openings = st.sampled_from([[], [(0.0, ev.CallerJoined()), (0.1, ev.LinkOpened(1))]])


def run(script: list[tuple[float, ev.Event]]) -> Talk:
    talk = Talk(SPEC)
    for gap, event in script:
        talk.tell(event, after=gap)
        assert_settled(talk)
    return talk


def assert_settled(talk: Talk) -> None:
    due = talk.conversation.wake_at()
    assert due is None or due > talk.now or _wakes_once(talk), "a wake-up that changes nothing comes again at once"


def _wakes_once(talk: Talk) -> bool:
    for _ in range(8):
        talk.wait(0.0)
        due = talk.conversation.wake_at()
        if due is None or due > talk.now:
            return True
    return False


@given(openings, scripts)
@settings(max_examples=300, deadline=None)
def test_promises(opening: list[tuple[float, ev.Event]], script: list[tuple[float, ev.Event]]) -> None:
    talk = run([*opening, *script])
    check_sound(talk.effects)
    check_presence(talk)
    check_answers(talk)
    check_links(talk)
    check_facts(talk)
    check_switches(talk)
    check_remarks(talk)
    ends = [effect for effect in talk.effects if isinstance(effect, fx.End)]
    assert len(ends) <= 1
    if ends:
        assert talk.effects[-1] == ends[0], "nothing after the end"
    talk.close()  # same events, same effects


def check_sound(effects: list[fx.Effect]) -> None:
    cut_through = 0
    said_to: dict[int, int] = {}
    for effect in effects:
        if isinstance(effect, fx.Cut):
            cut_through = max(cut_through, effect.reply)
        elif isinstance(effect, fx.Say):
            assert effect.reply > cut_through, "a cut reply is heard again"
            assert effect.position == said_to.get(effect.reply, 0), "a hole in a reply"
            assert effect.samples > 0
            said_to[effect.reply] = effect.position + effect.samples
        elif isinstance(effect, fx.Hold | fx.Resume):
            assert effect.reply > cut_through
    chunks = [effect.chunk for effect in effects if isinstance(effect, fx.Say)]
    assert list(said_to) == sorted(said_to), f"replies out of order: {chunks}"


def check_presence(talk: Talk) -> None:
    joined = away = False
    cut_through = 0
    sent: dict[int, int] = {}
    heard: dict[int, int] = {}
    for event, effects in zip(events_of(talk), effects_of(talk), strict=True):
        returned = any(isinstance(effect, fx.WelcomeBack) for effect in effects)
        assert not returned or (away and isinstance(event, ev.CallerReturned))
        if returned or isinstance(event, ev.Played):
            assert isinstance(event, ev.Played | ev.CallerReturned)
            number = event.reply
            new = min(event.samples, sent.get(number, 0))
            if number > cut_through and new > heard.get(number, 0):
                heard |= {earlier: sent[earlier] for earlier in sent if earlier < number}
                heard[number] = new
        away = away and not returned
        unheard = {number for number in sent if heard.get(number, 0) < sent[number]}
        for effect in effects:
            if isinstance(effect, fx.Cut):
                cut_through = max(cut_through, effect.reply)
            elif isinstance(effect, fx.SayAgain):
                assert returned, "said again to who was there"
                assert effect.reply > cut_through, "a cut reply is heard again"
                assert effect.position == heard.get(effect.reply, 0), "said twice, or left out"
                assert effect.samples == sent[effect.reply] - effect.position
                unheard.discard(effect.reply)
            elif isinstance(effect, fx.Say):
                assert not away, "said to nobody"
                sent[effect.reply] = effect.position + effect.samples
        if returned:
            assert all(number <= cut_through for number in unheard), "left out"
        joined = joined or isinstance(event, ev.CallerJoined)
        away = away or (joined and isinstance(event, ev.CallerDropped))


def check_answers(talk: Talk) -> None:
    asked: dict[tuple[int, str], int] = {}
    cancelled: set[tuple[int, str]] = set()
    answers: dict[tuple[int, str], int] = {}
    for entry_event, effects in zip(events_of(talk), effects_of(talk), strict=True):
        if isinstance(entry_event, ev.ToolCalled):
            key = (entry_event.link, entry_event.id)
            asked[key] = asked.get(key, 0) + 1
            cancelled.discard(key)  # a peer that uses an id again means a new call
        if isinstance(entry_event, ev.ToolsCancelled):
            cancelled |= {(entry_event.link, id_) for id_ in entry_event.ids}
        for effect in effects:
            if isinstance(effect, fx.Answer):
                key = (effect.link, effect.id)
                answers[key] = answers.get(key, 0) + 1
                assert answers[key] <= asked.get(key, 0), "answered more often than asked"
                assert key not in cancelled, "answered after it was cancelled"


def check_links(talk: Talk) -> None:
    alive: set[int] = set()
    for event, effects in zip(events_of(talk), effects_of(talk), strict=True):
        if isinstance(event, ev.LinkDropped):
            alive.discard(event.link)
        for effect in effects:
            if isinstance(effect, fx.Dial):
                assert not alive, "two links at a time"
                alive.add(effect.link)
            elif isinstance(effect, fx.HangUp):
                alive.discard(effect.link)


def check_facts(talk: Talk) -> None:
    for event, effects in zip(events_of(talk), effects_of(talk), strict=True):
        if any(isinstance(effect, fx.Note) for effect in effects):
            assert isinstance(event, ev.FactCorrected) or (isinstance(event, ev.ToolCalled) and event.name == "note")


def check_switches(talk: Talk) -> None:
    off = ev.SwitchesChanged()
    for event, effects in zip(events_of(talk), effects_of(talk), strict=True):
        if isinstance(event, ev.SwitchesChanged):
            off = event
        for effect in effects:
            assert not (off.text_only and isinstance(effect, fx.Say)), "heard, though voice is switched off"
            assert not (isinstance(effect, fx.Run) and effect.name in off.tools_off), "run, though switched off"


def check_remarks(talk: Talk) -> None:
    for effect in talk.all(fx.Remark):
        assert effect.why in (WHATS[effect.what] or {""}), effect
    for effects in effects_of(talk):
        kinds = {type(effect) for effect in effects}
        decided = {effect.what for effect in effects if isinstance(effect, fx.Remark)}
        if fx.WelcomeBack not in kinds:  # who is back is told again what was decided before
            assert fx.Hold not in kinds or "held" in decided
            assert fx.Resume not in kinds or "resumed" in decided


def events_of(talk: Talk) -> list[ev.Event]:
    from vivavoce.conversation.log import decode_event

    return [decode_event(entry.event) for entry in talk.entries]


def effects_of(talk: Talk) -> list[list[fx.Effect]]:
    from vivavoce.conversation.log import decode_effects

    return [decode_effects(entry.effects) for entry in talk.entries]


@given(st.lists(st.tuples(gaps.filter(lambda gap: gap < 5), tool_calls), max_size=20))
@settings(max_examples=100, deadline=None)
def test_on_a_living_link_every_call_is_answered_in_the_end(script: list[tuple[float, ev.Event]]) -> None:
    talk = Talk(SPEC).join()
    told: list[ev.ToolCalled] = []
    for gap, event in script:
        assert isinstance(event, ev.ToolCalled)
        if event.name == "end":
            continue  # a call that is over answers nothing more
        talk.tell(event, after=gap)
        if event.link == 1 and not any(dial.link > 1 for dial in talk.all(fx.Dial)):
            told.append(event)
    talk.wait(talk.settings.tool_timeout_s + 1)
    answered = {effect.id for effect in talk.all(fx.Answer)}
    moved = len(talk.all(fx.Dial)) > 1  # after a hand-over the rest is handed over as text
    assert moved or {event.id for event in told} <= answered
    talk.close()


heard_of = st.integers(0, 30_000)
arrivals = st.builds(ev.ReplyArrived, st.just(1), st.integers(0, 1000), st.integers(1, 9000))
reports = st.builds(ev.Played, st.integers(1, 3), heard_of, positions)
absences = st.tuples(
    st.just(ev.CallerDropped()), st.builds(ev.CallerReturned, st.just("voice"), st.integers(0, 3), heard_of)
)
others = st.sampled_from(
    [
        ev.TurnEnded(1),
        ev.Interrupted(1),
        ev.SpeechStarted(0),
        ev.SpeechEnded(0),
        ev.CallerDoubted(1, 0),
        ev.CallerDropped(),
        ev.CallerReturned(),
        ev.FillerArrived("one_moment", 5, 2400),
        ev.ToolCalled(1, "a", "unit_economics", {}),
        ev.ModeChanged("text"),
        ev.ModeChanged("voice"),
    ]
)
# Mostly sound, reports and absences: among all the others they would hardly ever meet.
passages = st.lists(
    st.one_of(st.tuples(arrivals), st.tuples(reports), st.tuples(arrivals, reports), absences, st.tuples(others)),
    min_size=4,
    max_size=30,
).map(lambda passages: [event for passage in passages for event in passage])


@given(passages, st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=60, max_size=60))
@settings(max_examples=300, deadline=None)
def test_a_caller_who_comes_and_goes_hears_everything_once(events: list[ev.Event], gaps: list[float]) -> None:
    script = list(zip(gaps, events, strict=False))
    talk = run([(0.0, ev.CallerJoined()), (0.1, ev.LinkOpened(1)), *script])
    check_sound(talk.effects)
    check_presence(talk)
    talk.close()


overlaps = st.sampled_from(
    [
        ev.SpeechStarted(0),
        ev.SpeechEnded(0),
        ev.Interrupted(1),
        ev.CallerTranscribed(1, " mm-hm"),
        ev.CallerTranscribed(1, " but no"),
        ev.CallerTranscribed(1, " <noise>"),
        ev.CallerDoubted(1, 0),
        ev.CallerDone(),
        ev.ReplyArrived(1, 7, 24_000),
        ev.GenerationEnded(1),
        ev.TurnEnded(1),
        ev.Played(1, 30_000, 0),
        ev.CallerDropped(),
        ev.CallerReturned(),
        ev.ErrandReturned(1, {}),
    ]
)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.6, 1.0, 1.6]), overlaps), max_size=30))
@settings(max_examples=300, deadline=None)
def test_whoever_speaks_over_the_agent_it_is_settled_soon(script: list[tuple[float, ev.Event]]) -> None:
    talk = Talk(SPEC).join()
    talk.agent_says("Let me explain everything.", seconds=4.0, ends=False)
    for gap, event in script:
        talk.tell(event, after=gap)
        assert_settled(talk)
    talk.tell(ev.SpeechEnded(0))
    talk.wait(talk.settings.words_within_s + 0.01)
    assert talk.last(fx.ShowFloor).turn != "held", "held for ever"
    check_sound(talk.effects)
    check_presence(talk)
    check_remarks(talk)
    talk.close()

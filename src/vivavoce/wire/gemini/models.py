"""What each generation of models takes, gives and refuses: one table, read by our client (which leaves out what a model
refuses, and says so) and by the local server (which refuses it as the service would).

Source: reference gemini-live 3.3, 4.2 to 4.6. What is said of a model ages fast; a row is data and may be replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

ALL_VOICES = (
    "Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe", "Enceladus",
    "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi", "Laomedeia", "Achernar", "Alnilam",
    "Schedar", "Gacrux", "Pulcherrima", "Achird", "Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat",
)  # fmt: skip
HALF_CASCADE_VOICES = ("Puck", "Charon", "Kore", "Fenrir", "Aoede", "Leda", "Orus", "Zephyr")
DEFAULT_VOICE = "Puck"


class Thinking(StrEnum):
    """How a setup may steer thinking."""

    NONE = "none"
    """Neither a level nor a budget is taken."""
    BUDGET = "budget"
    LEVEL = "level"
    LEVEL_REQUIRED = "level required"


class Then(StrEnum):
    """What an input does to a reply that is being generated."""

    CUTS = "cuts"
    WAITS = "waits"
    """The reply finishes first."""
    CONTEXT = "context"
    """It is remembered and neither cuts nor is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One generation. Names of flags say what the model does or takes."""

    generation: str
    patterns: tuple[str, ...]
    """Names without `models/`, in the shell's pattern language; the first row that fits wins."""
    modalities: frozenset[str] = frozenset({"AUDIO"})
    """Output modalities a setup may ask for, one at a time."""
    input_tokens: int = 131_072
    voices: tuple[str, ...] = ALL_VOICES
    # setup
    thinking: Thinking = Thinking.NONE
    thinking_levels: tuple[str, ...] = ()
    proactive: bool | None = False
    """True: always on, an explicit false is refused. False: refused. None: an option (v1alpha on AI Studio)."""
    affective: bool = False
    affective_fails_later: bool = False
    """A setup with affective dialog is taken all the same, and the first input is refused."""
    null_handle: bool = True
    """An explicit null for a handle counts as none."""
    avatar: bool = False
    platforms: frozenset[str] = frozenset({"studio", "vertex"})
    """Names of the platforms that serve it."""
    coverage: str = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
    """What a turn includes when the setup does not say."""
    refused_tools: frozenset[str] = frozenset()
    """Kinds of tool, by their names in `tools.Tool`."""
    history_config: bool = True
    google_search_with_functions: bool = True
    # input
    media_chunks: bool = False
    roles_required: bool = True
    seeded_calls: bool = False
    """Function calls and responses may stand in seeded turns."""
    audio_stream_end: bool = True
    """False: taken and ignored; only trailing silence ends a turn."""
    context_update: bool = False
    text: Then = Then.CUTS
    content_complete: Then = Then.CUTS
    content_open: Then = Then.CUTS
    """`clientContent` with `turnComplete` false."""
    # tools
    blocking: bool = True
    non_blocking: bool = True
    blocking_by_default: bool = True
    audio_while_blocked: bool = True
    """False: some versions close the connection over sound that comes while they wait for a tool."""
    scheduling: frozenset[str] = frozenset({"INTERRUPT", "WHEN_IDLE", "SILENT"})
    """Empty: a `scheduling` in a tool response is refused."""
    answer_cuts: bool = False
    """A tool response during speech cuts it and goes on in the next turn."""
    interrupt_waits_for_caller: bool = False
    """An INTERRUPT response waits while the caller is talking, instead of talking over."""
    # output
    chunk_bytes: tuple[int, int] = (1920, 1920)
    """First chunk of audio and the others."""
    voice_activity: bool = True
    """Sends `voiceActivity`."""
    words_at_once: bool = True
    """Input transcription is one final text; otherwise word-sized increments."""
    hears_aloud: bool = True
    """Input transcription is sent even when not asked for."""
    words_with_sound: bool = True
    """Output transcription rides on messages with `modelTurn`; otherwise it has messages of its own."""
    words_first: bool = False
    """All words of a turn precede its sound, and `finished` tells the last; otherwise there is no `finished`."""
    ends_at_answer: bool = False
    """A turn that waited for a tool ends with the answer, and what is said to it is another turn."""
    empty_content_first: bool = False
    """An empty `serverContent` stands before a tool call and before the first audio."""
    thought_summaries: bool = False
    """With `includeThoughts`, one complete summary precedes the audio."""
    several_turns: bool = False
    """One input may have several turns; `interactionStatus` tells."""
    call_id: str = "fc_{:d}"
    # resumption
    handles_unasked: bool = False
    handle_in_turn: bool = True
    """A usable handle may be issued within a turn as long as no tool executes."""


MODELS: tuple[Model, ...] = (
    Model(
        generation="3.8 extended thinking",
        patterns=("gemini-3.8-live-extended-thinking*",),
        thinking=Thinking.LEVEL_REQUIRED,
        thinking_levels=("LOW", "MEDIUM", "HIGH"),
        proactive=True,
        seeded_calls=True,
        audio_stream_end=False,
        context_update=True,
        content_open=Then.CONTEXT,
        blocking=False,
        blocking_by_default=False,
        scheduling=frozenset(),
        interrupt_waits_for_caller=True,
        several_turns=True,
        affective_fails_later=True,
        platforms=frozenset({"studio"}),
        refused_tools=frozenset({"code_execution", "url_context"}),
    ),
    Model(
        generation="3.8",
        patterns=("gemini-3.8-live*",),
        proactive=True,
        seeded_calls=True,
        audio_stream_end=False,
        context_update=True,
        content_open=Then.CONTEXT,
        blocking_by_default=False,
        interrupt_waits_for_caller=True,
        affective_fails_later=True,
        avatar=True,
        refused_tools=frozenset({"code_execution", "url_context"}),
    ),
    Model(
        generation="3.1",
        patterns=("gemini-3.1-flash-live*",),
        thinking=Thinking.LEVEL,
        thinking_levels=("MINIMAL", "LOW", "MEDIUM", "HIGH"),
        non_blocking=False,
        scheduling=frozenset(),
        answer_cuts=True,
        empty_content_first=True,
        handles_unasked=True,
        handle_in_turn=False,
        null_handle=False,
        platforms=frozenset({"studio"}),
    ),
    Model(
        generation="2.5 native audio",
        patterns=("gemini-2.5-flash-native-audio*", "gemini-live-2.5-flash-native-audio*"),
        thinking=Thinking.BUDGET,
        proactive=None,
        affective=True,
        history_config=False,
        google_search_with_functions=False,
        media_chunks=True,
        roles_required=False,
        text=Then.WAITS,
        content_complete=Then.WAITS,
        chunk_bytes=(9600, 11_520),
        voice_activity=False,
        words_at_once=False,
        hears_aloud=False,
        words_with_sound=False,
        thought_summaries=True,
        audio_while_blocked=False,
        coverage="TURN_INCLUDES_ONLY_ACTIVITY",
        call_id="function-call-{:019d}",
        handle_in_turn=False,
    ),
    Model(
        generation="2.5 half-cascade",
        patterns=("gemini-live-2.5-flash",),
        modalities=frozenset({"AUDIO", "TEXT"}),
        input_tokens=32_768,
        voices=HALF_CASCADE_VOICES,
        platforms=frozenset({"vertex"}),
        coverage="TURN_INCLUDES_ONLY_ACTIVITY",
        history_config=False,
        google_search_with_functions=False,
        media_chunks=True,
        roles_required=False,
        text=Then.WAITS,
        content_complete=Then.WAITS,
        chunk_bytes=(9600, 11_520),
        voice_activity=False,
        words_at_once=False,
        hears_aloud=False,
        words_with_sound=False,
        words_first=True,
        ends_at_answer=True,
        call_id="function-call-{:019d}",
        handle_in_turn=False,
    ),
    Model(  # its output and its place are known; the rest is what most current models do
        generation="robotics",
        patterns=("gemini-robotics-er-2-streaming*",),
        modalities=frozenset({"TEXT"}),
        platforms=frozenset({"studio"}),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What differs by where a model is served."""

    name: str
    model_prefix: str
    role_system: bool
    """Turns may have the role `system`, which replaces the instruction."""
    roles_required: bool
    """Where a model wants a role in every turn, it gets its way here."""
    scheduling: bool
    """`scheduling` in tool responses is read; otherwise it is dropped."""
    will_continue: bool
    transparent: bool
    """`sessionResumption.transparent` is taken."""
    history_config: bool
    answer_ids: bool
    """A tool response must carry its call's id."""
    sensitive: bool
    """Speech sensitivities are HIGH when unset; otherwise LOW."""
    # output
    audio_mime: str
    role: str | None
    """Role written into `modelTurn`."""
    candidates: bool
    """Usage is named `candidates…` instead of `response…`."""
    session_id: bool
    """`setupComplete` carries a session id."""
    binary: bool
    """JSON goes out in binary frames."""
    uuid_calls: bool
    refused_setup: frozenset[str] = frozenset()
    """Fields of a setup that only the other platform knows, by their names on the wire."""
    refused_tools: frozenset[str] = frozenset()
    """Kinds of tool that only the other platform knows."""
    refused_coverage: frozenset[str] = frozenset()
    """Values of `turnCoverage` that may be the default and must not be said."""
    experimental_version_only: bool = False
    """Experimental fields are known to v1alpha alone."""


STUDIO = Platform(
    name="studio",
    model_prefix="models/",
    role_system=False,
    roles_required=True,
    scheduling=True,
    will_continue=True,
    transparent=False,
    history_config=True,
    answer_ids=True,
    sensitive=True,
    audio_mime="audio/pcm;rate=24000",
    role=None,
    candidates=False,
    session_id=False,
    binary=True,
    uuid_calls=False,
    refused_setup=frozenset({"explicitVadSignal", "avatarConfig"}),
    refused_tools=frozenset({"retrieval", "enterprise_web_search", "parallel_ai_search", "exa_ai_search"}),
    experimental_version_only=True,
)
VERTEX = Platform(
    name="vertex",
    model_prefix="publishers/google/models/",
    role_system=True,
    roles_required=False,
    scheduling=False,
    will_continue=False,
    transparent=True,
    history_config=False,
    answer_ids=False,
    sensitive=False,
    audio_mime="audio/pcm",
    role="model",
    candidates=True,
    session_id=True,
    binary=True,
    uuid_calls=True,
    refused_setup=frozenset({"historyConfig"}),
    refused_tools=frozenset({"file_search"}),
    refused_coverage=frozenset({"TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"}),
)


def bare_name(model: str) -> str:
    """The last part of a model path: `models/M` and `projects/…/models/M` are both `M`."""
    return model.rpartition("/")[2]


def find(model: str) -> Model | None:
    """The row of a model, by path or bare name; None for one that is retired or no Live model."""
    name = bare_name(model)
    return next((row for row in MODELS if any(fnmatchcase(name, pattern) for pattern in row.patterns)), None)

"""What can be decided about a call, who may decide it, and what came of it.

Five layers, the later more special: package < server < agent file < call (what its booking wished) < caller (hello, and
the switches on the page). The later one wins, except where a setting only *tightens*: there the strictest word of any
layer holds, so that a caller never loosens what an agent, an agent never what a server has locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from vivavoce.agents.problems import did_you_mean, shorten
from vivavoce.agents.spec import AgentSpec
from vivavoce.errors import InputError

Layer = Literal["package", "server", "agent", "call", "caller"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
Pace = Literal["interview", "casual"]
# V5: silence after which the model takes the turn to be over. Interviews leave room for thought.
SILENCE_MS: dict[Pace, int] = {"interview": 2500, "casual": 1000}
Sensitivity = Literal["low", "medium", "high"]
# V5: how long a sound must last to count as speech, and the silence that ends a turn, in milliseconds.
SENSITIVITY_MS: dict[Sensitivity, tuple[int, int]] = {"low": (75, 350), "medium": (50, 330), "high": (40, 300)}

MOST_RING_S = 120
"""All of it must fit between two writes of a link to the model, in base64 (`live.link`)."""
# As long as an agent file can say it; what is said beyond a life means for ever.
_Days = Annotated[float, msgspec.Meta(ge=0, le=1e10)]
_PROMPT = r"^([0-9]{1,6}|[0-9]{1,6}:[0-9]{1,3}( [0-9]{1,6}:[0-9]{1,3})*)?$"


class CallSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one call. A server's `Settings` begin with these: what it sets is the default of its calls."""

    pace: Pace = "interview"
    """`interview` waits 2.5 s of silence, `casual` 1.0 s (V5)."""
    silence_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    """Silence that ends the caller's turn; 0 for the pace's own."""
    sensitivity: Literal["", "low", "medium", "high"] = ""
    """How readily the model takes a sound for speech and a pause for the end of a turn (V5): `low` wants 75 ms of
    speech and 350 ms of silence, `medium` 50 and 330, `high` 40 and 300. Empty: the model's own, and the pace's
    silence. `silence_ms` comes before its silence."""
    gate: Literal["auto", "two-tier", "duplex", "detector", "aec"] = "auto"
    """`auto`: duplex where the caller's machine cancels echo, otherwise `aec` where there is a `canceller`, or
    `detector`: over the agent only a detector on the caller's machine can open it. `two-tier`: half duplex (V3). `aec`:
    cancel echo here, whatever the caller's machine does."""
    canceller: Literal["off", "kalman", "aec3"] = "off"
    """Cancels echo on the server for raw microphones: `kalman`, or `aec3`, which needs the extra `aec`. With `off`, the
    gate `aec` uses `kalman`."""
    mode: Literal["voice", "text"] = "voice"
    """`text`: the agent is read and not heard, the caller types (V11)."""
    language: Annotated[str, msgspec.Meta(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")] = ""
    """One of the agent's languages, such as `de`; empty for all of them."""
    record: Literal["always", "ask", "never"] = "always"
    """Whether sound may be kept: `always` (told, not asked), `ask` or `never`."""
    minutes: Annotated[float, msgspec.Meta(gt=0, le=1_440)] | None = None
    """The longest a call may be."""
    idle_s: Annotated[float, msgspec.Meta(ge=0, le=1e15)] | None = None
    """Silence after which the agent asks once whether the caller is still there, and then ends."""
    turns: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    """Turns of the talk after which the agent sums up and ends."""
    tokens: Annotated[int, msgspec.Meta(ge=100, le=1_000_000_000)] | None = None
    """Tokens of the live model, told and generated, after which the agent sums up and ends (V12)."""
    keep_audio_days: _Days | None = None
    """How long sound is kept; 0: it is never written, and nobody is asked whether it may be."""
    keep_transcript_days: _Days | None = None
    """How long turns, events and reports are kept; 0: never written, so there is no report and no replay."""
    keep_facts_days: _Days | None = None
    """How long facts and the reports that show them are kept; 0: never written."""
    fillers: Literal["on", "off"] = "on"
    """Whether the agent says "one moment" while a tool runs (V8)."""
    filler_after_s: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 0.75
    """How long a tool runs before that."""
    tool_timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=300)] = 20.0
    """How long a tool may run."""
    ahead_s: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 2.0
    """How much of a reply is sent ahead of what is heard."""
    ring_s: Annotated[float, msgspec.Meta(ge=5, le=MOST_RING_S)] = 90.0
    """How much of the caller's sound is kept, to go again when the line to the model is lost."""
    backend_model: str = ""
    """The live model; empty for the newest that the backend is known to have."""
    prompt: Annotated[str, msgspec.Meta(pattern=_PROMPT)] = ""
    """Version of the prompt, or a split over calls such as `1:50 2:50`; empty for the newest."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who beside package and server may set something, and how the layers go together."""

    layers: tuple[Layer, ...]
    strictness: tuple[str, ...] = ()
    """Words from loose to strict: it only tightens."""
    least: bool = False
    """A lower number is stricter, and none is the loosest: it only tightens."""
    resets: tuple[str, ...] = ()
    """Settings that fall back to their defaults when this one is set, unless the same layer sets them."""
    written: str = ""
    """Where an agent file says it, when that is not under `settings`."""

    @property
    def tightens(self) -> bool:
        return self.least or bool(self.strictness)


RULES: dict[str, Rule] = {
    "pace": Rule(layers=("agent", "call", "caller"), resets=("silence_ms", "sensitivity")),
    "silence_ms": Rule(layers=("agent", "call")),
    "sensitivity": Rule(layers=("agent", "call")),
    "gate": Rule(layers=("agent", "call")),
    "canceller": Rule(layers=("agent", "call")),
    "mode": Rule(layers=("agent", "call", "caller"), strictness=("voice", "text")),
    "language": Rule(layers=("call",)),
    "record": Rule(layers=("agent", "call"), strictness=("always", "ask", "never"), written="consent.record"),
    "minutes": Rule(layers=("agent", "call"), least=True, written="limits.minutes"),
    "idle_s": Rule(layers=("agent", "call"), least=True, written="limits.idle"),
    "turns": Rule(layers=("agent", "call"), least=True, written="limits.turns"),
    "tokens": Rule(layers=("agent", "call"), least=True, written="limits.tokens"),
    "keep_audio_days": Rule(layers=("agent", "call"), least=True, written="consent.keep"),
    "keep_transcript_days": Rule(layers=("agent", "call"), least=True, written="consent.keep"),
    "keep_facts_days": Rule(layers=("agent", "call"), least=True, written="consent.keep"),
    "fillers": Rule(layers=("agent", "call")),
    "filler_after_s": Rule(layers=("agent", "call")),
    "tool_timeout_s": Rule(layers=("agent", "call")),
    "ahead_s": Rule(layers=("agent", "call")),
    "ring_s": Rule(layers=("agent",)),  # it costs the server's memory
    "backend_model": Rule(layers=("agent",)),  # what a booking may choose, anybody with a booking's key could run up
    "prompt": Rule(layers=("agent", "call")),
}
IN_AGENT_FILE = tuple(name for name, rule in RULES.items() if "agent" in rule.layers and not rule.written)
"""What stands under `settings` of an agent file."""
_DEFAULTS = CallSettings()


class Resolved(msgspec.Struct, frozen=True):
    """What a call is run with."""

    settings: CallSettings
    sources: dict[str, Layer]
    """For every setting the layer that decided it."""

    def told(self) -> dict[str, dict[str, Any]]:
        """{"pace": {"value": "casual", "source": "agent"}, …}: as it is stored with the call and shown."""
        values = msgspec.structs.asdict(self.settings)
        return {name: {"value": values[name], "source": layer} for name, layer in self.sources.items()}


def pause_ms(settings: CallSettings) -> int:
    """Silence that ends the caller's turn."""
    if settings.silence_ms:
        return settings.silence_ms
    return SENSITIVITY_MS[settings.sensitivity][1] if settings.sensitivity else SILENCE_MS[settings.pace]


def onset_ms(settings: CallSettings) -> int | None:
    """Speech that must be heard before it counts; None for the model's own."""
    return SENSITIVITY_MS[settings.sensitivity][0] if settings.sensitivity else None


def pace_in_force(settings: CallSettings) -> Pace | Literal[""]:
    """What a caller is told of the pause they may make; empty when it is none of the paces'."""
    quick = settings.sensitivity and settings.pace != "casual"
    return "" if settings.silence_ms or quick else settings.pace


def read_resolved(told: Mapping[str, Mapping[str, Any]]) -> Resolved:
    """What `Resolved.told` gave. A call of an older version has no word on what came later: the package's counts."""
    values = {name: each["value"] for name, each in told.items() if name in RULES}
    sources: dict[str, Layer] = {name: told[name]["source"] if name in told else "package" for name in RULES}
    return Resolved(msgspec.convert(values, CallSettings), sources)


def resolve(layers: Mapping[Layer, Mapping[str, Any]]) -> Resolved:
    """One value for every setting, and the layer it comes from.

    Args:
        layers: what each layer sets; those that are missing set nothing.
    Raises:
        InputError: as `decided`.
    """
    resolved = Resolved(_DEFAULTS, dict.fromkeys(RULES, "package"))
    for layer in LAYERS:
        resolved = decided(resolved, layer, layers.get(layer, {}))
    return resolved


def decided(before: Resolved, layer: Layer, wishes: Mapping[str, Any]) -> Resolved:
    """What was resolved so far, with one more layer upon it.

    Raises:
        InputError: an unknown name, a layer that may not set it, a value of the wrong kind, or a booking that wishes to
            loosen what stands above it.
    """
    values, sources = msgspec.structs.asdict(before.settings), dict(before.sources)
    wishes = {name: checked(name, value, layer) for name, value in wishes.items()}
    for name, value in wishes.items():
        rule = RULES[name]
        if rule.tightens and not _stricter(rule, value, values[name]):
            if layer == "call" and value != values[name]:
                most = _most(rule, values[name])
                raise InputError(f"{name}: want {most} (decided by the {sources[name]}), got {value}")
            continue
        values[name], sources[name] = value, layer
        for other in rule.resets:
            if other not in wishes:
                values[other], sources[other] = getattr(_DEFAULTS, other), layer
    return Resolved(CallSettings(**values), sources)


def checked(name: str, value: Any, layer: Layer) -> Any:
    """The value in its own type.

    Raises:
        InputError: says what was wanted.
    """
    rule = RULES.get(name)
    if rule is None:
        hint = did_you_mean(name, RULES)
        raise InputError(f"want a setting of a call, got {shorten(name)!r}{f'; {hint}' if hint else ''}")
    if layer not in ("package", "server", *rule.layers):
        raise InputError(f"{name}: want it from the server or {' or '.join(rule.layers)}, got it from the {layer}")
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(_type(name), msgspec.inspect.StrType):
        value = str(value)  # `prompt: 2` is a number to whoever reads the file
    try:
        return getattr(msgspec.convert({name: value}, CallSettings), name)
    except (msgspec.ValidationError, OverflowError):
        came = shorten(str(value))
        hint = did_you_mean(came, choices_of(name))
        raise InputError(f"{name}: want {wanted(name)}, got {came!r}{f'; {hint}' if hint else ''}") from None


def choices_of(name: str, of: type[msgspec.Struct] = CallSettings) -> tuple[str, ...]:
    """The words a setting may have, none where it is no choice of words."""
    hint = get_type_hints(of)[name]
    return get_args(hint) if get_origin(hint) is Literal else ()


def wanted(name: str, of: type[msgspec.Struct] = CallSettings) -> str:
    """What a setting may hold, in words."""
    kind = _type(name, of)
    if choices := tuple(filter(None, choices_of(name, of))):
        return f"one of {', '.join(choices)}"
    if isinstance(kind, msgspec.inspect.BoolType):
        return "true or false"
    if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
        word = "a whole number" if isinstance(kind, msgspec.inspect.IntType) else "a number"
        least = f" from {kind.ge:g}" if kind.ge is not None else f" above {kind.gt:g}" if kind.gt is not None else ""
        return word + least + (f" to {kind.le:,g}" if kind.le is not None and kind.le <= 1e9 else "")
    return {"language": "a language tag such as de", "prompt": "a version such as 2, or a split such as 1:50 2:50"}.get(
        name, "text"
    )


def _type(name: str, of: type[msgspec.Struct] = CallSettings) -> msgspec.inspect.Type:
    info = msgspec.inspect.type_info(of)
    assert isinstance(info, msgspec.inspect.StructType), "the settings are a struct"
    kind = next(field.type for field in info.fields if field.name == name)
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next(part for part in kind.types if not isinstance(part, msgspec.inspect.NoneType))
    return kind


def _stricter(rule: Rule, value: Any, than: Any) -> bool:
    if rule.strictness:
        return rule.strictness.index(value) > rule.strictness.index(than)
    return value is not None and (than is None or value < than)


def _most(rule: Rule, value: Any) -> str:
    if not rule.strictness:
        return f"at most {value:g}"
    return " or ".join(rule.strictness[rule.strictness.index(value) :])


def wishes_of(spec: AgentSpec) -> dict[str, Any]:
    """What an agent file decides: its `settings`, its limits and its consent."""
    limits, consent = spec.limits, spec.consent
    said = {
        "record": consent.record,
        "minutes": limits.minutes,
        "idle_s": limits.idle_s,
        "turns": limits.turns,
        "tokens": limits.tokens,
        "keep_audio_days": consent.keep.audio_days,
        "keep_transcript_days": consent.keep.transcript_days,
        "keep_facts_days": consent.keep.facts_days,
    }
    return {name: value for name, value in said.items() if value is not None} | spec.settings


def as_run(spec: AgentSpec, settings: CallSettings) -> AgentSpec:
    """The agent as this call runs it: its limits, its consent and its languages are those that were decided.

    Raises:
        InputError: the language is none of the agent's.
    """
    languages = spec.languages
    if settings.language:
        if "auto" not in languages and settings.language not in languages:
            raise InputError(f"language: want one of {', '.join(languages)}, got {settings.language!r}")
        languages = (settings.language,)
    limits = msgspec.structs.replace(
        spec.limits,
        minutes=settings.minutes if settings.minutes is not None else spec.limits.minutes,
        idle_s=settings.idle_s,
        turns=settings.turns,
        tokens=settings.tokens,
    )
    record = "never" if settings.keep_audio_days == 0 else settings.record
    consent = msgspec.structs.replace(spec.consent, record=record)
    return msgspec.structs.replace(spec, languages=languages, limits=limits, consent=consent)

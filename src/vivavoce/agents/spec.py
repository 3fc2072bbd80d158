"""The checked form of an agent file. `docs/reference/agent-file.md` explains each key."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from vivavoce.agents.conditions import Condition
from vivavoce.agents.fieldtypes import FieldType
from vivavoce.agents.units import Pace, Rate, Spend

GENERIC_TOOLS = ("note", "show", "hand_off", "escalate", "end")
"""What every agent can do; an agent file's own tools may not take these names."""

PAGE_CONTEXT = ("page.url", "page.title", "page.lang")
"""What a page may tell of itself where the agent file has no list of its own."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every part of a spec."""


class Speaker(Part, frozen=True):
    """One persona. `role` is a sentence; with `from:` alone it is the role file's name in words."""

    id: str
    name: str
    voice: str
    role: str
    from_: str = ""
    face: str = ""
    wants: str = ""
    breaks_when: tuple[str, ...] = ()
    interrupts: Literal["never", "rarely", "sometimes", "often"] = "never"
    moderates: bool = False


class Style(Part, frozen=True):
    depth: Literal["quick", "standard", "exploratory"] = "standard"
    one_question: bool = True
    max_words: int = 45
    """Of one reply. Forty-five words are about 17 s of speech."""


class Field(Part, frozen=True):
    """One thing to find out. `type.required` and `required` agree."""

    id: str
    objective: str
    type: FieldType
    required: bool


class Show(Part, frozen=True):
    """Something on screen: `kind` is `stage` (a name from `stage`), or the key it was written with, such as `table`."""

    kind: str
    ref: str
    sources: str = ""


class Objective(Part, frozen=True):
    id: str
    by: str
    ask: str = ""
    collect: dict[str, Field] = {}
    probe: tuple[str, ...] = ()
    show: tuple[Show, ...] = ()
    when: Condition | None = None
    done: Condition | None = None
    tools: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()


class Exhibit(Part, frozen=True):
    """An entry of `stage`. `options` are the keys beside the one that names the kind."""

    id: str
    kind: str
    ref: str
    options: dict[str, str] = {}


class Offer(Part, frozen=True):
    """A call to action. `kind` is tap, calendar, send or tool."""

    id: str
    label: str
    kind: str
    ref: str
    when: Condition | None = None
    prefill: tuple[str, ...] = ()


class Handoff(Part, frozen=True):
    carry: Literal["facts", "transcript", "nothing"] = "facts"
    announce: Literal["brief", "silent"] = "brief"


class Floor(Part, frozen=True):
    rule: Literal["moderated", "free", "round_robin"] = "moderated"
    max_in_a_row: int = 3
    overlap: Literal["never", "allowed"] = "never"
    address_by_name: bool = False


class Escalate(Part, frozen=True):
    to: str
    when: tuple[str, ...] = ()


class Guardrails(Part, frozen=True):
    never: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    escalate: Escalate | None = None


class Limits(Part, frozen=True):
    minutes: float
    idle_s: float | None = None
    turns: int | None = None
    tokens: int | None = None
    """Of the live model, told and generated, of one call."""
    per_visitor: Rate | None = None
    per_site: Rate | None = None
    spend: Spend | None = None


class Keep(Part, frozen=True):
    """How long sound, words and facts of a call are kept, in days: 0 is never written, None what the server says."""

    audio_days: float | None = None
    transcript_days: float | None = None
    facts_days: float | None = None


class Consent(Part, frozen=True):
    """`disclose` says how the caller learns that it is an AI: spoken, badge, text."""

    disclose: tuple[str, ...]
    record: Literal["ask", "always", "never"]
    keep: Keep
    train: Literal["never", "ask"] = "never"


class Result(Part, frozen=True):
    verdict: str = ""
    rubric: str = ""
    floor: dict[str, float] = {}
    """Per dimension, the least below which the verdict is "not enough evidence"."""
    deliver: tuple[str, ...] = ()
    compare: str = ""


class Embed(Part, frozen=True):
    origins: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    text_fallback: Literal["always", "auto", "never"] = "always"


class Kiosk(Part, frozen=True):
    idle_reset_s: float | None = None
    attract: str = ""
    inventory: str = ""
    wipe: Literal["session", "never"] = "session"


class Measure(Part, frozen=True):
    """`named` are conditions by name, such as `qualified`; `judged` are sentences for a model to judge."""

    named: dict[str, Condition] = {}
    judged: tuple[str, ...] = ()


class Experiment(Part, frozen=True):
    """`change`: per variant, dotted paths of this file and the value they take."""

    split: dict[str, float]
    metric: str = ""
    change: dict[str, dict[str, Any]] = {}


class Materials(Part, frozen=True):
    accept: tuple[str, ...] = ()
    max_bytes: int | None = None
    scan: Literal["required", "off"] = "required"
    used_by: tuple[str, ...] = ()


class Frustration(Part, frozen=True):
    """The personas' simulated mood, never the caller's. +100 is furious, -100 won over."""

    range: tuple[float, float] = (-100.0, 100.0)
    start: dict[str, float] = {}
    moves: dict[str, float] = {}
    decay: float = 1.0
    """Factor per turn."""


class Hints(Part, frozen=True):
    channel: str = "private-screen"
    max: Pace | None = None
    never_during: str = "user_speech"


class Coach(Part, frozen=True):
    hints: Hints | None = None
    watch: tuple[str, ...] = ()
    baseline: str = ""


class AgentSpec(Part, frozen=True):
    """An agent, checked. Dicts keep the order of the file."""

    spec: int
    name: str
    title: str
    speakers: dict[str, Speaker]
    objectives: dict[str, Objective]
    limits: Limits
    consent: Consent
    languages: tuple[str, ...] = ("auto",)
    style: Style = Style()
    settings: dict[str, Any] = {}
    """What the agent decides of its calls' settings, by `callsettings.IN_AGENT_FILE`."""
    context: tuple[str, ...] = PAGE_CONTEXT
    """What a page may tell of itself, by name; `data.*` stands for every name below `data`."""
    knowledge: tuple[str, ...] = ()
    materials: Materials | None = None
    stage: dict[str, Exhibit] = {}
    offers: dict[str, Offer] = {}
    handoff: Handoff = Handoff()
    floor: Floor | None = None
    tools: tuple[str, ...] = ()
    guardrails: Guardrails = Guardrails()
    embed: Embed | None = None
    kiosk: Kiosk | None = None
    measure: Measure = Measure()
    experiment: Experiment | None = None
    frustration: Frustration | None = None
    coach: Coach | None = None
    result: Result = Result()
    tests: tuple[str, ...] = ()

    def fields(self) -> dict[str, Field]:
        """Every field by its id, in the order of the file."""
        return {id_: field for objective in self.objectives.values() for id_, field in objective.collect.items()}

    @property
    def first_speaker(self) -> str:
        """Who opens the call: the speaker of the first objective."""
        for objective in self.objectives.values():
            return objective.by
        return next(iter(self.speakers))

    def tools_of(self, speaker: str) -> tuple[str, ...]:
        """The file's tools a speaker may use: those of its objectives, and those no objective claims."""
        claimed = {tool for objective in self.objectives.values() for tool in objective.tools}
        own = {tool for objective in self.objectives.values() if objective.by == speaker for tool in objective.tools}
        return tuple(tool for tool in self.tools if tool in own or tool not in claimed)

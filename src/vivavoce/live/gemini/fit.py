"""Fitting a setup to its model: what the model is known to refuse is left out or changed before it is sent, and said.

A setup that a service refuses costs a call; one that lacks a wish costs the wish. Only a wish that would leave nothing
to talk with is an error. Source: reference gemini-live 3.3; the table is `wire.gemini.models`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from vivavoce.errors import InputError
from vivavoce.wire.gemini.messages import FunctionDeclaration, GenerationConfig, Setup, ThinkingConfig, Tool
from vivavoce.wire.gemini.models import Model, Platform, Thinking, bare_name

EXPERIMENTAL = "v1alpha"
"""The version of AI Studio that knows proactive audio and affective dialog."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A setup its model takes, and what was changed to make it so, each a sentence with model and field."""

    setup: Setup
    notes: tuple[str, ...] = ()


def fit(setup: Setup, row: Model, platform: Platform, version: str) -> Fitted:
    """The setup as this model, platform and version take it.

    Args:
        version: of the API; only AI Studio tells versions apart.
    Raises:
        InputError: the model cannot answer in the modality that is wanted.
    """
    work = _Work(setup, row, platform, version)
    for step in _STEPS:
        step(work)
    return Fitted(work.setup, tuple(work.notes))


@dataclass(slots=True)
class _Work:
    setup: Setup
    row: Model
    platform: Platform
    version: str
    notes: list[str] = field(default_factory=list)

    def note(self, name: str, what: str) -> None:
        self.notes.append(f"{bare_name(self.setup.model)}: {name} {what}")

    def change(self, **fields: object) -> None:
        self.setup = msgspec.structs.replace(self.setup, **fields)

    @property
    def generation(self) -> GenerationConfig:
        return self.setup.generation_config or GenerationConfig()

    def generate(self, **fields: object) -> None:
        self.change(generation_config=msgspec.structs.replace(self.generation, **fields))


def _modalities(work: _Work) -> None:
    wanted = set(work.generation.response_modalities) or {"AUDIO"}
    if not wanted <= work.row.modalities or len(wanted) > 1:
        raise InputError(
            f"want a model that answers in {', '.join(sorted(wanted))} (responseModalities), got "
            f"{bare_name(work.setup.model)}, which answers in {', '.join(sorted(work.row.modalities))}"
        )
    if wanted == {"TEXT"} and work.generation.speech_config is not None:
        work.note("speechConfig", "left out: there is no voice in text")
        work.generate(speech_config=None)


def _thinking(work: _Work) -> None:
    config, row = work.generation.thinking_config, work.row
    level = config.thinking_level if config is not None else None
    budget = config.thinking_budget if config is not None else None
    if row.thinking is Thinking.LEVEL_REQUIRED and level not in row.thinking_levels:
        lowest = row.thinking_levels[0]
        if level is not None:
            work.note("thinkingLevel", f"{level} changed to {lowest}")
        level = lowest
    elif level is not None and level not in row.thinking_levels:
        work.note("thinkingLevel", f"{level} left out: the model does not take it")
        level = None
    if budget is not None and row.thinking is not Thinking.BUDGET:
        work.note("thinkingBudget", "left out: the model does not take it")
        budget = None
    thoughts = config.include_thoughts if config is not None else None
    fitted = ThinkingConfig(thinking_level=level, thinking_budget=budget, include_thoughts=thoughts)
    work.generate(thinking_config=None if fitted == ThinkingConfig() else fitted)


def _proactivity(work: _Work) -> None:
    wish = work.setup.proactivity
    if wish is None:
        return
    if work.row.proactive is True:
        if wish.proactive_audio is False:
            work.note("proactivity", "left out: it is always on")
        work.change(proactivity=None)
    elif work.row.proactive is False:
        work.note("proactivity", "left out: the model does not know it")
        work.change(proactivity=None)
    elif not _experimental(work):
        work.note("proactivity", f"left out: only {EXPERIMENTAL} knows it")
        work.change(proactivity=None)


def _affective(work: _Work) -> None:
    if work.generation.enable_affective_dialog is None:
        return
    if not work.row.affective:
        work.note("enableAffectiveDialog", "left out: the model does not know it")
    elif not _experimental(work):
        work.note("enableAffectiveDialog", f"left out: only {EXPERIMENTAL} knows it")
    else:
        return
    work.generate(enable_affective_dialog=None)


def _experimental(work: _Work) -> bool:
    return work.platform.name != "studio" or work.version == EXPERIMENTAL


def _history(work: _Work) -> None:
    if work.setup.history_config is not None and not (work.row.history_config and work.platform.history_config):
        work.note("historyConfig", "left out: model or platform does not know it")
        work.change(history_config=None)


def _platform(work: _Work) -> None:
    resumption = work.setup.session_resumption
    if resumption is not None and resumption.transparent is not None and not work.platform.transparent:
        work.note("sessionResumption.transparent", "left out: the platform does not know it")
        work.change(session_resumption=msgspec.structs.replace(resumption, transparent=None))
    if "explicitVadSignal" in work.platform.refused_setup and work.setup.explicit_vad_signal is not None:
        work.note("explicitVadSignal", "left out: the platform does not know it")
        work.change(explicit_vad_signal=None)
    if "avatarConfig" in work.platform.refused_setup and work.setup.avatar_config is not None:
        work.note("avatarConfig", "left out: the platform does not know it")
        work.change(avatar_config=None)


def _behavior(work: _Work) -> None:
    if work.setup.tools is not None:
        work.change(tools=[_fitted_tool(work, tool) for tool in work.setup.tools])


def _fitted_tool(work: _Work, tool: Tool) -> Tool:
    declarations = [_fitted_function(work, function) for function in tool.function_declarations]
    return msgspec.structs.replace(tool, function_declarations=declarations)


def _fitted_function(work: _Work, function: FunctionDeclaration) -> FunctionDeclaration:
    """A function's behavior, spelled out where the model's default is not the usual one."""
    behavior = function.behavior or "BLOCKING"
    if behavior == "NON_BLOCKING" and not work.row.non_blocking:
        work.note("behavior", "NON_BLOCKING left out: the model waits for every answer")
        return msgspec.structs.replace(function, behavior=None)
    if behavior == "BLOCKING" and not work.row.blocking:
        work.note("behavior", "BLOCKING left out: the model waits for no answer")
        return msgspec.structs.replace(function, behavior=None)
    usual = "BLOCKING" if work.row.blocking_by_default else "NON_BLOCKING"
    return msgspec.structs.replace(function, behavior=None if behavior == usual else behavior)


_STEPS: tuple[Callable[[_Work], None], ...] = (
    _modalities, _thinking, _proactivity, _affective, _history, _platform, _behavior,
)  # fmt: skip

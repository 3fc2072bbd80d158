"""A talk's manner by what a setup asks for and by what the model and the platform do."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from vivavoce.local.gemini.setting import Setting
from vivavoce.local.manner import Manner
from vivavoce.wire.gemini.models import Model, Platform, bare_name

ALL_INPUT = "TURN_INCLUDES_ALL_INPUT"


def manner_of(setting: Setting) -> Manner:
    """How the talk of this setup is held."""
    row = setting.row
    return Manner(
        model=bare_name(setting.model),
        instruction=setting.instruction,
        tools=setting.tools,
        prompt_chars=setting.prompt_chars,
        manual=setting.manual,
        interrupts=setting.interrupts,
        whole_input=setting.coverage == ALL_INPUT,
        silence_ms=setting.silence_ms,
        prefix_ms=setting.prefix_ms,
        sensitivity=setting.sensitivity,
        spoken=not setting.text_output,
        voice=setting.voice,
        chunk_bytes=row.chunk_bytes,
        words_first=row.words_first,
        ends_at_answer=row.ends_at_answer,
        blocking=row.blocking,
        blocking_by_default=row.blocking_by_default,
        call_id=_call_id(row, setting.platform),
        answers_cut=row.answer_cuts,
        interrupt_waits_for_caller=row.interrupt_waits_for_caller,
        handles=setting.handles,
        handle_in_turn=row.handle_in_turn,
        trigger=setting.trigger,
        target=setting.target,
    )


def _call_id(row: Model, platform: Platform) -> Callable[[int], str]:
    return (lambda _: str(uuid.uuid4())) if platform.uuid_calls else row.call_id.format

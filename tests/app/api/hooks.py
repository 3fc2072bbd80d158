"""Loaded by Schemathesis: what it makes up about ids and agent files is replaced by what is there."""

from __future__ import annotations

import json
import os
from typing import Any

import schemathesis
from hypothesis import strategies as st

NAMES: dict[str, str] = json.loads(os.environ.get("VIVA_NAMES", "{}"))
SOURCE = os.environ.get("VIVA_SOURCE", "")
YAML = ("text/yaml", "text/x-yaml", "text/vnd.yaml", "text/yml", "application/yaml", "application/x-yaml")

schemathesis.openapi.format("agent-file", st.sampled_from([SOURCE, SOURCE.replace("45", "46")]))


@schemathesis.serializer(*YAML)
def as_it_is(context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Well-formed ids become real ones, so that what lies behind the door is tested too."""
    operation = case.operation.definition.raw.get("operationId", "")
    positive = case.meta is not None and case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE
    if operation == "agents_save_draft" and isinstance(case.body, dict) and positive:
        case.body["source"] = SOURCE  # whether an agent file holds is more than a schema can say
    for name in case.path_parameters or {}:
        wanted = NAMES.get(f"{operation}.{name}") or NAMES.get(f"{operation.split('_')[0]}.{name}") or NAMES.get(name)
        if wanted and well_formed(name, str(case.path_parameters[name])):
            case.path_parameters[name] = wanted


def well_formed(name: str, value: str) -> bool:
    if name == "name":
        return value.isalnum() and len(value) <= 8
    return value.isalnum() and (len(value) == 16 or name == "job_id")

"""Agents: the agent file, its field types and conditions, and the prompts made from it. Pure."""

from vivavoce.agents.briefing import Briefing, read_briefing, render_briefing
from vivavoce.agents.conditions import Condition, ConditionError, parse_condition
from vivavoce.agents.describe import describe
from vivavoce.agents.fieldtypes import FieldType, TypeTextError, parse_type
from vivavoce.agents.file import AgentFile, load
from vivavoce.agents.layers import PACKAGED, PROSE, Prose, read_prose
from vivavoce.agents.problems import AgentFileError, Problem
from vivavoce.agents.progress import is_done, is_due, open_fields, view_of
from vivavoce.agents.prompt import AgentBlock, BlockObjective, read_block, system_instruction, tool_declarations
from vivavoce.agents.spec import (
    GENERIC_TOOLS,
    AgentSpec,
    Consent,
    Field,
    Guardrails,
    Handoff,
    Limits,
    Objective,
    Show,
    Speaker,
    Style,
)
from vivavoce.agents.states import FactState, FactView

__all__ = [
    "GENERIC_TOOLS",
    "PACKAGED",
    "PROSE",
    "AgentBlock",
    "AgentFile",
    "AgentFileError",
    "AgentSpec",
    "BlockObjective",
    "Briefing",
    "Condition",
    "ConditionError",
    "Consent",
    "FactState",
    "FactView",
    "Field",
    "FieldType",
    "Guardrails",
    "Handoff",
    "Limits",
    "Objective",
    "Problem",
    "Prose",
    "Show",
    "Speaker",
    "Style",
    "TypeTextError",
    "describe",
    "is_done",
    "is_due",
    "load",
    "open_fields",
    "parse_condition",
    "parse_type",
    "read_block",
    "read_briefing",
    "read_prose",
    "render_briefing",
    "system_instruction",
    "tool_declarations",
    "view_of",
]
